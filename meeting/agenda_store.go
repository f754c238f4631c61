package meeting

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// Coming returns the meetings that may still take a topic, the nearest first.
func (s *Store) Coming(ctx context.Context, by org.Actor) ([]Meeting, error) {
	if !Prepares(by) {
		return nil, fault.ErrNotFound
	}
	var out []Meeting
	if err := s.db.SelectContext(ctx, &out, meetingColumns+`WHERE m.state = 'called' ORDER BY m.planned_on, m.id LIMIT 50`, s.now()); err != nil {
		return nil, fmt.Errorf("list coming meetings: %w", err)
	}
	return out, nil
}

// AboutIssue returns the meetings on whose agenda an issue stands, the latest first.
func (s *Store) AboutIssue(ctx context.Context, by org.Actor, ref string) ([]Meeting, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Meeting
	const q = meetingColumns + `WHERE m.id IN (SELECT i.meeting_id FROM meeting_topics t JOIN meeting_items i ON i.id = t.item_id WHERE t.issue_ref = $2) ORDER BY m.planned_on DESC, m.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, s.now(), ref); err != nil {
		return nil, fmt.Errorf("list meetings about an issue: %w", err)
	}
	return out, nil
}

// PutOnAgenda makes an issue the actor may see a topic of a called meeting. A meeting
// has an issue on its agenda once.
func (s *Store) PutOnAgenda(ctx context.Context, by org.Actor, id ID, ref, idem string) error {
	issue, err := s.fb.Issue(ctx, by, ref)
	if err != nil {
		return err
	}
	if id == 0 {
		return fault.Field("meeting", "leader.meeting-missing")
	}
	return s.act(ctx, by, id, "item-added", []State{Called}, func(tx *sqlx.Tx, m Meeting) error {
		var known bool
		const look = `SELECT EXISTS (SELECT FROM meeting_topics t JOIN meeting_items i ON i.id = t.item_id WHERE i.meeting_id = $1 AND t.issue_ref = $2)`
		if err := tx.GetContext(ctx, &known, look, id, ref); err != nil || known {
			return err
		}
		const q = `WITH item AS (INSERT INTO meeting_items (meeting_id, kind, body, added_by, added_at, idem) VALUES ($1, 'topic', $2, $3, $4, $5) RETURNING id)
			INSERT INTO meeting_topics (item_id, issue_ref) SELECT id, $6 FROM item`
		if _, err := tx.ExecContext(ctx, q, id, issue.Ref+" "+issue.Title, by.Account, s.now(), idem, ref); err != nil {
			return fmt.Errorf("put the issue on the agenda: %w", err)
		}
		return nil
	})
}
