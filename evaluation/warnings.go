package evaluation

import (
	"slices"
	"strconv"
)

// Warning is something those who sign, check and approve a result should have seen:
// a message with its arguments, and where it is looked into.
type Warning struct {
	Key  string
	Args []any
	Href string
}

// Warnings says what in a snapshot deserves a look before it is signed: a comparison
// that could not be made or is weak, units it says nothing of, units without a place.
func (s *Snapshot) Warnings() []Warning {
	var out []Warning
	add := func(key string, args ...any) { out = append(out, Warning{Key: key, Args: args}) }
	few, unreliable := 0, 0
	switch f := s.Fairness; {
	case f == nil:
		add("result.fit-none")
	case f.Status != fittedStatus:
		add("result.fit-" + f.Status)
	default:
		for _, code := range f.Warnings {
			add("result.weak-" + code)
		}
		for _, u := range f.Units {
			switch u.Status {
			case FairFew:
				few++
			case FairUnreliable:
				unreliable++
			}
		}
	}
	if few > 0 {
		add("result.warn-few", "Count", few, "Least", s.Scheme.Fairness.MinRaters)
	}
	if unreliable > 0 {
		add("result.warn-unreliable", "Count", unreliable, "Least", s.Scheme.Fairness.MinReliability.Text(2))
	}
	insufficient, vetoed := 0, 0
	for _, st := range s.Standings() {
		switch st.Status {
		case Insufficient:
			insufficient++
		case Vetoed:
			vetoed++
		}
	}
	if insufficient > 0 {
		add("result.warn-insufficient", "Count", insufficient)
	}
	if vetoed > 0 {
		add("result.warn-veto", "Count", vetoed)
	}
	if n := s.withoutTasks(); n > 0 {
		out = append(out, Warning{Key: "result.warn-tasks", Args: []any{"Count", n}, Href: "/o/year/" + strconv.Itoa(s.Header.Year) + "/tasks"})
	}
	return out
}

// withoutTasks counts units for which no task figures were entered, where the scheme
// scores tasks or targets.
func (s *Snapshot) withoutTasks() int {
	n := 0
	for _, u := range s.Units {
		t := s.Scheme.TreeOf(u.Class)
		scored := slices.ContainsFunc([]string{FromTasks, FromTarget}, func(kind string) bool { return t.ShareOf(kind).Float() > 0 })
		if scored && u.Facts.Tasks.Due == 0 && !u.Facts.Tasks.Target.Known() {
			n++
		}
	}
	return n
}
