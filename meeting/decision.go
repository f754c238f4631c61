package meeting

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Decision is a decision of a meeting, followed up until the convener accepts it.
type Decision struct {
	ID          int64         `db:"id"`
	No          string        `db:"no"` // JD-2026-004; "" while a draft
	Meeting     ID            `db:"meeting_id"`
	Title       string        `db:"title"` // of the meeting
	Kind        Kind          `db:"kind"`  // of the meeting
	Convener    org.AccountID `db:"convener"`
	MinutesNo   string        `db:"minutes_no"`
	Item        int64         `db:"item_id"`
	Text        string        `db:"text"`
	Lead        org.UnitID    `db:"lead_unit_id"`
	LeadName    org.Names     `db:"lead"`
	Cooperating org.Names     `db:"coop"` // names of the co-operating units, in one line
	DueOn       calendar.Date `db:"due_on"`
	Deadline    *time.Time    `db:"deadline"`
	IssueRef    string        `db:"issue_ref"`
	State       string        `db:"state"` // draft, issued, reported, accepted
	IssuedAt    *time.Time    `db:"issued_at"`
	ReportedAt  *time.Time    `db:"reported_at"`
	AcceptedAt  *time.Time    `db:"accepted_at"`
}

// Overdue reports whether the decision's day has passed without a report.
func (d Decision) Overdue(now time.Time) bool {
	return d.State == "issued" && d.Deadline != nil && !now.Before(*d.Deadline)
}

// Convenes reports whether the actor may accept the decision.
func (d Decision) Convenes(a org.Actor) bool { return Meeting{Convener: d.Convener}.Convenes(a) }

// DecisionEvent is a step in the follow-up of a decision.
type DecisionEvent struct {
	At   time.Time `db:"at"`
	Who  string    `db:"who"`
	Unit org.Names `db:"unit"`
	Kind string    `db:"kind"` // issue, report, return, accept
	Body string    `db:"body"`
}

// DecisionDraft is a decision as typed. While it is a draft the lead and the day may
// be missing; the minutes do not go out before both are there.
type DecisionDraft struct {
	Text        string
	Item        int64
	Lead        org.UnitID
	Cooperating []org.UnitID
	Due         string // day as typed
	IssueRef    string
}

// Check says what is wrong with the draft, by field: a day that is given is a working
// day to come, and the lead does not co-operate with itself.
func (d DecisionDraft) Check(cal *calendar.Calendar, today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	f.Length("text", d.Text, minText, maxText)
	if d.Lead != 0 && slices.Contains(d.Cooperating, d.Lead) {
		f.Add("cooperating", "order.lead-cooperates")
	}
	if d.Due == "" {
		return "", f
	}
	due, err := calendar.ParseDate(d.Due)
	switch {
	case err != nil:
		f.Add("due", "order.date-missing")
	case due <= today:
		f.Add("due", "order.date-past")
	case due > today.AddDays(366):
		f.Add("due", "order.date-far")
	case !cal.IsWorkingDay(due):
		f.Add("due", "order.date-not-worked", "Next", string(cal.Next(due)))
	}
	return due, f
}

// Incomplete counts the decisions that lack the unit in the lead or the day (S-05).
func Incomplete(all []Decision) int {
	n := 0
	for _, d := range all {
		if d.Lead == 0 || d.DueOn == "" {
			n++
		}
	}
	return n
}
