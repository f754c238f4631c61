package evaluation

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"pingyi/org"
)

// Scheme is a county's published rules of the appraisal (评议办法), as data: what is
// asked, what an answer is worth, how ballots become a score, scores a total, totals
// a ranking. It is versioned and locked before a campaign opens.
//
// Weights of one list are whole numbers that sum to 100 (or 1,000 or 10,000, where
// percent are too coarse).
type Scheme struct {
	ID      int64     `json:"-"`
	Code    string    `json:"code"`
	Version int       `json:"version"`
	Name    org.Names `json:"name"`

	// the ballot
	Indicators []Indicator `json:"indicators"`
	Levels     []Level     `json:"levels"`  // best first
	Reasons    []Choice    `json:"reasons"` // offered at a dissatisfied level
	Line       LineRule    `json:"line"`
	Measures   []Measure   `json:"measures"`
	Groups     []Group     `json:"groups"`
	Group      GroupRule   `json:"group"`
	Campaigns  []Weighted  `json:"campaigns"` // weight of each campaign of the year
	Required   string      `json:"required_campaign"`

	// the other sources
	Sheets SheetRule `json:"sheets"`
	Panels []Panel   `json:"panels,omitempty"`

	// the score
	Trees      []Tree         `json:"trees"`
	Bonus      []AddRule      `json:"bonus"`
	BonusCap   Exact          `json:"bonus_cap,omitzero"`
	Deduction  []AddRule      `json:"deduction"`
	DeductCap  Exact          `json:"deduction_cap,omitzero"`
	Veto       []VetoRule     `json:"veto"`
	Total      TotalRule      `json:"total"`
	Ties       TieRule        `json:"ties"`
	Grades     []Grade        `json:"grades"` // best first
	Lists      []List         `json:"lists"`
	Fairness   FairnessRule   `json:"fairness"`
	Disclosure DisclosureRule `json:"disclosure"`
}

// Indicator is one item of the ballot.
type Indicator struct {
	Code     string    `json:"code"`
	Weight   int       `json:"weight"`
	Name     org.Names `json:"name"`
	Question org.Names `json:"question"`
}

// Level is one of the answers; "not acquainted" is none of them and has no value.
type Level struct {
	Code   string    `json:"code"`
	Value  int       `json:"value"`
	Reason bool      `json:"reason"`        // asks what was wrong
	Name   org.Names `json:"name,omitzero"` // of a level that is none of the national five
}

// Choice is a code with its name in three languages.
type Choice struct {
	Code string    `json:"code"`
	Name org.Names `json:"name"`
}

// Weighted is a code with its weight.
type Weighted struct {
	Code   string `json:"code"`
	Weight int    `json:"weight"`
}

// LineRule says when a ballot line counts.
type LineRule struct {
	MinWeight int `json:"min_weight"` // share of the weight that must be answered, in percent
}

// The ways a measure reads an answer.
const (
	StatMean = "mean" // the value of the level
	StatTop  = "top"  // 100 for one of the best levels, else 0: the share of satisfied
	StatNet  = "net"  // 100 for one of the best, −100 for one of the worst, else 0
)

// Measure is one number a ballot line gives: over all indicators or some, by the
// levels' values or by the share of satisfied.
type Measure struct {
	Code       string    `json:"code"`
	Name       org.Names `json:"name"`
	Indicators []string  `json:"indicators,omitempty"` // none: all
	Statistic  string    `json:"statistic"`
	Best       int       `json:"best,omitempty"`  // how many of the best levels are satisfied
	Worst      int       `json:"worst,omitempty"` // how many of the worst count against it
}

// What becomes of a rater group with too few lines.
const (
	MissingRenormalise = "renormalise" // the other groups share its weight
	MissingMerge       = "merge"       // its lines are counted with another group
	MissingNeutral     = "neutral"     // a fixed value stands in
)

// Group is a rater group with its weight.
type Group struct {
	Code     string `json:"code"`
	Weight   int    `json:"weight"`
	MinLines int    `json:"min_lines,omitempty"` // 0: as the scheme says for all
	Missing  string `json:"missing,omitempty"`   // "": renormalise
	Into     string `json:"into,omitempty"`      // the group it is merged into
	Neutral  Exact  `json:"neutral,omitzero"`
}

