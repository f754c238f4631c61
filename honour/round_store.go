package honour

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// Listings says of every unit of a year's published ranking whether the rule takes it
// and why not, with the rule itself; ErrNoResult of evaluation without a ranking.
func (s *Store) Listings(ctx context.Context, by org.Actor, year int, list string) (evaluation.YearResult, evaluation.List, []evaluation.Listing, error) {
	if !sees(by) {
		return evaluation.YearResult{}, evaluation.List{}, nil, fault.ErrNotFound
	}
	return s.listings(ctx, year, list)
}

// Rule is the rule of a list as the year's scheme has it, for anybody.
func (s *Store) Rule(ctx context.Context, r Round) (*evaluation.Scheme, evaluation.List, error) {
	_, snap, err := s.eval.Snapshot(ctx, r.Result)
	if err != nil {
		return nil, evaluation.List{}, err
	}
	i := slices.IndexFunc(snap.Scheme.Lists, func(l evaluation.List) bool { return l.Code == ListAdvanced })
	if i < 0 {
		return snap.Scheme, evaluation.List{}, nil
	}
	return snap.Scheme, snap.Scheme.Lists[i], nil
}

func (s *Store) listings(ctx context.Context, year int, list string) (evaluation.YearResult, evaluation.List, []evaluation.Listing, error) {
	r, err := s.eval.Published(ctx, year)
	if err != nil {
		return r, evaluation.List{}, nil, err
	}
	_, snap, err := s.eval.Snapshot(ctx, r.ID)
	if err != nil {
		return r, evaluation.List{}, nil, err
	}
	l, all := snap.Listings(list)
	return r, l, all, nil
}

func factsOf(x evaluation.Listing) Facts {
	return Facts{Rank: x.Rank, Class: x.Class, Total: x.Result.Total.Text(4), Grade: x.Result.Grade, Tier: x.Tier, Against: x.Against}
}

