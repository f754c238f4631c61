package care

import (
	"context"
	"fmt"
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

// View is what a reader of a sponsor group sees of the company it sponsors.
type View struct {
	Issues   []IssueLine // the newest first
	Open     int         // of these, not closed
	Visits   []VisitCount
	Promises []PromiseLine
	Sheets   bool // whether sheets came back is part of the visits: never for a unit
}

// IssueLine is an issue of the company that the reader may know to be its.
type IssueLine struct {
	Ref    string     `db:"ref"`
	Title  string     `db:"title"`
	Lang   string     `db:"lang"`
	State  string     `db:"state"`
	Lead   org.Names  `db:"lead"`
	Due    *time.Time `db:"due_at"`
	Queued bool       `db:"queued"` // with the leading group, once or now
}

// VisitCount counts the visits of a unit to the company this year.
type VisitCount struct {
	Unit     org.Names `db:"unit"`
	Due      int       `db:"due"` // in the plan
	Made     int       `db:"made"`
	Returned int       `db:"returned"` // sheets that came back; 0 where the reader may not know
}

// PromiseLine is a promise made to the company that an office found to be made.
type PromiseLine struct {
	Ref     string        `db:"ref"`
	Text    string        `db:"text"`
	Unit    org.Names     `db:"unit"`
	Due     calendar.Date `db:"due_on"`
	State   string        `db:"state"`
	Overdue bool          `db:"overdue"`
}

// reach is how far a reader sees into the affairs of a group's company.
type reach struct {
	unit   org.UnitID // sees only what is its own; 0: of all units
	shown  string     // issues whose name_shown is one of these, comma after each
	sheets bool
}

// reachOf says how far the actor sees: the group's leader all items in which the company
// is named, the offices and the supervision office by duty, a member unit its own, all
// others nothing but the group (trust.md 5.4 to 5.6).
func reachOf(a org.Actor, g Group, on calendar.Date) (reach, bool) {
	switch {
	case a.IsLeader() && a.Account == g.Leader && g.Active(on):
		return reach{shown: "unit", sheets: true}, true
	case a.IsOffice(), a.Role == org.RoleSupervision:
		return reach{shown: "unit,offices", sheets: true}, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return reach{unit: a.Unit, shown: "unit"}, true
	}
	return reach{}, false
}

// View returns what the actor may see of the company a group sponsors; ok is false when
// he sees the group and nothing more, or when there is no company yet.
func (s *Sponsors) View(ctx context.Context, by org.Actor, g Group) (v View, ok bool, err error) {
	r, ok := reachOf(by, g, s.today())
	if !ok || g.Company == 0 {
		return v, false, nil
	}
	v.Sheets = r.sheets
	const issues = `SELECT i.ref, i.title, i.lang, i.state, coalesce(u.name_zh, '') AS "lead.name_zh", coalesce(u.name_en, '') AS "lead.name_en", coalesce(u.name_ru, '') AS "lead.name_ru",
			i.due_at, i.queued_at IS NOT NULL AS queued
		FROM issues i LEFT JOIN units u ON u.id = i.lead_unit_id
		WHERE i.company_id = $1 AND i.name_shown = ANY(string_to_array($3, ',')) AND i.state NOT IN ('withdrawn', 'merged', 'declined')
			AND ($2 = 0 OR i.lead_unit_id = $2 OR i.cooperating @> ARRAY[$2::bigint])
		ORDER BY i.state = 'closed', i.due_at IS NULL, i.due_at, i.id DESC LIMIT 100`
	if err := s.db.SelectContext(ctx, &v.Issues, issues, g.Company, r.unit, r.shown); err != nil {
		return v, false, fmt.Errorf("read the company's issues: %w", err)
	}
	for _, i := range v.Issues {
		if i.State != "closed" {
			v.Open++
		}
	}
	const visits = `SELECT u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", count(*) FILTER (WHERE v.due) AS due,
			count(*) FILTER (WHERE v.visited_on IS NOT NULL) AS made, count(*) FILTER (WHERE $4 AND sh.score IS NOT NULL) AS returned
		FROM visits v JOIN units u ON u.id = v.unit_id LEFT JOIN sheets sh ON sh.visit_id = v.id
		WHERE v.company_id = $1 AND ($2 = 0 OR v.unit_id = $2) AND v.year = $3 GROUP BY u.id ORDER BY u.class, u.code`
	if err := s.db.SelectContext(ctx, &v.Visits, visits, g.Company, r.unit, s.today().Year(), r.sheets); err != nil {
		return v, false, fmt.Errorf("count the company's visits: %w", err)
	}
	const promises = `SELECT p.ref, p.text, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", to_char(p.due_on, 'YYYY-MM-DD') AS due_on, p.state,
			p.state <> 'fulfilled' AND p.due_on < $3 AS overdue
		FROM promises p JOIN units u ON u.id = p.unit_id
		WHERE p.company_id = $1 AND ($2 = 0 OR p.unit_id = $2) AND p.state NOT IN ('claimed', 'rejected') ORDER BY p.state = 'fulfilled', p.due_on LIMIT 50`
	if err := s.db.SelectContext(ctx, &v.Promises, promises, g.Company, r.unit, s.today()); err != nil {
		return v, false, fmt.Errorf("read the company's promises: %w", err)
	}
	return v, true, nil
}
