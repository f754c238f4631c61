package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/org"
	"pingyi/templates"
)

// policyRoutes: the library of policies, public; the two offices keep it.
func (s *Server) policyRoutes() []route {
	return []route{
		get("/policies", anyone, s.policies),
		get("/policies/:policy", anyone, s.policy),
		get("/o/policies/new", offices, s.policyForm),
		post("/o/policies/new", offices, s.savePolicy),
		get("/o/policies/:policy", offices, s.policyForm),
		post("/o/policies/:policy", offices, s.savePolicy),
	}
}

// policyRow is a policy in a list.
type policyRow struct {
	care.Policy
	State string
}

type policiesPage struct {
	templates.Page
	Rows   []policyRow
	Total  int
	Pager  templates.Pager
	Filter care.PolicyFilter
	Units  []choice
	States []choice
	Keeps  bool
	Any    bool // the list is limited in some way
}

func (s *Server) policies(c *gin.Context) error {
	ctx := c.Request.Context()
	p := policiesPage{Page: s.page(c, "policy.title"), Keeps: actor(c).IsOffice()}
	p.Filter = care.PolicyFilter{Words: clean(c.Query("q")), State: c.Query("state"), Page: pageNumber(c), Size: 20}
	if n, err := strconv.ParseInt(c.Query("unit"), 10, 64); err == nil && n > 0 {
		p.Filter.Unit = org.UnitID(n)
	}
	p.Any = p.Filter.Words != "" || p.Filter.State != "" || p.Filter.Unit != 0
	list, total, err := s.Policies.Policies(ctx, p.Filter)
	if err != nil {
		return err
	}
	for _, x := range list {
		p.Rows = append(p.Rows, policyRow{x, x.State(calendar.DateOf(s.Now()))})
	}
	p.Total, p.Pager = total, templates.NewPager("/policies", c.Request.URL.Query(), p.Filter.Page, p.Filter.Size, total)
	p.States = choices(p.Translator, "policy.state-", care.PolicyStates)
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/policies", &p)
	return nil
}

type policyPage struct {
	templates.Page
	X        care.Policy
	State    string
	Versions []care.Policy
	Keeps    bool
	Foreign  string // the text in the reader's language where there is one, beside the binding Chinese
}

func (s *Server) policy(c *gin.Context) error {
	version, _ := strconv.Atoi(c.Query("version"))
	x, err := s.Policies.Policy(c.Request.Context(), c.Param("policy"), version)
	if err != nil {
		return err
	}
	p := policyPage{Page: s.page(c, "policy.title"), X: x, State: x.State(calendar.DateOf(s.Now())), Keeps: actor(c).IsOffice() && x.Version == x.Last}
	p.Title, p.Caption, p.Narrow = x.Title.In(p.Lang()), x.Ref+" · "+p.T("policy.version", "No", x.Version), true
	p.Back = templates.Link{Href: "/policies", Label: p.T("policy.title")}
	switch p.Lang() {
	case "en":
		p.Foreign = x.Text.EN
	case "ru":
		p.Foreign = x.Text.RU
	}
	if p.Versions, err = s.Policies.Versions(c.Request.Context(), x.Ref); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/policy", &p)
	return nil
}

type policyFormPage struct {
	templates.Page
	Ref   string // "" of a new one
	Form  care.PolicyDraft
	Units []choice
}

func (s *Server) policyFormPage(c *gin.Context) (*policyFormPage, error) {
	p := &policyFormPage{Page: s.page(c, "policy.new"), Ref: c.Param("policy")}
	p.Narrow, p.Back = true, templates.Link{Href: "/policies", Label: p.T("policy.title")}
	if p.Ref != "" {
		x, err := s.Policies.Policy(c.Request.Context(), p.Ref, 0)
		if err != nil {
			return nil, err
		}
		p.Form, p.Title, p.Caption = x.Draft(), p.T("policy.change"), x.Ref
		p.Back = templates.Link{Href: "/policies/" + x.Ref, Label: x.Ref}
	}
	var err error
	p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	return p, err
}

func (s *Server) policyForm(c *gin.Context) error {
	p, err := s.policyFormPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/policy-form", p)
	return nil
}

func (s *Server) savePolicy(c *gin.Context) error {
	p, err := s.policyFormPage(c)
	if err != nil {
		return err
	}
	names := func(field string) org.Names {
		return org.Names{ZH: text(c, field+"_zh"), EN: text(c, field+"_en"), RU: text(c, field+"_ru")}
	}
	seen, _ := strconv.Atoi(c.PostForm("version"))
	p.Idem = idem(c)
	p.Form = care.PolicyDraft{Unit: formID[org.UnitID](c, "unit"), Clause: line(c, "clause"), Title: names("title"), Summary: names("summary"), Text: names("text"),
		From: line(c, "from"), Until: line(c, "until"), Note: text(c, "note"), Seen: seen}
	ref, err := s.Policies.Save(c.Request.Context(), actor(c), p.Ref, p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "care/policy-form", p, "unit", "clause", "from", "until", "title_zh", "title_en", "title_ru", "summary_zh", "summary_en", "summary_ru", "text_zh", "text_en", "text_ru", "note")
	}
	s.redirect(c, "/policies/"+ref, "policy-saved")
	return nil
}
