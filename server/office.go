package server

import (
	"errors"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// staff are the people of the offices and those who help them.
var staff = either(offices, only(org.RoleSupervision, org.RoleClerk, org.RoleCampaignAdmin, org.RoleChamber))

// officeRoutes: the offices' home, sheets and visits; issues are in issue.go.
func (s *Server) officeRoutes() []route {
	duty := either(offices, only(org.RoleSupervision))
	planner := either(offices, only(org.RoleCampaignAdmin, org.RoleClerk))
	return []route{
		get("/o", staff, s.officeHome),
		get("/o/sheets", duty, s.inbox),
		get("/o/sheets/:no", duty, s.sheet),
		post("/o/sheets/:no/:act", offices, s.sheetAct),
		get("/o/visits", planner, s.officeVisits),
		post("/o/visits", planner, s.planVisits),
		get("/o/visits/:visit", either(offices, only(org.RoleClerk)), s.officeVisit),
		get("/o/visits/:visit/feedback", transcribers, s.sheetForm),
		post("/o/visits/:visit/feedback", transcribers, s.clerkSheet),
	}
}

type officeHome struct {
	templates.Page
	ownSeats
	Issues    []issueRow
	Sheets    []feedback.Receipt
	SheetsN   int
	Campaigns []campaignRow
	Year      int
	Result    *evaluation.YearResult
	Duty      bool
	Runs      bool
	Reads     bool // may open a campaign
}

func (s *Server) officeHome(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := officeHome{Page: s.page(c, "office.title"), Duty: a.IsOffice() || a.Role == org.RoleSupervision, Year: calendar.DateOf(s.Now()).Year()}
	p.Title = a.OrgName.In(p.Lang())
	p.Runs = a.IsOffice() || a.Role == org.RoleCampaignAdmin
	p.Reads = p.Runs || a.Role == org.RoleSupervision || a.Role == org.RoleChamber
	if p.Duty {
		raised, _, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{State: feedback.Raised, Page: 1, Size: 10})
		if err != nil {
			return err
		}
		ready, _, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{State: feedback.ResultReady, Page: 1, Size: 10})
		if err != nil {
			return err
		}
		p.Issues = s.issueRows(c, append(raised, ready...))
		if p.Sheets, p.SheetsN, err = s.Feedback.Inbox(ctx, a, feedback.SheetFilter{Open: true, Page: 1, Size: 5}); err != nil {
			return err
		}
	}
	var err error
	if p.ownSeats, err = s.ownSeats(ctx, a); err != nil {
		return err
	}
	all, err := s.Evaluation.Campaigns(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.State != "tallied" {
			row, err := s.campaignRow(c, &p.Page, k)
			if err != nil {
				return err
			}
			p.Campaigns = append(p.Campaigns, row)
		}
	}
	if p.Runs || a.Role == org.RoleSupervision {
		for _, year := range []int{p.Year, p.Year - 1} { // a year is worked on into the next
			if r, err := s.Evaluation.Latest(ctx, a, year); err == nil && r.State != "published" {
				p.Result = &r
			}
		}
	}
	s.show(c, http.StatusOK, "office/home", &p)
	return nil
}

type inboxPage struct {
	templates.Page
	Sheets []feedback.Receipt
	Only   string
	Total  int
	Pager  templates.Pager
	Office bool
}

func (s *Server) inbox(c *gin.Context) error {
	p := inboxPage{Page: s.page(c, "inbox.title"), Only: c.Query("only"), Office: actor(c).IsOffice()}
	f := feedback.SheetFilter{Open: p.Only == "open", Low: p.Only == "low", Page: pageNumber(c), Size: 20}
	var err error
	if p.Sheets, p.Total, err = s.Feedback.Inbox(c.Request.Context(), actor(c), f); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, p.Total)
	s.show(c, http.StatusOK, "office/inbox", &p)
	return nil
}

type oneSheetPage struct {
	templates.Page
	Sheet  feedback.Receipt
	Office bool
	Items  []string
	Call   feedback.SheetCall
	Old    []feedback.SheetVersion
	// the rectification that follows it; "" none
	Rectify string
	Watch   bool // may look into whether the unit wrote it
}

func (s *Server) sheet(c *gin.Context) error {
	r, err := s.Feedback.SheetByNo(c.Request.Context(), actor(c), c.Param("no"))
	if err != nil {
		return err
	}
	p := oneSheetPage{Page: s.page(c, "sheet.one", "No", r.No), Sheet: r, Office: actor(c).IsOffice(), Items: feedback.SheetItems}
	p.Back = templates.Link{Href: "/o/sheets", Label: p.T("inbox.title")}
	if p.Call, err = s.Feedback.CallOf(c.Request.Context(), actor(c), r.No); err != nil {
		return err
	}
	if p.Old, err = s.Feedback.SheetVersions(c.Request.Context(), actor(c), r.No); err != nil {
		return err
	}
	x, _, err := s.Feedback.RectificationOf(c.Request.Context(), actor(c), r.Visit)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	p.Rectify, p.Watch = x.Ref, actor(c).Role == org.RoleSupervision
	s.show(c, http.StatusOK, "office/sheet", &p)
	return nil
}

