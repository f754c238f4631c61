package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/intake"
	"pingyi/org"
	"pingyi/templates"
)

// promiseBases are the places from which each side looks at promises.
var promiseBases = []struct {
	path  string
	allow access
}{
	{"/c/promises", only(org.RoleCompany)},
	{"/d/promises", only(org.RoleHead, org.RoleOfficer)},
	{"/o/promises", either(offices, only(org.RoleSupervision))},
}

// promiseRoutes: the register of promises.
func (s *Server) promiseRoutes() []route {
	routes := []route{
		post("/c/promises", only(org.RoleCompany), func(c *gin.Context) error { return s.enterPromise(c, "/c/promises") }),
		post("/o/promises", offices, func(c *gin.Context) error { return s.enterPromise(c, "/o/promises") }),
		post("/c/promises/:promise/confirm", only(org.RoleCompany), s.promiseStep("/c/promises", "confirm")),
		post("/d/promises/:promise/report", only(org.RoleHead, org.RoleOfficer), s.promiseStep("/d/promises", "report")),
		post("/o/promises/:promise/uphold", offices, s.promiseStep("/o/promises", "uphold")),
		post("/o/promises/:promise/find", only(org.RoleSupervision), s.promiseStep("/o/promises", "find")),
	}
	for _, b := range promiseBases {
		base := b.path
		routes = append(routes, get(base, b.allow, func(c *gin.Context) error { return s.promises(c, base) }),
			get(base+"/:promise", b.allow, func(c *gin.Context) error { return s.promise(c, base) }))
	}
	return routes
}

type promisesPage struct {
	templates.Page
	Base    string
	Rows    []intake.Promise
	Total   int
	Pager   templates.Pager
	Only    string
	Enters  bool
	Office  bool
	Facts   []intake.Promise // of this year, that count against units
	Year    int
	Units   []choice
	Kinds   []choice
	Form    intake.PromiseDraft
	Licence string
}

func (s *Server) promisesPage(c *gin.Context, base string) (*promisesPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &promisesPage{Page: s.page(c, "promise.title"), Base: base, Only: c.Query("only"), Enters: a.Role == org.RoleCompany || a.IsOffice(), Office: a.IsOffice(), Year: s.Now().Year()}
	var err error
	if p.Rows, p.Total, err = s.Intake.Promises(ctx, a, p.Only == "overdue", pageNumber(c), 20); err != nil {
		return nil, err
	}
	p.Pager = templates.NewPager(base, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	if base == "/o/promises" {
		if p.Facts, err = s.Intake.PromiseFacts(ctx, a, p.Year); err != nil {
			return nil, err
		}
	}
	p.Kinds = choices(p.Translator, "promise.kind-", intake.PromiseKinds)
	if p.Enters {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) promises(c *gin.Context, base string) error {
	p, err := s.promisesPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/promises", p)
	return nil
}

func (s *Server) enterPromise(c *gin.Context, base string) error {
	p, err := s.promisesPage(c, base)
	if err != nil {
		return err
	}
	p.Idem, p.Licence = idem(c), line(c, "licence")
	p.Form = intake.PromiseDraft{Unit: formID[org.UnitID](c, "unit"), Kind: c.PostForm("kind"), Text: text(c, "text"), By: text(c, "by"), On: line(c, "on"), Due: line(c, "due"), Evidence: text(c, "evidence"), Policy: strings.ToUpper(line(c, "policy"))}
	if p.Office {
		if p.Form.Company, err = s.Shield.CompanyByLicence(c.Request.Context(), p.Licence); err != nil {
			return err
		}
	}
	ref, err := s.Intake.Enter(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "intake/promises", p, "company", "unit", "kind", "text", "by", "on", "due", "evidence", "policy")
	}
	s.redirect(c, base+"/"+ref, "promise-entered")
	return nil
}

type promisePage struct {
	templates.Page
	P      intake.Promise
	Base   string
	Step   string // the reader may do
	Answer string
	Text   string
}

func (s *Server) promisePage(c *gin.Context, base string) (*promisePage, error) {
	a := actor(c)
	x, err := s.Intake.Promise(c.Request.Context(), a, c.Param("promise"))
	if err != nil {
		return nil, err
	}
	p := &promisePage{Page: s.page(c, "promise.one", "Ref", x.Ref), P: x, Base: base}
	p.Narrow = true
	p.Back = templates.Link{Href: base, Label: p.T("promise.title")}
	for _, step := range []string{"uphold", "report", "confirm", "find"} {
		if x.May(a, step) {
			p.Step = step
		}
	}
	return p, nil
}

func (s *Server) promise(c *gin.Context, base string) error {
	p, err := s.promisePage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/promise", p)
	return nil
}

func (s *Server) promiseStep(base, step string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.promisePage(c, base)
		if err != nil {
			return err
		}
		p.Answer, p.Text = c.PostForm("answer"), text(c, "text")
		do := s.Intake.Step
		if step == "find" {
			do = func(ctx context.Context, by org.Actor, ref, _ string, yes bool, text string) error {
				return s.Passing.FindPromise(ctx, by, ref, yes, text)
			}
		}
		if err := do(c.Request.Context(), actor(c), p.P.Ref, step, p.Answer == "yes", p.Text); err != nil {
			return s.refuseIn(c, err, "intake/promise", p, "answer", "text")
		}
		s.redirect(c, base+"/"+p.P.Ref, "promise-"+step)
		return nil
	}
}
