package overview

import (
	"context"
	"fmt"
	"time"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
)

// Store reads the county's year from the stores that hold it.
type Store struct {
	now func() time.Time
	led *ledger.Store
	fb  *feedback.Store
	ev  *evaluation.Store
}

// NewStore returns a store over the stores of the county.
func NewStore(now func() time.Time, led *ledger.Store, fb *feedback.Store, ev *evaluation.Store) *Store {
	return &Store{now: now, led: led, fb: fb, ev: ev}
}

// Sees reports whether the actor may see the county's year: whoever reads the ledger.
func Sees(a org.Actor) bool { return ledger.Reads(a) }

// County returns a year as it stood at the end of a day of it; a day outside the year
// is moved into it, and one to come is today.
func (s *Store) County(ctx context.Context, by org.Actor, year int, asOf calendar.Date) (County, error) {
	c := County{Year: year, AsOf: Within(year, asOf, calendar.DateOf(s.now()))}
	if !Sees(by) {
		return c, fault.ErrNotFound
	}
	var err error
	if c.Funds, err = s.led.Course(ctx, by, year, c.AsOf); err != nil {
		return c, err
	}
	if c.Sum, err = s.led.Summary(ctx, by, ledger.Period{From: yearStart(year), To: c.AsOf}); err != nil {
		return c, err
	}
	if c.Index, err = s.ev.Index(ctx); err != nil {
		return c, err
	}
	if c.Work, err = s.fb.Year(ctx, year, c.AsOf); err != nil {
		return c, err
	}
	return c, s.polls(ctx, &c)
}

// polls adds the turnout of the year's appraisals.
func (s *Store) polls(ctx context.Context, c *County) error {
	all, err := s.ev.Campaigns(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.Year != c.Year || k.State == "preparing" || calendar.DateOf(k.CastFrom) > c.AsOf {
			continue
		}
		turn, err := s.ev.Turnout(ctx, k.ID)
		if err != nil {
			return err
		}
		p := Poll{Kind: k.Kind}
		for _, t := range turn {
			p.Listed, p.Ballots = p.Listed+t.Listed, p.Ballots+t.Ballots
		}
		c.Polls = append(c.Polls, p)
	}
	return nil
}

// Within moves a day into the year and not past today; without a day it is the latest possible.
func Within(year int, day, today calendar.Date) calendar.Date {
	first, last := yearStart(year), calendar.Date(fmt.Sprintf("%04d-12-31", year))
	if day == "" || day > last {
		day = last
	}
	return max(first, min(day, max(today, first)))
}

func yearStart(year int) calendar.Date { return calendar.Date(fmt.Sprintf("%04d-01-01", year)) }
