package mixed

import (
	"math/bits"
	"slices"
)

// maxDense is the largest number of dense columns: their adjacency is kept as bits.
const maxDense = 20000

// Ordering stops, and what is left is treated as full, when a column is joined to
// this share of the columns left; the first when nothing has been eliminated yet.
const (
	fullAtOnce = 0.5
	fullLater  = 0.7
)

// panel is a set of columns, eliminated one after the other, that share the rows
// below them.
type panel struct {
	first, width int
	rows         []int32 // positions after the panel's own, ascending
}

// ordering is the order in which the dense columns are eliminated: panels first,
// then the columns from full on, whose block of the factor is full.
type ordering struct {
	place  []int32 // position of each dense column
	panels []panel
	full   int // first position of the full block
}

// adjacency holds for each dense column the bit set of the columns it is joined to
// by a rater.
type adjacency struct {
	words int
	bits  []uint64
	alive []uint64 // not yet eliminated
	left  int
}

func (a *adjacency) row(v int) []uint64 { return a.bits[v*a.words:][:a.words] }

func newAdjacency(t *counts, dense int) *adjacency {
	words := (dense + 63) / 64
	a := &adjacency{words, make([]uint64, dense*words), make([]uint64, words), dense}
	for j := range dense {
		row := a.row(j)
		for i := t.columnStart[j]; i < t.columnStart[j+1]; i++ {
			r := t.rater[i]
			for _, c := range t.column[t.raterStart[r]:t.raterStart[r+1]] {
				row[c>>6] |= 1 << (c & 63)
			}
		}
		row[j>>6] &^= 1 << (j & 63)
		a.alive[j>>6] |= 1 << (j & 63)
	}
	return a
}

// degree counts the living neighbours of v.
func (a *adjacency) degree(v int) int {
	n := 0
	for _, w := range a.row(v) {
		n += bits.OnesCount64(w)
	}
	return n
}

// neighbours lists the living neighbours of v, ascending.
func (a *adjacency) neighbours(v int) []int32 { return members(a.row(v), nil) }

func members(set []uint64, into []int32) []int32 {
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			into = append(into, int32(i*64+bits.TrailingZeros64(w)))
		}
	}
	return into
}

// eliminate takes v out and joins its neighbours with each other.
func (a *adjacency) eliminate(v int, neighbours []int32) {
	row := a.row(v)
	for _, u := range neighbours {
		other := a.row(int(u))
		for i, w := range row {
			other[i] |= w
		}
		other[u>>6] &^= 1 << (u & 63)
		other[v>>6] &^= 1 << (v & 63)
	}
	a.alive[v>>6] &^= 1 << (v & 63)
	a.left--
}

// newOrdering orders by minimum degree, the columns from random on last: of the
// living columns the one with the fewest neighbours is next, with it those that
// have become indistinguishable from it.
func newOrdering(t *counts, dense, random int) ordering {
	o := ordering{place: identity(dense)}
	a := newAdjacency(t, dense)
	degree, joined := make([]int, dense), 0
	for v := range dense {
		degree[v] = a.degree(v)
		joined += degree[v]
	}
	if dense <= panelWidth || float64(joined) >= fullAtOnce*float64(dense)*float64(dense) {
		return o
	}
	var sequence []int32
	for {
		v := -1
		for u := range random {
			if a.alive[u>>6]>>(u&63)&1 == 1 && (v < 0 || degree[u] < degree[v]) {
				v = u
			}
		}
		if v < 0 || float64(degree[v]) >= fullLater*float64(a.left-1) {
			break
		}
		group := a.eliminateGroup(v, degree, random)
		o.panels = append(o.panels, panel{first: len(sequence), width: len(group), rows: a.neighbours(int(group[len(group)-1]))})
		sequence = append(sequence, group...)
	}
	o.full = len(sequence)
	sequence = members(a.alive, sequence)
	for position, v := range sequence {
		o.place[v] = int32(position)
	}
	for _, p := range o.panels {
		for i, v := range p.rows {
			p.rows[i] = o.place[v]
		}
		slices.Sort(p.rows)
	}
	return o
}

// eliminateGroup eliminates v and then, up to the width of a panel, its neighbours
// whose other neighbours are the same.
func (a *adjacency) eliminateGroup(v int, degree []int, random int) []int32 {
	group := []int32{int32(v)}
	neighbours := a.neighbours(v)
	a.eliminate(v, neighbours)
	for _, u := range neighbours {
		degree[u] = a.degree(int(u))
	}
	rest := len(neighbours)
	for _, u := range neighbours {
		if int(u) < random && len(group) < panelWidth && degree[u] == rest-1 {
			a.eliminate(int(u), a.neighbours(int(u)))
			for _, w := range neighbours {
				degree[w]--
			}
			rest--
			group = append(group, u)
		}
	}
	return group
}
