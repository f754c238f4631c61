package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/shield"
	"pingyi/org"
	"pingyi/templates"
)

// inspectionRoutes: what units did at companies, entered by units and offices.
func (s *Server) inspectionRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/d/inspections", unit, s.inspections),
		post("/d/inspections", unit, s.addInspection),
		post("/d/inspections/plans", unit, s.addPlan),
		get("/o/inspections", either(offices, only(org.RoleSupervision)), s.inspections),
		post("/o/inspections", offices, s.addInspection),
	}
}

type inspectionPage struct {
	templates.Page
	Rows    []shield.Inspection
	Total   int
	Pager   templates.Pager
	Plans   []shield.Plan
	Kinds   []choice
	Units   []choice
	Base    string
	Own     bool // the reader's own unit
	Enters  bool
	Form    shield.InspectionDraft
	Licence string
	Plan    shield.PlanDraft
	PlanFor string // licence typed into the form of a plan
}

func (s *Server) inspectionPage(c *gin.Context) (*inspectionPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &inspectionPage{Page: s.page(c, "shield.records"), Own: a.Is(org.RoleHead, org.RoleOfficer), Enters: a.Role != org.RoleSupervision, Base: "/o/inspections"}
	if p.Own {
		p.Base = "/d/inspections"
	}
	s.conduct(&p.Page, a, p.Base)
	var err error
	if p.Rows, p.Total, err = s.Shield.Inspections(ctx, a, pageNumber(c), 20); err != nil {
		return nil, err
	}
	p.Pager = templates.NewPager(p.Base, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	if p.Plans, err = s.Shield.Plans(ctx, a); err != nil {
		return nil, err
	}
	p.Kinds = choices(p.Translator, "shield.kind-", shield.Kinds)
	if !p.Own {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) inspections(c *gin.Context) error {
	p, err := s.inspectionPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/records", p)
	return nil
}

func (s *Server) addInspection(c *gin.Context) error {
	p, err := s.inspectionPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Licence = idem(c), line(c, "licence")
	p.Form = shield.InspectionDraft{Unit: formID[org.UnitID](c, "unit"), Kind: c.PostForm("kind"), On: line(c, "on"), Plan: line(c, "plan"), Basis: text(c, "basis"), NoPlan: text(c, "no_plan"), Amount: line(c, "amount")}
	if p.Form.Company, err = s.Shield.CompanyByLicence(c.Request.Context(), p.Licence); err != nil {
		return err
	}
	if err := s.Shield.AddInspection(c.Request.Context(), actor(c), p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "shield/records", p, "unit", "company", "kind", "on", "plan", "no_plan", "basis", "amount")
	}
	s.redirect(c, p.Base, "inspection-added")
	return nil
}

func (s *Server) addPlan(c *gin.Context) error {
	p, err := s.inspectionPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.PlanFor = idem(c), line(c, "licence")
	p.Plan = shield.PlanDraft{From: line(c, "from"), Until: line(c, "until"), Subject: text(c, "subject")}
	if p.Plan.Company, err = s.Shield.CompanyByLicence(c.Request.Context(), p.PlanFor); err != nil {
		return err
	}
	if _, err := s.Shield.AddPlan(c.Request.Context(), actor(c), p.Plan, p.Idem); err != nil {
		return s.refuseIn(c, err, "shield/records", p, "company", "from", "until", "subject")
	}
	s.redirect(c, p.Base, "plan-added")
	return nil
}
