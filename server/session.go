package server

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"pingyi/org"
	"pingyi/templates"
)

// sessionStore is gorilla's Store over the sessions kept in PostgreSQL: the
// cookie holds a random token, the database its hash, and a session can be ended
// from the server at any moment.
type sessionStore struct {
	org    *org.Store
	secure bool
}

// cookieName: over https the browser itself binds the cookie to this host.
func (st sessionStore) cookieName() string {
	if st.secure {
		return "__Host-pingyi"
	}
	return "pingyi"
}

// Get returns the request's session.
func (st sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the request's session; one without a valid token is new and belongs
// to the public.
func (st sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(st, name)
	s.IsNew = true
	s.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: st.secure, SameSite: http.SameSiteLaxMode}
	ck, err := r.Cookie(st.cookieName())
	if err != nil || ck.Value == "" {
		return s, nil
	}
	a, err := st.org.Session(r.Context(), ck.Value)
	if err != nil {
		return s, err
	}
	if a.SignedIn() {
		s.ID, s.IsNew, s.Values["actor"] = ck.Value, false, a
	}
	return s, nil
}

// Save sends the session's token to the browser; an ended one is taken back.
func (st sessionStore) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	ck := sessions.NewCookie(st.cookieName(), s.ID, s.Options)
	if s.ID == "" {
		ck.MaxAge, ck.Expires = -1, time.Unix(1, 0)
	}
	http.SetCookie(w, ck)
	return nil
}

// who finds out who is asking, from the session.
func (s *Server) who(c *gin.Context) (org.Actor, error) {
	if a, ok := c.Request.Context().Value(insideKey{}).(org.Actor); ok {
		return a, nil
	}
	if s.Org == nil {
		return org.Public, nil
	}
	sess, err := s.sessions().Get(c.Request, "portal")
	if err != nil {
		return org.Public, err
	}
	if a, ok := sess.Values["actor"].(org.Actor); ok {
		c.Set("session", sess.ID)
		return a, nil
	}
	return org.Public, nil
}

func (s *Server) sessions() sessionStore { return sessionStore{org: s.Org, secure: s.Secure} }

// begin signs an account in: always a new session, never the one before it.
func (s *Server) begin(c *gin.Context, id org.AccountID) error {
	sess, err := s.sessions().Get(c.Request, "portal")
	if err != nil {
		return err
	}
	if sess.ID != "" {
		if err := s.Org.EndSession(c.Request.Context(), sess.ID); err != nil {
			return err
		}
	}
	if sess.ID, err = s.Org.NewSession(c.Request.Context(), id, device(c.Request)); err != nil {
		return err
	}
	c.Set("session", sess.ID)
	return s.sessions().Save(c.Request, c.Writer, sess)
}

// meet makes whoever has just signed in the reader of this request.
func (s *Server) meet(c *gin.Context) error {
	a, err := s.Org.Session(c.Request.Context(), c.GetString("session"))
	if err != nil {
		return err
	}
	c.Set("actor", a)
	return nil
}

// end signs the reader out.
func (s *Server) end(c *gin.Context) error {
	sess, err := s.sessions().Get(c.Request, "portal")
	if err != nil {
		return err
	}
	if sess.ID != "" {
		if err := s.Org.EndSession(c.Request.Context(), sess.ID); err != nil {
			return err
		}
	}
	sess.ID = ""
	c.Header("Clear-Site-Data", `"cache", "storage"`)
	return s.sessions().Save(c.Request, c.Writer, sess)
}

// device is what the list of sessions calls a browser.
func device(r *http.Request) string { return clean(r.UserAgent()) }

// countyNames are read once in a while: every page shows them.
type countyNames struct {
	county org.County
	demo   bool
	until  time.Time
}

// dress fills in what every page shows of the county.
func (s *Server) dress(c *gin.Context, p *templates.Page) {
	if s.Org == nil {
		return
	}
	n := s.county.Load()
	if n == nil || s.Now().After(n.until) {
		county, err := s.Org.County(c.Request.Context())
		if err != nil {
			return // the error page of a lost database must still render
		}
		demo, err := s.Org.IsDemo(c.Request.Context())
		if err != nil {
			return
		}
		n = &countyNames{county: county, demo: demo, until: s.Now().Add(time.Minute)}
		s.county.Store(n)
	}
	p.County, p.Phone, p.Demo = n.county.In(p.Lang()), n.county.Phone, n.demo
}
