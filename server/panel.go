package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// panelRoutes: direct scores of leaders and third parties.
func (s *Server) panelRoutes() []route {
	return []route{
		get("/o/year/:year/panels", compilers, s.panels),
		post("/o/year/:year/panels", compilers, s.addPanelScore),
		post("/o/year/:year/panels/strike", compilers, s.strikePanelScore),
	}
}

type panelsPage struct {
	templates.Page
	Year   int
	Panels []choice // none: the year's scheme asks for no direct scores
	Names  map[string]string
	Units  []choice
	Rows   []evaluation.PanelRow
	Form   evaluation.PanelEntry
	Unit   string
	Runs   bool
}

func (s *Server) panelsPage(c *gin.Context) (*panelsPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &panelsPage{Page: s.page(c, "panel.title", "Year", year), Year: year, Names: map[string]string{}, Runs: a.IsOffice() || a.Role == org.RoleCampaignAdmin}
	p.Back = templates.Link{Href: "/o/year/" + strconv.Itoa(year), Label: p.T("year.title", "Year", year)}
	sc, err := s.Evaluation.SchemeOf(ctx, year)
	if err != nil {
		return nil, err
	}
	for _, x := range sc.Panels {
		p.Names[x.Code] = x.Name.In(p.Lang())
		p.Panels = append(p.Panels, choice{Value: x.Code, Label: x.Name.In(p.Lang())})
	}
	if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
		return nil, err
	}
	p.Rows, err = s.Evaluation.PanelScores(ctx, a, year)
	return p, err
}

func (s *Server) panels(c *gin.Context) error {
	p, err := s.panelsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "year/panels", p)
	return nil
}

func (s *Server) addPanelScore(c *gin.Context) error {
	p, err := s.panelsPage(c)
	if err != nil {
		return err
	}
	p.Unit = line(c, "unit")
	p.Form = evaluation.PanelEntry{Unit: formID[org.UnitID](c, "unit"), Panel: c.PostForm("panel"), Scorer: text(c, "scorer"), Score: line(c, "score"), Evidence: text(c, "evidence")}
	if err := s.Evaluation.AddPanelScore(c.Request.Context(), actor(c), p.Year, p.Form); err != nil {
		return s.refuseIn(c, err, "year/panels", p, "panel", "unit", "scorer", "score", "evidence")
	}
	s.redirect(c, "/o/year/"+strconv.Itoa(p.Year)+"/panels", "saved")
	return nil
}

func (s *Server) strikePanelScore(c *gin.Context) error {
	p, err := s.panelsPage(c)
	if err != nil {
		return err
	}
	if err := s.Evaluation.StrikePanelScore(c.Request.Context(), actor(c), formID[int64](c, "id"), text(c, "why")); err != nil {
		return s.refuse(c, err, "year/panels", p)
	}
	s.redirect(c, "/o/year/"+strconv.Itoa(p.Year)+"/panels", "saved")
	return nil
}
