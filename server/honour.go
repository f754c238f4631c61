package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/honour"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// honourRoutes: commendation of units and individuals, for those who work on it, those
// who may object, and everybody.
func (s *Server) honourRoutes() []route {
	desk := either(offices, leaders, only(org.RoleSupervision))
	own := only(org.RoleCompany, org.RoleHead, org.RoleOfficer)
	out := []route{
		get("/commendations", anyone, s.latestHonours),
		get("/commendations/:year", anyone, s.publicHonours),
		get("/o/honours", desk, s.honours),
		get("/o/honours/:year", desk, s.honourRound),
		post("/o/honours/:year/:step", desk, s.honourStep),
		get("/o/candidates/:candidate", desk, s.honourCandidate),
		post("/o/candidates/:candidate/:step", desk, s.candidateStep),
		get("/o/candidates/:candidate/certificate", desk, s.certificate),
		get("/d/honours/:candidate/certificate", only(org.RoleHead, org.RoleOfficer), s.certificate),
		get("/o/objections/:objection", either(offices, only(org.RoleSupervision)), s.objection),
		post("/o/objections/:objection/decide", only(org.RoleSupervision), s.decideObjection),
	}
	for _, base := range []string{"/c/honours", "/d/honours"} {
		allow := only(org.RoleCompany)
		if base == "/d/honours" {
			allow = only(org.RoleHead, org.RoleOfficer)
		}
		out = append(out, get(base, allow, s.ownHonours), post(base+"/nominate", allow, s.nominate))
	}
	return append(out, get("/commendations/:year/object", own, s.newObjection), post("/commendations/:year/object", own, s.object))
}

// honourRow is a candidate in words.
type honourRow struct {
	honour.Candidate
	Words, Tag string
	Grade      string
	Total      string
	Against    []obstacleRow
	MaySecond  bool
}

// obstacleRow is what keeps a unit from a list, in words, with where it can be read.
type obstacleRow struct{ Text, Href string }

var candidateTags = map[honour.State]string{honour.Proposed: "warn", honour.Stands: "info", honour.Withholding: "warn", honour.Commended: "ok", honour.Withdrawn: "bad", honour.Revoked: "bad"}

func (s *Server) honourRows(c *gin.Context, p *templates.Page, sc *evaluation.Scheme, all []honour.Candidate) []honourRow {
	out := make([]honourRow, len(all))
	for i, k := range all {
		r := honourRow{Candidate: k, Words: p.T("honour.is-" + string(k.State)), Tag: candidateTags[k.State], MaySecond: k.MaySecond(actor(c)), Total: shownTotal(k.Facts.Total)}
		if k.Facts.Grade != "" {
			r.Grade = sc.GradeName(k.Facts.Grade).In(p.Lang())
		}
		for _, o := range k.Facts.Against {
			r.Against = append(r.Against, obstacleRow{Text: obstacleText(p.Translator, sc, o)})
		}
		out[i] = r
	}
	return out
}

// shownTotal shows a total kept with four decimals with two, half up.
func shownTotal(total string) string {
	if total == "" {
		return ""
	}
	return evaluation.Decimal(total).Text(2)
}

// obstacleText says what keeps a unit or person from a list.
func obstacleText(t *locale.Translator, sc *evaluation.Scheme, o evaluation.Obstacle) string {
	switch o.Kind {
	case evaluation.OtherGrade:
		return t.T("honour.against-grade", "Grade", sc.GradeName(o.Code).In(t.Lang()))
	case evaluation.HasCase:
		return t.T("honour.against-case", "Rule", o.Code, "Name", sc.RuleName(o.Code).In(t.Lang()), "Count", o.Cases)
	case evaluation.HasVeto:
		return t.T("honour.against-veto", "Name", sc.RuleName(o.Code).In(t.Lang()))
	case honour.FewCompanies:
		return t.T("honour.against-companies", "Count", o.Cases)
	case honour.LowMean:
		return t.T("honour.against-mean", "Mean", o.Code)
	}
	return t.T("honour.against-" + o.Kind)
}

