package feedback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrNotAllowed: the company has not allowed the unit to learn whose sheet it is.
var ErrNotAllowed = fault.New(fault.Conflict, "rectify.not-allowed")

const rectifyColumns = `r.id, r.ref, r.sheet_id, sh.no AS sheet_no, sh.visit_id, to_char(v.visited_on, 'YYYY-MM-DD') AS visited_on, v.unit_id,
	u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", v.company_id,
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
	sh.area, sh.named, sh.release, sh.lang, sh.opinion, sh.suggestion, sh.q1, sh.q2, sh.q3, sh.q4, r.opened_at, r.calendar_version,
	to_char(r.answer_on, 'YYYY-MM-DD') AS answer_on, to_char(r.due_on, 'YYYY-MM-DD') AS due_on, r.state, r.round, r.answered_at, r.handed_at,
	coalesce(n.ref, '') AS notice, coalesce(n.measures, '') AS measures, coalesce(r.verdict, '') AS verdict, r.closed_at, coalesce(i.ref, '') AS issue`

const rectifyTables = ` FROM rectifications r JOIN sheets sh ON sh.id = r.sheet_id JOIN visits v ON v.id = sh.visit_id JOIN units u ON u.id = v.unit_id
	JOIN companies c ON c.id = v.company_id LEFT JOIN rectification_notices n ON n.id = r.notice_id LEFT JOIN issues i ON i.id = r.issue_id `

// openRectification opens one for a sheet on which the company was dissatisfied, in the
// transaction that files or changes the sheet. Both offices are told.
func (s *Store) openRectification(ctx context.Context, tx *sqlx.Tx, by org.Actor, sheet SheetID, idem string) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	n, err := nextNumber(ctx, tx, "rectification", s.today().Year())
	if err != nil {
		return err
	}
	ref := fmt.Sprintf("ZG-%d-%04d", s.today().Year(), n)
	answer, _ := cal.Add(s.today(), DaysRectifyAnswer)
	last, _ := cal.Add(s.today(), DaysRectify)
	_, remind := due(Rectification{AnswerOn: answer, DueOn: last}.reminders(cal), s.today())
	var id int64
	const q = `INSERT INTO rectifications (ref, sheet_id, opened_at, calendar_version, answer_on, due_on, remind_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`
	if err := tx.GetContext(ctx, &id, q, ref, sheet, s.now(), cal.ID, answer, last, remind); err != nil {
		return fmt.Errorf("open rectification: %w", err)
	}
	if err := s.rectifyEvent(ctx, tx, by, id, RectifyEvent{Kind: "open"}, "rectify-open-"+idem); err != nil {
		return err
	}
	m := notify.Message{Kind: "rectify-opened", To: bothOffices, Topic: "rectify:" + ref, Link: "/o/rectifications/" + ref, Key: "rectify-opened:" + ref,
		Args: map[string]string{"Ref": ref, "Date": "date:" + string(answer)}}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "rectify.opened", "rectify:"+ref, nil)
}

var bothOffices = []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}

func (s *Store) rectifyEvent(ctx context.Context, tx *sqlx.Tx, by org.Actor, id int64, e RectifyEvent, idem string) error {
	const q = `INSERT INTO rectification_events (rectification_id, kind, at, actor, text, called_on, person, verdict, idem) VALUES ($1, $2, $3, $4, $5, nullif($6, '')::date, $7, $8, $9)`
	if _, err := tx.ExecContext(ctx, q, id, e.Kind, s.now(), orNull(int64(by.Account)), e.Text, string(e.CalledOn), e.Person, e.Verdict, idem); err != nil {
		return fmt.Errorf("write what happened to the rectification: %w", err)
	}
	return nil
}

// RectifyFilter narrows a list of rectifications.
type RectifyFilter struct {
	Open       bool   // not over
	State      string // one of RectifyStates
	Page, Size int
}

