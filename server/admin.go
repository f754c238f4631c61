package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/org"
	"pingyi/templates"
)

// adminRoutes: accounts, audit log, state of the installation.
func (s *Server) adminRoutes() []route {
	operator := only(org.RoleOperator)
	return []route{
		get("/a", operator, s.operation),
		get("/a/users", operator, s.users),
		post("/a/users", operator, s.addUser),
		post("/a/users/:account/:act", operator, s.userAct),
	}
}

type operationPage struct {
	templates.Page
	BallotURL, BaseURL string
	Calendar           string
	LastYear           int
	ThisYear           int
	Events             int64
	Verified           string // when the log was verified
	Broken             int64
	OneServer          bool
	Witnesses          int
}

func (s *Server) operation(c *gin.Context) error {
	p := operationPage{Page: s.page(c, "operation.title"), BallotURL: s.BallotURL, BaseURL: s.BaseURL, ThisYear: s.Now().Year(), OneServer: s.OneServer}
	cal, err := s.Calendar.Current(c.Request.Context())
	if err != nil {
		return err
	}
	p.Calendar, p.LastYear = calendarSource(p.Translator, cal), cal.LastYear
	watching, err := s.Witness.Witnesses(c.Request.Context())
	if err != nil {
		return err
	}
	for _, w := range watching {
		if w.Ended == nil {
			p.Witnesses++
		}
	}
	chain, err := s.auditChain(c.Request.Context())
	if err != nil {
		return err
	}
	p.Verified = p.DateTime(chain.at)
	if p.Events = chain.Entries; chain.Problem != nil {
		p.Broken = max(chain.Problem.Seq, 1)
	}
	s.show(c, http.StatusOK, "admin/operation", &p)
	return nil
}

type usersPage struct {
	templates.Page
	Rows          []org.Account
	Search        string
	Role          string
	Roles         []choice
	Units         []choice
	Bodies        []choice
	Form          org.Account
	Unit, Body    string
	Code, CodeFor string
	Pager         templates.Pager
}

func (s *Server) usersPage(c *gin.Context) (*usersPage, error) {
	ctx := c.Request.Context()
	p := &usersPage{Page: s.page(c, "users.title"), Search: clean(c.Query("q")), Role: c.Query("role")}
	for _, r := range org.Roles {
		p.Roles = append(p.Roles, choice{Value: string(r), Label: p.T("role." + string(r))})
	}
	var err error
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	bodies, err := s.Org.Bodies(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range bodies {
		p.Bodies = append(p.Bodies, choice{Value: idText(b.ID), Label: b.In(p.Lang())})
	}
	page := pageNumber(c)
	var total int
	p.Rows, total, err = s.Org.Accounts(ctx, actor(c), org.AccountFilter{Search: p.Search, Role: org.Role(p.Role), Page: page, Size: 30})
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), page, 30, total)
	return p, err
}

func (s *Server) users(c *gin.Context) error {
	p, err := s.usersPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "admin/users", p)
	return nil
}

func (s *Server) addUser(c *gin.Context) error {
	p, err := s.usersPage(c)
	if err != nil {
		return err
	}
	p.Unit, p.Body = line(c, "unit"), line(c, "body")
	p.Form = org.Account{Login: line(c, "login"), Name: text(c, "name"), Role: org.Role(c.PostForm("role")), Unit: formID[org.UnitID](c, "unit"), Body: formID[org.BodyID](c, "body")}
	if _, p.Code, err = s.Org.CreateAccount(c.Request.Context(), actor(c), p.Form); err != nil {
		return s.refuseIn(c, err, "admin/users", p, "name", "login", "role", "unit", "body")
	}
	p.CodeFor, p.Form = p.Form.Login, org.Account{}
	p.Done = p.T("company.code-made")
	s.show(c, http.StatusOK, "admin/users", p)
	return nil
}

func (s *Server) userAct(c *gin.Context) error {
	id, err := pathID[org.AccountID](c, "account")
	if err != nil {
		return err
	}
	switch c.Param("act") {
	case "disable", "enable":
		if err := s.Org.Disable(c.Request.Context(), actor(c), id, c.Param("act") == "disable"); err != nil {
			return err
		}
		s.redirect(c, "/a/users", "saved")
		return nil
	case "code":
		code, err := s.Org.NewCode(c.Request.Context(), actor(c), id)
		if err != nil {
			return err
		}
		p, err := s.usersPage(c)
		if err != nil {
			return err
		}
		p.Path = "/a/users"
		p.Code, p.CodeFor, p.Done = code, line(c, "login"), p.T("company.code-made")
		s.show(c, http.StatusOK, "admin/users", p)
		return nil
	}
	return errNotFound
}
