package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// compilers are those who compile and check a year.
var compilers = either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))

// yearRoutes: compiling a year, and by what rules; its result is in result.go.
func (s *Server) yearRoutes() []route {
	return []route{
		get("/o/year", compilers, func(c *gin.Context) error {
			c.Redirect(http.StatusSeeOther, "/o/year/"+strconv.Itoa(calendar.DateOf(s.Now()).Year()))
			return nil
		}),
		get("/o/year/:year", compilers, s.year),
		post("/o/year/:year/:step", compilers, s.yearStep),
		get("/o/year/:year/tasks", compilers, s.tasks),
		post("/o/year/:year/tasks/:unit", compilers, s.saveTasks),
		get("/o/year/:year/adjustments", compilers, s.adjustments),
		get("/methods", anyone, s.methods),
	}
}

type yearPage struct {
	templates.Page
	Year                                      int
	Result                                    *evaluation.YearResult
	Classes                                   []classTable
	MayCheck, MayPublish, MayCompute, MaySign bool
	Why                                       string
	Confirm                                   bool
	Campaigns                                 []evaluation.Campaign
	Tasks                                     int
	Dossier                                   evaluation.Dossier
	MaySignOffice                             bool // this reader's office has not signed yet
	MayTake                                   bool // the sealed file
	MaySeeFacts, MaySimulate, Panels          bool
	Reopened                                  bool // upheld appeals ask for a new version
}

// Fingerprint writes a hash as people read it aloud.
func (*yearPage) Fingerprint(h []byte) string { return evaluation.HashText(h) }

func yearOf(c *gin.Context) (int, error) {
	y, err := strconv.Atoi(c.Param("year"))
	if err != nil || y < 2007 || y > 2100 {
		return 0, errNotFound
	}
	return y, nil
}

func (s *Server) yearPage(c *gin.Context) (*yearPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &yearPage{Page: s.page(c, "year.title", "Year", year), Year: year, MaySign: a.MaySign()}
	r, err := s.Evaluation.Latest(ctx, a, year)
	switch {
	case errors.Is(err, evaluation.ErrNoResult):
	case err != nil:
		return nil, err
	default:
		p.Result = &r
		if p.Classes, err = s.classes(c, r, 0, noFloor); err != nil {
			return nil, err
		}
		if p.Dossier, err = s.Evaluation.Dossier(ctx, a, r); err != nil {
			return nil, err
		}
		p.MaySignOffice = a.IsOffice() && slices.Contains(p.Dossier.Missing, a.Kind) && (r.State == "draft" || r.State == "checked")
		p.MayTake = a.IsOffice() || a.Role == org.RoleSupervision
		p.MaySeeFacts = p.MayTake || a.IsLeader()
	}
	all, err := s.Evaluation.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	counted := false
	for _, k := range all {
		if k.Year == year {
			p.Campaigns = append(p.Campaigns, k)
			counted = counted || k.Kind == "year_end" && k.State == "tallied"
		}
	}
	tasks, err := s.Evaluation.TaskFigures(ctx, a, year)
	if err != nil {
		return nil, err
	}
	p.Tasks = len(tasks)
	runs := a.IsOffice() || a.Role == org.RoleCampaignAdmin
	if p.Result != nil {
		if p.Reopened, err = s.Evaluation.Reopened(ctx, year); err != nil {
			return nil, err
		}
	}
	p.MaySimulate = runs
	sc, err := s.Evaluation.SchemeOf(ctx, year)
	if err != nil {
		return nil, err
	}
	p.Panels = len(sc.Panels) > 0
	p.MayCompute = runs && counted && (p.Result == nil || p.Result.State != "published" || p.Reopened)
	p.MayCheck = p.Result != nil && p.Result.State == "draft" && p.Result.ComputedBy != a.Account
	p.MayPublish = p.Result != nil && p.Result.State == "approved" && runs
	return p, nil
}

