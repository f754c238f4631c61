package evaluation

import "slices"

// Item is one line of bonus or deduction: so many cases, so many points.
type Item struct {
	Rule   string `json:"rule"`
	Cases  int    `json:"cases"`
	Amount Exact  `json:"amount,omitzero"` // where the rule counts an amount
	Points Exact  `json:"points"`          // after all caps of the rule
	Capped bool   `json:"capped,omitempty"`
}

// Reasons open a total down to the facts it is made of.
type Reasons struct {
	Parts      []Part   `json:"parts"`
	Bonus      []Item   `json:"bonus,omitempty"`
	Deductions []Item   `json:"deductions,omitempty"`
	Vetoes     []string `json:"vetoes,omitempty"`
	Bounded    string   `json:"bounded,omitempty"` // min, max, veto: a limit of the total took hold
}

// Appraisal returns the appraisal the score rests on: that of the first part that
// comes from ballots.
func (r Reasons) Appraisal() Appraisal {
	var found *Appraisal
	var walk func(parts []Part)
	walk = func(parts []Part) {
		for _, p := range parts {
			if p.Appraisal != nil && found == nil {
				found = p.Appraisal
			}
			walk(p.Parts)
		}
	}
	walk(r.Parts)
	if found == nil {
		return Appraisal{}
	}
	return *found
}

// Part returns the part of the code; one without a score where there is none.
func (r Reasons) Part(code string) Part {
	p, _ := findPart(r.Parts, code)
	return p
}

// Result is a unit's year.
type Result struct {
	Base      Exact   `json:"base"`      // none: a required part has no score
	Bonus     Exact   `json:"bonus"`     // after all caps
	Deduction Exact   `json:"deduction"` // after all caps
	Total     Exact   `json:"total"`     // rounded once; none: insufficient sample
	Grade     string  `json:"grade"`     // code; "" without a total
	Last      bool    `json:"last"`      // a veto lists it after all ranked units
	SE        float64 `json:"se"`        // of the total; display only
	Reasons   Reasons `json:"reasons"`
}

// resultsOf computes the totals of units of one class:
// Base = Σ c·X / Σ c over the parts that apply; T = Base + B − D within the limits
// of the scheme, rounded once. Grades follow when the places are known.
func (s *Scheme) resultsOf(class int, facts []*Facts) []Result {
	tree := s.TreeOf(class)
	parts := s.partsOf(tree.Parts, facts)
	out := make([]Result, len(facts))
	for i, f := range facts {
		whole := join(tree.Parts, parts[i])
		spread(parts[i], Frac(100, 1))
		r := Result{Reasons: Reasons{Parts: parts[i], Vetoes: s.vetoesOf(f.Entries, parts[i])}, SE: whole.SE}
		if whole.Score.Known() && !missing(tree.Parts, parts[i]) {
			r.Base = whole.Score
		}
		r.Bonus, r.Reasons.Bonus = s.added(s.Bonus, s.BonusCap, f, r.Base)
		r.Deduction, r.Reasons.Deductions = s.added(s.Deduction, s.DeductCap, f, r.Base)
		s.total(&r)
		out[i] = r
	}
	return out
}

// total adds up, applies the limits and rounds.
func (s *Scheme) total(r *Result) {
	for _, code := range r.Reasons.Vetoes {
		r.Last = r.Last || s.veto(code).Effect.Last
	}
	if !r.Base.Known() {
		return
	}
	t := r.Base.add(r.Bonus).sub(r.Deduction)
	bound := func(limit Exact, over bool, name string) {
		if limit.Known() && ((over && t.cmp(limit) > 0) || (!over && t.cmp(limit) < 0)) {
			t, r.Reasons.Bounded = limit, name
		}
	}
	bound(s.Total.Min, false, "min")
	bound(s.Total.Max, true, "max")
	for _, code := range r.Reasons.Vetoes {
		bound(s.veto(code).Effect.Cap, true, "veto")
	}
	r.Total = t.RoundBy(s.Total.Rounding, s.Total.Decimals)
}

