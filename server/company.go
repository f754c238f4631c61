package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// companyRoutes: a company's home, visits, sheets and people.
func (s *Server) companyRoutes() []route {
	company := only(org.RoleCompany)
	return []route{
		get("/c", company, s.companyHome),
		get("/c/visits", company, s.companyVisits),
		get("/c/visits/:visit", company, s.companyVisit),
		get("/c/visits/:visit/feedback", company, s.sheetForm),
		post("/c/visits/:visit/feedback", company, s.fileSheet),
		get("/q/:token", anyone, s.sheetByLink),
		post("/q/:token", anyone, s.fileSheetByLink),
		get("/c/contacts", company, s.contacts),
		post("/c/contacts", company, s.addContact),
		post("/c/contacts/rater", company, s.setRater),
	}
}

type companyHome struct {
	templates.Page
	ownSeats
	Visits []feedback.Visit
	Issues []issueRow
	Raised bool // an issue was raised once, open or closed
	Waits  int
	Cared  []care.Charge // its projects and who is in contact
}

func (s *Server) companyHome(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := companyHome{Page: s.page(c, "company.title")}
	p.Title = a.OrgName.In(p.Lang())
	var err error
	if p.ownSeats, err = s.ownSeats(ctx, a); err != nil {
		return err
	}
	if p.Visits, _, err = s.Feedback.Visits(ctx, a, feedback.VisitFilter{State: "requested", Page: 1, Size: 5}); err != nil {
		return err
	}
	issues, _, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{Open: true, Page: 1, Size: 5})
	if err != nil {
		return err
	}
	p.Issues = s.issueRows(c, issues)
	_, ever, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{Page: 1, Size: 1})
	if err != nil {
		return err
	}
	p.Raised = ever > 0
	p.Waits = len(p.Seats) + len(p.Visits)
	for _, i := range issues {
		if i.State == feedback.Answered {
			p.Waits++
		}
	}
	if p.Cared, _, err = s.Contacts.Charges(ctx, a, care.ChargeFilter{Page: 1, Size: 3}); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "company/home", &p)
	return nil
}

type visitsPage struct {
	templates.Page
	Visits []feedback.Visit
	Pager  templates.Pager
	State  string
	States []string
	Total  int
	// of the unit's and the offices' pages
	Companies []choice
	Units     []choice
	Form      feedback.VisitRecord
	Plan      planForm
	Burden    *care.Burden // of a company, this quarter
	Opens     bool         // may open a visit and see its link
}

// visitSize is how many visits a page lists.
const visitSize = 20

func (s *Server) visitsOf(c *gin.Context, titleKey string) (*visitsPage, error) {
	p := &visitsPage{Page: s.page(c, titleKey), State: c.Query("state"), States: []string{"planned", "requested", "returned"}}
	f := feedback.VisitFilter{State: p.State, Page: pageNumber(c), Size: visitSize, Year: formQuery(c, "year"), Quarter: formQuery(c, "quarter"), Unit: org.UnitID(formQuery(c, "unit"))}
	var err error
	p.Visits, p.Total, err = s.Feedback.Visits(c.Request.Context(), actor(c), f)
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, visitSize, p.Total)
	return p, err
}

func (s *Server) companyVisits(c *gin.Context) error {
	p, err := s.visitsOf(c, "visits.title")
	if err != nil {
		return err
	}
	today := calendar.DateOf(s.Now())
	burden, err := s.Plans.Burden(c.Request.Context(), actor(c), actor(c).Company, today.Year(), today.Quarter())
	if err != nil {
		return err
	}
	p.Burden = &burden
	s.show(c, http.StatusOK, "company/visits", p)
	return nil
}

type visitPage struct {
	templates.Page
	Visit feedback.Visit
	Link  string
	QR    qrCode
	Sheet *feedback.Receipt
	Clerk bool // writes down what a company says on the telephone
	// what follows a sheet the company was dissatisfied in; nil: nothing
	Rectify *feedback.Rectification
	Events  []feedback.RectifyEvent
	Again   bool // the sheet may still be changed
}

