package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/templates"
)

// sponsorRoutes: the sponsor groups, and what leader and member units see of the
// company they sponsor.
func (s *Server) sponsorRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/sponsors", ledger.ReadsProjects, s.sponsors),
		get("/o/sponsors/new", care.KeepsSponsors, s.sponsorForm),
		post("/o/sponsors/new", care.KeepsSponsors, s.sponsorSave),
		get("/o/sponsors/:group", ledger.ReadsProjects, s.sponsor),
		post("/o/sponsors/:group", care.KeepsSponsors, s.sponsorEnd),
		get("/o/sponsors/:group/edit", care.KeepsSponsors, s.sponsorForm),
		post("/o/sponsors/:group/edit", care.KeepsSponsors, s.sponsorSave),
		get("/l/sponsors", leaders, s.sponsors),
		get("/l/sponsors/:group", leaders, s.sponsor),
		get("/d/sponsors", unit, s.sponsors),
		get("/d/sponsors/:group", unit, s.sponsor),
	}
}

// sponsorBase is where the pages of sponsor groups begin that the reader is on.
func sponsorBase(c *gin.Context) string { return c.Request.URL.Path[:2] + "/sponsors" }

type sponsorsPage struct {
	templates.Page
	Rows    []care.Group
	Missing []care.Charge
	Total   int
	Pager   templates.Pager
	Base    string
	Keeps   bool
	Today   calendar.Date
}

