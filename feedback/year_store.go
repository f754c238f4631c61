package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/postgres"
)

// Year counts a year's visits, sheets and issues by the end of a day of it, as one
// moment of the database saw them.
func (s *Store) Year(ctx context.Context, year int, asOf calendar.Date) (YearFacts, error) {
	var f YearFacts
	from, to := calendar.Date(fmt.Sprintf("%04d-01-01", year)).Time(), asOf.End()
	err := postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		const quarters = `SELECT q.quarter, count(*) FILTER (WHERE v.due) AS due, count(*) FILTER (WHERE v.due AND v.visited_on <= $2) AS made,
				count(*) FILTER (WHERE v.visited_on <= $2) AS visits, count(s.id) AS sheets
			FROM generate_series(1, $4::int) AS q(quarter) LEFT JOIN visits v ON v.year = $1 AND v.quarter = q.quarter LEFT JOIN sheets s ON s.visit_id = v.id AND s.filed_at < $3
			GROUP BY q.quarter ORDER BY q.quarter`
		if err := tx.SelectContext(ctx, &f.Quarters, quarters, year, asOf, to, asOf.Quarter()); err != nil {
			return fmt.Errorf("count by quarter: %w", err)
		}
		const counts = `SELECT count(*) FILTER (WHERE ` + stillOpen + `) AS open,
				count(*) FILTER (WHERE deadline <= $2 AND ` + stillOpen + ` AND (answered_at IS NULL OR answered_at >= $2)) AS overdue,
				count(*) FILTER (WHERE closed_at >= $1 AND closed_at < $2) AS closed,
				count(*) FILTER (WHERE closed_at >= $1 AND closed_at < $2 AND verdict = 'solved') AS solved
			FROM issues WHERE raised_at < $2 AND (closed_at IS NULL OR closed_at >= $1)`
		if err := tx.QueryRowxContext(ctx, counts, from, to).Scan(&f.Open, &f.Overdue, &f.Closed, &f.Solved); err != nil {
			return fmt.Errorf("count issues: %w", err)
		}
		const months = `WITH m AS (SELECT generate_series($1::date, $2::date, interval '1 month') AS first),
			o AS (SELECT date_trunc('month', raised_at AT TIME ZONE 'Asia/Shanghai') AS first, count(*) AS n FROM issues WHERE raised_at >= $3 AND raised_at < $4 GROUP BY 1),
			c AS (SELECT date_trunc('month', closed_at AT TIME ZONE 'Asia/Shanghai') AS first, count(*) AS n FROM issues WHERE closed_at >= $3 AND closed_at < $4 GROUP BY 1)
			SELECT to_char(m.first, 'YYYY-MM') AS month, coalesce(o.n, 0) AS opened, coalesce(c.n, 0) AS closed FROM m LEFT JOIN o USING (first) LEFT JOIN c USING (first) ORDER BY m.first`
		if err := tx.SelectContext(ctx, &f.Months, months, calendar.DateOf(from), asOf, from, to); err != nil {
			return fmt.Errorf("count by month: %w", err)
		}
		return nil
	})
	return f, err
}
