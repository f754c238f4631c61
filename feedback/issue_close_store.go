package feedback

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// Verdict is what the company says of an answer.
type Verdict struct {
	Accept    bool
	Verdict   string // solved, partly: of an accepted answer
	Satisfied string // level code of an accepted answer
	Reason    string // needed to refuse
}

func (v Verdict) check() error {
	f := fault.Fields{}
	if !v.Accept {
		f.Length("reason", v.Reason, MinReason, MaxReason)
		return f.Err()
	}
	if v.Verdict != "solved" && v.Verdict != "partly" {
		f.Add("verdict", "issue.verdict-missing")
	}
	if !isLevel(v.Satisfied) {
		f.Add("satisfaction", "level.unknown")
	}
	f.Length("reason", v.Reason, 0, MaxReason)
	return f.Err()
}

// Confirm closes an issue by the company's word, or refuses the answer: then the
// unit works on, and after the second refusal, or after an order, the leading
// group has it.
func (s *Store) Confirm(ctx context.Context, by org.Actor, ref string, v Verdict, idem string) error {
	if err := v.check(); err != nil {
		return err
	}
	act, d := ActRefuse, Details{}
	if v.Accept {
		act, d = ActAccept, Details{Verdict: v.Verdict, Satisfaction: v.Satisfied}
	}
	return s.act(ctx, by, ref, act, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		if i.Origin == FromChamber {
			return move{}, fault.ErrForbidden // its members decide: CloseCollective
		}
		return move{body: v.Reason, details: d}, s.settleOrder(ctx, tx, i, v.Accept)
	})
}

// settleOrder ends or reopens the order whose result the company judges.
func (s *Store) settleOrder(ctx context.Context, tx *sqlx.Tx, i Issue, accept bool) error {
	if i.OrderState != "fed_back" {
		return nil
	}
	q := `UPDATE orders SET state = 'reopened' WHERE issue_id = $1 AND state = 'fed_back' AND $2::timestamptz IS NOT NULL`
	if accept {
		q = `UPDATE orders SET state = 'done', done_at = $2 WHERE issue_id = $1 AND state = 'fed_back'`
	}
	return set(ctx, tx, q, i.ID, s.now())
}

func isLevel(code string) bool { return slices.Contains(Levels, code) }

// Reopen takes up a closed issue again, by the company, within ten working days of
// its closing. The limit of its grade begins anew.
func (s *Store) Reopen(ctx context.Context, by org.Actor, ref, reason, idem string) error {
	if err := oneText("reason", reason, MinReason, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActReopen, idem, func(*sqlx.Tx, Issue) (move, error) { return move{body: reason}, nil })
}

// Message adds a message of the company or of the lead unit. What the company says
// while the county waits for it ends the pause.
func (s *Store) Message(ctx context.Context, by org.Actor, ref, text string, files []File, idem string) error {
	f := fault.Fields{}
	f.Length("text", text, 2, MaxAnswer)
	if len(files) > MaxFiles {
		f.Add("files", "file.too-many", "Count", MaxFiles)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActMessage, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		m := move{body: text, files: files}
		if !i.asks(by) {
			m.unit = i.Lead
		} else if i.Paused != nil && i.PauseReason == waitingInvestor {
			return m, s.byClock(ctx, tx, ref, ActResume, Details{Reason: waitingInvestor}, idem+"-resume")
		}
		return m, nil
	})
}

// Withdraw ends an issue by the company's wish, without a verdict.
func (s *Store) Withdraw(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActWithdraw, idem, func(*sqlx.Tx, Issue) (move, error) { return move{}, nil })
}
