package meeting

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// ID numbers a meeting.
type ID int64

// Kind is what sort of meeting it is.
type Kind string

// The kinds of meetings.
const (
	Coordination Kind = "coordination" // 协调会, on a key project
	OnSite       Kind = "onsite"       // 现场办公, at a key project
	Quarterly    Kind = "quarterly"    // 季度分析会
	Dialogue     Kind = "dialogue"     // 恳谈会, with companies
	Executive    Kind = "executive"    // 政府常务会专题汇报, on a key project
)

// Kinds lists every kind in the order pages show them.
var Kinds = []Kind{Coordination, OnSite, Quarterly, Dialogue, Executive}

// OnProject reports whether a meeting of the kind is about one key project.
func (k Kind) OnProject() bool { return k == Coordination || k == OnSite || k == Executive }

// State is how far a meeting has come: called → held → minutes issued → followed
// up → closed. No state is skipped.
type State string

// The states of a meeting.
const (
	Called   State = "called"
	Held     State = "held"
	Issued   State = "issued"   // minutes issued, decisions run
	Followed State = "followed" // every decision accepted
	Closed   State = "closed"
)

// States lists the states in their order.
var States = []State{Called, Held, Issued, Followed, Closed}

// Meeting is a meeting.
type Meeting struct {
	ID           ID               `db:"id"`
	Kind         Kind             `db:"kind"`
	Title        string           `db:"title"`
	Project      ledger.ProjectID `db:"project_id"`
	ProjectName  org.Names        `db:"project"`
	Year         int              `db:"year"`
	Quarter      int              `db:"quarter"`
	Place        string           `db:"place"`
	Convener     org.AccountID    `db:"convener"`
	ConvenerName string           `db:"convener_name"`
	Planned      calendar.Date    `db:"planned_on"`
	Due          calendar.Date    `db:"due_on"` // of a quarterly meeting
	HeldOn       calendar.Date    `db:"held_on"`
	State        State            `db:"state"`
	Report       string           `db:"report"`
	MinutesNo    string           `db:"minutes_no"`
	Minutes      string           `db:"minutes"`
	IssuedAt     *time.Time       `db:"issued_at"`
	FollowedAt   *time.Time       `db:"followed_at"`
	ClosedAt     *time.Time       `db:"closed_at"`
	Decisions    int              `db:"decisions"`
	Accepted     int              `db:"accepted"`
	Overdue      int              `db:"overdue"` // decisions past their date
}

// Limits of texts, in characters.
const (
	maxTitle   = 60
	maxPlace   = 80
	minText    = 4
	maxText    = 1000
	minMinutes = 10
	maxMinutes = 5000
)

// Draft is a meeting as called.
type Draft struct {
	Kind     Kind
	Title    string
	Project  ledger.ProjectID
	Year     int // with Quarter, of a quarterly meeting
	Quarter  int
	Place    string
	Convener org.AccountID
	On       string // day as typed
	Report   string // to the executive meeting
	Units    []org.UnitID
}

// Check says what is wrong with the draft, by field.
func (d Draft) Check(today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	if !slices.Contains(Kinds, d.Kind) {
		f.Add("kind", "meeting.choose")
	}
	f.Length("title", d.Title, minText, maxTitle)
	f.Length("place", d.Place, 2, maxPlace)
	if d.Kind.OnProject() && d.Project == 0 {
		f.Add("project", "meeting.project-missing")
	}
	if d.Kind == Quarterly && (d.Quarter < 1 || d.Quarter > 4 || d.Year < today.Year()-1 || d.Year > today.Year()+1) {
		f.Add("quarter", "meeting.quarter-missing")
	}
	if d.Kind == Executive {
		f.Length("report", d.Report, minMinutes, maxMinutes)
	}
	if d.Convener == 0 {
		f.Add("convener", "meeting.convener-missing")
	}
	on, err := calendar.ParseDate(d.On)
	switch {
	case err != nil:
		f.Add("on", "meeting.day-missing")
	case on < today.AddDays(-60) || on > today.AddDays(366):
		f.Add("on", "meeting.day-far")
	}
	return on, f
}

// Prepares reports whether the actor may call meetings and write them down: the two
// offices, those who run campaigns, and present members of the leading group.
func Prepares(a org.Actor) bool {
	return a.IsOffice() || a.Is(org.RoleCampaignAdmin) || a.IsLeader()
}

