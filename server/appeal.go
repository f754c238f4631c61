package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// appealRoutes: units appeal against what is published, the supervision office and
// the two offices decide.
func (s *Server) appealRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	desk := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))
	return []route{
		get("/d/appeals", unit, s.appeals),
		get("/d/appeals/new", unit, s.newAppeal),
		postLimit("/d/appeals/new", uploadLimit, unit, s.fileAppeal),
		get("/d/appeals/:appeal", unit, s.appeal),
		get("/d/appeals/:appeal/letter", unit, s.appealLetter),
		get("/d/appeals/:appeal/files/:file", unit, s.appealFile),
		get("/o/appeals", desk, s.appeals),
		get("/o/appeals/:appeal", desk, s.appeal),
		get("/o/appeals/:appeal/letter", desk, s.appealLetter),
		get("/o/appeals/:appeal/files/:file", desk, s.appealFile),
		post("/o/appeals/:appeal/:step", desk, s.appealStep),
	}
}

// appealRow is an appeal with its words.
type appealRow struct {
	evaluation.Appeal
	Label      string // what it is against
	Words, Tag string // how it stands
}

func (s *Server) appealRows(c *gin.Context, p *templates.Page, list []evaluation.Appeal) ([]appealRow, error) {
	cal, err := s.Calendar.Current(c.Request.Context())
	if err != nil {
		return nil, err
	}
	out := make([]appealRow, len(list))
	for i, a := range list {
		sc, err := s.Evaluation.SchemeOf(c.Request.Context(), a.Year)
		if err != nil {
			return nil, err
		}
		r := appealRow{Appeal: a, Label: appealLabel(p, sc, a)}
		switch a.State {
		case evaluation.AppealFiled:
			r.Words, r.Tag = s.left(c, p, a.DecideBy, cal)
		case evaluation.AppealUpheld:
			r.Words, r.Tag = p.T("appeal.state-upheld"), "ok"
		default:
			r.Words = p.T("appeal.state-rejected")
		}
		out[i] = r
	}
	return out, nil
}

// appealLabel says in words what an appeal is against.
func appealLabel(p *templates.Page, sc *evaluation.Scheme, a evaluation.Appeal) string {
	switch {
	case a.Kind == evaluation.AppealDeduction:
		return p.T("appeal.on-deduction", "Rule", a.Rule, "Name", sc.RuleName(a.Rule).In(p.Lang()), "Date", p.Date(a.On.Time()))
	case a.Kind == evaluation.AppealAttribution:
		return p.T("appeal.on-attribution", "Ref", a.Code())
	case a.Code() == "":
		return p.T("appeal.on-bonus")
	}
	return p.T("appeal.on-data", "Name", sc.PartName(a.Code()).In(p.Lang()))
}

// openYear is a published year that may be appealed against.
type openYear struct {
	Year, Version int
	Until         calendar.Date
	Words         string
}

// openYears lists the published years whose window is open.
func (s *Server) openYears(c *gin.Context, p *templates.Page) ([]openYear, error) {
	ctx := c.Request.Context()
	years, err := s.Evaluation.PublishedYears(ctx)
	if err != nil {
		return nil, err
	}
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	var out []openYear
	for _, y := range years {
		r, err := s.Evaluation.Published(ctx, y)
		if err != nil {
			return nil, err
		}
		w, err := s.Evaluation.AppealWindow(ctx, r)
		if err != nil {
			return nil, err
		}
		if w.Open {
			words, _ := s.left(c, p, w.Until, cal)
			out = append(out, openYear{Year: y, Version: r.Version, Until: w.Until, Words: words})
		}
	}
	return out, nil
}

type appealsPage struct {
	templates.Page
	Rows []appealRow
	Open []openYear
	Desk bool // the desk of those who decide
	Base string
}

func (s *Server) appeals(c *gin.Context) error {
	p := appealsPage{Page: s.page(c, "appeal.title"), Desk: !actor(c).Is(org.RoleHead, org.RoleOfficer), Base: "/d/appeals/"}
	if p.Desk {
		p.Base = "/o/appeals/"
	}
	list, err := s.Evaluation.Appeals(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	if p.Rows, err = s.appealRows(c, &p.Page, list); err != nil {
		return err
	}
	if p.Open, err = s.openYears(c, &p.Page); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "appeal/list", &p)
	return nil
}

// subjectGroup is the subjects of one kind.
type subjectGroup struct {
	Kind string
	All  []choice
}

type newAppealPage struct {
	templates.Page
	Year   openYear
	Open   bool
	Groups []subjectGroup
	Form   evaluation.AppealDraft
}

func (s *Server) newAppealPage(c *gin.Context) (*newAppealPage, error) {
	ctx := c.Request.Context()
	p := &newAppealPage{Page: s.page(c, "appeal.new-title")}
	p.Back = templates.Link{Href: "/d/appeals", Label: p.T("appeal.title")}
	p.Narrow = true
	open, err := s.openYears(c, &p.Page)
	if err != nil {
		return nil, err
	}
	wanted := formQuery(c, "year")
	for _, y := range open {
		if !p.Open || y.Year == wanted {
			p.Year, p.Open = y, true
		}
	}
	if !p.Open {
		return p, nil
	}
	r, err := s.Evaluation.Published(ctx, p.Year.Year)
	if err != nil {
		return nil, err
	}
	subjects, err := s.Evaluation.AppealSubjects(ctx, actor(c), r)
	if err != nil {
		return nil, err
	}
	for _, kind := range []string{evaluation.AppealDeduction, evaluation.AppealAttribution, evaluation.AppealData} {
		g := subjectGroup{Kind: kind}
		for _, x := range subjects {
			if x.Kind == kind {
				g.All = append(g.All, choice{Value: x.Key, Label: subjectLabel(&p.Page, x)})
			}
		}
		if len(g.All) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return p, nil
}

func subjectLabel(p *templates.Page, x evaluation.Subject) string {
	switch {
	case x.Kind == evaluation.AppealDeduction:
		return x.Code + " " + x.Name.In(p.Lang()) + " · " + string(x.On) + " · " + shorten(x.Text, 20)
	case x.Kind == evaluation.AppealAttribution:
		return x.Code + " " + shorten(x.Text, 24)
	case x.Code == "":
		return p.T("appeal.on-bonus")
	}
	return x.Name.In(p.Lang())
}

func (s *Server) newAppeal(c *gin.Context) error {
	p, err := s.newAppealPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "appeal/new", p)
	return nil
}

