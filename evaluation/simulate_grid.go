package evaluation

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"pingyi/org"
)

// Robustness says how firmly the order of a class rests on the weights of the parts:
// over a grid of weights around those in force, how often one unit stands above
// another.
type Robustness struct {
	Class   int
	Vectors int     // how many combinations of weights were tried
	First   float64 // share of them in which the first place is the same
	Same    float64 // share of them in which the whole order is the same
	Pairs   []Pair  // pairs whose order changes somewhere on the grid, the most fragile first
	All     int     // how many pairs there are
}

// Pair is two units, the first ranked above the second under the weights given.
type Pair struct {
	Above, Below org.UnitID
	Share        float64 // of the grid in which the first stands above; equal totals count half
}

// The largest grids: five points for each part, or three, or two.
var gridPoints = []struct{ points, parts int }{{5, 5}, {3, 8}, {2, 12}}

// grid returns vectors of factors around 1: every combination for n parts of points
// spread evenly over ± percent. Parts beyond the largest grid stay at 1.
func grid(n, percent int) [][]float64 {
	points, varied := 2, 12
	for _, g := range gridPoints {
		if n <= g.parts {
			points, varied = g.points, n
			break
		}
	}
	out := [][]float64{make([]float64, n)}
	for i := range out[0] {
		out[0][i] = 1
	}
	for part := range varied {
		var next [][]float64
		for _, v := range out {
			for p := range points {
				w := slices.Clone(v)
				w[part] = 1 + float64(percent)/100*(2*float64(p)/float64(points-1)-1)
				next = append(next, w)
			}
		}
		out = next
	}
	return out
}

// Robustness tries a grid of weights of the topmost parts, each within ± percent of
// its weight, on standings of the snapshot's facts under a scheme. Units without a
// place are left out. Nothing but the shares is kept.
func (s *Snapshot) Robustness(standings []Standing, m Simulation) []Robustness {
	scheme := m.scheme(s.Scheme)
	facts := map[org.UnitID]*Facts{}
	for i := range s.Units {
		facts[s.Units[i].Unit] = &s.Units[i].Facts
	}
	var out []Robustness
	for _, class := range org.Classes {
		var in []Standing
		for _, st := range standings {
			if st.Class == class && st.Rank > 0 {
				in = append(in, st)
			}
		}
		if len(in) < 2 {
			continue
		}
		c := newContest(scheme, class, in, facts)
		out = append(out, c.run(grid(len(c.weights), m.Range)))
	}
	return out
}

// contest is the units of a class with the scores of their topmost parts.
type contest struct {
	scheme  *Scheme
	class   int
	units   []Standing
	facts   []*Facts
	weights []float64
	scores  [][]float64 // by unit and part; NaN where the part does not enter
	ofBase  bool        // points depend on the base score
}

func newContest(s *Scheme, class int, units []Standing, facts map[org.UnitID]*Facts) *contest {
	c := &contest{scheme: s, class: class, units: units}
	nodes := s.TreeOf(class).Parts
	for _, n := range nodes {
		c.weights = append(c.weights, n.Weight.Float())
	}
	for _, u := range units {
		row := make([]float64, len(nodes))
		for k, n := range nodes {
			row[k] = math.NaN()
			if x := u.Result.Reasons.Parts[k].counted(n); x.Known() {
				row[k] = x.Float()
			}
		}
		c.scores = append(c.scores, row)
		c.facts = append(c.facts, facts[u.Unit])
	}
	of := func(r AddRule) bool { return r.OfBase }
	c.ofBase = slices.ContainsFunc(s.Bonus, of) || slices.ContainsFunc(s.Deduction, of)
	return c
}

// total is the total of a unit when its weights are multiplied by the factors.
func (c *contest) total(i int, factors []float64) float64 {
	sum, weight := 0.0, 0.0
	for k, x := range c.scores[i] {
		if !math.IsNaN(x) {
			w := float64(c.weights[k] * factors[k])
			sum += float64(w * x)
			weight += w
		}
	}
	if weight == 0 {
		return math.Inf(-1)
	}
	base, r := sum/weight, c.units[i].Result
	bonus, deduction := r.Bonus.Float(), r.Deduction.Float()
	if c.ofBase {
		exact := Of(new(big.Rat).SetFloat64(base))
		b, _ := c.scheme.added(c.scheme.Bonus, c.scheme.BonusCap, c.facts[i], exact)
		d, _ := c.scheme.added(c.scheme.Deduction, c.scheme.DeductCap, c.facts[i], exact)
		bonus, deduction = b.Float(), d.Float()
	}
	t := base + bonus - deduction
	if m := c.scheme.Total.Min; m.Known() {
		t = max(t, m.Float())
	}
	if m := c.scheme.Total.Max; m.Known() {
		t = min(t, m.Float())
	}
	for _, code := range r.Reasons.Vetoes {
		if most := c.scheme.veto(code).Effect.Cap; most.Known() {
			t = min(t, most.Float())
		}
	}
	unit := math.Pow10(c.scheme.Total.Decimals)
	return math.Round(t*unit) / unit
}

// run counts over the grid who stands above whom.
func (c *contest) run(vectors [][]float64) Robustness {
	n := len(c.units)
	above := make([]float64, n*n)
	out := Robustness{Class: c.class, Vectors: len(vectors), All: n * (n - 1) / 2}
	totals := make([]float64, n)
	for _, v := range vectors {
		for i := range totals {
			totals[i] = c.total(i, v)
		}
		first, same := true, true
		for i := range n {
			for j := i + 1; j < n; j++ {
				switch {
				case totals[i] > totals[j]:
					above[i*n+j]++
				case totals[i] == totals[j]:
					above[i*n+j] += 0.5
				default:
					same = false
					first = first && i > 0
				}
			}
		}
		if first {
			out.First++
		}
		if same {
			out.Same++
		}
	}
	whole := float64(len(vectors))
	out.First, out.Same = out.First/whole, out.Same/whole
	for i := range n {
		for j := i + 1; j < n; j++ {
			if share := above[i*n+j] / whole; share < 1 && c.units[i].Rank != c.units[j].Rank {
				out.Pairs = append(out.Pairs, Pair{c.units[i].Unit, c.units[j].Unit, share})
			}
		}
	}
	slices.SortStableFunc(out.Pairs, func(a, b Pair) int { return cmp.Compare(math.Abs(a.Share-0.5), math.Abs(b.Share-0.5)) })
	return out
}
