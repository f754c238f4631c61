package server

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// campaignRoutes: planning, opening, watching and closing campaigns.
func (s *Server) campaignRoutes() []route {
	reader := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision, org.RoleChamber))
	runner := either(offices, only(org.RoleCampaignAdmin))
	return []route{
		get("/o/campaigns", reader, s.campaigns),
		post("/o/campaigns", runner, s.createCampaign),
		get("/o/campaigns/:campaign", reader, s.campaign),
		post("/o/campaigns/:campaign/:step", runner, s.campaignStep),
		get("/o/campaigns/:campaign/participants", either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision, org.RoleClerk)), s.participants),
	}
}

type campaignRow struct {
	evaluation.Campaign
	Title   string
	Turnout []evaluation.Turnout
	Cards   int
	Ballots int
	Listed  int
}

func (s *Server) campaignRow(c *gin.Context, p *templates.Page, k evaluation.Campaign) (campaignRow, error) {
	r := campaignRow{Campaign: k, Title: evaluation.CampaignTitle(k.Year, k.Kind).In(p.Lang())}
	var err error
	if r.Turnout, err = s.Evaluation.Turnout(c.Request.Context(), k.ID); err != nil {
		return r, err
	}
	for _, t := range r.Turnout {
		r.Cards, r.Ballots, r.Listed = r.Cards+t.Cards, r.Ballots+t.Ballots, r.Listed+t.Listed
	}
	return r, nil
}

type campaignsPage struct {
	templates.Page
	Rows     []campaignRow
	Form     evaluation.CampaignDraft
	YearText string
	Kinds    []choice
	Runs     bool
}

func (s *Server) campaignsPage(c *gin.Context) (*campaignsPage, error) {
	p := &campaignsPage{Page: s.page(c, "campaigns.title"), Runs: actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin}
	sc, err := s.Evaluation.CurrentScheme(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, k := range sc.Campaigns {
		p.Kinds = append(p.Kinds, choices(p.Translator, "campaign.kind-", []string{k.Code})...)
	}
	today := calendar.DateOf(s.Now())
	p.YearText = strconv.Itoa(today.Year())
	// first the cards, then the ballots: who watches both at once could guess
	p.Form = evaluation.CampaignDraft{CardFrom: string(today), CardUntil: string(today.AddDays(6)), CastFrom: string(today.AddDays(7)), CastUntil: string(today.AddDays(20))}
	all, err := s.Evaluation.Campaigns(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		r, err := s.campaignRow(c, &p.Page, k)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, r)
	}
	return p, nil
}

func (s *Server) campaigns(c *gin.Context) error {
	p, err := s.campaignsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/list", p)
	return nil
}

func (s *Server) createCampaign(c *gin.Context) error {
	p, err := s.campaignsPage(c)
	if err != nil {
		return err
	}
	p.YearText, p.Idem = line(c, "year"), idem(c)
	year, _ := strconv.Atoi(p.YearText)
	p.Form = evaluation.CampaignDraft{Year: year, Kind: c.PostForm("kind"), CardFrom: line(c, "card_from"), CardUntil: line(c, "card_until"), CastFrom: line(c, "cast_from"), CastUntil: line(c, "cast_until")}
	id, err := s.Evaluation.CreateCampaign(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "campaign/list", p, "year", "kind", "card_from", "card_until", "cast_from", "cast_until")
	}
	s.redirect(c, "/o/campaigns/"+idText(id), "campaign-planned")
	return nil
}

type campaignPage struct {
	templates.Page
	Row        campaignRow
	Conditions []evaluation.Condition
	Ready      bool
	Confirm    string
	Runs       bool
	Names      bool // may see who is on the list
	Holds      bool // may open the box with a second person
	Key        evaluation.TallyKey
	Steps      []string
}

func (s *Server) campaignPage(c *gin.Context) (*campaignPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	k, err := s.Evaluation.Campaign(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	p := &campaignPage{Page: s.page(c, "campaigns.title"), Steps: []string{"preparing", "open", "closed", "tallied"}, Runs: actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin}
	if p.Row, err = s.campaignRow(c, &p.Page, k); err != nil {
		return nil, err
	}
	p.Names = p.Runs || actor(c).Role == org.RoleSupervision
	p.Holds = actor(c).IsOffice() || actor(c).Role == org.RoleSupervision
	if p.Key, err = s.Evaluation.TallyKey(c.Request.Context(), id); err != nil {
		return nil, err
	}
	p.Title = p.Row.Title
	p.Back = templates.Link{Href: "/o/campaigns", Label: p.T("campaigns.title")}
	if k.State == "preparing" {
		if p.Conditions, err = s.Evaluation.Conditions(c.Request.Context(), id); err != nil {
			return nil, err
		}
		p.Ready = true
		for _, cond := range p.Conditions {
			p.Ready = p.Ready && cond.OK
		}
	}
	return p, nil
}

func (s *Server) campaign(c *gin.Context) error {
	p, err := s.campaignPage(c)
	if err != nil {
		return err
	}
	if step := c.Query("confirm"); p.Runs && (step == "open" || step == "close") {
		p.Confirm = step
	}
	s.show(c, http.StatusOK, "campaign/one", p)
	return nil
}

// campaignStep opens, closes or refills; opening and closing have a page of their
// own to confirm.
func (s *Server) campaignStep(c *gin.Context) error {
	p, err := s.campaignPage(c)
	if err != nil {
		return err
	}
	step, id := c.Param("step"), p.Row.ID
	if (step == "open" || step == "close") && !ticked(c, "confirmed") {
		s.redirect(c, "/o/campaigns/"+idText(id)+"?confirm="+step, "")
		return nil
	}
	switch step {
	case "open":
		err = s.Evaluation.Open(c.Request.Context(), actor(c), id)
	case "close":
		err = s.Evaluation.Close(c.Request.Context(), actor(c), id)
	case "refill":
		err = s.Evaluation.Refill(c.Request.Context(), actor(c), id)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuse(c, err, "campaign/one", p)
	}
	s.redirect(c, "/o/campaigns/"+idText(id), "campaign-"+step)
	return nil
}

type participantsPage struct {
	templates.Page
	Raters   []evaluation.Rater
	Pager    templates.Pager
	ID       evaluation.CampaignID
	PageNo   int
	Ticks    bool // may tick who took an envelope
	Reissues bool // may allow a second card
	Early    bool // casting has not begun
	Kinds    []string
}

func (s *Server) participants(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	k, err := s.Evaluation.Campaign(c.Request.Context(), id)
	if err != nil {
		return err
	}
	p := participantsPage{Page: s.page(c, "participants.title")}
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: evaluation.CampaignTitle(k.Year, k.Kind).In(p.Lang())}
	page := pageNumber(c)
	p.ID, p.PageNo, p.Early = id, page, k.State == "open" && s.Now().Before(k.CastFrom)
	a := actor(c)
	p.Reissues = a.Role == org.RoleSupervision
	if sheets, err := s.Evaluation.CardSheets(c.Request.Context(), id); err != nil {
		return err
	} else if p.Ticks = k.State == "open" && len(sheets) > 0 && (a.IsOffice() || a.Is(org.RoleCampaignAdmin, org.RoleClerk)); p.Ticks {
		for _, sh := range sheets {
			if !slices.Contains(p.Kinds, sh.Kind) {
				p.Kinds = append(p.Kinds, sh.Kind)
			}
		}
	}
	if p.Raters, err = s.Evaluation.Raters(c.Request.Context(), actor(c), id, page, 50); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), page, 50, k.Listed)
	s.show(c, http.StatusOK, "campaign/participants", &p)
	return nil
}
