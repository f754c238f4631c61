package editor

import (
	"slices"
	"strconv"

	"pingyi/evaluation"
	"pingyi/org"
)

// Tree returns the scheme's tree of the code, nil when there is none.
func Tree(sc *evaluation.Scheme, code string) *evaluation.Tree {
	for i := range sc.Trees {
		if sc.Trees[i].Code == code {
			return &sc.Trees[i]
		}
	}
	return nil
}

// holder returns the list a part stands in and its place there.
func holder(list *[]evaluation.Node, code string) (*[]evaluation.Node, int) {
	for i := range *list {
		if (*list)[i].Code == code {
			return list, i
		}
		if l, k := holder(&(*list)[i].Parts, code); l != nil {
			return l, k
		}
	}
	return nil, 0
}

// Part returns the part of the code in a tree, nil when there is none.
func Part(t *evaluation.Tree, code string) *evaluation.Node {
	list, i := holder(&t.Parts, code)
	if list == nil {
		return nil
	}
	return &(*list)[i]
}

// AddPart adds a part below another, or at the top of the tree, and returns its code.
// A part that had a source of its own loses it: it is made of parts now.
func AddPart(t *evaluation.Tree, below string) (string, bool) {
	list := &t.Parts
	if below != "" {
		n := Part(t, below)
		if n == nil {
			return "", false
		}
		n.Source = nil
		list = &n.Parts
	}
	code := ""
	for i := 1; code == ""; i++ {
		if c := "P" + strconv.Itoa(i); Part(t, c) == nil {
			code = c
		}
	}
	*list = append(*list, evaluation.Node{Code: code, Name: org.Names{}, Weight: rest(*list)})
	return code, true
}

// rest is what is missing to 100.
func rest(list []evaluation.Node) evaluation.Exact {
	sum := Sum(list)
	left := 100 - sum.Float()
	if sum.Known() && left > 0 && left == float64(int64(left)) {
		return evaluation.Frac(int64(left), 1)
	}
	return evaluation.Frac(0, 1)
}

// Sum adds up the weights of neighbours.
func Sum(list []evaluation.Node) evaluation.Exact {
	sum := evaluation.Frac(0, 1)
	for _, n := range list {
		if r := n.Weight.Rat(); r != nil {
			sum = evaluation.Of(sum.Rat().Add(sum.Rat(), r))
		}
	}
	return sum
}

// RemovePart takes a part and all below it out of a tree.
func RemovePart(t *evaluation.Tree, code string) bool {
	list, i := holder(&t.Parts, code)
	if list == nil {
		return false
	}
	*list = slices.Delete(*list, i, i+1)
	return true
}

// MovePart moves a part one place up (−1) or down (1) among its neighbours.
func MovePart(t *evaluation.Tree, code string, by int) bool {
	list, i := holder(&t.Parts, code)
	if list == nil || i+by < 0 || i+by >= len(*list) {
		return false
	}
	(*list)[i], (*list)[i+by] = (*list)[i+by], (*list)[i]
	return true
}

