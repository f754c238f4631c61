package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/templates"
)

// meetingRoutes: meetings, what they decide and how it is followed up. The offices
// come by /o, members of the leading group by /l, units and companies see their own part.
func (s *Server) meetingRoutes() []route {
	office, unit := either(offices, only(org.RoleCampaignAdmin)), only(org.RoleHead, org.RoleOfficer)
	routes := []route{
		post("/o/meetings/:meeting/items/:item/:act", office, s.meetingItemAct),
		post("/l/meetings/:meeting/items/:item/:act", leaders, s.meetingItemAct),
		post("/l/decisions/:matter/:act", leaders, s.decisionAct),
		get("/d/decisions", unit, s.decisions),
		get("/d/decisions/:matter", unit, s.decision),
		post("/d/decisions/:matter/:act", unit, s.decisionAct),
		get("/c/meetings", only(org.RoleCompany), s.companyMeetings),
		post("/c/meetings/:meeting", only(org.RoleCompany), s.companyAnswer),
	}
	for _, at := range []struct {
		base        string
		read, write access
	}{{"/o", either(office, only(org.RoleSupervision)), office}, {"/l", leaders, leaders}} {
		routes = append(routes,
			get(at.base+"/meetings", at.read, s.meetings),
			get(at.base+"/meetings/new", at.write, s.meetingForm),
			post(at.base+"/meetings/new", at.write, s.meetingCall),
			get(at.base+"/meetings/:meeting", at.read, s.meeting),
			post(at.base+"/meetings/:meeting/:act", at.write, s.meetingAct),
			get(at.base+"/meetings/:meeting/items/:item", at.write, s.meetingItem),
			get(at.base+"/meetings/:meeting/packs", at.read, s.packs),
			post(at.base+"/meetings/:meeting/packs", at.write, s.packMake),
			get(at.base+"/meetings/:meeting/packs/:pack", at.read, s.pack),
			get(at.base+"/meetings/:meeting/packs/:pack/xlsx", at.read, s.packTable),
			get(at.base+"/meetings/:meeting/packs/:pack/docx", at.read, s.packWord),
			get(at.base+"/meetings/:meeting/docx", at.read, s.meetingWord),
			get(at.base+"/decisions", at.read, s.decisions),
			get(at.base+"/decisions/:matter", at.read, s.decision),
			get(at.base+"/invitations", at.read, s.rotation),
		)
	}
	return routes
}

// baseOf is the part of the portal an address lies in: /o, /l, /d or /c.
func baseOf(c *gin.Context) string { return c.Request.URL.Path[:min(2, len(c.Request.URL.Path))] }

// meetingPage starts a page of the meetings' part with its second row of navigation.
func (s *Server) meetingFrame(c *gin.Context, title string) templates.Page {
	p := s.page(c, title)
	base := baseOf(c)
	if base != "/o" && base != "/l" {
		return p
	}
	for _, x := range [][2]string{{"/meetings", "meeting.title"}, {"/decisions", "meeting.decisions"}, {"/invitations", "meeting.rotation"}, {"/bulletins", "meeting.bulletins"}} {
		p.Sub = append(p.Sub, templates.NavItem{Href: base + x[0], Label: p.T(x[1]), Current: strings.HasPrefix(p.Path, base+x[0])})
	}
	return p
}

type meetingsPage struct {
	templates.Page
	Base    string
	Year    int
	Slots   []meeting.Slot
	Rows    []meeting.Meeting
	Kind    meeting.Kind
	Kinds   []meeting.Kind
	Reports []meeting.ProjectReport
	Today   calendar.Date
	Total   int
	Pager   templates.Pager
	Writes  bool
}

func (s *Server) meetings(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := meetingsPage{Page: s.meetingFrame(c, "meeting.title"), Base: baseOf(c), Kind: meeting.Kind(c.Query("kind")), Kinds: meeting.Kinds, Today: calendar.DateOf(s.Now()), Writes: meeting.Prepares(a)}
	p.Year = p.Today.Year()
	if y, err := strconv.Atoi(c.Query("year")); err == nil && y > 2000 && y <= p.Year+1 {
		p.Year = y
	}
	var err error
	if p.Slots, err = s.Meeting.Slots(ctx, a, p.Year); err != nil {
		return err
	}
	f := meeting.Filter{Kind: p.Kind, Page: pageNumber(c), Size: 20}
	if p.Rows, p.Total, err = s.Meeting.List(ctx, a, f); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, p.Total)
	if p.Reports, err = s.Meeting.ProjectReports(ctx, a); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/list", &p)
	return nil
}

