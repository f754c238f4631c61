package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// step is how far a pending issue has come.
type step int

// The steps of a pending issue, each after the ones before it, unless it leaves
// the common way: refused twice, it goes to the leading group, and so does an
// issue of class A or one that nobody answers in time.
const (
	raised step = iota
	registered
	signed
	answered
	refused
	refusedTwice
	late
	grave
	ordered
	received
	reported
	fedBack
	withdrawn
)

// pending is an issue that waits for somebody today. Days are back from today.
type pending struct {
	company int // of the county's companies
	unit    string
	days    int
	stop    step
	trouble trouble
}

// pendings hold an issue at every station, so that everybody who looks around
// finds something to do: the first company and the first units most of all.
var pendings = []pending{
	{0, "D01", 1, raised, trouble{2, "", "C", "技改项目备案信息变更未受理", "技改项目投资额和建设内容有调整，网上提交备案变更已经被退回两次，提示不清楚，银行等着新的备案证。", "请告知退回原因，尽快受理变更。", "", "", "zh-CN"}},
	{7, "D54", 1, raised, trouble{14, "", "B", "口岸查验预约排队时间长", "出口豆粕的查验预约要排到一周以后，货车在场地等候，每天都要付停车和保温费用。", "希望增加查验窗口或者延长时间。", "", "", "zh-CN"}},
	{9, "D01", 3, registered, trouble{1, "", "C", "厂区外用电价格执行标准不明", "今年电费单上的价格类别与去年不同，电话问了两次，答复不一致，不知道应按哪一类执行。", "请书面说明执行哪一类价格，依据是什么。", "", "", "zh-CN"}},
	{4, "D01", 5, signed, trouble{2, "", "C", "能评手续补正要求反复", "二期项目节能审查材料补正了两次，第二次提出的要求第一次没有说，影响开工时间。", "请一次性告知全部要求。", "", "", "zh-CN"}},
	{12, "D01", 9, signed, trouble{5, "", "B", "贴息资金申报结果没有答复", "技改贷款贴息六月申报，至今没有结果，窗口说材料已经上报，询问几次都没有准信。", "请告知审核进度和拨付时间。", "", "", "zh-CN"}},
	{14, "D21", 4, signed, trouble{3, "", "C", "食品经营许可变更不能一次办完", "增加经营项目的许可变更，现场核查排期排到月底，新产品不能上市。", "请协调提前核查。", "", "", "zh-CN"}},
	{0, "D06", 12, answered, trouble{2, "", "B", "消防验收与规划核实互为前置", "新厂房消防验收要求先有规划核实，规划核实又要求先有消防验收，两边都不受理。", "请两个部门坐到一起定下先后。", "经与自然资源局会商，同意联合验收，两项同步受理，已安排下周现场验收。", "", "zh-CN"}},
	{2, "D03", 14, refused, trouble{5, "", "B", "设备补助资金少拨一部分", "设备购置补助批复八十万元，实际到账五十万元，没有说明余款什么时候拨付。", "请说明余款拨付时间。", "余款已列入资金计划，待上级资金下达后拨付，请企业耐心等待。", "没有时间，等于没有答复。", "zh-CN"}},
	{6, "D13", 16, refusedTwice, trouble{15, "", "B", "证照邮寄丢失无人负责", "变更后的营业执照邮寄丢失，窗口让找邮政，邮政让找窗口，跑了四趟没有结果。", "请补发证照并明确由谁负责。", "已与邮政核对投递记录，请企业到窗口申请补发，并按规定登报声明。", "丢失不是企业的责任，不应再让企业登报。", "zh-CN"}},
	{3, "D51", 24, late, trouble{4, "", "C", "留抵退税申请一直显示审核中", "留抵退税申请提交后一直显示审核中，已经超过承诺的时间，流动资金紧张。", "请告知审核卡在哪里，什么时候能退。", "", "", "zh-CN"}},
	{5, "D57", 4, grave, trouble{8, "", "A", "供热压力不足两条生产线停产", "入冬后供汽压力达不到协议标准，两条生产线已停产三天，日损失约八万元。", "请领导协调保证供汽压力。", "", "", "zh-CN"}},
	{8, "D05", 9, ordered, trouble{1, "", "A", "项目用地红线内坟地未迁移", "二期用地红线内仍有坟地没有迁移，施工单位进不了场，合同工期已经耽误两个月。", "请明确迁移完成时间。", "", "", "zh-CN"}},
	{10, "D07", 12, received, trouble{9, "", "A", "进厂道路限行大型货车无法通行", "进厂唯一道路因桥梁检测限行，三十吨以上货车不能通过，原料和产品都要倒运。", "请尽快给出绕行方案或者加固桥梁。", "", "", "zh-CN"}},
	{11, "D02", 15, reported, trouble{8, "", "A", "园区双回路供电迟迟没有建成", "招商协议约定的双回路供电至今没有建成，两次停电造成冷库产品报废。", "请明确建成时间，并给出临时保障。", "第二回路已完成架线，月底前送电；送电前由供电公司派发电车值守。", "", "zh-CN"}},
	{1, "D04", 18, fedBack, trouble{7, "", "A", "季节用工工伤保险无法参保", "收购季临时用工一百二十人，系统不支持按月参加工伤保险，出了事故企业承担不起。", "请开通按项目或者按月参保。", "已开通按项目参加工伤保险的通道，并派人到厂办理，名单当日生效。", "", "zh-CN"}},
	{13, "D55", 8, withdrawn, trouble{8, "", "C", "临时用电报装等待时间长", "扩建工地临时用电报装提交后一周没有人来看现场，工地靠发电机施工。", "请尽快安排现场勘查。", "", "", "zh-CN"}},
}