// PartForm returns the page of one part of a tree. A part made of parts has no
// source to choose.
func PartForm(sc *evaluation.Scheme, tree, code string) (Page, bool) {
	place, n := placeOf(sc, tree, code)
	if n == nil {
		return Page{}, false
	}
	s := Section{Key: "part", Name: "part", Path: place, Fields: []Field{codeField, {Path: "weight", Label: "part-weight", Kind: Number}, nameField}}
	if len(n.Parts) == 0 {
		s.Fields = append(s.Fields, sourceFields(sc)...)
	}
	s.Fields = append(s.Fields,
		Field{Path: "scale.kind", Label: "scale", Kind: Choice, Options: terms("scale", evaluation.Scales...), None: "unscaled", Opt: true},
		Field{Path: "scale.centre", Label: "centre", Kind: Number, When: []string{"scale.kind=z"}}, Field{Path: "scale.spread", Label: "spread", Kind: Number, When: []string{"scale.kind=z"}},
		Field{Path: "scale.top", Label: "top", Kind: Number, When: []string{"scale.kind=rank"}}, Field{Path: "scale.step", Label: "step", Kind: Number, When: []string{"scale.kind=rank"}}, Field{Path: "scale.floor", Label: "floor", Kind: Number, When: []string{"scale.kind=rank"}},
		Field{Path: "absent", Label: "absent", Kind: Choice, Options: terms("absent", evaluation.AbsentZero, evaluation.AbsentNeutral), None: "share", Opt: true},
		Field{Path: "neutral", Label: "neutral", Kind: Number, When: []string{"absent=neutral"}}, Field{Path: "required", Label: "part-required", Kind: Tick})
	quarters := Section{Key: "quarters", Name: "quarters", Path: place + ".source.quarters", List: true, Sum: true, When: []string{"source.kind=sheets"},
		Fields: []Field{{Path: "code", Label: "quarter", Kind: Choice, Options: keyed("quarter.", "1", "2", "3", "4"), None: "choose"}, weightField}}
	if len(n.Parts) > 0 {
		return Page{Key: "part", Sections: []Section{s}}, true
	}
	return Page{Key: "part", Sections: []Section{s, quarters}}, true
}

// sourceFields ask what a part is measured by, and what that needs.
func sourceFields(sc *evaluation.Scheme) []Field {
	var measures, panels []Option
	for _, m := range sc.Measures {
		measures = append(measures, Option{m.Code, named(m.Name, m.Code)})
	}
	for _, p := range sc.Panels {
		panels = append(panels, Option{p.Code, named(p.Name, p.Code)})
	}
	when := func(kind string) []string { return []string{"source.kind=" + kind} }
	return []Field{{Path: "source.kind", Label: "source", Kind: Choice, Options: terms("source", evaluation.Sources...), None: "parts", Opt: true},
		{Path: "source.measure", Label: "measure", Kind: Choice, Options: measures, None: "choose", When: when("appraisal")},
		{Path: "source.full_at", Label: "full_at", Kind: Whole, When: when("sheets")},
		{Path: "source.of", Label: "of", Kind: Choice, Options: terms("of", "response", "solved", "satisfied"), None: "choose", When: when("rate")},
		{Path: "source.at_least", Label: "at_least", Kind: Whole, When: []string{"source.kind=rate", "source.of=satisfied"}},
		{Path: "source.min_rated", Label: "min_rated", Kind: Whole, When: when("satisfaction")},
		{Path: "source.cap", Label: "target-cap", Kind: Number, Opt: true, When: when("target")},
		{Path: "source.over_every", Label: "over_every", Kind: Number, Opt: true, When: when("target")}, {Path: "source.over_points", Label: "over_points", Kind: Number, Opt: true, When: when("target")},
		{Path: "source.over_cap", Label: "over_cap", Kind: Number, Opt: true, When: when("target")},
		{Path: "source.panel", Label: "panel", Kind: Choice, Options: panels, None: "choose", When: when("panel")}}
}

// placeOf returns where a part stands in the scheme's file.
func placeOf(sc *evaluation.Scheme, tree, code string) (string, *evaluation.Node) {
	var walk func(list []evaluation.Node, place string) (string, *evaluation.Node)
	walk = func(list []evaluation.Node, place string) (string, *evaluation.Node) {
		for i := range list {
			here := place + ".parts." + strconv.Itoa(i)
			if list[i].Code == code {
				return here, &list[i]
			}
			if p, n := walk(list[i].Parts, here); n != nil {
				return p, n
			}
		}
		return "", nil
	}
	for i := range sc.Trees {
		if sc.Trees[i].Code == tree {
			return walk(sc.Trees[i].Parts, "trees."+strconv.Itoa(i))
		}
	}
	return "", nil
}
