package honour

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Consequences computes a year's list of interviews and of penalties, with the rule.
func (s *Store) Consequences(ctx context.Context, by org.Actor, year int) (Consequences, error) {
	if !sees(by) {
		return Consequences{}, fault.ErrNotFound
	}
	var c Consequences
	var err error
	var all []evaluation.Listing
	if c.Result, c.Rule, all, err = s.listings(ctx, year, ListInterview); err != nil {
		return c, err
	}
	last := map[int]int{} // class → places
	for _, x := range all {
		if x.Status == evaluation.Ranked {
			last[x.Class] = max(last[x.Class], x.Rank)
		}
	}
	for _, x := range all {
		switch {
		case x.Within && len(x.Against) == 0:
			c.Listed = append(c.Listed, x)
		case x.Status == evaluation.Ranked && x.Rank == last[x.Class]:
			c.Spared = append(c.Spared, x)
		}
	}
	sc, err := s.eval.Scheme(ctx, c.Result.SchemeID)
	if err != nil {
		return c, err
	}
	entries, err := s.eval.Adjustments(ctx, by, year, 0)
	if err != nil {
		return c, err
	}
	c.Penalties = penalties(sc, c.Result, entries)
	return c, nil
}

// factsFor finds what a planned interview rests on; ErrNotListed when the unit is not on
// the computed list of the basis.
func (c Consequences) factsFor(p Plan) (InterviewFacts, error) {
	if p.Basis == ByRanking {
		i := slices.IndexFunc(c.Listed, func(x evaluation.Listing) bool { return x.Unit == p.Unit })
		if i < 0 {
			return InterviewFacts{}, ErrNotListed
		}
		x := c.Listed[i]
		return InterviewFacts{Rank: x.Rank, Class: x.Class, Total: x.Result.Total.Text(4), Grade: x.Result.Grade}, nil
	}
	i := slices.IndexFunc(c.Penalties, func(x Penalty) bool { return x.Unit == p.Unit })
	if i < 0 {
		return InterviewFacts{}, ErrNotListed
	}
	return InterviewFacts{Items: c.Penalties[i].Items}, nil
}

// PlanInterview plans an interview of a unit that is on the computed list of the basis,
// and sends the unit the notice of it.
func (s *Store) PlanInterview(ctx context.Context, by org.Actor, year int, p Plan, idem string) (InterviewID, error) {
	if !by.IsOffice() {
		return 0, fault.ErrForbidden
	}
	on, err := p.check(calendar.DateOf(s.now()))
	if err != nil {
		return 0, err
	}
	c, err := s.Consequences(ctx, by, year)
	if err != nil {
		return 0, err
	}
	facts, err := c.factsFor(p)
	if err != nil {
		return 0, err
	}
	doc, err := json.Marshal(facts)
	if err != nil {
		return 0, fmt.Errorf("write facts: %w", err)
	}
	var id InterviewID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &id, `SELECT coalesce((SELECT interview_id FROM honour_interview_steps WHERE idem = $1), 0)`, idem); err != nil || id != 0 {
			return err
		}
		var name string
		if err := tx.GetContext(ctx, &name, `SELECT name_zh FROM units WHERE id = $1`, p.Unit); err != nil {
			return fmt.Errorf("read the unit: %w", err)
		}
		paper, err := s.documents.Issue(ctx, tx, by, s.summons(year, name, on, p, idem))
		if err != nil {
			return err
		}
		const q = `INSERT INTO honour_interviews (year, result_id, unit_id, basis, facts, planned_on, place, holder, document_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, year, c.Result.ID, p.Unit, p.Basis, doc, on, strings.TrimSpace(p.Place), strings.TrimSpace(p.Holder), paper.ID); err != nil {
			return err
		}
		v := Interview{ID: id, Year: year, Unit: p.Unit, Planned: on, Place: p.Place, Holder: p.Holder}
		if err := s.tellInterview(ctx, tx, v, "planned"); err != nil {
			return err
		}
		return s.keepInterview(ctx, tx, by, v, "plan", "", idem)
	})
	if postgres.Violates(err, "honour_interviews_one") {
		return 0, ErrPlanned
	}
	if err != nil && fault.Of(err) == nil {
		return 0, fmt.Errorf("plan interview: %w", err)
	}
	return id, err
}

func (s *Store) keepInterview(ctx context.Context, tx *sqlx.Tx, by org.Actor, v Interview, act, text, idem string) error {
	const q = `INSERT INTO honour_interview_steps (interview_id, act, actor, role, at, text, idem) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	if _, err := tx.ExecContext(ctx, q, v.ID, act, by.Account, by.Role, s.now(), text, idem); err != nil {
		return fmt.Errorf("keep the act: %w", err)
	}
	return record.Append(ctx, tx, by, "interview."+act, fmt.Sprintf("interview:%d", v.ID), map[string]any{"year": v.Year})
}

