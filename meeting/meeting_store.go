package meeting

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// $1 of every query that uses it: the present moment, for what is overdue
const meetingColumns = `SELECT m.id, m.kind, m.title, coalesce(m.project_id, 0) AS project_id,
	coalesce(p.name_zh, '') AS "project.name_zh", coalesce(p.name_en, '') AS "project.name_en", coalesce(p.name_ru, '') AS "project.name_ru",
	m.year, m.quarter, m.place, m.convener, a.name AS convener_name, m.planned_on, m.due_on, m.held_on, m.state, m.report,
	coalesce(m.minutes_no, '') AS minutes_no, m.minutes, m.issued_at, m.followed_at, m.closed_at, d.decisions, d.accepted, d.overdue
	FROM meetings m JOIN accounts a ON a.id = m.convener LEFT JOIN projects p ON p.id = m.project_id
	CROSS JOIN LATERAL (SELECT count(*) AS decisions, count(*) FILTER (WHERE state = 'accepted') AS accepted,
		count(*) FILTER (WHERE state = 'issued' AND deadline <= $1) AS overdue FROM decisions WHERE meeting_id = m.id) d `

// Filter narrows the list of meetings.
type Filter struct {
	Kind       Kind
	Project    ledger.ProjectID
	Page, Size int
}

// List returns a page of the meetings, the latest first, and how many there are.
func (s *Store) List(ctx context.Context, by org.Actor, f Filter) ([]Meeting, int, error) {
	if !Reads(by) {
		return nil, 0, fault.ErrNotFound
	}
	var total int
	const n = `SELECT count(*) FROM meetings WHERE ($1 = '' OR kind = $1) AND ($2 = 0 OR project_id = $2)`
	if err := s.db.GetContext(ctx, &total, n, f.Kind, f.Project); err != nil {
		return nil, 0, fmt.Errorf("count meetings: %w", err)
	}
	var out []Meeting
	const q = meetingColumns + `WHERE ($2 = '' OR m.kind = $2) AND ($3 = 0 OR m.project_id = $3) ORDER BY coalesce(m.held_on, m.planned_on) DESC, m.id DESC LIMIT $4 OFFSET $5`
	if err := s.db.SelectContext(ctx, &out, q, s.now(), f.Kind, f.Project, f.Size, max(0, f.Page-1)*f.Size); err != nil {
		return nil, 0, fmt.Errorf("list meetings: %w", err)
	}
	return out, total, nil
}

// Slots returns the four analysis meetings of a year (S-06).
func (s *Store) Slots(ctx context.Context, by org.Actor, year int) ([]Slot, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return nil, err
	}
	var all []Meeting
	if err := s.db.SelectContext(ctx, &all, meetingColumns+`WHERE m.kind = 'quarterly' AND m.year = $2`, s.now(), year); err != nil {
		return nil, fmt.Errorf("read quarterly meetings: %w", err)
	}
	return Slots(year, rules.QuarterlyDays, cal, all, s.today()), nil
}

// Get returns a meeting to those who may see every meeting.
func (s *Store) Get(ctx context.Context, by org.Actor, id ID) (Meeting, error) {
	if !Reads(by) {
		return Meeting{}, fault.ErrNotFound
	}
	return s.get(ctx, s.db, id, "")
}

func (s *Store) get(ctx context.Context, q sqlx.QueryerContext, id ID, lock string) (Meeting, error) {
	var m Meeting
	err := sqlx.GetContext(ctx, q, &m, meetingColumns+`WHERE m.id = $2 `+lock, s.now(), id)
	if errors.Is(err, sql.ErrNoRows) {
		return m, fault.ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("read meeting: %w", err)
	}
	return m, nil
}

// Units returns the units asked to a meeting.
func (s *Store) Units(ctx context.Context, by org.Actor, id ID) ([]org.Names, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []org.Names
	const q = `SELECT u.name_zh, u.name_en, u.name_ru FROM meeting_units m JOIN units u ON u.id = m.unit_id WHERE m.meeting_id = $1 ORDER BY u.code`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read units of a meeting: %w", err)
	}
	return out, nil
}

