package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// compilers are those who compile and check a year.
var compilers = either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))

// yearRoutes: compiling a year, and what anyone may read of it.
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
		get("/results", anyone, s.latestResults),
		get("/results/:year", anyone, s.results),
		get("/results/:year/xlsx", anyone, s.resultsFile),
		get("/departments/:code", anyone, s.profile),
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
	Units                                     int
	MaySimulate, Panels                       bool
	Reopened                                  bool // upheld appeals ask for a new version
}

// classTable is the ranking of a class with its picture.
type classTable struct {
	Class  int
	Scheme *evaluation.Scheme
	Tree   evaluation.Tree
	Plot   dotPlot
	Rows   []dotRow
	Open   map[org.UnitID]evaluation.Reasons
}

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
		if p.Classes, err = s.classes(c, r, 0, true); err != nil {
			return nil, err
		}
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

// classes prepares the tables of a result; open adds the figures each line is
// made of.
func (s *Server) classes(c *gin.Context, r evaluation.YearResult, me org.UnitID, open bool) ([]classTable, error) {
	rows, err := s.Evaluation.Rows(c.Request.Context(), r)
	if err != nil {
		return nil, err
	}
	sc, err := s.Evaluation.Scheme(c.Request.Context(), r.SchemeID)
	if err != nil {
		return nil, err
	}
	var out []classTable
	for _, class := range org.Classes {
		t := classTable{Class: class, Scheme: sc, Tree: sc.TreeOf(class), Open: map[org.UnitID]evaluation.Reasons{}}
		var own []evaluation.Row
		for _, row := range rows {
			if row.Class != class {
				continue
			}
			own = append(own, row)
			if t.Open[row.Unit], err = row.Open(); err != nil {
				return nil, err
			}
			if !open {
				t.Open[row.Unit] = t.Open[row.Unit].Discreet(sc.Disclosure.Public)
			}
		}
		if len(own) == 0 {
			continue
		}
		t.Plot = s.dotPlot(s.translator(c), own, me)
		t.Rows = t.Plot.Rows
		out = append(out, t)
	}
	return out, nil
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
	Due, Done string
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
			p.Form.Evidence, p.Due, p.Done = r.Evidence, strconv.Itoa(r.Due), strconv.Itoa(r.Done)
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
	p.Due, p.Done = line(c, "due"), line(c, "done")
	due, err1 := strconv.Atoi(p.Due)
	done, err2 := strconv.Atoi(p.Done)
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
	Amounts       bool // some rules count an amount
}

func (s *Server) adjustmentsPage(c *gin.Context) (*adjustmentsPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &adjustmentsPage{Page: s.page(c, "adjust.title", "Year", year), Year: year, Names: map[string]string{}, Runs: actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin}
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
	p.Rows, err = s.Evaluation.Adjustments(ctx, actor(c), year, 0)
	return p, err
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

type resultsPage struct {
	templates.Page
	Year    int
	Result  *evaluation.YearResult
	Years   []int
	Classes []classTable
	Raters  int
	Ballots int
}

func (s *Server) latestResults(c *gin.Context) error {
	years, err := s.Evaluation.PublishedYears(c.Request.Context())
	if err != nil {
		return err
	}
	year := calendar.DateOf(s.Now()).Year()
	if len(years) > 0 {
		year = years[0]
	}
	c.Redirect(http.StatusSeeOther, "/results/"+strconv.Itoa(year))
	return nil
}

func (s *Server) resultsPage(c *gin.Context) (*resultsPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &resultsPage{Page: s.page(c, "results.title", "Year", year), Year: year}
	if p.Years, err = s.Evaluation.PublishedYears(ctx); err != nil {
		return nil, err
	}
	r, err := s.Evaluation.Published(ctx, year)
	if errors.Is(err, evaluation.ErrNoResult) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Result = &r
	p.Caption = p.T("results.caption", "Date", p.Date(*r.Published), "Version", r.Version)
	var me org.UnitID
	if a := actor(c); a.Is(org.RoleHead, org.RoleOfficer) {
		me = a.Unit
	}
	if p.Classes, err = s.classes(c, r, me, false); err != nil {
		return nil, err
	}
	all, err := s.Evaluation.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Year == year && k.Kind == "year_end" && k.Raters != nil && k.Cast != nil {
			p.Raters, p.Ballots = *k.Raters, *k.Cast
		}
	}
	return p, nil
}

