package mixed

import (
	"math"
	"strconv"
	"testing"
)

// TestEffectsAreFairerThanMeans: in the synthetic county, where harsh companies deal
// with other departments than lenient ones, the predicted effects are nearer to the
// planted quality than plain means are; figures of lme4's effects: 0.0670 and 0.1164.
func TestEffectsAreFairerThanMeans(t *testing.T) {
	var truth struct {
		Departments []struct {
			ID      int
			Quality []float64 `json:"quality_by_indicator"`
		}
	}
	readJSON(t, "county/truth.json.gz", &truth)
	d, labels := countyData(t, "overall_REML")
	m, err := Fit(d, REML)
	if err != nil {
		t.Fatal(err)
	}
	quality := map[string]float64{}
	for _, department := range truth.Departments {
		quality[strconv.Itoa(department.ID)] = dot([]float64{.25, .25, .20, .15, .15}, department.Quality)
	}
	want, means := make([]float64, len(labels[1])), make([]float64, len(labels[1]))
	for j, label := range labels[1] {
		want[j] = quality[label]
	}
	for r, j := range d.Factors[1].Of {
		means[j] += d.Y[r] / float64(m.Effects[1].N[j])
	}
	near(t, "error of the effects", centredError(m.Effects[1].Value, want), 0.0670, 5e-5)
	near(t, "error of the means", centredError(means, want), 0.1164, 5e-5)
}

// centredError is the root mean square difference, both centred.
func centredError(got, want []float64) float64 {
	sum, squares, n := 0.0, 0.0, float64(len(got))
	for j := range got {
		sum += got[j] - want[j]
		squares += (got[j] - want[j]) * (got[j] - want[j])
	}
	return math.Sqrt(squares/n - sum*sum/(n*n))
}

// TestProbesLeadToTheSameOptimum: with estimated traces in between and without.
func TestProbesLeadToTheSameOptimum(t *testing.T) {
	d := withColumn(threeFactors(1200, 400, 12, 8), 5)
	for _, method := range []Method{REML, ML} {
		var results []*search
		for _, probing := range []bool{true, false} {
			m, err := newNormal(&d, -1)
			if err != nil {
				t.Fatal(err)
			}
			s := newSearch(newEquations(m, method))
			if s.probes == nil {
				t.Fatal("these data are fitted without probes")
			}
			if !probing {
				s.probes = nil
			}
			if err := s.run(m.startRatios()); err != nil {
				t.Fatal(err)
			}
			if !s.exact {
				t.Error("the search ended at estimated traces")
			}
			results = append(results, s)
		}
		near(t, "criterion", results[0].value, results[1].value, 1e-8)
		for k := range d.Factors {
			near(t, "log of the ratio", math.Log(results[0].at[k]), math.Log(results[1].at[k]), 2e-6)
		}
	}
}
