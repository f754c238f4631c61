package feedback

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const visitColumns = `v.id, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", u.code, v.company_id,
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
	v.year, v.quarter, v.due, coalesce(to_char(v.visited_on, 'YYYY-MM-DD'), '') AS visited_on, v.staff, v.purpose, v.matters, v.requested_at, v.link_until,
	coalesce(sh.no, '') AS sheet_no, coalesce(v.token_sealed, '') AS token_sealed, coalesce(v.minutes, 0) AS minutes, v.reported_at IS NOT NULL AND v.recorded_at IS NULL AS reported,
	coalesce(to_char(v.planned_on, 'YYYY-MM-DD'), '') AS planned_on
	FROM visits v JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id LEFT JOIN sheets sh ON sh.visit_id = v.id `

// Errors of visits.
var (
	ErrVisitLink  = fault.New(fault.Gone, "visit.link-over")
	ErrNotVisited = fault.New(fault.Conflict, "visit.not-made")
)

// VisitFilter narrows a list of visits; zero values narrow nothing.
type VisitFilter struct {
	Year    int
	Quarter int
	Unit    org.UnitID
	Company org.CompanyID
	State   string // planned, made, requested, returned
	Page    int
	Size    int
}

// visitScope narrows to what the actor may see: a company its own, a unit its
// own, the offices, clerks and administrators all.
func visitScope(a org.Actor) (unit org.UnitID, company org.CompanyID, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return 0, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return a.Unit, 0, true
	case isDuty(a), a.Is(org.RoleClerk, org.RoleCampaignAdmin):
		return 0, 0, true
	}
	return 0, 0, false
}

