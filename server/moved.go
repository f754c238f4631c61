package server

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/templates"
)

type movedPage struct {
	templates.Page
	Year     int
	Years    []int
	Moved    evaluation.Moved
	Finding  string
	Rows     []shareRow // by component
	Details  []shareRow // every move
	Gains    []gainRow
	Versions bool
	Second   bool // there is an earlier version of this year
}

// shareRow is a part of the change, in words, with its bar: from the middle of 200.
type shareRow struct {
	What, Points string
	Up           bool
	X, Width     float64
	points       float64
	exact        evaluation.Exact
}

// finishMoves writes the points, puts the largest first and draws the bars.
func finishMoves(t *locale.Translator, rows []shareRow) {
	most := 0.0
	for i := range rows {
		r := &rows[i]
		r.points = r.exact.Float()
		r.Points, r.Up = signed(t, r.points, 4), r.points > 0
		most = math.Max(most, math.Abs(r.points))
	}
	slices.SortStableFunc(rows, func(a, b shareRow) int { return cmp.Compare(math.Abs(b.points), math.Abs(a.points)) })
	for i := range rows {
		r := &rows[i]
		if r.X = 100; most > 0 {
			r.Width = tenth(98 * math.Abs(r.points) / most)
		}
		if !r.Up {
			r.X = tenth(100 - r.Width)
		}
	}
}

type gainRow struct {
	What, Points string
	Rank         int
}

// moved shows a unit what moved its score and what would raise it.
func (s *Server) moved(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := movedPage{Page: s.page(c, "moved.title"), Versions: c.Query("since") == "version"}
	p.Back = templates.Link{Href: "/d/scores", Label: p.T("scores.title")}
	var err error
	if p.Years, err = s.Evaluation.PublishedYears(ctx); err != nil {
		return err
	}
	if p.Year = formQuery(c, "year"); p.Year == 0 && len(p.Years) > 0 {
		p.Year = p.Years[0]
	}
	if p.Year != 0 {
		if p.Moved, err = s.Evaluation.Moved(ctx, a, a.Unit, p.Year, p.Versions); err != nil {
			return err
		}
		p.Second = p.Moved.After.Version > 1
		p.words()
	}
	s.show(c, http.StatusOK, "unit/moved", &p)
	return nil
}

// words puts the change and the gains into words.
func (p *movedPage) words() {
	m, t := p.Moved, p.Translator
	for _, g := range m.Gains {
		args := []any{"Count", g.Count}
		if g.Kind == evaluation.GainCases {
			args = append(args, "Rule", ruleName(t, m.Is, g.Rule))
		}
		p.Gains = append(p.Gains, gainRow{t.T("gain."+g.Kind, args...), "+" + t.Number(g.Points.Text(2)), g.Rank})
	}
	if !m.Split {
		return
	}
	sums, order := map[string]evaluation.Exact{}, []string{}
	for _, x := range m.Moves {
		p.Details = append(p.Details, shareRow{What: moveWords(t, m, x), exact: x.Points})
		part := moveWords(t, m, x)
		if len(x.Path) > 0 {
			part = pathWords(t, m, x.Path[:1])
		}
		if _, known := sums[part]; !known {
			order = append(order, part)
		}
		sums[part] = evaluation.Sum(sums[part], x.Points)
	}
	for _, part := range order {
		p.Rows = append(p.Rows, shareRow{What: part, exact: sums[part]})
	}
	finishMoves(t, p.Rows)
	finishMoves(t, p.Details)
	change := m.To.Total.Float() - m.From.Total.Float()
	key := "moved.same"
	switch {
	case change > 0:
		key = "moved.rose"
	case change < 0:
		key = "moved.fell"
	}
	p.Finding = t.T(key, "By", t.Float(math.Abs(change), 4), "Old", t.Number(m.From.Total.Text(4)), "New", t.Number(m.To.Total.Text(4)))
	if len(p.Rows) > 0 {
		p.Finding = sentences(t, p.Finding, t.T("moved.most", "What", p.Rows[0].What, "Points", signed(t, p.Rows[0].points, 2)))
	}
}

// moveWords says what a move comes from.
func moveWords(t *locale.Translator, m evaluation.Moved, x evaluation.Contribution) string {
	switch x.Kind {
	case evaluation.MoveBonus, evaluation.MoveDeduction:
		name := ruleName(t, m.Is, x.Rule)
		if name == x.Rule {
			name = ruleName(t, m.Was, x.Rule)
		}
		return t.T("moved."+x.Kind, "Name", name)
	case evaluation.MoveBonusCap, evaluation.MoveDeductCap, evaluation.MoveLimits:
		return t.T("moved." + strings.ReplaceAll(x.Kind, "_", "-"))
	}
	what := t.T("moved."+x.Kind, "Name", pathWords(t, m, x.Path))
	if x.Scaled {
		what = sentences(t, what, t.T("moved.scaled"))
	}
	return what
}

// pathWords names a part, or the campaign and group within it.
func pathWords(t *locale.Translator, m evaluation.Moved, path []string) string {
	if len(path) == 0 {
		return t.T("result.field-base")
	}
	var out []string
	for _, code := range path {
		name := ""
		for _, sc := range []*evaluation.Scheme{m.Was, m.Is} {
			if n, ok := sc.TreeOf(m.To.Class).Find(code); ok {
				name = n.Name.In(t.Lang())
			}
		}
		switch {
		case name != "":
		case t.Has("campaign.kind-" + code):
			name = t.T("campaign.kind-" + code)
		case t.Has("group." + code):
			name = t.T("group." + code)
		default:
			name = code
		}
		out = append(out, name)
	}
	return strings.Join(out, " › ")
}
