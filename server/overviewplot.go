package server

import (
	"fmt"
	"math"
	"strconv"

	"pingyi/ledger"
	"pingyi/overview"
)

// plane is the geometry of a small picture with a horizontal and a vertical axis.
type plane struct {
	class                    string
	width, height            int
	left, right, top, bottom float64
}

var (
	planeWide  = plane{class: "only-w", width: 560, height: 240, left: 64, right: 544, top: 14, bottom: 206}
	planePhone = plane{class: "only-n", width: 340, height: 210, left: 58, right: 330, top: 14, bottom: 178}
)

// axes draws the value axis of a picture whose values begin at zero and the labels of n places.
func (f plane) axes(p *picture, highest float64, label func(v float64) string, places []string) (x func(i int) float64, y func(v float64) float64) {
	s := around([]float64{0, math.Max(highest, 1)}, niceStep(highest, 4), f.bottom, f.top)
	for _, v := range s.ticks(5) {
		p.line("gl", f.left, s.at(v), f.right, s.at(v))
		p.text("ax", "end", f.left-6, s.at(v)+4, label(v))
	}
	step := (f.right - f.left) / float64(len(places))
	x = func(i int) float64 { return f.left + step*(float64(i)+.5) }
	for i, name := range places {
		if f.class == "only-n" && len(places) > 6 && i%2 == 1 {
			continue // a phone has no room for every month
		}
		p.text("ax", "middle", x(i), f.bottom+18, name)
	}
	return x, s.at
}

