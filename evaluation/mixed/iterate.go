package mixed

import (
	"math"
	"slices"
)

// scaled is the block that is left of the equations when the raters are eliminated,
// scaled to a diagonal of ones and never written out: it is applied to vectors by
// way of the ratings. With many raters to a level it is near the identity but for a
// few directions, so that conjugate gradients (Hestenes and Stiefel 1952) solve with
// it in some ten steps. Vectors come as the columns of a matrix stored row by row.
type scaled struct {
	*equations
	diagonal []float64 // of the block
	scales   []float64 // by dense column: scale over the root of diagonal
	cells    []float64 // the counts times the scales
}

// update takes over the equations' variance ratios.
func (a *scaled) update() {
	if a.diagonal == nil {
		a.diagonal, a.scales = make([]float64, a.dense), make([]float64, a.dense)
		a.cells = make([]float64, len(a.counts.count))
	}
	copy(a.diagonal, a.denseSize)
	for r, w := range a.w {
		for i := a.counts.raterStart[r]; i < a.counts.raterStart[r+1]; i++ {
			a.diagonal[a.counts.column[i]] -= w * a.counts.count[i] * a.counts.count[i]
		}
	}
	for j, scale := range a.scale {
		a.diagonal[j] = a.diagonal[j]*scale*scale + a.ridge(j)
		a.scales[j] = scale / math.Sqrt(a.diagonal[j])
	}
	for i, c := range a.counts.column {
		a.cells[i] = a.counts.count[i] * a.scales[c]
	}
}

// multiply sets y to the product with x.
func (a *scaled) multiply(y, x []float64, width int) {
	a.throughRaters(y, x, a.w, width)
	for j, s := range a.scales {
		yj, xj := y[j*width:][:width], x[j*width:][:width]
		own := a.ridge(j)/a.diagonal[j] + a.denseSize[j]*s*s
		for k := range yj {
			yj[k] = own*xj[k] - yj[k]
		}
		for i := a.cross.start[j]; i < a.cross.start[j+1]; i++ {
			o := int(a.cross.other[i])
			addScaled(yj, x[o*width:][:width], s*a.cross.count[i]*a.scales[o])
		}
	}
}

// throughRaters sets y to the product of x with the sum of weight times c c' over
// the raters, c being the rater's counts times the scales.
func (a *scaled) throughRaters(y, x, weights []float64, width int) {
	clear(y[:a.dense*width])
	t := &a.counts
	for r, weight := range weights {
		from, to := t.raterStart[r], t.raterStart[r+1]
		columns, cells, k := t.column[from:to], a.cells[from:to], 0
		for ; k+4 <= width; k += 4 {
			var s0, s1, s2, s3 float64
			for i, c := range columns {
				f, xc := cells[i], (*[4]float64)(x[int(c)*width+k:])
				s0 += f * xc[0]
				s1 += f * xc[1]
				s2 += f * xc[2]
				s3 += f * xc[3]
			}
			for i, c := range columns {
				f, yc := weight*cells[i], (*[4]float64)(y[int(c)*width+k:])
				yc[0] += f * s0
				yc[1] += f * s1
				yc[2] += f * s2
				yc[3] += f * s3
			}
		}
		for ; k < width; k++ {
			sum := 0.0
			for i, c := range columns {
				sum += cells[i] * x[int(c)*width+k]
			}
			for i, c := range columns {
				y[int(c)*width+k] += weight * cells[i] * sum
			}
		}
	}
}

// maxSolve is the number of steps after which the factorisation is the better way.
const maxSolve = 60

// solve improves x until the residual, which is left in b, is shorter than the
// right-hand sides b were by the given precision; false if that takes too long.
func (a *scaled) solve(x, b []float64, width int, precision float64) bool {
	goal := columnProducts(b, b, width)
	for k := range goal {
		goal[k] *= precision * precision
	}
	image := make([]float64, len(b))
	a.multiply(image, x, width)
	for i, v := range image {
		b[i] -= v
	}
	direction, left := slices.Clone(b), columnProducts(b, b, width)
	for range maxSolve {
		a.multiply(image, direction, width)
		step := columnProducts(direction, image, width)
		for k := range step {
			step[k] = ratio(left[k], step[k])
		}
		addColumns(x, direction, step, 1)
		addColumns(b, image, step, -1)
		rest, done := columnProducts(b, b, width), true
		for k, v := range rest {
			left[k], rest[k] = v, ratio(v, left[k])
			done = done && v <= goal[k]
		}
		if done {
			return true
		}
		for j := 0; j < len(b); j += width {
			d, r := direction[j:][:width], b[j:][:width]
			for k, f := range rest {
				d[k] = r[k] + f*d[k]
			}
		}
	}
	return false
}

// ratio is a/b, and zero where nothing is left to divide.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// columnProducts returns the inner product of each column of a with that of b.
func columnProducts(a, b []float64, width int) []float64 {
	out := make([]float64, width)
	for j := 0; j < len(a); j += width {
		x, y := a[j:][:width], b[j:][:width]
		for k := range out {
			out[k] += x[k] * y[k]
		}
	}
	return out
}

// addColumns adds sign times factor[k] times column k of x to that of y.
func addColumns(y, x, factor []float64, sign float64) {
	width := len(factor)
	for j := 0; j < len(x); j += width {
		to, from := y[j:][:width], x[j:][:width]
		for k, f := range factor {
			to[k] += sign * f * from[k]
		}
	}
}
