package care

import (
	"regexp"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// Contact is a unit and its person in contact with a project's investor, for a time
// (联系单位, 联系人). A project has exactly one at a time.
type Contact struct {
	Unit     org.UnitID    `db:"unit_id"` // 0: none named yet
	UnitName org.Names     `db:"unit"`
	Person   string        `db:"person"`
	Phone    string        `db:"phone"`
	From     calendar.Date `db:"from_on"`
	Until    calendar.Date `db:"until_on"` // first day of the next one; "" while it lasts
}

// HandoverID numbers a hand-over.
type HandoverID int64

// The states of a hand-over.
const (
	HandoverOpen      = "open"
	HandoverAccepted  = "accepted"
	HandoverDeclined  = "declined"
	HandoverWithdrawn = "withdrawn"
)

// Handover is the proposal that another unit become contact unit, and what became of it.
type Handover struct {
	ID       HandoverID       `db:"id"`
	Project  ledger.ProjectID `db:"project_id"`
	From     org.UnitID       `db:"from_unit_id"`
	FromName org.Names        `db:"from_unit"`
	To       org.UnitID       `db:"to_unit_id"`
	ToName   org.Names        `db:"to_unit"`
	By       org.UnitID       `db:"by_unit_id"` // 0: an office proposed it
	Reason   string           `db:"reason"`
	Proposed time.Time        `db:"proposed_at"`
	State    string           `db:"state"`
	Answer   string           `db:"answer"` // why it was declined
	On       calendar.Date    `db:"on_day"` // accepted: from this day
	Answered *time.Time       `db:"answered_at"`
}

// MayAnswer reports whether the actor is the other side, who accepts or declines.
func (h Handover) MayAnswer(a org.Actor) bool { return h.State == HandoverOpen && a.OfUnit(h.To) }

// MayWithdraw reports whether the actor is of the side that proposed it.
func (h Handover) MayWithdraw(a org.Actor) bool {
	return h.State == HandoverOpen && (a.OfUnit(h.By) || (h.By == 0 && KeepsContacts(a)))
}

// Charge is a project with who is in contact with its investor today.
type Charge struct {
	ID        ledger.ProjectID `db:"id"`
	No        string           `db:"no"`
	org.Names                  // name_zh, name_en, name_ru
	Company   org.CompanyID    `db:"company_id"` // 0: none in the county yet
	CompanyIs org.Names        `db:"company"`
	Investor  string           `db:"investor"`
	State     string           `db:"state"`
	Key       bool             `db:"is_key"`
	Contact   Contact          `db:"contact"`
	Handing   bool             `db:"handing"` // a hand-over is open
	ToMe      bool             `db:"to_me"`   // and waits for the reader's unit
}

// KeepsContacts reports whether the actor may name contact units and propose hand-overs
// of any project.
func KeepsContacts(a org.Actor) bool { return ledger.KeepsProjects(a) }

// Limits of texts, in characters.
const (
	maxContactPerson = 40
	maxHandoverText  = 300
)

var contactPhone = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{4,28}$`)

// ContactDraft is a unit and its person as typed. Unit counts only when the offices
// name the first one; On only when a hand-over is accepted.
type ContactDraft struct {
	Unit          org.UnitID
	Person, Phone string
	On            string // date as typed
}

// person says what is wrong with the person named.
func (d ContactDraft) person() fault.Fields {
	f := fault.Fields{}
	f.Length("person", d.Person, 2, maxContactPerson)
	if !contactPhone.MatchString(d.Phone) {
		f.Add("phone", "contact.phone-form")
	}
	return f
}

// day reads the day of a hand-over: from the day the present contact began to today.
func (d ContactDraft) day(since, today calendar.Date, f fault.Fields) calendar.Date {
	on, err := calendar.ParseDate(d.On)
	switch {
	case err != nil:
		f.Add("on", "contact.day-missing")
	case on > today:
		f.Add("on", "contact.day-ahead")
	case on < since:
		f.Add("on", "contact.day-early", "Date", string(since))
	}
	return on
}
