package server

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/templates"
)

// contactRoutes: the contact unit and person of each project, and how they are handed over.
func (s *Server) contactRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/contacts", ledger.ReadsProjects, s.charges),
		get("/o/contacts/:project", ledger.ReadsProjects, s.charge),
		post("/o/contacts/:project/:act", care.KeepsContacts, s.chargeAct),
		get("/d/contacts", unit, s.charges),
		get("/d/contacts/:project", unit, s.charge),
		post("/d/contacts/:project/:act", unit, s.chargeAct),
		get("/c/care", only(org.RoleCompany), s.companyCare),
	}
}

// contactBase is where the reader's pages of contacts begin.
func contactBase(c *gin.Context) string {
	if actor(c).Is(org.RoleHead, org.RoleOfficer) {
		return "/d/contacts"
	}
	return "/o/contacts"
}

type chargesPage struct {
	templates.Page
	Rows   []care.Charge
	Filter care.ChargeFilter
	Total  int
	Pager  templates.Pager
	Base   string
	Unit   bool // the reader's own unit's projects
}

func (s *Server) charges(c *gin.Context) error {
	p := chargesPage{Page: s.page(c, "contact.title"), Base: contactBase(c), Filter: care.ChargeFilter{Only: c.Query("only"), Page: pageNumber(c), Size: 20}}
	if p.Unit = p.Base == "/d/contacts"; p.Unit {
		p.Title = p.T("contact.own-title")
	}
	var err error
	if p.Rows, p.Total, err = s.Contacts.Charges(c.Request.Context(), actor(c), p.Filter); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), p.Filter.Page, p.Filter.Size, p.Total)
	s.show(c, http.StatusOK, "contact/list", &p)
	return nil
}

type chargePage struct {
	templates.Page
	Charge   care.Charge
	History  []care.Contact
	Past     []care.Handover // answered or withdrawn
	Open     *care.Handover
	Units    []choice
	Form     care.ContactDraft
	To       string // unit proposed, as chosen
	Reason   string
	Answer   string
	Base     string
	Keeps    bool // names and proposes for any project
	Own      bool // the reader's unit is contact unit
	Answers  bool // the open hand-over waits for the reader's unit
	TakeBack bool
}

func (s *Server) chargePage(c *gin.Context) (*chargePage, error) {
	id, err := pathID[ledger.ProjectID](c, "project")
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &chargePage{Page: s.page(c, "contact.title"), Base: contactBase(c), Keeps: care.KeepsContacts(a)}
	p.Back = templates.Link{Href: p.Base, Label: p.T("contact.title")}
	if p.Charge, err = s.Contacts.Charge(ctx, a, id); err != nil {
		return nil, err
	}
	p.Title, p.Caption = p.Charge.In(p.Lang()), p.T("project.no")+" "+p.Charge.No
	if p.History, err = s.Contacts.History(ctx, a, id); err != nil {
		return nil, err
	}
	all, err := s.Contacts.Handovers(ctx, a, id)
	if err != nil {
		return nil, err
	}
	for i, h := range all {
		if h.State != care.HandoverOpen {
			p.Past = append(p.Past, h)
			continue
		}
		p.Open, p.Answers, p.TakeBack = &all[i], h.MayAnswer(a), h.MayWithdraw(a)
	}
	p.Own = a.OfUnit(p.Charge.Contact.Unit)
	p.Form = care.ContactDraft{Person: p.Charge.Contact.Person, Phone: p.Charge.Contact.Phone, On: string(calendar.DateOf(s.Now()))}
	if p.Answers {
		p.Form.Person, p.Form.Phone = "", ""
	}
	if p.Keeps || p.Own {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) charge(c *gin.Context) error {
	p, err := s.chargePage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/one", p)
	return nil
}

// chargeAct does one of the acts of a project's contact.
func (s *Server) chargeAct(c *gin.Context) error {
	p, err := s.chargePage(c)
	if err != nil {
		return err
	}
	do, known := s.contactActs()[c.Param("act")]
	if !known {
		return errNotFound
	}
	p.Idem, p.To, p.Reason, p.Answer = idem(c), line(c, "to"), text(c, "reason"), text(c, "answer")
	p.Form = care.ContactDraft{Unit: formID[org.UnitID](c, "unit"), Person: text(c, "person"), Phone: line(c, "phone"), On: line(c, "on")}
	if err := do(c, p); err != nil {
		return s.refuseIn(c, err, "contact/one", p, "unit", "person", "phone", "on", "answer", "to", "reason")
	}
	back := p.Base + "/" + idText(p.Charge.ID)
	if c.Param("act") == "decline" { // the project is no longer the unit's business
		back = p.Base
	}
	s.redirect(c, back, "contact-"+c.Param("act"))
	return nil
}

// contactActs are the acts by the last part of their address.
func (s *Server) contactActs() map[string]func(*gin.Context, *chargePage) error {
	handover := func(do func(ctx context.Context, by org.Actor, id care.HandoverID, p *chargePage) error) func(*gin.Context, *chargePage) error {
		return func(c *gin.Context, p *chargePage) error {
			return do(c.Request.Context(), actor(c), formID[care.HandoverID](c, "handover"), p)
		}
	}
	return map[string]func(*gin.Context, *chargePage) error{
		"name": func(c *gin.Context, p *chargePage) error {
			return s.Contacts.Name(c.Request.Context(), actor(c), p.Charge.ID, p.Form)
		},
		"person": func(c *gin.Context, p *chargePage) error {
			return s.Contacts.SetPerson(c.Request.Context(), actor(c), p.Charge.ID, p.Form)
		},
		"propose": func(c *gin.Context, p *chargePage) error {
			return s.Contacts.Propose(c.Request.Context(), actor(c), p.Charge.ID, formID[org.UnitID](c, "to"), p.Reason, p.Idem)
		},
		"accept": handover(func(ctx context.Context, by org.Actor, id care.HandoverID, p *chargePage) error {
			return s.Contacts.Accept(ctx, by, id, p.Form)
		}),
		"decline": handover(func(ctx context.Context, by org.Actor, id care.HandoverID, p *chargePage) error {
			return s.Contacts.Decline(ctx, by, id, p.Answer)
		}),
		"withdraw": handover(func(ctx context.Context, by org.Actor, id care.HandoverID, _ *chargePage) error {
			return s.Contacts.Withdraw(ctx, by, id)
		}),
	}
}

type carePage struct {
	templates.Page
	Rows   []care.Charge
	Groups []care.Group // sponsor groups at work for it
	Unit   org.Unit     // the company's general contact unit; zero for none
}

// companyCare shows a company who cares for it: unit, person and telephone.
func (s *Server) companyCare(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := carePage{Page: s.page(c, "contact.care-title")}
	var err error
	if p.Rows, _, err = s.Contacts.Charges(ctx, a, care.ChargeFilter{Page: 1, Size: 100}); err != nil {
		return err
	}
	if p.Groups, _, err = s.Sponsors.Groups(ctx, a, false, 1, 20); err != nil {
		return err
	}
	company, err := s.Org.Company(ctx, a, a.Company)
	if err != nil {
		return err
	}
	if company.ContactUnit != 0 {
		if p.Unit, err = s.Org.Unit(ctx, company.ContactUnit); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "contact/company", &p)
	return nil
}
