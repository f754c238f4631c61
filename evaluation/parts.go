package evaluation

import (
	"math"
	"math/big"
	"slices"
)

// Part is a part of a unit's score with the reasons for it.
type Part struct {
	Code      string     `json:"code"`
	Raw       Exact      `json:"raw"`              // before it is standardised within the class
	Score     Exact      `json:"score"`            // none: does not apply to the unit
	Share     Exact      `json:"share,omitzero"`   // of the base score, in percent, as it finally counts
	Stands    string     `json:"stands,omitempty"` // what stands in for a missing score: zero, neutral
	SE        float64    `json:"se,omitempty"`     // standard error of the score; for display
	Figures   []Figure   `json:"figures,omitempty"`
	Appraisal *Appraisal `json:"appraisal,omitempty"`
	Parts     []Part     `json:"parts,omitempty"`
}

// Figure is a counted fact, or a number made of them, by its name.
type Figure struct {
	Key   string `json:"key"`
	Value Exact  `json:"value"`
}

func figure(key string, n int) Figure { return Figure{key, Frac(int64(n), 1)} }

// Counted is what a part enters the sum above it with; none: it does not.
func (p Part) counted(n Node) Exact {
	switch {
	case p.Score.Known():
		return p.Score
	case n.Absent == AbsentZero:
		return Frac(0, 1)
	case n.Absent == AbsentNeutral:
		return n.Neutral
	}
	return None
}

// partsOf computes the parts of units of one class, one list for each unit; units
// are looked at together because a part may be standardised within the class.
func (s *Scheme) partsOf(nodes []Node, facts []*Facts) [][]Part {
	out := make([][]Part, len(facts))
	for i := range out {
		out[i] = make([]Part, len(nodes))
	}
	for k, n := range nodes {
		column := s.column(n, facts)
		for i := range facts {
			out[i][k] = column[i]
		}
	}
	return out
}

// column computes one part for all units.
func (s *Scheme) column(n Node, facts []*Facts) []Part {
	column := make([]Part, len(facts))
	var below [][]Part
	if n.Source == nil {
		below = s.partsOf(n.Parts, facts)
	}
	for i, f := range facts {
		if n.Source != nil {
			column[i] = s.leaf(n.Source, f)
		} else {
			column[i] = join(n.Parts, below[i])
		}
		column[i].Code, column[i].Raw = n.Code, column[i].Score
	}
	if n.Scale != nil {
		n.Scale.apply(column)
	}
	for i := range column {
		if !column[i].Score.Known() && n.Absent != AbsentShare {
			column[i].Stands = n.Absent
		}
	}
	return column
}

// join weighs parts: Σ w·x / Σ w over those that have a value. The share of each in
// the sum is noted, in percent.
func join(nodes []Node, parts []Part) Part {
	p := Part{Parts: parts}
	sum, weight := new(big.Rat), new(big.Rat)
	for i, n := range nodes {
		if x := parts[i].counted(n); x.Known() {
			sum.Add(sum, new(big.Rat).Mul(n.Weight.rat, x.rat))
			weight.Add(weight, n.Weight.rat)
		}
	}
	if weight.Sign() == 0 {
		return p
	}
	p.Score = Exact{sum.Quo(sum, weight)}
	square := 0.0
	for i, n := range nodes {
		if parts[i].counted(n).Known() {
			share := Exact{new(big.Rat).Quo(n.Weight.rat, weight)}
			parts[i].Share = share.times(100, 1)
			x := share.Float() * parts[i].SE
			square += float64(x * x) // rounded before it is added, on every processor
		}
	}
	p.SE = math.Sqrt(square)
	return p
}

// spread turns shares of the part above into shares of the base.
func spread(parts []Part, whole Exact) {
	for i := range parts {
		if parts[i].Share.Known() {
			parts[i].Share = parts[i].Share.mul(whole).times(1, 100)
			spread(parts[i].Parts, parts[i].Share)
		} else {
			spread(parts[i].Parts, Frac(0, 1))
		}
	}
}

// findPart returns the part of the code, wherever it stands.
func findPart(parts []Part, code string) (Part, bool) {
	for _, p := range parts {
		if p.Code == code {
			return p, true
		}
		if x, ok := findPart(p.Parts, code); ok {
			return x, true
		}
	}
	return Part{}, false
}

// apply standardises a column within the class; units without a value stay so.
func (c *Scale) apply(column []Part) {
	var known []int
	for i, p := range column {
		if p.Raw.Known() {
			known = append(known, i)
		}
	}
	if len(known) == 0 {
		return
	}
	switch c.Kind {
	case ScaleZ:
		c.z(column, known)
	case ScaleMinMax:
		minMax(column, known)
	default:
		c.byPlace(column, known)
	}
}

