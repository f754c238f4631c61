package mixed

// Model is a fitted model. All variances are in squared units of Y, all effects
// in units of Y. Nothing in it is ever NaN or infinite.
type Model struct {
	Method Method
	N      int // ratings

	// Criterion is -2 log likelihood (ML) or -2 log restricted likelihood (REML)
	// at the optimum, on the scale of lme4's REMLcrit and deviance.
	Criterion float64

	Theta    []float64 // by factor: sd of the effects over the residual sd; 0 on the boundary
	Variance []float64 // by factor: variance of the effects
	Residual float64   // residual variance

	Fixed   []Coefficient // the intercept first, then Data.Fixed in its order
	Effects []Effects     // by factor

	Warnings []Warning

	// Components gives the connected component (0, 1, ...) of each level of
	// factor 1 in the graph whose edges are ratings between factors 0 and 1; -1
	// for a level without ratings. With more than one, levels of different
	// components are comparable only under the assumption that their raters are
	// equally lenient. Nil when there is only one factor.
	Components []int

	Evaluations int // factorisations that the search needed

	fit *search
}

// Coefficient is the estimate of one fixed effect and its standard error, the
// variance components taken as known. A Dropped one is a linear combination of
// those before it and has neither.
type Coefficient struct {
	Name     string
	Estimate float64
	SE       float64
	Dropped  bool
}

// Effects are the predicted effects of the levels of one factor.
type Effects struct {
	Value []float64 // BLUP (lme4: ranef), mean zero over levels in expectation

	// ConditionalVariance is the variance given the data with the fixed effects
	// held (lme4: attr(ranef, "postVar")).
	ConditionalVariance []float64

	// PredictionVariance is var(predicted - true effect), which also carries the
	// uncertainty of the fixed effects (Henderson). It is never the smaller one.
	PredictionVariance []float64

	N []int // ratings of the level
}

// Reliability returns for each level of a factor 1 - PredictionVariance/Variance,
// cut at 0: about the squared correlation of predicted and true effect, 0..1.
// Without any variance between the levels it is 0 for all.
func (m *Model) Reliability(factor int) []float64 {
	rel := make([]float64, len(m.Effects[factor].PredictionVariance))
	if m.Variance[factor] == 0 {
		return rel
	}
	for j, v := range m.Effects[factor].PredictionVariance {
		rel[j] = max(0, 1-v/m.Variance[factor])
	}
	return rel
}

// Levels are the levels of one factor estimated as fixed effects by generalised
// least squares, the other factors being random: not shrunk, hence the right
// input for confidence sets of ranks.
type Levels struct {
	Method     Method
	Estimate   []float64 // mean score of the level at the average of the fixed columns
	Covariance []float64 // of the estimates, row by row, len(Estimate) squared
	N          []int     // ratings of the level
	Theta      []float64 // by factor; 0 for the fixed one
	Variance   []float64 // by factor; 0 for the fixed one
	Residual   float64
	Criterion  float64
	Warnings   []Warning
}
