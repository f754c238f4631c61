package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/templates"
)

// bulletinRoutes: writing, approving, publishing and reading bulletins.
func (s *Server) bulletinRoutes() []route {
	read := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))
	return []route{
		get("/bulletins", anyone, s.bulletinsPublished),
		get("/bulletins/:bulletin", anyone, s.bulletin),
		get("/o/bulletins", read, s.bulletins),
		get("/l/bulletins", leaders, s.bulletins),
		get("/o/bulletins/new", meeting.Drafts, s.bulletinForm),
		post("/o/bulletins/new", meeting.Drafts, s.bulletinDraft),
		get("/o/bulletins/:bulletin", read, s.bulletin),
		get("/l/bulletins/:bulletin", leaders, s.bulletin),
		get("/bulletins/:bulletin/docx", anyone, s.bulletinWord),
		get("/o/bulletins/:bulletin/docx", read, s.bulletinWord),
		get("/l/bulletins/:bulletin/docx", leaders, s.bulletinWord),
		get("/o/bulletins/:bulletin/edit", meeting.Drafts, s.bulletinForm),
		post("/o/bulletins/:bulletin/:act", meeting.Drafts, s.bulletinAct),
		post("/l/bulletins/:bulletin/:act", leaders, s.bulletinAct),
	}
}

type bulletinsPage struct {
	templates.Page
	Base  string
	Rows  []meeting.Bulletin
	Desk  bool // drafts among them
	Adds  bool // the reader may draft one
	Pager templates.Pager
}

func (s *Server) bulletinList(c *gin.Context, desk bool) error {
	p := bulletinsPage{Page: s.meetingFrame(c, "meeting.bulletins"), Desk: desk}
	if desk {
		p.Base, p.Adds = baseOf(c), meeting.Drafts(actor(c))
	}
	rows, total, err := s.Meeting.Bulletins(c.Request.Context(), actor(c), desk, pageNumber(c), 20)
	if err != nil {
		return err
	}
	p.Rows, p.Pager = rows, templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, total)
	s.show(c, http.StatusOK, "meeting/bulletins", &p)
	return nil
}

func (s *Server) bulletins(c *gin.Context) error { return s.bulletinList(c, true) }

func (s *Server) bulletinsPublished(c *gin.Context) error { return s.bulletinList(c, false) }

type bulletinPage struct {
	templates.Page
	Base      string
	B         meeting.Bulletin
	Floor     int
	Desk      bool
	Drafts    bool
	Approves  bool
	Publishes bool
}

func (s *Server) bulletinPage(c *gin.Context) (*bulletinPage, error) {
	a := actor(c)
	id, err := pathID[int64](c, "bulletin")
	if err != nil {
		return nil, err
	}
	p := &bulletinPage{Page: s.meetingFrame(c, "meeting.bulletins")}
	if p.Desk = c.Request.URL.Path[:3] == "/o/" || c.Request.URL.Path[:3] == "/l/"; p.Desk {
		p.Base = baseOf(c)
	}
	if p.B, err = s.Meeting.Bulletin(c.Request.Context(), a, id); err != nil {
		return nil, err
	}
	if !p.Desk && p.B.State != "published" {
		return nil, errNotFound
	}
	rules, err := s.Meeting.Rules(c.Request.Context())
	if err != nil {
		return nil, err
	}
	p.Floor = rules.SmallCell
	p.Title, p.TitleLang = p.B.Title, "zh-CN"
	p.Back = templates.Link{Href: p.Base + "/bulletins", Label: p.T("meeting.bulletins")}
	p.Drafts = p.Desk && meeting.Drafts(a)
	p.Approves = p.Desk && a.MaySign() && p.B.State == "draft"
	p.Publishes = p.Drafts && p.B.State == "approved"
	return p, nil
}

func (s *Server) bulletin(c *gin.Context) error {
	p, err := s.bulletinPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/bulletin", p)
	return nil
}

type bulletinFormPage struct {
	templates.Page
	ID                         int64
	Form                       meeting.BulletinDraft
	Audiences, Quarters, Years []choice
	CorrectsNo                 string
}

