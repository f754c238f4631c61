package care

import (
	"context"
	"fmt"

	"pingyi/fault"
	"pingyi/org"
)

// $1: whether the reader may know which sheets came back, and what companies reported.
const planColumns = `SELECT v.id, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", v.company_id,
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", v.year, v.quarter,
	coalesce(to_char(v.planned_on, 'YYYY-MM-DD'), '') AS planned_on, coalesce(to_char(v.visited_on, 'YYYY-MM-DD'), '') AS visited_on, v.due,
	coalesce(v.joint_id, 0) AS joint_id, $1 AND sh.score IS NOT NULL AS returned, v.reported_at IS NOT NULL AND v.recorded_at IS NULL AS reported `
const planTables = `FROM visits v JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id LEFT JOIN sheets sh ON sh.visit_id = v.id `

// PlanFilter narrows the calendar; Year and Quarter are needed.
type PlanFilter struct {
	Year, Quarter int
	Unit          org.UnitID
	Company       org.CompanyID
	Only          string // "due", "missed", "reported"; "": all
	Page, Size    int
}

// planScope narrows to what the actor may see: a unit its own visits without those only
// the company reported, the offices and their clerks, administrators and the leading
// group all.
func planScope(a org.Actor) (unit org.UnitID, all, ok bool) {
	switch {
	case a.Is(org.RoleHead, org.RoleOfficer):
		return a.Unit, false, true
	case PlansVisits(a), a.Role == org.RoleClerk:
		return 0, true, true
	}
	return 0, false, false
}

// Calendar returns a page of the quarter's visits, planned and made, by day, those
// without a day first, and how many there are.
func (s *Plans) Calendar(ctx context.Context, by org.Actor, f PlanFilter) ([]PlanRow, int, error) {
	unit, all, ok := planScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	if unit != 0 {
		f.Unit = unit
	}
	_, last := quarterDays(f.Year, f.Quarter)
	const where = `WHERE v.year = $2 AND v.quarter = $3 AND ($4 = 0 OR v.unit_id = $4) AND ($5 = 0 OR v.company_id = $5) AND ($1 OR v.reported_at IS NULL OR v.recorded_at IS NOT NULL)
		AND CASE $6 WHEN 'due' THEN v.due AND v.visited_on IS NULL AND NOT $7 WHEN 'missed' THEN v.due AND v.visited_on IS NULL AND $7
			WHEN 'reported' THEN v.reported_at IS NOT NULL AND v.recorded_at IS NULL ELSE true END`
	args := []any{all, f.Year, f.Quarter, f.Unit, f.Company, f.Only, s.today() > last}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM visits v `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count the plan: %w", err)
	}
	var out []PlanRow
	q := planColumns + planTables + where + ` ORDER BY coalesce(v.visited_on, v.planned_on) NULLS FIRST, v.company_id, v.unit_id LIMIT $8 OFFSET $9`
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list the plan: %w", err)
	}
	return out, total, nil
}

// ByUnit counts the plan of the quarter unit by unit. To a unit its own, where a visit
// that was made counts as made, whether its sheet came back or not.
func (s *Plans) ByUnit(ctx context.Context, by org.Actor, year, quarter int) ([]UnitPlan, error) {
	unit, all, ok := planScope(by)
	if !ok {
		return nil, fault.ErrNotFound
	}
	_, last := quarterDays(year, quarter)
	var out []UnitPlan
	const q = `SELECT v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", count(*) AS owed,
			count(*) FILTER (WHERE $1 AND sh.score IS NOT NULL) AS done, count(*) FILTER (WHERE v.visited_on IS NOT NULL AND NOT ($1 AND sh.score IS NOT NULL)) AS made,
			count(*) FILTER (WHERE v.visited_on IS NULL AND NOT $5) AS open, count(*) FILTER (WHERE v.visited_on IS NULL AND $5) AS missed
		FROM visits v JOIN units u ON u.id = v.unit_id LEFT JOIN sheets sh ON sh.visit_id = v.id
		WHERE v.due AND v.year = $2 AND v.quarter = $3 AND ($4 = 0 OR v.unit_id = $4) GROUP BY v.unit_id, u.id ORDER BY u.class, u.code`
	if err := s.db.SelectContext(ctx, &out, q, all, year, quarter, unit, s.today() > last); err != nil {
		return nil, fmt.Errorf("count the plan by unit: %w", err)
	}
	return out, nil
}

// Loads returns the companies called on most often in a month of the quarter, at most
// most of them, to those who see the whole plan.
func (s *Plans) Loads(ctx context.Context, by org.Actor, year, quarter, most int) ([]Load, error) {
	if _, all, ok := planScope(by); !ok || !all {
		return nil, fault.ErrNotFound
	}
	first, last := quarterDays(year, quarter)
	var out []Load
	const q = `SELECT x.*, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru" FROM (
			SELECT company_id, count(*) FILTER (WHERE extract(month FROM on_day) = $3) AS first, count(*) FILTER (WHERE extract(month FROM on_day) = $3 + 1) AS second,
				count(*) FILTER (WHERE extract(month FROM on_day) = $3 + 2) AS third
			FROM visit_occasions WHERE on_day BETWEEN $1 AND $2 GROUP BY company_id) x JOIN companies c ON c.id = x.company_id
		ORDER BY greatest(x.first, x.second, x.third) DESC, x.first + x.second + x.third DESC, x.company_id LIMIT $4`
	if err := s.db.SelectContext(ctx, &out, q, first, last, 3*quarter-2, most); err != nil {
		return nil, fmt.Errorf("read the load of companies: %w", err)
	}
	return out, nil
}

// Burden returns the minutes a company spent in the quarter on visits, sheets and
// inspections: to the company itself and to those who see the whole plan.
func (s *Plans) Burden(ctx context.Context, by org.Actor, company org.CompanyID, year, quarter int) (Burden, error) {
	var b Burden
	if _, all, _ := planScope(by); !all && (by.Role != org.RoleCompany || by.Company != company) {
		return b, fault.ErrNotFound
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return b, err
	}
	first, last := quarterDays(year, quarter)
	const q = `SELECT count(o.who) AS visits, count(o.who) FILTER (WHERE o.minutes IS NULL) AS unstated, coalesce(sum(coalesce(o.minutes, $4)), 0) AS of_visits,
			(SELECT count(*) FROM sheets sh JOIN visits v ON v.id = sh.visit_id WHERE v.company_id = $1 AND v.visited_on BETWEEN $2 AND $3) AS sheets,
			(SELECT count(*) FROM inspections i WHERE i.company_id = $1 AND i.kind = 'inspection' AND i.on_day BETWEEN $2 AND $3) AS inspections
		FROM visit_occasions o WHERE o.company_id = $1 AND o.made AND o.on_day BETWEEN $2 AND $3`
	if err := s.db.GetContext(ctx, &b, q, company, first, last, set.Visit); err != nil {
		return b, fmt.Errorf("add up the company's time: %w", err)
	}
	b.Minutes = b.OfVisits + b.Sheets*set.Sheet + b.Inspections*set.Inspection
	return b, nil
}