// Rectifications returns a page of those the actor may see, the nearest limit first and ended
// ones last, and how many there are: the offices and the supervision office all, a unit those
// handed to it by name, a company its own.
func (s *Store) Rectifications(ctx context.Context, by org.Actor, f RectifyFilter) ([]Rectification, int, error) {
	where := `WHERE ($1 = 0 OR v.unit_id = $1 AND r.handed_at IS NOT NULL) AND ($2 = 0 OR v.company_id = $2) AND (NOT $3 OR r.closed_at IS NULL) AND ($4 = '' OR r.state = $4)`
	unit, company, ok := visitScope(by)
	if !ok || (unit == 0 && company == 0 && !isDuty(by)) {
		return nil, 0, fault.ErrNotFound
	}
	args := []any{unit, company, f.Open, f.State}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*)`+rectifyTables+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count rectifications: %w", err)
	}
	var out []Rectification
	q := `SELECT ` + rectifyColumns + rectifyTables + where + ` ORDER BY r.closed_at IS NOT NULL, CASE WHEN r.closed_at IS NULL THEN CASE WHEN r.answered_at IS NULL THEN least(r.answer_on, r.due_on) ELSE r.due_on END END, r.id DESC LIMIT $5 OFFSET $6`
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list rectifications: %w", err)
	}
	for i := range out {
		out[i] = out[i].as(by)
	}
	return out, total, nil
}

// as leaves what the actor may see.
func (r Rectification) as(by org.Actor) Rectification {
	switch {
	case by.Role == org.RoleCompany:
		return r.forCompany()
	case !isDuty(by):
		return r.forUnit()
	}
	return r
}

func (r Rectification) maySee(by org.Actor) bool {
	return isDuty(by) || by.OfUnit(r.Unit) && r.Handed != nil || by.Role == org.RoleCompany && by.Company == r.Company
}

// Rectification returns one with what happened to it, as the actor may see it.
func (s *Store) Rectification(ctx context.Context, by org.Actor, ref string) (Rectification, []RectifyEvent, error) {
	return s.oneRectification(ctx, by, `WHERE r.ref = $1`, ref)
}

// RectificationOf returns that of a visit; ErrNotFound: there is none.
func (s *Store) RectificationOf(ctx context.Context, by org.Actor, visit VisitID) (Rectification, []RectifyEvent, error) {
	return s.oneRectification(ctx, by, `WHERE v.id = $1`, visit)
}

func (s *Store) oneRectification(ctx context.Context, by org.Actor, where string, arg any) (Rectification, []RectifyEvent, error) {
	var r Rectification
	err := s.db.GetContext(ctx, &r, `SELECT `+rectifyColumns+rectifyTables+where, arg)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !r.maySee(by) {
		return Rectification{}, nil, fault.ErrNotFound
	}
	if err != nil {
		return r, nil, fmt.Errorf("read rectification: %w", err)
	}
	var events []RectifyEvent
	const q = `SELECT e.id, e.kind, e.at, coalesce(a.name, '') AS actor, e.text, coalesce(to_char(e.called_on, 'YYYY-MM-DD'), '') AS called_on, e.person, e.verdict
		FROM rectification_events e LEFT JOIN accounts a ON a.id = e.actor WHERE e.rectification_id = $1 ORDER BY e.id`
	if err := s.db.SelectContext(ctx, &events, q, r.ID); err != nil {
		return r, nil, fmt.Errorf("read what happened to the rectification: %w", err)
	}
	const words = `SELECT text FROM comments WHERE sheet_id = $1 AND state IN ('agreed', 'released') AND text <> '' ORDER BY part`
	if err := s.db.SelectContext(ctx, &r.Agreed, words, r.Sheet); err != nil {
		return r, nil, fmt.Errorf("read agreed words: %w", err)
	}
	return r.as(by), eventsFor(by, events), nil
}

// rectify does an act on a rectification: locked, once for its key, in one of the states.
// do changes the row and says what happened.
func (s *Store) rectify(ctx context.Context, by org.Actor, ref, idem string, may func(Rectification) error, do func(*sqlx.Tx, *Rectification) (RectifyEvent, error)) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var r Rectification
		err := tx.GetContext(ctx, &r, `SELECT `+rectifyColumns+rectifyTables+`WHERE r.ref = $1 FOR UPDATE OF r, sh`, ref)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !r.maySee(by) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock rectification: %w", err)
		}
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM rectification_events WHERE idem = $1)`, idem); err != nil || done {
			return err // the same post again
		}
		if err := may(r); err != nil {
			return err
		}
		e, err := do(tx, &r)
		if err != nil {
			return err
		}
		return s.keepRectification(ctx, tx, by, r, e, cal, idem)
	})
}

