package ledger

import (
	"context"
	"fmt"

	"pingyi/fault"
	"pingyi/org"
)

// All returns every row of the ledger and every arrival that counts, with the number
// of its contract, in a fixed order: what a file takes out and brings in again.
func (s *Store) All(ctx context.Context, by org.Actor) ([]Contract, []NumberedArrival, error) {
	rows, _, err := s.Contracts(ctx, by, Filter{Page: 1, Size: maxExport})
	if err != nil {
		return nil, nil, err
	}
	if !Reads(by) {
		return nil, nil, fault.ErrNotFound
	}
	var arrivals []NumberedArrival
	const q = `SELECT c.no, a.id, a.contract_id, a.kind, to_char(a.arrived_on, 'YYYY-MM-DD') AS arrived_on, a.amount, a.voucher, a.verified_by, a.entered_at
		FROM arrivals a JOIN contracts c ON c.id = a.contract_id WHERE a.struck_at IS NULL ORDER BY c.no, a.arrived_on, a.id`
	if err := s.db.SelectContext(ctx, &arrivals, q); err != nil {
		return nil, nil, fmt.Errorf("read arrivals: %w", err)
	}
	return rows, arrivals, nil
}

// maxExport is more rows than a county has.
const maxExport = 1_000_000

// NumberedArrival is an arrival with the number of its contract.
type NumberedArrival struct {
	No string `db:"no"`
	Arrival
}
