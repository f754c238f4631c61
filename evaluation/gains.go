package evaluation

import (
	"slices"

	"pingyi/org"
)

// The gains a unit can reach.
const (
	GainOverdue  = "overdue"  // no issue over its deadline
	GainResponse = "response" // all issues answered in time
	GainSolved   = "solved"   // all issues solved in time
	GainReturned = "returned" // a sheet returned for each visit
	GainSheets   = "sheets"   // sheets from so many companies that the mean counts in full
	GainTasks    = "tasks"    // all tasks in time
	GainTarget   = "target"   // the target reached
	GainCases    = "cases"    // no case of a deduction rule
)

// Gain is what a unit's total would be more if one thing had been otherwise, and
// nothing else, neither with it nor with the others.
type Gain struct {
	Kind   string
	Rule   string // of cases
	Count  int    // issues, visits, tasks, companies or cases it is about
	Points Exact
	Rank   int // it would have had; 0 none
}

// Gains lists the reachable gains of a unit, largest first. Each is computed by
// scoring the class once more with the changed facts. What rests on fewer companies
// than the floor is left out: its size would tell what they said.
func (s *Snapshot) Gains(unit org.UnitID, floor int) []Gain {
	i := slices.IndexFunc(s.Units, func(u SnapshotUnit) bool { return u.Unit == unit })
	if i < 0 {
		return nil
	}
	me := s.Units[i]
	now, ok := s.standing(me, me.Facts)
	if !ok {
		return nil
	}
	var out []Gain
	for _, t := range s.tries(me, floor) {
		if then, ok := s.standing(me, t.facts); ok {
			if t.gain.Points = then.Result.Total.sub(now.Result.Total); t.gain.Points.rat.Sign() > 0 {
				t.gain.Rank = then.Rank
				out = append(out, t.gain)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Gain) int { return b.Points.cmp(a.Points) })
	return out
}

// standing scores the unit's class with other facts for the unit.
func (s *Snapshot) standing(me SnapshotUnit, facts Facts) (Standing, bool) {
	var class []UnitFacts
	for i := range s.Units {
		u := &s.Units[i]
		switch {
		case u.Unit == me.Unit:
			class = append(class, UnitFacts{u.Unit, &facts})
		case u.Class == me.Class:
			class = append(class, UnitFacts{u.Unit, &u.Facts})
		}
	}
	all := s.Scheme.Rank(me.Class, class)
	i := slices.IndexFunc(all, func(x Standing) bool { return x.Unit == me.Unit })
	return all[i], all[i].Result.Total.Known()
}

// try is a change of facts with what it would be a gain of.
type try struct {
	gain  Gain
	facts Facts
}

// tries are the changes that lie in the unit's own hands.
func (s *Snapshot) tries(me SnapshotUnit, floor int) []try {
	var out []try
	f := me.Facts
	add := func(g Gain, change func(f *Facts)) {
		if g.Count > 0 {
			facts := f
			change(&facts)
			out = append(out, try{g, facts})
		}
	}
	add(Gain{Kind: GainOverdue, Count: len(f.Issues.Overdue)}, func(f *Facts) { f.Issues.Overdue = nil })
	add(Gain{Kind: GainResponse, Count: f.Issues.All - f.Issues.Responded}, func(f *Facts) { f.Issues.Responded = f.Issues.All })
	add(Gain{Kind: GainSolved, Count: f.Issues.All - f.Issues.Solved}, func(f *Facts) { f.Issues.Solved = f.Issues.All })
	add(Gain{Kind: GainTasks, Count: f.Tasks.Due - f.Tasks.Done}, func(f *Facts) { f.Tasks.Done = f.Tasks.Due })
	if f.Tasks.Target.Known() && f.Tasks.Arrived.cmp(f.Tasks.Target) < 0 {
		add(Gain{Kind: GainTarget, Count: 1}, func(f *Facts) { f.Tasks.Arrived = f.Tasks.Target })
	}
	if f.Sheets.Due >= floor {
		add(Gain{Kind: GainReturned, Count: f.Sheets.Due - f.Sheets.Returned}, func(f *Facts) { f.Sheets.Returned = f.Sheets.Due })
	}
	if n := len(f.Sheets.Companies); n >= max(floor, 1) {
		add(Gain{Kind: GainSheets, Count: s.fullAt(me.Class) - n}, func(f *Facts) {
			f.Sheets.Companies = slices.Clone(f.Sheets.Companies)
			for k := range s.fullAt(me.Class) - n { // as good as those there are
				f.Sheets.Companies = append(f.Sheets.Companies, f.Sheets.Companies[k%n])
			}
		})
	}
	for _, rule := range s.Scheme.Deduction {
		n := 0
		for _, e := range f.Entries {
			if e.Rule == rule.Code {
				n++
			}
		}
		add(Gain{Kind: GainCases, Rule: rule.Code, Count: n}, func(f *Facts) {
			f.Entries = slices.DeleteFunc(slices.Clone(f.Entries), func(e Entry) bool { return e.Rule == rule.Code })
		})
	}
	return out
}

// fullAt is from how many companies the mean of sheets counts in full.
func (s *Snapshot) fullAt(class int) int {
	most := 0
	s.Scheme.TreeOf(class).each(func(n *Node, _ Exact) {
		if n.Source != nil && n.Source.Kind == FromSheets {
			most = max(most, n.Source.FullAt)
		}
	})
	return most
}
