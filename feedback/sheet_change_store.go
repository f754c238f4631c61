package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ChangeHours is how long a company may change its sheet.
const ChangeHours = 24

// ErrSheetFixed: the day in which a sheet may be changed is over, or it is not this reader's.
var ErrSheetFixed = fault.New(fault.Gone, "sheet.fixed")

// mayChange reports until when whoever holds the sheet may change it: its company what came by
// account or link, a link what came by it. What a clerk wrote down stays as it was said.
func mayChange(by org.Actor, token, channel string, filed, now time.Time) bool {
	if now.Sub(filed) >= ChangeHours*time.Hour {
		return false
	}
	return channel == "link" || channel == "account" && by.Role == org.RoleCompany && token == ""
}

// MayChange reports whether the sheet of a visit may still be changed by the actor, or by the
// holder of the visit's token.
func (s *Store) MayChange(ctx context.Context, by org.Actor, visit VisitID, token string) (bool, error) {
	v, err := s.visitToRate(ctx, by, visit, token)
	if err != nil || v.SheetNo == "" {
		return false, err
	}
	var at struct {
		Filed   time.Time `db:"filed_at"`
		Channel string    `db:"channel"`
	}
	if err := s.db.GetContext(ctx, &at, `SELECT filed_at, channel FROM sheets WHERE visit_id = $1`, v.ID); err != nil {
		return false, fmt.Errorf("read when the sheet was filed: %w", err)
	}
	return (token != "" || by.Role == org.RoleCompany) && mayChange(by, token, at.Channel, at.Filed, s.now()), nil
}

// ChangeSheet replaces what a company said of a visit, within a day. What it said before is kept;
// both offices see both and are told. What the redaction desk had agreed on of changed words is
// void, a rectification follows or falls with the new levels.
func (s *Store) ChangeSheet(ctx context.Context, by org.Actor, visit VisitID, token string, sh Sheet, idem string) error {
	v, err := s.visitToRate(ctx, by, visit, token)
	if err != nil {
		return err
	}
	if err := sh.Check().Err(); err != nil {
		return err
	}
	sh = sh.filled()
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var old Receipt
		err := tx.GetContext(ctx, &old, `SELECT `+receiptColumns+receiptTables+`WHERE v.id = $1 FOR UPDATE OF sh`, v.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock sheet: %w", err)
		}
		var done bool
		if err := tx.GetContext(ctx, &done, `SELECT EXISTS (SELECT FROM sheet_versions WHERE idem = $1)`, idem); err != nil || done {
			return err // the same post again
		}
		if by.Role != org.RoleCompany && token == "" || !mayChange(by, token, old.Channel, old.FiledAt, s.now()) {
			return ErrSheetFixed
		}
		if err := s.replaceSheet(ctx, tx, by, answered(old).Sheet, sh, idem); err != nil {
			return err
		}
		if err := s.rectifyAfterChange(ctx, tx, by, old.ID, sh, idem); err != nil {
			return err
		}
		if sh.Demand == "yes" {
			if err := s.demandCame(ctx, tx, by, old.ID); err != nil {
				return err
			}
		}
		m := notify.Message{Kind: "sheet-changed", To: bothOffices, Topic: "sheet:" + old.No, Link: "/o/sheets/" + old.No, Key: "sheet-changed:" + idem, Args: unitArgs(v.Unit, map[string]string{"No": old.No})}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "sheet.changed", "sheet:"+old.No, nil)
	})
}

