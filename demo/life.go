package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback"
)

// bend is an issue whose life takes another turn than those in pendings: where it
// went, days back from today, and what is done after it was raised.
type bend struct {
	company int
	days    int
	trouble trouble // its unit leads, where one is named
	steps   []turn
}

// turn is one act of a bend, some days after the one before.
type turn struct {
	days int
	do   func(w *walk) error
}

// Turns of a life.
func register(w *walk) error {
	return w.Feedback.Register(w.ctx, w.people["gov-office-1"], w.ref, feedback.Registration{Grade: w.trouble.grade, Lead: w.unit}, w.key())
}

func sign(w *walk) error { return w.Feedback.Sign(w.ctx, w.officers[w.unit], w.ref, w.key()) }

func propose(from, to, clause string) func(w *walk) error {
	return func(w *walk) error {
		p := feedback.Proposal{To: w.byCode[to].ID, Clause: clause, Reason: "经核对职责，此事项不属本单位，建议转由对口单位办理。"}
		return w.Feedback.Propose(w.ctx, w.officers[w.byCode[from].ID], w.ref, p, w.key())
	}
}

func arbitrate(lead string, with ...string) func(w *walk) error {
	return func(w *walk) error {
		a := feedback.Arbitration{Lead: w.byCode[lead].ID, Reason: "按照“谁审批、谁负责”，由审批单位牵头，相关单位配合。"}
		for _, code := range with {
			a.Cooperating = append(a.Cooperating, w.byCode[code].ID)
		}
		return w.Feedback.Arbitrate(w.ctx, w.people["gov-office-1"], w.ref, a, w.key())
	}
}

func pause(p feedback.Pause) func(w *walk) error {
	return func(w *walk) error { return w.Feedback.Pause(w.ctx, w.officers[w.unit], w.ref, p, w.key()) }
}

