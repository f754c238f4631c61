package evaluation

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Compute computes a year's ranking from the facts as they stand, seals them in a
// snapshot and keeps both as a new draft; drafts before it are superseded. It returns
// ErrNoYearEnd while the required campaign is not tallied, ErrResultState once the
// year is published and no appeal was upheld since.
func (s *Store) Compute(ctx context.Context, by org.Actor, year int, idem string) (int64, error) {
	if err := run(by); err != nil {
		return 0, err
	}
	snap, schemeID, calID, err := s.factsOf(ctx, year)
	if err != nil {
		return 0, err
	}
	asOf, why := snap.asOf, snap.because
	doc, err := snap.Write()
	if err != nil {
		return 0, err
	}
	// what is kept is computed from the bytes that are sealed, by the way anyone takes
	if snap, err = ReadSnapshot(doc); err != nil {
		return 0, err
	}
	hash := sha256.Sum256(doc)
	_, ranking, err := snap.Ranking().Canonical()
	if err != nil {
		return 0, err
	}
	fair, err := snap.FairStandings()
	if err != nil {
		return 0, err
	}
	fairDoc, err := json.Marshal(fair)
	if err != nil {
		return 0, fmt.Errorf("encode comparison: %w", err)
	}
	standings := snap.Standings()
	var id int64
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &id, `SELECT id FROM year_results WHERE idem = $1`, idem); err == nil {
			return nil
		} else if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the result: %w", err)
		}
		because, err := reopened(ctx, tx, year, why)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE year_results SET state = 'superseded' WHERE year = $1 AND state IN ('draft', 'checked', 'approved', 'returned')`, year); err != nil {
			return fmt.Errorf("supersede drafts: %w", err)
		}
		const q = `INSERT INTO year_results (year, version, scheme_id, calendar_version, state, as_of, snapshot, snapshot_hash, ranking_hash, fairness, because_of, computed_by, computed_at, idem)
			SELECT $1::int, coalesce(max(version), 0) + 1, $2, $3, 'draft', $4::timestamptz, $5::bytea, $6::bytea, $7::bytea, $8::json, $9, $10, $12::timestamptz, $11 FROM year_results WHERE year = $1::int RETURNING id`
		if err := tx.GetContext(ctx, &id, q, year, schemeID, calID, asOf, doc, hash[:], ranking[:], fairDoc, because, by.Account, idem, s.now()); err != nil {
			return fmt.Errorf("keep result: %w", err)
		}
		if err := writeStandings(ctx, tx, id, standings); err != nil {
			return err
		}
		if err := signFor(ctx, tx, by, id, s.now()); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "year.computed", fmt.Sprintf("result:%d", id), map[string]any{"year": year, "snapshot": fmt.Sprintf("%x", hash), "ranking": fmt.Sprintf("%x", ranking)})
	})
	return id, err
}

// reopened says whether a year may be computed: it is not published, or appeals
// against what is published were upheld, the same that the facts were put right for.
// It returns which appeals.
func reopened(ctx context.Context, tx *sqlx.Tx, year int, seen []Appeal) (string, error) {
	var published bool
	if err := tx.GetContext(ctx, &published, `SELECT EXISTS (SELECT FROM year_results WHERE year = $1 AND state = 'published')`, year); err != nil {
		return "", fmt.Errorf("look for a published result: %w", err)
	}
	if !published {
		return "", nil
	}
	now, err := settled(ctx, tx, year)
	if err != nil {
		return "", err
	}
	if len(now) == 0 || numbers(now) != numbers(seen) {
		return "", ErrResultState
	}
	return numbers(now), nil
}

func numbers(appeals []Appeal) string {
	var out []string
	for _, a := range appeals {
		out = append(out, strconv.FormatInt(int64(a.ID), 10))
	}
	return strings.Join(out, ",")
}

// signFor notes that an office stands for a result's snapshot; only the two offices do.
func signFor(ctx context.Context, tx *sqlx.Tx, by org.Actor, id int64, at time.Time) error {
	if !by.IsOffice() {
		return nil
	}
	const q = `INSERT INTO result_signatures (result_id, office, account_id, signed_at)
		SELECT $1, b.kind, a.id, $3 FROM accounts a JOIN bodies b ON b.id = a.body_id WHERE a.id = $2 ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, q, id, by.Account, at); err != nil {
		return fmt.Errorf("sign result: %w", err)
	}
	return nil
}

// Sign signs a result's snapshot for the actor's office; the two offices do, before
// the leading group approves.
func (s *Store) Sign(ctx context.Context, by org.Actor, id int64) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var state string
		if err := tx.GetContext(ctx, &state, `SELECT state FROM year_results WHERE id = $1 FOR UPDATE`, id); errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("lock result: %w", err)
		}
		if state != "draft" && state != "checked" {
			return ErrResultState
		}
		if err := signFor(ctx, tx, by, id, s.now()); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "year.signed", fmt.Sprintf("result:%d", id), nil)
	})
}

