package passing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// FalseKinds are what may be false: the record of a visit, or a sheet the unit wrote itself.
var FalseKinds = []string{"visit", "sheet"}

// FalseRecord is a suspicion that a unit recorded a visit falsely or wrote a company's sheet,
// with its reply and what was found. An upheld one voids the sheet and is deduction D6.
type FalseRecord struct {
	ID        int64         `db:"id"`
	Ref       string        `db:"ref"`
	Kind      string        `db:"kind"`
	Visit     int64         `db:"visit_id"`
	Unit      org.UnitID    `db:"unit_id"`
	UnitName  org.Names     `db:"unit"`
	Company   org.Names     `db:"company"`
	VisitedOn calendar.Date `db:"visited_on"`
	Evidence  string        `db:"evidence"`
	Opened    time.Time     `db:"opened_at"`
	ReplyOn   calendar.Date `db:"reply_due_on"`
	Reply     string        `db:"reply"`
	Replied   *time.Time    `db:"replied_at"`
	Finding   string        `db:"finding"`
	Text      string        `db:"finding_text"`
	FoundAt   *time.Time    `db:"found_at"`
}

// Ripe reports whether a finding may be made: the unit has replied, or its period is over.
func (r FalseRecord) Ripe(now time.Time) bool {
	return r.Finding == "" && (r.Replied != nil || !now.Before(r.ReplyOn.End()))
}

// FalseDraft is a suspicion as typed: a visit is named by the sheet that came of it, or by unit,
// company and day.
type FalseDraft struct {
	Kind     string
	Sheet    string
	Unit     org.UnitID
	Company  org.CompanyID
	On       string
	Evidence string
}

const falseColumns = `r.id, r.ref, r.kind, r.visit_id, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru",
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", coalesce(to_char(v.visited_on, 'YYYY-MM-DD'), '') AS visited_on, r.evidence, r.opened_at,
	to_char(r.reply_due_on, 'YYYY-MM-DD') AS reply_due_on, r.reply, r.replied_at, coalesce(r.finding, '') AS finding, r.finding_text, r.found_at
	FROM false_records r JOIN visits v ON v.id = r.visit_id JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id `

// FalseRecords returns the suspicions the actor may see, open ones first: the supervision office
// all, a unit its own. The two offices learn of an upheld one by the deduction.
func (s *Store) FalseRecords(ctx context.Context, by org.Actor) ([]FalseRecord, error) {
	if by.Role != org.RoleSupervision && !by.OfUnit(by.Unit) {
		return nil, fault.ErrNotFound
	}
	var out []FalseRecord
	if err := s.db.SelectContext(ctx, &out, `SELECT `+falseColumns+`WHERE $1 = 0 OR v.unit_id = $1 ORDER BY r.finding IS NOT NULL, r.id DESC LIMIT 200`, by.Unit); err != nil {
		return nil, fmt.Errorf("list false records: %w", err)
	}
	return out, nil
}

// FalseRecord returns one of them.
func (s *Store) FalseRecord(ctx context.Context, by org.Actor, ref string) (FalseRecord, error) {
	all, err := s.FalseRecords(ctx, by)
	if err != nil {
		return FalseRecord{}, err
	}
	for _, r := range all {
		if r.Ref == ref {
			return r, nil
		}
	}
	return FalseRecord{}, fault.ErrNotFound
}

// visitOf finds the visit a draft names; 0: there is none, or the sheet of it is missing.
func (s *Store) visitOf(ctx context.Context, d FalseDraft) (visit int64, unit org.UnitID, err error) {
	var all []struct {
		ID   int64      `db:"id"`
		Unit org.UnitID `db:"unit_id"`
	}
	const q = `SELECT v.id, v.unit_id FROM visits v LEFT JOIN sheets sh ON sh.visit_id = v.id WHERE v.visited_on IS NOT NULL AND ($1 <> 'sheet' OR sh.id IS NOT NULL)
		AND (sh.no = $2 OR $2 = '' AND v.unit_id = $3 AND v.company_id = $4 AND v.visited_on::text = $5) LIMIT 1`
	if err := s.db.SelectContext(ctx, &all, q, d.Kind, d.Sheet, d.Unit, d.Company, d.On); err != nil || len(all) == 0 {
		return 0, 0, err
	}
	return all[0].ID, all[0].Unit, nil
}

