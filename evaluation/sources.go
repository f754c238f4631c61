package evaluation

import (
	"math/big"
	"slices"
)

// leaf computes a part from its source.
func (s *Scheme) leaf(c *Source, f *Facts) Part {
	switch c.Kind {
	case FromAppraisal:
		a := s.AppraisalOf(c.Measure, f.Appraisal)
		return Part{Score: a.Score, SE: a.SE, Appraisal: &a}
	case FromSheets:
		return c.sheets(f.Sheets)
	case FromVisits:
		return share("returned", min(f.Sheets.Returned, f.Sheets.Due), "due", f.Sheets.Due)
	case FromRate:
		return s.rate(c, f.Issues)
	case FromSatisfaction:
		return s.satisfaction(c, f.Issues)
	case FromTarget:
		return c.target(f.Tasks)
	case FromTasks:
		return share("tasks_done", f.Tasks.Done, "tasks_due", f.Tasks.Due)
	case FromPanel:
		return s.panel(c, f.Panels)
	}
	return Part{}
}

// share is 100·part/whole, none of nothing.
func share(partKey string, part int, wholeKey string, whole int) Part {
	p := Part{Figures: []Figure{figure(partKey, part), figure(wholeKey, whole)}}
	if whole > 0 {
		p.Score = Frac(100*int64(part), int64(whole))
	}
	return p
}

// sheets computes FS' = FS·min(1, n/FullAt). FS is the mean over companies of the
// mean of the company's sheets, weighted by quarter, so that a company visited often
// weighs no more. Without a visit due there is no score; with none returned it is 0.
func (c *Source) sheets(f SheetFacts) Part {
	n := len(f.Companies)
	p := Part{Figures: []Figure{figure("companies", n)}}
	if f.Due == 0 {
		return p
	}
	p.Score = Frac(0, 1)
	if n == 0 {
		return p
	}
	sum, counted := new(big.Rat), int64(0)
	for _, own := range f.Companies {
		x, weight := new(big.Rat), int64(0)
		for _, sheet := range own {
			w := int64(1)
			if len(c.Quarters) > 0 {
				w = int64(weightOf(c.Quarters, string(rune('0'+sheet.Quarter))))
			}
			x.Add(x, new(big.Rat).Mul(sheet.Score.rat, big.NewRat(w, 1)))
			weight += w
		}
		if weight > 0 {
			sum.Add(sum, x.Mul(x, big.NewRat(1, weight)))
			counted++
		}
	}
	if counted == 0 {
		return p
	}
	mean := Exact{sum.Mul(sum, big.NewRat(1, counted))}
	p.Score = mean.times(min(counted, int64(c.FullAt)), int64(c.FullAt))
	p.Figures = append(p.Figures, Figure{"sheet_mean", mean}, figure("full_at", c.FullAt))
	return p
}

// rate is the share of issues answered in time, solved in time and confirmed, or
// rated at least so well, without those left out.
func (s *Scheme) rate(c *Source, f IssueFacts) Part {
	switch c.Of {
	case "response":
		return share("responded", f.Responded, "issues", f.All)
	case "solved":
		p := share("solved", f.Solved, "issues", f.All)
		p.Figures = append(p.Figures, figure("excluded", f.Excluded))
		return p
	}
	rated, good := 0, 0
	for level, n := range f.Ratings {
		if v, ok := s.closeValue(level); ok {
			rated += n
			if v >= c.AtLeast {
				good += n
			}
		}
	}
	return share("satisfied", good, "rated", rated)
}

// satisfaction is the mean value of the investor's satisfaction at close; with too
// few ratings the rate of solved issues stands in.
func (s *Scheme) satisfaction(c *Source, f IssueFacts) Part {
	rated, sum := 0, 0
	for level, n := range f.Ratings {
		if v, ok := s.closeValue(level); ok {
			rated += n
			sum += n * v
		}
	}
	if f.All == 0 {
		return Part{Figures: []Figure{figure("rated", rated)}}
	}
	if rated < max(1, c.MinRated) {
		p := share("solved", f.Solved, "issues", f.All)
		p.Figures = append(p.Figures, figure("rated", rated), figure("min_rated", c.MinRated))
		return p
	}
	return Part{Score: Frac(int64(sum), int64(rated)), Figures: []Figure{figure("rated", rated)}}
}

// target is the share of the target that arrived, up to the cap, and what
// over-fulfilment adds.
func (c *Source) target(f TaskFigures) Part {
	if !f.Target.Known() || !f.Arrived.Known() {
		return Part{}
	}
	percent := f.Arrived.quo(f.Target).times(100, 1)
	most := Frac(100, 1)
	if c.Cap.Known() {
		most = c.Cap
	}
	p := Part{Score: percent.atMost(most), Figures: []Figure{{"arrived", f.Arrived}, {"target", f.Target}, {"percent", percent}}}
	if over := percent.sub(Frac(100, 1)); c.OverEvery.Known() && over.rat.Sign() > 0 {
		more := c.OverPoint.mul(Exact{floor(over.quo(c.OverEvery).rat)})
		if c.OverCap.Known() {
			more = more.atMost(c.OverCap)
		}
		p.Score = p.Score.atMost(Frac(100, 1)).add(more)
		p.Figures = append(p.Figures, Figure{"over_points", more})
	}
	return p
}

func floor(r *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Div(r.Num(), r.Denom()))
}

// panel is the mean of a panel's scores; the highest and the lowest are left out
// where the panel is large enough.
func (s *Scheme) panel(c *Source, all []PanelScore) Part {
	rule, _ := s.Panel(c.Panel)
	var own []Exact
	for _, x := range all {
		if x.Panel == c.Panel {
			own = append(own, x.Score)
		}
	}
	p := Part{Figures: []Figure{figure("scores", len(own))}}
	if len(own) == 0 {
		return p
	}
	slices.SortFunc(own, Exact.cmp)
	if rule.Drop > 0 && len(own) >= rule.From {
		own = own[rule.Drop : len(own)-rule.Drop]
		p.Figures = append(p.Figures, figure("dropped", rule.Drop))
	}
	sum := Frac(0, 1)
	for _, x := range own {
		sum = sum.add(x)
	}
	p.Score = sum.times(1, int64(len(own)))
	return p
}
