package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/templates"
)

// leaderActRoutes: what the leading group decides of a queued issue beside an order,
// and who may sign for the chair.
func (s *Server) leaderActRoutes() []route {
	return []route{
		post("/l/escalations/:ref/send_back", leaders, s.sendBack),
		get("/l/escalations/:ref/agenda", leaders, s.agenda),
		post("/l/escalations/:ref/agenda", leaders, s.agendaPut),
		get("/l/delegations", leaders, s.delegations),
		post("/l/delegations", leaders, s.delegate),
		post("/l/delegations/:id/end", leaders, s.takeBack),
	}
}

// sendBack returns an issue to its unit; a form with problems is the issue's page.
func (s *Server) sendBack(c *gin.Context) error {
	const base = "/l/escalations"
	ref, key := c.Param("ref"), idem(c)
	reason, days := text(c, "reason"), line(c, "back_days")
	n, _ := strconv.Atoi(days)
	err := s.Feedback.From(seen(c)).SendBack(c.Request.Context(), actor(c), ref, reason, n, key)
	if err == nil {
		s.redirect(c, base+"/"+ref, "issue-send_back")
		return nil
	}
	if moved(err) {
		return s.issueMoved(c, base, err)
	}
	p, perr := s.issuePage(c, base)
	if perr != nil {
		return perr
	}
	p.Form.Reason, p.Form.Why, p.Idem, p.Seen = reason, days, key, seen(c)
	return s.refuseIn(c, err, "issue/view", p, "reason", "back_days")
}

type agendaPage struct {
	templates.Page
	Issue    feedback.Issue
	On       []meeting.Meeting // on whose agenda it stands
	Meetings []choice
	Meeting  string
}

func (s *Server) agendaPage(c *gin.Context) (*agendaPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	i, err := s.Feedback.Issue(ctx, a, c.Param("ref"))
	if err != nil {
		return nil, err
	}
	p := &agendaPage{Page: s.page(c, "leader.agenda"), Issue: i, Meeting: line(c, "meeting")}
	p.Narrow = true
	p.Back = templates.Link{Href: "/l/escalations/" + i.Ref, Label: i.Ref}
	if p.On, err = s.Meeting.AboutIssue(ctx, a, i.Ref); err != nil {
		return nil, err
	}
	coming, err := s.Meeting.Coming(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, m := range coming {
		p.Meetings = append(p.Meetings, choice{Value: idText(m.ID), Label: string(m.Planned) + " · " + m.Title})
	}
	return p, nil
}

func (s *Server) agenda(c *gin.Context) error {
	p, err := s.agendaPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "leader/agenda", p)
	return nil
}

func (s *Server) agendaPut(c *gin.Context) error {
	key := idem(c)
	p, err := s.agendaPage(c)
	if err != nil {
		return err
	}
	if err := s.Meeting.PutOnAgenda(c.Request.Context(), actor(c), formID[meeting.ID](c, "meeting"), p.Issue.Ref, key); err != nil {
		p.Idem = key
		return s.refuseIn(c, err, "leader/agenda", p, "meeting")
	}
	s.redirect(c, "/l/escalations/"+p.Issue.Ref+"/agenda", "leader-agenda")
	return nil
}

// delegationRow is a delegation with where it stands today.
type delegationRow struct {
	org.Delegation
	Stands, Tag, Days string
	MayEnd            bool
}

type delegationsPage struct {
	templates.Page
	Rows    []delegationRow
	Chair   bool
	Members []choice
	Form    org.DelegationDraft
	To      string
	ForWhom string // the reader signs today for him
}

func (s *Server) delegationsPage(c *gin.Context) (*delegationsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &delegationsPage{Page: s.page(c, "leader.delegations"), Chair: a.Post == org.PostChair, ForWhom: a.ForWhom}
	all, err := s.Org.Delegations(ctx, a)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{"in-force": "ok", "coming": "info", "over": "", "taken-back": ""}
	for _, d := range all {
		row := delegationRow{Delegation: d, Stands: d.State(string(calendar.DateOf(s.Now())))}
		row.Tag, row.MayEnd = tags[row.Stands], d.Giver == a.Account && tags[row.Stands] != ""
		row.Days = p.T("leader.days-of", "From", p.Date(calendar.Date(d.From).Time()), "Until", p.Date(calendar.Date(d.Until).Time()))
		p.Rows = append(p.Rows, row)
	}
	if !p.Chair {
		return p, nil
	}
	members, err := s.Org.Members(ctx, a, a.Body)
	for _, m := range members {
		if m.Until == "" && (m.Post == org.PostDeputy || m.Post == org.PostMember) {
			p.Members = append(p.Members, choice{Value: idText(m.Account), Label: m.Name + " · " + p.T("leader.post-"+string(m.Post))})
		}
	}
	return p, err
}

func (s *Server) delegations(c *gin.Context) error {
	p, err := s.delegationsPage(c)
	if err != nil {
		return err
	}
	p.Form.From = string(calendar.DateOf(s.Now()))
	s.show(c, http.StatusOK, "leader/delegations", p)
	return nil
}

func (s *Server) delegate(c *gin.Context) error {
	key := idem(c)
	d := org.DelegationDraft{To: formID[org.AccountID](c, "to"), From: line(c, "from"), Until: line(c, "until"), Reason: text(c, "reason")}
	if err := s.Org.Delegate(c.Request.Context(), actor(c), d, key); err != nil {
		p, perr := s.delegationsPage(c)
		if perr != nil {
			return perr
		}
		p.Form, p.To, p.Idem = d, line(c, "to"), key
		return s.refuseIn(c, err, "leader/delegations", p, "to", "from", "until", "reason")
	}
	s.redirect(c, "/l/delegations", "leader-delegated")
	return nil
}

func (s *Server) takeBack(c *gin.Context) error {
	id, err := pathID[int64](c, "id")
	if err != nil {
		return err
	}
	if err := s.Org.TakeBack(c.Request.Context(), actor(c), id); err != nil {
		return err
	}
	s.redirect(c, "/l/delegations", "leader-taken-back")
	return nil
}
