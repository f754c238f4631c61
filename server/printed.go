package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/printed"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/templates"
)

// printedRoutes: cards on paper: envelopes for a meeting, paper ballots, what was
// lost and what everybody is told at the end.
func (s *Server) printedRoutes() []route {
	admins := either(offices, only(org.RoleCampaignAdmin))
	readers := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision, org.RoleClerk))
	hands := either(offices, only(org.RoleCampaignAdmin, org.RoleClerk))
	return []route{
		get("/o/campaigns/:campaign/cards", readers, s.cardSheets),
		post("/o/campaigns/:campaign/cards", admins, s.printCards),
		post("/o/campaigns/:campaign/cards/:sheet/withdraw", admins, s.withdrawCards),
		post("/o/campaigns/:campaign/cards/:sheet/settle", admins, s.settleBox),
		post("/o/campaigns/:campaign/void", admins, s.voidCards),
		post("/o/campaigns/:campaign/tick", hands, s.tick),
		post("/o/campaigns/:campaign/reissue", only(org.RoleSupervision), s.reissue),
		get("/o/campaigns/:campaign/notices", readers, s.notices),
		get("/o/campaigns/:campaign/paper", hands, s.paperForm),
		postLimit("/o/campaigns/:campaign/paper", ballotLimit, hands, s.enterPaper),
		post("/c/appraisals/:campaign/lost", raters, s.reportLost),
	}
}

type cardsPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Rows     []evaluation.CardSheet
	Draft    evaluation.SheetDraft
	Number   string
	Kinds    []choice
	Groups   []choice
	Runs     bool
	Enters   bool         // may enter paper ballots
	Leftover string       // cards to void, as typed
	Voided   []voidResult // what became of them
	Spoiled  map[int]string
	Unused   map[int]string
	Printing *printPage
}

// voidResult is what became of a card that was to be voided.
type voidResult struct {
	Last4 string
	OK    bool
	Text  string
}

// printPage is a printing: shown once.
type printPage struct {
	Sheet    evaluation.CardSheet
	Vouchers []voucher
	Form     *ballotbox.Form
	Classes  []ballotClass
	Short    string
	Check    string // address of the check of a ballot
}

type voucher struct {
	Text string
	QR   qrCode
	Stub qrCode // paper: leads the rater to the check of his ballot
}

func (s *Server) cardsPage(c *gin.Context) (*cardsPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	p := &cardsPage{Page: s.page(c, "cards.title"), Spoiled: map[int]string{}, Unused: map[int]string{}, Runs: actor(c).IsOffice() || actor(c).Role == org.RoleCampaignAdmin}
	p.Enters = p.Runs || actor(c).Role == org.RoleClerk
	if p.Campaign, err = s.Evaluation.Campaign(c.Request.Context(), id); err != nil {
		return nil, err
	}
	if p.Rows, err = s.Evaluation.CardSheets(c.Request.Context(), id); err != nil {
		return nil, err
	}
	p.Kinds = choices(p.Translator, "cards.kind-", []string{evaluation.Envelope, evaluation.Paper})
	p.Groups = choices(p.Translator, "group.", []string{"G1", "G2", "G3", "G4", "G5"})
	p.Draft.Kind = evaluation.Envelope
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	return p, nil
}

func (s *Server) cardSheets(c *gin.Context) error {
	p, err := s.cardsPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/cards", p)
	return nil
}

// printCards answers with the sheets to print, not with a redirect: the cards are
// on no address and in no table.
func (s *Server) printCards(c *gin.Context) error {
	p, err := s.cardsPage(c)
	if err != nil {
		return err
	}
	p.Number, p.Idem = line(c, "cards"), idem(c)
	n, _ := strconv.Atoi(p.Number)
	p.Draft = evaluation.SheetDraft{Kind: c.PostForm("kind"), Group: c.PostForm("group"), Cards: n, Place: text(c, "place")}
	ctx := c.Request.Context()
	sheet, cards, err := s.Evaluation.PrintCards(ctx, actor(c), p.Campaign.ID, p.Draft, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "campaign/cards", p, "kind", "group", "cards", "place")
	}
	pr := &printPage{Sheet: sheet, Short: fmt.Sprintf("%s/b/%d", s.BallotURL, p.Campaign.ID), Check: s.BallotURL + "/check"}
	link := fmt.Sprintf("%s?lang=%s#card=", pr.Short, p.Lang())
	for _, card := range cards {
		v := voucher{Text: card.Text()}
		target := link + strings.ReplaceAll(v.Text, "-", "")
		if sheet.Kind == evaluation.Paper {
			target = v.Text // the clerk scans the serial
			if v.Stub, err = drawQR(fmt.Sprintf("%s?lang=%s#card=%s", pr.Check, p.Lang(), strings.ReplaceAll(v.Text, "-", ""))); err != nil {
				return err
			}
		}
		if v.QR, err = drawQR(target); err != nil {
			return err
		}
		pr.Vouchers = append(pr.Vouchers, v)
	}
	if sheet.Kind == evaluation.Paper {
		form, err := s.Evaluation.Form(ctx, p.Campaign.ID)
		if err != nil {
			return err
		}
		pr.Form, pr.Classes = &form, classesOf(&form)
	}
	p.Printing = pr
	p.Fixed = true
	s.show(c, http.StatusOK, "campaign/cards", p)
	return nil
}

