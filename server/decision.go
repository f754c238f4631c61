package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/meeting"
	"pingyi/templates"
)

// decisionRow is a decision with its state in words.
type decisionRow struct {
	meeting.Decision
	Words, Tag string
}

func (s *Server) decisionRows(c *gin.Context, p *templates.Page, all []meeting.Decision) []decisionRow {
	cal, err := s.Feedback.Calendar(c.Request.Context(), 0)
	if err != nil {
		cal = &calendar.Calendar{}
	}
	rows := make([]decisionRow, len(all))
	for i, d := range all {
		rows[i].Decision = d
		switch d.State {
		case "issued":
			rows[i].Words, rows[i].Tag = s.left(c, p, d.DueOn, cal)
		case "accepted":
			rows[i].Words, rows[i].Tag = p.T("meeting.decision-accepted"), "ok"
		default:
			rows[i].Words, rows[i].Tag = p.T("meeting.decision-"+d.State), "warn"
		}
	}
	return rows
}

type decisionsPage struct {
	templates.Page
	Base     string
	State    string
	States   []string
	Rows     []decisionRow
	Meetings []meeting.Meeting // to which the reader's unit is asked
	Total    int
	Pager    templates.Pager
}

func (s *Server) decisions(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := decisionsPage{Page: s.meetingFrame(c, "meeting.decisions"), Base: baseOf(c), State: c.Query("state"), States: []string{"open", "overdue", "reported", "accepted"}}
	all, total, err := s.Meeting.FollowUp(ctx, a, p.State, pageNumber(c), 20)
	if err != nil {
		return err
	}
	p.Rows, p.Total = s.decisionRows(c, &p.Page, all), total
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, total)
	if p.Meetings, err = s.Meeting.OfUnit(ctx, a); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/decisions", &p)
	return nil
}

type decisionPage struct {
	templates.Page
	Base     string
	Row      decisionRow
	Events   []meeting.DecisionEvent
	Leads    bool // may report
	Convenes bool // may accept or return
	Opens    bool // may open the meeting
	Report   string
	Why      string
}

func (s *Server) decisionPage(c *gin.Context) (*decisionPage, error) {
	id, err := pathID[int64](c, "matter")
	if err != nil {
		return nil, err
	}
	p := &decisionPage{Page: s.meetingFrame(c, "meeting.decision"), Base: baseOf(c), Opens: meeting.Reads(actor(c))}
	d, events, err := s.Meeting.Decision(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	p.Row, p.Events = s.decisionRows(c, &p.Page, []meeting.Decision{d})[0], events
	p.Title = p.T("meeting.decision") + " " + d.No
	p.Back = templates.Link{Href: p.Base + "/decisions", Label: p.T("meeting.decisions")}
	p.Leads = actor(c).OfUnit(d.Lead) && d.State == "issued"
	p.Convenes = d.Convenes(actor(c)) && d.State == "reported"
	return p, nil
}

func (s *Server) decision(c *gin.Context) error {
	p, err := s.decisionPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/decision", p)
	return nil
}

// decisionAct is the unit's report, or the convener's word for it.
func (s *Server) decisionAct(c *gin.Context) error {
	p, err := s.decisionPage(c)
	if err != nil {
		return err
	}
	ctx, a, id, act := c.Request.Context(), actor(c), p.Row.ID, c.Param("act")
	p.Idem = idem(c)
	switch act {
	case "report":
		p.Report = text(c, "report")
		err = s.Meeting.ReportDone(ctx, a, id, p.Report, p.Idem)
	case "accept":
		err = s.Meeting.Accept(ctx, a, id, p.Idem)
	case "return":
		p.Why = text(c, "why")
		err = s.Meeting.SendBack(ctx, a, id, p.Why, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "meeting/decision", p, "report", "why")
	}
	s.redirect(c, p.Base+"/decisions/"+idText(id), "meeting-"+act)
	return nil
}
