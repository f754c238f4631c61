package evaluation

import (
	"slices"

	"pingyi/org"
)

// Sentence is a sentence about a scheme: a message key with named arguments, which a
// page translates. Arguments are numbers, Exact numbers, codes as text, org.Names,
// Terms, Sentences, and Lists of these.
type Sentence struct {
	Key   string
	Args  []any
	Below []Sentence // what belongs to it, a level deeper
}

// Term is an argument that is itself a message key.
type Term string

// Terms are arguments that a page joins as its language does.
type Terms []any

// Chapter is a part of a scheme in plain sentences.
type Chapter struct {
	Key  string    // ballot, measures, groups, campaigns, sheets, panels, tree, bonus, deduction, veto, total, grades, lists, fairness
	Code string    // of a tree
	Name org.Names // of a tree
	Says []Sentence
}

// Explain says in plain sentences how a unit's score comes about under the scheme,
// chapter by chapter in the order of the calculation. It works on half-finished
// schemes: what is missing is said to be open.
func (s *Scheme) Explain() []Chapter {
	out := []Chapter{{Key: "ballot", Says: s.sayBallot()}, {Key: "measures", Says: s.sayMeasures()}, {Key: "groups", Says: s.sayGroups()}, {Key: "campaigns", Says: s.sayCampaigns()}}
	out = append(out, Chapter{Key: "sheets", Says: s.saySheets()})
	if len(s.Panels) > 0 {
		out = append(out, Chapter{Key: "panels", Says: s.sayPanels()})
	}
	for _, t := range s.Trees {
		out = append(out, Chapter{Key: "tree", Code: t.Code, Name: t.Name, Says: s.sayTree(t)})
	}
	return append(out, Chapter{Key: "bonus", Says: s.sayRules("bonus", s.Bonus, s.BonusCap)}, Chapter{Key: "deduction", Says: s.sayRules("deduction", s.Deduction, s.DeductCap)},
		Chapter{Key: "veto", Says: s.sayVetoes()}, Chapter{Key: "total", Says: s.sayTotal()}, Chapter{Key: "grades", Says: s.sayGrades()},
		Chapter{Key: "lists", Says: s.sayLists()}, Chapter{Key: "fairness", Says: s.sayFairness()})
}

func say(key string, args ...any) Sentence { return Sentence{Key: "say." + key, Args: args} }

// called is a name, or the code where there is no name yet.
func called(n org.Names, code string) any {
	if n.ZH == "" {
		return code
	}
	return n
}

// percent is a weight's share of the whole, in percent.
func percent(weight, whole int) Exact {
	if whole <= 0 {
		return Frac(0, 1)
	}
	return Frac(100*int64(weight), int64(whole))
}

func (s *Scheme) sayBallot() []Sentence {
	whole := 0
	for _, i := range s.Indicators {
		whole += i.Weight
	}
	items, levels, low := Terms{}, Terms{}, Terms{}
	for _, i := range s.Indicators {
		items = append(items, say("weighted", "Name", called(i.Name, i.Code), "Weight", percent(i.Weight, whole)))
	}
	for _, l := range s.Levels {
		levels = append(levels, say("valued", "Name", l.called(), "Value", l.Value))
		if l.Reason {
			low = append(low, l.called())
		}
	}
	if len(items) == 0 || len(levels) == 0 {
		return []Sentence{say("open")}
	}
	out := []Sentence{say("items", "Items", items), say("levels", "Levels", levels)}
	if len(low) > 0 {
		out = append(out, say("reasons", "Levels", low))
	}
	return append(out, say("line", "Percent", s.Line.MinWeight))
}

// called is what a level is called.
func (l Level) called() any {
	if slices.Contains(NationalLevels, l.Code) {
		return Term("level." + l.Code)
	}
	return called(l.Name, l.Code)
}

