package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// Limits from one network a minute: wrong codes, and anonymous issues.
const (
	wrongCodesMinute = 10
	raisesMinute     = 5
)

// followRoutes: issues without an account, followed by a code. A code is in no
// address: the pages that show an issue are answers to posts.
func (s *Server) followRoutes() []route {
	s.codes.most, s.raises.most = wrongCodesMinute, raisesMinute
	return []route{
		get("/raise", anyone, s.raiseForm),
		postLimit("/raise", uploadLimit, anyone, s.raiseAnonymous),
		get("/follow", anyone, s.followForm),
		post("/follow", anyone, s.follow),
		postLimit("/follow/message", uploadLimit, anyone, s.followAct("message")),
		post("/follow/accept", anyone, s.followAct("accept")),
		post("/follow/refuse", anyone, s.followAct("refuse")),
	}
}

type raisePage struct {
	issueNewPage
	WrittenIn string
	Tongues   []choice
	Ref, Code string // shown once
}

func (s *Server) raisePage(c *gin.Context) (*raisePage, error) {
	base, err := s.issueNewPage(c)
	if err != nil {
		return nil, err
	}
	p := &raisePage{issueNewPage: *base, WrittenIn: base.Lang()}
	p.Title, p.Back = p.T("follow.raise-title"), templates.Link{}
	p.Tongues = choices(p.Translator, "follow.lang-", locale.Languages)
	return p, nil
}

func (s *Server) raiseForm(c *gin.Context) error {
	p, err := s.raisePage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/raise", p)
	return nil
}

func (s *Server) raiseAnonymous(c *gin.Context) error {
	p, err := s.raisePage(c)
	if err != nil {
		return err
	}
	p.Category, p.Asked, p.Idem, p.WrittenIn = line(c, "category"), line(c, "asked_unit"), idem(c), line(c, "written_in")
	cat, _ := strconv.Atoi(p.Category)
	p.Form = feedback.IssueDraft{Category: cat, Title: text(c, "title"), Body: text(c, "body"), Place: text(c, "place"), AskedUnit: formID[org.UnitID](c, "asked_unit"), Lang: p.Lang()}
	for _, l := range locale.Languages {
		if l == p.WrittenIn {
			p.Form.Lang = l
		}
	}
	if p.Form.Files, err = readFiles(c); err == nil {
		if _, f := p.Form.Check(""); len(f) <= 1 && !s.raises.allowFrom(c.ClientIP(), s.Now()) { // only its missing choice of a name
			return fault.New(fault.TooMany, "error.too-many", "Seconds", 60)
		}
		p.Ref, p.Code, err = s.Feedback.RaiseAnonymous(c.Request.Context(), p.Form, p.Idem)
	}
	if err != nil {
		return s.refuseIn(c, err, "intake/raise", p, "category", "title", "body", "asked_unit", "place", "files")
	}
	p.Fixed = true
	s.show(c, http.StatusOK, "intake/raise", p)
	return nil
}

type followPage struct {
	issuePage
	Code string
	Done string // what was just done, in words
	Text string // of a message
}

func (s *Server) followPage(c *gin.Context) *followPage {
	p := &followPage{issuePage: issuePage{Page: s.page(c, "follow.title"), May: map[string]bool{}}}
	p.Narrow = true
	return p
}

func (s *Server) followForm(c *gin.Context) error {
	s.show(c, http.StatusOK, "intake/follow", s.followPage(c))
	return nil
}

// opened reads the issue of the code of the form. A wrong code is answered at the form,
// so many a minute from one network.
func (s *Server) opened(c *gin.Context, p *followPage) (*feedback.Store, error) {
	p.Code = line(c, "code")
	fb, i, err := s.Feedback.Follow(c.Request.Context(), p.Code)
	if errors.Is(err, fault.ErrNotFound) {
		if feedback.NormalCode(p.Code) != "" && !s.codes.allowFrom(c.ClientIP(), s.Now()) {
			return nil, fault.New(fault.TooMany, "error.too-many", "Seconds", 60)
		}
		return nil, fault.Field("code", "follow.code-unknown")
	}
	if err != nil {
		return nil, err
	}
	p.Issue, p.Seen = i, i.LastEvent
	return fb, nil
}

// fill reads what the page shows of the issue.
func (s *Server) followFill(c *gin.Context, fb *feedback.Store, p *followPage) error {
	ctx := c.Request.Context()
	i, err := fb.Issue(ctx, org.Public, p.Issue.Ref)
	if err != nil {
		return err
	}
	p.Issue, p.Seen, p.Fixed = i, i.LastEvent, true
	for _, act := range []feedback.Act{feedback.ActMessage, feedback.ActAccept, feedback.ActRefuse} {
		p.May[string(act)] = fb.Held(i).May(org.Public, act)
	}
	cal, err := s.Feedback.Calendar(ctx, i.Calendar)
	if err != nil {
		return err
	}
	p.Words, p.Tag = s.due(c, &p.Page, i, cal)
	p.Verdicts = choices(p.Translator, "issue.verdict-", feedback.Verdicts[:2])
	events, err := fb.Events(ctx, org.Public, i)
	if err != nil {
		return err
	}
	for _, e := range events {
		p.Events = append(p.Events, s.eventRow(&p.issuePage, e))
	}
	if p.Translated, err = s.translations(c, fb, i); err != nil {
		return err
	}
	p.Files, err = fb.Files(ctx, i)
	return err
}

func (s *Server) follow(c *gin.Context) error {
	p := s.followPage(c)
	fb, err := s.opened(c, p)
	if err != nil {
		return s.refuseIn(c, err, "intake/follow", p, "code")
	}
	if err := s.followFill(c, fb, p); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/follow", p)
	return nil
}

// followAct adds a message, accepts or refuses the answer, and shows the issue again.
func (s *Server) followAct(act string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p := s.followPage(c)
		fb, err := s.opened(c, p)
		if err != nil {
			return s.refuseIn(c, err, "intake/follow", p, "code")
		}
		ctx, ref, key := c.Request.Context(), p.Issue.Ref, idem(c)
		p.Form = actForm{Verdict: c.PostForm("verdict"), Satisfaction: c.PostForm("satisfaction"), Reason: text(c, "reason"), Text: text(c, "text")}
		at := fb.From(seen(c))
		switch act {
		case "message":
			var files []feedback.File
			if files, err = readFiles(c); err == nil {
				err = at.Message(ctx, org.Public, ref, p.Form.Text, files, key)
			}
		case "accept":
			err = at.Confirm(ctx, org.Public, ref, feedback.Verdict{Accept: true, Verdict: p.Form.Verdict, Satisfied: p.Form.Satisfaction}, key)
		case "refuse":
			err = at.Confirm(ctx, org.Public, ref, feedback.Verdict{Reason: p.Form.Reason}, key)
		}
		if ferr := s.followFill(c, fb, p); ferr != nil {
			return ferr
		}
		if err != nil {
			p.Idem = key
			return s.refuseIn(c, err, "intake/follow", p, "verdict", "satisfaction", "reason", "text", "files")
		}
		p.Form, p.Done = actForm{}, p.T("follow.done-"+act)
		s.show(c, http.StatusOK, "intake/follow", p)
		return nil
	}
}
