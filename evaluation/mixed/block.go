package mixed

// block is the matrix that is left of the normal equations when the raters are
// eliminated: positive definite, its columns in the order of elimination. The
// first ones are sparse and come in panels that share their rows; the rest is full.
type block struct {
	ordering
	sparse  []sparsePanel
	full    *full
	panelOf []int32 // by sparse column
	work    workspace
}

// sparsePanel is one panel: rows of its width, first its own, then those of rows.
type sparsePanel struct {
	panel
	corner  triangle
	factor  []float64
	inverse []float64
	dense   int // the first of rows that lies in the full block
}

// workspace is memory for one panel at a time.
type workspace struct {
	square  []float64 // rows x rows
	product []float64 // rows x panelWidth
	other   []float64 // the same
	index   []int32   // rows
}

func newBlock(m *normal) *block {
	b := &block{ordering: m.ordering, full: newFull(m.dense - m.ordering.full)}
	most, cells := 0, 0
	for _, p := range b.panels {
		most = max(most, len(p.rows))
		cells += (p.width + len(p.rows)) * p.width
	}
	memory := make([]float64, 2*cells)
	for i, p := range b.panels {
		n := (p.width + len(p.rows)) * p.width
		s := sparsePanel{panel: p, corner: newTriangle(p.width), factor: memory[:n:n], inverse: memory[n : 2*n : 2*n]}
		memory = memory[2*n:]
		for s.dense < len(p.rows) && int(p.rows[s.dense]) < b.ordering.full {
			s.dense++
		}
		b.sparse = append(b.sparse, s)
		for range p.width {
			b.panelOf = append(b.panelOf, int32(i))
		}
	}
	b.work = workspace{make([]float64, most*most), make([]float64, most*panelWidth), make([]float64, most*panelWidth), make([]int32, most)}
	return b
}

// set takes column j of the matrix, times the scales of row and column, out of
// value and clears it there: from row j on for a sparse column; for a full one,
// which is the row up to j, added to what subtractSquare has left.
func (b *block) set(j int, value, scale []float64, ridge float64) {
	sj := scale[j]
	if first := b.ordering.full; j >= first {
		row := b.full.factor.data[(j-first)*b.full.n:][:j-first+1]
		values, scales := value[first:j+1], scale[first:j+1]
		for k := range row {
			row[k] = (row[k] + values[k]) * sj * scales[k]
		}
		row[len(row)-1] += ridge
		clear(values)
		return
	}
	p := &b.sparse[b.panelOf[j]]
	c, w := j-p.first, p.width
	for i := c; i < w; i++ {
		k := p.first + i
		p.factor[i*w+c] = value[k] * sj * scale[k]
		value[k] = 0
	}
	p.factor[c*w+c] += ridge
	for i, k := range p.rows {
		p.factor[(w+i)*w+c] = value[k] * sj * scale[k]
		value[k] = 0
	}
}

// diagonal returns element j of the factor's diagonal.
func (b *block) diagonal(j int) float64 {
	if j >= b.ordering.full {
		return b.full.factor.data[(j-b.ordering.full)*(b.full.n+1)]
	}
	p := &b.sparse[b.panelOf[j]]
	return p.factor[(j-p.first)*(p.width+1)]
}

// inverseColumn writes column j of the inverse, which is sparse, from row j on,
// times the scales of row and column.
func (b *block) inverseColumn(j int, into, scale []float64) {
	p := &b.sparse[b.panelOf[j]]
	sj, c, w := scale[j], j-p.first, p.width
	for i := c; i < w; i++ {
		into[p.first+i] = p.inverse[i*w+c] * sj * scale[p.first+i]
	}
	for i, k := range p.rows {
		into[k] = p.inverse[(w+i)*w+c] * sj * scale[k]
	}
}

// forward solves L X = B in place, B having w columns, row by row.
func (b *block) forward(x []float64, w int) {
	for i := range b.sparse {
		p := &b.sparse[i]
		for c := range p.width {
			xc := x[(p.first+c)*w:][:w]
			for k, v := range p.factor[c*p.width:][:c] {
				subtractScaled(xc, x[(p.first+k)*w:][:w], v)
			}
			for k := range xc {
				xc[k] /= p.factor[c*p.width+c]
			}
		}
		for r, to := range p.rows {
			for c, v := range p.factor[(p.width+r)*p.width:][:p.width] {
				subtractScaled(x[int(to)*w:][:w], x[(p.first+c)*w:][:w], v)
			}
		}
	}
	b.full.forward(x[b.ordering.full*w:], w)
}

// backward solves L'X = B in place.
func (b *block) backward(x []float64, w int) {
	b.full.backward(x[b.ordering.full*w:], w)
	for i := len(b.sparse) - 1; i >= 0; i-- {
		p := &b.sparse[i]
		for r, from := range p.rows {
			for c, v := range p.factor[(p.width+r)*p.width:][:p.width] {
				subtractScaled(x[(p.first+c)*w:][:w], x[int(from)*w:][:w], v)
			}
		}
		for c := p.width - 1; c >= 0; c-- {
			xc := x[(p.first+c)*w:][:w]
			for k := range xc {
				xc[k] /= p.factor[c*p.width+c]
			}
			for k, v := range p.factor[c*p.width:][:c] {
				subtractScaled(x[(p.first+k)*w:][:w], xc, v)
			}
		}
	}
}

// solve replaces B, w columns row by row, by the solution of S X = B.
func (b *block) solve(x []float64, w int) {
	b.forward(x, w)
	b.backward(x, w)
}
