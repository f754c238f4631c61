package mixed

import (
	"math"
	"slices"
)

// Limits of the search, in logarithms of the variance ratios.
const (
	maxIterations = 300
	maxReentries  = 20
	maxStep       = 2.0
	stopStep      = 1e-6 // relative error of theta below 5e-7
	stopStepSmall = 1e-9 // with few levels, whose convergence is linear
	nextShrinks   = 50   // a Newton step is at least this much shorter than the one before
	fewColumns    = 200  // dense columns that are few in this sense
)

// Limits at the boundary, in variance ratios.
const (
	nearZero     = 1e-5 // below it zero is tried
	smallRatio   = 1e-2 // the same when the search runs down at full speed
	reentryRatio = 1e-4 // at which a dropped factor is tried again
	hugeRatio    = 1e5  // above it a search that does not end has no residual left
	endlessRatio = 1e6  // above it there is none whatever the search does
)

// probesPay is the number of multiplications of a factorisation, per cell of the
// table of counts, above which probes are cheaper than the inverse.
const probesPay = 200

// search looks for the variance ratios with the lowest criterion: Newton steps in
// their logarithms with the exact gradient and the average information. As the
// inverse that the gradient needs costs twice the factorisation, it is computed at
// every second point only, the last one always; in between probes stand in, where
// they pay.
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
	if e.ordering.multiplications() > probesPay*float64(len(e.counts.column)) {
		s.probes = newProbes(e.normal)
	}
	return s
}

// run searches from each of the starts and ends at the lowest optimum found: with
// few ratings the criterion can have more than one. On return the equations,
// solution and variances are those of the optimum. A search that fails counts by
// how low it got: a criterion that runs off below all optima has none worth reporting.
func (s *search) run(starts ...[]float64) error {
	var best []float64
	var failure error
	lowest, from := math.Inf(1), 0
	for i, start := range starts {
		s.at, s.value = slices.Clone(start), math.Inf(1)
		err := s.settle()
		if i == 0 || s.value < lowest-s.rounding() {
			best, lowest, failure, from = s.at, s.value, err, i
		}
	}
	if failure == nil && from < len(starts)-1 {
		return s.move(best, true)
	}
	return failure
}

// settle descends and then tries the factors that were dropped on the way again:
// they may be needed when the others have moved.
func (s *search) settle() error {
	for range maxReentries {
		if err := s.descend(); err != nil {
			return err
		}
		again, err := s.reenter()
		if err != nil || !again {
			return err
		}
	}
	return s.stuck("factors come and go")
}

// reenter gives the first dropped factor that lowers the criterion a small ratio
// and reports whether there is one.
func (s *search) reenter() (bool, error) {
	tried := false
	for k := range s.at {
		if k == s.fixed || s.at[k] > 0 {
			continue
		}
		trial := slices.Clone(s.at)
		trial[k], tried = reentryRatio, true
		lower, err := s.lower(trial)
		if err != nil {
			return false, err
		}
		if lower {
			s.at = trial
			return true, nil
		}
	}
	if !tried {
		return false, nil
	}
	return false, s.move(s.at, true)
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
		if slices.Max(s.at) > endlessRatio {
			return s.stuck("no end")
		}
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
		return s.stuck("no descent")
	}
	return s.stuck("too many iterations")
}

// stuck explains why the search does not end: at huge ratios the residual variance
// is on its way to zero, and rounding is all that is left of the criterion.
func (s *search) stuck(why string) error {
	if slices.Max(s.at) > hugeRatio {
		return unfit(Saturated, "variance ratios run to infinity: %v", s.at)
	}
	return unfit(NotConverged, "%s at variance ratios %v", why, s.at)
}

// Decreases of the criterion: one that no conclusion depends on, and one that says
// no more than that the criterion is flat in the direction of the step.
const (
	negligible = 1e-6
	flat       = 1e-16
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

// newtonStep returns the step in log ratios, shortened to maxStep, and half the
// decrease of the criterion that the whole step promises.
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
		x[a] = -sl.gradient[k]
	}
	solvePositive(h, x)
	longest := 0.0
	for _, v := range x {
		longest = max(longest, math.Abs(v))
	}
	for a, k := range active {
		step[k] = x[a] * min(1, maxStep/longest)
		promise -= x[a] * sl.gradient[k] / 2
	}
	return step, promise
}

// leastPivot is the smallest relative pivot of the information: it is singular where
// factors cannot be told apart and when there is no residual left.
const leastPivot = 1e-8

// solvePositive solves h x = x in place for a small positive semidefinite h, which
// it destroys.
func solvePositive(h [][]float64, x []float64) {
	n := len(x)
	for i := range n {
		h[i][i] += leastPivot * (1 + math.Abs(h[i][i]))
	}
	for i := range n {
		h[i][i] = max(h[i][i], leastPivot)
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
