package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/care"
)

// checked puts two checks on record: one with a finding to rectify that is open, one
// reported and waiting, with findings that are only noted.
func (c *county) checked(today calendar.Date) error {
	watch := c.people["supervision-1"]
	for i, x := range []struct{ code, items, noted, rectify, report string }{
		{"D01", "首问负责、限时办结执行情况（演示）", "窗口标识齐全，人员在岗（演示）。", "限时办结台账缺三个月记录（演示）。", ""},
		{"D21", "一次性告知和收费公示（演示）", "收费目录已公示（演示）。", "一次性告知单没有俄文版（演示）。", "俄文告知单已印制并上墙（演示）。"},
	} {
		c.clock.set(today.AddDays(-8+i), 10, 0)
		unit := c.byCode[x.code].ID
		ref, err := c.Checks.Enter(c.ctx, watch, care.CheckDraft{Unit: unit, On: string(today.AddDays(-8 + i)), Inspectors: "督查室两人（演示）", Items: x.items}, c.key())
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		for _, d := range []care.FindingDraft{{Text: x.noted, Evidence: "现场照片（演示）"}, {Text: x.rectify, Evidence: "台账复印件（演示）", Rectify: true, Due: string(today.AddDays(6 + i))}} {
			if err := c.Checks.Add(c.ctx, watch, ref, d, c.key()); err != nil {
				return fmt.Errorf("finding: %w", err)
			}
		}
		if x.report == "" {
			continue
		}
		c.clock.set(today.AddDays(-3), 15, 0)
		one, err := c.Checks.Check(c.ctx, watch, ref)
		if err != nil {
			return err
		}
		if err := c.Checks.Step(c.ctx, c.officers[unit], ref, one.Findings[1].ID, "report", x.report); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}
