package evaluation

import (
	"slices"
	"strings"

	"pingyi/fault"
	"pingyi/org"
)

// Validate refuses a scheme that contradicts itself or would be unsafe, with the
// reason at the part it belongs to: "indicators", "groups", "tree.CODE",
// "part.CODE", "bonus", "grades" and so on.
func (s *Scheme) Validate() error {
	f := fault.Fields{}
	if s.Code == "" || strings.ContainsAny(s.Code, "/ ") {
		f.Add("code", "scheme.code-form")
	}
	checkNames(f, "name", s.Name)
	s.checkBallot(f)
	s.checkGroups(f)
	s.checkSources(f)
	for _, t := range s.Trees {
		s.checkTree(f, t)
	}
	s.checkClasses(f)
	s.checkRules(f)
	s.checkVetoes(f)
	s.checkGrades(f)
	s.checkLists(f)
	return f.Err()
}

// MaxWeight bounds a weight, so that sums stay whole numbers of machine size.
const MaxWeight = 10000

func checkNames(f fault.Fields, field string, n org.Names) {
	if n.ZH == "" || n.EN == "" || n.RU == "" {
		f.Add(field, "scheme.names-missing")
	}
}

// checkSum demands weights that are positive and sum to 100, 1,000 or 10,000.
func checkSum(f fault.Fields, field string, weights []int) {
	sum := 0
	for _, w := range weights {
		if w <= 0 || w > MaxWeight {
			f.Add(field, "scheme.weight-positive")
			return
		}
		sum += w
	}
	if sum != 100 && sum != 1000 && sum != 10000 {
		f.Add(field, "scheme.weights-100", "Sum", sum)
	}
}

func checkWeighted(f fault.Fields, field string, list []Weighted) {
	weights := make([]int, len(list))
	for i, w := range list {
		weights[i] = w.Weight
	}
	checkSum(f, field, weights)
	once(f, field, len(list), func(i int) string { return list[i].Code })
}

// once demands codes that are there and differ.
func once(f fault.Fields, field string, n int, code func(int) string) {
	seen := map[string]bool{}
	for i := range n {
		c := code(i)
		if c == "" || strings.ContainsAny(c, " ./:,") || len(c) > 32 {
			f.Add(field, "scheme.code-form")
		}
		if seen[c] {
			f.Add(field, "scheme.code-twice", "Code", c)
		}
		seen[c] = true
	}
}

func (s *Scheme) checkBallot(f fault.Fields) {
	weights := make([]int, len(s.Indicators))
	for i, ind := range s.Indicators {
		weights[i] = ind.Weight
		checkNames(f, "indicators", ind.Name)
		checkNames(f, "indicators", ind.Question)
	}
	checkSum(f, "indicators", weights)
	once(f, "indicators", len(s.Indicators), func(i int) string { return s.Indicators[i].Code })
	once(f, "levels", len(s.Levels), func(i int) string { return s.Levels[i].Code })
	if len(s.Levels) < 2 {
		f.Add("levels", "scheme.levels-two")
	}
	if !slices.IsSortedFunc(s.Levels, func(a, b Level) int { return b.Value - a.Value }) {
		f.Add("levels", "scheme.levels-order")
	}
	for _, l := range s.Levels {
		if l.Value < 0 || l.Value > 100 || l.Code == "na" {
			f.Add("levels", "scheme.levels-range")
		}
		if !slices.Contains(NationalLevels, l.Code) {
			checkNames(f, "levels", l.Name)
		}
	}
	once(f, "reasons", len(s.Reasons), func(i int) string { return s.Reasons[i].Code })
	if s.Line.MinWeight < 1 || s.Line.MinWeight > 100 {
		f.Add("line", "scheme.percent-range")
	}
	s.checkMeasures(f)
}

// NationalLevels are the five levels of the national system; their names are fixed.
var NationalLevels = []string{"vs", "s", "b", "d", "vd"}

func (s *Scheme) checkMeasures(f fault.Fields) {
	once(f, "measures", len(s.Measures), func(i int) string { return s.Measures[i].Code })
	if len(s.Measures) == 0 {
		f.Add("measures", "scheme.measures-none")
	}
	for _, m := range s.Measures {
		checkNames(f, "measures", m.Name)
		for _, code := range m.Indicators {
			if !slices.ContainsFunc(s.Indicators, func(i Indicator) bool { return i.Code == code }) {
				f.Add("measures", "scheme.indicator-unknown", "Code", code)
			}
		}
		switch m.Statistic {
		case StatMean:
		case StatTop:
			if m.Best < 1 || m.Best >= len(s.Levels) {
				f.Add("measures", "scheme.boxes-range")
			}
		case StatNet:
			if m.Best < 1 || m.Worst < 1 || m.Best+m.Worst > len(s.Levels) {
				f.Add("measures", "scheme.boxes-range")
			}
		default:
			f.Add("measures", "scheme.choice-unknown", "Value", m.Statistic)
		}
	}
}

