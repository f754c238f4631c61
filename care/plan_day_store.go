package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrVisitMade: the visit was made already, its day cannot be planned any more.
var ErrVisitMade = fault.New(fault.Conflict, "plan.made")

// open locks the planning and reads a visit of the plan that was not made yet, to those
// who may set its day: its unit, and who plans visits.
func (s *Plans) open(ctx context.Context, tx *sqlx.Tx, by org.Actor, id feedback.VisitID) (PlanRow, error) {
	var v PlanRow
	if _, err := tx.ExecContext(ctx, planning); err != nil {
		return v, fmt.Errorf("wait for another plan: %w", err)
	}
	err := tx.GetContext(ctx, &v, planColumns+planTables+`WHERE v.id = $2`, false, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return v, fault.ErrNotFound
	case err != nil:
		return v, fmt.Errorf("read the visit: %w", err)
	case !PlansVisits(by) && !by.OfUnit(v.Unit), v.Reported:
		return v, fault.ErrNotFound
	case v.On != "":
		return v, ErrVisitMade
	}
	return v, nil
}

// Schedule sets the day of a planned visit. A day on which the company would be called
// on more often in the month than the limit allows is refused (M-14): the visit can join
// another then. A visit that gets its own day leaves its joint visit.
func (s *Plans) Schedule(ctx context.Context, by org.Actor, id feedback.VisitID, day string) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		v, err := s.open(ctx, tx, by, id)
		if err != nil {
			return err
		}
		on, err := calendar.ParseDate(day)
		first, last := quarterDays(v.Year, v.Quarter)
		switch {
		case err != nil:
			return fault.Field("on", "visit.date-missing")
		case on < s.today():
			return fault.Field("on", "plan.day-past")
		case on < first || on > last:
			return fault.Field("on", "plan.day-outside", "From", string(first), "Until", string(last))
		case !cal.IsWorkingDay(on):
			return fault.Field("on", "plan.day-off", "Date", string(cal.Next(on)))
		}
		var n int
		const q = `SELECT count(DISTINCT (coalesce(visited_on, planned_on), coalesce('j' || joint_id, 'u' || unit_id))) FROM visits
			WHERE company_id = $1 AND id <> $2 AND to_char(coalesce(visited_on, planned_on), 'YYYY-MM') = $3`
		if err := tx.GetContext(ctx, &n, q, v.Company, id, month(on)); err != nil {
			return fmt.Errorf("count the month's visits: %w", err)
		}
		if n >= set.Limit {
			return fault.Field("on", "plan.month-full", "Count", n, "Limit", set.Limit)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET planned_on = $2, joint_id = NULL WHERE id = $1`, id, on); err != nil {
			return fmt.Errorf("plan a day: %w", err)
		}
		return record.Append(ctx, tx, by, "visit.scheduled", fmt.Sprintf("visit:%d", id), map[string]any{"on": on})
	})
}

// Join lets a planned visit join another one at the same company in the same quarter: it
// takes its day, counts once for the company and for its own unit as before.
func (s *Plans) Join(ctx context.Context, by org.Actor, id, with feedback.VisitID) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		v, err := s.open(ctx, tx, by, id)
		if err != nil {
			return err
		}
		var o PlanRow
		err = tx.GetContext(ctx, &o, planColumns+planTables+`WHERE v.id = $2`, false, with)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read the visit to join: %w", err)
		}
		if err != nil || o.ID == v.ID || o.Company != v.Company || o.Year != v.Year || o.Quarter != v.Quarter || o.On != "" || o.Planned < s.today() {
			return fault.Field("with", "plan.join-missing")
		}
		if o.Joint == 0 {
			if o.Joint, err = s.joint(ctx, tx, o.Company, int64(o.ID)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET planned_on = $2, joint_id = $3 WHERE id = $1`, id, o.Planned, o.Joint); err != nil {
			return fmt.Errorf("join a visit: %w", err)
		}
		m := notify.Message{Kind: "plan-joined", To: []notify.To{{Unit: o.Unit}}, Topic: fmt.Sprintf("visit:%d", o.ID), Link: "/d/visits/plan", Key: fmt.Sprintf("plan-joined:%d:%d", id, o.Joint),
			Args: map[string]string{"Unit": unitWord(v.Unit), "Date": "date:" + string(o.Planned)}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "visit.joined", fmt.Sprintf("visit:%d", id), map[string]any{"with": with, "on": o.Planned})
	})
}

// Joinable returns the planned visits of others a visit could join, the nearest first.
func (s *Plans) Joinable(ctx context.Context, by org.Actor, id feedback.VisitID) ([]PlanRow, error) {
	v, err := s.Visit(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var out []PlanRow
	const where = `WHERE v.company_id = $2 AND v.id <> $3 AND v.year = $4 AND v.quarter = $5 AND v.visited_on IS NULL AND v.planned_on >= $6
		AND v.joint_id IS DISTINCT FROM nullif($7::bigint, 0) ORDER BY v.planned_on, v.id LIMIT 10`
	if err := s.db.SelectContext(ctx, &out, planColumns+planTables+where, false, v.Company, id, v.Year, v.Quarter, s.today(), v.Joint); err != nil {
		return nil, fmt.Errorf("look for visits to join: %w", err)
	}
	return out, nil
}

// Visit returns a planned visit that was not made yet, to those who may set its day.
func (s *Plans) Visit(ctx context.Context, by org.Actor, id feedback.VisitID) (PlanRow, error) {
	var v PlanRow
	err := s.db.GetContext(ctx, &v, planColumns+planTables+`WHERE v.id = $2`, false, id)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && (v.Reported || v.On != "" || !PlansVisits(by) && !by.OfUnit(v.Unit))) {
		return PlanRow{}, fault.ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("read the visit: %w", err)
	}
	return v, nil
}
