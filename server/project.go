package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/care"
	"pingyi/ledger"
	"pingyi/templates"
)

// projectRoutes: the projects, and who is responsible for the key ones.
func (s *Server) projectRoutes() []route {
	return []route{
		get("/o/projects", ledger.ReadsProjects, s.projects),
		get("/o/projects/new", ledger.KeepsProjects, s.projectForm),
		post("/o/projects/new", ledger.KeepsProjects, s.projectEnter),
		get("/o/projects/:project", ledger.ReadsProjects, s.project),
		get("/o/projects/:project/edit", ledger.KeepsProjects, s.projectForm),
		post("/o/projects/:project/edit", ledger.KeepsProjects, s.projectChange),
	}
}

type projectsPage struct {
	templates.Page
	Rows   []ledger.Project
	Filter ledger.ProjectFilter
	Total  int
	Pager  templates.Pager
	Keeps  bool
}

func (s *Server) projects(c *gin.Context) error {
	p := projectsPage{Page: s.page(c, "project.title"), Keeps: ledger.KeepsProjects(actor(c)),
		Filter: ledger.ProjectFilter{KeyOnly: c.Query("key") == "1", Search: clean(c.Query("q")), Page: pageNumber(c), Size: 20}}
	var err error
	if p.Rows, p.Total, err = s.Projects.List(c.Request.Context(), actor(c), p.Filter); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), p.Filter.Page, p.Filter.Size, p.Total)
	s.show(c, http.StatusOK, "project/list", &p)
	return nil
}

type projectPage struct {
	templates.Page
	Project ledger.Project
	Persons []ledger.Person
	Contact care.Contact
	Keeps   bool
}

func (s *Server) project(c *gin.Context) error {
	id, err := pathID[ledger.ProjectID](c, "project")
	if err != nil {
		return err
	}
	p := projectPage{Page: s.page(c, "project.title"), Keeps: ledger.KeepsProjects(actor(c))}
	if p.Project, err = s.Projects.Get(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	if p.Persons, err = s.Projects.Persons(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	charge, err := s.Contacts.Charge(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	p.Contact = charge.Contact
	p.Title, p.Caption = p.Project.In(p.Lang()), p.T("project.no")+" "+p.Project.No
	p.Back = templates.Link{Href: "/o/projects", Label: p.T("project.title")}
	s.show(c, http.StatusOK, "project/one", &p)
	return nil
}

type projectFormPage struct {
	templates.Page
	ID                     ledger.ProjectID
	Form                   ledger.ProjectDraft
	Areas, Classes, States []choice
}

func (s *Server) projectFormPage(c *gin.Context) (*projectFormPage, error) {
	p := &projectFormPage{Page: s.page(c, "project.new"), Form: ledger.ProjectDraft{Area: ledger.Areas[0], State: ledger.ProjectStates[0]}}
	p.Narrow = true
	p.Areas, p.Classes = choices(p.Translator, "project.area-", ledger.Areas), choices(p.Translator, "project.class-", ledger.Classes)
	p.States = choices(p.Translator, "project.state-", ledger.ProjectStates)
	p.Back = templates.Link{Href: "/o/projects", Label: p.T("project.title")}
	if c.Param("project") == "" {
		return p, nil
	}
	id, err := pathID[ledger.ProjectID](c, "project")
	if err != nil {
		return nil, err
	}
	x, err := s.Projects.Get(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	p.ID, p.Title = id, p.T("project.edit")
	p.Back = templates.Link{Href: "/o/projects/" + idText(id), Label: x.In(p.Lang())}
	p.Form = ledger.ProjectDraft{No: x.No, ZH: x.ZH, EN: x.EN, RU: x.RU, Licence: x.Licence, Investor: x.Investor, Area: x.Area, Class: x.Class, State: x.State,
		Key: x.Key, LeadingOrg: x.LeadingOrg, Person: x.Person, Post: x.PersonPost, Phone: x.Phone, Version: x.Version}
	return p, nil
}

func (s *Server) projectForm(c *gin.Context) error {
	p, err := s.projectFormPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "project/form", p)
	return nil
}

// projectTyped reads the form into the page.
func (s *Server) projectTyped(c *gin.Context) (*projectFormPage, error) {
	p, err := s.projectFormPage(c)
	if err != nil {
		return nil, err
	}
	version, _ := strconv.Atoi(line(c, "version"))
	p.Idem = idem(c)
	p.Form = ledger.ProjectDraft{No: line(c, "no"), ZH: text(c, "name_zh"), EN: text(c, "name_en"), RU: text(c, "name_ru"), Licence: line(c, "licence"),
		Investor: text(c, "investor"), Area: c.PostForm("area"), Class: c.PostForm("class"), State: c.PostForm("state"), Key: ticked(c, "key"),
		LeadingOrg: text(c, "leading_org"), Person: text(c, "person"), Post: text(c, "post"), Phone: line(c, "phone"), Version: version}
	return p, nil
}

// projectFields are the fields of the form from top to bottom.
var projectFields = []string{"no", "name_zh", "name_en", "name_ru", "licence", "investor", "area", "class", "state", "key", "leading_org", "person", "post", "phone"}

func (s *Server) projectEnter(c *gin.Context) error {
	p, err := s.projectTyped(c)
	if err != nil {
		return err
	}
	id, err := s.Projects.Enter(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "project/form", p, projectFields...)
	}
	s.redirect(c, "/o/projects/"+idText(id), "project-saved")
	return nil
}

func (s *Server) projectChange(c *gin.Context) error {
	p, err := s.projectTyped(c)
	if err != nil {
		return err
	}
	if err := s.Projects.Change(c.Request.Context(), actor(c), p.ID, p.Form); err != nil {
		return s.refuseIn(c, err, "project/form", p, projectFields...)
	}
	s.redirect(c, "/o/projects/"+idText(p.ID), "project-saved")
	return nil
}
