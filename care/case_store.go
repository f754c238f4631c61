package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Cases keeps one-stop cases.
type Cases struct {
	db  *sqlx.DB
	now func() time.Time
	cal *calendar.Store
}

// NewCases returns a store of one-stop cases over db; now is in UTC.
func NewCases(db *sqlx.DB, now func() time.Time, cal *calendar.Store) *Cases {
	return &Cases{db: db, now: now, cal: cal}
}

// ErrMoved: somebody else did it meanwhile, or the case is over.
var ErrMoved = fault.New(fault.Conflict, "onestop.moved")

// ErrOpenStep: a case is closed only when all its steps are.
var ErrOpenStep = fault.New(fault.Conflict, "onestop.open-step")

const caseColumns = `SELECT x.id, x.ref, x.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", x.area, x.title, x.note, x.state,
	coalesce(x.lead_unit_id, 0) AS lead, coalesce(u.name_zh, '') AS "lead_name.name_zh", coalesce(u.name_en, '') AS "lead_name.name_en", coalesce(u.name_ru, '') AS "lead_name.name_ru",
	x.contact, x.phone, x.entered_at, x.ended_at, x.ending
	FROM onestop_cases x JOIN companies c ON c.id = x.company_id LEFT JOIN units u ON u.id = x.lead_unit_id `

// caseScope limits cases to what the actor may see: a company its own, a unit those it
// leads and those in which it has a step, the offices and the supervision office all.
func caseScope(a org.Actor) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return `x.company_id = $1`, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return `(x.lead_unit_id = $1 OR EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = x.id AND s.unit_id = $1))`, a.Unit, true
	case a.IsOffice() || a.Role == org.RoleSupervision:
		return `$1::bigint IS NOT NULL`, 0, true
	}
	return "", nil, false
}

// Enter puts a case on record and returns its number. A company asks for one; an
// office opens one and names the unit that leads it; a unit opens one that it leads.
// The same idem returns the same number.
func (s *Cases) Enter(ctx context.Context, by org.Actor, d CaseDraft, idem string) (string, error) {
	c := Case{State: "open"}
	switch {
	case by.Role == org.RoleCompany:
		c.State, d = "asked", CaseDraft{Company: by.Company, Area: d.Area, Title: d.Title, Note: d.Note}
	case by.Is(org.RoleHead, org.RoleOfficer):
		d.Lead = by.Unit
	case !by.IsOffice():
		return "", fault.ErrForbidden
	}
	if err := d.check(c.State == "open"); err != nil {
		return "", err
	}
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		known, err := same(ctx, tx, `SELECT ref FROM onestop_cases WHERE idem = $1`, idem, &c.Ref)
		if known || err != nil {
			return err
		}
		if err := activeUnit(ctx, tx, "lead", d.Lead); err != nil {
			return err
		}
		if c.Ref, err = number(ctx, tx, "onestop", "YZ-%d-%03d", calendar.DateOf(s.now()).Year()); err != nil {
			return err
		}
		c.Company, c.Lead, c.Contact, c.Phone = d.Company, d.Lead, d.Contact, d.Phone
		const q = `INSERT INTO onestop_cases (ref, company_id, area, title, note, state, lead_unit_id, contact, phone, entered_by, entered_at, opened_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), $8, $9, $10, $11, CASE WHEN $6 = 'open' THEN $11::timestamptz END, $12)`
		if _, err := tx.ExecContext(ctx, q, c.Ref, d.Company, d.Area, d.Title, d.Note, c.State, d.Lead, d.Contact, d.Phone, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("enter case: %w", err)
		}
		return s.acted(ctx, tx, by, c, c.State)
	})
	return c.Ref, err
}

// acted notes an act on a case and tells whom it concerns.
func (s *Cases) acted(ctx context.Context, tx *sqlx.Tx, by org.Actor, c Case, act string) error {
	m := notify.Message{Topic: "onestop:" + c.Ref, Args: map[string]string{"Ref": c.Ref, "Contact": c.Contact, "Phone": c.Phone}, Key: fmt.Sprintf("onestop-%s-%s-%d", c.Ref, act, s.now().UnixNano())}
	m.To, m.Link = []notify.To{{Company: c.Company}}, "/c/cases/"+c.Ref
	switch act {
	case "asked":
		m.Kind = "onestop-asked"
		m.To, m.Link = []notify.To{{Body: org.BodyGovernmentOffice}}, "/o/cases/"+c.Ref
	case "open":
		m.Kind = "onestop-opened"
		lead := m
		lead.Kind, lead.To, lead.Link, lead.Key = "onestop-lead", []notify.To{{Unit: c.Lead}}, "/d/cases/"+c.Ref, m.Key+"-lead"
		if err := notify.Post(ctx, tx, s.now(), lead); err != nil {
			return err
		}
	case "contact":
		m.Kind = "onestop-contact"
	case "declined":
		m.Kind = "onestop-declined"
	case "closed":
		m.Kind = "onestop-closed"
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "onestop."+act, "onestop:"+c.Ref, map[string]any{"lead": c.Lead})
}

