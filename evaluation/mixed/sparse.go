package mixed

// factorise replaces the matrix by its Cholesky factor (supernodal, each panel
// updating those after it); false if it is not positive definite.
func (b *block) factorise() bool {
	for i := range b.sparse {
		p := &b.sparse[i]
		w, m := p.width, len(p.rows)
		if !cholesky(view{p.factor, w}, w) {
			return false
		}
		p.corner.invert(view{p.factor, w})
		below := view{p.factor[w*w:], w}
		p.corner.divide(below, m, b.work.product)
		update := view{b.work.square, m}
		update.zero(m, m)
		subtractProduct(update, below, below, m, m, w, true)
		b.addUpdate(p, update)
	}
	return b.full.factorise()
}

// addUpdate adds to the later panels what the elimination of p leaves in the rows
// and columns p.rows (lower triangle).
func (b *block) addUpdate(p *sparsePanel, update view) {
	for from := 0; from < p.dense; {
		q, to := b.target(p, from)
		index := b.localRows(q, p.rows[from:])
		for i, local := range index {
			row := update.data[(from+i)*update.stride:]
			out := q.factor[int(local)*q.width:][:q.width]
			for j := from; j < min(to, from+i+1); j++ {
				out[int(p.rows[j])-q.first] += row[j]
			}
		}
		from = to
	}
	dense := p.rows[p.dense:]
	first, n := int32(b.ordering.full), b.full.n
	for i, r := range dense {
		row := update.data[(p.dense+i)*update.stride+p.dense:][:i+1]
		out := b.full.factor.data[int(r-first)*n:][:n]
		for j, v := range row {
			out[dense[j]-first] += v
		}
	}
}

// target returns the panel to which row from of p belongs, and the end of the run
// of rows that belong to it.
func (b *block) target(p *sparsePanel, from int) (q *sparsePanel, to int) {
	q = &b.sparse[b.panelOf[p.rows[from]]]
	for to = from; to < p.dense && int(p.rows[to]) < q.first+q.width; to++ {
	}
	return q, to
}

// localRows returns where each of rows, all of which q has, stands in q.
func (b *block) localRows(q *sparsePanel, rows []int32) []int32 {
	index, at := b.work.index[:len(rows)], 0
	for i, r := range rows {
		if int(r) < q.first+q.width {
			index[i] = r - int32(q.first)
			continue
		}
		for q.rows[at] != r {
			at++
		}
		index[i] = int32(q.width + at)
	}
	return index
}

// invert computes the elements of the inverse that lie in the pattern of the
// factor (Takahashi, Fagan and Chen 1973), for the leading block of the given
// size: the recursion of full.invert, with C_RR gathered from the later panels.
func (b *block) invert(size int) {
	b.full.invert(max(0, size-b.ordering.full))
	for i := len(b.sparse) - 1; i >= 0; i-- {
		p := &b.sparse[i]
		w, m := p.width, len(p.rows)
		for m > 0 && int(p.rows[m-1]) >= size {
			m--
		}
		square := view{b.work.square, m}
		b.gather(p, square, m)
		y := view{b.work.product, m} // transposed: w x m
		y.zero(w, m)
		subtractProduct(y, p.corner.transposed, view{p.factor[w*w:], w}, w, m, w, false)
		diagonal, below, right := view{p.inverse, w}, view{p.inverse[w*w:], w}, view{b.work.other, m}
		p.corner.square(diagonal)
		below.zero(m, w)
		subtractProduct(below, square, y, m, w, m, false)
		transpose(right, below, m, w)
		subtractProduct(diagonal, y, right, w, w, m, false)
	}
}

// gather collects the inverse in the first m of the rows and columns p.rows.
func (b *block) gather(p *sparsePanel, square view, m int) {
	for from := 0; from < min(p.dense, m); {
		q, to := b.target(p, from)
		index := b.localRows(q, p.rows[from:m])
		for i, local := range index {
			row := q.inverse[int(local)*q.width:][:q.width]
			for j := from; j < min(to, from+i+1); j++ {
				v := row[int(p.rows[j])-q.first]
				square.data[(from+i)*m+j], square.data[j*m+from+i] = v, v
			}
		}
		from = to
	}
	dense := p.rows[min(p.dense, m):m]
	first, n := int32(b.ordering.full), b.full.n
	for i, r := range dense {
		row := b.full.inverse.data[int(r-first)*n:][:n]
		out := square.data[(p.dense+i)*m+p.dense:][:len(dense)]
		for j, c := range dense {
			out[j] = row[c-first]
		}
	}
}
