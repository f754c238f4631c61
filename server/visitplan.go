package server

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// visitPlanRoutes: the calendar of visits, the load of companies, and visits nobody
// registered.
func (s *Server) visitPlanRoutes() []route {
	unit, company := only(org.RoleHead, org.RoleOfficer), only(org.RoleCompany)
	read := either(care.PlansVisits, only(org.RoleClerk))
	return []route{
		get("/o/visits/plan", read, s.visitPlan),
		get("/o/visits/plan/xlsx", read, s.visitPlanFile),
		post("/o/visits/plan", care.PlansVisits, s.visitLimits),
		get("/d/visits/plan", unit, s.visitPlan),
		get("/d/visits/plan/:planned", unit, s.visitDay),
		post("/d/visits/plan/:planned", unit, s.setVisitDay),
		get("/o/visits/plan/:planned", care.PlansVisits, s.visitDay),
		post("/o/visits/plan/:planned", care.PlansVisits, s.setVisitDay),
		get("/c/visits/report", company, s.visitReport),
		post("/c/visits/report", company, s.reportVisit),
		post("/c/visits/:visit/minutes", company, s.visitMinutes),
	}
}

// planRow is a visit of the calendar, in words.
type planRow struct {
	care.PlanRow
	State, Tag string
}

type visitPlanPage struct {
	templates.Page
	Rows       []planRow
	ByUnit     []care.UnitPlan
	Sum        care.UnitPlan
	Loads      []care.Load
	Set        care.Settings
	Typed      map[string]string // the limits as typed
	Filter     care.PlanFilter
	Quarters   []templates.Link
	Units      []choice
	Total      int
	Pager      templates.Pager
	Base       string
	All, Plans bool // sees all units; may plan
	Months     [3]int
}

// planTags are the tags of the states of a planned visit.
var planTags = map[string]string{"done": "ok", "made": "ok", "due": "info", "missed": "bad"}

func (s *Server) visitPlanPage(c *gin.Context, size int) (*visitPlanPage, error) {
	ctx, a, today := c.Request.Context(), actor(c), calendar.DateOf(s.Now())
	p := &visitPlanPage{Page: s.page(c, "plan.title"), Base: c.Request.URL.Path[:2] + "/visits/plan", Plans: care.PlansVisits(a), All: !a.Is(org.RoleHead, org.RoleOfficer)}
	p.Filter = care.PlanFilter{Year: formQuery(c, "year"), Quarter: formQuery(c, "quarter"), Unit: org.UnitID(formQuery(c, "unit")), Only: c.Query("only"), Page: pageNumber(c), Size: size}
	if p.Filter.Quarter < 1 || p.Filter.Quarter > 4 || p.Filter.Year < 2007 || p.Filter.Year > 2100 {
		p.Filter.Year, p.Filter.Quarter = today.Year(), today.Quarter()
	}
	p.Caption = p.Quarter(p.Filter.Year, p.Filter.Quarter)
	rows, total, err := s.Plans.Calendar(ctx, a, p.Filter)
	if err != nil {
		return nil, err
	}
	p.Total, p.Pager = total, templates.NewPager(p.Base, c.Request.URL.Query(), p.Filter.Page, size, total)
	for _, r := range rows {
		state := r.State(today)
		p.Rows = append(p.Rows, planRow{PlanRow: r, State: state, Tag: planTags[state]})
	}
	for i := range p.Months {
		p.Months[i] = 3*p.Filter.Quarter - 2 + i
	}
	for n := -1; n <= 1; n++ {
		at := p.Filter.Year*4 + p.Filter.Quarter - 1 + n
		p.Quarters = append(p.Quarters, templates.Link{Href: fmt.Sprintf("%s?year=%d&quarter=%d", p.Base, at/4, at%4+1), Label: p.Quarter(at/4, at%4+1)})
	}
	return p, s.visitPlanSums(c, p)
}

// visitPlanSums adds the counts by unit, the load of companies and the limits.
func (s *Server) visitPlanSums(c *gin.Context, p *visitPlanPage) (err error) {
	ctx, a, f := c.Request.Context(), actor(c), p.Filter
	if p.ByUnit, err = s.Plans.ByUnit(ctx, a, f.Year, f.Quarter); err != nil {
		return err
	}
	for _, u := range p.ByUnit {
		p.Sum.Owed, p.Sum.Done, p.Sum.Made, p.Sum.Open, p.Sum.Missed = p.Sum.Owed+u.Owed, p.Sum.Done+u.Done, p.Sum.Made+u.Made, p.Sum.Open+u.Open, p.Sum.Missed+u.Missed
	}
	if p.Set, err = s.Plans.Settings(ctx); err != nil || !p.All {
		return err
	}
	p.Typed = map[string]string{"limit": fmt.Sprint(p.Set.Limit), "visit": fmt.Sprint(p.Set.Visit), "sheet": fmt.Sprint(p.Set.Sheet), "inspection": fmt.Sprint(p.Set.Inspection)}
	if p.Loads, err = s.Plans.Loads(ctx, a, f.Year, f.Quarter, 10); err != nil {
		return err
	}
	p.Units, err = s.unitChoices(ctx, p.Translator)
	return err
}

func (s *Server) visitPlan(c *gin.Context) error {
	p, err := s.visitPlanPage(c, 50)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/plan", p)
	return nil
}

