package passing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Reply is a unit's reply to the suspicion, once, within the period.
func (s *Store) Reply(ctx context.Context, by org.Actor, ref, text string) error {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("reply", text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.locked(ctx, tx, ref)
		if err != nil {
			return err
		}
		switch u := c.Unit(by.Unit); {
		case u.Unit == 0:
			return fault.ErrNotFound
		case u.Reply == text:
			return nil // the same post again
		case u.Replied != nil || c.State != Suspected:
			return ErrCaseState
		case !s.now().Before(c.ReplyDue):
			return ErrTooLate
		}
		const q = `UPDATE passing_units SET reply = $3, replied_by = $4, replied_at = $5 WHERE case_id = $1 AND unit_id = $2`
		if _, err := tx.ExecContext(ctx, q, c.ID, by.Unit, text, by.Account, s.now()); err != nil {
			return fmt.Errorf("keep reply: %w", err)
		}
		return record.Append(ctx, tx, by, "passing.replied", "passing:"+ref, map[string]any{"unit": by.Unit})
	})
}

// Find is the supervision office's finding. It is refused before every unit has
// replied or the period for replies is over. An upheld one is attributed to one unit
// and becomes its deduction, with the case as evidence; a gap in duties goes to the
// catalogue's desk; one not upheld changes nothing.
func (s *Store) Find(ctx context.Context, by org.Actor, ref string, d FindingDraft) error {
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.locked(ctx, tx, ref)
		if err != nil {
			return err
		}
		if c.State != Suspected {
			if c.Finding == d.Finding && c.FindingText == d.Text {
				return nil // the same post again
			}
			return ErrCaseState
		}
		if err := d.check(c); err != nil {
			return err
		}
		if !c.Ripe(s.now()) {
			return ErrTooEarly
		}
		if d.Finding != "upheld" {
			d.Unit = 0
		}
		tellDue, tellOn, err := s.tellBy(ctx)
		if err != nil {
			return err
		}
		const q = `UPDATE passing_cases SET state = 'found', finding = $2, finding_unit = $3, finding_text = $4, found_by = $5, found_at = $6,
			tell_due = CASE WHEN $2 <> 'upheld' THEN $7::timestamptz END, tell_due_on = CASE WHEN $2 <> 'upheld' THEN $8::date END WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, c.ID, d.Finding, orNull(d.Unit), d.Text, by.Account, s.now(), tellDue, tellOn); err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		if err := s.consequence(ctx, tx, by, c, d); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "passing.found", "passing:"+ref, map[string]any{"finding": d.Finding, "unit": d.Unit})
	})
}

// consequence is what follows from a finding in the same transaction.
func (s *Store) consequence(ctx context.Context, tx *sqlx.Tx, by org.Actor, c Case, d FindingDraft) error {
	m := notify.Message{Kind: "passing-found", Topic: "passing:" + c.Ref, Link: "/d/passing/" + c.Ref, Key: "passing-found-" + c.Ref,
		Args: map[string]string{"Ref": c.Ref, "Finding": "text:passing.finding-" + d.Finding}}
	for _, u := range c.Units {
		m.To = append(m.To, notify.To{Unit: u.Unit, Heads: true})
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	switch d.Finding {
	case "upheld":
		if done, err := entered(ctx, tx, c.Issue, c.Kind.Rule(), c.Ref); err != nil {
			return err
		} else if done {
			return nil // the same obstacle costs once
		}
		signers := notify.Message{Kind: "passing-sanction", Topic: "passing:" + c.Ref, Link: "/l/passing/" + c.Ref, Key: "passing-sanction-" + c.Ref,
			To: []notify.To{{Body: org.BodyLeadingGroup}}, Args: map[string]string{"Ref": c.Ref, "Unit": fmt.Sprintf("unit:%d", d.Unit)}}
		if err := notify.Post(ctx, tx, s.now(), signers); err != nil {
			return err
		}
		return evaluation.EnterFinding(ctx, tx, by, evaluation.FindingEntry{Unit: d.Unit, Rule: c.Kind.Rule(), At: s.now(), Issue: c.Issue,
			Evidence: shorten(c.Ref+" "+c.IssueRef+" "+d.Text, evaluation.MaxEvidence), Finding: c.Ref})
	case "gap":
		return s.gapFound(ctx, tx, c)
	}
	return nil
}

func shorten(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// SanctionDraft is what the leading group decides on an upheld case.
type SanctionDraft struct {
	Type string // of Sanctions; none needs its reason, too
	Text string
}

// Decide is the leading group's decision on an upheld case, by one who may sign. The
// investor is to be told within two working days.
func (s *Store) Decide(ctx context.Context, by org.Actor, ref string, d SanctionDraft) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if !slices.Contains(Sanctions, d.Type) {
		f.Add("sanction", "passing.sanction-missing")
	}
	f.Length("text", d.Text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.locked(ctx, tx, ref)
		if err != nil {
			return err
		}
		if c.State != Found || c.Finding != "upheld" {
			if c.Sanction == d.Type && c.SanctionTxt == d.Text {
				return nil // the same post again
			}
			return ErrCaseState
		}
		tellDue, tellOn, err := s.tellBy(ctx)
		if err != nil {
			return err
		}
		const q = `UPDATE passing_cases SET state = 'decided', sanction = $2, sanction_text = $3, sanctioned_by = $4, sanctioned_at = $5, tell_due = $6, tell_due_on = $7 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, c.ID, d.Type, d.Text, by.Account, s.now(), tellDue, tellOn); err != nil {
			return fmt.Errorf("keep sanction: %w", err)
		}
		m := notify.Message{Kind: "passing-decided", Topic: "passing:" + ref, Link: "/d/passing/" + ref, Key: "passing-decided-" + ref,
			To: []notify.To{{Unit: c.FindingUnit, Heads: true}}, Args: map[string]string{"Ref": ref, "Sanction": "text:passing.sanction-" + d.Type}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "passing.decided", "passing:"+ref, map[string]any{"sanction": d.Type})
	})
}

