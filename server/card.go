package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/printed"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// raters are the roles that can have a place on a campaign's list.
var raters = only(org.RoleCompany, org.RoleChamber, org.RoleInvited, org.RoleLeader)

// cardRoutes: campaigns as a rater sees them, and his card.
func (s *Server) cardRoutes() []route {
	return []route{
		get("/c/appraisals", raters, s.appraisals),
		get("/c/appraisals/:campaign", raters, s.cardForm),
		post("/c/appraisals/:campaign", raters, s.collectCard),
	}
}

// ownSeats are the campaigns a rater's home tells of.
type ownSeats struct {
	Seats []evaluation.Seat
	Over  []evaluation.Seat // the card window is over: was a card collected in the rater's name?
}

// noticeFor is how long a rater is told, after the card window, whether a card was
// collected in his name.
const noticeFor = 14 * 24 * time.Hour

func (s *Server) ownSeats(ctx context.Context, a org.Actor) (ownSeats, error) {
	var own ownSeats
	seats, err := s.Evaluation.Seats(ctx, a)
	for _, seat := range seats {
		if seat.Campaign.Collecting(s.Now()) && seat.Collected == "" || seat.Campaign.Casting(s.Now()) && seat.Collected != "" {
			own.Seats = append(own.Seats, seat)
		} else if over := s.Now().Sub(seat.Campaign.CardUntil); over >= 0 && over < noticeFor {
			own.Over = append(own.Over, seat)
		}
	}
	return own, err
}

type appraisalsPage struct {
	templates.Page
	Rows []appraisalRow
}

type appraisalRow struct {
	evaluation.Seat
	Name  string
	State string // soon, collect, cast, waiting, over
}

func (s *Server) appraisalOf(p *templates.Page, seat evaluation.Seat) appraisalRow {
	r := appraisalRow{Seat: seat, Name: evaluation.CampaignTitle(seat.Campaign.Year, seat.Campaign.Kind).In(p.Lang()), State: "over"}
	now := s.Now()
	switch c := seat.Campaign; {
	case c.State != "open" || !now.Before(c.CastUntil):
	case seat.Collected == "" && c.Collecting(now):
		r.State = "collect"
	case seat.Collected != "" && c.Casting(now):
		r.State = "cast"
	case now.Before(c.CardFrom) || seat.Collected != "":
		r.State = "soon"
	}
	return r
}

func (s *Server) appraisals(c *gin.Context) error {
	p := appraisalsPage{Page: s.page(c, "appraisals.title")}
	seats, err := s.Evaluation.Seats(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	for _, seat := range seats {
		p.Rows = append(p.Rows, s.appraisalOf(&p.Page, seat))
	}
	s.show(c, http.StatusOK, "card/list", &p)
	return nil
}

type cardPage struct {
	templates.Page
	appraisalRow
	Secret   string // hidden field of the drawn card
	CardText string
	Card     string // the whole card, once collected
	QR       qrCode
	Link     string
	CastAt   string
	Short    string // the address to type
	Last4    string
	Visits   []feedback.Visit
	Issues   []issueRow
	OwnName  string
	MayLose  bool // a lost card can still be reported
}

// cardPage is the page with what helps memory: the rater's dealings of the year.
func (s *Server) cardPage(c *gin.Context) (*cardPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	seat, err := s.Evaluation.Seat(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p := &cardPage{Page: s.page(c, "card.title"), CastAt: fmt.Sprintf("%s/b/%d?lang=%s", s.BallotURL, id, s.translator(c).Lang()), Short: fmt.Sprintf("%s/b/%d", s.BallotURL, id)}
	p.appraisalRow = s.appraisalOf(&p.Page, seat)
	p.Title = p.Name
	p.Narrow = true
	p.Back = templates.Link{Href: "/c/appraisals", Label: p.T("appraisals.title")}
	p.MayLose = seat.How == "online" && seat.Collected != "" && seat.Campaign.State == "open" && s.Now().Before(seat.Campaign.CastFrom)
	if seat.OwnUnit != 0 {
		u, err := s.Org.Unit(ctx, seat.OwnUnit)
		if err != nil {
			return nil, err
		}
		p.OwnName = u.Names.In(p.Lang())
	}
	if a.Role != org.RoleCompany {
		return p, nil
	}
	if p.Visits, _, err = s.Feedback.Visits(ctx, a, feedback.VisitFilter{Year: seat.Campaign.Year, Page: 1, Size: 40}); err != nil {
		return nil, err
	}
	issues, _, err := s.Feedback.Issues(ctx, a, feedback.IssueFilter{Page: 1, Size: 20})
	if err != nil {
		return nil, err
	}
	p.Issues = s.issueRows(c, issues)
	return p, nil
}

func (s *Server) cardForm(c *gin.Context) error {
	p, err := s.cardPage(c)
	if err != nil {
		return err
	}
	if p.State == "collect" && p.Answers {
		s.offer(p, ballotbox.Draw())
	}
	c.Header("Cache-Control", "no-store")
	s.show(c, http.StatusOK, "card/card", p)
	return nil
}

// offer shows a drawn secret; it is a card once it has been collected.
func (s *Server) offer(p *cardPage, secret ballotbox.Secret) {
	card, err := s.Box.Keys().Issue(p.Campaign.ID, p.Group, secret)
	if err != nil {
		return // no key: the campaign has closed in this moment, and the page says so
	}
	p.Secret, p.CardText = secret.Hex(), card.Text()
}

// collectCard answers with the card itself, not with a redirect: the card is on
// no address and in no session. Sending the same again gives the same page.
func (s *Server) collectCard(c *gin.Context) error {
	p, err := s.cardPage(c)
	if err != nil {
		return err
	}
	secret, ok := ballotbox.SecretFromHex(c.PostForm("secret"))
	if !ok {
		return s.refuse(c, errStaleForm, "card/card", p)
	}
	s.offer(p, secret)
	want := ""
	if t := strings.ReplaceAll(p.CardText, "-", ""); len(t) > 4 {
		want = t[len(t)-4:]
	}
	if p.Last4 = line(c, "last4"); printed.Fold(p.Last4) != want {
		return s.refuse(c, fault.Field("last4", "card.last4-wrong"), "card/card", p)
	}
	card, err := s.Evaluation.Collect(c.Request.Context(), actor(c), p.Campaign.ID, secret)
	if err != nil {
		return s.refuse(c, err, "card/card", p)
	}
	p.Card = card.Text()
	p.Link = p.CastAt + "#card=" + strings.ReplaceAll(p.Card, "-", "") + "&pick=" + s.picks(p)
	if p.QR, err = drawQR(p.Link); err != nil {
		return err
	}
	p.Done = p.T("card.yours")
	c.Header("Cache-Control", "no-store")
	s.show(c, http.StatusOK, "card/card", p)
	return nil
}

// picks are the units the rater dealt with this year; they travel in the
// fragment, which no server sees.
func (s *Server) picks(p *cardPage) string {
	seen := map[org.UnitID]bool{}
	var out []string
	add := func(u org.UnitID) {
		if u != 0 && !seen[u] {
			seen[u] = true
			out = append(out, idText(u))
		}
	}
	for _, v := range p.Visits {
		add(v.Unit)
	}
	for _, i := range p.Issues {
		add(i.Lead)
	}
	return strings.Join(out, ".")
}
