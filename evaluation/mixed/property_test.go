package mixed

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

// threeFactors returns simulated ratings of ratees in groups by raters, some pairs
// repeated. Group g holds the ratees j with j % groups = g for half of the ratings.
func threeFactors(raters, ratees, groups int, seed uint64) Data {
	random := rand.New(rand.NewPCG(seed, 7))
	normal := func(n int, sd float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = sd * random.NormFloat64()
		}
		return x
	}
	leniency, quality, group := normal(raters, 0.5), normal(ratees, 0.4), normal(groups, 0.3)
	d := Data{Factors: []Factor{{Name: "rater", Levels: raters}, {Name: "ratee", Levels: ratees}, {Name: "group", Levels: groups}}}
	for i := range raters {
		for n := range 3 + random.IntN(9) {
			j, g := random.IntN(ratees), random.IntN(groups)
			if i < groups && n == 0 {
				g = i // no group is empty
			}
			if i < ratees && n == 1 {
				j = i
			}
			d.Y = append(d.Y, 3.5+leniency[i]+quality[j]+group[g]+0.6*random.NormFloat64())
			for k, level := range []int{i, j, g} {
				d.Factors[k].Of = append(d.Factors[k].Of, int32(level))
			}
		}
	}
	return d
}

// withColumn adds a fixed column.
func withColumn(d Data, seed uint64) Data {
	random := rand.New(rand.NewPCG(seed, 8))
	c := Column{Name: "x"}
	for range d.Y {
		c.X = append(c.X, 10+random.NormFloat64())
	}
	d.Fixed = append(d.Fixed, c)
	return d
}

func fit(t *testing.T, d Data, method Method) *Model {
	t.Helper()
	m, err := Fit(d, method)
	if err != nil {
		t.Fatal(err)
	}
	m.fit = nil
	return m
}

// reordered returns the ratings in the given order.
func reordered(d Data, order []int) Data {
	out := Data{}
	for _, r := range order {
		out.Y = append(out.Y, d.Y[r])
	}
	for _, f := range d.Factors {
		g := Factor{Name: f.Name, Levels: f.Levels}
		for _, r := range order {
			g.Of = append(g.Of, f.Of[r])
		}
		out.Factors = append(out.Factors, g)
	}
	for _, c := range d.Fixed {
		x := Column{Name: c.Name}
		for _, r := range order {
			x.X = append(x.X, c.X[r])
		}
		out.Fixed = append(out.Fixed, x)
	}
	return out
}

// TestRowOrderDoesNotMatter: to the last bit.
func TestRowOrderDoesNotMatter(t *testing.T) {
	d := withColumn(threeFactors(900, 300, 12, 1), 1)
	d.Y[5], d.Y[6] = d.Y[7], d.Y[7] // equal scores
	want := fit(t, d, REML)
	for seed := range uint64(3) {
		order := rand.New(rand.NewPCG(seed, 2)).Perm(len(d.Y))
		if got := fit(t, reordered(d, order), REML); !reflect.DeepEqual(got, want) {
			t.Errorf("shuffle %d: criterion %v, want %v", seed, got.Criterion, want.Criterion)
		}
	}
}

// TestProcessorsDoNotMatter: to the last bit.
func TestProcessorsDoNotMatter(t *testing.T) {
	d := withColumn(threeFactors(1500, 700, 12, 2), 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := fit(t, d, REML)
	for _, processors := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(processors)
		if got := fit(t, d, REML); !reflect.DeepEqual(got, want) {
			t.Errorf("%d processors: criterion %v, want %v", processors, got.Criterion, want.Criterion)
		}
	}
}

// TestLabelsDoNotMatter: other numbers for the levels, other rounding.
func TestLabelsDoNotMatter(t *testing.T) {
	d := withColumn(threeFactors(900, 300, 12, 3), 1)
	want := fit(t, d, REML)
	random := rand.New(rand.NewPCG(4, 4))
	other := d
	other.Factors = nil
	var names [][]int
	for _, f := range d.Factors {
		name := random.Perm(f.Levels + 3) // three levels are empty
		g := Factor{Name: f.Name, Levels: f.Levels + 3}
		for _, level := range f.Of {
			g.Of = append(g.Of, int32(name[level]))
		}
		other.Factors, names = append(other.Factors, g), append(names, name)
	}
	got := fit(t, other, REML)
	near(t, "criterion", got.Criterion, want.Criterion, 1e-8)
	for k, f := range d.Factors {
		near(t, "theta", got.Theta[k], want.Theta[k], 2e-7)
		for l := range f.Levels {
			near(t, "effect", got.Effects[k].Value[names[k][l]], want.Effects[k].Value[l], 1e-6)
			near(t, "variance", got.Effects[k].PredictionVariance[names[k][l]], want.Effects[k].PredictionVariance[l], 1e-6)
		}
		for l := f.Levels; l < f.Levels+3; l++ {
			near(t, "effect of an empty level", got.Effects[k].Value[names[k][l]], 0, 0)
			near(t, "variance of an empty level", got.Effects[k].PredictionVariance[names[k][l]], got.Variance[k], 1e-12)
		}
	}
	if n := countWarnings(got, EmptyLevels); n != 3 {
		t.Errorf("%d warnings of empty levels, want 3: %v", n, got.Warnings)
	}
}

func countWarnings(m *Model, code Code) int {
	n := 0
	for _, w := range m.Warnings {
		if w.Code == code {
			n++
		}
	}
	return n
}

