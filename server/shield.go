package server

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback/shield"
	"pingyi/org"
	"pingyi/templates"
)

// shieldRoutes: silent alarms of companies and what the supervision office alone sees.
func (s *Server) shieldRoutes() []route {
	watch := only(org.RoleSupervision)
	company := only(org.RoleCompany)
	return []route{
		get("/alarm", anyone, s.alarmByCode),
		post("/alarm", anyone, s.raiseByCode),
		get("/c/alarm", company, s.ownAlarm),
		post("/c/alarm", company, s.raiseOwn),
		post("/c/alarm/code", company, s.alarmCode),
		get("/o/shield", watch, s.shield),
		get("/o/shield/watches/:watch", watch, s.watch),
		post("/o/shield/watches/:watch", watch, s.decideWatch),
		get("/o/shield/alarms/:alarm", watch, s.alarm),
		post("/o/shield/alarms/:alarm/:step", watch, s.alarmStep),
	}
}

type alarmPage struct {
	templates.Page
	Public  bool // by code, without signing in
	Form    shield.AlarmDraft
	Units   []choice
	Own     []shield.Alarm
	Code    string // shown once
	Sent    string // number of the alarm that was just raised
	Records []shield.Inspection
}

func (s *Server) alarmPage(c *gin.Context, public bool) (*alarmPage, error) {
	p := &alarmPage{Page: s.page(c, "shield.alarm-title"), Public: public}
	p.Narrow = true
	var err error
	if p.Units, err = s.unitChoices(c.Request.Context(), p.Translator); err != nil || public {
		return p, err
	}
	if p.Own, err = s.Shield.OwnAlarms(c.Request.Context(), actor(c)); err != nil {
		return nil, err
	}
	p.Records, _, err = s.Shield.Inspections(c.Request.Context(), actor(c), 1, 50)
	return p, err
}

func (s *Server) alarmByCode(c *gin.Context) error {
	p, err := s.alarmPage(c, true)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/alarm", p)
	return nil
}

// raiseByCode takes an alarm by code. The answer is a page of its own, no address
// holds anything of it.
func (s *Server) raiseByCode(c *gin.Context) error {
	if !s.limiter.allow(c.Request, s.Now()) {
		return fault.New(fault.TooMany, "error.too-many", "Seconds", 30)
	}
	p, err := s.alarmPage(c, true)
	if err != nil {
		return err
	}
	return s.raise(c, org.Public, p)
}

func (s *Server) ownAlarm(c *gin.Context) error {
	p, err := s.alarmPage(c, false)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/alarm", p)
	return nil
}

func (s *Server) raiseOwn(c *gin.Context) error {
	p, err := s.alarmPage(c, false)
	if err != nil {
		return err
	}
	return s.raise(c, actor(c), p)
}

func (s *Server) raise(c *gin.Context, by org.Actor, p *alarmPage) error {
	p.Idem = idem(c)
	p.Form = shield.AlarmDraft{Code: c.PostForm("code"), Unit: formID[org.UnitID](c, "unit"), Text: text(c, "text")}
	no, err := s.Shield.RaiseAlarm(c.Request.Context(), by, p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "shield/alarm", p, "code", "text")
	}
	p.Sent, p.Fixed, p.Form = no, true, shield.AlarmDraft{}
	s.show(c, http.StatusOK, "shield/alarm", p)
	return nil
}

