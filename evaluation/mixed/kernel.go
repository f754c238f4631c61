package mixed

import (
	"math"
	"sync"
)

// view is a part of a matrix stored row by row: element (i, j) is data[i*stride+j].
type view struct {
	data   []float64
	stride int
}

// at returns the part that begins at row i and column j.
func (v view) at(i, j int) view { return view{v.data[i*v.stride+j:], v.stride} }

// Sizes of the blocks that stay in the first and second level of the cache.
const (
	depthBlock  = 256
	columnBlock = 48
)

// parallelWork is the number of multiplications from which a product is shared
// between two processors.
const parallelWork = 1 << 19

// subtractProduct subtracts A B' from C, where C is m x n, A m x k and B n x k.
// With lower only the elements on and below C's diagonal are meant to be right.
//
// Each element is a sum in the order of k whatever the tiles, and which processor
// computes it changes nothing. Almost all time of a fit is spent here.
func subtractProduct(c, a, b view, m, n, k int, lower bool) {
	half := m / 2
	if lower {
		half = m * 7 / 10 // rows grow: about half of the elements
	}
	half -= half % 3
	if m*n*k < parallelWork || half == 0 {
		subtractRows(c, a, b, 0, m, n, k, lower)
		return
	}
	var other sync.WaitGroup
	other.Go(func() { subtractRows(c, a, b, 0, half, n, k, lower) })
	subtractRows(c, a, b, half, m, n, k, lower)
	other.Wait()
}

// subtractRows does it for the rows from first to end.
func subtractRows(c, a, b view, first, end, n, k int, lower bool) {
	for t := 0; t < k; t += depthBlock {
		depth := min(depthBlock, k-t)
		for j := 0; j < n; j += columnBlock {
			columns := min(columnBlock, n-j)
			i := first
			if lower {
				i = max(i, j/3*3) // rows above have nothing below the diagonal here
			}
			for ; i < end; i += 3 {
				width := columns
				if lower {
					width = min(width, i+3-j)
				}
				strip(c.at(i, j), a.at(i, t), b.at(j, t), min(3, end-i), width, depth)
			}
		}
	}
}

// strip subtracts the product for up to three rows.
func strip(c, a, b view, m, n, k int) {
	j := 0
	if m == 3 {
		for ; j+2 <= n; j += 2 {
			tile3x2(c.at(0, j), a, b.at(j, 0), k)
		}
		for ; j < n; j++ {
			tile3x1(c.at(0, j), a, b.at(j, 0), k)
		}
		return
	}
	for i := range m {
		row, left := c.data[i*c.stride:], a.data[i*a.stride:][:k]
		for j := range n {
			row[j] -= dot(left, b.data[j*b.stride:][:k])
		}
	}
}

// tile3x2 has six sums and six products at a time, which fit the sixteen registers
// of amd64; with nine of each the compiler keeps sums in memory, at half the speed.
func tile3x2(c, a, b view, k int) {
	a0, a1, a2 := a.data[:k:k], a.data[a.stride:][:k:k], a.data[2*a.stride:][:k:k]
	b0, b1 := b.data[:k:k], b.data[b.stride:][:k:k]
	var c00, c01, c10, c11, c20, c21 float64
	for t, y0 := range b0 {
		y1 := b1[t]
		x0, x1, x2 := a0[t], a1[t], a2[t]
		c00 += x0 * y0
		c01 += x0 * y1
		c10 += x1 * y0
		c11 += x1 * y1
		c20 += x2 * y0
		c21 += x2 * y1
	}
	r0, r1, r2 := c.data[:2], c.data[c.stride:][:2], c.data[2*c.stride:][:2]
	r0[0] -= c00
	r0[1] -= c01
	r1[0] -= c10
	r1[1] -= c11
	r2[0] -= c20
	r2[1] -= c21
}

func tile3x1(c, a, b view, k int) {
	a0, a1, a2 := a.data[:k:k], a.data[a.stride:][:k:k], a.data[2*a.stride:][:k:k]
	var c0, c1, c2 float64
	for t, y := range b.data[:k:k] {
		c0 += a0[t] * y
		c1 += a1[t] * y
		c2 += a2[t] * y
	}
	c.data[0] -= c0
	c.data[c.stride] -= c1
	c.data[2*c.stride] -= c2
}

// zero clears m rows of n columns.
func (v view) zero(m, n int) {
	for i := range m {
		clear(v.data[i*v.stride:][:n])
	}
}

// cholesky replaces the lower triangle of an n x n matrix by its Cholesky factor;
// false if the matrix is not positive definite.
func cholesky(a view, n int) bool {
	for i := range n {
		ri := a.data[i*a.stride:][:i+1]
		for j := range i {
			rj := a.data[j*a.stride:][:j+1]
			ri[j] = (ri[j] - dot(rj[:j], ri[:j])) / rj[j]
		}
		v := ri[i] - dot(ri[:i], ri[:i])
		if !(v > 0) {
			return false
		}
		ri[i] = math.Sqrt(v)
	}
	return true
}

// triangle is the inverse of a lower triangular block with its sign changed, the
// two forms in which the products need it.
type triangle struct {
	n          int
	inverse    view
	transposed view
}

func newTriangle(n int) triangle {
	return triangle{n, view{make([]float64, n*n), n}, view{make([]float64, n*n), n}}
}

// invert sets t from the triangle l.
func (t triangle) invert(l view) {
	for c := range t.n {
		// Column c of the inverse is row c of its transpose.
		x := t.transposed.data[c*t.n:][:t.n]
		x[c] = -1 / l.data[c*l.stride+c]
		for i := c + 1; i < t.n; i++ {
			li := l.data[i*l.stride:][:i+1]
			x[i] = -dot(li[c:i], x[c:i]) / li[i]
		}
	}
	transpose(t.inverse, t.transposed, t.n, t.n)
}

// divide replaces the m x n matrix a by a L^-T. Multiplying with the inverse costs
// as much as solving and runs at the speed of the products. spare has m*n elements.
func (t triangle) divide(a view, m int, spare []float64) {
	copied := view{spare, t.n}
	for i := range m {
		row := a.data[i*a.stride:][:t.n]
		copy(copied.data[i*t.n:], row)
		clear(row)
	}
	subtractProduct(a, copied, t.inverse, m, t.n, t.n, false)
}

// square sets c to L^-T L^-1.
func (t triangle) square(c view) {
	c.zero(t.n, t.n)
	subtractProduct(c, t.transposed, t.transposed, t.n, t.n, t.n, false)
	for i := range t.n {
		row := c.data[i*c.stride:][:t.n]
		for j := range row {
			row[j] = -row[j]
		}
	}
}

// transpose writes the m x n matrix a into the n x m matrix out.
func transpose(out, a view, m, n int) {
	for i := range m {
		for j, v := range a.data[i*a.stride:][:n] {
			out.data[j*out.stride+i] = v
		}
	}
}
