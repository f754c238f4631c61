package server

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/tallykey"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/templates"
)

// tallyRoutes: the tally key, its rehearsal, the tally, the end of the shares.
func (s *Server) tallyRoutes() []route {
	admins := either(offices, only(org.RoleCampaignAdmin))
	holders := either(offices, only(org.RoleSupervision))
	readers := either(offices, only(org.RoleCampaignAdmin, org.RoleSupervision))
	return []route{
		get("/o/campaigns/:campaign/key", admins, s.keyForm),
		post("/o/campaigns/:campaign/key", admins, s.makeKey),
		post("/o/campaigns/:campaign/adopt-key", admins, s.adoptKey),
		get("/o/campaigns/:campaign/rehearsal", holders, s.sharesForm("rehearsal")),
		post("/o/campaigns/:campaign/rehearsal", holders, s.giveShares("rehearsal")),
		get("/o/campaigns/:campaign/tally", holders, s.sharesForm("tally")),
		post("/o/campaigns/:campaign/tally", holders, s.giveShares("tally")),
		get("/o/campaigns/:campaign/result", holders, s.sharesForm("result")),
		postLimit("/o/campaigns/:campaign/result", importLimit, holders, s.giveShares("result")),
		get("/o/campaigns/:campaign/destroy", holders, s.sharesForm("destroy")),
		post("/o/campaigns/:campaign/destroy", holders, s.giveShares("destroy")),
		get("/o/campaigns/:campaign/protocol", readers, s.protocol),
		get("/o/campaigns/:campaign/sealed.json", readers, s.sealedBox),
		get("/o/campaigns/:campaign/result.json", readers, s.resultFile),
	}
}

type keyPage struct {
	templates.Page
	Campaign  evaluation.Campaign
	Key       evaluation.TallyKey
	Holders   string
	Threshold string
	Public    string
	Sheets    []shareSheet // shown once
}

// shareSheet is what one holder gets: printed, folded, kept.
type shareSheet struct {
	Holder string
	Number int
	Text   string
	QR     qrCode
}

func (s *Server) keyPage(c *gin.Context) (*keyPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	p := &keyPage{Page: s.page(c, "key.title"), Threshold: "2"}
	if p.Campaign, err = s.Evaluation.Campaign(c.Request.Context(), id); err != nil {
		return nil, err
	}
	if p.Key, err = s.Evaluation.TallyKey(c.Request.Context(), id); err != nil {
		return nil, err
	}
	p.Holders = strings.Join([]string{p.T("key.holder-supervision"), p.T("key.holder-party"), p.T("key.holder-chamber")}, "\n")
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	return p, nil
}

func (s *Server) keyForm(c *gin.Context) error {
	p, err := s.keyPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "campaign/key", p)
	return nil
}

// makeKey answers with the sheets themselves, not with a redirect: the shares are
// on no address, in no session and in no table.
func (s *Server) makeKey(c *gin.Context) error {
	p, err := s.keyPage(c)
	if err != nil {
		return err
	}
	p.Holders, p.Threshold = text(c, "holders"), line(c, "threshold")
	n, _ := strconv.Atoi(p.Threshold)
	holders := strings.Split(p.Holders, "\n")
	pub, shares, err := s.Evaluation.MakeKey(c.Request.Context(), actor(c), p.Campaign.ID, evaluation.KeyDraft{Threshold: n, Holders: holders})
	if err != nil {
		return s.refuseIn(c, err, "campaign/key", p, "holders", "threshold")
	}
	if p.Key, err = s.Evaluation.TallyKey(c.Request.Context(), p.Campaign.ID); err != nil {
		return err
	}
	if p.Sheets, err = sheets(p.Key.Holders, shares); err != nil {
		return err
	}
	p.Done = p.T("key.made", "Name", pub.Name())
	s.show(c, http.StatusOK, "campaign/key", p)
	return nil
}

func sheets(holders []string, shares []tallykey.Share) ([]shareSheet, error) {
	var out []shareSheet
	for i, sh := range shares {
		one := shareSheet{Holder: holders[i], Number: sh.Number, Text: sh.Text()}
		var err error
		if one.QR, err = drawQR(one.Text); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) adoptKey(c *gin.Context) error {
	p, err := s.keyPage(c)
	if err != nil {
		return err
	}
	p.Holders, p.Public = text(c, "holders"), text(c, "public")
	if err := s.Evaluation.AdoptKey(c.Request.Context(), actor(c), p.Campaign.ID, []byte(p.Public), strings.Split(p.Holders, "\n")); err != nil {
		return s.refuseIn(c, err, "campaign/key", p, "public", "holders", "threshold")
	}
	s.redirect(c, "/o/campaigns/"+idText(p.Campaign.ID), "saved")
	return nil
}

// sharesPage asks two people for their shares, or for their agreement.
type sharesPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Key      evaluation.TallyKey
	Kind     string // rehearsal, tally, result, destroy
	Shares   []string
	Login    string   // of the second person
	Loose    []string // shares of a demo county
}

// wants are the states in which a page of shares is of use.
var wants = map[string]string{"rehearsal": "preparing", "tally": "closed", "result": "closed", "destroy": "tallied"}

func (s *Server) sharesPage(c *gin.Context, kind string) (*sharesPage, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	p := &sharesPage{Page: s.page(c, "shares.title-"+kind), Kind: kind}
	p.Narrow = true
	if p.Campaign, err = s.Evaluation.Campaign(ctx, id); err != nil {
		return nil, err
	}
	if p.Key, err = s.Evaluation.TallyKey(ctx, id); err != nil {
		return nil, err
	}
	if p.Campaign.State != wants[kind] || !p.Key.Made {
		return nil, evaluation.ErrState
	}
	if p.Loose, err = s.Evaluation.DemoShares(ctx, id); err != nil {
		return nil, err
	}
	p.Shares = make([]string, p.Key.Public.Threshold)
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	return p, nil
}

