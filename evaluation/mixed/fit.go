package mixed

// Fit fits Y = intercept + fixed effects + one random effect per factor + residual
// and predicts the effects of all levels of all factors. The error is an *Unfit
// whenever the data do not allow a fit.
func Fit(d Data, method Method) (*Model, error) {
	return nil, unfit(NotConverged, "not there yet")
}

// FixedLevels fits the same ratings with the levels of one factor as fixed effects
// and the others random (lme4: y ~ 0 + ratee + (1|rater)).
func FixedLevels(d Data, factor int, method Method) (*Levels, error) {
	return nil, unfit(NotConverged, "not there yet")
}

// Covariance returns the covariance matrix of the prediction errors of the levels
// of a factor, row by row, in squared units of Y.
func (m *Model) Covariance(factor int) ([]float64, error) { return nil, nil }

type search struct{}
