package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/feedback/shield"
	"pingyi/org"
	"pingyi/templates"
)

// reachRoutes: who was invited, who answered, who was never heard.
func (s *Server) reachRoutes() []route {
	return []route{
		get("/o/reach", either(offices, only(org.RoleSupervision)), s.reach("/o/reach")),
		get("/l/reach", leaders, s.reach("/l/reach")),
	}
}

// reachRow is a group in words.
type reachRow struct {
	shield.Reach
	Label string
}

type reachPage struct {
	templates.Page
	Base      string
	Campaigns []choice
	Campaign  string
	Groups    []reachRow
	Sectors   []reachRow
	Total     shield.Reach
	Tilt      shield.Tilt
	Finding   string
	Few       bool
}

func (s *Server) reach(base string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		ctx, a := c.Request.Context(), actor(c)
		p := reachPage{Page: s.page(c, "reach.title"), Base: base}
		s.conduct(&p.Page, a, base)
		all, err := s.Evaluation.Campaigns(ctx)
		if err != nil {
			return err
		}
		var chosen evaluation.CampaignID
		for _, k := range all {
			if k.State == "preparing" {
				continue
			}
			id := strconv.FormatInt(int64(k.ID), 10)
			p.Campaigns = append(p.Campaigns, choice{Value: id, Label: evaluation.CampaignTitle(k.Year, k.Kind).In(p.Lang())})
			if id == c.Query("campaign") || chosen == 0 {
				chosen, p.Campaign = k.ID, id
			}
		}
		if chosen != 0 {
			list, err := s.Shield.Reached(ctx, a, int64(chosen))
			if err != nil {
				return err
			}
			p.fill(list)
		}
		s.show(c, http.StatusOK, "shield/reach", &p)
		return nil
	}
}

// fill counts and puts into words.
func (p *reachPage) fill(list []shield.Invited) {
	rows := func(prefix string, key func(shield.Invited) string) (out []reachRow) {
		for _, r := range shield.ReachBy(list, key) {
			label := p.T("reach.rest")
			if r.Key != shield.Rest {
				label = p.T(prefix + r.Key)
			}
			out = append(out, reachRow{Reach: r, Label: label})
		}
		return out
	}
	p.Groups = rows("group.", func(i shield.Invited) string { return i.Group })
	p.Sectors = rows("sector.", func(i shield.Invited) string { return i.Sector })
	for _, g := range shield.ReachBy(list, func(shield.Invited) string { return "" }) {
		p.Total = g
	}
	p.Few = p.Total.Invited == 0
	p.Tilt = shield.TiltOf(list)
	switch gap := p.Tilt.Gap(); {
	case !p.Tilt.Known:
		p.Finding = p.T("reach.tilt-few")
	case gap >= 5:
		p.Finding = p.T("reach.tilt-kind", "Unhappy", p.Tilt.Unhappy.Rate(), "Others", p.Tilt.Others.Rate(), "Gap", gap)
	case gap <= -5:
		p.Finding = p.T("reach.tilt-harsh", "Unhappy", p.Tilt.Unhappy.Rate(), "Others", p.Tilt.Others.Rate(), "Gap", -gap)
	default:
		p.Finding = p.T("reach.tilt-even", "Unhappy", p.Tilt.Unhappy.Rate(), "Others", p.Tilt.Others.Rate())
	}
}
