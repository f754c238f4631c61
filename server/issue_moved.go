package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/templates"
)

// seen is the number of the last event the form showed; 0 when it does not say.
func seen(c *gin.Context) int64 {
	n, err := strconv.ParseInt(c.PostForm("seen"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// moved: somebody else acted while the form was filled in.
func moved(err error) bool {
	return errors.Is(err, feedback.ErrMoved) || errors.Is(err, feedback.ErrState)
}

// preview: the writer first wants to see his answer as the company will.
func preview(c *gin.Context) bool { return ticked(c, "preview") && c.Param("act") == "answer" }

// issuePreview shows the form again with the answer as the company will read it.
func (s *Server) issuePreview(c *gin.Context, base string, f actForm, key string) error {
	p, err := s.issuePage(c, base)
	if err != nil {
		return err
	}
	p.Form, p.Idem, p.Seen, p.Preview = f, key, seen(c), true
	p.Fixed = true
	s.show(c, http.StatusOK, "issue/view", p)
	return nil
}

type latePage struct {
	templates.Page
	Issue   feedback.Issue
	Here    string // where the issue is looked at now; "" when the reader may not see it any more
	Changes []eventRow
	Typed   []written
}

// written is what somebody wrote into a form that came too late.
type written struct{ Label, Value string }

// issueMoved answers whoever came second: what happened since his form was made, and
// what he had written, to be used again.
func (s *Server) issueMoved(c *gin.Context, base string, why error) error {
	p := &latePage{Page: s.page(c, "life.moved-title")}
	p.Narrow, p.Fixed = true, true
	p.Back = templates.Link{Href: base, Label: p.T("issues.title")}
	if f := fault.Of(why); f != nil {
		p.Alert = s.say(p.Translator, f.Text)
	}
	for _, name := range []string{"text", "reason", "requirement", "basis", "clause", "deviation", "note", "why"} {
		if v := text(c, name); v != "" {
			p.Typed = append(p.Typed, written{p.T("life.f-" + name), v})
		}
	}
	now, err := s.issuePage(c, base)
	if err == nil {
		p.Issue, p.Here = now.Issue, base+"/"+now.Issue.Ref
		p.Changes = now.Events
		for n, e := range now.Events {
			if e.ID <= seen(c) {
				p.Changes = now.Events[n+1:]
			}
		}
	} else if !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	s.show(c, http.StatusConflict, "issue/moved", p)
	return nil
}

type datesPage struct {
	templates.Page
	Issue  feedback.Issue
	Limits []limitRow
	Held   int // working days with the county, and with the company
	Waited int
}

// limitRow is a limit with its days.
type limitRow struct {
	*feedback.Limit
	Source string
	Days   []feedback.Day
	Over   bool // not stopped when it ended
}

// issueDates says why each of the issue's limits ends when it does.
func (s *Server) issueDates(c *gin.Context, base string) error {
	ctx := c.Request.Context()
	i, err := s.Feedback.Counted(ctx, actor(c), c.Param("ref"))
	if err != nil {
		return err
	}
	p := &datesPage{Page: s.page(c, "life.dates-title", "Ref", i.Ref), Issue: i.Issue, Held: i.County, Waited: i.Waiting}
	p.Back = templates.Link{Href: base + "/" + i.Ref, Label: i.Ref}
	for _, l := range i.Life.Limits() {
		cal, err := s.Feedback.Calendar(ctx, l.Calendar)
		if err != nil {
			return err
		}
		p.Limits = append(p.Limits, limitRow{Limit: l, Source: calendarSource(p.Translator, cal), Days: l.Walk(cal), Over: s.Now().After(l.Due.End())})
	}
	s.show(c, http.StatusOK, "issue/dates", p)
	return nil
}
