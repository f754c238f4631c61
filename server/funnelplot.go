package server

import (
	"math"
	"slices"
	"strconv"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// funnelPlot shows the appraisal of each unit of a class by the number of its
// ballots, with the limits of what chance allows.
type funnelPlot struct {
	drawing
	Rows []funnelRow
}

// funnelRow is a unit's line in the table. Ballots are rounded to fives: outsiders
// learn no exact counts.
type funnelRow struct {
	evaluation.FunnelPoint
	About   string
	Score   string
	Limits  string
	Verdict string // in, high, low, far-high, far-low
	Me      bool
}

func verdict(p evaluation.FunnelPoint) string {
	switch high := p.Z > 0; {
	case p.Beyond998 && high:
		return "far-high"
	case p.Beyond998:
		return "far-low"
	case p.Beyond95 && high:
		return "high"
	case p.Beyond95:
		return "low"
	}
	return "in"
}

// fives rounds a count to the nearest five.
func fives(n int) int { return (n + 2) / 5 * 5 }

func drawFunnel(t *locale.Translator, f *evaluation.FunnelPlot, me org.UnitID) funnelPlot {
	p := funnelPlot{}
	if f == nil {
		return p
	}
	var high, low []string
	for _, x := range f.Points {
		r := funnelRow{FunnelPoint: x, About: t.Int(fives(x.Ballots)), Score: t.Number(x.Score.Text(1)), Limits: t.Float(x.Low95, 1) + "–" + t.Float(x.High95, 1), Verdict: verdict(x), Me: me != 0 && x.Unit == me}
		p.Rows = append(p.Rows, r)
		switch r.Verdict {
		case "far-high", "high":
			high = append(high, x.Name.In(t.Lang()))
		case "far-low", "low":
			low = append(low, x.Name.In(t.Lang()))
		}
	}
	p.Finding = t.T("result.funnel-none", "Mean", t.Float(f.Target, 1))
	switch {
	case len(high) > 0 && len(low) > 0:
		p.Finding = t.T("result.funnel-both", "High", names(t, high, 4), "Low", names(t, low, 4))
	case len(high) > 0:
		p.Finding = t.T("result.funnel-high", "High", names(t, high, 4))
	case len(low) > 0:
		p.Finding = t.T("result.funnel-low", "Low", names(t, low, 4))
	}
	p.Note = t.T("result.funnel-note", "Mean", t.Float(f.Target, 1))
	p.Views = []picture{p.view(t, f, "only-w", 800, 380, 17), p.view(t, f, "only-n", 340, 320, 7)}
	return p
}

func (p funnelPlot) view(t *locale.Translator, f *evaluation.FunnelPlot, class string, width, height, runes int) picture {
	v := picture{Class: class, Width: width, Height: height}
	most, least := 0.0, math.Inf(1)
	values := []float64{}
	for _, r := range p.Rows {
		n := float64(max(5, fives(r.Ballots)))
		most, least = math.Max(most, n), math.Min(least, n)
		values = append(values, r.FunnelPoint.Score.Float())
	}
	x := scale{math.Max(4, least-5), most + 5, 44, float64(width) - 16}
	values = append(values, f.Target-f.Limit(x.low, 3.09), f.Target+f.Limit(x.low, 3.09))
	for i := range values {
		values[i] = math.Max(0, math.Min(100, values[i]))
	}
	y := around(values, 5, float64(height)-38, 14)
	for _, at := range y.ticks(6) {
		v.line("gl", x.from, y.at(at), x.to, y.at(at))
		v.text("ax", "end", x.from-6, y.at(at)+4, t.Float(at, 0))
	}
	for _, at := range x.ticks(map[bool]int{true: 8, false: 4}[width > 500]) {
		v.text("ax", "middle", x.at(at), y.from+18, t.Float(at, 0))
	}
	v.text("ax", "end", x.to, y.from+34, t.T("result.funnel-x"))
	v.line("mean", x.from, y.at(f.Target), x.to, y.at(f.Target))
	for _, limit := range []struct {
		z     float64
		class string
	}{{1.96, "lim"}, {3.09, "lim far"}} {
		for _, side := range []float64{-1, 1} {
			var xs, ys []float64
			for i := range 61 {
				n := x.low + (x.high-x.low)*float64(i)/60
				if at := f.Target + side*f.Limit(n, limit.z); at >= y.low && at <= y.high {
					xs, ys = append(xs, x.at(n)), append(ys, y.at(at))
				}
			}
			v.curve(limit.class, xs, ys)
		}
	}
	p.points(t, &v, x, y, runes)
	return v
}

// points draws the units, and names those outside the limits and the reader's own.
func (p funnelPlot) points(t *locale.Translator, v *picture, x, y scale, runes int) {
	var named []funnelRow
	for _, r := range p.Rows {
		px, py := x.at(float64(max(5, fives(r.Ballots)))), y.at(r.FunnelPoint.Score.Float())
		switch {
		case r.Me:
			v.dot("pt own", px, py, 6)
		case r.Verdict == "in":
			v.dot("pt", px, py, 4.5)
		case r.Z > 0:
			v.dot("pt up", px, py, 5.5)
		default:
			v.dot("pt down", px, py, 5.5)
		}
		if r.Me || r.Verdict != "in" {
			named = append(named, r)
		}
	}
	ys := make([]float64, len(named))
	for i, r := range named {
		ys[i] = y.at(r.FunnelPoint.Score.Float())
	}
	for i, at := range apart(ys, 15) {
		px, anchor, off := x.at(float64(max(5, fives(named[i].Ballots)))), "start", 9.0
		if px > (x.from+x.to)/2 {
			anchor, off = "end", -9
		}
		v.text("lb", anchor, px+off, at+4, shorten(named[i].Name.In(t.Lang()), runes))
	}
}

// slopePlot shows how the totals of a class moved from one published year to the next.
type slopePlot struct {
	drawing
	Rows []slopeRow
	From int
	To   int
}

type slopeRow struct {
	evaluation.Slope
	Old, New, Change, Error string
	Me                      bool
}

func drawSlopes(t *locale.Translator, all []evaluation.Slope, from, to int, me org.UnitID) slopePlot {
	p := slopePlot{From: from, To: to}
	var up, down []string
	for _, x := range all {
		p.Rows = append(p.Rows, slopeRow{Slope: x, Old: t.Number(x.Before.Text(2)), New: t.Number(x.Total.Text(2)), Change: signed(t, x.Change, 2), Error: "±" + t.Float(x.Error, 2), Me: me != 0 && x.Unit == me})
		switch {
		case x.Exceeds && x.Change > 0:
			up = append(up, x.Name.In(t.Lang()))
		case x.Exceeds:
			down = append(down, x.Name.In(t.Lang()))
		}
	}
	if len(all) == 0 {
		return p
	}
	p.Finding = t.T("result.slope-none", "Year", from)
	switch {
	case len(up) > 0 && len(down) > 0:
		p.Finding = t.T("result.slope-both", "Year", from, "Up", names(t, up, 4), "Down", names(t, down, 4))
	case len(up) > 0:
		p.Finding = t.T("result.slope-up", "Year", from, "Up", names(t, up, 4))
	case len(down) > 0:
		p.Finding = t.T("result.slope-down", "Year", from, "Down", names(t, down, 4))
	}
	p.Note = t.T("result.slope-note")
	p.Views = []picture{p.view(t, "only-w", 800, 17), p.view(t, "only-n", 340, 5)}
	return p
}

// signed writes a change with its sign.
func signed(t *locale.Translator, x float64, decimals int) string {
	if x > 0 {
		return "+" + t.Float(x, decimals)
	}
	if x < 0 {
		return "−" + t.Float(-x, decimals)
	}
	return t.Float(0, decimals)
}

func (p slopePlot) view(t *locale.Translator, class string, width, runes int) picture {
	v := picture{Class: class, Width: width, Height: max(240, 60+16*len(p.Rows))}
	var values []float64
	for _, r := range p.Rows {
		values = append(values, r.Before.Float(), r.Total.Float())
	}
	left, right := 0.3*float64(width), 0.62*float64(width)
	y := around(values, 5, float64(v.Height)-16, 40)
	v.text("ax", "middle", left, 20, strconv.Itoa(p.From))
	v.text("ax", "middle", right, 20, strconv.Itoa(p.To))
	rows := slices.Clone(p.Rows)
	slices.SortStableFunc(rows, func(a, b slopeRow) int { return btoi(a.Exceeds || a.Me) - btoi(b.Exceeds || b.Me) }) // what is coloured on top
	var old, now []float64
	var named []slopeRow
	for _, r := range rows {
		kind := "sl"
		switch {
		case r.Me:
			kind = "sl own"
		case r.Exceeds && r.Slope.Change > 0:
			kind = "sl up"
		case r.Exceeds:
			kind = "sl down"
		}
		a, b := y.at(r.Before.Float()), y.at(r.Total.Float())
		v.line(kind, left, a, right, b)
		v.dot("end "+kind, left, a, 3)
		v.dot("end "+kind, right, b, 3)
		if r.Exceeds || r.Me {
			named, old, now = append(named, r), append(old, a), append(now, b)
		}
	}
	oldAt, nowAt := apart(old, 16), apart(now, 16)
	for i, r := range named {
		v.text("ax", "end", left-8, oldAt[i]+4, t.Float(r.Before.Float(), 1))
		v.text("lb", "start", right+8, nowAt[i]+4, t.Float(r.Total.Float(), 1)+" "+shorten(r.Name.In(t.Lang()), runes))
	}
	return v
}
