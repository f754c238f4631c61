package mixed

import "math"

// aliasTolerance is the share of a column's length that must be left after taking
// out the columns before it (R's lm and lme4 use the same).
const aliasTolerance = 1e-7

// fixedPart are the fixed effects in canonical order of the ratings: centred
// columns that are linearly independent, without the intercept.
type fixedPart struct {
	columns [][]float64 // kept ones, minus their mean
	source  []int       // index in Data.Fixed of each kept column
	mean    []float64   // of each kept column
	dropped []bool      // by index in Data.Fixed
}

// newFixedPart centres the columns and drops those that depend on the ones before
// them, on the intercept or, with FixedLevels, on the levels of group (nil if
// none): modified Gram-Schmidt on copies, twice for accuracy.
//
// Centring changes neither the criterion nor the slopes, since the intercept (or
// the levels) absorb it, and keeps the cross products well conditioned.
func newFixedPart(d *Data, order []int32, group *Factor) fixedPart {
	var part fixedPart
	part.dropped = make([]bool, len(d.Fixed))
	var basis [][]float64
	for c := range d.Fixed {
		x := make([]float64, len(order))
		sum, length := 0.0, 0.0
		for i, r := range order {
			x[i] = d.Fixed[c].X[r]
			sum += x[i]
			length = math.Hypot(length, x[i])
		}
		mean := sum / float64(len(x))
		for i := range x {
			x[i] -= mean
		}
		rest := append([]float64(nil), x...)
		centreWithin(rest, order, group)
		for range 2 {
			for _, q := range basis {
				subtractScaled(rest, q, dot(rest, q))
			}
		}
		norm := math.Sqrt(dot(rest, rest))
		if norm <= aliasTolerance*length {
			part.dropped[c] = true
			continue
		}
		for i := range rest {
			rest[i] /= norm
		}
		basis = append(basis, rest)
		part.columns = append(part.columns, x)
		part.source = append(part.source, c)
		part.mean = append(part.mean, mean)
	}
	return part
}

// centreWithin subtracts from x the mean of its level of group.
func centreWithin(x []float64, order []int32, group *Factor) {
	if group == nil {
		return
	}
	sum, n := make([]float64, group.Levels), make([]float64, group.Levels)
	for i, r := range order {
		sum[group.Of[r]] += x[i]
		n[group.Of[r]]++
	}
	for i, r := range order {
		x[i] -= sum[group.Of[r]] / n[group.Of[r]]
	}
}

func dot(a, b []float64) float64 {
	b = b[:len(a)]
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// addScaled adds f*x to y.
func addScaled(y, x []float64, f float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += f * x[i]
	}
}
