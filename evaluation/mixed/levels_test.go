package mixed

import (
	"errors"
	"math"
	"testing"
)

// TestFixedLevelsAgreeWithLME4: departments fixed, companies random, with the full
// covariance.
func TestFixedLevelsAgreeWithLME4(t *testing.T) {
	var file struct {
		GLS struct {
			Components map[string]float64 `json:"variance_components"`
			Criterion  float64
			Department []string
			Estimate   []float64
			Covariance [][]float64
		} `json:"gls_fixed_departments"`
	}
	readJSON(t, "county/reference.json.gz", &file)
	want := file.GLS
	d, labels := countyData(t, "overall_REML")
	l, err := FixedLevels(d, 1, REML)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "criterion", l.Criterion, want.Criterion, 1e-6)
	near(t, "variance", l.Variance[0], want.Components["company"], 1e-6)
	near(t, "residual", l.Residual, want.Components["Residual"], 1e-6)
	position := map[string]int{}
	for j, label := range labels[1] {
		position[label] = j
	}
	worst, worstCovariance, q := 0.0, 0.0, len(l.Estimate)
	for a, label := range want.Department {
		j := position[label]
		worst = max(worst, math.Abs(l.Estimate[j]-want.Estimate[a]))
		for b, other := range want.Department {
			got := l.Covariance[j*q+position[other]]
			worstCovariance = max(worstCovariance, math.Abs(got/want.Covariance[a][b]-1))
		}
	}
	near(t, "largest difference of estimates", worst, 0, 1e-6)
	near(t, "largest relative difference of covariances", worstCovariance, 0, 2e-6)
}

// TestFixedLevelsAgreeWithIndicators compares with Fit, given an indicator per level
// as fixed columns: another path through the algebra, both criteria, three factors.
func TestFixedLevelsAgreeWithIndicators(t *testing.T) {
	for _, method := range []Method{REML, ML} {
		d := threeFactors(250, 30, 8, 5)
		l, err := FixedLevels(d, 2, method)
		if err != nil {
			t.Fatal(err)
		}
		with := Data{Y: d.Y, Factors: d.Factors[:2]}
		for level := 1; level < d.Factors[2].Levels; level++ {
			c := Column{X: make([]float64, len(d.Y))}
			for r, of := range d.Factors[2].Of {
				if int(of) == level {
					c.X[r] = 1
				}
			}
			with.Fixed = append(with.Fixed, c)
		}
		m, err := Fit(with, method)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "criterion", l.Criterion, m.Criterion, 1e-8)
		for k := range with.Factors {
			near(t, "theta", l.Theta[k], m.Theta[k], 1e-7)
		}
		near(t, "first level", l.Estimate[0], m.Fixed[0].Estimate, 1e-7)
		near(t, "its error", math.Sqrt(l.Covariance[0]), m.Fixed[0].SE, 1e-7)
		q := len(l.Estimate)
		for j := 1; j < q; j++ {
			near(t, "difference of levels", l.Estimate[j]-l.Estimate[0], m.Fixed[j].Estimate, 1e-7)
			v := l.Covariance[0] + l.Covariance[j*q+j] - 2*l.Covariance[j]
			near(t, "its error", math.Sqrt(v), m.Fixed[j].SE, 1e-7)
		}
	}
}

// TestFixedLevelsOfTheLargestFactor: the factor that is fixed may be the larger one.
func TestFixedLevelsOfTheLargestFactor(t *testing.T) {
	d := threeFactors(60, 20, 4, 9)
	l, err := FixedLevels(d, 0, REML)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Estimate) != 60 || l.Theta[0] != 0 || l.Theta[1] <= 0 {
		t.Errorf("got %d estimates, theta %v", len(l.Estimate), l.Theta)
	}
}

func TestFixedLevelsRefusesEmptyLevels(t *testing.T) {
	d := threeFactors(60, 20, 4, 9)
	d.Factors[1].Levels++
	_, err := FixedLevels(d, 1, REML)
	if u := new(Unfit); !errors.As(err, &u) || u.Status != EmptyLevel {
		t.Errorf("got %v, want %s", err, EmptyLevel)
	}
}

// TestCovariance: its diagonal is the prediction variance, and it agrees with what
// the single levels of a small balanced design have by symmetry.
func TestCovariance(t *testing.T) {
	d, _ := smallData(t, "penicillin_REML")
	m, err := Fit(d, REML)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Covariance(1)
	if err != nil {
		t.Fatal(err)
	}
	q := d.Factors[1].Levels
	for j := range q {
		near(t, "diagonal", c[j*q+j], m.Effects[1].PredictionVariance[j], 1e-12)
		for k := range j {
			near(t, "symmetry", c[j*q+k], c[k*q+j], 0)
			near(t, "balance", c[j*q+k], c[1], 1e-12)
			// In a balanced design a difference of effects rests on the 24 plates alone,
			// shrunk: its variance is 2 s2 g/(1 + 24 g).
			g := m.Theta[1] * m.Theta[1]
			near(t, "difference", c[j*q+j]+c[k*q+k]-2*c[j*q+k], 2*m.Residual*g/(1+24*g), 1e-12)
		}
	}
}

// TestCovarianceDiagonal: for every factor, the eliminated one too, with fixed
// effects; and the covariance of a sum of effects that X'V^-1X determines.
func TestCovarianceDiagonal(t *testing.T) {
	d := withColumn(neighbours(240, 160, 12, 4), 4)
	m, err := Fit(d, REML)
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range d.Factors {
		c, err := m.Covariance(k)
		if err != nil {
			t.Fatal(err)
		}
		for j := range f.Levels {
			near(t, f.Name, c[j*f.Levels+j], m.Effects[k].PredictionVariance[j], 1e-12)
		}
	}
	if _, err := m.Covariance(3); err == nil {
		t.Error("a factor that is not there has a covariance")
	}
}

// TestCovarianceOfEliminatedFactor: which factor is eliminated changes nothing.
func TestCovarianceOfEliminatedFactor(t *testing.T) {
	d := withColumn(threeFactors(30, 29, 3, 4), 4)
	m, err := Fit(d, REML)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // two empty levels: the ratees are the larger factor now
		d.Factors[1].Levels++
	}
	other, err := Fit(d, REML)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 2 {
		a, err := m.Covariance(k)
		if err != nil {
			t.Fatal(err)
		}
		b, err := other.Covariance(k)
		if err != nil {
			t.Fatal(err)
		}
		qa, qb := m.fit.levels[k], other.fit.levels[k]
		for i := range qa {
			for j := range qa {
				near(t, "covariance", b[i*qb+j], a[i*qa+j], 1e-8)
			}
		}
	}
}
