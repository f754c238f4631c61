package server

import (
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/document"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// documentBases are the places from which each side reads documents.
var documentBases = []struct {
	path  string
	allow access
}{
	{"/o/documents", either(offices, leaders, only(org.RoleSupervision))},
	{"/d/documents", only(org.RoleHead, org.RoleOfficer)},
	{"/c/documents", only(org.RoleCompany)},
}

// documentRoutes: letters and notices as they went out.
func (s *Server) documentRoutes() []route {
	var out []route
	for _, b := range documentBases {
		base := b.path
		out = append(out, get(base, b.allow, func(c *gin.Context) error { return s.documents(c, base) }),
			get(base+"/:document", b.allow, func(c *gin.Context) error { return s.document(c, base) }),
			get(base+"/:document/docx", b.allow, s.documentFile))
	}
	return append(out, post("/d/documents/:document/receive", only(org.RoleHead, org.RoleOfficer), func(c *gin.Context) error { return s.receiveDocument(c, "/d/documents") }),
		post("/c/documents/:document/receive", only(org.RoleCompany), func(c *gin.Context) error { return s.receiveDocument(c, "/c/documents") }))
}

type documentsPage struct {
	templates.Page
	Rows  []document.Document
	Kinds []choice
	Kind  string
	Base  string
	Total int
	Pager templates.Pager
	Unit  bool // the reader acknowledges
}

func (s *Server) documents(c *gin.Context, base string) error {
	p := documentsPage{Page: s.page(c, "document.title"), Base: base, Kind: c.Query("kind"), Unit: actor(c).Is(org.RoleHead, org.RoleOfficer, org.RoleCompany)}
	p.Kinds = choices(p.Translator, "document.kind-", document.Kinds)
	f := document.Filter{Kind: p.Kind, Ref: clean(c.Query("ref")), Page: pageNumber(c), Size: 30}
	var err error
	if p.Rows, p.Total, err = s.Documents.Documents(c.Request.Context(), actor(c), f); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, p.Total)
	s.show(c, http.StatusOK, "document/list", &p)
	return nil
}

type documentPage struct {
	templates.Page
	Doc        document.Document
	Paper      report.Official
	Base       string
	MayReceive bool
	IssueHref  string
}

func (s *Server) documentPage(c *gin.Context, base string) (*documentPage, error) {
	id, err := pathID[ID](c, "document")
	if err != nil {
		return nil, err
	}
	d, err := s.Documents.Document(c.Request.Context(), actor(c), int64(id))
	if err != nil {
		return nil, err
	}
	p := &documentPage{Page: s.page(c, "document.one", "No", d.No), Doc: d, Base: base, Paper: s.paperOf(d)}
	p.Back = templates.Link{Href: base, Label: p.T("document.title")}
	p.Caption = p.T("document.kind-" + d.Kind)
	a := actor(c)
	p.MayReceive = d.Received == nil && (a.OfUnit(d.Unit) || a.Role == org.RoleCompany)
	switch {
	case d.Ref == "":
	case a.Role == org.RoleCompany:
		p.IssueHref = "/c/issues/" + d.Ref
	case a.Is(org.RoleHead, org.RoleOfficer):
		p.IssueHref = "/d/issues/" + d.Ref
	case a.IsLeader():
		p.IssueHref = "/l/escalations/" + d.Ref
	default:
		p.IssueHref = "/o/issues/" + d.Ref
	}
	return p, nil
}

// ID is a plain number of an address.
type ID int64

// paperOf sets a document as it stands on paper, in its own language.
func (s *Server) paperOf(d document.Document) report.Official {
	t := s.catalogue.In(d.Lang)
	return report.Official{Head: d.Organ, No: d.No, Title: d.Title, Addressee: d.Addressee, Paragraphs: d.Paragraphs, Organ: d.Organ, Date: t.DateLong(d.On.Time()),
		CopiesWord: t.T("letter.copies"), Copies: d.Copies, Chinese: d.Lang == locale.Chinese}
}

func (s *Server) document(c *gin.Context, base string) error {
	p, err := s.documentPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "document/one", p)
	return nil
}

func (s *Server) documentFile(c *gin.Context) error {
	p, err := s.documentPage(c, "")
	if err != nil {
		return err
	}
	b, err := report.DOCX(p.Paper)
	if err != nil {
		return err
	}
	if err := s.exported(c, "document"); err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Doc.No + ".docx"}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b)
	return nil
}

func (s *Server) receiveDocument(c *gin.Context, base string) error {
	p, err := s.documentPage(c, base)
	if err != nil {
		return err
	}
	if err := s.Documents.Receive(c.Request.Context(), actor(c), p.Doc.ID); err != nil {
		return s.refuse(c, err, "document/one", p)
	}
	s.redirect(c, base+"/"+idText(p.Doc.ID), "document-received")
	return nil
}
