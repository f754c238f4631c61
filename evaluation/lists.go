package evaluation

import "slices"

// lists puts the ranked units of a class, best first, on the scheme's lists of the
// best and the worst.
func (s *Scheme) lists(ranked []Standing) {
	for _, l := range s.Lists {
		if l.UnlessAll.Known() && len(ranked) > 0 && !slices.ContainsFunc(ranked, func(x Standing) bool { return x.Result.Total.cmp(l.UnlessAll) < 0 }) {
			continue
		}
		room := l.room(len(ranked))
		for i := range ranked {
			at := &ranked[i]
			if l.Worst {
				at = &ranked[len(ranked)-1-i]
			}
			// only the first (or last) so many places qualify; none moves up for one left out
			if i >= room && !ties(ranked, i, l.Worst) {
				break
			}
			if s.qualifies(l, *at, ranked) {
				at.Lists = append(at.Lists, l.Code)
			}
		}
	}
}

// room is how many places a list has: a share of the class, rounded up, and no more
// than the limit.
func (l List) room(n int) int {
	room := n
	if l.Share.Known() {
		c := Exact{floor(l.Share.times(int64(n), 100).neg().rat)}.neg()
		room = int(c.rat.Num().Int64())
	}
	if l.Most > 0 {
		room = min(room, l.Most)
	}
	return room
}

// ties reports whether the i-th place from the list's end is shared with the place
// before it: who is equal is listed too.
func ties(ranked []Standing, i int, worst bool) bool {
	a, b := i-1, i
	if worst {
		a, b = len(ranked)-i, len(ranked)-1-i
	}
	return i > 0 && ranked[a].Rank == ranked[b].Rank
}

func (s *Scheme) qualifies(l List, x Standing, ranked []Standing) bool {
	if len(l.Grades) > 0 && !slices.Contains(l.Grades, x.Result.Grade) {
		return false
	}
	for _, it := range append(slices.Clone(x.Result.Reasons.Bonus), x.Result.Reasons.Deductions...) {
		if slices.Contains(l.Without, it.Rule) {
			return false
		}
	}
	if !l.Worst && slices.ContainsFunc(x.Result.Reasons.Vetoes, func(code string) bool { return s.veto(code).Effect.NotListed }) {
		return false
	}
	switch {
	case !l.Tier:
		return true
	case l.Worst:
		return x.Tier == ranked[len(ranked)-1].Tier && x.Tier > 1
	}
	return x.Tier == 1 || x.Worst <= (len(ranked)+2)/3
}
