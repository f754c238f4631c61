package server

import (
	"math"
	"slices"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// fairWords is what the comparison that allows for harsh raters says of a unit, as
// text; Fair is nil where there is no comparison.
type fairWords struct {
	Fair        *evaluation.FairStanding
	FairScore   string
	FairRange   string // interval
	FairRanks   string // rank range
	Reliability string
}

// addFair adds the comparison and the names of lists to a line.
func (r *dotRow) addFair(t *locale.Translator, sc *evaluation.Scheme, fair map[org.UnitID]evaluation.FairStanding) {
	for _, code := range r.Row.Lists {
		r.Lists = append(r.Lists, sc.ListName(code).In(t.Lang()))
	}
	f, ok := fair[r.Unit]
	if !ok {
		return
	}
	r.Fair = &f
	r.Reliability = t.Float(f.Reliability, 2)
	if f.Status != evaluation.FairFew && f.SE > 0 {
		r.FairScore, r.FairRange = t.Float(f.Score, 1), t.Float(math.Max(0, f.Low), 1)+"–"+t.Float(math.Min(100, f.High), 1)
	}
	if f.Rank > 0 {
		r.FairRanks = t.Int(f.Best) + "–" + t.Int(f.Worst)
	}
}

// drawing is a picture with the sentence that says what it shows.
type drawing struct {
	Finding string
	Views   []picture // none: there is nothing to draw
	Note    string
}

// fairPlot shows, for each unit of a class, the plain mean of its ballots and the
// adjusted score with its interval.
type fairPlot struct{ drawing }

func drawFair(t *locale.Translator, rows []dotRow) fairPlot {
	var shown []dotRow
	var values []float64
	for _, r := range rows {
		if r.FairScore != "" {
			shown = append(shown, r)
			values = append(values, math.Max(0, r.Fair.Low), math.Min(100, r.Fair.High), r.Fair.Mean)
		}
	}
	p := fairPlot{}
	if len(shown) < 2 {
		p.Finding = t.T("result.fair-none")
		return p
	}
	slices.SortStableFunc(shown, func(a, b dotRow) int { return int(math.Copysign(1, b.Fair.Score-a.Fair.Score)) })
	p.Finding, p.Note = fairFinding(t, shown), t.T("result.fair-note")
	wide, phone := frames(t)
	for _, f := range []frame{wide, phone} {
		p.Views = append(p.Views, fairView(t, f, shown, around(values, 5, f.left, f.right)))
	}
	return p
}

func fairView(t *locale.Translator, f frame, rows []dotRow, x scale) picture {
	v := picture{Class: f.class, Width: f.width, Height: plotTop + f.above + len(rows)*f.row + 24}
	bottom := float64(v.Height - 22)
	for _, at := range x.ticks(map[bool]int{true: 8, false: 4}[f.tier > 0]) {
		v.line("gl", x.at(at), 22, x.at(at), bottom)
		v.text("ax", "middle", x.at(at), bottom+16, t.Float(at, 0))
	}
	for i, r := range rows {
		y := float64(plotTop + f.above + i*f.row)
		me := ""
		if r.Me {
			me = " own"
		}
		anchor := "end"
		if f.above > 0 {
			anchor = "start"
		}
		v.text("lb"+me, anchor, f.label, y+4-float64(f.above), shorten(r.Name.In(t.Lang()), f.runes))
		v.line("ci"+me, x.at(math.Max(0, r.Fair.Low)), y, x.at(math.Min(100, r.Fair.High)), y)
		v.dot("pt", x.at(r.Fair.Mean), y, 4)
		v.diamond("adj"+me, x.at(r.Fair.Score), y, 6)
		v.text("sc", "start", f.score, y+4, r.FairScore)
		if f.tier > 0 {
			text := t.T("result.fair-" + r.Fair.Status)
			if r.Fair.Tier > 0 {
				text = t.T("plot.tier", "N", r.Fair.Tier)
			}
			v.text("ax", "start", f.tier, y+4, text)
		}
	}
	return v
}

// fairFinding says who leads when harsh raters are allowed for, and whom it moves.
func fairFinding(t *locale.Translator, shown []dotRow) string {
	first, best, moved := 0, shown[0], []string{}
	var means []float64
	for _, r := range shown {
		if r.Fair.Rank > 0 {
			means = append(means, r.Fair.Mean)
		}
		if r.Fair.Tier == 1 {
			first++
		}
	}
	for _, r := range shown {
		plain := 1
		for _, m := range means {
			if m > r.Fair.Mean {
				plain++
			}
		}
		if d := r.Fair.Rank - plain; r.Fair.Rank > 0 && (d >= 3 || d <= -3) {
			moved = append(moved, r.Name.In(t.Lang()))
		}
		if r.Me {
			if r.Fair.Rank == 0 {
				return t.T("result.fair-own-unranked", "Score", r.FairScore, "Range", r.FairRange, "Mean", t.Float(r.Fair.Mean, 1))
			}
			return t.T("result.fair-own", "Score", r.FairScore, "Range", r.FairRange, "Mean", t.Float(r.Fair.Mean, 1), "Rank", r.Fair.Rank, "Best", r.Fair.Best, "Worst", r.Fair.Worst)
		}
	}
	text := t.T("result.fair-class", "Unit", best.Name.In(t.Lang()), "Score", best.FairScore, "Count", max(1, first))
	if len(moved) > 0 {
		return sentences(t, text, t.T("result.fair-moved", "Names", names(t, moved, 4), "Count", len(moved)))
	}
	return sentences(t, text, t.T("result.fair-same"))
}