func (s *Scheme) checkGroups(f fault.Fields) {
	weights := make([]int, len(s.Groups))
	for i, g := range s.Groups {
		weights[i] = g.Weight
		if !slices.Contains(RaterGroups, g.Code) {
			f.Add("groups", "scheme.group-unknown", "Code", g.Code)
		}
		if g.MinLines != 0 && g.MinLines < leastLines {
			f.Add("groups", "scheme.group-under-five")
		}
		switch g.Missing {
		case "", MissingRenormalise:
		case MissingMerge:
			into, ok := s.groupOf(g.Into)
			if !ok || g.Into == g.Code || into.Missing == MissingMerge {
				f.Add("groups", "scheme.merge-into", "Code", g.Code)
			}
		case MissingNeutral:
			if !g.Neutral.between(0, 100) {
				f.Add("groups", "scheme.neutral-range", "Code", g.Code)
			}
		default:
			f.Add("groups", "scheme.choice-unknown", "Value", g.Missing)
		}
	}
	checkSum(f, "groups", weights)
	once(f, "groups", len(s.Groups), func(i int) string { return s.Groups[i].Code })
	if s.Group.MinLines < leastLines {
		f.Add("group", "scheme.group-under-five")
	}
	if s.Group.MinTotal < s.Group.MinLines || s.Group.MinTotal < leastBallots {
		f.Add("group", "scheme.total-under-ten")
	}
	switch s.Group.Trim {
	case TrimNone:
	case TrimShare:
		if s.Group.TrimPercent < 1 || s.Group.TrimPercent > 40 {
			f.Add("group", "scheme.trim-range")
		}
	case TrimCount:
		if s.Group.TrimLines < 1 || s.Group.TrimLines > 50 || s.Group.TrimFrom <= 2*s.Group.TrimLines {
			f.Add("group", "scheme.trim-range")
		}
	default:
		f.Add("group", "scheme.choice-unknown", "Value", s.Group.Trim)
	}
}

// leastLines is the smallest rater group whose mean may be known to anyone.
const leastLines = 5

func (s *Scheme) checkSources(f fault.Fields) {
	checkWeighted(f, "campaigns", s.Campaigns)
	for _, c := range s.Campaigns {
		if !slices.Contains(Kinds, c.Code) {
			f.Add("campaigns", "scheme.choice-unknown", "Value", c.Code)
		}
	}
	if weightOf(s.Campaigns, s.Required) == 0 {
		f.Add("campaigns", "scheme.required-campaign")
	}
	checkWeighted(f, "sheets", s.Sheets.Items)
	if s.Sheets.MinWeight < 1 || s.Sheets.MinWeight > 100 {
		f.Add("sheets", "scheme.percent-range")
	}
	once(f, "panels", len(s.Panels), func(i int) string { return s.Panels[i].Code })
	for _, p := range s.Panels {
		checkNames(f, "panels", p.Name)
		if p.Drop < 0 || p.Drop > 5 || (p.Drop > 0 && p.From <= 2*p.Drop) {
			f.Add("panels", "scheme.trim-range")
		}
	}
	if s.Fairness.MinRaters < leastLines || !s.Fairness.MinReliability.between(0, 1) || !s.Fairness.Coverage.between(50, 99) {
		f.Add("fairness", "scheme.fairness-range")
	}
	if s.Disclosure.Unit < leastLines || s.Disclosure.Public < leastBallots {
		f.Add("disclosure", "scheme.floor-low")
	}
}

func (s *Scheme) checkTree(f fault.Fields, t Tree) {
	field := "tree." + t.Code
	checkNames(f, field, t.Name)
	s.checkParts(f, field, t.Parts)
	seen := map[string]bool{}
	t.each(func(n *Node, _ Exact) {
		if seen[n.Code] {
			f.Add("part."+n.Code, "scheme.code-twice", "Code", n.Code)
		}
		seen[n.Code] = true
		s.checkNode(f, n)
	})
	sheets := t.ShareOf(FromSheets).add(t.ShareOf(FromVisits))
	if sheets.Known() && (sheets.cmp(Frac(0, 1)) == 0 || sheets.cmp(Frac(100, 1)) >= 0) {
		// S-41: the sheet is "one basis" of the year-end appraisal: neither none nor all
		f.Add(field, "scheme.sheets-one-basis")
	}
	if t.ShareOf(FromAppraisal).cmp(Frac(0, 1)) == 0 {
		f.Add(field, "scheme.no-appraisal")
	}
}

