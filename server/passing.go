package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/passing"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// passingRoutes: suspected cases of buck-passing and obstacles, for the supervision
// office, the units they are about and those who sign for the leading group; and what
// is published of them.
func (s *Server) passingRoutes() []route {
	duty := either(offices, only(org.RoleSupervision))
	watch := only(org.RoleSupervision)
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/findings", anyone, s.findingCounts),
		get("/o/passing", duty, s.cases("/o/passing")),
		post("/o/passing", watch, s.openObstacle),
		get("/o/passing/:finding", duty, s.oneCase("/o/passing")),
		post("/o/passing/:finding/:step", watch, s.caseStep),
		get("/d/passing", unit, s.cases("/d/passing")),
		get("/d/passing/:finding", unit, s.oneCase("/d/passing")),
		post("/d/passing/:finding/reply", unit, s.caseReply),
		get("/l/passing", leaders, s.cases("/l/passing")),
		get("/l/passing/:finding", leaders, s.oneCase("/l/passing")),
		post("/l/passing/:finding/sanction", leaders, s.caseSanction),
	}
}

// caseRow is a case with how it stands in words.
type caseRow struct {
	passing.Case
	Words, Tag string
}

// caseRows says of each case whose turn it is and until when.
func (s *Server) caseRows(c *gin.Context, p *templates.Page, list []passing.Case) ([]caseRow, error) {
	cal, err := s.Calendar.Current(c.Request.Context())
	if err != nil {
		return nil, err
	}
	out := make([]caseRow, len(list))
	for i, x := range list {
		r := caseRow{Case: x, Words: p.T("passing.state-" + x.State)}
		switch {
		case x.State == passing.Told:
			r.Words = p.T("passing.finding-" + x.Finding)
			if r.Tag = "ok"; x.Finding == "upheld" {
				r.Tag = "bad"
			}
		case x.State == passing.Suspected && x.Ripe(s.Now()):
			r.Words, r.Tag = p.T("passing.ripe"), "warn"
		case x.State == passing.Suspected:
			left, tag := s.left(c, p, x.ReplyDueOn, cal)
			r.Words, r.Tag = p.T("passing.reply-left", "Left", left), tag
		case x.TellDueOn != "":
			left, tag := s.left(c, p, x.TellDueOn, cal)
			r.Words, r.Tag = p.T("passing.tell-left", "Left", left), tag
		}
		out[i] = r
	}
	return out, nil
}

type casesPage struct {
	templates.Page
	Rows   []caseRow
	Total  int
	Pager  templates.Pager
	State  string
	States []string
	Base   string
	Watch  bool // the supervision office's desk
	Long   []longChain
	Units  []choice
	Form   obstacleForm
}

// longChain is an issue that went far or waited long without a return.
type longChain struct {
	Ref, Title, Lang string
	Handovers, Idle  int
}

type obstacleForm struct {
	Issue string
	Unit  org.UnitID
	Why   string
}

func (s *Server) casesPage(c *gin.Context, base string) (*casesPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &casesPage{Page: s.page(c, "passing.title"), Base: base, State: c.Query("state"), Watch: a.Role == org.RoleSupervision,
		States: []string{passing.Suspected, passing.Found, passing.Decided, passing.Told}}
	s.conduct(&p.Page, a, base)
	f := passing.CaseFilter{State: p.State, Page: pageNumber(c), Size: 20}
	list, total, err := s.Passing.Cases(ctx, a, f)
	if err != nil {
		return nil, err
	}
	p.Total, p.Pager = total, templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, f.Size, total)
	if p.Rows, err = s.caseRows(c, &p.Page, list); err != nil || base != "/o/passing" {
		return p, err
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	chains, indexes, err := s.Passing.LongChains(ctx, a)
	for i, h := range chains {
		p.Long = append(p.Long, longChain{Ref: h.Ref, Title: h.Title, Lang: h.Lang, Handovers: indexes[i].Handovers, Idle: indexes[i].IdleDays})
	}
	return p, err
}

func (s *Server) cases(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.casesPage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/list", p)
		return nil
	}
}

// openObstacle is the supervision office's own opening of a case.
func (s *Server) openObstacle(c *gin.Context) error {
	p, err := s.casesPage(c, "/o/passing")
	if err != nil {
		return err
	}
	p.Form = obstacleForm{Issue: line(c, "issue"), Unit: formID[org.UnitID](c, "unit"), Why: text(c, "why")}
	ref, err := s.Passing.OpenObstacle(c.Request.Context(), actor(c), p.Form.Issue, p.Form.Unit, p.Form.Why)
	if err != nil {
		return s.refuseIn(c, err, "passing/list", p, "issue", "unit", "why")
	}
	s.redirect(c, "/o/passing/"+ref, "passing-opened")
	return nil
}

