package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback"
)

// anonymous files an issue without an account that a unit has answered.
func (c *county) anonymous(today calendar.Date) error {
	unit := c.byCode["D22"].ID
	c.clock.set(today.AddDays(-11), 20, 40)
	d := feedback.IssueDraft{Category: 12, Title: "检查时要求订阅报刊（演示）", Body: "检查组走之前要求每家企业订两份报刊，不订就说整改不到位，请核实（演示）。", Lang: "zh-CN"}
	ref, _, err := c.Feedback.RaiseAnonymous(c.ctx, d, c.key()+"-anonymous")
	if err != nil {
		return fmt.Errorf("anonymous issue: %w", err)
	}
	c.clock.set(today.AddDays(-10), 9, 30)
	if err := c.Feedback.Register(c.ctx, c.people["gov-office-1"], ref, feedback.Registration{Grade: "C", Lead: unit}, c.key()); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	c.clock.set(today.AddDays(-10), 14, 0)
	if err := c.Feedback.Sign(c.ctx, c.officers[unit], ref, c.key()); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	c.clock.set(today.AddDays(-8), 16, 0)
	a := feedback.Answer{Result: "solved", Text: "已核实并责令停止，退还已收款项，对当事人批评教育（演示）。"}
	return c.Feedback.Answer(c.ctx, c.officers[unit], ref, a, c.key())
}
