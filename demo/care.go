package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/care"
)

// careCase is a one-stop case of the demo county: who leads, which steps in which units,
// how many of them are done.
type careCase struct {
	area, title, lead string
	steps             []care.StepDraft
	codes             []string // of the steps
	done              int
	closed            string
	began             int // days before today
}

// onestop fills the one-stop cases: closed, running, late, asked for.
func (c *county) onestop(today calendar.Date) error {
	cases := []careCase{
		{"registration", "注册外资食品加工企业（演示）", "D21", []care.StepDraft{{What: "核发营业执照（演示）", Days: 2}, {What: "核发食品生产许可（演示）", Days: 10}, {What: "税务登记辅导（演示）", Days: 3, Together: true, Shown: true}}, []string{"D21", "D01", "D25"}, 3, "营业执照、许可证均已送达企业（演示）。", 40},
		{"later", "二期厂房扩建手续（演示）", "D01", []care.StepDraft{{What: "规划条件核实（演示）", Days: 5, Shown: true}, {What: "施工许可（演示）", Days: 7}, {What: "临时用电接入（演示）", Days: 6, Together: true}}, []string{"D01", "D21", "D25"}, 1, "", 9},
		{"inspection", "年报与特种设备年检一次办（演示）", "D25", []care.StepDraft{{What: "企业年报辅导（演示）", Days: 2}, {What: "锅炉年检（演示）", Days: 5}}, []string{"D01", "D21"}, 0, "", 8},
	}
	for i, x := range cases {
		if err := c.oneCase(today, i, x); err != nil {
			return fmt.Errorf("one-stop case: %w", err)
		}
	}
	c.clock.set(today.AddDays(-1), 15, 0)
	_, err := c.Cases.Enter(c.ctx, c.companies[3].actor, care.CaseDraft{Area: "advice", Title: "咨询跨境电商扶持政策（演示）", Note: "希望一次说清商务、税务、海关几方面的要求（演示）。"}, c.key())
	return err
}

func (c *county) oneCase(today calendar.Date, i int, x careCase) error {
	c.clock.set(today.AddDays(-x.began), 9, 0)
	lead := c.officers[c.byCode[x.lead].ID]
	d := care.CaseDraft{Company: c.companies[i].actor.Company, Area: x.area, Title: x.title, Lead: lead.Unit, Contact: lead.Name, Phone: fmt.Sprintf("0456-752%04d", 1100+i)}
	ref, err := c.Cases.Enter(c.ctx, c.people["gov-office-1"], d, c.key())
	if err != nil {
		return err
	}
	for n, step := range x.steps {
		step.Unit = c.byCode[x.codes[n]].ID
		if err := c.Cases.AddStep(c.ctx, lead, ref, step, c.key()); err != nil {
			return err
		}
	}
	all, err := c.Cases.Case(c.ctx, lead, ref)
	if err != nil {
		return err
	}
	for n, step := range all.Steps[:x.done] {
		c.clock.set(today.AddDays(-x.began+2+2*n), 16, 0)
		if err := c.Cases.FinishStep(c.ctx, c.officers[step.Unit], ref, step.ID, "已办结，材料已交牵头单位（演示）。"); err != nil {
			return err
		}
	}
	if x.closed == "" {
		return nil
	}
	return c.Cases.Close(c.ctx, lead, ref, x.closed)
}
