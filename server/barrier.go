package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/org"
	"pingyi/templates"
)

// barrierRoutes: structural items, what stands behind many similar issues.
func (s *Server) barrierRoutes() []route {
	desk := either(offices, only(org.RoleSupervision))
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/barriers", desk, s.barriers("/o/barriers")),
		post("/o/barriers", desk, s.openBarrier),
		get("/o/barriers/:barrier", desk, s.barrier("/o/barriers")),
		post("/o/barriers/:barrier/:step", desk, s.barrierStep("/o/barriers")),
		get("/d/barriers", unit, s.barriers("/d/barriers")),
		get("/d/barriers/:barrier", unit, s.barrier("/d/barriers")),
		post("/d/barriers/:barrier/:step", unit, s.barrierStep("/d/barriers")),
		get("/l/barriers", leaders, s.barriers("/l/barriers")),
		get("/l/barriers/:barrier", leaders, s.barrier("/l/barriers")),
	}
}

// barrierRow is an item with how it stands in words.
type barrierRow struct {
	passing.Barrier
	Words, Tag string
}

// clusterRow is a proposal in words, with all the form needs.
type clusterRow struct {
	passing.Cluster
	UnitName string
	Refs     string
}

type barriersPage struct {
	templates.Page
	Rows       []barrierRow
	Clusters   []clusterRow
	Base       string
	Desk       bool
	Units      []choice
	Categories []choice
	Form       passing.ItemDraft
	Refs       string
}

func (s *Server) barrierRow(c *gin.Context, p *templates.Page, b passing.Barrier, cal *calendar.Calendar) barrierRow {
	r := barrierRow{Barrier: b, Words: p.T("barrier.state-" + b.State), Tag: "ok"}
	if b.State == "open" {
		r.Words, r.Tag = s.left(c, p, b.DueOn, cal)
	} else if b.State == "reported" {
		r.Tag = "warn"
	}
	return r
}

func (s *Server) barriersPage(c *gin.Context, base string) (*barriersPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &barriersPage{Page: s.page(c, "barrier.title"), Base: base, Desk: base == "/o/barriers"}
	s.conduct(&p.Page, a, base)
	list, err := s.Passing.Items(ctx, a)
	if err != nil {
		return nil, err
	}
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		p.Rows = append(p.Rows, s.barrierRow(c, &p.Page, b, cal))
	}
	if !p.Desk {
		return p, nil
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	p.Categories = numbers(p.Translator, "category.", feedback.Categories)
	clusters, err := s.Passing.Clusters(ctx, a)
	if err != nil {
		return nil, err
	}
	units, err := s.unitsByID(ctx)
	for _, k := range clusters[:min(len(clusters), 10)] {
		r := clusterRow{Cluster: k, UnitName: units[k.Unit].Names.In(p.Lang())}
		for _, i := range k.Issues {
			r.Refs = strings.TrimSpace(r.Refs + " " + i.Ref)
		}
		p.Clusters = append(p.Clusters, r)
	}
	p.prefill(c)
	return p, err
}

// prefill takes a proposal into the form: ?from= names its first issue.
func (p *barriersPage) prefill(c *gin.Context) {
	for _, k := range p.Clusters {
		if c.Query("from") == k.Issues[0].Ref {
			p.Form = passing.ItemDraft{Category: k.Category, Unit: k.Unit, Title: k.Issues[0].Title}
			p.Refs = k.Refs
		}
	}
}

func (s *Server) barriers(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.barriersPage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/barriers", p)
		return nil
	}
}

// refsOf reads issue numbers separated by anything.
func refsOf(line string) []string {
	return strings.FieldsFunc(strings.ToUpper(line), func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

func (s *Server) openBarrier(c *gin.Context) error {
	p, err := s.barriersPage(c, "/o/barriers")
	if err != nil {
		return err
	}
	p.Idem, p.Refs = idem(c), line(c, "refs")
	category, _ := strconv.Atoi(line(c, "category"))
	p.Form = passing.ItemDraft{Title: text(c, "title"), Category: category, Unit: formID[org.UnitID](c, "unit"), Goal: text(c, "goal"), Due: line(c, "due"), Refs: refsOf(p.Refs)}
	ref, err := s.Passing.OpenItem(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "passing/barriers", p, "title", "category", "unit", "goal", "due", "refs")
	}
	s.redirect(c, "/o/barriers/"+ref, "barrier-opened")
	return nil
}

// bar is a month of the trend as the chart draws it.
type bar struct {
	passing.Month
	X, Y, H int
	Label   string // shown under every third
}

// Size of the trend chart.
const (
	trendStep, trendHeight = 40, 120
)

type barrierPage struct {
	templates.Page
	Row      barrierRow
	Base     string
	Steps    []passing.BarrierStep
	Linked   []passing.LinkedIssue
	Bars     []bar
	Finding  string // the trend in a sentence
	Measures bool
	Decides  bool
	Links    bool
	Text     string
	Refs     string
}

func (s *Server) barrierPage(c *gin.Context, base string) (*barrierPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	b, steps, linked, err := s.Passing.Item(ctx, a, c.Param("barrier"))
	if err != nil {
		return nil, err
	}
	p := &barrierPage{Page: s.page(c, "barrier.one-title", "Ref", b.Ref), Base: base, Steps: steps, Linked: linked}
	s.conduct(&p.Page, a, base)
	p.Back = templates.Link{Href: base, Label: p.T("barrier.title")}
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	p.Row = s.barrierRow(c, &p.Page, b, cal)
	trend, err := s.Passing.Trend(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	p.Bars = bars(trend)
	p.Finding = p.T("barrier.finding", "Count", b.Issues, "After", b.After)
	p.Measures, p.Decides, p.Links = b.MayStep(a, "measure"), b.MayStep(a, "close"), b.MayStep(a, "link")
	return p, nil
}

// bars gives the months of a trend their geometry.
func bars(trend []passing.Month) []bar {
	most := 1
	for _, m := range trend {
		most = max(most, m.Issues)
	}
	out := make([]bar, len(trend))
	for i, m := range trend {
		h := m.Issues * trendHeight / most
		out[i] = bar{Month: m, X: i*trendStep + 6, Y: trendHeight - h + 16, H: h}
		if i%3 == 2 {
			out[i].Label = m.Month
		}
	}
	return out
}

func (s *Server) barrier(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.barrierPage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/barrier", p)
		return nil
	}
}

func (s *Server) barrierStep(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.barrierPage(c, base)
		if err != nil {
			return err
		}
		ctx, a, kind := c.Request.Context(), actor(c), c.Param("step")
		p.Idem, p.Text, p.Refs = idem(c), text(c, "text"), line(c, "refs")
		switch {
		case kind == "link":
			err = s.Passing.LinkMore(ctx, a, p.Row.Ref, refsOf(p.Refs))
		case slices.Contains([]string{"measure", "report", "return", "close"}, kind):
			err = s.Passing.Step(ctx, a, p.Row.Ref, kind, p.Text, p.Idem)
		default:
			return errNotFound
		}
		if err != nil {
			return s.refuseIn(c, err, "passing/barrier", p, "text", "refs")
		}
		s.redirect(c, base+"/"+p.Row.Ref, "barrier-"+kind)
		return nil
	}
}