// Tell tells the investor the result: it stands in the issue's timeline, and the
// company is notified. It ends the case.
func (s *Store) Tell(ctx context.Context, by org.Actor, ref, text string) error {
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("told", text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.locked(ctx, tx, ref)
		if err != nil {
			return err
		}
		if c.State == Told && c.ToldText == text {
			return nil // the same post again
		}
		if c.State != Decided && (c.State != Found || c.Finding == "upheld") {
			return ErrCaseState
		}
		if _, err := tx.ExecContext(ctx, `UPDATE passing_cases SET state = 'told', told_by = $2, told_at = $3, told_text = $4 WHERE id = $1`, c.ID, by.Account, s.now(), text); err != nil {
			return fmt.Errorf("tell the investor: %w", err)
		}
		const event = `INSERT INTO issue_events (issue_id, at, actor, role, kind, body, data, idem, calendar_version)
			SELECT $1, $2, $3, $4, 'message', $5, jsonb_build_object('passing', $6::text), $7, coalesce(i.calendar_version, $8) FROM issues i WHERE i.id = $1`
		if _, err := tx.ExecContext(ctx, event, c.Issue, s.now(), by.Account, by.Role, text, ref, "passing-told-"+strings.ToLower(ref), c.Calendar); err != nil {
			return fmt.Errorf("write into the issue's life: %w", err)
		}
		var of struct {
			Origin  feedback.Origin `db:"origin"`
			Company org.CompanyID   `db:"company_id"`
		}
		if err := tx.GetContext(ctx, &of, `SELECT origin, coalesce(company_id, 0) AS company_id FROM issues WHERE id = $1`, c.Issue); err != nil {
			return fmt.Errorf("read whose issue it is: %w", err)
		}
		to, base := of.Origin.Investors(of.Company)
		m := notify.Message{Kind: "passing-told", Topic: "issue:" + c.IssueRef, Link: base + c.IssueRef, Key: "passing-told-" + ref,
			To: to, Args: map[string]string{"Issue": c.IssueRef, "Finding": "text:" + "passing.told-" + c.Finding}}
		if len(to) > 0 { // an anonymous sender reads it by his code
			if err := notify.Post(ctx, tx, s.now(), m); err != nil {
				return err
			}
		}
		return record.Append(ctx, tx, by, "passing.told", "passing:"+ref, nil)
	})
}