// claimRow is a claim in words, with the events it rests on as links.
type claimRow struct {
	Text   string
	Quote  string
	Bad    bool
	Events []eventLink
}

type eventLink struct {
	ID    int64
	Label string
}

// stepRow is an event of the chain in words.
type stepRow struct {
	passing.Step
	Words string
}

type casePage struct {
	templates.Page
	Row       caseRow
	Base      string
	Index     passing.Index
	Value     int
	Steps     []stepRow
	Claims    []claimRow
	Replies   bool // the reader's unit may reply now
	Finds     bool
	Decides   bool
	Tells     bool
	Findings  []choice
	Sanctions []choice
	CaseUnits []choice
	Unit      string // name of the unit an upheld finding names
	Finding   passing.FindingDraft
	Sanction  passing.SanctionDraft
	Reply     string
	ToldText  string
}

func (s *Server) casePage(c *gin.Context, base string) (*casePage, error) {
	ctx, a := c.Request.Context(), actor(c)
	x, err := s.Passing.Case(ctx, a, c.Param("finding"))
	if err != nil {
		return nil, err
	}
	p := &casePage{Page: s.page(c, "passing.one-title", "Ref", x.Ref), Base: base}
	s.conduct(&p.Page, a, base)
	p.Back = templates.Link{Href: base, Label: p.T("passing.title")}
	p.Caption = p.T("passing.kind-" + string(x.Kind))
	rows, err := s.caseRows(c, &p.Page, []passing.Case{x})
	if err != nil {
		return nil, err
	}
	p.Row = rows[0]
	units, err := s.unitsByID(ctx)
	if err != nil {
		return nil, err
	}
	h, index, claims, err := s.Passing.Evidence(ctx, x)
	if err != nil {
		return nil, err
	}
	p.Index, p.Value = index, index.Value()
	words := caseWords{Translator: p.Translator, units: units, index: index}
	p.Steps = words.steps(h.Steps)
	p.Claims = words.claims(claims, p.Steps)
	p.Unit = words.unit(x.FindingUnit)
	for _, u := range x.Units {
		p.CaseUnits = append(p.CaseUnits, choice{Value: idText(u.Unit), Label: u.Name.In(p.Lang())})
	}
	watch := a.Role == org.RoleSupervision
	p.Replies = x.MayReply(a, s.Now())
	p.Finds = watch && x.State == passing.Suspected && x.Ripe(s.Now())
	p.Decides = a.MaySign() && x.State == passing.Found && x.Finding == "upheld"
	p.Tells = watch && (x.State == passing.Decided || (x.State == passing.Found && x.Finding != "upheld"))
	findings := passing.Findings
	if x.Kind != passing.KindLoop {
		findings = findings[:2]
	}
	p.Findings = choices(p.Translator, "passing.finding-", findings)
	p.Sanctions = choices(p.Translator, "passing.sanction-", passing.Sanctions)
	return p, nil
}

// caseWords puts a history into words.
type caseWords struct {
	*locale.Translator
	units map[org.UnitID]org.Unit
	index passing.Index
}

func (w caseWords) unit(id org.UnitID) string {
	if id == 0 {
		return ""
	}
	return w.units[id].Names.In(w.Lang())
}

func (w caseWords) steps(list []passing.Step) []stepRow {
	out := make([]stepRow, len(list))
	for i, st := range list {
		out[i] = stepRow{Step: st, Words: w.T("passing.step-"+string(st.Kind), "Unit", w.unit(st.Unit), "To", w.unit(st.To))}
	}
	return out
}

func (w caseWords) claims(list []passing.Claim, steps []stepRow) []claimRow {
	label := map[int64]string{}
	for _, st := range steps {
		label[st.Event] = w.DateTimeShort(st.At)
	}
	out := make([]claimRow, len(list))
	for i, cl := range list {
		r := claimRow{Quote: cl.Quote, Bad: cl.Kind == "returned" || cl.Kind == "refused"}
		for _, e := range cl.Events {
			r.Events = append(r.Events, eventLink{ID: e, Label: label[e]})
		}
		r.Text = w.claim(cl)
		out[i] = r
	}
	return out
}

