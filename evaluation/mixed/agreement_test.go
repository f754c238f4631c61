package mixed

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// tolerance is how near a fit must come to lme4's; that of variances is relative.
type tolerance struct{ criterion, theta, effect, variance float64 }

// The goal, reached wherever lme4's derivative-free search stopped near enough to
// the optimum. For InstEval the theta compared is the polished one.
var exact = tolerance{1e-6, 2e-7, 1e-6, 1e-6}

// Where lme4 stopped farther away. That it is lme4 and not this package is shown
// by the gradient, see compare.
var stoppedEarly = map[string]tolerance{
	"penicillin_REML":            {1e-6, 1e-6, 1e-6, 1e-6},
	"penicillin_ML":              {1e-6, 1e-6, 1e-6, 1e-6},
	"scotssec_ML":                {1e-6, 2e-7, 1e-6, 3e-6},
	"county q1_REML":             {1e-6, 2e-6, 2e-6, 8e-6},
	"county overall_REML":        {1e-6, 1e-6, 1e-6, 2e-6},
	"county overall_ML":          {1e-6, 1e-6, 1e-6, 2e-6},
	"county overall_sector_REML": {1e-6, 1e-6, 1e-6, 2e-6},
}

// agreementCase is a fit that lme4 has done as well.
type agreementCase struct {
	name   string
	want   reference
	method Method
	data   func() (Data, [][]string)
}

func agreementCases(t *testing.T) []agreementCase {
	var cases []agreementCase
	add := func(name string, want reference, data func() (Data, [][]string)) {
		method := REML
		if !strings.HasSuffix(name, "REML") && strings.HasSuffix(name, "ML") {
			method = ML
		}
		cases = append(cases, agreementCase{name, want, method, data})
	}
	large, insteval := references(t, "insteval"), readTable(t, "insteval/ratings.csv.gz")
	for _, method := range []string{"REML", "ML"} {
		add("insteval "+method, large["m1_"+method], func() (Data, [][]string) { return crossed(t, insteval, "y", "s", "d") })
	}
	for name, want := range references(t, "lmm-small") {
		if want.Theta != nil { // else see TestFitRefuses
			add(name, want, func() (Data, [][]string) { return smallData(t, name) })
		}
	}
	for name, want := range references(t, "county") {
		add("county "+name, want, func() (Data, [][]string) { return countyData(t, name) })
	}
	slices.SortFunc(cases, func(a, b agreementCase) int { return strings.Compare(a.name, b.name) })
	return cases
}

// smallData returns the data of one of the small references.
func smallData(t *testing.T, name string) (Data, [][]string) {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "_REML"), "_ML")
	file := readTable(t, "lmm-small/"+name+".csv.gz")
	switch name {
	case "penicillin":
		return crossed(t, file, "y", "plate", "sample")
	case "scotssec":
		d, labels := crossed(t, file, "y", "primary", "second")
		d.Fixed = []Column{{"sexF", file.numbers(t, "sexF")}}
		return d, labels
	}
	return crossed(t, file, "y", "company", "department")
}

// countyData returns the data of one of the county's references.
func countyData(t *testing.T, name string) (Data, [][]string) {
	rows := readTable(t, "county/ratings.csv.gz")
	if strings.HasPrefix(name, "q1") {
		return crossed(t, indicator(rows, "q1"), "q1", "company", "department")
	}
	if strings.Contains(name, "clean") {
		rows = withoutAbnormal(t, rows)
	}
	d, labels := crossed(t, rows, "company", "company", "department")
	d.Y = overall(t, rows)
	if strings.Contains(name, "sector") {
		sectors(t, rows, &d)
	}
	return d, labels
}

func TestFitAgreesWithLME4(t *testing.T) {
	for _, c := range agreementCases(t) {
		t.Run(c.name, func(t *testing.T) {
			d, labels := c.data()
			m, err := Fit(d, c.method)
			if err != nil {
				t.Fatal(err)
			}
			tol, early := stoppedEarly[c.name]
			if !early {
				tol = exact
			}
			compare(t, m, d, labels, c.want, tol)
			if early {
				ours, theirs := gradientNorm(t, d, c.method, m.Theta), gradientNorm(t, d, c.method, c.want.thetas(d))
				if !(ours < theirs/10) {
					t.Errorf("gradient %.2g at our optimum, %.2g at lme4's", ours, theirs)
				}
			}
		})
	}
}

