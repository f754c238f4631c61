package mixed

import "slices"

// Limits at the boundary, in variance ratios.
const (
	nearZero     = 1e-5 // below it zero is tried
	smallRatio   = 1e-2 // the same when the search runs down at full speed
	reentryRatio = 1e-4 // at which a dropped factor is tried again
	hugeRatio    = 1e5  // above it a search that does not end has no residual left
	endlessRatio = 1e6  // above it there is none whatever the search does
)

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

// drop sets a ratio to zero when the search runs towards zero and the criterion
// is no higher there: on a logarithmic scale zero is never reached otherwise.
func (s *search) drop(step []float64) (bool, error) {
	for k, g := range s.at {
		if k == s.fixed || g == 0 || step[k] > 0 {
			continue
		}
		if g >= nearZero && (g >= smallRatio || step[k] > -0.99*maxStep) {
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

// lower evaluates at the ratios and reports whether the criterion is lower than at
// the current point by more than rounding.
func (s *search) lower(ratios []float64) (bool, error) {
	s.evaluated++
	if err := s.evaluate(ratios); err != nil {
		return false, err
	}
	return s.criterion < s.value-s.rounding(), nil
}

// stuck explains why the search does not end: at huge ratios the residual variance
// is on its way to zero, and rounding is all that is left of the criterion.
func (s *search) stuck(why string) error {
	if slices.Max(s.at) > hugeRatio {
		return unfit(Saturated, "variance ratios run to infinity: %v", s.at)
	}
	return unfit(NotConverged, "%s at variance ratios %v", why, s.at)
}
