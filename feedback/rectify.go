package feedback

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Working days of a rectification, by the default rules.
const (
	DaysRectifyAnswer = 5  // until the company is answered
	DaysRectify       = 15 // until it is put right
	daysRectifyAgain  = 5  // at least these remain after a call-back sent it back
)

// LeastSheets is over how many companies' sheets a general notice goes at least.
const LeastSheets = 5

// The states of a rectification.
const (
	RectifyOpen     = "open"     // with the two offices
	RectifyHanded   = "handed"   // with the unit, which knows the visit
	RectifyReported = "reported" // measures are taken: the office calls back
	RectifyClosed   = "closed"   // the company is satisfied, or partly
	RectifyUnsolved = "unsolved" // twice not: the company may make it an issue
	RectifyIssue    = "issue"    // it did
	RectifyDropped  = "dropped"  // the company changed its sheet
)

// RectifyStates are the states in the order of a life.
var RectifyStates = []string{RectifyOpen, RectifyHanded, RectifyReported, RectifyClosed, RectifyUnsolved, RectifyIssue, RectifyDropped}

// RectifyVerdicts are what a company may say when it is called back.
var RectifyVerdicts = []string{"satisfied", "partly", "not"}

// Rectification (整改) is what follows a sheet on which a company was dissatisfied: the
// company is answered within five working days and the matter put right within fifteen.
type Rectification struct {
	ID        int64         `db:"id"`
	Ref       string        `db:"ref"`
	Sheet     SheetID       `db:"sheet_id"`
	SheetNo   string        `db:"sheet_no"`
	Visit     VisitID       `db:"visit_id"`
	VisitedOn calendar.Date `db:"visited_on"`
	Unit      org.UnitID    `db:"unit_id"`
	UnitName  org.Names     `db:"unit"`
	Company   org.CompanyID `db:"company_id"`
	CompName  org.Names     `db:"company"`
	Area      string        `db:"area"`
	Named     bool          `db:"named"`   // the unit may learn whose sheet it is
	Release   string        `db:"release"` // what of its words
	Lang      string        `db:"lang"`
	Opinion   string        `db:"opinion"`
	Suggest   string        `db:"suggestion"`
	Q1        *string       `db:"q1"`
	Q2        *string       `db:"q2"`
	Q3        *string       `db:"q3"`
	Q4        *string       `db:"q4"`
	Opened    time.Time     `db:"opened_at"`
	Calendar  int64         `db:"calendar_version"`
	AnswerOn  calendar.Date `db:"answer_on"`
	DueOn     calendar.Date `db:"due_on"`
	State     string        `db:"state"`
	Round     int           `db:"round"`
	Answered  *time.Time    `db:"answered_at"`
	Handed    *time.Time    `db:"handed_at"`
	Agreed    []string      `db:"-"`        // of the sheet, as both offices agreed the unit may read them
	Notice    string        `db:"notice"`   // the general notice's number; "" none
	Measures  string        `db:"measures"` // what the unit answered to the notice
	Verdict   string        `db:"verdict"`
	Closed    *time.Time    `db:"closed_at"`
	Issue     string        `db:"issue"`
}

// Over reports whether nothing more is to be done.
func (r Rectification) Over() bool { return r.Closed != nil }

// Waits is the day the rectification's next limit ends: the answer's while there is none.
func (r Rectification) Waits() calendar.Date {
	if r.Answered == nil && r.AnswerOn < r.DueOn {
		return r.AnswerOn
	}
	return r.DueOn
}

// Weak are the items of the sheet on which the company was dissatisfied.
func (r Rectification) Weak() []string {
	var out []string
	for i, q := range []*string{r.Q1, r.Q2, r.Q3, r.Q4} {
		if q != nil && (*q == "d" || *q == "vd") {
			out = append(out, SheetItems[i])
		}
	}
	return out
}

// forUnit leaves what the unit may read: the visit, which the company allowed it to know, the
// weak items and the words both offices agreed on.
func (r Rectification) forUnit() Rectification {
	r.Opinion, r.Suggest, r.SheetNo, r.Sheet, r.Answered, r.Notice, r.Measures = "", "", "", 0, nil, "", ""
	return r
}

// forCompany leaves what its company sees; what passes between office and unit is not among it.
func (r Rectification) forCompany() Rectification {
	r.Agreed, r.Measures, r.Notice = nil, "", ""
	return r
}

// RectifyEvent is something that happened to a rectification.
type RectifyEvent struct {
	ID       int64         `db:"id"`
	Kind     string        `db:"kind"`
	At       time.Time     `db:"at"`
	Actor    string        `db:"actor"` // name; "" for the unit and the company
	Text     string        `db:"text"`
	CalledOn calendar.Date `db:"called_on"`
	Person   string        `db:"person"`
	Verdict  string        `db:"verdict"`
}

