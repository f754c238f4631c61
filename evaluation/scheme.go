package evaluation

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"pingyi/fault"
	"pingyi/org"
)

// Scheme is a county's published rules of the appraisal, as data: what is asked,
// what an answer is worth, how ballots become a score and scores a ranking. It is
// versioned and locked before a campaign opens.
type Scheme struct {
	ID         int64          `json:"-"`
	Code       string         `json:"code"`
	Version    int            `json:"version"`
	Name       org.Names      `json:"name"`
	Indicators []Indicator    `json:"indicators"`
	Levels     []Level        `json:"levels"`
	Reasons    []Choice       `json:"reasons"` // offered at a dissatisfied level
	Line       LineRule       `json:"line"`
	Groups     []Weighted     `json:"groups"`
	Group      GroupRule      `json:"group"`
	Campaigns  []Weighted     `json:"campaigns"` // weight of each campaign of the year
	Required   string         `json:"required_campaign"`
	Sheets     SheetRule      `json:"sheets"`
	Issues     IssueRule      `json:"issues"`
	Components []Weighted     `json:"components"` // A appraisal, F sheets, R issues, W tasks
	Bonus      []AddRule      `json:"bonus"`
	BonusCap   Exact          `json:"bonus_cap"`
	Deduction  []AddRule      `json:"deduction"`
	DeductCap  Exact          `json:"deduction_cap"`
	Veto       []VetoRule     `json:"veto"`
	Total      TotalRule      `json:"total"`
	Grades     []Grade        `json:"grades"` // best first
	Disclosure DisclosureRule `json:"disclosure"`
}

// Indicator is one item of the ballot.
type Indicator struct {
	Code     string    `json:"code"`
	Weight   int       `json:"weight"` // of 100
	Name     org.Names `json:"name"`
	Question org.Names `json:"question"`
}

// Level is one of the answers; "not acquainted" is none of them and has no value.
type Level struct {
	Code   string `json:"code"`
	Value  int    `json:"value"` // 0 to 100
	Reason bool   `json:"reason"`
}

// Choice is a reason a rater may tick.
type Choice struct {
	Code string    `json:"code"`
	Name org.Names `json:"name"`
}

// Weighted is a code with its weight; the weights of a list sum to 100.
type Weighted struct {
	Code   string `json:"code"`
	Weight int    `json:"weight"`
}

// LineRule says when a ballot line counts.
type LineRule struct {
	MinWeight int `json:"min_weight"` // answered weight needed, of 100
}

// GroupRule says how the lines of a rater group become one number.
type GroupRule struct {
	TrimFrom    int `json:"trim_from"`    // lines from which extremes are dropped
	TrimPercent int `json:"trim_percent"` // dropped at each end, at least one line
	MinLines    int `json:"min_lines"`    // lines a group needs to be usable
	MinTotal    int `json:"min_total"`    // lines in usable groups a unit needs to be ranked
}

// SheetRule says how service-feedback sheets become component F.
type SheetRule struct {
	Items        []Weighted `json:"items"`
	MinWeight    int        `json:"min_weight"`
	FullAt       int        `json:"full_at"`       // companies from which the mean counts in full
	ScoreWeight  int        `json:"score_weight"`  // of 100
	VisitsWeight int        `json:"visits_weight"` // of 100
}

// IssueRule says how the handling of issues becomes component R.
type IssueRule struct {
	Response     int `json:"response"` // weights of 100
	Solved       int `json:"solved"`
	Satisfaction int `json:"satisfaction"`
	MinRated     int `json:"min_rated"` // rated issues below which the rate of solved ones stands in
}

// AddRule is a bonus or deduction: so many points for each case.
type AddRule struct {
	Code    string    `json:"code"`
	Name    org.Names `json:"name"`
	Points  []Exact   `json:"points"`             // of the first, second … case; the last holds for all later ones
	Cap     Exact     `json:"cap"`                // of the rule in a year; null: none
	PerDays int       `json:"per_days,omitempty"` // D1: one case for each started so many working days
	PerCase Exact     `json:"per_case"`           // D1: most that one issue can cost
	Company bool      `json:"company,omitempty"`  // a company counts once
	Derived bool      `json:"derived,omitempty"`  // counted from the facts, never entered by hand
	Needs   string    `json:"needs,omitempty"`    // what an entry must name: company, issue
}

