package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/ledger"
	"pingyi/templates"
)

type newContractPage struct {
	templates.Page
	ledgerChoices
	Form  ledger.ContractDraft
	Units []choice
}

func (s *Server) newContractPage(c *gin.Context) (*newContractPage, error) {
	p := &newContractPage{Page: s.page(c, "ledger.new"), Form: ledger.ContractDraft{Kind: ledger.Signed, Purpose: "investment", Currency: ledger.CNY}}
	var err error
	if p.ledgerChoices, err = s.ledgerChoices(c, &p.Page); err != nil {
		return nil, err
	}
	p.Narrow = true
	p.Back = templates.Link{Href: "/o/ledger/contracts", Label: p.T("ledger.rows")}
	units, err := s.Org.Units(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		p.Units = append(p.Units, choice{Value: u.Code, Label: u.Names.In(p.Lang())})
	}
	return p, nil
}

func (s *Server) newContract(c *gin.Context) error {
	p, err := s.newContractPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "ledger/new", p)
	return nil
}

func (s *Server) enterContract(c *gin.Context) error {
	p, err := s.newContractPage(c)
	if err != nil {
		return err
	}
	p.Form = ledger.ContractDraft{No: line(c, "no"), Kind: c.PostForm("kind"), Purpose: c.PostForm("purpose"), Title: text(c, "title"), Investor: text(c, "investor"), Licence: line(c, "licence"),
		Area: c.PostForm("area"), Class: c.PostForm("class"), Amount: line(c, "amount"), Currency: c.PostForm("currency"), Agreed: line(c, "agreed"), Signed: line(c, "signed"), Unit: line(c, "unit"), Source: text(c, "source")}
	id, err := s.Ledger.Enter(c.Request.Context(), actor(c), p.Form)
	if err != nil {
		return s.refuseIn(c, err, "ledger/new", p, "no", "kind", "purpose", "title", "investor", "licence", "area", "class", "amount", "currency", "agreed", "signed", "source")
	}
	s.redirect(c, "/o/ledger/contracts/"+idText(id), "saved")
	return nil
}

// contractPage is one row of the ledger with the forms the reader may use.
type contractPage struct {
	templates.Page
	ledgerChoices
	M                                      money
	Row                                    ledger.Contract
	Arrivals                               []ledger.Arrival
	Arrival                                ledger.ArrivalDraft
	ArrivalKinds                           []choice
	SignedOn, ProducedOn, EndedOn, Why     string
	Stage, Left                            string
	Strike                                 int64 // the arrival to strike out
	StrikeWhy                              string
	Verify                                 int64 // the arrival to verify
	Verifier                               string
	Keeps                                  bool
	MaySign, MayArrive, MayProduce, MayEnd bool
}

func (s *Server) contractPage(c *gin.Context) (*contractPage, error) {
	id, err := pathID[ledger.ContractID](c, "contract")
	if err != nil {
		return nil, err
	}
	p := &contractPage{Page: s.page(c, "ledger.one"), Keeps: ledger.Keeps(actor(c))}
	p.M.Page = &p.Page
	if p.ledgerChoices, err = s.ledgerChoices(c, &p.Page); err != nil {
		return nil, err
	}
	p.ArrivalKinds = choices(p.Translator, "ledger.arrival-", []string{"contract", "increase"})
	if p.Row, p.Arrivals, err = s.Ledger.Contract(c.Request.Context(), actor(c), id); err != nil {
		return nil, err
	}
	r := p.Row
	p.Title, p.TitleLang, p.Caption = r.Title, "zh-CN", p.T("ledger.caption", "No", r.No, "Kind", p.T("ledger.kind-"+r.Kind))
	p.Back = templates.Link{Href: "/o/ledger/contracts", Label: p.T("ledger.rows")}
	p.Stage, p.Left, p.Arrival.Kind = r.Stage(), p.M.Money(max(0, r.Amount-r.Arrived)), "contract"
	open := p.Keeps && r.Ended == ""
	p.MaySign, p.MayArrive = open && r.Kind != ledger.Signed, open && r.Kind == ledger.Signed
	p.MayProduce, p.MayEnd = p.MayArrive && r.Produced == "", open
	return p, nil
}

func (s *Server) contract(c *gin.Context) error {
	p, err := s.contractPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "ledger/one", p)
	return nil
}

// contractAct does what one of the row's forms asks.
func (s *Server) contractAct(c *gin.Context) error {
	p, err := s.contractPage(c)
	if err != nil {
		return err
	}
	ctx, a, id := c.Request.Context(), actor(c), p.Row.ID
	p.SignedOn, p.ProducedOn, p.EndedOn, p.Why = line(c, "signed"), line(c, "produced"), line(c, "ended"), text(c, "why")
	switch c.Param("act") {
	case "sign":
		err = s.Ledger.Sign(ctx, a, id, p.SignedOn)
	case "arrive":
		p.Arrival = ledger.ArrivalDraft{Kind: c.PostForm("kind"), On: line(c, "on"), Amount: line(c, "amount"), Voucher: line(c, "voucher"), Verifier: text(c, "verifier")}
		err = s.Ledger.Arrive(ctx, a, id, p.Arrival)
	case "strike":
		p.Strike, p.Why = formID[int64](c, "arrival"), ""
		p.StrikeWhy = text(c, "strike")
		err = s.Ledger.Strike(ctx, a, id, p.Strike, p.StrikeWhy)
	case "verify":
		p.Verify, p.Why, p.Verifier = formID[int64](c, "arrival"), "", text(c, "verify")
		err = s.Ledger.VerifyArrival(ctx, a, id, p.Verify, p.Verifier)
	case "produce":
		err = s.Ledger.Produce(ctx, a, id, p.ProducedOn)
	case "end":
		err = s.Ledger.End(ctx, a, id, p.EndedOn, p.Why)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "ledger/one", p, "kind", "on", "amount", "voucher", "verifier", "signed", "produced", "ended", "why", "strike", "verify")
	}
	s.redirect(c, "/o/ledger/contracts/"+idText(id), "saved")
	return nil
}