// alarmCode draws a new code and shows it once, as the answer to the post.
func (s *Server) alarmCode(c *gin.Context) error {
	p, err := s.alarmPage(c, false)
	if err != nil {
		return err
	}
	if p.Code, err = s.Shield.NewCode(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	p.Fixed = true
	s.show(c, http.StatusOK, "shield/alarm", p)
	return nil
}

type shieldPage struct {
	templates.Page
	Alarms  []shield.Alarm
	Watches []shield.Watch
}

func (s *Server) shield(c *gin.Context) error {
	ctx, a := c.Request.Context(), actor(c)
	p := shieldPage{Page: s.page(c, "shield.title")}
	s.conduct(&p.Page, a, "/o/shield")
	var err error
	if p.Alarms, err = s.Shield.Alarms(ctx, a); err != nil {
		return err
	}
	if p.Watches, err = s.Shield.Watches(ctx, a); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/desk", &p)
	return nil
}

// rulingPage is what the pages of a flag and of an alarm share.
type rulingPage struct {
	templates.Page
	Units  []choice
	Words  []choice
	Ruling shield.Ruling
	Open   bool
	Unit   string // that retaliation was proven against
	Asked  string // that the company named
}

func (s *Server) rulingPage(c *gin.Context, title string, args ...any) (rulingPage, error) {
	p := rulingPage{Page: s.page(c, title, args...)}
	s.conduct(&p.Page, actor(c), "/o/shield")
	p.Back = templates.Link{Href: "/o/shield", Label: p.T("shield.title")}
	p.Words = choices(p.Translator, "shield.word-", shield.Rulings)
	var err error
	p.Units, err = s.unitChoices(c.Request.Context(), p.Translator)
	return p, err
}

// unitLabel is the name of a unit among the choices.
func (p *rulingPage) unitLabel(id org.UnitID) string {
	i := slices.IndexFunc(p.Units, func(x choice) bool { return x.Value == idText(id) })
	if id == 0 || i < 0 {
		return ""
	}
	return p.Units[i].Label
}

func ruling(c *gin.Context) shield.Ruling {
	return shield.Ruling{Word: c.PostForm("word"), Unit: formID[org.UnitID](c, "unit"), Text: text(c, "text"), Heard: text(c, "heard")}
}

type watchPage struct {
	rulingPage
	Watch   shield.Watch
	Records []shield.Inspection
	Own     string // probabilities in words
	Class   string
}

func (s *Server) watchPage(c *gin.Context) (*watchPage, error) {
	id, err := strconv.ParseInt(c.Param("watch"), 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	w, list, err := s.Shield.OneWatch(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil, err
	}
	p := &watchPage{Watch: w, Records: list}
	if p.rulingPage, err = s.rulingPage(c, "shield.watch-title", "No", w.No()); err != nil {
		return nil, err
	}
	p.Caption, p.Open, p.Unit = p.T("shield.act-"+w.Act), w.State == "open", p.unitLabel(w.Unit)
	v := shield.Judge(w.Counts)
	p.Own = p.Exact(v.Own, 4)
	if v.Class != nil {
		p.Class = p.Exact(v.Class, 4)
	}
	return p, nil
}

func (s *Server) watch(c *gin.Context) error {
	p, err := s.watchPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/watch", p)
	return nil
}

func (s *Server) decideWatch(c *gin.Context) error {
	p, err := s.watchPage(c)
	if err != nil {
		return err
	}
	p.Ruling = ruling(c)
	if err := s.Shield.DecideWatch(c.Request.Context(), actor(c), p.Watch.ID, p.Ruling); err != nil {
		return s.refuseIn(c, err, "shield/watch", p, "word", "unit", "heard", "text")
	}
	s.redirect(c, "/o/shield", "shield-decided")
	return nil
}

type oneAlarmPage struct {
	rulingPage
	Alarm shield.Alarm
	Note  string
}

func (s *Server) oneAlarmPage(c *gin.Context) (*oneAlarmPage, error) {
	x, err := s.Shield.Alarm(c.Request.Context(), actor(c), c.Param("alarm"))
	if err != nil {
		return nil, err
	}
	p := &oneAlarmPage{Alarm: x}
	if p.rulingPage, err = s.rulingPage(c, "shield.alarm-one", "No", x.No); err != nil {
		return nil, err
	}
	p.Open, p.Unit, p.Asked = x.Decided == nil, p.unitLabel(x.Proven), p.unitLabel(x.Unit)
	return p, nil
}

func (s *Server) alarm(c *gin.Context) error {
	p, err := s.oneAlarmPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "shield/one", p)
	return nil
}

func (s *Server) alarmStep(c *gin.Context) error {
	p, err := s.oneAlarmPage(c)
	if err != nil {
		return err
	}
	ctx, a, no := c.Request.Context(), actor(c), p.Alarm.No
	switch c.Param("step") {
	case "note":
		p.Idem, p.Note = idem(c), text(c, "note")
		err = s.Shield.NoteAlarm(ctx, a, no, p.Note, p.Idem)
	case "decide":
		p.Ruling = ruling(c)
		err = s.Shield.DecideAlarm(ctx, a, no, p.Ruling)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "shield/one", p, "note", "word", "unit", "heard", "text")
	}
	s.redirect(c, "/o/shield/alarms/"+no, "shield-"+c.Param("step"))
	return nil
}
