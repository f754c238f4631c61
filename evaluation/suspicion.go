package evaluation

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/mixed"
	"pingyi/org"
)

// Suspicion is a pattern of ratings that honest raters rarely make. It opens a case
// that two people decide; no ballot is left out of the official result for it. It
// says how many ballots, and of which units; never who.
type Suspicion struct {
	Kind    string       `json:"kind"`
	Ballots int          `json:"ballots"` // 0: fewer than five
	Units   []org.UnitID `json:"units,omitempty"`
}

// The kinds of suspicion.
const (
	SuspectStraight  = "straight"  // one level for everything, over many units
	SuspectRandom    = "random"    // answers that follow neither the units nor the rater
	SuspectBombing   = "bombing"   // one unit far below what the rater and others say
	SuspectRing      = "ring"      // one unit raised and a rival lowered by the same raters
	SuspectIdentical = "identical" // ballots alike in every answer
	SuspectLeniency  = "leniency"  // far harsher or milder than others: information, the comparison allows for it
)

// The bounds of the patterns: see docs/decisions.
const (
	straightUnits  = 3
	straightCells  = 10
	identicalUnits = 3
	identicalSize  = 3
	randomLines    = 5
	bombLines      = 4
	ringLow        = -2.5 // residual from which the rival counts as lowered
	falseRate      = 0.05 // of false alarms among raters (Benjamini and Hochberg 1995), or over all pairs (Bonferroni)
)

// suspect looks for patterns and adds the ballots of all but leniency to leftOut.
// Without a model only what needs none is looked for.
func (s *Scheme) suspect(r *ratings, m *mixed.Model, payloads []ballotbox.Payload, leftOut map[int]bool) []Suspicion {
	out := []Suspicion{}
	add := func(kind string, raters []int, units ...org.UnitID) {
		if len(raters) == 0 {
			return
		}
		x := Suspicion{Kind: kind, Ballots: len(raters), Units: units}
		if x.Ballots < leastLines {
			x.Ballots = 0
		}
		out = append(out, x)
		if kind != SuspectLeniency {
			for _, k := range raters {
				leftOut[k] = true
			}
		}
	}
	straight := straightLiners(payloads)
	add(SuspectStraight, straight)
	for _, cluster := range identical(payloads, straight) {
		add(SuspectIdentical, cluster)
	}
	if m == nil {
		return out
	}
	e := r.residuals(m)
	add(SuspectRandom, e.random(s.scatter(payloads)))
	inRing := map[[2]int]bool{} // unit lowered, rater
	e.rings(func(up, down int, raters []int) {
		add(SuspectRing, raters, r.units[up], r.units[down])
		for _, k := range raters {
			inRing[[2]int{down, k}] = true
		}
	})
	e.bombs(func(unit int, raters []int) {
		add(SuspectBombing, slices.DeleteFunc(raters, func(k int) bool { return inRing[[2]int{unit, k}] }), r.units[unit])
	})
	add(SuspectLeniency, e.lenient(m))
	return out
}

// straightLiners are ballots with one level in every answered cell of several units.
func straightLiners(payloads []ballotbox.Payload) []int {
	var out []int
	for k, p := range payloads {
		levels, cells := map[string]bool{}, 0
		for _, l := range p.Lines {
			for _, a := range l.Answers {
				if a != ballotbox.NotAcquainted {
					levels[a] = true
					cells++
				}
			}
		}
		if len(levels) == 1 && cells >= straightCells && len(p.Lines) >= straightUnits {
			out = append(out, k)
		}
	}
	return out
}

