package mixed

import (
	"math/bits"
	"slices"
)

// The largest numbers of dense columns, whose adjacency is kept as bits, and of
// elements of the factor (1 GB with the inverse).
const (
	maxDense    = 20000
	maxElements = 64e6
)

// Limits of the ordering.
const (
	// What is left is treated as full when every column is joined to at least this
	// share of the columns left; fullAtOnce holds, on average, before the start.
	fullAtOnce = 0.5
	fullLater  = 0.8
	// A column joins a panel when that adds at most one row in looseness to it.
	looseness = 16
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

// multiplications is about what a factorisation costs; the inverse costs twice that.
func (o *ordering) multiplications() float64 {
	n := float64(len(o.place) - o.full)
	sum := n * n * n / 6
	for _, p := range o.panels {
		rows := float64(len(p.rows))
		sum += rows * rows * float64(p.width) / 2
	}
	return sum
}

// elements is the size of the factor, zeros within panels and the full block included.
func (o *ordering) elements() float64 {
	n := float64(len(o.place) - o.full)
	sum := n * n
	for _, p := range o.panels {
		sum += float64(p.width) * float64(p.width+len(p.rows))
	}
	return sum
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
	for r := range len(t.raterStart) - 1 {
		columns := t.column[t.raterStart[r]:t.raterStart[r+1]]
		for _, j := range columns {
			row := a.row(int(j))
			for _, c := range columns {
				row[c>>6] |= 1 << (c & 63)
			}
		}
	}
	for j := range dense {
		a.row(j)[j>>6] &^= 1 << (j & 63)
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

// eliminateGroup eliminates v and with it, up to the width of a panel, neighbours
// whose other neighbours are the same but for a few: the zeros that the panel then
// holds cost less than another panel.
func (a *adjacency) eliminateGroup(v int, degree []int, random int) []int32 {
	group := []int32{int32(v)}
	neighbours := a.neighbours(v)
	for {
		a.eliminate(v, neighbours)
		next := -1
		for _, u := range neighbours {
			degree[u] = a.degree(int(u))
			if int(u) < random && (next < 0 || degree[u] < degree[next]) {
				next = int(u)
			}
		}
		rest := len(neighbours) - 1
		if next < 0 || len(group) == panelWidth || degree[next] > rest+rest/looseness {
			return group
		}
		v, neighbours = next, a.neighbours(next)
		group = append(group, int32(v))
	}
}
