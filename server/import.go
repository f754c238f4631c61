package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/job"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/org/roster"
	"pingyi/report"
	"pingyi/templates"
)

// importKind is the kind of the jobs that bring files in.
const importKind = "import"

func (s *Server) importRoutes() []route {
	who := either(managers, only(org.RoleChamber))
	up := post("/o/imports", who, s.importUpload)
	up.limit = importLimit
	return []route{
		get("/o/imports", who, s.imports),
		up,
		get("/o/imports/templates/:kind", who, s.importTemplate),
		get("/o/imports/:import", who, s.importPage),
		post("/o/imports/:import/commit", who, s.importCommit),
		get("/o/imports/:import/failing", who, s.importFailing),
		post("/o/imports/:import/codes", who, s.importCodes),
	}
}

// importParams say what a job is to do with its file.
type importParams struct {
	Kind  roster.Kind   `json:"kind"`
	File  string        `json:"file"`
	Write bool          `json:"write"`
	Mark  string        `json:"mark,omitempty"`
	By    org.AccountID `json:"by"`
}

// importWords are the names of columns and values in every language.
func (s *Server) importWords() roster.Words {
	return roster.NewWords(func(key string) []string {
		var out []string
		for _, lang := range locale.Languages {
			if t := s.catalogue.In(lang); t.Has(key) {
				out = append(out, t.T(key))
			}
		}
		return out
	})
}

// ImportWork checks a file, and brings it in when its dry run was confirmed.
func (s *Server) ImportWork() job.Work {
	words := s.importWords()
	return func(ctx context.Context, j job.Job, progress func(string, int, int)) (any, error) {
		var p importParams
		if err := json.Unmarshal(j.Params, &p); err != nil {
			return nil, err
		}
		by, err := s.Org.ActorByID(ctx, p.By)
		if err != nil {
			return nil, err
		}
		progress("read", 0, 0)
		rows, err := roster.Read(p.Kind, j.Input, words)
		if err != nil {
			return nil, err
		}
		if p.Write {
			return s.Roster.Write(ctx, by, p.Kind, rows, p.Mark, progress)
		}
		return s.Roster.Check(ctx, by, p.Kind, rows, progress)
	}
}

type importsPage struct {
	templates.Page
	Kinds   []choice
	Kind    string
	History []importRow
}

type importRow struct {
	job.Job
	P importParams
}

func (s *Server) importsPage(c *gin.Context) (*importsPage, error) {
	p := &importsPage{Page: s.page(c, "imports.title")}
	for _, k := range roster.Kinds {
		if k.May(actor(c)) {
			p.Kinds = append(p.Kinds, choices(p.Translator, "import.kind-", []string{string(k)})...)
		}
	}
	jobs, err := s.Jobs.List(c.Request.Context(), importKind, 30)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		row := importRow{Job: j}
		if json.Unmarshal(j.Params, &row.P) == nil && row.P.Kind.May(actor(c)) {
			p.History = append(p.History, row)
		}
	}
	return p, nil
}

func (s *Server) imports(c *gin.Context) error {
	p, err := s.importsPage(c)
	if err != nil {
		return err
	}
	p.Kind = c.Query("kind")
	s.show(c, http.StatusOK, "import/list", p)
	return nil
}

func (s *Server) importUpload(c *gin.Context) error {
	p, err := s.importsPage(c)
	if err != nil {
		return err
	}
	p.Kind, p.Idem = c.PostForm("kind"), idem(c)
	id, err := s.addImport(c, roster.Kind(p.Kind), p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "import/list", p, "kind", "file")
	}
	s.redirect(c, "/o/imports/"+strconv.FormatInt(int64(id), 10), "")
	return nil
}