// z scales to Centre + Spread·(x − mean)/sd, within 0 to 100. The standard
// deviation is that of the units of the class (divisor n), taken to 12 decimals;
// where all are equal, everyone gets Centre.
func (c *Scale) z(column []Part, known []int) {
	n := int64(len(known))
	sum, squares := Frac(0, 1), Frac(0, 1)
	for _, i := range known {
		sum = sum.add(column[i].Raw)
		squares = squares.add(column[i].Raw.mul(column[i].Raw))
	}
	centre := sum.times(1, n)
	sd := squares.times(1, n).sub(centre.mul(centre)).sqrt()
	for _, i := range known {
		p := &column[i]
		if sd.rat.Sign() == 0 {
			p.Score, p.SE = c.Centre, 0
			continue
		}
		factor := c.Spread.quo(sd)
		p.Score = c.Centre.add(p.Raw.sub(centre).mul(factor)).atLeast(Frac(0, 1)).atMost(Frac(100, 1))
		p.SE *= factor.Float()
	}
}

// minMax scales to 100·(x − min)/(max − min); where all are equal, everyone is as
// good as the best and gets 100.
func minMax(column []Part, known []int) {
	low, high := column[known[0]].Raw, column[known[0]].Raw
	for _, i := range known {
		low, high = low.atMost(column[i].Raw), high.atLeast(column[i].Raw)
	}
	width := high.sub(low)
	for _, i := range known {
		p := &column[i]
		if width.rat.Sign() == 0 {
			p.Score, p.SE = Frac(100, 1), 0
			continue
		}
		p.Score = p.Raw.sub(low).quo(width).times(100, 1)
		p.SE *= 100 / width.Float()
	}
}

// byPlace scales by how many units of the class are better or worse. A place has no
// standard error: the interval of the total then leaves this part out.
func (c *Scale) byPlace(column []Part, known []int) {
	for _, i := range known {
		better, worse := 0, 0
		for _, j := range known {
			switch column[j].Raw.cmp(column[i].Raw) {
			case 1:
				better++
			case -1:
				worse++
			}
		}
		p := &column[i]
		p.SE = 0
		switch {
		case c.Kind == ScaleRank:
			p.Score = c.Top.sub(c.Step.times(int64(better), 1)).atLeast(c.Floor)
		case len(known) == 1:
			p.Score = Frac(50, 1)
		default: // the others that are worse, equal ones half
			equal := len(known) - 1 - better - worse
			p.Score = Frac(100*int64(2*worse+equal), 2*int64(len(known)-1))
		}
	}
}

// missing reports whether a required part has no value.
func missing(nodes []Node, parts []Part) bool {
	return slices.ContainsFunc(nodes, func(n Node) bool {
		i := slices.IndexFunc(parts, func(p Part) bool { return p.Code == n.Code })
		return i < 0 || (n.Required && !parts[i].Score.Known()) || (len(n.Parts) > 0 && missing(n.Parts, parts[i].Parts))
	})
}

// Discreet returns the reasons without what rests on fewer companies than the floor:
// group means that could be turned back into a ballot, sheet scores of few companies,
// and what these could be worked out from.
func (r Reasons) Discreet(floor int) Reasons {
	r.Parts = discreet(r.Parts, floor)
	return r
}

func discreet(parts []Part, floor int) []Part {
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		if slices.ContainsFunc(p.Parts, func(x Part) bool { return x.few(floor) }) {
			p.Parts = nil // from the others and the sum it could be worked out
		}
		p.Parts = discreet(p.Parts, floor)
		if p.Appraisal != nil {
			a := *p.Appraisal
			a.Campaigns = slices.Clone(a.Campaigns)
			for k := range a.Campaigns {
				a.Campaigns[k].Groups = discreetGroups(a.Campaigns[k].Groups, floor)
			}
			p.Appraisal = &a
		}
		if p.few(floor) {
			p.Figures = nil
		}
	}
	return out
}

// few reports whether a part tells what fewer companies than the floor did or said:
// sheets, ratings of issues, whether a sheet came back after a visit.
func (p Part) few(floor int) bool {
	value := func(key string) int64 {
		i := slices.IndexFunc(p.Figures, func(f Figure) bool { return f.Key == key })
		if i < 0 {
			return -1
		}
		return p.Figures[i].Value.rat.Num().Int64()
	}
	under := func(key string) bool { return value(key) > 0 && value(key) < int64(floor) }
	n := value("companies")
	return n >= 0 && n < int64(floor) || under("due") || (under("rated") && value("solved") < 0)
}

// discreetGroups leaves groups below the floor out; if that is a single one of those
// that enter, the smallest of the others goes too: the score would give it away.
func discreetGroups(groups []GroupScore, floor int) []GroupScore {
	out := slices.DeleteFunc(slices.Clone(groups), func(g GroupScore) bool { return g.Lines < floor })
	used := func(list []GroupScore) (n, least int) {
		least = -1
		for i, g := range list {
			if g.Used && !g.Neutral {
				if n++; least < 0 || g.Lines < list[least].Lines {
					least = i
				}
			}
		}
		return n, least
	}
	all, _ := used(groups)
	if shown, least := used(out); all-shown == 1 && least >= 0 {
		out = slices.Delete(out, least, least+1)
	}
	return out
}