// months are the labels of the twelve months.
func (p *countyPage) months() []string {
	out := make([]string, 12)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

// drawFunds draws what arrived, added up month by month, beside the even share of the target.
func (p *countyPage) drawFunds() {
	f := p.C.Funds
	highest, sum := float64(f.Target)/100, ledger.Amount(0)
	for i, m := range f.Months {
		sum += m
		row := fundRow{Month: p.T("overview.month-" + strconv.Itoa(i+1)), Arrived: p.M.Money(m), Sum: p.M.Money(sum)}
		if f.Target > 0 {
			row.Planned = p.M.Money(overview.Planned(f.Target, i+1))
		}
		p.FundRows = append(p.FundRows, row)
	}
	highest = math.Max(highest, float64(sum)/100)
	by, known := p.C.Ahead()
	if known {
		p.Reached = p.Percent(ledger.Percent(sum.Percent(f.Target), 1))
	}
	switch {
	case sum == 0 && !known:
		p.Funds.Finding = p.T("overview.funds-none")
		return
	case !known:
		p.Funds.Finding = p.T("overview.funds-untargeted", "Arrived", p.M.Money(sum))
	case by < 0:
		p.Funds.Finding = p.T("overview.funds-behind", "Arrived", p.M.Money(sum), "Percent", p.Reached, "Target", p.M.Money(f.Target), "By", p.M.Money(-by))
	default:
		p.Funds.Finding = p.T("overview.funds-ahead", "Arrived", p.M.Money(sum), "Percent", p.Reached, "Target", p.M.Money(f.Target), "By", p.M.Money(by))
	}
	p.Funds.Note = p.T("overview.funds-note")
	for _, g := range []plane{planeWide, planePhone} {
		v := picture{Class: g.class, Width: g.width, Height: g.height}
		x, y := g.axes(&v, highest, func(v float64) string { return p.Float(v, 0) }, p.months())
		if known {
			xs, ys := []float64{g.left}, []float64{g.bottom}
			for i := range 12 {
				xs, ys = append(xs, x(i)), append(ys, y(float64(overview.Planned(f.Target, i+1))/100))
			}
			v.curve("even", xs, ys)
		}
		xs, ys, at := []float64{g.left}, []float64{g.bottom}, ledger.Amount(0)
		for i, m := range f.Months {
			at += m
			xs, ys = append(xs, x(i)), append(ys, y(float64(at)/100))
		}
		v.curve("course", xs, ys)
		v.dot("pt own", xs[len(xs)-1], ys[len(ys)-1], 5)
		p.Funds.Views = append(p.Funds.Views, v)
	}
}

// drawUnits lists the units that have a target of funds.
func (p *countyPage) drawUnits() {
	done := 0
	for _, u := range p.C.Funds.Units {
		share := u.Arrived.Percent(u.Target)
		bar, _ := share.Float64()
		if bar >= 100 {
			done++
		}
		p.UnitRows = append(p.UnitRows, unitFundRow{Name: u.Name.In(p.Lang()), Target: u.Target, Arrived: u.Arrived, Percent: p.Percent(ledger.Percent(share, 1)), Bar: math.Min(100, bar)})
	}
	p.UnitsFind = p.T("overview.units-find", "Done", done, "Count", len(p.UnitRows))
}

// drawIndex draws the satisfaction index of the published years with its range.
func (p *countyPage) drawIndex() {
	all := p.C.Index
	for len(all) > 0 && all[len(all)-1].Year > p.C.Year {
		all = all[:len(all)-1]
	}
	if len(all) == 0 {
		p.Index.Finding = p.T("overview.index-none")
		return
	}
	if len(all) > 6 {
		all = all[len(all)-6:]
	}
	years := make([]string, len(all))
	var values []float64
	for i, x := range all {
		years[i] = strconv.Itoa(x.Year)
		values = append(values, x.Low, x.High)
		p.IndexRows = append(p.IndexRows, indexRow{Year: x.Year, Units: x.Units, Companies: x.Companies, Mean: p.Float(x.Mean, 1), Range: p.Float(x.Low, 1) + "–" + p.Float(x.High, 1)})
	}
	last := p.IndexRows[len(all)-1]
	p.Index.Finding = p.T("overview.index", "Year", last.Year, "Mean", last.Mean, "Range", last.Range, "Companies", last.Companies)
	p.Index.Note = p.T("overview.index-note")
	for _, g := range []plane{planeWide, planePhone} {
		v := picture{Class: g.class, Width: g.width, Height: g.height}
		s := around(values, 5, g.bottom, g.top)
		for _, at := range s.ticks(5) {
			v.line("gl", g.left, s.at(at), g.right, s.at(at))
			v.text("ax", "end", g.left-6, s.at(at)+4, p.Float(at, 0))
		}
		step := (g.right - g.left) / float64(len(all))
		for i, x := range all {
			at := g.left + step*(float64(i)+.5)
			v.line("ci", at, s.at(x.Low), at, s.at(x.High))
			v.dot("pt own", at, s.at(x.Mean), 5)
			v.text("sc", "start", at+12, s.at(x.Mean)+4, p.Float(x.Mean, 1))
			v.text("ax", "middle", at, g.bottom+18, years[i])
		}
		p.Index.Views = append(p.Index.Views, v)
	}
}

// drawWork draws issues by month, visits and sheets by quarter, and lists the appraisals.
func (p *countyPage) drawWork() {
	w := p.C.Work
	opened, highest := 0, 0
	for i, m := range w.Months {
		opened, highest = opened+m.Opened, max(highest, m.Opened, m.Closed)
		p.IssueRows = append(p.IssueRows, issueMonthRow{p.T("overview.month-" + strconv.Itoa(i+1)), m.Opened, m.Closed})
	}
	p.Issues.Finding = p.T("overview.issues", "Opened", opened, "Closed", w.Closed, "Solved", w.Solved, "Open", w.Open, "Overdue", w.Overdue)
	if highest > 0 {
		p.Issues.Note = p.T("overview.issues-note")
		for _, g := range []plane{planeWide, planePhone} {
			v := picture{Class: g.class, Width: g.width, Height: g.height}
			x, y := g.axes(&v, float64(highest), func(v float64) string { return p.Float(v, 0) }, p.months())
			half := (g.right - g.left) / 12 * .36
			for i, m := range w.Months {
				v.bar("shut", x(i)-half, y(float64(m.Opened)), half-1, g.bottom)
				v.bar("full", x(i)+1, y(float64(m.Closed)), half-1, g.bottom)
			}
			p.Issues.Views = append(p.Issues.Views, v)
		}
	}
	p.drawVisits()
	for _, k := range p.C.Polls {
		p.Polls = append(p.Polls, pollRow{p.T("campaign.kind-" + k.Kind), k.Listed, k.Ballots, p.share(k.Ballots, k.Listed)})
	}
}

func (p *countyPage) drawVisits() {
	due, made, sheets, highest := 0, 0, 0, 0
	var names []string
	for _, q := range p.C.Work.Quarters {
		due, made, sheets, highest = due+q.Due, made+q.Made, sheets+q.Sheets, max(highest, q.Due, q.Visits, q.Sheets)
		names = append(names, p.T("overview.quarter-"+strconv.Itoa(q.Quarter)))
		p.VisitRows = append(p.VisitRows, visitRow{p.Quarter(p.C.Year, q.Quarter), q.Due, q.Made, q.Visits, q.Sheets, p.share(q.Made, q.Due)})
	}
	p.Visits.Finding = p.T("overview.visits", "Made", made, "Due", due, "Percent", p.share(made, due), "Sheets", sheets)
	if highest == 0 {
		return
	}
	p.Visits.Note = p.T("overview.visits-note")
	for _, g := range []plane{planeWide, planePhone} {
		v := picture{Class: g.class, Width: g.width, Height: g.height}
		x, y := g.axes(&v, float64(highest), func(v float64) string { return p.Float(v, 0) }, names)
		third := (g.right - g.left) / float64(len(names)) * .24
		for i, q := range p.C.Work.Quarters {
			v.bar("open", x(i)-1.5*third, y(float64(q.Due)), third-2, g.bottom)
			v.bar("shut", x(i)-.5*third, y(float64(q.Made)), third-2, g.bottom)
			v.bar("full", x(i)+.5*third, y(float64(q.Sheets)), third-2, g.bottom)
		}
		p.Visits.Views = append(p.Visits.Views, v)
	}
}

// bar is an upright bar from a height down to the bottom.
func (p *picture) bar(class string, x, y, width, bottom float64) {
	p.Paths = append(p.Paths, shapePath{"pillar " + class, fmt.Sprintf("M%.1f %.1fh%.1fV%.1fh-%.1fz", x, y, width, bottom, width)})
}