// TestPredictionsAtEqualThetaAgreeWithLME4 leaves the search out: at lme4's own
// theta all numbers agree to the digits in which they are printed.
func TestPredictionsAtEqualThetaAgreeWithLME4(t *testing.T) {
	for _, c := range agreementCases(t) {
		t.Run(c.name, func(t *testing.T) {
			d, labels := c.data()
			theta := c.want.thetas(d)
			s := evaluatedAt(t, d, c.method, theta)
			c.want.Polished = nil
			compare(t, newModel(&d, s), d, labels, c.want, tolerance{1e-6, 1e-12, 1e-7, 1e-6})
		})
	}
}

// thetas returns lme4's theta by factor.
func (r reference) thetas(d Data) []float64 {
	var theta []float64
	for _, f := range d.Factors {
		theta = append(theta, r.Theta[f.Name])
	}
	return theta
}

// evaluatedAt returns the estimates at given ratios of standard deviations.
func evaluatedAt(t *testing.T, d Data, method Method, theta []float64) *search {
	t.Helper()
	m, err := newNormal(&d, -1)
	if err != nil {
		t.Fatal(err)
	}
	s, g := newSearch(newEquations(m, method)), make([]float64, len(theta))
	for k := range g {
		g[k] = theta[k] * theta[k]
	}
	if err := s.move(g, true); err != nil {
		t.Fatal(err)
	}
	return s
}

// gradientNorm is the length of the criterion's gradient in the logarithms of theta.
func gradientNorm(t *testing.T, d Data, method Method, theta []float64) float64 {
	t.Helper()
	s := evaluatedAt(t, d, method, theta)
	gradient := s.slope(&s.solution, s.trace, s.block.solve).gradient
	return math.Sqrt(dot(gradient, gradient))
}

// compare checks a model against lme4's.
func compare(t *testing.T, m *Model, d Data, labels [][]string, want reference, tol tolerance) {
	t.Helper()
	criterion, err := want.Criterion.Float64()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "criterion", m.Criterion, criterion, tol.criterion)
	theta := want.Theta
	if want.Polished != nil {
		theta = want.Polished
	}
	for k, f := range d.Factors {
		near(t, "theta "+f.Name, m.Theta[k], theta[f.Name], tol.theta)
		near(t, "variance "+f.Name, m.Variance[k], want.Components[f.Name], tol.variance*max(0.1, want.Components[f.Name]))
	}
	near(t, "residual", m.Residual, want.Components["Residual"], tol.variance*want.Components["Residual"])
	if len(m.Fixed) != len(want.Fixed) {
		t.Errorf("%d fixed effects, want %d", len(m.Fixed), len(want.Fixed))
	}
	for _, c := range m.Fixed {
		near(t, c.Name, c.Estimate, want.Fixed[c.Name].Estimate, tol.effect)
		near(t, "SE of "+c.Name, c.SE, want.Fixed[c.Name].SE, tol.effect)
	}
	for k, f := range d.Factors {
		compareLevels(t, f.Name, m.Effects[k], labels[k], want.Effects[f.Name], tol)
	}
}

// compareLevels reports the largest difference of each kind. The references have
// nine decimals, which bounds the relative accuracy of small variances.
func compareLevels(t *testing.T, factor string, e Effects, labels []string, want []levelReference, tol tolerance) {
	t.Helper()
	blup, held, predicted := 0.0, 0.0, 0.0
	relative := func(got, want float64) float64 {
		return max(0, math.Abs(got-want)-1e-9) / max(want, 1e-12)
	}
	for _, l := range want {
		j := slices.Index(labels, l.Level)
		if e.N[j] != l.N {
			t.Errorf("%s %s has %d ratings, want %d", factor, l.Level, e.N[j], l.N)
		}
		blup = max(blup, math.Abs(e.Value[j]-l.Blup))
		held = max(held, relative(e.ConditionalVariance[j], l.Condvar))
		predicted = max(predicted, relative(e.PredictionVariance[j], l.Pev))
	}
	near(t, "largest difference of effects of "+factor, blup, 0, tol.effect)
	near(t, "largest relative difference of conditional variances of "+factor, held, 0, tol.variance)
	near(t, "largest relative difference of prediction variances of "+factor, predicted, 0, tol.variance)
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %.12g, want %.12g (difference %.2g, allowed %.2g)", what, got, want, got-want, tol)
	}
}
