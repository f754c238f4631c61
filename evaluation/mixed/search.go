package mixed

import (
	"math"
	"slices"
)

// Limits of the search, in logarithms of the variance ratios.
const (
	maxIterations = 300
	maxStep       = 2.0
	stopStep      = 1e-6 // relative error of theta below 5e-7
	stopStepSmall = 1e-9 // with few levels, whose convergence is linear
	nextShrinks   = 50   // a Newton step is at least this much shorter than the one before
	fewColumns    = 200  // dense columns below which everything is computed exactly
)

// Limits at the boundary, in variance ratios.
const (
	nearZero     = 1e-8 // below it zero is tried
	smallRatio   = 1e-2 // the same when the search runs down at full speed
	reentryRatio = 1e-4 // at which a dropped factor is tried again
)

// search looks for the variance ratios with the lowest criterion: Newton steps in
// their logarithms with the exact gradient and the average information. As the
// inverse that the gradient needs costs twice the factorisation, it is computed at
// every second point only, the last one always; in between probes stand in.
type search struct {
	*equations
	solution  solution
	variances variances
	at        []float64 // accepted variance ratios by factor
	value     float64   // criterion there
	trace     []float64 // tr(C_kk)/g_k there, by factor
	exact     bool      // variances and trace are exact there
	probes    *probes   // nil: always exact
	bias      []float64 // error of the probes at the last exact point
	evaluated int
}

func newSearch(e *equations) *search {
	s := &search{equations: e, bias: make([]float64, len(e.levels))}
	if e.dense >= fewColumns {
		s.probes = newProbes(e.normal)
	}
	return s
}

// run searches from the given ratios. On return the equations, solution and
// variances are those of the optimum.
func (s *search) run(start []float64) error {
	s.at = slices.Clone(start)
	if err := s.descend(); err != nil {
		return err
	}
	// A factor that was dropped early may be needed now that the others have moved.
	for k := range s.at {
		if k == s.fixed || s.at[k] > 0 {
			continue
		}
		trial := slices.Clone(s.at)
		trial[k] = reentryRatio
		lower, err := s.lower(trial)
		if err != nil {
			return err
		}
		if lower {
			s.at = trial
			return s.descend()
		}
		if err := s.move(s.at, true); err != nil {
			return err
		}
	}
	return nil
}

// descend iterates until the steps are negligible at an exact point.
func (s *search) descend() error {
	if err := s.move(s.at, false); err != nil {
		return err
	}
	tolerance := stopStep
	if s.dense < fewColumns {
		tolerance = stopStepSmall
	}
	for range maxIterations {
		step, promise := newtonStep(s.slope(&s.solution, s.trace), s.at)
		dropped, err := s.drop(step)
		if err != nil {
			return err
		}
		if dropped {
			continue
		}
		length := 0.0
		for _, x := range step {
			length = max(length, math.Abs(x))
		}
		if length < tolerance || promise < flat {
			if s.exact {
				return nil
			}
			s.measure(true)
			continue
		}
		exact := s.probes == nil || !s.exact || length < nextShrinks*tolerance
		if s.exact && !exact {
			s.calibrate()
		}
		moved, err := s.step(step, exact)
		if err != nil {
			return err
		}
		if moved {
			continue
		}
		if !s.exact {
			s.measure(true)
			continue
		}
		if promise < negligible {
			return nil // the rest is rounding
		}
		return unfit(NotConverged, "no descent at variance ratios %v", s.at)
	}
	return unfit(NotConverged, "%d iterations", maxIterations)
}

// Decreases of the criterion: one that no conclusion depends on, and one that says
// no more than that the criterion is flat in the direction of the step.
const (
	negligible = 1e-6
	flat       = 1e-15
)

// move evaluates at the ratios and accepts them.
func (s *search) move(ratios []float64, exact bool) error {
	s.evaluated++
	if err := s.evaluate(ratios); err != nil {
		return err
	}
	s.accept(ratios, exact)
	return nil
}

// accept makes the point of the last evaluation the current one.
func (s *search) accept(ratios []float64, exact bool) {
	s.at, s.value = ratios, s.criterion
	s.solve(&s.solution)
	s.measure(exact)
}

