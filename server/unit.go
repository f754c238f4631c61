package server

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// unitRoutes: a unit's home, scores and visits; its issues are in issue.go.
func (s *Server) unitRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/d", unit, s.unitHome),
		get("/d/scores", unit, s.unitScores),
		get("/d/visits", unit, s.unitVisits),
		post("/d/visits", unit, s.recordVisit),
	}
}

type unitHome struct {
	templates.Page
	Issues    []issueRow
	Open      int
	Overdue   int // of the open ones
	Nearest   *issueRow
	Result    *evaluation.YearResult
	Row       *evaluation.Row
	InClass   int
	Chart     dotPlot
	VisitsDue int
	Visits    []feedback.Visit
	Appeal    []openYear // years that may be appealed against
}

func (s *Server) unitHome(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := unitHome{Page: s.page(c, "unit.title")}
	p.Title = a.OrgName.In(p.Lang())
	issues, total, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{Open: true, Page: 1, Size: 6})
	if err != nil {
		return err
	}
	p.Issues, p.Open = s.issueRows(c, issues), total
	if _, p.Overdue, err = s.Feedback.Issues(ctx, a, feedback.IssueFilter{Overdue: true, Page: 1, Size: 1}); err != nil {
		return err
	}
	for i := range p.Issues {
		if p.Issues[i].May(a, feedback.ActSign) || p.Issues[i].May(a, feedback.ActAnswer) || p.Issues[i].May(a, feedback.ActReceive) || p.Issues[i].May(a, feedback.ActReport) {
			p.Nearest = &p.Issues[i]
			break
		}
	}
	today := calendar.DateOf(s.Now())
	if p.Visits, p.VisitsDue, err = s.Feedback.Visits(ctx, a, feedback.VisitFilter{Year: today.Year(), Quarter: today.Quarter(), State: "planned", Page: 1, Size: 5}); err != nil {
		return err
	}
	if err := s.latestOf(c, a.Unit, &p); err != nil {
		return err
	}
	if p.Appeal, err = s.openYears(c, &p.Page); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "unit/home", &p)
	return nil
}

// latestOf adds the unit's place in the latest published ranking.
func (s *Server) latestOf(c *gin.Context, unit org.UnitID, p *unitHome) error {
	ctx := c.Request.Context()
	years, err := s.Evaluation.PublishedYears(ctx)
	if err != nil || len(years) == 0 {
		return err
	}
	r, err := s.Evaluation.Published(ctx, years[0])
	if err != nil {
		return err
	}
	rows, err := s.Evaluation.Rows(ctx, r)
	if err != nil {
		return err
	}
	var class []evaluation.Row
	for i := range rows {
		if rows[i].Unit == unit {
			p.Row, p.Result = &rows[i], &r
		}
	}
	if p.Row == nil {
		return nil
	}
	for _, row := range rows {
		if row.Class == p.Row.Class {
			class = append(class, row)
			if row.Status == evaluation.Ranked {
				p.InClass++
			}
		}
	}
	p.Chart = s.dotPlot(p.Translator, class, unit)
	return nil
}

type scoresPage struct {
	templates.Page
	Years     []int
	Year      int
	Row       *evaluation.Row
	Tree      *whyTree
	RuleNames map[string]string
	Scheme    *evaluation.Scheme
	Kind      string
	Items     []evaluation.ItemResult
	Adjust    []evaluation.Adjustment
	Chart     dotPlot
	Weakest   string
}

func (s *Server) unitScores(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := scoresPage{Page: s.page(c, "scores.title")}
	var err error
	if p.Years, err = s.Evaluation.PublishedYears(ctx); err != nil {
		return err
	}
	if p.Year = formQuery(c, "year"); p.Year == 0 && len(p.Years) > 0 {
		p.Year = p.Years[0]
	}
	if p.Year != 0 {
		if err := s.fillScores(c, a, &p); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "unit/scores", &p)
	return nil
}

func (s *Server) fillScores(c *gin.Context, a org.Actor, p *scoresPage) error {
	ctx := c.Request.Context()
	r, err := s.Evaluation.Published(ctx, p.Year)
	if errors.Is(err, evaluation.ErrNoResult) {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := s.Evaluation.Rows(ctx, r)
	if err != nil {
		return err
	}
	var class []evaluation.Row
	for i := range rows {
		if rows[i].Unit == a.Unit {
			p.Row = &rows[i]
		}
	}
	if p.Row == nil {
		return nil
	}
	for _, row := range rows {
		if row.Class == p.Row.Class {
			class = append(class, row)
		}
	}
	p.Chart = s.dotPlot(p.Translator, class, a.Unit)
	reasons, err := p.Row.Open()
	if err != nil {
		return err
	}
	if p.Scheme, err = s.Evaluation.Scheme(ctx, r.SchemeID); err != nil {
		return err
	}
	p.Tree = treeOf(p.Translator, p.Scheme, p.Row.Class, *p.Row, reasons.Discreet(p.Scheme.Disclosure.Unit))
	if p.Kind, p.Items, err = s.Evaluation.Items(ctx, a, p.Year, a.Unit); err != nil {
		return err
	}
	p.Adjust, err = s.Evaluation.Adjustments(ctx, a, p.Year, a.Unit)
	p.RuleNames = map[string]string{}
	for i, x := range p.Adjust {
		p.RuleNames[x.Rule] = ruleName(p.Translator, p.Scheme, x.Rule)
		p.Adjust[i] = creditWords(p.Translator, x)
	}
	low := evaluation.Of(nil)
	for i, it := range p.Items {
		if it.Score.Known() && (!low.Known() || it.Score.Float() < low.Float()) {
			low, p.Weakest = it.Score, p.Scheme.Indicators[i].Name.In(p.Lang())
		}
	}
	return err
}

func (s *Server) unitVisitsPage(c *gin.Context) (*visitsPage, error) {
	p, err := s.visitsOf(c, "visits.unit-title")
	if err != nil {
		return nil, err
	}
	p.States = []string{"planned", "made"}
	today := calendar.DateOf(s.Now())
	planned, _, err := s.Feedback.Visits(c.Request.Context(), actor(c), feedback.VisitFilter{Year: today.Year(), Page: 1, Size: 1000})
	if err != nil {
		return nil, err
	}
	seen := map[org.CompanyID]bool{}
	for _, v := range planned {
		if !seen[v.Company] {
			seen[v.Company] = true
			p.Companies = append(p.Companies, choice{Value: idText(v.Company), Label: v.CompName.In(p.Lang())})
		}
	}
	p.Form.On = string(today)
	return p, nil
}

func (s *Server) unitVisits(c *gin.Context) error {
	p, err := s.unitVisitsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "unit/visits", p)
	return nil
}

func (s *Server) recordVisit(c *gin.Context) error {
	r := feedback.VisitRecord{Company: formID[org.CompanyID](c, "company"), On: line(c, "on"), Staff: text(c, "staff"), Purpose: text(c, "purpose"), Matters: text(c, "matters")}
	if _, err := s.Feedback.RecordVisit(c.Request.Context(), actor(c), r, idem(c)); err != nil {
		p, perr := s.unitVisitsPage(c)
		if perr != nil {
			return perr
		}
		p.Form, p.Idem = r, idem(c)
		return s.refuseIn(c, err, "unit/visits", p, "company", "on", "staff", "purpose", "matters")
	}
	s.redirect(c, "/d/visits", "visit-recorded")
	return nil
}