// TestFactorOrderDoesNotMatter: whichever factor comes first, the larger is eliminated.
func TestFactorOrderDoesNotMatter(t *testing.T) {
	d := threeFactors(300, 40, 6, 5)
	want := fit(t, d, REML)
	d.Factors[0], d.Factors[1] = d.Factors[1], d.Factors[0]
	got := fit(t, d, REML)
	near(t, "criterion", got.Criterion, want.Criterion, 1e-8)
	near(t, "theta of the ratees", got.Theta[0], want.Theta[1], 1e-7)
	near(t, "effect of the first rater", got.Effects[1].Value[0], want.Effects[0].Value[0], 1e-7)
}

// TestShiftAndScale: shifting the scores shifts the intercept alone, scaling them
// scales the effects.
func TestShiftAndScale(t *testing.T) {
	for _, method := range []Method{REML, ML} {
		d := withColumn(threeFactors(300, 40, 6, 6), 2)
		want := fit(t, d, method)
		changed := d
		changed.Y = make([]float64, len(d.Y))
		for r, y := range d.Y {
			changed.Y[r] = 20*y + 1e4
		}
		got := fit(t, changed, method)
		near(t, "intercept", got.Fixed[0].Estimate, 20*want.Fixed[0].Estimate+1e4, 1e-6)
		near(t, "slope", got.Fixed[1].Estimate, 20*want.Fixed[1].Estimate, 1e-7)
		near(t, "error of the slope", got.Fixed[1].SE, 20*want.Fixed[1].SE, 1e-7)
		near(t, "residual", got.Residual, 400*want.Residual, 1e-5)
		for k := range d.Factors {
			near(t, "theta", got.Theta[k], want.Theta[k], 1e-8)
			for l, v := range want.Effects[k].Value {
				near(t, "effect", got.Effects[k].Value[l], 20*v, 1e-6)
				near(t, "variance", got.Effects[k].PredictionVariance[l], 400*want.Effects[k].PredictionVariance[l], 1e-5)
			}
		}
	}
}

// TestGradient compares with differences of the criterion, all factors, with
// columns and with fixed levels.
func TestGradient(t *testing.T) {
	tests := []struct {
		name   string
		data   Data
		sparse bool
	}{
		{"full block", withColumn(threeFactors(120, 90, 5, 7), 3), false},
		{"sparse block", withColumn(neighbours(400, 160, 4, 7), 3), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkGradient(t, tt.data, tt.sparse) })
	}
}

// neighbours returns ratings of which each rater gives a few, to ratees near each
// other, so that most pairs of ratees share no rater.
func neighbours(raters, ratees, groups int, seed uint64) Data {
	d := threeFactors(raters, ratees, groups, seed)
	for r, i := range d.Factors[0].Of {
		j := int(i)*ratees/raters + int(d.Factors[1].Of[r])%6
		d.Factors[1].Of[r] = int32(j % ratees)
	}
	return d
}

func checkGradient(t *testing.T, d Data, sparse bool) {
	t.Helper()
	for _, method := range []Method{REML, ML} {
		for _, fixed := range []int{-1, 1, 2} {
			m, err := newNormal(&d, fixed)
			if err != nil {
				t.Fatal(err)
			}
			if fixed != 1 && (m.ordering.full > 0) != sparse {
				t.Fatalf("%d sparse columns", m.ordering.full)
			}
			s := newSearch(newEquations(m, method))
			g := []float64{0.5, 0.3, 0.2}
			if err := s.move(g, true); err != nil {
				t.Fatal(err)
			}
			gradient := s.slope(&s.solution, s.trace, s.block.solve).gradient
			for k := range g {
				if k == fixed {
					continue
				}
				const h = 1e-4
				criterion := func(step float64) float64 {
					at := []float64{g[0], g[1], g[2]}
					at[k] *= math.Exp(step)
					if err := s.evaluate(at); err != nil {
						t.Fatal(err)
					}
					return s.criterion
				}
				want := (8*(criterion(h)-criterion(-h)) - (criterion(2*h) - criterion(-2*h))) / (12 * h)
				near(t, "gradient", gradient[k], want, 1e-5)
			}
		}
	}
}

// TestBalancedREMLIsAnalysisOfVariance: with complete balanced data REML is the
// textbook estimate from mean squares (Penicillin, 24 plates x 6 samples).
func TestBalancedREMLIsAnalysisOfVariance(t *testing.T) {
	d, _ := smallData(t, "penicillin_REML")
	m := fit(t, d, REML)
	const a, b = 24.0, 6.0
	mean, total := 0.0, 0.0
	for _, y := range d.Y {
		mean += y / (a * b)
	}
	for _, y := range d.Y {
		total += (y - mean) * (y - mean)
	}
	between := func(f Factor, size float64) float64 {
		sums := make([]float64, f.Levels)
		for r, l := range f.Of {
			sums[l] += d.Y[r] - mean
		}
		return dot(sums, sums) / size
	}
	plates, samples := between(d.Factors[0], b), between(d.Factors[1], a)
	residual := (total - plates - samples) / ((a - 1) * (b - 1))
	near(t, "residual", m.Residual, residual, 1e-9)
	near(t, "plates", m.Variance[0], (plates/(a-1)-residual)/b, 1e-9)
	near(t, "samples", m.Variance[1], (samples/(b-1)-residual)/a, 1e-8)
}
