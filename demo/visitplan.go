package demo

import (
	"pingyi/calendar"
	"pingyi/care"
	"pingyi/feedback"
)

// makePlan adds to the quarter's plan what contact units and sponsor groups owe, for a
// county that is small enough to be planned as a whole, and lets a company report a
// visit that its visitor did not register.
func (c *county) makePlan(today calendar.Date) error {
	yesterday := today.AddDays(-1)
	c.clock.set(yesterday, 10, 0)
	if c.size.Companies < 800 {
		if _, err := c.Plans.Quarter(c.ctx, c.people["party-office-1"], today.Year(), today.Quarter()); err != nil {
			return err
		}
	}
	by := c.companies[0].actor
	mine := feedback.VisitReport{Unit: c.byCode["D09"].ID, On: string(yesterday), Purpose: "询问用工情况，没有留下登记。（演示）", Minutes: 40}
	if _, err := c.Feedback.ReportVisit(c.ctx, by, mine, c.key()); err != nil {
		return err
	}
	rows, _, err := c.Plans.Calendar(c.ctx, c.people["party-office-1"], care.PlanFilter{Year: today.Year(), Quarter: today.Quarter(), Company: by.Company, Page: 1, Size: 20})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.On != "" && !r.Reported {
			return c.Feedback.SetMinutes(c.ctx, by, r.ID, 35)
		}
	}
	return nil
}
