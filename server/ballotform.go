package server

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation/ballotbox"
	"pingyi/org"
)

// What a rater said so far travels in the form, from page to page.

// ballot is what the form says, in the order of the pick.
func (p *ballotPage) ballot() ballotbox.Ballot {
	var out ballotbox.Ballot
	for _, u := range p.Picked {
		out.Lines = append(out.Lines, p.Lines[u])
	}
	return out
}

// read takes everything said so far out of the form. Fields are named by unit:
// u11.I1 is the level, u11.I1.r a reason, u11.c the comment, u11.skip no dealings.
func (p *ballotPage) read(f url.Values) {
	p.Card, p.Search, p.Declared, p.Word = f.Get("card"), clean(f.Get("q")), f.Get("declare") != "", clean(f.Get("word"))
	p.Lines = map[org.UnitID]ballotbox.Line{}
	for _, v := range f["pick"] {
		for _, one := range strings.Split(v, ".") { // the link's fragment joins them with dots
			n, err := strconv.ParseInt(one, 10, 64)
			if _, ok := p.Form.Unit(org.UnitID(n)); err == nil && ok && !slices.Contains(p.Picked, org.UnitID(n)) {
				p.Picked = append(p.Picked, org.UnitID(n))
			}
		}
	}
	order := map[org.UnitID]int{}
	for i, u := range p.Form.Units {
		order[u.ID] = i
	}
	slices.SortFunc(p.Picked, func(a, b org.UnitID) int { return order[a] - order[b] })
	for _, u := range p.Picked {
		pre := fmt.Sprintf("u%d.", u)
		l := ballotbox.Line{Unit: u, Answers: map[string]string{}, Reasons: map[string][]string{}, Comment: clean(f.Get(pre + "c")), Skipped: f.Get(pre+"skip") != ""}
		for _, ind := range p.Form.Indicators {
			if a := f.Get(pre + ind.Code); a != "" {
				l.Answers[ind.Code] = a
			}
			l.Reasons[ind.Code] = f[pre+ind.Code+".r"]
		}
		if len(p.Form.CheckLine(l)) == 0 {
			p.Rated++
		}
		p.Lines[u] = l
	}
}

// carry writes everything said so far into hidden fields, but for what the page
// itself asks: fields whose names begin with one of without.
func (p *ballotPage) carry(without ...string) {
	add := func(name, value string) {
		for _, w := range without {
			if name == w || (strings.HasSuffix(w, ".") && strings.HasPrefix(name, w)) {
				return
			}
		}
		if value != "" {
			p.Carry = append(p.Carry, field{name, value})
		}
	}
	add("card", p.Card)
	add("word", p.Word)
	add("lang", p.Lang())
	if p.Large {
		add("large", "1")
	}
	for _, u := range p.Picked {
		add("pick", strconv.FormatInt(int64(u), 10))
	}
	for _, u := range p.Picked {
		l, pre := p.Lines[u], fmt.Sprintf("u%d.", u)
		for _, ind := range p.Form.Indicators {
			add(pre+ind.Code, l.Answers[ind.Code])
			if slices.Contains(p.Form.Low, l.Answers[ind.Code]) {
				for _, r := range l.Reasons[ind.Code] {
					add(pre+ind.Code+".r", r)
				}
			}
		}
		add(pre+"c", l.Comment)
		if l.Skipped {
			add(pre+"skip", "1")
		}
	}
}

// IsPicked reports whether a unit is among those to rate.
func (p *ballotPage) IsPicked(u org.UnitID) bool { return slices.Contains(p.Picked, u) }

// Line is what is said of the present unit.
func (p *ballotPage) Line() ballotbox.Line { return p.Lines[p.Unit.ID] }

// Pre is the prefix of the present unit's fields.
func (p *ballotPage) Pre() string { return fmt.Sprintf("u%d.", p.Unit.ID) }

// Ready reports whether nothing is missing of a unit's line.
func (p *ballotPage) Ready(u org.UnitID) bool { return len(p.Form.CheckLine(p.Lines[u])) == 0 }

// UnitName names a picked unit.
func (p *ballotPage) UnitName(u org.UnitID) string {
	unit, _ := p.Form.Unit(u)
	return unit.Name.In(p.Lang())
}

// Left counts the picked units without a whole line.
func (p *ballotPage) Left() int { return len(p.Picked) - p.Rated }

// classesOf groups the units of a form by class.
func classesOf(f *ballotbox.Form) []ballotClass {
	var out []ballotClass
	for _, u := range f.Units {
		if k := len(out); k == 0 || out[k-1].Class != u.Class {
			out = append(out, ballotClass{Class: u.Class})
		}
		last := &out[len(out)-1]
		last.Units = append(last.Units, u)
	}
	return out
}

// problem notes what is wrong with a field.
func (p *ballotPage) problem(name, words string) {
	if p.Problems == nil {
		p.Problems = map[string]string{}
	}
	if p.Problems[name] == "" {
		p.Problems[name] = words
		p.Order = append(p.Order, name)
	}
}

func (p *ballotPage) setNotice(n ballotbox.Notice) {
	p.Notice, p.Campaign, p.Form = n, n.Campaign, n.Form
	p.Title = n.Form.Title.In(p.Lang())
	p.Classes = classesOf(n.Form)
}

type field struct{ Name, Value string }

type ballotClass struct {
	Class int
	Units []ballotbox.Unit
}