type meetingFormPage struct {
	templates.Page
	Base                              string
	Form                              meeting.Draft
	Kinds, Projects, Conveners, Units []choice
	Quarters, Years                   []choice
	UnitIDs                           []string
	Project, Convener                 string
}

func (s *Server) meetingFormPage(c *gin.Context) (*meetingFormPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &meetingFormPage{Page: s.meetingFrame(c, "meeting.new"), Base: baseOf(c)}
	p.Narrow = true
	p.Back = templates.Link{Href: p.Base + "/meetings", Label: p.T("meeting.title")}
	today := calendar.DateOf(s.Now())
	p.Form = meeting.Draft{Kind: meeting.Kind(c.Query("kind")), Year: today.Year(), Quarter: today.Quarter(), On: string(today.AddDays(7))}
	if q, err := strconv.Atoi(c.Query("quarter")); err == nil {
		p.Form.Quarter = q
	}
	if y, err := strconv.Atoi(c.Query("year")); err == nil {
		p.Form.Year = y
	}
	p.Project = c.Query("project")
	for _, k := range meeting.Kinds {
		p.Kinds = append(p.Kinds, choices(p.Translator, "meeting.kind-", []string{string(k)})...)
	}
	for q := 1; q <= 4; q++ {
		p.Quarters = append(p.Quarters, choice{Value: strconv.Itoa(q), Label: p.T("meeting.quarter-n", "N", q)})
	}
	for y := today.Year() - 1; y <= today.Year()+1; y++ {
		p.Years = append(p.Years, choice{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	projects, _, err := s.Projects.List(ctx, a, ledger.ProjectFilter{KeyOnly: true, Page: 1, Size: 200})
	if err != nil {
		return nil, err
	}
	for _, x := range projects {
		p.Projects = append(p.Projects, choice{Value: idText(x.ID), Label: x.No + " " + x.In(p.Lang())})
	}
	members, err := s.Meeting.Conveners(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		p.Conveners = append(p.Conveners, choice{Value: idText(m.Account), Label: m.Name + " · " + p.T("meeting.post-"+string(m.Post))})
		if m.Account == a.Account {
			p.Convener = idText(a.Account)
		}
	}
	p.Units, err = s.unitChoices(ctx, p.Translator)
	return p, err
}

func (s *Server) meetingForm(c *gin.Context) error {
	p, err := s.meetingFormPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/new", p)
	return nil
}

func (s *Server) meetingCall(c *gin.Context) error {
	p, err := s.meetingFormPage(c)
	if err != nil {
		return err
	}
	p.Idem, p.Project, p.Convener = idem(c), line(c, "project"), line(c, "convener")
	year, _ := strconv.Atoi(line(c, "year"))
	quarter, _ := strconv.Atoi(line(c, "quarter"))
	p.Form = meeting.Draft{Kind: meeting.Kind(c.PostForm("kind")), Title: text(c, "title"), Project: formID[ledger.ProjectID](c, "project"), Year: year, Quarter: quarter,
		Place: text(c, "place"), Convener: formID[org.AccountID](c, "convener"), On: line(c, "on"), Report: text(c, "report")}
	p.UnitIDs, p.Form.Units = unitsTyped(c, "units")
	id, err := s.Meeting.Call(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "meeting/new", p, "kind", "title", "project", "year", "quarter", "on", "place", "convener", "units", "report")
	}
	s.redirect(c, p.Base+"/meetings/"+idText(id), "meeting-called")
	return nil
}

// unitsTyped reads the ticked units of a form, as typed and as ids.
func unitsTyped(c *gin.Context, field string) (typed []string, ids []org.UnitID) {
	for _, v := range c.PostFormArray(field) {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 && len(ids) < 100 {
			typed, ids = append(typed, v), append(ids, org.UnitID(n))
		}
	}
	return typed, ids
}
