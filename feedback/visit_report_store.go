package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// MostMinutes is how long a visit may take at most, in minutes: a day.
const MostMinutes = 1440

// VisitReport is a visit a company reports because it finds none registered.
type VisitReport struct {
	Unit    org.UnitID
	On      string // date as typed
	Purpose string // what they came for
	Minutes int    // 0: not said
}

func (r VisitReport) check(today calendar.Date) (calendar.Date, fault.Fields) {
	on, f := VisitRecord{Company: 1, On: r.On, Staff: "-", Purpose: r.Purpose}.check(today)
	if r.Unit == 0 {
		f.Add("unit", "visit.unit-missing")
	}
	if r.Minutes < 0 || r.Minutes > MostMinutes {
		f.Add("minutes", "plan.number", "Most", MostMinutes)
	}
	return on, f
}

// ReportVisit enters a visit the unit did not register, as the company reports it. Its
// sheet goes to the two offices as any other; the unit is not told and does not see it.
// It is nothing the unit owed, so that it does not count as a visit of the plan. Should
// the unit register the same visit later, it is this one.
func (s *Store) ReportVisit(ctx context.Context, by org.Actor, r VisitReport, idem string) (VisitID, error) {
	if by.Role != org.RoleCompany {
		return 0, fault.ErrForbidden
	}
	on, f := r.check(s.today())
	if err := f.Err(); err != nil {
		return 0, err
	}
	token := newToken()
	var id VisitID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var err error
		if id, err = visitOfForm(ctx, tx, idem); err != nil || id != 0 {
			return err
		}
		var there bool
		if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM visits WHERE unit_id = $1 AND company_id = $2 AND visited_on = $3)`, r.Unit, by.Company, on); err != nil {
			return fmt.Errorf("look for the same visit: %w", err)
		}
		if there {
			return fault.Field("on", "visit.on-record")
		}
		const q = `INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, purpose, minutes, token_hash, token_sealed, requested_at, link_until, idem, reported_by, reported_at)
			SELECT u.id, $2, $3::int, $4::smallint, false, $5::date, $6, nullif($7::int, 0), $8, $9, $10::timestamptz, $10::timestamptz + interval '30 days', $11, $12, $10::timestamptz
			FROM units u WHERE u.id = $1 RETURNING id`
		err = tx.GetContext(ctx, &id, q, r.Unit, by.Company, on.Year(), on.Quarter(), on, r.Purpose, r.Minutes, tokenHash(token), s.sealed(token), s.now(), idem, by.Account)
		if err != nil {
			return fmt.Errorf("report a visit: %w", err)
		}
		m := notify.Message{Kind: "visit-unregistered", To: []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}, Topic: fmt.Sprintf("visit:%d", id),
			Link: fmt.Sprintf("/o/visits/%d", id), Key: fmt.Sprintf("visit-unregistered:%d", id), Args: unitArgs(r.Unit, map[string]string{"Date": "date:" + string(on)})}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "visit.reported", fmt.Sprintf("visit:%d", id), map[string]any{"unit": r.Unit})
	})
	return id, err
}

// SetMinutes notes how long a visit took, as the company says.
func (s *Store) SetMinutes(ctx context.Context, by org.Actor, id VisitID, minutes int) error {
	v, err := s.Visit(ctx, by, id)
	switch {
	case err != nil:
		return err
	case by.Role != org.RoleCompany:
		return fault.ErrForbidden
	case v.On == "":
		return ErrNotVisited
	case minutes < 1 || minutes > MostMinutes:
		return fault.Field("minutes", "plan.number", "Most", MostMinutes)
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET minutes = $2 WHERE id = $1`, id, minutes); err != nil {
			return fmt.Errorf("note the minutes: %w", err)
		}
		return record.Append(ctx, tx, by, "visit.minutes", fmt.Sprintf("visit:%d", id), map[string]any{"minutes": minutes})
	})
}

// registered turns a visit the company reported into the one its unit now registers for
// the same day, in place of the planned one, if any; 0 when the company reported none.
func (s *Store) registered(ctx context.Context, tx *sqlx.Tx, by org.Actor, on calendar.Date, r VisitRecord) (VisitID, error) {
	var ids []VisitID
	const find = `SELECT id FROM visits WHERE unit_id = $1 AND company_id = $2 AND visited_on = $3 AND reported_at IS NOT NULL AND recorded_at IS NULL FOR UPDATE`
	if err := tx.SelectContext(ctx, &ids, find, by.Unit, r.Company, on); err != nil || len(ids) == 0 {
		return 0, err
	}
	const plan = `DELETE FROM visits WHERE unit_id = $1 AND company_id = $2 AND year = $3 AND quarter = $4 AND due AND visited_on IS NULL`
	res, err := tx.ExecContext(ctx, plan, by.Unit, r.Company, on.Year(), on.Quarter())
	if err != nil {
		return 0, fmt.Errorf("take the planned visit: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("take the planned visit: %w", err)
	}
	const q = `UPDATE visits SET due = due OR $2, staff = $3, matters = $4, recorded_by = $5, recorded_at = $6 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, ids[0], n > 0, r.Staff, r.Matters, by.Account, s.now()); err != nil {
		return 0, fmt.Errorf("register a reported visit: %w", err)
	}
	return ids[0], nil
}
