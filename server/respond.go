package server

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/templates"
)

var (
	errNotFound  = fault.ErrNotFound
	errMethod    = fault.New(fault.Invalid, "error.method")
	errNoAccess  = fault.New(fault.Forbidden, "error.no-access")
	errStaleForm = fault.New(fault.Conflict, "error.stale-form")
)

// handle wraps a route: permission, body limit, form token, then the handler.
func (s *Server) handle(rt route) gin.HandlerFunc {
	return s.wrap(func(c *gin.Context) error {
		a := actor(c)
		if !rt.allow(a) {
			if !a.SignedIn() {
				return s.askToSignIn(c)
			}
			if err := s.Record.Note(c.Request.Context(), a, "access.refused", rt.method+" "+rt.path, nil); err != nil {
				s.log.ErrorContext(c.Request.Context(), "record a refused access", "error", err)
			}
			return errNoAccess
		}
		if rt.method != http.MethodGet {
			limit := rt.limit
			if limit == 0 {
				limit = formLimit
			}
			if err := s.readForm(c, limit); errors.Is(err, errStaleForm) {
				s.askAgain(c, http.StatusConflict, "error.stale-form", c.Request.URL.Path, keptOf(c))
				return nil
			} else if err != nil {
				return err
			}
		}
		return rt.do(c)
	})
}

// wrap turns the error of a handler into an answer; the one way out for failures.
func (s *Server) wrap(do func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := do(c); err != nil {
			s.fail(c, err)
		}
		c.Abort()
	}
}

// askToSignIn sends a reader to the sign-in page and remembers where he wanted to go.
func (s *Server) askToSignIn(c *gin.Context) error {
	next := "/"
	if c.Request.Method == http.MethodGet {
		next = c.Request.URL.RequestURI()
	} else if ref, err := url.Parse(c.Request.Referer()); err == nil && ref.Path != "" {
		next = ref.RequestURI()
	}
	if c.Request.Method != http.MethodGet {
		if shown, err := s.signInFirst(c); shown || err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(next))
	return nil
}

// page starts the page of a handler: language, reader, navigation.
func (s *Server) page(c *gin.Context, titleKey string, args ...any) templates.Page {
	a := actor(c)
	t := s.translator(c)
	q := c.Request.URL.Query()
	for _, k := range []string{"lang", "large", "print", "done"} {
		q.Del(k)
	}
	now := s.Now()
	p := templates.Page{
		Translator: t,
		Title:      t.T(titleKey, args...),
		Path:       c.Request.URL.Path,
		Query:      q.Encode(),
		Home:       homeOf(a),
		SignedIn:   a.SignedIn(),
		Large:      s.large(c.Request, a),
		Print:      c.Query("print") == "1",
		Now:        t.DateTime(now),
		Version:    s.Version,
		Idem:       randomKey(),
	}
	if a.SignedIn() {
		p.Who = a.OrgName.In(t.Lang()) + " · " + a.Name
		p.CSRF = s.formToken(c)
		p.Nav, p.Sub = s.nav(c, a, t)
		p.Unread = s.unread(c, a)
	}
	s.dress(c, &p)
	if key := c.Query("done"); key != "" && t.Has("done."+key) {
		p.Done = t.T("done." + key)
	}
	return p
}

// show renders a page; the bytes leave only when all of it could be rendered.
func (s *Server) show(c *gin.Context, status int, name string, data any) {
	body, err := s.pages.Render(name, data)
	if err != nil {
		s.log.ErrorContext(c.Request.Context(), "render failed", "page", name, "error", err)
		c.Data(http.StatusInternalServerError, "text/plain; charset=utf-8",
			[]byte(s.translator(c).T("error.internal", "Ref", requestID(c))+"\n"))
		return
	}
	if actor(c).SignedIn() || c.Request.Method != http.MethodGet {
		c.Header("Cache-Control", "no-store")
	}
	c.Data(status, "text/html; charset=utf-8", body)
}

// redirect answers 303 after an accepted post. done names a message "done.…"
// that the next page shows on top; "" shows none.
func (s *Server) redirect(c *gin.Context, path, done string) {
	if done != "" {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + "done=" + url.QueryEscape(done)
	}
	c.Redirect(http.StatusSeeOther, path)
}

// form is what refuse needs of a page struct: the Page inside it.
type form interface{ Frame() *templates.Page }