func (s *Server) fileAppeal(c *gin.Context) error {
	p, err := s.newAppealPage(c)
	if err != nil {
		return err
	}
	if !p.Open {
		return s.refuse(c, evaluation.ErrAppealWindow, "appeal/new", p)
	}
	p.Idem = idem(c)
	p.Form = evaluation.AppealDraft{Subject: c.PostForm("subject"), Grounds: text(c, "grounds")}
	var id evaluation.AppealID
	if p.Form.Files, err = readFiles(c); err == nil {
		id, err = s.Evaluation.FileAppeal(c.Request.Context(), actor(c), p.Year.Year, p.Form, p.Idem)
	}
	if err != nil {
		return s.refuseIn(c, err, "appeal/new", p, "subject", "grounds", "files")
	}
	s.redirect(c, "/d/appeals/"+idText(id), "appeal-filed")
	return nil
}

type appealPage struct {
	templates.Page
	Row      appealRow
	Files    []feedback.File
	Moves    []moveRow // what upholding would move
	Effect   bool      // it can be told
	Decides  bool
	Settles  bool
	Word     string
	Text     string
	Words    []choice
	Base     string
	Followed int // the version that followed; 0: none yet
	Names    map[org.UnitID]org.Unit
}

func (s *Server) appealPage(c *gin.Context) (*appealPage, error) {
	id, err := pathID[evaluation.AppealID](c, "appeal")
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &appealPage{Page: s.page(c, "appeal.one-title", "N", int64(id)), Base: "/o/appeals"}
	if a.Is(org.RoleHead, org.RoleOfficer) {
		p.Base = "/d/appeals"
	}
	p.Back = templates.Link{Href: p.Base, Label: p.T("appeal.title")}
	x, err := s.Evaluation.Appeal(ctx, a, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.appealRows(c, &p.Page, []evaluation.Appeal{x})
	if err != nil {
		return nil, err
	}
	p.Row = rows[0]
	if p.Files, err = s.Evaluation.AppealFiles(ctx, x); err != nil {
		return nil, err
	}
	p.Caption = p.T("appeal.caption", "Unit", x.UnitName.In(p.Lang()), "Year", x.Year, "Version", x.Version)
	p.Decides = x.State == evaluation.AppealFiled && (a.IsOffice() || a.Role == org.RoleSupervision)
	p.Settles = x.State == evaluation.AppealUpheld && x.Done == nil && (a.IsOffice() || a.Role == org.RoleCampaignAdmin)
	p.Words = choices(p.Translator, "appeal.word-", []string{evaluation.AppealUpheld, evaluation.AppealRejected})
	if p.Followed, err = s.Evaluation.AppealVersion(ctx, x); err != nil {
		return nil, err
	}
	if p.Names, err = s.unitsByID(ctx); err != nil {
		return nil, err
	}
	moves, ok, err := s.Evaluation.AppealEffect(ctx, x)
	p.Effect, p.Moves = ok, s.moveRows(p.Translator, moves, p.Names)
	return p, err
}

func (s *Server) appeal(c *gin.Context) error {
	p, err := s.appealPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "appeal/one", p)
	return nil
}

// appealFile hands out a document of an appeal.
func (s *Server) appealFile(c *gin.Context) error {
	id, err := pathID[evaluation.AppealID](c, "appeal")
	if err != nil {
		return err
	}
	file, err := pathID[evaluation.AppealID](c, "file")
	if err != nil {
		return err
	}
	f, err := s.Evaluation.AppealFile(c.Request.Context(), actor(c), id, int64(file))
	if err != nil {
		return err
	}
	handOut(c, f)
	return nil
}

// appealLetter is the decision as a letter to print.
func (s *Server) appealLetter(c *gin.Context) error {
	p, err := s.appealPage(c)
	if err != nil {
		return err
	}
	if p.Row.State == evaluation.AppealFiled {
		return errNotFound
	}
	p.Title, p.Caption = p.T("appeal.letter"), ""
	p.Back = templates.Link{Href: p.Base + "/" + idText(p.Row.ID), Label: p.T("appeal.one-title", "N", int64(p.Row.ID))}
	p.Narrow = true
	s.show(c, http.StatusOK, "appeal/letter", p)
	return nil
}

func (s *Server) appealStep(c *gin.Context) error {
	p, err := s.appealPage(c)
	if err != nil {
		return err
	}
	ctx, a, id := c.Request.Context(), actor(c), p.Row.ID
	switch c.Param("step") {
	case "decide":
		p.Word, p.Text = c.PostForm("word"), text(c, "text")
		err = s.Evaluation.DecideAppeal(ctx, a, id, p.Word, p.Text)
	case "settle":
		err = s.Evaluation.SettleAppeal(ctx, a, id)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "appeal/one", p, "word", "text")
	}
	s.redirect(c, "/o/appeals/"+strconv.FormatInt(int64(id), 10), "appeal-"+c.Param("step"))
	return nil
}
