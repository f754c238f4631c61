package mixed

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

const (
	// approachPays is the number of multiplications of a factorisation, per cell of
	// the table of counts, above which the approach is cheaper than what it saves.
	approachPays = 1000
	maxApproach  = 8    // steps of the approach
	arrived      = 2e-5 // step after which the next would be below stopStep
	deflated     = 32   // directions in which the traces are exact, at most
	outside      = 16   // random vectors for the other directions
	vectors      = deflated + outside
	group        = 16 // vectors that are dealt with together
	turns        = 3  // multiplications that turn the space
	// smallDirection is how long the image of a unit vector under N is in directions
	// that need not be exact.
	smallDirection = 0.1
)

// approach leads the search from its start to the optimum, but for the error of the
// probes, without a factorisation: Newton steps in which the equations are solved
// by conjugate gradients and the traces are estimated. The search then needs one
// factorisation and one inverse to find that it is there, and if it is not, it has
// lost no more than the time. Where the factorisation is cheap, or the iteration
// slow or unsure, there is none of this.
//
// The traces sought are those of A^-1 M, where A is the scaled block and M a diagonal
// matrix D for the levels of a dense factor, D plus E with zeros on its diagonal for
// the raters. With N = I - A, whose diagonal is zero too,
//
//	tr A^-1 M = tr D + tr N^2 D + tr N E + tr ((A^-1 - I - N) M - N^2 D).
//
// All but the last are computed element by element. The last is estimated by random
// signs (Hutchinson 1990) outside the space of a few directions in which N is large,
// and is exact inside it (Meyer, Musco, Musco and Woodruff 2021). The noise that is
// left is of third order in the small rest of N.
type approach struct {
	scaled
	vectors   []float64   // orthonormal ones that span the space, then the signs outside it
	space     int         // vectors that span the space, the others up to deflated are left out
	groups    [][]float64 // the vectors as columns of matrices, first those of the space
	solutions [][]float64 // for the groups, at the last point
	weights   []float64   // by rater: w squared
	precision float64     // of the solutions, relative
}

// Precisions: at the start, at the end, and in between as a part of the last step.
const (
	roughly   = 1e-3
	finely    = 1e-8
	narrowing = 1e-4
)

// approached returns the ratios at which the search starts and whether they are
// thought to be the optimum: where the approach does not pay or fails, those given.
func (s *search) approached(start []float64) ([]float64, bool) {
	held := s.fixed >= 0 && s.method == ML // see traced
	if s.probes == nil || held || s.ordering.multiplications() < approachPays*float64(len(s.counts.column)) {
		return start, false
	}
	return newApproach(s).lead(s, start)
}

// lead takes the steps from the start.
func (a *approach) lead(s *search, start []float64) ([]float64, bool) {
	at := slices.Clone(start)
	for range maxApproach {
		sl, ok := a.slope(s, at)
		if !ok {
			return start, false
		}
		step, _ := newtonStep(sl, at)
		for k := range at {
			at[k] *= math.Exp(step[k])
			if k != s.fixed && !(at[k] > nearZero && at[k] < hugeRatio) {
				return start, false
			}
		}
		if longest(step) < arrived && a.precision == finely {
			return at, true
		}
		a.precision = max(finely, min(a.precision, longest(step)*narrowing))
	}
	return start, false
}

func newApproach(s *search) *approach {
	a := &approach{scaled: scaled{equations: s.equations}, precision: roughly}
	a.weights = make([]float64, s.raters)
	a.vectors = make([]float64, vectors*a.dense)
	random := rand.New(rand.NewPCG(1990, 21))
	for i := range a.vectors {
		a.vectors[i] = float64(1 - 2*random.IntN(2))
	}
	return a
}

// slope estimates the criterion's slope at the ratios; false if the equations
// cannot be solved there.
func (a *approach) slope(s *search, at []float64) (slope, bool) {
	copy(a.g, at)
	a.setScales()
	a.update()
	if !a.estimate(&s.solution) {
		return slope{}, false
	}
	traces, ok := a.traces()
	if !ok {
		return slope{}, false
	}
	traces[a.eliminated] += a.raterTrace()
	if a.method == REML {
		a.fixedVariances(&s.solution, &s.variances)
		addTo(traces, a.equations.traces(s.variances.dense, s.variances.rater))
	}
	sl := a.equations.slope(&s.solution, traces, func(b []float64, columns int) {
		ok = ok && a.solveBlock(b, b, columns)
	})
	return sl, ok
}

// solveBlock sets x to the solution for b of the block itself, not scaled.
func (a *approach) solveBlock(x, b []float64, width int) bool {
	right := slices.Clone(b)
	a.unscale(right, width)
	clear(x)
	ok := a.solve(x, right, width, a.precision)
	a.unscale(x, width)
	return ok
}

// unscale divides the rows by the roots of the diagonal.
func (a *approach) unscale(x []float64, width int) {
	for j, d := range a.diagonal {
		f := 1 / math.Sqrt(d)
		for k := range width {
			x[j*width+k] *= f
		}
	}
}

// estimate computes the solution.
func (a *approach) estimate(s *solution) bool {
	s.allocate(a.equations)
	a.reduceBorder()
	if !a.solveBlock(s.w, a.border, a.width) {
		return false
	}
	a.reduceCorner()
	for j := range a.dense {
		border, w := a.border[j*a.width:][:a.width], s.w[j*a.width:][:a.width]
		for c, v := range border {
			subtractScaled(a.last[c*a.width:][:c+1], w, v)
		}
	}
	if !a.factoriseCorner() || a.r2 <= 0 {
		return false
	}
	a.predict(s)
	return true
}

