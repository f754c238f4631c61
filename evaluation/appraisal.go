package evaluation

import (
	"math"
	"math/big"
	"slices"
)

// Line is what one ballot says of one unit: Σ w·v and Σ w over the answered
// items. Weights are of 100, values 0 to 100.
type Line struct {
	Sum    int64 // Σ w·v
	Weight int64 // Σ w answered
}

// LineOf adds up the answers of a ballot line: level codes by indicator code.
// "Not acquainted" and unknown codes count as not answered.
func (s *Scheme) LineOf(answers map[string]string) Line {
	var l Line
	for _, ind := range s.Indicators {
		if v, ok := s.Value(answers[ind.Code]); ok {
			l.Sum += int64(ind.Weight * v)
			l.Weight += int64(ind.Weight)
		}
	}
	return l
}

// Valid reports whether enough of the weight was answered for the line to count.
func (s *Scheme) Valid(l Line) bool { return l.Weight >= int64(s.Line.MinWeight) && l.Weight > 0 }

// Score returns the line's score, Σ w·v / Σ w, from 0 to 100.
func (l Line) Score() Exact { return Frac(l.Sum, l.Weight) }

// GroupResult is what the lines of one rater group say of a unit.
type GroupResult struct {
	Group    string `json:"group"`
	Lines    int    `json:"lines"`   // valid lines
	Invalid  int    `json:"invalid"` // lines with too little answered
	Trimmed  int    `json:"trimmed"` // k, dropped at each end
	Mean     Exact  `json:"mean"`    // of the rest
	Variance Exact  `json:"variance"`
	Usable   bool   `json:"usable"`
}

// GroupOf computes the trimmed mean of a group: the n valid lines are sorted,
// k = 0 for n < TrimFrom, else max(1, ⌊n·TrimPercent/100⌋); k lowest and k
// highest are dropped. The variance is the sample variance of all valid lines,
// untrimmed.
func (s *Scheme) GroupOf(group string, lines []Line) GroupResult {
	r := GroupResult{Group: group}
	valid := make([]Line, 0, len(lines))
	for _, l := range lines {
		if s.Valid(l) {
			valid = append(valid, l)
		}
	}
	r.Lines, r.Invalid = len(valid), len(lines)-len(valid)
	// a/b < c/d as whole numbers: a·d < c·b
	slices.SortFunc(valid, func(a, b Line) int { return int(sign(a.Sum*b.Weight - b.Sum*a.Weight)) })
	r.Usable = r.Lines >= s.Group.MinLines
	if r.Lines == 0 {
		return r
	}
	if r.Lines >= s.Group.TrimFrom {
		r.Trimmed = max(1, r.Lines*s.Group.TrimPercent/100)
	}
	r.Mean = mean(valid[r.Trimmed : r.Lines-r.Trimmed])
	r.Variance = variance(valid)
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

// CampaignScore is what a campaign says of a unit.
type CampaignScore struct {
	Campaign string        `json:"campaign"`
	Groups   []GroupResult `json:"groups"`
	Lines    int           `json:"lines"` // valid lines in usable groups
	Rankable bool          `json:"rankable"`
	Score    Exact         `json:"score"` // A_c; none when not rankable
	SE       float64       `json:"se"`    // standard error of the score; for display
}

// CampaignOf joins the groups: A_c = Σ W_g·M_g / Σ W_g over usable groups, when
// they hold enough valid lines; and SE(A_c)² = Σ (W_g/ΣW)²·s_g²/n_g.
func (s *Scheme) CampaignOf(campaign string, groups []GroupResult) CampaignScore {
	c := CampaignScore{Campaign: campaign, Groups: groups}
	sum, weight := new(big.Rat), int64(0)
	for _, g := range groups {
		if !g.Usable {
			continue
		}
		w := int64(weightOf(s.Groups, g.Group))
		c.Lines += g.Lines
		weight += w
		sum.Add(sum, new(big.Rat).Mul(big.NewRat(w, 1), g.Mean.rat))
	}
	c.Rankable = c.Lines >= s.Group.MinTotal && weight > 0
	if !c.Rankable {
		return c
	}
	c.Score = Exact{sum.Mul(sum, big.NewRat(1, weight))}
	square := 0.0
	for _, g := range groups {
		if g.Usable && g.Variance.Known() {
			share := float64(weightOf(s.Groups, g.Group)) / float64(weight)
			square += share * share * g.Variance.Float() / float64(g.Lines)
		}
	}
	c.SE = math.Sqrt(square)
	return c
}

// Appraisal is component A: the campaigns of the year joined.
type Appraisal struct {
	Campaigns []CampaignScore `json:"campaigns"`
	Score     Exact           `json:"score"`
	SE        float64         `json:"se"`
	Lines     int             `json:"lines"` // valid lines of the required campaign
}

// AppraisalOf joins the campaigns in which the unit is rankable by their weights:
// A = Σ ω·A_c / Σ ω. Without the required campaign there is no score.
func (s *Scheme) AppraisalOf(campaigns []CampaignScore) Appraisal {
	a := Appraisal{Campaigns: campaigns}
	sum, weight, required := new(big.Rat), int64(0), false
	for _, c := range campaigns {
		if c.Campaign == s.Required {
			a.Lines = c.Lines
			required = c.Rankable
		}
		if c.Rankable {
			w := int64(weightOf(s.Campaigns, c.Campaign))
			weight += w
			sum.Add(sum, new(big.Rat).Mul(big.NewRat(w, 1), c.Score.rat))
		}
	}
	if !required || weight == 0 {
		return a
	}
	a.Score = Exact{sum.Mul(sum, big.NewRat(1, weight))}
	square := 0.0
	for _, c := range campaigns {
		if c.Rankable {
			share := float64(weightOf(s.Campaigns, c.Campaign)) / float64(weight)
			square += share * share * c.SE * c.SE
		}
	}
	a.SE = math.Sqrt(square)
	return a
}
