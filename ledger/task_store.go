package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrIssued: the tasks of the year are issued; a task changes by amendment only.
var ErrIssued = fault.New(fault.Conflict, "task.issued")

// ErrNotIssued: the notice is a draft still.
var ErrNotIssued = fault.New(fault.Conflict, "task.not-issued")

// SharesOut reports whether the actor may set tasks: the offices and their administrator.
func SharesOut(a org.Actor) bool {
	return a.IsOffice() || a.SignedIn() && a.Role == org.RoleCampaignAdmin
}

// Notice returns a year's task notice; ErrNotFound when there is none.
func (s *Store) Notice(ctx context.Context, year int) (Notice, error) {
	var n Notice
	const q = `SELECT y.year, y.notice_no, y.title, to_char(y.noticed_on, 'YYYY-MM-DD') AS noticed_on, y.target, y.issued_at, coalesce(a.name, '') AS by, y.file_name
		FROM task_years y LEFT JOIN accounts a ON a.id = y.issued_by WHERE y.year = $1`
	err := s.db.GetContext(ctx, &n, q, year)
	if errors.Is(err, sql.ErrNoRows) {
		return n, fault.ErrNotFound
	}
	if err != nil {
		return n, fmt.Errorf("read task notice: %w", err)
	}
	return n, nil
}

// SaveNotice writes the notice of a year while it is a draft.
func (s *Store) SaveNotice(ctx context.Context, by org.Actor, year int, d NoticeDraft) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	n, f := d.Check(s.today())
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO task_years (year, notice_no, title, noticed_on, target, entered_by, entered_at) VALUES ($1, $2, $3, $4, nullif($5::numeric, 0), $6, $7)
			ON CONFLICT (year) DO UPDATE SET notice_no = excluded.notice_no, title = excluded.title, noticed_on = excluded.noticed_on, target = excluded.target WHERE task_years.issued_at IS NULL`
		res, err := tx.ExecContext(ctx, q, year, n.No, n.Title, n.On, n.Target, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("save task notice: %w", err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return errors.Join(err, ErrIssued)
		}
		return record.Append(ctx, tx, by, "task.notice", fmt.Sprintf("tasks:%d", year), map[string]any{"no": n.No, "target": n.Target.String()})
	})
}

// Issue gives the tasks of a year to the units. A sum that differs from the county's
// target does not hinder it: the difference is shown, and somebody answers for it.
func (s *Store) Issue(ctx context.Context, by org.Actor, year int) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE task_years SET issued_at = $2, issued_by = $3 WHERE year = $1 AND issued_at IS NULL AND EXISTS (SELECT FROM tasks WHERE year = $1)`
		res, err := tx.ExecContext(ctx, q, year, s.now(), by.Account)
		if err != nil {
			return fmt.Errorf("issue tasks: %w", err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return errors.Join(err, ErrIssued)
		}
		return record.Append(ctx, tx, by, "task.issued", fmt.Sprintf("tasks:%d", year), nil)
	})
}

// AddTask shares a task out. After the notice was issued it is an addition that needs a reason.
func (s *Store) AddTask(ctx context.Context, by org.Actor, year int, unit org.UnitID, d TaskDraft, idem string) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	t, f := d.Check(year)
	if unit == 0 {
		f.Add("unit", "ledger.choose")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		issued, err := lockYear(ctx, tx, year)
		if err != nil {
			return err
		}
		if issued != nil {
			if f.Length("why", d.Why, MinWhy, MaxWhy); f.Err() != nil {
				return f.Err()
			}
		}
		var id TaskID
		const q = `INSERT INTO tasks (year, unit_id, kind, title, target, due_on, responsible, idem) SELECT $1, id, $3, $4, nullif($5::numeric, 0), $6, $7, $8 FROM units WHERE id = $2 AND active
			ON CONFLICT ON CONSTRAINT tasks_idem_key DO NOTHING RETURNING id`
		err = tx.GetContext(ctx, &id, q, year, unit, t.Kind, t.Title, t.Target, t.Due, t.Responsible, idem)
		switch {
		case errors.Is(err, sql.ErrNoRows): // the same form again
			return nil
		case postgres.Violates(err, "tasks_one_fund_target"):
			return fault.Field("unit", "task.target-taken")
		case err != nil:
			return fmt.Errorf("add task: %w", err)
		}
		return record.Append(ctx, tx, by, "task.added", fmt.Sprintf("task:%d", id), map[string]any{"year": year, "unit": unit, "target": t.Target.String(), "why": d.Why})
	})
}

