package care

import (
	"slices"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Areas are the four service areas of one-stop cases (S-21): advice on policies,
// registration, annual inspection, later administration.
var Areas = []string{"advice", "registration", "inspection", "later"}

// Case is a one-stop case (一站式服务): steps in several units, one lead, one contact.
type Case struct {
	ID          int64         `db:"id"`
	Ref         string        `db:"ref"` // YZ-2026-003
	Company     org.CompanyID `db:"company_id"`
	CompanyName org.Names     `db:"company"`
	Area        string        `db:"area"`
	Title       string        `db:"title"`
	Note        string        `db:"note"`
	State       string        `db:"state"` // asked, declined, open, closed
	Lead        org.UnitID    `db:"lead"`  // 0 while it is asked for
	LeadName    org.Names     `db:"lead_name"`
	Contact     string        `db:"contact"`
	Phone       string        `db:"phone"`
	Entered     time.Time     `db:"entered_at"`
	Ended       *time.Time    `db:"ended_at"`
	Ending      string        `db:"ending"`
	Steps       []Step        `db:"-"` // those the reader may see
	Status      Status        `db:"-"`
}

// Step is what one unit does in a case.
type Step struct {
	ID       int64         `db:"id"`
	Case     int64         `db:"case_id"`
	Stage    int           `db:"stage"`
	Unit     org.UnitID    `db:"unit_id"` // 0 where the reader may not know it
	UnitName org.Names     `db:"unit"`
	What     string        `db:"what"`
	Days     int           `db:"days"` // working days
	Shown    bool          `db:"shown"`
	State    string        `db:"state"` // waiting, open, done, dropped
	Due      calendar.Date `db:"due_on"`
	Ended    *time.Time    `db:"ended_at"`
	Ending   string        `db:"ending"`
}

// Ongoing reports whether the step is still to be done.
func (s Step) Ongoing() bool { return s.State == "waiting" || s.State == "open" }

// Status is the one line in which a case stands before its company.
type Status struct {
	Key   string        // onestop.line-<key>: asked, declined, planned, running, late, ready, closed
	Done  int           // steps that are done
	Count int           // steps, without dropped ones
	Due   calendar.Date // when all is expected to be done
	Late  int           // working days by which the step that is latest is overdue
}

// StatusOf reads the line from a case and all its steps, as of the day. Expected is
// the day on which the present stage ends, or today where that is over, and then the
// longest step of each stage to come, in working days of the calendar.
func StatusOf(c Case, steps []Step, cal *calendar.Calendar, today calendar.Date) Status {
	s := Status{Key: c.State}
	ahead := map[int]int{} // stage → its longest step
	for _, x := range steps {
		if x.State == "dropped" {
			continue
		}
		s.Count++
		switch x.State {
		case "done":
			s.Done++
		case "open":
			s.Due = max(s.Due, x.Due)
			s.Late = max(s.Late, cal.Between(x.Due, today))
		case "waiting":
			ahead[x.Stage] = max(ahead[x.Stage], x.Days)
		}
	}
	if c.State != "open" {
		return s
	}
	s.Due = max(s.Due, today)
	for _, days := range ahead {
		s.Due, _ = cal.Add(s.Due, days)
	}
	switch {
	case s.Count == 0:
		s.Key, s.Due = "planned", ""
	case s.Done == s.Count:
		s.Key, s.Due = "ready", ""
	case s.Late > 0:
		s.Key = "late"
	default:
		s.Key = "running"
	}
	return s
}

// CaseDraft is a case as typed. A company asks for it with area, title and note; who
// opens it names the lead and the contact as well.
type CaseDraft struct {
	Company org.CompanyID
	Area    string
	Title   string
	Note    string
	Lead    org.UnitID
	Contact string
	Phone   string
}

// Limits of texts, in characters.
const (
	MaxTitle = 60
	MaxText  = 1000
	MinText  = 2
)

func (d CaseDraft) check(opens bool) error {
	f := fault.Fields{}
	if d.Company == 0 {
		f.Add("company", "onestop.company-missing")
	}
	if !slices.Contains(Areas, d.Area) {
		f.Add("area", "onestop.area-missing")
	}
	f.Length("title", d.Title, 4, MaxTitle)
	f.Length("note", d.Note, 0, MaxText)
	if opens {
		checkContact(f, d.Lead, d.Contact, d.Phone)
	}
	return f.Err()
}

func checkContact(f fault.Fields, lead org.UnitID, contact, phone string) {
	if lead == 0 {
		f.Add("lead", "onestop.lead-missing")
	}
	f.Length("contact", contact, 2, 40)
	f.Length("phone", phone, 5, 30)
	if strings.Trim(phone, "0123456789+-() 转") != "" {
		f.Add("phone", "onestop.phone-wrong")
	}
}

// StepDraft is a step as typed.
type StepDraft struct {
	Unit     org.UnitID
	What     string
	Days     int  // working days, 1 to 60
	Together bool // at the same time as the step before
	Shown    bool
}

func (d StepDraft) check() error {
	f := fault.Fields{}
	if d.Unit == 0 {
		f.Add("unit", "onestop.unit-missing")
	}
	f.Length("what", d.What, 4, 200)
	if d.Days < 1 || d.Days > 60 {
		f.Add("days", "onestop.days-wrong")
	}
	return f.Err()
}

// May reports whether the actor may do the act to the case as it stands: open (name the
// lead of a case asked for, or decline it), plan (add and drop steps, show them, change
// the contact), close. It needs all steps of the case.
func (c Case) May(a org.Actor, act string) bool {
	switch act {
	case "open":
		return a.IsOffice() && c.State == "asked"
	case "plan":
		return a.OfUnit(c.Lead) && c.State == "open"
	case "close":
		return a.OfUnit(c.Lead) && c.State == "open" && c.Status.Key == "ready"
	}
	return false
}

// MayFinish reports whether the actor may report the step as done.
func (s Step) MayFinish(a org.Actor) bool { return a.OfUnit(s.Unit) && s.State == "open" }
