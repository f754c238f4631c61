package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Errors of contacts.
var (
	ErrContactNamed = fault.New(fault.Conflict, "contact.named")
	ErrNoContact    = fault.New(fault.Conflict, "contact.none-yet")
	ErrHandoverOver = fault.New(fault.Conflict, "contact.handover-over")
	ErrHandoverOpen = fault.New(fault.Conflict, "contact.handover-open")
)

// held is a project under a row lock, with its contact.
type held struct {
	No      string        `db:"no"`
	Company org.CompanyID `db:"company_id"`
	Unit    org.UnitID    `db:"unit_id"`
	Person  string        `db:"person"`
	Phone   string        `db:"phone"`
	From    calendar.Date `db:"from_on"`
	State   string        `db:"state"`
}

func lockProject(ctx context.Context, tx *sqlx.Tx, id ledger.ProjectID) (held, error) {
	var h held
	if err := tx.GetContext(ctx, &h.No, `SELECT no FROM projects WHERE id = $1 FOR UPDATE`, id); errors.Is(err, sql.ErrNoRows) {
		return h, fault.ErrNotFound
	} else if err != nil {
		return h, fmt.Errorf("lock project: %w", err)
	}
	const q = `SELECT p.no, coalesce(p.company_id, 0) AS company_id, p.state, coalesce(k.unit_id, 0) AS unit_id, coalesce(k.person, '') AS person, coalesce(k.phone, '') AS phone,
		coalesce(to_char(k.from_on, 'YYYY-MM-DD'), '') AS from_on FROM projects p LEFT JOIN project_contacts k ON k.project_id = p.id AND k.until_on IS NULL WHERE p.id = $1`
	if err := tx.GetContext(ctx, &h, q, id); err != nil {
		return h, fmt.Errorf("read contact: %w", err)
	}
	return h, nil
}

// Name names the first contact unit of a project and its person: the offices do. The
// same again changes nothing; ErrContactNamed when the project has another one already,
// which is handed over instead.
func (s *Contacts) Name(ctx context.Context, by org.Actor, id ledger.ProjectID, d ContactDraft) error {
	if !KeepsContacts(by) {
		return fault.ErrForbidden
	}
	f := d.person()
	if d.Unit == 0 {
		f.Add("unit", "contact.unit-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		h, err := lockProject(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case h.Unit == d.Unit && h.Person == d.Person && h.Phone == d.Phone:
			return nil
		case h.Unit != 0:
			return ErrContactNamed
		}
		if err := working(ctx, tx, "unit", d.Unit); err != nil {
			return err
		}
		return s.begin(ctx, tx, by, id, h, d, s.today(), 0, "contact.named")
	})
}

// working refuses a unit that is not there or no longer active.
func working(ctx context.Context, tx *sqlx.Tx, field string, unit org.UnitID) error {
	var active bool
	err := tx.GetContext(ctx, &active, `SELECT active FROM units WHERE id = $1`, unit)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && !active) {
		return fault.Field(field, "contact.unit-missing")
	}
	if err != nil {
		return fmt.Errorf("look for the unit: %w", err)
	}
	return nil
}

