package feedback

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

// FileSheet records what the company says of a visit and delivers it to both
// offices in the same transaction. by is the company's account, a clerk or an office
// who writes down a telephone call, or the public with the visit's token. It returns
// the sheet's number; the same idem returns the same number.
func (s *Store) FileSheet(ctx context.Context, by org.Actor, visit VisitID, token string, sh Sheet, idem string) (string, error) {
	v, err := s.visitToRate(ctx, by, visit, token)
	if err != nil {
		return "", err
	}
	f := sh.Check()
	var called time.Time
	if sh.Channel = channelOf(by, token); sh.Channel == "phone" {
		called = sh.Call.check(f, s.now())
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	var no string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var id SheetID
		if no, id, err = s.fileOnce(ctx, tx, by, v, sh.filled(), idem); err != nil || id == 0 || sh.Channel != "phone" {
			return err
		}
		const call = `INSERT INTO sheet_calls (sheet_id, number, person, called_at, clerk) VALUES ($1, $2, $3, $4, $5)`
		if _, err := tx.ExecContext(ctx, call, id, sh.Call.Number, sh.Call.Person, called, by.Account); err != nil {
			return fmt.Errorf("keep the record of the call: %w", err)
		}
		return nil
	})
	return no, err
}

// fileOnce writes a checked sheet of a visit, once for its key, delivers it to both offices and
// opens a rectification where the company was dissatisfied. The sheet's id is 0 when it was there.
func (s *Store) fileOnce(ctx context.Context, tx *sqlx.Tx, by org.Actor, v Visit, sh Sheet, idem string) (string, SheetID, error) {
	if err := only(ctx, tx, idem); err != nil {
		return "", 0, err
	}
	var known []string
	if err := tx.SelectContext(ctx, &known, `SELECT no FROM sheets WHERE idem = $1`, idem); err != nil {
		return "", 0, fmt.Errorf("look for the sheet: %w", err)
	}
	if len(known) > 0 {
		return known[0], 0, nil
	}
	n, err := nextNumber(ctx, tx, "sheet", calendar.DateOf(s.now()).Year())
	if err != nil {
		return "", 0, err
	}
	no := fmt.Sprintf("FK-%d-%06d", calendar.DateOf(s.now()).Year(), n)
	id, err := s.insertSheet(ctx, tx, by, v, sh, no, idem)
	if err != nil {
		return "", 0, err
	}
	const deliver = `INSERT INTO sheet_receipts (sheet_id, office, delivered_at) VALUES ($1, 'party_office', $2), ($1, 'government_office', $2)`
	if _, err := tx.ExecContext(ctx, deliver, id, s.now()); err != nil {
		return "", 0, fmt.Errorf("deliver sheet: %w", err)
	}
	if err := s.tellOfSheet(ctx, tx, no, v.Unit); err != nil {
		return "", 0, err
	}
	if err := sheetCame(ctx, tx, v.ID); err != nil {
		return "", 0, err
	}
	if sh.Demand == "yes" {
		if err := s.demandCame(ctx, tx, by, id); err != nil {
			return "", 0, err
		}
	}
	if sh.Dissatisfied() {
		if err := s.openRectification(ctx, tx, by, id, idem); err != nil {
			return "", 0, err
		}
	}
	return no, id, record.Append(ctx, tx, by, "sheet.filed", "sheet:"+no, map[string]any{"channel": sh.Channel})
}

