package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres"
)

var errPanic = errors.New("panic")

// langOf returns the language to answer in: the cookie of the switch, else the
// account's, else what the browser asks for.
func (s *Server) langOf(r *http.Request, a org.Actor) string {
	if ck, err := r.Cookie("lang"); err == nil && locale.Known(ck.Value) {
		return ck.Value
	}
	if locale.Known(a.Lang) {
		return a.Lang
	}
	return locale.Match(r.Header.Get("Accept-Language"))
}

func (s *Server) large(r *http.Request, a org.Actor) bool {
	if ck, err := r.Cookie("large"); err == nil {
		return ck.Value == "1"
	}
	return a.Large
}

func (s *Server) translator(c *gin.Context) *locale.Translator {
	if t, ok := c.Get("translator"); ok {
		return t.(*locale.Translator)
	}
	return s.catalogue.In(s.langOf(c.Request, actor(c)))
}

// identified finds out who is asking and in which language to answer. The two
// switches (?lang=, ?large=) set a cookie and lead back to the same address.
func (s *Server) identified(c *gin.Context) {
	if c.Request.Method == http.MethodGet && s.switched(c) {
		c.Abort()
		return
	}
	a, err := s.who(c)
	if err != nil {
		if c.Request.Method != http.MethodPost || !postgres.Unreachable(err) || !s.keepForm(c) {
			s.fail(c, err)
		}
		c.Abort()
		return
	}
	c.Set("actor", a)
	c.Set("translator", s.catalogue.In(s.langOf(c.Request, a)))
	c.Next()
}

func (s *Server) switched(c *gin.Context) bool {
	q := c.Request.URL.Query()
	lang, large := q.Get("lang"), q.Get("large")
	if lang == "" && large == "" {
		return false
	}
	if locale.Known(lang) {
		s.setCookie(c, "lang", lang)
	}
	if large == "0" || large == "1" {
		s.setCookie(c, "large", large)
	}
	q.Del("lang")
	q.Del("large")
	to := url.URL{Path: c.Request.URL.Path, RawQuery: q.Encode()}
	c.Redirect(http.StatusSeeOther, to.String())
	return true
}

// setCookie keeps a preference for a year.
func (s *Server) setCookie(c *gin.Context, name, value string) {
	http.SetCookie(c.Writer, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// formToken is the token a form of this session must carry: browsers too old to
// send Origin or Sec-Fetch-Site pass the standard library's check.
func (s *Server) formToken(c *gin.Context) string {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("form-token\x00" + c.GetString("session")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// readForm reads the body within its limit and checks the form token of a
// signed-in reader.
func (s *Server) readForm(c *gin.Context, limit int64) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	err := c.Request.ParseForm() // ParseMultipartForm hides what is wrong with a plain form
	if err == nil && strings.HasPrefix(c.ContentType(), "multipart/") {
		err = c.Request.ParseMultipartForm(4 << 20)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	if err != nil {
		return errStaleForm
	}
	if !actor(c).SignedIn() {
		return nil
	}
	if !hmac.Equal([]byte(c.PostForm("csrf")), []byte(s.formToken(c))) {
		return errStaleForm
	}
	return nil
}

// deviceMark is what a browser keeps of an account that signed in on it: its own
// count of failures, so that strangers cannot keep the owner out.
func (s *Server) deviceMark(login string) string {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("device\x00" + org.NormalLogin(login)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// knows reports whether this browser has signed the account in before.
func (s *Server) knows(c *gin.Context, login string) bool {
	mark, err := c.Cookie("known")
	return err == nil && hmac.Equal([]byte(mark), []byte(s.deviceMark(login)))
}
