package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/org"
	"pingyi/templates"
)

// dutyRoutes: the catalogue of duties, public; the two offices keep it.
func (s *Server) dutyRoutes() []route {
	duty := either(offices, only(org.RoleSupervision))
	return []route{
		get("/duties", anyone, s.duties),
		get("/o/duties", duty, s.dutyDesk),
		post("/o/duties", offices, s.addDuty),
		post("/o/duties/:duty/end", offices, s.endDuty),
		post("/o/duties/gaps/:gap", offices, s.dismissGap),
	}
}

// dutyGroup is the catalogue of a category.
type dutyGroup struct {
	Category int
	Items    []passing.Duty
}

type dutyPage struct {
	templates.Page
	Groups     []dutyGroup
	Total      int
	Keeps      bool // the reader keeps the catalogue
	Desk       bool
	Gaps       []passing.OpenGap
	Open       int
	Units      []choice
	Categories []choice
	Unit       org.UnitID // filter
	Form       passing.DutyDraft
	Why        string
	GapID      int64 // the gap whose form came back
}

func (s *Server) dutyPage(c *gin.Context, desk bool) (*dutyPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &dutyPage{Page: s.page(c, "duty.title"), Desk: desk, Keeps: desk && a.IsOffice()}
	base := "/duties"
	if desk {
		base = "/o/duties"
	}
	s.conduct(&p.Page, a, base)
	if n, err := strconv.ParseInt(c.Query("unit"), 10, 64); err == nil && n > 0 {
		p.Unit = org.UnitID(n)
	}
	all, err := s.Passing.Duties(ctx, p.Unit, 0)
	if err != nil {
		return nil, err
	}
	p.Total = len(all)
	for _, d := range all {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Category != d.Category {
			p.Groups = append(p.Groups, dutyGroup{Category: d.Category})
		}
		last := &p.Groups[len(p.Groups)-1]
		last.Items = append(last.Items, d)
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil || !desk {
		return p, err
	}
	p.Categories = numbers(p.Translator, "category.", feedback.Categories)
	if p.Gaps, err = s.Passing.Gaps(ctx, a); err != nil {
		return nil, err
	}
	for _, g := range p.Gaps {
		if g.State == "open" {
			p.Open++
		}
	}
	return p, nil
}

func (s *Server) duties(c *gin.Context) error {
	p, err := s.dutyPage(c, false)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "passing/duties", p)
	return nil
}

func (s *Server) dutyDesk(c *gin.Context) error {
	p, err := s.dutyPage(c, true)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "passing/duties", p)
	return nil
}

func (s *Server) addDuty(c *gin.Context) error {
	p, err := s.dutyPage(c, true)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	category, _ := strconv.Atoi(line(c, "category"))
	p.Form = passing.DutyDraft{Unit: formID[org.UnitID](c, "unit"), Category: category, Clause: text(c, "clause"), Text: text(c, "text"), Gap: formID[int64](c, "gap")}
	if err := s.Passing.AddDuty(c.Request.Context(), actor(c), p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "passing/duties", p, "unit", "category", "clause", "text")
	}
	s.redirect(c, "/o/duties", "duty-added")
	return nil
}

func (s *Server) endDuty(c *gin.Context) error {
	id, err := pathID[passing.DutyID](c, "duty")
	if err != nil {
		return err
	}
	if err := s.Passing.EndDuty(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	s.redirect(c, "/o/duties", "duty-ended")
	return nil
}

func (s *Server) dismissGap(c *gin.Context) error {
	id, err := pathID[passing.DutyID](c, "gap")
	if err != nil {
		return err
	}
	p, err := s.dutyPage(c, true)
	if err != nil {
		return err
	}
	p.Why, p.GapID = text(c, "why"), int64(id)
	if err := s.Passing.DismissGap(c.Request.Context(), actor(c), int64(id), p.Why); err != nil {
		return s.refuseIn(c, err, "passing/duties", p, "why")
	}
	s.redirect(c, "/o/duties", "gap-dismissed")
	return nil
}
