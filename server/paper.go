package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/templates"
)

// Paper ballots: entered by two people, compared, settled.

type paperPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Form     ballotbox.Form
	Classes  []ballotClass
	Serial   string
	Word     string
	Cells    map[string]string // "unit.indicator" → digit
	Differ   []paperDifference
	Rows     []evaluation.CardSheet
}

// paperDifference is a place that two people read differently.
type paperDifference struct {
	Field, Unit, Item, First, Second string
}

// digits are what stands on a paper ballot: 5 the best level, 1 the worst, nothing
// for "not acquainted".
func digits(levels []string) map[string]string {
	out := map[string]string{"": ballotbox.NotAcquainted, "0": ballotbox.NotAcquainted}
	for i, l := range levels {
		out[strconv.Itoa(len(levels)-i)] = l
	}
	return out
}

func (s *Server) paperPage(c *gin.Context) (*paperPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &paperPage{Page: s.page(c, "paper.title"), Cells: map[string]string{}}
	if p.Campaign, err = s.Evaluation.Campaign(ctx, id); err != nil {
		return nil, err
	}
	if p.Campaign.State != "open" {
		return nil, evaluation.ErrState
	}
	n, err := s.Box.Notice(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Rows, err = s.Evaluation.CardSheets(ctx, id); err != nil {
		return nil, err
	}
	p.Form, p.Classes = *n.Form, classesOf(n.Form)
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: fmt.Sprintf("/o/campaigns/%d/cards", id), Label: p.T("cards.title")}
	return p, nil
}

func (s *Server) paperForm(c *gin.Context) error {
	p, err := s.paperPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/paper", p)
	return nil
}

// Cell is what was typed for a unit and an indicator.
func (p *paperPage) Cell(u org.UnitID, item string) string { return p.Cells[cellName(u, item)] }

func cellName(u org.UnitID, item string) string { return fmt.Sprintf("u%d.%s", u, item) }

// read takes the grid: a digit a place. A row without a digit is a unit that was
// not rated.
func (p *paperPage) read(c *gin.Context) ballotbox.PaperEntry {
	p.Serial, p.Word = line(c, "serial"), text(c, "word")
	level := digits(p.Form.Levels)
	e := ballotbox.PaperEntry{Word: p.Word}
	for _, u := range p.Form.Units {
		l := ballotbox.Line{Unit: u.ID, Answers: map[string]string{}}
		rated := false
		for _, ind := range p.Form.Indicators {
			name := cellName(u.ID, ind.Code)
			d := line(c, name)
			p.Cells[name] = d
			a, ok := level[d]
			if !ok {
				p.Problems[name] = p.T("paper.digit", "Most", len(p.Form.Levels))
				p.Order = append(p.Order, name)
			}
			l.Answers[ind.Code] = a
			rated = rated || (ok && a != ballotbox.NotAcquainted)
		}
		if rated {
			e.Ballot.Lines = append(e.Ballot.Lines, l)
		}
	}
	return e
}

func (s *Server) enterPaper(c *gin.Context) error {
	p, err := s.paperPage(c)
	if err != nil {
		return err
	}
	p.Problems = map[string]string{}
	e := p.read(c)
	if len(p.Problems) > 0 {
		s.show(c, http.StatusUnprocessableEntity, "campaign/paper", p)
		return nil
	}
	out, err := s.Evaluation.EnterPaper(c.Request.Context(), actor(c), p.Campaign.ID, p.Serial, e, ticked(c, "settled"))
	if errors.Is(err, fault.ErrNotFound) {
		return err
	}
	if err != nil {
		return s.refuseIn(c, err, "campaign/paper", p, "serial", "word")
	}
	if len(out.Differ) > 0 {
		p.differ(out.Differ)
		s.show(c, http.StatusConflict, "campaign/paper", p)
		return nil
	}
	done := "paper-first"
	if out.Cast {
		done = "paper-cast"
	}
	s.redirect(c, fmt.Sprintf("/o/campaigns/%d/paper", p.Campaign.ID), done)
	return nil
}

// differ shows both readings side by side.
func (p *paperPage) differ(all []evaluation.Difference) {
	digit := map[string]string{}
	for d, l := range digits(p.Form.Levels) {
		if d != "0" {
			digit[l] = d
		}
	}
	show := func(level string) string {
		if level == ballotbox.NotAcquainted {
			return "—"
		}
		return digit[level] + " " + levelName(p.Translator, level, p.Form.LevelNames[level])
	}
	names := map[string]string{}
	for _, ind := range p.Form.Indicators {
		names[ind.Code] = ind.Name.In(p.Lang())
	}
	for _, d := range all {
		if d.Item == "" {
			p.Differ = append(p.Differ, paperDifference{Field: "word", Unit: p.T("ballot.word"), First: d.First, Second: d.Second})
			continue
		}
		u, _ := p.Form.Unit(d.Unit)
		p.Differ = append(p.Differ, paperDifference{Field: cellName(d.Unit, d.Item), Unit: u.Name.In(p.Lang()), Item: names[d.Item], First: show(d.First), Second: show(d.Second)})
	}
}

// Name is the field of a unit and an indicator.
func (p *paperPage) Name(u org.UnitID, item string) string { return cellName(u, item) }
