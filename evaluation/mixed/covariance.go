package mixed

// Covariance returns the covariance matrix of the prediction errors of the levels
// of a factor, row by row, in squared units of Y. Its diagonal is
// PredictionVariance; a difference of two effects has the variance
// V[jj] + V[kk] - 2 V[jk]. For the factor with the most levels, whose block is
// not kept, it is an *Unfit (TooLarge).
func (m *Model) Covariance(factor int) ([]float64, error) {
	if factor < 0 || factor >= len(m.Effects) {
		return nil, unfit(BadInput, "factor %d of %d", factor, len(m.Effects))
	}
	if factor == m.fit.eliminated {
		return nil, unfit(TooLarge, "covariance of the %d levels of the largest factor", m.fit.raters)
	}
	return m.fit.covariance(factor), nil
}

// covariance computes s2 Theta (S^-1 + W K W') Theta for the levels of a dense factor,
// S^-1 as L^-T L^-1 of the unit columns.
func (s *search) covariance(factor int) []float64 {
	q, p, wd := s.levels[factor], s.p, s.width
	position := s.place[s.offset[factor]:][:q]
	unit := make([]float64, s.dense*q)
	for l, j := range position {
		unit[int(j)*q+l] = 1
	}
	s.block.forward(unit, q)
	s.block.backward(unit, q)
	out, kw := make([]float64, q*q), make([]float64, p)
	s2 := s.residual()
	for l, j := range position {
		w := s.solution.w[int(j)*wd:][:p]
		for c := range p {
			kw[c] = dot(s.solution.k[c*p:][:p], w)
		}
		for o, i := range position {
			v := unit[int(i)*q+l] + dot(kw, s.solution.w[int(i)*wd:][:p])
			out[l*q+o] = s2 * s.scale[j] * s.scale[i] * v
		}
	}
	return out
}
