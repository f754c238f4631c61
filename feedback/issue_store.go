package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const issueColumns = `i.id, i.ref, i.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
	i.category, i.title, i.body, i.wish, i.place, coalesce(to_char(i.since_on, 'YYYY-MM-DD'), '') AS since_on, coalesce(i.asked_unit_id, 0) AS asked_unit,
	i.name_shown, i.lang, i.raised_by, i.raised_at, i.state, coalesce(i.grade, '') AS grade, coalesce(i.lead_unit_id, 0) AS lead_unit,
	coalesce(u.name_zh, '') AS "lead.name_zh", coalesce(u.name_en, '') AS "lead.name_en", coalesce(u.name_ru, '') AS "lead.name_ru",
	i.registered_at, i.register_due, i.sign_due, i.signed_at, i.respond_due, i.responded_at, i.deadline,
	coalesce(to_char(i.deadline_on, 'YYYY-MM-DD'), '') AS deadline_on, coalesce(i.calendar_version, 0) AS calendar_version, i.provisional,
	i.answered_at, i.refusals, i.queued_at, coalesce(i.queue_reason, '') AS queue_reason, coalesce(i.result, '') AS result,
	coalesce(i.verdict, '') AS verdict, coalesce(i.satisfaction, '') AS satisfaction, i.closed_at, i.excluded_at, i.excluded_why,
	coalesce(o.no, '') AS order_no, coalesce(o.state, '') AS order_state, o.deadline AS order_deadline,
	coalesce(to_char(o.deadline_on, 'YYYY-MM-DD'), '') AS order_deadline_on`

const issueTables = ` FROM issues i JOIN companies c ON c.id = i.company_id LEFT JOIN units u ON u.id = i.lead_unit_id
	LEFT JOIN LATERAL (SELECT no, state, deadline, deadline_on FROM orders WHERE issue_id = i.id ORDER BY id DESC LIMIT 1) o ON true `

// Raise files an issue of the actor's company and returns its number. The office
// must register it within one working day. The same idem returns the same number.
func (s *Store) Raise(ctx context.Context, by org.Actor, d IssueDraft, idem string) (string, error) {
	if by.Role != org.RoleCompany {
		return "", fault.ErrForbidden
	}
	since, f := d.Check(s.today())
	if err := f.Err(); err != nil {
		return "", err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", err
	}
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var known []string
		if err := tx.SelectContext(ctx, &known, `SELECT ref FROM issues WHERE idem = $1`, idem); err != nil {
			return fmt.Errorf("look for the issue: %w", err)
		}
		if len(known) > 0 {
			ref = known[0]
			return nil
		}
		var code string
		if err := tx.GetContext(ctx, &code, `SELECT code FROM county`); err != nil {
			return fmt.Errorf("read the county's code: %w", err)
		}
		n, err := nextNumber(ctx, tx, "issue", s.today().Year())
		if err != nil {
			return err
		}
		ref = fmt.Sprintf("%s-%d-%04d", code, s.today().Year(), n)
		due, _ := cal.Add(s.today(), daysRegister)
		const q = `INSERT INTO issues (ref, company_id, category, title, body, wish, place, since_on, asked_unit_id, name_shown, lang,
				raised_by, raised_at, state, register_due, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM units WHERE id = $9), $10, $11, $12, $13, 'raised', $14, $15) RETURNING id`
		var id IssueID
		if err := tx.GetContext(ctx, &id, q, ref, by.Company, d.Category, d.Title, d.Body, d.Wish, d.Place, since, orNull(int64(d.AskedUnit)),
			d.NameShown, d.Lang, by.Account, s.now(), due.End(), idem); err != nil {
			return fmt.Errorf("raise issue: %w", err)
		}
		event, err := s.event(ctx, tx, by, id, 0, ActRaise, "", false, nil, "raise-"+idem)
		if err != nil {
			return err
		}
		if err := addFiles(ctx, tx, s, by, id, event, d.Files); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "issue.raised", "issue:"+ref, nil)
	})
	return ref, err
}

