package evaluation

import (
	"math"

	"pingyi/org"
)

// FactPoint is what companies think of a unit beside what it did.
type FactPoint struct {
	Unit    org.UnitID
	Code    string
	Name    org.Names
	Opinion Exact   // score of the appraisal, 0 to 100
	Fact    Exact   // mean of the rates below that apply, 0 to 100
	Rates   []Rate  // of facts alone: no ratings, no scores of sheets
	Apart   float64 // standardised opinion less standardised facts
	Outlier string  // "", liked (opinion far above facts), disliked (far below)
}

// Rate is a share of duties done, in percent.
type Rate struct {
	Key   string // response, solved, visits, tasks
	Value Exact
}

// The outliers of a panel.
const (
	OutLiked    = "liked"
	OutDisliked = "disliked"
)

// FactClass is the panel of a class: opinion beside facts, for a look and nothing
// else. No score changes by it.
type FactClass struct {
	Class       int
	Points      []FactPoint
	Opinion     float64 // means
	Fact        float64
	Correlation float64 // Pearson's; only with Known
	Known       bool    // at least five units, and both vary
}

// leastPanel is how many units a correlation needs to be worth a word.
const leastPanel = 5

// farApart is from how many standard deviations between opinion and facts a unit is
// named.
const farApart = 1.5

// FactPanel sets opinion beside facts, class by class. A rate of fewer visits than
// the floor is left out: it would tell whose sheet came back.
func (s *Snapshot) FactPanel() []FactClass {
	units := map[org.UnitID]SnapshotUnit{}
	for _, u := range s.Units {
		units[u.Unit] = u
	}
	var out []FactClass
	for _, st := range s.Standings() {
		if len(out) == 0 || out[len(out)-1].Class != st.Class {
			out = append(out, FactClass{Class: st.Class})
		}
		u := units[st.Unit]
		p := FactPoint{Unit: u.Unit, Code: u.Code, Name: u.Name, Opinion: st.Result.Reasons.Appraisal().Score, Rates: s.rates(u.Facts)}
		sum := Frac(0, 1)
		for _, r := range p.Rates {
			sum = sum.add(r.Value)
		}
		if len(p.Rates) == 0 || !p.Opinion.Known() {
			continue
		}
		p.Fact = sum.times(1, int64(len(p.Rates)))
		c := &out[len(out)-1]
		c.Points = append(c.Points, p)
	}
	for i := range out {
		out[i].compare()
	}
	return out
}

// rates are the shares of duties a unit did in time.
func (s *Snapshot) rates(f Facts) []Rate {
	var out []Rate
	add := func(key string, done, due int) {
		if due > 0 {
			out = append(out, Rate{key, Frac(100*int64(min(done, due)), int64(due))})
		}
	}
	add("response", f.Issues.Responded, f.Issues.All)
	add("solved", f.Issues.Solved, f.Issues.All)
	if f.Sheets.Due >= s.Scheme.Disclosure.Unit {
		add("visits", f.Sheets.Returned, f.Sheets.Due)
	}
	add("tasks", f.Tasks.Done, f.Tasks.Due)
	return out
}

// compare computes means, correlation and who stands out.
func (c *FactClass) compare() {
	n := float64(len(c.Points))
	if n == 0 {
		return
	}
	for _, p := range c.Points {
		c.Opinion += p.Opinion.Float() / n
		c.Fact += p.Fact.Float() / n
	}
	var oo, ff, of float64
	for _, p := range c.Points {
		o, f := p.Opinion.Float()-c.Opinion, p.Fact.Float()-c.Fact
		oo, ff, of = oo+float64(o*o), ff+float64(f*f), of+float64(o*f)
	}
	if c.Known = len(c.Points) >= leastPanel && oo > 0 && ff > 0; !c.Known {
		return
	}
	c.Correlation = of / math.Sqrt(float64(oo*ff))
	so, sf := math.Sqrt(oo/(n-1)), math.Sqrt(ff/(n-1))
	for i := range c.Points {
		p := &c.Points[i]
		p.Apart = (p.Opinion.Float()-c.Opinion)/so - (p.Fact.Float()-c.Fact)/sf
		switch {
		case p.Apart >= farApart:
			p.Outlier = OutLiked
		case p.Apart <= -farApart:
			p.Outlier = OutDisliked
		}
	}
}

// only leaves of a panel the unit's own point, with means and correlation.
func only(all []FactClass, unit org.UnitID) []FactClass {
	for _, c := range all {
		for _, p := range c.Points {
			if p.Unit == unit {
				c.Points = []FactPoint{p}
				return []FactClass{c}
			}
		}
	}
	return nil
}
