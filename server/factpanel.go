package server

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/templates"
)

type factPage struct {
	templates.Page
	Year    int
	Years   []int
	Own     bool
	Classes []factClass
}

// factClass is the panel of a class with its picture.
type factClass struct {
	drawing
	Class int
	Rows  []factRow
}

type factRow struct {
	evaluation.FactPoint
	Opinion, Fact string
	Rates         map[string]string
}

// factRates are the rates of the table, in order.
var factRates = []string{"response", "solved", "visits", "tasks"}

// RateKeys are the columns of the table.
func (*factPage) RateKeys() []string { return factRates }

// factPanel shows opinion beside facts, to leaders, offices and supervision.
func (s *Server) factPanel(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	p := factPage{Page: s.page(c, "facts.title"), Year: year}
	back := "/o/year/" + strconv.Itoa(year)
	if actor(c).IsLeader() {
		back = "/l/rankings/" + strconv.Itoa(year)
	}
	p.Back = templates.Link{Href: back, Label: p.T("year.title", "Year", year)}
	return s.showFacts(c, &p)
}

// ownFacts shows a unit its own point.
func (s *Server) ownFacts(c *gin.Context) error {
	p := factPage{Page: s.page(c, "facts.title"), Own: true, Year: formQuery(c, "year")}
	p.Back = templates.Link{Href: "/d/scores", Label: p.T("scores.title")}
	var err error
	if p.Years, err = s.Evaluation.PublishedYears(c.Request.Context()); err != nil {
		return err
	}
	if p.Year == 0 && len(p.Years) > 0 {
		p.Year = p.Years[0]
	}
	return s.showFacts(c, &p)
}

func (s *Server) showFacts(c *gin.Context, p *factPage) error {
	all, err := s.Evaluation.FactPanel(c.Request.Context(), actor(c), p.Year)
	if err != nil && !errors.Is(err, evaluation.ErrNoResult) {
		return err
	}
	for _, k := range all {
		if len(k.Points) > 0 {
			p.Classes = append(p.Classes, drawFacts(p.Translator, k, p.Own))
		}
	}
	s.show(c, http.StatusOK, "year/facts", p)
	return nil
}

func drawFacts(t *locale.Translator, k evaluation.FactClass, own bool) factClass {
	out := factClass{Class: k.Class}
	for _, p := range k.Points {
		r := factRow{FactPoint: p, Opinion: t.Number(p.Opinion.Text(1)), Fact: t.Number(p.Fact.Text(1)), Rates: map[string]string{}}
		for _, x := range p.Rates {
			r.Rates[x.Key] = t.Number(x.Value.Text(0)) + "%"
		}
		out.Rows = append(out.Rows, r)
	}
	out.Finding, out.Note = factFinding(t, k, own), t.T("facts.note", "Opinion", t.Float(k.Opinion, 1), "Fact", t.Float(k.Fact, 1))
	out.Views = []picture{factView(t, k, "only-w", 800, 420, 15, own), factView(t, k, "only-n", 340, 320, 8, own)}
	return out
}

// strength puts a correlation into words.
func strength(r float64) string {
	switch a := math.Abs(r); {
	case a < 0.3:
		return "none"
	case r < 0:
		return "against"
	case a < 0.6:
		return "some"
	}
	return "strong"
}

func factFinding(t *locale.Translator, k evaluation.FactClass, own bool) string {
	if !k.Known {
		return t.T("facts.few")
	}
	text := t.T("facts.corr-"+strength(k.Correlation), "R", t.Float(k.Correlation, 2))
	if own {
		key := k.Points[0].Outlier
		if key == "" {
			key = "agree"
		}
		return sentences(t, text, t.T("facts.own-"+key, "Opinion", t.Number(k.Points[0].Opinion.Text(1)), "Fact", t.Number(k.Points[0].Fact.Text(1))))
	}
	var liked, disliked []string
	for _, p := range k.Points {
		switch p.Outlier {
		case evaluation.OutLiked:
			liked = append(liked, p.Name.In(t.Lang()))
		case evaluation.OutDisliked:
			disliked = append(disliked, p.Name.In(t.Lang()))
		}
	}
	if len(liked) > 0 {
		text = sentences(t, text, t.T("facts.liked", "Names", names(t, liked, 4)))
	}
	if len(disliked) > 0 {
		text = sentences(t, text, t.T("facts.disliked", "Names", names(t, disliked, 4)))
	}
	return text
}

func factView(t *locale.Translator, k evaluation.FactClass, class string, width, height, runes int, own bool) picture {
	v := picture{Class: class, Width: width, Height: height}
	xs, ys := []float64{k.Fact}, []float64{k.Opinion}
	for _, p := range k.Points {
		xs, ys = append(xs, p.Fact.Float()), append(ys, p.Opinion.Float())
	}
	x, y := around(xs, 10, 44, float64(width)-16), around(ys, 10, float64(height)-38, 24)
	for _, at := range y.ticks(6) {
		v.line("gl", x.from, y.at(at), x.to, y.at(at))
		v.text("ax", "end", x.from-6, y.at(at)+4, t.Float(at, 0))
	}
	for _, at := range x.ticks(map[bool]int{true: 10, false: 5}[width > 500]) {
		v.line("gl", x.at(at), y.from, x.at(at), y.to)
		v.text("ax", "middle", x.at(at), y.from+18, t.Float(at, 0))
	}
	v.text("ax", "end", x.to, y.from+34, t.T("facts.fact"))
	v.text("ax", "start", 4, 12, t.T("facts.opinion"))
	v.line("mean", x.at(k.Fact), y.from, x.at(k.Fact), y.to)
	v.line("mean", x.from, y.at(k.Opinion), x.to, y.at(k.Opinion))
	var named []evaluation.FactPoint
	var at []float64
	for _, p := range k.Points {
		px, py := x.at(p.Fact.Float()), y.at(p.Opinion.Float())
		switch {
		case own:
			v.dot("pt own", px, py, 7)
		case p.Outlier == evaluation.OutLiked:
			v.dot("pt up", px, py, 6)
		case p.Outlier == evaluation.OutDisliked:
			v.diamond("adj down", px, py, 7)
		default:
			v.dot("pt", px, py, 4.5)
		}
		if p.Outlier != "" || own {
			named, at = append(named, p), append(at, py)
		}
	}
	for i, py := range apart(at, 16) {
		px, anchor, off := x.at(named[i].Fact.Float()), "start", 10.0
		if px > (x.from+x.to)/2 {
			anchor, off = "end", -10
		}
		v.text("lb", anchor, px+off, py+4, shorten(named[i].Name.In(t.Lang()), runes))
	}
	return v
}