// Cases returns a page of the cases the actor may see; open: without those that are
// over. Those come first whose step ends first.
func (s *Cases) Cases(ctx context.Context, by org.Actor, open bool, page, size int) ([]Case, int, error) {
	scope, arg, ok := caseScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	where := `WHERE ` + scope + ` AND (NOT $2 OR x.state IN ('asked', 'open'))`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM onestop_cases x `+where, arg, open); err != nil {
		return nil, 0, fmt.Errorf("count cases: %w", err)
	}
	var out []Case
	const order = ` ORDER BY x.state NOT IN ('asked', 'open'), (SELECT min(s.due_on) FROM onestop_steps s WHERE s.case_id = x.id AND s.state = 'open') NULLS FIRST, x.id DESC LIMIT $3 OFFSET $4`
	if err := s.db.SelectContext(ctx, &out, caseColumns+where+order, arg, open, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list cases: %w", err)
	}
	return out, total, s.fill(ctx, s.db, by, out)
}

// Case returns one case to those who may see it, with the steps they may see;
// ErrNotFound to others.
func (s *Cases) Case(ctx context.Context, by org.Actor, ref string) (Case, error) {
	return s.read(ctx, s.db, by, ref, "")
}

func (s *Cases) read(ctx context.Context, db sqlx.ExtContext, by org.Actor, ref, lock string) (Case, error) {
	scope, arg, ok := caseScope(by)
	if !ok {
		return Case{}, fault.ErrNotFound
	}
	one := make([]Case, 1)
	err := sqlx.GetContext(ctx, db, &one[0], caseColumns+`WHERE `+scope+` AND x.ref = $2`+lock, arg, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return Case{}, fault.ErrNotFound
	}
	if err != nil {
		return Case{}, fmt.Errorf("read case: %w", err)
	}
	err = s.fill(ctx, db, by, one)
	return one[0], err
}

// fill reads the steps of cases, derives the line of each, and leaves the reader the
// steps that are his to see: a company all, with the unit where the lead shows it; a
// unit that does not lead its own.
func (s *Cases) fill(ctx context.Context, db sqlx.ExtContext, by org.Actor, list []Case) error {
	ids := make(pq.Int64Array, len(list))
	at := map[int64]*Case{}
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	const q = `SELECT s.id, s.case_id, s.stage, s.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", s.what, s.days, s.shown, s.state,
		coalesce(to_char(s.due_on, 'YYYY-MM-DD'), '') AS due_on, s.ended_at, s.ending FROM onestop_steps s JOIN units u ON u.id = s.unit_id WHERE s.case_id = ANY($1) ORDER BY s.case_id, s.stage, s.id`
	var steps []Step
	if err := sqlx.SelectContext(ctx, db, &steps, q, ids); err != nil {
		return fmt.Errorf("read steps: %w", err)
	}
	for _, x := range steps {
		at[x.Case].Steps = append(at[x.Case].Steps, x)
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Status = StatusOf(list[i], list[i].Steps, cal, calendar.DateOf(s.now()))
		list[i].Steps = visible(by, list[i])
	}
	return nil
}

// visible are the steps of a case that the actor may see, and of each what he may see.
func visible(by org.Actor, c Case) []Step {
	var out []Step
	for _, x := range c.Steps {
		switch {
		case by.Role == org.RoleCompany:
			if x.State == "dropped" {
				continue
			}
			x.Due, x.Ending = "", ""
			if !x.Shown {
				x.Unit, x.UnitName = 0, org.Names{}
			}
		case by.Is(org.RoleHead, org.RoleOfficer) && by.Unit != c.Lead && by.Unit != x.Unit:
			continue
		}
		out = append(out, x)
	}
	return out
}

// Waiting counts what waits for the actor: "cases" are steps his unit is to do and cases
// it is to plan or to close; for the offices cases asked for.
func (s *Cases) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	q, arg := "", any(by.Unit)
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer):
		q = `SELECT (SELECT count(*) FROM onestop_steps WHERE unit_id = $1 AND state = 'open') + (SELECT count(*) FROM onestop_cases x WHERE x.lead_unit_id = $1 AND x.state = 'open'
			AND NOT EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = x.id AND s.state IN ('waiting', 'open')))`
	case by.IsOffice():
		q, arg = `SELECT count(*) FROM onestop_cases WHERE state = $1`, "asked"
	default:
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, q, arg); err != nil {
		return nil, fmt.Errorf("count cases that wait: %w", err)
	}
	return map[string]int{"cases": n}, nil
}
