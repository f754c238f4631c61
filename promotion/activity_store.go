package promotion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const activityQuery = `SELECT a.id, a.kind, a.title, a.place, to_char(a.from_on, 'YYYY-MM-DD') AS from_on, to_char(a.until_on, 'YYYY-MM-DD') AS until_on, a.leaders, a.carried, a.about, a.source,
	(SELECT count(*) FROM activity_contracts x WHERE x.activity_id = a.id) AS rows, (SELECT count(*) FROM activity_contacts x WHERE x.activity_id = a.id) AS contacts,
	(SELECT count(*) FROM activity_contacts x WHERE x.activity_id = a.id AND x.follow <> '' AND x.done_on IS NULL) AS open FROM activities a `

// Activities returns a page of the activities, the latest first, of a year (0: of all)
// and a kind ("": of all), and how many there are.
func (s *Store) Activities(ctx context.Context, by org.Actor, year int, kind string, page, size int) ([]Activity, int, error) {
	if !ledger.Reads(by) {
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE ($1 = 0 OR extract(year FROM a.from_on) = $1) AND ($2 = '' OR a.kind = $2)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM activities a `+where, year, kind); err != nil {
		return nil, 0, fmt.Errorf("count activities: %w", err)
	}
	var out []Activity
	if err := s.db.SelectContext(ctx, &out, activityQuery+where+` ORDER BY a.from_on DESC, a.id DESC LIMIT $3 OFFSET $4`, year, kind, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list activities: %w", err)
	}
	return out, total, s.units(ctx, out)
}

// units puts the units that took part to their activities.
func (s *Store) units(ctx context.Context, list []Activity) error {
	var rows []struct {
		Activity ActivityID `db:"activity_id"`
		ID       org.UnitID `db:"id"`
		org.Names
	}
	if err := s.db.SelectContext(ctx, &rows, `SELECT x.activity_id, u.id, u.name_zh, u.name_en, u.name_ru FROM activity_units x JOIN units u ON u.id = x.unit_id ORDER BY u.class, u.code`); err != nil {
		return fmt.Errorf("read the units of activities: %w", err)
	}
	for i := range list {
		for _, r := range rows {
			if r.Activity == list[i].ID {
				list[i].Units, list[i].UnitIDs = append(list[i].Units, r.Names), append(list[i].UnitIDs, r.ID)
			}
		}
	}
	return nil
}

// Activity returns one activity.
func (s *Store) Activity(ctx context.Context, by org.Actor, id ActivityID) (Activity, error) {
	var a Activity
	if !ledger.Reads(by) {
		return a, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &a, activityQuery+`WHERE a.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("read activity: %w", err)
	}
	one := []Activity{a}
	err = s.units(ctx, one)
	return one[0], err
}

// Enter adds an activity; the same idem is the same one.
func (s *Store) Enter(ctx context.Context, by org.Actor, d ActivityDraft, idem string) (ActivityID, error) {
	if !ledger.Keeps(by) {
		return 0, fault.ErrForbidden
	}
	a, f := d.check()
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id ActivityID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO activities (kind, title, place, from_on, until_on, leaders, carried, about, source, entered_by, entered_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT ON CONSTRAINT activities_idem_key DO NOTHING RETURNING id`
		err := tx.GetContext(ctx, &id, q, a.Kind, a.Title, a.Place, a.From, a.Until, a.Leaders, a.Carried, a.About, a.Source, by.Account, s.now(), idem)
		if errors.Is(err, sql.ErrNoRows) {
			return tx.GetContext(ctx, &id, `SELECT id FROM activities WHERE idem = $1`, idem)
		}
		if err != nil {
			return fmt.Errorf("enter activity: %w", err)
		}
		return record.Append(ctx, tx, by, "activity.entered", object(id), map[string]any{"kind": a.Kind, "from": a.From})
	})
	return id, err
}

func object(id ActivityID) string { return fmt.Sprintf("activity:%d", id) }

// write does one insert for an activity, with its record and who is to be told.
func (s *Store) write(ctx context.Context, by org.Actor, id ActivityID, action string, tell *notify.Message, detail map[string]any, q string, args ...any) error {
	if !ledger.Keeps(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var there bool
		if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM activities WHERE id = $1)`, id); err != nil || !there {
			return errors.Join(err, fault.ErrNotFound)
		}
		res, err := tx.ExecContext(ctx, q, append([]any{id}, args...)...)
		if err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // it is there already
		}
		if tell != nil {
			if err := notify.Post(ctx, tx, s.now(), *tell); err != nil {
				return err
			}
		}
		return record.Append(ctx, tx, by, action, object(id), detail)
	})
}

