package evaluation

import (
	"slices"
)

// What a move of a total comes from.
const (
	MoveScore     = "score"         // another score of a part
	MoveWeight    = "weight"        // another weight of a part
	MoveApplies   = "applies"       // a part that counts in one of the two only
	MoveBonus     = "bonus"         // points of a bonus rule
	MoveDeduction = "deduction"     // points of a deduction rule
	MoveBonusCap  = "bonus_cap"     // the cap of all bonuses
	MoveDeductCap = "deduction_cap" // the cap of all deductions
	MoveLimits    = "limits"        // limits of the total, and rounding
)

// Contribution is a part of the change of a unit's total, in points of the total.
type Contribution struct {
	Kind   string
	Path   []string // codes from the top part down; of an appraisal further the campaign and the group
	Rule   string   // of a bonus or deduction
	Points Exact
	Scaled bool // standardised within the class: what the others did is in it too
}

// term is a number that is a weighted mean of others: a part, a campaign, a group.
type term struct {
	code   string
	weight Exact // among its neighbours; they sum to 1
	value  Exact
	scaled bool
	terms  []term
}

// Movement splits the change of a total exactly: the points of all moves sum to the
// difference of the totals. A weighted mean Σ u·x with Σ u = 1 changes by
//
//	Σ ū·Δx  +  Σ (x̄ − m̄)·Δu
//
// where a bar is the mean of both sides and m the weighted mean itself: the first sum
// is what the scores did (each is opened further in the same way), the second what
// the weights did. It reports false where one side has no total.
func Movement(before, after Result) ([]Contribution, bool) {
	if !before.Total.Known() || !after.Total.Known() {
		return nil, false
	}
	var out []Contribution
	add := func(m Contribution) {
		if m.Points.rat.Sign() != 0 {
			out = append(out, m)
		}
	}
	a, b := term{value: before.Base, terms: terms(before.Reasons.Parts, Frac(100, 1))}, term{value: after.Base, terms: terms(after.Reasons.Parts, Frac(100, 1))}
	moveOf(a, b, nil, Frac(1, 1), add)
	moveItems(before.Reasons.Bonus, after.Reasons.Bonus, before.Bonus, after.Bonus, MoveBonus, MoveBonusCap, Frac(1, 1), add)
	moveItems(before.Reasons.Deductions, after.Reasons.Deductions, before.Deduction, after.Deduction, MoveDeduction, MoveDeductCap, Frac(-1, 1), add)
	rest := func(r Result) Exact { return r.Total.sub(r.Base.add(r.Bonus).sub(r.Deduction)) }
	add(Contribution{Kind: MoveLimits, Points: rest(after).sub(rest(before))})
	return out, true
}

// terms are the parts that count, with their weights among each other.
func terms(parts []Part, whole Exact) []term {
	var out []term
	for _, p := range parts {
		if !p.Share.Known() || p.Share.rat.Sign() == 0 {
			continue
		}
		t := term{code: p.Code, weight: p.Share.quo(whole), value: p.Score, scaled: p.Raw.Known() && !p.Raw.Equal(p.Score), terms: terms(p.Parts, p.Share)}
		if !t.value.Known() { // zero or a neutral value stands in
			continue
		}
		if p.Appraisal != nil {
			t.terms = campaignTerms(p.Appraisal)
		}
		out = append(out, t)
	}
	return out
}

func campaignTerms(a *Appraisal) []term {
	var out []term
	for _, c := range a.Campaigns {
		if !c.Rankable {
			continue
		}
		t := term{code: c.Campaign, weight: c.Weight.times(1, 100), value: c.Score}
		for _, g := range c.Groups {
			if g.Used {
				t.terms = append(t.terms, term{code: g.Group, weight: g.Weight.times(1, 100), value: g.Value})
			}
		}
		out = append(out, t)
	}
	return out
}

// opens reports whether the number is the weighted mean of what is below it. It is
// not where it was standardised, or where something below it is not shown.
func (t term) opens() bool {
	if len(t.terms) == 0 || !t.value.Known() {
		return false
	}
	sum, weight := Frac(0, 1), Frac(0, 1)
	for _, x := range t.terms {
		sum, weight = sum.add(x.weight.mul(x.value)), weight.add(x.weight)
	}
	return sum.Equal(t.value) && weight.Equal(Frac(1, 1))
}

func (t term) find(code string) (term, bool) {
	i := slices.IndexFunc(t.terms, func(x term) bool { return x.code == code })
	if i < 0 {
		return term{}, false
	}
	return t.terms[i], true
}

func half(a, b Exact) Exact { return a.add(b).times(1, 2) }

// moveOf splits the change of one number, times factor, among those below it.
func moveOf(a, b term, path []string, factor Exact, add func(Contribution)) {
	if !a.opens() || !b.opens() {
		add(Contribution{Kind: MoveScore, Path: path, Points: factor.mul(b.value.sub(a.value)), Scaled: a.scaled || b.scaled})
		return
	}
	mean := half(a.value, b.value)
	codes := []string{}
	for _, list := range [][]term{b.terms, a.terms} {
		for _, x := range list {
			if !slices.Contains(codes, x.code) {
				codes = append(codes, x.code)
			}
		}
	}
	for _, code := range codes {
		x, before := a.find(code)
		y, after := b.find(code)
		own := append(slices.Clone(path), code)
		switch {
		case !before:
			add(Contribution{Kind: MoveApplies, Path: own, Points: factor.mul(y.weight).mul(y.value.sub(mean))})
		case !after:
			add(Contribution{Kind: MoveApplies, Path: own, Points: factor.mul(x.weight).mul(mean.sub(x.value))})
		default:
			add(Contribution{Kind: MoveWeight, Path: own, Points: factor.mul(y.weight.sub(x.weight)).mul(half(x.value, y.value).sub(mean))})
			moveOf(x, y, own, factor.mul(half(x.weight, y.weight)), add)
		}
	}
}

// moveItems splits the change of all bonuses, or of all deductions with sign −1.
func moveItems(before, after []Item, was, is Exact, kind, limit string, sign Exact, add func(Contribution)) {
	points := func(list []Item, rule string) Exact {
		for _, it := range list {
			if it.Rule == rule {
				return it.Points
			}
		}
		return Frac(0, 1)
	}
	sum := Frac(0, 1)
	seen := map[string]bool{}
	for _, it := range slices.Concat(after, before) {
		if seen[it.Rule] {
			continue
		}
		seen[it.Rule] = true
		change := points(after, it.Rule).sub(points(before, it.Rule))
		sum = sum.add(change)
		add(Contribution{Kind: kind, Rule: it.Rule, Points: sign.mul(change)})
	}
	add(Contribution{Kind: limit, Points: sign.mul(is.sub(was).sub(sum))})
}

// Sum adds two exact numbers; none counts as nothing.
func Sum(a, b Exact) Exact { return a.add(b) }

// Result returns what a kept line says, with its reasons, for Movement.
func (r Row) Result(reasons Reasons) Result {
	return Result{Base: r.Base, Bonus: r.Bonus, Deduction: r.Deduction, Total: r.Total, Grade: r.Grade, SE: r.SE, Reasons: reasons}
}
