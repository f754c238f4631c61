package mixed

import (
	"math"
	"slices"
)

// Fit fits Y = intercept + fixed effects + one random effect per factor + residual
// and predicts the effects of all levels of all factors. The error is an *Unfit
// whenever the data do not allow a fit.
func Fit(d Data, method Method) (*Model, error) {
	s, err := fitted(&d, -1, method)
	if err != nil {
		return nil, err
	}
	return newModel(&d, s), nil
}

// newModel reads the model off a search that has ended.
func newModel(d *Data, s *search) *Model {
	m := &Model{Method: s.method, N: s.n, Criterion: s.value, Residual: s.residual(), Evaluations: s.evaluated, fit: s}
	m.Warnings, m.Components = dataWarnings(d)
	m.Warnings = append(m.Warnings, s.fitWarnings(d)...)
	m.Theta, m.Variance = s.components()
	m.Fixed = s.coefficients(d)
	for k, f := range d.Factors {
		m.Effects = append(m.Effects, s.effects(f, k))
	}
	return m
}

// fitted checks the data, sums them up and searches the optimum.
func fitted(d *Data, fixed int, method Method) (*search, error) {
	if err := check(d, fixed); err != nil {
		return nil, err
	}
	m, err := newNormal(d, fixed)
	if err != nil {
		return nil, err
	}
	s := newSearch(newEquations(m, method))
	if s.n <= s.p+s.dense-s.randomDense()+1 {
		return nil, unfit(TooLittleData, "%d ratings", s.n)
	}
	starts := [][]float64{m.startRatios()}
	if s.n <= fewRatings {
		for _, ratio := range moreStarts {
			starts = append(starts, slices.Repeat([]float64{ratio}, len(m.levels)))
		}
	}
	return s, s.run(starts...)
}

// fewRatings is the number of ratings up to which more starts guard against local
// optima: without any variance, at lme4's start and far out.
const fewRatings = 2000

var moreStarts = []float64{0, 1, 30}

// components returns theta and the variance of each factor.
func (s *search) components() (theta, variance []float64) {
	theta, variance = make([]float64, len(s.at)), make([]float64, len(s.at))
	for k, g := range s.at {
		if k != s.fixed {
			theta[k], variance[k] = math.Sqrt(g), g*s.residual()
		}
	}
	return theta, variance
}

// fitWarnings reports what the fit has shown.
func (s *search) fitWarnings(d *Data) []Warning {
	var warnings []Warning
	for k, g := range s.at {
		if g == 0 && k != s.fixed {
			warnings = append(warnings, Warning{Code: ZeroVariance, Factor: k})
		}
	}
	for c, dropped := range s.part.dropped {
		if dropped {
			warnings = append(warnings, Warning{Code: RankDeficient, Factor: -1, Column: d.Fixed[c].Name})
		}
	}
	return warnings
}

// coefficients returns the fixed effects, the intercept brought back from the
// centred columns and scores.
func (s *search) coefficients(d *Data) []Coefficient {
	out := []Coefficient{{Name: "(Intercept)"}}
	for c, f := range d.Fixed {
		out = append(out, Coefficient{Name: f.Name, Dropped: s.part.dropped[c]})
	}
	contrast := make([]float64, s.p)
	contrast[0] = 1
	for c, mean := range s.part.mean {
		contrast[1+c] = -mean
		column := &out[1+s.part.source[c]]
		column.Estimate = s.solution.beta[1+c]
		column.SE = math.Sqrt(s.residual() * s.solution.k[(1+c)*s.p+1+c])
	}
	out[0].Estimate = s.meanY + dot(contrast, s.solution.beta)
	out[0].SE = math.Sqrt(s.residual() * quadratic(s.solution.k, contrast))
	return out
}

// effects returns the predictions of factor k in the order of its levels.
func (s *search) effects(f Factor, k int) Effects {
	q := f.Levels
	e := Effects{make([]float64, q), make([]float64, q), make([]float64, q), levelSizes(f)}
	v, s2 := &s.variances, s.residual()
	for l := range q {
		if k == s.eliminated {
			e.Value[l], e.ConditionalVariance[l], e.PredictionVariance[l] = s.solution.rater[l], s2*v.raterHeld[l], s2*v.rater[l]
			continue
		}
		j := s.place[s.offset[k]+l]
		e.Value[l], e.ConditionalVariance[l], e.PredictionVariance[l] = s.solution.dense[j], s2*v.denseHeld[j], s2*v.dense[j]
	}
	return e
}
