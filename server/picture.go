package server

import (
	"fmt"
	"math"
	"strings"

	"pingyi/locale"
)

// picture is a drawing of plain shapes in its own units; the partial "pictures" draws
// it. What it shows stands as a sentence above it and as a table below it.
type picture struct {
	Class         string // only-w, only-n
	Width, Height int
	Paths         []shapePath
	Lines         []shapeLine
	Dots          []shapeDot
	Texts         []shapeText
}

type shapePath struct{ Class, D string }

type shapeLine struct {
	Class          string
	X1, Y1, X2, Y2 float64
}

type shapeDot struct {
	Class   string
	X, Y, R float64
}

type shapeText struct {
	Class, Anchor string
	X, Y          float64
	Text          string
}

func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	p.Lines = append(p.Lines, shapeLine{class, tenth(x1), tenth(y1), tenth(x2), tenth(y2)})
}

func (p *picture) dot(class string, x, y, r float64) {
	p.Dots = append(p.Dots, shapeDot{class, tenth(x), tenth(y), r})
}

func (p *picture) text(class, anchor string, x, y float64, text string) {
	p.Texts = append(p.Texts, shapeText{class, anchor, tenth(x), tenth(y), text})
}

// diamond is a mark that is told from a dot without colour.
func (p *picture) diamond(class string, x, y, r float64) {
	p.Paths = append(p.Paths, shapePath{class, fmt.Sprintf("M%.1f %.1fl%.1f %.1f %.1f %.1f %.1f %.1fz", x, y-r, r, r, -r, r, -r, -r)})
}

// curve joins points by straight lines.
func (p *picture) curve(class string, xs, ys []float64) {
	b := strings.Builder{}
	for i := range xs {
		fmt.Fprintf(&b, "%c%.1f %.1f", "LM"[btoi(i == 0)], xs[i], ys[i])
	}
	p.Paths = append(p.Paths, shapePath{class, b.String()})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func tenth(x float64) float64 { return math.Round(10*x) / 10 }

// scale maps values to places of a drawing.
type scale struct{ low, high, from, to float64 }

func (s scale) at(v float64) float64 { return s.from + (s.to-s.from)*(v-s.low)/(s.high-s.low) }

// around is a scale that holds all values, with ends at multiples of step.
func around(values []float64, step, from, to float64) scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if high == low {
		high += step
	}
	return scale{low, high, from, to}
}

// ticks are the multiples of a readable step within the scale, about n of them.
func (s scale) ticks(n int) []float64 {
	step := niceStep(s.high-s.low, n)
	var out []float64
	for v := math.Ceil(s.low/step) * step; v <= s.high; v += step {
		out = append(out, v)
	}
	return out
}

// niceStep is the smallest step of 1, 2 or 5 times a power of ten that cuts a height
// into no more than n.
func niceStep(height float64, n int) float64 {
	for step := 1.0; ; step *= 10 {
		for _, k := range []float64{1, 2, 5} {
			if height/(k*step) <= float64(n) {
				return k * step
			}
		}
	}
}

// apart moves labels at heights ys down until each is at least gap below the one
// above it; the order stays. It returns where they end up.
func apart(ys []float64, gap float64) []float64 {
	out := make([]float64, len(ys))
	order := make([]int, len(ys))
	for i := range order {
		order[i] = i
	}
	for i := 1; i < len(order); i++ {
		for k := i; k > 0 && ys[order[k]] < ys[order[k-1]]; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	last := math.Inf(-1)
	for _, i := range order {
		out[i] = math.Max(ys[i], last+gap)
		last = out[i]
	}
	return out
}

// names joins names as a sentence does, no more than most of them.
func names(t *locale.Translator, all []string, most int) string {
	if len(all) > most {
		return t.T("result.names-more", "Names", strings.Join(all[:most], t.T("result.comma")), "Count", len(all)-most)
	}
	return strings.Join(all, t.T("result.comma"))
}

// sentences puts one sentence after another; Chinese needs no space between them.
func sentences(t *locale.Translator, first, second string) string {
	if t.Lang() == locale.Chinese {
		return first + second
	}
	return first + " " + second
}