// added adds up the cases of a list of rules, each rule within its caps, all within
// the cap of the list.
func (s *Scheme) added(rules []AddRule, most Exact, f *Facts, base Exact) (Exact, []Item) {
	var items []Item
	sum := Frac(0, 1)
	for _, rule := range rules {
		it := rule.item(f, base)
		if it.Cases == 0 {
			continue
		}
		items = append(items, it)
		sum = sum.add(it.Points)
	}
	if most.Known() {
		sum = sum.atMost(most)
	}
	return sum, items
}

// item adds up the cases of one rule.
func (rule AddRule) item(f *Facts, base Exact) Item {
	it := Item{Rule: rule.Code, Points: Frac(0, 1)}
	add := func(points Exact) {
		if rule.OfBase {
			if !base.Known() {
				return
			}
			points = base.mul(points).times(1, 100)
		}
		if rule.PerCase.Known() && points.cmp(rule.PerCase) > 0 {
			points, it.Capped = rule.PerCase, true
		}
		it.Points = it.Points.add(points)
	}
	switch rule.Counted {
	case CountOverdue:
		for _, days := range f.Issues.Overdue {
			if days > 0 {
				add(rule.Points[0].times(int64((days+rule.PerDays-1)/rule.PerDays), 1))
				it.Cases++
			}
		}
	case CountOrdersEarly:
		for range f.Issues.OrdersEarly {
			add(rule.points(it.Cases))
			it.Cases++
		}
	default:
		seen := map[int]bool{}
		for _, e := range f.Entries {
			if e.Rule != rule.Code || (rule.Company && seen[e.Company]) || !rule.takes(e.Amount) {
				continue
			}
			seen[e.Company] = true
			add(rule.points(it.Cases).mul(rule.times(e.Amount)))
			it.Amount = it.Amount.add(e.Amount)
			it.Cases++
		}
	}
	if rule.Cap.Known() && it.Points.cmp(rule.Cap) > 0 {
		it.Points, it.Capped = rule.Cap, true
	}
	return it
}

// points returns the points of the k-th case, from 0.
func (rule AddRule) points(k int) Exact { return rule.Points[min(k, len(rule.Points)-1)] }

// times is how often an entry's amount counts: 1 for a rule without amounts.
func (rule AddRule) times(amount Exact) Exact {
	if !rule.Each.Known() {
		return Frac(1, 1)
	}
	if !amount.Known() {
		return Frac(0, 1)
	}
	n := amount.quo(rule.Each)
	if !rule.Started {
		return n
	}
	whole := Exact{floor(n.rat)}
	if whole.cmp(n) < 0 {
		return whole.add(Frac(1, 1))
	}
	return whole
}

// veto returns the veto rule of the code.
func (s *Scheme) veto(code string) VetoRule {
	i := slices.IndexFunc(s.Veto, func(v VetoRule) bool { return v.Code == code })
	if i < 0 {
		return VetoRule{}
	}
	return s.Veto[i]
}

// vetoesOf lists the vetoes that hold: entered ones, repeated deductions, parts that
// stay below a line.
func (s *Scheme) vetoesOf(entries []Entry, parts []Part) []string {
	var out []string
	count := func(rule string) int {
		n := 0
		for _, e := range entries {
			if e.Rule == rule {
				n++
			}
		}
		return n
	}
	for _, v := range s.Veto {
		holds := false
		switch {
		case v.Part != "":
			p, ok := findPart(parts, v.Part)
			holds = ok && p.Score.Known() && p.Score.cmp(v.Line) < 0
		case v.Times > 0:
			holds = count(v.Rule) >= v.Times
		default:
			holds = count(v.Code) > 0
		}
		if holds {
			out = append(out, v.Code)
		}
	}
	return out
}
