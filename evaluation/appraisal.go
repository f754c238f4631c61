package evaluation

import (
	"math"
	"math/big"
	"slices"
)

// Line is what one ballot says of one unit by one measure: Σ w·v and Σ w over the
// answered items.
type Line struct {
	Sum    int64 // Σ w·v
	Weight int64 // Σ w answered
}

// ruler reads ballot lines by one measure of a scheme.
type ruler struct {
	weights map[string]int64 // of the measure's indicators
	values  map[string]int64 // of the levels
	whole   int64            // Σ w
	least   int64            // percent of it that must be answered
}

// ruler prepares a measure for reading lines.
func (s *Scheme) ruler(m Measure) ruler {
	r := ruler{weights: map[string]int64{}, values: map[string]int64{}, least: int64(s.Line.MinWeight)}
	for _, ind := range s.Indicators {
		if len(m.Indicators) == 0 || slices.Contains(m.Indicators, ind.Code) {
			r.weights[ind.Code] = int64(ind.Weight)
			r.whole += int64(ind.Weight)
		}
	}
	for i, l := range s.Levels {
		switch {
		case m.Statistic == StatMean:
			r.values[l.Code] = int64(l.Value)
		case i < m.Best:
			r.values[l.Code] = 100
		case m.Statistic == StatNet && i >= len(s.Levels)-m.Worst:
			r.values[l.Code] = -100
		default:
			r.values[l.Code] = 0
		}
	}
	return r
}

// line adds up the answers of a ballot line: level codes by indicator code. "Not
// acquainted" and unknown codes count as not answered.
func (r ruler) line(answers map[string]string) Line {
	var l Line
	for code, w := range r.weights {
		if v, ok := r.values[answers[code]]; ok {
			l.Sum += w * v
			l.Weight += w
		}
	}
	return l
}

// valid reports whether enough of the weight was answered for the line to count.
func (r ruler) valid(l Line) bool { return l.Weight > 0 && 100*l.Weight >= r.least*r.whole }

// Score returns the line's score, Σ w·v / Σ w.
func (l Line) Score() Exact { return Frac(l.Sum, l.Weight) }

// GroupResult is what the lines of one rater group say of a unit by one measure.
// Mean, variance and alternatives are none below five lines: they would show
// single ballots.
type GroupResult struct {
	Group    string     `json:"group"`
	Lines    int        `json:"lines"`            // valid lines, those of merged groups among them
	Invalid  int        `json:"invalid"`          // lines with too little answered
	Merged   string     `json:"merged,omitempty"` // the group these lines were counted with
	Trimmed  int        `json:"trimmed"`          // k, dropped at each end
	Mean     Exact      `json:"mean"`             // of the rest
	Variance Exact      `json:"variance"`         // sample variance of all valid lines
	Other    []TrimMean `json:"other,omitempty"`  // means by other trimming, for the simulator
}

// TrimMean is the mean of a group when so many percent are dropped at each end.
type TrimMean struct {
	Percent int   `json:"percent"`
	Mean    Exact `json:"mean"`
}

// otherTrims are the shares, in percent, for which the tally keeps the mean too.
var otherTrims = []int{0, 5, 10, 20}

// trimmed is how many of n lines are dropped at each end.
func (g GroupRule) trimmed(n int) int {
	if n < g.TrimFrom {
		return 0
	}
	switch g.Trim {
	case TrimShare:
		return max(1, n*g.TrimPercent/100)
	case TrimCount:
		return g.TrimLines
	}
	return 0
}

// aggregate computes what valid lines of a group say: they are sorted, k lowest and
// k highest dropped, the rest averaged.
func (s *Scheme) aggregate(group string, valid []Line, invalid int) GroupResult {
	r := GroupResult{Group: group, Lines: len(valid), Invalid: invalid}
	if r.Lines < leastLines {
		return r
	}
	// a/b < c/d as whole numbers: a·d < c·b; weights are positive
	slices.SortFunc(valid, func(a, b Line) int { return int(sign(a.Sum*b.Weight - b.Sum*a.Weight)) })
	r.Trimmed = s.Group.trimmed(r.Lines)
	r.Mean = mean(valid[r.Trimmed : r.Lines-r.Trimmed])
	r.Variance = variance(valid)
	for _, p := range otherTrims {
		k := r.Lines * p / 100
		if r.Lines-2*k >= leastLines {
			r.Other = append(r.Other, TrimMean{p, mean(valid[k : r.Lines-k])})
		}
	}
	return r
}

