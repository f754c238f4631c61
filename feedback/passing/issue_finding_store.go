package passing

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/postgres"
)

// issueFinding is a finding the supervision office made on an issue's own page: an
// obstacle, or a reopening with good reason.
type issueFinding struct {
	Event int64         `db:"id"`
	At    time.Time     `db:"at"`
	Actor org.AccountID `db:"actor"`
	Unit  org.UnitID    `db:"unit_id"`
	Issue int64         `db:"issue_id"`
	Ref   string        `db:"ref"`
	Text  string        `db:"body"`
	About string        `db:"about"`
}

// rule is the deduction the finding becomes.
func (f issueFinding) rule() string {
	if f.About == "obstacle" {
		return "D4"
	}
	return "D7"
}

// enterIssueFindings makes deductions of the upheld findings since a moment, each once.
func (s *Store) enterIssueFindings(ctx context.Context, since time.Time) error {
	var list []issueFinding
	const q = `SELECT e.id, e.at, e.actor, e.unit_id, e.issue_id, i.ref, e.body, e.data->>'about' AS about FROM issue_events e JOIN issues i ON i.id = e.issue_id
		WHERE e.kind = 'find' AND e.data->>'outcome' = 'upheld' AND e.data->>'about' IN ('obstacle', 'reopened') AND e.actor IS NOT NULL AND e.unit_id IS NOT NULL AND e.at > $1 ORDER BY e.id`
	if err := s.db.SelectContext(ctx, &list, q, since); err != nil {
		return fmt.Errorf("read findings on issues: %w", err)
	}
	for _, f := range list {
		no := fmt.Sprintf("%s/%d", f.Ref, f.Event)
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			if done, err := entered(ctx, tx, f.Issue, f.rule(), no); err != nil || done {
				return err
			}
			by := org.Actor{Account: f.Actor, Role: org.RoleSupervision}
			return evaluation.EnterFinding(ctx, tx, by, evaluation.FindingEntry{Unit: f.Unit, Rule: f.rule(), At: f.At, Issue: f.Issue,
				Evidence: shorten(f.Ref+" "+f.Text, evaluation.MaxEvidence), Finding: no})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// entered reports whether the finding is an entry already, or, of an obstacle, whether
// the issue has cost a deduction by another way.
func entered(ctx context.Context, tx *sqlx.Tx, issue int64, rule, no string) (bool, error) {
	var yes bool
	const q = `SELECT EXISTS (SELECT FROM adjustments WHERE issue_id = $1 AND rule = $2 AND finding <> '' AND (finding = $3 OR $2 = 'D4'))`
	if err := tx.GetContext(ctx, &yes, q, issue, rule, no); err != nil {
		return false, fmt.Errorf("look for the entry: %w", err)
	}
	return yes, nil
}
