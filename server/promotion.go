package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/promotion"
	"pingyi/report"
	"pingyi/templates"
)

// promotionRoutes: going out for investors, and what is to follow.
func (s *Server) promotionRoutes() []route {
	read, keep, company, unit := access(ledger.Reads), access(ledger.Keeps), only(org.RoleCompany), only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/activities", read, s.activities),
		get("/o/activities/xlsx", read, s.activitiesFile),
		get("/o/activities/new", keep, s.newActivity),
		post("/o/activities/new", keep, s.enterActivity),
		get("/o/activities/:activity", read, s.activity),
		post("/o/activities/:activity/:act", keep, s.activityAct),
		get("/o/followups", read, func(c *gin.Context) error { return s.followups(c, "/o/followups") }),
		post("/o/followups", keep, func(c *gin.Context) error { return s.finishFollowup(c, "/o/followups") }),
		get("/d/followups", unit, func(c *gin.Context) error { return s.followups(c, "/d/followups") }),
		post("/d/followups", unit, func(c *gin.Context) error { return s.finishFollowup(c, "/d/followups") }),
		get("/c/activities", company, s.invitedTo),
		post("/c/activities/:activity/answer", company, s.answerInvitation),
	}
}

type activitiesPage struct {
	templates.Page
	Rows       []promotion.Activity
	Total      int
	Pager      templates.Pager
	Year       int
	Kind       string
	Kinds      []choice
	Years      []choice
	YearText   string
	Keeps      bool
	FollowLate int // of what is to follow, past its day
	FollowOpen int
}

func (s *Server) activities(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := &activitiesPage{Page: s.page(c, "promotion.title"), Kind: c.Query("kind"), YearText: c.Query("year"), Keeps: ledger.Keeps(a)}
	p.Year, _ = strconv.Atoi(p.YearText)
	p.Kinds = choices(p.Translator, "promotion.kind-", promotion.Kinds)
	var err error
	if p.Rows, p.Total, err = s.Promotion.Activities(ctx, a, p.Year, p.Kind, pageNumber(c), 20); err != nil {
		return err
	}
	follow, err := s.Promotion.Follow(ctx, a)
	if err != nil {
		return err
	}
	p.FollowOpen = len(follow)
	for _, x := range follow {
		if x.Overdue(calendar.DateOf(s.Now())) {
			p.FollowLate++
		}
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	s.show(c, http.StatusOK, "promotion/list", p)
	return nil
}

// activitiesFile is the list of activities with what came of them, as a workbook.
func (s *Server) activitiesFile(c *gin.Context) error {
	ctx, a, t := c.Request.Context(), actor(c), s.translator(c)
	year, _ := strconv.Atoi(c.Query("year"))
	rows, _, err := s.Promotion.Activities(ctx, a, year, c.Query("kind"), 1, 100_000)
	if err != nil {
		return err
	}
	table := report.Table{Sheet: t.T("promotion.title"), Title: t.T("promotion.title"), About: [][2]string{{t.T("promotion.results"), t.T("promotion.results-hint")}}}
	for _, k := range []string{"from", "until", "kind", "name", "place", "units", "leaders", "contacts", "open", "contracts", "contracts-amount", "agreements", "agreements-amount", "source"} {
		table.Head = append(table.Head, t.T("promotion."+k))
	}
	for _, x := range rows {
		results, err := s.Promotion.Results(ctx, a, x.ID)
		if err != nil {
			return err
		}
		var contracts, agreements promotion.ResultSum
		for _, sum := range promotion.Sums(results) {
			switch {
			case sum.Currency != ledger.CNY || sum.Purpose != "investment":
			case sum.Kind == ledger.Signed:
				contracts = sum
			case sum.Kind == ledger.Agreement:
				agreements = sum
			}
		}
		number := func(n int) report.Number { return report.Number(strconv.Itoa(n)) }
		table.Rows = append(table.Rows, []any{string(x.From), string(x.Until), t.T("promotion.kind-" + x.Kind), x.Title, x.Place, unitList(x.Units, t.Lang(), t.T("frame.comma")), strings.ReplaceAll(x.Leaders, "\n", t.T("frame.comma")),
			number(x.Contacts), number(x.Open), number(contracts.Rows), report.Number(contracts.Amount.String()), number(agreements.Rows), report.Number(agreements.Amount.String()), x.Source})
	}
	return s.sendTable(c, table, "pingyi-activities")
}

func unitList(units []org.Names, lang, comma string) string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = u.In(lang)
	}
	return strings.Join(out, comma)
}

type newActivityPage struct {
	templates.Page
	Form  promotion.ActivityDraft
	Kinds []choice
}

func (s *Server) newActivityPage(c *gin.Context) *newActivityPage {
	p := &newActivityPage{Page: s.page(c, "promotion.new")}
	p.Narrow, p.Kinds = true, choices(p.Translator, "promotion.kind-", promotion.Kinds)
	p.Back = templates.Link{Href: "/o/activities", Label: p.T("promotion.title")}
	return p
}

func (s *Server) newActivity(c *gin.Context) error {
	s.show(c, http.StatusOK, "promotion/new", s.newActivityPage(c))
	return nil
}

func (s *Server) enterActivity(c *gin.Context) error {
	p := s.newActivityPage(c)
	p.Idem = idem(c)
	p.Form = promotion.ActivityDraft{Kind: c.PostForm("kind"), Title: text(c, "title"), Place: text(c, "place"), From: line(c, "from"), Until: line(c, "until"), Leaders: text(c, "leaders"), Carried: text(c, "carried"), About: text(c, "about")}
	id, err := s.Promotion.Enter(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "promotion/new", p, "kind", "title", "place", "from", "until", "leaders", "carried", "about")
	}
	s.redirect(c, "/o/activities/"+idText(id), "saved")
	return nil
}