func addFiles(ctx context.Context, tx *sqlx.Tx, s *Store, by org.Actor, issue IssueID, event int64, files []File) error {
	const q = `INSERT INTO issue_files (issue_id, event_id, name, type, size, sha256, content, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	for _, f := range files {
		if _, err := tx.ExecContext(ctx, q, issue, event, f.Name, f.Type, f.Size, f.sum(), f.Content, orNull(int64(by.Account)), s.now()); err != nil {
			return fmt.Errorf("keep file: %w", err)
		}
	}
	return nil
}

// event adds a step to the issue's life, tells those concerned, and returns its number.
// The issue's row was changed before.
func (s *Store) event(ctx context.Context, tx *sqlx.Tx, by org.Actor, issue IssueID, unit org.UnitID, act Act, body string, internal bool, data map[string]any, idem string) (int64, error) {
	if data == nil {
		data = map[string]any{}
	}
	doc, err := json.Marshal(data)
	if err != nil {
		return 0, fmt.Errorf("encode event: %w", err)
	}
	role := string(by.Role)
	if !by.SignedIn() {
		role = "clock"
	}
	var id int64
	const q = `INSERT INTO issue_events (issue_id, at, actor, role, unit_id, kind, body, internal, data, idem)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`
	if err := tx.GetContext(ctx, &id, q, issue, s.now(), orNull(int64(by.Account)), role, orNull(int64(unit)), act, body, internal, doc, idem); err != nil {
		return 0, fmt.Errorf("add event: %w", err)
	}
	if internal && act != ActRegister { // a note beside an act that was told already
		return id, nil
	}
	return id, s.tell(ctx, tx, issue, act, id)
}

// act does one act to an issue in one transaction: the issue's row is locked, the
// same idem is the same act and does nothing again, the transition is checked,
// then do writes what the act changes.
func (s *Store) act(ctx context.Context, by org.Actor, ref string, act Act, idem string, do func(tx *sqlx.Tx, i Issue) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var i Issue
		err := tx.GetContext(ctx, &i, `SELECT `+issueColumns+issueTables+`WHERE i.ref = $1 FOR UPDATE OF i`, ref)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock issue: %w", err)
		}
		if by.SignedIn() && !i.maySee(by, false) {
			return fault.ErrNotFound
		}
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM issue_events WHERE idem = $1)`, idem); err != nil {
			return fmt.Errorf("look for the act: %w", err)
		}
		if done {
			return nil
		}
		if err := i.allow(by, act); err != nil {
			return err
		}
		if err := do(tx, i); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "issue."+string(act), "issue:"+ref, nil)
	})
}

// set changes columns of the issue; q is an UPDATE with the id as $1.
func set(ctx context.Context, tx *sqlx.Tx, q string, args ...any) error {
	if _, err := tx.ExecContext(ctx, q, args...); err != nil {
		return fmt.Errorf("change issue: %w", err)
	}
	return nil
}

// Registration is what an office decides of a raised issue.
type Registration struct {
	Grade string
	Lead  org.UnitID
	Note  string // internal
}

// Register accepts an issue, grades it and names the unit in charge. The clock of
// the grade begins. A class A issue goes to the leading group's queue at once.
func (s *Store) Register(ctx context.Context, by org.Actor, ref string, r Registration, idem string) error {
	f := fault.Fields{}
	if r.Grade != "A" && r.Grade != "B" && r.Grade != "C" {
		f.Add("grade", "issue.grade-missing")
	}
	if r.Lead == 0 {
		f.Add("lead", "issue.lead-missing")
	}
	limit(f, "note", r.Note, 0, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActRegister, idem, func(tx *sqlx.Tx, i Issue) error {
		due, provisional := cal.Add(s.today(), DaysOf(r.Grade))
		sign, _ := cal.Add(s.today(), daysSign)
		respond, _ := cal.Add(sign, daysRespond)
		const q = `UPDATE issues SET state = CASE WHEN $2 = 'A' THEN 'queued' ELSE 'registered' END, grade = $2,
				lead_unit_id = (SELECT id FROM units WHERE id = $3 AND active), registered_at = $4::timestamptz, sign_due = $5, respond_due = $6,
				deadline = $7, deadline_on = $8, calendar_version = $9, provisional = $10,
				queued_at = CASE WHEN $2 = 'A' THEN $4::timestamptz END, queue_reason = CASE WHEN $2 = 'A' THEN 'class_a' END
			WHERE id = $1`
		err := set(ctx, tx, q, i.ID, r.Grade, r.Lead, s.now(), sign.End(), respond.End(), due.End(), due, cal.ID, provisional)
		if postgres.Violates(err, "issues_lead_from_registration") {
			return fault.Field("lead", "issue.lead-missing")
		}
		if err != nil {
			return err
		}
		_, err = s.event(ctx, tx, by, i.ID, r.Lead, ActRegister, r.Note, true, map[string]any{"grade": r.Grade}, idem)
		return err
	})
}

