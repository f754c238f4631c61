package evaluation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// AppealWindow returns the time in which a published result may be appealed against.
func (s *Store) AppealWindow(ctx context.Context, r YearResult) (Window, error) {
	if r.State != "published" || r.Published == nil {
		return Window{}, nil
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return Window{}, err
	}
	return windowOf(cal, *r.Published, s.now()), nil
}

// AppealSubjects returns what the actor's unit may appeal against in a result: its
// own deductions, the issues it led, its counted figures.
func (s *Store) AppealSubjects(ctx context.Context, by org.Actor, r YearResult) ([]Subject, error) {
	if !by.OfUnit(by.Unit) {
		return nil, fault.ErrNotFound
	}
	sc, err := s.Scheme(ctx, r.SchemeID)
	if err != nil {
		return nil, err
	}
	var class int
	if err := s.db.GetContext(ctx, &class, `SELECT class FROM standings WHERE result_id = $1 AND unit_id = $2`, r.ID, by.Unit); errors.Is(err, sql.ErrNoRows) {
		return nil, nil // not ranked in that year
	} else if err != nil {
		return nil, fmt.Errorf("find the unit's class: %w", err)
	}
	entries, err := s.Adjustments(ctx, by, r.Year, by.Unit)
	if err != nil {
		return nil, err
	}
	var out []Subject
	for _, e := range entries {
		if e.Struck == nil && sc.takesAway(e.Rule) {
			out = append(out, Subject{Kind: AppealDeduction, Key: fmt.Sprintf("%s%d", subjectEntry, e.ID), Code: e.Rule, Name: sc.RuleName(e.Rule), On: e.On, Text: e.Evidence})
		}
	}
	issues, _, err := s.feedback.Issues(ctx, by, feedback.IssueFilter{Unit: by.Unit, Page: 1, Size: 500})
	if err != nil {
		return nil, err
	}
	for _, i := range issues {
		if i.DeadlineOn != "" && i.DeadlineOn.Year() == r.Year && i.Excluded == nil {
			out = append(out, Subject{Kind: AppealAttribution, Key: subjectIssue + i.Ref, Code: i.Ref, Text: i.Title})
		}
	}
	return append(out, sc.figures(class)...), nil
}

// FileAppeal files an appeal of the actor's unit against a year's published result.
// It returns ErrNoResult without one, ErrAppealWindow when the time is over; one
// subject is appealed against once. The same idem is the same appeal.
func (s *Store) FileAppeal(ctx context.Context, by org.Actor, year int, d AppealDraft, idem string) (AppealID, error) {
	if !by.OfUnit(by.Unit) {
		return 0, fault.ErrForbidden
	}
	r, err := s.Published(ctx, year)
	if err != nil {
		return 0, err
	}
	if w, err := s.AppealWindow(ctx, r); err != nil {
		return 0, err
	} else if !w.Open {
		return 0, ErrAppealWindow
	}
	all, err := s.AppealSubjects(ctx, by, r)
	if err != nil {
		return 0, err
	}
	d.Grounds = strings.TrimSpace(d.Grounds)
	subject, err := d.check(all)
	if err != nil {
		return 0, err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return 0, err
	}
	due, _ := cal.Add(calendar.DateOf(s.now()), DecisionDays)
	var id AppealID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &id, `SELECT id FROM appeals WHERE idem = $1`, idem); err == nil {
			return nil
		} else if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the appeal: %w", err)
		}
		const q = `INSERT INTO appeals (result_id, unit_id, kind, subject, grounds, filed_by, filed_at, decide_by, idem)
			SELECT id, $2, $3, $4, $5, $6, $7, $8, $9 FROM year_results WHERE id = $1 AND state = 'published' RETURNING id`
		err := tx.GetContext(ctx, &id, q, r.ID, by.Unit, subject.Kind, subject.Key, d.Grounds, by.Account, s.now(), due, idem)
		switch {
		case postgres.Violates(err, "appeals_once"):
			return fault.Field("subject", "appeal.twice")
		case errors.Is(err, sql.ErrNoRows):
			return ErrResultState
		case err != nil:
			return fmt.Errorf("file appeal: %w", err)
		}
		if err := keepFiles(ctx, tx, id, d.Files); err != nil {
			return err
		}
		if err := s.tellOfAppeal(ctx, tx, "appeal-filed", id, by.Unit, due); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "appeal.filed", fmt.Sprintf("appeal:%d", id), map[string]any{"result": r.ID, "kind": subject.Kind, "subject": subject.Key})
	})
	return id, err
}

