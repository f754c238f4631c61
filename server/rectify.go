package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// rectifyRoutes: what follows a sheet on which a company was dissatisfied, for the two offices,
// the unit and the company; and the general notices to units.
func (s *Server) rectifyRoutes() []route {
	duty := either(offices, only(org.RoleSupervision))
	unit := only(org.RoleHead, org.RoleOfficer)
	company := only(org.RoleCompany)
	return []route{
		get("/o/rectifications", duty, s.rectifications("/o/rectifications")),
		get("/o/rectifications/:rectify", duty, s.rectification("/o/rectifications")),
		post("/o/rectifications/:rectify/:step", offices, s.rectifyAct),
		get("/o/rectifications/notices/:general", duty, s.rectifyNotice("/o/rectifications")),
		post("/o/rectifications/notices/:general", offices, s.judgeNotice),
		get("/d/rectifications", unit, s.rectifications("/d/rectifications")),
		get("/d/rectifications/:rectify", unit, s.rectification("/d/rectifications")),
		post("/d/rectifications/:rectify", unit, s.rectifyReport),
		get("/d/rectifications/notices/:general", unit, s.rectifyNotice("/d/rectifications")),
		post("/d/rectifications/notices/:general", unit, s.reportNotice),
		post("/c/visits/:visit/allow", company, s.allowNaming),
		get("/c/visits/:visit/issue", company, s.rectifyIssueForm),
		post("/c/visits/:visit/issue", company, s.rectifyIssue),
	}
}

// rectifyRow is a rectification with how it stands in words.
type rectifyRow struct {
	feedback.Rectification
	Words, Tag string
}

// noticeRow is a general notice with how it stands in words.
type noticeRow struct {
	feedback.RectifyNotice
	Words, Tag string
}

func (s *Server) rectifyRow(c *gin.Context, p *templates.Page, r feedback.Rectification, cal *calendar.Calendar) rectifyRow {
	row := rectifyRow{Rectification: r}
	if r.Over() {
		if row.Words, row.Tag = p.T("rectify.state-"+r.State), "ok"; r.State == feedback.RectifyUnsolved {
			row.Tag = "bad"
		}
		return row
	}
	row.Words, row.Tag = s.left(c, p, r.Waits(), cal)
	return row
}

func (s *Server) noticeRow(c *gin.Context, p *templates.Page, n feedback.RectifyNotice, cal *calendar.Calendar) noticeRow {
	row := noticeRow{RectifyNotice: n, Words: p.T("rectify.notice-" + n.State), Tag: "ok"}
	switch n.State {
	case "sent":
		row.Words, row.Tag = s.left(c, p, n.DueOn, cal)
	case "reported":
		row.Tag = "warn"
	}
	return row
}

type rectifyListPage struct {
	templates.Page
	Base    string
	Office  bool
	Rows    []rectifyRow
	Notices []noticeRow
	Only    string
	Total   int
	Pager   templates.Pager
}

func (s *Server) rectifications(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, a := c.Request.Context(), actor(c)
		p := &rectifyListPage{Page: s.page(c, "rectify.title"), Base: base, Only: c.Query("only"), Office: base == "/o/rectifications"}
		cal, err := s.Calendar.Current(ctx)
		if err != nil {
			return err
		}
		f := feedback.RectifyFilter{Open: p.Only == "open", Page: pageNumber(c), Size: 20}
		list, total, err := s.Feedback.Rectifications(ctx, a, f)
		if err != nil {
			return err
		}
		for _, r := range list {
			p.Rows = append(p.Rows, s.rectifyRow(c, &p.Page, r, cal))
		}
		p.Total, p.Pager = total, templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, total)
		notices, err := s.Feedback.RectifyNotices(ctx, a)
		if err != nil {
			return err
		}
		for _, n := range notices {
			p.Notices = append(p.Notices, s.noticeRow(c, &p.Page, n, cal))
		}
		s.show(c, http.StatusOK, "rectify/list", p)
		return nil
	}
}

