package mixed

// smallestStart is the share of the total variance that a factor has at least in
// the starting values, so that the search does not start on the boundary.
const smallestStart = 1e-3

// startRatios returns the variance ratios at which the search starts: the one-way
// analysis of variance estimate (MSB - MSW)/n0 of each factor over what remains
// of the total variance. It needs nothing but the sums and brings the search to
// within three steps of the optimum.
func (m *normal) startRatios() []float64 {
	q := len(m.levels)
	n, yy := float64(m.n), m.corner[m.width*m.width-1]
	total := yy / (n - 1)
	between, squares, used := make([]float64, q), make([]float64, q), make([]float64, q)
	add := func(k int, size, sum float64) {
		if size > 0 {
			between[k] += sum * sum / size
			squares[k] += size * size
			used[k]++
		}
	}
	for r, size := range m.size {
		add(m.eliminated, size, m.raterBorder[r*m.width+m.p])
	}
	for j, size := range m.denseSize {
		add(int(m.factorOf[j]), size, m.denseBorder[j*m.width+m.p])
	}
	variance, residual := make([]float64, q), total
	for k := range variance {
		if k == m.fixed {
			continue
		}
		msb := between[k] / (used[k] - 1)
		msw := (yy - between[k]) / (n - used[k])
		n0 := (n - squares[k]/n) / (used[k] - 1)
		variance[k] = max(smallestStart*total, (msb-msw)/n0)
		residual -= variance[k]
	}
	residual = max(residual, 0.1*total)
	for k := range variance {
		variance[k] /= residual
	}
	return variance
}