func (s *Server) bulletinFormPage(c *gin.Context) (*bulletinFormPage, error) {
	ctx, a, today := c.Request.Context(), actor(c), calendar.DateOf(s.Now())
	p := &bulletinFormPage{Page: s.meetingFrame(c, "meeting.bulletin-new"), Form: meeting.BulletinDraft{Year: today.Year(), Quarter: today.Quarter(), Audience: "units"}}
	p.Narrow = true
	p.Back = templates.Link{Href: "/o/bulletins", Label: p.T("meeting.bulletins")}
	p.Audiences = choices(p.Translator, "meeting.audience-", meeting.Audiences)
	for q := 1; q <= 4; q++ {
		p.Quarters = append(p.Quarters, choice{Value: strconv.Itoa(q), Label: p.T("meeting.quarter-n", "N", q)})
	}
	for y := today.Year(); y >= today.Year()-2; y-- {
		p.Years = append(p.Years, choice{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	if c.Param("bulletin") != "" {
		id, err := pathID[int64](c, "bulletin")
		if err != nil {
			return nil, err
		}
		b, err := s.Meeting.Bulletin(ctx, a, id)
		if err != nil {
			return nil, err
		}
		if b.State != "draft" {
			return nil, meeting.ErrState
		}
		p.ID, p.CorrectsNo, p.Title = id, b.CorrectsNo, p.T("meeting.bulletin-edit")
		p.Form = meeting.BulletinDraft{Title: b.Title, Body: b.Body, Audience: b.Audience, Year: b.Year, Quarter: b.Quarter, Corrects: b.Corrects, Version: b.Version}
		return p, nil
	}
	corrects, _ := strconv.ParseInt(c.DefaultPostForm("corrects", c.Query("corrects")), 10, 64)
	if corrects > 0 {
		old, err := s.Meeting.Bulletin(ctx, a, corrects)
		if err != nil {
			return nil, err
		}
		p.CorrectsNo = old.No
		p.Form = meeting.BulletinDraft{Title: old.Title, Body: old.Body, Audience: old.Audience, Year: old.Year, Quarter: old.Quarter, Corrects: corrects}
	}
	return p, nil
}

func (s *Server) bulletinForm(c *gin.Context) error {
	p, err := s.bulletinFormPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/bulletin-form", p)
	return nil
}

// typed reads the form over what the page offered.
func (p *bulletinFormPage) typed(c *gin.Context) {
	p.Idem = idem(c)
	p.Form.Title, p.Form.Body, p.Form.Audience = text(c, "title"), text(c, "body"), c.PostForm("audience")
	p.Form.Year, _ = strconv.Atoi(line(c, "year"))
	p.Form.Quarter, _ = strconv.Atoi(line(c, "quarter"))
	p.Form.Version, _ = strconv.Atoi(line(c, "version"))
}

func (s *Server) bulletinDraft(c *gin.Context) error {
	p, err := s.bulletinFormPage(c)
	if err != nil {
		return err
	}
	p.typed(c)
	id, err := s.Meeting.DraftBulletin(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "meeting/bulletin-form", p, "year", "quarter", "audience", "title", "body")
	}
	s.redirect(c, "/o/bulletins/"+idText(id), "bulletin-saved")
	return nil
}

// bulletinAct saves, approves or publishes.
func (s *Server) bulletinAct(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	act := c.Param("act")
	if act == "edit" && baseOf(c) == "/o" {
		return s.bulletinSave(c)
	}
	p, err := s.bulletinPage(c)
	if err != nil {
		return err
	}
	switch act {
	case "approve":
		version, _ := strconv.Atoi(line(c, "version"))
		err = s.Meeting.ApproveBulletin(ctx, a, p.B.ID, version)
	case "publish":
		err = s.Meeting.PublishBulletin(ctx, a, p.B.ID)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuse(c, err, "meeting/bulletin", p)
	}
	s.redirect(c, p.Base+"/bulletins/"+idText(p.B.ID), "bulletin-"+act)
	return nil
}

func (s *Server) bulletinSave(c *gin.Context) error {
	p, err := s.bulletinFormPage(c)
	if err != nil {
		return err
	}
	p.typed(c)
	if err := s.Meeting.SaveBulletin(c.Request.Context(), actor(c), p.ID, p.Form); err != nil {
		return s.refuseIn(c, err, "meeting/bulletin-form", p, "year", "quarter", "audience", "title", "body")
	}
	s.redirect(c, "/o/bulletins/"+idText(p.ID), "bulletin-saved")
	return nil
}
