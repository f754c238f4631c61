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

// onestopBases are the places from which each side looks at one-stop cases.
var onestopBases = []struct {
	path  string
	allow access
}{
	{"/c/cases", only(org.RoleCompany)},
	{"/d/cases", only(org.RoleHead, org.RoleOfficer)},
	{"/o/cases", either(offices, only(org.RoleSupervision))},
}

// onestopRoutes: cases in which several units work and one faces the company.
func (s *Server) onestopRoutes() []route {
	company, unit := only(org.RoleCompany), only(org.RoleHead, org.RoleOfficer)
	routes := []route{
		post("/c/cases", company, func(c *gin.Context) error { return s.enterOnestop(c, "/c/cases") }),
		post("/d/cases", unit, func(c *gin.Context) error { return s.enterOnestop(c, "/d/cases") }),
		post("/o/cases", offices, func(c *gin.Context) error { return s.enterOnestop(c, "/o/cases") }),
		post("/o/cases/:onestop/open", offices, s.onestopAct("/o/cases", "open")),
		post("/o/cases/:onestop/decline", offices, s.onestopAct("/o/cases", "decline")),
	}
	for _, act := range []string{"step", "done", "drop", "show", "contact", "close"} {
		routes = append(routes, post("/d/cases/:onestop/"+act, unit, s.onestopAct("/d/cases", act)))
	}
	for _, b := range onestopBases {
		base := b.path
		routes = append(routes, get(base, b.allow, func(c *gin.Context) error { return s.onestops(c, base) }),
			get(base+"/:onestop", b.allow, func(c *gin.Context) error { return s.onestop(c, base) }))
	}
	return routes
}

// onestopRow is a case in a list.
type onestopRow struct {
	care.Case
	Line string
	Mine *care.Step // the reader's own step that ends first
	Late bool       // of Mine, or of the whole case
}

type onestopsPage struct {
	templates.Page
	Base    string
	Rows    []onestopRow
	Pager   templates.Pager
	All     bool
	Enters  bool
	Opens   bool // names lead and contact
	Office  bool
	Areas   []choice
	Units   []choice
	Form    care.CaseDraft
	Licence string
}

// onestopLine is the one line in which a case stands.
func onestopLine(p *templates.Page, c care.Case) string {
	x, due := c.Status, ""
	if x.Due != "" {
		due = p.Date(x.Due.Time())
	}
	return p.T("onestop.line-"+x.Key, "Done", x.Done, "Steps", x.Count, "Date", due, "Count", x.Late)
}