func sign(n int64) int64 {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// groupsOf turns the lines of a unit, by rater group, into group results: groups
// with too few lines are merged where the scheme says so.
func (s *Scheme) groupsOf(r ruler, lines map[string][]Line) []GroupResult {
	valid, invalid, merged := map[string][]Line{}, map[string]int{}, map[string]string{}
	for _, g := range s.Groups {
		for _, l := range lines[g.Code] {
			if r.valid(l) {
				valid[g.Code] = append(valid[g.Code], l)
			} else {
				invalid[g.Code]++
			}
		}
	}
	own := map[string]int{}
	for _, g := range s.Groups {
		own[g.Code] = len(valid[g.Code])
		if g.Missing == MissingMerge && own[g.Code] > 0 && own[g.Code] < s.leastOf(g) {
			merged[g.Code] = g.Into
			valid[g.Into] = append(valid[g.Into], valid[g.Code]...)
			valid[g.Code] = nil
		}
	}
	var out []GroupResult
	for _, g := range s.Groups {
		if len(lines[g.Code]) == 0 && len(valid[g.Code]) == 0 {
			continue
		}
		x := s.aggregate(g.Code, valid[g.Code], invalid[g.Code])
		if into := merged[g.Code]; into != "" {
			x.Lines, x.Merged = own[g.Code], into
		}
		out = append(out, x)
	}
	return out
}

// mean returns the exact mean of the lines' scores. Lines of the same answered
// weight are added as whole numbers first, which keeps the fractions short.
func mean(lines []Line) Exact {
	byWeight := map[int64]int64{}
	for _, l := range lines {
		byWeight[l.Weight] += l.Sum
	}
	sum := new(big.Rat)
	for w, v := range byWeight {
		sum.Add(sum, big.NewRat(v, w))
	}
	return Exact{sum.Mul(sum, big.NewRat(1, int64(len(lines))))}
}

// variance returns the sample variance of the lines' scores, none under two lines.
func variance(lines []Line) Exact {
	n := int64(len(lines))
	if n < 2 {
		return None
	}
	type pair struct{ sum, squares int64 }
	byWeight := map[int64]pair{}
	for _, l := range lines {
		p := byWeight[l.Weight]
		byWeight[l.Weight] = pair{p.sum + l.Sum, p.squares + l.Sum*l.Sum}
	}
	sum, squares := new(big.Rat), new(big.Rat)
	for w, p := range byWeight {
		sum.Add(sum, big.NewRat(p.sum, w))
		squares.Add(squares, big.NewRat(p.squares, w*w))
	}
	// (Σx² − (Σx)²/n) / (n−1)
	sum.Mul(sum, sum).Mul(sum, big.NewRat(1, n))
	squares.Sub(squares, sum)
	return Exact{squares.Mul(squares, big.NewRat(1, n-1))}
}

// MeasureFacts are the group results of a unit by one measure.
type MeasureFacts struct {
	Measure string        `json:"measure"`
	Groups  []GroupResult `json:"groups"`
}

// CampaignFacts are what the tally of a campaign says of a unit.
type CampaignFacts struct {
	Campaign string         `json:"campaign"`
	Measures []MeasureFacts `json:"measures"`
}

// GroupScore is a group's part in a campaign's score.
type GroupScore struct {
	GroupResult
	Used    bool  `json:"used"`              // its mean, or a neutral value, enters
	Neutral bool  `json:"neutral,omitempty"` // the value is the neutral one
	Value   Exact `json:"value"`
	Weight  Exact `json:"weight"` // its share among those that enter, in percent
}

// CampaignScore is what a campaign says of a unit by one measure.
type CampaignScore struct {
	Campaign string       `json:"campaign"`
	Groups   []GroupScore `json:"groups"`
	Lines    int          `json:"lines"` // valid lines in usable groups
	Rankable bool         `json:"rankable"`
	Score    Exact        `json:"score"` // A_c; none when not rankable
	SE       float64      `json:"se"`    // standard error of the score; for display
	Weight   Exact        `json:"weight,omitzero"`
}

// CampaignOf joins the groups: A_c = Σ W_g·M_g / Σ W_g over usable groups, when they
// hold enough valid lines; SE(A_c)² = Σ (W_g/ΣW)²·s_g²/n_g. A group that is not
// usable is left out, or a neutral value stands in.
func (s *Scheme) CampaignOf(campaign string, groups []GroupResult) CampaignScore {
	c := CampaignScore{Campaign: campaign}
	sum, weight := new(big.Rat), int64(0)
	for _, rule := range s.Groups {
		i := slices.IndexFunc(groups, func(g GroupResult) bool { return g.Group == rule.Code })
		g := GroupScore{GroupResult: GroupResult{Group: rule.Code}}
		if i >= 0 {
			g.GroupResult = groups[i]
		}
		switch {
		case g.Merged == "" && g.Lines >= s.leastOf(rule) && g.Mean.Known():
			g.Used, g.Value = true, g.Mean
			c.Lines += g.Lines
		case rule.Missing == MissingNeutral:
			g.Used, g.Neutral, g.Value = true, true, rule.Neutral
		}
		if g.Used {
			weight += int64(rule.Weight)
			sum.Add(sum, new(big.Rat).Mul(big.NewRat(int64(rule.Weight), 1), g.Value.rat))
		}
		if i >= 0 || g.Used {
			c.Groups = append(c.Groups, g)
		}
	}
	c.Rankable = c.Lines >= s.Group.MinTotal && weight > 0
	square := 0.0
	for i := range c.Groups {
		g := &c.Groups[i]
		if !g.Used {
			continue
		}
		rule, _ := s.groupOf(g.Group)
		g.Weight = Frac(100*int64(rule.Weight), weight)
		if !g.Neutral && g.Variance.Known() {
			share := float64(rule.Weight) / float64(weight)
			square += float64(share * share * g.Variance.Float() / float64(g.Lines))
		}
	}
	if c.Rankable {
		c.Score = Exact{sum.Mul(sum, big.NewRat(1, weight))}
		c.SE = math.Sqrt(square)
	}
	return c
}

// Appraisal joins the campaigns of the year by one measure.
type Appraisal struct {
	Measure   string          `json:"measure"`
	Campaigns []CampaignScore `json:"campaigns"`
	Score     Exact           `json:"score"`
	SE        float64         `json:"se"`
	Lines     int             `json:"lines"` // valid lines of the required campaign
}

// AppraisalOf joins the campaigns in which the unit is rankable by their weights:
// A = Σ ω·A_c / Σ ω. Without the required campaign there is no score.
func (s *Scheme) AppraisalOf(measure string, facts []CampaignFacts) Appraisal {
	a := Appraisal{Measure: measure}
	sum, weight, required := new(big.Rat), int64(0), false
	for _, f := range facts {
		i := slices.IndexFunc(f.Measures, func(m MeasureFacts) bool { return m.Measure == measure })
		if i < 0 || weightOf(s.Campaigns, f.Campaign) == 0 {
			continue
		}
		c := s.CampaignOf(f.Campaign, f.Measures[i].Groups)
		if c.Campaign == s.Required {
			a.Lines, required = c.Lines, c.Rankable
		}
		if c.Rankable {
			w := int64(weightOf(s.Campaigns, c.Campaign))
			weight += w
			sum.Add(sum, new(big.Rat).Mul(big.NewRat(w, 1), c.Score.rat))
		}
		a.Campaigns = append(a.Campaigns, c)
	}
	square := 0.0
	for i := range a.Campaigns {
		c := &a.Campaigns[i]
		if c.Rankable {
			w := int64(weightOf(s.Campaigns, c.Campaign))
			c.Weight = Frac(100*w, weight)
			share := float64(w) / float64(weight)
			square += float64(share * share * c.SE * c.SE)
		}
	}
	if required && weight > 0 {
		a.Score, a.SE = Exact{sum.Mul(sum, big.NewRat(1, weight))}, math.Sqrt(square)
	}
	return a
}
