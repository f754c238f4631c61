package promotion

import "pingyi/ledger"

// SampleActivity is one of the three events of the county's work report of 2007, with
// the numbers of the sample ledger's rows that were signed there.
type SampleActivity struct {
	ActivityDraft
	Results []string
}

// sampleMark says what of the sample is the report's.
const sampleMark = "2007 年工作报告；报告未给出的日期为演示数据"

// Sample are the events the report names: the 18th Harbin fair, the Green Expo, and the
// Twin-city Summer festival of 6 August. Where the report gives no day one is invented.
func Sample() []SampleActivity {
	fair := append(append([]string{}, ledger.SampleFair...), ledger.SampleFairAgreements...)
	return []SampleActivity{
		{ActivityDraft{Kind: "fair", Title: "第十八届哈洽会", Place: "哈尔滨", From: "2007-06-15", Until: "2007-06-19", Leaders: "县四大班子领导", About: "单独组织了一个项目签约仪式：签约合同 5 个，4.78 亿元；达成协议的项目 2 个，3.5 亿元。", Source: sampleMark}, fair},
		{ActivityDraft{Kind: "fair", Title: "绿博会", Place: "齐齐哈尔", From: "2007-08-20", Until: "2007-08-23", Leaders: "县四大班子领导", Source: sampleMark}, nil},
		{ActivityDraft{Kind: "festival", Title: "“双子城之夏—中俄国际风情节”", Place: "黑河", From: "2007-08-06", Until: "2007-08-06", Leaders: "县政府领导", About: "县政府与德安集团签订污水处理厂项目，总投资 5000 万元；与黑龙江省三环经贸有限责任公司签订对外贸易合同 100 万美元。", Source: "2007 年工作报告"},
			[]string{ledger.SampleSewage, ledger.SampleTrade}},
	}
}
