package ledger

import (
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// TaskID numbers a task.
type TaskID int64

// The kinds of tasks.
const (
	TaskFunds = "funds" // an amount to arrive in the year
	TaskItem  = "item"  // something to be done by a day
)

// Notice is the task notice of a year (任务通知).
type Notice struct {
	Year   int           `db:"year"`
	No     string        `db:"notice_no"`
	Title  string        `db:"title"`
	On     calendar.Date `db:"noticed_on"`
	Target Amount        `db:"target"` // of the county; 0: none set
	Issued *time.Time    `db:"issued_at"`
	By     string        `db:"by"`
	File   string        `db:"file_name"`
}

// Task is a unit's share of the year's work.
type Task struct {
	ID          TaskID        `db:"id"`
	Year        int           `db:"year"`
	Unit        org.UnitID    `db:"unit_id"`
	UnitName    org.Names     `db:"unit"`
	Kind        string        `db:"kind"`
	Title       string        `db:"title"`
	Target      Amount        `db:"target"`
	Due         calendar.Date `db:"due_on"`
	Responsible string        `db:"responsible"`
	Done        calendar.Date `db:"done_on"`
	Evidence    string        `db:"evidence"`
	Arrived     Amount        `db:"arrived"` // of a funds task: on contracts the unit is contact unit of, in the year
	Amended     int           `db:"amended"` // how often an issued task was changed
}

// State says how a task stands on a day: done, overdue or open.
func (t Task) State(today calendar.Date) string {
	switch {
	case t.Kind == TaskFunds && t.Arrived >= t.Target, t.Done != "":
		return "done"
	case t.Due < today:
		return "overdue"
	}
	return "open"
}

// InTime reports whether an item was done by its day.
func (t Task) InTime() bool { return t.Done != "" && t.Done <= t.Due }

// Figures are what a unit's tasks of a year come to, for component W.
type Figures struct {
	Unit    org.UnitID
	Funds   bool   // it has a target of funds
	Target  Amount // 万元
	Arrived Amount
	Due     int // items due by the day asked
	Done    int // of these, done in time
}

// Sum of a unit's tasks: items count once their day has come.
func (f *Figures) add(t Task, today calendar.Date) {
	switch {
	case t.Kind == TaskFunds:
		f.Funds, f.Target, f.Arrived = true, f.Target+t.Target, f.Arrived+t.Arrived
	case t.Due <= today || t.Done != "":
		f.Due++
		if t.InTime() {
			f.Done++
		}
	}
}

// Shared is the county's target held against the sum of its units' targets (S-01).
type Shared struct {
	Target, Sum Amount
	Missing     Amount // target less sum: above zero not yet shared out, below it too much
}

// Share compares the county's target with the tasks.
func Share(n Notice, tasks []Task) Shared {
	s := Shared{Target: n.Target}
	for _, t := range tasks {
		s.Sum += t.Target
	}
	s.Missing = s.Target - s.Sum
	return s
}

// NoticeDraft is a notice as typed.
type NoticeDraft struct{ No, Title, On, Target string }

// Check reads a draft and says what is wrong with it, by field.
func (d NoticeDraft) Check(today calendar.Date) (Notice, fault.Fields) {
	f := fault.Fields{}
	n := Notice{No: strings.TrimSpace(d.No), Title: strings.TrimSpace(d.Title)}
	f.Length("no", n.No, 1, MaxNo)
	f.Length("title", n.Title, 2, MaxTitle)
	if d.On == "" {
		f.Add("on", "ledger.day-missing")
	} else {
		n.On = day(f, "on", d.On, today)
	}
	if d.Target != "" {
		var ok bool
		if n.Target, ok = ParseAmount(d.Target); !ok || n.Target <= 0 {
			f.Add("target", "ledger.amount-wrong")
		}
	}
	return n, f
}

// TaskDraft is a task as typed.
type TaskDraft struct{ Unit, Kind, Title, Target, Due, Responsible, Why string }

// Check reads a draft of a year's task and says what is wrong with it, by field.
func (d TaskDraft) Check(year int) (Task, fault.Fields) {
	f := fault.Fields{}
	t := Task{Year: year, Kind: d.Kind, Title: strings.TrimSpace(d.Title), Responsible: strings.TrimSpace(d.Responsible)}
	if d.Kind != TaskFunds && d.Kind != TaskItem {
		f.Add("kind", "ledger.choose")
	}
	f.Length("title", t.Title, 2, MaxTitle)
	f.Length("responsible", t.Responsible, 2, 60)
	var err error
	if t.Due, err = calendar.ParseDate(d.Due); err != nil {
		f.Add("due", "ledger.day-wrong")
	} else if t.Due.Year() != year {
		f.Add("due", "task.due-other-year", "Year", year)
	}
	if d.Kind == TaskFunds {
		var ok bool
		if t.Target, ok = ParseAmount(d.Target); !ok || t.Target <= 0 {
			f.Add("target", "ledger.amount-wrong")
		}
	}
	return t, f
}
