package mixed

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// randomData returns small data of any shape: few levels, empty ones, repeated
// pairs, effects that are not there, dependent columns, scores on few values.
func randomData(random *rand.Rand) Data {
	n := 3 + random.IntN(40)
	d := Data{Y: make([]float64, n)}
	for k := range 1 + random.IntN(3) {
		f := Factor{Levels: 1 + random.IntN(12), Of: make([]int32, n)}
		sd := float64(k) * 0.5 * float64(random.IntN(2))
		effects := make([]float64, f.Levels)
		for l := range effects {
			effects[l] = sd * random.NormFloat64()
		}
		for r := range n {
			f.Of[r] = int32(random.IntN(f.Levels))
			d.Y[r] += effects[f.Of[r]]
		}
		d.Factors = append(d.Factors, f)
	}
	noise := []float64{0, 0.1, 1}[random.IntN(3)]
	for r := range d.Y {
		d.Y[r] += noise * random.NormFloat64()
		if n%2 == 0 {
			d.Y[r] = math.Round(d.Y[r])
		}
	}
	for range random.IntN(3) {
		c := Column{X: make([]float64, n)}
		for r := range c.X {
			c.X[r] = float64(random.IntN(3))
		}
		d.Fixed = append(d.Fixed, c)
	}
	return d
}

// TestAnyDataAreFittedOrRefused: never a NaN, never a negative variance, and no
// grid point has a lower criterion than the optimum.
func TestAnyDataAreFittedOrRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 11))
	fits, refusals := 0, map[Status]int{}
	for i := range 3000 {
		d, method := randomData(random), Method(random.IntN(2))
		m, err := Fit(d, method)
		if u := new(Unfit); errors.As(err, &u) {
			refusals[u.Status]++
			if u.Status == NotConverged {
				t.Errorf("data %d: %v", i, err)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		fits++
		checkFiniteModel(t, i, m)
		checkGrid(t, i, d, m)
	}
	if fits < 500 || len(refusals) < 3 {
		t.Errorf("%d fits, refusals %v", fits, refusals)
	}
}

func checkFiniteModel(t *testing.T, data int, m *Model) {
	t.Helper()
	numbers := append([]float64{m.Criterion, m.Residual}, m.Theta...)
	variances := append([]float64{m.Residual}, m.Variance...)
	for _, c := range m.Fixed {
		numbers, variances = append(numbers, c.Estimate), append(variances, c.SE)
	}
	for k, e := range m.Effects {
		numbers = append(numbers, e.Value...)
		for l, v := range e.PredictionVariance {
			// ML leaves the held variance at most the prediction variance, to rounding.
			if !(e.ConditionalVariance[l] >= 0) || !(v >= e.ConditionalVariance[l]) {
				t.Errorf("data %d factor %d: variances %v and %v", data, k, e.ConditionalVariance[l], v)
			}
			numbers = append(numbers, v)
		}
	}
	for _, x := range append(numbers, variances...) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("data %d: %v in %+v", data, x, m)
		}
	}
	for _, v := range variances {
		if v < 0 {
			t.Errorf("data %d: variance %v", data, v)
		}
	}
}

// checkGrid evaluates the criterion at ratios around and away from the optimum.
func checkGrid(t *testing.T, data int, d Data, m *Model) {
	t.Helper()
	n, err := newNormal(&d, -1)
	if err != nil {
		t.Fatal(err)
	}
	e := newEquations(n, m.Method)
	for k := range d.Factors {
		for _, g := range []float64{0, 1e-4, 1e-2, 0.1, 0.5, 2, 10, m.Theta[k] * m.Theta[k] * 0.9, m.Theta[k] * m.Theta[k] * 1.1} {
			ratios := make([]float64, len(d.Factors))
			for o, theta := range m.Theta {
				ratios[o] = theta * theta
			}
			ratios[k] = g
			if err := e.evaluate(ratios); err != nil {
				continue // saturated there
			}
			if e.criterion < m.Criterion-1e-7 {
				t.Errorf("data %d: criterion %.9f at ratios %v, %.9f at the optimum %v", data, e.criterion, ratios, m.Criterion, m.Theta)
			}
		}
	}
}