func (s *Store) insertSheet(ctx context.Context, tx *sqlx.Tx, by org.Actor, v Visit, sh Sheet, no, idem string) (SheetID, error) {
	const q = `INSERT INTO sheets (no, visit_id, area, matters, q1, q2, q3, q4, demand, demand_text, solved, opinion, suggestion,
			wants_reply, release, lang, filled_by, channel, filed_by, filed_at, score, idem, overall, named)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, nullif($23, ''), $24) RETURNING id`
	var id SheetID
	err := tx.GetContext(ctx, &id, q, no, v.ID, sh.Area, sh.Matters, sh.level("q1"), sh.level("q2"), sh.level("q3"), sh.level("q4"), sh.Demand, sh.DemandText,
		sh.Solved, sh.Opinion, sh.Suggestion, sh.WantsReply, sh.Release, sh.Lang, sh.FilledBy, sh.Channel, orNull(int64(by.Account)), s.now(), s.scoreOf(sh), idem, sh.Overall, sh.Named)
	if postgres.Violates(err, "sheets_one_per_visit") {
		return 0, ErrSheetExists
	}
	if err != nil {
		return 0, fmt.Errorf("file sheet: %w", err)
	}
	return id, nil
}

// level is an item's answer as it is kept: null when there is none.
func (s Sheet) level(q string) any {
	if a := s.Answers[q]; a != "" && a != "na" {
		return a
	}
	return nil
}

// scoreOf is the sheet's exact score as it is kept; nil: not valid.
func (s *Store) scoreOf(sh Sheet) *string {
	r, ok := s.weights.Score(sh.Answers)
	if !ok {
		return nil
	}
	text := r.Num().String() + "/" + r.Denom().String()
	return &text
}

// visitToRate finds the visit a sheet is for and refuses whoever is not its company.
func (s *Store) visitToRate(ctx context.Context, by org.Actor, visit VisitID, token string) (Visit, error) {
	if token != "" {
		return s.VisitByToken(ctx, by, token)
	}
	if by.Role != org.RoleCompany && !transcribes(by) {
		return Visit{}, ErrSheetNotYours
	}
	v, err := s.Visit(ctx, by, visit)
	if err == nil && v.On == "" {
		return v, ErrNotVisited
	}
	return v, err
}

func channelOf(by org.Actor, token string) string {
	switch {
	case transcribes(by) && token == "":
		return "phone"
	case by.Role == org.RoleCompany:
		return "account"
	}
	return "link"
}

const receiptColumns = `sh.id, sh.no, sh.visit_id, sh.area, sh.matters, sh.q1, sh.q2, sh.q3, sh.q4, sh.demand, sh.demand_text, sh.solved, sh.opinion,
	sh.suggestion, sh.wants_reply, sh.release, sh.lang, sh.filled_by, sh.channel, sh.filed_at, sh.score, coalesce(sh.overall, '') AS overall, sh.named,
	u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru",
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", c.id AS company_id,
	to_char(v.visited_on, 'YYYY-MM-DD') AS visited_on`

const receiptTables = ` FROM sheets sh JOIN visits v ON v.id = sh.visit_id JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id `

// SheetFilter narrows an inbox.
type SheetFilter struct {
	Open bool // not yet received
	Low  bool // any answer dissatisfied
	Unit org.UnitID
	Page int
	Size int
}

