package honour

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/document"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Store keeps rounds.
type Store struct {
	db        *sqlx.DB
	now       func() time.Time
	cal       *calendar.Store
	eval      *evaluation.Store
	documents *document.Store
	chinese   *locale.Translator // decisions are in Chinese
}

// NewStore returns a store over db.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, eval *evaluation.Store, docs *document.Store, catalogue *locale.Catalogue) *Store {
	return &Store{db: db, now: now, cal: cal, eval: eval, documents: docs, chinese: catalogue.In(locale.Chinese)}
}

const roundQuery = `SELECT r.id, r.year, r.result_id, y.version, r.state, r.opened_at, r.noticed_at, coalesce(to_char(r.notice_until, 'YYYY-MM-DD'), '') AS notice_until, r.decided_at,
	coalesce(d.name, '') AS decider, coalesce(b.name, '') AS behalf, coalesce(r.document_id, 0) AS document_id, coalesce(x.no, '') AS document_no, r.dropped_why, y.state <> 'published' AS superseded
	FROM honour_rounds r JOIN year_results y ON y.id = r.result_id LEFT JOIN accounts d ON d.id = r.decided_by LEFT JOIN accounts b ON b.id = r.behalf_of LEFT JOIN documents x ON x.id = r.document_id `

// round reads the live round a condition names; ErrNoRound without one.
func round(ctx context.Context, q sqlx.QueryerContext, where string, arg any) (Round, error) {
	var r Round
	err := sqlx.GetContext(ctx, q, &r, roundQuery+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNoRound
	}
	if err != nil {
		return r, fmt.Errorf("read round: %w", err)
	}
	return r, nil
}

const ofYear = `WHERE r.year = $1 AND r.state <> 'dropped'`

// Round returns the round of a year to those who work on it; ErrNoRound before it is opened.
func (s *Store) Round(ctx context.Context, by org.Actor, year int) (Round, error) {
	if !sees(by) {
		return Round{}, fault.ErrNotFound
	}
	return round(ctx, s.db, ofYear, year)
}

// PublicRound returns the round of a year to anybody once its list is public.
func (s *Store) PublicRound(ctx context.Context, year int) (Round, error) {
	r, err := round(ctx, s.db, ofYear, year)
	if err == nil && !r.Public() {
		return Round{}, ErrNoRound
	}
	return r, err
}

// Rounds returns all rounds, the latest first, given up ones too.
func (s *Store) Rounds(ctx context.Context, by org.Actor) ([]Round, error) {
	if !sees(by) {
		return nil, fault.ErrNotFound
	}
	var out []Round
	if err := s.db.SelectContext(ctx, &out, roundQuery+`ORDER BY r.year DESC, r.id DESC`); err != nil {
		return nil, fmt.Errorf("list rounds: %w", err)
	}
	return out, nil
}

// PublicYears returns the years whose list is public, the latest first.
func (s *Store) PublicYears(ctx context.Context) ([]int, error) {
	var out []int
	if err := s.db.SelectContext(ctx, &out, `SELECT year FROM honour_rounds WHERE state IN ('notice', 'decided') ORDER BY year DESC`); err != nil {
		return nil, fmt.Errorf("list commended years: %w", err)
	}
	return out, nil
}

const candidateQuery = `SELECT c.id, c.round_id, r.year, c.unit_id, u.code, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", c.person, c.origin, c.state, c.reason,
	coalesce(c.pending_by, 0) AS pending_by, c.ended_why, c.facts, r.state AS round_state
	FROM honour_candidates c JOIN honour_rounds r ON r.id = c.round_id JOIN units u ON u.id = c.unit_id `

func candidates(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Candidate, error) {
	var out []Candidate
	if err := sqlx.SelectContext(ctx, q, &out, candidateQuery+where, args...); err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	for i := range out {
		if err := json.Unmarshal(out[i].Doc, &out[i].Facts); err != nil {
			return nil, fmt.Errorf("read a candidate's facts: %w", err)
		}
	}
	return out, nil
}

const inOrder = ` ORDER BY c.person <> '', (c.facts->>'class')::int, coalesce((c.facts->>'rank')::int, 999), c.id`

// Candidates returns the candidates of a round: to those who work on it all, to others,
// once the list is public, those on it or taken off it since, without their sheets.
func (s *Store) Candidates(ctx context.Context, by org.Actor, r Round) ([]Candidate, error) {
	if sees(by) {
		return candidates(ctx, s.db, `WHERE c.round_id = $1`+inOrder, r.ID)
	}
	if !r.Public() {
		return nil, fault.ErrNotFound
	}
	out, err := candidates(ctx, s.db, `WHERE c.round_id = $1 AND c.state IN ('stands', 'withdrawn', 'commended', 'revoked')`+inOrder, r.ID)
	for i := range out {
		out[i] = discreet(out[i])
	}
	return out, err
}

