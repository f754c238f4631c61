package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/honour"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// interviewRoutes: what follows from the end of the ranking and from findings, and the
// export to the annual assessment.
func (s *Server) interviewRoutes() []route {
	desk := either(offices, leaders, only(org.RoleSupervision))
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/honours/:year/assessment", desk, s.assessment),
		get("/o/honours/:year/consequences", desk, s.consequences),
		post("/o/honours/:year/consequences/plan", offices, s.planInterview),
		get("/o/interviews", desk, s.interviews),
		get("/o/interviews/:interview", desk, s.interview),
		post("/o/interviews/:interview/:step", offices, s.interviewStep),
		get("/d/interviews", unit, s.interviews),
		get("/d/interviews/:interview", unit, s.interview),
		post("/d/interviews/:interview/:step", unit, s.interviewStep),
	}
}

// endRow is a unit at the end of its class, with what spares it.
type endRow struct {
	evaluation.Listing
	Name    org.Names
	Total   string
	Grade   string
	Against []obstacleRow
	Planned bool
}

type penaltyRow struct {
	honour.Penalty
	Rules   []string // names of the rules, one for each item
	Planned bool
}

type consequencesPage struct {
	templates.Page
	Year      int
	OfVersion int
	Rule      []string
	Listed    []endRow
	Spared    []endRow
	Penalties []penaltyRow
	Rows      []honour.Interview
	Choices   []choice // unit and basis
	Target    string
	Form      honour.Plan
	MayPlan   bool
	CaseBase  string
}

func (s *Server) consequencesPage(c *gin.Context) (*consequencesPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	k, err := s.Honour.Consequences(ctx, a, year)
	if err != nil {
		return nil, err
	}
	p := &consequencesPage{Page: s.page(c, "interview.of-year", "Year", year), Year: year, OfVersion: k.Result.Version, MayPlan: a.IsOffice(), CaseBase: "/o/passing/"}
	if a.IsLeader() {
		p.CaseBase = "/l/passing/"
	}
	p.Back = templates.Link{Href: "/o/honours/" + strconv.Itoa(year), Label: p.T("honour.of-year", "Year", year)}
	sc, err := s.Evaluation.Scheme(ctx, k.Result.SchemeID)
	if err != nil {
		return nil, err
	}
	p.Rule = ruleLines(p.Translator, sc, k.Rule)
	if p.Rows, err = s.Honour.Interviews(ctx, a, year); err != nil {
		return nil, err
	}
	units, err := s.unitsByID(ctx)
	if err != nil {
		return nil, err
	}
	end := func(all []evaluation.Listing) (out []endRow) {
		for _, x := range all {
			r := endRow{Listing: x, Name: units[x.Unit].Names, Total: x.Result.Total.Text(2), Grade: sc.GradeName(x.Result.Grade).In(p.Lang()), Planned: p.planned(x.Unit, honour.ByRanking)}
			for _, o := range x.Against {
				r.Against = append(r.Against, obstacleRow{Text: endText(p.Translator, sc, o)})
			}
			out = append(out, r)
		}
		return out
	}
	p.Listed, p.Spared = end(k.Listed), end(k.Spared)
	for _, x := range p.Listed {
		p.offer(x.Unit, honour.ByRanking, x.Name, x.Planned)
	}
	for _, x := range k.Penalties {
		r := penaltyRow{Penalty: x, Planned: p.planned(x.Unit, honour.ByFinding)}
		for _, i := range x.Items {
			r.Rules = append(r.Rules, i.Rule+" "+sc.RuleName(i.Rule).In(p.Lang()))
		}
		p.Penalties = append(p.Penalties, r)
		p.offer(x.Unit, honour.ByFinding, x.Name, r.Planned)
	}
	return p, nil
}

// endText says what spares a unit at the end of its class.
func endText(t *locale.Translator, sc *evaluation.Scheme, o evaluation.Obstacle) string {
	if o.Kind == evaluation.OtherTier {
		return t.T("interview.spared-tier")
	}
	return obstacleText(t, sc, o)
}

func (p *consequencesPage) planned(u org.UnitID, basis string) bool {
	for _, v := range p.Rows {
		if v.Unit == u && v.Basis == basis && v.State != "cancelled" {
			return true
		}
	}
	return false
}

