package demo

import (
	"pingyi/calendar"
	"pingyi/org"
)

// delegation: the chair is away this week; a member of the group signs for him.
func (c *county) delegation(today calendar.Date) error {
	d := org.DelegationDraft{To: c.people["leader-6"].Account, From: string(today), Until: string(today.AddDays(6)), Reason: "赴省外招商洽谈（演示）"}
	return c.Org.Delegate(c.ctx, c.people["leader-chair"], d, c.key())
}