func lockYear(ctx context.Context, tx *sqlx.Tx, year int) (issued *time.Time, err error) {
	err = tx.GetContext(ctx, &issued, `SELECT issued_at FROM task_years WHERE year = $1 FOR UPDATE`, year)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("lock the year's tasks: %w", err)
	}
	return issued, nil
}

// Amend changes a task's target and day. Once issued the old value is kept with the
// reason; drop takes the task out in the same way.
func (s *Store) Amend(ctx context.Context, by org.Actor, id TaskID, target, due, why string, drop bool) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var t Task
		const q = `SELECT id, year, kind, title, target, to_char(due_on, 'YYYY-MM-DD') AS due_on, responsible FROM tasks WHERE id = $1 AND dropped_at IS NULL FOR UPDATE`
		if err := tx.GetContext(ctx, &t, q, id); errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("lock task: %w", err)
		}
		issued, err := lockYear(ctx, tx, t.Year)
		if err != nil {
			return err
		}
		n, f := TaskDraft{Kind: t.Kind, Title: t.Title, Target: target, Due: due, Responsible: t.Responsible}.Check(t.Year)
		if drop {
			n, f = t, fault.Fields{}
		}
		if issued != nil {
			f.Length("why", why, MinWhy, MaxWhy)
		}
		if err := f.Err(); err != nil {
			return err
		}
		if issued != nil {
			const keep = `INSERT INTO task_amendments (task_id, old_target, old_due, new_target, new_due, dropped, why, by_account, at) VALUES ($1, nullif($2::numeric, 0), $3, nullif($4::numeric, 0), $5, $6, $7, $8, $9)`
			if _, err := tx.ExecContext(ctx, keep, id, t.Target, t.Due, n.Target, n.Due, drop, why, by.Account, s.now()); err != nil {
				return fmt.Errorf("keep the old value: %w", err)
			}
		}
		const set = `UPDATE tasks SET target = nullif($2::numeric, 0), due_on = $3, dropped_at = CASE WHEN $4 THEN $5::timestamptz END WHERE id = $1`
		if _, err := tx.ExecContext(ctx, set, id, n.Target, n.Due, drop, s.now()); err != nil {
			return fmt.Errorf("amend task: %w", err)
		}
		return record.Append(ctx, tx, by, "task.amended", fmt.Sprintf("task:%d", id), map[string]any{"old": t.Target.String(), "new": n.Target.String(), "drop": drop, "why": why})
	})
}