// OfUnit returns the meetings to which the actor's unit is asked and that were not
// closed, the next first.
func (s *Store) OfUnit(ctx context.Context, by org.Actor) ([]Meeting, error) {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return nil, nil
	}
	var out []Meeting
	const q = meetingColumns + `WHERE m.state IN ('called', 'held') AND EXISTS (SELECT FROM meeting_units x WHERE x.meeting_id = m.id AND x.unit_id = $2) ORDER BY m.planned_on, m.id`
	if err := s.db.SelectContext(ctx, &out, q, s.now(), by.Unit); err != nil {
		return nil, fmt.Errorf("read meetings of a unit: %w", err)
	}
	return out, nil
}

// Call calls a meeting: its convener and the units are told. The same idem returns
// the same meeting.
func (s *Store) Call(ctx context.Context, by org.Actor, d Draft, idem string) (ID, error) {
	if !Prepares(by) {
		return 0, fault.ErrForbidden
	}
	on, f := d.Check(s.today())
	members, err := s.Conveners(ctx)
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(members, func(m Member) bool { return m.Account == d.Convener }) {
		f.Add("convener", "meeting.convener-missing")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if d.Kind != Quarterly {
		d.Year, d.Quarter = on.Year(), on.Quarter()
	}
	due, version, err := s.dueOf(ctx, d)
	if err != nil {
		return 0, err
	}
	var id ID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		known, err := once(ctx, tx, "meetings", idem)
		if id = ID(known); err != nil || known != 0 {
			return err
		}
		if err := keyProject(ctx, tx, d); err != nil {
			return err
		}
		const q = `INSERT INTO meetings (kind, title, project_id, year, quarter, place, convener, planned_on, due_on, calendar_version, state, report, called_by, called_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'called', $11, $12, $13, $14) RETURNING id`
		project := d.Project
		if !d.Kind.OnProject() {
			project = 0
		}
		err = tx.GetContext(ctx, &id, q, d.Kind, d.Title, orNull(project), d.Year, d.Quarter, d.Place, d.Convener, on, due, version, d.Report, by.Account, s.now(), idem)
		if postgres.Violates(err, "meetings_one_a_quarter") {
			return fault.Field("quarter", "meeting.quarter-taken")
		}
		if err != nil {
			return fmt.Errorf("call meeting: %w", err)
		}
		return s.called(ctx, tx, by, id, on, d)
	})
	return id, err
}

// dueOf is the last day of a quarterly meeting and the calendar it was counted with.
func (s *Store) dueOf(ctx context.Context, d Draft) (due calendar.Date, version any, err error) {
	if d.Kind != Quarterly {
		return "", nil, nil
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return "", nil, err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", nil, err
	}
	due, _ = cal.Add(QuarterEnd(d.Year, d.Quarter), rules.QuarterlyDays)
	return due, cal.ID, nil
}

// keyProject refuses a meeting about a project that is no key project.
func keyProject(ctx context.Context, tx *sqlx.Tx, d Draft) error {
	if !d.Kind.OnProject() {
		return nil
	}
	var key bool
	if err := tx.GetContext(ctx, &key, `SELECT EXISTS (SELECT FROM projects WHERE id = $1 AND is_key)`, d.Project); err != nil {
		return fmt.Errorf("look for the project: %w", err)
	}
	if !key {
		return fault.Field("project", "meeting.project-missing")
	}
	return nil
}