// ruleLines write a list's rule as the scheme has it, one condition a line.
func ruleLines(t *locale.Translator, sc *evaluation.Scheme, l evaluation.List) []string {
	var out []string
	add := func(key string, args ...any) { out = append(out, t.T("honour.rule-"+key, args...)) }
	switch {
	case l.Share.Known() && l.Most > 0:
		add("share-most", "Share", l.Share.Plain(), "Most", l.Most)
	case l.Share.Known():
		add("share", "Share", l.Share.Plain())
	case l.Most > 0:
		add("most", "Most", l.Most)
	}
	if len(l.Grades) > 0 {
		names := make([]string, len(l.Grades))
		for i, g := range l.Grades {
			names[i] = sc.GradeName(g).In(t.Lang())
		}
		add("grades", "Grades", strings.Join(names, t.T("honour.or")))
	}
	if len(l.Without) > 0 {
		names := make([]string, len(l.Without))
		for i, r := range l.Without {
			names[i] = r + " " + sc.RuleName(r).In(t.Lang())
		}
		add("without", "Rules", strings.Join(names, t.T("honour.comma")))
	}
	if !l.Worst {
		add("veto")
	}
	if l.Tier && l.Worst {
		add("tier-worst")
	} else if l.Tier {
		add("tier")
	}
	if l.UnlessAll.Known() {
		add("unless", "Total", l.UnlessAll.Plain())
	}
	return out
}

type honoursPage struct {
	templates.Page
	Rows  []honour.Round
	Years []int // published years without a round
	Open  bool  // the reader may open one
}

func (s *Server) honours(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := honoursPage{Page: s.page(c, "honour.title"), Open: a.IsOffice()}
	var err error
	if p.Rows, err = s.Honour.Rounds(ctx, a); err != nil {
		return err
	}
	years, err := s.Evaluation.PublishedYears(ctx)
	if err != nil {
		return err
	}
	for _, y := range years {
		if !slices.ContainsFunc(p.Rows, func(r honour.Round) bool { return r.Year == y && r.State != honour.Dropped }) {
			p.Years = append(p.Years, y)
		}
	}
	s.show(c, http.StatusOK, "honour/list", &p)
	return nil
}

// outRow is a unit within the places of the list that the rule leaves out.
type outRow struct {
	Name    org.Names
	Class   int
	Rank    int
	Total   string
	Grade   string
	Against []obstacleRow
}

type honourPage struct {
	templates.Page
	Year       int
	Round      *honour.Round
	Rule       []string
	OfVersion  int
	Units      []honourRow
	People     []honourRow
	Ended      []honourRow // refused, withheld
	Out        []outRow
	Beyond     int // units not among the places
	Nominees   []nomineeRow
	Objections []honour.Objection
	Filed      int
	Upheld     int
	Left       string
	Steps      []honour.Step
	UnitList   []choice
	Form       honour.Addition
	Text       string
	MayDraft, MayDecide, MayDrop,
	Gone bool // the notice is over
}

type nomineeRow struct {
	honour.Nominee
	Against []obstacleRow
}

