package evaluation

import "strconv"

// sayTree says what the base score of some classes is made of.
func (s *Scheme) sayTree(t Tree) []Sentence {
	classes := Terms{}
	for _, c := range t.Classes {
		classes = append(classes, Term("class."+strconv.Itoa(c)))
	}
	var out []Sentence
	switch {
	case len(classes) > 0:
		out = append(out, say("tree-classes", "Classes", classes))
	case len(s.Trees) > 1:
		out = append(out, say("tree-rest"))
	default:
		out = append(out, say("tree-all"))
	}
	if len(t.Parts) == 0 {
		return append(out, say("open"))
	}
	base := say("base")
	base.Below = s.sayParts(t.Parts)
	return append(out, base, say("absent-share"))
}

func (s *Scheme) sayParts(parts []Node) []Sentence {
	var out []Sentence
	for i := range parts {
		n := &parts[i]
		x := say("part", "Name", called(n.Name, n.Code), "Weight", n.Weight, "How", Term("say.made-of"))
		if n.Source != nil {
			x.Args[5] = s.saySource(n.Source)
			x.Below = sayMore(n.Source)
		} else {
			x.Below = orOpen(s.sayParts(n.Parts))
		}
		if n.Scale != nil {
			x.Below = append(x.Below, sayScale(n.Scale))
		}
		switch n.Absent {
		case AbsentZero:
			x.Below = append(x.Below, say("absent-zero"))
		case AbsentNeutral:
			x.Below = append(x.Below, say("absent-neutral", "Value", n.Neutral))
		}
		if n.Required {
			x.Below = append(x.Below, say("part-required"))
		}
		out = append(out, x)
	}
	return out
}

// saySource says what a part is measured by.
func (s *Scheme) saySource(c *Source) Sentence {
	switch c.Kind {
	case FromAppraisal:
		m, ok := s.Measure(c.Measure)
		if !ok {
			return say("open")
		}
		return say("from-appraisal", "Measure", called(m.Name, m.Code))
	case FromSheets:
		return say("from-sheets", "FullAt", c.FullAt)
	case FromRate:
		switch c.Of {
		case "response", "solved":
			return say("from-rate-" + c.Of)
		case "satisfied":
			return say("from-rate-satisfied", "AtLeast", c.AtLeast)
		}
	case FromSatisfaction:
		return say("from-satisfaction", "MinRated", max(1, c.MinRated))
	case FromTarget:
		most := Frac(100, 1)
		if c.Cap.Known() {
			most = c.Cap
		}
		return say("from-target", "Cap", most)
	case FromVisits, FromTasks:
		return say("from-" + c.Kind)
	case FromPanel:
		if p, ok := s.Panel(c.Panel); ok {
			return say("from-panel", "Panel", called(p.Name, p.Code))
		}
	}
	return say("open")
}

// sayMore says what else the source of a part does.
func sayMore(c *Source) []Sentence {
	var out []Sentence
	if c.Kind == FromSheets && len(c.Quarters) > 0 {
		whole := 0
		for _, q := range c.Quarters {
			whole += q.Weight
		}
		list := Terms{}
		for _, q := range c.Quarters {
			list = append(list, say("weighted", "Name", Term("quarter."+q.Code), "Weight", percent(q.Weight, whole)))
		}
		out = append(out, say("quarters", "Quarters", list))
	}
	if c.Kind == FromTarget && c.OverEvery.Known() && c.OverPoint.Known() {
		if c.OverCap.Known() {
			out = append(out, say("over-capped", "Every", c.OverEvery, "Points", c.OverPoint, "Cap", c.OverCap))
		} else {
			out = append(out, say("over", "Every", c.OverEvery, "Points", c.OverPoint))
		}
	}
	return out
}

// sayScale says how a part is standardised within the class.
func sayScale(c *Scale) Sentence {
	switch c.Kind {
	case ScaleZ:
		return say("scale-z", "Centre", c.Centre, "Spread", c.Spread)
	case ScaleRank:
		return say("scale-rank", "Top", c.Top, "Step", c.Step, "Floor", c.Floor)
	case ScaleMinMax, ScalePercentile:
		return say("scale-" + c.Kind)
	}
	return say("open")
}
