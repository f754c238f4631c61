package server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/templates"
)

// The ballot host knows no company: no session, no cookie of the portal, no
// access log. All answers travel in the form from page to page, so nothing is
// kept before a ballot is cast, and every page works without script.

// ballotLimit is the largest form of a ballot: 62 units with full comments fit.
const ballotLimit = 512 << 10

// ballotHost answers the ballot host.
func (s *Server) ballotHost() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.ballotGuard(s.ballotStart))
	mux.HandleFunc("GET /b/{campaign}", s.ballotGuard(s.ballotCard))
	mux.HandleFunc("POST /b/{campaign}", s.ballotGuard(s.ballotStep))
	mux.HandleFunc("GET /r/{hash}", s.ballotGuard(s.receipt))
	mux.HandleFunc("GET /r/{hash}/{file}", s.ballotGuard(s.receiptFile))
	mux.HandleFunc("GET /check", s.ballotGuard(s.checkForm))
	mux.HandleFunc("POST /check", s.ballotGuard(s.check))
	mux.HandleFunc("/", s.ballotGuard(func(b *ballotRequest) error { return errNotFound }))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	return securityHeaders(s.Secure, guard.Handler(mux))
}

// ballotRequest is a request to the ballot host.
type ballotRequest struct {
	s *Server
	w http.ResponseWriter
	r *http.Request
	t *locale.Translator
}

// ballotPage is any page of the ballot host.
type ballotPage struct {
	templates.Page
	Notice   ballotbox.Notice
	Campaign ballotbox.CampaignID
	Open     []ballotbox.Notice
	Card     string
	Step     string
	Unit     ballotbox.Unit // the unit being rated
	UnitNo   int            // its place among the picked ones
	Form     *ballotbox.Form
	Lines    map[org.UnitID]ballotbox.Line
	Picked   []org.UnitID
	Search   string
	Carry    []field // hidden fields: everything said so far
	Word     string  // the rater's own word
	Classes  []ballotClass
	Message  string
	Status   int
	Declared bool
	Rated    int
}

// ballotGuard limits how often a source may post, reads the language and turns an
// error into a page. It writes no log line of a request: errors alone are logged,
// without anything of the ballot.
func (s *Server) ballotGuard(do func(*ballotRequest) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lang := r.URL.Query().Get("lang")
		b := &ballotRequest{s: s, w: w, r: r}
		defer b.recovered()
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, ballotLimit)
			if err := r.ParseForm(); err != nil {
				b.t = s.catalogue.In(locale.Match(r.Header.Get("Accept-Language")))
				b.fail(err)
				return
			}
			lang = r.PostForm.Get("lang")
		}
		if !locale.Known(lang) {
			lang = locale.Match(r.Header.Get("Accept-Language"))
		}
		b.t = s.catalogue.In(lang)
		if r.Method == http.MethodPost && !s.limiter.allow(r, s.Now()) {
			b.fail(fault.New(fault.TooMany, "error.too-many", "Seconds", 30))
			return
		}
		if err := do(b); err != nil {
			b.fail(err)
		}
	}
}

