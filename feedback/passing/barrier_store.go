package passing

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Barrier is a structural item (结构性问题): what stands behind many similar issues,
// with an owner and a date.
type Barrier struct {
	ID       int64         `db:"id"`
	Ref      string        `db:"ref"`
	Title    string        `db:"title"`
	Category int           `db:"category"`
	Unit     org.UnitID    `db:"unit_id"`
	UnitName org.Names     `db:"unit"`
	Goal     string        `db:"goal"`
	DueOn    calendar.Date `db:"due_on"`
	State    string        `db:"state"` // open, reported, closed
	Opened   time.Time     `db:"opened_at"`
	Closing  string        `db:"closing"`
	Closed   *time.Time    `db:"closed_at"`
	Issues   int           `db:"issues"`
	After    int           `db:"after"` // of these, raised after it was opened
}

// BarrierStep is a measure, a report or a decision.
type BarrierStep struct {
	Kind string    `db:"kind"`
	Text string    `db:"text"`
	By   string    `db:"by_name"`
	At   time.Time `db:"at"`
}

const barrierColumns = `b.id, b.ref, b.title, b.category, b.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", b.goal,
	to_char(b.due_on, 'YYYY-MM-DD') AS due_on, b.state, b.opened_at, b.closing, b.closed_at, (SELECT count(*) FROM barrier_issues x WHERE x.barrier_id = b.id) AS issues,
	(SELECT count(*) FROM barrier_issues x JOIN issues i ON i.id = x.issue_id WHERE x.barrier_id = b.id AND i.raised_at > b.opened_at) AS after
	FROM barriers b JOIN units u ON u.id = b.unit_id `

// complaints are the issues of the last twelve months that belong to no item yet.
func (s *Store) complaints(ctx context.Context) ([]Complaint, error) {
	var out []Complaint
	const q = `SELECT i.id, i.ref, coalesce(i.company_id, 0) AS company_id, coalesce(i.lead_unit_id, 0) AS lead_unit_id, i.category, i.title, i.body, i.lang FROM issues i
		WHERE i.raised_at > $1 AND i.state <> 'withdrawn' AND NOT EXISTS (SELECT FROM barrier_issues x WHERE x.issue_id = i.id) ORDER BY i.id DESC LIMIT 5000`
	if err := s.db.SelectContext(ctx, &out, q, s.now().AddDate(-1, 0, 0)); err != nil {
		return nil, fmt.Errorf("read issues: %w", err)
	}
	return out, nil
}

// Clusters proposes structural items to the offices and the supervision office. They
// are looked for once an hour, and again when an item has been opened.
func (s *Store) Clusters(ctx context.Context, by org.Actor) ([]Cluster, error) {
	if !duty(by) {
		return nil, fault.ErrNotFound
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := s.now().Sub(s.clustered); age >= 0 && age < time.Hour {
		return s.clusters, nil
	}
	all, err := s.complaints(ctx)
	if err != nil {
		return nil, err
	}
	s.clusters, s.clustered = Barriers(all), s.now()
	return s.clusters, nil
}

// forget makes the next reader look for clusters anew.
func (s *Store) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clustered = time.Time{}
}

// barrierScope: those who read by duty and leaders see all items, a unit those it owns.
func barrierScope(a org.Actor) (org.UnitID, bool) {
	switch {
	case duty(a), a.IsLeader():
		return 0, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return a.Unit, true
	}
	return 0, false
}

// Items returns the structural items the actor may see, open ones by date first.
func (s *Store) Items(ctx context.Context, by org.Actor) ([]Barrier, error) {
	unit, ok := barrierScope(by)
	if !ok {
		return nil, fault.ErrNotFound
	}
	var out []Barrier
	if err := s.db.SelectContext(ctx, &out, `SELECT `+barrierColumns+`WHERE $1 = 0 OR b.unit_id = $1 ORDER BY b.state = 'closed', b.due_on, b.id LIMIT 200`, unit); err != nil {
		return nil, fmt.Errorf("list structural items: %w", err)
	}
	return out, nil
}

// LinkedIssue is an issue of an item; a company's name is never among it.
type LinkedIssue struct {
	Ref    string    `db:"ref"`
	Title  string    `db:"title"`
	Lang   string    `db:"lang"`
	State  string    `db:"state"`
	Raised time.Time `db:"raised_at"`
}

