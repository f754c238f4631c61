package mixed

// FixedLevels fits the same ratings with the levels of one factor as fixed effects
// (one each, no intercept) and the other factors random; lme4 writes
// y ~ 0 + ratee + (1|rater). Fixed columns that are constant within the levels are
// dropped with a warning. The error is an *Unfit.
func FixedLevels(d Data, factor int, method Method) (*Levels, error) {
	if factor < 0 {
		return nil, unfit(BadInput, "factor %d", factor)
	}
	s, err := fitted(&d, factor, method)
	if err != nil {
		return nil, err
	}
	l := &Levels{Method: method, Residual: s.residual(), Criterion: s.value, N: levelSizes(d.Factors[factor])}
	l.Theta, l.Variance = s.components()
	l.Warnings, _ = dataWarnings(&d)
	l.Warnings = append(l.Warnings, s.fitWarnings(&d)...)
	l.Estimate = make([]float64, d.Factors[factor].Levels)
	for j := range l.Estimate {
		l.Estimate[j] = s.meanY + s.solution.dense[s.place[s.offset[factor]+j]]
	}
	l.Covariance = s.covariance(factor)
	return l, nil
}
