package evaluation

// sayRules says what a list of bonus or deduction rules gives.
func (s *Scheme) sayRules(kind string, rules []AddRule, most Exact) []Sentence {
	if len(rules) == 0 {
		return []Sentence{say("no-" + kind)}
	}
	head := say(kind)
	for _, r := range rules {
		head.Below = append(head.Below, r.words())
	}
	out := []Sentence{head}
	if most.Known() {
		out = append(out, say(kind+"-cap", "Cap", most))
	}
	return out
}

// words says what one rule gives, with its conditions below.
func (r AddRule) words() Sentence {
	var points any = Term("say.open")
	unit, list := "points", Terms{}
	if r.OfBase {
		unit = "percent"
	}
	for _, p := range r.Points {
		list = append(list, p)
	}
	switch {
	case len(list) == 1 && r.OfBase:
		points = say("percent-one", "Points", list[0])
	case len(list) == 1 && r.Points[0].Known():
		points = say("points-one", "Count", list[0], "Points", list[0])
	case len(list) > 1:
		points = say(unit+"-many", "Points", list)
	}
	x := say("rule", "Name", called(r.Name, r.Code), "Points", points)
	add := func(key string, args ...any) { x.Below = append(x.Below, say(key, args...)) }
	if r.Each.Known() {
		key := "each-part"
		if r.Started {
			key = "each-started"
		}
		add(key, "Each", r.Each, "Unit", called(r.Unit, ""))
	}
	switch r.Counted {
	case CountOverdue:
		add("counted-overdue", "Days", r.PerDays)
	case CountOrdersEarly:
		add("counted-orders")
	case CountReferrals:
		add("counted-referrals")
	case CountIncreases:
		add("counted-increases")
	}
	if r.Least.Known() {
		add("least", "Least", r.Least)
	}
	if r.PerCase.Known() {
		add("per-case", "Most", r.PerCase)
	}
	if r.Cap.Known() {
		add("rule-cap", "Most", r.Cap)
	}
	if r.Company {
		add("company-once")
	}
	return x
}

func (s *Scheme) sayVetoes() []Sentence {
	if len(s.Veto) == 0 {
		return []Sentence{say("no-veto")}
	}
	var out []Sentence
	for _, v := range s.Veto {
		x := say("veto-entered", "Name", called(v.Name, v.Code))
		switch {
		case v.Part != "":
			x = say("veto-line", "Name", called(v.Name, v.Code), "Part", s.partName(v.Part), "Line", v.Line)
		case v.Times > 0:
			rule, _ := s.Rule(v.Rule)
			x = say("veto-times", "Name", called(v.Name, v.Code), "Rule", called(rule.Name, v.Rule), "Times", v.Times)
		}
		x.Below = s.sayEffect(v.Effect)
		out = append(out, x)
	}
	return out
}

func (s *Scheme) sayEffect(e Effect) []Sentence {
	var out []Sentence
	if e.Last {
		out = append(out, say("effect-last"))
	}
	if e.Grade != "" {
		out = append(out, say("effect-grade", "Grade", called(s.GradeName(e.Grade), e.Grade)))
	}
	if e.Cap.Known() {
		out = append(out, say("effect-cap", "Cap", e.Cap))
	}
	if e.NotListed {
		out = append(out, say("effect-not-listed"))
	}
	return orOpen(out)
}

// partName names a part, or what a tie rule compares instead of one.
func (s *Scheme) partName(code string) any {
	if code == "bonus" || code == "deduction" {
		return Term("say.chapter-" + code)
	}
	for _, t := range s.Trees {
		if n, ok := t.Find(code); ok {
			return called(n.Name, code)
		}
	}
	return code
}

func (s *Scheme) sayTotal() []Sentence {
	t := s.Total
	out := []Sentence{say("open")}
	if t.Min.Known() && t.Max.Known() {
		out = []Sentence{say("total", "Min", t.Min, "Max", t.Max)}
	}
	rounding := Term("say.open")
	switch t.Rounding {
	case RoundHalfUp, RoundHalfEven, RoundDown:
		rounding = Term("say.round-" + t.Rounding)
	}
	out = append(out, say("rounding", "Decimals", t.Decimals, "Rounding", rounding, "Shown", t.Shown))
	if len(s.Ties.Then) > 0 {
		list := Terms{}
		for _, code := range s.Ties.Then {
			list = append(list, s.partName(code))
		}
		out = append(out, say("ties-then", "Parts", list))
	}
	switch s.Ties.Rule {
	case TiesStandard, TiesDense:
		out = append(out, say("ties-"+s.Ties.Rule))
	}
	return append(out, say("tiers"))
}

func (s *Scheme) sayGrades() []Sentence {
	var out []Sentence
	for _, g := range s.Grades {
		name := called(g.Name, g.Code)
		switch {
		case g.From.Known() && g.Share.Known():
			out = append(out, say("grade-both", "Name", name, "From", g.From, "Share", g.Share))
		case g.From.Known():
			out = append(out, say("grade-from", "Name", name, "From", g.From))
		case g.Share.Known():
			out = append(out, say("grade-share", "Name", name, "Share", g.Share))
		default:
			out = append(out, say("grade-rest", "Name", name))
		}
	}
	return orOpen(out)
}

func (s *Scheme) sayLists() []Sentence {
	if len(s.Lists) == 0 {
		return []Sentence{say("no-lists")}
	}
	var out []Sentence
	for _, l := range s.Lists {
		out = append(out, s.sayList(l))
	}
	return out
}

func (s *Scheme) sayList(l List) Sentence {
	end := "best"
	if l.Worst {
		end = "worst"
	}
	x := say("list-"+end, "Name", called(l.Name, l.Code))
	add := func(key string, args ...any) { x.Below = append(x.Below, say(key, args...)) }
	if l.Share.Known() {
		add("list-share", "Share", l.Share)
	}
	if l.Most > 0 {
		add("list-most", "Most", l.Most)
	}
	if len(l.Grades) > 0 {
		grades := Terms{}
		for _, g := range l.Grades {
			grades = append(grades, called(s.GradeName(g), g))
		}
		add("list-grades", "Grades", grades)
	}
	if l.Tier {
		add("list-tier-" + end)
	}
	if len(l.Without) > 0 {
		rules := Terms{}
		for _, code := range l.Without {
			r, _ := s.Rule(code)
			rules = append(rules, called(r.Name, code))
		}
		add("list-without", "Rules", rules)
	}
	if l.UnlessAll.Known() {
		add("list-unless", "Total", l.UnlessAll)
	}
	return x
}