func (s *Server) year(c *gin.Context) error {
	p, err := s.yearPage(c)
	if err != nil {
		return err
	}
	p.Confirm = c.Query("confirm") == "publish" && p.MayPublish
	s.show(c, http.StatusOK, "year/compile", p)
	return nil
}

func (s *Server) yearStep(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	step := c.Param("step")
	if step == "adjustments" {
		return s.addAdjustment(c)
	}
	if step == "strike" {
		return s.strikeAdjustment(c)
	}
	p, err := s.yearPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	switch {
	case step == "compute":
		_, err = s.Evaluation.Compute(ctx, a, p.Year, p.Idem)
	case p.Result == nil:
		return evaluation.ErrNoResult
	case step == "sign":
		err = s.Evaluation.Sign(ctx, a, p.Result.ID)
	case step == "check":
		err = s.Evaluation.Check(ctx, a, p.Result.ID)
	case step == "publish" && !ticked(c, "confirmed"):
		s.redirect(c, "/o/year/"+c.Param("year")+"?confirm=publish", "")
		return nil
	case step == "publish":
		err = s.Evaluation.Publish(ctx, a, p.Result.ID)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuse(c, err, "year/compile", p)
	}
	s.redirect(c, "/o/year/"+c.Param("year"), "year-"+step)
	return nil
}

type tasksPage struct {
	templates.Page
	Year      int
	Units     []org.Unit
	Rows      map[org.UnitID]evaluation.TaskRow
	Form      evaluation.TaskEntry
	TasksDue  string
	TasksDone string
}

func (s *Server) tasksPage(c *gin.Context) (*tasksPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	p := &tasksPage{Page: s.page(c, "tasks.title", "Year", year), Year: year}
	p.Back = templates.Link{Href: "/o/year/" + c.Param("year"), Label: p.T("year.title", "Year", year)}
	if p.Units, err = s.Org.Units(c.Request.Context()); err != nil {
		return nil, err
	}
	p.Rows, err = s.Evaluation.TaskFigures(c.Request.Context(), actor(c), year)
	if unit := org.UnitID(formQuery(c, "unit")); unit != 0 {
		p.Form.Unit = unit
		if r, ok := p.Rows[unit]; ok {
			p.Form.Evidence, p.TasksDue, p.TasksDone = r.Evidence, strconv.Itoa(r.Due), strconv.Itoa(r.Done)
			if r.Target != nil {
				p.Form.Target, p.Form.Arrived = *r.Target, *r.Arrived
			}
		}
	}
	return p, err
}

func (s *Server) tasks(c *gin.Context) error {
	p, err := s.tasksPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "year/tasks", p)
	return nil
}

func (s *Server) saveTasks(c *gin.Context) error {
	unit, err := pathID[org.UnitID](c, "unit")
	if err != nil {
		return err
	}
	p, err := s.tasksPage(c)
	if err != nil {
		return err
	}
	p.TasksDue, p.TasksDone = line(c, "due"), line(c, "done")
	due, err1 := strconv.Atoi(p.TasksDue)
	done, err2 := strconv.Atoi(p.TasksDone)
	if err1 != nil || err2 != nil {
		due, done = -1, -1
	}
	p.Form = evaluation.TaskEntry{Unit: unit, Target: line(c, "target"), Arrived: line(c, "arrived"), Due: due, Done: done, Evidence: text(c, "evidence")}
	if err := s.Evaluation.SaveTasks(c.Request.Context(), actor(c), p.Year, p.Form); err != nil {
		return s.refuseIn(c, err, "year/tasks", p, "target", "arrived", "due", "done", "evidence")
	}
	s.redirect(c, "/o/year/"+c.Param("year")+"/tasks", "saved")
	return nil
}

type adjustmentsPage struct {
	templates.Page
	Year          int
	Rows          []evaluation.Adjustment
	Rules         []choice
	Units         []choice
	Form          evaluation.AdjustmentEntry
	Unit, Company string
	Names         map[string]string
	Runs          bool
	Cases         bool // the reader may open cases of buck-passing
	Amounts       bool // some rules count an amount
}

