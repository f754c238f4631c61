package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/editor"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/templates"
)

// schemeRoutes: the rules of the appraisal as data: drafts, trials, adoption.
func (s *Server) schemeRoutes() []route {
	runner := either(offices, only(org.RoleCampaignAdmin))
	reader := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))
	return []route{
		get("/o/schemes", reader, s.schemes),
		post("/o/schemes", runner, s.newScheme),
		postLimit("/o/schemes/import", importLimit, runner, s.importScheme),
		get("/o/schemes/compare", reader, s.compareSchemes),
		get("/o/schemes/:scheme", reader, s.scheme),
		post("/o/schemes/:scheme/:step", runner, s.schemeStep),
		get("/o/schemes/:scheme/file", reader, s.schemeFile),
		get("/o/schemes/:scheme/try", reader, s.trial),
		get("/o/schemes/:scheme/edit/:part", runner, s.editScheme),
		post("/o/schemes/:scheme/edit/:part", runner, s.saveScheme),
		get("/o/schemes/:scheme/tree/:tree", runner, s.editTree),
		post("/o/schemes/:scheme/tree/:tree", runner, s.saveTree),
		get("/o/schemes/:scheme/tree/:tree/:part", runner, s.editPart),
		post("/o/schemes/:scheme/tree/:tree/:part", runner, s.savePart),
	}
}

func mayRunSchemes(c *gin.Context) bool {
	return actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin
}

type schemesPage struct {
	templates.Page
	Drafts, Adopted []evaluation.SchemeInfo
	Options         []choice
	From, Code      string
	A, B            string   // to compare
	Wrong           []string // what is wrong with an imported file
	Runs            bool
}

func (s *Server) schemesPage(c *gin.Context) (*schemesPage, error) {
	p := &schemesPage{Page: s.page(c, "schemes.title"), Runs: mayRunSchemes(c)}
	all, err := s.Evaluation.Schemes(c.Request.Context(), actor(c))
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Adopted == nil {
			p.Drafts = append(p.Drafts, x)
		} else {
			p.Adopted = append(p.Adopted, x)
		}
		p.Options = append(p.Options, choice{Value: strconv.FormatInt(x.ID, 10), Label: schemeLabel(&p.Page, x)})
	}
	if len(p.Adopted) > 0 {
		p.From = strconv.FormatInt(p.Adopted[0].ID, 10)
		p.B = p.From
	}
	if len(p.Drafts) > 0 {
		p.A, p.B = p.B, strconv.FormatInt(p.Drafts[0].ID, 10)
	}
	return p, nil
}

// schemeLabel names a version in a list.
func schemeLabel(p *templates.Page, x evaluation.SchemeInfo) string {
	name := x.Name.In(p.Lang())
	if name == "" {
		name = p.T("schemes.nameless")
	}
	return p.T("schemes.label", "Name", name, "Code", x.Code, "Version", x.Version)
}

// SchemeLabel names a version.
func (p *schemesPage) SchemeLabel(x evaluation.SchemeInfo) string { return schemeLabel(&p.Page, x) }

func (s *Server) schemes(c *gin.Context) error {
	p, err := s.schemesPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "scheme/list", p)
	return nil
}

// newScheme begins a draft: a copy of a scheme, or nothing but a code.
func (s *Server) newScheme(c *gin.Context) error {
	p, err := s.schemesPage(c)
	if err != nil {
		return err
	}
	p.From, p.Code = line(c, "from"), line(c, "code")
	sc := editor.Skeleton(p.Code)
	if p.From != "" {
		from, err := s.Evaluation.Scheme(c.Request.Context(), formID[int64](c, "from"))
		if err != nil {
			return s.refuseIn(c, err, "scheme/list", p)
		}
		sc = from.Clone()
		if p.Code != "" {
			sc.Code = p.Code
		}
	}
	id, err := s.Evaluation.NewDraft(c.Request.Context(), actor(c), sc)
	if err != nil {
		return s.refuseIn(c, err, "scheme/list", p, "from", "code")
	}
	s.redirect(c, schemePath(id), "scheme-drafted")
	return nil
}

func schemePath(id int64) string { return "/o/schemes/" + strconv.FormatInt(id, 10) }

// importScheme keeps a file as a draft, or says what is wrong with it, by part.
func (s *Server) importScheme(c *gin.Context) error {
	p, err := s.schemesPage(c)
	if err != nil {
		return err
	}
	body, err := readUpload(c)
	var id int64
	if err == nil {
		id, err = s.Evaluation.ImportScheme(c.Request.Context(), actor(c), body)
	}
	if f := fault.FieldsOf(err); f != nil && f["file"].Key == "" {
		for _, x := range s.todo(p.Translator, nil, "", err) {
			p.Wrong = append(p.Wrong, x.Where+" — "+x.Text)
		}
		err = fault.Field("file", "schemes.file-wrong", "N", len(p.Wrong))
	}
	if err != nil {
		return s.refuseIn(c, err, "scheme/list", p, "file")
	}
	s.redirect(c, schemePath(id), "scheme-imported")
	return nil
}

