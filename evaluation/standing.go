package evaluation

import (
	"math"
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
	Unit   org.UnitID
	Class  int
	Status Status
	Rank   int // 0 without a place
	Tier   int // units that cannot be told apart share one; 0 without a place
	Best   int // range of ranks the data allow, at 90 % pairwise
	Worst  int
	Result Result
}

// z90 is the one-sided 95 % point of the normal distribution: two units are told
// apart when their totals differ by more than z90 standard errors.
const z90 = 1.645

// Rank orders the units of one class by total, highest first. Equal totals share
// a rank and the ranks after them are skipped: 1, 2, 3, 3, 5. Among equals the
// order is by unit number, so that two runs print the same list.
func Rank(class int, results map[org.UnitID]Result) []Standing {
	out := make([]Standing, 0, len(results))
	for unit, r := range results {
		st := Standing{Unit: unit, Class: class, Status: Ranked, Result: r}
		switch {
		case !r.Total.Known():
			st.Status = Insufficient
		case r.Veto:
			st.Status = Vetoed
		}
		out = append(out, st)
	}
	order := map[Status]int{Ranked: 0, Vetoed: 1, Insufficient: 2}
	slices.SortFunc(out, func(a, b Standing) int {
		if a.Status != b.Status {
			return order[a.Status] - order[b.Status]
		}
		if a.Status != Insufficient {
			if c := b.Result.Total.cmp(a.Result.Total); c != 0 {
				return c
			}
		}
		return int(a.Unit - b.Unit)
	})
	n := 0
	for n < len(out) && out[n].Status == Ranked {
		n++
	}
	places(out[:n])
	tiers(out[:n])
	return out
}

func places(ranked []Standing) {
	for i := range ranked {
		ranked[i].Rank = i + 1
		if i > 0 && ranked[i].Result.Total.Equal(ranked[i-1].Result.Total) {
			ranked[i].Rank = ranked[i-1].Rank
		}
	}
}

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
	se := math.Hypot(hi.SE, lo.SE)
	if se == 0 {
		return diff > 0
	}
	return diff/se >= z90
}
