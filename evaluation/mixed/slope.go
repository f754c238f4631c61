package mixed

import "slices"

// slope is the criterion's gradient and average information in the logarithms of
// the variance ratios, by factor.
type slope struct {
	gradient    []float64
	information []float64 // row by row
}

// slope computes both at the point of the last evaluation, given tr(C_kk)/g_k by
// factor, C being the inverse of the mixed model equations, and what replaces B,
// columns of the given number row by row, by S^-1 B. Factors with ratio 0 and the
// fixed one have zeros.
//
// The gradient is exact. The information is that of Gilmour, Thompson and Cullis
// (1995): the mean of observed and expected Hessian, from which the traces of
// matrix products cancel, so that it costs one solution per factor.
func (e *equations) slope(s *solution, traces []float64, solve func(b []float64, columns int)) slope {
	q := len(e.g)
	out := slope{make([]float64, q), make([]float64, q*q)}
	nu := e.freedom()
	squares := e.squares(s)
	for k, g := range e.g {
		if k != e.fixed && g > 0 {
			out.gradient[k] = float64(e.levels[k]) - traces[k] - nu*squares[k]/(g*e.r2)
		}
	}
	projected := e.projectedProducts(s, solve)
	for k, gk := range e.g {
		for l, gl := range e.g {
			if k != e.fixed && l != e.fixed && gk > 0 && gl > 0 {
				s := squares[k] / gk * squares[l] / gl
				out.information[k*q+l] = nu * (projected[k*q+l]/e.r2 - s/(e.r2*e.r2))
			}
		}
	}
	return out
}

// squares returns by factor the sum of the squared effects.
func (e *equations) squares(s *solution) []float64 {
	out := make([]float64, len(e.g))
	for _, a := range s.rater {
		out[e.eliminated] += a * a
	}
	for j, b := range s.dense {
		out[e.factorOf[j]] += b * b
	}
	return out
}

// traces returns by factor the sum of the variances over g.
func (e *equations) traces(dense, rater []float64) []float64 {
	out := make([]float64, len(e.g))
	for _, v := range rater {
		out[e.eliminated] += v
	}
	for j, v := range dense {
		out[e.factorOf[j]] += v
	}
	for k, g := range e.g {
		if g > 0 {
			out[k] /= g
		}
	}
	return out
}

// raterTrace returns the sum of 1/(1 + g n) over the raters: what their variances
// over g would be if nothing else were estimated.
func (e *equations) raterTrace() float64 {
	sum := 0.0
	for _, d := range e.d {
		sum += 1 / d
	}
	return sum
}

// projectedProducts returns f_k'P f_l for f_k = Z_k b_k, b_k being the effects of
// factor k: P f is the residual of the model with f for its scores.
func (e *equations) projectedProducts(s *solution, solve func([]float64, int)) []float64 {
	q := len(e.g)
	responses := make([]response, q)
	reduced := make([]float64, e.dense*q)
	corner := make([]float64, q*e.p)
	out := make([]float64, q*q)
	for k := range responses {
		responses[k] = e.response(s, k)
		for l := range q {
			out[k*q+l] = e.products(responses[k], s, l)
		}
		e.reduce(responses[k], k, reduced, corner[k*e.p:][:e.p])
	}
	for j := range e.dense {
		for k := range q {
			subtractScaled(corner[k*e.p:][:e.p], s.w[j*e.width:][:e.p], reduced[j*q+k])
		}
	}
	solved := slices.Clone(reduced)
	solve(solved, q)
	for k := range q {
		e.forwardCorner(corner[k*e.p:][:e.p])
	}
	for k := range q {
		for l := range q {
			sum := out[k*q+l]
			for r, w := range e.w {
				sum -= w * responses[k].rater[r] * responses[l].rater[r]
			}
			for j := range e.dense {
				sum -= reduced[j*q+k] * solved[j*q+l]
			}
			out[k*q+l] = sum - dot(corner[k*e.p:][:e.p], corner[l*e.p:][:e.p])
		}
	}
	return out
}

// response holds Z'f and X'f of a response f = Z_k b_k.
type response struct {
	rater, dense, x []float64
}

// response returns the products of Z_k b_k with the design.
func (e *equations) response(s *solution, k int) response {
	f := response{make([]float64, e.raters), make([]float64, e.dense), make([]float64, e.p)}
	t := &e.counts
	if k == e.eliminated {
		for r, a := range s.rater {
			f.rater[r] = e.size[r] * a
			addScaled(f.x, e.raterBorder[r*e.width:][:e.p], a)
			for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
				f.dense[t.column[i]] += t.count[i] * a
			}
		}
		return f
	}
	effects := make([]float64, e.dense) // those of factor k alone
	for j, b := range s.dense {
		if int(e.factorOf[j]) == k {
			effects[j] = b
			f.dense[j] = e.denseSize[j] * b
			addScaled(f.x, e.denseBorder[j*e.width:][:e.p], b)
		}
	}
	for j := range e.dense {
		for i := e.cross.start[j]; i < e.cross.start[j+1]; i++ {
			f.dense[j] += e.cross.count[i] * effects[e.cross.other[i]]
		}
	}
	for r := range f.rater {
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			f.rater[r] += t.count[i] * effects[t.column[i]]
		}
	}
	return f
}

// reduce eliminates the raters from a response, whose dense part it uses up: column
// k of reduced, and corner.
func (e *equations) reduce(f response, k int, reduced, corner []float64) {
	q, t := len(e.g), &e.counts
	copy(corner, f.x)
	for r, w := range e.w {
		a := w * f.rater[r]
		subtractScaled(corner, e.raterBorder[r*e.width:][:e.p], a)
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			f.dense[t.column[i]] -= t.count[i] * a
		}
	}
	for j, v := range f.dense {
		reduced[j*q+k] = e.scale[j] * v
	}
}

// products returns the inner product of a response with Z_l b_l.
func (e *equations) products(f response, s *solution, l int) float64 {
	if l == e.eliminated {
		return dot(s.rater, f.rater)
	}
	sum := 0.0
	for j, b := range s.dense {
		if int(e.factorOf[j]) == l {
			sum += b * f.dense[j]
		}
	}
	return sum
}
