package mixed

import "math"

// block is the positive definite matrix that is left of the normal equations
// when the raters are eliminated, its Cholesky factor and its inverse.
type block struct {
	m       int
	factor  []float64 // lower triangle, row by row
	inverse []float64
}

func newBlock(m *normal) *block {
	return &block{m.dense, make([]float64, m.dense*m.dense), make([]float64, m.dense*m.dense)}
}

// setColumn sets column j from row j on to value times the scales of row and
// column, and clears value.
func (b *block) setColumn(j int, value, scale []float64, ridge float64) {
	for k := j; k < b.m; k++ {
		b.factor[k*b.m+j] = value[k] * scale[j] * scale[k]
	}
	b.factor[j*b.m+j] += ridge
	clear(value[j:])
}

// factorise replaces the matrix by its Cholesky factor; false if it is not positive definite.
func (b *block) factorise() bool {
	for j := range b.m {
		rj := b.factor[j*b.m:]
		for i := j; i < b.m; i++ {
			ri := b.factor[i*b.m:]
			v := ri[j] - dot(ri[:j], rj[:j])
			if i == j {
				if !(v > 0) {
					return false
				}
				rj[j] = math.Sqrt(v)
			} else {
				ri[j] = v / rj[j]
			}
		}
	}
	return true
}

// diagonal returns element j of the factor's diagonal.
func (b *block) diagonal(j int) float64 { return b.factor[j*b.m+j] }

// forward solves L X = B in place, B having w columns.
func (b *block) forward(x []float64, w int) {
	for j := range b.m {
		xj := x[j*w:][:w]
		for k := range j {
			addScaled(xj, x[k*w:][:w], -b.factor[j*b.m+k])
		}
		for c := range xj {
			xj[c] /= b.factor[j*b.m+j]
		}
	}
}

// backward solves L'X = B in place.
func (b *block) backward(x []float64, w int) {
	for j := b.m - 1; j >= 0; j-- {
		xj := x[j*w:][:w]
		for c := range xj {
			xj[c] /= b.factor[j*b.m+j]
		}
		for k := range j {
			addScaled(x[k*w:][:w], xj, -b.factor[j*b.m+k])
		}
	}
}

// invert computes the inverse of the leading block of the given size.
func (b *block) invert(size int) {
	clear(b.inverse)
	e := make([]float64, b.m)
	for c := range size {
		clear(e)
		e[c] = 1
		for j := c; j < size; j++ {
			e[j] = (e[j] - dot(b.factor[j*b.m:][:j], e[:j])) / b.factor[j*b.m+j]
		}
		for j := size - 1; j >= 0; j-- {
			e[j] /= b.factor[j*b.m+j]
			for k := range j {
				e[k] -= e[j] * b.factor[j*b.m+k]
			}
		}
		copy(b.inverse[c*b.m:], e)
	}
}

// inverseColumn writes column j of the inverse from row j on, times the scales of
// row and column.
func (b *block) inverseColumn(j int, into, scale []float64) {
	for k := j; k < b.m; k++ {
		into[k] = b.inverse[j*b.m+k] * scale[j] * scale[k]
	}
}
