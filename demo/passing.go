package demo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/feedback/passing"
)

// dutyItems are the demo county's catalogue of duties: unit, category, clause, duty.
var dutyItems = []struct {
	unit         string
	category     int
	clause, text string
}{
	{"D05", 1, "县职责清单（演示）第1条", "建设用地报批、规划条件核定和土地登记"},
	{"D06", 1, "县职责清单（演示）第2条", "城镇开发边界内的城市设计和建筑方案审查"},
	{"D06", 2, "县职责清单（演示）第3条", "建筑工程施工许可和竣工联合验收，由本局牵头"},
	{"D01", 2, "县职责清单（演示）第4条", "企业投资项目备案、核准和节能审查"},
	{"D13", 3, "县职责清单（演示）第5条", "企业登记和许可的统一受理、送达"},
	{"D21", 3, "县职责清单（演示）第6条", "食品经营许可的现场核查"},
	{"D51", 4, "县职责清单（演示）第7条", "税费征收和优惠政策落实"},
	{"D03", 5, "县职责清单（演示）第8条", "财政补助资金的审核拨付"},
	{"D02", 5, "县职责清单（演示）第9条", "技术改造补助的申报初审"},
	{"D15", 6, "县职责清单（演示）第10条", "企业融资需求对接"},
	{"D04", 7, "县职责清单（演示）第11条", "用工登记、社会保险和劳动争议调解"},
	{"D55", 8, "县职责清单（演示）第12条", "用电报装和供电故障处理"},
	{"D56", 8, "县职责清单（演示）第13条", "供水排水报装和管网维护"},
	{"D07", 9, "县职责清单（演示）第14条", "县道、乡道养护和货运车辆通行"},
	{"D27", 9, "县职责清单（演示）第15条", "城区道路排水和占道管理"},
	{"D24", 10, "县职责清单（演示）第16条", "建设项目环境影响评价和排污许可"},
	{"D25", 10, "县职责清单（演示）第17条", "安全生产检查，按年度计划进行"},
	{"D12", 16, "县职责清单（演示）第18条", "受理和查办设置障碍、损害营商环境的反映"},
}

// passing fills the catalogue of duties and leaves cases at their stations.
func (c *county) passing(today calendar.Date) error {
	office := c.people["gov-office-1"]
	c.clock.set(today.AddDays(-60), 10, 0)
	for _, d := range dutyItems {
		draft := passing.DutyDraft{Unit: c.byCode[d.unit].ID, Category: d.category, Clause: d.clause, Text: d.text}
		if err := c.Passing.AddDuty(c.ctx, office, draft, c.key()); err != nil {
			return fmt.Errorf("duty %s: %w", d.clause, err)
		}
	}
	if err := c.obstacles(today); err != nil {
		return err
	}
	return errors.Join(c.structural(today), c.loop(today))
}

// obstacles opens cases about what companies reported: one waits for the unit, one
// for the leading group.
func (c *county) obstacles(today calendar.Date) error {
	watch := c.people["supervision-1"]
	all, _, err := c.Feedback.Issues(c.ctx, watch, feedback.IssueFilter{Page: 1, Size: 200})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b feedback.Issue) int { // complaints first
		return cmp.Or(cmp.Compare(rank(a.Category), rank(b.Category)), cmp.Compare(a.Ref, b.Ref))
	})
	if len(all) < 2 {
		return nil
	}
	for i, x := range []struct {
		unit, why string
		days      int
	}{
		{"D25", "企业反映一个月内三次检查，其中两次没有计划编号，需要核实（演示）。", 12},
		{"D01", "企业反映补正要求前后不一，疑似自设条件，需要核实（演示）。", 1},
	} {
		c.clock.set(today.AddDays(-x.days), 9, 30)
		ref, err := c.Passing.OpenObstacle(c.ctx, watch, all[i].Ref, c.byCode[x.unit].ID, x.why)
		if err != nil {
			return err
		}
		if x.unit == "D01" {
			continue
		}
		c.clock.set(today.AddDays(-x.days+1), 15, 0)
		if err := c.Passing.Reply(c.ctx, c.officers[c.byCode[x.unit].ID], ref, "第二次检查系上级临时部署，没有事先登记计划，今后按规定办理（演示）。"); err != nil {
			return err
		}
		c.clock.set(today.AddDays(-x.days+3), 10, 0)
		draft := passing.FindingDraft{Finding: "upheld", Unit: c.byCode[x.unit].ID, Text: "两次检查没有计划编号，也没有补办，单位的说明不能成立（演示）。"}
		if err := c.Passing.Find(c.ctx, watch, ref, draft); err != nil {
			return err
		}
	}
	return nil
}

