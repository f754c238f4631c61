package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const issueColumns = `i.id, i.ref, i.origin, coalesce(i.company_id, 0) AS company_id,
	coalesce(c.name_zh, b.name_zh, '') AS "company.name_zh", coalesce(c.name_en, b.name_en, '') AS "company.name_en", coalesce(c.name_ru, b.name_ru, '') AS "company.name_ru",
	i.category, i.title, i.body, i.wish, i.place, coalesce(to_char(i.since_on, 'YYYY-MM-DD'), '') AS since_on, coalesce(i.asked_unit_id, 0) AS asked_unit,
	i.name_shown, i.lang, coalesce(i.raised_by, 0) AS raised_by, i.raised_at, i.state, coalesce(i.grade, '') AS grade, coalesce(i.lead_unit_id, 0) AS lead_unit,
	coalesce(u.name_zh, '') AS "lead.name_zh", coalesce(u.name_en, '') AS "lead.name_en", coalesce(u.name_ru, '') AS "lead.name_ru",
	i.registered_at, i.register_due, i.sign_due, i.signed_at, i.respond_due, i.responded_at, i.deadline,
	coalesce(to_char(i.deadline_on, 'YYYY-MM-DD'), '') AS deadline_on, coalesce(i.calendar_version, 0) AS calendar_version, i.provisional,
	i.answered_at, i.refusals, i.queued_at, coalesce(i.queue_reason, '') AS queue_reason, coalesce(i.result, '') AS result,
	coalesce(i.verdict, '') AS verdict, coalesce(i.satisfaction, '') AS satisfaction, i.closed_at, i.excluded_at, i.excluded_why,
	i.last_event, coalesce(i.proposed_unit_id, 0) AS proposed_unit, i.proposers, i.cooperating, coalesce(i.officer, 0) AS officer, coalesce(f.name, '') AS officer_name,
	i.arbitrated, i.refused_named, i.arbitrate_due, i.paused_at, i.pause_reason, i.extension, i.extension_days, i.feedback_due, i.callback_due,
	i.reopen_until, i.review_due, i.reopened, i.reopens_found, i.obstacle, i.special,
	coalesce(o.no, '') AS order_no, coalesce(o.state, '') AS order_state, o.deadline AS order_deadline,
	coalesce(to_char(o.deadline_on, 'YYYY-MM-DD'), '') AS order_deadline_on`

const issueTables = ` FROM issues i LEFT JOIN companies c ON c.id = i.company_id LEFT JOIN bodies b ON i.origin = 'chamber' AND b.kind = 'chamber' LEFT JOIN units u ON u.id = i.lead_unit_id
	LEFT JOIN accounts f ON f.id = i.officer LEFT JOIN LATERAL (SELECT no, state, deadline, deadline_on FROM orders WHERE issue_id = i.id ORDER BY id DESC LIMIT 1) o ON true `

// Raise files an issue of the actor's company and returns its number. The office
// must register it within one working day. The same idem returns the same number.
func (s *Store) Raise(ctx context.Context, by org.Actor, d IssueDraft, idem string) (string, error) {
	if by.Role != org.RoleCompany {
		return "", fault.ErrForbidden
	}
	if err := d.fault(s.today()); err != nil {
		return "", err
	}
	return s.raise(ctx, by, FromCompany, d, idem, func(*sqlx.Tx, IssueID, string) error { return nil })
}

func (d IssueDraft) fault(today calendar.Date) error {
	_, f := d.Check(today)
	return f.Err()
}

// raise writes a new issue of the origin with its first event, does what belongs to it
// in the same transaction, and tells the offices.
func (s *Store) raise(ctx context.Context, by org.Actor, origin Origin, d IssueDraft, idem string, also func(tx *sqlx.Tx, id IssueID, ref string) error) (string, error) {
	since, _ := d.Check(s.today())
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
		if ref, err = s.number(ctx, tx); err != nil {
			return err
		}
		due, _ := cal.Add(s.today(), daysRegister)
		const q = `INSERT INTO issues (ref, company_id, category, title, body, wish, place, since_on, asked_unit_id, name_shown, lang,
				raised_by, raised_at, state, register_due, idem, origin)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM units WHERE id = $9), $10, $11, $12, $13, 'raised', $14, $15, $16) RETURNING id`
		var id IssueID
		if err := tx.GetContext(ctx, &id, q, ref, orNull(int64(by.Company)), d.Category, d.Title, d.Body, d.Wish, d.Place, since, orNull(int64(d.AskedUnit)),
			d.NameShown, d.Lang, orNull(int64(by.Account)), s.now(), due.End(), idem, origin); err != nil {
			return fmt.Errorf("raise issue: %w", err)
		}
		return s.raised(ctx, tx, by, id, ref, cal.ID, d, idem, also)
	})
	return ref, err
}

// number draws the number of a new issue.
func (s *Store) number(ctx context.Context, tx *sqlx.Tx) (string, error) {
	var code string
	if err := tx.GetContext(ctx, &code, `SELECT code FROM county`); err != nil {
		return "", fmt.Errorf("read the county's code: %w", err)
	}
	n, err := nextNumber(ctx, tx, "issue", s.today().Year())
	return fmt.Sprintf("%s-%d-%04d", code, s.today().Year(), n), err
}

// raised writes the first event of an issue and what comes with it.
func (s *Store) raised(ctx context.Context, tx *sqlx.Tx, by org.Actor, id IssueID, ref string, cal int64, d IssueDraft, idem string, also func(*sqlx.Tx, IssueID, string) error) error {
	event, err := s.event(ctx, tx, by, id, cal, s.now(), ActRaise, move{}, "raise-"+idem)
	if err != nil {
		return err
	}
	if err := addFiles(ctx, tx, s, by, id, event, d.Files); err != nil {
		return err
	}
	if _, err := s.recount(ctx, tx, id); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, id, ActRaise, event); err != nil {
		return err
	}
	if err := also(tx, id, ref); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "issue.raised", "issue:"+ref, nil)
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
