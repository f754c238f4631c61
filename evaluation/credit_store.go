package evaluation

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"pingyi/ledger"
	"pingyi/org"
)

// credited returns the bonus that counts a credit of the ledger; false without one, or
// when the credit is too small for it.
func (s *Scheme) credited(c ledger.Credit) (AddRule, bool) {
	counted := map[string]string{ledger.CreditReferral: CountReferrals, ledger.CreditIncrease: CountIncreases}[c.Kind]
	i := slices.IndexFunc(s.Bonus, func(r AddRule) bool { return r.Counted == counted })
	if i < 0 || !s.Bonus[i].takes(Of(amountOf(c))) {
		return AddRule{}, false
	}
	return s.Bonus[i], true
}

// amountOf is what a credit's entry counts, in 万元: that of an increase. A referral
// counts by the contract.
func amountOf(c ledger.Credit) *big.Rat {
	if c.Kind != ledger.CreditIncrease {
		return nil
	}
	return big.NewRat(int64(c.Amount), 100)
}

// nameUnits puts the names of their units to entries that follow from the ledger.
func (s *Store) nameUnits(ctx context.Context, list []Adjustment) error {
	if !slices.ContainsFunc(list, func(a Adjustment) bool { return a.Credit != nil }) {
		return nil
	}
	var units []struct {
		ID org.UnitID `db:"id"`
		org.Names
	}
	if err := s.db.SelectContext(ctx, &units, `SELECT id, name_zh, name_en, name_ru FROM units`); err != nil {
		return fmt.Errorf("name the units: %w", err)
	}
	names := map[org.UnitID]org.Names{}
	for _, u := range units {
		names[u.ID] = u.Names
	}
	for i := range list {
		if list[i].Credit != nil {
			list[i].UnitName = names[list[i].Unit]
		}
	}
	return nil
}