func (s *Scheme) sayMeasures() []Sentence {
	var out []Sentence
	for _, m := range s.Measures {
		var items any = Term("say.all-items")
		if len(m.Indicators) > 0 {
			list := Terms{}
			for _, i := range s.Indicators {
				if slices.Contains(m.Indicators, i.Code) {
					list = append(list, called(i.Name, i.Code))
				}
			}
			items = list
		}
		best, worst := s.levelNames(0, m.Best), s.levelNames(len(s.Levels)-m.Worst, len(s.Levels))
		switch m.Statistic {
		case StatTop:
			out = append(out, say("measure-top", "Name", called(m.Name, m.Code), "Items", items, "Best", best))
		case StatNet:
			out = append(out, say("measure-net", "Name", called(m.Name, m.Code), "Items", items, "Best", best, "Worst", worst))
		default:
			out = append(out, say("measure-mean", "Name", called(m.Name, m.Code), "Items", items))
		}
	}
	return orOpen(out)
}

// levelNames names the levels from one to before another.
func (s *Scheme) levelNames(from, to int) Terms {
	out := Terms{}
	for i, l := range s.Levels {
		if i >= from && i < to {
			out = append(out, l.called())
		}
	}
	return out
}

func orOpen(out []Sentence) []Sentence {
	if len(out) == 0 {
		return []Sentence{say("open")}
	}
	return out
}

func (s *Scheme) sayGroups() []Sentence {
	whole := 0
	for _, g := range s.Groups {
		whole += g.Weight
	}
	r := s.Group
	out := []Sentence{say("trim-none")}
	switch r.Trim {
	case TrimShare:
		out = []Sentence{say("trim-share", "From", r.TrimFrom, "Percent", r.TrimPercent)}
	case TrimCount:
		out = []Sentence{say("trim-count", "From", r.TrimFrom, "Lines", r.TrimLines)}
	}
	out = append(out, say("least", "Least", r.MinLines, "Total", r.MinTotal))
	joined := say("groups")
	for _, g := range s.Groups {
		x := say("group", "Group", Term("group."+g.Code), "Weight", percent(g.Weight, whole))
		switch g.Missing {
		case MissingMerge:
			x.Below = append(x.Below, say("group-merge", "Into", Term("group."+g.Into)))
		case MissingNeutral:
			x.Below = append(x.Below, say("group-neutral", "Value", g.Neutral))
		}
		if g.MinLines > r.MinLines {
			x.Below = append(x.Below, say("group-least", "Least", g.MinLines))
		}
		joined.Below = append(joined.Below, x)
	}
	if len(s.Groups) == 0 {
		return append(out, say("open"))
	}
	return append(out, joined)
}

func (s *Scheme) sayCampaigns() []Sentence {
	whole := 0
	for _, c := range s.Campaigns {
		whole += c.Weight
	}
	list := Terms{}
	for _, c := range s.Campaigns {
		list = append(list, say("weighted", "Name", Term("campaign.kind-"+c.Code), "Weight", percent(c.Weight, whole)))
	}
	if len(list) == 0 {
		return []Sentence{say("open")}
	}
	out := []Sentence{say("campaigns", "Campaigns", list)}
	if s.Required != "" {
		out = append(out, say("required", "Campaign", Term("campaign.kind-"+s.Required)))
	}
	return out
}

func (s *Scheme) saySheets() []Sentence {
	whole := 0
	for _, q := range s.Sheets.Items {
		whole += q.Weight
	}
	list := Terms{}
	for _, q := range s.Sheets.Items {
		list = append(list, say("weighted", "Name", Term("sheet.item-"+q.Code), "Weight", percent(q.Weight, whole)))
	}
	if len(list) == 0 {
		return []Sentence{say("open")}
	}
	return []Sentence{say("sheets", "Items", list, "Percent", s.Sheets.MinWeight)}
}

func (s *Scheme) sayPanels() []Sentence {
	var out []Sentence
	for _, p := range s.Panels {
		if p.Drop > 0 {
			out = append(out, say("panel-drop", "Name", called(p.Name, p.Code), "From", p.From, "Drop", p.Drop))
		} else {
			out = append(out, say("panel", "Name", called(p.Name, p.Code)))
		}
	}
	return out
}

func (s *Scheme) sayFairness() []Sentence {
	out := []Sentence{say("disclosure", "Unit", s.Disclosure.Unit, "Public", s.Disclosure.Public)}
	if s.Fairness.MinReliability.Known() && s.Fairness.Coverage.Known() {
		out = append(out, say("fairness", "Raters", s.Fairness.MinRaters, "Reliability", s.Fairness.MinReliability, "Coverage", s.Fairness.Coverage))
	}
	return out
}