// activityPage is one activity with the forms the reader may use.
type activityPage struct {
	templates.Page
	M        money
	A        promotion.Activity
	Results  []promotion.Result
	Sums     []promotion.ResultSum
	Contacts []promotion.Contact
	Guests   []promotion.Guest
	Coming   int
	Units    []choice
	Keeps    bool
	Today    calendar.Date
	No       string
	Joins    string
	Licence  string
	Contact  promotion.ContactDraft
}

func (s *Server) activityPage(c *gin.Context) (*activityPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[promotion.ActivityID](c, "activity")
	if err != nil {
		return nil, err
	}
	p := &activityPage{Page: s.page(c, "promotion.title"), Keeps: ledger.Keeps(a), Today: calendar.DateOf(s.Now())}
	p.M.Page = &p.Page
	if p.A, err = s.Promotion.Activity(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Results, err = s.Promotion.Results(ctx, a, id); err != nil {
		return nil, err
	}
	p.Sums = promotion.Sums(p.Results)
	if p.Contacts, err = s.Promotion.Contacts(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Guests, err = s.Promotion.Guests(ctx, a, id); err != nil {
		return nil, err
	}
	for _, g := range p.Guests {
		if g.Answer() == "yes" {
			p.Coming++
		}
	}
	p.Title, p.TitleLang, p.Caption = p.A.Title, "zh-CN", p.T("promotion.kind-"+p.A.Kind)
	p.Back = templates.Link{Href: "/o/activities", Label: p.T("promotion.title")}
	if p.Keeps {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) activity(c *gin.Context) error {
	p, err := s.activityPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "promotion/one", p)
	return nil
}

func (s *Server) activityAct(c *gin.Context) error {
	p, err := s.activityPage(c)
	if err != nil {
		return err
	}
	ctx, a, id := c.Request.Context(), actor(c), p.A.ID
	p.Idem = idem(c)
	switch c.Param("act") {
	case "unit":
		p.Joins = line(c, "joins")
		err = s.Promotion.Join(ctx, a, id, formID[org.UnitID](c, "joins"))
	case "result":
		p.No = line(c, "no")
		err = s.Promotion.Link(ctx, a, id, p.No)
	case "contact":
		p.Contact = promotion.ContactDraft{Name: text(c, "name"), From: text(c, "organisation"), Follow: text(c, "follow"), Due: line(c, "due"), Unit: formID[org.UnitID](c, "unit")}
		err = s.Promotion.Meet(ctx, a, id, p.Contact, p.Idem)
	case "invite":
		p.Licence = line(c, "licence")
		err = s.Promotion.Invite(ctx, a, id, p.Licence)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "promotion/one", p, "joins", "no", "name", "organisation", "follow", "unit", "due", "licence")
	}
	s.redirect(c, "/o/activities/"+idText(id), "saved")
	return nil
}

type followupsPage struct {
	templates.Page
	Base   string
	Rows   []promotion.Contact
	Late   int
	Today  calendar.Date
	Finish int64 // the contact whose note was refused
	Note   string
	Links  bool // the reader may open the activities
	Reader org.Actor
}

func (s *Server) followupsPage(c *gin.Context, base string) (*followupsPage, error) {
	p := &followupsPage{Page: s.page(c, "promotion.follow-title"), Base: base, Today: calendar.DateOf(s.Now()), Links: base == "/o/followups", Reader: actor(c)}
	if p.Links {
		p.Back = templates.Link{Href: "/o/activities", Label: p.T("promotion.title")}
	}
	var err error
	if p.Rows, err = s.Promotion.Follow(c.Request.Context(), actor(c)); err != nil {
		return nil, err
	}
	for _, x := range p.Rows {
		if x.Overdue(p.Today) {
			p.Late++
		}
	}
	return p, nil
}

func (s *Server) followups(c *gin.Context, base string) error {
	p, err := s.followupsPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "promotion/follow", p)
	return nil
}

func (s *Server) finishFollowup(c *gin.Context, base string) error {
	p, err := s.followupsPage(c, base)
	if err != nil {
		return err
	}
	p.Finish, p.Note = formID[int64](c, "contact"), text(c, "note")
	if err := s.Promotion.Finish(c.Request.Context(), actor(c), p.Finish, p.Note); err != nil {
		return s.refuseIn(c, err, "promotion/follow", p, "note")
	}
	s.redirect(c, base, "saved")
	return nil
}

type invitedPage struct {
	templates.Page
	Rows  []promotion.Invitation
	Today calendar.Date
}

func (s *Server) invitedTo(c *gin.Context) error {
	p := &invitedPage{Page: s.page(c, "promotion.invited"), Today: calendar.DateOf(s.Now())}
	var err error
	if p.Rows, err = s.Promotion.Invitations(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "promotion/invited", p)
	return nil
}

func (s *Server) answerInvitation(c *gin.Context) error {
	id, err := pathID[promotion.ActivityID](c, "activity")
	if err != nil {
		return err
	}
	if err := s.Promotion.Answer(c.Request.Context(), actor(c), id, c.PostForm("comes") == "yes"); err != nil {
		return err
	}
	s.redirect(c, "/c/activities", "saved")
	return nil
}
