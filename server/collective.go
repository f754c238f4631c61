package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// collectiveRoutes: issues of the chamber for several of its members. The page of one
// issue is the same as from every other side (issueRoutes).
func (s *Server) collectiveRoutes() []route {
	chamber, company := only(org.RoleChamber), only(org.RoleCompany)
	return []route{
		get("/o/collective/new", chamber, s.collectiveNew),
		postLimit("/o/collective/new", uploadLimit, chamber, s.collectiveRaise),
		get("/c/collective", company, s.joinable),
		post("/c/collective/:ref/:step", company, s.memberStep),
	}
}

type collectiveNewPage struct {
	issueNewPage
	Members []choice
	Chosen  []string
}

func (s *Server) collectiveNewPage(c *gin.Context) (*collectiveNewPage, error) {
	base, err := s.issueNewPage(c)
	if err != nil {
		return nil, err
	}
	p := &collectiveNewPage{issueNewPage: *base, Chosen: c.PostFormArray("members")}
	p.Title = p.T("collective.new")
	p.Back = templates.Link{Href: "/o/collective", Label: p.T("collective.title")}
	all, _, err := s.Org.Companies(c.Request.Context(), actor(c), org.CompanyFilter{Page: 1, Size: 2000})
	for _, m := range all {
		if m.Member {
			p.Members = append(p.Members, choice{Value: idText(m.ID), Label: m.Names.In(p.Lang())})
		}
	}
	return p, err
}

func (s *Server) collectiveNew(c *gin.Context) error {
	p, err := s.collectiveNewPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/collective-new", p)
	return nil
}

func (s *Server) collectiveRaise(c *gin.Context) error {
	p, err := s.collectiveNewPage(c)
	if err != nil {
		return err
	}
	p.Category, p.Asked, p.Idem = line(c, "category"), line(c, "asked_unit"), idem(c)
	cat, _ := strconv.Atoi(p.Category)
	p.Form = feedback.IssueDraft{Category: cat, Title: text(c, "title"), Body: text(c, "body"), Wish: text(c, "wish"), Place: text(c, "place"), Since: line(c, "since"),
		AskedUnit: formID[org.UnitID](c, "asked_unit"), Lang: p.Lang()}
	d := feedback.CollectiveDraft{IssueDraft: p.Form}
	for _, m := range p.Chosen {
		if n, err := strconv.ParseInt(m, 10, 64); err == nil && n > 0 {
			d.Members = append(d.Members, org.CompanyID(n))
		}
	}
	var ref string
	if d.Files, err = readFiles(c); err == nil {
		ref, err = s.Feedback.RaiseCollective(c.Request.Context(), actor(c), d, p.Idem)
	}
	if err != nil {
		return s.refuseIn(c, err, "intake/collective-new", p, "category", "title", "body", "wish", "asked_unit", "place", "since", "files", "members")
	}
	s.redirect(c, "/o/collective/"+ref, "issue-raised")
	return nil
}

type collectivesPage struct {
	templates.Page
	Rows  []issueRow
	Base  string
	Pager templates.Pager
}

// collectives lists the chamber's own issues.
func (s *Server) collectives(c *gin.Context) error {
	p := collectivesPage{Page: s.page(c, "collective.title"), Base: "/o/collective/"}
	f := feedback.IssueFilter{Collective: true, Page: pageNumber(c), Size: 20}
	issues, total, err := s.Feedback.Issues(c.Request.Context(), actor(c), f)
	if err != nil {
		return err
	}
	p.Rows = s.issueRows(c, issues)
	for n := range p.Rows { // all are the chamber's: the unit in charge says more
		p.Rows[n].Who = p.Rows[n].LeadName.In(p.Lang())
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, total)
	s.show(c, http.StatusOK, "intake/collectives", &p)
	return nil
}

type joinablePage struct {
	templates.Page
	Rows []joinableRow
}

// joinableRow is an open issue of the chamber with the company's own place in it.
type joinableRow struct {
	issueRow
	Mine *feedback.Member // nil: not a member
}

// joinable shows a member company the open collective issues of the chamber.
func (s *Server) joinable(c *gin.Context) error {
	p := joinablePage{Page: s.page(c, "collective.nav-company")}
	issues, err := s.Feedback.Joinable(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	for _, row := range s.issueRows(c, issues) {
		mine, err := s.Feedback.Members(c.Request.Context(), actor(c), row.Issue)
		if err != nil {
			return err
		}
		r := joinableRow{issueRow: row}
		if len(mine) == 1 {
			r.Mine = &mine[0]
		}
		p.Rows = append(p.Rows, r)
	}
	s.show(c, http.StatusOK, "intake/joinable", &p)
	return nil
}

// memberStep is what a member company does: join or change how it is named, leave,
// answer the county's answer.
func (s *Server) memberStep(c *gin.Context) error {
	ctx, a, ref := c.Request.Context(), actor(c), c.Param("ref")
	v := feedback.Vote{Verdict: c.PostForm("verdict"), Satisfied: c.PostForm("satisfaction"), Remark: text(c, "remark")}
	var err error
	switch c.Param("step") {
	case "join":
		err = s.Feedback.Join(ctx, a, ref, ticked(c, "named"))
	case "leave":
		if err = s.Feedback.Leave(ctx, a, ref); err == nil {
			s.redirect(c, "/c/collective", "collective-leave")
			return nil
		}
	case "answer":
		err = s.Feedback.AnswerPoll(ctx, a, ref, v)
	default:
		return errNotFound
	}
	if f := fault.Of(err); f != nil && len(f.Fields) > 0 {
		p, perr := s.issuePage(c, "/c/issues")
		if perr != nil {
			return perr
		}
		p.Form = actForm{Verdict: v.Verdict, Satisfaction: v.Satisfied, Reason: v.Remark}
		return s.refuseIn(c, err, "issue/view", p, "verdict", "satisfaction", "remark")
	}
	if err != nil {
		return err
	}
	s.redirect(c, "/c/issues/"+ref, "collective-"+c.Param("step"))
	return nil
}

// collectivePart is what the page of a collective issue has beside that of others.
type collectivePart struct {
	Chamber  bool
	Members  []feedback.Member // all for the chamber, the named ones for the county
	Mine     *feedback.Member
	Poll     *feedback.Poll // for the chamber and members
	Verdicts []choice
}

// collective reads who is behind a collective issue, as far as the reader may know.
func (s *Server) collective(c *gin.Context, i feedback.Issue) (*collectivePart, error) {
	if i.Origin != feedback.FromChamber {
		return nil, nil
	}
	ctx, a := c.Request.Context(), actor(c)
	members, err := s.Feedback.Members(ctx, a, i)
	if err != nil {
		return nil, err
	}
	p := &collectivePart{Chamber: a.Role == org.RoleChamber, Members: members, Verdicts: choices(s.translator(c), "collective.verdict-", feedback.Verdicts)}
	if !a.Is(org.RoleChamber, org.RoleCompany) {
		return p, nil
	}
	if !p.Chamber {
		p.Members = nil
		if len(members) == 1 {
			p.Mine = &members[0]
		}
	}
	poll, err := s.Feedback.PollOf(ctx, a, i)
	p.Poll = &poll
	return p, err
}
