package editor

import "pingyi/evaluation"

// ruleForm returns the pages of what follows the base score.
func ruleForm(sc *evaluation.Scheme, key string) (Page, bool) {
	p := Page{Key: key}
	switch key {
	case "bonus", "deduction":
		p.Sections = []Section{
			{Key: key, Name: key, Path: key, List: true, Prefix: map[string]string{"bonus": "B", "deduction": "D"}[key], Fields: addFields()},
			{Key: "cap", Fields: []Field{{Path: key + "_cap", Label: "cap-all", Kind: Number, Opt: true}}}}
	case "veto":
		p.Sections = []Section{{Key: "veto", Name: "veto", Path: "veto", List: true, Prefix: "V", Fresh: map[string]any{"effect": map[string]any{"last": true}}, Fields: []Field{codeField, nameField,
			{Path: "rule", Label: "veto-rule", Kind: Choice, Options: rules(sc), None: "entered", Opt: true}, {Path: "times", Label: "times", Kind: Whole, Opt: true},
			{Path: "part", Label: "veto-part", Kind: Choice, Options: parts(sc, false), None: "no-line", Opt: true}, {Path: "line", Label: "line", Kind: Number, Opt: true},
			{Path: "effect.last", Label: "effect-last", Kind: Tick}, {Path: "effect.not_listed", Label: "effect-not_listed", Kind: Tick},
			{Path: "effect.grade", Label: "effect-grade", Kind: Choice, Options: grades(sc), None: "any", Opt: true}, {Path: "effect.cap", Label: "effect-cap", Kind: Number, Opt: true}}}}
	case "total":
		p.Sections = []Section{
			{Key: "total", Name: "total", Path: "total", Fields: []Field{{Path: "min", Label: "min", Kind: Number}, {Path: "max", Label: "max", Kind: Number}, {Path: "decimals", Label: "decimals", Kind: Whole},
				{Path: "rounding", Label: "rounding", Kind: Choice, Options: terms("rounding", evaluation.RoundHalfUp, evaluation.RoundHalfEven, evaluation.RoundDown)}, {Path: "shown", Label: "shown", Kind: Whole}}},
			{Key: "ties", Name: "ties", Path: "ties", Fields: []Field{{Path: "rule", Label: "ties", Kind: Choice, Options: terms("ties", evaluation.TiesStandard, evaluation.TiesDense)}, {Path: "then", Label: "then", Kind: Slots, Options: parts(sc, true), None: "nothing", Opt: true}}}}
	case "grades":
		p.Sections = []Section{{Key: "grades", Name: "grades", Path: "grades", List: true, Prefix: "g", Fields: []Field{codeField, {Path: "from", Label: "grade-from", Kind: Number, Opt: true}, {Path: "share", Label: "grade-share", Kind: Number, Opt: true}, nameField}}}
	case "lists":
		p.Sections = []Section{{Key: "lists", Name: "lists", Path: "lists", List: true, Prefix: "list", Fields: []Field{codeField, {Path: "share", Label: "list-share", Kind: Number, Opt: true}, {Path: "most", Label: "most", Kind: Whole, Opt: true}, nameField,
			{Path: "worst", Label: "worst-end", Kind: Tick}, {Path: "tier", Label: "tier", Kind: Tick}, {Path: "grades", Label: "of-grades", Kind: Choices, Options: grades(sc), Opt: true},
			{Path: "without", Label: "without", Kind: Choices, Options: rules(sc), Opt: true}, {Path: "unless_all", Label: "unless_all", Kind: Number, Opt: true}}}}
	case "fairness":
		p.Sections = []Section{
			{Key: "disclosure", Name: "disclosure", Path: "disclosure", Fields: []Field{{Path: "unit", Label: "floor-unit", Kind: Whole}, {Path: "public", Label: "floor-public", Kind: Whole}}},
			{Key: "fairness", Name: "fairness", Path: "fairness", Fields: []Field{{Path: "min_raters", Label: "min_raters", Kind: Whole}, {Path: "min_reliability", Label: "min_reliability", Kind: Number}, {Path: "coverage", Label: "coverage", Kind: Number}}}}
	default:
		return p, false
	}
	return p, true
}

// addFields are those of a bonus or deduction.
func addFields() []Field {
	return []Field{codeField, {Path: "points", Label: "points", Kind: Numbers}, {Path: "cap", Label: "rule-cap", Kind: Number, Opt: true}, nameField,
		{Path: "counted", Label: "counted", Kind: Choice, Options: terms("counted", evaluation.CountOrdersEarly, evaluation.CountOverdue, evaluation.CountReferrals, evaluation.CountIncreases), None: "by-hand", Opt: true, More: true},
		{Path: "per_days", Label: "per_days", Kind: Whole, Opt: true, More: true}, {Path: "per_case", Label: "per_case", Kind: Number, Opt: true, More: true},
		{Path: "each", Label: "each", Kind: Number, Opt: true, More: true}, {Path: "least", Label: "least-amount", Kind: Number, Opt: true, More: true}, {Path: "unit", Label: "unit", Kind: Names, Opt: true, More: true},
		{Path: "started", Label: "started", Kind: Tick, More: true}, {Path: "of_base", Label: "of_base", Kind: Tick, More: true}, {Path: "company", Label: "company", Kind: Tick, More: true},
		{Path: "needs", Label: "needs", Kind: Choice, Options: terms("needs", "company"), None: "nothing", Opt: true, More: true}}
}

func rules(sc *evaluation.Scheme) []Option {
	var out []Option
	for _, list := range [][]evaluation.AddRule{sc.Deduction, sc.Bonus} {
		for _, r := range list {
			out = append(out, Option{r.Code, named(r.Name, r.Code)})
		}
	}
	return out
}

func grades(sc *evaluation.Scheme) []Option {
	var out []Option
	for _, g := range sc.Grades {
		out = append(out, Option{g.Code, named(g.Name, g.Code)})
	}
	return out
}

// parts are the parts of all trees, each code once; with bonus and deduction where
// ties may look at them.
func parts(sc *evaluation.Scheme, ties bool) []Option {
	var out []Option
	seen := map[string]bool{}
	var walk func(list []evaluation.Node)
	walk = func(list []evaluation.Node) {
		for _, n := range list {
			if !seen[n.Code] {
				out = append(out, Option{n.Code, named(n.Name, n.Code)})
			}
			seen[n.Code] = true
			walk(n.Parts)
		}
	}
	for _, t := range sc.Trees {
		walk(t.Parts)
	}
	if ties {
		out = append(out, keyed("say.chapter-", "bonus", "deduction")...)
	}
	return out
}
