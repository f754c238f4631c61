package server

import (
	"math"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// dotPlot is the picture of a class: a row for each unit, a dot at its score, a
// line for its 95 % range, a dashed line at the mean. Its finding stands above it
// as a sentence and its figures in a table.
type dotPlot struct {
	Rows   []dotRow
	Ticks  []tick
	Mean   float64 // position
	MeanAt float64 // value
	Height int
	From   int
	Known  bool
	// Finding is what the picture shows, in a sentence.
	Finding string
}

type dotRow struct {
	evaluation.Row
	Label      string
	Score      string
	Me         bool
	Thin       bool
	Y, Text    int
	X, X1, X2  float64
	Range      string
	ScoreRange string
}

type tick struct {
	X     float64
	Label int
}

// geometry of the picture, in its own units.
const (
	plotLeft, plotRight = 250.0, 620.0
	plotTop, plotRow    = 34, 26
)

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
	if n == 0 {
		return p
	}
	p.Known, p.MeanAt = true, sum/float64(n)
	p.From = int(math.Floor(low/5) * 5)
	to := math.Max(float64(p.From+10), math.Ceil(high/5)*5)
	x := func(v float64) float64 {
		return math.Round(10*(plotLeft+(plotRight-plotLeft)*(v-float64(p.From))/(to-float64(p.From)))) / 10
	}
	for v := p.From; float64(v) <= to; v += 5 {
		p.Ticks = append(p.Ticks, tick{X: x(float64(v)), Label: v})
	}
	p.Mean = x(p.MeanAt)
	for i, r := range rows {
		d := dotRow{Row: r, Label: r.Name.In(t.Lang()), Me: r.Unit == me, Thin: !r.Total.Known(), Y: plotTop + i*plotRow, Text: plotTop + i*plotRow + 4}
		if l := []rune(d.Label); len(l) > 30 {
			d.Label = string(l[:29]) + "…"
		}
		if r.Total.Known() {
			d.X, d.X1, d.X2 = x(r.Total.Float()), x(r.Low()), x(r.High())
			d.Score = t.Number(r.Total.Text(2))
			d.ScoreRange = t.Float(r.Low(), 1) + "–" + t.Float(r.High(), 1)
		}
		if r.Rank > 0 {
			d.Range = t.Int(r.Best) + "–" + t.Int(r.Worst)
		}
		p.Rows = append(p.Rows, d)
	}
	p.Height = plotTop + len(rows)*plotRow + 24
	p.Finding = s.finding(t, rows, me, p.MeanAt)
	return p
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
	return t.T("plot.class", "Unit", rows[0].Name.In(t.Lang()), "Score", t.Number(rows[0].Total.Text(2)), "Count", tier, "Mean", t.Float(mean, 1))
}
