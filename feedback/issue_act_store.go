package feedback

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

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// move is what an act leaves behind: one event, an internal note beside it, files.
type move struct {
	unit     org.UnitID
	body     string
	internal bool
	details  Details
	note     string
	files    []File
}

// From returns the store for an act made from a form that showed the issue as it
// was after this event. When something happened since that its writer should have
// read, the act is refused with ErrMoved. 0 is no form.
func (s *Store) From(event int64) *Store {
	c := *s
	c.seen = event
	return &c
}

// quiet are acts that change nothing a form was made from; they come at any time.
var quiet = []Act{ActRemind, ActMessage, ActCooperate, ActAssign, ActRecount, ActExclude, ActCallBack, ActSpecial}

// event adds a step to the issue's life and returns its number.
func (s *Store) event(ctx context.Context, tx *sqlx.Tx, by org.Actor, issue IssueID, cal int64, at time.Time, act Act, m move, idem string) (int64, error) {
	doc, err := json.Marshal(m.details)
	if err != nil {
		return 0, fmt.Errorf("encode event: %w", err)
	}
	role := string(by.Role)
	switch {
	case by.Role == org.RolePublic:
		role = string(FromNobody)
	case !by.SignedIn():
		role = "clock"
	}
	var id int64
	const q = `INSERT INTO issue_events (issue_id, at, actor, role, unit_id, kind, body, internal, data, idem, calendar_version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`
	if err := tx.GetContext(ctx, &id, q, issue, at, orNull(int64(by.Account)), role, orNull(int64(m.unit)), act, m.body, m.internal, doc, idem, cal); err != nil {
		return 0, fmt.Errorf("add event: %w", err)
	}
	return id, nil
}

// act does one act to an issue in one transaction: the issue's row is locked, the
// same idem is the same act and does nothing again, the machine is asked, then do
// says what the event holds and writes what lies beside the issue (an order). The
// columns follow from the events.
func (s *Store) act(ctx context.Context, by org.Actor, ref string, act Act, idem string, do func(tx *sqlx.Tx, i Issue) (move, error)) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		i, done, err := s.take(ctx, tx, by, ref, act, idem)
		if err != nil || done {
			return err
		}
		m, err := do(tx, i)
		if err != nil {
			return err
		}
		return s.happen(ctx, tx, by, i, act, m, idem)
	})
}

