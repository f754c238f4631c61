package ledger

import (
	"fmt"
	"slices"

	"pingyi/calendar"
)

// SampleRow is a row of the sample with its one arrival; 0 when nothing arrived.
type SampleRow struct {
	ContractDraft
	Arrived Amount
	On      calendar.Date
}

// group is what the report of 2007 gives of an area and class.
type sampleGroup struct {
	area, class, title string
	contracts, large   int
	arrived            Amount
}

// Totals the report states; the day is not given, the end of the year is ours.
const (
	sampleAmount = Amount(125746_04)
	sampleDay    = calendar.Date("2007-12-31")
	sampleMark   = "2007 年工作报告，分项金额为演示数据"
)

var sampleGroups = []sampleGroup{
	{"county", "industry", "县内工业项目", 13, 6, 27750_00},
	{"county", "infrastructure", "县内城市基础设施项目", 8, 3, 12454_39},
	{"county", "other", "县内其它项目", 6, 1, 3215_45},
	{"jiusan", "other", "九三局项目", 19, 6, 17056_20},
}

// Sample is the ledger of the county's work report of 2007: its 46 contracts in the
// areas and classes it names, with totals as it states them, the two agreements of the
// Harbin fair and the trade contract in USD apart.
// What the report does not give (numbers, investors, the split of the sums over single
// contracts, days) is invented and says so in Source.
func Sample() []SampleRow {
	var out []SampleRow
	left := sampleAmount
	for _, g := range sampleGroups {
		rest, weights := g.arrived, Amount(g.large*(g.large+1)/2)
		var rows []SampleRow
		for i := g.large; i < g.contracts; i++ { // the smaller ones first: what is left is the large ones'
			a := Amount(120_00 + 1731*(i-g.large))
			rest -= a
			rows = append(rows, g.row(i, a+a/2, a))
		}
		share := rest
		for i := range g.large {
			a := share * Amount(i+1) / weights
			if i == g.large-1 {
				a = rest
			}
			rest -= a
			rows = append(rows, g.row(i, max(2*a, Large+1_00), a))
		}
		named(rows)
		for _, r := range rows {
			x, _ := ParseAmount(r.Amount)
			left -= x
		}
		out = append(out, rows...)
	}
	last := &out[len(out)-1] // the largest takes what brings the sum to the stated total
	x, _ := ParseAmount(last.Amount)
	last.Amount = (x + left).String()
	apart := func(no, kind, purpose, title, investor, amount, currency string) SampleRow {
		d := ContractDraft{No: no, Kind: kind, Purpose: purpose, Title: title, Investor: investor, Area: "county", Class: "other", Amount: amount, Currency: currency, Agreed: "2007-06-15", Source: sampleMark}
		if kind == Signed {
			d.Signed = d.Agreed
		}
		return SampleRow{ContractDraft: d}
	}
	return append(out,
		apart("HQH-2007-X1", Agreement, "investment", "哈洽会达成协议项目之一", "演示投资者甲", "20000", CNY),
		apart("HQH-2007-X2", Agreement, "investment", "哈洽会达成协议项目之二", "演示投资者乙", "15000", CNY),
		apart("HH-2007-M1", Signed, "trade", "对外贸易合同（双子城之夏）", "黑龙江省三环经贸有限责任公司", "100", "USD"))
}

// The report names what was signed at two events, and does not say whether that is among
// its 46 contracts. The sample supposes it is, so that nothing is added to the totals.
var (
	// SampleFair are the numbers of the five contracts of the Harbin fair, 47,800 万元.
	SampleFair = []string{"XN-G-2007-02", "XN-G-2007-03", "XN-G-2007-04", "XN-G-2007-05", "XN-G-2007-06"}
	// SampleFairAgreements are the numbers of its two agreements, 35,000 万元.
	SampleFairAgreements = []string{"HQH-2007-X1", "HQH-2007-X2"}
	// SampleSewage is the number of the sewage works with De'an Group, 5,000 万元.
	SampleSewage = "XN-J-2007-02"
	// SampleTrade is the number of the trade contract in USD.
	SampleTrade = "HH-2007-M1"
)

// named puts amounts and names the report gives to the rows that stand for them.
func named(rows []SampleRow) {
	for i := range rows {
		r := &rows[i]
		if k := slices.Index(SampleFair, r.No); k >= 0 {
			r.Amount, r.Title = []string{"5000", "7500", "10000", "12500", "12800"}[k], fmt.Sprintf("哈洽会签约项目 %d（演示）", k+1)
			r.Source = sampleMark + "；哈洽会合同是否在 46 项之内，报告未说明，演示按在内"
		}
		if r.No == SampleSewage {
			r.Amount, r.Title, r.Investor = "5000", "污水处理厂", "德安集团"
			r.Source = sampleMark + "；双子城之夏签约，是否在 46 项之内，报告未说明，演示按在内"
		}
	}
}

func (g sampleGroup) row(i int, amount, arrived Amount) SampleRow {
	no := fmt.Sprintf("%s-%s-2007-%02d", map[string]string{"county": "XN", "jiusan": "JS"}[g.area], map[string]string{"industry": "G", "infrastructure": "J", "other": "Q"}[g.class], i+1)
	return SampleRow{ContractDraft: ContractDraft{No: no, Kind: Signed, Purpose: "investment", Title: fmt.Sprintf("%s %d（演示）", g.title, i+1), Investor: fmt.Sprintf("演示投资者 %s", no),
		Area: g.area, Class: g.class, Amount: amount.String(), Currency: CNY, Signed: fmt.Sprintf("2007-%02d-15", 1+i%11), Source: sampleMark}, Arrived: arrived, On: "2007-12-20"}
}

// SampleStated are the figures the report states, to be held against the ledger.
func SampleStated() []Stated {
	one := func(what, area, class string, v Amount) Stated {
		return Stated{Source: "2007 年工作报告", AsOf: sampleDay, What: what, Area: area, Class: class, Value: v}
	}
	return []Stated{one("contracts", "", "", Wan(46)), one("amount", "", "", sampleAmount), one("arrived", "", "", 60476_04),
		one("contracts", "county", "", Wan(27)), one("arrived", "county", "", 43419_84), one("large", "county", "", Wan(10)),
		one("contracts", "county", "industry", Wan(13)), one("arrived", "county", "industry", 27750_00),
		one("contracts", "county", "infrastructure", Wan(8)), one("arrived", "county", "infrastructure", 12454_39),
		one("contracts", "county", "other", Wan(6)), one("arrived", "county", "other", 3215_45),
		one("contracts", "jiusan", "", Wan(19)), one("arrived", "jiusan", "", 17056_20), one("large", "jiusan", "", Wan(6))}
}