// begin ends the present contact, lets the one of the draft begin on the day, keeps the
// company's general contact unit in step, and tells the company.
func (s *Contacts) begin(ctx context.Context, tx *sqlx.Tx, by org.Actor, id ledger.ProjectID, h held, d ContactDraft, on calendar.Date, handover HandoverID, action string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE project_contacts SET until_on = $2 WHERE project_id = $1 AND until_on IS NULL`, id, on); err != nil {
		return fmt.Errorf("end a contact: %w", err)
	}
	var row int64
	const q = `INSERT INTO project_contacts (project_id, unit_id, person, phone, from_on, handover_id, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5, nullif($6::bigint, 0), $7, $8) RETURNING id`
	if err := tx.GetContext(ctx, &row, q, id, d.Unit, d.Person, d.Phone, on, handover, by.Account, s.now()); err != nil {
		return fmt.Errorf("begin a contact: %w", err)
	}
	// the company keeps its general contact unit while that still has a project of it
	const step = `UPDATE companies c SET contact_unit_id = $2 WHERE c.id = $1 AND (c.contact_unit_id IS NULL OR (c.contact_unit_id = $3 AND NOT EXISTS
		(SELECT FROM projects p JOIN project_contacts k ON k.project_id = p.id AND k.until_on IS NULL WHERE p.company_id = c.id AND k.unit_id = $3)))`
	if _, err := tx.ExecContext(ctx, step, h.Company, d.Unit, h.Unit); err != nil {
		return fmt.Errorf("keep the company's contact unit: %w", err)
	}
	if h.Company != 0 {
		m := notify.Message{Kind: "contact-new", To: []notify.To{{Company: h.Company}}, Topic: contactTopic(id), Link: "/c/care", Key: fmt.Sprintf("contact-new:%d", row),
			Args: map[string]string{"No": h.No, "Unit": unitWord(d.Unit), "Person": d.Person, "Phone": d.Phone}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return record.Append(ctx, tx, by, action, fmt.Sprintf("project:%d", id), map[string]any{"unit": d.Unit, "person": d.Person, "from": on, "before": h.Unit})
}

func contactTopic(id ledger.ProjectID) string { return fmt.Sprintf("contact:%d", id) }

func unitWord(u org.UnitID) string { return "unit:" + strconv.FormatInt(int64(u), 10) }

// SetPerson names another person of the present contact unit, from today: the unit
// itself does, or the offices for it.
func (s *Contacts) SetPerson(ctx context.Context, by org.Actor, id ledger.ProjectID, d ContactDraft) error {
	if !KeepsContacts(by) && !by.Is(org.RoleHead, org.RoleOfficer) {
		return fault.ErrForbidden
	}
	if err := d.person().Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		h, err := lockProject(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !KeepsContacts(by) && !by.OfUnit(h.Unit):
			return fault.ErrNotFound
		case h.Unit == 0:
			return ErrNoContact
		case h.Person == d.Person && h.Phone == d.Phone:
			return nil
		}
		d.Unit = h.Unit
		return s.begin(ctx, tx, by, id, h, d, s.today(), 0, "contact.person-changed")
	})
}

// Propose asks another unit to become contact unit of the project: the present one
// does, or the offices. One proposal is open at a time.
func (s *Contacts) Propose(ctx context.Context, by org.Actor, id ledger.ProjectID, to org.UnitID, reason, idem string) error {
	if !KeepsContacts(by) && !by.Is(org.RoleHead, org.RoleOfficer) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("reason", reason, 4, maxHandoverText)
	if to == 0 {
		f.Add("to", "contact.unit-missing")
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		h, err := lockProject(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !KeepsContacts(by) && !by.OfUnit(h.Unit):
			return fault.ErrNotFound
		case h.Unit == 0:
			return ErrNoContact
		case to == h.Unit:
			f.Add("to", "contact.to-itself")
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := working(ctx, tx, "to", to); err != nil {
			return err
		}
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM contact_handovers WHERE idem = $1`, idem); err != nil || n > 0 {
			return err
		}
		var row HandoverID
		const q = `INSERT INTO contact_handovers (project_id, from_unit_id, to_unit_id, by_unit_id, reason, proposed_by, proposed_at, idem)
			VALUES ($1, $2, $3, nullif($4::bigint, 0), $5, $6, $7, $8) RETURNING id`
		err = tx.GetContext(ctx, &row, q, id, h.Unit, to, by.Unit, reason, by.Account, s.now(), idem)
		if postgres.Violates(err, "contact_handovers_one_open") {
			return ErrHandoverOpen
		}
		if err != nil {
			return fmt.Errorf("propose a hand-over: %w", err)
		}
		m := notify.Message{Kind: "contact-proposed", To: []notify.To{{Unit: to}}, Topic: contactTopic(id), Link: fmt.Sprintf("/d/contacts/%d", id), Key: fmt.Sprintf("contact-proposed:%d", row),
			Args: map[string]string{"No": h.No, "Unit": unitWord(h.Unit)}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "contact.proposed", fmt.Sprintf("project:%d", id), map[string]any{"from": h.Unit, "to": to})
	})
}
