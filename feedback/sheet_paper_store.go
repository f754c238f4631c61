package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrPaperSame: the second entry of a paper sheet has to come from another person.
var ErrPaperSame = fault.New(fault.Conflict, "sheet.paper-same")

// PaperDifference is a place where two people read a paper sheet differently.
type PaperDifference struct {
	Field  string
	First  string // as read first, a code or a text
	Second string
}

// PaperState says how far the entry of a visit's paper sheet is.
type PaperState struct {
	No     string // the sheet's number: both agree, it is filed
	First  bool   // one person has entered it
	Mine   bool   // that person is the reader
	Differ []PaperDifference
	Second Sheet // as read second, where they differ
}

type paperRow struct {
	First    []byte `db:"first"`
	FirstBy  int64  `db:"first_by"`
	Second   []byte `db:"second"`
	SecondBy *int64 `db:"second_by"`
}

// paperFields are the places of a paper sheet, as they are compared.
func paperFields(s Sheet) []PaperDifference {
	out := []PaperDifference{{"overall", s.Overall, ""}}
	for _, q := range SheetItems {
		a := s.Answers[q]
		if a == "na" {
			a = ""
		}
		out = append(out, PaperDifference{q, a, ""})
	}
	yes := func(b bool) string { return strconv.FormatBool(b) }
	return append(out, PaperDifference{"area", s.Area, ""}, PaperDifference{"solved", s.Solved, ""}, PaperDifference{"demand", s.Demand, ""}, PaperDifference{"demand_text", s.DemandText, ""},
		PaperDifference{"matters", s.Matters, ""}, PaperDifference{"opinion", s.Opinion, ""}, PaperDifference{"suggestion", s.Suggestion, ""}, PaperDifference{"release", s.Release, ""},
		PaperDifference{"named", yes(s.Named), ""}, PaperDifference{"wants_reply", yes(s.WantsReply), ""}, PaperDifference{"filled_by", s.FilledBy, ""})
}

func paperDifferences(a, b Sheet) []PaperDifference {
	var out []PaperDifference
	second := paperFields(b)
	for i, f := range paperFields(a) {
		if f.First != second[i].First {
			out = append(out, PaperDifference{f.Field, f.First, second[i].First})
		}
	}
	return out
}

func (r paperRow) state(by org.Actor) (PaperState, error) {
	st := PaperState{First: true, Mine: r.FirstBy == int64(by.Account)}
	if r.SecondBy == nil {
		return st, nil
	}
	var first Sheet
	if err := errors.Join(json.Unmarshal(r.First, &first), json.Unmarshal(r.Second, &st.Second)); err != nil {
		return st, fmt.Errorf("read entries of a paper sheet: %w", err)
	}
	st.Differ = paperDifferences(first, st.Second)
	return st, nil
}

// Paper says how far the entry of a visit's paper sheet is. What the first person read is shown
// to nobody before the second has typed in what he reads.
func (s *Store) Paper(ctx context.Context, by org.Actor, visit VisitID) (PaperState, error) {
	if !transcribes(by) {
		return PaperState{}, fault.ErrNotFound
	}
	var rows []paperRow
	if err := s.db.SelectContext(ctx, &rows, `SELECT first, first_by, second, second_by FROM sheet_papers WHERE visit_id = $1`, visit); err != nil {
		return PaperState{}, fmt.Errorf("read the paper sheet: %w", err)
	}
	if len(rows) == 0 {
		return PaperState{}, nil
	}
	return rows[0].state(by)
}

