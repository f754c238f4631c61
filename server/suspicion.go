package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// suspicionRoutes: cases of suspect patterns of ratings, for the two offices and the
// supervision office.
func (s *Server) suspicionRoutes() []route {
	deciders := either(offices, only(org.RoleSupervision))
	return []route{
		get("/o/campaigns/:campaign/suspicions", deciders, s.suspicions),
		post("/o/campaigns/:campaign/suspicions/:case", deciders, s.decideSuspicion),
	}
}

// suspicionRow is a case in words.
type suspicionRow struct {
	evaluation.SuspicionCase
	Size  string // how many ballots, or that they are few
	Units string
	What  string
	Tag   string
	Mine  bool // the reader may say his word on it now
}

type suspicionsPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Rows     []suspicionRow
	Words    []choice
	Number   int // the case whose form came back
	Word     string
	Text     string
	LeftOut  bool // the tally left ballots out once
	NoYear   bool
	Classes  []withoutClass
	Hidden   string // units that cannot be shown
	Hides    int
	Partial  string
}

// withoutClass is the ranking of a class with and without the suspect ballots.
type withoutClass struct {
	Class   int
	Finding string
	Moves   []moveRow
}

func (s *Server) suspicionsPage(c *gin.Context) (*suspicionsPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &suspicionsPage{Page: s.page(c, "suspicion.title")}
	if p.Campaign, err = s.Evaluation.Campaign(ctx, id); err != nil {
		return nil, err
	}
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	p.Words = choices(p.Translator, "suspicion.word-", []string{"confirmed", "dismissed"})
	if p.Campaign.State != "tallied" {
		return p, nil
	}
	cases, err := s.Evaluation.Suspicions(ctx, a, id)
	if err != nil {
		return nil, err
	}
	units, err := s.unitsByID(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range cases {
		p.Rows = append(p.Rows, p.row(x, units, a.Account))
	}
	return p, s.fillWithout(c, p, units)
}

// row puts a case into words; never who.
func (p *suspicionsPage) row(x evaluation.SuspicionCase, units map[org.UnitID]org.Unit, me org.AccountID) suspicionRow {
	r := suspicionRow{SuspicionCase: x, Size: p.T("suspicion.few"), Units: unitNames(&p.Page, x.Units, units), Tag: "warn"}
	if x.Ballots > 0 {
		r.Size = p.T("suspicion.ballots", "Count", x.Ballots)
	}
	args := []any{"Unit", "", "Other", ""}
	for i, u := range x.Units[:min(2, len(x.Units))] {
		args[1+2*i] = units[u].Names.In(p.Lang())
	}
	r.What = p.T("suspicion.what-"+x.Kind, args...)
	switch x.State {
	case "confirmed":
		r.Tag = "bad"
	case "dismissed":
		r.Tag = "ok"
	}
	r.Mine = x.State == "open" || (x.State == "first" && x.FirstBy != me)
	return r
}

func unitNames(p *templates.Page, ids []org.UnitID, units map[org.UnitID]org.Unit) string {
	var names []string
	for _, u := range ids {
		names = append(names, units[u].Names.In(p.Lang()))
	}
	return strings.Join(names, p.T("suspicion.comma"))
}

// fillWithout adds the ranking with and without.
func (s *Server) fillWithout(c *gin.Context, p *suspicionsPage, units map[org.UnitID]org.Unit) error {
	ctx := c.Request.Context()
	t, _, err := s.Evaluation.KeptTally(ctx, p.Campaign.ID)
	if err != nil {
		return err
	}
	if p.LeftOut = t.LeftOut(); !p.LeftOut {
		return nil
	}
	w, err := s.Evaluation.WithoutSuspects(ctx, actor(c), p.Campaign.ID)
	if errors.Is(err, evaluation.ErrNoYearEnd) {
		p.NoYear = true
		return nil
	}
	if err != nil {
		return err
	}
	p.Hides = len(w.Hidden)
	p.Hidden, p.Partial = unitNames(&p.Page, w.Hidden, units), unitNames(&p.Page, w.Partial, units)
	rows := s.moveRows(p.Translator, w.Moves, units)
	for _, class := range org.Classes {
		k := withoutClass{Class: class}
		scores, moved, beyond := 0, 0, 0
		for _, r := range rows {
			if r.Class != class {
				continue
			}
			k.Moves = append(k.Moves, r)
			if r.Changed {
				scores++
			}
			if r.Places != "" {
				moved++
			}
			if r.Beyond {
				beyond++
			}
		}
		if scores > 0 {
			k.Finding = p.T("suspicion.finding", "Units", len(k.Moves), "Scores", scores, "Count", moved, "Beyond", beyond)
			p.Classes = append(p.Classes, k)
		}
	}
	return nil
}

func (s *Server) suspicions(c *gin.Context) error {
	p, err := s.suspicionsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/suspicions", p)
	return nil
}

func (s *Server) decideSuspicion(c *gin.Context) error {
	p, err := s.suspicionsPage(c)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(c.Param("case"))
	if err != nil || number < 1 {
		return errNotFound
	}
	p.Number, p.Word, p.Text = number, c.PostForm("word"), text(c, "text")
	if err := s.Evaluation.DecideSuspicion(c.Request.Context(), actor(c), p.Campaign.ID, number, p.Word, p.Text); err != nil {
		return s.refuseIn(c, err, "campaign/suspicions", p, "word", "text")
	}
	s.redirect(c, "/o/campaigns/"+idText(p.Campaign.ID)+"/suspicions", "suspicion-decided")
	return nil
}
