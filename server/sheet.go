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

// transcribers write down what a company said on the telephone or wrote on paper.
var transcribers = either(offices, only(org.RoleClerk))

// sheetRoutes: sheets on paper, and what was asked without legal basis, for supervision alone.
func (s *Server) sheetRoutes() []route {
	watch := only(org.RoleSupervision)
	return []route{
		get("/o/visits/:visit/paper", transcribers, s.paperSheetForm),
		post("/o/visits/:visit/paper", transcribers, s.enterPaperSheet),
		get("/o/demands", watch, s.demands),
		get("/o/demands/:id", watch, s.demand),
		post("/o/demands/:id", watch, s.handleDemand),
	}
}

// sheetTail ends each form of a sheet: which button, and what else the way it came needs.
type sheetTail struct {
	ByPhone bool // with the record of the call
	Paper   *feedback.PaperState
	Change  bool // replaces a sheet within its day
}

var callFields = append([]string{"call_number", "call_person", "call_on", "call_consent"}, sheetFields...)

func (s *Server) paperSheet(c *gin.Context) (*sheetPage, error) {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return nil, err
	}
	v, err := s.Feedback.Visit(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	if v.SheetNo != "" {
		return nil, feedback.ErrSheetExists
	}
	if v.On == "" {
		return nil, feedback.ErrNotVisited
	}
	st, err := s.Feedback.Paper(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	p := s.sheetPage(c, v, c.Request.URL.Path)
	p.Title = p.T("sheet.paper-title")
	p.Paper = &st
	p.Back = templates.Link{Href: "/o/visits/" + c.Param("visit"), Label: p.T("visit.title")}
	if len(st.Differ) > 0 && !st.Mine {
		p.Form = st.Second
	}
	return p, nil
}

func (s *Server) paperSheetForm(c *gin.Context) error {
	p, err := s.paperSheet(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "company/sheet", p)
	return nil
}

// enterPaperSheet takes one person's reading of a paper sheet.
func (s *Server) enterPaperSheet(c *gin.Context) error {
	p, err := s.paperSheet(c)
	if err != nil {
		return err
	}
	p.Form, p.Idem = readSheet(c, p.Lang()), idem(c)
	st, err := s.Feedback.EnterPaper(c.Request.Context(), actor(c), p.Visit.ID, p.Form, ticked(c, "settled"), p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "company/sheet", p, sheetFields...)
	}
	at := "/o/visits/" + c.Param("visit")
	switch {
	case st.No != "":
		s.redirect(c, at, "sheet-filed")
	case len(st.Differ) > 0:
		s.redirect(c, at+"/paper", "sheet-paper-differs")
	default:
		s.redirect(c, at, "sheet-paper-first")
	}
	return nil
}

// changeSheet replaces a sheet within its day: the form says so.
func (s *Server) changeSheet(c *gin.Context, p *sheetPage, token, page, back string) error {
	if err := s.Feedback.ChangeSheet(c.Request.Context(), actor(c), p.Visit.ID, token, p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, page, p, sheetFields...)
	}
	s.redirect(c, back, "sheet-changed")
	return nil
}

// oldForm is what a sheet says now, to be changed.
func oldForm(r feedback.Receipt) feedback.Sheet {
	f := r.Sheet
	if f.Area == "unsaid" {
		f.Area = ""
	}
	if f.Solved == "unsaid" {
		f.Solved = ""
	}
	return f
}

type demandsPage struct {
	templates.Page
	Rows   []feedback.Demand
	State  string
	States []string
	Total  int
	Pager  templates.Pager
}

func (s *Server) demands(c *gin.Context) error {
	p := demandsPage{Page: s.page(c, "demand.title"), State: c.Query("state"), States: feedback.DemandStates}
	var err error
	if p.Rows, p.Total, err = s.Feedback.Demands(c.Request.Context(), actor(c), p.State, pageNumber(c), 20); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	s.show(c, http.StatusOK, "office/demands", &p)
	return nil
}

type demandPage struct {
	templates.Page
	D      feedback.Demand
	States []choice
	State  string
	Text   string
}

func (s *Server) demandPage(c *gin.Context) (*demandPage, error) {
	id, err := pathID[ID](c, "id")
	if err != nil {
		return nil, err
	}
	d, err := s.Feedback.Demand(c.Request.Context(), actor(c), int64(id))
	if err != nil {
		return nil, err
	}
	p := &demandPage{Page: s.page(c, "demand.one", "No", d.SheetNo), D: d, State: d.State, Text: d.Text}
	p.Back = templates.Link{Href: "/o/demands", Label: p.T("demand.title")}
	p.States = choices(p.Translator, "demand.state-", feedback.DemandStates[1:])
	return p, nil
}

func (s *Server) demand(c *gin.Context) error {
	p, err := s.demandPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "office/demand", p)
	return nil
}

func (s *Server) handleDemand(c *gin.Context) error {
	p, err := s.demandPage(c)
	if err != nil {
		return err
	}
	p.State, p.Text = c.PostForm("state"), text(c, "text")
	if err := s.Feedback.HandleDemand(c.Request.Context(), actor(c), p.D.ID, p.State, p.Text); err != nil {
		return s.refuseIn(c, err, "office/demand", p, "state", "text")
	}
	s.redirect(c, c.Request.URL.Path, "saved")
	return nil
}

// changing reports whether the form replaces a sheet, and refuses it when its day is over.
func (s *Server) changing(c *gin.Context, v feedback.Visit, token string) (bool, error) {
	if v.SheetNo == "" {
		return false, nil
	}
	if c.Query("change") == "" && c.PostForm("change") == "" {
		return false, nil
	}
	may, err := s.Feedback.MayChange(c.Request.Context(), actor(c), v.ID, token)
	if err == nil && !may {
		err = feedback.ErrSheetFixed
	}
	return true, err
}

// callNow is the record of a call as it begins: now.
func (s *Server) callNow() feedback.SheetCall {
	now := s.Now().In(calendar.Shanghai)
	return feedback.SheetCall{On: now.Format("2006-01-02"), Time: now.Format("15:04")}
}

var errOverall = fault.Field("overall", "sheet.overall-missing")
