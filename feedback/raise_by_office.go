package feedback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// IntakeChannels are the ways by which a company's word reaches an office.
var IntakeChannels = []string{"phone", "meeting", "letter"}

// OfficeIntake is an issue that an office writes down on behalf of a company.
type OfficeIntake struct {
	IssueDraft
	Company org.CompanyID
	Channel string // one of IntakeChannels
	Source  string // what it comes from: a meeting's title, the number called; "" not said
}

// check says what is wrong with the intake, by field. The chamber alone is no choice:
// the office has heard the name already.
func (d OfficeIntake) check(f fault.Fields) {
	if d.Company == 0 {
		f.Add("company", "meeting.company-missing")
	}
	if !slices.Contains(IntakeChannels, d.Channel) {
		f.Add("channel", "order.channel-missing")
	}
	if d.NameShown == "chamber" {
		f.Add("name_shown", "issue.name-shown-missing")
	}
	f.Length("source", d.Source, 0, MaxReason)
}

// RaiseByOffice files an issue on behalf of a company, as told on the telephone, at a
// meeting or by letter, and returns its number. The event keeps the channel, what it
// comes from and who wrote it down; the company is told and finds the issue among its own. The same idem
// returns the same number.
func (s *Store) RaiseByOffice(ctx context.Context, by org.Actor, d OfficeIntake, idem string) (string, error) {
	if !by.IsOffice() && !by.Is(org.RoleClerk) {
		return "", fault.ErrForbidden
	}
	since, f := d.Check(s.today())
	d.check(f)
	if err := f.Err(); err != nil {
		return "", err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", err
	}
	due, _ := cal.Add(s.today(), daysRegister)
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		err := tx.GetContext(ctx, &ref, `SELECT ref FROM issues WHERE idem = $1`, idem)
		if !errors.Is(err, sql.ErrNoRows) {
			return err // found: the same post again
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
		const q = `INSERT INTO issues (ref, company_id, category, title, body, wish, place, since_on, asked_unit_id, name_shown, lang,
				raised_by, raised_at, state, register_due, idem)
			SELECT $1, c.id, $3, $4, $5, $6, $7, $8, (SELECT id FROM units WHERE id = $9), $10, $11, $12, $13, 'raised', $14, $15
			FROM companies c WHERE c.id = $2 AND c.active RETURNING id`
		var id IssueID
		err = tx.GetContext(ctx, &id, q, ref, d.Company, d.Category, d.Title, d.Body, d.Wish, d.Place, since, orNull(int64(d.AskedUnit)),
			d.NameShown, d.Lang, by.Account, s.now(), due.End(), idem)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.Field("company", "meeting.company-missing")
		}
		if err != nil {
			return fmt.Errorf("raise issue for a company: %w", err)
		}
		return s.intakeDone(ctx, tx, by, id, cal.ID, ref, d, idem)
	})
	return ref, err
}

// intakeDone writes the first event, tells the company and appends to the audit log.
func (s *Store) intakeDone(ctx context.Context, tx *sqlx.Tx, by org.Actor, id IssueID, cal int64, ref string, d OfficeIntake, idem string) error {
	event, err := s.event(ctx, tx, by, id, cal, s.now(), ActRaise, move{body: d.Source, details: Details{Channel: d.Channel}}, "raise-"+idem)
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
	err = notify.Post(ctx, tx, s.now(), notify.Message{Kind: "meeting-recorded", To: []notify.To{{Company: d.Company}}, Topic: "issue:" + ref,
		Link: "/c/issues/" + ref, Args: map[string]string{"Ref": ref}, Key: "recorded:" + ref})
	if err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "issue.raised", "issue:"+ref, map[string]any{"channel": d.Channel})
}
