package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/shield"
	"pingyi/org"
	"pingyi/templates"
)

// glassRoutes: named data of issues on request, for an hour. Units have no such door.
func (s *Server) glassRoutes() []route {
	watch := only(org.RoleSupervision)
	desk := either(offices, watch)
	return []route{
		get("/l/glass", leaders, s.glass("/l/glass")),
		post("/l/glass", leaders, s.askGlass("/l/glass")),
		post("/l/glass/:glass/open", leaders, s.openGlass("/l/glass")),
		get("/o/glass", desk, s.glass("/o/glass")),
		post("/o/glass", watch, s.askGlass("/o/glass")),
		post("/o/glass/:glass/open", watch, s.openGlass("/o/glass")),
		post("/o/glass/:glass/decide", desk, s.decideGlass),
		post("/o/glass/:glass/defer", watch, s.deferGlass),
		get("/o/glass/months", either(desk, only(org.RoleChamber)), s.glassMonths),
	}
}

// glassRow is a request with what the reader may do with it.
type glassRow struct {
	shield.GlassRequest
	Open    bool // it can be used now, by the reader
	Decides bool
	Defers  bool
}

type glassPage struct {
	templates.Page
	Rows     []glassRow
	Base     string
	Asks     bool
	Purposes []choice
	Form     shield.GlassDraft
	Refs     string
	Came     int64 // the request whose form came back
	Refusal  string
	On, Why  string
}

func (s *Server) glassPage(c *gin.Context, base string) (*glassPage, error) {
	a := actor(c)
	p := &glassPage{Page: s.page(c, "glass.title"), Base: base, Asks: !a.IsOffice()}
	s.conduct(&p.Page, a, base)
	p.Purposes = choices(p.Translator, "glass.purpose-", shield.Purposes)
	list, err := s.Shield.GlassRequests(c.Request.Context(), a)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		p.Rows = append(p.Rows, glassRow{GlassRequest: g, Open: g.By == a.Account && g.Open(s.Now()), Decides: g.MayDecide(a),
			Defers: a.Role == org.RoleSupervision && g.State == "granted" && g.Told == nil})
	}
	p.Refs = line(c, "refs")
	if ref := c.Query("issue"); p.Refs == "" {
		p.Refs = ref
	}
	return p, nil
}

func (s *Server) glass(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.glassPage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "shield/glass", p)
		return nil
	}
}

func (s *Server) askGlass(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.glassPage(c, base)
		if err != nil {
			return err
		}
		p.Idem = idem(c)
		p.Form = shield.GlassDraft{Purpose: c.PostForm("purpose"), Reason: text(c, "reason"), CaseNo: text(c, "case_no"), Refs: refsOf(p.Refs)}
		if err := s.Shield.AskGlass(c.Request.Context(), actor(c), p.Form, p.Idem); err != nil {
			return s.refuseIn(c, err, "shield/glass", p, "refs", "purpose", "case_no", "reason")
		}
		s.redirect(c, base, "glass-asked")
		return nil
	}
}

// decideGlass grants or refuses; the password is asked for again.
func (s *Server) decideGlass(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p, err := s.glassPage(c, "/o/glass")
	if err != nil {
		return err
	}
	if p.Came, err = strconv.ParseInt(c.Param("glass"), 10, 64); err != nil {
		return errNotFound
	}
	p.Refusal = text(c, "refusal")
	if err = s.Org.Confirm(ctx, a, c.PostForm("password"), "password"); err == nil {
		err = s.Shield.DecideGlass(ctx, a, p.Came, c.PostForm("word") == "grant", p.Refusal)
	}
	if err != nil {
		return s.refuseIn(c, err, "shield/glass", p, "password", "refusal")
	}
	s.redirect(c, "/o/glass", "glass-decided")
	return nil
}

func (s *Server) deferGlass(c *gin.Context) error {
	p, err := s.glassPage(c, "/o/glass")
	if err != nil {
		return err
	}
	if p.Came, err = strconv.ParseInt(c.Param("glass"), 10, 64); err != nil {
		return errNotFound
	}
	p.On, p.Why = line(c, "on"), text(c, "why")
	if err := s.Shield.DeferGlass(c.Request.Context(), actor(c), p.Came, p.On, p.Why); err != nil {
		return s.refuseIn(c, err, "shield/glass", p, "on", "why")
	}
	s.redirect(c, "/o/glass", "glass-deferred")
	return nil
}

type namedPage struct {
	templates.Page
	Named shield.Named
	Mark  string // name and moment, over the page
}

// openGlass shows an issue with its company's name. It is the answer to a post: no
// address leads to it, and each showing is an act of its own.
func (s *Server) openGlass(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		id, err := strconv.ParseInt(c.Param("glass"), 10, 64)
		if err != nil {
			return errNotFound
		}
		n, err := s.Shield.OpenGlass(c.Request.Context(), actor(c), id, line(c, "ref"))
		if err != nil {
			return err
		}
		p := namedPage{Page: s.page(c, "glass.named-title", "Ref", n.Ref), Named: n}
		s.conduct(&p.Page, actor(c), base)
		p.Back = templates.Link{Href: base, Label: p.T("glass.title")}
		p.Mark = actor(c).Name + " " + p.DateTime(s.Now())
		p.Fixed = true
		s.show(c, http.StatusOK, "shield/named", &p)
		return nil
	}
}

type glassMonthsPage struct {
	templates.Page
	Rows []shield.GlassMonth
}

func (s *Server) glassMonths(c *gin.Context) error {
	p := glassMonthsPage{Page: s.page(c, "glass.months-title")}
	var err error
	if p.Rows, err = s.Shield.GlassMonths(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/months", &p)
	return nil
}
