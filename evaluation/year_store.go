package evaluation

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Compute computes a year's ranking from the facts as they stand and keeps it as
// a new draft; drafts before it are superseded. It returns ErrNoYearEnd while the
// year-end campaign is not tallied, ErrResultState once the year is published.
func (s *Store) Compute(ctx context.Context, by org.Actor, year int, idem string) (int64, error) {
	if err := run(by); err != nil {
		return 0, err
	}
	sc, err := s.CurrentScheme(ctx)
	if err != nil {
		return 0, err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return 0, err
	}
	asOf := s.now()
	facts, classes, err := s.gather(ctx, sc, year)
	if err != nil {
		return 0, err
	}
	doc, err := json.Marshal(facts)
	if err != nil {
		return 0, fmt.Errorf("encode facts: %w", err)
	}
	hash := sha256.Sum256(doc)
	var standings []Standing
	for _, class := range org.Classes {
		results := map[org.UnitID]Result{}
		for _, unit := range classes[class] {
			results[unit] = sc.ResultOf(facts[unit])
		}
		standings = append(standings, Rank(class, results)...)
	}
	var id int64
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &id, `SELECT id FROM year_results WHERE idem = $1`, idem); err == nil {
			return nil
		} else if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the result: %w", err)
		}
		var published bool
		if err := tx.GetContext(ctx, &published, `SELECT EXISTS (SELECT FROM year_results WHERE year = $1 AND state = 'published')`, year); err != nil {
			return fmt.Errorf("look for a published result: %w", err)
		}
		if published {
			return ErrResultState
		}
		if _, err := tx.ExecContext(ctx, `UPDATE year_results SET state = 'superseded' WHERE year = $1 AND state IN ('draft', 'checked', 'approved', 'returned')`, year); err != nil {
			return fmt.Errorf("supersede drafts: %w", err)
		}
		const q = `INSERT INTO year_results (year, version, scheme_id, calendar_version, state, as_of, facts_hash, computed_by, computed_at, idem)
			SELECT $1::int, coalesce(max(version), 0) + 1, $2, $3, 'draft', $4::timestamptz, $5::bytea, $6, $4::timestamptz, $7 FROM year_results WHERE year = $1::int RETURNING id`
		if err := tx.GetContext(ctx, &id, q, year, sc.ID, cal.ID, asOf, hash[:], by.Account, idem); err != nil {
			return fmt.Errorf("keep result: %w", err)
		}
		if err := writeStandings(ctx, tx, id, standings); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "year.computed", fmt.Sprintf("result:%d", id), map[string]any{"year": year, "facts": fmt.Sprintf("%x", hash)})
	})
	return id, err
}

// gather reads all facts of a year, by unit, and the units of each class.
func (s *Store) gather(ctx context.Context, sc *Scheme, year int) (map[org.UnitID]Facts, map[int][]org.UnitID, error) {
	sheets, err := s.feedback.SheetFacts(ctx, year)
	if err != nil {
		return nil, nil, err
	}
	issues, err := s.feedback.IssueFacts(ctx, year, s.now())
	if err != nil {
		return nil, nil, err
	}
	facts, classes := map[org.UnitID]Facts{}, map[int][]org.UnitID{}
	err = postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		var units []struct {
			Unit  org.UnitID `db:"unit_id"`
			Class int        `db:"class"`
		}
		const q = `SELECT x.unit_id, x.class FROM campaigns c JOIN campaign_units x ON x.campaign_id = c.id
			WHERE c.year = $1 AND c.kind = $2 AND c.state = 'tallied' ORDER BY x.unit_id`
		if err := tx.SelectContext(ctx, &units, q, year, sc.Required); err != nil {
			return fmt.Errorf("read the year's units: %w", err)
		}
		if len(units) == 0 {
			return ErrNoYearEnd
		}
		scores, err := s.campaignScores(ctx, tx, year)
		if err != nil {
			return err
		}
		tasks, err := taskRows(ctx, tx, year)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, year)
		if err != nil {
			return err
		}
		for _, u := range units {
			classes[u.Class] = append(classes[u.Class], u.Unit)
			facts[u.Unit] = Facts{Campaigns: scores[u.Unit], Sheets: sheets[u.Unit], Issues: issues[u.Unit], Tasks: tasks[u.Unit].figures(), Entries: entries[u.Unit]}
		}
		return nil
	})
	return facts, classes, err
}