func (s *Server) sharesForm(kind string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.sharesPage(c, kind)
		if err != nil {
			return err
		}
		s.show(c, http.StatusOK, "campaign/shares", p)
		return nil
	}
}

// giveShares does what two people present want done. The second signs in on the
// same page, for this one act.
func (s *Server) giveShares(kind string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := s.sharesPage(c, kind)
		if err != nil {
			return err
		}
		ctx, id := c.Request.Context(), p.Campaign.ID
		p.Login = line(c, "login")
		order := []string{"result"}
		for i := range p.Shares {
			p.Shares[i] = c.PostForm(fmt.Sprintf("share%d", i+1))
			order = append(order, fmt.Sprintf("share%d", i+1))
		}
		order = append(order, "login", "password")
		with, err := s.second(c, p.Login)
		if err == nil {
			switch kind {
			case "rehearsal":
				err = s.Evaluation.Rehearse(ctx, actor(c), with, id, p.Shares)
			case "tally":
				err = s.Evaluation.Tally(ctx, actor(c), with, id, p.Shares)
			case "result":
				var file []byte
				if file, err = uploaded(c, "result"); err == nil {
					err = s.Evaluation.AdoptTally(ctx, actor(c), with, id, file)
				}
			case "destroy":
				err = s.Evaluation.DestroyShares(ctx, actor(c), with, id)
			}
		}
		if err != nil {
			return s.refuseIn(c, err, "campaign/shares", p, order...)
		}
		s.redirect(c, "/o/campaigns/"+idText(id), "shares-"+kind)
		return nil
	}
}

// second is the person who is present beside the one signed in.
func (s *Server) second(c *gin.Context, login string) (org.Actor, error) {
	if login == "" {
		return org.Public, fault.Field("login", "shares.login-missing")
	}
	id, err := s.Org.SignIn(c.Request.Context(), login, c.PostForm("password"), c.ClientIP(), s.knows(c, login))
	if f := fault.Of(err); f != nil {
		return org.Public, &fault.Fault{Kind: fault.Invalid, Text: fault.Text{Key: "error.invalid"}, Fields: fault.Fields{"password": f.Text}}
	}
	if err != nil {
		return org.Public, err
	}
	return s.Org.ActorByID(c.Request.Context(), id)
}

// uploaded reads a small file of a form.
func uploaded(c *gin.Context, field string) ([]byte, error) {
	h, err := c.FormFile(field)
	if err != nil {
		return nil, fault.Field(field, "tally.unreadable")
	}
	f, err := h.Open()
	if err != nil {
		return nil, fmt.Errorf("open the upload: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read the upload: %w", err)
	}
	return b, nil
}

type protocolPage struct {
	templates.Page
	Campaign evaluation.Campaign
	Key      evaluation.TallyKey
	Tally    *evaluation.Tally
	Hash     []string
	Present  []string
}

// protocol is the record of a tally, to be signed by those present.
func (s *Server) protocol(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p := &protocolPage{Page: s.page(c, "protocol.title")}
	if p.Campaign, err = s.Evaluation.Campaign(ctx, id); err != nil {
		return err
	}
	if p.Tally, p.Key, err = s.Evaluation.KeptTally(ctx, id); err != nil {
		return err
	}
	p.Hash = groups(p.Key.TallyHash)
	for _, a := range p.Key.OpenedBy {
		who, err := s.Org.ActorByID(ctx, org.AccountID(a))
		if err != nil {
			return err
		}
		p.Present = append(p.Present, who.OrgName.In(p.Lang())+" · "+who.Name)
	}
	p.Caption = evaluation.CampaignTitle(p.Campaign.Year, p.Campaign.Kind).In(p.Lang())
	p.Back = templates.Link{Href: "/o/campaigns/" + idText(id), Label: p.Caption}
	s.show(c, http.StatusOK, "campaign/protocol", p)
	return nil
}

// sealedBox is the closed box, sealed, for a tally on another machine.
func (s *Server) sealedBox(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	b, err := s.Evaluation.SealedBox(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if err := s.exported(c, fmt.Sprintf("pingyi-sealed-%d.json", id)); err != nil {
		return err
	}
	attach(c, fmt.Sprintf("pingyi-sealed-%d.json", id))
	enc := json.NewEncoder(c.Writer)
	enc.SetEscapeHTML(false)
	return enc.Encode(b)
}

// resultFile is the tally's canonical result, as it was kept.
func (s *Server) resultFile(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	t, k, err := s.Evaluation.KeptTally(c.Request.Context(), id)
	if err != nil {
		return err
	}
	doc, sum, err := t.Canonical()
	if err != nil || hex.EncodeToString(sum[:]) != hex.EncodeToString(k.TallyHash) {
		return fmt.Errorf("the kept tally of campaign %d is not the one that was signed: %v", id, err)
	}
	if err := s.exported(c, fmt.Sprintf("pingyi-result-%d.json", id)); err != nil {
		return err
	}
	attach(c, fmt.Sprintf("pingyi-result-%d.json", id))
	_, err = c.Writer.Write(doc)
	return err
}

func attach(c *gin.Context, name string) {
	c.Header("Content-Type", "application/json")
	c.Header("Content-Disposition", "attachment; filename="+name)
	c.Header("Cache-Control", "no-store")
}
