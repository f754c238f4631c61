package feedback

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// Registration is what an office decides of a raised issue.
type Registration struct {
	Grade string
	Lead  org.UnitID
	Note  string // internal
}

// Register accepts an issue, grades it and names the unit in charge. The clock of
// the grade begins. A class A issue goes to the leading group's queue at once.
func (s *Store) Register(ctx context.Context, by org.Actor, ref string, r Registration, idem string) error {
	f := fault.Fields{}
	if !slices.Contains(Grades, r.Grade) {
		f.Add("grade", "issue.grade-missing")
	}
	if r.Lead == 0 {
		f.Add("lead", "issue.lead-missing")
	}
	f.Length("note", r.Note, 0, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActRegister, idem, func(tx *sqlx.Tx, _ Issue) (move, error) {
		return move{unit: r.Lead, body: r.Note, internal: true, details: Details{Grade: r.Grade}}, s.active(ctx, tx, "lead", r.Lead)
	})
}

// Decline refuses to take an issue, with the reason and the clause it follows from.
func (s *Store) Decline(ctx context.Context, by org.Actor, ref, reason, clause, idem string) error {
	f := fault.Fields{}
	f.Length("reason", reason, MinReason, MaxReason)
	f.Length("clause", clause, MinReason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActDecline, idem, func(*sqlx.Tx, Issue) (move, error) {
		return move{body: reason, details: Details{Clause: clause}}, nil
	})
}

// Arbitration is the office's decision of a dispute; it binds.
type Arbitration struct {
	Lead        org.UnitID
	Cooperating []org.UnitID
	Reason      string
}

// Arbitrate names the lead unit and those that co-operate.
func (s *Store) Arbitrate(ctx context.Context, by org.Actor, ref string, a Arbitration, idem string) error {
	f := fault.Fields{}
	if a.Lead == 0 {
		f.Add("lead", "issue.lead-missing")
	}
	if slices.Contains(a.Cooperating, a.Lead) {
		f.Add("cooperating", "order.lead-cooperates")
	}
	f.Length("reason", a.Reason, MinReason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActArbitrate, idem, func(tx *sqlx.Tx, _ Issue) (move, error) {
		if err := s.active(ctx, tx, "lead", a.Lead); err != nil {
			return move{}, err
		}
		return move{unit: a.Lead, body: a.Reason, details: Details{Cooperating: a.Cooperating}}, s.active(ctx, tx, "cooperating", a.Cooperating...)
	})
}

// CallBack is the office's call to the company after an answer.
type CallBack struct {
	Outcome string // solved, partly, not, unreached
	Channel string // phone, visit, portal
	Text    string
}

// Outcomes are what a call-back finds.
var Outcomes = []string{"solved", "partly", "not", "unreached"}

// CallBack records the call-back; it is the office's alone, never the unit's.
func (s *Store) CallBack(ctx context.Context, by org.Actor, ref string, c CallBack, idem string) error {
	f := fault.Fields{}
	if !slices.Contains(Outcomes, c.Outcome) {
		f.Add("outcome", "life.outcome-missing")
	}
	f.Length("text", c.Text, MinReason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActCallBack, idem, func(*sqlx.Tx, Issue) (move, error) {
		return move{body: c.Text, details: Details{Outcome: c.Outcome, Channel: c.Channel}}, nil
	})
}

// ReviewPolicy is the office's review of a refusal by a policy clause: it stands, or
// it is overturned and the unit works on.
func (s *Store) ReviewPolicy(ctx context.Context, by org.Actor, ref string, stands bool, text, idem string) error {
	if err := oneText("text", text, MinReason, MaxReason); err != nil {
		return err
	}
	outcome := "overturned"
	if stands {
		outcome = "stands"
	}
	return s.act(ctx, by, ref, ActReview, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: i.Lead, body: text, details: Details{Outcome: outcome}}, nil
	})
}

// Special marks an issue for special handling (特事特办).
type Special struct {
	Basis     string // the rule that allows it
	Approver  string // who approved it
	Deviation string // what is done otherwise than usual
}

// Handle marks the issue; without basis, approver and deviation it is refused.
func (s *Store) Handle(ctx context.Context, by org.Actor, ref string, d Special, idem string) error {
	f := fault.Fields{}
	f.Length("basis", d.Basis, MinReason, MaxReason)
	f.Length("approver", d.Approver, 2, MaxPlace)
	f.Length("deviation", d.Deviation, MinReason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActSpecial, idem, func(*sqlx.Tx, Issue) (move, error) {
		return move{body: d.Deviation, internal: true, details: Details{Basis: d.Basis, Approver: d.Approver}}, nil
	})
}

// Find is the supervision office's finding: an obstacle was put in the way (rule
// D4), or an issue was reopened with good reason (rule D7), or not.
func (s *Store) Find(ctx context.Context, by org.Actor, ref string, upheld bool, text, idem string) error {
	if err := oneText("text", text, 10, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActFind, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		d := Details{Outcome: "not", About: "obstacle"}
		if upheld {
			d.Outcome = "upheld"
		}
		if i.Category != CategoryObstacle || i.Obstacle != "" {
			d.About = "reopened"
		}
		return move{unit: i.Lead, body: text, internal: true, details: d}, nil
	})
}

// Merge ends an issue in favour of another of the same company.
func (s *Store) Merge(ctx context.Context, by org.Actor, ref, into, reason, idem string) error {
	if err := oneText("reason", reason, MinReason, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActMerge, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		var ok bool
		const q = `SELECT EXISTS (SELECT FROM issues WHERE ref = $1 AND id <> $2 AND company_id = $3 AND state NOT IN ('withdrawn', 'declined', 'merged'))`
		if err := tx.GetContext(ctx, &ok, q, into, i.ID, i.Company); err != nil {
			return move{}, fmt.Errorf("look for the other issue: %w", err)
		}
		if !ok {
			return move{}, fault.Field("into", "life.into-missing")
		}
		return move{body: reason, details: Details{Into: into}}, nil
	})
}

// Exclude leaves an issue out of component R, with a reason that is published.
func (s *Store) Exclude(ctx context.Context, by org.Actor, ref, why, idem string) error {
	if err := oneText("why", why, 10, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActExclude, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		const q = `UPDATE issues SET excluded_at = $2, excluded_why = $3 WHERE id = $1`
		return move{body: why}, set(ctx, tx, q, i.ID, s.now(), why)
	})
}

// set changes what lies beside the issue's events.
func set(ctx context.Context, tx *sqlx.Tx, q string, args ...any) error {
	if _, err := tx.ExecContext(ctx, q, args...); err != nil {
		return fmt.Errorf("change issue: %w", err)
	}
	return nil
}