// Reads reports whether the actor may see every meeting.
func Reads(a org.Actor) bool { return Prepares(a) || a.Is(org.RoleSupervision) }

// Convenes reports whether the actor may accept what a meeting decided: its convener
// while he sits in the leading group, and who may sign for the group.
func (m Meeting) Convenes(a org.Actor) bool {
	return a.IsLeader() && (a.Account == m.Convener || a.MaySign())
}

// Item is what was on the table.
type Item struct {
	ID          int64         `db:"id"`
	Meeting     ID            `db:"meeting_id"`
	Kind        string        `db:"kind"`
	Company     org.CompanyID `db:"company_id"`
	CompanyName org.Names     `db:"company"`
	Body        string        `db:"body"`
	Reply       string        `db:"reply"`
	RepliedAt   *time.Time    `db:"replied_at"`
	IssueRef    string        `db:"issue_ref"`
	Decisions   int           `db:"decisions"`
}

// ItemKinds are the sorts of items; all but a topic come from a company.
var ItemKinds = []string{"topic", "opinion", "suggestion", "problem"}

// Status says what became of the item: issue (it has an issue number), decided,
// answered (a reply, or the reason why a problem became no issue), open.
func (i Item) Status() string {
	switch {
	case i.IssueRef != "":
		return "issue"
	case i.Decisions > 0:
		return "decided"
	case i.Reply != "":
		return "answered"
	}
	return "open"
}

// ItemDraft is an item as typed.
type ItemDraft struct {
	Kind    string
	Company org.CompanyID
	Body    string
}

// check says what is wrong with an item of a meeting of the kind.
func (d ItemDraft) check(k Kind) fault.Fields {
	f := fault.Fields{}
	if !slices.Contains(ItemKinds, d.Kind) || (k != Dialogue && d.Kind != "topic") {
		f.Add("item_kind", "meeting.choose")
	}
	if d.Kind != "topic" && d.Company == 0 {
		f.Add("company", "meeting.company-missing")
	}
	f.Length("body", d.Body, minText, maxText)
	return f
}

// Unsettled returns the items that keep minutes from being issued: problems with
// neither an issue number nor a written reason why not (S-27).
func Unsettled(items []Item) []Item {
	var out []Item
	for _, i := range items {
		if i.Kind == "problem" && i.IssueRef == "" && i.Reply == "" {
			out = append(out, i)
		}
	}
	return out
}

// Slot is one of the four analysis meetings of a year.
type Slot struct {
	Year, Quarter int
	Due           calendar.Date // last day on which it is in time
	Provisional   bool          // the year's working days are not all known yet
	Meeting       *Meeting      // nil: not called yet
	State         string        // held, late (held after its day), missed, called, open
}

// Slots returns the four slots of a year: each quarter's meeting is due days working
// days after the quarter ends, and missed when that day passes without it.
func Slots(year, days int, cal *calendar.Calendar, quarterly []Meeting, today calendar.Date) []Slot {
	slots := make([]Slot, 4)
	for q := range slots {
		s := Slot{Year: year, Quarter: q + 1, State: "open"}
		s.Due, s.Provisional = cal.Add(QuarterEnd(year, q+1), days)
		for i, m := range quarterly {
			if m.Kind == Quarterly && m.Year == year && m.Quarter == q+1 {
				s.Meeting = &quarterly[i]
				if m.Due != "" {
					s.Due = m.Due // as of the day it was called: a later notice does not move it
				}
			}
		}
		switch {
		case s.Meeting != nil && s.Meeting.HeldOn != "" && s.Meeting.HeldOn <= s.Due:
			s.State = "held"
		case s.Meeting != nil && s.Meeting.HeldOn != "":
			s.State = "late"
		case today > s.Due:
			s.State = "missed"
		case s.Meeting != nil:
			s.State = "called"
		}
		slots[q] = s
	}
	return slots
}

// QuarterStart is the first day of a quarter.
func QuarterStart(year, quarter int) calendar.Date {
	return calendar.DateOf(time.Date(year, time.Month(3*quarter-2), 1, 12, 0, 0, 0, calendar.Shanghai))
}

// QuarterEnd is the last day of a quarter.
func QuarterEnd(year, quarter int) calendar.Date {
	return calendar.DateOf(time.Date(year, time.Month(3*quarter+1), 0, 12, 0, 0, 0, calendar.Shanghai))
}
