package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// boardGroup is Order.Group in the database's words; $1 is now, $2 the week's end.
const boardGroup = `CASE WHEN o.state = 'done' THEN 'done' WHEN o.state = 'reopened' THEN 'reopened' WHEN o.state IN ('reported', 'fed_back') THEN 'waiting'
	WHEN o.deadline <= $1 THEN 'overdue' WHEN o.deadline <= $2 THEN 'week' ELSE 'normal' END`

// Board is a page of the board of orders.
type Board struct {
	Orders []BoardOrder
	Counts map[string]int // by group; "" all
}

// Board returns a page of the orders of a group, or of all ("") in the order of the
// groups, the nearest deadline first and ended ones latest first. The leading group,
// the offices and the supervision office read it.
func (s *Store) Board(ctx context.Context, by org.Actor, group string, page, size int) (Board, error) {
	b := Board{Counts: map[string]int{}}
	if !by.IsLeader() && !isDuty(by) {
		return b, fault.ErrNotFound
	}
	now := s.now()
	err := postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		var counts []struct {
			Group string `db:"g"`
			N     int    `db:"n"`
		}
		if err := tx.SelectContext(ctx, &counts, `SELECT `+boardGroup+` AS g, count(*) AS n FROM orders o GROUP BY 1`, now, WeekEnd(now)); err != nil {
			return fmt.Errorf("count orders: %w", err)
		}
		for _, c := range counts {
			b.Counts[c.Group] = c.N
			b.Counts[""] += c.N
		}
		const order = ` ORDER BY array_position($4, ` + boardGroup + `), CASE WHEN o.state IN ('done', 'reopened') THEN - extract(epoch FROM o.deadline) ELSE extract(epoch FROM o.deadline) END, o.id`
		q := `SELECT ` + orderColumns + `, coalesce(i.verdict, '') AS verdict, coalesce(i.satisfaction, '') AS satisfaction ` + orderTables +
			`WHERE o.id IN (SELECT o.id FROM orders o WHERE $3 = '' OR ` + boardGroup + ` = $3` + order + ` LIMIT $5 OFFSET $6)` + order
		if err := tx.SelectContext(ctx, &b.Orders, q, now, WeekEnd(now), group, pq.Array(BoardGroups), size, max(0, page-1)*size); err != nil {
			return fmt.Errorf("list orders: %w", err)
		}
		return b.reports(ctx, tx)
	})
	return b, err
}

// reports adds what was written of each order until the next one of the same issue.
func (b *Board) reports(ctx context.Context, tx *sqlx.Tx) error {
	at := map[string]*BoardOrder{}
	var nos []string
	for i := range b.Orders {
		at[b.Orders[i].No] = &b.Orders[i]
		nos = append(nos, b.Orders[i].No)
	}
	const q = `SELECT o.no, e.kind, e.at, e.body, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru"
		FROM orders o JOIN issue_events e ON e.issue_id = o.issue_id AND e.at >= o.issued_at LEFT JOIN units u ON u.id = e.unit_id
		WHERE o.no = ANY($1) AND e.kind IN ('reply', 'report', 'cooperate', 'feed_back') AND NOT coalesce((e.data ->> 'note')::boolean, false)
			AND NOT EXISTS (SELECT FROM orders n WHERE n.issue_id = o.issue_id AND n.id > o.id AND n.issued_at <= e.at) ORDER BY e.id`
	var all []OrderReport
	if err := tx.SelectContext(ctx, &all, q, pq.Array(nos)); err != nil {
		return fmt.Errorf("read reports: %w", err)
	}
	for _, r := range all {
		at[r.No].tell(r)
	}
	return nil
}
