package evaluation

import (
	"cmp"
	"slices"

	"pingyi/org"
)

// Shift is a unit's place as it was published beside the one another scheme gives.
type Shift struct {
	Unit     org.UnitID
	Code     string
	Name     org.Names
	Class    int
	Old, New Standing
	Beyond   bool // the new place lies outside the range the old data allowed
}

// Places is how many places the unit moves up (above 0) or down; 0 without a place
// before or after.
func (m Shift) Places() int {
	if m.Old.Rank == 0 || m.New.Rank == 0 {
		return 0
	}
	return m.Old.Rank - m.New.Rank
}

// Shifts holds a trial against the standings of the snapshot it was made from, by class
// and new place. A move is beyond the error when the new place lies outside the range
// of places that the old totals and their errors allowed.
func (s *Snapshot) Shifts(trial []Standing) []Shift {
	before := map[org.UnitID]Standing{}
	for _, x := range s.Standings() {
		before[x.Unit] = x
	}
	units := map[org.UnitID]SnapshotUnit{}
	for _, u := range s.Units {
		units[u.Unit] = u
	}
	out := make([]Shift, 0, len(trial))
	for _, x := range trial {
		u, old := units[x.Unit], before[x.Unit]
		m := Shift{Unit: x.Unit, Code: u.Code, Name: u.Name, Class: u.Class, Old: old, New: x}
		m.Beyond = m.Places() != 0 && (x.Rank < old.Best || x.Rank > old.Worst)
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(statusOrder[a.New.Status], statusOrder[b.New.Status]), cmp.Compare(a.New.Rank, b.New.Rank), cmp.Compare(a.Unit, b.Unit))
	})
	return out
}