func (s *Scheme) checkParts(f fault.Fields, field string, parts []Node) {
	if len(parts) == 0 {
		f.Add(field, "scheme.parts-none")
		return
	}
	sum := Frac(0, 1)
	for _, n := range parts {
		if !n.Weight.Known() || n.Weight.cmp(Frac(0, 1)) < 0 {
			f.Add(field, "scheme.weight-positive")
			return
		}
		sum = sum.add(n.Weight)
	}
	if sum.cmp(Frac(100, 1)) != 0 {
		f.Add(field, "scheme.parts-100", "Sum", sum.Plain())
	}
}

func (s *Scheme) checkNode(f fault.Fields, n *Node) {
	field := "part." + n.Code
	once(f, field, 1, func(int) string { return n.Code })
	checkNames(f, field, n.Name)
	switch {
	case n.Source != nil && len(n.Parts) > 0:
		f.Add(field, "scheme.source-and-parts")
	case n.Source == nil:
		s.checkParts(f, field, n.Parts)
	default:
		s.checkSource(f, field, n.Source)
	}
	switch n.Absent {
	case "", AbsentShare, AbsentZero:
	case AbsentNeutral:
		if !n.Neutral.between(0, 100) {
			f.Add(field, "scheme.neutral-range", "Code", n.Code)
		}
	default:
		f.Add(field, "scheme.choice-unknown", "Value", n.Absent)
	}
	if n.Scale != nil {
		checkScale(f, field, n.Scale)
	}
}

func checkScale(f fault.Fields, field string, c *Scale) {
	switch c.Kind {
	case ScaleZ:
		if !c.Centre.between(0, 100) || !c.Spread.between(1, 50) {
			f.Add(field, "scheme.scale-range")
		}
	case ScaleRank:
		if !c.Top.between(0, 100) || !c.Step.between(0, 100) || !c.Floor.between(0, 100) {
			f.Add(field, "scheme.scale-range")
		}
	case ScaleMinMax, ScalePercentile:
	default:
		f.Add(field, "scheme.choice-unknown", "Value", c.Kind)
	}
}

func (s *Scheme) checkSource(f fault.Fields, field string, c *Source) {
	switch c.Kind {
	case FromAppraisal:
		if _, ok := s.Measure(c.Measure); !ok {
			f.Add(field, "scheme.measure-unknown", "Code", c.Measure)
		}
	case FromSheets:
		if c.FullAt < 1 || c.FullAt > 100 {
			f.Add(field, "scheme.full-at")
		}
		if len(c.Quarters) > 0 {
			checkWeighted(f, field, c.Quarters)
			for _, q := range c.Quarters {
				if !slices.Contains([]string{"1", "2", "3", "4"}, q.Code) {
					f.Add(field, "scheme.choice-unknown", "Value", q.Code)
				}
			}
		}
	case FromRate:
		if !slices.Contains([]string{"response", "solved", "satisfied"}, c.Of) {
			f.Add(field, "scheme.choice-unknown", "Value", c.Of)
		}
		if c.Of == "satisfied" && (c.AtLeast < 1 || c.AtLeast > 100) {
			f.Add(field, "scheme.percent-range")
		}
	case FromSatisfaction, FromVisits, FromTasks:
	case FromTarget:
		if (c.Cap.Known() && !c.Cap.between(1, 200)) || c.OverEvery.Known() != c.OverPoint.Known() || (c.OverEvery.Known() && (!c.OverEvery.between(1, 100) || !c.OverPoint.between(0, 20))) {
			f.Add(field, "scheme.target-range")
		}
	case FromPanel:
		if _, ok := s.Panel(c.Panel); !ok {
			f.Add(field, "scheme.panel-unknown", "Code", c.Panel)
		}
	default:
		f.Add(field, "scheme.choice-unknown", "Value", c.Kind)
	}
}

// checkClasses demands exactly one tree for each class.
func (s *Scheme) checkClasses(f fault.Fields) {
	once(f, "trees", len(s.Trees), func(i int) string { return s.Trees[i].Code })
	rest, named := 0, map[int]bool{}
	for _, t := range s.Trees {
		if len(t.Classes) == 0 {
			rest++
		}
		for _, c := range t.Classes {
			if named[c] || !slices.Contains(org.Classes, c) {
				f.Add("trees", "scheme.class-twice", "Class", c)
			}
			named[c] = true
		}
	}
	if rest > 1 || (rest == 0 && len(named) < len(org.Classes)) {
		f.Add("trees", "scheme.class-without")
	}
}
