package editor

import (
	"slices"
	"strings"

	"pingyi/evaluation"
)

// Place is where in the editor a place of the scheme's file is filled in.
type Place struct {
	Page  string
	Row   string // where its row stands: "indicators.I1"; "" outside of lists
	Named any    // what the row is called, as an argument of evaluation.Sentence; nil outside of lists
	Field Field
	Rest  string // below the field: a language, a number in a list
}

// Locate finds the field of a place as evaluation.Differences writes it, in a scheme
// that has it: "indicators.I1.name.zh", "trees.all.parts.F.parts.FS.source.full_at".
func Locate(sc *evaluation.Scheme, place string) (Place, bool) {
	if tree, rest, ok := strings.Cut(place, ".parts."); ok && strings.HasPrefix(tree, "trees.") {
		return locatePart(sc, strings.TrimPrefix(tree, "trees."), rest, tree)
	}
	doc, err := documentOf(sc)
	if err != nil {
		return Place{}, false
	}
	for _, key := range PageKeys {
		p, _ := Form(sc, key)
		for _, s := range p.Sections {
			if x, ok := s.locate(doc, place); ok {
				x.Page = key
				return x, true
			}
		}
	}
	return Place{}, false
}

func (s Section) locate(doc document, place string) (Place, bool) {
	rest, x := place, Place{}
	if s.Path != "" {
		var ok bool
		if rest, ok = strings.CutPrefix(place, s.Path+"."); !ok {
			return x, false
		}
	}
	if s.List {
		code, below, ok := strings.Cut(rest, ".")
		if !ok {
			return x, false
		}
		x.Row, x.Named, rest = s.Path+"."+code, s.called(doc, code), below
	}
	for _, f := range s.Fields {
		if rest == f.Path {
			x.Field = f
			return x, true
		}
		if below, ok := strings.CutPrefix(rest, f.Path+"."); ok {
			x.Field, x.Rest = f, below
			return x, true
		}
	}
	return x, false
}

// called is what the row of a list with the code is called.
func (s Section) called(doc document, code string) any {
	for _, f := range s.Fields {
		if f.Path != "code" || f.Kind != Choice {
			continue
		}
		for _, o := range f.Options {
			if o.Value == code {
				return o.Label
			}
		}
	}
	if s.Path == "levels" && slices.Contains(evaluation.NationalLevels, code) {
		return evaluation.Term("level." + code)
	}
	rows, _ := at(doc, s.Path).([]any)
	for _, r := range rows {
		if o, ok := r.(map[string]any); ok && wordOf(o["code"]) == code {
			if n := namesOf(o["name"]); n.ZH != "" {
				return n
			}
		}
	}
	return code
}

// locatePart finds a field of a part: rest is "F.parts.FS.source.full_at".
func locatePart(sc *evaluation.Scheme, tree, rest, row string) (Place, bool) {
	code, below, ok := strings.Cut(rest, ".")
	if !ok {
		return Place{}, false
	}
	row += ".parts." + code
	if deeper, found := strings.CutPrefix(below, "parts."); found {
		return locatePart(sc, tree, deeper, row)
	}
	form, ok := PartForm(sc, tree, code)
	if !ok {
		return Place{}, false
	}
	n := Part(Tree(sc, tree), code)
	x := Place{Page: "trees", Row: row, Named: named(n.Name, code)}
	for _, s := range form.Sections {
		if s.List {
			if quarter, ok := strings.CutPrefix(below, "source.quarters."); ok {
				x.Field, x.Rest = Field{Path: "weight", Label: "quarter-weight", Kind: Whole}, quarter
				return x, true
			}
			continue
		}
		alone := s
		alone.Path = ""
		if y, ok := alone.locate(nil, below); ok {
			x.Field, x.Rest = y.Field, y.Rest
			return x, true
		}
	}
	return x, false
}
