package evaluation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/org"
	"pingyi/record"
)

// FindingEntry is a finding made elsewhere (buck-passing, an obstacle, retaliation)
// that becomes an entry of the year it is made in.
type FindingEntry struct {
	Unit     org.UnitID
	Rule     string    // code of a deduction or veto of the scheme: D2, D3, D4, V1
	At       time.Time // of the finding
	Issue    int64     // the issue it is about; 0 none
	Evidence string    // what was found, for the unit and the offices; never a company's name
	Finding  string    // its number, TW-2026-003; the pages link to it
}

// EnterFinding writes the finding's entry in the transaction that makes the finding;
// the caller has decided that the actor may. The same finding and rule enter once. In
// which order findings count (D2: first, second, third in the year) follows from the
// order of entries of a day.
func EnterFinding(ctx context.Context, tx *sqlx.Tx, by org.Actor, e FindingEntry) error {
	if e.Unit == 0 || e.Rule == "" || e.Evidence == "" || e.Finding == "" {
		return errors.New("a finding's entry needs unit, rule, evidence and number")
	}
	on := calendar.DateOf(e.At)
	const q = `INSERT INTO adjustments (year, unit_id, rule, happened_on, issue_id, evidence, finding, entered_by, entered_at, idem)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT adjustments_idem_key DO NOTHING`
	if _, err := tx.ExecContext(ctx, q, on.Year(), e.Unit, e.Rule, on, orNull(e.Issue), e.Evidence, e.Finding, by.Account, e.At, "finding-"+e.Rule+"-"+e.Finding); err != nil {
		return fmt.Errorf("enter finding %s: %w", e.Finding, err)
	}
	return record.Append(ctx, tx, by, "adjustment.added", fmt.Sprintf("unit:%d", e.Unit), map[string]any{"year": on.Year(), "rule": e.Rule, "finding": e.Finding})
}