// Item returns one item with its steps and issues. A unit reads titles of issues it
// leads itself.
func (s *Store) Item(ctx context.Context, by org.Actor, ref string) (Barrier, []BarrierStep, []LinkedIssue, error) {
	unit, ok := barrierScope(by)
	if !ok {
		return Barrier{}, nil, nil, fault.ErrNotFound
	}
	var list []Barrier
	if err := s.db.SelectContext(ctx, &list, `SELECT `+barrierColumns+`WHERE b.ref = $1 AND ($2 = 0 OR b.unit_id = $2)`, ref, unit); err != nil {
		return Barrier{}, nil, nil, fmt.Errorf("read structural item: %w", err)
	}
	if len(list) == 0 {
		return Barrier{}, nil, nil, fault.ErrNotFound
	}
	var steps []BarrierStep
	const q = `SELECT x.kind, x.text, a.name AS by_name, x.at FROM barrier_steps x JOIN accounts a ON a.id = x.by_account WHERE x.barrier_id = $1 ORDER BY x.id`
	if err := s.db.SelectContext(ctx, &steps, q, list[0].ID); err != nil {
		return list[0], nil, nil, fmt.Errorf("read steps: %w", err)
	}
	var linked []LinkedIssue
	const issues = `SELECT i.ref, i.title, i.lang, i.state, i.raised_at FROM barrier_issues x JOIN issues i ON i.id = x.issue_id
		WHERE x.barrier_id = $1 AND ($2 = 0 OR i.lead_unit_id = $2) ORDER BY i.id DESC`
	if err := s.db.SelectContext(ctx, &linked, issues, list[0].ID, unit); err != nil {
		return list[0], nil, nil, fmt.Errorf("read linked issues: %w", err)
	}
	return list[0], steps, linked, nil
}

// ItemDraft is a structural item as typed.
type ItemDraft struct {
	Title    string
	Category int
	Unit     org.UnitID
	Goal     string
	Due      string
	Refs     []string // of the issues behind it
}

// Limits of an item's texts, in characters.
const (
	MaxItemTitle = 60
	MaxGoal      = 300
)