// OpenFalse is the supervision office's suspicion: the unit is asked to reply within three
// working days. The evidence is written for the unit; it must not name who said so.
func (s *Store) OpenFalse(ctx context.Context, by org.Actor, d FalseDraft, idem string) (string, error) {
	if by.Role != org.RoleSupervision {
		return "", fault.ErrForbidden
	}
	f := fault.Fields{}
	if !slices.Contains(FalseKinds, d.Kind) {
		f.Add("kind", "false.kind-missing")
	}
	f.Length("evidence", d.Evidence, MinText, MaxText)
	visit, unit, err := s.visitOf(ctx, d)
	if err != nil {
		return "", fmt.Errorf("find the visit: %w", err)
	}
	if visit == 0 {
		f.Add("sheet", "false.visit-unknown")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", err
	}
	last, _ := cal.Add(s.today(), DaysReply)
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 16))`, fmt.Sprintf("false-%d-%s", visit, d.Kind)); err != nil {
			return fmt.Errorf("wait for the same suspicion: %w", err)
		}
		var known []string
		if err := tx.SelectContext(ctx, &known, `SELECT ref FROM false_records WHERE visit_id = $1 AND kind = $2`, visit, d.Kind); err != nil {
			return fmt.Errorf("look for the suspicion: %w", err)
		}
		if len(known) > 0 {
			ref = known[0]
			return nil
		}
		var err error
		if ref, err = number(ctx, tx, "false_record", "XJ-%d-%03d", s.today().Year()); err != nil {
			return err
		}
		const q = `INSERT INTO false_records (ref, kind, visit_id, evidence, opened_by, opened_at, calendar_version, reply_due_on, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
		if _, err := tx.ExecContext(ctx, q, ref, d.Kind, visit, d.Evidence, by.Account, s.now(), cal.ID, last, idem); err != nil {
			return fmt.Errorf("open the suspicion: %w", err)
		}
		m := notify.Message{Kind: "false-opened", To: []notify.To{{Unit: unit, Heads: true}}, Topic: "false:" + ref, Link: "/d/false/" + ref, Key: "false-opened:" + ref,
			Args: map[string]string{"Ref": ref, "Date": "date:" + string(last)}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "false.opened", "false:"+ref, map[string]any{"unit": unit, "kind": d.Kind})
	})
	return ref, err
}

// ReplyFalse is the unit's reply, once, within the period.
func (s *Store) ReplyFalse(ctx context.Context, by org.Actor, ref, text string) error {
	r, err := s.FalseRecord(ctx, by, ref)
	if err != nil {
		return err
	}
	if !by.OfUnit(r.Unit) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("reply", text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	if !s.now().Before(r.ReplyOn.End()) {
		return ErrTooLate
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE false_records SET reply = $2, replied_by = $3, replied_at = $4 WHERE id = $1 AND reply = '' AND finding IS NULL`, r.ID, text, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("keep reply: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return ErrCaseState
		}
		return record.Append(ctx, tx, by, "false.replied", "false:"+ref, nil)
	})
}

// FindFalse is the supervision office's finding, not before the unit has replied or its period is
// over. An upheld one voids the sheet of the visit and becomes deduction D6 of the unit's year.
func (s *Store) FindFalse(ctx context.Context, by org.Actor, ref, finding, text string) error {
	r, err := s.FalseRecord(ctx, by, ref)
	if err != nil {
		return err
	}
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if finding != "upheld" && finding != "not" {
		f.Add("finding", "passing.finding-missing")
	}
	f.Length("text", text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	if r.Finding == "" && !r.Ripe(s.now()) {
		return ErrTooEarly
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE false_records SET finding = $2, finding_text = $3, found_by = $4, found_at = $5 WHERE id = $1 AND finding IS NULL`
		res, err := tx.ExecContext(ctx, q, r.ID, finding, text, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return ErrCaseState
		}
		m := notify.Message{Kind: "false-found", To: []notify.To{{Unit: r.Unit, Heads: true}}, Topic: "false:" + ref, Link: "/d/false/" + ref, Key: "false-found:" + ref,
			Args: map[string]string{"Ref": ref, "Finding": "text:passing.finding-" + finding}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		if finding == "upheld" {
			if err := s.voidSheet(ctx, tx, by, r, text); err != nil {
				return err
			}
		}
		return record.Append(ctx, tx, by, "false.found", "false:"+ref, map[string]any{"finding": finding, "unit": r.Unit})
	})
}

// voidSheet takes the sheet of a false record out of what counts, and enters the deduction. The
// visit then has no valid sheet, so it does not count as made either.
func (s *Store) voidSheet(ctx context.Context, tx *sqlx.Tx, by org.Actor, r FalseRecord, text string) error {
	const q = `UPDATE sheets SET voided_at = $2, voided_score = score, score = NULL WHERE visit_id = $1 AND voided_at IS NULL`
	if _, err := tx.ExecContext(ctx, q, r.Visit, s.now()); err != nil {
		return fmt.Errorf("void sheet: %w", err)
	}
	return evaluation.EnterFinding(ctx, tx, by, evaluation.FindingEntry{Unit: r.Unit, Rule: "D6", At: s.now(), Evidence: shorten(r.Ref+" "+text, evaluation.MaxEvidence), Finding: r.Ref})
}
