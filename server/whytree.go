package server

import (
	"math"
	"strings"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// whyTree opens a unit's total down to the counted facts, in words.
type whyTree struct {
	Sum        string
	Parts      []whyPart
	Bonus      []whyItem
	Deductions []whyItem
	Vetoes     []whyVeto
}

// whyPart is a part of the score: how much it counts, what it brought, from what.
type whyPart struct {
	Name      string
	Score     string
	Share     string   // of the base, in percent
	Points    string   // of the base it brought
	Full, Got float64  // widths of the bar, of 200
	Notes     []string // standardised, stands in, …
	Figures   []whyFigure
	Campaigns []whyCampaign
	Parts     []whyPart
}

type whyFigure struct{ Name, Value string }

type whyCampaign struct {
	Name, Score string
	Lines       int
	Groups      []whyFigure
}

// whyItem is a bonus or deduction with its entries.
type whyItem struct {
	Code, Name, Points string
	Cases              int
	Capped             bool
	Entries            []evaluation.Adjustment
}

// whyVeto is a veto with what it does.
type whyVeto struct {
	Code, Name string
	Effects    []string
}

// treeOf puts the reasons of a line into words.
func treeOf(t *locale.Translator, sc *evaluation.Scheme, class int, row evaluation.Row, r evaluation.Reasons) *whyTree {
	w := &whyTree{Parts: whyParts(t, sc, sc.TreeOf(class).Parts, r.Parts)}
	decimals := sc.Total.Decimals
	if row.Total.Known() {
		w.Sum = t.T("why.sum", "Total", t.Number(row.Total.Text(decimals)), "Base", t.Number(row.Base.Text(decimals)), "B", t.Number(row.Bonus.Text(2)), "D", t.Number(row.Deduction.Text(2)))
		if r.Bounded != "" {
			w.Sum = sentences(t, w.Sum, t.T("why.bounded-"+r.Bounded))
		}
	} else {
		w.Sum = t.T("why.no-total", "Least", sc.Group.MinTotal)
	}
	w.Bonus, w.Deductions = whyItems(t, sc, r.Bonus, "+"), whyItems(t, sc, r.Deductions, "−")
	for _, code := range r.Vetoes {
		w.Vetoes = append(w.Vetoes, vetoWords(t, sc, code))
	}
	return w
}

func whyParts(t *locale.Translator, sc *evaluation.Scheme, nodes []evaluation.Node, parts []evaluation.Part) []whyPart {
	var out []whyPart
	for i, p := range parts {
		n := nodes[i]
		x := whyPart{Name: n.Name.In(t.Lang()), Score: t.Number(p.Score.Text(2)), Parts: whyParts(t, sc, n.Parts, p.Parts)}
		entered := p.Score
		switch p.Stands {
		case evaluation.AbsentNeutral:
			entered = n.Neutral
			x.Notes = append(x.Notes, t.T("why.stands-neutral"))
		case evaluation.AbsentZero:
			entered = evaluation.Frac(0, 1)
			x.Notes = append(x.Notes, t.T("why.stands-zero"))
		}
		if share := p.Share.Float(); p.Share.Known() && share > 0 && entered.Known() {
			got := entered.Float() * share / 100
			x.Share, x.Points = t.Number(p.Share.Text(1)), t.Float(got, 2)
			x.Full, x.Got = tenth(2*share), tenth(2*math.Max(0, got))
		}
		if n.Scale != nil && p.Raw.Known() {
			x.Notes = append(x.Notes, t.T("why.raw", "Raw", t.Number(p.Raw.Text(2))))
		}
		for _, f := range p.Figures {
			x.Figures = append(x.Figures, whyFigure{t.T("figure." + f.Key), t.Number(f.Value.Round(2).Plain())})
		}
		if p.Appraisal != nil {
			x.Campaigns = whyCampaigns(t, p.Appraisal)
		}
		out = append(out, x)
	}
	return out
}

func whyCampaigns(t *locale.Translator, a *evaluation.Appraisal) []whyCampaign {
	var out []whyCampaign
	for _, c := range a.Campaigns {
		k := whyCampaign{Name: t.T("campaign.kind-" + c.Campaign), Score: t.T("results.status-insufficient"), Lines: c.Lines}
		if c.Rankable {
			k.Score = t.Number(c.Score.Text(2))
		}
		for _, g := range c.Groups {
			words := t.T("why.unusable")
			switch {
			case g.Neutral:
				words = t.T("why.neutral", "Value", t.Number(g.Value.Text(2)))
			case g.Merged != "":
				words = t.T("why.merged", "Into", t.T("group."+g.Merged))
			case g.Used:
				words = t.T("why.group", "N", g.Lines, "K", g.Trimmed, "Mean", t.Number(g.Mean.Text(2)))
			}
			k.Groups = append(k.Groups, whyFigure{t.T("group." + g.Group), words})
		}
		out = append(out, k)
	}
	return out
}

func whyItems(t *locale.Translator, sc *evaluation.Scheme, items []evaluation.Item, sign string) []whyItem {
	var out []whyItem
	for _, it := range items {
		out = append(out, whyItem{Code: it.Rule, Name: ruleName(t, sc, it.Rule), Points: sign + t.Number(it.Points.Text(2)), Cases: it.Cases, Capped: it.Capped})
	}
	return out
}

// ruleName is the name of a bonus, deduction or veto rule; the code where the scheme
// has none of it.
func ruleName(t *locale.Translator, sc *evaluation.Scheme, code string) string {
	if r, ok := sc.Rule(code); ok {
		return r.Name.In(t.Lang())
	}
	for _, v := range sc.Veto {
		if v.Code == code {
			return v.Name.In(t.Lang())
		}
	}
	return code
}

func vetoWords(t *locale.Translator, sc *evaluation.Scheme, code string) whyVeto {
	w := whyVeto{Code: code, Name: ruleName(t, sc, code)}
	for _, v := range sc.Veto {
		if v.Code != code {
			continue
		}
		if v.Effect.Last {
			w.Effects = append(w.Effects, t.T("why.effect-last"))
		}
		if v.Effect.Grade != "" {
			w.Effects = append(w.Effects, t.T("why.effect-grade", "Grade", sc.GradeName(v.Effect.Grade).In(t.Lang())))
		}
		if v.Effect.Cap.Known() {
			w.Effects = append(w.Effects, t.T("why.effect-cap", "Cap", t.Number(v.Effect.Cap.Plain())))
		}
		if v.Effect.NotListed {
			w.Effects = append(w.Effects, t.T("why.effect-unlisted"))
		}
	}
	return w
}

// addEntries puts the entries of a unit, with their evidence, to the items and vetoes
// they led to. Struck ones count for nothing and are left out.
func (w *whyTree) addEntries(unit org.UnitID, all []evaluation.Adjustment) {
	for _, list := range [][]whyItem{w.Bonus, w.Deductions} {
		for i := range list {
			for _, a := range all {
				if a.Unit == unit && a.Rule == list[i].Code && a.Struck == nil {
					list[i].Entries = append(list[i].Entries, a)
				}
			}
		}
	}
}

// correctionWords puts a changed number into words.
func correctionWords(t *locale.Translator, sc *evaluation.Scheme, d evaluation.Correction, name org.Names) correctionRow {
	r := correctionRow{Code: d.Code, Unit: name.In(t.Lang()), What: t.T("result.field-" + d.Field), Old: d.Old, New: d.New}
	if d.Field == "part" {
		r.What = d.Part
		for _, tree := range sc.Trees {
			if n, ok := tree.Find(d.Part); ok {
				r.What = n.Name.In(t.Lang())
			}
		}
	}
	say := func(v string) string {
		switch {
		case v == "":
			return "—"
		case d.Numbers():
			return t.Number(v)
		case d.Field == "status":
			return t.T("results.status-" + v)
		case d.Field == "grade":
			return sc.GradeName(v).In(t.Lang())
		}
		return codesInWords(t, sc, d.Field, v)
	}
	r.Old, r.New = say(d.Old), say(d.New)
	return r
}

// codesInWords names lists or vetoes given by their codes.
func codesInWords(t *locale.Translator, sc *evaluation.Scheme, field, codes string) string {
	var out []string
	for _, code := range strings.Fields(codes) {
		if field == "lists" {
			out = append(out, sc.ListName(code).In(t.Lang()))
		} else {
			out = append(out, ruleName(t, sc, code))
		}
	}
	return strings.Join(out, t.T("result.comma"))
}
