package mixed

// Method is the criterion that the variance components minimise.
type Method int

// The two criteria. REML, the zero value, corrects the variances for the fixed
// effects that were estimated and is the one to publish; ML is for comparing
// models that differ in their fixed effects.
const (
	REML Method = iota
	ML
)

// String returns "REML" or "ML".
func (m Method) String() string {
	if m == ML {
		return "ML"
	}
	return "REML"
}

// Factor is a grouping of the ratings, for example by rater or by ratee.
type Factor struct {
	Name   string
	Levels int     // number of levels; levels without a rating are allowed
	Of     []int32 // level of each rating, 0..Levels-1
}

// Column is one fixed effect: a number per rating. The intercept is not among
// the columns; Fit puts it first under the name "(Intercept)".
type Column struct {
	Name string
	X    []float64
}

// Data are ratings in columns: rating r has the score Y[r], the level
// Factors[k].Of[r] of every factor and the value Fixed[c].X[r] of every fixed
// effect. Factors[0] is the rater, Factors[1] the ratee; further factors follow
// in any number. A missing rating is a rating that is not there.
//
// The order of the ratings does not matter, to the last bit. Nothing in Data is
// changed or kept.
type Data struct {
	Y       []float64
	Factors []Factor
	Fixed   []Column
}
