package mixed

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// tolerance is how near a fit must come to lme4's, absolute but for the variances.
// It is the exactness of the reference: lme4 stops where its derivative-free
// optimiser does, and all values are printed with limited digits.
type tolerance struct{ criterion, theta, effect, variance float64 }

func TestFitAgreesWithLME4(t *testing.T) {
	county := readTable(t, "county/ratings.csv.gz")
	small := references(t, "lmm-small")
	large := references(t, "insteval")
	region := references(t, "county")
	insteval := readTable(t, "insteval/ratings.csv.gz")

	tests := []struct {
		name string
		want reference
		data func() (Data, [][]string)
		tol  tolerance
	}{}
	add := func(name string, want reference, tol tolerance, data func() (Data, [][]string)) {
		tests = append(tests, struct {
			name string
			want reference
			data func() (Data, [][]string)
			tol  tolerance
		}{name, want, data, tol})
	}
	// The polished theta is exact; the effects and variances are at lme4's own stop.
	exact := tolerance{1e-6, 2e-7, 1e-6, 1e-6}
	add("insteval REML", large["m1_REML"], exact, func() (Data, [][]string) { return crossed(t, insteval, "y", "s", "d") })
	add("insteval ML", large["m1_ML"], exact, func() (Data, [][]string) { return crossed(t, insteval, "y", "s", "d") })
	for name, want := range small {
		if want.Theta == nil {
			continue // no values: see TestFitRefuses
		}
		data, factors := strings.TrimSuffix(strings.TrimSuffix(name, "_REML"), "_ML"), []string{"company", "department"}
		switch data {
		case "penicillin":
			factors = []string{"plate", "sample"}
		case "scotssec":
			factors = []string{"primary", "second"}
		}
		add(name, want, exact, func() (Data, [][]string) {
			file := readTable(t, "lmm-small/"+data+".csv.gz")
			d, labels := crossed(t, file, "y", factors...)
			if data == "scotssec" {
				d.Fixed = []Column{{"sexF", file.numbers(t, "sexF")}}
			}
			return d, labels
		})
	}
	for _, name := range []string{"q1_REML", "q1_ML", "overall_REML", "overall_ML", "overall_sector_REML", "overall_clean_REML"} {
		add("county "+name, region[name], exact, func() (Data, [][]string) {
			rows := county
			if strings.HasPrefix(name, "q1") {
				rows = indicator(county, "q1")
				return crossed(t, rows, "q1", "company", "department")
			}
			if strings.Contains(name, "clean") {
				rows = withoutAbnormal(t, county)
			}
			d, labels := crossed(t, rows, "company", "company", "department")
			d.Y = overall(t, rows)
			if strings.Contains(name, "sector") {
				sectors(t, rows, &d)
			}
			return d, labels
		})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, labels := tt.data()
			method := REML
			if strings.HasSuffix(tt.name, "ML") && !strings.HasSuffix(tt.name, "REML") {
				method = ML
			}
			m, err := Fit(d, method)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, m, d, labels, tt.want, tt.tol)
		})
	}
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
		near(t, "variance "+f.Name, m.Variance[k], want.Components[f.Name], tol.variance*max(1, want.Components[f.Name]))
	}
	near(t, "residual", m.Residual, want.Components["Residual"], tol.variance*max(1, want.Components["Residual"]))
	for _, c := range m.Fixed {
		near(t, c.Name, c.Estimate, want.Fixed[c.Name].Estimate, tol.effect)
		near(t, "SE of "+c.Name, c.SE, want.Fixed[c.Name].SE, tol.effect)
	}
	worst := map[string]float64{}
	for k, f := range d.Factors {
		for _, l := range want.Effects[f.Name] {
			j := slices.Index(labels[k], l.Level)
			e := m.Effects[k]
			if e.N[j] != l.N {
				t.Errorf("%s %s has %d ratings, want %d", f.Name, l.Level, e.N[j], l.N)
			}
			worst["blup"] = max(worst["blup"], math.Abs(e.Value[j]-l.Blup))
			worst["condvar"] = max(worst["condvar"], math.Abs(e.ConditionalVariance[j]-l.Condvar)/max(l.Condvar, 1e-3))
			worst["pev"] = max(worst["pev"], math.Abs(e.PredictionVariance[j]-l.Pev)/max(l.Pev, 1e-3))
		}
	}
	near(t, "largest difference of effects", worst["blup"], 0, tol.effect)
	near(t, "largest difference of condvar", worst["condvar"], 0, tol.variance)
	near(t, "largest difference of pev", worst["pev"], 0, tol.variance)
	t.Logf("%d evaluations, %+v, criterion %+.1e, theta %v", m.Evaluations, worst, m.Criterion-criterion, m.Theta)
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %.12g, want %.12g (difference %.2g, allowed %.2g)", what, got, want, got-want, tol)
	}
}
