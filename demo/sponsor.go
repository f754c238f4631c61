package demo

import (
	"pingyi/calendar"
	"pingyi/care"
	"pingyi/ledger"
	"pingyi/org"
)

// makeSponsors sets up sponsor groups of the first key project and of one company as a
// whole; the second key project has none and is shown as missing.
func (c *county) makeSponsors(today calendar.Date) error {
	office := c.people["gov-office-1"]
	all, _, err := c.Projects.List(c.ctx, office, ledger.ProjectFilter{KeyOnly: true, Page: 1, Size: 20})
	if err != nil {
		return err
	}
	russian, err := c.Org.Company(c.ctx, maker, c.companies[9].actor.Company)
	if err != nil {
		return err
	}
	unit := func(codes ...string) (out []org.UnitID) {
		for _, code := range codes {
			out = append(out, c.byCode[code].ID)
		}
		return out
	}
	year := today.Year()
	for _, d := range []care.GroupDraft{
		{Project: all[0].ID, Leader: c.people["leader-chair"].Account, Units: unit("D01", "D03", "D05"), From: string(day(year, 1, 15)), Until: string(day(year+1, 12, 31)),
			Plan: "一季度落实用电增容；二季度办结用地手续；每季度由组长到现场办公一次。（演示）"},
		{Licence: russian.Licence, Leader: c.people["leader-deputy-1"].Account, Units: unit("D01", "D02"), From: string(day(year, 3, 1)), Until: string(day(year+1, 2, 28)),
			Plan: "协助办理通关便利和员工签证；落实厂区道路维修。（演示）"},
	} {
		if _, err := c.Sponsors.SetUp(c.ctx, office, d, c.key()); err != nil {
			return err
		}
	}
	return nil
}
