package feedback

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// Confirm closes an issue by the company's word, or refuses the answer: then the
// unit works on, and after the second refusal, or after an order, the leading
// group has it.
func (s *Store) Confirm(ctx context.Context, by org.Actor, ref string, v Verdict, idem string) error {
	f := fault.Fields{}
	if v.Accept {
		if v.Verdict != "solved" && v.Verdict != "partly" {
			f.Add("verdict", "issue.verdict-missing")
		}
		if !isLevel(v.Satisfied) {
			f.Add("satisfaction", "level.unknown")
		}
		limit(f, "reason", v.Reason, 0, MaxReason)
	} else {
		limit(f, "reason", v.Reason, MinReason, MaxReason)
	}
	if err := f.Err(); err != nil {
		return err
	}
	act := ActRefuse
	if v.Accept {
		act = ActAccept
	}
	return s.act(ctx, by, ref, act, idem, func(tx *sqlx.Tx, i Issue) error {
		ordered := i.OrderState == "fed_back"
		if err := s.settleOrder(ctx, tx, i, v.Accept, ordered); err != nil {
			return err
		}
		var err error
		if v.Accept {
			const q = `UPDATE issues SET state = 'closed', verdict = $2, satisfaction = $3, closed_at = $4 WHERE id = $1`
			err = set(ctx, tx, q, i.ID, v.Verdict, v.Satisfied, s.now())
		} else {
			const q = `UPDATE issues SET refusals = refusals + 1, state = CASE WHEN $2 OR refusals + 1 >= 2 THEN 'queued' ELSE 'in_progress' END,
				queued_at = CASE WHEN $2 OR refusals + 1 >= 2 THEN $3::timestamptz ELSE queued_at END,
				queue_reason = CASE WHEN $2 THEN coalesce(queue_reason, 'refused_twice') WHEN refusals + 1 >= 2 THEN 'refused_twice' ELSE queue_reason END WHERE id = $1`
			err = set(ctx, tx, q, i.ID, ordered, s.now())
		}
		if err != nil {
			return err
		}
		_, err = s.event(ctx, tx, by, i.ID, 0, act, v.Reason, false, map[string]any{"verdict": v.Verdict, "satisfaction": v.Satisfied}, idem)
		return err
	})
}

// settleOrder ends or reopens the order whose result the company judges.
func (s *Store) settleOrder(ctx context.Context, tx *sqlx.Tx, i Issue, accept, ordered bool) error {
	if !ordered {
		return nil
	}
	q := `UPDATE orders SET state = 'reopened' WHERE issue_id = $1 AND state = 'fed_back' AND $2::timestamptz IS NOT NULL`
	if accept {
		q = `UPDATE orders SET state = 'done', done_at = $2 WHERE issue_id = $1 AND state = 'fed_back'`
	}
	return set(ctx, tx, q, i.ID, s.now())
}

func isLevel(code string) bool {
	for _, l := range Levels {
		if l == code {
			return true
		}
	}
	return false
}

// Withdraw ends an issue by the company's wish, without a verdict.
func (s *Store) Withdraw(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActWithdraw, idem, func(tx *sqlx.Tx, i Issue) error {
		if err := set(ctx, tx, `UPDATE issues SET state = 'withdrawn' WHERE id = $1`, i.ID); err != nil {
			return err
		}
		_, err := s.event(ctx, tx, by, i.ID, 0, ActWithdraw, "", false, nil, idem)
		return err
	})
}

// Exclude leaves an issue out of component R, with a reason that is published.
func (s *Store) Exclude(ctx context.Context, by org.Actor, ref, why, idem string) error {
	f := fault.Fields{}
	limit(f, "why", why, 10, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActExclude, idem, func(tx *sqlx.Tx, i Issue) error {
		if err := set(ctx, tx, `UPDATE issues SET excluded_at = $2, excluded_why = $3 WHERE id = $1`, i.ID, s.now(), why); err != nil {
			return err
		}
		_, err := s.event(ctx, tx, by, i.ID, 0, ActExclude, why, false, nil, idem)
		return err
	})
}

// EscalateOverdue moves every issue whose deadline has passed without an answer
// into the leading group's queue. It is the clock's act and may run at any time.
func (s *Store) EscalateOverdue(ctx context.Context) (int, error) {
	var refs []string
	const q = `SELECT ref FROM issues WHERE state IN ('registered', 'in_progress') AND deadline <= $1 ORDER BY deadline, id`
	if err := s.db.SelectContext(ctx, &refs, q, s.now()); err != nil {
		return 0, fmt.Errorf("find overdue issues: %w", err)
	}
	for _, ref := range refs {
		err := s.act(ctx, org.Public, ref, ActEscalate, "escalate-"+ref+"-"+string(s.today()), func(tx *sqlx.Tx, i Issue) error {
			const q = `UPDATE issues SET state = 'queued', queued_at = $2, queue_reason = 'overdue' WHERE id = $1`
			if err := set(ctx, tx, q, i.ID, s.now()); err != nil {
				return err
			}
			_, err := s.event(ctx, tx, org.Public, i.ID, 0, ActEscalate, "", false, map[string]any{"reason": "overdue"}, "escalate-"+ref+"-"+string(s.today()))
			return err
		})
		if err != nil && !errors.Is(err, ErrState) { // somebody answered in this moment
			return 0, err
		}
	}
	return len(refs), nil
}
