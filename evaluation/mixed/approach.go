package mixed

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// approachPays is the number of multiplications of a factorisation, per cell of
	// the table of counts, above which the approach is cheaper than what it saves.
	approachPays = 1000
	maxApproach  = 8    // steps of the approach
	arrived      = 2e-5 // step after which the next would be below stopStep
	deflated     = 8    // directions in which the traces are exact
)

// approach leads the search from its start to the optimum, but for the error of the
// probes, without a factorisation: Newton steps in which the equations are solved
// by conjugate gradients and the traces are estimated. The search then needs one
// factorisation and one inverse to find that it is there, and if it is not, it has
// lost no more than the time. Where the factorisation is cheap, or the iteration
// slow or unsure, there is none of this.
//
// With A the scaled block and N = I - A, which has zeros on its diagonal, the trace
// of A^-1 M is tr M + tr (A^-1 - I - N) M for diagonal M. The second term is estimated
// by random signs (Hutchinson 1990) outside the space of a few directions in which N
// is large, and is exact inside it (Meyer, Musco, Musco and Woodruff 2021). What is
// left of the noise is of second order in the small rest of N.
type approach struct {
	scaled
	signs   []float64 // dense columns x probeCount
	space   []float64 // dense columns x deflated, orthonormal
	weights []float64 // by rater: w squared
}

// approached returns the ratios at which the search starts and whether they are
// thought to be the optimum.
func (s *search) approached(start []float64) ([]float64, bool) {
	random := s.fixed < 0 || s.method == REML
	if s.probes == nil || !random || s.ordering.multiplications() < approachPays*float64(len(s.counts.column)) {
		return start, false
	}
	a, at := newApproach(s), slices.Clone(start)
	for range maxApproach {
		sl, ok := a.slope(s, at)
		if !ok {
			return start, false
		}
		step, _ := newtonStep(sl, at)
		for k := range at {
			at[k] *= math.Exp(step[k])
			if k != s.fixed && !(at[k] > smallRatio && at[k] < hugeRatio) {
				return start, false
			}
		}
		if longest(step) < arrived {
			return at, true
		}
	}
	return start, false
}

func newApproach(s *search) *approach {
	a := &approach{scaled: scaled{equations: s.equations}, weights: make([]float64, s.raters)}
	a.signs, a.space = make([]float64, a.dense*probeCount), make([]float64, a.dense*deflated)
	random := rand.New(rand.NewPCG(1990, 21))
	for j := range a.dense {
		addSigned(a.signs[j*probeCount:], s.probes.dense[j], 1)
	}
	for i := range a.space {
		a.space[i] = random.NormFloat64()
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
	ok := a.solve(x, right, width)
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

// traces returns what equations.probe does.
func (a *approach) traces() ([]float64, bool) {
	const width = deflated + probeCount
	a.deflate()
	v := make([]float64, a.dense*width) // the space, then the signs outside it
	a.project(v)
	n := a.dense * width
	nv, x, m := make([]float64, n), make([]float64, n), make([]float64, n)
	a.multiply(nv, v, width)
	for i := range nv {
		nv[i] = v[i] - nv[i]
	}
	if !a.solve(x, slices.Clone(v), width) {
		return nil, false
	}
	for i := range x {
		x[i] -= v[i]
	}
	for r, w := range a.w {
		a.weights[r] = w * w
	}
	a.throughRaters(m, v, a.weights, width)
	own := a.throughDiagonal()
	out := make([]float64, len(a.g))
	for j, d := range a.diagonal {
		k := a.factorOf[j]
		out[k] += 1 / d
		out[a.eliminated] += own[j]
		for c := range width {
			share, i := 1.0, j*width+c
			if c >= deflated {
				share = 1.0 / probeCount
			}
			out[k] += share * (x[i] - nv[i]) * v[i] / d
			out[a.eliminated] += share * (x[i]*m[i] - nv[i]*own[j]*v[i])
		}
	}
	out[a.eliminated] /= a.g[a.eliminated]
	return out, true
}

// throughDiagonal returns the diagonal of throughRaters with the squared weights.
func (a *approach) throughDiagonal() []float64 {
	out, t := make([]float64, a.dense), &a.counts
	for r, w := range a.weights {
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			c := t.column[i]
			f := t.count[i] * a.scales[c]
			out[c] += w * f * f
		}
	}
	return out
}

// deflateSteps is the number of multiplications that turn the space towards the
// directions in which N is largest.
const deflateSteps = 3

// deflate improves the space by orthogonal iteration, starting from what it was.
func (a *approach) deflate() {
	image := make([]float64, len(a.space))
	for range deflateSteps {
		a.orthonormalise()
		a.multiply(image, a.space, deflated)
		for i := range image {
			a.space[i] -= image[i]
		}
	}
	a.orthonormalise()
}

// orthonormalise applies Gram and Schmidt's method to the columns of the space,
// twice for accuracy.
func (a *approach) orthonormalise() {
	q := make([]float64, deflated*a.dense)
	transpose(view{q, a.dense}, view{a.space, deflated}, a.dense, deflated)
	for range 2 {
		for c := range deflated {
			x := q[c*a.dense:][:a.dense]
			for o := range c {
				subtractScaled(x, q[o*a.dense:][:a.dense], dot(x, q[o*a.dense:][:a.dense]))
			}
			length := math.Sqrt(dot(x, x))
			for i := range x {
				x[i] = ratio(x[i], length)
			}
		}
	}
	transpose(view{a.space, deflated}, view{q, a.dense}, deflated, a.dense)
}

// project writes the space and what the signs have outside it, side by side.
func (a *approach) project(v []float64) {
	const width = deflated + probeCount
	var inside [deflated][probeCount]float64
	for j := range a.dense {
		for c, q := range a.space[j*deflated:][:deflated] {
			addScaled(inside[c][:], a.signs[j*probeCount:][:probeCount], q)
		}
	}
	for j := range a.dense {
		row, outside := v[j*width:][:width], v[j*width+deflated:][:probeCount]
		copy(row, a.space[j*deflated:][:deflated])
		copy(outside, a.signs[j*probeCount:])
		for c, q := range row[:deflated] {
			subtractScaled(outside, inside[c][:], q)
		}
	}
}
