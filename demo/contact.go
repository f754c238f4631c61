package demo

import (
	"pingyi/calendar"
	"pingyi/care"
	"pingyi/ledger"
)

// makeContacts names contact units of the projects; the second project was handed over,
// another hand-over waits for an answer, and the last project has no contact unit yet.
func (c *county) makeContacts() error {
	office := c.people["party-office-1"]
	all, _, err := c.Contacts.Charges(c.ctx, office, care.ChargeFilter{Page: 1, Size: 20})
	if err != nil {
		return err
	}
	ids := map[string]ledger.ProjectID{}
	for _, p := range all {
		ids[p.No] = p.ID
	}
	for i, x := range []struct{ no, unit string }{{"XM-001", "D01"}, {"XM-002", "D03"}, {"XM-003", "D05"}, {"XM-004", "D02"}} {
		d := care.ContactDraft{Unit: c.byCode[x.unit].ID, Person: c.person(17 + 5*i), Phone: "0456-710000" + string(rune('1'+i))}
		if err := c.Contacts.Name(c.ctx, office, ids[x.no], d); err != nil {
			return err
		}
	}
	from, to := c.officers[c.byCode["D03"].ID], c.officers[c.byCode["D01"].ID]
	if err := c.Contacts.Propose(c.ctx, from, ids["XM-002"], to.Unit, "项目已转入建设阶段，主要手续在贵局办理。（演示）", c.key()); err != nil {
		return err
	}
	open, err := c.Contacts.Handovers(c.ctx, to, ids["XM-002"])
	if err != nil {
		return err
	}
	taken := care.ContactDraft{Person: c.person(44), Phone: "0456-7100011", On: string(calendar.DateOf(c.clock.Now()))}
	if err := c.Contacts.Accept(c.ctx, to, open[0].ID, taken); err != nil {
		return err
	}
	return c.Contacts.Propose(c.ctx, office, ids["XM-004"], to.Unit, "仓储项目二期归口调整。（演示）", c.key())
}
