package evaluation

import (
	"slices"

	"pingyi/org"
)

// lists puts the ranked units of a class, best first, on the scheme's lists of the
// best and the worst.
func (s *Scheme) lists(ranked []Standing) {
	for _, l := range s.Lists {
		for i := range l.reach(ranked) {
			at := &ranked[l.place(i, len(ranked))]
			if len(s.obstacles(l, *at, ranked)) == 0 {
				at.Lists = append(at.Lists, l.Code)
			}
		}
	}
}

// reach is how many places from the list's end of a ranked class can stand on it. Only
// the first (or last) so many places qualify; none moves up for one left out.
func (l List) reach(ranked []Standing) int {
	if l.UnlessAll.Known() && len(ranked) > 0 && !slices.ContainsFunc(ranked, func(x Standing) bool { return x.Result.Total.cmp(l.UnlessAll) < 0 }) {
		return 0
	}
	n := 0
	for room := l.room(len(ranked)); n < len(ranked) && (n < room || ties(ranked, n, l.Worst)); {
		n++
	}
	return n
}

// place is the index of the i-th unit from the list's end.
func (l List) place(i, n int) int {
	if l.Worst {
		return n - 1 - i
	}
	return i
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

// Obstacle is why a unit within a list's reach, or out of it, does not stand on it.
type Obstacle struct {
	Kind  string `json:"kind"`            // one of Obstacles
	Code  string `json:"code,omitempty"`  // grade, rule or veto
	Cases int    `json:"cases,omitempty"` // of the rule
}

// The kinds of obstacles.
const (
	NoSample   = "insufficient" // no total
	HasVeto    = "veto"         // Code: the veto
	OutOfReach = "place"        // not among the places that qualify
	OtherGrade = "grade"        // Code: the grade it has
	HasCase    = "case"         // Code: the rule, Cases: how many
	OtherTier  = "tier"         // cannot be told apart from units that do not qualify
)

// obstacles says what keeps a unit within reach from a list; none: it stands on it.
func (s *Scheme) obstacles(l List, x Standing, ranked []Standing) []Obstacle {
	var out []Obstacle
	if len(l.Grades) > 0 && !slices.Contains(l.Grades, x.Result.Grade) {
		out = append(out, Obstacle{Kind: OtherGrade, Code: x.Result.Grade})
	}
	for _, it := range append(slices.Clone(x.Result.Reasons.Bonus), x.Result.Reasons.Deductions...) {
		if slices.Contains(l.Without, it.Rule) {
			out = append(out, Obstacle{Kind: HasCase, Code: it.Rule, Cases: it.Cases})
		}
	}
	for _, code := range x.Result.Reasons.Vetoes {
		if !l.Worst && s.veto(code).Effect.NotListed {
			out = append(out, Obstacle{Kind: HasVeto, Code: code})
		}
	}
	last := len(ranked) - 1
	switch {
	case !l.Tier:
	case l.Worst && (x.Tier != ranked[last].Tier || x.Tier <= 1), !l.Worst && x.Tier != 1 && x.Worst > (len(ranked)+2)/3:
		out = append(out, Obstacle{Kind: OtherTier})
	}
	return out
}

// Listing is a unit of a class with what keeps it from a list.
type Listing struct {
	Standing
	Within  bool       // among the places that qualify
	Against []Obstacle // none: it stands on the list
}

// Listings says for every unit of a snapshot, by class and place, whether it stands on
// the list of the code and why not; nothing where the scheme has no such list.
func (s *Snapshot) Listings(code string) (List, []Listing) {
	k := slices.IndexFunc(s.Scheme.Lists, func(l List) bool { return l.Code == code })
	if k < 0 {
		return List{}, nil
	}
	l, byClass := s.Scheme.Lists[k], map[int][]Standing{}
	for _, x := range s.Standings() {
		byClass[x.Class] = append(byClass[x.Class], x)
	}
	var out []Listing
	for _, class := range org.Classes {
		out = append(out, s.Scheme.listings(l, byClass[class])...)
	}
	return l, out
}

// listings is Listings for the units of one class, ranked ones first.
func (s *Scheme) listings(l List, class []Standing) []Listing {
	n := 0
	for n < len(class) && class[n].Status == Ranked {
		n++
	}
	ranked := class[:n]
	out := make([]Listing, len(class))
	for i, x := range class {
		out[i] = Listing{Standing: x}
		switch x.Status {
		case Insufficient:
			out[i].Against = []Obstacle{{Kind: NoSample}}
		case Vetoed:
			for _, code := range x.Result.Reasons.Vetoes {
				out[i].Against = append(out[i].Against, Obstacle{Kind: HasVeto, Code: code})
			}
		default:
			out[i].Against = s.obstacles(l, x, ranked)
		}
	}
	reach := l.reach(ranked)
	for i := range ranked {
		at := &out[l.place(i, n)]
		if at.Within = i < reach; !at.Within {
			at.Against = append([]Obstacle{{Kind: OutOfReach}}, at.Against...)
		}
	}
	return out
}
