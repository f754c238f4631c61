package mixed

// counts is the sparse table of ratings per rater and dense column, stored by
// rater (columns ascending) and by column (raters ascending).
type counts struct {
	raterStart []int32 // first entry of each rater, and the end
	column     []int32
	count      []float64

	columnStart []int32 // first entry of each dense column, and the end
	rater       []int32
	entry       []int32 // where the same cell stands in column and count
}

// newCounts counts ratings: rater[i] and columns[k][i] are the levels of rating i
// in canonical order, in which the raters ascend.
func newCounts(rater []int32, columns [][]int32, raters, dense int) counts {
	start := make([]int32, dense+1)
	for _, column := range columns {
		for _, c := range column {
			start[c+1]++
		}
	}
	for c := range dense {
		start[c+1] += start[c]
	}
	// By column; repeated ratings of a cell follow each other and are merged.
	cells := int(start[dense])
	t := counts{columnStart: make([]int32, dense+1), raterStart: make([]int32, raters+1)}
	of, times := make([]int32, cells), make([]float64, cells)
	end := append([]int32(nil), start[:dense]...)
	for i, r := range rater {
		for _, column := range columns {
			c := column[i]
			if at := end[c]; at > start[c] && of[at-1] == r {
				times[at-1]++
				continue
			}
			of[end[c]], times[end[c]] = r, 1
			end[c]++
			t.raterStart[r+1]++
		}
	}
	for r := range raters {
		t.raterStart[r+1] += t.raterStart[r]
	}
	merged := int(t.raterStart[raters])
	t.column, t.count = make([]int32, merged), make([]float64, merged)
	t.rater, t.entry = make([]int32, merged), make([]int32, merged)
	next := append([]int32(nil), t.raterStart[:raters]...)
	at := int32(0)
	for c := range dense {
		for e := start[c]; e < end[c]; e++ {
			r := of[e]
			t.rater[at], t.entry[at] = r, next[r]
			t.column[next[r]], t.count[next[r]] = int32(c), times[e]
			next[r]++
			at++
		}
		t.columnStart[c+1] = at
	}
	return t
}

// crossings are the ratings per pair of dense columns that belong to different
// factors, both ways. Empty with one dense factor.
type crossings struct {
	start []int32
	other []int32
	count []float64
}

// newCrossings counts them from the dense columns of each rating.
func newCrossings(columns [][]int32, dense int) crossings {
	x := crossings{start: make([]int32, dense+1)}
	if len(columns) < 2 {
		return x
	}
	// Ratings listed by the column of each factor in turn.
	n := len(columns[0])
	start := make([]int32, dense+1)
	for _, column := range columns {
		for _, c := range column {
			start[c+1]++
		}
	}
	for c := range dense {
		start[c+1] += start[c]
	}
	rating := make([]int32, start[dense])
	next := append([]int32(nil), start[:dense]...)
	for i := range n {
		for _, column := range columns {
			rating[next[column[i]]] = int32(i)
			next[column[i]]++
		}
	}
	times, seen := make([]float64, dense), []int32(nil)
	for c := range dense {
		for _, i := range rating[start[c]:start[c+1]] {
			for _, column := range columns {
				if o := column[i]; int(o) != c {
					if times[o] == 0 {
						seen = append(seen, o)
					}
					times[o]++
				}
			}
		}
		for _, o := range seen {
			x.other, x.count = append(x.other, o), append(x.count, times[o])
			times[o] = 0
		}
		seen = seen[:0]
		x.start[c+1] = int32(len(x.other))
	}
	return x
}
