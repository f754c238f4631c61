package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Checks keeps checks of units.
type Checks struct {
	db  *sqlx.DB
	now func() time.Time
	cal *calendar.Store
}

// NewChecks returns a store of checks over db; now is in UTC.
func NewChecks(db *sqlx.DB, now func() time.Time, cal *calendar.Store) *Checks {
	return &Checks{db: db, now: now, cal: cal}
}

// ErrCheckMoved: the finding has moved on.
var ErrCheckMoved = fault.New(fault.Conflict, "unitcheck.moved")

const checkColumns = `SELECT x.id, x.ref, x.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", to_char(x.on_day, 'YYYY-MM-DD') AS on_day, x.inspectors, x.items,
	(SELECT count(*) FROM check_findings f WHERE f.check_id = x.id AND f.state IN ('open', 'reported')) AS open,
	coalesce((SELECT to_char(min(f.due_on), 'YYYY-MM-DD') FROM check_findings f WHERE f.check_id = x.id AND f.state = 'open'), '') AS next
	FROM checks x JOIN units u ON u.id = x.unit_id `

// scope is whose checks the actor reads: 0 all.
func (s *Checks) scope(a org.Actor) (org.UnitID, bool) {
	if a.Is(org.RoleHead, org.RoleOfficer) {
		return a.Unit, true
	}
	return 0, checks(a)
}

// Enter puts a check on record and returns its number. The same idem enters it once.
func (s *Checks) Enter(ctx context.Context, by org.Actor, d CheckDraft, idem string) (ref string, err error) {
	if !checks(by) {
		return "", fault.ErrForbidden
	}
	on, err := d.check(calendar.DateOf(s.now()))
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		known, err := same(ctx, tx, `SELECT ref FROM checks WHERE idem = $1`, idem, &ref)
		if known || err != nil {
			return err
		}
		if err := activeUnit(ctx, tx, "unit", d.Unit); err != nil {
			return err
		}
		if ref, err = number(ctx, tx, "check", "DC-%d-%03d", calendar.DateOf(s.now()).Year()); err != nil {
			return err
		}
		const q = `INSERT INTO checks (ref, unit_id, on_day, inspectors, items, entered_by, entered_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		if _, err := tx.ExecContext(ctx, q, ref, d.Unit, on, d.Inspectors, d.Items, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("enter check: %w", err)
		}
		return record.Append(ctx, tx, by, "check.entered", "check:"+ref, map[string]any{"unit": d.Unit})
	})
	return ref, err
}

// Add adds a finding to a check. One to be rectified is told to the unit with its day,
// and reminded of before and after it. The same idem adds it once.
func (s *Checks) Add(ctx context.Context, by org.Actor, ref string, d FindingDraft, idem string) error {
	if !checks(by) {
		return fault.ErrForbidden
	}
	due, err := d.check(calendar.DateOf(s.now()))
	if err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var id int64
		known, err := same(ctx, tx, `SELECT id FROM check_findings WHERE idem = $1`, idem, &id)
		if known || err != nil {
			return err
		}
		c, err := s.read(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		const q = `INSERT INTO check_findings (check_id, text, evidence, rectify, due_on, state, entered_by, entered_at, idem)
			VALUES ($1, $2, $3, $4, nullif($5, '')::date, CASE WHEN $4 THEN 'open' ELSE 'noted' END, $6, $7, $8) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, c.ID, d.Text, d.Evidence, d.Rectify, string(due), by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("add finding: %w", err)
		}
		if d.Rectify {
			if err := s.call(ctx, tx, cal, c, id, due); err != nil {
				return err
			}
		}
		return record.Append(ctx, tx, by, "check.finding", "check:"+ref, map[string]any{"finding": id, "rectify": d.Rectify})
	})
}

func checkTopic(id int64) string { return fmt.Sprintf("check-finding:%d", id) }

// call tells the unit what it is to rectify, and writes the reminders.
func (s *Checks) call(ctx context.Context, tx *sqlx.Tx, cal *calendar.Calendar, c Check, id int64, due calendar.Date) error {
	after, _ := cal.Add(due, 1)
	m := notify.Message{Kind: "check-rectify", To: []notify.To{{Unit: c.Unit}}, Topic: checkTopic(id), Link: "/d/checks/" + c.Ref, Key: fmt.Sprintf("check-rectify-%d", id),
		Args: map[string]string{"Ref": c.Ref, "Due": "date:" + string(due)}}
	soon := m
	soon.Kind, soon.Key, soon.Reminder, soon.NotBefore = "check-due", fmt.Sprintf("check-due-%d", id), true, nine(due)
	late := m
	late.Kind, late.Key, late.Reminder, late.NotBefore = "check-late", fmt.Sprintf("check-late-%d", id), true, nine(after)
	late.To = []notify.To{{Unit: c.Unit, Heads: true}, {Body: org.BodySupervision}}
	for _, x := range []notify.Message{m, soon, late} {
		if err := notify.Post(ctx, tx, s.now(), x); err != nil {
			return err
		}
	}
	return nil
}