// discreet leaves out what may lead to a company: few sheets are few companies.
func discreet(c Candidate) Candidate {
	c.Doc, c.Facts.Sheets, c.Facts.Companies, c.Facts.Mean, c.Facts.Praise, c.Pending = nil, nil, 0, "", 0, 0
	return c
}

// Candidate returns one candidate, to whom Candidates shows it.
func (s *Store) Candidate(ctx context.Context, by org.Actor, id CandidateID) (Candidate, error) {
	all, err := candidates(ctx, s.db, `WHERE c.id = $1`, id)
	if err != nil {
		return Candidate{}, err
	}
	if len(all) == 0 {
		return Candidate{}, fault.ErrNotFound
	}
	c := all[0]
	if sees(by) {
		return c, nil
	}
	if c.RoundIs != Noticed && c.RoundIs != Decided || c.State != Stands && c.State != Withdrawn && c.State != Commended && c.State != Revoked {
		return Candidate{}, fault.ErrNotFound
	}
	return discreet(c), nil
}

// Steps returns what was done to a candidate, or to the round itself with candidate 0.
func (s *Store) Steps(ctx context.Context, by org.Actor, r RoundID, c CandidateID) ([]Step, error) {
	if !sees(by) {
		return nil, fault.ErrNotFound
	}
	var out []Step
	const q = `SELECT x.act, coalesce(a.name, '') AS who, x.role, x.at, x.text FROM honour_steps x LEFT JOIN accounts a ON a.id = x.actor
		WHERE x.round_id = $1 AND coalesce(x.candidate_id, 0) = $2 AND NOT (x.act = ANY ($3)) ORDER BY x.id`
	if err := s.db.SelectContext(ctx, &out, q, r, c, pq.Array(secret)); err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return out, nil
}

// secret are acts of those whose names stay with the supervision office: nobody is
// written down beside them, and no page lists them.
var secret = []string{"object", "nominate"}

// step is what an act leaves behind.
type step struct {
	act       string
	candidate CandidateID
	text      string
}

// act does something in a round: the round's row is locked, the same key does nothing
// again, and what was done is kept and on record in the same transaction.
func (s *Store) act(ctx context.Context, by org.Actor, where string, arg any, idem string, do func(tx *sqlx.Tx, r Round) (step, error)) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		r, err := round(ctx, tx, where+` FOR UPDATE OF r`, arg)
		if err != nil {
			return err
		}
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM honour_steps WHERE idem = $1)`, idem); err != nil {
			return fmt.Errorf("look for the act: %w", err)
		}
		if done {
			return nil
		}
		st, err := do(tx, r)
		if err != nil {
			return err
		}
		return s.keep(ctx, tx, by, r, st, idem)
	})
}

func (s *Store) keep(ctx context.Context, tx *sqlx.Tx, by org.Actor, r Round, st step, idem string) error {
	who := by.Account
	if slices.Contains(secret, st.act) {
		who = 0
	}
	const q = `INSERT INTO honour_steps (round_id, candidate_id, act, actor, role, at, text, idem) VALUES ($1, nullif($2, 0), $3, nullif($4, 0), $5, $6, $7, $8)`
	if _, err := tx.ExecContext(ctx, q, r.ID, st.candidate, st.act, who, by.Role, s.now(), st.text, idem); err != nil {
		return fmt.Errorf("keep the act: %w", err)
	}
	object := fmt.Sprintf("honour:%d", r.ID)
	if st.candidate != 0 {
		object = fmt.Sprintf("candidate:%d", st.candidate)
	}
	return record.Append(ctx, tx, by, "honour."+st.act, object, map[string]any{"year": r.Year})
}

// Waiting counts what waits for the actor: signatures, objections to decide, a list to
// decide once its notice is over.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if !sees(by) {
		return nil, nil
	}
	all, err := candidates(ctx, s.db, `WHERE c.state IN ('proposed', 'withholding') AND r.state = 'draft'`)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, c := range all {
		if c.MaySecond(by) {
			n++
		}
	}
	var k int
	switch {
	case by.Role == org.RoleSupervision:
		err = s.db.GetContext(ctx, &k, `SELECT count(*) FROM honour_objections WHERE state = 'filed'`)
	case by.MaySign():
		err = s.db.GetContext(ctx, &k, `SELECT count(*) FROM honour_rounds WHERE state = 'notice' AND notice_until < $1`, calendar.DateOf(s.now()))
	}
	if err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	return map[string]int{"honours": n + k}, nil
}