// claim is one statement as a sentence.
func (w caseWords) claim(cl passing.Claim) string {
	kind := cl.Kind
	if kind == "idle" && cl.Open {
		kind = "idle-open"
	}
	owners := ""
	for i, o := range cl.Owners {
		if i > 0 {
			owners += w.T("suspicion.comma")
		}
		owners += w.unit(o)
	}
	return w.T("passing.claim-"+kind, "From", w.unit(cl.From), "To", w.unit(cl.To), "Clause", cl.Clause, "Owners", owners, "Count", cl.Days,
		"H", w.index.Handovers, "R", w.index.Returns, "U", w.index.IdleDays, "Value", w.index.Value())
}

func (s *Server) oneCase(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.casePage(c, base)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "passing/one", p)
		return nil
	}
}

func (s *Server) caseReply(c *gin.Context) error {
	p, err := s.casePage(c, "/d/passing")
	if err != nil {
		return err
	}
	p.Reply = text(c, "reply")
	if err := s.Passing.Reply(c.Request.Context(), actor(c), p.Row.Ref, p.Reply); err != nil {
		return s.refuseIn(c, err, "passing/one", p, "reply")
	}
	s.redirect(c, "/d/passing/"+p.Row.Ref, "passing-replied")
	return nil
}

func (s *Server) caseStep(c *gin.Context) error {
	p, err := s.casePage(c, "/o/passing")
	if err != nil {
		return err
	}
	ctx, a, ref := c.Request.Context(), actor(c), p.Row.Ref
	switch c.Param("step") {
	case "find":
		p.Finding = passing.FindingDraft{Finding: c.PostForm("finding"), Unit: formID[org.UnitID](c, "unit"), Text: text(c, "text")}
		err = s.Passing.Find(ctx, a, ref, p.Finding)
	case "tell":
		p.ToldText = text(c, "told")
		err = s.Passing.Tell(ctx, a, ref, p.ToldText)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "passing/one", p, "finding", "unit", "text", "told")
	}
	s.redirect(c, "/o/passing/"+ref, "passing-"+c.Param("step"))
	return nil
}

func (s *Server) caseSanction(c *gin.Context) error {
	p, err := s.casePage(c, "/l/passing")
	if err != nil {
		return err
	}
	p.Sanction = passing.SanctionDraft{Type: c.PostForm("sanction"), Text: text(c, "text")}
	if err := s.Passing.Decide(c.Request.Context(), actor(c), p.Row.Ref, p.Sanction); err != nil {
		return s.refuseIn(c, err, "passing/one", p, "sanction", "text")
	}
	s.redirect(c, "/l/passing/"+p.Row.Ref, "passing-sanction")
	return nil
}

type countsPage struct {
	templates.Page
	Rows []passing.YearCount
}

// findingCounts is what is published: numbers of a year, no unit and no company.
func (s *Server) findingCounts(c *gin.Context) error {
	p := countsPage{Page: s.page(c, "passing.counts-title")}
	p.Narrow = true
	var err error
	if p.Rows, err = s.Passing.Counts(c.Request.Context()); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "passing/counts", &p)
	return nil
}

// conduct fills the second row of the navigation with what lies beside the page.
func (s *Server) conduct(p *templates.Page, a org.Actor, current string) {
	p.Sub = nil
	for _, n := range beside(a) {
		p.Sub = append(p.Sub, templates.NavItem{Href: n.path, Label: p.T(n.key), Current: n.path == current})
	}
}

func byDuty(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleSupervision }

// beside lists the pages about conduct and protection that a reader has.
func beside(a org.Actor) []section {
	switch {
	case byDuty(a):
		out := []section{{"/o/passing", "passing.title", ""}, {"/o/barriers", "barrier.title", ""}, {"/o/duties", "duty.title", ""}, {"/o/inspections", "shield.records", ""}}
		out = append(out, section{"/o/reach", "reach.title", ""}, section{"/o/glass", "glass.title", ""})
		if a.Role == org.RoleSupervision {
			out = append(out, section{"/o/shield", "shield.title", ""})
		}
		return out
	case a.Is(org.RoleHead, org.RoleOfficer):
		return []section{{"/d/passing", "passing.title", ""}, {"/d/barriers", "barrier.title", ""}, {"/d/inspections", "shield.records", ""}, {"/duties", "duty.title", ""}}
	case a.IsLeader():
		return []section{{"/l/passing", "passing.title", ""}, {"/l/barriers", "barrier.title", ""}, {"/l/reach", "reach.title", ""}, {"/l/glass", "glass.title", ""}, {"/duties", "duty.title", ""}}
	}
	return nil
}