// rank puts complaints of inspections, fees and obstacles before others.
func rank(category int) int {
	if slices.Contains([]int{10, 11, 16}, category) {
		return 0
	}
	return 1
}

// structural makes one item of the largest group of similar issues.
func (c *county) structural(today calendar.Date) error {
	office := c.people["gov-office-1"]
	c.clock.set(today.AddDays(-8), 11, 0)
	all, err := c.Passing.Clusters(c.ctx, office)
	if err != nil || len(all) == 0 {
		return err
	}
	k := all[0]
	d := passing.ItemDraft{Title: k.Issues[0].Title, Category: k.Category, Unit: k.Unit, Goal: "三个月内不再有同类问题（演示）", Due: string(today.AddDays(60))}
	for _, i := range k.Issues {
		d.Refs = append(d.Refs, i.Ref)
	}
	ref, err := c.Passing.OpenItem(c.ctx, office, d, c.key())
	if err != nil {
		return fmt.Errorf("structural item: %w", err)
	}
	c.clock.set(today.AddDays(-5), 15, 0)
	return c.Passing.Step(c.ctx, c.officers[k.Unit], ref, "measure", "逐户核对原因，统一办理口径，公布一次性告知清单（演示）。", c.key())
}

// loop sends an issue from one unit to another and back, until the office decides; the
// clock makes a suspected case of it.
func (c *county) loop(today calendar.Date) error {
	roads, city := c.byCode["D07"].ID, c.byCode["D27"].ID
	office, began := c.people["gov-office-1"], today.AddDays(-9)
	var ref string
	for i, do := range []func() error{
		func() (err error) {
			d := feedback.IssueDraft{Category: 9, Title: "厂门口道路路灯不亮没人修", Body: "厂门口道路的路灯坏了一个多月，夜班工人进出不安全，打电话都说不归他们管。", NameShown: "unit", AskedUnit: roads, Lang: "zh-CN"}
			ref, err = c.Feedback.Raise(c.ctx, c.companies[23].actor, d, c.key())
			return err
		},
		func() error {
			return c.Feedback.Register(c.ctx, office, ref, feedback.Registration{Grade: "B", Lead: roads}, c.key())
		},
		func() error {
			p := feedback.Proposal{To: city, Clause: "县职责清单（演示）第15条", Reason: "该路段在城区范围内，照明设施应由城管部门管理（演示）。"}
			return c.Feedback.Propose(c.ctx, c.officers[roads], ref, p, c.key())
		},
		func() error {
			p := feedback.Proposal{To: roads, Clause: "县道管理办法第八条（演示）", Reason: "该路段属于县道，照明设施随道路养护，应由交通部门负责（演示）。"}
			return c.Feedback.Propose(c.ctx, c.officers[city], ref, p, c.key())
		},
		func() error {
			c.clock.set(began.AddDays(2), 11, 0)
			a := feedback.Arbitration{Lead: city, Reason: "该路段已移交城区管理，照明由城管部门负责（演示）。"}
			return c.Feedback.Arbitrate(c.ctx, office, ref, a, c.key())
		},
	} {
		c.clock.set(began, 9+i, 20)
		if err := do(); err != nil {
			return fmt.Errorf("loop, step %d: %w", i+1, err)
		}
	}
	c.clock.set(today.AddDays(-1), 10, 0)
	_, err := c.Passing.Suspect(c.ctx)
	return err
}
