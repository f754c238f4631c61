package mixed

import "math"

// equations are the mixed model equations at one point of the variance
// components, factorised. The memory is used again at the next point.
type equations struct {
	*normal
	method Method
	block  *block

	g      []float64 // by factor: variance of the effects over the residual variance
	d, w   []float64 // by rater: 1 + g n and g/(1 + g n)
	scale  []float64 // by dense column: sqrt(g), 1 where fixed
	border []float64 // L^-1 of the reduced border, dense rows of width
	last   []float64 // Cholesky factor of what is left of the border's corner
	column []float64 // working memory: one dense column, zero between uses

	fullStart []int32 // by rater: first entry of counts in the full block

	criterion float64
	r2        float64 // penalised residual sum of squares
}

func newEquations(m *normal, method Method) *equations {
	e := &equations{
		normal: m, method: method, block: newBlock(m),
		g: make([]float64, len(m.levels)),
		d: make([]float64, m.raters), w: make([]float64, m.raters),
		scale: make([]float64, m.dense), column: make([]float64, m.dense),
		border: make([]float64, m.dense*m.width), last: make([]float64, m.width*m.width),
		fullStart: make([]int32, m.raters),
	}
	for r := range e.fullStart {
		at := m.counts.raterStart[r]
		for at < m.counts.raterStart[r+1] && int(m.counts.column[at]) < m.ordering.full {
			at++
		}
		e.fullStart[r] = at
	}
	return e
}

// freedom is the divisor of r^2 in the residual variance: the ratings, with REML
// less the fixed effects.
func (e *equations) freedom() float64 {
	if e.method == ML {
		return float64(e.n)
	}
	return float64(e.n - e.p - (e.dense - e.randomDense()))
}

// residual is the estimate of the residual variance.
func (e *equations) residual() float64 { return e.r2 / e.freedom() }

// evaluate factorises the equations at the variance ratios g (by factor) and
// computes the criterion (Bates et al. 2015, equations 34 and 41).
func (e *equations) evaluate(g []float64) error {
	copy(e.g, g)
	logZ := e.setScales()
	e.assemble()
	if !e.block.factorise() {
		return unfit(NotConverged, "equations are singular at variance ratios %v", g)
	}
	e.block.forward(e.border, e.width)
	total := e.corner[e.width*e.width-1]
	e.reduceCorner()
	for j := range e.dense {
		subtractOuter(e.last, e.border[j*e.width:][:e.width], 1)
	}
	if !e.factoriseCorner() || e.r2 <= saturation*total {
		return unfit(Saturated, "residual sum of squares %.3g of %.3g", e.r2, total)
	}
	logX := 0.0
	for j := range e.dense {
		if l := 2 * math.Log(e.block.diagonal(j)); j < e.randomDense() {
			logZ += l
		} else {
			logX += l
		}
	}
	for c := range e.p {
		logX += 2 * math.Log(e.last[c*e.width+c])
	}
	nu := e.freedom()
	e.criterion = logZ + nu*(1+math.Log(2*math.Pi*e.r2/nu))
	if e.method == REML {
		e.criterion += logX
	}
	return nil
}

// saturation is the share of the total sum of squares below which the residual
// counts as zero.
const saturation = 1e-10

// setScales prepares the weights of raters and columns; it returns the log
// determinant of the raters' block.
func (e *equations) setScales() float64 {
	g := e.g[e.eliminated]
	logDet := 0.0
	for r, n := range e.size {
		e.d[r] = 1 + g*n
		e.w[r] = g / e.d[r]
		logDet += math.Log(e.d[r])
	}
	for j, k := range e.factorOf {
		e.scale[j] = math.Sqrt(e.g[k])
		if int(k) == e.fixed {
			e.scale[j] = 1
		}
	}
	return logDet
}

// assemble computes the block and border that are left when the raters are eliminated.
func (e *equations) assemble() {
	t := &e.counts
	e.reduceBorder()
	e.block.full.clear()
	for r := range e.raters {
		from, to := e.fullStart[r], t.raterStart[r+1]
		e.block.full.subtractSquare(t.column[from:to], t.count[from:to], e.w[r], e.block.ordering.full)
	}
	for j := range e.dense {
		if j < e.block.ordering.full {
			e.assembleSparse(j)
		}
		for i := e.cross.start[j]; i < e.cross.start[j+1]; i++ {
			e.column[e.cross.other[i]] += e.cross.count[i]
		}
		e.column[j] += e.denseSize[j]
		e.block.set(j, e.column, e.scale, e.ridge(j))
		for i := e.cross.start[j]; i < e.cross.start[j+1]; i++ {
			e.column[e.cross.other[i]] = 0
		}
	}
}

// ridge is what the equations add to the diagonal of dense column j.
func (e *equations) ridge(j int) float64 {
	if j >= e.randomDense() {
		return 0
	}
	return 1
}

// reduceBorder sets border to what is left of it when the raters are eliminated.
func (e *equations) reduceBorder() {
	t, wd := &e.counts, e.width
	copy(e.border, e.denseBorder)
	for r, w := range e.w {
		row := e.raterBorder[r*wd:][:wd]
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			f := w * t.count[i]
			border := e.border[int(t.column[i])*wd:][:wd]
			for o, v := range row {
				border[o] -= f * v
			}
		}
	}
	for j, scale := range e.scale {
		for c := range wd {
			e.border[j*wd+c] *= scale
		}
	}
}

// assembleSparse subtracts from the working column what the elimination of the
// raters leaves in column j, from row j on.
func (e *equations) assembleSparse(j int) {
	t := &e.counts
	for i := t.columnStart[j]; i < t.columnStart[j+1]; i++ {
		r, at := t.rater[i], t.entry[i]
		end := t.raterStart[r+1]
		f := e.w[r] * t.count[at]
		times := t.count[at:end]
		for o, c := range t.column[at:end] {
			e.column[c] -= f * times[o]
		}
	}
}

// reduceCorner sets last to the corner [X y]'[X y] with the raters eliminated.
func (e *equations) reduceCorner() {
	copy(e.last, e.corner)
	for r, weight := range e.w {
		subtractOuter(e.last, e.raterBorder[r*e.width:][:e.width], weight)
	}
}

// factoriseCorner factorises the corner from which all else has been eliminated and
// sets r2. False if X or y is left with nothing.
func (e *equations) factoriseCorner() bool {
	w := e.width
	for i := range w {
		for j := range i + 1 {
			v := e.last[i*w+j] - dot(e.last[i*w:][:j], e.last[j*w:][:j])
			if i == w-1 && j == i {
				e.r2 = v
			}
			if i != j {
				e.last[i*w+j] = v / e.last[j*w+j]
				continue
			}
			if !(v > 0) {
				return false
			}
			e.last[i*w+i] = math.Sqrt(v)
		}
	}
	return true
}

// subtractOuter subtracts f x x' from the lower triangle of a.
func subtractOuter(a, x []float64, f float64) {
	for i, v := range x {
		row := a[i*len(x):][:i+1]
		for j := range row {
			row[j] -= f * v * x[j]
		}
	}
}
