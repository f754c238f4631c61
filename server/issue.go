package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// issueBases are the places from which each side looks at issues; the pages are
// the same, what they show and allow follows from who looks.
var issueBases = []struct {
	path  string
	allow access
	title string
}{
	{"/c/issues", only(org.RoleCompany), "issues.title"},
	{"/d/issues", only(org.RoleHead, org.RoleOfficer), "issues.unit-title"},
	{"/o/issues", either(offices, only(org.RoleSupervision, org.RoleChamber)), "issues.office-title"},
	{"/l/escalations", leaders, "escalations.title"},
	{"/o/collective", only(org.RoleChamber), "collective.title"},
}

// issueRoutes: issues from every side.
func (s *Server) issueRoutes() []route {
	routes := []route{
		get("/c/issues/new", only(org.RoleCompany), s.issueNew),
		postLimit("/c/issues/new", uploadLimit, only(org.RoleCompany), s.issueRaise),
	}
	for _, b := range issueBases {
		base, title := b.path, b.title
		list := func(c *gin.Context) error { return s.issueList(c, base, title) }
		if base == "/l/escalations" {
			list = s.escalations
		}
		if base == "/o/collective" {
			list = s.collectives
		}
		routes = append(routes,
			get(base, b.allow, list),
			get(base+"/:ref", b.allow, func(c *gin.Context) error { return s.issueView(c, base) }),
			get(base+"/:ref/files/:file", b.allow, s.issueFile),
			get(base+"/:ref/dates", b.allow, func(c *gin.Context) error { return s.issueDates(c, base) }),
			get(base+"/:ref/do/:act", b.allow, func(c *gin.Context) error { return s.issueDo(c, base) }),
			postLimit(base+"/:ref/do/:act", uploadLimit, b.allow, func(c *gin.Context) error { return s.issueDone(c, base) }),
			postLimit(base+"/:ref/:act", uploadLimit, b.allow, func(c *gin.Context) error { return s.issueAct(c, base) }))
	}
	return routes
}

// issueRow is an issue in a list.
type issueRow struct {
	feedback.Issue
	Words string // time left, or whom it waits for
	Tag   string
	Who   string // company or unit, as far as the reader may know
}

// issueRows prepares issues for a list: what is due, in words.
func (s *Server) issueRows(c *gin.Context, issues []feedback.Issue) []issueRow {
	p := templates.Page{Translator: s.translator(c)}
	cal, err := s.Feedback.Calendar(c.Request.Context(), 0)
	if err != nil {
		s.log.WarnContext(c.Request.Context(), "read calendar", "error", err)
		cal = &calendar.Calendar{}
	}
	rows := make([]issueRow, len(issues))
	for i, is := range issues {
		rows[i] = issueRow{Issue: is, Who: is.LeadName.In(p.Lang())}
		if actor(c).Role != org.RoleCompany {
			if rows[i].Who = is.CompanyName.In(p.Lang()); is.CompanyName.ZH == "" {
				rows[i].Who = p.T("issue.anonymous")
			}
		}
		rows[i].Words, rows[i].Tag = s.due(c, &p, is, cal)
	}
	return rows
}

// due says what an issue waits for: its deadline in working days, or a person.
func (s *Server) due(c *gin.Context, p *templates.Page, i feedback.Issue, cal *calendar.Calendar) (words, tag string) {
	switch i.State {
	case feedback.Closed, feedback.Withdrawn, feedback.Declined, feedback.Merged:
		return p.T("issue.state-" + string(i.State)), "ok"
	case feedback.Answered:
		if actor(c).Role == org.RoleCompany {
			return p.T("issue.waits-you"), "warn"
		}
		return p.T("issue.waits-company"), "warn"
	case feedback.ResultReady:
		return p.T("issue.waits-feedback"), "warn"
	case feedback.InProgress:
		if i.Paused != nil {
			return p.T("life.paused-" + i.PauseReason), "info"
		}
	case feedback.Raised:
		return s.left(c, p, calendar.DateOf(i.RegisterDue.Add(-1)), cal)
	case feedback.Ordered:
		return s.left(c, p, i.OrderDueOn, cal)
	}
	return s.left(c, p, i.DeadlineOn, cal)
}