// EnterPaper takes what a person read on a paper sheet. The first entry waits; the second comes
// from another person. When both read the same the sheet is filed; when not, both readings are
// kept, and whoever looks a third time, paper in hand, sends what it says with settled. The
// first reader does not settle it.
func (s *Store) EnterPaper(ctx context.Context, by org.Actor, visit VisitID, sh Sheet, settled bool, idem string) (PaperState, error) {
	if !transcribes(by) {
		return PaperState{}, ErrSheetNotYours
	}
	v, err := s.visitToRate(ctx, by, visit, "")
	if err != nil {
		return PaperState{}, err
	}
	if err := sh.Check().Err(); err != nil {
		return PaperState{}, err
	}
	sh = sh.filled()
	sh.Channel, sh.Call = "paper", SheetCall{}
	doc, err := json.Marshal(sh)
	if err != nil {
		return PaperState{}, fmt.Errorf("write down a paper sheet: %w", err)
	}
	var out PaperState
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, fmt.Sprintf("paper-%d", visit)); err != nil {
			return err
		}
		var row paperRow
		err := tx.GetContext(ctx, &row, `SELECT first, first_by, second, second_by FROM sheet_papers WHERE visit_id = $1`, visit)
		if errors.Is(err, sql.ErrNoRows) {
			out = PaperState{First: true, Mine: true}
			return s.keepPaper(ctx, tx, by, v, `INSERT INTO sheet_papers (visit_id, first, first_by, first_at) VALUES ($1, $2, $3, $4)`, "sheet.paper-first", string(doc))
		}
		if err != nil {
			return fmt.Errorf("lock the paper sheet: %w", err)
		}
		if row.FirstBy == int64(by.Account) {
			return ErrPaperSame
		}
		out, err = s.secondPaper(ctx, tx, by, v, row, sh, string(doc), settled, idem)
		return err
	})
	return out, err
}

func (s *Store) secondPaper(ctx context.Context, tx *sqlx.Tx, by org.Actor, v Visit, row paperRow, sh Sheet, doc string, settled bool, idem string) (PaperState, error) {
	var first Sheet
	if err := json.Unmarshal(row.First, &first); err != nil {
		return PaperState{}, fmt.Errorf("read the first entry: %w", err)
	}
	differ := paperDifferences(first, sh)
	if row.SecondBy == nil && len(differ) > 0 {
		const q = `UPDATE sheet_papers SET second = $2, second_by = $3, second_at = $4 WHERE visit_id = $1`
		return PaperState{First: true, Differ: differ, Second: sh}, s.keepPaper(ctx, tx, by, v, q, "sheet.paper-differs", doc)
	}
	if row.SecondBy != nil && !settled {
		return row.state(by)
	}
	no, id, err := s.fileOnce(ctx, tx, by, v, sh, idem)
	if err != nil || id == 0 {
		return PaperState{No: no}, err
	}
	settler := any(nil)
	if row.SecondBy != nil {
		settler = by.Account
	}
	const q = `UPDATE sheet_papers SET sheet_id = $2, second_by = coalesce(second_by, $3), second = coalesce(second, $4::jsonb), second_at = coalesce(second_at, $5), settled_by = $6 WHERE visit_id = $1`
	if _, err := tx.ExecContext(ctx, q, v.ID, id, by.Account, doc, s.now(), settler); err != nil {
		return PaperState{}, fmt.Errorf("file the paper sheet: %w", err)
	}
	return PaperState{No: no}, nil
}

func (s *Store) keepPaper(ctx context.Context, tx *sqlx.Tx, by org.Actor, v Visit, q, action, doc string) error {
	if v.SheetNo != "" {
		return ErrSheetExists
	}
	if _, err := tx.ExecContext(ctx, q, v.ID, doc, by.Account, s.now()); err != nil {
		return fmt.Errorf("keep a paper sheet: %w", err)
	}
	return record.Append(ctx, tx, by, action, fmt.Sprintf("visit:%d", v.ID), nil)
}

// CallOf returns the call in which a sheet was written down, to the offices and supervision;
// the zero call: it came by another way.
func (s *Store) CallOf(ctx context.Context, by org.Actor, no string) (SheetCall, error) {
	if !isDuty(by) {
		return SheetCall{}, fault.ErrNotFound
	}
	var all []struct {
		Number string `db:"number"`
		Person string `db:"person"`
		At     string `db:"at"`
	}
	const q = `SELECT k.number, k.person, to_char(k.called_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS at FROM sheet_calls k JOIN sheets sh ON sh.id = k.sheet_id WHERE sh.no = $1`
	if err := s.db.SelectContext(ctx, &all, q, no); err != nil {
		return SheetCall{}, fmt.Errorf("read the record of the call: %w", err)
	}
	if len(all) == 0 {
		return SheetCall{}, nil
	}
	return SheetCall{Number: all[0].Number, Person: all[0].Person, On: all[0].At, Consent: true}, nil
}
