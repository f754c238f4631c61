package feedback

import (
	"context"
	"fmt"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// Review is a refusal by a policy clause that goes to the office for review by itself
// (S-18), with what was decided.
type Review struct {
	Issue
	Clause    string     `db:"refusal_clause"` // the clause the unit cites
	Refusal   string     `db:"refusal_text"`
	RefusedAt time.Time  `db:"refused_at"`
	Late      bool       `db:"late"`           // undecided, and its three working days are over
	Outcome   string     `db:"review_outcome"` // stands, overturned; "" while it waits
	Ruling    string     `db:"review_ruling"`  // the reason of the decision
	DecidedAt *time.Time `db:"review_decided"`
}

// Reviews returns a page of the refusals by a policy clause to those who read for the
// county: those that wait, the nearest day first, or those decided, the last first.
func (s *Store) Reviews(ctx context.Context, by org.Actor, decided bool, page, size int) ([]Review, int, error) {
	if !isDuty(by) {
		return nil, 0, fault.ErrNotFound
	}
	const waiting = ` JOIN LATERAL (SELECT 0 AS id, e.at AS refused_at, e.body AS refusal_text, coalesce(e.data->>'basis', '') AS refusal_clause, '' AS review_outcome, '' AS review_ruling, NULL::timestamptz AS review_decided
		FROM issue_events e WHERE e.issue_id = i.id AND e.kind = 'answer' AND e.data->>'basis_kind' = 'policy' ORDER BY e.id DESC LIMIT 1) x ON i.review_due IS NOT NULL`
	const over = ` JOIN LATERAL (SELECT r.id, a.at AS refused_at, a.body AS refusal_text, coalesce(a.data->>'basis', '') AS refusal_clause, r.data->>'outcome' AS review_outcome, r.body AS review_ruling, r.at AS review_decided
		FROM issue_events r JOIN LATERAL (SELECT e.at, e.body, e.data FROM issue_events e WHERE e.issue_id = r.issue_id AND e.kind = 'answer' AND e.id < r.id ORDER BY e.id DESC LIMIT 1) a ON true
		WHERE r.issue_id = i.id AND r.kind = 'review') x ON true`
	join, order := waiting, ` ORDER BY i.review_due, i.id`
	if decided {
		join, order = over, ` ORDER BY x.id DESC`
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM issues i`+join); err != nil {
		return nil, 0, fmt.Errorf("count reviews: %w", err)
	}
	var out []Review
	q := `SELECT ` + issueColumns + `, x.refused_at, x.refusal_text, x.refusal_clause, x.review_outcome, x.review_ruling, x.review_decided, coalesce(i.review_due <= $1, false) AND x.review_outcome = '' AS late` +
		issueTables + join + order + ` LIMIT $2 OFFSET $3`
	if err := s.db.SelectContext(ctx, &out, q, s.now(), size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list reviews: %w", err)
	}
	return out, total, nil
}

// ReviewsWaiting counts the refusals that wait for the office's review ("reviews").
func (s *Store) ReviewsWaiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if !by.IsOffice() {
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM issues WHERE review_due IS NOT NULL`); err != nil {
		return nil, fmt.Errorf("count reviews: %w", err)
	}
	return map[string]int{"reviews": n}, nil
}
