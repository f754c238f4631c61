package shield

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Kinds are the kinds of records.
var Kinds = []string{"inspection", "fine", "contact"}

// Inspection is something a unit did at a company.
type Inspection struct {
	ID       int64         `db:"id"`
	Unit     org.UnitID    `db:"unit_id"`
	UnitName org.Names     `db:"unit"`
	Company  org.CompanyID `db:"company_id"`
	CompName org.Names     `db:"company"`
	Kind     string        `db:"kind"`
	On       calendar.Date `db:"on_day"`
	Plan     string        `db:"plan"` // its number; "" without one
	Basis    string        `db:"basis"`
	NoPlan   string        `db:"no_plan_why"`
	Amount   string        `db:"amount"` // of a fine, yuan
	Entered  time.Time     `db:"entered_at"`
}

// Plan is an inspection announced here before it is made.
type Plan struct {
	ID       int64         `db:"id"`
	No       string        `db:"no"`
	Company  org.CompanyID `db:"company_id"`
	CompName org.Names     `db:"company"`
	From     calendar.Date `db:"from_on"`
	Until    calendar.Date `db:"until_on"`
	Subject  string        `db:"subject"`
}

// PlanDraft is a plan as typed.
type PlanDraft struct {
	Company org.CompanyID
	From    string
	Until   string
	Subject string
}

// records reports whose records the actor keeps: his own unit's, or (0) anyone's.
func records(a org.Actor) (org.UnitID, bool) {
	switch {
	case a.Is(org.RoleHead, org.RoleOfficer):
		return a.Unit, true
	case a.IsOffice(), watches(a):
		return 0, true
	}
	return 0, false
}

// AddPlan announces an inspection and returns its number. It counts as planned as of
// the moment it is entered, whatever period it names.
func (s *Store) AddPlan(ctx context.Context, by org.Actor, d PlanDraft, idem string) (string, error) {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return "", fault.ErrForbidden
	}
	f := fault.Fields{}
	from, err := calendar.ParseDate(d.From)
	if err != nil || from < s.today() {
		f.Add("from", "shield.plan-from")
	}
	until, err := calendar.ParseDate(d.Until)
	if err != nil || until < from || until > from.AddDays(366) {
		f.Add("until", "shield.plan-until")
	}
	f.Length("subject", d.Subject, 4, MaxBasis)
	if d.Company == 0 {
		f.Add("company", "visit.company-missing")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	var no string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var known []string
		if err := tx.SelectContext(ctx, &known, `SELECT no FROM inspection_plans WHERE idem = $1`, idem); err != nil {
			return fmt.Errorf("look for the plan: %w", err)
		}
		if len(known) > 0 {
			no = known[0]
			return nil
		}
		var err error
		if no, err = number(ctx, tx, "inspection_plan", "JC-%d-%04d", s.today().Year()); err != nil {
			return err
		}
		const q = `INSERT INTO inspection_plans (no, unit_id, company_id, from_on, until_on, subject, entered_by, entered_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
		if _, err := tx.ExecContext(ctx, q, no, by.Unit, d.Company, from, until, d.Subject, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("add plan: %w", err)
		}
		return record.Append(ctx, tx, by, "inspection.planned", "plan:"+no, nil)
	})
	return no, err
}

// InspectionDraft is a record as typed.
type InspectionDraft struct {
	Unit    org.UnitID // for the offices; a unit enters its own
	Company org.CompanyID
	Kind    string
	On      string
	Plan    string // number; an inspection without one says why
	Basis   string
	NoPlan  string
	Amount  string
}

var money = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,2})?$`)

func (d InspectionDraft) check(today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	on, err := calendar.ParseDate(d.On)
	switch {
	case err != nil:
		f.Add("on", "visit.date-missing")
	case on > today:
		f.Add("on", "visit.date-ahead")
	}
	if !slices.Contains(Kinds, d.Kind) {
		f.Add("kind", "shield.kind-missing")
	}
	if d.Company == 0 {
		f.Add("company", "visit.company-missing")
	}
	f.Length("basis", d.Basis, 4, MaxBasis)
	if d.Kind == "inspection" && d.Plan == "" {
		f.Length("no_plan", d.NoPlan, 5, MaxBasis)
	}
	if d.Kind == "fine" && (!money.MatchString(d.Amount) || strings.Trim(d.Amount, "0.") == "") {
		f.Add("amount", "shield.amount-missing")
	}
	return on, f
}

