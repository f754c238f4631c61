package passing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback/intake"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrPromise: there is no finding to make on the promise as it stands.
var ErrPromise = fault.New(fault.Conflict, "promise.not-broken")

// FindPromise is the supervision office's finding on a promise that is overdue by more
// than intake.BrokenAfter working days: the unit is answerable, or not. Upheld, it
// becomes deduction D8 of the year in the same transaction; one finding for a promise.
func (s *Store) FindPromise(ctx context.Context, by org.Actor, ref string, upheld bool, text string) error {
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("text", text, 10, 1000)
	if err := f.Err(); err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var p struct {
			Unit    org.UnitID    `db:"unit_id"`
			Company org.CompanyID `db:"company_id"`
			Due     calendar.Date `db:"due_on"`
			Open    bool          `db:"open"`
		}
		const q = `SELECT unit_id, company_id, to_char(due_on, 'YYYY-MM-DD') AS due_on, state IN ('open', 'reported') AND finding IS NULL AS open FROM promises WHERE ref = $1 FOR UPDATE`
		if err := tx.GetContext(ctx, &p, q, ref); errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("read promise: %w", err)
		}
		if last, _ := cal.Add(p.Due, intake.BrokenAfter); !p.Open || s.today() <= last {
			return ErrPromise
		}
		finding := "not"
		if upheld {
			finding = "upheld"
		}
		if _, err := tx.ExecContext(ctx, `UPDATE promises SET finding = $2, finding_text = $3, found_by = $4, found_at = $5 WHERE ref = $1`, ref, finding, text, by.Account, s.now()); err != nil {
			return fmt.Errorf("keep finding: %w", err)
		}
		if upheld {
			e := evaluation.FindingEntry{Unit: p.Unit, Rule: "D8", At: s.now(), Evidence: shorten(ref+" "+text, evaluation.MaxEvidence), Finding: ref}
			if err := evaluation.EnterFinding(ctx, tx, by, e); err != nil {
				return err
			}
		}
		if err := s.tellPromise(ctx, tx, ref, finding, p.Unit, p.Company); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "promise.found", "promise:"+ref, map[string]any{"finding": finding, "unit": p.Unit})
	})
}

// tellPromise tells the unit's head and the company what was found.
func (s *Store) tellPromise(ctx context.Context, tx *sqlx.Tx, ref, finding string, unit org.UnitID, company org.CompanyID) error {
	for _, x := range []struct {
		to   notify.To
		base string
	}{{notify.To{Unit: unit, Heads: true}, "/d"}, {notify.To{Company: company}, "/c"}} {
		m := notify.Message{Kind: "promise-found", To: []notify.To{x.to}, Topic: "promise:" + ref, Link: x.base + "/promises/" + ref, Key: "promise-found-" + ref + x.base,
			Args: map[string]string{"Ref": ref, "Finding": "text:promise.finding-" + finding}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return nil
}
