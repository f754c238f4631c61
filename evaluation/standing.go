package evaluation

import (
	"cmp"
	"slices"

	"pingyi/org"
)

// Status says whether a unit has a place in its class.
type Status string

// The statuses. Veto units are listed after all ranked ones; insufficient is no
// score, and no low one.
const (
	Ranked       Status = "ranked"
	Insufficient Status = "insufficient"
	Vetoed       Status = "veto"
)

// Standing is a unit's place in the ranking of its class.
type Standing struct {
	Unit   org.UnitID `json:"unit"`
	Class  int        `json:"class"`
	Status Status     `json:"status"`
	Rank   int        `json:"rank"` // 0 without a place
	Tier   int        `json:"tier"` // units that cannot be told apart share one; 0 without a place
	Best   int        `json:"best"` // range of ranks the data allow, at 90 % pairwise
	Worst  int        `json:"worst"`
	Lists  []string   `json:"lists,omitempty"` // codes of the lists it stands on
	Result Result     `json:"result"`
}

// UnitFacts are a unit with its facts.
type UnitFacts struct {
	Unit  org.UnitID
	Facts *Facts
}

// Rank scores and orders the units of one class, highest total first. Among equals
// the order is by unit number, so that two runs print the same list.
func (s *Scheme) Rank(class int, units []UnitFacts) []Standing {
	units = slices.Clone(units)
	slices.SortFunc(units, func(a, b UnitFacts) int { return cmp.Compare(a.Unit, b.Unit) })
	facts := make([]*Facts, len(units))
	for i, u := range units {
		facts[i] = u.Facts
	}
	results := s.resultsOf(class, facts)
	out := make([]Standing, len(units))
	for i, u := range units {
		st := Standing{Unit: u.Unit, Class: class, Status: Ranked, Result: results[i]}
		switch {
		case !st.Result.Total.Known():
			st.Status = Insufficient
		case st.Result.Last:
			st.Status = Vetoed
		}
		out[i] = st
	}
	s.order(out)
	n := 0
	for n < len(out) && out[n].Status == Ranked {
		n++
	}
	s.places(out[:n])
	tiers(out[:n])
	s.grades(out, n)
	s.lists(out[:n])
	return out
}

var statusOrder = map[Status]int{Ranked: 0, Vetoed: 1, Insufficient: 2}

func (s *Scheme) order(all []Standing) {
	slices.SortFunc(all, func(a, b Standing) int {
		if c := cmp.Compare(statusOrder[a.Status], statusOrder[b.Status]); c != 0 {
			return c
		}
		if a.Status != Insufficient {
			if c := s.compare(a, b); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Unit, b.Unit)
	})
}

// compare puts the higher total first; equal totals are told apart by what the tie
// rule names, and are equal when that is equal too.
func (s *Scheme) compare(a, b Standing) int {
	if c := b.Result.Total.cmp(a.Result.Total); c != 0 {
		return c
	}
	for _, code := range s.Ties.Then {
		x, y := a.Result.by(code), b.Result.by(code)
		switch {
		case x.Known() && y.Known():
			if c := y.cmp(x); c != 0 {
				return c
			}
		case x.Known():
			return -1
		case y.Known():
			return 1
		}
	}
	return 0
}

// by returns what a tie rule compares; more is better.
func (r Result) by(code string) Exact {
	switch code {
	case "bonus":
		return r.Bonus
	case "deduction":
		return r.Deduction.neg()
	}
	return r.Reasons.Part(code).Score
}

func (s *Scheme) places(ranked []Standing) {
	place := 0
	for i := range ranked {
		switch {
		case i > 0 && s.compare(ranked[i-1], ranked[i]) == 0:
		case s.Ties.Rule == TiesDense:
			place++
		default:
			place = i + 1
		}
		ranked[i].Rank = place
	}
}

// z90 is the one-sided 95 % point of the normal distribution: two units are told
// apart when their totals differ by more than z90 standard errors.
const z90 = 1.645

// tiers walks down the ranking: the first unit opens tier 1; a unit stays in the
// tier while it cannot be told apart from the one that opened it.
func tiers(ranked []Standing) {
	tier, first := 0, 0
	for i := range ranked {
		if i == 0 || apart(ranked[first].Result, ranked[i].Result) {
			tier, first = tier+1, i
		}
		ranked[i].Tier = tier
		ranked[i].Best, ranked[i].Worst = 1, len(ranked)
		for j := range ranked {
			if j < i && apart(ranked[j].Result, ranked[i].Result) {
				ranked[i].Best++
			}
			if j > i && apart(ranked[i].Result, ranked[j].Result) {
				ranked[i].Worst--
			}
		}
	}
}

// apart reports whether hi can be told from lo: (T_hi − T_lo)/√(SE²+SE²) ≥ 1.645.
func apart(hi, lo Result) bool {
	diff := hi.Total.Float() - lo.Total.Float()
	se := hypot(hi.SE, lo.SE)
	if se == 0 {
		return diff > 0
	}
	return diff/se >= z90
}

// grades gives each unit with a total the best grade it qualifies for: by its total,
// and while the grade's share of the n ranked units is not used up. Equal totals
// get the same grade. A veto may leave no better grade than it names.
func (s *Scheme) grades(all []Standing, n int) {
	g, used := 0, 0
	last := len(s.Grades) - 1
	for i := range all {
		r := &all[i].Result
		if !r.Total.Known() {
			continue
		}
		if i == n { // the veto units are graded by total alone
			g, used = 0, 0
		}
		same := i > 0 && i < n && all[i-1].Result.Total.Equal(r.Total)
		for g < last && !same && (!s.reaches(s.Grades[g], r.Total) || (i < n && s.Grades[g].Share.Known() && used >= share100(s.Grades[g].Share, n))) {
			g, used = g+1, 0
		}
		used++
		r.Grade = s.Grades[s.limit(g, r.Reasons.Vetoes)].Code
	}
}

func (s *Scheme) reaches(g Grade, total Exact) bool {
	return !g.From.Known() || total.cmp(g.From) >= 0
}

// limit lowers a grade to what the vetoes leave.
func (s *Scheme) limit(g int, vetoes []string) int {
	for _, code := range vetoes {
		if at := slices.IndexFunc(s.Grades, func(x Grade) bool { return x.Code == s.veto(code).Effect.Grade }); at > g {
			g = at
		}
	}
	return g
}

// share100 is a share of n in percent, rounded half up.
func share100(share Exact, n int) int {
	whole := share.times(int64(n), 100).Round(0)
	return int(whole.rat.Num().Int64())
}
