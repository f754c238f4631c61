package mixed

import (
	"math"
	"slices"
)

// Limits of the search, in logarithms of the variance ratios.
const (
	maxIterations = 300
	maxEstimates  = 10 // iterations after which nothing is estimated any more
	maxReentries  = 20
	stopStep      = 1e-6 // relative error of theta below 5e-7
	stopStepSmall = 1e-9 // with few levels, whose convergence is linear
	nextShrinks   = 50   // a Newton step is at least this much shorter than the one before
	fewColumns    = 200  // dense columns below which these are few
)

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
	near      bool      // the search starts at what is thought to be the optimum
	bias      []float64 // error of the probes at the last exact point
	evaluated int
}

func newSearch(e *equations) *search {
	s := &search{equations: e, bias: make([]float64, len(e.levels))}
	if e.dense >= fewColumns && e.ordering.multiplications() > probesPay*float64(len(e.counts.column)) {
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
		s.at, s.near = s.approached(s.at)
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

// descend iterates until the steps are negligible at an exact point.
func (s *search) descend() error {
	if err := s.move(s.at, s.near); err != nil {
		return err
	}
	tolerance := stopStep
	if s.dense < fewColumns {
		tolerance = stopStepSmall
	}
	for i := range maxIterations {
		if slices.Max(s.at) > endlessRatio {
			return s.stuck("no end")
		}
		step, promise := newtonStep(s.slope(&s.solution, s.trace, s.block.solve), s.at)
		if dropped, err := s.drop(step); dropped {
			continue
		} else if err != nil {
			return err
		}
		length := longest(step)
		if s.exact && (length < tolerance || promise < flat) {
			return nil
		}
		exact := s.probes == nil || !s.exact || length < nextShrinks*tolerance || i >= maxEstimates
		if s.exact && !exact {
			s.calibrate()
		}
		moved, err := false, error(nil)
		if length >= tolerance {
			moved, err = s.step(step, exact)
		}
		switch {
		case err != nil:
			return err
		case moved:
		case !s.exact: // what stopped the step may be the estimate
			s.measure(true)
		case promise < negligible: // the rest is rounding
			return nil
		default:
			return s.stuck("no descent")
		}
	}
	return s.stuck("too many iterations")
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