func writeStandings(ctx context.Context, tx *sqlx.Tx, id int64, standings []Standing) error {
	const q = `INSERT INTO standings (result_id, unit_id, class, status, rank, total, grade, a, f, r, w, base, bonus, deduction, se, tier, rank_best, rank_worst, lines, reasons)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`
	for _, st := range standings {
		r := st.Result
		reasons, err := json.Marshal(r.Reasons)
		if err != nil {
			return fmt.Errorf("encode reasons: %w", err)
		}
		var total, grade any
		if r.Total.Known() {
			total, grade = r.Total.Text(4), r.Grade
		}
		zero := func(n int) any {
			if st.Rank == 0 {
				return nil
			}
			return n
		}
		if _, err := tx.ExecContext(ctx, q, id, st.Unit, st.Class, st.Status, zero(st.Rank), total, grade, r.Reasons.A.Score, r.Reasons.F.Score,
			r.Reasons.R.Score, r.Reasons.W.Score, r.Base, r.Bonus, r.Deduction, r.SE, zero(st.Tier), zero(st.Best), zero(st.Worst), r.Reasons.A.Lines, reasons); err != nil {
			return fmt.Errorf("write standing of unit %d: %w", st.Unit, err)
		}
	}
	return nil
}

const resultColumns = `y.id, y.year, y.version, y.scheme_id, y.state, y.as_of, y.facts_hash, a.name AS computer, y.computed_by, y.computed_at, coalesce(b.name, '') AS checker, y.checked_at,
	coalesce(c.name, '') AS approver, y.approved_at, coalesce(d.name, '') AS publisher, y.published_at, coalesce(e.name, '') AS returner, y.returned_at, y.returned_why
	FROM year_results y JOIN accounts a ON a.id = y.computed_by LEFT JOIN accounts b ON b.id = y.checked_by LEFT JOIN accounts c ON c.id = y.approved_by
	LEFT JOIN accounts d ON d.id = y.published_by LEFT JOIN accounts e ON e.id = y.returned_by `

// Published returns a year's published result to anyone; ErrNoResult before.
func (s *Store) Published(ctx context.Context, year int) (YearResult, error) {
	return s.result(ctx, `WHERE y.year = $1 AND y.state = 'published'`, year)
}

// PublishedYears returns the years with a published result, the latest first.
func (s *Store) PublishedYears(ctx context.Context) ([]int, error) {
	var out []int
	if err := s.db.SelectContext(ctx, &out, `SELECT year FROM year_results WHERE state = 'published' ORDER BY year DESC`); err != nil {
		return nil, fmt.Errorf("list published years: %w", err)
	}
	return out, nil
}

// Latest returns a year's latest computation to those who compile and approve.
func (s *Store) Latest(ctx context.Context, by org.Actor, year int) (YearResult, error) {
	if !runs(by) && !by.IsLeader() && by.Role != org.RoleSupervision {
		return YearResult{}, fault.ErrNotFound
	}
	r, err := s.result(ctx, `WHERE y.year = $1 ORDER BY y.version DESC LIMIT 1`, year)
	if err == nil && by.IsLeader() && r.State != "checked" && r.State != "approved" && r.State != "published" {
		return YearResult{}, ErrNoResult // a leader sees a ranking once a second person has checked it
	}
	return r, err
}

func (s *Store) result(ctx context.Context, where string, year int) (YearResult, error) {
	var r YearResult
	err := s.db.GetContext(ctx, &r, `SELECT `+resultColumns+where, year)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNoResult
	}
	if err != nil {
		return r, fmt.Errorf("read result: %w", err)
	}
	return r, nil
}

