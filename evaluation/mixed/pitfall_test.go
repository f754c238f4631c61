package mixed

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// small returns ratings of two factors from triples rater, ratee, score.
func small(triples ...[3]float64) Data {
	d := Data{Factors: []Factor{{Name: "rater"}, {Name: "ratee"}}}
	for _, t := range triples {
		for k := range d.Factors {
			d.Factors[k].Of = append(d.Factors[k].Of, int32(t[k]))
			d.Factors[k].Levels = max(d.Factors[k].Levels, int(t[k])+1)
		}
		d.Y = append(d.Y, t[2])
	}
	return d
}

func TestFitRefuses(t *testing.T) {
	file := func(name string) Data {
		d, _ := smallData(t, name)
		return d
	}
	good := func(change func(*Data)) Data {
		d := withColumn(threeFactors(20, 6, 2, 1), 1)
		change(&d)
		return d
	}
	tests := []struct {
		name string
		data Data
		want Status
	}{
		{"no data", Data{}, BadInput},
		{"no factor", Data{Y: []float64{1, 2, 3, 4}}, BadInput},
		{"a factor of another length", good(func(d *Data) { d.Factors[1].Of = d.Factors[1].Of[1:] }), BadInput},
		{"a level out of range", good(func(d *Data) { d.Factors[1].Of[3] = 6 }), BadInput},
		{"a negative level", good(func(d *Data) { d.Factors[1].Of[3] = -1 }), BadInput},
		{"a column of another length", good(func(d *Data) { d.Fixed[0].X = d.Fixed[0].X[1:] }), BadInput},
		{"NaN among the scores", good(func(d *Data) { d.Y[3] = math.NaN() }), NotFinite},
		{"infinity among the scores", good(func(d *Data) { d.Y[3] = math.Inf(-1) }), NotFinite},
		{"NaN in a column", good(func(d *Data) { d.Fixed[0].X[0] = math.NaN() }), NotFinite},
		{"scores whose squares overflow", good(func(d *Data) { d.Y[0] = 1e200 }), NotFinite},
		{"two ratings", small([3]float64{0, 0, 1}, [3]float64{1, 1, 2}), TooLittleData},
		{"one ratee", small([3]float64{0, 0, 1}, [3]float64{1, 0, 2}, [3]float64{0, 0, 3}, [3]float64{1, 0, 1}), SingleLevel},
		{"one rating per company", file("edge_one_rating_per_company"), OneRatingEach},
		{"constant scores", file("edge_constant_scores"), ConstantScores},
		{"ratings that an additive model fits exactly", file("edge_tiny_saturated"), Saturated},
		{"more fixed effects than ratings", good(func(d *Data) {
			for c := range len(d.Y) {
				x := make([]float64, len(d.Y))
				x[c] = 1
				d.Fixed = append(d.Fixed, Column{X: x})
			}
		}), TooLittleData},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Fit(tt.data, REML)
			var u *Unfit
			if !errors.As(err, &u) || u.Status != tt.want || m != nil {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestZeroVariance: no differences between departments means no effects and no
// certainty about their order; the rest is fitted as if there were no departments.
func TestZeroVariance(t *testing.T) {
	d, _ := smallData(t, "edge_department_variance_zero")
	m := fit(t, d, REML)
	if m.Theta[1] != 0 || m.Variance[1] != 0 {
		t.Errorf("theta of departments is %v, want 0", m.Theta[1])
	}
	if !slices.Contains(m.Warnings, Warning{Code: ZeroVariance, Factor: 1}) {
		t.Errorf("warnings %v", m.Warnings)
	}
	for j, b := range m.Effects[1].Value {
		if b != 0 || m.Effects[1].PredictionVariance[j] != 0 || m.Reliability(1)[j] != 0 {
			t.Errorf("department %d has effect %v", j, b)
		}
	}
	alone := fit(t, Data{Y: d.Y, Factors: d.Factors[:1]}, REML)
	near(t, "criterion without departments", m.Criterion, alone.Criterion, 1e-9)
	near(t, "theta of companies", m.Theta[0], alone.Theta[0], 1e-8)
	near(t, "effect of a company", m.Effects[0].Value[0], alone.Effects[0].Value[0], 1e-8)
}

// TestAllVariancesZero: scores without any structure leave the mean.
func TestAllVariancesZero(t *testing.T) {
	d := Data{Factors: []Factor{{Name: "rater", Levels: 8}, {Name: "ratee", Levels: 8}}}
	for i := range int32(8) {
		for j := range int32(8) {
			// Each rater and each ratee has the same scores in another order.
			d.Y = append(d.Y, float64((i+j)%8))
			d.Factors[0].Of, d.Factors[1].Of = append(d.Factors[0].Of, i), append(d.Factors[1].Of, j)
		}
	}
	m := fit(t, d, REML)
	if m.Theta[0] != 0 || m.Theta[1] != 0 || countWarnings(m, ZeroVariance) != 2 {
		t.Errorf("theta %v, warnings %v", m.Theta, m.Warnings)
	}
	near(t, "mean", m.Fixed[0].Estimate, 3.5, 1e-12)
	near(t, "residual", m.Residual, 336.0/63, 1e-12)
	near(t, "error of the mean", m.Fixed[0].SE, math.Sqrt(336.0/63/64), 1e-12)
}

func TestDisconnected(t *testing.T) {
	d, labels := smallData(t, "edge_disconnected_graph")
	m := fit(t, d, REML)
	if !slices.Contains(m.Warnings, Warning{Code: Disconnected, Factor: -1, Count: 2}) {
		t.Errorf("warnings %v", m.Warnings)
	}
	// By hand: raters of two departments are in the same component, and no rater has
	// departments of both.
	for r, j := range d.Factors[1].Of {
		for s, k := range d.Factors[1].Of {
			if d.Factors[0].Of[r] == d.Factors[0].Of[s] && m.Components[j] != m.Components[k] {
				t.Fatalf("rater %s joins departments of two components", labels[0][d.Factors[0].Of[r]])
			}
		}
	}
	if slices.Max(m.Components) != 1 || slices.Min(m.Components) != 0 {
		t.Errorf("components %v", m.Components)
	}
	plain, _ := smallData(t, "edge_plain")
	if m := fit(t, plain, REML); countWarnings(m, Disconnected) > 0 || slices.Max(m.Components) != 0 {
		t.Errorf("connected data: components %v", m.Components)
	}
}

// TestSingleRating: the department with one rating is shrunk hardest and has the
// least reliability.
func TestSingleRating(t *testing.T) {
	d, labels := smallData(t, "edge_single_rating_department")
	m := fit(t, d, REML)
	single := slices.Index(labels[1], "d_single")
	if m.Effects[1].N[single] != 1 || countWarnings(m, SingleRating) != 1 {
		t.Errorf("%d ratings, warnings %v", m.Effects[1].N[single], m.Warnings)
	}
	reliability := m.Reliability(1)
	if slices.Min(reliability) != reliability[single] || reliability[single] > 0.2 {
		t.Errorf("reliability %v", reliability)
	}
}

func TestTinyDataAreFittedWithAWarning(t *testing.T) {
	d, _ := smallData(t, "edge_tiny")
	m := fit(t, d, REML)
	if countWarnings(m, Tiny) != 2 || countWarnings(m, FewRepeats) != 1 {
		t.Errorf("warnings %v", m.Warnings)
	}
}

// TestRankDeficientColumns are dropped and named; the rest is as without them.
func TestRankDeficientColumns(t *testing.T) {
	d := withColumn(threeFactors(60, 20, 3, 3), 4)
	want := fit(t, d, REML)
	n := len(d.Y)
	constant, copied, sum := make([]float64, n), make([]float64, n), make([]float64, n)
	for r, x := range d.Fixed[0].X {
		constant[r], copied[r], sum[r] = 7, -3*x, x+2
	}
	d.Fixed = []Column{{"constant", constant}, d.Fixed[0], {"copied", copied}, {"sum", sum}}
	m := fit(t, d, REML)
	for c, name := range []string{"constant", "copied", "sum"} {
		if !slices.Contains(m.Warnings, Warning{Code: RankDeficient, Factor: -1, Column: name}) {
			t.Errorf("column %d is not in the warnings %v", c, m.Warnings)
		}
	}
	if !m.Fixed[1].Dropped || m.Fixed[2].Dropped || !m.Fixed[3].Dropped || !m.Fixed[4].Dropped {
		t.Errorf("fixed effects %v", m.Fixed)
	}
	near(t, "criterion", m.Criterion, want.Criterion, 1e-9)
	near(t, "slope", m.Fixed[2].Estimate, want.Fixed[1].Estimate, 1e-9)

	// With the ratees fixed, a column that is constant within them goes too.
	within := make([]float64, n)
	for r, j := range d.Factors[1].Of {
		within[r] = float64(j * j)
	}
	d.Fixed = []Column{{"within", within}, d.Fixed[1]}
	l, err := FixedLevels(d, 1, REML)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(l.Warnings, Warning{Code: RankDeficient, Factor: -1, Column: "within"}) {
		t.Errorf("warnings %v", l.Warnings)
	}
}

// TestOneFactor: without a second factor the model is the one-way layout.
func TestOneFactor(t *testing.T) {
	d := Data{Y: []float64{1, 2, 3, 5, 6, 7, 2, 3, 4}, Factors: []Factor{{Name: "rater", Levels: 3, Of: []int32{0, 0, 0, 1, 1, 1, 2, 2, 2}}}}
	m := fit(t, d, REML)
	// Mean squares 13 between and 1 within: variance (13-1)/3, shrinkage 12/13.
	near(t, "residual", m.Residual, 1, 1e-9)
	near(t, "variance", m.Variance[0], 4, 1e-8)
	near(t, "effect", m.Effects[0].Value[1], (6-11.0/3)*12/13, 1e-8)
	if m.Components != nil {
		t.Errorf("components %v", m.Components)
	}
}

// TestConfoundedFactors: two factors with the same levels share one variance; the
// fit is that of one of them and nothing is made up.
func TestConfoundedFactors(t *testing.T) {
	d := threeFactors(60, 20, 3, 3)
	one := fit(t, Data{Y: d.Y, Factors: d.Factors[:2]}, REML)
	d.Factors[2] = d.Factors[1]
	both := fit(t, d, REML)
	near(t, "criterion", both.Criterion, one.Criterion, 1e-7)
	near(t, "total variance", both.Variance[1]+both.Variance[2], one.Variance[1], 1e-6)
}
