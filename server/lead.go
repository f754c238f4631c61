package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/promotion"
	"pingyi/templates"
)

// leadRoutes: leads and their sources, agents, liaison officers. Whether somebody is a
// liaison officer today, the domain says.
func (s *Server) leadRoutes() []route {
	read, keep := access(ledger.Reads), access(ledger.Keeps)
	return []route{
		get("/o/leads", read, s.leads),
		post("/o/leads", keep, s.enterLead),
		post("/o/leads/:lead/:act", keep, s.leadAct),
		get("/o/agents", read, s.agents),
		post("/o/agents/:act", keep, s.agentsAct),
		get("/liaison", signedIn, s.liaison),
		post("/liaison/:act", signedIn, s.liaisonAct),
	}
}

type leadsPage struct {
	templates.Page
	M         money
	Rows      []promotion.Lead
	Total     int
	Pager     templates.Pager
	Only      string
	Sums      []promotion.SourceSum
	All       promotion.SourceSum
	Sources   []choice
	From      []choice // to whom a lead can be attributed today
	FromText  string
	Form      promotion.LeadDraft
	Keeps     bool
	Act       promotion.LeadID // the lead whose form was refused
	ActWhat   string
	No, Why   string
	FormWrong bool
}

func (s *Server) leadsPage(c *gin.Context) (*leadsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &leadsPage{Page: s.page(c, "lead.title"), Only: c.Query("source"), Keeps: ledger.Keeps(a)}
	p.M.Page = &p.Page
	p.Sources = choices(p.Translator, "lead.source-", promotion.Sources)
	p.Form.On = string(calendar.DateOf(s.Now()))
	var err error
	if p.Rows, p.Total, err = s.Promotion.Leads(ctx, a, p.Only, pageNumber(c), 20); err != nil {
		return nil, err
	}
	p.Pager = templates.NewPager("/o/leads", c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	if p.Sums, err = s.Promotion.Sources(ctx, a); err != nil {
		return nil, err
	}
	for _, x := range p.Sums {
		p.All.Leads, p.All.Contracts, p.All.Amount, p.All.Arrived = p.All.Leads+x.Leads, p.All.Contracts+x.Contracts, p.All.Amount+x.Amount, p.All.Arrived+x.Arrived
	}
	agents, err := s.Promotion.Agents(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, x := range agents {
		p.From = append(p.From, choice{Value: "agent-" + strconv.FormatInt(int64(x.ID), 10), Label: p.T("lead.agent") + " · " + x.Name})
	}
	officers, err := s.Promotion.Officers(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, x := range officers {
		p.From = append(p.From, choice{Value: "officer-" + strconv.FormatInt(int64(x.ID), 10), Label: p.T("lead.kind-"+x.Kind) + " · " + x.Name})
	}
	return p, nil
}

func (s *Server) leads(c *gin.Context) error {
	p, err := s.leadsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "lead/list", p)
	return nil
}

// leadTyped reads the fields of a lead.
func leadTyped(c *gin.Context) promotion.LeadDraft {
	d := promotion.LeadDraft{Investor: text(c, "investor"), About: text(c, "about"), Source: c.PostForm("source"), On: line(c, "on")}
	who, id, _ := strings.Cut(line(c, "from"), "-")
	n, _ := strconv.ParseInt(id, 10, 64)
	switch who {
	case "agent":
		d.Agent = promotion.AgentID(n)
	case "officer":
		d.Officer = promotion.OfficerID(n)
	}
	return d
}

func (s *Server) enterLead(c *gin.Context) error {
	p, err := s.leadsPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Form, p.FromText, p.FormWrong = idem(c), leadTyped(c), line(c, "from"), true
	if _, err := s.Promotion.Lead(c.Request.Context(), actor(c), p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "lead/list", p, "investor", "about", "source", "from", "on")
	}
	s.redirect(c, "/o/leads", "saved")
	return nil
}

func (s *Server) leadAct(c *gin.Context) error {
	p, err := s.leadsPage(c)
	if err != nil {
		return err
	}
	if p.Act, err = pathID[promotion.LeadID](c, "lead"); err != nil {
		return err
	}
	p.ActWhat, p.No, p.Why = c.Param("act"), line(c, "no"), text(c, "why")
	switch p.ActWhat {
	case "contract":
		err = s.Promotion.Succeed(c.Request.Context(), actor(c), p.Act, p.No)
	case "drop":
		err = s.Promotion.Drop(c.Request.Context(), actor(c), p.Act, p.Why)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "lead/list", p, "no", "why")
	}
	s.redirect(c, "/o/leads", "saved")
	return nil
}