// Rows returns the lines of a result in the order of class and place.
func (s *Store) Rows(ctx context.Context, r YearResult) ([]Row, error) {
	var out []Row
	const q = `SELECT t.unit_id, u.code, u.name_zh AS "name.name_zh", u.name_en AS "name.name_en", u.name_ru AS "name.name_ru", coalesce(x.head_name, '') AS head, t.class, t.status,
			coalesce(t.rank, 0) AS rank, t.total, coalesce(t.grade, '') AS grade, t.a, t.f, t.r, t.w, t.base, t.bonus, t.deduction, coalesce(t.se, 0) AS se,
			coalesce(t.tier, 0) AS tier, coalesce(t.rank_best, 0) AS rank_best, coalesce(t.rank_worst, 0) AS rank_worst, t.lines, t.reasons
		FROM standings t JOIN units u ON u.id = t.unit_id JOIN year_results y ON y.id = t.result_id
		LEFT JOIN campaigns c ON c.year = y.year AND c.kind = 'year_end' LEFT JOIN campaign_units x ON x.campaign_id = c.id AND x.unit_id = t.unit_id
		WHERE t.result_id = $1 ORDER BY t.class, array_position(ARRAY['ranked','veto','insufficient'], t.status), t.total DESC, t.unit_id`
	if err := s.db.SelectContext(ctx, &out, q, r.ID); err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	return out, nil
}

// Open reads the figures a line is made of.
func (r Row) Open() (Reasons, error) {
	var out Reasons
	if err := json.Unmarshal(r.Doc, &out); err != nil {
		return out, fmt.Errorf("read reasons: %w", err)
	}
	return out, nil
}

// step moves a year's latest result on, in one transaction with the row locked.
func (s *Store) step(ctx context.Context, by org.Actor, id int64, from, to, column string, extra func(tx *sqlx.Tx, r YearResult) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var r YearResult
		err := tx.GetContext(ctx, &r, `SELECT `+resultColumns+`WHERE y.id = $1 FOR UPDATE OF y`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock result: %w", err)
		}
		if r.State != from {
			return ErrResultState
		}
		if extra != nil {
			if err := extra(tx, r); err != nil {
				return err
			}
		}
		q := `UPDATE year_results SET state = $2, ` + column + `_by = $3, ` + column + `_at = $4 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, to, by.Account, s.now()); err != nil {
			return fmt.Errorf("move result on: %w", err)
		}
		return record.Append(ctx, tx, by, "year."+to, fmt.Sprintf("result:%d", id), map[string]any{"year": r.Year, "version": r.Version})
	})
}

// Check confirms a draft; a second person, not the one who computed it.
func (s *Store) Check(ctx context.Context, by org.Actor, id int64) error {
	if !runs(by) && by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	return s.step(ctx, by, id, "draft", "checked", "checked", func(_ *sqlx.Tx, r YearResult) error {
		if r.ComputedBy == by.Account {
			return ErrSamePerson
		}
		return nil
	})
}

// Approve is the leading group's word; only its chair and deputies have it.
func (s *Store) Approve(ctx context.Context, by org.Actor, id int64) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	return s.step(ctx, by, id, "checked", "approved", "approved", nil)
}

// Return sends a checked result back with a reason; a new computation follows.
func (s *Store) Return(ctx context.Context, by org.Actor, id int64, why string) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if n := len([]rune(why)); n < 5 || n > MaxEvidence {
		f.Add("why", "year.why-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.step(ctx, by, id, "checked", "returned", "returned", func(tx *sqlx.Tx, _ YearResult) error {
		_, err := tx.ExecContext(ctx, `UPDATE year_results SET returned_why = $2 WHERE id = $1`, id, why)
		return err
	})
}

// Publish makes an approved result public; one published before is superseded by
// the new version. It cannot be withdrawn.
func (s *Store) Publish(ctx context.Context, by org.Actor, id int64) error {
	if err := run(by); err != nil {
		return err
	}
	return s.step(ctx, by, id, "approved", "published", "published", func(tx *sqlx.Tx, r YearResult) error {
		_, err := tx.ExecContext(ctx, `UPDATE year_results SET state = 'superseded' WHERE year = $1 AND state = 'published'`, r.Year)
		return err
	})
}
