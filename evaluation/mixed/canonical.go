package mixed

import (
	"cmp"
	"slices"
)

// canonicalOrder returns the ratings in an order that depends on their content
// alone: by level of the factors (first the one named, then the others in turn),
// then by score, then by the fixed effects. Every sum below runs in this order,
// so the result does not depend on the order of the input, to the last bit: equal
// ratings are interchangeable.
func canonicalOrder(d *Data, first int) []int32 {
	order := make([]int32, len(d.Y))
	for r := range order {
		order[r] = int32(r)
	}
	spare := make([]int32, len(d.Y))
	for k := len(d.Factors) - 1; k >= 0; k-- {
		if k != first {
			order, spare = sortedByLevel(&d.Factors[k], order, spare), order
		}
	}
	order, spare = sortedByLevel(&d.Factors[first], order, spare), order
	sortTies(d, order)
	return order
}

// sortedByLevel is one stable pass of a radix sort: it writes the ratings in from
// to into, by level of f, and returns into.
func sortedByLevel(f *Factor, from, into []int32) []int32 {
	next := make([]int32, f.Levels+1)
	for _, level := range f.Of {
		next[level+1]++
	}
	for l := range f.Levels {
		next[l+1] += next[l]
	}
	for _, r := range from {
		level := f.Of[r]
		into[next[level]] = r
		next[level]++
	}
	return into
}

// sortTies puts ratings that share all levels in order of score and fixed effects.
func sortTies(d *Data, order []int32) {
	sameLevels := func(a, b int32) bool {
		for k := range d.Factors {
			if d.Factors[k].Of[a] != d.Factors[k].Of[b] {
				return false
			}
		}
		return true
	}
	byValue := func(a, b int32) int {
		if c := cmp.Compare(d.Y[a], d.Y[b]); c != 0 {
			return c
		}
		for k := range d.Fixed {
			if c := cmp.Compare(d.Fixed[k].X[a], d.Fixed[k].X[b]); c != 0 {
				return c
			}
		}
		return 0
	}
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && sameLevels(order[from], order[to]) {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(order[from:to], byValue)
		}
		from = to
	}
}