func (s *Server) onestopsPage(c *gin.Context, base string) (*onestopsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &onestopsPage{Page: s.page(c, "onestop.title"), Base: base, All: c.Query("only") == "all", Office: a.IsOffice()}
	p.Enters = a.Role != org.RoleSupervision
	p.Opens = p.Enters && a.Role != org.RoleCompany
	list, total, err := s.Cases.Cases(ctx, a, !p.All, pageNumber(c), 20)
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.Now())
	for _, x := range list {
		row := onestopRow{Case: x, Line: onestopLine(&p.Page, x), Late: x.Status.Key == "late"}
		for i, step := range x.Steps {
			if step.MayFinish(a) && (row.Mine == nil || step.Due < row.Mine.Due) {
				row.Mine, row.Late = &x.Steps[i], step.Due < today
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.Pager = templates.NewPager(base, c.Request.URL.Query(), pageNumber(c), 20, total)
	p.Areas = choices(p.Translator, "onestop.area-", care.Areas)
	if p.Office {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) onestops(c *gin.Context, base string) error {
	p, err := s.onestopsPage(c, base)
	if err != nil {
		return err
	}
	if p.Opens && !p.Office {
		p.Form.Contact = actor(c).Name
	}
	s.show(c, http.StatusOK, "care/cases", p)
	return nil
}

func (s *Server) enterOnestop(c *gin.Context, base string) error {
	p, err := s.onestopsPage(c, base)
	if err != nil {
		return err
	}
	p.Idem, p.Licence = idem(c), line(c, "licence")
	p.Form = care.CaseDraft{Area: c.PostForm("area"), Title: line(c, "title"), Note: text(c, "note"), Lead: formID[org.UnitID](c, "lead"), Contact: line(c, "contact"), Phone: line(c, "phone")}
	if p.Opens {
		if p.Form.Company, err = s.Shield.CompanyByLicence(c.Request.Context(), p.Licence); err != nil {
			return err
		}
	}
	ref, err := s.Cases.Enter(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "care/cases", p, "company", "area", "title", "note", "lead", "contact", "phone")
	}
	s.redirect(c, base+"/"+ref, "onestop-entered")
	return nil
}

type onestopPage struct {
	templates.Page
	C     care.Case
	Base  string
	Line  string
	Today calendar.Date
	Me    org.Actor
	Opens bool // the reader may open it or decline
	Plans bool
	Ends  bool
	Units []choice
	// what was typed
	Lead    org.UnitID
	Contact string
	Tel     string
	Step    care.StepDraft
	Text    string
	At      int64  // the step the text was typed for
	Did     string // the act it was typed for
}

func (s *Server) onestopPage(c *gin.Context, base string) (*onestopPage, error) {
	a := actor(c)
	x, err := s.Cases.Case(c.Request.Context(), a, c.Param("onestop"))
	if err != nil {
		return nil, err
	}
	p := &onestopPage{Page: s.page(c, "onestop.one", "Ref", x.Ref), C: x, Base: base, Today: calendar.DateOf(s.Now()), Me: a,
		Opens: x.May(a, "open"), Plans: x.May(a, "plan"), Ends: x.May(a, "close"), Contact: x.Contact, Tel: x.Phone}
	p.Narrow, p.Caption, p.Title, p.TitleLang = true, x.Ref+" · "+p.T("onestop.area-"+x.Area), x.Title, "zh-CN"
	p.Line = onestopLine(&p.Page, x)
	p.Back = templates.Link{Href: base, Label: p.T("onestop.title")}
	if p.Opens || p.Plans {
		p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	}
	return p, err
}

func (s *Server) onestop(c *gin.Context, base string) error {
	p, err := s.onestopPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "care/case", p)
	return nil
}

// onestopAct does an act to a case with what the form of the page brought.
func (s *Server) onestopAct(base, act string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.onestopPage(c, base)
		if err != nil {
			return err
		}
		p.Idem, p.Text, p.At, p.Did = idem(c), text(c, "text"), formID[int64](c, "at"), act
		ctx, a, ref := c.Request.Context(), actor(c), p.C.Ref
		switch act {
		case "open", "contact":
			p.Lead, p.Contact, p.Tel = formID[org.UnitID](c, "lead"), line(c, "contact"), line(c, "phone")
			if act == "open" {
				err = s.Cases.Open(ctx, a, ref, p.Lead, p.Contact, p.Tel)
			} else {
				err = s.Cases.SetContact(ctx, a, ref, p.Contact, p.Tel)
			}
		case "decline":
			err = s.Cases.Decline(ctx, a, ref, p.Text)
		case "step":
			days, _ := strconv.Atoi(line(c, "days"))
			p.Step = care.StepDraft{Unit: formID[org.UnitID](c, "unit"), What: text(c, "what"), Days: days, Together: ticked(c, "together"), Shown: ticked(c, "shown")}
			err = s.Cases.AddStep(ctx, a, ref, p.Step, p.Idem)
		case "done":
			err = s.Cases.FinishStep(ctx, a, ref, p.At, p.Text)
		case "drop":
			err = s.Cases.DropStep(ctx, a, ref, p.At, p.Text)
		case "show":
			err = s.Cases.ShowStep(ctx, a, ref, p.At, ticked(c, "shown"))
		case "close":
			err = s.Cases.Close(ctx, a, ref, p.Text)
		}
		if err != nil {
			return s.refuseIn(c, err, "care/case", p, "lead", "contact", "phone", "unit", "what", "days", "text")
		}
		s.redirect(c, base+"/"+ref, "onestop-"+act)
		return nil
	}
}
