package evaluation

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/mixed"
	"pingyi/org"
)

// Fairness is the comparison that allows for harsh and lenient raters: a model of
// crossed random effects over all lines of a campaign (rater × unit), made inside
// the tally, where alone one knows which lines are from the same ballot. It stands
// beside the official score and never replaces it. No effect of a rater leaves the
// tally.
//
// Numbers carry ten significant digits, so that the sealed bytes are the same on
// any machine.
type Fairness struct {
	Status   string     `json:"status"` // fitted, or why it could not be, as package mixed names it
	Lines    int        `json:"lines"`
	Raters   int        `json:"raters"`
	Rater    float64    `json:"rater_variance"` // of leniency
	Unit     float64    `json:"unit_variance"`  // of units within their class
	Residual float64    `json:"residual_variance"`
	Units    []FairUnit `json:"units,omitempty"`
	// Covariance of the estimates of the units with status fair, in their order, row
	// by row, the lower triangle alone.
	Covariance []float64 `json:"covariance,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"` // codes of package mixed
}

// The statuses of a unit in the comparison.
const (
	FairUsable     = "fair"
	FairFew        = "few"        // too few raters
	FairUnreliable = "unreliable" // the ratings say too little of it
)

// FairUnit is what the comparison says of a unit.
type FairUnit struct {
	Unit        org.UnitID `json:"unit"`
	Class       int        `json:"class"`
	Raters      int        `json:"raters"`
	Mean        float64    `json:"mean"`     // plain mean of its lines
	Score       float64    `json:"score"`    // adjusted: what average raters would give, shrunk to the class
	SE          float64    `json:"se"`       // of the adjusted score
	Estimate    float64    `json:"estimate"` // not shrunk; for ranks
	Reliability float64    `json:"reliability"`
	Status      string     `json:"status"`
}

// fittedStatus is the status of a comparison that could be made.
const fittedStatus = "fitted"

// digits keeps ten significant digits.
func digits(x float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 9, 64), 64)
	if err != nil {
		return 0
	}
	return v
}

// ratings are the lines of a campaign in columns.
type ratings struct {
	units  []org.UnitID
	class  map[org.UnitID]int
	rater  []int32
	unit   []int32
	score  []float64
	group  []string // rater group of each line
	raters int
	sum    []float64
	n      []int // lines, by unit
}

// ratings lays the valid lines of the first measure out in columns, by ballot and unit.
func (s *Scheme) ratings(payloads []ballotbox.Payload, class map[org.UnitID]int) *ratings {
	r := &ratings{class: class, units: slices.Sorted(maps.Keys(class)), raters: len(payloads)}
	at := map[org.UnitID]int32{}
	for i, u := range r.units {
		at[u] = int32(i)
	}
	r.sum, r.n = make([]float64, len(r.units)), make([]int, len(r.units))
	m := s.ruler(s.Measures[0])
	for k, p := range payloads {
		for _, bl := range p.Lines {
			l := m.line(bl.Answers)
			j, known := at[bl.Unit]
			if !known || !m.valid(l) {
				continue
			}
			y := float64(l.Sum) / float64(l.Weight)
			r.rater, r.unit, r.score, r.group = append(r.rater, int32(k)), append(r.unit, j), append(r.score, y), append(r.group, p.Group)
			r.sum[j] += y
			r.n[j]++
		}
	}
	return r
}

// columns are fixed effects: one for each value but the first, centred, so that the
// intercept speaks of the average line.
func (r *ratings) columns(name string, of func(i int) string) []mixed.Column {
	values := map[string]bool{}
	for i := range r.score {
		values[of(i)] = true
	}
	var out []mixed.Column
	for k, v := range slices.Sorted(maps.Keys(values)) {
		if k == 0 {
			continue
		}
		x, sum := make([]float64, len(r.score)), 0.0
		for i := range x {
			if of(i) == v {
				x[i] = 1
				sum++
			}
		}
		for i := range x {
			x[i] -= sum / float64(len(x))
		}
		out = append(out, mixed.Column{Name: name + v, X: x})
	}
	return out
}

func (r *ratings) data(fixed ...[]mixed.Column) mixed.Data {
	return mixed.Data{Y: r.score, Fixed: slices.Concat(fixed...), Factors: []mixed.Factor{
		{Name: "rater", Levels: r.raters, Of: r.rater}, {Name: "unit", Levels: len(r.units), Of: r.unit}}}
}

