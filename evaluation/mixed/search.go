package mixed

import (
	"math"
	"slices"
)

// Limits of the search.
const (
	maxIterations = 300
	maxStep       = 2.0  // in log variance ratio
	nearZero      = 1e-8 // variance ratio below which zero is tried
	smallRatio    = 1e-2 // the same when the search runs down at full speed
	reentryRatio  = 1e-4 // ratio at which a dropped factor is tried again
)

// search looks for the variance ratios with the lowest criterion: Newton steps in
// their logarithms with the exact gradient and the average information.
type search struct {
	*equations
	solution  solution
	variances variances
	at        []float64 // accepted variance ratios by factor
	value     float64   // criterion there
	evaluated int
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
		if err := s.move(s.at); err != nil {
			return err
		}
	}
	return nil
}

// descend iterates until half the decrease that a step promises is negligible.
func (s *search) descend() error {
	if err := s.move(s.at); err != nil {
		return err
	}
	tolerance := 1e-10
	if s.dense < 200 {
		// The average information of few levels is no Hessian: convergence is linear.
		tolerance = 1e-15
	}
	for range maxIterations {
		slope := s.slope(&s.solution, &s.variances)
		step, promise := newtonStep(slope, s.at)
		dropped, err := s.drop(step)
		if err != nil {
			return err
		}
		if dropped {
			continue
		}
		if promise < tolerance {
			return nil
		}
		moved, err := s.step(step)
		if err != nil {
			return err
		}
		if !moved {
			if promise < 1e-6 {
				return nil // the rest is rounding
			}
			return unfit(NotConverged, "no descent at variance ratios %v", s.at)
		}
	}
	return unfit(NotConverged, "%d iterations", maxIterations)
}

// move accepts the ratios: evaluates there and computes estimates and variances.
func (s *search) move(ratios []float64) error {
	s.evaluated++
	if err := s.evaluate(ratios); err != nil {
		return err
	}
	s.accept(ratios)
	return nil
}

// accept makes the point of the last evaluation the current one.
func (s *search) accept(ratios []float64) {
	s.at, s.value = ratios, s.criterion
	s.solve(&s.solution)
	s.equations.variances(&s.solution, &s.variances)
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
func (s *search) step(step []float64) (bool, error) {
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
			s.accept(trial)
			return true, nil
		}
	}
	return false, s.move(s.at)
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
			s.accept(trial)
			return true, nil
		}
		if err := s.move(s.at); err != nil {
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
		h[a][a] += 1e-10 * (1 + h[a][a]) // factors that cannot be told apart
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