// the kinds of events each side reads; the offices and the supervision office read all
var (
	unitReads    = []string{"hand", "report", "callback"}
	companyReads = []string{"open", "allow", "answer", "report", "callback", "issue", "drop"}
)

// eventsFor leaves the events an actor may read, as he may read them.
func eventsFor(by org.Actor, all []RectifyEvent) []RectifyEvent {
	reads := unitReads
	switch {
	case isDuty(by):
		return all
	case by.Role == org.RoleCompany:
		reads = companyReads
	}
	var out []RectifyEvent
	for _, e := range all {
		if !slices.Contains(reads, e.Kind) {
			continue
		}
		e.Actor = ""
		if by.Role != org.RoleCompany && e.Kind != "report" {
			e.Text, e.Person = "", "" // what the company was told, and who told it
		}
		out = append(out, e)
	}
	return out
}

// RectifyCall is an office's call to the company after measures were taken.
type RectifyCall struct {
	On      string // day as typed
	Person  string // whom the office spoke to
	Verdict string
	Text    string // the answer to the company
}

func (b RectifyCall) check(r Rectification, today calendar.Date) (calendar.Date, error) {
	f := fault.Fields{}
	on, err := calendar.ParseDate(b.On)
	switch {
	case err != nil:
		f.Add("on", "visit.date-missing")
	case on > today:
		f.Add("on", "visit.date-ahead")
	case on < calendar.DateOf(r.Opened):
		f.Add("on", "rectify.date-before")
	}
	f.Length("person", b.Person, 1, maxStaff)
	if !slices.Contains(RectifyVerdicts, b.Verdict) {
		f.Add("verdict", "rectify.verdict-missing")
	}
	f.Length("text", b.Text, MinReason, MaxText)
	return on, f.Err()
}

// reminder is a step of the ladder a rectification climbs while nobody acts.
type reminder struct {
	step string
	on   calendar.Date
}

// reminders are the steps of a rectification in its present state: the day before the limit,
// the day after it, the third day after it.
func (r Rectification) reminders(cal *calendar.Calendar) []reminder {
	if r.Over() {
		return nil
	}
	third, _ := cal.Add(r.DueOn, 3)
	steps := []reminder{{"due", before(cal, r.DueOn)}, {"over", cal.Next(r.DueOn.AddDays(1))}, {"supervision", third}}
	if r.Answered == nil && r.AnswerOn < r.DueOn {
		steps = append([]reminder{{"answer", before(cal, r.AnswerOn)}, {"answer-over", cal.Next(r.AnswerOn.AddDays(1))}}, steps...)
	}
	return steps
}

// before is the last working day before a day.
func before(cal *calendar.Calendar, d calendar.Date) calendar.Date {
	for d = d.AddDays(-1); !cal.IsWorkingDay(d); d = d.AddDays(-1) {
	}
	return d
}

// due picks the last step that has come, and when to look again; zero values: none.
func due(steps []reminder, today calendar.Date) (now string, next *time.Time) {
	for _, s := range steps {
		if s.on <= today {
			now = s.step
			continue
		}
		at := s.on.Time()
		return now, &at
	}
	return now, nil
}

// RectifyNotice is a general notice (整改通知): a unit is told that its service is to be put
// right, on which items, and neither by whom nor when nor in what words.
type RectifyNotice struct {
	ID       int64         `db:"id"`
	Ref      string        `db:"ref"`
	Unit     org.UnitID    `db:"unit_id"`
	UnitName org.Names     `db:"unit"`
	Items    []string      `db:"-"`
	Month    calendar.Date `db:"month"`
	Sent     time.Time     `db:"sent_at"`
	DueOn    calendar.Date `db:"due_on"`
	State    string        `db:"state"` // sent, reported, accepted
	Measures string        `db:"measures"`
	Reported *time.Time    `db:"reported_at"`
	Returned string        `db:"returned"`
	Accepted *time.Time    `db:"accepted_at"`
}

// commonWeak are the items two companies or more were dissatisfied with; one company's answers are never told.
func commonWeak(all []Rectification) []string {
	by := map[string]map[org.CompanyID]bool{}
	for _, r := range all {
		for _, q := range r.Weak() {
			if by[q] == nil {
				by[q] = map[org.CompanyID]bool{}
			}
			by[q][r.Company] = true
		}
	}
	out := []string{}
	for _, q := range SheetItems {
		if len(by[q]) > 1 {
			out = append(out, q)
		}
	}
	return out
}