// Sign is the lead unit's receipt; the first reply is due two working days later,
// and no later for signing late.
func (s *Store) Sign(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActSign, idem, func(tx *sqlx.Tx, i Issue) error {
		cal, err := s.cal.Version(ctx, i.Calendar)
		if err != nil {
			return err
		}
		respond, _ := cal.Add(s.today(), daysRespond)
		const q = `UPDATE issues SET state = CASE WHEN state = 'registered' THEN 'in_progress' ELSE state END, signed_at = $2,
			respond_due = least(respond_due, $3) WHERE id = $1`
		if err := set(ctx, tx, q, i.ID, s.now(), respond.End()); err != nil {
			return err
		}
		_, err = s.event(ctx, tx, by, i.ID, i.Lead, ActSign, "", false, nil, idem)
		return err
	})
}

// Reply is an interim answer; the first one stops the clock of the first response.
func (s *Store) Reply(ctx context.Context, by org.Actor, ref, text, idem string) error {
	f := fault.Fields{}
	limit(f, "text", text, MinAnswer, MaxAnswer)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActReply, idem, func(tx *sqlx.Tx, i Issue) error {
		if err := set(ctx, tx, `UPDATE issues SET responded_at = coalesce(responded_at, $2) WHERE id = $1`, i.ID, s.now()); err != nil {
			return err
		}
		_, err := s.event(ctx, tx, by, i.ID, i.Lead, ActReply, text, false, nil, idem)
		return err
	})
}

// Answer is what a unit says at the end.
type Answer struct {
	Result string // solved, partly, cannot
	Text   string
	Basis  string // legal basis, needed for "cannot"
	Note   string // internal, never shown to the company
	Files  []File
}

func (a Answer) check() error {
	f := fault.Fields{}
	if a.Result != "solved" && a.Result != "partly" && a.Result != "cannot" {
		f.Add("result", "issue.result-missing")
	}
	limit(f, "text", a.Text, MinAnswer, MaxAnswer)
	limit(f, "note", a.Note, 0, MaxReason)
	if a.Result == "cannot" {
		limit(f, "basis", a.Basis, MinReason, MaxReason)
	}
	if len(a.Files) > MaxFiles {
		f.Add("files", "file.too-many", "Count", MaxFiles)
	}
	return f.Err()
}

// Answer gives the lead unit's answer; the company accepts or refuses it.
func (s *Store) Answer(ctx context.Context, by org.Actor, ref string, a Answer, idem string) error {
	if err := a.check(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActAnswer, idem, func(tx *sqlx.Tx, i Issue) error {
		const q = `UPDATE issues SET state = 'answered', result = $2, answered_at = $3, responded_at = coalesce(responded_at, $3) WHERE id = $1`
		if err := set(ctx, tx, q, i.ID, a.Result, s.now()); err != nil {
			return err
		}
		return s.say(ctx, tx, by, i, ActAnswer, a, idem)
	})
}

// say writes an answer or report into the issue's life, its note apart.
func (s *Store) say(ctx context.Context, tx *sqlx.Tx, by org.Actor, i Issue, act Act, a Answer, idem string) error {
	event, err := s.event(ctx, tx, by, i.ID, i.Lead, act, a.Text, false, map[string]any{"result": a.Result, "basis": a.Basis}, idem)
	if err != nil {
		return err
	}
	if a.Note != "" {
		if _, err := s.event(ctx, tx, by, i.ID, i.Lead, act, a.Note, true, nil, idem+"-note"); err != nil {
			return err
		}
	}
	return addFiles(ctx, tx, s, by, i.ID, event, a.Files)
}

// Verdict is what the company says of an answer.
type Verdict struct {
	Accept    bool
	Verdict   string // solved, partly: of an accepted answer
	Satisfied string // level code of an accepted answer
	Reason    string // needed to refuse
}

// Calendar returns the version an issue's deadlines were computed with, or the
// one in force.
func (s *Store) Calendar(ctx context.Context, version int64) (*calendar.Calendar, error) {
	if version == 0 {
		return s.cal.Current(ctx)
	}
	return s.cal.Version(ctx, version)
}