func (s *Server) sponsors(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := sponsorsPage{Page: s.page(c, "sponsor.title"), Base: sponsorBase(c), Keeps: care.KeepsSponsors(a), Today: calendar.DateOf(s.Now())}
	if p.Base != "/o/sponsors" {
		p.Title = p.T("sponsor.own-title")
	}
	var err error
	if p.Rows, p.Total, err = s.Sponsors.Groups(ctx, a, p.Base == "/l/sponsors", pageNumber(c), 20); err != nil {
		return err
	}
	if p.Base == "/o/sponsors" {
		if p.Missing, err = s.Sponsors.Missing(ctx, a); err != nil {
			return err
		}
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	s.show(c, http.StatusOK, "contact/sponsors", &p)
	return nil
}

type sponsorPage struct {
	templates.Page
	Group  care.Group
	View   care.View
	Sees   bool // the items of the company, as far as the reader may
	Base   string
	Keeps  bool
	Leads  bool // the reader leads this group
	Member bool // the reader's unit is a member
	State  string
	Why    string
}

func (s *Server) sponsorPage(c *gin.Context) (*sponsorPage, error) {
	id, err := pathID[care.GroupID](c, "group")
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &sponsorPage{Page: s.page(c, "sponsor.title"), Base: sponsorBase(c), Keeps: care.KeepsSponsors(a)}
	p.Back = templates.Link{Href: p.Base, Label: p.T("sponsor.title")}
	if p.Group, err = s.Sponsors.Group(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Base == "/l/sponsors" && p.Group.Leader != a.Account {
		return nil, errNotFound
	}
	p.Leads, p.Member, p.State = p.Group.Leader == a.Account, a.Is(org.RoleHead, org.RoleOfficer), p.Group.State(calendar.DateOf(s.Now()))
	p.View, p.Sees, err = s.Sponsors.View(ctx, a, p.Group)
	p.Title = p.T("sponsor.of", "Name", s.sponsored(&p.Page, p.Group))
	return p, err
}

// sponsored is what a group sponsors, in the reader's language.
func (s *Server) sponsored(p *templates.Page, g care.Group) string {
	if g.Project != 0 {
		return g.ProjectIs.In(p.Lang())
	}
	return g.CompanyIs.In(p.Lang())
}

func (s *Server) sponsor(c *gin.Context) error {
	p, err := s.sponsorPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/sponsor", p)
	return nil
}

// sponsorEnd ends a group before its term.
func (s *Server) sponsorEnd(c *gin.Context) error {
	p, err := s.sponsorPage(c)
	if err != nil {
		return err
	}
	p.Why = text(c, "why")
	if err := s.Sponsors.End(c.Request.Context(), actor(c), p.Group.ID, p.Why); err != nil {
		return s.refuseIn(c, err, "contact/sponsor", p, "why")
	}
	s.redirect(c, p.Base+"/"+idText(p.Group.ID), "sponsor-ended")
	return nil
}

type sponsorForm struct {
	templates.Page
	ID                       care.GroupID
	Form                     care.GroupDraft
	Chosen                   []string // units, as values
	Projects, Leaders, Units []choice
}

func (s *Server) sponsorFormPage(c *gin.Context) (*sponsorForm, error) {
	ctx, a := c.Request.Context(), actor(c)
	today := calendar.DateOf(s.Now())
	p := &sponsorForm{Page: s.page(c, "sponsor.new"), Form: care.GroupDraft{From: string(today), Until: strconv.Itoa(today.Year()+1) + "-12-31"}}
	p.Narrow = true
	p.Back = templates.Link{Href: "/o/sponsors", Label: p.T("sponsor.title")}
	leaders, err := s.Sponsors.Leaders(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, l := range leaders {
		p.Leaders = append(p.Leaders, choice{Value: idText(l.ID), Label: l.Name + " · " + p.T("post."+l.Post)})
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	if c.Param("group") != "" {
		return p, s.sponsorOld(c, p)
	}
	projects, _, err := s.Projects.List(ctx, a, ledger.ProjectFilter{Page: 1, Size: 500})
	for _, x := range projects {
		p.Projects = append(p.Projects, choice{Value: idText(x.ID), Label: x.No + " " + x.In(p.Lang())})
	}
	p.Form.Project = ledger.ProjectID(formQuery(c, "project"))
	return p, err
}

// sponsorOld fills the form with the group it changes.
func (s *Server) sponsorOld(c *gin.Context, p *sponsorForm) error {
	id, err := pathID[care.GroupID](c, "group")
	if err != nil {
		return err
	}
	g, err := s.Sponsors.Group(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	p.ID, p.Title = id, p.T("sponsor.edit")
	p.Back = templates.Link{Href: "/o/sponsors/" + idText(id), Label: s.sponsored(&p.Page, g)}
	p.Form = care.GroupDraft{Project: g.Project, Leader: g.Leader, Plan: g.Plan, From: string(g.From), Until: string(g.Until), Version: g.Version}
	for _, m := range g.Members {
		p.Chosen = append(p.Chosen, idText(m.Unit))
	}
	return nil
}

func (s *Server) sponsorForm(c *gin.Context) error {
	p, err := s.sponsorFormPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/sponsor-form", p)
	return nil
}

// sponsorSave sets a group up, or changes one.
func (s *Server) sponsorSave(c *gin.Context) error {
	p, err := s.sponsorFormPage(c)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(line(c, "version"))
	p.Idem, p.Chosen = idem(c), c.PostFormArray("units")
	p.Form = care.GroupDraft{Project: formID[ledger.ProjectID](c, "project"), Licence: line(c, "licence"), Leader: formID[org.AccountID](c, "leader"), Plan: text(c, "plan"),
		From: line(c, "from"), Until: line(c, "until"), Version: version}
	for _, v := range p.Chosen {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			p.Form.Units = append(p.Form.Units, org.UnitID(n))
		}
	}
	if p.ID == 0 {
		p.ID, err = s.Sponsors.SetUp(c.Request.Context(), actor(c), p.Form, p.Idem)
	} else {
		err = s.Sponsors.Change(c.Request.Context(), actor(c), p.ID, p.Form)
	}
	if err != nil {
		return s.refuseIn(c, err, "contact/sponsor-form", p, "project", "licence", "leader", "units", "plan", "from", "until")
	}
	s.redirect(c, "/o/sponsors/"+idText(p.ID), "sponsor-saved")
	return nil
}