// The ways of trimming.
const (
	TrimNone  = "none"
	TrimShare = "share" // a share at each end, at least one line
	TrimCount = "count" // so many lines at each end
)

// GroupRule says how the lines of a rater group become one number.
type GroupRule struct {
	Trim        string `json:"trim"`
	TrimFrom    int    `json:"trim_from"`              // lines from which extremes are dropped
	TrimPercent int    `json:"trim_percent,omitempty"` // by share
	TrimLines   int    `json:"trim_lines,omitempty"`   // by count
	MinLines    int    `json:"min_lines"`              // lines a group needs to be usable
	MinTotal    int    `json:"min_total"`              // lines in usable groups a unit needs to be ranked
}

// SheetRule says what a service-feedback sheet is worth when it is filed.
type SheetRule struct {
	Items     []Weighted `json:"items"`
	MinWeight int        `json:"min_weight"` // answered weight a valid sheet needs
}

// Panel is a set of people or bodies that score units directly: leaders, a third
// party that surveys, an inspection.
type Panel struct {
	Code string    `json:"code"`
	Name org.Names `json:"name"`
	Drop int       `json:"drop,omitempty"` // highest and lowest scores left out, each
	From int       `json:"from,omitempty"` // scores from which they are left out
}

// FairnessRule says what the comparison that allows for harsh raters must reach
// before it says anything of a unit.
type FairnessRule struct {
	MinRaters      int   `json:"min_raters"`
	MinReliability Exact `json:"min_reliability"`
	Coverage       Exact `json:"coverage"` // of intervals and rank ranges, in percent
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
	s, err := ParseScheme(doc)
	if err != nil {
		return nil, err
	}
	return s, s.Validate()
}

// ParseScheme reads a scheme as it stands, whether its rules fit together or not:
// an editor keeps half-finished ones.
func ParseScheme(doc []byte) (*Scheme, error) {
	var s Scheme
	if err := json.Unmarshal(doc, &s); err != nil {
		return nil, fmt.Errorf("read scheme: %w", err)
	}
	return &s, nil
}

// Canonical returns the bytes a scheme is kept and sealed as.
func (s *Scheme) Canonical() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write scheme: %w", err)
	}
	return b, nil
}

// Label names a version: "nj-default/1".
func (s *Scheme) Label() string { return s.Code + "/" + strconv.Itoa(s.Version) }

// Clone returns a copy that shares nothing with the scheme.
func (s *Scheme) Clone() *Scheme {
	b, err := s.Canonical()
	if err != nil {
		panic(err) // a scheme is plain data
	}
	c, err := ParseScheme(b)
	if err != nil {
		panic(err)
	}
	c.ID = s.ID
	return c
}

// Value returns what a level is worth; false for a code that is no level.
func (s *Scheme) Value(level string) (int, bool) {
	for _, l := range s.Levels {
		if l.Code == level {
			return l.Value, true
		}
	}
	return 0, false
}

// groupOf returns the rater group of the code.
func (s *Scheme) groupOf(code string) (Group, bool) {
	i := slices.IndexFunc(s.Groups, func(g Group) bool { return g.Code == code })
	if i < 0 {
		return Group{}, false
	}
	return s.Groups[i], true
}

// leastOf is how many lines a group needs.
func (s *Scheme) leastOf(g Group) int { return max(g.MinLines, s.Group.MinLines) }

// Measure returns the measure of the code.
func (s *Scheme) Measure(code string) (Measure, bool) {
	i := slices.IndexFunc(s.Measures, func(m Measure) bool { return m.Code == code })
	if i < 0 {
		return Measure{}, false
	}
	return s.Measures[i], true
}

// Panel returns the panel of the code.
func (s *Scheme) Panel(code string) (Panel, bool) {
	i := slices.IndexFunc(s.Panels, func(p Panel) bool { return p.Code == code })
	if i < 0 {
		return Panel{}, false
	}
	return s.Panels[i], true
}

func weightOf(list []Weighted, code string) int {
	for _, w := range list {
		if w.Code == code {
			return w.Weight
		}
	}
	return 0
}