// traces returns what equations.probe does. The vectors are taken in groups that
// stay in the cache, at the same time, and summed up one after the other.
func (a *approach) traces() ([]float64, bool) {
	if a.groups == nil {
		a.deflate()
	}
	for r, w := range a.w {
		a.weights[r] = w * w
	}
	own := a.throughDiagonal()
	out := make([]float64, len(a.g))
	squares, product := a.secondOrder()
	out[a.eliminated] = product
	for j, d := range a.diagonal {
		out[a.factorOf[j]] += (1 + squares[j]) / d
		out[a.eliminated] += (1 + squares[j]) * own[j]
	}
	parts := make([][]float64, len(a.groups))
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() { parts[i] = a.groupTraces(a.groups[i], a.solutions[i], own) })
	}
	all.Wait()
	for i, part := range parts {
		if part == nil {
			return nil, false
		}
		share := 1.0
		if i*group >= a.space {
			share = 1.0 / outside
		}
		addScaled(out, part, share)
	}
	out[a.eliminated] /= a.g[a.eliminated]
	return out, true
}

// groupTraces sums up what the vectors of a group contribute by factor; nil if the
// equations cannot be solved.
func (a *approach) groupTraces(v, x, own []float64) []float64 {
	nv, nnv, m := make([]float64, len(v)), make([]float64, len(v)), make([]float64, len(v))
	a.multiply(nv, v, group)
	subtractFrom(v, nv)
	a.multiply(nnv, nv, group)
	subtractFrom(nv, nnv)
	if !a.solve(x, slices.Clone(v), group, a.precision) {
		return nil
	}
	a.throughRaters(m, v, a.weights, group)
	out := make([]float64, len(a.g))
	for j, d := range a.diagonal {
		sum := 0.0
		for i := j * group; i < (j+1)*group; i++ {
			rest := x[i] - v[i] - nv[i]
			sum += (rest - nnv[i]) * v[i]
			out[a.eliminated] += rest*m[i] - nnv[i]*own[j]*v[i]
		}
		out[a.factorOf[j]] += sum / d
	}
	return out
}

// subtractFrom sets y to x - y.
func subtractFrom(x, y []float64) {
	for i, v := range x {
		y[i] = v - y[i]
	}
}

// secondOrder returns the diagonal of N^2 and the trace of the product of N with
// throughRaters for the squared weights, element by element on one side of the
// diagonal.
func (a *approach) secondOrder() (squares []float64, product float64) {
	t := &a.counts
	squares = make([]float64, a.dense)
	n, m := make([]float64, a.dense), make([]float64, a.dense)
	for j := range squares {
		for i := t.columnStart[j]; i < t.columnStart[j+1]; i++ {
			r, at := t.rater[i], t.entry[i]+1
			w, end := a.w[r], t.raterStart[r+1]
			own, cells := w*a.cells[at-1], a.cells[at:end]
			for o, c := range t.column[at:end] {
				f := own * cells[o]
				n[c] += f
				m[c] += w * f
			}
		}
		for i := a.cross.start[j]; i < a.cross.start[j+1]; i++ {
			o := a.cross.other[i]
			n[o] -= a.cross.count[i] * a.scales[j] * a.scales[o]
		}
		for o := j + 1; o < a.dense; o++ {
			v := n[o] * n[o]
			squares[j] += v
			squares[o] += v
			product += 2 * n[o] * m[o]
		}
		clear(n)
		clear(m)
	}
	return squares, product
}

// columns returns a group of the vectors as the columns of a matrix.
func (a *approach) columns(first int) []float64 {
	out := make([]float64, a.dense*group)
	transpose(view{out, group}, view{a.vectors[first*a.dense:], a.dense}, group, a.dense)
	return out
}

// throughDiagonal returns the diagonal of throughRaters with the squared weights.
func (a *approach) throughDiagonal() []float64 {
	out, t := make([]float64, a.dense), &a.counts
	for r, w := range a.weights {
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			out[t.column[i]] += w * a.cells[i] * a.cells[i]
		}
	}
	return out
}

// deflate turns the space by orthogonal iteration towards the directions in which N
// is largest and takes it out of the signs. It is done at the start of the approach,
// which does not lead far. Groups of directions in which N is small are given up.
func (a *approach) deflate() {
	lengths := make([]float64, deflated)
	for range turns {
		for first := 0; first < deflated; first += group {
			x := a.columns(first)
			image := make([]float64, len(x))
			a.multiply(image, x, group)
			subtractFrom(x, image)
			transpose(view{a.vectors[first*a.dense:], a.dense}, view{image, group}, a.dense, group)
		}
		for c := range lengths {
			lengths[c] = a.straighten(c, c)
			x := a.vectors[c*a.dense:][:a.dense]
			for i := range x {
				x[i] = ratio(x[i], lengths[c])
			}
		}
	}
	a.space = deflated
	for a.space > 0 && slices.Max(lengths[a.space-group:a.space]) < smallDirection {
		a.space -= group
	}
	for c := deflated; c < vectors; c++ {
		a.straighten(c, a.space)
	}
	for first := 0; first < vectors; first += group {
		if first < a.space || first >= deflated {
			x := a.columns(first)
			a.groups, a.solutions = append(a.groups, x), append(a.solutions, slices.Clone(x))
		}
	}
}

// straighten makes a vector orthogonal to the given number of the first ones (Gram
// and Schmidt's method, twice for accuracy) and returns its length.
func (a *approach) straighten(c, first int) float64 {
	x := a.vectors[c*a.dense:][:a.dense]
	for range 2 {
		for o := range first {
			q := a.vectors[o*a.dense:][:a.dense]
			subtractScaled(x, q, dot(x, q))
		}
	}
	return math.Sqrt(dot(x, x))
}
