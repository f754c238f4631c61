package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// whyRoutes: why a score is what it is, what moved it, what would raise it; opinion
// beside facts.
func (s *Server) whyRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/year/:year/units/:code", either(compilers, leaders), s.whyUnit),
		get("/d/scores/why", unit, s.whyOwn),
		get("/d/scores/moved", unit, s.moved),
		get("/d/scores/facts", unit, s.ownFacts),
		get("/o/year/:year/facts", either(offices, leaders, only(org.RoleSupervision)), s.factPanel),
	}
}

type whyPage struct {
	templates.Page
	Year  int
	Years []int
	Row   *dotRow
	Grade string
	Tree  *whyTree
	Own   bool
}

// whyUnit opens a unit's score of a year's latest computation to those who compile and
// to the leading group.
func (s *Server) whyUnit(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	u, err := s.Org.UnitByCode(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	r, err := s.Evaluation.Latest(c.Request.Context(), actor(c), year)
	if err != nil {
		return err
	}
	p := whyPage{Page: s.page(c, "why.title", "Unit", u.Names.In(s.translator(c).Lang()), "Year", year), Year: year}
	p.Back = templates.Link{Href: "/o/year/" + strconv.Itoa(year), Label: p.T("year.title", "Year", year)}
	if actor(c).IsLeader() {
		p.Back.Href = "/l/rankings/" + strconv.Itoa(year)
	}
	if err := s.fillWhy(c, &p, r, u.ID); err != nil {
		return err
	}
	if p.Row == nil {
		return errNotFound
	}
	s.show(c, http.StatusOK, "year/why", &p)
	return nil
}

// whyOwn opens a unit's published score to the unit.
func (s *Server) whyOwn(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := whyPage{Page: s.page(c, "why.own-title"), Own: true}
	p.Back = templates.Link{Href: "/d/scores", Label: p.T("scores.title")}
	var err error
	if p.Years, err = s.Evaluation.PublishedYears(ctx); err != nil {
		return err
	}
	if p.Year = formQuery(c, "year"); p.Year == 0 && len(p.Years) > 0 {
		p.Year = p.Years[0]
	}
	if p.Year != 0 {
		r, err := s.Evaluation.Published(ctx, p.Year)
		if err != nil {
			return err
		}
		if err := s.fillWhy(c, &p, r, a.Unit); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "year/why", &p)
	return nil
}

// fillWhy finds the unit's line and opens it, with the entries behind its items.
func (s *Server) fillWhy(c *gin.Context, p *whyPage, r evaluation.YearResult, unit org.UnitID) error {
	ctx, a := c.Request.Context(), actor(c)
	sc, err := s.Evaluation.Scheme(ctx, r.SchemeID)
	if err != nil {
		return err
	}
	classes, err := s.classes(c, r, 0, sc.Disclosure.Unit)
	if err != nil {
		return err
	}
	for _, k := range classes {
		for i, row := range k.Rows {
			if row.Unit == unit {
				p.Row, p.Tree, p.Grade = &k.Rows[i], k.Why[unit], sc.GradeName(row.Grade).In(p.Lang())
			}
		}
	}
	if p.Tree == nil {
		return nil
	}
	entries, err := s.Evaluation.Adjustments(ctx, a, r.Year, unit)
	if err != nil {
		return err
	}
	for i, x := range entries {
		entries[i] = creditWords(p.Translator, x)
	}
	p.Tree.addEntries(unit, entries)
	return nil
}
