package evaluation

import (
	"slices"

	"pingyi/feedback"
	"pingyi/org"
)

// Entry is a bonus, deduction or veto entered by an office with its evidence.
type Entry struct {
	Rule    string        `json:"rule"`
	Company org.CompanyID `json:"company,omitempty"`
}

// Facts are all a unit's total is made of.
type Facts struct {
	Campaigns []CampaignScore
	Sheets    feedback.UnitSheets
	Issues    feedback.UnitIssues
	Tasks     TaskFigures
	Entries   []Entry // in the order in which they happened
}

// Item is one line of bonus or deduction: so many cases, so many points.
type Item struct {
	Rule   string `json:"rule"`
	Cases  int    `json:"cases"`
	Points Exact  `json:"points"` // after the rule's own cap
	Capped bool   `json:"capped,omitempty"`
}

// Reasons open a total down to the figures it is made of.
type Reasons struct {
	A          Appraisal  `json:"a"`
	F          SheetScore `json:"f"`
	R          IssueScore `json:"r"`
	W          TaskScore  `json:"w"`
	Weights    []Weighted `json:"weights"` // of the components that apply
	Bonus      []Item     `json:"bonus"`
	Deductions []Item     `json:"deductions"`
	Vetoes     []string   `json:"vetoes"`
}

// Result is a unit's year.
type Result struct {
	Base      Exact   // none: no appraisal score
	Bonus     Exact   // after all caps
	Deduction Exact   // after all caps
	Total     Exact   // rounded once; none: insufficient sample
	Grade     string  // code; "" without a total
	Veto      bool    // listed after all ranked units
	SE        float64 // of the total; display only
	Reasons   Reasons
}

// ResultOf computes a unit's total:
// Base = Σ c·X / Σ c over the components that apply, A among them;
// T = min(Max, max(Min, Base + B − D)), rounded once, half up.
func (s *Scheme) ResultOf(f Facts) Result {
	r := Result{Reasons: Reasons{A: s.AppraisalOf(f.Campaigns), F: s.SheetsOf(f.Sheets), R: s.IssuesOf(f.Issues), W: s.TasksOf(f.Tasks)}}
	r.Bonus, r.Reasons.Bonus = s.bonusOf(f)
	r.Deduction, r.Reasons.Deductions = s.deductionOf(f)
	r.Reasons.Vetoes = s.vetoesOf(f.Entries)
	r.Veto = len(r.Reasons.Vetoes) > 0
	if !r.Reasons.A.Score.Known() {
		return r
	}
	parts := map[string]Exact{"A": r.Reasons.A.Score, "F": r.Reasons.F.Score, "R": r.Reasons.R.Score, "W": r.Reasons.W.Score}
	sum, weight := None, int64(0)
	for _, c := range s.Components {
		if x := parts[c.Code]; x.Known() {
			sum = sum.add(x.times(int64(c.Weight), 1))
			weight += int64(c.Weight)
			r.Reasons.Weights = append(r.Reasons.Weights, c)
		}
	}
	r.Base = sum.times(1, weight)
	r.Total = r.Base.add(r.Bonus).sub(r.Deduction).atLeast(s.Total.Min).atMost(s.Total.Max).Round(s.Total.Decimals)
	r.SE = r.Reasons.A.SE * float64(s.Component("A")) / float64(weight)
	r.Grade = s.GradeOf(r.Total, r.Veto)
	return r
}

// GradeOf returns the grade of a total; a veto forces the last one.
func (s *Scheme) GradeOf(total Exact, veto bool) string {
	if !veto {
		for _, g := range s.Grades {
			if total.cmp(g.From) >= 0 {
				return g.Code
			}
		}
	}
	return s.Grades[len(s.Grades)-1].Code
}

// bonusOf adds up the bonus entries, each rule within its cap, all within the
// total cap.
func (s *Scheme) bonusOf(f Facts) (Exact, []Item) {
	items := make([]Item, 0, len(s.Bonus))
	sum := Frac(0, 1)
	for _, rule := range s.Bonus {
		n := casesOf(rule, f.Entries)
		if rule.Derived {
			n = f.Issues.OrdersEarly
		}
		if n == 0 {
			continue
		}
		it := rule.item(n)
		items = append(items, it)
		sum = sum.add(it.Points)
	}
	return sum.atMost(s.BonusCap), items
}

// deductionOf adds up the deductions; the overdue rule counts started periods of
// working days for each issue, each issue within its own cap.
func (s *Scheme) deductionOf(f Facts) (Exact, []Item) {
	items := make([]Item, 0, len(s.Deduction))
	sum := Frac(0, 1)
	for _, rule := range s.Deduction {
		var it Item
		if rule.Derived {
			it = rule.overdue(f.Issues.Overdue)
		} else {
			it = rule.item(casesOf(rule, f.Entries))
		}
		if it.Cases == 0 {
			continue
		}
		items = append(items, it)
		sum = sum.add(it.Points)
	}
	return sum.atMost(s.DeductCap), items
}

// casesOf counts the entries of a rule; where a company counts once, its second
// entry does not.
func casesOf(rule AddRule, entries []Entry) int {
	n := 0
	seen := map[org.CompanyID]bool{}
	for _, e := range entries {
		if e.Rule != rule.Code || (rule.Company && seen[e.Company]) {
			continue
		}
		seen[e.Company] = true
		n++
	}
	return n
}

// item returns the points of n cases: the first, second and later ones may cost
// differently.
func (rule AddRule) item(n int) Item {
	it := Item{Rule: rule.Code, Cases: n, Points: Frac(0, 1)}
	for i := range n {
		it.Points = it.Points.add(rule.Points[min(i, len(rule.Points)-1)])
	}
	if rule.Cap.Known() && it.Points.cmp(rule.Cap) > 0 {
		it.Points, it.Capped = rule.Cap, true
	}
	return it
}

// overdue returns the points of overdue issues, given in working days over.
func (rule AddRule) overdue(days []int) Item {
	it := Item{Rule: rule.Code, Points: Frac(0, 1)}
	for _, d := range days {
		if d <= 0 {
			continue
		}
		periods := (d + rule.PerDays - 1) / rule.PerDays
		p := rule.Points[0].times(int64(periods), 1)
		if rule.PerCase.Known() && p.cmp(rule.PerCase) > 0 {
			p, it.Capped = rule.PerCase, true
		}
		it.Points = it.Points.add(p)
		it.Cases++
	}
	return it
}

// vetoesOf lists the vetoes that hold: entered ones and repeated deductions.
func (s *Scheme) vetoesOf(entries []Entry) []string {
	var out []string
	for _, v := range s.Veto {
		code, need := v.Code, 1
		if v.Times > 0 {
			code, need = v.Rule, v.Times
		}
		n := 0
		for _, e := range entries {
			if e.Rule == code {
				n++
			}
		}
		if n >= need && !slices.Contains(out, v.Code) {
			out = append(out, v.Code)
		}
	}
	return out
}
