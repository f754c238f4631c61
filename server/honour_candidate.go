package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/honour"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

type candidatePage struct {
	templates.Page
	Row       honourRow
	Round     honour.Round
	Steps     []honour.Step
	Text      string
	MaySecond bool
	MayHold   bool
	MayRevoke bool
	Paper     bool // there is a certificate
}

func (s *Server) candidatePage(c *gin.Context) (*candidatePage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[honour.CandidateID](c, "candidate")
	if err != nil {
		return nil, err
	}
	k, err := s.Honour.Candidate(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p := &candidatePage{Page: s.page(c, "honour.candidate")}
	p.Title = k.UnitName.In(p.Lang())
	if k.Person != "" {
		p.Title = p.T("honour.person-of", "Name", k.Person, "Unit", p.Title)
	}
	p.Back = templates.Link{Href: "/o/honours/" + strconv.Itoa(k.Year), Label: p.T("honour.of-year", "Year", k.Year)}
	if p.Round, err = s.Honour.Round(ctx, a, k.Year); err != nil {
		return nil, err
	}
	if p.Round.ID != k.Round { // of a round that was given up
		return nil, errNotFound
	}
	sc, _, err := s.Honour.Rule(ctx, p.Round)
	if err != nil {
		return nil, err
	}
	p.Row = s.honourRows(c, &p.Page, sc, []honour.Candidate{k})[0]
	if p.Steps, err = s.Honour.Steps(ctx, a, k.Round, k.ID); err != nil {
		return nil, err
	}
	_, hold := honour.Next(k.RoundIs, k.State, honour.Withhold)
	_, revoke := honour.Next(k.RoundIs, k.State, honour.Revoke)
	p.MaySecond, p.MayHold, p.MayRevoke, p.Paper = p.Row.MaySecond, hold && a.IsOffice(), revoke && a.MaySign(), k.State == honour.Commended
	return p, nil
}

func (s *Server) honourCandidate(c *gin.Context) error {
	p, err := s.candidatePage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/candidate", p)
	return nil
}

func (s *Server) candidateStep(c *gin.Context) error {
	p, err := s.candidatePage(c)
	if err != nil {
		return err
	}
	ctx, a, id, step := c.Request.Context(), actor(c), p.Row.ID, c.Param("step")
	p.Idem, p.Text = idem(c), text(c, "text")
	switch step {
	case "sign", "refuse":
		err = s.Honour.Second(ctx, a, id, step == "sign", p.Text, p.Idem)
	case "withhold":
		err = s.Honour.Withhold(ctx, a, id, p.Text, p.Idem)
	case "revoke":
		err = s.Honour.Revoke(ctx, a, id, p.Text, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuse(c, err, "honour/candidate", p)
	}
	s.redirect(c, "/o/candidates/"+idText(id), "honour-"+step)
	return nil
}

type certificatePage struct {
	templates.Page
	Row     honour.Candidate
	Round   honour.Round
	Chinese *locale.Translator // the sheet is in Chinese; other readers find it in theirs below
}

// certificate is the sheet of honour of a commended unit or person, for print; there is
// none of what was taken back.
func (s *Server) certificate(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[honour.CandidateID](c, "candidate")
	if err != nil {
		return err
	}
	k, err := s.Honour.Candidate(ctx, a, id)
	if err != nil {
		return err
	}
	if k.State != honour.Commended || a.Is(org.RoleHead, org.RoleOfficer) && !a.OfUnit(k.Unit) {
		return errNotFound
	}
	p := certificatePage{Page: s.page(c, "honour.certificate"), Row: k, Chinese: s.catalogue.In(locale.Chinese)}
	if p.Round, err = s.Honour.PublicRound(ctx, k.Year); err != nil {
		return err
	}
	p.Back = templates.Link{Href: "/commendations/" + strconv.Itoa(k.Year), Label: p.T("honour.public-title", "Year", k.Year)}
	s.show(c, http.StatusOK, "honour/certificate", &p)
	return nil
}

type objectionPage struct {
	templates.Page
	Row            honour.Objection
	Form           honour.Ruling
	Words          []choice
	Decides, Names bool
	Left, Tag      string
}

func (s *Server) objectionPage(c *gin.Context) (*objectionPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[honour.ObjectionID](c, "objection")
	if err != nil {
		return nil, err
	}
	o, err := s.Honour.Objection(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p := &objectionPage{Page: s.page(c, "honour.objection-no", "N", idText(id)), Row: o, Names: a.Role == org.RoleSupervision}
	p.Back = templates.Link{Href: "/o/honours/" + strconv.Itoa(o.Year), Label: p.T("honour.of-year", "Year", o.Year)}
	p.Decides = p.Names && o.State == honour.Filed
	p.Words = choices(p.Translator, "honour.word-", []string{honour.Upheld, honour.Rejected})
	cal, err := s.Calendar.Current(ctx)
	if err != nil {
		return nil, err
	}
	p.Left, p.Tag = s.left(c, &p.Page, o.DecideBy, cal)
	return p, nil
}

func (s *Server) objection(c *gin.Context) error {
	p, err := s.objectionPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/objection", p)
	return nil
}

func (s *Server) decideObjection(c *gin.Context) error {
	p, err := s.objectionPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = honour.Ruling{Word: c.PostForm("word"), Answer: text(c, "answer"), Why: text(c, "why")}
	if err := s.Honour.RuleOn(c.Request.Context(), actor(c), p.Row.ID, p.Form, p.Idem); err != nil {
		return s.refuseIn(c, err, "honour/objection", p, "word", "answer", "why")
	}
	s.redirect(c, "/o/objections/"+idText(p.Row.ID), "honour-objection")
	return nil
}