// Finish notes that an item is done, with its evidence; the unit reports it, an office confirms by
// entering it.
func (s *Store) Finish(ctx context.Context, by org.Actor, id TaskID, on, evidence string) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	d := day(f, "done", on, s.today())
	if on == "" {
		f.Add("done", "ledger.day-missing")
	}
	f.Length("evidence", evidence, MinWhy, MaxWhy)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE tasks t SET done_on = $2, evidence = $3 FROM task_years y WHERE t.id = $1 AND y.year = t.year AND y.issued_at IS NOT NULL AND t.kind = 'item' AND t.done_on IS NULL AND t.dropped_at IS NULL`
		res, err := tx.ExecContext(ctx, q, id, d, evidence)
		if err != nil {
			return fmt.Errorf("finish task: %w", err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return errors.Join(err, ErrNotIssued)
		}
		return record.Append(ctx, tx, by, "task.done", fmt.Sprintf("task:%d", id), map[string]any{"on": d, "evidence": evidence})
	})
}

// Tasks returns the tasks of a year: a unit sees its own once they are issued, who
// reads the ledger all.
func (s *Store) Tasks(ctx context.Context, by org.Actor, year int) ([]Task, error) {
	unit := org.UnitID(0)
	switch {
	case by.OfUnit(by.Unit):
		unit = by.Unit
	case !Reads(by) && !SharesOut(by):
		return nil, fault.ErrNotFound
	}
	return s.tasks(ctx, s.db, year, unit, s.today())
}

func (s *Store) tasks(ctx context.Context, db sqlx.QueryerContext, year int, unit org.UnitID, asOf calendar.Date) ([]Task, error) {
	var out []Task
	const q = `SELECT t.id, t.year, t.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", t.kind, t.title, t.target,
			to_char(t.due_on, 'YYYY-MM-DD') AS due_on, t.responsible, coalesce(to_char(t.done_on, 'YYYY-MM-DD'), '') AS done_on, t.evidence,
			CASE WHEN t.kind = 'funds' THEN coalesce(m.arrived, 0) ELSE 0 END AS arrived, (SELECT count(*) FROM task_amendments x WHERE x.task_id = t.id) AS amended
		FROM tasks t JOIN units u ON u.id = t.unit_id JOIN task_years y ON y.year = t.year
		LEFT JOIN (SELECT c.unit_id, sum(a.amount) AS arrived FROM arrivals a JOIN contracts c ON c.id = a.contract_id
			WHERE a.struck_at IS NULL AND a.arrived_on BETWEEN make_date($1, 1, 1) AND least(make_date($1, 12, 31), $3) AND c.currency = 'CNY' AND c.purpose = 'investment' GROUP BY c.unit_id) m ON m.unit_id = t.unit_id
		WHERE t.year = $1 AND t.dropped_at IS NULL AND ($2 = 0 OR (t.unit_id = $2 AND y.issued_at IS NOT NULL)) ORDER BY u.class, u.code, t.kind, t.due_on, t.id`
	if err := sqlx.SelectContext(ctx, db, &out, q, year, unit, asOf); err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return out, nil
}

// Figures returns what the issued tasks of a year come to as of a day, by unit: the
// facts of component W. Units without tasks are not in it.
func (s *Store) Figures(ctx context.Context, year int, asOf time.Time) (map[org.UnitID]Figures, error) {
	out := map[org.UnitID]Figures{}
	n, err := s.Notice(ctx, year)
	if errors.Is(err, fault.ErrNotFound) || err == nil && n.Issued == nil {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	tasks, err := s.tasks(ctx, s.db, year, 0, calendar.DateOf(asOf))
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		f := out[t.Unit]
		f.Unit = t.Unit
		f.add(t, calendar.DateOf(asOf))
		out[t.Unit] = f
	}
	return out, nil
}

// Amendment is a change of an issued task, with what it was before.
type Amendment struct {
	Task      TaskID        `db:"task_id"`
	OldTarget Amount        `db:"old_target"`
	OldDue    calendar.Date `db:"old_due"`
	NewTarget Amount        `db:"new_target"`
	NewDue    calendar.Date `db:"new_due"`
	Dropped   bool          `db:"dropped"`
	Why       string        `db:"why"`
	By        string        `db:"by"`
	At        time.Time     `db:"at"`
	Title     string        `db:"title"`
	UnitName  org.Names     `db:"unit"`
}

// Amendments returns every change of a year's issued tasks, the latest first.
func (s *Store) Amendments(ctx context.Context, by org.Actor, year int) ([]Amendment, error) {
	if !Reads(by) && !SharesOut(by) {
		return nil, fault.ErrNotFound
	}
	var out []Amendment
	const q = `SELECT x.task_id, x.old_target, to_char(x.old_due, 'YYYY-MM-DD') AS old_due, x.new_target, to_char(x.new_due, 'YYYY-MM-DD') AS new_due, x.dropped, x.why, a.name AS by, x.at,
			t.title, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru"
		FROM task_amendments x JOIN tasks t ON t.id = x.task_id JOIN units u ON u.id = t.unit_id JOIN accounts a ON a.id = x.by_account WHERE t.year = $1 ORDER BY x.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, year); err != nil {
		return nil, fmt.Errorf("list amendments: %w", err)
	}
	return out, nil
}
