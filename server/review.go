package server

import (
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// reviewRoutes: refusals by a policy clause, which the offices review.
func (s *Server) reviewRoutes() []route {
	return []route{get("/o/reviews", either(offices, only(org.RoleSupervision)), s.reviews)}
}

type reviewsPage struct {
	templates.Page
	Rows    []reviewRow
	Decided bool
	Decides bool
	Pager   templates.Pager
}

// reviewRow is a refusal in the list.
type reviewRow struct {
	feedback.Review
	Policy string // the policy of the library that the clause names, if it does
}

var policyNumber = regexp.MustCompile(`YH-\d{4}-\d{3,}`)

func (s *Server) reviews(c *gin.Context) error {
	p := reviewsPage{Page: s.page(c, "review.title"), Decided: c.Query("only") == "decided", Decides: actor(c).IsOffice()}
	list, total, err := s.Feedback.Reviews(c.Request.Context(), actor(c), p.Decided, pageNumber(c), 20)
	if err != nil {
		return err
	}
	for _, r := range list {
		p.Rows = append(p.Rows, reviewRow{r, policyNumber.FindString(r.Clause)})
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, total)
	s.show(c, http.StatusOK, "care/reviews", &p)
	return nil
}
