package server

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// resultRoutes: what anyone may read of a published year, and its sealed file.
func (s *Server) resultRoutes() []route {
	return []route{
		get("/results", anyone, s.latestResults),
		get("/results/:year", anyone, s.results),
		get("/results/:year/xlsx", anyone, s.resultsFile),
		get("/results/:year/docx", anyone, s.rankingWord),
		get("/results/:year/changes", anyone, s.resultChanges),
		get("/results/:year/ranking.json", anyone, s.rankingFile),
		get("/results/:year/signatures.txt", anyone, s.signatureFile),
		get("/results/:year/snapshot.json", either(offices, only(org.RoleSupervision)), s.snapshotFile),
		get("/departments/:code", anyone, s.profile),
	}
}

// Floors of disclosure besides a number of companies.
const (
	noFloor     = 0
	publicFloor = -1 // as the scheme says for the public
)

// classTable is the ranking of a class with its pictures.
type classTable struct {
	Class  int
	Scheme *evaluation.Scheme
	Tree   evaluation.Tree
	Plot   dotPlot
	Rows   []dotRow
	Open   map[org.UnitID]evaluation.Reasons
	Why    map[org.UnitID]*whyTree
	Fair   fairPlot
	Funnel funnelPlot
	Slope  slopePlot
}

// classes prepares the tables of a result. Figures that rest on fewer companies than
// the floor are left out.
func (s *Server) classes(c *gin.Context, r evaluation.YearResult, me org.UnitID, floor int) ([]classTable, error) {
	ctx := c.Request.Context()
	rows, err := s.Evaluation.Rows(ctx, r)
	if err != nil {
		return nil, err
	}
	sc, err := s.Evaluation.Scheme(ctx, r.SchemeID)
	if err != nil {
		return nil, err
	}
	if floor == publicFloor {
		floor = sc.Disclosure.Public
	}
	fair, err := s.fairness(c, r)
	if err != nil {
		return nil, err
	}
	t := s.translator(c)
	var out []classTable
	for _, class := range org.Classes {
		k := classTable{Class: class, Scheme: sc, Tree: sc.TreeOf(class), Open: map[org.UnitID]evaluation.Reasons{}, Why: map[org.UnitID]*whyTree{}}
		var own []evaluation.Row
		for _, row := range rows {
			if row.Class != class {
				continue
			}
			own = append(own, row)
			reasons, err := row.Open()
			if err != nil {
				return nil, err
			}
			if floor > 0 {
				reasons = reasons.Discreet(floor)
			}
			k.Open[row.Unit], k.Why[row.Unit] = reasons, treeOf(t, sc, class, row, reasons)
		}
		if len(own) == 0 {
			continue
		}
		k.Plot = s.dotPlot(t, own, me)
		for i := range k.Plot.Rows {
			k.Plot.Rows[i].addFair(t, sc, fair)
		}
		k.Rows = k.Plot.Rows
		k.Fair = drawFair(t, k.Rows)
		out = append(out, k)
	}
	return out, nil
}

// fairness returns the comparison of a result by unit.
func (s *Server) fairness(c *gin.Context, r evaluation.YearResult) (map[org.UnitID]evaluation.FairStanding, error) {
	all, err := s.Evaluation.Fairness(c.Request.Context(), r.ID)
	if err != nil {
		return nil, err
	}
	out := map[org.UnitID]evaluation.FairStanding{}
	for _, f := range all {
		out[f.Unit] = f
	}
	return out, nil
}

