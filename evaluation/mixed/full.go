package mixed

// panelWidth is the number of columns that are eliminated together.
const panelWidth = 64

// full is a positive definite matrix without zeros worth exploiting, its Cholesky
// factor and its inverse, each as n rows of n.
type full struct {
	n       int
	factor  view       // lower triangle
	inverse view       // both triangles
	corners []triangle // by panel, of the diagonal block of the factor
	spare   []float64
}

func newFull(n int) *full {
	f := &full{n: n, factor: view{make([]float64, n*n), n}, inverse: view{make([]float64, n*n), n}}
	for k := 0; k < n; k += panelWidth {
		f.corners = append(f.corners, newTriangle(min(panelWidth, n-k)))
	}
	f.spare = make([]float64, n*panelWidth)
	return f
}

// clear sets the matrix to zero.
func (f *full) clear() { clear(f.factor.data) }

// subtractSquare subtracts weight times x x' from the lower triangle of the matrix
// for the vector x that has count at the ascending columns, first being column 0.
func (f *full) subtractSquare(columns []int32, count []float64, weight float64, first int) {
	count = count[:len(columns)]
	for a, c := range columns {
		row := f.factor.data[(int(c)-first)*f.n:][:int(c)-first+1]
		w := weight * count[a]
		for b, o := range columns[:a+1] {
			row[int(o)-first] -= w * count[b]
		}
	}
}

// quadratic returns x'C x for the inverse C and the vector x that has count times
// scale at the ascending columns.
func (f *full) quadratic(columns []int32, count, scale []float64, first int) float64 {
	count = count[:len(columns)]
	total := 0.0
	for a, c := range columns {
		row := f.inverse.data[(int(c)-first)*f.n:][:int(c)-first+1]
		sum := 0.0
		for b, o := range columns[:a] {
			sum += count[b] * scale[o] * row[int(o)-first]
		}
		x := count[a] * scale[c]
		total += x * (2*sum + x*row[len(row)-1])
	}
	return total
}

// factorise replaces the lower triangle of the matrix by its Cholesky factor,
// panel by panel; false if it is not positive definite.
func (f *full) factorise() bool {
	for k := 0; k < f.n; k += panelWidth {
		corner := f.corners[k/panelWidth]
		next := k + corner.n
		if !cholesky(f.factor.at(k, k), corner.n) {
			return false
		}
		corner.invert(f.factor.at(k, k))
		if rest := f.n - next; rest > 0 {
			below := f.factor.at(next, k)
			corner.divide(below, rest, f.spare)
			subtractProduct(f.factor.at(next, next), below, below, rest, rest, corner.n, true)
		}
	}
	return true
}

// invert computes the inverse of the leading block of the given size from its
// factor, panel by panel from the last (Takahashi's recursion in blocks): for the
// columns K and the rows R below them, with Y = L_RK L_KK^-1,
//
//	C_RK = -C_RR Y,  C_KK = L_KK^-T L_KK^-1 - Y'C_RK.
func (f *full) invert(size int) {
	for k := (size+panelWidth-1)/panelWidth*panelWidth - panelWidth; k >= 0; k -= panelWidth {
		corner := f.corners[k/panelWidth]
		if k+corner.n > size { // the block ends within a panel
			corner = newTriangle(size - k)
			corner.invert(f.factor.at(k, k))
		}
		w, next := corner.n, k+corner.n
		rest := size - next
		diagonal := f.inverse.at(k, k)
		corner.square(diagonal)
		if rest == 0 {
			continue
		}
		y := view{f.spare, rest} // transposed: w x rest
		y.zero(w, rest)
		subtractProduct(y, corner.transposed, f.factor.at(next, k), w, rest, w, false)
		below, right := f.inverse.at(next, k), f.inverse.at(k, next)
		below.zero(rest, w)
		subtractProduct(below, f.inverse.at(next, next), y, rest, w, rest, false)
		transpose(right, below, rest, w)
		subtractProduct(diagonal, y, right, w, w, rest, false)
	}
}

// forward solves L X = B in place, B having w columns, row by row.
func (f *full) forward(x []float64, w int) {
	if w >= panelWidth {
		f.forwardPanels(x, w)
		return
	}
	for j := range f.n {
		xj := x[j*w:][:w]
		row := f.factor.data[j*f.n:][:j+1]
		if w == 1 {
			xj[0] -= dot(row[:j], x[:j])
		} else {
			for k, v := range row[:j] {
				subtractScaled(xj, x[k*w:][:w], v)
			}
		}
		for c := range xj {
			xj[c] /= row[j]
		}
	}
}

// forwardPanels is forward for many columns: panel by panel, by products.
func (f *full) forwardPanels(x []float64, w int) {
	spare := make([]float64, w*panelWidth)
	for k := 0; k < f.n; k += panelWidth {
		corner := f.corners[k/panelWidth]
		next := k + corner.n
		rows, transposed := view{x[k*w:], w}, view{spare, corner.n}
		transpose(transposed, rows, corner.n, w)
		rows.zero(corner.n, w)
		subtractProduct(rows, corner.inverse, transposed, corner.n, w, corner.n, false)
		if rest := f.n - next; rest > 0 {
			transpose(transposed, rows, corner.n, w)
			subtractProduct(view{x[next*w:], w}, f.factor.at(next, k), transposed, rest, w, corner.n, false)
		}
	}
}

// backward solves L'X = B in place.
func (f *full) backward(x []float64, w int) {
	for j := f.n - 1; j >= 0; j-- {
		xj := x[j*w:][:w]
		row := f.factor.data[j*f.n:][:j+1]
		for c := range xj {
			xj[c] /= row[j]
		}
		for k, v := range row[:j] {
			subtractScaled(x[k*w:][:w], xj, v)
		}
	}
}

// subtractScaled subtracts f*x from y.
func subtractScaled(y, x []float64, f float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] -= f * x[i]
	}
}
