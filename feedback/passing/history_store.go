package passing

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/feedback"
	"pingyi/org"
)

// History is an issue's hand-over history with what a case of it needs.
type History struct {
	Issue    int64  `db:"id"`
	Ref      string `db:"ref"`
	Title    string `db:"title"`
	Lang     string `db:"lang"`
	Category int    `db:"category"`
	Calendar int64  `db:"calendar_version"` // 0: not registered yet
	Steps    []Step `db:"-"`
}

// acts the history consists of.
var acts = pq.StringArray{"raise", "register", "propose", "take", "arbitrate", "refuse_named", "sign", "order", "decline", "withdraw", "merge"}

// histories reads issues with their hand-over events; where narrows on i.
func histories(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]History, error) {
	var out []History
	q := `SELECT i.id, i.ref, i.title, i.lang, i.category, coalesce(i.calendar_version, 0) AS calendar_version FROM issues i WHERE ` + where + ` ORDER BY i.id`
	if err := sqlx.SelectContext(ctx, db, &out, q, args...); err != nil {
		return nil, fmt.Errorf("read issues: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids, place := make([]int64, len(out)), map[int64]int{}
	for i, h := range out {
		ids[i], place[h.Issue] = h.Issue, i
	}
	var rows []struct {
		Issue  int64        `db:"issue_id"`
		ID     int64        `db:"id"`
		At     time.Time    `db:"at"`
		Kind   feedback.Act `db:"kind"`
		Unit   org.UnitID   `db:"unit"`
		To     org.UnitID   `db:"to_unit"`
		Clause string       `db:"clause"`
		Body   string       `db:"body"`
	}
	const events = `SELECT issue_id, id, at, kind, coalesce(unit_id, 0) AS unit, CASE WHEN data->>'to' ~ '^[0-9]+$' THEN (data->>'to')::bigint ELSE 0 END AS to_unit,
			coalesce(data->>'clause', '') AS clause, CASE WHEN kind = 'raise' THEN '' ELSE body END AS body
		FROM issue_events WHERE issue_id = ANY($1) AND kind = ANY($2) ORDER BY issue_id, id`
	if err := sqlx.SelectContext(ctx, db, &rows, events, pq.Array(ids), acts); err != nil {
		return nil, fmt.Errorf("read hand-overs: %w", err)
	}
	for _, r := range rows {
		h := &out[place[r.Issue]]
		h.Steps = append(h.Steps, Step{Event: r.ID, At: r.At, Kind: r.Kind, Unit: r.Unit, To: r.To, Clause: r.Clause, Text: r.Body})
	}
	return out, nil
}

// measured computes the index of a history as of a moment.
func (s *Store) measured(ctx context.Context, h History, asOf time.Time) (Index, error) {
	if h.Calendar == 0 {
		return Index{}, nil
	}
	cal, err := s.cal.Version(ctx, h.Calendar)
	if err != nil {
		return Index{}, err
	}
	return Measure(h.Steps, cal, asOf), nil
}