// VetoRule puts a unit behind all ranked ones.
type VetoRule struct {
	Code  string    `json:"code"`
	Name  org.Names `json:"name"`
	Rule  string    `json:"rule,omitempty"`  // the deduction that, repeated,
	Times int       `json:"times,omitempty"` // so often, is a veto
}

// TotalRule bounds and rounds the total, once.
type TotalRule struct {
	Min      Exact `json:"min"`
	Max      Exact `json:"max"`
	Decimals int   `json:"decimals"`
}

// Grade is a grade with the least total it needs.
type Grade struct {
	Code string `json:"code"`
	From Exact  `json:"from"`
}

// DisclosureRule holds the floors below which a figure is not shown.
type DisclosureRule struct {
	Unit   int `json:"unit"`   // companies behind a figure a unit sees of itself
	Public int `json:"public"` // companies behind a figure the public sees
}

//go:embed nj_default.json
var njDefault []byte

// NJDefault returns version 1 of the scheme the portal comes with.
func NJDefault() *Scheme {
	s, err := ReadScheme(njDefault)
	if err != nil {
		panic(err) // embedded, and tested
	}
	return s
}

// ReadScheme reads a scheme and checks it.
func ReadScheme(doc []byte) (*Scheme, error) {
	var s Scheme
	if err := json.Unmarshal(doc, &s); err != nil {
		return nil, fmt.Errorf("read scheme: %w", err)
	}
	return &s, s.Validate()
}

// Validate refuses a scheme that contradicts itself, with the reason by part.
func (s *Scheme) Validate() error {
	f := fault.Fields{}
	sum := 0
	for _, i := range s.Indicators {
		sum += i.Weight
		if i.Weight <= 0 {
			f.Add("indicators", "scheme.weight-positive")
		}
	}
	if sum != 100 {
		f.Add("indicators", "scheme.weights-100", "Sum", sum)
	}
	for part, list := range map[string][]Weighted{"groups": s.Groups, "campaigns": s.Campaigns, "components": s.Components, "sheets": s.Sheets.Items} {
		sum := 0
		for _, w := range list {
			sum += w.Weight
		}
		if sum != 100 {
			f.Add(part, "scheme.weights-100", "Sum", sum)
		}
	}
	if s.Sheets.ScoreWeight+s.Sheets.VisitsWeight != 100 {
		f.Add("sheets", "scheme.weights-100", "Sum", s.Sheets.ScoreWeight+s.Sheets.VisitsWeight)
	}
	if s.Issues.Response+s.Issues.Solved+s.Issues.Satisfaction != 100 {
		f.Add("issues", "scheme.weights-100", "Sum", s.Issues.Response+s.Issues.Solved+s.Issues.Satisfaction)
	}
	if w := s.Component("F"); w <= 0 || w >= 100 {
		// the sheet is "one basis" of the year-end appraisal: neither none nor all
		f.Add("components", "scheme.sheets-one-basis")
	}
	if s.Group.MinLines < 5 {
		f.Add("group", "scheme.group-under-five")
	}
	if !slices.IsSortedFunc(s.Grades, func(a, b Grade) int { return b.From.cmp(a.From) }) {
		f.Add("grades", "scheme.grades-order")
	}
	return f.Err()
}

// Component returns the weight of a component, of 100.
func (s *Scheme) Component(code string) int { return weightOf(s.Components, code) }

// Value returns what a level is worth; false for a code that is no level.
func (s *Scheme) Value(level string) (int, bool) {
	for _, l := range s.Levels {
		if l.Code == level {
			return l.Value, true
		}
	}
	return 0, false
}

// Rule returns the bonus or deduction rule of the code.
func (s *Scheme) Rule(code string) (AddRule, bool) {
	for _, r := range append(slices.Clone(s.Bonus), s.Deduction...) {
		if r.Code == code {
			return r, true
		}
	}
	return AddRule{}, false
}

// ManualRules returns the rules an office enters by hand, vetoes included.
func (s *Scheme) ManualRules() []Choice {
	var out []Choice
	for _, r := range append(slices.Clone(s.Bonus), s.Deduction...) {
		if !r.Derived {
			out = append(out, Choice{Code: r.Code, Name: r.Name})
		}
	}
	for _, v := range s.Veto {
		if v.Times == 0 {
			out = append(out, Choice{Code: v.Code, Name: v.Name})
		}
	}
	return out
}

func weightOf(list []Weighted, code string) int {
	for _, w := range list {
		if w.Code == code {
			return w.Weight
		}
	}
	return 0
}
