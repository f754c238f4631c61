package server

import (
	"math"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// dotPlot is the picture of a class: a row for each unit, a dot at its score, a
// line for its 95 % range, a dashed line at the mean. Its finding stands above it
// as a sentence and its figures in a table. It is drawn twice, for wide screens
// and for phones; the style sheet shows the one that fits.
type dotPlot struct {
	Rows   []dotRow
	Views  []dotView
	MeanAt float64 // value
	From   int
	Known  bool
	// Finding is what the picture shows, in a sentence.
	Finding string
}

// dotRow is a unit's line in the table.
type dotRow struct {
	evaluation.Row
	Me         bool
	Score      string
	Range      string
	ScoreRange string
	Lists      []string // names of the lists it stands on
	fairWords
}

// dotView is one drawing, in its own units.
type dotView struct {
	Class         string
	Width, Height int
	Mean          float64
	Ticks         []tick
	Dots          []dot
	Left, Span    float64 // where the axis begins, and its length
	Label, Score  float64 // where labels end and scores begin
	Tier          float64 // where the tier stands; 0: no room for it
	Above         bool    // labels stand above the dots
}

type dot struct {
	dotRow
	Label     string
	Thin      bool
	Y, Text   int
	Name      int // line of the label
	X, X1, X2 float64
}

type tick struct {
	X     float64
	Label int
}

// frame is the geometry of a drawing.
type frame struct {
	class              string
	width              int
	label, left, right float64
	score, tier        float64
	runes              int // the longest label
	row                int // height of a row
	above              int // how far the label stands above the dot; 0: beside it
}

var (
	plotWide     = frame{class: "only-w", width: 800, label: 238, left: 250, right: 620, score: 640, tier: 704, runes: 15, row: 26}
	plotPhone    = frame{class: "only-n", width: 340, label: 126, left: 136, right: 286, score: 300, runes: 8, row: 26}
	plotWideLong = frame{class: "only-w", width: 800, label: 292, left: 304, right: 632, score: 648, tier: 708, runes: 16, row: 26}
	// Names in English and Russian are too long to stand beside the dot.
	plotPhoneLong = frame{class: "only-n", width: 340, label: 26, left: 26, right: 286, score: 300, runes: 19, row: 44, above: 18}
)

const plotTop = 34

// frames are the drawings for wide screens and for phones in the reader's language.
func frames(t *locale.Translator) (wide, phone frame) {
	if t.Lang() == locale.Chinese {
		return plotWide, plotPhone
	}
	return plotWideLong, plotPhoneLong
}

// dotPlot draws the units of one class.
func (s *Server) dotPlot(t *locale.Translator, rows []evaluation.Row, me org.UnitID) dotPlot {
	p := dotPlot{}
	low, high, sum, n := 100.0, 0.0, 0.0, 0
	for _, r := range rows {
		if r.Total.Known() {
			low, high = math.Min(low, r.Low()), math.Max(high, r.High())
			sum, n = sum+r.Total.Float(), n+1
		}
	}
	for _, r := range rows {
		d := dotRow{Row: r, Me: me != 0 && r.Unit == me}
		if r.Total.Known() {
			d.Score = t.Number(r.Total.Text(2))
			d.ScoreRange = t.Float(r.Low(), 1) + "–" + t.Float(r.High(), 1)
		}
		if r.Rank > 0 {
			d.Range = t.Int(r.Best) + "–" + t.Int(r.Worst)
		}
		p.Rows = append(p.Rows, d)
	}
	if n == 0 {
		return p
	}
	p.Known, p.MeanAt = true, sum/float64(n)
	p.From = int(math.Floor(low/5) * 5)
	to := int(math.Max(float64(p.From+10), math.Ceil(high/5)*5))
	wide, phone := frames(t)
	p.Views = []dotView{p.draw(t, wide, to), p.draw(t, phone, to)}
	p.Finding = s.finding(t, rows, me, p.MeanAt)
	return p
}

func (p dotPlot) draw(t *locale.Translator, f frame, to int) dotView {
	x := func(v float64) float64 {
		return math.Round(10*(f.left+(f.right-f.left)*(v-float64(p.From))/float64(to-p.From))) / 10
	}
	v := dotView{Class: f.class, Width: f.width, Height: plotTop + f.above + len(p.Rows)*f.row + 24, Above: f.above > 0, Mean: x(p.MeanAt), Left: f.left, Span: f.right - f.left, Label: f.label, Score: f.score, Tier: f.tier}
	step := 5
	if f.tier == 0 && to-p.From > 20 {
		step = 10 // a phone has no room for more
	}
	for at := p.From; at <= to; at += step {
		v.Ticks = append(v.Ticks, tick{X: x(float64(at)), Label: at})
	}
	for i, r := range p.Rows {
		y := plotTop + f.above + i*f.row
		room := f.runes
		if r.Me {
			room -= 2 // set in bold
		}
		d := dot{dotRow: r, Label: shorten(r.Name.In(t.Lang()), room), Thin: !r.Total.Known(), Y: y, Text: y + 4, Name: y + 4 - f.above}
		if !d.Thin {
			d.X, d.X1, d.X2 = x(r.Total.Float()), x(r.Low()), x(r.High())
		}
		v.Dots = append(v.Dots, d)
	}
	return v
}

// shorten cuts a label to what n Chinese characters take; Latin and Cyrillic
// letters are about half as wide.
func shorten(label string, n int) string {
	room, l := 2*n, []rune(label)
	for i, r := range l {
		room--
		if r > 0x2e80 {
			room--
		}
		if room < 0 {
			return string(l[:max(0, i-1)]) + "…"
		}
	}
	return label
}

// finding says in a sentence what the picture shows.
func (s *Server) finding(t *locale.Translator, rows []evaluation.Row, me org.UnitID, mean float64) string {
	tier := 0
	for _, r := range rows {
		if r.Tier == 1 {
			tier++
		}
		if r.Unit == me && me != 0 && r.Total.Known() {
			key := "plot.own"
			if r.Rank == 0 {
				key = "plot.own-unranked"
			}
			return t.T(key, "Score", t.Number(r.Total.Text(2)), "Mean", t.Float(mean, 1), "Rank", r.Rank, "Best", r.Best, "Worst", r.Worst)
		}
	}
	if len(rows) == 0 || rows[0].Status != evaluation.Ranked {
		return t.T("plot.none-ranked")
	}
	if tier == 1 {
		return t.T("plot.class-alone", "Unit", rows[0].Name.In(t.Lang()), "Score", t.Number(rows[0].Total.Text(2)), "Mean", t.Float(mean, 1))
	}
	return t.T("plot.class", "Unit", rows[0].Name.In(t.Lang()), "Score", t.Number(rows[0].Total.Text(2)), "Count", tier, "Mean", t.Float(mean, 1))
}
