package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// Contacts keeps which unit and person are in contact with the investor of a project.
type Contacts struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewContacts returns the contacts kept in db. now gives the present in UTC.
func NewContacts(db *sqlx.DB, now func() time.Time) *Contacts { return &Contacts{db: db, now: now} }

func (s *Contacts) today() calendar.Date { return calendar.DateOf(s.now()) }

const chargeColumns = `SELECT p.id, p.no, p.name_zh, p.name_en, p.name_ru, coalesce(p.company_id, 0) AS company_id, p.investor, p.state, p.is_key,
	coalesce(c.name_zh, '') AS "company.name_zh", coalesce(c.name_en, '') AS "company.name_en", coalesce(c.name_ru, '') AS "company.name_ru",
	coalesce(k.unit_id, 0) AS "contact.unit_id", coalesce(u.name_zh, '') AS "contact.unit.name_zh", coalesce(u.name_en, '') AS "contact.unit.name_en",
	coalesce(u.name_ru, '') AS "contact.unit.name_ru", coalesce(k.person, '') AS "contact.person", coalesce(k.phone, '') AS "contact.phone",
	coalesce(to_char(k.from_on, 'YYYY-MM-DD'), '') AS "contact.from_on", h.id IS NOT NULL AS handing, coalesce(h.to_unit_id = $1, false) AS to_me `
const chargeTables = `FROM projects p LEFT JOIN companies c ON c.id = p.company_id
	LEFT JOIN project_contacts k ON k.project_id = p.id AND k.until_on IS NULL LEFT JOIN units u ON u.id = k.unit_id
	LEFT JOIN contact_handovers h ON h.project_id = p.id AND h.state = 'open' `

// ChargeFilter narrows the list of projects by their contacts.
type ChargeFilter struct {
	Only       string // "missing": no contact unit named; "handing": a hand-over is open; "": all
	Page, Size int
}

// scope narrows to what the actor may see: a unit its projects and those it is asked to
// take, a company its own, those who read projects all.
func (s *Contacts) scope(a org.Actor) (unit org.UnitID, company org.CompanyID, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return 0, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return a.Unit, 0, true
	case ledger.ReadsProjects(a):
		return 0, 0, true
	}
	return 0, 0, false
}

const chargeScope = `($1 = 0 OR k.unit_id = $1 OR h.to_unit_id = $1) AND ($2 = 0 OR p.company_id = $2)`

// Charges returns a page of the projects the actor may see with their contacts, those
// that wait for something first, and how many there are. Projects that ended are left
// out unless they have a contact.
func (s *Contacts) Charges(ctx context.Context, by org.Actor, f ChargeFilter) ([]Charge, int, error) {
	unit, company, ok := s.scope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE ` + chargeScope + ` AND (p.state <> 'ended' OR k.id IS NOT NULL)
		AND CASE $3 WHEN 'missing' THEN k.id IS NULL WHEN 'handing' THEN h.id IS NOT NULL ELSE true END`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) `+chargeTables+where, unit, company, f.Only); err != nil {
		return nil, 0, fmt.Errorf("count projects with contacts: %w", err)
	}
	var out []Charge
	q := chargeColumns + chargeTables + where + ` ORDER BY h.to_unit_id IS NOT DISTINCT FROM $1::bigint DESC, k.id IS NULL DESC, h.id IS NULL, p.is_key DESC, p.no LIMIT $4 OFFSET $5`
	if err := s.db.SelectContext(ctx, &out, q, unit, company, f.Only, f.Size, max(0, f.Page-1)*f.Size); err != nil {
		return nil, 0, fmt.Errorf("list projects with contacts: %w", err)
	}
	return out, total, nil
}

// Charge returns one project with its contact to those who may see it.
func (s *Contacts) Charge(ctx context.Context, by org.Actor, id ledger.ProjectID) (Charge, error) {
	var p Charge
	unit, company, ok := s.scope(by)
	if !ok {
		return p, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &p, chargeColumns+chargeTables+`WHERE `+chargeScope+` AND p.id = $3`, unit, company, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("read project with contact: %w", err)
	}
	return p, nil
}

// History returns who was in contact with the project's investor, the present one
// first, to those who may see the project.
func (s *Contacts) History(ctx context.Context, by org.Actor, id ledger.ProjectID) ([]Contact, error) {
	if _, err := s.Charge(ctx, by, id); err != nil {
		return nil, err
	}
	var out []Contact
	const q = `SELECT k.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", k.person, k.phone,
			to_char(k.from_on, 'YYYY-MM-DD') AS from_on, coalesce(to_char(k.until_on, 'YYYY-MM-DD'), '') AS until_on
		FROM project_contacts k JOIN units u ON u.id = k.unit_id WHERE k.project_id = $1 ORDER BY k.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return out, nil
}

const handoverColumns = `SELECT h.id, h.project_id, h.from_unit_id, a.name_zh AS "from_unit.name_zh", a.name_en AS "from_unit.name_en", a.name_ru AS "from_unit.name_ru",
	h.to_unit_id, b.name_zh AS "to_unit.name_zh", b.name_en AS "to_unit.name_en", b.name_ru AS "to_unit.name_ru", coalesce(h.by_unit_id, 0) AS by_unit_id,
	h.reason, h.proposed_at, h.state, h.answer, coalesce(to_char(h.on_day, 'YYYY-MM-DD'), '') AS on_day, h.answered_at
	FROM contact_handovers h JOIN units a ON a.id = h.from_unit_id JOIN units b ON b.id = h.to_unit_id `

// Handovers returns the hand-overs of a project, the newest first, to officials who may
// see it. A unit that was only asked reads those that name it.
func (s *Contacts) Handovers(ctx context.Context, by org.Actor, id ledger.ProjectID) ([]Handover, error) {
	if by.Role == org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	p, err := s.Charge(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var only org.UnitID
	if by.Is(org.RoleHead, org.RoleOfficer) && by.Unit != p.Contact.Unit {
		only = by.Unit
	}
	var out []Handover
	q := handoverColumns + `WHERE h.project_id = $1 AND ($2 = 0 OR $2 IN (h.from_unit_id, h.to_unit_id)) ORDER BY h.id DESC LIMIT 50`
	if err := s.db.SelectContext(ctx, &out, q, id, only); err != nil {
		return nil, fmt.Errorf("read hand-overs: %w", err)
	}
	return out, nil
}

// Waiting counts what waits for the actor: hand-overs his unit is asked to accept, by
// the name of their section.
func (s *Contacts) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM contact_handovers WHERE to_unit_id = $1 AND state = 'open'`, by.Unit); err != nil {
		return nil, fmt.Errorf("count hand-overs: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	return map[string]int{"handovers": n}, nil
}
