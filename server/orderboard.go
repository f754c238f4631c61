package server

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/templates"
)

// boardRow is an order on the board, in words.
type boardRow struct {
	orderRow
	Last      *feedback.OrderReport
	Cooperate []feedback.OrderReport
	Verdict   string
	Satisfied string
}

// boardGroup is a group of the board with its orders on this page.
type boardGroup struct {
	Name  string
	Count int
	Rows  []boardRow
}

type ordersPage struct {
	templates.Page
	Groups []boardGroup // all, for the filter; those with rows are shown
	State  string
	Total  int
	All    int
	Pager  templates.Pager
	Base   string
}

// orders is the board of orders. Its paper form has every order that has not ended.
func (s *Server) orders(c *gin.Context) error {
	p := ordersPage{Page: s.page(c, "orders.title"), State: c.Query("state"), Base: "/l/escalations/"}
	if !actor(c).IsLeader() {
		p.Base = "/o/issues/"
	}
	if !slices.Contains(feedback.BoardGroups, p.State) {
		p.State = ""
	}
	size := 50
	if p.Print {
		size = 500
	}
	board, err := s.Feedback.Board(c.Request.Context(), actor(c), p.State, pageNumber(c), size)
	if err != nil {
		return err
	}
	p.Total, p.All = board.Counts[p.State], board.Counts[""]
	plain := make([]feedback.Order, len(board.Orders))
	for i, o := range board.Orders {
		plain[i] = o.Order
	}
	rows := s.orderRows(c, &p.Page, plain)
	for _, name := range feedback.BoardGroups {
		g := boardGroup{Name: name, Count: board.Counts[name]}
		for i, o := range board.Orders {
			if o.Group(s.Now()) == name {
				row := boardRow{orderRow: rows[i], Last: o.Last, Cooperate: o.Cooperate}
				if name == feedback.BoardDone { // the word on the issue is that on its last order
					row.Verdict, row.Satisfied = o.Verdict, o.Satisfaction
				}
				g.Rows = append(g.Rows, row)
			}
		}
		p.Groups = append(p.Groups, g)
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), size, p.Total)
	s.show(c, http.StatusOK, "leader/orders", &p)
	return nil
}