// take locks the issue and asks the machine; done says that the same act was done.
func (s *Store) take(ctx context.Context, tx *sqlx.Tx, by org.Actor, ref string, act Act, idem string) (i Issue, done bool, err error) {
	err = tx.GetContext(ctx, &i, `SELECT `+issueColumns+issueTables+`WHERE i.ref = $1 FOR UPDATE OF i`, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return i, false, fault.ErrNotFound
	}
	if err != nil {
		return i, false, fmt.Errorf("lock issue: %w", err)
	}
	i.held = s.follows == i.ID
	if (by.SignedIn() || by.Role == org.RolePublic) && !i.maySee(by) {
		return i, false, fault.ErrNotFound
	}
	if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM issue_events WHERE idem = $1)`, idem); err != nil {
		return i, false, fmt.Errorf("look for the act: %w", err)
	}
	if done {
		return i, true, nil
	}
	if err := i.allow(by, act); err != nil {
		return i, false, err
	}
	if s.seen > 0 && s.seen < i.LastEvent && !slices.Contains(quiet, act) {
		var moved bool
		const q = `SELECT EXISTS (SELECT FROM issue_events WHERE issue_id = $1 AND id > $2 AND NOT kind = ANY($3))`
		if err := tx.GetContext(ctx, &moved, q, i.ID, s.seen, pq.Array(quiet)); err != nil {
			return i, false, fmt.Errorf("look what happened since: %w", err)
		}
		if moved {
			return i, false, ErrMoved
		}
	}
	return i, false, i.inTime(act, s.now())
}

// happen writes the event, counts the issue anew and tells whom it concerns. An
// event is never older than the one before it, whatever the machine's clock says.
func (s *Store) happen(ctx context.Context, tx *sqlx.Tx, by org.Actor, i Issue, act Act, m move, idem string) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	at := s.now()
	var last time.Time
	if err := tx.GetContext(ctx, &last, `SELECT coalesce(max(at), $2) FROM issue_events WHERE issue_id = $1`, i.ID, at); err != nil {
		return fmt.Errorf("read the last event: %w", err)
	}
	if last.After(at) {
		at = last
	}
	event, err := s.event(ctx, tx, by, i.ID, cal.ID, at, act, m, idem)
	if err != nil {
		return err
	}
	if m.note != "" {
		beside := move{unit: m.unit, body: m.note, internal: true, details: Details{Note: true}}
		if _, err := s.event(ctx, tx, by, i.ID, cal.ID, at, act, beside, idem+"-note"); err != nil {
			return err
		}
	}
	if err := addFiles(ctx, tx, s, by, i.ID, event, m.files); err != nil {
		return err
	}
	life, err := s.recount(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, i.ID, act, event); err != nil {
		return err
	}
	i.Lead, i.Proposed, i.Cooperating, i.Officer, i.State = life.Lead, life.Proposed, life.Cooperating, life.Officer, life.State
	if life.Solve != nil {
		i.DeadlineOn = life.Solve.Due
	}
	if err := s.tellMore(ctx, tx, by, i, act, m.details, event); err != nil {
		return err
	}
	if i.Origin == FromChamber && (act == ActAnswer || act == ActFeedBack) {
		if err := s.askMembers(ctx, tx, i, event); err != nil {
			return err
		}
	}
	return record.Append(ctx, tx, by, "issue."+string(act), "issue:"+i.Ref, nil)
}

// happening is a row of issue_events.
type happening struct {
	ID       int64      `db:"id"`
	At       time.Time  `db:"at"`
	Kind     Act        `db:"kind"`
	Unit     org.UnitID `db:"unit"`
	Internal bool       `db:"internal"`
	Calendar int64      `db:"calendar"`
	Data     []byte     `db:"data"`
}

const happeningColumns = `SELECT id, at, kind, coalesce(unit_id, 0) AS unit, internal, coalesce(calendar_version, 0) AS calendar, data FROM issue_events `

// read decodes the events of an issue.
func read(rows []happening) ([]Happening, error) {
	out := make([]Happening, len(rows))
	for n, r := range rows {
		out[n] = Happening{ID: r.ID, At: r.At, Kind: r.Kind, Unit: r.Unit, Internal: r.Internal, Calendar: r.Calendar}
		if err := json.Unmarshal(r.Data, &out[n].Details); err != nil {
			return nil, fmt.Errorf("decode event %d: %w", r.ID, err)
		}
	}
	return out, nil
}

// recount writes the issue's columns from its events.
func (s *Store) recount(ctx context.Context, tx *sqlx.Tx, id IssueID) (Life, error) {
	var rows []happening
	if err := tx.SelectContext(ctx, &rows, happeningColumns+`WHERE issue_id = $1 ORDER BY id`, id); err != nil {
		return Life{}, fmt.Errorf("read events: %w", err)
	}
	events, err := read(rows)
	if err != nil {
		return Life{}, err
	}
	count, err := s.counting(ctx, events)
	if err != nil {
		return Life{}, err
	}
	l := Live(events, count)
	return l, s.keep(ctx, tx, id, &l, count)
}

// keep writes what the events amount to into the issue's columns.
func (s *Store) keep(ctx context.Context, tx *sqlx.Tx, id IssueID, l *Life, count Counting) error {
	const q = `UPDATE issues SET state = $2, grade = nullif($3, ''), lead_unit_id = nullif($4, 0), registered_at = $5, signed_at = $6, responded_at = $7, answered_at = $8,
			queued_at = $9, queue_reason = nullif($10, ''), closed_at = $11, refusals = $12, result = nullif($13, ''), verdict = nullif($14, ''), satisfaction = nullif($15, ''),
			register_due = $16, sign_due = $17, respond_due = $18, deadline = $19, deadline_on = nullif($20, '')::date, calendar_version = nullif($21, 0), provisional = $22,
			arbitrate_due = $23, feedback_due = $24, callback_due = $25, reopen_until = $26, review_due = $27, proposed_unit_id = nullif($28, 0), proposers = $29,
			cooperating = $30, officer = nullif($31, 0), arbitrated = $32, refused_named = $33, paused_at = $34, pause_reason = $35, extension = $36, extension_days = $37,
			reopened = $38, reopens_found = $39, obstacle = $40, special = $41, last_event = $42, clock_at = $43, due_at = $44 WHERE id = $1`
	main := l.Solve
	if main == nil {
		main = &Limit{Calendar: l.Register.Calendar}
	}
	var deadline *time.Time
	if main.Due != "" {
		deadline = main.End()
	}
	if _, err := tx.ExecContext(ctx, q, id, l.State, l.Grade, l.Lead, l.Registered, l.Signed, l.Responded, l.Answered,
		l.Queued, l.QueueReason, l.Closed, l.Refusals, l.Result, l.Verdict, l.Satisfied,
		l.Register.End(), l.Sign.End(), l.Respond.End(), deadline, string(main.Due), main.Calendar, main.Provisional,
		l.Arbitrate.End(), l.Feedback.End(), running(l.CallBack), running(l.Reopen), running(l.Review), l.Proposed, orNone(l.Proposers),
		orNone(l.Cooperating), l.Officer, l.Arbitrated, l.RefusedNamed, l.Paused, l.PauseReason, l.Extension, l.ExtensionDays,
		l.Reopened, l.ReopensFound, l.Obstacle, l.Special, l.Last, l.clockAt(count), l.dueAt()); err != nil {
		return fmt.Errorf("change issue: %w", err)
	}
	return nil
}

// running is the end of a limit nobody stopped.
func running(l *Limit) *time.Time {
	if l == nil || l.Stopped != nil {
		return nil
	}
	return l.End()
}

func orNone(u Units) Units {
	if u == nil {
		return Units{}
	}
	return u
}

// dueAt is when the limit ends that somebody has to keep now; nil when the issue ended.
func (l *Life) dueAt() *time.Time {
	switch l.State {
	case Raised:
		return l.Register.End()
	case ResultReady:
		return l.Feedback.End()
	case Answered:
		return l.CallBack.End()
	case Ordered:
		return l.Order.End()
	case Closed, Withdrawn, Declined, Merged:
		return nil
	}
	return l.Solve.End()
}

// clockAt is when the clock has something to do to the issue; nil for nothing.
func (l *Life) clockAt(count Counting) *time.Time {
	if d := l.waitingEnds(count); d != "" {
		end := d.End()
		return &end
	}
	if step, _, at := l.NextStep(count); step != "" {
		return &at
	}
	return nil
}
