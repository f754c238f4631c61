package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Course is how the funds of a year came in by the end of a day.
type Course struct {
	Target Amount   // of the county, by the notice; 0: none set
	Months []Amount // arrived in each month, up to the month of the day
	Units  []UnitCourse
}

// UnitCourse is a unit's target of funds and what arrived on the contracts it is contact
// unit of.
type UnitCourse struct {
	Unit            org.UnitID
	Name            org.Names
	Target, Arrived Amount
}

// Arrived is what arrived in all months.
func (c Course) Arrived() (sum Amount) {
	for _, m := range c.Months {
		sum += m
	}
	return sum
}

// Course returns how the funds of a year came in by the end of a day, which lies in the
// year. Units stand in the order of their completion, the lowest first.
func (s *Store) Course(ctx context.Context, by org.Actor, year int, asOf calendar.Date) (Course, error) {
	var c Course
	if !Reads(by) {
		return c, fault.ErrNotFound
	}
	n, err := s.Notice(ctx, year)
	switch {
	case errors.Is(err, fault.ErrNotFound):
	case err != nil:
		return c, err
	case n.Issued != nil:
		c.Target = n.Target
		tasks, err := s.tasks(ctx, s.db, year, 0, asOf)
		if err != nil {
			return c, err
		}
		for _, t := range tasks {
			if t.Kind == TaskFunds {
				c.Units = append(c.Units, UnitCourse{Unit: t.Unit, Name: t.UnitName, Target: t.Target, Arrived: t.Arrived})
			}
		}
		slices.SortStableFunc(c.Units, func(a, b UnitCourse) int { return a.Arrived.Percent(a.Target).Cmp(b.Arrived.Percent(b.Target)) })
	}
	c.Months, err = s.months(ctx, year, asOf)
	return c, err
}

// months adds up what arrived in each month of the year on rows that count.
func (s *Store) months(ctx context.Context, year int, asOf calendar.Date) ([]Amount, error) {
	out := make([]Amount, asOf.Time().In(calendar.Shanghai).Month())
	var rows []struct {
		Month  int    `db:"month"`
		Amount Amount `db:"amount"`
	}
	const q = `SELECT extract(month FROM a.arrived_on)::int AS month, sum(a.amount) AS amount FROM arrivals a JOIN contracts c ON c.id = a.contract_id
		WHERE a.struck_at IS NULL AND a.arrived_on BETWEEN make_date($1, 1, 1) AND $2 AND c.kind = 'contract' AND c.purpose = 'investment' AND c.currency = 'CNY' GROUP BY 1`
	if err := s.db.SelectContext(ctx, &rows, q, year, asOf); err != nil {
		return nil, fmt.Errorf("add up the months: %w", err)
	}
	for _, r := range rows {
		out[r.Month-1] = r.Amount
	}
	return out, nil
}
