package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/org"
)

// brought says who brought whom in the demo county: numbers of companies; a newcomer 0
// has no company in the county. Money in 万元, invented.
var brought = []struct {
	by, newcomer int
	to           string // how far it came
	amount       string
	arrived      string
	increase     string // that arrived later on the same contract
}{
	{1, 12, ledger.ReferralVerified, "2600", "1800", "620"},
	{12, 23, ledger.ReferralVerified, "1200", "1200", ""},
	{23, 0, ledger.ReferralVerified, "800", "240.50", ""},
	{1, 25, ledger.ReferralVerified, "950", "950", "480"},
	{4, 26, ledger.ReferralVerified, "3100", "1500", ""},
	{4, 0, ledger.ReferralRefused, "", "", ""},
	{2, 0, ledger.ReferralNamed, "", "", ""},
}

// referrals writes down who brought whom in a year, with the contracts that came of it
// and the capital increases on them.
func (c *county) referrals(year int) error {
	clerk, office := c.people["clerk"], c.people["gov-office-1"]
	for i, b := range brought {
		c.clock.set(day(year, 3, 3+i), 10, 0)
		newcomer, licence := fmt.Sprintf("演示投资者（以老引新）%d", i+1), ""
		if b.newcomer > 0 {
			x, err := c.Org.Company(c.ctx, office, c.companies[b.newcomer].actor.Company)
			if err != nil {
				return err
			}
			newcomer, licence = x.Names.ZH, x.Licence
		}
		referrer := c.companies[b.by]
		ref, err := c.Ledger.NameReferral(c.ctx, referrer.actor, ledger.ReferralDraft{Newcomer: newcomer, About: "在行业协会活动上介绍本县情况，陪同来县考察两次。（演示）"}, c.key())
		if err != nil {
			return fmt.Errorf("referral %d: %w", i, err)
		}
		switch b.to {
		case ledger.ReferralRefused:
			if err := c.Ledger.RefuseReferral(c.ctx, office, ref, "对方未与县里签订投资合同。（演示）"); err != nil {
				return err
			}
		case ledger.ReferralVerified:
			no := fmt.Sprintf("YL-%d-%02d", year, i+1)
			if err := c.broughtContract(clerk, year, no, licence, newcomer, i); err != nil {
				return fmt.Errorf("contract %s: %w", no, err)
			}
			c.clock.set(day(year, 9, 3+i), 10, 0)
			if err := c.Ledger.Verify(c.ctx, office, ref, ledger.Verification{No: no, Unit: referrer.contact, Evidence: "合同原件、考察接待记录和双方书面说明。（演示）"}); err != nil {
				return fmt.Errorf("verify referral %d: %w", i, err)
			}
		}
	}
	return nil
}

func (c *county) broughtContract(clerk org.Actor, year int, no, licence, investor string, i int) error {
	b := brought[i]
	signed := day(year, 5, 6+i)
	c.clock.set(day(year, 8, 20), 9, 0)
	unit := c.units[i].Code
	id, err := c.Ledger.Enter(c.ctx, clerk, ledger.ContractDraft{No: no, Kind: ledger.Signed, Purpose: "investment", Title: "引荐项目（演示）" + fmt.Sprint(i+1), Investor: investor, Licence: licence, Area: "county",
		Class: []string{"industry", "infrastructure", "other"}[i%3], Amount: b.amount, Currency: ledger.CNY, Signed: string(signed), Unit: unit, Source: "以老引新（演示）"})
	if err != nil {
		return err
	}
	for _, x := range []struct {
		kind, amount string
		on           calendar.Date
	}{{"contract", b.arrived, day(year, 7, 10)}, {"increase", b.increase, day(year, 8, 15)}} {
		if x.amount == "" {
			continue
		}
		if err := c.Ledger.Arrive(c.ctx, clerk, id, ledger.ArrivalDraft{Kind: x.kind, On: string(x.on), Amount: x.amount, Voucher: "PZ-" + no + "-" + x.kind, Verifier: "县财政局（演示）"}); err != nil {
			return err
		}
	}
	return nil
}
