package demo

import (
	"fmt"
	"slices"

	"pingyi/calendar"
	"pingyi/honour"
	"pingyi/org"
)

// commend takes a published year through its commendation: individuals proposed, a unit
// added by hand and signed, the public notice, an objection upheld and one rejected, the
// leading group's decision.
func (c *county) commend(year int) error {
	if calendar.DateOf(c.clock.Real) < day(year+1, 2, 10) {
		return nil // appeals, notice and decision are still to come
	}
	gov, watch, chair := c.people["gov-office-1"], c.people["supervision-1"], c.people["leader-chair"]
	c.clock.set(day(year+1, 1, 26), 16, 0)
	if err := c.Honour.Open(c.ctx, gov, year, c.key()); err != nil {
		return err
	}
	if err := c.nominations(year); err != nil {
		return err
	}
	c.clock.set(day(year+1, 1, 27), 9, 30)
	if _, err := c.Honour.Gather(c.ctx, gov, year, c.key()); err != nil {
		return err
	}
	r, err := c.Honour.Round(c.ctx, gov, year)
	if err != nil {
		return err
	}
	all, err := c.Honour.Candidates(c.ctx, gov, r)
	if err != nil {
		return err
	}
	added, err := c.byHand(year, all)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.Person != "" {
			if err := c.Honour.Second(c.ctx, watch, k.ID, true, "", c.key()); err != nil {
				return err
			}
		}
	}
	c.clock.set(day(year+1, 1, 28), 9, 0)
	if err := c.Honour.Notice(c.ctx, gov, year, c.key()); err != nil {
		return err
	}
	if err := c.objected(year, added); err != nil {
		return err
	}
	if r, err = c.Honour.PublicRound(c.ctx, year); err != nil {
		return err
	}
	c.clock.set(r.Until.AddDays(1), 10, 0)
	return c.Honour.Decide(c.ctx, chair, year, c.key())
}

// nominations propose the best visitors of the units, some by companies, some by their
// unit.
func (c *county) nominations(year int) error {
	units := slices.Clone(c.units)
	slices.SortStableFunc(units, func(a, b org.Unit) int { return int(100 * (c.quality[b.ID] - c.quality[a.ID])) })
	for i, u := range units[:8] {
		who := c.visitor(u.ID, 0)
		n := honour.Nomination{Unit: u.ID, Person: who, Reason: "多次上门帮助企业解决手续问题，随叫随到。（演示）"}
		by := c.officers[u.ID]
		if i%2 == 0 {
			by = c.companies[3+i].actor
		}
		if err := c.Honour.Nominate(c.ctx, by, year, n, c.key()); err != nil {
			return fmt.Errorf("nominate %s: %w", who, err)
		}
	}
	return nil
}

// byHand adds a unit that the rule does not list; another office signs, or the chair
// where the rule has something against it.
func (c *county) byHand(year int, have []honour.Candidate) (honour.CandidateID, error) {
	i := slices.IndexFunc(c.units, func(u org.Unit) bool {
		return u.Code == "D13" || u.Code == "D21" && !slices.ContainsFunc(have, func(k honour.Candidate) bool { return k.Unit == u.ID && k.Person == "" })
	})
	reason := "承办企业开办“一日办结”改革，企业普遍反映好。（演示）"
	party, chair := c.people["party-office-1"], c.people["leader-chair"]
	unit := c.units[i].ID
	if slices.ContainsFunc(have, func(k honour.Candidate) bool { return k.Unit == unit && k.Person == "" }) {
		return have[0].ID, nil
	}
	if err := c.Honour.Add(c.ctx, party, year, honour.Addition{Unit: unit, Reason: reason}, c.key()); err != nil {
		return 0, err
	}
	r, err := c.Honour.Round(c.ctx, party, year)
	if err != nil {
		return 0, err
	}
	all, err := c.Honour.Candidates(c.ctx, party, r)
	if err != nil {
		return 0, err
	}
	k := all[slices.IndexFunc(all, func(k honour.Candidate) bool { return k.Unit == unit && k.Person == "" })]
	return k.ID, c.Honour.Second(c.ctx, chair, k.ID, true, "", c.key())
}

// objected: a company objects to the unit added by hand and is upheld, another to the
// first on the list and is not.
func (c *county) objected(year int, added honour.CandidateID) error {
	watch := c.people["supervision-1"]
	r, err := c.Honour.PublicRound(c.ctx, year)
	if err != nil {
		return err
	}
	all, err := c.Honour.Candidates(c.ctx, watch, r)
	if err != nil {
		return err
	}
	first := all[slices.IndexFunc(all, func(k honour.Candidate) bool { return k.ID != added })].ID
	for i, x := range []struct {
		to      honour.CandidateID
		grounds string
		ruling  honour.Ruling
	}{{added, "“一日办结”只在网上公布，我公司变更登记等了九个工作日，窗口说系统还没有开通。（演示）", honour.Ruling{Word: honour.Upheld, Answer: "经核查办件记录，您反映的情况属实，该候选已撤下，改革事项限期落实。（演示）", Why: "增加理由所述改革事项尚未全面落实。（演示）"}},
		{first, "该单位去年十月才答复我公司九月提出的问题，不应列为先进。（演示）", honour.Ruling{Word: honour.Rejected, Answer: "经核查，该问题在规定期限内答复并经您确认，异议不成立。（演示）"}}} {
		by := c.companies[i].actor
		c.clock.set(day(year+1, 1, 29), 10+i, 0)
		if err := c.Honour.Object(c.ctx, by, x.to, x.grounds, c.key()); err != nil {
			return err
		}
		mine, err := c.Honour.Objections(c.ctx, by, year)
		if err != nil {
			return err
		}
		c.clock.set(day(year+1, 1, 30), 15, i)
		if err := c.Honour.RuleOn(c.ctx, watch, mine[0].ID, x.ruling, c.key()); err != nil {
			return err
		}
	}
	return nil
}

// visitor is one of the three people of a unit who call on companies.
func (c *county) visitor(u org.UnitID, k int) string { return c.person(int(u)*3 + k%3) }