// identical are clusters of ballots with the same units and the same answers, those
// of one level throughout aside.
func identical(payloads []ballotbox.Payload, straight []int) [][]int {
	clusters := map[[32]byte][]int{}
	for k, p := range payloads {
		if len(p.Lines) < identicalUnits || slices.Contains(straight, k) {
			continue
		}
		lines := make([]any, 0, 2*len(p.Lines))
		for _, l := range p.Lines {
			lines = append(lines, l.Unit, l.Answers)
		}
		b, err := json.Marshal(lines)
		if err != nil {
			continue // plain data; cannot happen
		}
		sum := sha256.Sum256(b)
		clusters[sum] = append(clusters[sum], k)
	}
	var out [][]int
	for _, c := range clusters {
		if len(c) >= identicalSize {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// residuals are what the model does not explain, in residual standard deviations.
type residuals struct {
	*ratings
	z     []float64 // of each line
	lines [][]int   // by rater
}

func (r *ratings) residuals(m *mixed.Model) *residuals {
	e := &residuals{ratings: r, z: make([]float64, len(r.score)), lines: make([][]int, r.raters)}
	groups := r.columns("group ", func(i int) string { return r.group[i] })
	offset := map[string]float64{}
	for i, g := range r.group {
		if _, known := offset[g]; known {
			continue
		}
		for k, c := range groups {
			if b := m.Fixed[1+k]; !b.Dropped {
				offset[g] += b.Estimate * c.X[i]
			}
		}
	}
	sd := math.Sqrt(m.Residual)
	unit := r.levels(m, len(groups))
	for i, y := range r.score {
		e.z[i] = (y - unit[r.unit[i]] - offset[r.group[i]] - m.Effects[0].Value[r.rater[i]]) / sd
		e.lines[r.rater[i]] = append(e.lines[r.rater[i]], i)
	}
	return e
}

// levels is what the model expects of each unit from an average rater.
func (r *ratings) levels(m *mixed.Model, skip int) []float64 {
	classes := r.columns("class ", func(i int) string { return strconv.Itoa(r.class[r.units[r.unit[i]]]) })
	offsets := r.offsets(m, skip, classes)
	out := make([]float64, len(r.units))
	for j, u := range r.units {
		out[j] = m.Fixed[0].Estimate + offsets[r.class[u]] + m.Effects[1].Value[j]
	}
	return out
}

// random are raters whose answers scatter within the lines more than chance allows,
// unless their lines follow the units unusually well: the sum of squared residuals
// against chi-square. Where a ballot has one indicator, the second alone decides.
func (e *residuals) random(answers []scatter) []int {
	one := !slices.ContainsFunc(answers, func(x scatter) bool { return x.lines > 0 })
	within := wide(answers)
	var all []tested
	for k, lines := range e.lines {
		if len(lines) < randomLines {
			continue
		}
		sum := 0.0
		for _, i := range lines {
			sum += float64(e.z[i] * e.z[i])
		}
		p := chiSquareTail(sum, len(lines)-1)
		switch {
		case one:
			all = append(all, tested{k, p})
		case p < 0.9: // the lines follow the units no better than usual
			all = append(all, tested{k, within[k]})
		default:
			all = append(all, tested{k, 1})
		}
	}
	return discoveries(all)
}

// tested is a rater with the chance of what he shows.
type tested struct {
	rater int
	p     float64
}

// discoveries are the raters too unlikely to be chance, with a bounded share of false
// ones among them (Benjamini and Hochberg 1995).
func discoveries(all []tested) []int {
	slices.SortFunc(all, func(a, b tested) int { return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.rater, b.rater)) })
	last := 0
	for i, t := range all {
		if t.p <= falseRate*float64(i+1)/float64(len(all)) {
			last = i + 1
		}
	}
	var out []int
	for _, t := range all[:last] {
		out = append(out, t.rater)
	}
	slices.Sort(out)
	return out
}

// own is a line's residual without what the rater's estimated leniency took of it.
func (e *residuals) own(i, lines int) float64 { return e.z[i] / math.Sqrt(1-1/float64(lines)) }

// tail is how much longer than normal the lower tail of residuals is, 1 to 1.5:
// scores end at 100, so low ones lie further out than high ones.
func (e *residuals) tail() float64 {
	if len(e.z) == 0 {
		return 1
	}
	sorted := slices.Sorted(slices.Values(e.z))
	return min(1.5, max(1, sorted[len(sorted)/40]/normalQuantile(0.025)))
}

// alone is how much further out a line must lie that is the only one of its unit: one
// in thousands is as low by chance, two on the same unit hardly are.
const alone = 1.3

// bombs calls found for each unit with lines that are far below what the model
// expects, from raters whose other lines are in order.
func (e *residuals) bombs(found func(unit int, raters []int)) {
	limit := normalQuantile(falseRate/float64(max(1, len(e.z)))) * e.tail()
	byUnit, lowest := map[int][]int{}, map[int]float64{}
	for k, lines := range e.lines {
		if len(lines) < bombLines {
			continue
		}
		for _, i := range lines {
			others := 0.0
			for _, o := range lines {
				if o != i {
					others += math.Abs(e.z[o])
				}
			}
			if own := e.own(i, len(lines)); own < limit && others/float64(len(lines)-1) < 1.5 {
				j := int(e.unit[i])
				byUnit[j], lowest[j] = append(byUnit[j], k), min(lowest[j], own)
			}
		}
	}
	for _, j := range slices.Sorted(maps.Keys(byUnit)) {
		if len(byUnit[j]) > 1 || lowest[j] < alone*limit {
			found(j, byUnit[j])
		}
	}
}

// rings calls found for each ordered pair of units of a class where the raters who
// lower the one raise the other, against their own further lines, more than chance
// allows over all pairs (Bonferroni).
func (e *residuals) rings(found func(up, down int, raters []int)) {
	type pair struct{ up, down int }
	raised := map[pair]float64{} // sum of contrasts, each of variance 1
	rated := map[pair]int{}
	members := map[pair][]int{}
	for k, lines := range e.lines {
		if len(lines) < bombLines {
			continue
		}
		sum := 0.0
		for _, i := range lines {
			sum += e.z[i]
		}
		rest := float64(len(lines) - 2)
		for _, i := range lines {
			if e.own(i, len(lines)) > ringLow {
				continue
			}
			for _, o := range lines {
				at := pair{int(e.unit[o]), int(e.unit[i])}
				if o == i || e.class[e.units[at.up]] != e.class[e.units[at.down]] {
					continue
				}
				contrast := (e.z[o] - (sum-e.z[i]-e.z[o])/rest) / math.Sqrt(1+1/rest)
				raised[at] += contrast
				rated[at]++
				if contrast > 0.5 {
					members[at] = append(members[at], k)
				}
			}
		}
	}
	limit := -normalQuantile(falseRate / float64(max(1, len(e.units)*(len(e.units)-1))))
	pairs := slices.SortedFunc(maps.Keys(rated), func(a, b pair) int { return cmp.Or(cmp.Compare(a.up, b.up), cmp.Compare(a.down, b.down)) })
	for _, at := range pairs {
		if len(members[at]) >= leastLines && raised[at]/math.Sqrt(float64(rated[at])) > limit {
			found(at.up, at.down, members[at])
		}
	}
}

// lenient are raters far harsher or milder than others.
func (e *residuals) lenient(m *mixed.Model) []int {
	var all []tested
	for k, a := range m.Effects[0].Value {
		if v := m.Variance[0] - m.Effects[0].PredictionVariance[k]; v > 0 && len(e.lines[k]) >= randomLines {
			all = append(all, tested{k, math.Erfc(math.Abs(a) / math.Sqrt(2*v))})
		}
	}
	return discoveries(all)
}

// chiSquareTail is the chance of a chi-square variable with so many degrees of
// freedom to exceed x, by the Wilson–Hilferty approximation (1931).
func chiSquareTail(x float64, freedom int) float64 {
	n := float64(max(1, freedom))
	z := (math.Cbrt(x/n) - (1 - 2/(9*n))) / math.Sqrt(2/(9*n))
	return math.Erfc(z/math.Sqrt2) / 2
}

// normalQuantile is the p-quantile of the standard normal distribution.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
