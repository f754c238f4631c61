package shield

import (
	"math/big"

	"pingyi/calendar"
)

// The periods of the watch in days, and when it speaks.
const (
	WatchDays  = 60  // after the critical act
	BeforeDays = 365 // before it: the company's own earlier rate
	LeastAfter = 3   // fewer records after the act never raise a flag
	ClassLeast = 10  // with fewer records in the class its course says nothing
)

// alpha is the level of each of the two tests: 1 in 100.
var alpha = big.NewRat(1, 100)

// Counts are the records the test sees: inspections, fines and contacts that were in
// no plan entered before the critical act. Class counts are those of the other
// companies of the same rater group in the same two periods.
type Counts struct {
	Before      int `json:"before"`       // of the company in the BeforeDays before the act
	After       int `json:"after"`        // of the company in the WatchDays after it
	ClassBefore int `json:"class_before"` // of the class
	ClassAfter  int `json:"class_after"`
	Elapsed     int `json:"elapsed"` // days of the watch that have passed, 1 to WatchDays
}

// Verdict is what the rule says of counts, with both probabilities.
type Verdict struct {
	Flagged bool
	Own     *big.Rat // P(as many or more after the act | the company's own earlier rate)
	Class   *big.Rat // P(as many or more after the act | the course of the class); nil: the class says nothing
}

// Judge is the rule of the watch. The records of a company are taken as a Poisson
// stream; under an unchanged rate the number after the act, given the total, is
// binomial with p = elapsed / (elapsed + BeforeDays). The exact one-sided conditional
// test (Przyborowski and Wilenski 1940) compares with the company's own earlier rate.
// A campaign of inspections that meets everybody is no retaliation: given all four
// counts, the number after the act is hypergeometric (Fisher's exact test), which
// compares with the class. A flag needs at least LeastAfter records after the act and
// both probabilities at most 1/100. It is a reason to look, nothing more.
func Judge(c Counts) Verdict {
	v := Verdict{Own: binomialTail(c.Before+c.After, c.After, int64(c.Elapsed), BeforeDays)}
	v.Flagged = c.After >= LeastAfter && v.Own.Cmp(alpha) <= 0
	if c.ClassBefore+c.ClassAfter >= ClassLeast {
		v.Class = hypergeometricTail(c.Before+c.After, c.ClassBefore+c.ClassAfter, c.After+c.ClassAfter, c.After)
		v.Flagged = v.Flagged && v.Class.Cmp(alpha) <= 0
	}
	return v
}

// binomialTail is P(X ≥ k) for X ~ Binomial(n, a/(a+b)), exactly.
func binomialTail(n, k int, a, b int64) *big.Rat {
	sum := new(big.Int)
	for i := max(k, 0); i <= n; i++ {
		t := new(big.Int).Binomial(int64(n), int64(i))
		t.Mul(t, new(big.Int).Exp(big.NewInt(a), big.NewInt(int64(i)), nil))
		t.Mul(t, new(big.Int).Exp(big.NewInt(b), big.NewInt(int64(n-i)), nil))
		sum.Add(sum, t)
	}
	return new(big.Rat).SetFrac(sum, new(big.Int).Exp(big.NewInt(a+b), big.NewInt(int64(n)), nil))
}

// hypergeometricTail is P(X ≥ k) where drawn of own+others records fall after the act
// and X of them are the company's own, exactly.
func hypergeometricTail(own, others, drawn, k int) *big.Rat {
	sum := new(big.Int)
	for i := max(k, 0); i <= min(own, drawn); i++ {
		if drawn-i > others {
			continue
		}
		t := new(big.Int).Binomial(int64(own), int64(i))
		sum.Add(sum, t.Mul(t, new(big.Int).Binomial(int64(others), int64(drawn-i))))
	}
	return new(big.Rat).SetFrac(sum, new(big.Int).Binomial(int64(own+others), int64(drawn)))
}

// Record is a record as the watch sees it.
type Record struct {
	Company int64
	On      calendar.Date
	Planned calendar.Date // the day its plan was entered; "" without a plan
}

// Count counts what the test sees for a company that did something critical on a day.
// class reports whether another company is of its class. Records in a plan entered
// before the act are the normal schedule and count nowhere.
func Count(records []Record, company int64, act, today calendar.Date, class func(int64) bool) Counts {
	c := Counts{Elapsed: 1}
	for d := act.AddDays(1); d < today && c.Elapsed < WatchDays; d = d.AddDays(1) {
		c.Elapsed++
	}
	from, until := act.AddDays(-BeforeDays), act.AddDays(WatchDays)
	for _, r := range records {
		if r.Planned != "" && r.Planned <= act {
			continue
		}
		before, after := r.On >= from && r.On < act, r.On > act && r.On <= until && r.On <= today
		own := r.Company == company
		switch {
		case own && before:
			c.Before++
		case own && after:
			c.After++
		case before && class(r.Company):
			c.ClassBefore++
		case after && class(r.Company):
			c.ClassAfter++
		}
	}
	return c
}