type rectifyPage struct {
	templates.Page
	Base     string
	Row      rectifyRow
	Events   []feedback.RectifyEvent
	Office   bool // may act for an office
	Unit     bool // may act for the unit
	Verdicts []choice
	Answer   string
	Measures string
	Call     feedback.RectifyCall
}

func (s *Server) rectifyPage(c *gin.Context, base string) (*rectifyPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	r, events, err := s.Feedback.Rectification(ctx, a, c.Param("rectify"))
	if err != nil {
		return nil, err
	}
	cal, err := s.Calendar.Version(ctx, r.Calendar)
	if err != nil {
		return nil, err
	}
	p := &rectifyPage{Page: s.page(c, "rectify.one", "Ref", r.Ref), Base: base, Events: events, Office: a.IsOffice(), Unit: a.OfUnit(r.Unit)}
	p.Caption = r.UnitName.In(p.Lang())
	p.Back = templates.Link{Href: base, Label: p.T("rectify.title")}
	p.Row = s.rectifyRow(c, &p.Page, r, cal)
	p.Verdicts = choices(p.Translator, "rectify.verdict-", feedback.RectifyVerdicts)
	p.Call.On = string(calendar.DateOf(s.Now()))
	return p, nil
}

func (s *Server) rectification(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.rectifyPage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "rectify/one", p)
		return nil
	}
}

// rectifyAct is an office's act on a rectification.
func (s *Server) rectifyAct(c *gin.Context) error {
	p, err := s.rectifyPage(c, "/o/rectifications")
	if err != nil {
		return err
	}
	ctx, a, ref := c.Request.Context(), actor(c), c.Param("rectify")
	p.Idem = idem(c)
	step := c.Param("step")
	switch step {
	case "answer":
		p.Answer = text(c, "answer")
		err = s.Feedback.AnswerRectification(ctx, a, ref, p.Answer, p.Idem)
	case "hand":
		err = s.Feedback.HandToUnit(ctx, a, ref, p.Idem)
	case "own":
		p.Measures = text(c, "measures")
		err = s.Feedback.OwnMeasures(ctx, a, ref, p.Measures, p.Idem)
	case "call":
		p.Call = feedback.RectifyCall{On: line(c, "on"), Person: line(c, "person"), Verdict: c.PostForm("verdict"), Text: text(c, "text")}
		err = s.Feedback.RectifyCalled(ctx, a, ref, p.Call, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "rectify/one", p, "answer", "measures", "on", "person", "verdict", "text")
	}
	s.redirect(c, "/o/rectifications/"+ref, "rectify-"+step)
	return nil
}

// rectifyReport is the unit's word on what it did.
func (s *Server) rectifyReport(c *gin.Context) error {
	p, err := s.rectifyPage(c, "/d/rectifications")
	if err != nil {
		return err
	}
	p.Idem, p.Measures = idem(c), text(c, "measures")
	if err := s.Feedback.ReportRectification(c.Request.Context(), actor(c), c.Param("rectify"), p.Measures, p.Idem); err != nil {
		return s.refuseIn(c, err, "rectify/one", p, "measures")
	}
	s.redirect(c, c.Request.URL.Path, "rectify-report")
	return nil
}

type noticePage struct {
	templates.Page
	Base     string
	Row      noticeRow
	Office   bool
	Unit     bool
	Measures string
	Why      string
}

func (s *Server) noticePage(c *gin.Context, base string) (*noticePage, error) {
	ctx, a := c.Request.Context(), actor(c)
	n, err := s.Feedback.RectifyNotice(ctx, a, c.Param("general"))
	if err != nil {
		return nil, err
	}
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	p := &noticePage{Page: s.page(c, "rectify.general", "Ref", n.Ref), Base: base, Office: a.IsOffice(), Unit: a.OfUnit(n.Unit)}
	p.Caption = n.UnitName.In(p.Lang())
	p.Back = templates.Link{Href: base, Label: p.T("rectify.title")}
	p.Row = s.noticeRow(c, &p.Page, n, cal)
	return p, nil
}