// refuse answers a form that was not accepted: the same page with everything
// typed, each problem beside its field, and the right status. Errors that are no
// business of the reader go on to fail, unless the database was away: then, too,
// the form comes back.
func (s *Server) refuse(c *gin.Context, err error, name string, data form) error {
	p := data.Frame()
	t := p.Translator
	switch f := fault.Of(err); {
	case f != nil && len(f.Fields) > 0:
		p.Problems = make(map[string]string, len(f.Fields))
		p.Order = p.Order[:0]
		for field, text := range f.Fields {
			p.Problems[field] = s.say(t, text)
			p.Order = append(p.Order, field)
		}
		sort.Strings(p.Order)
		s.show(c, http.StatusUnprocessableEntity, name, data)
	case f != nil && f.Kind != fault.NotFound && f.Kind != fault.Forbidden:
		p.Alert = s.say(t, f.Text)
		s.show(c, statusOf(f.Kind), name, data)
	case f == nil && postgres.Unreachable(err):
		s.log.ErrorContext(c.Request.Context(), "database unreachable", "route", c.FullPath(), "error", err)
		p.Alert = t.T("error.unavailable")
		s.show(c, http.StatusServiceUnavailable, name, data)
	default:
		return err
	}
	return nil
}

// refuseIn is refuse with the order in which the form shows its fields, so that
// the summary lists problems from top to bottom.
func (s *Server) refuseIn(c *gin.Context, err error, name string, data form, fields ...string) error {
	f := fault.Of(err)
	if f == nil || len(f.Fields) == 0 {
		return s.refuse(c, err, name, data)
	}
	p := data.Frame()
	p.Problems, p.Order = map[string]string{}, nil
	for field, text := range f.Fields {
		p.Problems[field] = s.say(p.Translator, text)
	}
	seen := map[string]bool{}
	for _, field := range fields {
		if p.Problems[field] != "" && !seen[field] {
			seen[field] = true
			p.Order = append(p.Order, field)
		}
	}
	var rest []string
	for field := range p.Problems {
		if !seen[field] {
			rest = append(rest, field)
		}
	}
	sort.Strings(rest)
	p.Order = append(p.Order, rest...)
	s.show(c, http.StatusUnprocessableEntity, name, data)
	return nil
}

// say translates a text of the domain.
func (s *Server) say(t *locale.Translator, text fault.Text) string {
	args := slices.Clone(text.Args)
	for i, a := range args {
		if inner, ok := a.(fault.Text); ok {
			args[i] = s.say(t, inner)
		}
	}
	return t.T(text.Key, args...)
}

// errorPage is the page of a failure.
type errorPage struct {
	templates.Page
	Message string
	Status  int
}

// fail answers with the message of a fault, or with a plain apology. Only the
// second is logged: the first is the reader's business, not ours.
func (s *Server) fail(c *gin.Context, err error) {
	t := s.translator(c)
	status, message := http.StatusInternalServerError, t.T("error.internal", "Ref", requestID(c))
	var tooLarge *http.MaxBytesError
	switch f := fault.Of(err); {
	case f != nil:
		status, message = statusOf(f.Kind), s.say(t, f.Text)
		if errors.Is(f, errMethod) {
			status = http.StatusMethodNotAllowed
		}
	case errors.As(err, &tooLarge):
		status, message = http.StatusRequestEntityTooLarge, t.T("error.too-large", "Limit", t.Size(int(tooLarge.Limit)))
	case postgres.Unreachable(err):
		status, message = http.StatusServiceUnavailable, t.T("error.unavailable-page")
		s.log.ErrorContext(c.Request.Context(), "database unreachable", "route", c.FullPath(), "error", err)
	default:
		s.log.ErrorContext(c.Request.Context(), "request failed", "route", c.FullPath(), "id", requestID(c), "error", err)
	}
	c.Set("failed", true) // what leads here has not been read
	title := "error.title"
	if status == http.StatusNotFound {
		title = "error.missing-title"
	}
	p := errorPage{Page: s.page(c, title), Message: message, Status: status}
	p.Narrow = true
	s.show(c, status, "shared/error", &p)
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// actor returns who is asking.
func actor(c *gin.Context) org.Actor {
	if a, ok := c.Get("actor"); ok {
		return a.(org.Actor)
	}
	return org.Public
}

// randomKey draws a one-time key of a form.
func randomKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