// replaceSheet keeps the old version and writes the new one.
func (s *Store) replaceSheet(ctx context.Context, tx *sqlx.Tx, by org.Actor, old, sh Sheet, idem string) error {
	doc, err := json.Marshal(old)
	if err != nil {
		return fmt.Errorf("write down the old sheet: %w", err)
	}
	const keep = `INSERT INTO sheet_versions (sheet_id, version, doc, replaced_at, replaced_by, idem)
		SELECT $1, coalesce(max(version), 0) + 1, $2::jsonb, $3, $4, $5 FROM sheet_versions WHERE sheet_id = $1`
	if _, err := tx.ExecContext(ctx, keep, old.ID, string(doc), s.now(), orNull(int64(by.Account)), idem); err != nil {
		return fmt.Errorf("keep the old sheet: %w", err)
	}
	const q = `UPDATE sheets SET area = $2, matters = $3, q1 = $4, q2 = $5, q3 = $6, q4 = $7, demand = $8, demand_text = $9, solved = $10, opinion = $11, suggestion = $12,
		wants_reply = $13, release = $14, lang = $15, filled_by = $16, score = $17, overall = nullif($18, ''), named = $19 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, old.ID, sh.Area, sh.Matters, sh.level("q1"), sh.level("q2"), sh.level("q3"), sh.level("q4"), sh.Demand, sh.DemandText, sh.Solved,
		sh.Opinion, sh.Suggestion, sh.WantsReply, sh.Release, sh.Lang, sh.FilledBy, s.scoreOf(sh), sh.Overall, sh.Named); err != nil {
		return fmt.Errorf("change sheet: %w", err)
	}
	const void = `DELETE FROM comments WHERE sheet_id = $1 AND state <> 'released' AND ($2 OR part = 'opinion' AND $3 OR part = 'suggestion' AND $4)`
	if _, err := tx.ExecContext(ctx, void, old.ID, old.Release != sh.Release, old.Opinion != sh.Opinion, old.Suggestion != sh.Suggestion); err != nil {
		return fmt.Errorf("void what was agreed of the old words: %w", err)
	}
	return nil
}

// rectifyAfterChange opens a rectification the new levels call for, and drops one they do not,
// unless the unit or the company has heard of it already: then it goes on to its call-back.
func (s *Store) rectifyAfterChange(ctx context.Context, tx *sqlx.Tx, by org.Actor, id SheetID, sh Sheet, idem string) error {
	var all []Rectification
	if err := tx.SelectContext(ctx, &all, `SELECT `+rectifyColumns+rectifyTables+`WHERE sh.id = $1 FOR UPDATE OF r`, id); err != nil {
		return fmt.Errorf("lock rectification: %w", err)
	}
	if len(all) == 0 {
		if !sh.Dissatisfied() {
			return nil
		}
		return s.openRectification(ctx, tx, by, id, idem)
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	r := all[0]
	switch {
	case sh.Dissatisfied() && r.State == RectifyDropped:
		r.State, r.Closed = RectifyOpen, nil
		return s.keepRectification(ctx, tx, by, r, RectifyEvent{Kind: "open"}, cal, "rectify-again-"+idem)
	case !sh.Dissatisfied() && r.State == RectifyOpen && r.Answered == nil && r.Notice == "":
		now := s.now()
		r.State, r.Closed = RectifyDropped, &now
		return s.keepRectification(ctx, tx, by, r, RectifyEvent{Kind: "drop"}, cal, "rectify-drop-"+idem)
	}
	return nil
}

// SheetVersion is what a sheet said before a change.
type SheetVersion struct {
	Sheet
	Version  int
	Replaced time.Time
}

// SheetVersions returns what a sheet said before its changes, the latest first, to whoever may
// read the sheet, with what he may read of it.
func (s *Store) SheetVersions(ctx context.Context, by org.Actor, no string) ([]SheetVersion, error) {
	if _, err := s.SheetByNo(ctx, by, no); err != nil {
		return nil, err
	}
	var rows []struct {
		Version  int       `db:"version"`
		Doc      []byte    `db:"doc"`
		Replaced time.Time `db:"replaced_at"`
	}
	const q = `SELECT x.version, x.doc, x.replaced_at FROM sheet_versions x JOIN sheets sh ON sh.id = x.sheet_id WHERE sh.no = $1 ORDER BY x.version DESC`
	if err := s.db.SelectContext(ctx, &rows, q, no); err != nil {
		return nil, fmt.Errorf("read old versions of the sheet: %w", err)
	}
	var out []SheetVersion
	for _, r := range rows {
		v := SheetVersion{Version: r.Version, Replaced: r.Replaced}
		if err := json.Unmarshal(r.Doc, &v.Sheet); err != nil {
			return nil, fmt.Errorf("read version %d of sheet %s: %w", r.Version, no, err)
		}
		v.Sheet = v.Sheet.as(by)
		out = append(out, v)
	}
	return out, nil
}
