package server

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/templates"
)

// suggestions is how many companies are offered for an invitation at once.
const suggestions = 24

type meetingPage struct {
	templates.Page
	Base        string
	M           meeting.Meeting
	Units       []org.Names
	Items       []meeting.Item
	Decisions   []decisionRow
	Invitations []meeting.Invitation
	Suggested   []meeting.Forgotten
	Packs       []meeting.Pack
	States      []meeting.State
	Writes      bool
	Today       calendar.Date
	// forms, as typed
	ItemKinds, Companies, UnitChoices, ItemChoices []choice
	Item                                           meeting.ItemDraft
	Company                                        string
	Form                                           meeting.DecisionDraft
	FormItem, FormLead                             string
	FormCoop                                       []string
	Minutes                                        string
	HeldOn                                         string
}

func (s *Server) meetingPage(c *gin.Context) (*meetingPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[meeting.ID](c, "meeting")
	if err != nil {
		return nil, err
	}
	p := &meetingPage{Page: s.meetingFrame(c, "meeting.title"), Base: baseOf(c), States: meeting.States, Writes: meeting.Prepares(a), Today: calendar.DateOf(s.Now())}
	if p.M, err = s.Meeting.Get(ctx, a, id); err != nil {
		return nil, err
	}
	p.Title, p.TitleLang, p.Caption = p.M.Title, "zh-CN", p.T("meeting.kind-"+string(p.M.Kind))
	p.Back = templates.Link{Href: p.Base + "/meetings", Label: p.T("meeting.title")}
	p.HeldOn, p.Item.Kind = string(min(p.Today, p.M.Planned)), "topic"
	if p.Units, err = s.Meeting.Units(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Items, err = s.Meeting.Items(ctx, a, id); err != nil {
		return nil, err
	}
	decisions, err := s.Meeting.Decisions(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p.Decisions = s.decisionRows(c, &p.Page, decisions)
	if p.Invitations, err = s.Meeting.Invitations(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Packs, err = s.Meeting.Packs(ctx, a, id); err != nil {
		return nil, err
	}
	return p, s.meetingChoices(c, p)
}

// meetingChoices fills what the forms of the page offer while they may be used.
func (s *Server) meetingChoices(c *gin.Context, p *meetingPage) error {
	if !p.Writes || (p.M.State != meeting.Called && p.M.State != meeting.Held) {
		return nil
	}
	kinds := []string{"topic"}
	if p.M.Kind == meeting.Dialogue {
		kinds = meeting.ItemKinds
		if p.Item.Kind = "problem"; p.M.State == meeting.Called {
			var err error
			if p.Suggested, err = s.suggested(c, p.Invitations); err != nil {
				return err
			}
		}
	}
	p.ItemKinds = choices(p.Translator, "meeting.item-", kinds)
	for _, i := range p.Invitations {
		p.Companies = append(p.Companies, choice{Value: idText(i.Company), Label: i.Name.In(p.Lang())})
	}
	for _, i := range p.Items {
		p.ItemChoices = append(p.ItemChoices, choice{Value: strconv.FormatInt(i.ID, 10), Label: short(i.Body)})
	}
	var err error
	p.UnitChoices, err = s.unitChoices(c.Request.Context(), p.Translator)
	return err
}

// suggested are the companies longest not invited, without those invited already.
func (s *Server) suggested(c *gin.Context, invited []meeting.Invitation) ([]meeting.Forgotten, error) {
	next, _, err := s.Meeting.Rotation(c.Request.Context(), actor(c), false, 1, suggestions+len(invited))
	return slices.DeleteFunc(next, func(f meeting.Forgotten) bool {
		return slices.ContainsFunc(invited, func(i meeting.Invitation) bool { return i.Company == f.Company })
	}), err
}

// short is the beginning of a text, for a list of choices.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (s *Server) meeting(c *gin.Context) error {
	p, err := s.meetingPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/one", p)
	return nil
}

// meetingAct does one act to a meeting; each has its own form on the meeting's page.
func (s *Server) meetingAct(c *gin.Context) error {
	p, err := s.meetingPage(c)
	if err != nil {
		return err
	}
	ctx, a, id, act := c.Request.Context(), actor(c), p.M.ID, c.Param("act")
	p.Idem = idem(c)
	switch act {
	case "hold":
		p.HeldOn = line(c, "held_on")
		err = s.Meeting.Hold(ctx, a, id, p.HeldOn)
	case "item":
		p.Item, p.Company = meeting.ItemDraft{Kind: c.PostForm("item_kind"), Company: formID[org.CompanyID](c, "company"), Body: text(c, "body")}, line(c, "company")
		err = s.Meeting.AddItem(ctx, a, id, p.Item, p.Idem)
	case "decide":
		p.Form = meeting.DecisionDraft{Text: text(c, "text"), Item: formID[int64](c, "item"), Lead: formID[org.UnitID](c, "lead"), Due: line(c, "due"), IssueRef: line(c, "issue_ref")}
		p.FormItem, p.FormLead = line(c, "item"), line(c, "lead")
		p.FormCoop, p.Form.Cooperating = unitsTyped(c, "cooperating")
		err = s.Meeting.Decide(ctx, a, id, p.Form, p.Idem)
	case "drop":
		err = s.Meeting.Drop(ctx, a, id, formID[int64](c, "decision"))
	case "invite":
		var ids []org.CompanyID
		for _, v := range c.PostFormArray("companies") {
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && len(ids) < 500 {
				ids = append(ids, org.CompanyID(n))
			}
		}
		err = s.Meeting.Invite(ctx, a, id, ids)
	case "minutes":
		p.Minutes = text(c, "minutes")
		err = s.Meeting.IssueMinutes(ctx, a, id, p.Minutes)
	case "close":
		err = s.Meeting.Close(ctx, a, id)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "meeting/one", p, "held_on", "companies", "items", "item_kind", "company", "body", "decisions", "text", "lead", "cooperating", "due", "issue_ref", "minutes")
	}
	s.redirect(c, p.Base+"/meetings/"+idText(id), "meeting-"+act)
	return nil
}

type meetingItemPage struct {
	templates.Page
	Base       string
	M          meeting.Meeting
	Item       meeting.Item
	Reply      string
	Form       feedback.IssueDraft
	Category   string
	Categories []choice
	Shown      []choice
	Raises     bool // may make it an issue
}

func (s *Server) meetingItemPage(c *gin.Context) (*meetingItemPage, error) {
	id, err := pathID[meeting.ID](c, "meeting")
	if err != nil {
		return nil, err
	}
	item, err := pathID[int64](c, "item")
	if err != nil {
		return nil, err
	}
	p := &meetingItemPage{Page: s.meetingFrame(c, "meeting.item"), Base: baseOf(c), Raises: actor(c).IsOffice()}
	p.Narrow = true
	if p.M, err = s.Meeting.Get(c.Request.Context(), actor(c), id); err != nil {
		return nil, err
	}
	if p.Item, err = s.Meeting.Item(c.Request.Context(), actor(c), id, item); err != nil {
		return nil, err
	}
	p.Title = p.T("meeting.item-" + p.Item.Kind)
	p.Back = templates.Link{Href: p.Base + "/meetings/" + idText(id), Label: p.M.Title}
	p.Raises = p.Raises && p.Item.Kind == "problem"
	p.Form = feedback.IssueDraft{Body: p.Item.Body, NameShown: "unit"}
	p.Categories = numbers(p.Translator, "category.", feedback.Categories)
	p.Shown = choices(p.Translator, "issue.shown-", []string{"unit", "offices"})
	return p, nil
}

func (s *Server) meetingItem(c *gin.Context) error {
	p, err := s.meetingItemPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/item", p)
	return nil
}

// meetingItemAct replies to an item or makes a problem an issue.
func (s *Server) meetingItemAct(c *gin.Context) error {
	p, err := s.meetingItemPage(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request.Context(), actor(c)
	switch c.Param("act") {
	case "reply":
		p.Reply = text(c, "reply")
		err = s.Meeting.Reply(ctx, a, p.M.ID, p.Item.ID, p.Reply)
	case "issue":
		p.Category = line(c, "category")
		category, _ := strconv.Atoi(p.Category)
		p.Form = feedback.IssueDraft{Category: category, Title: text(c, "title"), Body: text(c, "body"), Wish: text(c, "wish"), NameShown: c.PostForm("name_shown"), Lang: "zh-CN"}
		_, err = s.Meeting.RaiseIssue(ctx, a, p.M.ID, p.Item.ID, p.Form)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "meeting/item", p, "reply", "category", "title", "body", "wish", "name_shown")
	}
	s.redirect(c, p.Base+"/meetings/"+idText(p.M.ID), "meeting-"+c.Param("act"))
	return nil
}