// Signatures returns who signed a result's snapshot.
func (s *Store) Signatures(ctx context.Context, id int64) ([]Signature, error) {
	var out []Signature
	const q = `SELECT g.office, a.name, g.signed_at FROM result_signatures g JOIN accounts a ON a.id = g.account_id WHERE g.result_id = $1 ORDER BY g.office`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	return out, nil
}

func writeStandings(ctx context.Context, tx *sqlx.Tx, id int64, standings []Standing) error {
	const q = `INSERT INTO standings (result_id, unit_id, class, status, rank, total, grade, base, bonus, deduction, se, tier, rank_best, rank_worst, lines, lists, reasons)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	for _, st := range standings {
		r := st.Result
		reasons, err := json.Marshal(r.Reasons)
		if err != nil {
			return fmt.Errorf("encode reasons: %w", err)
		}
		var total, grade any
		if r.Total.Known() {
			total, grade = r.Total.Plain(), r.Grade
		}
		zero := func(n int) any {
			if st.Rank == 0 {
				return nil
			}
			return n
		}
		if _, err := tx.ExecContext(ctx, q, id, st.Unit, st.Class, st.Status, zero(st.Rank), total, grade, r.Base, r.Bonus, r.Deduction, r.SE,
			zero(st.Tier), zero(st.Best), zero(st.Worst), r.Reasons.Appraisal().Lines, pq.Array(append([]string{}, st.Lists...)), reasons); err != nil {
			return fmt.Errorf("write standing of unit %d: %w", st.Unit, err)
		}
	}
	return nil
}

const resultColumns = `y.id, y.year, y.version, y.scheme_id, y.state, y.as_of, y.snapshot_hash, y.ranking_hash, y.because_of, a.name AS computer, y.computed_by, y.computed_at, coalesce(b.name, '') AS checker, y.checked_at,
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

// Version returns one version of a year's result that was published once, the
// superseded ones too; ErrNoResult for another.
func (s *Store) Version(ctx context.Context, year, version int) (YearResult, error) {
	return s.result(ctx, `WHERE y.year = $1 AND y.version = $2 AND y.published_at IS NOT NULL`, year, version)
}

// PublishedVersions returns the versions of a year that were published, the latest
// first.
func (s *Store) PublishedVersions(ctx context.Context, year int) ([]int, error) {
	var out []int
	if err := s.db.SelectContext(ctx, &out, `SELECT version FROM year_results WHERE year = $1 AND published_at IS NOT NULL ORDER BY version DESC`, year); err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return out, nil
}

// Snapshot returns the sealed file of a result, and what follows from it.
func (s *Store) Snapshot(ctx context.Context, id int64) ([]byte, *Snapshot, error) {
	var doc []byte
	if err := s.db.GetContext(ctx, &doc, `SELECT snapshot FROM year_results WHERE id = $1`, id); err != nil {
		return nil, nil, fmt.Errorf("read snapshot: %w", err)
	}
	snap, err := ReadSnapshot(doc)
	return doc, snap, err
}

// Fairness returns the comparison of a result that allows for harsh raters.
func (s *Store) Fairness(ctx context.Context, id int64) ([]FairStanding, error) {
	var doc []byte
	if err := s.db.GetContext(ctx, &doc, `SELECT coalesce(fairness, 'null') FROM year_results WHERE id = $1`, id); err != nil {
		return nil, fmt.Errorf("read comparison: %w", err)
	}
	var out []FairStanding
	if err := json.Unmarshal(doc, &out); err != nil {
		return nil, fmt.Errorf("read comparison: %w", err)
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

func (s *Store) result(ctx context.Context, where string, args ...any) (YearResult, error) {
	var r YearResult
	err := s.db.GetContext(ctx, &r, `SELECT `+resultColumns+where, args...)
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
			coalesce(t.rank, 0) AS rank, t.total, coalesce(t.grade, '') AS grade, t.base, t.bonus, t.deduction, coalesce(t.se, 0) AS se,
			coalesce(t.tier, 0) AS tier, coalesce(t.rank_best, 0) AS rank_best, coalesce(t.rank_worst, 0) AS rank_worst, t.lines, t.lists, t.reasons
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
	return s.step(ctx, by, id, "draft", "checked", "checked", func(tx *sqlx.Tx, r YearResult) error {
		if r.ComputedBy == by.Account {
			return ErrSamePerson
		}
		return signFor(ctx, tx, by, id, s.now())
	})
}

// Approve is the leading group's word; only its chair and deputies have it. Both
// offices must have signed the snapshot: ErrUnsigned.
func (s *Store) Approve(ctx context.Context, by org.Actor, id int64) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	return s.step(ctx, by, id, "checked", "approved", "approved", func(tx *sqlx.Tx, _ YearResult) error {
		var offices int
		if err := tx.GetContext(ctx, &offices, `SELECT count(*) FROM result_signatures WHERE result_id = $1`, id); err != nil {
			return fmt.Errorf("count signatures: %w", err)
		}
		if offices < 2 {
			return ErrUnsigned
		}
		return nil
	})
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
		if _, err := tx.ExecContext(ctx, `UPDATE year_results SET state = 'superseded' WHERE year = $1 AND state = 'published'`, r.Year); err != nil {
			return err
		}
		return s.tellPublished(ctx, tx, r)
	})
}
