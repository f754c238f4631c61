package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/meeting"
	"pingyi/templates"
)

type rotationPage struct {
	templates.Page
	Base   string
	Rows   []meeting.Forgotten
	Months int
	Total  int
	Pager  templates.Pager
}

// rotation is the report of the companies not invited within the county's term.
func (s *Server) rotation(c *gin.Context) error {
	p := rotationPage{Page: s.meetingFrame(c, "meeting.rotation"), Base: baseOf(c)}
	rules, err := s.Meeting.Rules(c.Request.Context())
	if err != nil {
		return err
	}
	p.Months = rules.InviteMonths
	if p.Rows, p.Total, err = s.Meeting.Rotation(c.Request.Context(), actor(c), true, pageNumber(c), 50); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 50, p.Total)
	s.show(c, http.StatusOK, "meeting/rotation", &p)
	return nil
}

type companyMeetingsPage struct {
	templates.Page
	Rows    []meeting.Invitation
	Said    []meeting.Item
	Answers []choice
	At      meeting.ID // of the form that came back
	Note    string
}

func (s *Server) companyMeetingsPage(c *gin.Context) (*companyMeetingsPage, error) {
	p := &companyMeetingsPage{Page: s.page(c, "meeting.title")}
	p.Narrow = true
	p.Answers = choices(p.Translator, "meeting.answer-", []string{"yes", "no"})
	var err error
	if p.Rows, err = s.Meeting.Mine(c.Request.Context(), actor(c)); err != nil {
		return nil, err
	}
	p.Said, err = s.Meeting.Said(c.Request.Context(), actor(c))
	return p, err
}

func (s *Server) companyMeetings(c *gin.Context) error {
	p, err := s.companyMeetingsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/company", p)
	return nil
}

// companyAnswer is a company's answer to its invitation, by one of two buttons.
func (s *Server) companyAnswer(c *gin.Context) error {
	id, err := pathID[meeting.ID](c, "meeting")
	if err != nil {
		return err
	}
	p, err := s.companyMeetingsPage(c)
	if err != nil {
		return err
	}
	p.At, p.Note = id, text(c, "note")
	if err := s.Meeting.Answer(c.Request.Context(), actor(c), id, c.PostForm("answer"), p.Note); err != nil {
		return s.refuse(c, err, "meeting/company", p)
	}
	s.redirect(c, "/c/meetings", "meeting-answered")
	return nil
}
