package mixed

import "math"

// check refuses data that cannot be fitted whatever the variance components.
// fixedFactor is the factor whose levels are fixed effects, or -1.
func check(d *Data, fixedFactor int) error {
	if len(d.Factors) == 0 {
		return unfit(BadInput, "no factor")
	}
	if fixedFactor >= len(d.Factors) || fixedFactor >= 0 && len(d.Factors) < 2 {
		return unfit(BadInput, "factor %d fixed, of %d", fixedFactor, len(d.Factors))
	}
	n := len(d.Y)
	for _, f := range d.Factors {
		if err := checkLevels(f, n); err != nil {
			return err
		}
	}
	if err := checkFinite("scores", d.Y); err != nil {
		return err
	}
	for _, c := range d.Fixed {
		if len(c.X) != n {
			return unfit(BadInput, "fixed effect %q has %d values for %d ratings", c.Name, len(c.X), n)
		}
		if err := checkFinite(c.Name, c.X); err != nil {
			return err
		}
	}
	if n < 3 {
		return unfit(TooLittleData, "%d ratings", n)
	}
	for k, f := range d.Factors {
		if err := checkRepeats(f, n, k == fixedFactor); err != nil {
			return err
		}
	}
	for _, y := range d.Y {
		if y != d.Y[0] {
			return nil
		}
	}
	return unfit(ConstantScores, "all %d scores are %v", n, d.Y[0])
}

func checkLevels(f Factor, n int) error {
	if len(f.Of) != n {
		return unfit(BadInput, "factor %q has %d values for %d ratings", f.Name, len(f.Of), n)
	}
	for r, level := range f.Of {
		if level < 0 || int(level) >= f.Levels {
			return unfit(BadInput, "factor %q has level %d of %d in rating %d", f.Name, level, f.Levels, r)
		}
	}
	return nil
}

// largest is the largest absolute value of a score or fixed effect; the squares of
// larger ones would overflow.
const largest = 1e100

func checkFinite(name string, x []float64) error {
	for r, v := range x {
		if !(math.Abs(v) <= largest) {
			return unfit(NotFinite, "%s: %v in rating %d", name, v, r)
		}
	}
	return nil
}

// checkRepeats refuses a random factor whose levels all have one rating (its
// variance is the residual's) and one with a single level (it has no variance).
// For a fixed factor it refuses levels without ratings.
func checkRepeats(f Factor, n int, fixed bool) error {
	used := 0
	for _, c := range levelSizes(f) {
		if c > 0 {
			used++
		} else if fixed {
			return unfit(EmptyLevel, "factor %q has a level without ratings", f.Name)
		}
	}
	if fixed {
		return nil
	}
	if used < 2 {
		return unfit(SingleLevel, "factor %q has %d level with ratings", f.Name, used)
	}
	if n <= used {
		return unfit(OneRatingEach, "factor %q has %d levels for %d ratings", f.Name, used, n)
	}
	return nil
}

// levelSizes returns the number of ratings of each level.
func levelSizes(f Factor) []int {
	sizes := make([]int, f.Levels)
	for _, level := range f.Of {
		sizes[level]++
	}
	return sizes
}
