package mixed

import "fmt"

// Status names why data cannot be fitted. It is stable: callers translate it.
type Status string

// The reasons for which Fit and FixedLevels refuse.
const (
	// BadInput: columns of unequal length, a level out of range, no factor.
	BadInput Status = "bad-input"
	// NotFinite: a score or a fixed effect is NaN, infinite or beyond 1e100.
	NotFinite Status = "not-finite"
	// TooLittleData: not more ratings than fixed effects + 1.
	TooLittleData Status = "too-little-data"
	// SingleLevel: all ratings share one level of a factor, so its effects have no variance.
	SingleLevel Status = "single-level"
	// OneRatingEach: a factor has as many levels as there are ratings, so its
	// variance cannot be told from the residual variance.
	OneRatingEach Status = "one-rating-each"
	// ConstantScores: all scores are equal.
	ConstantScores Status = "constant-scores"
	// Saturated: the effects explain the scores exactly, or to a thousandth of their
	// standard deviation; no residual variance is left to estimate and the likelihood
	// may have no finite optimum.
	Saturated Status = "saturated"
	// EmptyLevel: FixedLevels was asked for a level without ratings.
	EmptyLevel Status = "empty-level"
	// TooLarge: the factors except the largest have more levels together than fit in memory.
	TooLarge Status = "too-large"
	// NotConverged: the search did not reach a stationary point.
	NotConverged Status = "not-converged"
)

// Unfit says that the data cannot be fitted, and why.
type Unfit struct {
	Status Status
	Detail string // what it is about, in English, for the log
}

// Error implements error.
func (u *Unfit) Error() string { return fmt.Sprintf("mixed model: %s: %s", u.Status, u.Detail) }

// unfit returns an *Unfit as an error.
func unfit(s Status, format string, args ...any) error {
	return &Unfit{s, fmt.Sprintf(format, args...)}
}

// Code names a weakness of a fit that succeeded. It is stable: callers translate it.
type Code string

// The weaknesses that a fit reports.
const (
	// ZeroVariance: no differences between the levels of Factor are detectable; its
	// effects and their variances are 0, which is not certainty about their order.
	ZeroVariance Code = "zero-variance"
	// Disconnected: raters and ratees fall into Count groups without a rating between them.
	Disconnected Code = "disconnected"
	// RankDeficient: the fixed effect Column depends on those before it and was dropped.
	RankDeficient Code = "rank-deficient"
	// SingleRating: Count levels of Factor have one rating only.
	SingleRating Code = "single-rating"
	// EmptyLevels: Count levels of Factor have no rating; their effect is 0 with the full variance.
	EmptyLevels Code = "empty-levels"
	// Tiny: Factor has only Count levels with ratings; variance components are worthless.
	Tiny Code = "tiny"
	// FewRepeats: not more ratings than levels of the first two factors together
	// (Count ratings), so leniency and residual are hardly told apart.
	FewRepeats Code = "few-repeats"
)

// Warning is one weakness of a fit.
type Warning struct {
	Code   Code
	Factor int    // index of the factor it is about, -1 for none
	Column string // name of the fixed effect it is about, if any
	Count  int    // see Code
}