// Open begins the round of a year: the units that the sealed ranking puts on the list
// are its candidates. It returns ErrNoResult of evaluation before the ranking is
// published and ErrOpened when there is a round.
func (s *Store) Open(ctx context.Context, by org.Actor, year int, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	result, _, all, err := s.listings(ctx, year, ListAdvanced)
	if err != nil {
		return err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM honour_steps WHERE idem = $1)`, idem); err != nil || done {
			return err
		}
		r := Round{Year: year}
		const q = `INSERT INTO honour_rounds (year, result_id, opened_at) SELECT year, id, $2 FROM year_results WHERE id = $1 AND state = 'published' RETURNING id`
		if err := tx.GetContext(ctx, &r.ID, q, result.ID, s.now()); err != nil {
			return err
		}
		for _, x := range all {
			if len(x.Against) > 0 {
				continue
			}
			if _, err := insertCandidate(ctx, tx, r.ID, Candidate{Unit: x.Unit, Origin: "rule", State: Stands, Facts: factsOf(x)}); err != nil {
				return err
			}
		}
		return s.keep(ctx, tx, by, r, step{act: "open"}, idem)
	})
	if postgres.Violates(err, "honour_rounds_one") {
		return ErrOpened
	}
	if err != nil && fault.Of(err) == nil {
		return fmt.Errorf("open round: %w", err)
	}
	return err
}

func insertCandidate(ctx context.Context, tx *sqlx.Tx, r RoundID, c Candidate) (CandidateID, error) {
	doc, err := json.Marshal(c.Facts)
	if err != nil {
		return 0, fmt.Errorf("write facts: %w", err)
	}
	const q = `INSERT INTO honour_candidates (round_id, unit_id, person, origin, state, facts, reason, pending_by) VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0)) RETURNING id`
	var id CandidateID
	err = tx.GetContext(ctx, &id, q, r, c.Unit, c.Person, c.Origin, c.State, doc, c.Reason, c.Pending)
	if postgres.Violates(err, "honour_candidates_once") {
		return 0, fault.Field("unit", "honour.candidate-twice")
	}
	if err != nil {
		return 0, fmt.Errorf("add candidate: %w", err)
	}
	return id, nil
}

// move brings the locked round to its next state.
func (r Round) move(ctx context.Context, tx *sqlx.Tx, act, set string, args ...any) error {
	to, ok := follows(r.State, act)
	if !ok {
		return ErrState
	}
	if _, err := tx.ExecContext(ctx, `UPDATE honour_rounds SET state = $2, `+set+` WHERE id = $1`, append([]any{r.ID, to}, args...)...); err != nil {
		return fmt.Errorf("move the round on: %w", err)
	}
	return nil
}

// count counts the candidates of a round in one of the states.
func count(ctx context.Context, tx *sqlx.Tx, r RoundID, states ...State) (int, error) {
	n := 0
	for _, st := range states {
		var k int
		if err := tx.GetContext(ctx, &k, `SELECT count(*) FROM honour_candidates WHERE round_id = $1 AND state = $2`, r, st); err != nil {
			return 0, fmt.Errorf("count candidates: %w", err)
		}
		n += k
	}
	return n, nil
}

// Notice makes the list public for five working days. Everything must be signed, the
// ranking must be the newest and its appeals decided.
func (s *Store) Notice(ctx context.Context, by org.Actor, year int, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		if _, ok := follows(r.State, "notice"); !ok {
			return step{}, ErrState
		}
		if err := s.settled(ctx, tx, r); err != nil {
			return step{}, err
		}
		if n, err := count(ctx, tx, r.ID, Proposed, Withholding); err != nil || n > 0 {
			return step{}, errors.Join(err, when(n > 0, ErrPending))
		}
		if n, err := count(ctx, tx, r.ID, Stands); err != nil || n == 0 {
			return step{}, errors.Join(err, when(n == 0, ErrNobody))
		}
		until, _ := cal.Add(calendar.DateOf(s.now()), NoticeDays)
		if err := r.move(ctx, tx, "notice", `noticed_at = $3, notice_until = $4, calendar_version = $5`, s.now(), until, cal.ID); err != nil {
			return step{}, err
		}
		r.Until = until
		return step{act: "notice"}, s.tellNotice(ctx, tx, r)
	})
}

func when(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

// settled refuses while the ranking may still change: an appeal is open, the time to
// appeal runs, an upheld appeal asks for a new version, or there is one.
func (s *Store) settled(ctx context.Context, tx *sqlx.Tx, r Round) error {
	if r.Superseded {
		return ErrSuperseded
	}
	result, err := s.eval.Published(ctx, r.Year)
	if err != nil {
		return err
	}
	w, err := s.eval.AppealWindow(ctx, result)
	if err != nil {
		return err
	}
	reopened, err := s.eval.Reopened(ctx, r.Year)
	if err != nil {
		return err
	}
	var open bool
	const q = `SELECT EXISTS (SELECT FROM appeals a JOIN year_results y ON y.id = a.result_id WHERE y.year = $1 AND (a.state = 'filed' OR a.state = 'upheld' AND a.done_at IS NULL))`
	if err := tx.GetContext(ctx, &open, q, r.Year); err != nil {
		return fmt.Errorf("look for open appeals: %w", err)
	}
	return when(w.Open || reopened || open, ErrAppeals)
}

// Decide is the leading group's decision on the list, by its chair or a deputy: after
// the public notice, with every objection decided. It becomes a numbered document.
func (s *Store) Decide(ctx context.Context, by org.Actor, year int, idem string) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	return s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		if _, ok := follows(r.State, "decide"); !ok {
			return step{}, ErrState
		}
		if !r.Over(s.now()) {
			return step{}, ErrRunning
		}
		if r.Superseded {
			return step{}, ErrSuperseded
		}
		var open bool
		if err := tx.GetContext(ctx, &open, `SELECT EXISTS (SELECT FROM honour_objections o JOIN honour_candidates c ON c.id = o.candidate_id WHERE c.round_id = $1 AND o.state = 'filed')`, r.ID); err != nil {
			return step{}, fmt.Errorf("look for open objections: %w", err)
		}
		if open {
			return step{}, ErrObjections
		}
		if _, err := tx.ExecContext(ctx, `UPDATE honour_candidates SET state = 'commended' WHERE round_id = $1 AND state = 'stands'`, r.ID); err != nil {
			return step{}, fmt.Errorf("commend: %w", err)
		}
		all, err := candidates(ctx, tx, `WHERE c.round_id = $1 AND c.state = 'commended'`+inOrder, r.ID)
		if err != nil {
			return step{}, err
		}
		doc, err := s.documents.Issue(ctx, tx, by, s.decision(r, by, all))
		if err != nil {
			return step{}, err
		}
		if err := r.move(ctx, tx, "decide", `decided_at = $3, decided_by = $4, behalf_of = nullif($5, 0), document_id = $6`, s.now(), by.Account, by.Behalf, doc.ID); err != nil {
			return step{}, err
		}
		return step{act: "decide", text: doc.No}, s.tellDecided(ctx, tx, r, all)
	})
}

// Drop gives a round up before it is decided, with a reason; another may be opened.
func (s *Store) Drop(ctx context.Context, by org.Actor, year int, why, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	why, err := reasonOf(why)
	if err != nil {
		return err
	}
	return s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		return step{act: "drop", text: why}, r.move(ctx, tx, "drop", `dropped_why = $3`, why)
	})
}