func (s *Server) adjustmentsPage(c *gin.Context) (*adjustmentsPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &adjustmentsPage{Page: s.page(c, "adjust.title", "Year", year), Year: year, Names: map[string]string{}, Runs: actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin, Cases: actor(c).IsOffice() || actor(c).Role == org.RoleSupervision}
	p.Back = templates.Link{Href: "/o/year/" + strconv.Itoa(year), Label: p.T("year.title", "Year", year)}
	sc, err := s.Evaluation.SchemeOf(ctx, year)
	if err != nil {
		return nil, err
	}
	for _, r := range sc.ManualRules() {
		label := r.Code + " " + r.Name.In(p.Lang())
		if rule, _ := sc.Rule(r.Code); rule.Each.Known() {
			p.Amounts = true
			label += p.T("adjust.each", "Each", p.Number(rule.Each.Plain()), "Unit", rule.Unit.In(p.Lang()))
		}
		p.Rules = append(p.Rules, choice{Value: r.Code, Label: label})
		p.Names[r.Code] = r.Name.In(p.Lang())
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	if p.Rows, err = s.Evaluation.Adjustments(ctx, actor(c), year, 0); err != nil {
		return nil, err
	}
	for i, x := range p.Rows {
		p.Names[x.Rule] = ruleName(p.Translator, sc, x.Rule)
		p.Rows[i] = creditWords(p.Translator, x)
	}
	return p, nil
}

func (s *Server) adjustments(c *gin.Context) error {
	p, err := s.adjustmentsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "year/adjustments", p)
	return nil
}

func (s *Server) addAdjustment(c *gin.Context) error {
	p, err := s.adjustmentsPage(c)
	if err != nil {
		return err
	}
	p.Unit, p.Company, p.Idem = line(c, "unit"), line(c, "licence"), idem(c)
	p.Form = evaluation.AdjustmentEntry{Unit: formID[org.UnitID](c, "unit"), Rule: c.PostForm("rule"), On: line(c, "on"), Amount: line(c, "amount"), Evidence: text(c, "evidence")}
	if p.Company != "" {
		list, _, err := s.Org.Companies(c.Request.Context(), actor(c), org.CompanyFilter{Search: org.NormalLicence(p.Company), Page: 1, Size: 2})
		if err == nil && len(list) == 1 {
			p.Form.Company = list[0].ID
		}
	}
	if err := s.Evaluation.AddAdjustment(c.Request.Context(), actor(c), p.Year, p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "year/adjustments", p, "unit", "rule", "on", "company", "amount", "evidence")
	}
	s.redirect(c, "/o/year/"+c.Param("year")+"/adjustments", "saved")
	return nil
}

func (s *Server) strikeAdjustment(c *gin.Context) error {
	p, err := s.adjustmentsPage(c)
	if err != nil {
		return err
	}
	if err := s.Evaluation.StrikeAdjustment(c.Request.Context(), actor(c), formID[int64](c, "id"), text(c, "why")); err != nil {
		return s.refuse(c, err, "year/adjustments", p)
	}
	s.redirect(c, "/o/year/"+c.Param("year")+"/adjustments", "saved")
	return nil
}

type methodsPage struct {
	templates.Page
	Scheme   *evaluation.Scheme
	Chapters []explainedChapter
}

func (s *Server) methods(c *gin.Context) error {
	p := methodsPage{Page: s.page(c, "methods.title")}
	var err error
	if p.Scheme, err = s.Evaluation.CurrentScheme(c.Request.Context()); err != nil {
		return err
	}
	p.Chapters = explain(p.Translator, p.Scheme)
	p.Caption = p.Scheme.Name.In(p.Lang())
	s.show(c, http.StatusOK, "public/methods", &p)
	return nil
}