// Inbox returns a page of the actor's office's copies, newest first. The
// supervision office reads all sheets and alone sees the texts of demands.
func (s *Store) Inbox(ctx context.Context, by org.Actor, f SheetFilter) ([]Receipt, int, error) {
	if !isDuty(by) {
		return nil, 0, fault.ErrNotFound
	}
	office := by.Kind
	if by.Role == org.RoleSupervision {
		office = org.BodyPartyOffice // reads along; its own desk has no receipts
	}
	const where = ` FROM sheets sh JOIN sheet_receipts r ON r.sheet_id = sh.id AND r.office = $1 AND r.removed_at IS NULL
		WHERE (NOT $2 OR r.received_at IS NULL) AND (NOT $3 OR 'd' IN (sh.q1, sh.q2, sh.q3, sh.q4) OR 'vd' IN (sh.q1, sh.q2, sh.q3, sh.q4) OR $5 AND sh.demand = 'yes')
		AND ($4 = 0 OR sh.visit_id IN (SELECT id FROM visits WHERE unit_id = $4))`
	args := []any{office, f.Open, f.Low, f.Unit, by.Role == org.RoleSupervision}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*)`+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count sheets: %w", err)
	}
	var out []Receipt
	const order = ` ORDER BY sh.filed_at DESC, sh.id DESC`
	q := `SELECT ` + receiptColumns + `, r.office, r.delivered_at, r.received_at, coalesce(a.name, '') AS receiver` + receiptTables +
		`JOIN sheet_receipts r ON r.sheet_id = sh.id AND r.office = $1 LEFT JOIN accounts a ON a.id = r.received_by
		WHERE sh.id IN (SELECT sh.id` + where + order + ` LIMIT $6 OFFSET $7)` + order
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list sheets: %w", err)
	}
	for i := range out {
		out[i] = finish(by, out[i])
	}
	return out, total, nil
}

// answered fills in the answers from their columns.
func answered(r Receipt) Receipt {
	r.Answers = map[string]string{}
	for q, a := range map[string]*string{"q1": r.Q1, "q2": r.Q2, "q3": r.Q3, "q4": r.Q4} {
		if a != nil {
			r.Answers[q] = *a
		}
	}
	return r
}

// as takes out what is for the supervision office alone: that something was asked, and what.
func (s Sheet) as(by org.Actor) Sheet {
	if by.Role != org.RoleSupervision && by.Role != org.RoleCompany {
		s.Demand, s.DemandText = "", ""
	}
	return s
}

// finish fills in the answers and leaves what the actor may read.
func finish(by org.Actor, r Receipt) Receipt {
	r = answered(r)
	r.Sheet = r.Sheet.as(by)
	return r
}

// SheetByNo returns a sheet to the offices, the supervision office and its company.
func (s *Store) SheetByNo(ctx context.Context, by org.Actor, no string) (Receipt, error) {
	if !isDuty(by) && by.Role != org.RoleCompany {
		return Receipt{}, fault.ErrNotFound
	}
	office := by.Kind
	if !by.IsOffice() {
		office = org.BodyPartyOffice
	}
	var r Receipt
	q := `SELECT ` + receiptColumns + `, r.office, r.delivered_at, r.received_at, coalesce(a.name, '') AS receiver` + receiptTables +
		`JOIN sheet_receipts r ON r.sheet_id = sh.id AND r.office = $2 LEFT JOIN accounts a ON a.id = r.received_by WHERE sh.no = $1`
	err := s.db.GetContext(ctx, &r, q, no, office)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && by.Role == org.RoleCompany && r.CompanyID != by.Company) {
		return Receipt{}, fault.ErrNotFound
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("read sheet: %w", err)
	}
	return finish(by, r), nil
}

// Receive signs the actor's office's own copy of a sheet; the other office's copy
// is not touched. Signing twice changes nothing.
func (s *Store) Receive(ctx context.Context, by org.Actor, no string) error {
	if !by.IsOffice() {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE sheet_receipts r SET received_at = $3, received_by = $4 FROM sheets sh
			WHERE sh.id = r.sheet_id AND sh.no = $1 AND r.office = $2 AND r.received_at IS NULL`
		res, err := tx.ExecContext(ctx, q, no, by.Kind, s.now(), by.Account)
		if err != nil {
			return fmt.Errorf("receive sheet: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record.Append(ctx, tx, by, "sheet.received", "sheet:"+no, map[string]any{"office": by.Kind})
	})
}

// Remove takes a received sheet out of the actor's office's inbox; the other
// office keeps its copy, and the sheet itself stays.
func (s *Store) Remove(ctx context.Context, by org.Actor, no string) error {
	if !by.IsOffice() {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE sheet_receipts r SET removed_at = $3 FROM sheets sh
			WHERE sh.id = r.sheet_id AND sh.no = $1 AND r.office = $2 AND r.received_at IS NOT NULL AND r.removed_at IS NULL`
		if _, err := tx.ExecContext(ctx, q, no, by.Kind, s.now()); err != nil {
			return fmt.Errorf("remove sheet: %w", err)
		}
		return record.Append(ctx, tx, by, "sheet.removed", "sheet:"+no, map[string]any{"office": by.Kind})
	})
}
