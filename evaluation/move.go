package evaluation

import "pingyi/org"

// Move is a unit's place in two rankings of the same units.
type Move struct {
	Unit   org.UnitID
	Class  int
	Before Standing
	After  Standing
}

// Moves pairs the places of units in two rankings, in the order of the first; units
// that only one of them has are left out.
func Moves(before, after []Standing) []Move {
	at := make(map[org.UnitID]Standing, len(after))
	for _, s := range after {
		at[s.Unit] = s
	}
	var out []Move
	for _, s := range before {
		if a, ok := at[s.Unit]; ok {
			out = append(out, Move{Unit: s.Unit, Class: s.Class, Before: s, After: a})
		}
	}
	return out
}

// Places is how many places the unit goes up; negative: down. 0 where it has no
// place in one of the rankings.
func (m Move) Places() int {
	if m.Before.Rank == 0 || m.After.Rank == 0 {
		return 0
	}
	return m.Before.Rank - m.After.Rank
}

// Beyond reports whether the move is larger than the error: the new place lies
// outside the range of places that the standard errors of the unit and its
// neighbours left open before.
func (m Move) Beyond() bool {
	return m.Places() != 0 && (m.After.Rank < m.Before.Best || m.After.Rank > m.Before.Worst)
}

// Changed reports whether anything a reader sees of the unit is another.
func (m Move) Changed() bool {
	a, b := m.Before, m.After
	return a.Status != b.Status || a.Rank != b.Rank || a.Result.Grade != b.Result.Grade || !sameExact(a.Result.Total, b.Result.Total)
}

// Difference is how much the total rises; none where one of them is missing.
func (m Move) Difference() Exact {
	if !m.Before.Result.Total.Known() || !m.After.Result.Total.Known() {
		return None
	}
	return m.After.Result.Total.sub(m.Before.Result.Total)
}

func sameExact(a, b Exact) bool {
	if !a.Known() || !b.Known() {
		return a.Known() == b.Known()
	}
	return a.Equal(b)
}