type issuesPage struct {
	templates.Page
	Rows                       []issueRow
	Base                       string
	State, Grade, Search, Only string
	States, Grades             []choice
	Tab                        string
	Tabs                       []choice
	Pager                      templates.Pager
	Total                      int
	CanRaise                   bool
	Few                        bool // too few to need a filter
}

func (s *Server) issueList(c *gin.Context, base, title string) error {
	p := issuesPage{Page: s.page(c, title), Base: base + "/", State: c.Query("state"), Grade: c.Query("grade"), Search: clean(c.Query("q")), Only: c.Query("only"), Tab: c.Query("tab"), CanRaise: base == "/c/issues"}
	if actor(c).Role == org.RoleChamber {
		p.Base = "" // the chamber follows its members' issues without their text
	}
	for _, st := range feedback.States {
		p.States = append(p.States, choice{Value: string(st), Label: p.T("issue.state-" + string(st))})
	}
	p.Grades = choices(p.Translator, "issue.grade-", feedback.Grades)
	if base == "/d/issues" {
		p.Tabs = choices(p.Translator, "life.tab-", []string{"new", "working", "company", "queued", "ended"})
	}
	f := feedback.IssueFilter{Tab: p.Tab, Special: p.Only == "special", State: feedback.State(p.State), Grade: p.Grade, Search: p.Search, Open: p.Only == "open", Overdue: p.Only == "overdue", Page: pageNumber(c), Size: 20}
	issues, total, err := s.Feedback.Issues(c.Request.Context(), actor(c), f)
	if err != nil {
		return err
	}
	p.Rows, p.Total = s.issueRows(c, issues), total
	p.Few = p.CanRaise && total <= f.Size && p.State == "" && p.Grade == "" && p.Search == ""
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, total)
	s.show(c, http.StatusOK, "issue/list", &p)
	return nil
}

type issueNewPage struct {
	templates.Page
	Form       feedback.IssueDraft
	Asked      string
	Category   string
	Categories []choice
	Units      []choice
	Shown      []choice
	Twins      []intake.Twin // of the own company, when asked for before submitting
	Checked    bool
}

func (s *Server) issueNewPage(c *gin.Context) (*issueNewPage, error) {
	p := &issueNewPage{Page: s.page(c, "issue-new.title"), Form: feedback.IssueDraft{NameShown: ""}}
	p.Narrow = true
	p.Back = templates.Link{Href: "/c/issues", Label: p.T("issues.title")}
	p.Categories = numbers(p.Translator, "category.", feedback.Categories)
	p.Shown = choices(p.Translator, "issue.shown-", feedback.NameShowns)
	var err error
	p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	return p, err
}

func (s *Server) issueNew(c *gin.Context) error {
	p, err := s.issueNewPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "issue/new", p)
	return nil
}

func (s *Server) issueRaise(c *gin.Context) error {
	p, err := s.issueNewPage(c)
	if err != nil {
		return err
	}
	p.Category, p.Asked, p.Idem = line(c, "category"), line(c, "asked_unit"), idem(c)
	cat, _ := strconv.Atoi(p.Category)
	p.Form = feedback.IssueDraft{Category: cat, Title: text(c, "title"), Body: text(c, "body"), Wish: text(c, "wish"), Place: text(c, "place"), Since: line(c, "since"),
		AskedUnit: formID[org.UnitID](c, "asked_unit"), NameShown: c.PostForm("name_shown"), Lang: p.Lang()}
	if ticked(c, "check") {
		if p.Twins, err = s.Intake.Twins(c.Request.Context(), actor(c), p.Form.Title, p.Form.Body, 0, 0); err != nil {
			return err
		}
		p.Checked = true
		s.show(c, http.StatusOK, "issue/new", p)
		return nil
	}
	var ref string
	if p.Form.Files, err = readFiles(c); err == nil {
		ref, err = s.Feedback.Raise(c.Request.Context(), actor(c), p.Form, p.Idem)
	}
	if err != nil {
		return s.refuseIn(c, err, "issue/new", p, "category", "title", "body", "wish", "asked_unit", "place", "since", "files", "name_shown")
	}
	s.redirect(c, "/c/issues/"+ref, "issue-raised")
	return nil
}