// addImport reads the file so far that a broken one is refused at once, and
// leaves the comparison to the job.
func (s *Server) addImport(c *gin.Context, kind roster.Kind, key string) (job.ID, error) {
	if kind.Columns() == nil {
		return 0, fault.Field("kind", "import.kind-unknown")
	}
	if !kind.May(actor(c)) {
		return 0, fault.ErrForbidden
	}
	h, err := c.FormFile("file")
	if err != nil {
		return 0, fault.Field("file", "import.file-missing")
	}
	if h.Size > roster.MaxSize {
		return 0, fault.Field("file", "import.too-large", "Limit", roster.MaxSize>>20)
	}
	f, err := h.Open()
	if err != nil {
		return 0, fault.Field("file", "import.unreadable")
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, roster.MaxSize+1))
	if err != nil {
		return 0, fault.Field("file", "import.unreadable")
	}
	if _, err := roster.Read(kind, content, s.importWords()); err != nil {
		return 0, err
	}
	name := clean(filepath.Base(strings.ReplaceAll(h.Filename, `\`, "/")))
	return s.Jobs.Add(c.Request.Context(), importKind, actor(c), "import:"+key, content, importParams{Kind: kind, File: name, By: actor(c).Account})
}

type importPage struct {
	templates.Page
	Job    job.Job
	P      importParams
	Report roster.Report
	Status string
	Tabs   []string
	Lines  []roster.Line
	Pager  templates.Pager
	Ready  bool
	Much   int
	Codes  bool
}

// theImport returns a job the reader may see.
func (s *Server) theImport(c *gin.Context) (job.Job, importParams, error) {
	var p importParams
	id, err := pathID[job.ID](c, "import")
	if err != nil {
		return job.Job{}, p, err
	}
	j, err := s.Jobs.Get(c.Request.Context(), importKind, id)
	if err != nil {
		return j, p, err
	}
	if err := json.Unmarshal(j.Params, &p); err != nil {
		return j, p, err
	}
	if !p.Kind.May(actor(c)) {
		return j, p, errNotFound
	}
	return j, p, nil
}

// linesShown is how many rows a page of the dry run lists.
const linesShown = 50

func (s *Server) importPage(c *gin.Context) error {
	j, params, err := s.theImport(c)
	if err != nil {
		return err
	}
	p := &importPage{Page: s.page(c, "imports.title"), Job: j, P: params, Tabs: []string{"bad", "new", "changed", "same"}, Status: c.Query("status")}
	p.Title = params.File
	p.Back = templates.Link{Href: "/o/imports", Label: p.T("imports.title")}
	if j.Busy() {
		c.Header("Refresh", "2") // the page follows the work without scripts, too
	}
	if err := json.Unmarshal(j.Result, &p.Report); err != nil {
		return err
	}
	if p.Status == "" {
		p.Status = "new"
		for _, t := range p.Tabs {
			if p.Report.Count[roster.Status(t)] > 0 {
				p.Status = t
				break
			}
		}
	}
	p.Ready = j.State == job.Done && !params.Write && p.Report.Ready()
	p.Much = p.Report.Count[roster.New] + p.Report.Count[roster.Changed]
	p.Codes = params.Kind == roster.Contacts && params.Write && j.State == job.Done
	var lines []roster.Line
	for _, l := range p.Report.Lines {
		if string(l.Status) == p.Status {
			lines = append(lines, l)
		}
	}
	page := pageNumber(c)
	from := min(max(0, page-1)*linesShown, len(lines))
	p.Lines = lines[from:min(from+linesShown, len(lines))]
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), page, linesShown, len(lines))
	s.show(c, http.StatusOK, "import/one", p)
	return nil
}

// Reason says what is wrong with a cell.
func (p *importPage) Reason(d roster.Defect) string {
	return p.Translator.T(d.Text.Key, d.Text.Args...)
}

func (s *Server) importCommit(c *gin.Context) error {
	j, params, err := s.theImport(c)
	if err != nil {
		return err
	}
	var r roster.Report
	if err := json.Unmarshal(j.Result, &r); err != nil {
		return err
	}
	if !params.Write && j.State == job.Done && r.Ready() {
		params.Write, params.Mark, params.By = true, r.Mark, actor(c).Account
		if err := s.Jobs.Again(c.Request.Context(), j.ID, params); err != nil {
			return err
		}
	}
	s.redirect(c, "/o/imports/"+c.Param("import"), "")
	return nil
}

func (s *Server) importTemplate(c *gin.Context) error {
	kind := roster.Kind(c.Param("kind"))
	if kind.Columns() == nil || !kind.May(actor(c)) {
		return errNotFound
	}
	p := s.page(c, "imports.title")
	t := report.Table{Sheet: p.T("import.kind-" + string(kind)), Title: p.T("import.kind-" + string(kind)), About: [][2]string{{p.T("import.about"), ""}}}
	for _, col := range kind.Columns() {
		name := p.T(roster.ColumnKey(col.Code))
		if col.Needed {
			name += "*"
		}
		t.Head = append(t.Head, name)
		t.About = append(t.About, [2]string{name, s.columnHelp(p.Translator, col)})
	}
	return s.sendTable(c, t, "pingyi-"+string(kind))
}

// columnHelp says what a column may hold.
func (s *Server) columnHelp(t *locale.Translator, col roster.Column) string {
	var parts []string
	if col.Needed {
		parts = append(parts, t.T("import.needed"))
	}
	for _, code := range col.Words {
		parts = append(parts, t.T(roster.WordKey(col.Code, code)))
	}
	if hint := roster.ColumnKey(col.Code) + "-hint"; t.Has(hint) {
		parts = append(parts, t.T(hint))
	}
	return strings.Join(parts, " / ")
}

// importFailing returns the rows that have defects, each with its reasons.
func (s *Server) importFailing(c *gin.Context) error {
	j, params, err := s.theImport(c)
	if err != nil {
		return err
	}
	p := &importPage{Page: s.page(c, "imports.title"), Job: j}
	if err := json.Unmarshal(j.Result, &p.Report); err != nil {
		return err
	}
	rows, err := roster.Read(params.Kind, j.Input, s.importWords())
	if err != nil || len(rows) != len(p.Report.Lines) {
		return errNotFound
	}
	t := report.Table{Sheet: p.T("import.status-bad"), Title: params.File, About: [][2]string{{p.T("report.made"), p.Now}}}
	for _, col := range params.Kind.Columns() {
		t.Head = append(t.Head, p.T(roster.ColumnKey(col.Code)))
	}
	t.Head = append(t.Head, p.T("import.reason"))
	for i, l := range p.Report.Lines {
		if l.Status != roster.Bad {
			continue
		}
		var line []any
		for _, col := range params.Kind.Columns() {
			line = append(line, rows[i].Cells[col.Code])
		}
		var why []string
		for _, d := range l.Defects {
			why = append(why, p.T(roster.ColumnKey(d.Column))+": "+p.Reason(d))
		}
		t.Rows = append(t.Rows, append(line, strings.Join(why, "; ")))
	}
	return s.sendTable(c, t, "pingyi-"+string(params.Kind)+"-"+p.T("import.status-bad"))
}

// importCodes makes an activation code for every contact of the file who has no
// password yet, as a table to hand out. The codes are kept nowhere: asking again
// makes new ones.
func (s *Server) importCodes(c *gin.Context) error {
	j, params, err := s.theImport(c)
	if err != nil {
		return err
	}
	if params.Kind != roster.Contacts || !params.Write || j.State != job.Done {
		return errNotFound
	}
	var r roster.Report
	if err := json.Unmarshal(j.Result, &r); err != nil {
		return err
	}
	var logins []string
	for _, l := range r.Lines {
		logins = append(logins, l.Key)
	}
	codes, err := s.Org.CodesFor(c.Request.Context(), actor(c), logins)
	if err != nil {
		return err
	}
	p := s.page(c, "imports.title")
	t := report.Table{Sheet: p.T("import.codes"), Title: p.T("import.codes"), About: [][2]string{{p.T("report.made"), p.Now}, {p.T("import.codes-hint"), ""}},
		Head: []string{p.T("import.col-name_zh"), p.T("account.name"), p.T("signin.login"), p.T("activate.code")}}
	for _, one := range codes {
		t.Rows = append(t.Rows, []any{one.OrgName, one.Name, one.Login, one.Code})
	}
	return s.sendTable(c, t, "pingyi-codes")
}

// N counts the rows of a status.
func (p *importPage) N(status string) int { return p.Report.Count[roster.Status(status)] }