// measure sets the traces at the current point: from the variances, or estimated by
// the probes with the error that they had at the last exact point taken out.
func (s *search) measure(exact bool) {
	v := &s.variances
	s.exact = exact || s.probes == nil
	s.fixedVariances(&s.solution, v)
	if !s.exact {
		s.trace = s.estimate()
		addTo(s.trace, s.bias)
		return
	}
	s.addHeld(v)
	if s.method == REML {
		s.trace = s.traces(v.dense, v.rater)
	} else {
		s.trace = s.traces(v.denseHeld, v.raterHeld)
	}
}

// estimate returns the traces as the probes see them.
func (s *search) estimate() []float64 {
	estimate := s.probe(s.probes)
	estimate[s.eliminated] += s.raterTrace()
	if s.method == REML {
		s.fixedVariances(&s.solution, &s.variances)
		addTo(estimate, s.traces(s.variances.dense, s.variances.rater))
	}
	return estimate
}

// calibrate notes the error of the probes at an exact point.
func (s *search) calibrate() {
	for k, estimate := range s.estimate() {
		s.bias[k] = s.trace[k] - estimate
	}
}

// lower evaluates at the ratios and reports whether the criterion is lower than at
// the current point by more than rounding.
func (s *search) lower(ratios []float64) (bool, error) {
	s.evaluated++
	if err := s.evaluate(ratios); err != nil {
		return false, err
	}
	return s.criterion < s.value-s.rounding(), nil
}

// rounding is a bound of the rounding error of the criterion.
func (s *search) rounding() float64 { return 1e-12 * (1 + math.Abs(s.value)) }

// step moves along the step, halving it while the criterion rises.
func (s *search) step(step []float64, exact bool) (bool, error) {
	for half := 1.0; half > 1e-6; half /= 2 {
		trial := slices.Clone(s.at)
		for k := range trial {
			trial[k] *= math.Exp(half * step[k])
		}
		s.evaluated++
		if err := s.evaluate(trial); err != nil {
			return false, err
		}
		if s.criterion <= s.value+10*s.rounding() {
			s.accept(trial, exact)
			return true, nil
		}
	}
	return false, s.move(s.at, s.exact)
}

// drop sets a ratio to zero when the search runs towards zero and the criterion
// is no higher there: on a logarithmic scale zero is never reached otherwise.
func (s *search) drop(step []float64) (bool, error) {
	for k, g := range s.at {
		if k == s.fixed || g == 0 || step[k] > 0 {
			continue
		}
		if g >= nearZero && (g >= smallRatio || step[k] > -maxStep) {
			continue
		}
		trial := slices.Clone(s.at)
		trial[k] = 0
		s.evaluated++
		if err := s.evaluate(trial); err != nil {
			return false, err
		}
		if s.criterion <= s.value+s.rounding() {
			s.accept(trial, s.exact)
			return true, nil
		}
		if err := s.move(s.at, s.exact); err != nil {
			return false, err
		}
	}
	return false, nil
}

// newtonStep returns the step in log ratios, each at most maxStep, and half the
// decrease of the criterion that the uncapped step promises.
func newtonStep(sl slope, at []float64) (step []float64, promise float64) {
	q := len(at)
	step = make([]float64, q)
	var active []int
	for k, g := range at {
		if g > 0 && (sl.gradient[k] != 0 || sl.information[k*q+k] != 0) {
			active = append(active, k)
		}
	}
	h, x := make([][]float64, len(active)), make([]float64, len(active))
	for a, k := range active {
		h[a] = make([]float64, len(active))
		for b, l := range active {
			h[a][b] = sl.information[k*q+l]
		}
		h[a][a] += 1e-8 * (1 + h[a][a]) // factors that cannot be told apart
		x[a] = -sl.gradient[k]
	}
	solvePositive(h, x)
	for a, k := range active {
		step[k] = max(-maxStep, min(maxStep, x[a]))
		promise -= x[a] * sl.gradient[k] / 2
	}
	return step, promise
}

// solvePositive solves h x = x in place for a small positive definite h, which it
// destroys; rows without a positive pivot get 0.
func solvePositive(h [][]float64, x []float64) {
	n := len(x)
	for i := range n {
		if h[i][i] <= 0 {
			x[i], h[i][i] = 0, 1
			for j := i + 1; j < n; j++ {
				h[j][i], h[i][j] = 0, 0
			}
		}
		for j := i + 1; j < n; j++ {
			f := h[j][i] / h[i][i]
			for k := i; k < n; k++ {
				h[j][k] -= f * h[i][k]
			}
			x[j] -= f * x[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			x[i] -= h[i][j] * x[j]
		}
		x[i] /= h[i][i]
	}
}