// readUpload reads the file of a form.
func readUpload(c *gin.Context) ([]byte, error) {
	h, err := c.FormFile("file")
	if err != nil || h.Size == 0 {
		return nil, fault.Field("file", "import.file-missing")
	}
	f, err := h.Open()
	if err != nil {
		return nil, fault.Field("file", "scheme.file-unreadable")
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, importLimit))
	if err != nil {
		return nil, fault.Field("file", "scheme.file-unreadable")
	}
	return body, nil
}

func (s *Server) schemeFile(c *gin.Context) error {
	info, sc, err := s.schemeOf(c)
	if err != nil {
		return err
	}
	body, err := sc.ExportScheme()
	if err != nil {
		return err
	}
	name := info.Code + "-" + strconv.Itoa(info.Version) + ".json"
	if err := s.exported(c, name); err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
	return nil
}

// schemeOf reads the scheme of the address.
func (s *Server) schemeOf(c *gin.Context) (evaluation.SchemeInfo, *evaluation.Scheme, error) {
	id, err := pathID[schemeID](c, "scheme")
	if err != nil {
		return evaluation.SchemeInfo{}, nil, err
	}
	info, err := s.Evaluation.SchemeInfo(c.Request.Context(), actor(c), int64(id))
	if err != nil {
		return info, nil, err
	}
	sc, err := s.Evaluation.Scheme(c.Request.Context(), int64(id))
	return info, sc, err
}

// schemeID numbers a version of a scheme.
type schemeID int64

type schemePage struct {
	templates.Page
	Info     evaluation.SchemeInfo
	Parts    []schemePart
	Chapters []explainedChapter
	Missing  int
	Years    []choice
	Year     string
	Confirm  string // adopt, delete
	Runs     bool
}

// schemePart is a part of a scheme in the checklist.
type schemePart struct {
	Key, Title, Href string
	Todo             []todo
}

func (s *Server) schemePage(c *gin.Context) (*schemePage, error) {
	info, sc, err := s.schemeOf(c)
	if err != nil {
		return nil, err
	}
	p := &schemePage{Page: s.page(c, "schemes.title"), Info: info, Runs: mayRunSchemes(c)}
	p.Title, p.Caption = schemeLabel(&p.Page, info), p.T("schemes.title")
	p.Back = templates.Link{Href: "/o/schemes", Label: p.T("schemes.title")}
	p.Chapters = explain(p.Translator, sc)
	open := s.todo(p.Translator, sc, schemePath(info.ID), sc.Validate())
	for _, key := range editor.PageKeys {
		part := schemePart{Key: key, Title: p.T("edit.page-" + key), Href: schemePath(info.ID) + "/edit/" + key}
		for _, x := range open {
			if x.Page == key {
				part.Todo = append(part.Todo, x)
				p.Missing++
			}
		}
		p.Parts = append(p.Parts, part)
	}
	years, err := s.Evaluation.PublishedYears(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, y := range years {
		p.Years = append(p.Years, choice{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	if len(p.Years) > 0 {
		p.Year = p.Years[0].Value
	}
	return p, nil
}

func (s *Server) scheme(c *gin.Context) error {
	p, err := s.schemePage(c)
	if err != nil {
		return err
	}
	if q := c.Query("confirm"); p.Runs && p.Info.Adopted == nil && (q == "adopt" || q == "delete") {
		p.Confirm = q
	}
	s.show(c, http.StatusOK, "scheme/one", p)
	return nil
}

// schemeStep copies, deletes, tries or adopts; deleting and adopting are confirmed on
// a page of their own.
func (s *Server) schemeStep(c *gin.Context) error {
	p, err := s.schemePage(c)
	if err != nil {
		return err
	}
	ctx, a, id, step := c.Request.Context(), actor(c), p.Info.ID, c.Param("step")
	if (step == "adopt" || step == "delete") && !ticked(c, "confirmed") {
		s.redirect(c, schemePath(id)+"?confirm="+step, "")
		return nil
	}
	to, done := schemePath(id), "scheme-"+step
	switch step {
	case "copy":
		sc, err := s.Evaluation.Scheme(ctx, id)
		if err != nil {
			return err
		}
		if id, err = s.Evaluation.NewDraft(ctx, a, sc); err != nil {
			return s.refuse(c, err, "scheme/one", p)
		}
		to = schemePath(id)
	case "delete":
		to = "/o/schemes"
		err = s.Evaluation.DeleteDraft(ctx, a, id)
	case "adopt":
		err = s.Evaluation.AdoptScheme(ctx, a, id)
	case "try":
		year := formID[schemeID](c, "year")
		to = schemePath(id) + "/try?year=" + strconv.FormatInt(int64(year), 10)
		_, _, err = s.Evaluation.DryRun(ctx, a, id, int(year))
		if errors.Is(err, evaluation.ErrNoResult) {
			err = fault.Field("year", "schemes.year-unknown")
		}
	default:
		return errNotFound
	}
	if fault.FieldsOf(err) != nil && step != "try" || (step == "try" && fault.FieldsOf(err) != nil && fault.FieldsOf(err)["year"].Key == "") {
		err = fault.New(fault.Conflict, "schemes.not-valid", "N", p.Missing) // the checklist on the page says what
	}
	if err != nil {
		return s.refuse(c, err, "scheme/one", p)
	}
	s.redirect(c, to, done)
	return nil
}
