package editor

import (
	"strconv"
	"strings"

	"pingyi/evaluation"
	"pingyi/org"
)

// PageKeys are the parts of a scheme that have a page, in the order of the
// calculation. "trees" leads on to a page for each tree and each of its parts.
var PageKeys = []string{"basics", "items", "levels", "measures", "groups", "campaigns", "sheets", "panels", "trees", "bonus", "deduction", "veto", "total", "grades", "lists", "fairness"}

// places are the keys of Scheme.Validate that a page answers for.
var places = map[string][]string{
	"basics": {"code", "name"}, "items": {"indicators", "line"}, "levels": {"levels", "reasons"}, "groups": {"groups", "group"},
	"trees": {"trees"}, "bonus": {"bonus", "rules"}, "total": {"total", "ties"}, "fairness": {"fairness", "disclosure"},
}

// PageOf returns the page that answers for a place of Scheme.Validate.
func PageOf(place string) string {
	if strings.HasPrefix(place, "tree.") || strings.HasPrefix(place, "part.") {
		return "trees"
	}
	for page, keys := range places {
		for _, k := range keys {
			if k == place {
				return page
			}
		}
	}
	return place
}

// Chapters are the chapters of Scheme.Explain a page has a hand in.
func Chapters(page string) []string {
	switch page {
	case "items", "levels":
		return []string{"ballot"}
	case "trees":
		return []string{"tree"}
	}
	return []string{page}
}

// Form returns a page of fields for the scheme as it is; false for a key that has
// none. The options follow what the scheme has: its measures, groups, grades.
func Form(sc *evaluation.Scheme, key string) (Page, bool) {
	p := Page{Key: key}
	switch key {
	case "basics":
		p.Sections = []Section{{Key: "name", Fields: []Field{{Path: "name", Label: "name", Kind: Names}}}}
	case "items":
		p.Sections = []Section{
			{Key: "items", Name: "indicators", Path: "indicators", List: true, Sum: true, Prefix: "I", Fields: []Field{codeField, weightField, nameField, {Path: "question", Label: "question", Kind: Names}}},
			{Key: "line", Name: "line", Path: "line", Fields: []Field{{Path: "min_weight", Label: "min_weight", Kind: Whole}}}}
	case "levels":
		p.Sections = []Section{
			{Key: "levels", Name: "levels", Path: "levels", List: true, Prefix: "L", Fields: []Field{codeField, {Path: "value", Label: "value", Kind: Whole}, {Path: "reason", Label: "reason", Kind: Tick}, {Path: "name", Label: "level-name", Kind: Names, Opt: true}}},
			{Key: "reasons", Name: "reasons", Path: "reasons", List: true, Prefix: "r", Fields: []Field{codeField, nameField}}}
	case "measures":
		p.Sections = []Section{{Key: "measures", Name: "measures", Path: "measures", List: true, Prefix: "m", Fresh: map[string]any{"statistic": evaluation.StatMean}, Fields: []Field{codeField,
			{Path: "statistic", Label: "statistic", Kind: Choice, Options: terms("statistic", evaluation.StatMean, evaluation.StatTop, evaluation.StatNet)},
			{Path: "best", Label: "best", Kind: Whole, When: []string{"statistic=top|net"}}, {Path: "worst", Label: "worst", Kind: Whole, When: []string{"statistic=net"}},
			nameField, {Path: "indicators", Label: "of-items", Kind: Choices, Options: items(sc), Opt: true}}}}
	case "groups":
		p.Sections = groups()
	case "campaigns":
		p.Sections = []Section{
			{Key: "campaigns", Name: "campaigns", Path: "campaigns", List: true, Sum: true, Fields: []Field{{Path: "code", Label: "campaign", Kind: Choice, Options: keyed("campaign.kind-", evaluation.Kinds...), None: "choose"}, weightField}},
			{Key: "required", Fields: []Field{{Path: "required_campaign", Label: "required", Kind: Choice, Options: keyed("campaign.kind-", evaluation.Kinds...), None: "choose"}}}}
	case "sheets":
		p.Sections = []Section{
			{Key: "sheets", Name: "items", Path: "sheets.items", List: true, Sum: true, Fields: []Field{{Path: "code", Label: "sheet-item", Kind: Choice, Options: keyed("sheet.item-", "q1", "q2", "q3", "q4"), None: "choose"}, weightField}},
			{Key: "sheet-line", Name: "sheets", Path: "sheets", Fields: []Field{{Path: "min_weight", Label: "min_weight", Kind: Whole}}}}
	case "panels":
		p.Sections = []Section{{Key: "panels", Name: "panels", Path: "panels", List: true, Prefix: "Z", Fields: []Field{codeField, {Path: "drop", Label: "drop", Kind: Whole, Opt: true}, {Path: "from", Label: "drop-from", Kind: Whole, Opt: true}, nameField}}}
	case "trees":
		p.Sections = []Section{{Key: "trees", Name: "trees", Path: "trees", List: true, Prefix: "T", Fresh: map[string]any{"parts": []any{}}, Fields: []Field{codeField, nameField, {Path: "classes", Label: "classes", Kind: Choices, Options: classes(), Opt: true}}}}
	default:
		return ruleForm(sc, key)
	}
	return p, true
}