// companyVisit shows a visit with the link and QR of its sheet, to hand to
// whoever dealt with it.
func (s *Server) companyVisit(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	p := visitPage{Page: s.page(c, "visit.title"), Visit: feedback.Visit{}}
	if p.Visit, err = s.Feedback.Visit(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	p.Back = templates.Link{Href: "/c/visits", Label: p.T("visits.title")}
	if p.Visit.SheetNo != "" {
		sh, err := s.Feedback.SheetByNo(c.Request.Context(), actor(c), p.Visit.SheetNo)
		if err != nil {
			return err
		}
		p.Sheet = &sh
		if p.Again, err = s.Feedback.MayChange(c.Request.Context(), actor(c), id, ""); err != nil {
			return err
		}
		switch r, events, err := s.Feedback.RectificationOf(c.Request.Context(), actor(c), id); {
		case err == nil:
			p.Rectify, p.Events = &r, events
		case !errors.Is(err, fault.ErrNotFound):
			return err
		}
	} else if p.Visit.Requested != nil {
		token, err := s.Feedback.Link(c.Request.Context(), actor(c), id)
		if err != nil {
			return err
		}
		p.Link = s.BaseURL + "/q/" + token
		if p.QR, err = drawQR(p.Link); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "company/visit", &p)
	return nil
}

type sheetPage struct {
	templates.Page
	Visit    feedback.Visit
	Form     feedback.Sheet
	Action   string
	Areas    []choice
	Demands  []choice
	Solved   []choice
	Releases []choice
	Filed    string // the sheet's number, once filed
	NoQ      []string
	More     bool // something of the optional part is filled in or wrong
	Again    bool // what was filed may still be changed
	sheetTail
}

func (s *Server) sheetPage(c *gin.Context, v feedback.Visit, action string) *sheetPage {
	p := &sheetPage{Page: s.page(c, "sheet.title"), Visit: v, Action: action, Form: feedback.Sheet{Answers: map[string]string{}, Demand: "", Release: "no"}, NoQ: feedback.SheetItems}
	p.Narrow = true
	p.Areas, p.Demands = choices(p.Translator, "sheet.area-", feedback.SheetAreas), choices(p.Translator, "sheet.demand-", feedback.SheetDemands)
	p.Solved, p.Releases = choices(p.Translator, "sheet.solved-", feedback.SheetSolved), choices(p.Translator, "sheet.release-", feedback.SheetReleases)
	return p
}

func (s *Server) sheetForm(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	v, err := s.Feedback.Visit(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	if p.Change, err = s.changing(c, v, ""); err != nil {
		return err
	}
	p.Back = templates.Link{Href: "/c/visits", Label: p.T("visits.title")}
	switch {
	case p.Change:
		r, err := s.Feedback.SheetByNo(c.Request.Context(), actor(c), v.SheetNo)
		if err != nil {
			return err
		}
		p.Form = oldForm(r)
	case v.SheetNo != "":
		return feedback.ErrSheetExists
	case transcribers(actor(c)):
		p.ByPhone, p.Form.Call = true, s.callNow()
		p.Back = templates.Link{Href: "/o/visits/" + c.Param("visit"), Label: p.T("visit.title")}
	}
	s.show(c, http.StatusOK, "company/sheet", p)
	return nil
}

func readSheet(c *gin.Context, lang string) feedback.Sheet {
	sh := feedback.Sheet{Overall: c.PostForm("overall"), Named: ticked(c, "named"), Area: c.PostForm("area"), Matters: text(c, "matters"), Answers: map[string]string{}, Demand: c.PostForm("demand"), DemandText: text(c, "demand_text"),
		Solved: c.PostForm("solved"), Opinion: text(c, "opinion"), Suggestion: text(c, "suggestion"), WantsReply: ticked(c, "wants_reply"), Release: c.PostForm("release"),
		Lang: lang, FilledBy: text(c, "filled_by"),
		Call: feedback.SheetCall{Number: line(c, "call_number"), Person: line(c, "call_person"), On: line(c, "call_on"), Time: line(c, "call_time"), Consent: ticked(c, "call_consent")}}
	for _, q := range feedback.SheetItems {
		if v := c.PostForm(q); v != "" {
			sh.Answers[q] = v
		}
	}
	return sh
}

var sheetFields = []string{"overall", "area", "q1", "q2", "q3", "q4", "solved", "demand", "demand_text", "matters", "opinion", "suggestion", "release", "filled_by"}

func (s *Server) fileSheet(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	v, err := s.Feedback.Visit(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	p.Form, p.Idem = readSheet(c, p.Lang()), idem(c)
	if p.Change, err = s.changing(c, v, ""); err != nil {
		return err
	} else if p.Change {
		return s.changeSheet(c, p, "", "company/sheet", "/c/visits/"+c.Param("visit"))
	}
	if _, err := s.Feedback.FileSheet(c.Request.Context(), actor(c), id, "", p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "company/sheet", p, sheetFields...)
	}
	s.redirect(c, "/c/visits/"+c.Param("visit"), "sheet-filed")
	return nil
}

// sheetByLink is the sheet of a one-visit code: a level and a button, the rest as one likes.
func (s *Server) sheetByLink(c *gin.Context) error {
	v, err := s.Feedback.VisitByToken(c.Request.Context(), actor(c), c.Param("token"))
	if err != nil {
		return err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	if p.Change, err = s.changing(c, v, c.Param("token")); err != nil {
		return err
	}
	if p.Filed = v.SheetNo; p.Change {
		p.Filed = ""
	} else if p.Again, err = s.Feedback.MayChange(c.Request.Context(), actor(c), v.ID, c.Param("token")); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	s.show(c, http.StatusOK, "company/rate", p)
	return nil
}

func (s *Server) fileSheetByLink(c *gin.Context) error {
	token := c.Param("token")
	v, err := s.Feedback.VisitByToken(c.Request.Context(), actor(c), token)
	if err != nil {
		return err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	p.Form, p.Idem = readSheet(c, p.Lang()), idem(c)
	if p.Change, err = s.changing(c, v, token); err != nil {
		return err
	}
	switch {
	case p.Form.Overall == "":
		err = errOverall
	case p.Change:
		p.More = p.Form.More()
		return s.changeSheet(c, p, token, "company/rate", c.Request.URL.Path)
	default:
		_, err = s.Feedback.FileSheet(c.Request.Context(), actor(c), 0, token, p.Form, p.Idem)
	}
	if err != nil {
		p.More = p.Form.More()
		return s.refuseIn(c, err, "company/rate", p, sheetFields...)
	}
	s.redirect(c, c.Request.URL.Path, "sheet-filed")
	return nil
}

type contactsPage struct {
	templates.Page
	People []org.Account
	Form   org.Account
	Code   string // of a new person, shown once
}

func (s *Server) contactsPage(c *gin.Context) (*contactsPage, error) {
	p := &contactsPage{Page: s.page(c, "contacts.title")}
	var err error
	p.People, _, err = s.Org.Accounts(c.Request.Context(), actor(c), org.AccountFilter{Page: 1, Size: 50})
	return p, err
}

func (s *Server) contacts(c *gin.Context) error {
	p, err := s.contactsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "company/contacts", p)
	return nil
}

func (s *Server) addContact(c *gin.Context) error {
	a := actor(c)
	form := org.Account{Login: line(c, "login"), Name: text(c, "name"), Role: org.RoleCompany, Company: a.Company, Lang: a.Lang, Phone: line(c, "phone")}
	_, code, err := s.Org.CreateAccount(c.Request.Context(), a, form)
	p, perr := s.contactsPage(c)
	if perr != nil {
		return perr
	}
	if err != nil {
		p.Form = form
		return s.refuseIn(c, err, "company/contacts", p, "name", "login", "phone")
	}
	p.Code, p.Done = code, p.T("contacts.added", "Name", form.Name)
	s.show(c, http.StatusOK, "company/contacts", p) // not 303: the code is shown once
	return nil
}

func (s *Server) setRater(c *gin.Context) error {
	if err := s.Org.SetRater(c.Request.Context(), actor(c), actor(c).Company, formID[org.AccountID](c, "account")); err != nil {
		return err
	}
	s.redirect(c, "/c/contacts", "saved")
	return nil
}

// formQuery reads a small number of the query; 0 when there is none.
func formQuery(c *gin.Context, name string) int {
	n := 0
	for _, r := range c.Query(name) {
		if r < '0' || r > '9' || n > 1000000 {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}

// left says in words how long a deadline still runs, and how urgent it is: bad
// over, warn within two working days.
func (s *Server) left(c *gin.Context, p *templates.Page, on calendar.Date, cal *calendar.Calendar) (words, tag string) {
	now := s.Now()
	if over := cal.Overdue(on, now); over > 0 || now.After(on.End()) {
		return p.T("left.over", "Count", max(1, over)), "bad"
	}
	switch n := cal.Left(on, now); {
	case calendar.DateOf(now) == on || n == 0:
		return p.T("left.today"), "warn"
	case n <= 2:
		return p.T("left.days", "Count", n), "warn"
	default:
		return p.T("left.days", "Count", n), "info"
	}
}