type agentsPage struct {
	templates.Page
	Agents   []promotion.Agent
	Officers []promotion.Officer
	Today    calendar.Date
	Kinds    []choice
	Keeps    bool
	Agent    promotion.AgentDraft
	Officer  promotion.OfficerDraft
	Open     string // the form that was refused
}

func (s *Server) agentsPage(c *gin.Context) (*agentsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &agentsPage{Page: s.page(c, "lead.agents-title"), Today: calendar.DateOf(s.Now()), Keeps: ledger.Keeps(a), Officer: promotion.OfficerDraft{Kind: promotion.OfficerKinds[0]}}
	p.Back = templates.Link{Href: "/o/leads", Label: p.T("lead.title")}
	p.Kinds = choices(p.Translator, "lead.kind-", promotion.OfficerKinds)
	var err error
	if p.Agents, err = s.Promotion.Agents(ctx, a); err != nil {
		return nil, err
	}
	p.Officers, err = s.Promotion.Officers(ctx, a)
	return p, err
}

func (s *Server) agents(c *gin.Context) error {
	p, err := s.agentsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "lead/agents", p)
	return nil
}

func (s *Server) agentsAct(c *gin.Context) error {
	p, err := s.agentsPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Open = idem(c), c.Param("act")
	switch p.Open {
	case "commission":
		p.Agent = promotion.AgentDraft{Name: text(c, "agent"), Contact: text(c, "contact"), Mandate: text(c, "mandate"), Territory: text(c, "territory"), From: line(c, "from"), Until: line(c, "until")}
		err = s.Promotion.Commission(c.Request.Context(), actor(c), p.Agent, p.Idem)
	case "appoint":
		p.Officer = promotion.OfficerDraft{Login: line(c, "login"), Kind: c.PostForm("kind"), Territory: text(c, "area"), Industry: text(c, "industry"), From: line(c, "since"), Until: line(c, "to")}
		err = s.Promotion.Appoint(c.Request.Context(), actor(c), p.Officer, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "lead/agents", p, "agent", "contact", "mandate", "territory", "from", "until", "login", "kind", "area", "industry", "since", "to")
	}
	s.redirect(c, "/o/agents", "saved")
	return nil
}

// liaisonPage is the page of a liaison officer or commissioner in his term.
type liaisonPage struct {
	templates.Page
	O       promotion.Officer
	Leads   []promotion.Lead
	Log     []promotion.Entry
	Sources []choice
	Form    promotion.LeadDraft
	Day     string
	Text    string
}

func (s *Server) liaisonPage(c *gin.Context) (*liaisonPage, error) {
	today := string(calendar.DateOf(s.Now()))
	p := &liaisonPage{Page: s.page(c, "lead.own-title"), Form: promotion.LeadDraft{On: today}, Day: today}
	p.Sources = choices(p.Translator, "lead.source-", promotion.Sources)
	var err error
	p.O, p.Leads, p.Log, err = s.Promotion.Own(c.Request.Context(), actor(c))
	return p, err
}

func (s *Server) liaison(c *gin.Context) error {
	p, err := s.liaisonPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "lead/own", p)
	return nil
}

func (s *Server) liaisonAct(c *gin.Context) error {
	p, err := s.liaisonPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	switch c.Param("act") {
	case "lead":
		p.Form = leadTyped(c)
		p.Form.Agent, p.Form.Officer = 0, p.O.ID
		_, err = s.Promotion.Lead(c.Request.Context(), actor(c), p.Form, p.Idem)
	case "log":
		p.Day, p.Text = line(c, "day"), text(c, "text")
		err = s.Promotion.Log(c.Request.Context(), actor(c), p.Day, p.Text, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "lead/own", p, "investor", "about", "source", "on", "day", "text")
	}
	s.redirect(c, "/liaison", "saved")
	return nil
}