func (s *Server) results(c *gin.Context) error {
	p, err := s.resultsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "public/results", p)
	return nil
}

func (s *Server) resultsFile(c *gin.Context) error {
	p, err := s.resultsPage(c)
	if err != nil {
		return err
	}
	if p.Result == nil {
		return evaluation.ErrNoResult
	}
	parts := 0
	for _, class := range p.Classes {
		parts = max(parts, len(class.Tree.Parts))
	}
	t := report.Table{Sheet: p.T("results.sheet"), Title: p.Title, Head: []string{p.T("results.class"), p.T("results.rank"), p.T("results.unit"), p.T("results.total"), p.T("results.grade")},
		About: [][2]string{{p.T("report.made"), p.Now}, {p.T("report.version"), strconv.Itoa(p.Result.Version)}, {p.T("report.published"), p.DateTime(*p.Result.Published)}, {p.T("frame.methods"), p.T("methods.short")}}}
	for i := range parts {
		t.Head = append(t.Head, p.T("results.part", "N", i+1), p.T("results.part-score", "N", i+1))
	}
	t.Head = append(t.Head, p.T("results.bonus"), p.T("results.deduction"), p.T("results.tier"), p.T("results.range"), p.T("results.status"))
	for _, class := range p.Classes {
		for _, r := range class.Rows {
			row := []any{p.T("class." + strconv.Itoa(class.Class)), report.Number(idText(int64(r.Rank))), r.Name.In(p.Lang()), report.Number(r.Total.Text(4)), class.Scheme.GradeName(r.Grade).In(p.Lang())}
			for i := range parts {
				name, score := "", ""
				if i < len(class.Tree.Parts) {
					name, score = class.Tree.Parts[i].Name.In(p.Lang()), class.Open[r.Unit].Part(class.Tree.Parts[i].Code).Score.Text(4)
				}
				row = append(row, name, report.Number(score))
			}
			t.Rows = append(t.Rows, append(row, report.Number(r.Bonus.Text(4)), report.Number(r.Deduction.Text(4)), report.Number(idText(int64(r.Tier))), r.Range, p.T("results.status-"+string(r.Status))))
		}
	}
	return s.sendTable(c, t, "pingyi-"+c.Param("year"))
}

type profilePage struct {
	templates.Page
	Unit org.Unit
	Rows []profileYear
}

type profileYear struct {
	Year  int
	Grade org.Names
	dotRow
}

func (s *Server) profile(c *gin.Context) error {
	ctx := c.Request.Context()
	u, err := s.Org.UnitByCode(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	p := profilePage{Page: s.page(c, "profile.title"), Unit: u}
	p.Title, p.Caption = u.Names.In(p.Lang()), p.T("class."+strconv.Itoa(u.Class))
	years, err := s.Evaluation.PublishedYears(ctx)
	if err != nil {
		return err
	}
	for _, y := range years[:min(3, len(years))] {
		r, err := s.Evaluation.Published(ctx, y)
		if err != nil {
			return err
		}
		classes, err := s.classes(c, r, u.ID, false)
		if err != nil {
			return err
		}
		for _, class := range classes {
			for _, row := range class.Rows {
				if row.Unit == u.ID {
					p.Rows = append(p.Rows, profileYear{Year: y, dotRow: row, Grade: class.Scheme.GradeName(row.Grade)})
				}
			}
		}
	}
	s.show(c, http.StatusOK, "public/profile", &p)
	return nil
}

type methodsPage struct {
	templates.Page
	Scheme *evaluation.Scheme
}

func (s *Server) methods(c *gin.Context) error {
	p := methodsPage{Page: s.page(c, "methods.title")}
	var err error
	if p.Scheme, err = s.Evaluation.CurrentScheme(c.Request.Context()); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "public/methods", &p)
	return nil
}
