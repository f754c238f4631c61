package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/notify"
	"pingyi/org"
	"pingyi/templates"
)

// notifyRoutes: the reader's messages, how he wants to be told, and for the operator
// what could not be sent.
func (s *Server) notifyRoutes() []route {
	operator := only(org.RoleOperator)
	return []route{
		get("/inbox", signedIn, s.messages),
		post("/inbox/read", signedIn, s.readAll),
		get("/m/:notice", signedIn, s.openMessage),
		get("/account/messages", signedIn, s.messageChoices),
		post("/account/messages", signedIn, s.saveMessageChoices),
		post("/account/messages/trial", signedIn, s.trialMessage),
		get("/a/messages", operator, s.letters),
		post("/a/messages/again", operator, s.lettersAgain),
		post("/a/messages/:delivery/:decision", operator, s.decideLetter),
	}
}

// unread counts for the frame what the reader has not read; what leads to this page is
// read by now. A page is worth more than its badge.
func (s *Server) unread(c *gin.Context, a org.Actor) int {
	n, err := s.Notify.Unread(c.Request.Context(), a)
	if err == nil && n > 0 && c.Request.Method == http.MethodGet && !c.GetBool("failed") {
		var seen int
		seen, err = s.Notify.Seen(c.Request.Context(), a, c.Request.URL.Path)
		n -= seen
	}
	if err != nil {
		s.log.WarnContext(c.Request.Context(), "count unread messages", "error", err)
	}
	return max(n, 0)
}

const messagesPerPage = 30

type messagesPage struct {
	templates.Page
	Rows   []notify.Entry
	Only   bool // unread ones alone
	Latest int64
	Pager  templates.Pager
}

func (s *Server) messages(c *gin.Context) error {
	p := messagesPage{Page: s.page(c, "message.title"), Only: c.Query("show") == "unread"}
	p.Narrow = true
	n := pageNumber(c)
	rows, total, err := s.Notify.Inbox(c.Request.Context(), actor(c), p.Translator, p.Only, n, messagesPerPage)
	if err != nil {
		return err
	}
	p.Rows, p.Pager = rows, templates.NewPager("/inbox", c.Request.URL.Query(), n, messagesPerPage, total)
	for _, r := range rows {
		p.Latest = max(p.Latest, r.ID)
	}
	s.show(c, http.StatusOK, "account/inbox", &p)
	return nil
}

func (s *Server) readAll(c *gin.Context) error {
	if err := s.Notify.ReadAll(c.Request.Context(), actor(c), formID[int64](c, "latest")); err != nil {
		return err
	}
	s.redirect(c, "/inbox", "message-read")
	return nil
}

