package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/org"
	"pingyi/templates"
)

// checkRoutes: checks of units, and what they are to rectify.
func (s *Server) checkRoutes() []route {
	unit, desk := only(org.RoleHead, org.RoleOfficer), either(offices, only(org.RoleSupervision))
	return []route{
		get("/o/checks", desk, s.unitChecks),
		post("/o/checks", desk, s.enterUnitCheck),
		get("/o/checks/:check", desk, s.unitCheck),
		post("/o/checks/:check/finding", desk, s.unitCheckStep("finding")),
		post("/o/checks/:check/done", desk, s.unitCheckStep("done")),
		post("/o/checks/:check/return", desk, s.unitCheckStep("return")),
		get("/d/checks", unit, s.unitChecks),
		get("/d/checks/:check", unit, s.unitCheck),
		post("/d/checks/:check/report", unit, s.unitCheckStep("report")),
	}
}

type unitChecksPage struct {
	templates.Page
	Base  string
	Desk  bool
	Rows  []care.Check
	Pager templates.Pager
	Today calendar.Date
	Units []choice
	Form  care.CheckDraft
}

func (s *Server) unitChecksPage(c *gin.Context) (*unitChecksPage, error) {
	a := actor(c)
	p := &unitChecksPage{Page: s.page(c, "unitcheck.title"), Desk: !a.Is(org.RoleHead, org.RoleOfficer), Base: "/d/checks", Today: calendar.DateOf(s.Now())}
	if p.Desk {
		p.Base = "/o/checks"
	}
	list, total, err := s.Checks.Checks(c.Request.Context(), a, pageNumber(c), 20)
	if err != nil {
		return nil, err
	}
	p.Rows, p.Pager = list, templates.NewPager(p.Base, c.Request.URL.Query(), pageNumber(c), 20, total)
	if p.Desk {
		p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	}
	return p, err
}

func (s *Server) unitChecks(c *gin.Context) error {
	p, err := s.unitChecksPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/checks", p)
	return nil
}

func (s *Server) enterUnitCheck(c *gin.Context) error {
	p, err := s.unitChecksPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = care.CheckDraft{Unit: formID[org.UnitID](c, "unit"), On: line(c, "on"), Inspectors: text(c, "inspectors"), Items: text(c, "items")}
	ref, err := s.Checks.Enter(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "care/checks", p, "unit", "on", "inspectors", "items")
	}
	s.redirect(c, "/o/checks/"+ref, "check-entered")
	return nil
}

type unitCheckPage struct {
	templates.Page
	X     care.Check
	Base  string
	Desk  bool
	Today calendar.Date
	Form  care.FindingDraft
	Text  string
	At    int64 // the finding the text was typed for
}

func (s *Server) unitCheckPage(c *gin.Context) (*unitCheckPage, error) {
	a := actor(c)
	x, err := s.Checks.Check(c.Request.Context(), a, c.Param("check"))
	if err != nil {
		return nil, err
	}
	p := &unitCheckPage{Page: s.page(c, "unitcheck.one", "Ref", x.Ref), X: x, Desk: !a.Is(org.RoleHead, org.RoleOfficer), Base: "/d/checks", Today: calendar.DateOf(s.Now())}
	if p.Desk {
		p.Base = "/o/checks"
	}
	p.Narrow, p.Back = true, templates.Link{Href: p.Base, Label: p.T("unitcheck.title")}
	return p, nil
}

func (s *Server) unitCheck(c *gin.Context) error {
	p, err := s.unitCheckPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/check", p)
	return nil
}

// unitCheckStep adds a finding, or moves one on.
func (s *Server) unitCheckStep(step string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.unitCheckPage(c)
		if err != nil {
			return err
		}
		ctx, a := c.Request.Context(), actor(c)
		p.Idem = idem(c)
		if step == "finding" {
			p.Form = care.FindingDraft{Text: text(c, "text"), Evidence: text(c, "evidence"), Rectify: ticked(c, "rectify"), Due: line(c, "due")}
			err = s.Checks.Add(ctx, a, p.X.Ref, p.Form, p.Idem)
		} else {
			p.Text, p.At = text(c, "text"), formID[int64](c, "at")
			err = s.Checks.Step(ctx, a, p.X.Ref, p.At, step, p.Text)
		}
		if err != nil {
			return s.refuseIn(c, err, "care/check", p, "text", "evidence", "due")
		}
		s.redirect(c, p.Base+"/"+p.X.Ref, "check-"+step)
		return nil
	}
}
