package evaluation

import (
	"math"
	"slices"
	"strings"

	"pingyi/evaluation/rank"
	"pingyi/org"
)

// Correction is a number of a unit that is another in a later version of a year's
// ranking.
type Correction struct {
	Unit    org.UnitID
	Code    string
	Field   string // status, rank, total, grade, lists, base, bonus, deduction, vetoes, or "part"
	Part    string // the part's code
	Old     string // "" none
	New     string
	numbers bool
}

// Numbers reports whether old and new are exact numbers rather than codes.
func (d Correction) Numbers() bool { return d.numbers }

// Corrections lists everything in which two rankings differ, unit by unit, by unit
// number; a unit that stands in one of them only differs in all it has.
func Corrections(older, newer *Ranking) []Correction {
	at := map[org.UnitID][2]RankedLine{}
	for i, r := range []*Ranking{older, newer} {
		for _, l := range r.Lines {
			pair := at[l.Unit]
			pair[i] = l
			at[l.Unit] = pair
		}
	}
	var units []org.UnitID
	for u := range at {
		units = append(units, u)
	}
	slices.Sort(units)
	var out []Correction
	for _, u := range units {
		a, b := at[u][0], at[u][1]
		code := b.Code
		if code == "" {
			code = a.Code
		}
		text := func(field, old, now string) {
			if old != now {
				out = append(out, Correction{Unit: u, Code: code, Field: field, Old: old, New: now})
			}
		}
		number := func(field, part string, old, now Exact) {
			if !old.Equal(now) {
				out = append(out, Correction{Unit: u, Code: code, Field: field, Part: part, Old: old.Plain(), New: now.Plain(), numbers: true})
			}
		}
		place := func(l RankedLine) Exact {
			if l.Rank == 0 {
				return None
			}
			return Frac(int64(l.Rank), 1)
		}
		text("status", string(a.Status), string(b.Status))
		number("rank", "", place(a), place(b))
		number("total", "", a.Total, b.Total)
		text("grade", a.Grade, b.Grade)
		text("lists", strings.Join(a.Lists, " "), strings.Join(b.Lists, " "))
		number("base", "", a.Base, b.Base)
		number("bonus", "", a.Bonus, b.Bonus)
		number("deduction", "", a.Deduction, b.Deduction)
		text("vetoes", strings.Join(a.Vetoes, " "), strings.Join(b.Vetoes, " "))
		for _, p := range allParts(a.Parts, b.Parts) {
			number("part", p, scoreIn(a.Parts, p), scoreIn(b.Parts, p))
		}
	}
	return out
}

// allParts returns the codes of the newer parts, then those only the older have.
func allParts(older, newer []PartScore) []string {
	var out []string
	for _, list := range [][]PartScore{newer, older} {
		for _, p := range list {
			if !slices.Contains(out, p.Code) {
				out = append(out, p.Code)
			}
		}
	}
	return out
}

func scoreIn(parts []PartScore, code string) Exact {
	for _, p := range parts {
		if p.Code == code {
			return p.Score
		}
	}
	return None
}

// Slope is a unit's way from one year's total to the next.
type Slope struct {
	Row             // of the later year
	Before  Exact   // total of the year before
	WasRank int     // 0: not ranked
	Change  float64 // of the total
	Error   float64 // 95 % half-width of the change
	Exceeds bool    // the change is larger than its error
}

// Slopes joins the units of one class that have a total in both years, in the order
// of the later one. A change counts as one when it exceeds 1.96·√(SE₁² + SE₂²).
func Slopes(before, now []Row) []Slope {
	was := map[org.UnitID]Row{}
	for _, r := range before {
		was[r.Unit] = r
	}
	var out []Slope
	for _, r := range now {
		old, ok := was[r.Unit]
		if !ok || !old.Total.Known() || !r.Total.Known() || old.Class != r.Class {
			continue
		}
		x := Slope{Row: r, Before: old.Total, WasRank: old.Rank, Change: r.Total.sub(old.Total).Float(), Error: z95 * hypot(r.SE, old.SE)}
		x.Exceeds = math.Abs(x.Change) > x.Error
		out = append(out, x)
	}
	return out
}

// FunnelPoint is a unit in the funnel of its class: its appraisal by the number of
// ballots, with the limits at its own standard error.
type FunnelPoint struct {
	Row
	Ballots int
	Score   Exact // of the appraisal
	rank.Funnel
}

// FunnelPlot is the funnel of a class (Spiegelhalter 2005): how far the appraisal of a
// unit may lie from the mean of the class by chance alone, by the number of ballots.
type FunnelPlot struct {
	Points []FunnelPoint
	Target float64 // mean of the class
	Phi    float64 // overdispersion
	Spread float64 // typical standard deviation of a ballot: SE·√n, the median
	Tau2   float64 // added variance between units
}

// FunnelOf makes the funnel of one class from the units with an appraisal and a
// standard error; nil with fewer than three.
func FunnelOf(rows []Row) (*FunnelPlot, error) {
	f := &FunnelPlot{}
	var score, se, spread []float64
	for _, r := range rows {
		a, err := r.appraisal()
		if err != nil {
			return nil, err
		}
		if !a.Score.Known() || !(a.SE > 0) || a.Lines < 1 {
			continue
		}
		f.Points = append(f.Points, FunnelPoint{Row: r, Ballots: a.Lines, Score: a.Score})
		score, se = append(score, a.Score.Float()), append(se, a.SE)
		spread = append(spread, a.SE*math.Sqrt(float64(a.Lines)))
		f.Target += a.Score.Float()
	}
	if len(score) < 3 {
		return nil, nil
	}
	f.Target /= float64(len(score))
	limits, over, err := rank.Funnels(score, se, f.Target)
	if err != nil {
		return nil, err
	}
	for i := range f.Points {
		f.Points[i].Funnel = limits[i]
	}
	slices.Sort(spread)
	f.Spread, f.Phi, f.Tau2 = spread[len(spread)/2], over.Phi, over.Tau2
	return f, nil
}

// Limit is the half-width of the funnel at n ballots, z standard errors wide.
func (f *FunnelPlot) Limit(n, z float64) float64 {
	return z * math.Sqrt(f.Spread*f.Spread/n+f.Tau2)
}
