package demo

import (
	"fmt"

	"pingyi/ledger"
)

// ledger writes the book of the county's report of 2007 (demonstration data where the
// report gives sums only), and holds it against what the report states.
func (c *county) ledger() error {
	by := c.people["clerk"]
	for _, r := range ledger.Sample() {
		id, err := c.Ledger.Enter(c.ctx, by, r.ContractDraft)
		if err != nil {
			return fmt.Errorf("ledger row %s: %w", r.No, err)
		}
		if r.Arrived == 0 {
			continue
		}
		a := ledger.ArrivalDraft{Kind: "contract", On: string(r.On), Amount: r.Arrived.String(), Voucher: "PZ-" + r.No, Verifier: "县财政局（演示）"}
		if err := c.Ledger.Arrive(c.ctx, by, id, a); err != nil {
			return fmt.Errorf("arrival of %s: %w", r.No, err)
		}
	}
	for _, x := range ledger.SampleStated() {
		if err := c.Ledger.State(c.ctx, by, x); err != nil {
			return err
		}
	}
	return nil
}