const interviewQuery = `SELECT v.id, v.year, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", v.basis, v.state, to_char(v.planned_on, 'YYYY-MM-DD') AS planned_on, v.place, v.holder,
	v.document_id, d.no AS document_no, coalesce(to_char(v.held_on, 'YYYY-MM-DD'), '') AS held_on, v.record, v.measures, coalesce(to_char(v.due_on, 'YYYY-MM-DD'), '') AS due_on, v.facts
	FROM honour_interviews v JOIN units u ON u.id = v.unit_id JOIN documents d ON d.id = v.document_id `

func interviews(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Interview, error) {
	var out []Interview
	if err := sqlx.SelectContext(ctx, q, &out, interviewQuery+where, args...); err != nil {
		return nil, fmt.Errorf("read interviews: %w", err)
	}
	for i := range out {
		if err := json.Unmarshal(out[i].Doc, &out[i].Facts); err != nil {
			return nil, fmt.Errorf("read an interview's facts: %w", err)
		}
	}
	return out, nil
}

// Interviews returns the interviews of a year (0: all): a unit its own, who works on
// them all; open ones first.
func (s *Store) Interviews(ctx context.Context, by org.Actor, year int) ([]Interview, error) {
	unit := by.Unit
	switch {
	case sees(by):
		unit = 0
	case !by.OfUnit(unit):
		return nil, fault.ErrNotFound
	}
	return interviews(ctx, s.db, `WHERE ($1 = 0 OR v.unit_id = $1) AND ($2 = 0 OR v.year = $2) ORDER BY v.state IN ('closed', 'cancelled'), coalesce(v.due_on, v.planned_on), v.id`, unit, year)
}

// Interview returns one interview with what was done, to whom Interviews shows it.
func (s *Store) Interview(ctx context.Context, by org.Actor, id InterviewID) (Interview, []Step, error) {
	all, err := interviews(ctx, s.db, `WHERE v.id = $1`, id)
	if err != nil {
		return Interview{}, nil, err
	}
	if len(all) == 0 || !sees(by) && !by.OfUnit(all[0].Unit) {
		return Interview{}, nil, fault.ErrNotFound
	}
	var steps []Step
	const q = `SELECT x.act, a.name AS who, x.role, x.at, x.text FROM honour_interview_steps x JOIN accounts a ON a.id = x.actor WHERE x.interview_id = $1 ORDER BY x.id`
	if err := s.db.SelectContext(ctx, &steps, q, id); err != nil {
		return Interview{}, nil, fmt.Errorf("read steps: %w", err)
	}
	return all[0], steps, nil
}

// interviewAct does an act to a locked interview, once.
func (s *Store) interviewAct(ctx context.Context, by org.Actor, id InterviewID, act, text, idem string, also func(tx *sqlx.Tx, v Interview) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		all, err := interviews(ctx, tx, `WHERE v.id = $1 FOR UPDATE OF v`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 || !sees(by) && !by.OfUnit(all[0].Unit) {
			return fault.ErrNotFound
		}
		v := all[0]
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM honour_interview_steps WHERE idem = $1)`, idem); err != nil || done {
			return err
		}
		to, ok := NextInterview(v.State, act)
		if !ok {
			return ErrState
		}
		if !v.May(by, act) {
			return fault.ErrForbidden
		}
		if also != nil {
			if err := also(tx, v); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE honour_interviews SET state = $2 WHERE id = $1`, id, to); err != nil {
			return fmt.Errorf("move the interview on: %w", err)
		}
		return errors.Join(s.keepInterview(ctx, tx, by, v, act, text, idem), s.tellInterview(ctx, tx, v, to))
	})
}

// HoldInterview notes what was said and which measures the unit takes by when.
func (s *Store) HoldInterview(ctx context.Context, by org.Actor, id InterviewID, t Talk, idem string) error {
	return s.interviewAct(ctx, by, id, "hold", "", idem, func(tx *sqlx.Tx, v Interview) error {
		on, due, err := t.check(v, calendar.DateOf(s.now()))
		if err != nil {
			return err
		}
		const q = `UPDATE honour_interviews SET held_on = $2, record = $3, measures = $4, due_on = $5 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, on, strings.TrimSpace(t.Record), strings.TrimSpace(t.Measures), due); err != nil {
			return fmt.Errorf("note the interview: %w", err)
		}
		v.Due = due
		return s.remindOfMeasures(ctx, tx, v)
	})
}

// StepInterview does one of the acts that need a text alone: report by the unit, return,
// close and cancel by an office.
func (s *Store) StepInterview(ctx context.Context, by org.Actor, id InterviewID, act, text, idem string) error {
	if !slices.Contains([]string{"report", "return", "close", "cancel"}, act) {
		return fault.ErrNotFound
	}
	text, err := reasonOf(text)
	if err != nil {
		return err
	}
	return s.interviewAct(ctx, by, id, act, text, idem, nil)
}
