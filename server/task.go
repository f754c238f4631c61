package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/templates"
)

// taskRoutes: the year's tasks, shared out by the offices, seen by each unit.
func (s *Server) taskRoutes() []route {
	read := access(func(a org.Actor) bool { return ledger.Reads(a) || ledger.SharesOut(a) })
	set := access(ledger.SharesOut)
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/tasks", read, s.thisYearsTasks("/o/tasks/")),
		get("/o/tasks/:year", read, s.taskBook),
		post("/o/tasks/:year/:act", set, s.taskAct),
		get("/d/tasks", unit, s.thisYearsTasks("/d/tasks/")),
		get("/d/tasks/:year", unit, s.taskBook),
	}
}

// thisYearsTasks leads to the tasks of the present year.
func (s *Server) thisYearsTasks(base string) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		c.Redirect(http.StatusSeeOther, base+strconv.Itoa(calendar.DateOf(s.Now()).Year()))
		return nil
	}
}

// taskPage is a year's tasks: of the county, or of one unit.
type taskPage struct {
	templates.Page
	M          money
	Year       int
	Notice     *ledger.Notice
	Rows       []taskRow
	Shared     ledger.Shared
	Amendments []ledger.Amendment
	Sets       bool
	Form       ledger.NoticeDraft
	Task       ledger.TaskDraft
	Change     ledger.TaskID
	Target     string
	Due        string
	Why        string
	DoneOn     string
	Evidence   string
	Units      []choice
	Kinds      []choice
	Early      int // year before, year after
	Late       int
}

type taskRow struct {
	ledger.Task
	State, Percent string
	Bar            float64
}

func (s *Server) taskPage(c *gin.Context) (*taskPage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &taskPage{Page: s.page(c, "task.title", "Year", year), Year: year, Sets: ledger.SharesOut(a), Early: year - 1, Late: year + 1}
	p.M.Page = &p.Page
	n, err := s.Ledger.Notice(ctx, year)
	switch {
	case errors.Is(err, fault.ErrNotFound):
	case err != nil:
		return nil, err
	case n.Issued != nil || ledger.Reads(a) || p.Sets:
		p.Notice = &n
		p.Form = ledger.NoticeDraft{No: n.No, Title: n.Title, On: string(n.On)}
		if n.Target > 0 {
			p.Form.Target = n.Target.String()
		}
	}
	tasks, err := s.Ledger.Tasks(ctx, a, year)
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.Now())
	for _, t := range tasks {
		r := taskRow{Task: t, State: t.State(today)}
		if x := t.Arrived.Percent(t.Target); x != nil {
			r.Percent = p.Number(ledger.Percent(x, 2))
			r.Bar, _ = x.Float64()
			r.Bar = min(100, r.Bar)
		}
		p.Rows = append(p.Rows, r)
	}
	p.Shared = ledger.Share(n, tasks)
	p.Kinds = choices(p.Translator, "task.kind-", []string{ledger.TaskFunds, ledger.TaskItem})
	if p.Sets {
		if p.Units, err = s.unitChoices(ctx, p.Translator); err != nil {
			return nil, err
		}
	}
	if p.Sets || ledger.Reads(a) {
		p.Amendments, err = s.Ledger.Amendments(ctx, a, year)
	}
	return p, err
}

func (s *Server) taskBook(c *gin.Context) error {
	p, err := s.taskPage(c)
	if err != nil {
		return err
	}
	p.Change = ledger.TaskID(formQuery(c, "task"))
	for _, r := range p.Rows {
		if r.ID == p.Change {
			p.Due = string(r.Due)
			if r.Target > 0 {
				p.Target = r.Target.String()
			}
		}
	}
	s.show(c, http.StatusOK, "ledger/tasks", p)
	return nil
}

// taskAct does what one of the forms of the year's tasks asks.
func (s *Server) taskAct(c *gin.Context) error {
	p, err := s.taskPage(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request.Context(), actor(c)
	p.Idem = idem(c)
	switch c.Param("act") {
	case "notice":
		p.Form = ledger.NoticeDraft{No: text(c, "no"), Title: text(c, "title"), On: line(c, "on"), Target: line(c, "target")}
		err = s.Ledger.SaveNotice(ctx, a, p.Year, p.Form)
	case "issue":
		err = s.Ledger.Issue(ctx, a, p.Year)
	case "add":
		p.Task = ledger.TaskDraft{Unit: line(c, "unit"), Kind: c.PostForm("kind"), Title: text(c, "task_title"), Target: line(c, "task_target"), Due: line(c, "due"), Responsible: text(c, "responsible"), Why: text(c, "task_why")}
		err = renamedFields(s.Ledger.AddTask(ctx, a, p.Year, formID[org.UnitID](c, "unit"), p.Task, p.Idem), map[string]string{"title": "task_title", "target": "task_target", "why": "task_why"})
	case "amend", "drop":
		p.Change, p.Target, p.Due, p.Why = formID[ledger.TaskID](c, "task"), line(c, "new_target"), line(c, "new_due"), text(c, "why")
		err = renamedFields(s.Ledger.Amend(ctx, a, p.Change, p.Target, p.Due, p.Why, c.Param("act") == "drop"), map[string]string{"target": "new_target", "due": "new_due"})
	case "finish":
		p.Change, p.DoneOn, p.Evidence = formID[ledger.TaskID](c, "task"), line(c, "done"), text(c, "evidence")
		err = s.Ledger.Finish(ctx, a, p.Change, p.DoneOn, p.Evidence)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "ledger/tasks", p, "no", "title", "on", "target", "unit", "kind", "task_title", "task_target", "due", "responsible", "task_why", "new_target", "new_due", "why", "done", "evidence")
	}
	s.redirect(c, "/o/tasks/"+strconv.Itoa(p.Year), "saved")
	return nil
}

// renamedFields gives the problems of a form's fields the names the page has for them.
func renamedFields(err error, names map[string]string) error {
	f := fault.FieldsOf(err)
	if f == nil {
		return err
	}
	out := fault.Fields{}
	for field, t := range f {
		if other, ok := names[field]; ok {
			field = other
		}
		out[field] = t
	}
	return out.Err()
}
