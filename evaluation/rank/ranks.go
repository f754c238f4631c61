package rank

import (
	"cmp"
	"math"
)

// Ranks returns the rank of each value, largest first, from 1. Equal values share
// the smallest rank and the ranks after them are skipped: 1, 2, 2, 4.
func Ranks(value []float64) []int {
	order := Order(len(value), func(i, k int) int { return cmp.Compare(value[k], value[i]) })
	ranks := make([]int, len(value))
	for place, i := range order {
		ranks[i] = place + 1
		if place > 0 && value[order[place-1]] == value[i] {
			ranks[i] = ranks[order[place-1]]
		}
	}
	return ranks
}

// Expected returns the expected rank of each department, from 1 to p, when the true
// values are normal around the estimates with their covariance (Laird and Louis
// 1989): 1 + sum over k of Phi((b_k - b_j)/se(b_j - b_k)). A difference known
// without error counts 0 or 1, and 1/2 where it is zero. Errors as of Confidence.
func Expected(e Estimates) ([]float64, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	p := len(e.Value)
	out := make([]float64, p)
	for j := range p {
		out[j]++
		for k := j + 1; k < p; k++ {
			above := tail(difference(e.Value[j]-e.Value[k], e.differenceSE(j, k)))
			out[j] += above
			out[k] += 1 - above
		}
	}
	return out, nil
}

// difference is d/se, where no difference without error is none at all.
func difference(d, se float64) float64 {
	if se == 0 && d == 0 {
		return 0
	}
	return d / se
}

// Tiers groups departments from the top: the best one not yet placed opens a tier,
// and all not yet placed join it that were not shown to be worse than the opener.
// Tiers count from 1. value gives the order; better is the verdict of the
// simultaneous test (Sets.Better), so with probability coverage no opener stands
// above a department that is truly as good.
func Tiers(value []float64, better func(j, k int) bool) []int {
	order := Order(len(value), func(i, k int) int { return cmp.Compare(value[k], value[i]) })
	tiers := make([]int, len(value))
	for tier, i := 0, 0; i < len(order); i++ {
		if tiers[order[i]] > 0 {
			continue
		}
		tier++
		for _, k := range order[i:] {
			if tiers[k] == 0 && (k == order[i] || !better(order[i], k)) {
				tiers[k] = tier
			}
		}
	}
	return tiers
}

// Bars returns half-widths of bars for comparing departments by eye, in the unit
// of the estimates: where two bars do not overlap, the two differ at the 5 % level
// on average over all pairs (Goldstein and Healy 1995). The half-width is z times
// the standard error, with z so that the mean over pairs of 2(1 - Phi(z (se_j +
// se_k)/se(b_j - b_k))) is 0.05: 1.39 for equal and independent errors. With fewer
// than two departments or no errors at all the bars have no width. Errors as of
// Confidence.
func Bars(e Estimates) (half []float64, z float64, err error) {
	if err := e.check(); err != nil {
		return nil, 0, err
	}
	p := len(e.Value)
	se := make([]float64, p)
	for j := range se {
		se[j] = math.Sqrt(e.Covariance[j*p+j])
	}
	var ratios []float64
	for j := range p {
		for k := range j {
			if d := e.differenceSE(j, k); d > 0 {
				ratios = append(ratios, (se[j]+se[k])/d)
			}
		}
	}
	if len(ratios) > 0 {
		z = solveBars(ratios)
	}
	half = make([]float64, p)
	for j := range half {
		half[j] = z * se[j]
	}
	return half, z, nil
}

// solveBars finds z by halving: the ratios are at least 1 (or it would be no
// covariance), so that z lies between 0 and 1.96.
func solveBars(ratios []float64) float64 {
	low, high := 0.0, 2.0
	for range 60 {
		z := (low + high) / 2
		sum := 0.0
		for _, r := range ratios {
			sum += 2 * tail(z*r)
		}
		if sum > 0.05*float64(len(ratios)) {
			low = z
		} else {
			high = z
		}
	}
	return (low + high) / 2
}