// sheetNumber reads the printing of the address.
func sheetNumber(c *gin.Context) (int, error) {
	n, err := strconv.Atoi(c.Param("sheet"))
	if err != nil || n < 1 {
		return 0, errNotFound
	}
	return n, nil
}

func (s *Server) withdrawCards(c *gin.Context) error {
	p, err := s.cardsPage(c)
	if err != nil {
		return err
	}
	n, err := sheetNumber(c)
	if err != nil {
		return err
	}
	if err := s.Evaluation.WithdrawCards(c.Request.Context(), actor(c), p.Campaign.ID, n); err != nil {
		return s.refuse(c, err, "campaign/cards", p)
	}
	s.redirect(c, "/o/campaigns/"+idText(p.Campaign.ID)+"/cards", "saved")
	return nil
}

func (s *Server) settleBox(c *gin.Context) error {
	p, err := s.cardsPage(c)
	if err != nil {
		return err
	}
	n, err := sheetNumber(c)
	if err != nil {
		return err
	}
	key := strconv.Itoa(n)
	p.Spoiled[n], p.Unused[n] = line(c, "spoiled"+key), line(c, "unused"+key)
	if err := s.Evaluation.SettleBox(c.Request.Context(), actor(c), p.Campaign.ID, n, p.Spoiled[n], p.Unused[n]); err != nil {
		return s.refuseIn(c, err, "campaign/cards", p, "spoiled"+key, "unused"+key)
	}
	s.redirect(c, "/o/campaigns/"+idText(p.Campaign.ID)+"/cards", "saved")
	return nil
}

// voidCards voids cards that were left over, one a line; what could not be voided
// stays in the field, with the reason.
func (s *Server) voidCards(c *gin.Context) error {
	p, err := s.cardsPage(c)
	if err != nil {
		return err
	}
	var rest []string
	for _, typed := range strings.Split(text(c, "cards"), "\n") {
		if typed = strings.TrimSpace(typed); typed == "" {
			continue
		}
		folded := printed.Fold(typed)
		r := voidResult{Last4: folded[max(0, len(folded)-4):], OK: true, Text: p.T("cards.voided")}
		err := s.Evaluation.VoidCard(c.Request.Context(), actor(c), p.Campaign.ID, typed)
		if f := fault.Of(err); f != nil {
			r.OK, r.Text = false, s.say(p.Translator, f.Text)
			rest = append(rest, typed)
		} else if err != nil {
			return s.refuse(c, err, "campaign/cards", p)
		}
		p.Voided = append(p.Voided, r)
	}
	p.Leftover = strings.Join(rest, "\n")
	if p.Rows, err = s.Evaluation.CardSheets(c.Request.Context(), p.Campaign.ID); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/cards", p)
	return nil
}

// tick notes who took an envelope or a paper ballot at the meeting.
func (s *Server) tick(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	ctx, rater := c.Request.Context(), formID[int64](c, "rater")
	if how := c.PostForm("how"); how == "undo" {
		err = s.Evaluation.Untick(ctx, actor(c), id, rater)
	} else {
		err = s.Evaluation.Tick(ctx, actor(c), id, rater, how)
	}
	if err != nil {
		return err
	}
	s.redirect(c, fmt.Sprintf("/o/campaigns/%d/participants?page=%d", id, max(1, formID[int64](c, "page"))), "saved")
	return nil
}

func (s *Server) reissue(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	if err := s.Evaluation.Reissue(c.Request.Context(), actor(c), id, formID[int64](c, "rater")); err != nil {
		return err
	}
	s.redirect(c, fmt.Sprintf("/o/campaigns/%d/participants", id), "saved")
	return nil
}

func (s *Server) reportLost(c *gin.Context) error {
	p, err := s.cardPage(c)
	if err != nil {
		return err
	}
	if err := s.Evaluation.ReportLost(c.Request.Context(), actor(c), p.Campaign.ID); err != nil {
		return s.refuse(c, err, "card/card", p)
	}
	s.redirect(c, "/c/appraisals/"+idText(p.Campaign.ID), "saved")
	return nil
}

type noticesPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Raters   []evaluation.Rater
	Over     bool
}

// notices are the letters to every rater when the card window is over: whether a
// card was collected in his name. All get one, in the same words.
func (s *Server) notices(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	p := &noticesPage{Page: s.page(c, "notices.title")}
	if p.Campaign, err = s.Evaluation.Campaign(c.Request.Context(), id); err != nil {
		return err
	}
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	if p.Over = p.Campaign.State != "preparing" && !s.Now().Before(p.Campaign.CardUntil); p.Over {
		if p.Raters, err = s.Evaluation.Raters(c.Request.Context(), actor(c), id, 1, 10_000); err != nil {
			return err
		}
	}
	s.show(c, http.StatusOK, "campaign/notices", p)
	return nil
}

// Digit is what is written on paper for the i-th level, from the best.
func (p *cardsPage) Digit(i int) int { return len(p.Printing.Form.Levels) - i }
