package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/ledger"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// referralRoutes: whom investors brought, and what came of it.
func (s *Server) referralRoutes() []route {
	company, read := only(org.RoleCompany), access(ledger.Reads)
	return []route{
		get("/c/referrals", company, func(c *gin.Context) error { return s.referrals(c, "/c/referrals") }),
		post("/c/referrals", company, func(c *gin.Context) error { return s.nameReferral(c, "/c/referrals") }),
		get("/o/referrals", read, func(c *gin.Context) error { return s.referrals(c, "/o/referrals") }),
		post("/o/referrals", ledger.Keeps, func(c *gin.Context) error { return s.nameReferral(c, "/o/referrals") }),
		get("/o/referrals/:referral", read, s.referral),
		post("/o/referrals/:referral/:act", offices, s.referralAct),
	}
}

type referralsPage struct {
	templates.Page
	M      money
	Base   string
	Office bool
	Names  bool // may name one
	Form   ledger.ReferralDraft
	Rows   []ledger.Referral
	Total  int
	Pager  templates.Pager
	Tree   referralTree
}

func (s *Server) referralsPage(c *gin.Context, base string) (*referralsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &referralsPage{Page: s.page(c, "referral.title"), Base: base, Office: base == "/o/referrals"}
	p.M.Page = &p.Page
	p.Names = !p.Office || ledger.Keeps(a)
	var err error
	if p.Rows, p.Total, err = s.Ledger.Referrals(ctx, a, pageNumber(c), 20); err != nil {
		return nil, err
	}
	p.Pager = templates.NewPager(base, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	if p.Office {
		links, err := s.Ledger.Links(ctx, a)
		if err != nil {
			return nil, err
		}
		p.Tree = treeOfReferrals(&p.Page, links)
	}
	return p, nil
}

func (s *Server) referrals(c *gin.Context, base string) error {
	p, err := s.referralsPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "referral/list", p)
	return nil
}

func (s *Server) nameReferral(c *gin.Context, base string) error {
	p, err := s.referralsPage(c, base)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = ledger.ReferralDraft{Licence: line(c, "licence"), Newcomer: text(c, "newcomer"), About: text(c, "about")}
	id, err := s.Ledger.NameReferral(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "referral/list", p, "licence", "newcomer", "about")
	}
	if p.Office {
		base += "/" + idText(id)
	}
	s.redirect(c, base, "referral-named")
	return nil
}

type referralPage struct {
	templates.Page
	R             ledger.Referral
	Units         []choice
	Unit, No      string
	Licence       string
	Evidence, Why string
	Strikes       bool
	Decides       bool
}

func (s *Server) referralPage(c *gin.Context) (*referralPage, error) {
	id, err := pathID[ledger.ReferralID](c, "referral")
	if err != nil {
		return nil, err
	}
	r, err := s.Ledger.Referral(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	p := &referralPage{Page: s.page(c, "referral.title"), R: r, Unit: idText(r.Contact), Decides: r.MayDecide(actor(c)), Strikes: r.MayStrike(actor(c))}
	p.Title, p.Narrow = p.T("referral.one", "Referrer", r.ReferrerIs.In(p.Lang()), "Newcomer", r.Name(p.Lang())), true
	p.Back = templates.Link{Href: "/o/referrals", Label: p.T("referral.title")}
	if p.Decides {
		p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	}
	return p, err
}

func (s *Server) referral(c *gin.Context) error {
	p, err := s.referralPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "referral/one", p)
	return nil
}

func (s *Server) referralAct(c *gin.Context) error {
	p, err := s.referralPage(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request.Context(), actor(c)
	p.No, p.Licence, p.Unit, p.Evidence, p.Why = line(c, "no"), line(c, "licence"), line(c, "unit"), text(c, "evidence"), text(c, "why")
	switch c.Param("act") {
	case "verify":
		err = s.Ledger.Verify(ctx, a, p.R.ID, ledger.Verification{No: p.No, Licence: p.Licence, Unit: formID[org.UnitID](c, "unit"), Evidence: p.Evidence})
	case "refuse":
		err = s.Ledger.RefuseReferral(ctx, a, p.R.ID, p.Why)
	case "strike":
		err = s.Ledger.StrikeReferral(ctx, a, p.R.ID, p.Why)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "referral/one", p, "no", "licence", "unit", "evidence", "why")
	}
	s.redirect(c, "/o/referrals/"+idText(p.R.ID), "saved")
	return nil
}

// creditWords puts an entry that follows from the ledger into words: its evidence is
// the contract and who verified it.
func creditWords(t *locale.Translator, a evaluation.Adjustment) evaluation.Adjustment {
	if a.Credit != nil {
		a.Evidence = t.T("referral.evidence-"+a.Credit.Kind, "Referrer", a.Credit.Referrer.In(t.Lang()), "Investor", a.Credit.Investor, "No", a.Credit.No,
			"Amount", t.Number(a.Credit.Amount.String()), "By", a.Credit.By)
	}
	return a
}
