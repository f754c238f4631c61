package evaluation

import (
	"slices"

	"pingyi/org"
)

// Tree is the way from facts to the base score for some classes of units: parts
// with weights, each a source of facts or made of parts itself.
type Tree struct {
	Code    string    `json:"code"`
	Name    org.Names `json:"name"`
	Classes []int     `json:"classes,omitempty"` // none: all classes that no other tree names
	Parts   []Node    `json:"parts"`
}

// What a part without a value does to its neighbours.
const (
	AbsentShare   = "share"   // they share its weight
	AbsentZero    = "zero"    // it counts as nought
	AbsentNeutral = "neutral" // a fixed value stands in
)

// Node is a part of the score.
type Node struct {
	Code     string    `json:"code"`
	Name     org.Names `json:"name"`
	Weight   Exact     `json:"weight"` // among its neighbours, which sum to 100
	Parts    []Node    `json:"parts,omitempty"`
	Source   *Source   `json:"source,omitempty"` // instead of parts
	Scale    *Scale    `json:"scale,omitempty"`
	Absent   string    `json:"absent,omitempty"` // "": share
	Neutral  Exact     `json:"neutral,omitzero"`
	Required bool      `json:"required,omitempty"` // without it the unit has no score
}

// The sources of a part's score, 0 to 100.
const (
	FromAppraisal    = "appraisal"    // the ballots, by a measure
	FromSheets       = "sheets"       // mean of the service-feedback sheets
	FromVisits       = "visits"       // visits with a returned sheet, of those due
	FromRate         = "rate"         // share of issues: response, solved, satisfied
	FromSatisfaction = "satisfaction" // mean satisfaction at the close of issues
	FromTarget       = "target"       // arrived funds of the target
	FromTasks        = "tasks"        // tasks done in time
	FromPanel        = "panel"        // direct scores of a panel
)

// Sources are all kinds of source, in the order an editor offers them.
var Sources = []string{FromAppraisal, FromSheets, FromVisits, FromRate, FromSatisfaction, FromTarget, FromTasks, FromPanel}

// Source says which facts a part is made of.
type Source struct {
	Kind      string     `json:"kind"`
	Measure   string     `json:"measure,omitempty"`    // appraisal
	FullAt    int        `json:"full_at,omitempty"`    // sheets: companies from which the mean counts in full
	Quarters  []Weighted `json:"quarters,omitempty"`   // sheets: weight of each quarter, codes 1 to 4; none: equal
	Of        string     `json:"of,omitempty"`         // rate: response, solved, satisfied
	AtLeast   int        `json:"at_least,omitempty"`   // rate satisfied: value from which a rating is satisfied
	MinRated  int        `json:"min_rated,omitempty"`  // satisfaction: fewer ratings, and the rate of solved issues stands in
	Cap       Exact      `json:"cap,omitzero"`         // target: most percent that count; none: 100
	OverEvery Exact      `json:"over_every,omitzero"`  // target: for so many percent over 100 …
	OverPoint Exact      `json:"over_points,omitzero"` // … so many points more
	OverCap   Exact      `json:"over_cap,omitzero"`    // … at most so many
	Panel     string     `json:"panel,omitempty"`
}

// The ways of standardising a part's scores within a class.
const (
	ScaleZ          = "z"          // Centre + Spread·(x − mean)/sd
	ScaleMinMax     = "minmax"     // 0 for the worst, 100 for the best
	ScalePercentile = "percentile" // share of the other units that are worse; equal ones count half
	ScaleRank       = "rank"       // points by place: Top, then Step less for each place, not under Floor
)

// Scales are the ways of standardising.
var Scales = []string{ScaleZ, ScaleMinMax, ScalePercentile, ScaleRank}

// Scale standardises a part within the class.
type Scale struct {
	Kind   string `json:"kind"`
	Centre Exact  `json:"centre,omitzero"` // z; usual: 50
	Spread Exact  `json:"spread,omitzero"` // z; usual: 10
	Top    Exact  `json:"top,omitzero"`    // rank
	Step   Exact  `json:"step,omitzero"`
	Floor  Exact  `json:"floor,omitzero"`
}

// TreeOf returns the tree that scores units of the class.
func (s *Scheme) TreeOf(class int) Tree {
	rest := Tree{}
	for _, t := range s.Trees {
		if slices.Contains(t.Classes, class) {
			return t
		}
		if len(t.Classes) == 0 {
			rest = t
		}
	}
	return rest
}

// Find returns the part of the code, wherever it stands.
func (t Tree) Find(code string) (Node, bool) { return find(t.Parts, code) }

func find(parts []Node, code string) (Node, bool) {
	for _, n := range parts {
		if n.Code == code {
			return n, true
		}
		if x, ok := find(n.Parts, code); ok {
			return x, true
		}
	}
	return Node{}, false
}

// each calls do for every part, with the share of the base it has when nothing is
// missing, in percent.
func (t Tree) each(do func(n *Node, share Exact)) {
	var walk func(parts []Node, whole Exact)
	walk = func(parts []Node, whole Exact) {
		for i := range parts {
			n := &parts[i]
			share := None
			if n.Weight.Known() && whole.Known() {
				share = whole.mul(n.Weight).times(1, 100)
			}
			do(n, share)
			walk(n.Parts, share)
		}
	}
	walk(t.Parts, Frac(100, 1))
}

// ShareOf returns the share of the base that all parts from a kind of source have
// when nothing is missing, in percent.
func (t Tree) ShareOf(kind string) Exact {
	sum := Frac(0, 1)
	t.each(func(n *Node, share Exact) {
		if n.Source != nil && n.Source.Kind == kind {
			sum = sum.add(share)
		}
	})
	return sum
}