var (
	codeField   = Field{Path: "code", Label: "code", Kind: Code}
	weightField = Field{Path: "weight", Label: "weight", Kind: Whole}
	nameField   = Field{Path: "name", Label: "name", Kind: Names}
)

func groups() []Section {
	return []Section{
		{Key: "groups", Name: "groups", Path: "groups", List: true, Sum: true, Fields: []Field{{Path: "code", Label: "group", Kind: Choice, Options: keyed("group.", evaluation.RaterGroups...), None: "choose"}, weightField,
			{Path: "missing", Label: "missing", Kind: Choice, Options: terms("missing", evaluation.MissingMerge, evaluation.MissingNeutral), None: "renormalise"},
			{Path: "into", Label: "into", Kind: Choice, Options: keyed("group.", evaluation.RaterGroups...), None: "choose", When: []string{"missing=merge"}},
			{Path: "neutral", Label: "neutral", Kind: Number, When: []string{"missing=neutral"}},
			{Path: "min_lines", Label: "own-min", Kind: Whole, Opt: true}}},
		{Key: "trimming", Name: "group", Path: "group", Fields: []Field{
			{Path: "trim", Label: "trim", Kind: Choice, Options: terms("trim", evaluation.TrimNone, evaluation.TrimShare, evaluation.TrimCount)},
			{Path: "trim_from", Label: "trim_from", Kind: Whole, When: []string{"trim=share|count"}},
			{Path: "trim_percent", Label: "trim_percent", Kind: Whole, When: []string{"trim=share"}},
			{Path: "trim_lines", Label: "trim_lines", Kind: Whole, When: []string{"trim=count"}},
			{Path: "min_lines", Label: "min_lines", Kind: Whole}, {Path: "min_total", Label: "min_total", Kind: Whole}}}}
}

// terms are options whose words are "edit.o-" + field + "-" + value.
func terms(field string, values ...string) []Option { return keyed("edit.o-"+field+"-", values...) }

// keyed are options whose words stand in the catalogue under a prefix.
func keyed(prefix string, values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i] = Option{v, evaluation.Term(prefix + v)}
	}
	return out
}

func named(n org.Names, code string) any {
	if n.ZH == "" {
		return code
	}
	return n
}

func items(sc *evaluation.Scheme) []Option {
	var out []Option
	for _, i := range sc.Indicators {
		out = append(out, Option{i.Code, named(i.Name, i.Code)})
	}
	return out
}

func classes() []Option {
	var out []Option
	for _, c := range org.Classes {
		n := strconv.Itoa(c)
		out = append(out, Option{n, evaluation.Term("class." + n)})
	}
	return out
}