type issuePage struct {
	templates.Page
	Issue       feedback.Issue
	Company     string
	Words       string
	Tag         string
	Events      []eventRow
	Answer      *eventRow // what waits for the company's word
	Files       []feedback.File
	Orders      []feedback.Order
	Decisions   []decisionRow // of meetings
	Duties      []choice      // acts that wait for the reader, each on a page of its own
	Asked       string
	Base        string
	May         map[string]bool
	Form        actForm
	Results     []choice
	Verdicts    []choice
	Grades      []choice
	Units       []choice
	Channels    []choice
	Days        []choice
	CalSource   string // what the deadline was counted by
	Confirm     string // an order waits for its confirmation: the sentence to confirm
	Seen        int64  // the last event the reader sees
	Held        int    // working days with the county, and with the company
	Waited      int
	Acts        []choice // further acts, each on a page of its own
	Preview     bool
	Collective  *collectivePart // of an issue of the chamber
	Coop        string          // names of the co-operating units
	ShowOfficer bool            // the officer in charge is the county's own matter
	Kinds       []choice        // of grounds on which an issue cannot be solved
}

// actForm is what was typed into one of the issue's forms.
type actForm struct {
	Result, Text, Basis, BasisKind, Note, Verdict, Satisfaction, Reason, Grade, Lead, Channel, Why string
	Requirement, Days, On                                                                          string
	Cooperating                                                                                    []string
}

// eventRow is a step of an issue's life, in words.
type eventRow struct {
	feedback.Event
	By    string
	Lang  string // of its text, by its letters
	Data  map[string]string
	To    string          // the unit that was proposed, made the lead or ordered
	With  string          // units that were told to co-operate
	Until string          // the day an order or a return sets
	Files []feedback.File // that came with the step
	IsBad bool
}

func (s *Server) issuePage(c *gin.Context, base string) (*issuePage, error) {
	ctx, a := c.Request.Context(), actor(c)
	counted, err := s.Feedback.Counted(ctx, a, c.Param("ref"))
	if err != nil {
		return nil, err
	}
	i := counted.Issue
	p := &issuePage{Page: s.page(c, "issue.title", "Ref", i.Ref), Issue: i, Base: base, May: map[string]bool{}, Seen: i.LastEvent, Held: counted.County, Waited: counted.Waiting}
	p.Duties, p.Acts = s.furtherActs(a, i, p.Translator)
	p.Kinds = choices(p.Translator, "life.basis-", feedback.BasisKinds)
	p.Title, p.TitleLang = i.Title, i.Lang
	for _, b := range issueBases {
		if b.path == base {
			p.Back = templates.Link{Href: base, Label: p.T(b.title)}
		}
	}
	for _, act := range []feedback.Act{feedback.ActRegister, feedback.ActSign, feedback.ActReply, feedback.ActAnswer, feedback.ActAccept, feedback.ActRefuse,
		feedback.ActOrder, feedback.ActReceive, feedback.ActReport, feedback.ActFeedBack, feedback.ActWithdraw, feedback.ActExclude} {
		p.May[string(act)] = i.May(a, act)
	}
	cal, err := s.Feedback.Calendar(ctx, i.Calendar)
	if err != nil {
		return nil, err
	}
	p.CalSource = calendarSource(p.Translator, cal)
	p.Words, p.Tag = s.due(c, &p.Page, i, cal)
	if p.Company = i.CompanyName.In(p.Lang()); i.CompanyName.ZH == "" {
		p.Company = p.T("issue.anonymous")
	}
	if p.Collective, err = s.collective(c, i); err != nil {
		return nil, err
	}
	if err := s.issueStory(c, p); err != nil {
		return nil, err
	}
	return p, s.issueForms(c, p)
}

