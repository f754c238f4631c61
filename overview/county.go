package overview

import (
	"math/big"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/feedback"
	"pingyi/ledger"
)

// County is a year of the county as it stood at the end of a day.
type County struct {
	Year  int
	AsOf  calendar.Date
	Funds ledger.Course
	Sum   ledger.Summary // contracts signed and funds arrived in the year
	Index []evaluation.IndexPoint
	Work  feedback.YearFacts
	Polls []Poll
}

// Poll is the turnout of an appraisal whose votes were cast in the year.
type Poll struct {
	Kind            string // of the campaign: mid_year, year_end
	Listed, Ballots int
}

// Planned is the even share of the year's target up to the end of a month (1 to 12), in
// hundredths of 万元, rounded half up; the notice sets a target for the year alone.
func Planned(target ledger.Amount, month int) ledger.Amount {
	x := new(big.Int).Mul(big.NewInt(int64(target)), big.NewInt(int64(2*month)))
	x.Add(x, big.NewInt(12))
	return ledger.Amount(x.Div(x, big.NewInt(24)).Int64())
}

// Ahead is how far the arrived funds are ahead of the even share at the end of the last
// whole or current month; below zero behind it. known is false without a target.
func (c County) Ahead() (by ledger.Amount, known bool) {
	n := len(c.Funds.Months)
	if c.Funds.Target == 0 || n == 0 {
		return 0, false
	}
	return c.Funds.Arrived() - Planned(c.Funds.Target, n), true
}