const appealQuery = `SELECT a.id, a.result_id, y.year, y.version, a.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", a.kind, a.subject,
	coalesce(x.rule, '') AS rule, coalesce(to_char(x.happened_on, 'YYYY-MM-DD'), '') AS happened_on, coalesce(x.evidence, '') AS evidence, a.grounds, a.state, f.name AS filed_by, a.filed_at, to_char(a.decide_by, 'YYYY-MM-DD') AS decide_by,
	coalesce(d.name, '') AS decided_by, a.decided_at, a.decision, a.done_at
	FROM appeals a JOIN year_results y ON y.id = a.result_id JOIN units u ON u.id = a.unit_id JOIN accounts f ON f.id = a.filed_by LEFT JOIN accounts d ON d.id = a.decided_by
	LEFT JOIN adjustments x ON a.kind = 'deduction' AND a.subject = 'adjustment:' || x.id `

// seesAppeals is who sees all appeals.
func seesAppeals(a org.Actor) bool { return runs(a) || a.Role == org.RoleSupervision }

// Appeals returns appeals: a unit its own, the offices and the supervision office
// all; undecided ones first, the nearest deadline first.
func (s *Store) Appeals(ctx context.Context, by org.Actor) ([]Appeal, error) {
	unit := by.Unit
	switch {
	case seesAppeals(by):
		unit = 0
	case !by.OfUnit(unit):
		return nil, fault.ErrNotFound
	}
	var out []Appeal
	const q = appealQuery + `WHERE $1 = 0 OR a.unit_id = $1 ORDER BY a.state <> 'filed', CASE WHEN a.state = 'filed' THEN a.decide_by END, a.filed_at DESC, a.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, unit); err != nil {
		return nil, fmt.Errorf("list appeals: %w", err)
	}
	return out, nil
}

// Appeal returns one appeal to those who may see it.
func (s *Store) Appeal(ctx context.Context, by org.Actor, id AppealID) (Appeal, error) {
	var a Appeal
	err := s.db.GetContext(ctx, &a, appealQuery+`WHERE a.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("read appeal: %w", err)
	}
	if !seesAppeals(by) && !by.OfUnit(a.Unit) {
		return Appeal{}, fault.ErrNotFound
	}
	return a, nil
}

// AppealEffect returns what upholding an appeal would move, where it can be told
// beforehand: the sealed facts without the entry. ok is false for another appeal.
func (s *Store) AppealEffect(ctx context.Context, a Appeal) (moves []Move, ok bool, err error) {
	if a.Kind != AppealDeduction {
		return nil, false, nil
	}
	_, snap, err := s.Snapshot(ctx, a.Result)
	if err != nil {
		return nil, false, err
	}
	k, err := s.entryAt(ctx, a, snap)
	if err != nil || k < 0 {
		return nil, false, err
	}
	for _, m := range Moves(snap.Standings(), snap.without(a.Unit, k).Standings()) {
		if m.Unit == a.Unit || m.Changed() {
			moves = append(moves, m)
		}
	}
	return moves, true, nil
}