// Join notes that a unit took part.
func (s *Store) Join(ctx context.Context, by org.Actor, id ActivityID, unit org.UnitID) error {
	if unit == 0 {
		return fault.Field("joins", "promotion.unit-missing")
	}
	return s.write(ctx, by, id, "activity.unit", nil, map[string]any{"unit": unit}, `INSERT INTO activity_units (activity_id, unit_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, unit)
}

// Link notes that a row of the ledger came of the activity. A row comes of one
// activity only.
func (s *Store) Link(ctx context.Context, by org.Actor, id ActivityID, no string) error {
	var row struct {
		Contract ledger.ContractID `db:"id"`
		Of       ActivityID        `db:"of"`
	}
	err := s.db.GetContext(ctx, &row, `SELECT c.id, coalesce(x.activity_id, 0) AS of FROM contracts c LEFT JOIN activity_contracts x ON x.contract_id = c.id WHERE c.no = $1`, strings.TrimSpace(no))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.Field("no", "promotion.row-unknown")
	case err != nil:
		return fmt.Errorf("find the ledger's row: %w", err)
	case row.Of != 0 && row.Of != id:
		return fault.Field("no", "promotion.row-taken")
	}
	return s.write(ctx, by, id, "activity.result", nil, map[string]any{"contract": row.Contract},
		`INSERT INTO activity_contracts (activity_id, contract_id, linked_by, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, row.Contract, by.Account, s.now())
}

// Results returns the rows of the ledger that came of an activity, contracts first.
func (s *Store) Results(ctx context.Context, by org.Actor, id ActivityID) ([]Result, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Result
	const q = `SELECT c.id AS contract_id, c.no, c.title, c.investor, c.kind, c.purpose, c.currency, c.amount,
			coalesce((SELECT sum(amount) FROM arrivals a WHERE a.contract_id = c.id AND a.struck_at IS NULL), 0) AS arrived
		FROM activity_contracts x JOIN contracts c ON c.id = x.contract_id WHERE x.activity_id = $1 ORDER BY c.kind = 'contract' DESC, c.purpose, c.currency, c.no`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	return out, nil
}

// Meet notes somebody met, and what is to follow by which unit and when.
func (s *Store) Meet(ctx context.Context, by org.Actor, id ActivityID, d ContactDraft, idem string) error {
	due, f := d.check()
	if err := f.Err(); err != nil {
		return err
	}
	tell := &notify.Message{Kind: "promotion-follow", To: []notify.To{{Unit: d.Unit}}, Topic: object(id), Link: "/d/followups", Args: map[string]string{"Due": string(due)}, Key: "promotion-follow-" + idem}
	if d.Unit == 0 {
		tell = nil
	}
	return s.write(ctx, by, id, "activity.contact", tell, map[string]any{"unit": d.Unit, "due": due},
		`INSERT INTO activity_contacts (activity_id, name, organisation, follow, due_on, unit_id, entered_by, entered_at, idem)
		VALUES ($1, $2, $3, $4, $5, nullif($6, 0), $7, $8, $9) ON CONFLICT ON CONSTRAINT activity_contacts_idem_key DO NOTHING`,
		strings.TrimSpace(d.Name), strings.TrimSpace(d.From), strings.TrimSpace(d.Follow), due, d.Unit, by.Account, s.now(), idem)
}

const contactQuery = `SELECT x.id, x.activity_id, a.title, x.name, x.organisation, x.follow, coalesce(to_char(x.due_on, 'YYYY-MM-DD'), '') AS due_on, coalesce(x.unit_id, 0) AS unit_id,
	coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru",
	coalesce(to_char(x.done_on, 'YYYY-MM-DD'), '') AS done_on, x.done_note
	FROM activity_contacts x JOIN activities a ON a.id = x.activity_id LEFT JOIN units u ON u.id = x.unit_id `

// Contacts returns whom an activity met.
func (s *Store) Contacts(ctx context.Context, by org.Actor, id ActivityID) ([]Contact, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Contact
	if err := s.db.SelectContext(ctx, &out, contactQuery+`WHERE x.activity_id = $1 ORDER BY x.id`, id); err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return out, nil
}

// Follow returns what is to follow and not done, by its day: a unit sees its own, who
// reads the ledger all.
func (s *Store) Follow(ctx context.Context, by org.Actor) ([]Contact, error) {
	unit := org.UnitID(0)
	switch {
	case by.OfUnit(by.Unit):
		unit = by.Unit
	case !ledger.Reads(by):
		return nil, fault.ErrNotFound
	}
	var out []Contact
	if err := s.db.SelectContext(ctx, &out, contactQuery+`WHERE x.follow <> '' AND x.done_on IS NULL AND ($1 = 0 OR x.unit_id = $1) ORDER BY x.due_on, x.id`, unit); err != nil {
		return nil, fmt.Errorf("read what is to follow: %w", err)
	}
	return out, nil
}

// Finish notes what came of what was to follow.
func (s *Store) Finish(ctx context.Context, by org.Actor, contact int64, note string) error {
	f := fault.Fields{}
	f.Length("note", strings.TrimSpace(note), minWords, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var c Contact
		err := tx.GetContext(ctx, &c, contactQuery+`WHERE x.id = $1 FOR UPDATE OF x`, contact)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !c.MayFinish(by) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock contact: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE activity_contacts SET done_on = $2, done_note = $3 WHERE id = $1`, contact, s.today(), strings.TrimSpace(note)); err != nil {
			return fmt.Errorf("finish what was to follow: %w", err)
		}
		return record.Append(ctx, tx, by, "activity.followed", object(c.Activity), map[string]any{"contact": contact})
	})
}

// Invite asks a company to come.
func (s *Store) Invite(ctx context.Context, by org.Actor, id ActivityID, licence string) error {
	var company org.CompanyID
	err := s.db.GetContext(ctx, &company, `SELECT id FROM companies WHERE licence = $1`, org.NormalLicence(licence))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Field("licence", "project.licence-unknown")
	}
	if err != nil {
		return fmt.Errorf("find the guest: %w", err)
	}
	tell := &notify.Message{Kind: "promotion-invited", To: []notify.To{{Company: company}}, Topic: object(id), Link: "/c/activities", Key: fmt.Sprintf("promotion-invited-%d-%d", id, company)}
	return s.write(ctx, by, id, "activity.invited", tell, map[string]any{"company": company},
		`INSERT INTO activity_guests (activity_id, company_id, invited_by, invited_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, company, by.Account, s.now())
}

// Guests returns who is invited and what they answered.
func (s *Store) Guests(ctx context.Context, by org.Actor, id ActivityID) ([]Guest, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Guest
	const q = `SELECT x.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", x.comes, x.answered_at
		FROM activity_guests x JOIN companies c ON c.id = x.company_id WHERE x.activity_id = $1 ORDER BY x.comes IS NOT TRUE, c.name_zh`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read guests: %w", err)
	}
	return out, nil
}

// Invitations returns the activities the actor's company is invited to, the next first.
func (s *Store) Invitations(ctx context.Context, by org.Actor) ([]Invitation, error) {
	if by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []Invitation
	const q = `SELECT a.id, a.kind, a.title, a.place, to_char(a.from_on, 'YYYY-MM-DD') AS from_on, to_char(a.until_on, 'YYYY-MM-DD') AS until_on, a.about, x.comes
		FROM activity_guests x JOIN activities a ON a.id = x.activity_id WHERE x.company_id = $1 ORDER BY a.until_on < $2, a.from_on DESC`
	if err := s.db.SelectContext(ctx, &out, q, by.Company, s.today()); err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	return out, nil
}

// ErrOver: an activity that has begun takes no more answers.
var ErrOver = fault.New(fault.Conflict, "promotion.over")

// Answer notes whether the actor's company comes; it may change its mind until the day.
func (s *Store) Answer(ctx context.Context, by org.Actor, id ActivityID, comes bool) error {
	if by.Role != org.RoleCompany {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var from calendar.Date
		err := tx.GetContext(ctx, &from, `SELECT to_char(a.from_on, 'YYYY-MM-DD') FROM activity_guests x JOIN activities a ON a.id = x.activity_id WHERE x.activity_id = $1 AND x.company_id = $2 FOR UPDATE OF x`, id, by.Company)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.ErrNotFound
		case err != nil:
			return fmt.Errorf("lock invitation: %w", err)
		case from < s.today():
			return ErrOver
		}
		if _, err := tx.ExecContext(ctx, `UPDATE activity_guests SET comes = $3, answered_at = $4 WHERE activity_id = $1 AND company_id = $2`, id, by.Company, comes, s.now()); err != nil {
			return fmt.Errorf("answer invitation: %w", err)
		}
		return record.Append(ctx, tx, by, "activity.answered", object(id), map[string]any{"comes": comes})
	})
}
