package feedback

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/postgres"
)

// quarterUnits counts by unit in one pass over each table. $1 and $2 bound the time,
// $3 and $4 are year and quarter of the visit plan.
const quarterUnits = `SELECT u.id, u.code, u.name_zh AS "name.name_zh", u.name_en AS "name.name_en", u.name_ru AS "name.name_ru", u.class,
		coalesce(v.due, 0) AS due, coalesce(v.made, 0) AS made, coalesce(v.visits, 0) AS visits, coalesce(v.sheets, 0) AS sheets,
		coalesce(i.opened, 0) AS opened, coalesce(i.closed, 0) AS closed, coalesce(i.solved, 0) AS solved, coalesce(i.open, 0) AS open, coalesce(i.overdue, 0) AS overdue,
		coalesce(h.n, 0) AS handover
	FROM units u
	LEFT JOIN (SELECT v.unit_id, count(*) FILTER (WHERE v.due) AS due, count(*) FILTER (WHERE v.due AND v.visited_on IS NOT NULL) AS made,
			count(v.visited_on) AS visits, count(s.id) AS sheets
		FROM visits v LEFT JOIN sheets s ON s.visit_id = v.id WHERE v.year = $3 AND v.quarter = $4 GROUP BY v.unit_id) v ON v.unit_id = u.id
	LEFT JOIN (SELECT lead_unit_id, count(*) FILTER (WHERE raised_at >= $1 AND raised_at < $2) AS opened,
			count(*) FILTER (WHERE closed_at >= $1 AND closed_at < $2) AS closed,
			count(*) FILTER (WHERE closed_at >= $1 AND closed_at < $2 AND verdict = 'solved') AS solved,
			count(*) FILTER (WHERE ` + stillOpen + `) AS open, count(*) FILTER (WHERE deadline <= $2 AND ` + stillOpen + ` AND (answered_at IS NULL OR answered_at >= $2)) AS overdue
		FROM issues WHERE lead_unit_id IS NOT NULL AND raised_at < $2 GROUP BY lead_unit_id) i ON i.lead_unit_id = u.id
	LEFT JOIN (SELECT unit_id, count(*) AS n FROM issue_events WHERE kind = 'propose' AND at >= $1 AND at < $2 GROUP BY unit_id) h ON h.unit_id = u.id
	WHERE u.active ORDER BY u.class, u.code`

// stillOpen: the issue was not over at $2.
const stillOpen = `(closed_at IS NULL OR closed_at >= $2) AND state NOT IN ('withdrawn', 'merged', 'declined')`

// Quarter returns the facts of a quarter up to its end, or up to now while it lasts.
// tell hears how far the work is, in steps of four; it may be nil.
func (s *Store) Quarter(ctx context.Context, year, quarter int, first, last calendar.Date, tell func(done int)) (QuarterFacts, time.Time, error) {
	var f QuarterFacts
	from, to := first.Time(), last.End()
	if now := s.now(); now.Before(to) {
		to = now
	}
	if tell == nil {
		tell = func(int) {}
	}
	err := postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := tx.SelectContext(ctx, &f.Units, quarterUnits, from, to, year, quarter); err != nil {
			return fmt.Errorf("count by unit: %w", err)
		}
		tell(1)
		const categories = `SELECT category, count(*) AS issues, count(DISTINCT company_id) AS companies FROM issues
			WHERE raised_at >= $1 AND raised_at < $2 AND state NOT IN ('withdrawn', 'merged', 'declined') GROUP BY category ORDER BY issues DESC, category`
		if err := tx.SelectContext(ctx, &f.Categories, categories, from, to); err != nil {
			return fmt.Errorf("count by category: %w", err)
		}
		if err := tx.GetContext(ctx, &f.Companies, `SELECT count(DISTINCT company_id) FROM issues WHERE raised_at >= $1 AND raised_at < $2`, from, to); err != nil {
			return fmt.Errorf("count companies: %w", err)
		}
		if err := tx.GetContext(ctx, &f.Waiting, `SELECT count(*) FROM issues WHERE state = 'raised' AND raised_at < $1`, to); err != nil {
			return fmt.Errorf("count what waits: %w", err)
		}
		tell(2)
		if err := s.overdueIssues(ctx, tx, &f, to); err != nil {
			return err
		}
		tell(3)
		return months(ctx, tx, &f, to)
	})
	tell(4)
	return f, to, err
}

func (s *Store) overdueIssues(ctx context.Context, tx *sqlx.Tx, f *QuarterFacts, at time.Time) error {
	const q = `SELECT i.ref, i.title, i.lang, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", i.grade, i.deadline_on
		FROM issues i JOIN units u ON u.id = i.lead_unit_id
		WHERE i.deadline <= $1 AND (i.closed_at IS NULL OR i.closed_at >= $1) AND i.state NOT IN ('withdrawn', 'merged', 'declined') AND (i.answered_at IS NULL OR i.answered_at >= $1) AND i.raised_at < $1
		ORDER BY i.deadline, i.id LIMIT $2`
	if err := tx.SelectContext(ctx, &f.Overdue, q, at, MaxOverdue); err != nil {
		return fmt.Errorf("list overdue issues: %w", err)
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	for i, o := range f.Overdue {
		f.Overdue[i].Days = cal.Overdue(o.DueOn, at.Add(-time.Second))
	}
	return nil
}

// months counts the twelve months that end with the one of at.
func months(ctx context.Context, tx *sqlx.Tx, f *QuarterFacts, at time.Time) error {
	const q = `WITH m AS (SELECT generate_series(date_trunc('month', $1::timestamptz AT TIME ZONE 'Asia/Shanghai') - interval '11 months',
			date_trunc('month', $1::timestamptz AT TIME ZONE 'Asia/Shanghai'), interval '1 month') AS first),
		o AS (SELECT date_trunc('month', raised_at AT TIME ZONE 'Asia/Shanghai') AS first, count(*) AS n FROM issues WHERE raised_at < $1 AND raised_at >= $1::timestamptz - interval '13 months' GROUP BY 1),
		c AS (SELECT date_trunc('month', closed_at AT TIME ZONE 'Asia/Shanghai') AS first, count(*) AS n FROM issues WHERE closed_at < $1 AND closed_at >= $1::timestamptz - interval '13 months' GROUP BY 1)
		SELECT to_char(m.first, 'YYYY-MM') AS month, coalesce(o.n, 0) AS opened, coalesce(c.n, 0) AS closed FROM m LEFT JOIN o USING (first) LEFT JOIN c USING (first) ORDER BY m.first`
	if err := tx.SelectContext(ctx, &f.Months, q, at); err != nil {
		return fmt.Errorf("count by month: %w", err)
	}
	return nil
}
