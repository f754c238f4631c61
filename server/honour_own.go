package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/honour"
	"pingyi/org"
	"pingyi/templates"
)

// publicHonourPage is the list as everybody sees it.
type publicHonourPage struct {
	templates.Page
	Year       int
	Years      []int
	Round      *honour.Round
	Rule       []string
	Units      []honourRow
	People     []honourRow
	Filed      int
	Upheld     int
	Left       string
	Running    bool // objections may be filed
	MayObject  bool
	Me         org.UnitID
	Candidates []choice
	Candidate  string
	Grounds    string
}

func (s *Server) publicHonourPage(c *gin.Context) (*publicHonourPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &publicHonourPage{Page: s.page(c, "honour.public-title", "Year", year), Year: year}
	if p.Years, err = s.Honour.PublicYears(ctx); err != nil {
		return nil, err
	}
	r, err := s.Honour.PublicRound(ctx, year)
	if errors.Is(err, honour.ErrNoRound) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Round = &r
	if a.Is(org.RoleHead, org.RoleOfficer) {
		p.Me = a.Unit
	}
	sc, rule, err := s.Honour.Rule(ctx, r)
	if err != nil {
		return nil, err
	}
	p.Rule = ruleLines(p.Translator, sc, rule)
	all, err := s.Honour.Candidates(ctx, org.Public, r)
	if err != nil {
		return nil, err
	}
	for _, row := range s.honourRows(c, &p.Page, sc, all) {
		label := row.UnitName.In(p.Lang())
		if row.Person != "" {
			label = p.T("honour.person-of", "Name", row.Person, "Unit", label)
			p.People = append(p.People, row)
		} else {
			p.Units = append(p.Units, row)
		}
		if row.State == honour.Stands && (p.Me == 0 || row.Unit != p.Me) {
			p.Candidates = append(p.Candidates, choice{Value: idText(row.ID), Label: label})
		}
	}
	if p.Filed, p.Upheld, err = s.Honour.Counts(ctx, r.ID); err != nil {
		return nil, err
	}
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	p.Left, _ = s.left(c, &p.Page, r.Until, cal)
	p.Running = r.State == honour.Noticed && !r.Over(s.Now())
	p.MayObject = p.Running && a.Is(org.RoleCompany, org.RoleHead, org.RoleOfficer)
	return p, nil
}

func (s *Server) publicHonours(c *gin.Context) error {
	p, err := s.publicHonourPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/public", p)
	return nil
}

func (s *Server) objectPage(c *gin.Context) (*publicHonourPage, error) {
	p, err := s.publicHonourPage(c)
	if err != nil {
		return nil, err
	}
	if !p.Running {
		return nil, errNotFound
	}
	p.Back = templates.Link{Href: "/commendations/" + strconv.Itoa(p.Year), Label: p.Title}
	p.Title, p.Narrow = p.T("honour.object-title"), true
	return p, nil
}

func (s *Server) newObjection(c *gin.Context) error {
	p, err := s.objectPage(c)
	if err != nil {
		return err
	}
	p.Candidate = c.Query("candidate")
	s.show(c, http.StatusOK, "honour/object", p)
	return nil
}

func (s *Server) object(c *gin.Context) error {
	p, err := s.objectPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Candidate, p.Grounds = idem(c), line(c, "candidate"), text(c, "grounds")
	if err := s.Honour.Object(c.Request.Context(), actor(c), formID[honour.CandidateID](c, "candidate"), p.Grounds, p.Idem); err != nil {
		return s.refuseIn(c, err, "honour/object", p, "candidate", "grounds")
	}
	s.redirect(c, ownHonoursOf(actor(c)), "honour-object")
	return nil
}

// ownHonoursOf is where a company or unit finds what it said of commendations.
func ownHonoursOf(a org.Actor) string {
	if a.Role == org.RoleCompany {
		return "/c/honours"
	}
	return "/d/honours"
}

// ownHonoursPage is commendation as a company or a unit takes part in it.
type ownHonoursPage struct {
	templates.Page
	Base        string
	Company     bool
	Drafting    int // year in which individuals can be proposed; 0: none
	Open        []int
	Objections  []honour.Objection
	Nominations []honour.OwnNomination
	Own         []honourRow // the unit's candidates that are public
	UnitList    []choice
	Form        honour.Nomination
}

func (s *Server) ownHonoursPage(c *gin.Context) (*ownHonoursPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &ownHonoursPage{Page: s.page(c, "honour.own-title"), Base: ownHonoursOf(a), Company: a.Role == org.RoleCompany}
	var err error
	if p.Drafting, err = s.Honour.DraftingYear(ctx); err != nil {
		return nil, err
	}
	if p.Open, err = s.Honour.PublicYears(ctx); err != nil {
		return nil, err
	}
	if p.Objections, err = s.Honour.Objections(ctx, a, 0); err != nil {
		return nil, err
	}
	if p.Nominations, err = s.Honour.OwnNominations(ctx, a); err != nil {
		return nil, err
	}
	for _, y := range p.Open {
		r, err := s.Honour.PublicRound(ctx, y)
		if err != nil {
			return nil, err
		}
		sc, _, err := s.Honour.Rule(ctx, r)
		if err != nil {
			return nil, err
		}
		all, err := s.Honour.Candidates(ctx, a, r)
		if err != nil {
			return nil, err
		}
		for _, row := range s.honourRows(c, &p.Page, sc, all) {
			if a.OfUnit(row.Unit) {
				p.Own = append(p.Own, row)
			}
		}
	}
	if p.Company && p.Drafting != 0 {
		p.UnitList, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) ownHonours(c *gin.Context) error {
	p, err := s.ownHonoursPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/own", p)
	return nil
}

func (s *Server) nominate(c *gin.Context) error {
	p, err := s.ownHonoursPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = honour.Nomination{Unit: formID[org.UnitID](c, "unit"), Person: text(c, "person"), Reason: text(c, "reason")}
	if err := s.Honour.Nominate(c.Request.Context(), actor(c), p.Drafting, p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "honour/own", p, "unit", "person", "reason")
	}
	s.redirect(c, p.Base, "honour-nominate")
	return nil
}
