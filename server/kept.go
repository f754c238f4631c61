package server

import (
	"net/http"
	"sort"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/templates"
)

// keptField is a field of a form that could not be taken yet: the session had
// ended, or the form was of an earlier one. It comes back to be sent once more.
type keptField struct{ Name, Value string }

// keptPrefix marks the fields that the sign-in form carries for another form.
const keptPrefix = "keep:"

// keptOf returns what was typed in the posted form; never a password or a token.
func keptOf(c *gin.Context) []keptField {
	var out []keptField
	for name, values := range c.Request.PostForm {
		if name == "csrf" || name == "login" || strings.Contains(name, "password") || strings.HasPrefix(name, "share") || name == "again" || strings.HasPrefix(name, keptPrefix) {
			continue
		}
		for _, v := range values {
			out = append(out, keptField{name, v})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// carried returns the fields the sign-in form carries, and where they belong.
func carried(c *gin.Context) (to string, out []keptField) {
	for name, values := range c.Request.PostForm {
		if rest, ok := strings.CutPrefix(name, keptPrefix); ok {
			for _, v := range values {
				out = append(out, keptField{rest, v})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return local(c.PostForm("keep-to")), out
}

type againPage struct {
	templates.Page
	Message string
	Action  string
	Fields  []keptField
	Texts   []string // what a person would recognise of them
	Files   bool     // there were files, which cannot be kept
}

// askAgain shows what was typed and a button that sends it again under the
// present session.
func (s *Server) askAgain(c *gin.Context, status int, key, action string, fields []keptField) {
	p := againPage{Page: s.page(c, "again.title"), Action: action, Fields: fields}
	p.Narrow = true
	p.Message = p.T(key)
	if m := c.Request.MultipartForm; m != nil {
		for _, list := range m.File {
			for _, h := range list {
				p.Files = p.Files || h.Size > 0
			}
		}
	}
	if token := c.GetString("kept csrf"); token != "" {
		p.CSRF = token
	}
	for _, f := range fields {
		if f.Name != "idem" && len([]rune(f.Value)) > 3 {
			p.Texts = append(p.Texts, f.Value)
		}
	}
	s.show(c, status, "shared/again", &p)
}

// typed reports whether the fields hold anything a person entered.
func typed(fields []keptField) bool {
	for _, f := range fields {
		if f.Name != "idem" && strings.TrimSpace(f.Value) != "" {
			return true
		}
	}
	return false
}

// signInFirst shows the sign-in page with the form that was sent by somebody whose
// session had ended; it reports false when there is nothing to keep.
func (s *Server) signInFirst(c *gin.Context) (bool, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, formLimit)
	if err := c.Request.ParseForm(); err != nil {
		return false, nil
	}
	fields := keptOf(c)
	if !typed(fields) {
		return false, nil
	}
	p, err := s.signInPage(c, "")
	if err != nil {
		return false, err
	}
	p.KeptTo, p.Kept = c.Request.URL.Path, fields
	p.Alert = p.T("again.sign-in")
	s.show(c, http.StatusUnauthorized, "account/signin", p)
	return true, nil
}

// keepForm shows what was typed while the database is away, so that nobody can
// even be recognised; it reports false when there is nothing to keep. The form
// token comes back as it was sent.
func (s *Server) keepForm(c *gin.Context) bool {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, uploadLimit)
	err := c.Request.ParseForm()
	if err == nil && strings.HasPrefix(c.ContentType(), "multipart/") {
		err = c.Request.ParseMultipartForm(4 << 20)
	}
	fields := keptOf(c)
	if err != nil || !typed(fields) {
		return false
	}
	s.log.ErrorContext(c.Request.Context(), "database unreachable", "route", c.FullPath())
	c.Set("kept csrf", c.PostForm("csrf"))
	s.askAgain(c, http.StatusServiceUnavailable, "error.unavailable", c.Request.URL.Path, fields)
	return true
}
