package evaluation

import (
	"slices"

	"pingyi/org"
)

// The facts a bonus or deduction may be counted from instead of entries.
const (
	CountOrdersEarly = "orders_early" // class A orders finished early and confirmed
	CountOverdue     = "overdue"      // issues over their deadline, by working days
	CountReferrals   = "referrals"    // verified referral contracts of the ledger, to the credit of a contact unit
	CountIncreases   = "increases"    // verified capital increases of a year on a contract, with their amount in 万元
)

// AddRule is a bonus or deduction: so many points for each case.
type AddRule struct {
	Code    string    `json:"code"`
	Name    org.Names `json:"name"`
	Points  []Exact   `json:"points"`             // of the first, second … case; the last holds for all later ones
	Cap     Exact     `json:"cap,omitzero"`       // of the rule in a year
	PerDays int       `json:"per_days,omitempty"` // overdue: points for each started so many working days
	PerCase Exact     `json:"per_case,omitzero"`  // most that one case can give
	Each    Exact     `json:"each,omitzero"`      // entries carry an amount: points for each so much of it
	Least   Exact     `json:"least,omitzero"`     // an entry with a smaller amount does not count
	Unit    org.Names `json:"unit,omitzero"`      // of the amount
	Started bool      `json:"started,omitempty"`  // a started "each" counts in full; else in proportion
	OfBase  bool      `json:"of_base,omitempty"`  // points are percent of the unit's own base score
	Company bool      `json:"company,omitempty"`  // a company counts once
	Counted string    `json:"counted,omitempty"`  // counted from facts, never entered by hand
	Needs   string    `json:"needs,omitempty"`    // what an entry must name: company
}

// Derived reports whether the cases are counted from facts.
func (r AddRule) Derived() bool { return r.Counted != "" }

// takes reports whether an entry of the amount counts.
func (r AddRule) takes(amount Exact) bool {
	return !r.Least.Known() || !amount.Known() || amount.cmp(r.Least) >= 0
}

// Effect is what a veto does. The score is shown all the same.
type Effect struct {
	Last      bool   `json:"last,omitempty"`       // listed after all ranked units
	Grade     string `json:"grade,omitempty"`      // the best grade it leaves
	Cap       Exact  `json:"cap,omitzero"`         // most that the total can be
	NotListed bool   `json:"not_listed,omitempty"` // on no list of the best
}

// VetoRule is a veto (一票否决) or a pass line: entered, or following from a repeated
// deduction, or from a part that stays below a line.
type VetoRule struct {
	Code   string    `json:"code"`
	Name   org.Names `json:"name"`
	Rule   string    `json:"rule,omitempty"`  // the deduction that, repeated,
	Times  int       `json:"times,omitempty"` // so often, is a veto
	Part   string    `json:"part,omitempty"`  // the part of the score that must reach
	Line   Exact     `json:"line,omitzero"`   // this line
	Effect Effect    `json:"effect"`
}

// Entered reports whether an office enters the veto by hand.
func (v VetoRule) Entered() bool { return v.Times == 0 && v.Part == "" }

// The ways of rounding the total.
const (
	RoundHalfUp   = "half_up"
	RoundHalfEven = "half_even"
	RoundDown     = "down"
)

// TotalRule bounds and rounds the total, once.
type TotalRule struct {
	Min      Exact  `json:"min"`
	Max      Exact  `json:"max"`
	Decimals int    `json:"decimals"` // kept, and ranked by
	Rounding string `json:"rounding"`
	Shown    int    `json:"shown"` // on pages; all of them where neighbours look equal
}

// The ways of counting places.
const (
	TiesStandard = "standard" // 1, 2, 3, 3, 5
	TiesDense    = "dense"    // 1, 2, 3, 3, 4
)

// TieRule says what becomes of equal totals.
type TieRule struct {
	Rule string   `json:"rule"`
	Then []string `json:"then,omitempty"` // parts whose score decides before a place is shared; "bonus", "deduction" too
}

// Grade is a grade: what it takes, by total, by place, or both.
type Grade struct {
	Code  string    `json:"code"`
	Name  org.Names `json:"name"`
	From  Exact     `json:"from,omitzero"`  // least total
	Share Exact     `json:"share,omitzero"` // most units of the class, in percent of the ranked, rounded half up
}

// List is a list of the best or the worst of each class: whom to commend, whom to
// call in.
type List struct {
	Code      string    `json:"code"`
	Name      org.Names `json:"name"`
	Worst     bool      `json:"worst,omitempty"`
	Share     Exact     `json:"share,omitzero"`      // of the ranked units, in percent, rounded up
	Most      int       `json:"most,omitempty"`      // at most so many; 0: no limit
	Grades    []string  `json:"grades,omitempty"`    // only units of these grades
	Tier      bool      `json:"tier,omitempty"`      // best: tier 1, or rank range inside the first third; worst: last tier
	Without   []string  `json:"without,omitempty"`   // no unit with a case of these rules
	UnlessAll Exact     `json:"unless_all,omitzero"` // no list when every ranked unit of the class reaches this total
}

// Rule returns the bonus or deduction rule of the code.
func (s *Scheme) Rule(code string) (AddRule, bool) {
	for _, list := range [][]AddRule{s.Bonus, s.Deduction} {
		if i := slices.IndexFunc(list, func(r AddRule) bool { return r.Code == code }); i >= 0 {
			return list[i], true
		}
	}
	return AddRule{}, false
}

// ManualRules returns the rules an office enters by hand, vetoes included.
func (s *Scheme) ManualRules() []Choice {
	var out []Choice
	for _, list := range [][]AddRule{s.Bonus, s.Deduction} {
		for _, r := range list {
			if !r.Derived() {
				out = append(out, Choice{Code: r.Code, Name: r.Name})
			}
		}
	}
	for _, v := range s.Veto {
		if v.Entered() {
			out = append(out, Choice{Code: v.Code, Name: v.Name})
		}
	}
	return out
}

// GradeName returns the name of a grade.
func (s *Scheme) GradeName(code string) org.Names {
	for _, g := range s.Grades {
		if g.Code == code {
			return g.Name
		}
	}
	return org.Names{}
}

// ListName returns the name of a list.
func (s *Scheme) ListName(code string) org.Names {
	for _, l := range s.Lists {
		if l.Code == code {
			return l.Name
		}
	}
	return org.Names{}
}

// RuleName returns the name of a bonus, deduction or veto.
func (s *Scheme) RuleName(code string) org.Names {
	if r, ok := s.Rule(code); ok {
		return r.Name
	}
	return s.veto(code).Name
}

// PartName returns the name of a part, whichever tree it stands in.
func (s *Scheme) PartName(code string) org.Names {
	for _, t := range s.Trees {
		if n, ok := t.Find(code); ok {
			return n.Name
		}
	}
	return org.Names{}
}
