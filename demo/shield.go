package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback/shield"
)

// shielded puts inspections on record, a burst after a silent alarm among them.
func (c *county) shielded(today calendar.Date) error {
	fire, food := c.byCode["D25"].ID, c.byCode["D21"].ID
	for i := range 24 { // the year's schedule: planned beforehand
		unit, day := fire, today.AddDays(-300+12*i)
		if i%2 == 1 {
			unit = food
		}
		company := c.companies[3+i%20].actor.Company
		c.clock.set(day.AddDays(-20), 10, 0)
		no, err := c.Shield.AddPlan(c.ctx, c.officers[unit], shield.PlanDraft{Company: company, From: string(day.AddDays(-5)), Until: string(day.AddDays(30)), Subject: "年度检查（演示）"}, c.key())
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		c.clock.set(day, 16, 0)
		d := shield.InspectionDraft{Company: company, Kind: "inspection", On: string(day), Plan: no, Basis: "安全生产法（演示）"}
		if err := c.Shield.AddInspection(c.ctx, c.officers[unit], d, c.key()); err != nil {
			return fmt.Errorf("inspection: %w", err)
		}
	}
	hit := c.companies[17].actor
	c.clock.set(today.AddDays(-30), 20, 0)
	draft := shield.AlarmDraft{Unit: fire, Text: "评议会上提了意见以后，检查人员说以后要常来看看，担心影响生产（演示）。"}
	if _, err := c.Shield.RaiseAlarm(c.ctx, hit, draft, c.key()); err != nil {
		return fmt.Errorf("alarm: %w", err)
	}
	for i := range 4 {
		day := today.AddDays(-27 + 6*i)
		c.clock.set(day, 16, 0)
		d := shield.InspectionDraft{Company: hit.Company, Kind: "inspection", On: string(day), Basis: "安全生产法（演示）", NoPlan: "临时部署（演示）"}
		if err := c.Shield.AddInspection(c.ctx, c.officers[fire], d, c.key()); err != nil {
			return fmt.Errorf("inspection: %w", err)
		}
	}
	_, err := c.Shield.Watch(c.ctx)
	return err
}
