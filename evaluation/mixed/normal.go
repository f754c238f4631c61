package mixed

// normal holds the sums of Henderson's mixed model equations that do not depend
// on the variance components. The factor with the most levels (here called the
// raters, whatever it is) is eliminated level by level, since its block is
// diagonal; the levels of all other factors are the dense columns, numbered in
// the order of elimination. X and y together are the border.
type normal struct {
	n      int // ratings
	raters int // levels of the eliminated factor
	dense  int // dense columns: levels of all other factors
	p      int // columns of X, the intercept first unless a factor is fixed
	width  int // p+1: columns of the border, y last

	eliminated int     // index of the eliminated factor
	fixed      int     // index of the factor whose levels are fixed effects, or -1
	levels     []int   // by factor
	offset     []int   // by factor: first dense column before ordering
	place      []int32 // position in elimination order of each dense column
	factorOf   []int32 // by position: factor of the dense column
	ordering   ordering

	counts    counts    // ratings per rater and dense column
	cross     crossings // ratings per pair of dense columns of different factors
	size      []float64 // ratings per rater
	denseSize []float64 // ratings per dense column

	raterBorder []float64 // Z1'[X y], row by row
	denseBorder []float64 // Z2'[X y]
	corner      []float64 // [X y]'[X y]

	meanY float64 // subtracted from y
	part  fixedPart
}

// newNormal sums up the data. fixed is the factor whose levels are fixed effects, or -1.
func newNormal(d *Data, fixed int) (*normal, error) {
	m := &normal{n: len(d.Y), fixed: fixed, eliminated: largestFactor(d, fixed)}
	m.numberDense(d)
	if m.dense > maxDense {
		return nil, unfit(TooLarge, "%d levels besides the largest factor, at most %d", m.dense, maxDense)
	}
	m.raters = m.levels[m.eliminated]
	order := canonicalOrder(d, m.eliminated)
	var group *Factor
	if fixed >= 0 {
		group = &d.Factors[fixed]
	}
	m.part = newFixedPart(d, order, group)
	m.p = len(m.part.columns)
	if fixed < 0 {
		m.p++
	}
	m.width = m.p + 1
	m.countRatings(d, order)
	if n := m.ordering.elements(); n > maxElements {
		return nil, unfit(TooLarge, "%.0f elements are left when the largest factor is eliminated, at most %.0f", n, maxElements)
	}
	m.sumBorder(d, order)
	return m, nil
}

// numberDense gives the levels of all factors but the eliminated one their dense
// columns, those of the fixed factor last: what precedes them is random.
func (m *normal) numberDense(d *Data) {
	m.levels, m.offset = make([]int, len(d.Factors)), make([]int, len(d.Factors))
	for k, f := range d.Factors {
		m.levels[k] = f.Levels
		if k != m.eliminated && k != m.fixed {
			m.offset[k] = m.dense
			m.dense += f.Levels
		}
	}
	if m.fixed >= 0 {
		m.offset[m.fixed] = m.dense
		m.dense += m.levels[m.fixed]
	}
}

// randomDense returns the number of dense columns that are random; they come first.
func (m *normal) randomDense() int {
	if m.fixed >= 0 {
		return m.dense - m.levels[m.fixed]
	}
	return m.dense
}

// largestFactor returns the random factor with the most levels.
func largestFactor(d *Data, fixed int) int {
	largest := -1
	for k, f := range d.Factors {
		if k != fixed && (largest < 0 || f.Levels > d.Factors[largest].Levels) {
			largest = k
		}
	}
	return largest
}

// countRatings counts, orders the dense columns so that elimination fills in
// little, and renumbers the counts accordingly.
func (m *normal) countRatings(d *Data, order []int32) {
	rater := make([]int32, m.n)
	m.size = make([]float64, m.raters)
	for i, r := range order {
		rater[i] = d.Factors[m.eliminated].Of[r]
		m.size[rater[i]]++
	}
	var columns [][]int32 // by dense factor: dense column of each rating
	for k, f := range d.Factors {
		if k == m.eliminated {
			continue
		}
		column := make([]int32, m.n)
		for i, r := range order {
			column[i] = int32(m.offset[k]) + f.Of[r]
		}
		columns = append(columns, column)
	}
	m.counts = newCounts(rater, columns, m.raters, m.dense)
	m.ordering = newOrdering(&m.counts, m.dense, m.randomDense())
	m.place = m.ordering.place
	m.setFactorOf()
	if m.ordering.full > 0 {
		for _, column := range columns {
			for i, c := range column {
				column[i] = m.place[c]
			}
		}
		m.counts = newCounts(rater, columns, m.raters, m.dense)
	}
	m.cross = newCrossings(columns, m.dense)
	m.denseSize = make([]float64, m.dense)
	for _, column := range columns {
		for _, c := range column {
			m.denseSize[c]++
		}
	}
}

func (m *normal) setFactorOf() {
	m.factorOf = make([]int32, m.dense)
	for k, levels := range m.levels {
		if k == m.eliminated {
			continue
		}
		for l := range levels {
			m.factorOf[m.place[m.offset[k]+l]] = int32(k)
		}
	}
}

func identity(n int) []int32 {
	place := make([]int32, n)
	for i := range place {
		place[i] = int32(i)
	}
	return place
}

// sumBorder sums X and y per rater, per dense column and over all. The mean of y
// is taken out first, so that r^2 does not come out as a difference of large numbers.
func (m *normal) sumBorder(d *Data, order []int32) {
	sum := 0.0
	for _, r := range order {
		sum += d.Y[r]
	}
	m.meanY = sum / float64(m.n)
	w := m.width
	m.raterBorder = make([]float64, m.raters*w)
	m.denseBorder = make([]float64, m.dense*w)
	m.corner = make([]float64, w*w)
	row := make([]float64, w)
	first := m.p - len(m.part.columns)
	row[0] = 1
	for i, r := range order {
		for c, x := range m.part.columns {
			row[first+c] = x[i]
		}
		row[m.p] = d.Y[r] - m.meanY
		for k, f := range d.Factors {
			l := int(f.Of[r])
			if k == m.eliminated {
				addTo(m.raterBorder[l*w:][:w], row)
			} else {
				addTo(m.denseBorder[int(m.place[m.offset[k]+l])*w:][:w], row)
			}
		}
		for a, v := range row {
			for b := range row {
				m.corner[a*w+b] += v * row[b]
			}
		}
	}
}

func addTo(y, x []float64) {
	for i := range y {
		y[i] += x[i]
	}
}
