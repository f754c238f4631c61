package evaluation

import (
	"slices"

	"pingyi/fault"
)

func (s *Scheme) checkRules(f fault.Fields) {
	all := append(slices.Clone(s.Bonus), s.Deduction...)
	for i, r := range all {
		field := "bonus"
		if i >= len(s.Bonus) {
			field = "deduction"
		}
		checkNames(f, field, r.Name)
		if len(r.Points) == 0 || slices.ContainsFunc(r.Points, func(p Exact) bool { return !p.between(0, 100) }) {
			f.Add(field, "scheme.points-range", "Code", r.Code)
		}
		if r.Each.Known() && (r.Each.cmp(Frac(0, 1)) <= 0 || r.Unit.ZH == "") {
			f.Add(field, "scheme.each-range", "Code", r.Code)
		}
		if r.Least.Known() && !r.Least.between(0, 1e9) {
			f.Add(field, "scheme.each-range", "Code", r.Code)
		}
		switch r.Counted {
		case "", CountOrdersEarly, CountReferrals, CountIncreases:
		case CountOverdue:
			if r.PerDays < 1 {
				f.Add(field, "scheme.each-range", "Code", r.Code)
			}
		default:
			f.Add(field, "scheme.choice-unknown", "Value", r.Counted)
		}
	}
	codes := func(i int) string {
		if i < len(all) {
			return all[i].Code
		}
		return s.Veto[i-len(all)].Code
	}
	once(f, "rules", len(all)+len(s.Veto), codes)
	for _, c := range []Exact{s.BonusCap, s.DeductCap} {
		if c.Known() && !c.between(0, 100) {
			f.Add("rules", "scheme.points-range", "Code", "")
		}
	}
	t := s.Total
	if !t.Min.Known() || !t.Max.Known() || t.Min.cmp(t.Max) >= 0 || t.Decimals < 0 || t.Decimals > 8 || t.Shown < 0 || t.Shown > t.Decimals {
		f.Add("total", "scheme.total-range")
	}
	if !slices.Contains([]string{RoundHalfUp, RoundHalfEven, RoundDown}, t.Rounding) {
		f.Add("total", "scheme.choice-unknown", "Value", t.Rounding)
	}
}

func (s *Scheme) checkVetoes(f fault.Fields) {
	for _, v := range s.Veto {
		checkNames(f, "veto", v.Name)
		if v.Times > 0 {
			if _, ok := s.Rule(v.Rule); !ok || v.Part != "" {
				f.Add("veto", "scheme.rule-unknown", "Code", v.Rule)
			}
		}
		if v.Part != "" && (!v.Line.between(0, 100) || !slices.ContainsFunc(s.Trees, func(t Tree) bool { _, ok := t.Find(v.Part); return ok })) {
			f.Add("veto", "scheme.part-unknown", "Code", v.Part)
		}
		if v.Effect.Grade != "" && !slices.ContainsFunc(s.Grades, func(g Grade) bool { return g.Code == v.Effect.Grade }) {
			f.Add("veto", "scheme.grade-unknown", "Code", v.Effect.Grade)
		}
		if v.Effect == (Effect{}) {
			f.Add("veto", "scheme.veto-idle", "Code", v.Code)
		}
	}
	if !slices.Contains([]string{TiesStandard, TiesDense}, s.Ties.Rule) {
		f.Add("ties", "scheme.choice-unknown", "Value", s.Ties.Rule)
	}
	for _, code := range s.Ties.Then {
		known := code == "bonus" || code == "deduction" || slices.ContainsFunc(s.Trees, func(t Tree) bool { _, ok := t.Find(code); return ok })
		if !known {
			f.Add("ties", "scheme.part-unknown", "Code", code)
		}
	}
}

func (s *Scheme) checkGrades(f fault.Fields) {
	once(f, "grades", len(s.Grades), func(i int) string { return s.Grades[i].Code })
	if len(s.Grades) == 0 {
		f.Add("grades", "scheme.grades-none")
		return
	}
	for i, g := range s.Grades {
		checkNames(f, "grades", g.Name)
		last := i == len(s.Grades)-1
		if !last && !g.From.Known() && !g.Share.Known() {
			f.Add("grades", "scheme.grade-open", "Code", g.Code)
		}
		if last && (g.Share.Known() || (g.From.Known() && g.From.cmp(s.Total.Min) > 0)) {
			f.Add("grades", "scheme.grade-last", "Code", g.Code)
		}
		if g.Share.Known() && !g.Share.between(0, 100) {
			f.Add("grades", "scheme.percent-range")
		}
	}
	var from []Exact
	for _, g := range s.Grades {
		if g.From.Known() {
			from = append(from, g.From)
		}
	}
	if !slices.IsSortedFunc(from, func(a, b Exact) int { return b.cmp(a) }) {
		f.Add("grades", "scheme.grades-order")
	}
}

func (s *Scheme) checkLists(f fault.Fields) {
	once(f, "lists", len(s.Lists), func(i int) string { return s.Lists[i].Code })
	for _, l := range s.Lists {
		checkNames(f, "lists", l.Name)
		if (l.Share.Known() && !l.Share.between(0, 100)) || l.Most < 0 || (!l.Share.Known() && l.Most == 0 && len(l.Grades) == 0) {
			f.Add("lists", "scheme.list-open", "Code", l.Code)
		}
		for _, g := range l.Grades {
			if !slices.ContainsFunc(s.Grades, func(x Grade) bool { return x.Code == g }) {
				f.Add("lists", "scheme.grade-unknown", "Code", g)
			}
		}
		for _, r := range l.Without {
			if _, ok := s.Rule(r); !ok {
				f.Add("lists", "scheme.rule-unknown", "Code", r)
			}
		}
	}
}
