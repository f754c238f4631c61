package server

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// leaderRoutes: the leading group's home, board of orders and approvals; the queue
// itself is in issue.go.
func (s *Server) leaderRoutes() []route {
	return append(s.leaderActRoutes(), []route{
		get("/l", leaders, s.leaderHome),
		get("/l/orders", either(leaders, offices, only(org.RoleSupervision)), s.orders),
		get("/l/rankings", leaders, s.rankings),
		get("/l/rankings/:year", leaders, s.ranking),
		post("/l/rankings/:year/:step", leaders, s.rankingStep),
	}...)
}

type leaderHome struct {
	templates.Page
	ownSeats
	Queue   []issueRow
	Late    bool // one of them is past its deadline
	Overdue []orderRow
	Open    int
	Pending *evaluation.YearResult
	ForWhom string // the reader signs today for him
}

func (s *Server) leaderHome(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := leaderHome{Page: s.page(c, "leader.title"), ForWhom: a.ForWhom}
	queue, err := s.Feedback.Queue(ctx, a)
	if err != nil {
		return err
	}
	p.Queue = s.issueRows(c, queue)
	p.Late = slices.ContainsFunc(p.Queue, func(r issueRow) bool { return r.Tag == "bad" })
	if p.ownSeats, err = s.ownSeats(ctx, a); err != nil {
		return err
	}
	overdue, _, err := s.Feedback.Orders(ctx, a, feedback.OrderFilter{State: "overdue", Page: 1, Size: 10})
	if err != nil {
		return err
	}
	p.Overdue = s.orderRows(c, &p.Page, overdue)
	if _, p.Open, err = s.Feedback.Orders(ctx, a, feedback.OrderFilter{State: "open", Page: 1, Size: 1}); err != nil {
		return err
	}
	for _, year := range []int{calendar.DateOf(s.Now()).Year(), calendar.DateOf(s.Now()).Year() - 1} {
		if r, err := s.Evaluation.Latest(ctx, a, year); err == nil && r.State == "checked" {
			p.Pending = &r
		}
	}
	s.show(c, http.StatusOK, "leader/home", &p)
	return nil
}

type queuePage struct {
	templates.Page
	Rows    []issueRow
	Reason  string
	Reasons []string
	Counts  map[string]int
	Open    int
}

// escalations is the queue of the leading group, the most urgent first.
func (s *Server) escalations(c *gin.Context) error {
	p := queuePage{Page: s.page(c, "escalations.title"), Reason: c.Query("reason"), Reasons: []string{"overdue", "refused_twice", "class_a"}, Counts: map[string]int{}}
	queue, err := s.Feedback.Queue(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	for _, r := range s.issueRows(c, queue) {
		p.Counts[r.QueueReason]++
		p.Counts[""]++
		if p.Reason == "" || p.Reason == r.QueueReason {
			p.Rows = append(p.Rows, r)
		}
	}
	if _, p.Open, err = s.Feedback.Orders(c.Request.Context(), actor(c), feedback.OrderFilter{State: "open", Page: 1, Size: 1}); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "leader/queue", &p)
	return nil
}

type orderRow struct {
	feedback.Order
	Words, Tag string
}

func (s *Server) orderRows(c *gin.Context, p *templates.Page, orders []feedback.Order) []orderRow {
	cal, err := s.Feedback.Calendar(c.Request.Context(), 0)
	if err != nil {
		cal = &calendar.Calendar{}
	}
	rows := make([]orderRow, len(orders))
	for i, o := range orders {
		rows[i].Order = o
		switch o.State {
		case "issued", "received":
			rows[i].Words, rows[i].Tag = s.left(c, p, o.DeadlineOn, cal)
		case "done":
			rows[i].Words, rows[i].Tag = p.T("order.state-done"), "ok"
		default:
			rows[i].Words, rows[i].Tag = p.T("order.state-"+o.State), "warn"
		}
	}
	return rows
}

// rankings leads to the year that waits for approval, else to the latest.
func (s *Server) rankings(c *gin.Context) error {
	year := calendar.DateOf(s.Now()).Year()
	for _, y := range []int{year, year - 1} {
		if _, err := s.Evaluation.Latest(c.Request.Context(), actor(c), y); err == nil {
			year = y
			break
		}
	}
	c.Redirect(http.StatusSeeOther, "/l/rankings/"+idText(int64(year)))
	return nil
}

func (s *Server) ranking(c *gin.Context) error {
	p, err := s.yearPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "year/approve", p)
	return nil
}

func (s *Server) rankingStep(c *gin.Context) error {
	p, err := s.yearPage(c)
	if err != nil {
		return err
	}
	if p.Result == nil {
		return evaluation.ErrNoResult
	}
	switch c.Param("step") {
	case "approve":
		err = s.Evaluation.Approve(c.Request.Context(), actor(c), p.Result.ID)
	case "return":
		p.Why = text(c, "why")
		err = s.Evaluation.Return(c.Request.Context(), actor(c), p.Result.ID, p.Why)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuse(c, err, "year/approve", p)
	}
	s.redirect(c, "/l/rankings/"+c.Param("year"), "year-"+c.Param("step"))
	return nil
}