// entryAt is the place of the appealed entry among the sealed entries of the unit;
// −1 where the sealed facts do not hold it.
func (s *Store) entryAt(ctx context.Context, a Appeal, snap *Snapshot) (int, error) {
	var rows []struct {
		ID   int64  `db:"id"`
		Rule string `db:"rule"`
	}
	const q = `SELECT x.id, x.rule FROM adjustments x JOIN year_results y ON y.id = $1 WHERE x.year = y.year AND x.unit_id = $2 AND x.entered_at <= y.computed_at
		AND (x.struck_at IS NULL OR x.struck_at > y.computed_at) ORDER BY x.happened_on, x.id`
	if err := s.db.SelectContext(ctx, &rows, q, a.Result, a.Unit); err != nil {
		return -1, fmt.Errorf("find the entry: %w", err)
	}
	i := slices.IndexFunc(snap.Units, func(u SnapshotUnit) bool { return u.Unit == a.Unit })
	if i < 0 || len(snap.Units[i].Facts.Entries) != len(rows) {
		return -1, nil
	}
	at := -1
	for k, e := range snap.Units[i].Facts.Entries {
		if e.Rule != rows[k].Rule {
			return -1, nil
		}
		if rows[k].ID == a.entry() {
			at = k
		}
	}
	return at, nil
}

