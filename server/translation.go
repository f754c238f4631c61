package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/templates"
)

// translationRoutes: translations beside the original, made by the offices.
func (s *Server) translationRoutes() []route {
	return []route{
		get("/o/issues/:ref/translate", offices, s.translateForm),
		post("/o/issues/:ref/translate", offices, s.translate),
	}
}

type translatePage struct {
	templates.Page
	Issue    feedback.Issue
	Of       int64 // the step; 0 the issue's own text
	Original string
	Written  string // language of the original
	Tongues  []choice
	Form     feedback.Translation
}

func (s *Server) translatePage(c *gin.Context, of string) (*translatePage, error) {
	ctx, a := c.Request.Context(), actor(c)
	i, err := s.Feedback.Issue(ctx, a, c.Param("ref"))
	if err != nil {
		return nil, err
	}
	p := &translatePage{Page: s.page(c, "translation.title", "Ref", i.Ref), Issue: i, Original: i.Body, Written: i.Lang}
	p.Narrow = true
	p.Back = templates.Link{Href: "/o/issues/" + i.Ref, Label: i.Ref}
	p.Of, _ = strconv.ParseInt(of, 10, 64)
	if p.Of != 0 {
		events, err := s.Feedback.Events(ctx, a, i)
		if err != nil {
			return nil, err
		}
		p.Original = ""
		for _, e := range events {
			if e.ID == p.Of && !e.Internal {
				p.Original, p.Written = e.Body, s.eventRow(&issuePage{Page: p.Page, Issue: i}, e).Lang
			}
		}
		if p.Original == "" {
			return nil, errNotFound
		}
	}
	for _, l := range locale.Languages {
		if l != p.Written {
			p.Tongues = append(p.Tongues, choice{Value: l, Label: p.T("follow.lang-" + l)})
		}
	}
	return p, nil
}

func (s *Server) translateForm(c *gin.Context) error {
	p, err := s.translatePage(c, c.Query("of"))
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/translate", p)
	return nil
}

func (s *Server) translate(c *gin.Context) error {
	p, err := s.translatePage(c, line(c, "of"))
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = feedback.Translation{Event: p.Of, Lang: line(c, "into"), Title: text(c, "title"), Text: text(c, "text")}
	if err := s.Feedback.Translate(c.Request.Context(), actor(c), p.Issue.Ref, p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "intake/translate", p, "lang", "title", "text")
	}
	s.redirect(c, "/o/issues/"+p.Issue.Ref, "translated")
	return nil
}

// translations are the translations of an issue's texts by step, 0 the issue's own.
func (s *Server) translations(c *gin.Context, fb *feedback.Store, i feedback.Issue) (map[int64][]feedback.Translation, error) {
	all, err := fb.Translations(c.Request.Context(), actor(c), i)
	out := map[int64][]feedback.Translation{}
	for _, t := range all {
		out[t.Event] = append(out[t.Event], t)
	}
	return out, err
}

// TextStep is the place of the issue's own text among the translations.
func (p issuePage) TextStep() int64 { return 0 }
