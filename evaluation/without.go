package evaluation

import (
	"slices"

	"pingyi/org"
)

// leave returns the ballots that may be left out of a unit: those of rater groups of
// which none or at least five lines go, by every measure, since a smaller difference
// between two means would show single lines. nil: all that would go has to stay.
// partial says that some stay.
func (s *Scheme) leave(l *unitLines, leftOut map[int]bool) (out map[int]bool, partial bool) {
	out = map[int]bool{}
	for group, raters := range l.rater {
		var gone []int
		for _, k := range raters {
			if leftOut[k] {
				gone = append(gone, k)
			}
		}
		if len(gone) == 0 {
			continue
		}
		if s.tells(group, l, leftOut) {
			partial = true
			continue
		}
		for _, k := range gone {
			out[k] = true
		}
	}
	if partial && len(out) == 0 {
		return nil, true
	}
	return out, partial
}

// tells reports whether a group's figures with and without the ballots would tell
// single lines: by fewer than five valid lines less, or by a rest that is merged
// into another group.
func (s *Scheme) tells(group string, l *unitLines, leftOut map[int]bool) bool {
	rule, _ := s.groupOf(group)
	for _, m := range s.Measures {
		r := s.ruler(m)
		gone, rest := 0, 0
		for i, answers := range l.answers[group] {
			switch {
			case !r.valid(r.line(answers)):
			case leftOut[l.rater[group][i]]:
				gone++
			default:
				rest++
			}
		}
		if (gone > 0 && gone < leastLines) || (gone > 0 && rest > 0 && rest < s.leastOf(rule) && rule.Missing == MissingMerge) {
			return true
		}
	}
	return false
}

// WithoutSuspects is the ranking with and without the suspect ballots of a campaign.
type WithoutSuspects struct {
	Moves   []Move
	Hidden  []org.UnitID // cannot be shown: fewer than five lines of each group differ
	Partial []org.UnitID // shown in part: some groups differ by fewer than five
}

// LeftOut reports whether the tally found patterns whose ballots it left out once:
// any but leniency, which the comparison allows for.
func (t *Tally) LeftOut() bool {
	return slices.ContainsFunc(t.Suspicions, func(x Suspicion) bool { return x.Kind != SuspectLeniency })
}

// withoutSuspects ranks the facts of a year twice: as they are, and with what a
// campaign's tally counted without the suspect ballots.
func (s *Snapshot) withoutSuspects(kind string, t *Tally) WithoutSuspects {
	var w WithoutSuspects
	other := *s
	other.Seal, other.raw = nil, nil
	other.Units = slices.Clone(s.Units)
	for _, u := range t.Units {
		i := slices.IndexFunc(other.Units, func(x SnapshotUnit) bool { return x.Unit == u.Unit })
		switch {
		case i < 0 || len(u.Measures) == 0:
			continue
		case u.Without == nil:
			w.Hidden = append(w.Hidden, u.Unit)
			continue
		case u.Partial:
			w.Partial = append(w.Partial, u.Unit)
		}
		f := &other.Units[i].Facts
		f.Appraisal = slices.Clone(f.Appraisal)
		for k := range f.Appraisal {
			if f.Appraisal[k].Campaign == kind {
				f.Appraisal[k].Measures = u.Without
			}
		}
	}
	w.Moves = Moves(s.Standings(), other.Standings())
	return w
}