// waiting brings every pending issue to its station by today.
func (c *county) waiting(today calendar.Date) error {
	for _, p := range pendings {
		w := &walk{county: c, pending: p, today: today, unit: c.byCode[p.unit].ID, company: c.companies[p.company].actor}
		if err := w.toStation(); err != nil {
			return fmt.Errorf("pending issue %q: %w", p.trouble.title, err)
		}
	}
	return nil
}

// walk takes a pending issue from station to station.
type walk struct {
	*county
	pending
	today   calendar.Date
	unit    org.UnitID
	company org.Actor
	ref     string
	at      int // days back from today
	err     error
}

// after does something some days after what was done before, at the latest yesterday.
func (w *walk) after(days int, do func() error) {
	if w.err != nil {
		return
	}
	w.at = max(1, w.at-days)
	w.clock.set(w.today.AddDays(-w.at), 9+w.rnd.IntN(8), w.rnd.IntN(60))
	w.err = do()
}

func (w *walk) toStation() error {
	w.at = w.days
	office, officer := w.people["gov-office-1"], w.officers[w.unit]
	w.after(0, func() (err error) {
		d := feedback.IssueDraft{Category: w.trouble.category, Title: w.trouble.title, Body: w.trouble.body, Wish: w.trouble.wish, NameShown: "unit", AskedUnit: w.unit, Lang: w.trouble.lang}
		w.ref, err = w.Feedback.Raise(w.ctx, w.company, d, w.key())
		return err
	})
	if w.stop == raised {
		return w.err
	}
	w.after(1, func() error {
		return w.Feedback.Register(w.ctx, office, w.ref, feedback.Registration{Grade: w.trouble.grade, Lead: w.unit}, w.key())
	})
	switch w.stop {
	case registered:
		return w.err
	case withdrawn:
		w.after(2, func() error { return w.Feedback.Withdraw(w.ctx, w.company, w.ref, w.key()) })
		return w.err
	case grave, ordered, received, reported, fedBack:
		return w.byOrder(officer)
	}
	w.after(1, func() error { return w.Feedback.Sign(w.ctx, officer, w.ref, w.key()) })
	if w.stop == signed || w.stop == late { // the clock takes a late one to the leading group
		return w.err
	}
	for range map[step]int{answered: 1, refused: 1, refusedTwice: 2}[w.stop] {
		w.after(4, func() error { return w.answer(officer) })
		if w.stop != answered {
			w.after(2, func() error {
				return w.Feedback.Confirm(w.ctx, w.company, w.ref, feedback.Verdict{Reason: w.trouble.refuse}, w.key())
			})
		}
	}
	return w.err
}