// keepRectification writes the row, what happened and who is told.
func (s *Store) keepRectification(ctx context.Context, tx *sqlx.Tx, by org.Actor, r Rectification, e RectifyEvent, cal *calendar.Calendar, idem string) error {
	_, remind := due(r.reminders(cal), s.today())
	const q = `UPDATE rectifications SET state = $2, round = $3, answered_at = $4, handed_at = $5, due_on = $6, verdict = nullif($7, ''), closed_at = $8, remind_at = $9,
		issue_id = (SELECT id FROM issues WHERE ref = $10) WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, r.ID, r.State, r.Round, r.Answered, r.Handed, r.DueOn, r.Verdict, r.Closed, remind, r.Issue); err != nil {
		return fmt.Errorf("change rectification: %w", err)
	}
	if err := s.rectifyEvent(ctx, tx, by, r.ID, e, idem); err != nil {
		return err
	}
	if err := notify.Settle(ctx, tx, "rectify:"+r.Ref); err != nil {
		return err
	}
	for _, m := range r.messages(e) {
		m.Topic, m.Key = "rectify:"+r.Ref, m.Kind+":"+idem
		m.Args = unitArgs(r.Unit, map[string]string{"Ref": r.Ref, "Date": "date:" + string(r.DueOn)})
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return record.Append(ctx, tx, by, "rectify."+e.Kind, "rectify:"+r.Ref, nil)
}

// messages says who is told of what happened. No text names a company.
func (r Rectification) messages(e RectifyEvent) []notify.Message {
	company := func(kind string) notify.Message {
		return notify.Message{Kind: kind, To: []notify.To{{Company: r.Company}}, Link: fmt.Sprintf("/c/visits/%d", r.Visit)}
	}
	offices := notify.Message{Kind: "rectify-reported", To: bothOffices, Link: "/o/rectifications/" + r.Ref, Reminder: true}
	unit := func(kind string) notify.Message {
		return notify.Message{Kind: kind, To: []notify.To{{Unit: r.Unit}}, Link: "/d/rectifications/" + r.Ref}
	}
	switch e.Kind {
	case "answer":
		return []notify.Message{company("rectify-answered")}
	case "hand":
		return []notify.Message{unit("rectify-handed")}
	case "report":
		return []notify.Message{offices}
	case "callback":
		all := []notify.Message{company("rectify-called")}
		if r.State == RectifyHanded {
			all = append(all, unit("rectify-back"))
		}
		return all
	}
	return nil
}

// rectifyWaiting counts the rectifications and general notices whose next step is the actor's.
func (s *Store) rectifyWaiting(ctx context.Context, by org.Actor) (int, error) {
	q, unit := `SELECT (SELECT count(*) FROM rectifications WHERE closed_at IS NULL AND (state <> 'handed' OR answered_at IS NULL) AND $1 = 0) +
		(SELECT count(*) FROM rectification_notices WHERE state = 'reported')`, org.UnitID(0)
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer):
		q, unit = `SELECT (SELECT count(*) FROM rectifications r JOIN sheets sh ON sh.id = r.sheet_id JOIN visits v ON v.id = sh.visit_id WHERE r.state = 'handed' AND v.unit_id = $1) +
			(SELECT count(*) FROM rectification_notices WHERE state = 'sent' AND unit_id = $1)`, by.Unit
	case !by.IsOffice():
		return 0, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, q, unit); err != nil {
		return 0, fmt.Errorf("count rectifications that wait: %w", err)
	}
	return n, nil
}
