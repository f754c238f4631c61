package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/templates"
)

// accountRoutes: signing in and out, activating, one's own account.
func (s *Server) accountRoutes() []route {
	return []route{
		get("/signin", anyone, s.signInForm),
		post("/signin", anyone, s.signIn),
		post("/signout", signedIn, s.signOut),
		get("/activate", anyone, s.activateForm),
		post("/activate", anyone, s.activate),
		get("/account", signedIn, s.ownAccount),
		post("/account", signedIn, s.saveAccount),
		post("/account/password", signedIn, s.changePassword),
		post("/account/sessions", signedIn, s.endSessions),
		get("/home", signedIn, func(c *gin.Context) error { c.Redirect(http.StatusSeeOther, homeOf(actor(c))); return nil }),
	}
}

type signInPage struct {
	templates.Page
	Login string
	Next  string
	// a form that waits until its sender has signed in
	KeptTo string
	Kept   []keptField
	Demos  []org.Account
}

func (s *Server) signInPage(c *gin.Context, next string) (*signInPage, error) {
	p := &signInPage{Page: s.page(c, "signin.title"), Next: next}
	p.Narrow = true
	var err error
	p.Demos, err = s.Org.DemoAccounts(c.Request.Context())
	return p, err
}

func (s *Server) signInForm(c *gin.Context) error {
	if a := actor(c); a.SignedIn() {
		c.Redirect(http.StatusSeeOther, homeOf(a))
		return nil
	}
	p, err := s.signInPage(c, local(c.Query("next")))
	if err != nil {
		return err
	}
	p.Login = c.Query("login")
	s.show(c, http.StatusOK, "account/signin", p)
	return nil
}

// local keeps a way back inside the portal; anything else leads home.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return ""
	}
	return next
}

func (s *Server) signIn(c *gin.Context) error {
	login := line(c, "login")
	id, err := s.Org.SignIn(c.Request.Context(), login, c.PostForm("password"), c.ClientIP(), s.knows(c, login))
	if err != nil {
		p, perr := s.signInPage(c, local(c.PostForm("next")))
		if perr != nil {
			return perr
		}
		p.Login = login
		p.KeptTo, p.Kept = carried(c)
		if f := fault.Of(err); f != nil {
			err = f
		}
		return s.refuse(c, err, "account/signin", p)
	}
	if err := s.begin(c, id); err != nil {
		return err
	}
	s.setCookie(c, "known", s.deviceMark(login))
	if to, fields := carried(c); to != "" && typed(fields) {
		if err := s.meet(c); err != nil {
			return err
		}
		s.askAgain(c, http.StatusOK, "again.signed-in", to, fields)
		return nil
	}
	to := local(c.PostForm("next"))
	if to == "" || to == "/" {
		to = "/home"
	}
	s.redirect(c, to, "")
	return nil
}

func (s *Server) signOut(c *gin.Context) error {
	if err := s.end(c); err != nil {
		return err
	}
	s.redirect(c, "/", "signed-out")
	return nil
}

type activatePage struct {
	templates.Page
	Code, Proof string
}

func (s *Server) activateForm(c *gin.Context) error {
	p := &activatePage{Page: s.page(c, "activate.title"), Code: c.Query("code")}
	p.Narrow = true
	s.show(c, http.StatusOK, "account/activate", p)
	return nil
}

func (s *Server) activate(c *gin.Context) error {
	p := &activatePage{Page: s.page(c, "activate.title"), Code: line(c, "code"), Proof: line(c, "proof")}
	p.Narrow = true
	if c.PostForm("password") != c.PostForm("again") {
		return s.refuse(c, fault.Field("again", "account.password-differs"), "account/activate", p)
	}
	id, err := s.Org.Activate(c.Request.Context(), p.Code, p.Proof, c.PostForm("password"))
	if err != nil {
		return s.refuseIn(c, err, "account/activate", p, "code", "proof", "password", "again")
	}
	if err := s.begin(c, id); err != nil {
		return err
	}
	s.redirect(c, "/home", "")
	return nil
}

type accountPage struct {
	templates.Page
	Account  org.Account
	Sessions []org.Session
	Langs    []map[string]string
}

func (s *Server) accountPage(c *gin.Context) (*accountPage, error) {
	a, err := s.Org.Account(c.Request.Context(), actor(c), actor(c).Account)
	if err != nil {
		return nil, err
	}
	list, err := s.Org.Sessions(c.Request.Context(), actor(c))
	if err != nil {
		return nil, err
	}
	p := &accountPage{Page: s.page(c, "account.title"), Account: a, Sessions: list,
		Langs: []map[string]string{{"Value": "zh-CN", "Label": "中文"}, {"Value": "en", "Label": "English"}, {"Value": "ru", "Label": "Русский"}}}
	p.Narrow = true
	return p, nil
}

func (s *Server) ownAccount(c *gin.Context) error {
	p, err := s.accountPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "account/own", p)
	return nil
}

func (s *Server) saveAccount(c *gin.Context) error {
	p, err := s.accountPage(c)
	if err != nil {
		return err
	}
	p.Account.Name, p.Account.Lang, p.Account.Large = text(c, "name"), c.PostForm("lang"), ticked(c, "large")
	p.Account.Phone, p.Account.Email = line(c, "phone"), line(c, "email")
	if err := s.Org.SaveOwn(c.Request.Context(), actor(c), p.Account); err != nil {
		return s.refuseIn(c, err, "account/own", p, "name", "lang", "phone", "email")
	}
	s.setCookie(c, "lang", p.Account.Lang)
	large := "0"
	if p.Account.Large {
		large = "1"
	}
	s.setCookie(c, "large", large)
	s.redirect(c, "/account", "saved")
	return nil
}

func (s *Server) changePassword(c *gin.Context) error {
	var err error
	if c.PostForm("password") != c.PostForm("again") {
		err = fault.Field("again", "account.password-differs")
	} else {
		err = s.Org.ChangePassword(c.Request.Context(), actor(c), c.PostForm("old"), c.PostForm("password"), org.HashToken(c.GetString("session")))
	}
	if err != nil {
		p, perr := s.accountPage(c)
		if perr != nil {
			return perr
		}
		return s.refuseIn(c, err, "account/own", p, "old", "password", "again")
	}
	if err := s.begin(c, actor(c).Account); err != nil {
		return err
	}
	s.redirect(c, "/account", "password")
	return nil
}

func (s *Server) endSessions(c *gin.Context) error {
	if err := s.Org.EndOthers(c.Request.Context(), actor(c), org.HashToken(c.GetString("session"))); err != nil {
		return err
	}
	s.redirect(c, "/account", "sessions")
	return nil
}
