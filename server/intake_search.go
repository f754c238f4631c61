package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/org"
	"pingyi/templates"
)

// intakeRoutes: search, issues alike.
func (s *Server) intakeRoutes() []route {
	desk := either(offices, only(org.RoleSupervision))
	return []route{
		get("/search", signedIn, s.search),
		get("/o/similar/:issue", desk, s.similar),
		post("/o/similar/:issue", offices, s.mergeIssue),
	}
}

type searchPage struct {
	templates.Page
	Q     string
	Found []intake.Found
	Asked bool
	Base  map[string]string // where hits of a kind lead to; none: the reader has no page for it
}

func (s *Server) search(c *gin.Context) error {
	a := actor(c)
	p := searchPage{Page: s.page(c, "search.title"), Q: clean(c.Query("q")), Base: map[string]string{}}
	p.Narrow = true
	for _, b := range issueBases {
		if b.allow(a) && a.Role != org.RoleChamber {
			p.Base["issue"] = b.path + "/"
		}
	}
	p.Base["company"], p.Base["unit"] = "/o/companies/", "/departments/"
	for _, b := range promiseBases {
		if b.allow(a) {
			p.Base["promise"] = b.path + "/"
		}
	}
	for _, b := range suggestionBases {
		if b.allow(a) {
			p.Base["suggestion"] = b.path + "/"
		}
	}
	p.Asked = p.Q != ""
	if !p.Asked {
		s.show(c, http.StatusOK, "intake/search", &p)
		return nil
	}
	var err error
	if p.Found, err = s.Intake.Search(c.Request.Context(), a, p.Q, p.Lang()); err != nil {
		p.Asked = false
		return s.refuse(c, err, "intake/search", &p)
	}
	s.show(c, http.StatusOK, "intake/search", &p)
	return nil
}

type similarPage struct {
	templates.Page
	Issue  feedback.Issue
	Twins  []twinRow
	May    bool // merge
	Into   string
	Reason string
}

// twinRow is an issue alike, in words.
type twinRow struct {
	intake.Twin
	Who     string
	Percent int
	Same    bool // of the same company: it can be merged into
}

func (s *Server) similarPage(c *gin.Context) (*similarPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	i, err := s.Feedback.Issue(ctx, a, c.Param("issue"))
	if err != nil {
		return nil, err
	}
	p := &similarPage{Page: s.page(c, "similar.title", "Ref", i.Ref), Issue: i, May: i.May(a, feedback.ActMerge)}
	p.Back = templates.Link{Href: "/o/issues/" + i.Ref, Label: i.Ref}
	found, err := s.Intake.Twins(ctx, a, i.Title, i.Body, i.Category, i.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		row := twinRow{Twin: t, Percent: int(t.Alike*100 + 0.5), Who: t.CompanyName.In(p.Lang())}
		row.Same = i.Company != 0 && t.Company == i.Company && t.State != feedback.Merged && t.State != feedback.Withdrawn && t.State != feedback.Declined
		if row.Who == "" {
			row.Who = p.T("issue.anonymous")
		}
		p.Twins = append(p.Twins, row)
	}
	return p, nil
}

func (s *Server) similar(c *gin.Context) error {
	p, err := s.similarPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/similar", p)
	return nil
}

func (s *Server) mergeIssue(c *gin.Context) error {
	p, err := s.similarPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Into, p.Reason = idem(c), line(c, "into"), text(c, "reason")
	if err := s.Feedback.Merge(c.Request.Context(), actor(c), p.Issue.Ref, p.Into, p.Reason, p.Idem); err != nil {
		return s.refuseIn(c, err, "intake/similar", p, "into", "reason")
	}
	s.redirect(c, "/o/issues/"+p.Issue.Ref, "issue-merged")
	return nil
}