// offer adds a unit to those an interview can be planned with.
func (p *consequencesPage) offer(u org.UnitID, basis string, name org.Names, planned bool) {
	if !planned {
		p.Choices = append(p.Choices, choice{Value: basis + "-" + idText(u), Label: name.In(p.Lang()) + " · " + p.T("interview.basis-"+basis)})
	}
}

func (s *Server) consequences(c *gin.Context) error {
	p, err := s.consequencesPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/consequences", p)
	return nil
}

func (s *Server) planInterview(c *gin.Context) error {
	p, err := s.consequencesPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Target = idem(c), line(c, "unit")
	p.Form = honour.Plan{On: line(c, "on"), Place: text(c, "place"), Holder: text(c, "holder")}
	for _, basis := range []string{honour.ByRanking, honour.ByFinding} {
		if n := len(basis) + 1; len(p.Target) > n && p.Target[:n] == basis+"-" {
			id, err := strconv.ParseInt(p.Target[n:], 10, 64)
			if err == nil {
				p.Form.Basis, p.Form.Unit = basis, org.UnitID(id)
			}
		}
	}
	id, err := s.Honour.PlanInterview(c.Request.Context(), actor(c), p.Year, p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "honour/consequences", p, "unit", "on", "place", "holder")
	}
	s.redirect(c, "/o/interviews/"+idText(id), "interview-planned")
	return nil
}

type interviewsPage struct {
	templates.Page
	Rows  []honour.Interview
	Base  string
	Years []int
}

// interviewBase is where a reader finds interviews.
func interviewBase(a org.Actor) string {
	if a.Is(org.RoleHead, org.RoleOfficer) {
		return "/d/interviews"
	}
	return "/o/interviews"
}

func (s *Server) interviews(c *gin.Context) error {
	a := actor(c)
	p := interviewsPage{Page: s.page(c, "interview.title"), Base: interviewBase(a)}
	var err error
	if p.Rows, err = s.Honour.Interviews(c.Request.Context(), a, 0); err != nil {
		return err
	}
	if p.Base == "/o/interviews" {
		if p.Years, err = s.Evaluation.PublishedYears(c.Request.Context()); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "honour/interviews", &p)
	return nil
}

type interviewPage struct {
	templates.Page
	Row      honour.Interview
	Steps    []honour.Step
	Base     string
	Words    string
	Tag      string
	Rules    []string
	Grade    string
	Form     honour.Talk
	Text     string
	May      map[string]bool
	DocHref  string
	CaseBase string
}

