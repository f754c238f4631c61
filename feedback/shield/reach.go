package shield

import (
	"cmp"
	"slices"
)

// ReachFloor: no figure of the page is about fewer companies.
const ReachFloor = 5

// Invited is a company on a campaign's list, as the survivorship page reads it.
type Invited struct {
	Group    string `db:"rater_group"`
	Sector   string `db:"sector"`
	Answered bool   `db:"answered"` // collected a card; whether it was used nobody knows of a company
	Dealt    bool   `db:"dealt"`    // a visit or an issue in the year
	Unhappy  bool   `db:"unhappy"`  // a dissatisfied sheet or a refused answer in the year
	Gone     bool   `db:"gone"`     // not active any more
}

// Reach counts the companies of a group.
type Reach struct {
	Key      string // group or sector; Rest: those too small to stand alone
	Invited  int
	Answered int
	Silent   int // had dealings and did not answer
	Gone     int
}

// Rest is the key of the companies whose group is too small to stand alone.
const Rest = "rest"

// Rate is the share that answered, in percent, rounded half up; -1 without any.
func (r Reach) Rate() int {
	if r.Invited == 0 {
		return -1
	}
	return (200*r.Answered + r.Invited) / (2 * r.Invited)
}

func (r *Reach) add(i Invited) {
	r.Invited++
	if i.Answered {
		r.Answered++
	} else if i.Dealt {
		r.Silent++
	}
	if i.Gone {
		r.Gone++
	}
}

// ReachBy counts by a key. Groups under the floor are put together; if together they
// are still under it, the smallest other group joins them, so that no difference of
// the total and the rows is about fewer than ReachFloor companies.
func ReachBy(all []Invited, key func(Invited) string) []Reach {
	by := map[string]*Reach{}
	for _, i := range all {
		k := key(i)
		if by[k] == nil {
			by[k] = &Reach{Key: k}
		}
		by[k].add(i)
	}
	var out []Reach
	for _, r := range by {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Reach) int { return cmp.Or(cmp.Compare(b.Invited, a.Invited), cmp.Compare(a.Key, b.Key)) })
	rest := Reach{Key: Rest}
	for len(out) > 0 {
		last := out[len(out)-1]
		if last.Invited >= ReachFloor && (rest.Invited == 0 || rest.Invited >= ReachFloor) {
			break
		}
		rest.Invited, rest.Answered, rest.Silent, rest.Gone = rest.Invited+last.Invited, rest.Answered+last.Answered, rest.Silent+last.Silent, rest.Gone+last.Gone
		out = out[:len(out)-1]
	}
	if rest.Invited >= ReachFloor {
		out = append(out, rest)
	}
	return out
}

// Tilt compares who answered among companies that were dissatisfied in the year and
// among the others.
type Tilt struct {
	Unhappy, Others Reach
	Known           bool // both have ReachFloor companies
}

// Gap is by how many percentage points fewer of the dissatisfied answered; positive:
// the appraisal hears the satisfied more, and its results are likely too kind.
func (t Tilt) Gap() int { return t.Others.Rate() - t.Unhappy.Rate() }

// TiltOf computes the comparison.
func TiltOf(all []Invited) Tilt {
	var t Tilt
	for _, i := range all {
		if i.Unhappy {
			t.Unhappy.add(i)
		} else {
			t.Others.add(i)
		}
	}
	t.Known = t.Unhappy.Invited >= ReachFloor && t.Others.Invited >= ReachFloor
	return t
}
