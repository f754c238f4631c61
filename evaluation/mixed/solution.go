package mixed

// solution are the estimates at one point and what they rest on.
type solution struct {
	beta  []float64 // fixed effects of the border, for centred columns
	k     []float64 // (X'V^-1X)^-1 in units of the residual variance, p x p
	w     []float64 // S^-1 of the border, dense rows of width: how the effects follow X
	dense []float64 // effects of the dense columns, by position
	rater []float64 // effects of the raters
}

// solve computes the estimates from the factor.
func (e *equations) solve(s *solution) {
	s.allocate(e)
	copy(s.w, e.border)
	e.block.backward(s.w, e.width)
	e.predict(s)
}

func (s *solution) allocate(e *equations) {
	if s.beta == nil {
		*s = solution{make([]float64, e.p), make([]float64, e.p*e.p), make([]float64, e.dense*e.width),
			make([]float64, e.dense), make([]float64, e.raters)}
	}
}

// predict computes the estimates given w and the corner's factor.
func (e *equations) predict(s *solution) {
	p, wd := e.p, e.width
	copy(s.beta, e.last[p*wd:][:p])
	e.backCorner(s.beta)
	for c := range p {
		row := s.k[c*p:][:p]
		clear(row)
		row[c] = 1
		e.forwardCorner(row)
		e.backCorner(row)
	}
	for j := range e.dense {
		w := s.w[j*wd:][:wd]
		s.dense[j] = e.scale[j] * (w[p] - dot(w[:p], s.beta))
	}
	t := &e.counts
	for r := range e.raters {
		row := e.raterBorder[r*wd:][:wd]
		rest := row[p] - dot(row[:p], s.beta)
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			rest -= t.count[i] * s.dense[t.column[i]]
		}
		s.rater[r] = e.w[r] * rest
	}
}

// forwardCorner solves with the X part of the corner's factor, in place.
func (e *equations) forwardCorner(x []float64) {
	for i := range e.p {
		x[i] = (x[i] - dot(e.last[i*e.width:][:i], x[:i])) / e.last[i*e.width+i]
	}
}

// backCorner solves with the transpose of that factor, in place.
func (e *equations) backCorner(x []float64) {
	for i := e.p - 1; i >= 0; i-- {
		x[i] /= e.last[i*e.width+i]
		for k := range i {
			x[k] -= e.last[i*e.width+k] * x[i]
		}
	}
}

// variances of the predictions over the residual variance.
type variances struct {
	denseHeld, dense []float64 // by dense column: with fixed effects held, and not
	raterHeld, rater []float64
}

// fixedVariances sets dense and rater to the part of the variances that comes from
// the estimation of the fixed effects.
func (e *equations) fixedVariances(s *solution, v *variances) {
	if v.dense == nil {
		*v = variances{make([]float64, e.dense), make([]float64, e.dense), make([]float64, e.raters), make([]float64, e.raters)}
	}
	p, wd := e.p, e.width
	for j := range e.dense {
		v.dense[j] = e.scale[j] * e.scale[j] * quadratic(s.k, s.w[j*wd:][:p])
	}
	t, x := &e.counts, make([]float64, p)
	for r, w := range e.w {
		copy(x, e.raterBorder[r*wd:][:p])
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			c := int(t.column[i])
			f := t.count[i] * e.scale[c]
			for o, v := range s.w[c*wd:][:p] {
				x[o] -= f * v
			}
		}
		v.rater[r] = w * w * quadratic(s.k, x)
	}
}

// traced is the size of the leading block of the dense columns in whose inverse
// the variances are found. With the levels of a factor fixed and ML they are
// needed with those levels held, so the random part alone is inverted, and nothing
// but the held variances is right.
func (e *equations) traced() int {
	if e.method == ML {
		return e.randomDense()
	}
	return e.dense
}

// addHeld computes the variances with fixed effects held from the inverse of the
// block and adds them to those of fixedVariances.
func (e *equations) addHeld(v *variances) {
	size := e.traced()
	e.block.invert(size)
	e.quadraticForms(v, size)
	for j := range size {
		v.dense[j] += v.denseHeld[j]
	}
	for r, w := range e.w {
		v.raterHeld[r] = w + w*w*v.raterHeld[r]
		v.rater[r] += v.raterHeld[r]
	}
}

// quadraticForms puts the diagonal of the inverse into v.denseHeld and c'S^-1 c of
// the raters' scaled counts c into v.raterHeld. Two columns that share a rater are
// both in the pattern of the factor, so the selected inverse holds all that is needed.
func (e *equations) quadraticForms(v *variances, size int) {
	t, first := &e.counts, e.block.ordering.full
	for r := range e.raters {
		from, to := e.fullStart[r], t.raterStart[r+1]
		for to > from && int(t.column[to-1]) >= size {
			to--
		}
		v.raterHeld[r] = e.block.full.quadratic(t.column[from:to], t.count[from:to], e.scale, first)
	}
	for j := first; j < size; j++ {
		v.denseHeld[j] = e.scale[j] * e.scale[j] * e.block.full.inverse.data[(j-first)*(e.block.full.n+1)]
	}
	for j := range min(first, size) {
		e.block.inverseColumn(j, e.column, e.scale)
		diagonal := e.column[j]
		v.denseHeld[j] = diagonal
		for i := t.columnStart[j]; i < t.columnStart[j+1]; i++ {
			at, end := t.entry[i], t.raterStart[t.rater[i]+1]
			times, sum := t.count[at:end], 0.0
			for o, c := range t.column[at:end] {
				if int(c) < size {
					sum += times[o] * e.column[c]
				}
			}
			v.raterHeld[t.rater[i]] += times[0] * (2*sum - times[0]*diagonal)
		}
		clear(e.column[j:])
	}
}

// quadratic returns x'k x.
func quadratic(k, x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * dot(k[i*len(x):][:len(x)], x)
	}
	return sum
}
