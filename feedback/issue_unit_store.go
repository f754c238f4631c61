package feedback

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Sign is the lead unit's receipt; the first reply is due two working days later,
// and no later for signing late.
func (s *Store) Sign(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActSign, idem, func(_ *sqlx.Tx, i Issue) (move, error) { return move{unit: i.Lead}, nil })
}

// Proposal names another unit that the duty belongs to.
type Proposal struct {
	To     org.UnitID
	Clause string // the clause of the duties that says so
	Reason string
}

// Propose passes the issue on to another unit, which takes it, proposes on, or waits
// for the office to decide. Each unit may do so once, before its limit to sign is over.
func (s *Store) Propose(ctx context.Context, by org.Actor, ref string, p Proposal, idem string) error {
	f := fault.Fields{}
	if p.To == 0 || p.To == by.Unit {
		f.Add("to", "life.to-missing")
	}
	f.Length("clause", p.Clause, MinReason, MaxReason)
	f.Length("reason", p.Reason, 0, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActPropose, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		return move{unit: by.Unit, body: p.Reason, details: Details{To: p.To, Clause: p.Clause}}, s.active(ctx, tx, "to", p.To)
	})
}

// active refuses a unit that is not there, beside its field.
func (s *Store) active(ctx context.Context, tx *sqlx.Tx, field string, units ...org.UnitID) error {
	for _, u := range units {
		var ok bool
		if err := tx.GetContext(ctx, &ok, `SELECT EXISTS (SELECT FROM units WHERE id = $1 AND active)`, u); err != nil {
			return fmt.Errorf("look for the unit: %w", err)
		}
		if !ok {
			return fault.Field(field, "issue.lead-missing")
		}
	}
	return nil
}

// Take is the proposed unit's acceptance, which is its receipt at once.
func (s *Store) Take(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActTake, idem, func(_ *sqlx.Tx, i Issue) (move, error) { return move{unit: by.Unit}, nil })
}

// RefuseNamed records that the unit named by arbitration refuses. The arbitration
// binds all the same; the refusal is a fact that the appraisal knows (rule D3).
func (s *Store) RefuseNamed(ctx context.Context, by org.Actor, ref, reason, idem string) error {
	if err := oneText("reason", reason, MinReason, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActRefuseNamed, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: i.Lead, body: reason, internal: true}, nil
	})
}

// oneText checks the only text of a form.
func oneText(field, text string, least, most int) error {
	f := fault.Fields{}
	f.Length(field, text, least, most)
	return f.Err()
}

// Assign gives the issue to an officer of the lead unit.
func (s *Store) Assign(ctx context.Context, by org.Actor, ref string, officer org.AccountID, idem string) error {
	return s.act(ctx, by, ref, ActAssign, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		var ok bool
		const q = `SELECT EXISTS (SELECT FROM accounts WHERE id = $1 AND unit_id = $2 AND role IN ('head', 'officer') AND disabled_at IS NULL)`
		if err := tx.GetContext(ctx, &ok, q, officer, i.Lead); err != nil {
			return move{}, fmt.Errorf("look for the officer: %w", err)
		}
		if !ok {
			return move{}, fault.Field("officer", "life.officer-missing")
		}
		return move{unit: i.Lead, internal: true, details: Details{Officer: officer}}, nil
	})
}

// Officer is somebody of a unit who may be in charge of an issue.
type Officer struct {
	ID   org.AccountID `db:"id"`
	Name string        `db:"name"`
}

// Officers lists the people of the actor's own unit.
func (s *Store) Officers(ctx context.Context, by org.Actor) ([]Officer, error) {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return nil, fault.ErrNotFound
	}
	var out []Officer
	const q = `SELECT id, name FROM accounts WHERE unit_id = $1 AND role IN ('head', 'officer') AND disabled_at IS NULL ORDER BY role, id`
	if err := s.db.SelectContext(ctx, &out, q, by.Unit); err != nil {
		return nil, fmt.Errorf("list officers: %w", err)
	}
	return out, nil
}

// Reply is an interim answer; the first one stops the clock of the first response.
func (s *Store) Reply(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if err := oneText("text", text, MinAnswer, MaxAnswer); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActReply, idem, func(_ *sqlx.Tx, i Issue) (move, error) { return move{unit: i.Lead, body: text}, nil })
}

// Cooperate is a co-operating unit's report to the lead unit; the company does not read it.
func (s *Store) Cooperate(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if err := oneText("text", text, MinReason, MaxAnswer); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActCooperate, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: by.Unit, body: text, internal: true}, nil
	})
}

// Pause stops the limit to solve the issue: the county waits for the investor, ten
// working days at most in all, or for a higher authority, with the letter's number.
type Pause struct {
	Reason string // waiting_investor, higher_authority
	Letter string
	Text   string // what is waited for; the company reads it
}

// PauseReasons are the only reasons to pause.
var PauseReasons = []string{waitingInvestor, higherAuthority}

// Pause lets the limit stand still, in sight of the company.
func (s *Store) Pause(ctx context.Context, by org.Actor, ref string, p Pause, idem string) error {
	f := fault.Fields{}
	if !slices.Contains(PauseReasons, p.Reason) {
		f.Add("reason", "life.pause-reason-missing")
	}
	if p.Reason == higherAuthority {
		f.Length("letter", p.Letter, 4, MaxPlace)
	}
	f.Length("text", p.Text, MinReason, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActPause, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		l, err := s.lifeIn(ctx, tx, i.ID)
		if err != nil {
			return move{}, err
		}
		if p.Reason == waitingInvestor && l.Solve.WaitingLeft() <= 0 {
			return move{}, fault.Field("reason", "life.pause-used-up")
		}
		return move{unit: i.Lead, body: p.Text, details: Details{Reason: p.Reason, Letter: p.Letter}}, nil
	})
}

