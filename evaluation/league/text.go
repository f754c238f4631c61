package league

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Columns of text are aligned by the width a terminal gives them: Chinese
// characters take two cells.

// nameWidth is the widest a label is printed, in cells.
const nameWidth = 32

// strip is the width of the picture of a rank set, in cells.
const strip = 40

// cells is the width of text on a terminal.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// short is a label fit for one line: without control characters, which could
// command the terminal, and not wider than nameWidth.
func short(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if !unicode.IsGraphic(r) {
			r = unicode.ReplacementChar
		}
		if n += runeCells(r); n > nameWidth-1 {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}

// clean makes all labels fit.
func clean(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = short(t)
	}
	return out
}

// grid is a table of texts: a header, then rows. Columns named in left are aligned
// to the left, the others to the right.
type grid struct {
	rows [][]string
	left []int
}

func (g grid) write(w io.Writer) error {
	widths := map[int]int{}
	for _, r := range g.rows {
		for c, text := range r {
			widths[c] = max(widths[c], cells(text))
		}
	}
	for _, r := range g.rows {
		var b strings.Builder
		for c, text := range r {
			if c > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[c]-cells(text))
			if slices.Contains(g.left, c) {
				b.WriteString(text + pad)
			} else {
				b.WriteString(pad + text)
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// picture draws a rank set among p: a line from low to high, a dot at the rank.
func picture(low, rank, high, p int) string {
	place := func(r int) int {
		if p < 2 {
			return 0
		}
		return (r - 1) * (strip - 1) / (p - 1)
	}
	line := []rune(strings.Repeat(" ", strip))
	for c := place(low); c <= place(high); c++ {
		line[c] = '─'
	}
	if place(low) < place(high) {
		line[place(low)], line[place(high)] = '├', '┤'
	}
	line[place(rank)] = '●'
	return string(line)
}

// axis labels the picture.
func axis(p int) string {
	last := fmt.Sprint(p)
	return "1" + strings.Repeat(" ", strip-1-len(last)) + last
}

// Write prints the league table for people: the best first, those not ranked last.
func (out *Result) Write(w io.Writer) error {
	if err := out.writeHead(w); err != nil {
		return err
	}
	ranked := 0
	for _, d := range out.Departments {
		if d.Rank != nil {
			ranked++
		}
	}
	list := slices.Clone(out.Departments)
	slices.SortStableFunc(list, func(a, b Department) int { return cmp.Compare(place(a), place(b)) })
	// Reliability is cut, not rounded: what shows as the minimum has reached it.
	g := grid{rows: [][]string{{"rank", "set", "tier", "department", "ratings", "raters", "mean", "score", "reliab.", axis(max(ranked, 1))}}, left: []int{3, 9}}
	for _, d := range list {
		row := []string{"-", "", "", short(d.ID), fmt.Sprint(d.N), fmt.Sprint(d.Raters), fmt.Sprintf("%.3f", d.Mean), fmt.Sprintf("%.3f", d.Score), fmt.Sprintf("%.2f", math.Floor(d.Reliability*100)/100), ""}
		if d.Rank == nil {
			row[9] = "not ranked"
		} else {
			row[0] = fmt.Sprint(*d.Rank)
		}
		if d.RankLow != nil {
			row[1] = fmt.Sprintf("%d-%d", *d.RankLow, *d.RankHigh)
			row[2] = fmt.Sprint(*d.Tier)
			row[9] = picture(*d.RankLow, *d.Rank, *d.RankHigh, ranked)
		}
		g.rows = append(g.rows, row)
	}
	if err := g.write(w); err != nil {
		return err
	}
	return out.writeRest(w)
}

// place sorts departments that are not ranked behind the others.
func place(d Department) int {
	if d.Rank == nil {
		return 1 << 30
	}
	return *d.Rank
}

func (out *Result) writeHead(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d ratings, %s, criterion %.6f", out.N, out.Method, out.Criterion)
	if out.Skipped > 0 {
		fmt.Fprintf(&b, "; rows without a score, skipped: %d", out.Skipped)
	}
	b.WriteString("\n\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	g := grid{rows: [][]string{{"variance", "", "theta"}}, left: []int{0}}
	for _, name := range sortedKeys(out.Theta) {
		g.rows = append(g.rows, []string{short(name), fmt.Sprintf("%.6f", out.Variance[name]), fmt.Sprintf("%.6f", out.Theta[name])})
	}
	g.rows = append(g.rows, []string{residual, fmt.Sprintf("%.6f", out.Variance[residual]), ""}, nil, []string{"fixed effect", "estimate", "se"})
	for _, c := range out.Fixed {
		row := []string{short(c.Name), "left out", ""}
		if c.Estimate != nil {
			row[1], row[2] = fmt.Sprintf("%.6f", *c.Estimate), fmt.Sprintf("%.6f", *c.SE)
		}
		g.rows = append(g.rows, row)
	}
	if err := g.write(w); err != nil {
		return err
	}
	b.Reset()
	for _, name := range sortedKeys(out.Baselines) {
		fmt.Fprintf(&b, "%s is compared with %s\n", short(name), short(out.Baselines[name]))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeRest explains the table and lists what else was asked for.
func (out *Result) writeRest(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nrank, tier: among departments with at least %d raters and reliability %.2f\n", out.Minimum.Raters, out.Minimum.Reliability)
	if out.Draws > 0 {
		fmt.Fprintf(&b, "set: all true ranks lie in their sets with probability %.4g %% (seed %d, %d draws)\n", 100*out.Coverage, out.Seed, out.Draws)
	}
	for _, n := range out.Warnings {
		fmt.Fprintf(&b, "WARNING %s: %s\n", n.Code, n.Message)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	for _, name := range sortedKeys(out.Factors) {
		if err := writeLevels(w, name, out.Factors[name]); err != nil {
			return err
		}
	}
	if out.Raters == nil {
		return nil
	}
	return writeLevels(w, "rater", out.Raters)
}

func writeLevels(w io.Writer, name string, list []Level) error {
	g := grid{rows: [][]string{nil, {short(name), "ratings", "mean", "effect", "se"}}, left: []int{0}}
	for _, l := range list {
		g.rows = append(g.rows, []string{short(l.ID), fmt.Sprint(l.N), fmt.Sprintf("%.3f", l.Mean), fmt.Sprintf("%+.3f", l.Effect), fmt.Sprintf("%.3f", math.Sqrt(l.PredictionVariance))})
	}
	return g.write(w)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
