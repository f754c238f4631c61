package feedback

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

// SheetFacts returns, for each unit, its year of visits and sheets: visits owed by
// the plan, those with a valid returned sheet, and each company's valid sheets,
// the last of each quarter.
func (s *Store) SheetFacts(ctx context.Context, year int) (map[org.UnitID]UnitSheets, error) {
	out := map[org.UnitID]UnitSheets{}
	var visits []struct {
		Unit     org.UnitID `db:"unit_id"`
		Due      int        `db:"due"`
		Returned int        `db:"returned"`
	}
	const counts = `SELECT v.unit_id, count(*) FILTER (WHERE v.due) AS due, count(*) FILTER (WHERE v.due AND sh.score IS NOT NULL) AS returned
		FROM visits v LEFT JOIN sheets sh ON sh.visit_id = v.id WHERE v.year = $1 GROUP BY v.unit_id`
	if err := s.db.SelectContext(ctx, &visits, counts, year); err != nil {
		return nil, fmt.Errorf("count visits: %w", err)
	}
	for _, v := range visits {
		out[v.Unit] = UnitSheets{Due: v.Due, Returned: v.Returned}
	}
	var rows []struct {
		Unit    org.UnitID    `db:"unit_id"`
		Company org.CompanyID `db:"company_id"`
		Quarter int           `db:"quarter"`
		Score   string        `db:"score"`
	}
	const scores = `SELECT DISTINCT ON (v.unit_id, v.company_id, v.quarter) v.unit_id, v.company_id, v.quarter, sh.score
		FROM sheets sh JOIN visits v ON v.id = sh.visit_id WHERE v.year = $1 AND sh.score IS NOT NULL
		ORDER BY v.unit_id, v.company_id, v.quarter, sh.filed_at DESC, sh.id DESC`
	if err := s.db.SelectContext(ctx, &rows, scores, year); err != nil {
		return nil, fmt.Errorf("read sheet scores: %w", err)
	}
	for _, r := range rows {
		x, ok := new(big.Rat).SetString(r.Score)
		if !ok {
			return nil, fmt.Errorf("a sheet of unit %d has score %q", r.Unit, r.Score)
		}
		u := out[r.Unit]
		if n := len(u.Companies); n > 0 && u.Companies[n-1].Company == r.Company {
			last := &u.Companies[n-1]
			last.Scores, last.Quarters = append(last.Scores, x), append(last.Quarters, r.Quarter)
		} else {
			u.Companies = append(u.Companies, CompanySheets{Company: r.Company, Scores: []*big.Rat{x}, Quarters: []int{r.Quarter}})
		}
		out[r.Unit] = u
	}
	return out, nil
}

type issueFact struct {
	Unit       org.UnitID    `db:"lead_unit_id"`
	State      State         `db:"state"`
	Grade      string        `db:"grade"`
	RespondDue *time.Time    `db:"respond_due"`
	Responded  *time.Time    `db:"responded_at"`
	Deadline   time.Time     `db:"deadline"`
	DeadlineOn calendar.Date `db:"deadline_on"`
	Calendar   int64         `db:"calendar_version"`
	Answered   *time.Time    `db:"answered_at"`
	Paused     *time.Time    `db:"paused_at"`
	Verdict    string        `db:"verdict"`
	Satisfied  string        `db:"satisfaction"`
	Excluded   bool          `db:"excluded"`
	Ordered    bool          `db:"ordered"`
}

// IssueFacts returns, for each unit, the facts of the issues it leads whose
// deadline lies in the year, as they stand at asOf. Withdrawn issues count for
// nothing.
func (s *Store) IssueFacts(ctx context.Context, year int, asOf time.Time) (map[org.UnitID]UnitIssues, error) {
	var rows []issueFact
	const q = `SELECT i.lead_unit_id, i.state, i.grade, i.respond_due, i.responded_at, i.deadline, to_char(i.deadline_on, 'YYYY-MM-DD') AS deadline_on,
			i.calendar_version, i.answered_at, i.paused_at, coalesce(i.verdict, '') AS verdict, coalesce(i.satisfaction, '') AS satisfaction,
			i.excluded_at IS NOT NULL AS excluded, EXISTS (SELECT FROM orders o WHERE o.issue_id = i.id AND o.state = 'done') AS ordered
		FROM issues i WHERE i.lead_unit_id IS NOT NULL AND i.state NOT IN ('withdrawn', 'declined', 'merged') AND i.deadline_on BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31)
		ORDER BY i.lead_unit_id, i.id`
	if err := s.db.SelectContext(ctx, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read issue facts: %w", err)
	}
	out := map[org.UnitID]UnitIssues{}
	for _, r := range rows {
		u := out[r.Unit]
		if u.Ratings == nil {
			u.Ratings = map[string]int{}
		}
		if r.Excluded {
			u.Excluded++
			out[r.Unit] = u
			continue
		}
		cal, err := s.cal.Version(ctx, r.Calendar)
		if err != nil {
			return nil, err
		}
		r.count(&u, cal, asOf)
		out[r.Unit] = u
	}
	return out, nil
}

// count adds one issue to its unit's facts.
func (r issueFact) count(u *UnitIssues, cal *calendar.Calendar, asOf time.Time) {
	u.All++
	if r.Responded != nil && r.RespondDue != nil && !r.Responded.After(*r.RespondDue) {
		u.Responded++
	}
	confirmed := r.State == Closed && r.Verdict == "solved"
	if confirmed && r.Answered != nil && !r.Answered.After(r.Deadline) {
		u.Solved++
		if r.Grade == "A" && r.Ordered && calendar.DateOf(*r.Answered) < r.DeadlineOn {
			u.OrdersEarly++ // a day or more before the deadline
		}
	}
	if r.State == Closed && r.Satisfied != "" {
		u.Ratings[r.Satisfied]++
	}
	end := asOf
	if (r.State == Closed || r.State == Answered || r.State == ResultReady) && r.Answered != nil {
		end = *r.Answered
	}
	if r.Paused != nil { // the limit stands still
		end = *r.Paused
	}
	if days := cal.Between(r.DeadlineOn, calendar.DateOf(end)); days > 0 {
		u.Overdue = append(u.Overdue, days)
	}
}