func (w *walk) answer(officer org.Actor) error {
	return w.Feedback.Answer(w.ctx, officer, w.ref, feedback.Answer{Result: "solved", Text: w.trouble.answer}, w.key())
}

// byOrder is the way of a grave issue: the leading group orders who solves it.
func (w *walk) byOrder(officer org.Actor) error {
	for _, s := range []struct {
		reaches step
		days    int
		do      func() error
	}{
		{ordered, 2, func() error { return w.order(w.people["leader-chair"], w.ref, w.unit, w.byCode["D01"].ID) }},
		{received, 1, func() error { return w.Feedback.ReceiveOrder(w.ctx, officer, w.ref, w.key()) }},
		{reported, 6, func() error {
			return w.Feedback.Report(w.ctx, officer, w.ref, feedback.Answer{Result: "solved", Text: w.trouble.answer}, w.key())
		}},
		{fedBack, 2, func() error {
			return w.Feedback.FeedBack(w.ctx, w.people["gov-office-1"], w.ref, w.trouble.answer, "visit", w.key())
		}},
	} {
		if w.stop < s.reaches {
			break
		}
		w.after(s.days, s.do)
	}
	return w.err
}

// conclude brings to their end the old issues whose story broke off: at the turn
// of the year, or in the queue of the leading group.
func (c *county) conclude(last int, today calendar.Date) error {
	open, _, err := c.Feedback.Issues(c.ctx, c.people["gov-office-1"], feedback.IssueFilter{Open: true, Page: 1, Size: 1000})
	if err != nil {
		return err
	}
	for _, i := range open {
		at := calendar.DateOf(i.RaisedAt).AddDays(45)
		if turn := day(last+1, 1, 20); at < turn {
			at = turn
		}
		for at.AddDays(3) < today && i.Open() {
			at = at.AddDays(3)
			c.clock.set(at, 9+c.rnd.IntN(8), c.rnd.IntN(60))
			if err := c.further(i); err != nil {
				return fmt.Errorf("conclude issue %s: %w", i.Ref, err)
			}
			if i, err = c.Feedback.Issue(c.ctx, c.people["gov-office-1"], i.Ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// further does the next thing an issue waits for, in everybody's best manner.
func (c *county) further(i feedback.Issue) error {
	office, officer := c.people["gov-office-1"], c.officers[i.Lead]
	answer := feedback.Answer{Result: "solved", Text: "经牵头单位会同相关部门现场办公，所反映的问题已经解决，并当面答复企业。"}
	switch i.State {
	case feedback.Raised:
		return c.Feedback.Register(c.ctx, office, i.Ref, feedback.Registration{Grade: "C", Lead: c.units[0].ID}, c.key())
	case feedback.Registered:
		return c.Feedback.Sign(c.ctx, officer, i.Ref, c.key())
	case feedback.InProgress:
		return c.Feedback.Answer(c.ctx, officer, i.Ref, answer, c.key())
	case feedback.Queued:
		return c.order(c.people["leader-chair"], i.Ref, i.Lead)
	case feedback.Ordered:
		if i.OrderState == "issued" {
			return c.Feedback.ReceiveOrder(c.ctx, officer, i.Ref, c.key())
		}
		return c.Feedback.Report(c.ctx, officer, i.Ref, answer, c.key())
	case feedback.ResultReady:
		return c.Feedback.FeedBack(c.ctx, office, i.Ref, answer.Text, "visit", c.key())
	}
	return c.confirm(c.raisedBy[i.Ref], i.Ref, true, trouble{})
}