// compareFairly makes the comparison, looks for suspect ballots and counts once more
// without them.
func (s *Scheme) compareFairly(t *Tally, lines map[org.UnitID]*unitLines, payloads []ballotbox.Payload) {
	class := map[org.UnitID]int{}
	for _, u := range t.Units {
		class[u.Unit] = u.Class
	}
	r := s.ratings(payloads, class)
	var model *mixed.Model
	t.Fairness, model = s.fairness(r)
	leftOut := map[int]bool{}
	t.Suspicions = s.suspect(r, model, payloads, leftOut)
	if len(leftOut) == 0 {
		return
	}
	for i := range t.Units {
		u := &t.Units[i]
		if l := lines[u.Unit]; l != nil {
			if out, partial := s.leave(l, leftOut); out != nil {
				u.Without, u.Partial = s.measure(l, out), partial
			}
		}
	}
}

// fairness fits the model. A campaign it cannot be fitted to has a status that says
// so and no numbers.
func (s *Scheme) fairness(r *ratings) (*Fairness, *mixed.Model) {
	f := &Fairness{Status: fittedStatus, Lines: len(r.score), Raters: r.raters}
	groups := r.columns("group ", func(i int) string { return r.group[i] })
	classes := r.columns("class ", func(i int) string { return strconv.Itoa(r.class[r.units[r.unit[i]]]) })
	m, err := mixed.Fit(r.data(groups, classes), mixed.REML)
	if err != nil {
		f.Status = statusOf(err)
		return f, nil
	}
	f.Rater, f.Unit, f.Residual = digits(m.Variance[0]), digits(m.Variance[1]), digits(m.Residual)
	for _, w := range m.Warnings {
		f.Warnings = append(f.Warnings, string(w.Code))
	}
	reliability := m.Reliability(1)
	offsets := r.offsets(m, len(groups), classes)
	for j, unit := range r.units {
		u := FairUnit{Unit: unit, Class: r.class[unit], Raters: r.n[j], Status: FairUsable, Reliability: digits(reliability[j])}
		if r.n[j] >= leastLines { // fewer would show single lines
			u.Mean = digits(r.sum[j] / float64(r.n[j]))
			u.Score = digits(m.Fixed[0].Estimate + offsets[u.Class] + m.Effects[1].Value[j])
			u.SE = digits(math.Sqrt(m.Effects[1].PredictionVariance[j]))
		}
		switch {
		case u.Raters < s.Fairness.MinRaters:
			u.Status = FairFew
		case u.Reliability < s.Fairness.MinReliability.Float():
			u.Status = FairUnreliable
		}
		f.Units = append(f.Units, u)
	}
	f.estimate(r)
	return f, m
}

func statusOf(err error) string {
	var u *mixed.Unfit
	if errors.As(err, &u) {
		return string(u.Status)
	}
	return "failed"
}

// offsets is what each class adds to the intercept.
func (r *ratings) offsets(m *mixed.Model, skip int, classes []mixed.Column) map[int]float64 {
	out := map[int]float64{}
	for i := range r.score {
		c := r.class[r.units[r.unit[i]]]
		if _, known := out[c]; known {
			continue
		}
		sum := 0.0
		for k, col := range classes {
			if b := m.Fixed[1+skip+k]; !b.Dropped {
				sum += b.Estimate * col.X[i]
			}
		}
		out[c] = sum
	}
	return out
}

// estimate adds the estimates that are not shrunk, and their covariance, over the
// units that can be compared.
func (f *Fairness) estimate(r *ratings) {
	number := map[int32]int32{}
	var kept []int
	for j := range f.Units {
		if f.Units[j].Status == FairUsable {
			number[int32(j)] = int32(len(kept))
			kept = append(kept, j)
		}
	}
	if len(kept) < 2 {
		return
	}
	sub := &ratings{units: r.units, class: r.class, raters: r.raters}
	for i, j := range r.unit {
		if k, ok := number[j]; ok {
			sub.rater, sub.unit, sub.score, sub.group = append(sub.rater, r.rater[i]), append(sub.unit, k), append(sub.score, r.score[i]), append(sub.group, r.group[i])
		}
	}
	d := sub.data(sub.columns("group ", func(i int) string { return sub.group[i] }))
	d.Factors[1].Levels = len(kept)
	levels, err := mixed.FixedLevels(d, 1, mixed.REML)
	if err != nil {
		f.Warnings = append(f.Warnings, statusOf(err))
		return
	}
	for k, j := range kept {
		f.Units[j].Estimate = digits(levels.Estimate[k])
		for l := range k + 1 {
			f.Covariance = append(f.Covariance, digits(levels.Covariance[k*len(kept)+l]))
		}
	}
	slices.SortFunc(f.Warnings, cmp.Compare)
	f.Warnings = slices.Compact(f.Warnings)
}
