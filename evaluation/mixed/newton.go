package mixed

import "math"

// maxStep is the longest step, in the logarithm of a variance ratio.
const maxStep = 2.0

// newtonStep returns the step in log ratios, shortened to maxStep, and half the
// decrease of the criterion that the whole step promises.
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
		x[a] = -sl.gradient[k]
	}
	solvePositive(h, x)
	shorten := min(1, maxStep/longest(x))
	for a, k := range active {
		step[k] = x[a] * shorten
		promise -= x[a] * sl.gradient[k] / 2
	}
	return step, promise
}

// longest returns the largest absolute value.
func longest(x []float64) float64 {
	length := 0.0
	for _, v := range x {
		length = max(length, math.Abs(v))
	}
	return length
}

// leastPivot is the smallest relative pivot of the information: it is singular where
// factors cannot be told apart and when there is no residual left.
const leastPivot = 1e-8

// solvePositive solves h x = x in place for a small positive semidefinite h, which
// it destroys.
func solvePositive(h [][]float64, x []float64) {
	n := len(x)
	for i := range n {
		h[i][i] += leastPivot * (1 + math.Abs(h[i][i]))
	}
	for i := range n {
		h[i][i] = max(h[i][i], leastPivot)
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