// Step moves a finding to be rectified on: report (the unit's, with what it did), done
// (a checker accepts the report), return (he does not, and says why).
func (s *Checks) Step(ctx context.Context, by org.Actor, ref string, finding int64, step, text string) error {
	f := fault.Fields{}
	f.Length("text", text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	next := map[string][2]string{"report": {"open", "reported"}, "done": {"reported", "done"}, "return": {"reported", "open"}}[step]
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.read(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		if (step == "report") != by.OfUnit(c.Unit) {
			return fault.ErrForbidden
		}
		const q = `UPDATE check_findings SET state = $3, report = CASE WHEN $4 = 'report' THEN $5 ELSE report END, reported_at = CASE WHEN $4 = 'report' THEN $6::timestamptz ELSE reported_at END,
			ruling = CASE WHEN $4 <> 'report' THEN $5 ELSE ruling END, ended_at = CASE WHEN $4 = 'done' THEN $6::timestamptz END WHERE id = $1 AND check_id = $2 AND state = $7`
		res, err := tx.ExecContext(ctx, q, finding, c.ID, next[1], step, text, s.now(), next[0])
		if err != nil {
			return fmt.Errorf("%s finding: %w", step, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrCheckMoved
		}
		if step == "done" {
			if err := notify.Settle(ctx, tx, checkTopic(finding)); err != nil {
				return err
			}
		}
		return record.Append(ctx, tx, by, "check."+step, "check:"+ref, map[string]any{"finding": finding})
	})
}

// Checks returns a page of the checks the actor may see: a unit those of itself, the
// offices and the supervision office all; those with something to rectify first, the
// nearest day before others.
func (s *Checks) Checks(ctx context.Context, by org.Actor, page, size int) ([]Check, int, error) {
	unit, ok := s.scope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM checks x WHERE $1 = 0 OR x.unit_id = $1`, unit); err != nil {
		return nil, 0, fmt.Errorf("count checks: %w", err)
	}
	var out []Check
	const order = `WHERE $1 = 0 OR x.unit_id = $1 ORDER BY nullif((SELECT coalesce(min(f.due_on), '9999-12-31') FROM check_findings f WHERE f.check_id = x.id AND f.state = 'open'), '9999-12-31') NULLS LAST, x.on_day DESC, x.id DESC LIMIT $2 OFFSET $3`
	if err := s.db.SelectContext(ctx, &out, checkColumns+order, unit, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list checks: %w", err)
	}
	return out, total, nil
}

// Check returns one check with its findings to those who may see it; ErrNotFound to others.
func (s *Checks) Check(ctx context.Context, by org.Actor, ref string) (Check, error) {
	return s.read(ctx, s.db, by, ref)
}

func (s *Checks) read(ctx context.Context, db sqlx.QueryerContext, by org.Actor, ref string) (Check, error) {
	var c Check
	unit, ok := s.scope(by)
	if !ok {
		return c, fault.ErrNotFound
	}
	err := sqlx.GetContext(ctx, db, &c, checkColumns+`WHERE x.ref = $1 AND ($2 = 0 OR x.unit_id = $2)`, ref, unit)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.ErrNotFound
	}
	if err != nil {
		return c, fmt.Errorf("read check: %w", err)
	}
	const q = `SELECT id, text, evidence, rectify, coalesce(to_char(due_on, 'YYYY-MM-DD'), '') AS due_on, state, report, ruling, ended_at FROM check_findings WHERE check_id = $1 ORDER BY id`
	if err := sqlx.SelectContext(ctx, db, &c.Findings, q, c.ID); err != nil {
		return c, fmt.Errorf("read findings: %w", err)
	}
	return c, nil
}

// Waiting counts findings that wait for the actor ("checks"): to be rectified by his
// unit, or, of the checkers, reported.
func (s *Checks) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	unit, ok := s.scope(by)
	if !ok {
		return nil, nil
	}
	state := "open"
	if unit == 0 {
		state = "reported"
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM check_findings f JOIN checks x ON x.id = f.check_id WHERE ($1 = 0 OR x.unit_id = $1) AND f.state = $2`, unit, state); err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	return map[string]int{"checks": n}, nil
}