// called notes the units of a new meeting and tells them and the convener.
func (s *Store) called(ctx context.Context, tx *sqlx.Tx, by org.Actor, id ID, on calendar.Date, d Draft) error {
	var ids []int64
	var to []notify.To
	for _, u := range d.Units {
		ids, to = append(ids, int64(u)), append(to, notify.To{Unit: u})
	}
	const q = `INSERT INTO meeting_units (meeting_id, unit_id) SELECT $1, id FROM units WHERE id = ANY($2) AND active ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, q, id, pq.Array(ids)); err != nil {
		return fmt.Errorf("name units of a meeting: %w", err)
	}
	m := notify.Message{Kind: "meeting-called", To: []notify.To{{Account: d.Convener}}, Topic: fmt.Sprintf("meeting:%d", id), Link: fmt.Sprintf("/l/meetings/%d", id),
		Args: map[string]string{"Title": d.Title, "Date": "date:" + string(on), "Place": d.Place}, Key: fmt.Sprintf("meeting-called:%d", id)}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	if m.To, m.Link, m.Key = to, "/d/decisions", m.Key+":units"; len(to) > 0 {
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return record.Append(ctx, tx, by, "meeting.called", fmt.Sprintf("meeting:%d", id), map[string]any{"kind": d.Kind, "on": on})
}

// act does one act to a meeting in the state from: its row is locked first.
func (s *Store) act(ctx context.Context, by org.Actor, id ID, action string, from []State, do func(tx *sqlx.Tx, m Meeting) error) error {
	if !Prepares(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		m, err := s.get(ctx, tx, id, "FOR UPDATE OF m")
		if err != nil {
			return err
		}
		if !slices.Contains(from, m.State) {
			return ErrState
		}
		if err := do(tx, m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "meeting."+action, fmt.Sprintf("meeting:%d", id), nil)
	})
}

// Hold notes the day on which a meeting was held.
func (s *Store) Hold(ctx context.Context, by org.Actor, id ID, on string) error {
	day, err := calendar.ParseDate(on)
	if err != nil || day > s.today() {
		return fault.Field("held_on", "meeting.held-day")
	}
	return s.act(ctx, by, id, "held", []State{Called}, func(tx *sqlx.Tx, m Meeting) error {
		if m.Kind == Quarterly && day < QuarterStart(m.Year, m.Quarter) {
			return fault.Field("held_on", "meeting.held-day")
		}
		return changed(tx.ExecContext(ctx, `UPDATE meetings SET state = 'held', held_on = $2 WHERE id = $1`, id, day))
	})
}

// Close closes a meeting whose decisions are all accepted and whose companies have
// all been replied to.
func (s *Store) Close(ctx context.Context, by org.Actor, id ID) error {
	return s.act(ctx, by, id, "closed", []State{Followed}, func(tx *sqlx.Tx, _ Meeting) error {
		var open int
		const q = `SELECT count(*) FROM meeting_items WHERE meeting_id = $1 AND kind IN ('opinion', 'suggestion') AND reply = ''`
		if err := tx.GetContext(ctx, &open, q, id); err != nil {
			return fmt.Errorf("count items without reply: %w", err)
		}
		if open > 0 {
			return fault.New(fault.Conflict, "meeting.replies-missing").With("Count", open)
		}
		return changed(tx.ExecContext(ctx, `UPDATE meetings SET state = 'closed', closed_at = $2 WHERE id = $1`, id, s.now()))
	})
}

// ProjectReport says when a key project was last reported on to the executive meeting
// and by when it is due again (S-09).
type ProjectReport struct {
	Project ledger.ProjectID `db:"id"`
	No      string           `db:"no"`
	org.Names
	Last calendar.Date `db:"last"`
	Next calendar.Date `db:"next"` // counted from the last report, else from when the project was entered
}

// Overdue reports whether the next report is late on a day.
func (r ProjectReport) Overdue(today calendar.Date) bool { return r.Next < today }

// ProjectReports returns every key project with its last report and the next due, the
// most urgent first.
func (s *Store) ProjectReports(ctx context.Context, by org.Actor) ([]ProjectReport, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []ProjectReport
	const q = `SELECT p.id, p.no, p.name_zh, p.name_en, p.name_ru, x.last, (coalesce(x.last, (p.entered_at AT TIME ZONE 'Asia/Shanghai')::date) + make_interval(months => r.executive_months))::date AS next
		FROM projects p CROSS JOIN meeting_rules r LEFT JOIN LATERAL (SELECT max(held_on) AS last FROM meetings WHERE project_id = p.id AND kind = 'executive') x ON true
		WHERE p.is_key AND p.state <> 'ended' ORDER BY next, p.no`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("read reports on key projects: %w", err)
	}
	return out, nil
}