// calendarSource says in the reader's language where a list of holidays comes from.
func calendarSource(t *locale.Translator, cal *calendar.Calendar) string {
	if cal.Source == calendar.ShippedSource {
		return t.T("calendar.shipped")
	}
	return cal.Source
}

// issueStory reads what happened: steps, files, orders.
func (s *Server) issueStory(c *gin.Context, p *issuePage) error {
	ctx, a := c.Request.Context(), actor(c)
	if a.Role == org.RoleChamber && p.Issue.Origin != feedback.FromChamber {
		return nil
	}
	events, err := s.Feedback.Events(ctx, a, p.Issue)
	if err != nil {
		return err
	}
	for _, e := range events {
		row := eventRow{Event: e, Data: map[string]string{}, Lang: locale.Written(e.Body, p.Issue.Lang)}
		var data map[string]any
		if err := json.Unmarshal(e.Data, &data); err == nil {
			for k, v := range data {
				switch v := v.(type) {
				case string:
					row.Data[k] = v
				case float64:
					row.Data[k] = strconv.FormatInt(int64(v), 10)
				}
			}
		}
		row.By = p.T("issue.role-" + e.Role)
		if unit := e.Unit.In(p.Lang()); unit != "" && (e.Role == string(org.RoleHead) || e.Role == string(org.RoleOfficer)) {
			row.By = unit
		}
		row.IsBad = e.Kind == feedback.ActRefuse || e.Kind == feedback.ActEscalate
		p.Events = append(p.Events, row)
		if (p.May["accept"] || p.Collective != nil && p.Issue.State == feedback.Answered) && (e.Kind == feedback.ActAnswer || e.Kind == feedback.ActFeedBack) {
			p.Answer = &row
		}
	}
	files, err := s.Feedback.Files(ctx, p.Issue)
	if err != nil {
		return err
	}
	p.place(files)
	if p.Orders, err = s.Feedback.OrdersOf(ctx, a, p.Issue.Ref); err != nil {
		return err
	}
	decided, err := s.Meeting.OnIssue(ctx, a, p.Issue.Ref)
	p.Decisions = s.decisionRows(c, &p.Page, decided)
	return err
}

// issueForms prepares the choices of the forms the reader may use.
func (s *Server) issueForms(c *gin.Context, p *issuePage) error {
	t := p.Translator
	p.Results, p.Verdicts = choices(t, "issue.result-", feedback.Results), choices(t, "issue.verdict-", feedback.Verdicts[:2])
	p.Grades, p.Channels = choices(t, "issue.grade-", feedback.Grades), choices(t, "issue.channel-", []string{"portal", "phone", "visit"})
	for _, d := range feedback.OrderDays {
		due, _, err := s.Feedback.OrderDeadline(c.Request.Context(), feedback.OrderDraft{Days: d})
		if err != nil {
			return err
		}
		p.Days = append(p.Days, choice{Value: strconv.Itoa(d), Label: t.T("order.days", "Count", d), Hint: t.DateLong(due.Time())})
	}
	p.Days = append(p.Days, choice{Value: "0", Label: t.T("order.on-date")})
	p.Form = actForm{Lead: idText(p.Issue.Lead), Days: "5"}
	if p.Issue.Lead == 0 {
		p.Form.Lead = idText(p.Issue.AskedUnit)
	}
	units, err := s.unitsByID(c.Request.Context())
	if err != nil {
		return err
	}
	p.Asked = units[p.Issue.AskedUnit].Names.In(t.Lang())
	p.ShowOfficer = !actor(c).Is(org.RoleCompany, org.RoleChamber)
	for n, u := range p.Issue.Cooperating {
		if n > 0 {
			p.Coop += " · "
		}
		p.Coop += units[u].Names.In(t.Lang())
	}
	for n := range p.Events {
		if err := p.Events[n].directed(t, units); err != nil {
			return err
		}
	}
	if p.May["register"] || p.May["order"] {
		p.Units, err = s.unitChoices(c.Request.Context(), t)
	}
	return err
}

func (s *Server) issueView(c *gin.Context, base string) error {
	p, err := s.issuePage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "issue/view", p)
	return nil
}