// Resume lets the limit go on.
func (s *Store) Resume(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if err := oneText("text", text, 0, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActResume, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: i.Lead, body: text, details: Details{Reason: i.PauseReason}}, nil
	})
}

// ExtensionDays is the longest extension of an issue's limit: half of it.
func ExtensionDays(grade string) int { return DaysOf(grade) / 2 }

// AskExtension asks the office for more days, once and before the limit is over.
func (s *Store) AskExtension(ctx context.Context, by org.Actor, ref string, days int, reason, idem string) error {
	if err := oneText("reason", reason, MinAnswer, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActExtendAsk, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		if most := ExtensionDays(i.Grade); days < 1 || days > most {
			return move{}, fault.Field("days", "life.extension-days", "Most", most)
		}
		return move{unit: i.Lead, body: reason, details: Details{Days: days}}, nil
	})
}

// DecideExtension is the office's answer to it; a refusal says why.
func (s *Store) DecideExtension(ctx context.Context, by org.Actor, ref string, grant bool, reason, idem string) error {
	act, least := ActExtendGrant, 0
	if !grant {
		act, least = ActExtendDeny, MinReason
	}
	if err := oneText("reason", reason, least, MaxReason); err != nil {
		return err
	}
	return s.act(ctx, by, ref, act, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: i.Lead, body: reason, internal: !grant, details: Details{Days: i.ExtDays}}, nil
	})
}

// Answer is what a unit says at the end.
type Answer struct {
	Result    string // solved, partly, cannot
	Text      string
	Basis     string // legal basis, or the clause of the policy, needed for "cannot"
	BasisKind string // law, policy, other: needed for "cannot"; "" reads as law
	Note      string // internal, never shown to the company
	Files     []File
}

// BasisKinds are the grounds on which an issue cannot be solved.
var BasisKinds = []string{"law", "policy", "other"}

// Check says what is wrong with an answer before it is given.
func (a Answer) Check() error {
	f := fault.Fields{}
	if !slices.Contains(Results, a.Result) {
		f.Add("result", "issue.result-missing")
	}
	f.Length("text", a.Text, MinAnswer, MaxAnswer)
	f.Length("note", a.Note, 0, MaxReason)
	if a.Result == "cannot" {
		f.Length("basis", a.Basis, MinReason, MaxReason)
	}
	if len(a.Files) > MaxFiles {
		f.Add("files", "file.too-many", "Count", MaxFiles)
	}
	return f.Err()
}

func (a Answer) details() Details {
	d := Details{Result: a.Result, Basis: a.Basis}
	if a.Result == "cannot" {
		if d.BasisKind = a.BasisKind; !slices.Contains(BasisKinds, d.BasisKind) {
			d.BasisKind = "law"
		}
	}
	return d
}

// Answer gives the lead unit's answer; the company accepts or refuses it. A refusal
// by a policy clause goes to the office for review at once.
func (s *Store) Answer(ctx context.Context, by org.Actor, ref string, a Answer, idem string) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActAnswer, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		return move{unit: i.Lead, body: a.Text, details: a.details(), note: a.Note, files: a.Files}, nil
	})
}

// lifeIn counts an issue within a transaction.
func (s *Store) lifeIn(ctx context.Context, tx *sqlx.Tx, id IssueID) (Life, error) {
	var rows []happening
	if err := tx.SelectContext(ctx, &rows, happeningColumns+`WHERE issue_id = $1 ORDER BY id`, id); err != nil {
		return Life{}, fmt.Errorf("read events: %w", err)
	}
	events, err := read(rows)
	if err != nil {
		return Life{}, err
	}
	count, err := s.counting(ctx, events)
	if err != nil {
		return Life{}, err
	}
	return Live(events, count), nil
}

// Counted is an issue with all its limits, and how long either side had it.
type Counted struct {
	Issue
	Life            Life
	County, Waiting int // working days with the county, and with the company
}

// Counted counts an issue the actor may see from its events.
func (s *Store) Counted(ctx context.Context, by org.Actor, ref string) (Counted, error) {
	i, err := s.Issue(ctx, by, ref)
	if err != nil {
		return Counted{}, err
	}
	var rows []happening
	if err := s.db.SelectContext(ctx, &rows, happeningColumns+`WHERE issue_id = $1 ORDER BY id`, i.ID); err != nil {
		return Counted{}, fmt.Errorf("read events: %w", err)
	}
	events, err := read(rows)
	if err != nil {
		return Counted{}, err
	}
	count, err := s.counting(ctx, events)
	if err != nil {
		return Counted{}, err
	}
	c := Counted{Issue: i, Life: Live(events, count)}
	c.County, c.Waiting = Turns(events, count, s.now())
	return c, nil
}

// Calendar returns the version an issue's deadlines were computed with, or the
// one in force.
func (s *Store) Calendar(ctx context.Context, version int64) (*calendar.Calendar, error) {
	if version == 0 {
		return s.cal.Current(ctx)
	}
	return s.cal.Version(ctx, version)
}
