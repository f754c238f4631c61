package mixed

// maxCovariance is the largest number of levels whose covariance matrix is computed.
const maxCovariance = 6000

// Covariance returns the covariance matrix of the prediction errors of the levels
// of a factor, row by row, in squared units of Y. Its diagonal is
// PredictionVariance; a difference of two effects has the variance
// V[jj] + V[kk] - 2 V[jk], which is not the sum of their own. The error is an
// *Unfit: TooLarge beyond 6000 levels.
func (m *Model) Covariance(factor int) ([]float64, error) {
	if factor < 0 || factor >= len(m.Effects) {
		return nil, unfit(BadInput, "factor %d of %d", factor, len(m.Effects))
	}
	if q := m.fit.levels[factor]; q > maxCovariance {
		return nil, unfit(TooLarge, "covariance of %d levels", q)
	}
	return m.fit.covariance(factor), nil
}

// covariance computes it as s2 (D + R R'), where the rows of R are the levels'
// columns of the equations, solved with the factor of the equations: for a dense
// factor D = 0 and R R' = Theta (S^-1 + W K W') Theta; for the eliminated one D is
// what the raters' own block leaves.
func (s *search) covariance(factor int) []float64 {
	q, width := s.levels[factor], s.dense+s.p
	rows := view{make([]float64, q*width), width}
	if factor == s.eliminated {
		s.raterRows(rows)
	} else {
		s.denseRows(rows, s.place[s.offset[factor]:][:q])
	}
	out := view{make([]float64, q*q), q}
	subtractProduct(out, rows, rows, q, q, width, true)
	s2 := s.residual()
	for l := range q {
		for o := range l + 1 {
			v := -s2 * out.data[l*q+o]
			if factor == s.eliminated && l == o {
				v += s2 * s.w[l]
			}
			out.data[l*q+o], out.data[o*q+l] = v, v
		}
	}
	return out.data
}

// denseRows sets row l to Theta [L^-1 e_j, L_X^-1 W_j] for dense column j = position[l].
func (s *search) denseRows(rows view, position []int32) {
	q := len(position)
	unit := make([]float64, s.dense*q)
	for l, j := range position {
		unit[int(j)*q+l] = s.scale[j]
	}
	s.block.forward(unit, q)
	transpose(rows, view{unit, q}, s.dense, q)
	for l, j := range position {
		x := rows.data[l*rows.stride+s.dense:][:s.p]
		addScaled(x, s.solution.w[int(j)*s.width:], s.scale[j])
		s.forwardCorner(x)
	}
}

// raterRows sets row r to w_r [L^-1 c_r, L_X^-1 (x_r - W'c_r)], c_r being the scaled
// counts of rater r and x_r the sum of its rows of X.
func (s *search) raterRows(rows view) {
	q, t := s.raters, &s.counts
	columns := make([]float64, s.dense*q)
	for r, w := range s.w {
		x := rows.data[r*rows.stride+s.dense:][:s.p]
		addScaled(x, s.raterBorder[r*s.width:], w)
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			c := int(t.column[i])
			f := w * t.count[i] * s.scale[c]
			columns[c*q+r] = f
			subtractScaled(x, s.solution.w[c*s.width:], f)
		}
		s.forwardCorner(x)
	}
	s.block.forward(columns, q)
	transpose(rows, view{columns, q}, s.dense, q)
}