func (s *Server) interviewPage(c *gin.Context) (*interviewPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[honour.InterviewID](c, "interview")
	if err != nil {
		return nil, err
	}
	v, steps, err := s.Honour.Interview(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p := &interviewPage{Page: s.page(c, "interview.one", "Unit", v.UnitName.In(s.translator(c).Lang())), Row: v, Steps: steps, Base: interviewBase(a), May: map[string]bool{}}
	p.Back = templates.Link{Href: p.Base, Label: p.T("interview.title")}
	p.DocHref, p.CaseBase = "/o/documents/"+strconv.FormatInt(v.Document, 10), "/o/passing/"
	switch {
	case p.Base == "/d/interviews":
		p.DocHref, p.CaseBase = "/d/documents/"+strconv.FormatInt(v.Document, 10), "/d/passing/"
	case a.IsLeader():
		p.CaseBase = "/l/passing/"
	}
	for _, act := range []string{"hold", "cancel", "report", "return", "close"} {
		p.May[act] = v.May(a, act)
	}
	p.Words, p.Tag = p.T("interview.is-"+v.State), map[string]string{"planned": "warn", "held": "info", "reported": "warn", "closed": "ok"}[v.State]
	if v.State == "held" {
		cal, err := s.Calendar.Current(ctx)
		if err != nil {
			return nil, err
		}
		p.Words, p.Tag = s.left(c, &p.Page, v.Due, cal)
	}
	sc, err := s.Evaluation.SchemeOf(ctx, v.Year)
	if err != nil {
		return nil, err
	}
	p.Grade = sc.GradeName(v.Facts.Grade).In(p.Lang())
	for _, i := range v.Facts.Items {
		p.Rules = append(p.Rules, i.Rule+" "+sc.RuleName(i.Rule).In(p.Lang()))
	}
	return p, nil
}

func (s *Server) interview(c *gin.Context) error {
	p, err := s.interviewPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/interview", p)
	return nil
}

func (s *Server) interviewStep(c *gin.Context) error {
	p, err := s.interviewPage(c)
	if err != nil {
		return err
	}
	ctx, a, step := c.Request.Context(), actor(c), c.Param("step")
	p.Idem, p.Text = idem(c), text(c, "text")
	p.Form = honour.Talk{On: line(c, "on"), Record: text(c, "record"), Measures: text(c, "measures"), Due: line(c, "due")}
	if step == "hold" {
		err = s.Honour.HoldInterview(ctx, a, p.Row.ID, p.Form, p.Idem)
	} else {
		err = s.Honour.StepInterview(ctx, a, p.Row.ID, step, p.Text, p.Idem)
	}
	if err != nil {
		return s.refuseIn(c, err, "honour/interview", p, "on", "record", "measures", "due", "text")
	}
	s.redirect(c, p.Base+"/"+idText(p.Row.ID), "interview-"+step)
	return nil
}

// assessment hands the final result to the annual assessment, in a fixed order of
// columns, as xlsx or csv, every figure as the sealed ranking has it.
func (s *Server) assessment(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	k, err := s.Honour.Assessment(c.Request.Context(), actor(c), year)
	if err != nil {
		return err
	}
	return s.sendTable(c, assessmentTable(s.translator(c), k), "pingyi-assessment-"+strconv.Itoa(year))
}

// assessmentColumns are the columns, in their order; each has its definition.
var assessmentColumns = []string{"year", "code", "unit", "class", "status", "rank", "of", "total", "grade", "base", "bonus", "deduction", "vetoes", "lists"}

func assessmentTable(t *locale.Translator, k honour.Assessment) report.Table {
	table := report.Table{Sheet: t.T("interview.sheet"), Title: t.T("interview.sheet-title", "Year", k.Result.Year)}
	table.About = [][2]string{{t.T("report.version"), strconv.Itoa(k.Result.Version)}, {t.T("report.published"), t.DateTime(*k.Result.Published)},
		{t.T("result.file-hash"), evaluation.HashText(k.Result.Hash)}, {t.T("result.ranking-hash"), evaluation.HashText(k.Result.Ranking)}, {t.T("interview.column"), t.T("interview.definition")}}
	for _, col := range assessmentColumns {
		table.Head = append(table.Head, t.T("interview.col-"+col))
		table.About = append(table.About, [2]string{t.T("interview.col-" + col), t.T("interview.def-" + col)})
	}
	parts := 0
	for _, l := range k.Lines {
		parts = max(parts, len(l.Parts))
	}
	for i := range parts {
		table.Head = append(table.Head, t.T("results.part", "N", i+1), t.T("results.part-score", "N", i+1))
	}
	table.About = append(table.About, [2]string{t.T("interview.col-parts"), t.T("interview.def-parts")})
	for _, l := range k.Lines {
		lists, vetoes := "", ""
		for _, code := range l.Lists {
			lists += k.Scheme.ListName(code).In(t.Lang()) + " "
		}
		for _, code := range l.Vetoes {
			vetoes += code + " " + k.Scheme.RuleName(code).In(t.Lang()) + " "
		}
		row := []any{report.Number(strconv.Itoa(k.Result.Year)), l.Code, l.Name.In(t.Lang()), t.T("class." + strconv.Itoa(l.Class)), t.T("results.status-" + string(l.Status)), report.Number(idText(int64(l.Rank))), report.Number(strconv.Itoa(l.Of)),
			report.Number(l.Total.Text(4)), k.Scheme.GradeName(l.Grade).In(t.Lang()), report.Number(l.Base.Text(4)), report.Number(l.Bonus.Text(4)), report.Number(l.Deduction.Text(4)), clean(vetoes), clean(lists)}
		for i := range parts {
			name, score := "", ""
			if i < len(l.Parts) {
				name, score = k.Scheme.PartName(l.Parts[i].Code).In(t.Lang()), l.Parts[i].Score.Text(4)
			}
			row = append(row, name, report.Number(score))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}