// AddInspection enters a record. An inspection needs the number of a plan of the same
// unit and company, or the reason why there is none.
func (s *Store) AddInspection(ctx context.Context, by org.Actor, d InspectionDraft, idem string) error {
	own, ok := records(by)
	if !ok || watches(by) {
		return fault.ErrForbidden
	}
	if own != 0 {
		d.Unit = own
	}
	on, f := d.check(s.today())
	if d.Unit == 0 {
		f.Add("unit", "shield.unit-missing")
	}
	var plan int64
	if d.Plan != "" {
		var ids []int64
		if err := s.db.SelectContext(ctx, &ids, `SELECT id FROM inspection_plans WHERE no = $1 AND unit_id = $2 AND company_id = $3`, d.Plan, d.Unit, d.Company); err != nil {
			return fmt.Errorf("look for the plan: %w", err)
		}
		if len(ids) == 0 {
			f.Add("plan", "shield.plan-unknown")
		} else {
			plan = ids[0]
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if d.Kind != "fine" {
		d.Amount = ""
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO inspections (unit_id, company_id, kind, on_day, plan_id, basis, no_plan_why, amount, entered_by, entered_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, '')::numeric, $9, $10, $11) ON CONFLICT ON CONSTRAINT inspections_idem_key DO NOTHING`
		res, err := tx.ExecContext(ctx, q, d.Unit, d.Company, d.Kind, on, orNull(plan), d.Basis, d.NoPlan, d.Amount, by.Account, s.now(), idem)
		if err != nil {
			return fmt.Errorf("add record: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return nil // the same post again
		}
		return record.Append(ctx, tx, by, "inspection.recorded", fmt.Sprintf("unit:%d", d.Unit), map[string]any{"kind": d.Kind, "plan": d.Plan})
	})
}

const inspectionColumns = `x.id, x.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", x.company_id,
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", x.kind, to_char(x.on_day, 'YYYY-MM-DD') AS on_day,
	coalesce(p.no, '') AS plan, x.basis, x.no_plan_why, coalesce(x.amount::text, '') AS amount, x.entered_at
	FROM inspections x JOIN units u ON u.id = x.unit_id JOIN companies c ON c.id = x.company_id LEFT JOIN inspection_plans p ON p.id = x.plan_id `

// Inspections returns a page of the records the actor keeps, the latest first, and how
// many there are. A company sees what is on record of itself.
func (s *Store) Inspections(ctx context.Context, by org.Actor, page, size int) ([]Inspection, int, error) {
	unit, ok := records(by)
	company := org.CompanyID(0)
	if by.Role == org.RoleCompany {
		company, ok = by.Company, true
	}
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE ($1 = 0 OR x.unit_id = $1) AND ($2 = 0 OR x.company_id = $2)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM inspections x `+where, unit, company); err != nil {
		return nil, 0, fmt.Errorf("count records: %w", err)
	}
	var out []Inspection
	const order = ` ORDER BY x.on_day DESC, x.id DESC`
	if err := s.db.SelectContext(ctx, &out, `SELECT `+inspectionColumns+`WHERE x.id IN (SELECT x.id FROM inspections x `+where+order+` LIMIT $3 OFFSET $4)`+order, unit, company, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list records: %w", err)
	}
	return out, total, nil
}

// Plans returns the plans of the actor's unit that are not over, or of all units.
func (s *Store) Plans(ctx context.Context, by org.Actor) ([]Plan, error) {
	unit, ok := records(by)
	if !ok {
		return nil, fault.ErrNotFound
	}
	var out []Plan
	const q = `SELECT p.id, p.no, p.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
			to_char(p.from_on, 'YYYY-MM-DD') AS from_on, to_char(p.until_on, 'YYYY-MM-DD') AS until_on, p.subject
		FROM inspection_plans p JOIN companies c ON c.id = p.company_id WHERE ($1 = 0 OR p.unit_id = $1) AND p.until_on >= $2 ORDER BY p.from_on, p.id LIMIT 200`
	if err := s.db.SelectContext(ctx, &out, q, unit, s.today()); err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return out, nil
}

// CompanyByLicence finds the company with a licence number; 0: none.
func (s *Store) CompanyByLicence(ctx context.Context, licence string) (org.CompanyID, error) {
	var ids []org.CompanyID
	if err := s.db.SelectContext(ctx, &ids, `SELECT id FROM companies WHERE licence = $1`, licence); err != nil {
		return 0, fmt.Errorf("find the company: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return ids[0], nil
}