// bends show what the common way does not.
var bends = []bend{
	{16, 9, trouble{17, "D01", "C", "要求协调与供货商的合同纠纷", "我公司与外地供货商因货款发生争议，请有关部门出面裁决货款数额。", "请裁决。", "", "", "zh-CN"}, []turn{
		{1, func(w *walk) error {
			return w.Feedback.Decline(w.ctx, w.people["gov-office-1"], w.ref, "企业之间的合同纠纷应当通过协商、仲裁或者诉讼解决，平台不作裁决；如涉及部门履职，可另行提出。", "《外商投资企业投诉工作办法》不予受理情形：民商事纠纷", w.key())
		}},
	}},
	{17, 2, trouble{1, "D06", "C", "厂区门前排水沟堵塞无人清理", "厂区门前市政排水沟堵塞，雨雪天积水结冰，叉车无法进出，打过两次电话都说不归他们管。", "请明确由谁清理。", "", "", "zh-CN"}, []turn{
		{0, register}, {0, propose("D06", "D07", "县住建局职责规定第三条：道路附属排水设施由道路管养单位负责")},
	}},
	{18, 8, trouble{2, "D05", "B", "临时道路占用林地手续谁来办", "施工临时道路需占用少量林地，自然资源和林草两边说法不一，施工队已经停了一周。", "请明确受理单位。", "", "", "zh-CN"}, []turn{
		{0, register}, {0, propose("D05", "D01", "县自然资源局职责规定第七条")}, {0, propose("D01", "D06", "县发改局职责规定第五条")},
		{1, arbitrate("D05", "D01", "D06")},
		{1, func(w *walk) error {
			return w.Feedback.RefuseNamed(w.ctx, w.officers[w.unit], w.ref, "本单位认为占用林地审批权限不在本单位，保留意见。", w.key())
		}},
		{0, sign},
		{1, func(w *walk) error {
			return w.Feedback.Cooperate(w.ctx, w.officers[w.byCode["D01"].ID], w.ref, "项目备案信息已核对无误，可以作为办理依据。", w.key())
		}},
	}},
	{19, 7, trouble{3, "D01", "B", "法定代表人变更后备案信息不能更新", "法定代表人变更完成后，项目备案信息一直不能更新，银行不予放款。", "请尽快更新。", "", "", "zh-CN"}, []turn{
		{1, register}, {1, sign}, {1, pause(feedback.Pause{Reason: "waiting_investor", Text: "请补充新法定代表人的任职决议，收到后立即办理。"})},
	}},
	{20, 10, trouble{5, "D03", "B", "省级技改补助配套资金何时拨付", "省级技改补助已经到账，县级配套资金一直没有拨付，请明确时间。", "请明确拨付时间。", "", "", "zh-CN"}, []turn{
		{1, register}, {1, sign}, {2, pause(feedback.Pause{Reason: "higher_authority", Letter: "嫩财函〔2026〕38 号", Text: "配套比例需省财政厅批复，已行文请示。"})},
	}},
	{21, 12, trouble{8, "D02", "B", "专用变压器增容迟迟没有批复", "增容申请提交两周没有批复，新设备到厂不能通电调试。", "请尽快批复。", "", "", "zh-CN"}, []turn{
		{1, register}, {1, sign}, {3, func(w *walk) error {
			return w.Feedback.AskExtension(w.ctx, w.officers[w.unit], w.ref, 5, "增容方案需要省电力公司复核，现场勘查已完成，预计五个工作日内可以答复。", w.key())
		}},
	}},
	{22, 6, trouble{5, "D03", "C", "达产奖励因开票月份不同被拒", "达产奖励以开票月份为准被拒，实际投产日期有监理报告为证。", "请按实际投产日期认定。", "", "", "zh-CN"}, []turn{
		{1, register}, {0, sign}, {2, func(w *walk) error {
			a := feedback.Answer{Result: "cannot", BasisKind: "policy", Basis: "《嫩江县招商引资优惠政策》第十二条第二款：以首张销售发票开具月份为准", Text: "经研究，贵公司首张销售发票开具于次年一月，按政策条文不能享受上年度达产奖励。"}
			return w.Feedback.Answer(w.ctx, w.officers[w.unit], w.ref, a, w.key())
		}},
	}},
	{23, 3, trouble{16, "D21", "C", "送货车辆在路口被反复拦停", "送货车辆手续齐全，一周内在同一路口被拦停四次，每次都要等一个多小时，没有出具任何文书。", "请查明原因。", "", "", "zh-CN"}, []turn{{1, register}}},
	{24, 8, trouble{9, "D07", "B", "超限设备进场需要临时通行", "进口成套设备属超限件，年底前必须进场，按常规程序要等两个月。", "请特事特办。", "", "", "zh-CN"}, []turn{
		{1, register}, {1, sign}, {0, func(w *walk) error {
			return w.Feedback.Handle(w.ctx, w.people["gov-office-1"], w.ref, feedback.Special{Basis: "《超限运输车辆行驶公路管理规定》第十条；领导小组会议纪要（演示）", Approver: "领导小组组长", Deviation: "审批与勘验同步进行，先行组织护送方案。"}, w.key())
		}},
	}},
	{25, 5, trouble{2, "D01", "C", "备案系统提示材料不全但没有说缺什么", "同一个备案事项重复提交三次，系统只提示材料不全，没有说明缺少什么。", "请一次告知。", "", "", "zh-CN"}, []turn{
		{0, func(w *walk) error {
			first := w.ref
			d := feedback.IssueDraft{Category: 2, Title: "备案系统提示材料不全（补充）", Body: "补充说明：三次提交的截图都在，提示内容完全一样，希望一并处理。", NameShown: "unit", Lang: "zh-CN"}
			again, err := w.Feedback.Raise(w.ctx, w.company, d, w.key())
			if err != nil {
				return err
			}
			return w.Feedback.Merge(w.ctx, w.people["gov-office-1"], again, first, "与同一企业前一件反映的是同一事项，合并办理。", w.key())
		}},
		{1, register},
	}},
	{26, 13, trouble{4, "D51", "C", "印花税核定通知没有说明依据", "收到印花税核定通知，没有说明核定依据和计算过程，多次咨询没有得到书面答复。", "请书面说明依据。", "", "", "zh-CN"}, []turn{{1, register}, {1, sign}}},
}

// lives brings the bends to where they are today.
func (c *county) lives(today calendar.Date) error {
	for _, b := range bends {
		unit := c.byCode[b.trouble.unit]
		w := &walk{county: c, pending: pending{trouble: b.trouble}, today: today, unit: unit.ID, company: c.companies[b.company%len(c.companies)].actor, at: b.days}
		w.after(0, func() (err error) {
			t := b.trouble
			w.ref, err = c.Feedback.Raise(c.ctx, w.company, feedback.IssueDraft{Category: t.category, Title: t.title, Body: t.body, Wish: t.wish, NameShown: "unit", Lang: t.lang}, c.key())
			return err
		})
		for _, s := range b.steps {
			w.after(s.days, func() error { return s.do(w) })
		}
		if w.err != nil {
			return fmt.Errorf("issue %q: %w", b.trouble.title, w.err)
		}
	}
	return c.assign()
}

// assign gives the first unit's open issues to one of its people.
func (c *county) assign() error {
	officer := c.officers[c.byCode["D01"].ID]
	open, _, err := c.Feedback.Issues(c.ctx, officer, feedback.IssueFilter{State: feedback.InProgress, Page: 1, Size: 2})
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.Lead != officer.Unit {
			continue
		}
		if err := c.Feedback.Assign(c.ctx, officer, i.Ref, officer.Account, c.key()); err != nil {
			return err
		}
	}
	return nil
}
