package passing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// DutyID numbers an item of the catalogue.
type DutyID int64

// Duty is an item of the catalogue of duties (职责清单): which unit, by which clause,
// for which category of issues.
type Duty struct {
	ID       DutyID     `db:"id"`
	Unit     org.UnitID `db:"unit_id"`
	UnitName org.Names  `db:"unit"`
	Category int        `db:"category"`
	Clause   string     `db:"clause"`
	Text     string     `db:"text"`
	Added    time.Time  `db:"added_at"`
}

// Duties returns the catalogue in force, of one unit or (0) of all, of one category or
// (0) of all. It is public.
func (s *Store) Duties(ctx context.Context, unit org.UnitID, category int) ([]Duty, error) {
	var out []Duty
	const q = `SELECT d.id, d.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", d.category, d.clause, d.text, d.added_at
		FROM duties d JOIN units u ON u.id = d.unit_id WHERE d.ended_at IS NULL AND ($1 = 0 OR d.unit_id = $1) AND ($2 = 0 OR d.category = $2) ORDER BY d.category, u.code, d.id`
	if err := s.db.SelectContext(ctx, &out, q, unit, category); err != nil {
		return nil, fmt.Errorf("read duties: %w", err)
	}
	return out, nil
}

// owners is the catalogue by clause: whose duty each is.
func (s *Store) owners(ctx context.Context) (map[string][]org.UnitID, error) {
	all, err := s.Duties(ctx, 0, 0)
	if err != nil {
		return nil, err
	}
	out := map[string][]org.UnitID{}
	for _, d := range all {
		k := normalClause(d.Clause)
		out[k] = append(out[k], d.Unit)
	}
	return out, nil
}

// DutyDraft is a new item of the catalogue as typed.
type DutyDraft struct {
	Unit     org.UnitID
	Category int
	Clause   string
	Text     string
	Gap      int64 // the open gap it settles; 0 none
}

// Limits of an item's texts, in characters.
const (
	MaxClause = 120
	MaxDuty   = 500
)

// AddDuty puts an item into the catalogue; the two offices keep it. With a gap it
// settles that gap: the unit is one of the pair.
func (s *Store) AddDuty(ctx context.Context, by org.Actor, d DutyDraft, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if d.Category < 1 || d.Category > feedback.Categories {
		f.Add("category", "issue.category-missing")
	}
	f.Length("clause", d.Clause, 4, MaxClause)
	f.Length("text", d.Text, 4, MaxDuty)
	if d.Unit == 0 {
		f.Add("unit", "passing.unit-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO duties (unit_id, category, clause, text, added_by, added_at, idem)
			SELECT id, $2::smallint, $3, $4, $5::bigint, $6::timestamptz, $7 FROM units WHERE id = $1 AND active ON CONFLICT ON CONSTRAINT duties_idem_key DO NOTHING RETURNING id`
		var id DutyID
		err := tx.GetContext(ctx, &id, q, d.Unit, d.Category, d.Clause, d.Text, by.Account, s.now(), idem)
		if errors.Is(err, sql.ErrNoRows) {
			return known(ctx, tx, `SELECT EXISTS (SELECT FROM duties WHERE idem = $1)`, idem, fault.Field("unit", "passing.unit-missing"))
		}
		if err != nil {
			return fmt.Errorf("add duty: %w", err)
		}
		if d.Gap != 0 {
			const settle = `UPDATE duty_gaps SET state = 'adopted', duty_id = $2, decided_by = $3, decided_at = $4, decision = $5
				WHERE id = $1 AND state = 'open' AND $6::bigint IN (low_unit, high_unit)`
			res, err := tx.ExecContext(ctx, settle, d.Gap, id, by.Account, s.now(), d.Text, d.Unit)
			if err != nil {
				return fmt.Errorf("settle gap: %w", err)
			}
			if n, _ := res.RowsAffected(); n == 0 {
				return ErrCaseState
			}
		}
		return record.Append(ctx, tx, by, "duty.added", fmt.Sprintf("duty:%d", id), map[string]any{"unit": d.Unit, "category": d.Category, "gap": d.Gap})
	})
}

// known returns nil when the query says yes, else the error.
func known(ctx context.Context, tx *sqlx.Tx, q, arg string, otherwise error) error {
	var yes bool
	if err := tx.GetContext(ctx, &yes, q, arg); err != nil {
		return fmt.Errorf("look for the same post: %w", err)
	}
	if yes {
		return nil
	}
	return otherwise
}

// EndDuty takes an item out of the catalogue; it stays on record.
func (s *Store) EndDuty(ctx context.Context, by org.Actor, id DutyID) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE duties SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL`, id, s.now(), by.Account); err != nil {
			return fmt.Errorf("end duty: %w", err)
		}
		return record.Append(ctx, tx, by, "duty.ended", fmt.Sprintf("duty:%d", id), nil)
	})
}