// DecideAppeal decides an appeal, upheld or rejected, with reasons: the supervision
// office or one of the two offices does, but nobody on an entry of his own. Upheld
// against a deduction, the entry is struck in the same step.
func (s *Store) DecideAppeal(ctx context.Context, by org.Actor, id AppealID, word, text string) error {
	if !mayDecide(by) {
		return fault.ErrNotFound
	}
	f := fault.Fields{}
	if word != AppealUpheld && word != AppealRejected {
		f.Add("word", "appeal.word-missing")
	}
	if n := utf8.RuneCountInString(text); n < 5 || n > MaxEvidence {
		f.Add("text", "year.why-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		a, err := lockAppeal(ctx, tx, id, AppealFiled)
		if err != nil {
			return err
		}
		var done *time.Time
		now := s.now()
		if a.Kind == AppealDeduction {
			if err := strikeFor(ctx, tx, by, a, word, text, now); err != nil {
				return err
			}
			if word == AppealUpheld {
				done = &now
			}
		}
		const q = `UPDATE appeals SET state = $2, decided_by = $3, decided_at = $4, decision = $5, done_at = $6 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, word, by.Account, now, text, done); err != nil {
			return fmt.Errorf("decide appeal: %w", err)
		}
		if err := s.tellOfAppeal(ctx, tx, "appeal-"+word, id, a.Unit, ""); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "appeal."+word, fmt.Sprintf("appeal:%d", id), map[string]any{"result": a.Result, "subject": a.Subject})
	})
}

// strikeFor strikes the entry of an upheld appeal; whoever entered it does not judge it.
func strikeFor(ctx context.Context, tx *sqlx.Tx, by org.Actor, a Appeal, word, text string, now time.Time) error {
	var entered org.AccountID
	if err := tx.GetContext(ctx, &entered, `SELECT entered_by FROM adjustments WHERE id = $1 FOR UPDATE`, a.entry()); err != nil {
		return fmt.Errorf("lock the entry: %w", err)
	}
	if entered == by.Account {
		return ErrAppealOwn
	}
	if word != AppealUpheld {
		return nil
	}
	const q = `UPDATE adjustments SET struck_at = $2, struck_by = $3, struck_why = $4 WHERE id = $1 AND struck_at IS NULL`
	if _, err := tx.ExecContext(ctx, q, a.entry(), now, by.Account, text); err != nil {
		return fmt.Errorf("strike the entry: %w", err)
	}
	return record.Append(ctx, tx, by, "adjustment.struck", fmt.Sprintf("adjustment:%d", a.entry()), map[string]any{"appeal": a.ID})
}

func lockAppeal(ctx context.Context, tx *sqlx.Tx, id AppealID, state string) (Appeal, error) {
	var a Appeal
	err := tx.GetContext(ctx, &a, `SELECT id, result_id, unit_id, kind, subject, state, done_at FROM appeals WHERE id = $1 FOR UPDATE`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("lock appeal: %w", err)
	}
	if a.State != state {
		return a, ErrAppealState
	}
	return a, nil
}

// SettleAppeal notes that what an upheld appeal was about has been put right, so
// that a new version may be computed. The offices do it.
func (s *Store) SettleAppeal(ctx context.Context, by org.Actor, id AppealID) error {
	if err := run(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		a, err := lockAppeal(ctx, tx, id, AppealUpheld)
		if err != nil {
			return err
		}
		if a.Done != nil {
			return ErrAppealState
		}
		if _, err := tx.ExecContext(ctx, `UPDATE appeals SET done_at = $2 WHERE id = $1`, id, s.now()); err != nil {
			return fmt.Errorf("settle appeal: %w", err)
		}
		return record.Append(ctx, tx, by, "appeal.settled", fmt.Sprintf("appeal:%d", id), map[string]any{"subject": a.Subject})
	})
}

// settled returns the upheld appeals of a published year whose facts were put right
// and that no published version rests on yet.
func settled(ctx context.Context, db sqlx.QueryerContext, year int) ([]Appeal, error) {
	var out []Appeal
	const q = `SELECT a.id, a.result_id, a.unit_id, a.kind, a.subject, a.state, a.done_at FROM appeals a JOIN year_results y ON y.id = a.result_id
		WHERE y.year = $1 AND a.done_at IS NOT NULL AND NOT EXISTS (
			SELECT FROM year_results p WHERE p.year = y.year AND p.published_at IS NOT NULL AND a.id::text = ANY (string_to_array(p.because_of, ','))) ORDER BY a.id`
	if err := sqlx.SelectContext(ctx, db, &out, q, year); err != nil {
		return nil, fmt.Errorf("look for upheld appeals: %w", err)
	}
	return out, nil
}

// Reopened reports whether appeals ask for a new version of a published result.
func (s *Store) Reopened(ctx context.Context, year int) (bool, error) {
	all, err := settled(ctx, s.db, year)
	return len(all) > 0, err
}

// factsOf returns the facts a year is computed from: as they stand; once it is
// published, as they were sealed, with what upheld appeals put right.
func (s *Store) factsOf(ctx context.Context, year int) (*Snapshot, int64, int64, error) {
	published, err := s.Published(ctx, year)
	if errors.Is(err, ErrNoResult) {
		return s.gather(ctx, year, s.now())
	}
	if err != nil {
		return nil, 0, 0, err
	}
	appeals, err := settled(ctx, s.db, year)
	if err != nil {
		return nil, 0, 0, err
	}
	if len(appeals) == 0 {
		return nil, 0, 0, ErrResultState
	}
	fresh, schemeID, calID, err := s.gather(ctx, year, published.AsOf)
	if err != nil {
		return nil, 0, 0, err
	}
	_, sealed, err := s.Snapshot(ctx, published.ID)
	if err != nil {
		return nil, 0, 0, err
	}
	out := sealed.corrected(fresh, appeals)
	out.asOf, out.because = published.AsOf, appeals
	return out, schemeID, calID, nil
}

// AppealVersion returns the version of the result that followed from an appeal; 0
// while there is none.
func (s *Store) AppealVersion(ctx context.Context, a Appeal) (int, error) {
	var n int
	const q = `SELECT coalesce(min(version), 0) FROM year_results WHERE year = $1 AND published_at IS NOT NULL AND $2::text = ANY (string_to_array(because_of, ','))`
	if err := s.db.GetContext(ctx, &n, q, a.Year, fmt.Sprint(int64(a.ID))); err != nil {
		return 0, fmt.Errorf("find the version: %w", err)
	}
	return n, nil
}

// AppealsWaiting counts the undecided appeals of those who decide.
func (s *Store) AppealsWaiting(ctx context.Context, by org.Actor) (int, error) {
	if !mayDecide(by) {
		return 0, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM appeals WHERE state = 'filed'`); err != nil {
		return 0, fmt.Errorf("count appeals: %w", err)
	}
	return n, nil
}