// openMessage leads from a letter, or from the inbox, to the page the message is about.
func (s *Server) openMessage(c *gin.Context) error {
	id, err := pathID[int64](c, "notice")
	if err != nil {
		return err
	}
	link, err := s.Notify.Open(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	if link = local(link); link == "" {
		link = "/inbox"
	}
	s.redirect(c, link, "")
	return nil
}

type messageChoicesPage struct {
	templates.Page
	Groups               []messageGroup
	From, Until, Digest  string
	Hours, Soon          []choice
	Official             bool
	NoEmail, NoPhone     bool // the reader has no address for the channel
	EmailReady, SMSReady bool // the portal has the channel
}

// messageGroup is a group of messages with what is chosen for it.
type messageGroup struct {
	Name, Label, Email string
	SMS                bool
}

func (s *Server) messageChoicesPage(c *gin.Context) (*messageChoicesPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &messageChoicesPage{Page: s.page(c, "message.choose"), EmailReady: slices.Contains(s.Channels, notify.Email), SMSReady: slices.Contains(s.Channels, notify.SMS),
		Official: !a.Is(org.RoleCompany, org.RoleChamber, org.RoleInvited)}
	p.Narrow, p.Back = true, templates.Link{Href: "/inbox", Label: p.T("message.title")}
	own, err := s.Org.Account(ctx, a, a.Account)
	if err != nil {
		return nil, err
	}
	p.NoEmail, p.NoPhone = own.Email == "", own.Phone == ""
	for h := range 24 {
		p.Hours = append(p.Hours, choice{Value: strconv.Itoa(h), Label: p.T("message.hour", "Hour", fmt.Sprintf("%02d", h))})
	}
	for _, w := range []notify.When{notify.Now, notify.Daily, notify.Never} {
		p.Soon = append(p.Soon, choice{Value: string(w), Label: p.T("message.email-" + string(w))})
	}
	return p, nil
}

func (s *Server) messageChoices(c *gin.Context) error {
	p, err := s.messageChoicesPage(c)
	if err != nil {
		return err
	}
	chosen, err := s.Notify.Preferences(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	for _, ch := range chosen.Choices {
		p.Groups = append(p.Groups, messageGroup{Name: ch.Group, Label: p.T("message.group-" + ch.Group), Email: string(ch.Email), SMS: ch.SMS})
	}
	p.From, p.Until, p.Digest = strconv.Itoa(chosen.Hours.QuietFrom), strconv.Itoa(chosen.Hours.QuietUntil), strconv.Itoa(chosen.Hours.Digest)
	s.show(c, http.StatusOK, "account/messages", p)
	return nil
}

// hourOf reads an hour of a form; what is none is no hour of the day.
func hourOf(typed string) int {
	h, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return h
}

func (s *Server) saveMessageChoices(c *gin.Context) error {
	p, err := s.messageChoicesPage(c)
	if err != nil {
		return err
	}
	p.From, p.Until, p.Digest = line(c, "quiet_from"), line(c, "quiet_until"), line(c, "digest")
	chosen := notify.Preferences{Hours: notify.Hours{QuietFrom: hourOf(p.From), QuietUntil: hourOf(p.Until), Digest: hourOf(p.Digest)}}
	order := []string{}
	for _, g := range notify.Groups {
		ch := notify.Choice{Group: g, Email: notify.When(line(c, "email."+g)), SMS: ticked(c, "sms."+g)}
		chosen.Choices, order = append(chosen.Choices, ch), append(order, "email."+g)
		p.Groups = append(p.Groups, messageGroup{Name: g, Label: p.T("message.group-" + g), Email: string(ch.Email), SMS: ch.SMS})
	}
	if err := s.Notify.SavePreferences(c.Request.Context(), actor(c), chosen); err != nil {
		return s.refuseIn(c, err, "account/messages", p, append(order, "quiet_from", "quiet_until", "digest")...)
	}
	s.redirect(c, "/account/messages", "message-saved")
	return nil
}

func (s *Server) trialMessage(c *gin.Context) error {
	if err := s.Notify.Trial(c.Request.Context(), actor(c), idem(c)); err != nil {
		return err
	}
	s.redirect(c, "/account/messages", "message-trial")
	return nil
}

type lettersPage struct {
	templates.Page
	notify.Traffic
	Rows                 []notify.Trouble
	EmailReady, SMSReady bool
	Pager                templates.Pager
}

func (s *Server) letters(c *gin.Context) error {
	p := lettersPage{Page: s.page(c, "message.operator-title"), EmailReady: slices.Contains(s.Channels, notify.Email), SMSReady: slices.Contains(s.Channels, notify.SMS)}
	var err error
	if p.Traffic, err = s.Notify.Traffic(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	n := pageNumber(c)
	if p.Rows, err = s.Notify.Troubles(c.Request.Context(), actor(c), n, messagesPerPage); err != nil {
		return err
	}
	p.Pager = templates.NewPager("/a/messages", c.Request.URL.Query(), n, messagesPerPage, p.Dead+p.Unsure)
	s.show(c, http.StatusOK, "admin/messages", &p)
	return nil
}

func (s *Server) lettersAgain(c *gin.Context) error {
	if err := s.Notify.AgainAll(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	s.redirect(c, "/a/messages", "message-again")
	return nil
}

func (s *Server) decideLetter(c *gin.Context) error {
	id, err := pathID[int64](c, "delivery")
	if err != nil {
		return err
	}
	d := notify.Decision(c.Param("decision"))
	if err := s.Notify.Decide(c.Request.Context(), actor(c), id, d); err != nil {
		return err
	}
	s.redirect(c, "/a/messages", "message-"+string(d))
	return nil
}