func (s *Server) honourPage(c *gin.Context) (*honourPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &honourPage{Page: s.page(c, "honour.of-year", "Year", year), Year: year}
	p.Back = templates.Link{Href: "/o/honours", Label: p.T("honour.title")}
	result, rule, all, err := s.Honour.Listings(ctx, a, year, honour.ListAdvanced)
	if err != nil {
		return nil, err
	}
	sc, err := s.Evaluation.Scheme(ctx, result.SchemeID)
	if err != nil {
		return nil, err
	}
	p.OfVersion, p.Rule = result.Version, ruleLines(p.Translator, sc, rule)
	if err := s.leftOut(c, p, sc, all); err != nil {
		return nil, err
	}
	r, err := s.Honour.Round(ctx, a, year)
	if errors.Is(err, honour.ErrNoRound) {
		p.MayDraft = a.IsOffice()
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Round = &r
	return p, s.fillRound(c, p, sc)
}

// fillRound adds what there is once a round is opened.
func (s *Server) fillRound(c *gin.Context, p *honourPage, sc *evaluation.Scheme) error {
	ctx, a, r := c.Request.Context(), actor(c), *p.Round
	p.MayDraft, p.MayDecide = a.IsOffice() && r.State == honour.Drafting, a.MaySign() && r.State == honour.Noticed
	p.MayDrop, p.Gone = a.IsOffice() && (r.State == honour.Drafting || r.State == honour.Noticed), r.Over(s.Now())
	all, err := s.Honour.Candidates(ctx, a, r)
	if err != nil {
		return err
	}
	for _, row := range s.honourRows(c, &p.Page, sc, all) {
		switch {
		case row.State == honour.Refused || row.State == honour.Withheld:
			p.Ended = append(p.Ended, row)
		case row.Person != "":
			p.People = append(p.People, row)
		default:
			p.Units = append(p.Units, row)
		}
	}
	nominees, err := s.Honour.Nominees(ctx, a, r)
	if err != nil {
		return err
	}
	for _, n := range nominees {
		row := nomineeRow{Nominee: n}
		for _, o := range n.Against {
			row.Against = append(row.Against, obstacleRow{Text: obstacleText(p.Translator, sc, o)})
		}
		p.Nominees = append(p.Nominees, row)
	}
	if p.Filed, p.Upheld, err = s.Honour.Counts(ctx, r.ID); err != nil {
		return err
	}
	if !a.IsLeader() {
		if p.Objections, err = s.Honour.Objections(ctx, a, r.Year); err != nil {
			return err
		}
	}
	if p.Steps, err = s.Honour.Steps(ctx, a, r.ID, 0); err != nil {
		return err
	}
	if r.Until != "" {
		cal, err := s.Calendar.Current(ctx)
		if err != nil {
			return err
		}
		p.Left, _ = s.left(c, &p.Page, r.Until, cal)
	}
	if p.MayDraft {
		p.UnitList, err = s.unitChoices(ctx, p.Translator)
	}
	return err
}

// leftOut lists the units within the places that the rule leaves out, each with the
// facts and where they stand.
func (s *Server) leftOut(c *gin.Context, p *honourPage, sc *evaluation.Scheme, all []evaluation.Listing) error {
	ctx, a := c.Request.Context(), actor(c)
	units, err := s.unitsByID(ctx)
	if err != nil {
		return err
	}
	entries, err := s.Evaluation.Adjustments(ctx, a, p.Year, 0)
	if err != nil {
		return err
	}
	for _, x := range all {
		veto := x.Status == evaluation.Vetoed
		if len(x.Against) == 0 {
			continue
		}
		if !x.Within && !veto {
			p.Beyond++
			continue
		}
		row := outRow{Name: units[x.Unit].Names, Class: x.Class, Rank: x.Rank, Total: x.Result.Total.Text(2), Grade: sc.GradeName(x.Result.Grade).In(p.Lang())}
		for _, o := range x.Against {
			row.Against = append(row.Against, obstacleRow{obstacleText(p.Translator, sc, o), s.factHref(a, p.Year, units[x.Unit], o, entries)})
		}
		p.Out = append(p.Out, row)
	}
	return nil
}

// factHref is where the fact behind an obstacle can be read: the case it rests on, or
// the unit's score of the year.
func (s *Server) factHref(a org.Actor, year int, u org.Unit, o evaluation.Obstacle, entries []evaluation.Adjustment) string {
	for _, e := range entries {
		if e.Unit == u.ID && e.Rule == o.Code && e.Struck == nil && e.Case() != "" {
			if a.IsLeader() {
				return "/l/passing/" + e.Case()
			}
			return "/o/passing/" + e.Case()
		}
	}
	return "/o/year/" + strconv.Itoa(year) + "/units/" + u.Code
}

func (s *Server) honourRound(c *gin.Context) error {
	p, err := s.honourPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "honour/round", p)
	return nil
}

func (s *Server) honourStep(c *gin.Context) error {
	p, err := s.honourPage(c)
	if err != nil {
		return err
	}
	ctx, a, step := c.Request.Context(), actor(c), c.Param("step")
	p.Idem = idem(c)
	switch step {
	case "open":
		err = s.Honour.Open(ctx, a, p.Year, p.Idem)
	case "add":
		p.Form = honour.Addition{Unit: formID[org.UnitID](c, "unit"), Person: text(c, "person"), Reason: text(c, "reason")}
		err = s.Honour.Add(ctx, a, p.Year, p.Form, p.Idem)
	case "gather":
		_, err = s.Honour.Gather(ctx, a, p.Year, p.Idem)
	case "notice":
		err = s.Honour.Notice(ctx, a, p.Year, p.Idem)
	case "decide":
		err = s.Honour.Decide(ctx, a, p.Year, p.Idem)
	case "drop":
		p.Text = text(c, "text")
		err = s.Honour.Drop(ctx, a, p.Year, p.Text, p.Idem)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "honour/round", p, "unit", "person", "reason", "text")
	}
	if step == "drop" {
		s.redirect(c, "/o/honours", "honour-drop")
		return nil
	}
	s.redirect(c, "/o/honours/"+strconv.Itoa(p.Year), "honour-"+step)
	return nil
}

func (s *Server) latestHonours(c *gin.Context) error {
	years, err := s.Honour.PublicYears(c.Request.Context())
	if err != nil {
		return err
	}
	year := calendar.DateOf(s.Now()).Year()
	if len(years) > 0 {
		year = years[0]
	}
	c.Redirect(http.StatusSeeOther, "/commendations/"+strconv.Itoa(year))
	return nil
}