// visitLimits changes the limit of visits a month and the usual minutes.
func (s *Server) visitLimits(c *gin.Context) error {
	p, err := s.visitPlanPage(c, 50)
	if err != nil {
		return err
	}
	for name := range p.Typed {
		p.Typed[name] = line(c, name)
	}
	number := func(name string) int { return int(formID[int64](c, name)) }
	set := care.Settings{Limit: number("limit"), Visit: number("visit"), Sheet: number("sheet"), Inspection: number("inspection")}
	if err := s.Plans.Set(c.Request.Context(), actor(c), set); err != nil {
		return s.refuseIn(c, err, "contact/plan", p, "limit", "visit", "sheet", "inspection")
	}
	s.redirect(c, "/o/visits/plan", "plan-limits")
	return nil
}

// visitPlanFile is the plan of the quarter as a table.
func (s *Server) visitPlanFile(c *gin.Context) error {
	p, err := s.visitPlanPage(c, 100000)
	if err != nil {
		return err
	}
	t := report.Table{Sheet: p.T("plan.title"), Title: p.T("plan.title") + " " + p.Caption, About: [][2]string{{p.T("report.made"), p.Now}, {p.T("plan.limit"), fmt.Sprint(p.Set.Limit)}, {p.T("plan.state-done"), p.T("plan.counts")}},
		Head: []string{p.T("results.unit"), p.T("visit.company"), p.T("plan.day"), p.T("visit.on"), p.T("plan.state"), p.T("plan.joint")}}
	for _, r := range p.Rows {
		joint := any("")
		if r.Joint != 0 {
			joint = report.Number(fmt.Sprint(r.Joint))
		}
		t.Rows = append(t.Rows, []any{r.UnitName.In(p.Lang()), r.CompName.In(p.Lang()), string(r.Planned), string(r.On), p.T("plan.state-" + r.State), joint})
	}
	return s.sendTable(c, t, fmt.Sprintf("visits-%d-q%d", p.Filter.Year, p.Filter.Quarter))
}

type visitDayPage struct {
	templates.Page
	Visit  care.PlanRow
	Others []choice
	On     string
	With   string
	Base   string
	Set    care.Settings
}

func (s *Server) visitDayPage(c *gin.Context) (*visitDayPage, error) {
	id, err := pathID[feedback.VisitID](c, "planned")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &visitDayPage{Page: s.page(c, "plan.set-day"), Base: c.Request.URL.Path[:2] + "/visits/plan"}
	p.Narrow, p.Back = true, templates.Link{Href: p.Base, Label: p.T("plan.title")}
	if p.Visit, err = s.Plans.Visit(ctx, actor(c), id); err != nil {
		return nil, err
	}
	p.On = string(p.Visit.Planned)
	others, err := s.Plans.Joinable(ctx, actor(c), id)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		p.Others = append(p.Others, choice{Value: idText(o.ID), Label: o.UnitName.In(p.Lang()) + " · " + string(o.Planned)})
	}
	p.Set, err = s.Plans.Settings(ctx)
	return p, err
}

func (s *Server) visitDay(c *gin.Context) error {
	p, err := s.visitDayPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/day", p)
	return nil
}

// setVisitDay sets the day of a visit, or lets it join another.
func (s *Server) setVisitDay(c *gin.Context) error {
	p, err := s.visitDayPage(c)
	if err != nil {
		return err
	}
	p.On, p.With = line(c, "on"), line(c, "with")
	if c.PostForm("join") != "" {
		err = s.Plans.Join(c.Request.Context(), actor(c), p.Visit.ID, formID[feedback.VisitID](c, "with"))
	} else {
		err = s.Plans.Schedule(c.Request.Context(), actor(c), p.Visit.ID, p.On)
	}
	if err != nil {
		return s.refuseIn(c, err, "contact/day", p, "on", "with")
	}
	s.redirect(c, p.Base, "plan-day")
	return nil
}

type visitReportPage struct {
	templates.Page
	Units   []choice
	Form    feedback.VisitReport
	Minutes string
}

func (s *Server) visitReportPage(c *gin.Context) (*visitReportPage, error) {
	p := &visitReportPage{Page: s.page(c, "plan.report"), Form: feedback.VisitReport{On: string(calendar.DateOf(s.Now()))}}
	p.Narrow, p.Back = true, templates.Link{Href: "/c/visits", Label: p.T("visits.title")}
	var err error
	p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	return p, err
}

func (s *Server) visitReport(c *gin.Context) error {
	p, err := s.visitReportPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "contact/report", p)
	return nil
}

// reportVisit enters a visit the company found not registered, and leads to its sheet.
func (s *Server) reportVisit(c *gin.Context) error {
	p, err := s.visitReportPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Minutes = idem(c), line(c, "minutes")
	p.Form = feedback.VisitReport{Unit: formID[org.UnitID](c, "unit"), On: line(c, "on"), Purpose: text(c, "purpose"), Minutes: minutesTyped(c)}
	id, err := s.Feedback.ReportVisit(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "contact/report", p, "unit", "on", "purpose", "minutes")
	}
	s.redirect(c, "/c/visits/"+idText(id), "visit-reported")
	return nil
}

// minutesTyped reads the minutes: 0 when empty, -1 when it is no number.
func minutesTyped(c *gin.Context) int {
	n := int(formID[int64](c, "minutes"))
	if n == 0 && line(c, "minutes") != "" {
		return -1
	}
	return n
}

// visitMinutes notes how long a visit took.
func (s *Server) visitMinutes(c *gin.Context) error {
	id, err := pathID[feedback.VisitID](c, "visit")
	if err != nil {
		return err
	}
	if err := s.Feedback.SetMinutes(c.Request.Context(), actor(c), id, minutesTyped(c)); err != nil {
		return err
	}
	s.redirect(c, "/c/visits/"+c.Param("visit"), "visit-minutes")
	return nil
}