type resultsPage struct {
	templates.Page
	Year       int
	Result     *evaluation.YearResult
	Old        bool // not the version in force
	Years      []int
	Versions   []int
	Before     int // published year the slopes start from; 0: none
	Classes    []classTable
	Raters     int
	Ballots    int
	Signatures []evaluation.Signature
	Hash       string
	Ranking    string
	MayTake    bool
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

// published finds the published version an address asks for: ?version=, else the
// one in force.
func (s *Server) published(c *gin.Context) (evaluation.YearResult, error) {
	year, err := yearOf(c)
	if err != nil {
		return evaluation.YearResult{}, err
	}
	return s.Evaluation.VersionOf(c.Request.Context(), year, max(0, formQuery(c, "version")))
}

func (s *Server) resultsPage(c *gin.Context) (*resultsPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &resultsPage{Page: s.page(c, "results.title", "Year", year), Year: year, MayTake: a.IsOffice() || a.Role == org.RoleSupervision}
	if p.Years, err = s.Evaluation.PublishedYears(ctx); err != nil {
		return nil, err
	}
	r, err := s.published(c)
	if errors.Is(err, evaluation.ErrNoResult) && c.Query("version") == "" {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Result, p.Old = &r, r.State != "published"
	p.Caption = p.T("results.caption", "Date", p.Date(*r.Published), "Version", r.Version)
	p.Hash, p.Ranking = evaluation.HashText(r.Hash), evaluation.HashText(r.Ranking)
	if p.Versions, err = s.Evaluation.PublishedVersions(ctx, year); err != nil {
		return nil, err
	}
	if p.Signatures, err = s.Evaluation.Signatures(ctx, r.ID); err != nil {
		return nil, err
	}
	var me org.UnitID
	if a.Is(org.RoleHead, org.RoleOfficer) {
		me = a.Unit
	}
	sc, err := s.Evaluation.Scheme(ctx, r.SchemeID)
	if err != nil {
		return nil, err
	}
	if p.Classes, err = s.classes(c, r, me, publicFloor); err != nil {
		return nil, err
	}
	if err := s.addPictures(c, p, me); err != nil {
		return nil, err
	}
	all, err := s.Evaluation.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Year == year && k.Kind == sc.Required && k.Raters != nil && k.Cast != nil {
			p.Raters, p.Ballots = *k.Raters, *k.Cast
		}
	}
	return p, nil
}

// addPictures draws the funnel of each class and the slopes from the published year
// before.
func (s *Server) addPictures(c *gin.Context, p *resultsPage, me org.UnitID) error {
	var before []evaluation.Row
	for _, y := range p.Years {
		if y >= p.Year || p.Before != 0 {
			continue
		}
		r, err := s.Evaluation.Published(c.Request.Context(), y)
		if err != nil {
			return err
		}
		if before, err = s.Evaluation.Rows(c.Request.Context(), r); err != nil {
			return err
		}
		p.Before = y
	}
	for i := range p.Classes {
		k := &p.Classes[i]
		var rows []evaluation.Row
		for _, r := range k.Rows {
			rows = append(rows, r.Row)
		}
		funnel, err := evaluation.FunnelOf(rows)
		if err != nil {
			return err
		}
		k.Funnel = drawFunnel(p.Translator, funnel, me)
		k.Slope = drawSlopes(p.Translator, evaluation.Slopes(before, rows), p.Before, p.Year, me)
	}
	return nil
}

func (s *Server) results(c *gin.Context) error {
	p, err := s.resultsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "public/results", p)
	return nil
}

type changesPage struct {
	templates.Page
	Result, Before evaluation.YearResult
	Rows           []correctionRow
	Causes         []evaluation.Cause
}

// correctionRow is a number that changed, in words.
type correctionRow struct{ Unit, Code, What, Old, New string }

// resultChanges shows what differs between a version and the one before it, and why.
func (s *Server) resultChanges(c *gin.Context) error {
	r, err := s.published(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p := changesPage{Page: s.page(c, "result.changes-title", "Year", r.Year), Result: r}
	p.Back = templates.Link{Href: "/results/" + strconv.Itoa(r.Year), Label: p.T("results.title", "Year", r.Year)}
	var diff []evaluation.Correction
	if p.Before, diff, p.Causes, err = s.Evaluation.Changes(ctx, r); err != nil {
		return err
	}
	sc, err := s.Evaluation.Scheme(ctx, r.SchemeID)
	if err != nil {
		return err
	}
	rows, err := s.Evaluation.Rows(ctx, r)
	if err != nil {
		return err
	}
	unit := map[org.UnitID]org.Names{}
	for _, row := range rows {
		unit[row.Unit] = row.Name
	}
	for _, d := range diff {
		p.Rows = append(p.Rows, correctionWords(p.Translator, sc, d, unit[d.Unit]))
	}
	s.show(c, http.StatusOK, "public/changes", &p)
	return nil
}

// rankingFile hands out the canonical ranking: what its published hash is of.
func (s *Server) rankingFile(c *gin.Context) error {
	r, err := s.published(c)
	if err != nil {
		return err
	}
	b, err := s.Evaluation.RankingFile(c.Request.Context(), r)
	if err != nil {
		return err
	}
	return download(c, "application/json", fmt.Sprintf("pingyi-ranking-%d-%d.json", r.Year, r.Version), b)
}

func (s *Server) signatureFile(c *gin.Context) error {
	r, err := s.published(c)
	if err != nil {
		return err
	}
	all, err := s.Evaluation.Signatures(c.Request.Context(), r.ID)
	if err != nil {
		return err
	}
	return plainText(c, evaluation.SignatureText(r, all))
}

func (s *Server) snapshotFile(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	version := max(0, formQuery(c, "version"))
	b, err := s.Evaluation.SnapshotFile(c.Request.Context(), actor(c), year, version)
	if err != nil {
		return err
	}
	return download(c, "application/json", fmt.Sprintf("pingyi-snapshot-%d.json", year), b)
}

func download(c *gin.Context, kind, name string, b []byte) error {
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, kind, b)
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