func (s *Server) sheetAct(c *gin.Context) error {
	var err error
	back := "/o/sheets/" + c.Param("no")
	switch c.Param("act") {
	case "receive":
		err = s.Feedback.Receive(c.Request.Context(), actor(c), c.Param("no"))
	case "remove":
		err = s.Feedback.Remove(c.Request.Context(), actor(c), c.Param("no"))
		back = "/o/sheets"
	default:
		err = errNotFound
	}
	if err != nil {
		return err
	}
	s.redirect(c, back, "sheet-"+c.Param("act"))
	return nil
}

type planForm struct{ Unit, Licence, Year, Quarter string }

func (s *Server) officeVisitsPage(c *gin.Context) (*visitsPage, error) {
	p, err := s.visitsOf(c, "visits.office-title")
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.Now())
	p.States = []string{"planned", "requested", "returned"}
	p.Opens = actor(c).IsOffice() || actor(c).Role == org.RoleClerk
	p.Plan = planForm{Year: idText(int64(today.Year())), Quarter: idText(int64(today.Quarter()))}
	p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	return p, err
}

func (s *Server) officeVisits(c *gin.Context) error {
	p, err := s.officeVisitsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "office/visits", p)
	return nil
}

func (s *Server) planVisits(c *gin.Context) error {
	p, err := s.officeVisitsPage(c)
	if err != nil {
		return err
	}
	p.Plan = planForm{Unit: line(c, "unit"), Licence: line(c, "licence"), Year: line(c, "year"), Quarter: line(c, "quarter")}
	year, quarter := formID[int64](c, "year"), formID[int64](c, "quarter")
	var n int
	if c.PostForm("all") != "" {
		n, err = s.Plans.Quarter(c.Request.Context(), actor(c), int(year), int(quarter))
	} else {
		var company org.CompanyID
		list, _, cerr := s.Org.Companies(c.Request.Context(), actor(c), org.CompanyFilter{Search: org.NormalLicence(p.Plan.Licence), Page: 1, Size: 2})
		if cerr == nil && len(list) == 1 && p.Plan.Licence != "" {
			company = list[0].ID
		}
		n, err = s.Plans.One(c.Request.Context(), actor(c), formID[org.UnitID](c, "unit"), company, int(year), int(quarter))
	}
	if err != nil {
		return s.refuseIn(c, err, "office/visits", p, "year", "quarter", "unit", "company")
	}
	p.Done = p.T("visits.planned", "Count", n)
	s.show(c, http.StatusOK, "office/visits", p)
	return nil
}

func (s *Server) officeVisit(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	p := visitPage{Page: s.page(c, "visit.title"), Clerk: transcribers(actor(c))}
	if p.Visit, err = s.Feedback.Visit(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	p.Back = templates.Link{Href: "/o/visits", Label: p.T("visits.office-title")}
	if p.Visit.SheetNo == "" && p.Visit.Requested != nil {
		token, err := s.Feedback.Link(c.Request.Context(), actor(c), id)
		if err != nil {
			return err
		}
		p.Link = s.BaseURL + "/q/" + token
		if p.QR, err = drawQR(p.Link); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "office/visit", &p)
	return nil
}

// clerkSheet writes down what a company says on the telephone.
func (s *Server) clerkSheet(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	v, err := s.Feedback.Visit(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	p.Form, p.Idem, p.ByPhone = readSheet(c, p.Lang()), idem(c), true
	if _, err := s.Feedback.FileSheet(c.Request.Context(), actor(c), id, "", p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "company/sheet", p, callFields...)
	}
	s.redirect(c, "/o/visits/"+c.Param("visit"), "sheet-filed")
	return nil
}

// sendTable sends a table as a file: xlsx, or csv with ?format=csv.
func (s *Server) sendTable(c *gin.Context, t report.Table, name string) error {
	kind, ext, write := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", report.XLSX
	if c.Query("format") == "csv" {
		kind, ext, write = "text/csv; charset=utf-8", ".csv", report.CSV
	}
	body, err := write(t)
	if err != nil {
		return err
	}
	if err := s.exported(c, name+ext); err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ext}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, kind, body)
	return nil
}

// exported puts on record that a signed-in reader took a file away.
func (s *Server) exported(c *gin.Context, name string) error {
	if !actor(c).SignedIn() {
		return nil
	}
	return s.Record.Note(c.Request.Context(), actor(c), "file.exported", c.FullPath(), map[string]any{"file": name})
}