// Visits returns a page of visits, planned ones of the quarter first, and how
// many there are in all. A unit learns whether a visit is on record, never
// whether its sheet came back: neither from a row nor by filtering.
func (s *Store) Visits(ctx context.Context, by org.Actor, f VisitFilter) ([]Visit, int, error) {
	unit, company, ok := visitScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	if unit != 0 {
		f.Unit = unit
	}
	if company != 0 {
		f.Company = company
	}
	where := `WHERE ($1 = 0 OR v.year = $1) AND ($2 = 0 OR v.quarter = $2) AND ($3 = 0 OR v.unit_id = $3) AND ($4 = 0 OR v.company_id = $4)
		AND ($5 = '' OR $5 = CASE WHEN sh.id IS NOT NULL AND NOT $6 THEN 'returned' WHEN v.requested_at IS NOT NULL AND NOT $6 THEN 'requested'
			WHEN v.visited_on IS NOT NULL THEN 'made' ELSE 'planned' END)
		AND (NOT $6 OR v.reported_at IS NULL OR v.recorded_at IS NOT NULL)`
	args := []any{f.Year, f.Quarter, f.Unit, f.Company, f.State, unit != 0}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM visits v LEFT JOIN sheets sh ON sh.visit_id = v.id `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count visits: %w", err)
	}
	var out []Visit
	const order = ` ORDER BY v.year DESC, v.quarter DESC, v.visited_on DESC NULLS FIRST, v.id DESC`
	q := `SELECT ` + visitColumns + `WHERE v.id IN (SELECT v.id FROM visits v LEFT JOIN sheets sh ON sh.visit_id = v.id ` + where + order + ` LIMIT $7 OFFSET $8)` + order
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list visits: %w", err)
	}
	if unit != 0 {
		for i := range out {
			out[i] = forUnit(out[i])
		}
	}
	return out, total, nil
}

// forUnit takes out what the visiting unit must not learn.
func forUnit(v Visit) Visit {
	v.SheetNo, v.Sealed, v.Requested, v.LinkUntil = "", nil, nil, nil
	return v
}

// Visit returns one visit to those it concerns.
func (s *Store) Visit(ctx context.Context, by org.Actor, id VisitID) (Visit, error) {
	unit, company, ok := visitScope(by)
	if !ok {
		return Visit{}, fault.ErrNotFound
	}
	v, err := s.visit(ctx, `WHERE v.id = $1`, id)
	if err != nil {
		return v, err
	}
	if (unit != 0 && v.Unit != unit) || (company != 0 && v.Company != company) || (unit != 0 && v.Reported) {
		return Visit{}, fault.ErrNotFound
	}
	if unit != 0 {
		v = forUnit(v)
	}
	return v, nil
}

func (s *Store) visit(ctx context.Context, where string, arg any) (Visit, error) {
	var v Visit
	err := s.db.GetContext(ctx, &v, `SELECT `+visitColumns+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("read visit: %w", err)
	}
	return v, nil
}

// Plan puts one visit into the plan of a quarter, without a day; package care plans with days
// and limits.
func (s *Store) Plan(ctx context.Context, by org.Actor, unit org.UnitID, company org.CompanyID, year, quarter int) (int, error) {
	if !by.IsOffice() && by.Role != org.RoleCampaignAdmin {
		return 0, fault.ErrForbidden
	}
	f := fault.Fields{}
	if unit == 0 {
		f.Add("unit", "visit.unit-missing")
	}
	if company == 0 {
		f.Add("company", "visit.company-missing")
	}
	if quarter < 1 || quarter > 4 || year < 2007 || year > 2100 {
		f.Add("quarter", "visit.quarter-unknown")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	const q = `INSERT INTO visits (unit_id, company_id, year, quarter, due, idem)
		SELECT u.id, c.id, $3::int, $4::int, true, format('plan-%s-%s-%s-%s', u.id, c.id, $3::int, $4::int)
		FROM units u, companies c WHERE u.id = $1 AND c.id = $2
		ON CONFLICT (unit_id, company_id, year, quarter) WHERE due DO NOTHING`
	return s.plan(ctx, by, year, quarter, q, unit, company, year, quarter)
}

func (s *Store) plan(ctx context.Context, by org.Actor, year, quarter int, q string, args ...any) (int, error) {
	var n int64
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, q, args...)
		if err != nil {
			return fmt.Errorf("plan visits: %w", err)
		}
		if n, err = res.RowsAffected(); err != nil {
			return fmt.Errorf("plan visits: %w", err)
		}
		return record.Append(ctx, tx, by, "visits.planned", fmt.Sprintf("quarter:%d-%d", year, quarter), map[string]any{"added": n})
	})
	return int(n), err
}

// newToken is the secret of a sheet's link: 128 bits, as an address may carry them.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// visitOfForm returns the visit that the same form made before, 0 for a new form; the
// form is locked until the transaction ends.
func visitOfForm(ctx context.Context, tx *sqlx.Tx, idem string) (VisitID, error) {
	if err := only(ctx, tx, idem); err != nil {
		return 0, err
	}
	var known []VisitID
	if err := tx.SelectContext(ctx, &known, `SELECT id FROM visits WHERE idem = $1`, idem); err != nil {
		return 0, fmt.Errorf("look for the visit: %w", err)
	}
	if len(known) == 0 {
		return 0, nil
	}
	return known[0], nil
}

// RecordVisit enters a visit that was made; it fills the planned one of the
// quarter, or stands beside the plan. The sheet's link is made at once and goes
// to the company and the offices, never to the unit: whoever has the link can
// fill in the sheet.
func (s *Store) RecordVisit(ctx context.Context, by org.Actor, r VisitRecord, idem string) (VisitID, error) {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
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
		if found, err := s.registered(ctx, tx, by, on, r); err != nil || found != 0 {
			id = found
			if err != nil {
				return err
			}
			return record.Append(ctx, tx, by, "visit.recorded", fmt.Sprintf("visit:%d", id), map[string]any{"reported": true})
		}
		args := []any{by.Unit, r.Company, on.Year(), on.Quarter(), on, r.Staff, r.Purpose, r.Matters, tokenHash(token), s.sealed(token),
			s.now(), on.AddDays(LinkDays).End(), idem, by.Account}
		const fill = `UPDATE visits SET visited_on = $5, staff = $6, purpose = $7, matters = $8, token_hash = $9, token_sealed = $10,
				requested_at = $11::timestamptz, link_until = greatest($12::timestamptz, $11::timestamptz + interval '7 days'), idem = $13, recorded_by = $14, recorded_at = $11::timestamptz
			WHERE id = (SELECT id FROM visits WHERE unit_id = $1 AND company_id = $2 AND year = $3 AND quarter = $4 AND due AND visited_on IS NULL FOR UPDATE)
			RETURNING id`
		const add = `INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, staff, purpose, matters, token_hash, token_sealed,
				requested_at, link_until, idem, recorded_by, recorded_at)
			SELECT $1, c.id, $3::int, $4::smallint, false, $5::date, $6, $7, $8, $9, $10, $11::timestamptz, greatest($12::timestamptz, $11::timestamptz + interval '7 days'), $13, $14, $11::timestamptz
			FROM companies c WHERE c.id = $2 AND c.active RETURNING id`
		err = tx.GetContext(ctx, &id, fill, args...)
		if errors.Is(err, sql.ErrNoRows) {
			err = tx.GetContext(ctx, &id, add, args...)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return fault.Field("company", "visit.company-missing")
		}
		if err != nil {
			return fmt.Errorf("record visit: %w", err)
		}
		if err := s.tellOfVisit(ctx, tx, id, r.Company, by.Unit, r); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "visit.recorded", fmt.Sprintf("visit:%d", id), nil)
	})
	return id, err
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte("pingyi/sheet/v1" + token))
	return sum[:]
}

// Link returns the token of a visit's sheet to the company and to the two
// offices and their clerks; nobody else.
func (s *Store) Link(ctx context.Context, by org.Actor, id VisitID) (string, error) {
	v, err := s.Visit(ctx, by, id)
	if err != nil {
		return "", err
	}
	if by.Role != org.RoleCompany && !by.IsOffice() && by.Role != org.RoleClerk {
		return "", fault.ErrNotFound
	}
	if v.Requested == nil {
		return "", ErrNotVisited
	}
	return s.opened(v.Sealed), nil
}

// VisitByToken returns the visit of a link. Officials are refused even with a
// link: the sheet is the company's. An unknown link does not exist; an old one is
// over.
func (s *Store) VisitByToken(ctx context.Context, by org.Actor, token string) (Visit, error) {
	if by.SignedIn() && by.Role != org.RoleCompany && by.Role != org.RoleClerk {
		return Visit{}, ErrSheetNotYours
	}
	v, err := s.visit(ctx, `WHERE v.token_hash = $1`, tokenHash(token))
	if err != nil {
		return v, err
	}
	if by.Role == org.RoleCompany && by.Company != v.Company {
		return Visit{}, fault.ErrNotFound
	}
	if v.SheetNo == "" && v.LinkUntil != nil && s.now().After(*v.LinkUntil) {
		return v, ErrVisitLink
	}
	return v, nil
}