// OpenItem makes one structural item of many issues; the two offices and the
// supervision office do. It returns its number.
func (s *Store) OpenItem(ctx context.Context, by org.Actor, d ItemDraft, idem string) (string, error) {
	if !duty(by) {
		return "", fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("title", d.Title, 4, MaxItemTitle)
	f.Length("goal", d.Goal, 5, MaxGoal)
	due, err := calendar.ParseDate(d.Due)
	if err != nil || due <= s.today() || due > s.today().AddDays(366) {
		f.Add("due", "barrier.due-missing")
	}
	if d.Category < 1 || d.Category > 17 {
		f.Add("category", "issue.category-missing")
	}
	if d.Unit == 0 {
		f.Add("unit", "passing.unit-missing")
	}
	if len(d.Refs) < 2 {
		f.Add("refs", "barrier.refs-missing")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 18))`, idem); err != nil {
			return fmt.Errorf("wait for the same post: %w", err)
		}
		var known []string
		if err := tx.SelectContext(ctx, &known, `SELECT ref FROM barriers WHERE idem = $1`, idem); err != nil {
			return fmt.Errorf("look for the item: %w", err)
		}
		if len(known) > 0 {
			ref = known[0]
			return nil
		}
		return s.openItem(ctx, tx, by, d, due, idem, &ref)
	})
	s.forget()
	return ref, err
}

func (s *Store) openItem(ctx context.Context, tx *sqlx.Tx, by org.Actor, d ItemDraft, due calendar.Date, idem string, ref *string) error {
	var err error
	if *ref, err = number(ctx, tx, "barrier", "JG-%d-%03d", s.today().Year()); err != nil {
		return err
	}
	var ids []int64
	const q = `INSERT INTO barriers (ref, title, category, unit_id, goal, due_on, opened_by, opened_at, idem)
		SELECT $1, $2, $3::smallint, id, $5, $6::date, $7::bigint, $8::timestamptz, $9 FROM units WHERE id = $4 AND active RETURNING id`
	if err := tx.SelectContext(ctx, &ids, q, *ref, d.Title, d.Category, d.Unit, d.Goal, due, by.Account, s.now(), idem); err != nil {
		return fmt.Errorf("open structural item: %w", err)
	}
	if len(ids) == 0 {
		return fault.Field("unit", "passing.unit-missing")
	}
	n, err := link(ctx, tx, ids[0], d.Refs, s.now())
	if err != nil {
		return err
	}
	if n < 2 {
		return fault.Field("refs", "barrier.refs-missing")
	}
	m := notify.Message{Kind: "barrier-opened", Topic: "barrier:" + *ref, Link: "/d/barriers/" + *ref, Key: "barrier-opened-" + *ref, To: []notify.To{{Unit: d.Unit, Heads: true}},
		Args: map[string]string{"Ref": *ref, "Title": d.Title, "Due": "date:" + string(due)}}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "barrier.opened", "barrier:"+*ref, map[string]any{"unit": d.Unit, "issues": n})
}

// link puts issues under an item; those of another item stay there.
func link(ctx context.Context, tx *sqlx.Tx, barrier int64, refs []string, at time.Time) (int64, error) {
	res, err := tx.ExecContext(ctx, `INSERT INTO barrier_issues (barrier_id, issue_id, added_at) SELECT $1, id, $3 FROM issues WHERE ref = ANY($2) ON CONFLICT DO NOTHING`, barrier, pq.Array(refs), at)
	if err != nil {
		return 0, fmt.Errorf("link issues: %w", err)
	}
	return res.RowsAffected()
}

// MayStep reports whether the actor may do the step to the item as it stands: the
// owner writes measures and reports, those who opened it return or close it.
func (b Barrier) MayStep(a org.Actor, kind string) bool {
	owner := a.Is(org.RoleHead, org.RoleOfficer) && a.Unit == b.Unit
	switch kind {
	case "measure":
		return owner && b.State == "open"
	case "report":
		return owner && b.State == "open"
	case "return":
		return duty(a) && b.State == "reported"
	case "close":
		return duty(a) && b.State == "reported"
	case "link":
		return duty(a) && b.State != "closed"
	}
	return false
}

// Step adds a measure, a report that it is done, a return with the reason or the
// closing word.
func (s *Store) Step(ctx context.Context, by org.Actor, ref, kind, text, idem string) error {
	f := fault.Fields{}
	f.Length("text", text, 5, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.onItem(ctx, by, ref, kind, func(tx *sqlx.Tx, b Barrier) error {
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM barrier_steps WHERE idem = $1)`, idem); err != nil || done {
			return err
		}
		if !b.MayStep(by, kind) {
			return ErrCaseState
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO barrier_steps (barrier_id, kind, text, by_account, at, idem) VALUES ($1, $2, $3, $4, $5, $6)`, b.ID, kind, text, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("add step: %w", err)
		}
		const q = `UPDATE barriers SET state = CASE $2 WHEN 'report' THEN 'reported' WHEN 'return' THEN 'open' WHEN 'close' THEN 'closed' ELSE state END,
			closing = CASE WHEN $2 = 'close' THEN $3 ELSE closing END, closed_by = CASE WHEN $2 = 'close' THEN $4::bigint END, closed_at = CASE WHEN $2 = 'close' THEN $5::timestamptz END WHERE id = $1`
		_, err := tx.ExecContext(ctx, q, b.ID, kind, text, by.Account, s.now())
		return err
	})
}

// LinkMore puts more issues under an item.
func (s *Store) LinkMore(ctx context.Context, by org.Actor, ref string, refs []string) error {
	return s.onItem(ctx, by, ref, "link", func(tx *sqlx.Tx, b Barrier) error {
		if !b.MayStep(by, "link") {
			return ErrCaseState
		}
		_, err := link(ctx, tx, b.ID, refs, s.now())
		return err
	})
}

// onItem does something to an item with its row locked, and records it.
func (s *Store) onItem(ctx context.Context, by org.Actor, ref, kind string, do func(tx *sqlx.Tx, b Barrier) error) error {
	unit, ok := barrierScope(by)
	if !ok || by.IsLeader() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var list []Barrier
		if err := tx.SelectContext(ctx, &list, `SELECT `+barrierColumns+`WHERE b.ref = $1 AND ($2 = 0 OR b.unit_id = $2) FOR UPDATE OF b`, ref, unit); err != nil {
			return fmt.Errorf("lock structural item: %w", err)
		}
		if len(list) == 0 {
			return fault.ErrNotFound
		}
		if err := do(tx, list[0]); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "barrier."+kind, "barrier:"+ref, nil)
	})
}

// Month is a month of a trend.
type Month struct {
	Month  string `db:"month"` // 2026-03
	Issues int    `db:"issues"`
}

// Trend counts an item's issues by the month they were raised in, the last twelve
// months, those without any included.
func (s *Store) Trend(ctx context.Context, barrier int64) ([]Month, error) {
	var out []Month
	const q = `SELECT to_char(m, 'YYYY-MM') AS month, count(x.issue_id) AS issues
		FROM generate_series(date_trunc('month', $2::date) - interval '11 months', date_trunc('month', $2::date), interval '1 month') m
		LEFT JOIN (barrier_issues x JOIN issues i ON i.id = x.issue_id AND x.barrier_id = $1) ON date_trunc('month', i.raised_at AT TIME ZONE 'Asia/Shanghai') = m
		GROUP BY m ORDER BY m`
	if err := s.db.SelectContext(ctx, &out, q, barrier, s.today()); err != nil {
		return nil, fmt.Errorf("count the trend: %w", err)
	}
	return out, nil
}