// recovered turns a panic into the apology page. Left to the server it would be
// logged with the address it came from and the value it was about.
func (b *ballotRequest) recovered() {
	r := recover()
	if r == nil {
		return
	}
	b.s.log.Error("ballot request panicked", "type", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
	if b.t == nil {
		b.t = b.s.catalogue.In(locale.Match(""))
	}
	b.fail(errPanic)
}

// page starts a page of the ballot host.
func (b *ballotRequest) page(titleKey string, args ...any) *ballotPage {
	p := &ballotPage{Page: templates.Page{Translator: b.t, Title: b.t.T(titleKey, args...), Path: b.r.URL.Path, Home: b.s.BaseURL, Ballot: true, Narrow: true,
		Large: b.r.URL.Query().Get("large") == "1" || b.value("large") == "1", Idem: randomKey(), Fixed: b.r.Method == http.MethodPost, Now: b.t.DateTime(b.s.Now())}}
	return p
}

func (b *ballotRequest) value(name string) string {
	if b.r.PostForm == nil {
		return ""
	}
	return b.r.PostForm.Get(name)
}

// show writes a page. Back must show it again without asking, so it may stay in
// the browser of the rater, and nowhere else.
func (b *ballotRequest) show(status int, name string, p *ballotPage) { b.write(status, name, p) }

// write is show for a page with a struct of its own around ballotPage.
func (b *ballotRequest) write(status int, name string, p any) {
	body, err := b.s.pages.Render(name, p)
	if err != nil {
		b.s.log.Error("render failed", "page", name, "error", err)
		http.Error(b.w, b.t.T("error.internal", "Ref", "-"), http.StatusInternalServerError)
		return
	}
	h := b.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, max-age=900")
	h.Set("Referrer-Policy", "no-referrer")
	if b.r.Method == http.MethodGet {
		h.Set("Cache-Control", "no-cache")
	}
	b.w.WriteHeader(status)
	_, _ = b.w.Write(body)
}

func (b *ballotRequest) fail(err error) {
	p := b.page("error.title")
	p.Status, p.Message = http.StatusInternalServerError, b.t.T("error.internal", "Ref", "-")
	var tooLarge *http.MaxBytesError
	switch f := fault.Of(err); {
	case f != nil:
		p.Status, p.Message = statusOf(f.Kind), b.s.say(b.t, f.Text)
	case errors.As(err, &tooLarge):
		p.Status, p.Message = http.StatusRequestEntityTooLarge, b.t.T("error.too-large", "Limit", b.t.Size(ballotLimit))
	case postgres.Unreachable(err):
		p.Status, p.Message = http.StatusServiceUnavailable, b.t.T("error.unavailable-page")
		b.s.log.Error("ballot box unreachable")
	default:
		b.s.log.Error("ballot request failed", "error", err)
	}
	b.show(p.Status, "ballot/message", p)
}

// ballotStart lists the campaigns that are open, or leads to the only one.
func (s *Server) ballotStart(b *ballotRequest) error {
	return s.ballotList(b)
}

func (s *Server) ballotList(b *ballotRequest) error {
	p := b.page("ballot.title")
	var err error
	if p.Open, err = s.Box.Campaigns(b.r.Context()); err != nil {
		return err
	}
	b.show(http.StatusOK, "ballot/start", p)
	return nil
}

func (s *Server) notice(b *ballotRequest) (ballotbox.Notice, error) {
	id, err := strconv.ParseInt(b.r.PathValue("campaign"), 10, 32)
	if err != nil {
		return ballotbox.Notice{}, errNotFound
	}
	return s.Box.Notice(b.r.Context(), ballotbox.CampaignID(id))
}

// ballotCard asks for the card. A card link carries it in the fragment, which no
// server sees; a small script puts it into the field.
func (s *Server) ballotCard(b *ballotRequest) error {
	n, err := s.notice(b)
	if err != nil {
		return err
	}
	p := b.page("ballot.title")
	p.setNotice(n)
	status := http.StatusOK
	if !n.Casting(s.Now()) {
		p.Message, status = s.closedWords(b, n), http.StatusGone
		if s.Now().Before(n.From) {
			status = http.StatusOK
		}
	}
	b.show(status, "ballot/card", p)
	return nil
}

func (s *Server) closedWords(b *ballotRequest, n ballotbox.Notice) string {
	if n.Open && s.Now().Before(n.From) {
		return b.t.T("ballot.not-yet", "Date", b.t.DateTime(n.From))
	}
	return b.t.T("ballot.closed")
}

// ballotStep takes a form and shows the next page.
func (s *Server) ballotStep(b *ballotRequest) error {
	n, err := s.notice(b)
	if err != nil {
		return err
	}
	p := b.page("ballot.title")
	p.setNotice(n)
	p.read(b.r.PostForm)
	if k := b.value("idem"); len(k) >= 16 && len(k) <= 64 {
		p.Idem = k
	}
	card, err := ballotbox.ParseCard(n.Campaign, p.Card)
	if err == nil {
		err = s.Box.CheckCard(b.r.Context(), card)
	}
	if !n.Casting(s.Now()) {
		p.Message = s.closedWords(b, n)
		p.Step = "closed"
		p.carry()
		b.show(http.StatusGone, "ballot/check", p)
		return nil
	}
	if err != nil {
		f := fault.Of(err)
		if f == nil {
			return err
		}
		p.problem("card", s.say(b.t, f.Text))
		p.carry("card")
		b.show(http.StatusUnprocessableEntity, "ballot/card", p)
		return nil
	}
	return s.ballotGo(b, p, card)
}

// ballotGo moves from page to page: pick, one page a unit, check, cast.
func (s *Server) ballotGo(b *ballotRequest, p *ballotPage, card ballotbox.Card) error {
	at, _ := strconv.ParseInt(b.value("unit"), 10, 64)
	unit := org.UnitID(at)
	goTo, _, _ := strings.Cut(b.value("go"), ":")
	_, target, _ := strings.Cut(b.value("go"), ":")
	if unit != 0 && (goTo == "next" || goTo == "check") {
		if problems := p.Form.CheckLine(p.Lines[unit]); len(problems) > 0 {
			for _, ind := range p.Form.Indicators {
				if t, ok := problems[ind.Code]; ok {
					p.problem(ind.Code, s.say(b.t, t))
				}
			}
			if t, ok := problems["comment"]; ok {
				p.problem("comment", s.say(b.t, t))
			}
			return s.showUnit(b, p, unit, http.StatusUnprocessableEntity)
		}
	}
	switch goTo {
	case "begin", "next", "previous", "unit":
		if goTo == "unit" {
			n, _ := strconv.ParseInt(target, 10, 64)
			return s.showUnit(b, p, org.UnitID(n), http.StatusOK)
		}
		return s.neighbour(b, p, unit, goTo)
	case "check":
		return s.showCheck(b, p, http.StatusOK)
	case "cast":
		return s.ballotCast(b, p, card)
	}
	return s.showPick(b, p, http.StatusOK)
}

// neighbour shows the unit after or before the present one, or the check page.
func (s *Server) neighbour(b *ballotRequest, p *ballotPage, unit org.UnitID, goTo string) error {
	if len(p.Picked) == 0 {
		p.problem("pick", b.t.T("ballot.pick-one"))
		return s.showPick(b, p, http.StatusUnprocessableEntity)
	}
	i := slices.Index(p.Picked, unit)
	switch goTo {
	case "begin":
		i = slices.IndexFunc(p.Picked, func(u org.UnitID) bool { return len(p.Form.CheckLine(p.Lines[u])) > 0 })
		if i < 0 {
			return s.showCheck(b, p, http.StatusOK)
		}
	case "next":
		i++
	default:
		i--
	}
	switch {
	case i < 0:
		return s.showPick(b, p, http.StatusOK)
	case i >= len(p.Picked):
		return s.showCheck(b, p, http.StatusOK)
	}
	return s.showUnit(b, p, p.Picked[i], http.StatusOK)
}

func (s *Server) showPick(b *ballotRequest, p *ballotPage, status int) error {
	p.Step = "pick"
	if p.Search != "" {
		want := strings.ToLower(p.Search)
		for i := range p.Classes {
			p.Classes[i].Units = slices.DeleteFunc(slices.Clone(p.Classes[i].Units), func(u ballotbox.Unit) bool {
				text := strings.ToLower(u.Code + " " + u.Name.In(p.Lang()) + " " + u.Name.ZH + " " + u.Duties.In(p.Lang()))
				return !strings.Contains(text, want) && !slices.Contains(p.Picked, u.ID)
			})
		}
	}
	p.carry("pick")
	b.show(status, "ballot/pick", p)
	return nil
}

func (s *Server) showUnit(b *ballotRequest, p *ballotPage, unit org.UnitID, status int) error {
	u, ok := p.Form.Unit(unit)
	i := slices.Index(p.Picked, unit)
	if !ok || i < 0 {
		return s.showPick(b, p, http.StatusOK)
	}
	p.Step, p.Unit, p.UnitNo = "unit", u, i+1
	p.Title = u.Name.In(p.Lang())
	p.carry("u" + strconv.FormatInt(int64(unit), 10) + ".")
	b.show(status, "ballot/unit", p)
	return nil
}

func (s *Server) showCheck(b *ballotRequest, p *ballotPage, status int) error {
	p.Step = "check"
	p.Title = p.T("ballot.check")
	p.carry("word")
	b.show(status, "ballot/check", p)
	return nil
}

// ballotCast casts; the receipt comes after the commit, on an address of its own.
func (s *Server) ballotCast(b *ballotRequest, p *ballotPage, card ballotbox.Card) error {
	if !p.Declared {
		p.problem("declare", b.t.T("ballot.declare-missing"))
		return s.showCheck(b, p, http.StatusUnprocessableEntity)
	}
	if f := fault.Of(ballotbox.CheckWord(p.Word)); f != nil {
		p.problem("word", s.say(b.t, f.Text))
		return s.showCheck(b, p, http.StatusUnprocessableEntity)
	}
	r, err := s.Box.Cast(b.r.Context(), card, p.ballot(), p.Word, p.Idem)
	if err != nil {
		f := fault.Of(err)
		status := http.StatusServiceUnavailable
		switch {
		case f != nil:
			p.Alert, status = s.say(b.t, f.Text), statusOf(f.Kind)
		case postgres.Unreachable(err):
			p.Alert = b.t.T("error.unavailable")
			s.log.Error("ballot box unreachable")
		default:
			return err
		}
		return s.showCheck(b, p, status)
	}
	h := r.Leaf.Hash()
	b.redirect(fmt.Sprintf("/r/%x", h[:]), p.Large)
	return nil
}

// redirect answers 303 and keeps language and text size.
func (b *ballotRequest) redirect(path string, large bool) {
	path += "?lang=" + b.t.Lang()
	if large {
		path += "&large=1"
	}
	b.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(b.w, b.r, path, http.StatusSeeOther)
}