func (s *Server) rectifyNotice(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.noticePage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "rectify/notice", p)
		return nil
	}
}

func (s *Server) judgeNotice(c *gin.Context) error {
	p, err := s.noticePage(c, "/o/rectifications")
	if err != nil {
		return err
	}
	word := c.PostForm("word")
	if word != "accept" && word != "back" {
		return errNotFound
	}
	p.Why = text(c, "why")
	if err := s.Feedback.JudgeNotice(c.Request.Context(), actor(c), c.Param("general"), word == "accept", p.Why); err != nil {
		return s.refuseIn(c, err, "rectify/notice", p, "why")
	}
	s.redirect(c, c.Request.URL.Path, "rectify-notice-"+word)
	return nil
}

func (s *Server) reportNotice(c *gin.Context) error {
	p, err := s.noticePage(c, "/d/rectifications")
	if err != nil {
		return err
	}
	p.Measures = text(c, "measures")
	if err := s.Feedback.ReportNotice(c.Request.Context(), actor(c), c.Param("general"), p.Measures); err != nil {
		return s.refuseIn(c, err, "rectify/notice", p, "measures")
	}
	s.redirect(c, c.Request.URL.Path, "rectify-report")
	return nil
}

// ownRectification is that of the company's visit in the path.
func (s *Server) ownRectification(c *gin.Context) (feedback.Rectification, []feedback.RectifyEvent, error) {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return feedback.Rectification{}, nil, err
	}
	return s.Feedback.RectificationOf(c.Request.Context(), actor(c), id)
}

// allowNaming is the company's word that the unit may learn whose sheet it is.
func (s *Server) allowNaming(c *gin.Context) error {
	r, _, err := s.ownRectification(c)
	if err != nil {
		return err
	}
	if err := s.Feedback.AllowNaming(c.Request.Context(), actor(c), r.Ref, idem(c)); err != nil {
		return err
	}
	s.redirect(c, "/c/visits/"+c.Param("visit"), "rectify-allow")
	return nil
}

type rectifyIssuePage struct {
	templates.Page
	Row        feedback.Rectification
	Form       feedback.IssueDraft
	Categories []choice
	Shown      []choice
}

func (s *Server) rectifyIssuePage(c *gin.Context) (*rectifyIssuePage, error) {
	r, _, err := s.ownRectification(c)
	if err != nil {
		return nil, err
	}
	if r.State != feedback.RectifyUnsolved && r.State != feedback.RectifyIssue {
		return nil, fault.ErrNotFound
	}
	p := &rectifyIssuePage{Page: s.page(c, "rectify.make-issue"), Row: r}
	p.Back = templates.Link{Href: "/c/visits/" + c.Param("visit"), Label: p.T("visit.title")}
	p.Narrow = true
	p.Categories, p.Shown = numbers(p.Translator, "issue.category-", feedback.Categories), choices(p.Translator, "issue.shown-", feedback.NameShowns)
	return p, nil
}

func (s *Server) rectifyIssueForm(c *gin.Context) error {
	p, err := s.rectifyIssuePage(c)
	if err != nil {
		return err
	}
	p.Form = feedback.IssueDraft{Category: 15, Title: p.T("rectify.issue-title", "Unit", p.Row.UnitName.In(p.Lang())), Body: p.Row.Opinion}
	s.show(c, http.StatusOK, "rectify/issue", p)
	return nil
}

func (s *Server) rectifyIssue(c *gin.Context) error {
	p, err := s.rectifyIssuePage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = feedback.IssueDraft{Category: int(formID[ID](c, "category")), Title: line(c, "title"), Body: text(c, "body"), NameShown: c.PostForm("name_shown"), Lang: p.Lang()}
	ref, err := s.Feedback.IssueOfRectification(c.Request.Context(), actor(c), p.Row.Ref, p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "rectify/issue", p, "category", "title", "body", "name_shown")
	}
	s.redirect(c, "/c/issues/"+ref, "raised")
	return nil
}
