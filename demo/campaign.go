package demo

import (
	"errors"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
)

// plan opens a campaign over two weeks.
func (c *county) plan(year int, kind string, from, until calendar.Date) (evaluation.CampaignID, error) {
	admin := c.people["campaign"]
	c.clock.set(from, 8, 30)
	id, err := c.Evaluation.CreateCampaign(c.ctx, admin, evaluation.CampaignDraft{Year: year, Kind: kind, CardFrom: string(from), CardUntil: string(until), CastFrom: string(from), CastUntil: string(until)}, c.key())
	if err != nil {
		return 0, err
	}
	_, shares, err := c.Evaluation.MakeKey(c.ctx, admin, id, evaluation.KeyDraft{Threshold: 2, Holders: []string{"督查室（演示）", "县委办（演示）", "商会（演示）"}})
	if err != nil {
		return 0, err
	}
	if err := c.Evaluation.KeepDemoShares(c.ctx, id, shares); err != nil {
		return 0, err
	}
	c.shares = []string{shares[0].Text(), shares[1].Text()}
	if err := c.Evaluation.Rehearse(c.ctx, c.people["supervision-1"], c.people["party-office-1"], id, c.shares); err != nil {
		return 0, err
	}
	return id, c.Evaluation.Open(c.ctx, admin, id)
}

// campaign is held from its first to its last day, closed and counted.
func (c *county) campaign(year int, kind string, from, until calendar.Date) error {
	id, err := c.plan(year, kind, from, until)
	if err != nil {
		return err
	}
	var bombed org.UnitID
	if kind == "year_end" {
		bombed = c.byCode["D25"].ID
	}
	if err := c.cast(id, from.AddDays(2), 0.66, 1, bombed); err != nil {
		return err
	}
	if err := c.Box.IntegrateNow(c.ctx, id); err != nil { // the batch of the night
		return err
	}
	c.clock.set(until.AddDays(1), 9, 0)
	if err := c.Evaluation.Close(c.ctx, c.people["campaign"], id); err != nil {
		return err
	}
	c.clock.set(until.AddDays(1), 15, 0)
	return c.Evaluation.Tally(c.ctx, c.people["supervision-1"], c.people["party-office-1"], id, c.shares)
}

// cast lets a share of the raters collect a card and, of these, a share cast.
// Some of them push the bombed unit down (0: none), so that there is a case to decide.
func (c *county) cast(id evaluation.CampaignID, on calendar.Date, collect, used float64, bombed org.UnitID) error {
	c.clock.set(on, 10, 0)
	notice, err := c.Box.Notice(c.ctx, id)
	if err != nil {
		return err
	}
	var work errgroup.Group // of what each rater does; who does it and how is drawn one after the other
	work.SetLimit(8)
	for i, m := range append(append([]member{}, c.companies...), c.persons...) {
		share := collect
		if i >= len(c.companies) {
			share = 0.9
		}
		if i < 3 || !c.chance(share) { // the first demo companies still have their cards to collect
			continue
		}
		seat, err := c.Evaluation.Seat(c.ctx, m.actor, id)
		if errors.Is(err, fault.ErrNotFound) {
			continue
		}
		if err != nil {
			return errors.Join(err, work.Wait())
		}
		if !c.chance(used) {
			work.Go(func() error {
				_, err := c.Evaluation.Collect(c.ctx, m.actor, id, ballotbox.Draw())
				return err
			})
			continue
		}
		b := c.ballot(notice.Form, m, seat.OwnUnit)
		if bombed != 0 && i >= 24 && i < 36 {
			bomb(&b, bombed)
		}
		word, key := pick(c, words), c.key()
		work.Go(func() error {
			card, err := c.Evaluation.Collect(c.ctx, m.actor, id, ballotbox.Draw())
			if err != nil {
				return err
			}
			_, err = c.Box.Cast(c.ctx, card, b, word, key)
			return err
		})
	}
	return work.Wait()
}

// bomb gives a unit the worst level throughout, whether the ballot rated it or not.
func bomb(b *ballotbox.Ballot, unit org.UnitID) {
	i := slices.IndexFunc(b.Lines, func(l ballotbox.Line) bool { return l.Unit == unit })
	if i < 0 {
		i = len(b.Lines)
		b.Lines = append(b.Lines, ballotbox.Line{Unit: unit, Answers: maps.Clone(b.Lines[0].Answers)})
	}
	for code := range b.Lines[i].Answers {
		b.Lines[i].Answers[code] = "vd"
	}
}

// ballot rates the contact unit and a dozen and more others.
func (c *county) ballot(form *ballotbox.Form, m member, own org.UnitID) ballotbox.Ballot {
	var b ballotbox.Ballot
	for _, u := range form.Units {
		if u.ID == own || (u.ID != m.contact && !c.chance(0.3)) {
			continue
		}
		line := ballotbox.Line{Unit: u.ID, Answers: map[string]string{}}
		for _, ind := range form.Indicators {
			line.Answers[ind.Code] = ballotbox.NotAcquainted
			if c.chance(0.93) {
				line.Answers[ind.Code] = c.level(c.quality[u.ID] + m.lenient)
			}
		}
		b.Lines = append(b.Lines, line)
	}
	if len(b.Lines) == 0 {
		b.Lines = append(b.Lines, ballotbox.Line{Unit: form.Units[0].ID, Answers: map[string]string{}})
		for _, ind := range form.Indicators {
			b.Lines[0].Answers[ind.Code] = "s"
		}
	}
	return b
}

// running opens the campaign that is on today: some cards collected, some used.
func (c *county) running(today calendar.Date) error {
	kind := "year_end"
	if today < day(today.Year(), 7, 10) {
		kind = "mid_year"
	}
	id, err := c.plan(today.Year(), kind, today.AddDays(-4), today.AddDays(10))
	if err != nil {
		return err
	}
	if err := c.cast(id, today.AddDays(-2), 0.55, 0.8, 0); err != nil {
		return err
	}
	return c.Box.IntegrateNow(c.ctx, id)
}