// OpenGap is a gap in duties that waits for the catalogue's desk, or was decided.
type OpenGap struct {
	ID       int64          `db:"id"`
	Low      org.UnitID     `db:"low_unit"`
	High     org.UnitID     `db:"high_unit"`
	LowName  org.Names      `db:"low"`
	HighName org.Names      `db:"high"`
	Category int            `db:"category"`
	Issues   pq.StringArray `db:"issues"`
	Case     string         `db:"case_ref"`
	Found    time.Time      `db:"found_at"`
	State    string         `db:"state"`
	Decision string         `db:"decision"`
}

// Gaps returns the gaps, open ones first, to those who read by duty.
func (s *Store) Gaps(ctx context.Context, by org.Actor) ([]OpenGap, error) {
	if !duty(by) {
		return nil, fault.ErrNotFound
	}
	var out []OpenGap
	const q = `SELECT g.id, g.low_unit, g.high_unit, a.name_zh AS "low.name_zh", a.name_en AS "low.name_en", a.name_ru AS "low.name_ru",
			b.name_zh AS "high.name_zh", b.name_en AS "high.name_en", b.name_ru AS "high.name_ru", g.category, g.issues, g.case_ref, g.found_at, g.state, g.decision
		FROM duty_gaps g JOIN units a ON a.id = g.low_unit JOIN units b ON b.id = g.high_unit ORDER BY g.state <> 'open', g.found_at DESC, g.id LIMIT 100`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	return out, nil
}

// DismissGap says that a gap is none, with the reason.
func (s *Store) DismissGap(ctx context.Context, by org.Actor, id int64, why string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("why", why, 5, MaxDuty)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE duty_gaps SET state = 'dismissed', decision = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 'open'`, id, why, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("dismiss gap: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return ErrCaseState
		}
		return record.Append(ctx, tx, by, "gap.dismissed", fmt.Sprintf("gap:%d", id), nil)
	})
}

// gapFound puts the gap that a finding names before the catalogue's desk.
func (s *Store) gapFound(ctx context.Context, tx *sqlx.Tx, c Case) error {
	all, err := histories(ctx, tx, `i.id = $1`, c.Issue)
	if err != nil || len(all) == 0 {
		return err
	}
	x, err := s.measured(ctx, all[0], s.now())
	if err != nil {
		return err
	}
	for _, g := range gapsOf([]measuredHistory{{c.IssueRef, c.Category, x}}, 1) {
		if err := s.putGap(ctx, tx, g, c.Ref); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) putGap(ctx context.Context, tx *sqlx.Tx, g Gap, caseRef string) error {
	const q = `INSERT INTO duty_gaps (low_unit, high_unit, category, issues, case_ref, found_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (low_unit, high_unit, category) WHERE state = 'open' DO UPDATE SET
			issues = (SELECT array_agg(DISTINCT x ORDER BY x) FROM unnest(duty_gaps.issues || excluded.issues) x),
			case_ref = CASE WHEN excluded.case_ref <> '' THEN excluded.case_ref ELSE duty_gaps.case_ref END`
	if _, err := tx.ExecContext(ctx, q, g.Pair.Low, g.Pair.High, g.Category, pq.Array(g.Issues), caseRef, s.now()); err != nil {
		return fmt.Errorf("put gap: %w", err)
	}
	return nil
}

// FindGaps is what the clock does once a day: pairs of units with many mutual returns in the last
// twelve months come before the catalogue's desk, unless decided with the same issues.
func (s *Store) FindGaps(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gapsOn == s.today() {
		return nil
	}
	if err := s.findGaps(ctx); err != nil {
		return err
	}
	s.gapsOn = s.today()
	return nil
}

func (s *Store) findGaps(ctx context.Context) error {
	all, err := histories(ctx, s.db, `i.raised_at > $1 AND EXISTS (SELECT FROM issue_events e WHERE e.issue_id = i.id AND e.kind = 'propose')`, s.now().AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	var measured []measuredHistory
	for _, h := range all {
		x, err := s.measured(ctx, h, s.now())
		if err != nil {
			return err
		}
		measured = append(measured, measuredHistory{h.Ref, h.Category, x})
	}
	for _, g := range gapsOf(measured, GapIssues) {
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			const q = `SELECT EXISTS (SELECT FROM duty_gaps WHERE low_unit = $1 AND high_unit = $2 AND category = $3 AND issues @> $4)`
			var there bool
			if err := tx.GetContext(ctx, &there, q, g.Pair.Low, g.Pair.High, g.Category, pq.Array(g.Issues)); err != nil {
				return fmt.Errorf("look for the gap: %w", err)
			}
			if there {
				return nil
			}
			return s.putGap(ctx, tx, g, "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
