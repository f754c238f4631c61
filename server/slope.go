package server

import (
	"cmp"
	"slices"

	"pingyi/locale"
)

// slope is the picture of two rankings: places before at the left, after at the
// right, a line for each unit; a bar beside the left place is the range of places
// that the data allow. The finding stands above it and the figures in a table. It is
// drawn for wide screens and for phones.
type slope struct{ Views []slopeView }

type slopeView struct {
	Class         string
	Width, Height int
	X1, X2        float64
	Label, Right  float64 // where the left labels end and the right ones begin
	Range         float64 // where the bars of ranges stand
	Lines         []slopeLine
}

type slopeLine struct {
	Kind         string // "", moved, beyond
	Left, Right  string
	Y1, Y2       int
	T1, T2       int // baselines of the labels
	Low, High    int // bar of the range
	RankA, RankB string
}

// slopeFrame is the geometry of a drawing.
type slopeFrame struct {
	class                string
	width                int
	label, x1, x2, right float64
	runes, row           int
	named                bool // the right labels carry names
}

var (
	slopeWide  = slopeFrame{class: "only-w", width: 860, label: 262, x1: 306, x2: 560, right: 574, runes: 15, row: 26, named: true}
	slopePhone = slopeFrame{class: "only-n", width: 340, label: 138, x1: 182, x2: 300, right: 312, runes: 8, row: 26}
)

const slopeTop = 30

// slopeOf draws the units of a class that have a place in both rankings.
func slopeOf(t *locale.Translator, rows []moveRow) slope {
	var in []moveRow
	for _, r := range rows {
		if r.Before.Rank > 0 && r.After.Rank > 0 {
			in = append(in, r)
		}
	}
	if len(in) < 2 {
		return slope{}
	}
	return slope{Views: []slopeView{drawSlope(slopeWide, in), drawSlope(slopePhone, in)}}
}

func drawSlope(f slopeFrame, rows []moveRow) slopeView {
	v := slopeView{Class: f.class, Width: f.width, Height: slopeTop + len(rows)*f.row, X1: f.x1, X2: f.x2, Label: f.label, Right: f.right, Range: f.x1 - 12}
	after := slices.Clone(rows)
	slices.SortStableFunc(after, func(a, b moveRow) int { return cmp.Compare(a.After.Rank, b.After.Rank) })
	at := func(i int) int { return slopeTop + i*f.row + f.row/2 }
	for i, r := range rows {
		j := slices.IndexFunc(after, func(x moveRow) bool { return x.Unit == r.Unit })
		l := slopeLine{Left: shorten(r.Name, f.runes), RankA: r.RankWas, RankB: r.RankIs, Y1: at(i), Y2: at(j), T1: at(i) + 4, T2: at(j) + 4,
			Low: at(min(r.Before.Best, len(rows)) - 1), High: at(min(r.Before.Worst, len(rows)) - 1)}
		if f.named {
			l.Right = shorten(r.Name, f.runes)
		}
		switch {
		case r.Beyond:
			l.Kind = "beyond"
		case r.Places != "":
			l.Kind = "moved"
		}
		v.Lines = append(v.Lines, l)
	}
	return v
}
