package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/passing"
	"pingyi/org"
	"pingyi/templates"
)

// falseRoutes: suspicions that a unit recorded a visit falsely or wrote a sheet itself, for the
// supervision office and the unit.
func (s *Server) falseRoutes() []route {
	watch, unit := only(org.RoleSupervision), only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/false", watch, s.falseList("/o/false")),
		post("/o/false", watch, s.openFalse),
		get("/o/false/:wrong", watch, s.falseOne("/o/false")),
		post("/o/false/:wrong", watch, s.findFalse),
		get("/d/false", unit, s.falseList("/d/false")),
		get("/d/false/:wrong", unit, s.falseOne("/d/false")),
		post("/d/false/:wrong", unit, s.replyFalse),
	}
}

// falseRow is a suspicion with how it stands in words.
type falseRow struct {
	passing.FalseRecord
	Words, Tag string
}

type falseListPage struct {
	templates.Page
	Base    string
	Watch   bool
	Rows    []falseRow
	Kinds   []choice
	Units   []choice
	Form    passing.FalseDraft
	Licence string
}

func (s *Server) falseRow(c *gin.Context, p *templates.Page, r passing.FalseRecord) (falseRow, error) {
	row := falseRow{FalseRecord: r}
	switch {
	case r.Finding != "":
		row.Words, row.Tag = p.T("passing.finding-"+r.Finding), "ok"
		if r.Finding == "upheld" {
			row.Tag = "bad"
		}
	case r.Ripe(s.Now()):
		row.Words, row.Tag = p.T("passing.ripe"), "warn"
	default:
		cal, err := s.Calendar.Current(c.Request.Context())
		if err != nil {
			return row, err
		}
		left, tag := s.left(c, p, r.ReplyOn, cal)
		row.Words, row.Tag = p.T("passing.reply-left", "Left", left), tag
	}
	return row, nil
}

func (s *Server) falsePage(c *gin.Context, base string) (*falseListPage, error) {
	ctx := c.Request.Context()
	p := &falseListPage{Page: s.page(c, "false.title"), Base: base, Watch: base == "/o/false"}
	list, err := s.Passing.FalseRecords(ctx, actor(c))
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		row, err := s.falseRow(c, &p.Page, r)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, row)
	}
	p.Form.Sheet = c.Query("sheet")
	p.Kinds = choices(p.Translator, "false.kind-", passing.FalseKinds)
	p.Units, err = s.unitChoices(ctx, p.Translator)
	return p, err
}

func (s *Server) falseList(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.falsePage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/falses", p)
		return nil
	}
}

func (s *Server) openFalse(c *gin.Context) error {
	p, err := s.falsePage(c, "/o/false")
	if err != nil {
		return err
	}
	p.Idem, p.Licence = idem(c), line(c, "licence")
	p.Form = passing.FalseDraft{Kind: c.PostForm("kind"), Sheet: line(c, "sheet"), Unit: formID[org.UnitID](c, "unit"), On: line(c, "on"), Evidence: text(c, "evidence")}
	if p.Form.Company, err = s.Shield.CompanyByLicence(c.Request.Context(), p.Licence); err != nil {
		return err
	}
	ref, err := s.Passing.OpenFalse(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "passing/falses", p, "kind", "sheet", "evidence")
	}
	s.redirect(c, "/o/false/"+ref, "passing-opened")
	return nil
}

type falseOnePage struct {
	templates.Page
	Base     string
	Row      falseRow
	Finds    bool
	Replies  bool
	Findings []choice
	Finding  string
	Text     string
	Reply    string
}

func (s *Server) falseOnePage(c *gin.Context, base string) (*falseOnePage, error) {
	r, err := s.Passing.FalseRecord(c.Request.Context(), actor(c), c.Param("wrong"))
	if err != nil {
		return nil, err
	}
	p := &falseOnePage{Page: s.page(c, "false.one", "Ref", r.Ref), Base: base}
	p.Caption = p.T("false.kind-" + r.Kind)
	p.Back = templates.Link{Href: base, Label: p.T("false.title")}
	p.Finds = base == "/o/false" && r.Ripe(s.Now())
	p.Replies = base == "/d/false" && r.Replied == nil && r.Finding == "" && s.Now().Before(r.ReplyOn.End())
	p.Findings = choices(p.Translator, "passing.finding-", []string{"upheld", "not"})
	p.Row, err = s.falseRow(c, &p.Page, r)
	return p, err
}

func (s *Server) falseOne(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.falseOnePage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/false", p)
		return nil
	}
}

func (s *Server) findFalse(c *gin.Context) error {
	p, err := s.falseOnePage(c, "/o/false")
	if err != nil {
		return err
	}
	p.Finding, p.Text = c.PostForm("finding"), text(c, "text")
	if err := s.Passing.FindFalse(c.Request.Context(), actor(c), c.Param("wrong"), p.Finding, p.Text); err != nil {
		return s.refuseIn(c, err, "passing/false", p, "finding", "text")
	}
	s.redirect(c, c.Request.URL.Path, "passing-find")
	return nil
}

func (s *Server) replyFalse(c *gin.Context) error {
	p, err := s.falseOnePage(c, "/d/false")
	if err != nil {
		return err
	}
	p.Reply = text(c, "reply")
	if err := s.Passing.ReplyFalse(c.Request.Context(), actor(c), c.Param("wrong"), p.Reply); err != nil {
		return s.refuseIn(c, err, "passing/false", p, "reply")
	}
	s.redirect(c, c.Request.URL.Path, "passing-replied")
	return nil
}
