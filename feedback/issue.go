package feedback

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// IssueID numbers an issue.
type IssueID int64

// Issue is a problem or demand (诉求) of a company, owned by a unit until the
// company says it is solved.
type Issue struct {
	ID           IssueID       `db:"id"`
	Ref          string        `db:"ref"` // NJ-2026-0187
	Origin       Origin        `db:"origin"`
	Company      org.CompanyID `db:"company_id"` // 0: the chamber, or nobody
	CompanyName  org.Names     `db:"company"`    // empty when the actor may not learn it
	Category     int           `db:"category"`
	Title        string        `db:"title"`
	Body         string        `db:"body"`
	Wish         string        `db:"wish"`
	Place        string        `db:"place"`
	Since        calendar.Date `db:"since_on"`
	AskedUnit    org.UnitID    `db:"asked_unit"`
	NameShown    string        `db:"name_shown"`
	Lang         string        `db:"lang"`
	RaisedBy     org.AccountID `db:"raised_by"`
	RaisedAt     time.Time     `db:"raised_at"`
	State        State         `db:"state"`
	Grade        string        `db:"grade"` // A, B, C; "" before registration
	Lead         org.UnitID    `db:"lead_unit"`
	LeadName     org.Names     `db:"lead"`
	Registered   *time.Time    `db:"registered_at"`
	RegisterDue  time.Time     `db:"register_due"`
	SignDue      *time.Time    `db:"sign_due"`
	Signed       *time.Time    `db:"signed_at"`
	RespondDue   *time.Time    `db:"respond_due"`
	Responded    *time.Time    `db:"responded_at"`
	Deadline     *time.Time    `db:"deadline"` // the instant after the last day
	DeadlineOn   calendar.Date `db:"deadline_on"`
	Calendar     int64         `db:"calendar_version"`
	Provisional  bool          `db:"provisional"`
	Answered     *time.Time    `db:"answered_at"`
	Refusals     int           `db:"refusals"`
	Queued       *time.Time    `db:"queued_at"`
	QueueReason  string        `db:"queue_reason"`
	Result       string        `db:"result"`
	Verdict      string        `db:"verdict"`
	Satisfied    string        `db:"satisfaction"`
	Closed       *time.Time    `db:"closed_at"`
	Excluded     *time.Time    `db:"excluded_at"`
	ExcludedWhy  string        `db:"excluded_why"`
	LastEvent    int64         `db:"last_event"` // version: the number of the last event
	Proposed     org.UnitID    `db:"proposed_unit"`
	Proposers    Units         `db:"proposers"`
	Cooperating  Units         `db:"cooperating"`
	Officer      org.AccountID `db:"officer"`
	OfficerName  string        `db:"officer_name"`
	Arbitrated   bool          `db:"arbitrated"`
	RefusedNamed bool          `db:"refused_named"`
	ArbitrateDue *time.Time    `db:"arbitrate_due"`
	Paused       *time.Time    `db:"paused_at"`
	PauseReason  string        `db:"pause_reason"`
	Extension    string        `db:"extension"` // asked, granted, denied
	ExtDays      int           `db:"extension_days"`
	FeedbackDue  *time.Time    `db:"feedback_due"`
	CallbackDue  *time.Time    `db:"callback_due"` // nil: called back, or nothing to call about
	ReopenUntil  *time.Time    `db:"reopen_until"`
	ReviewDue    *time.Time    `db:"review_due"`
	Reopened     int           `db:"reopened"`
	ReopensFound int           `db:"reopens_found"`
	Obstacle     string        `db:"obstacle"`
	Special      bool          `db:"special"`
	OrderNo      string        `db:"order_no"` // the latest order; "" without one
	OrderState   string        `db:"order_state"`
	OrderDue     *time.Time    `db:"order_deadline"`
	OrderDueOn   calendar.Date `db:"order_deadline_on"`
	held         bool          // the reader has shown the code of this anonymous issue
}

// The choices of an issue.
var (
	Grades     = []string{"A", "B", "C"}
	NameShowns = []string{"unit", "offices", "chamber"}
	Results    = []string{"solved", "partly", "cannot"}
	Verdicts   = []string{"solved", "partly", "not"}
)

// Categories counts the categories of issues, 1 to Categories; CategoryObstacle is
// that of a unit that puts obstacles in the way, which comes first.
const (
	Categories       = 17
	CategoryObstacle = 16
)

// EnvironmentOf maps a category to the one of the four environments it belongs
// to: market, service, law, policy.
func EnvironmentOf(category int) string {
	switch category {
	case 6, 7, 8, 9:
		return "market"
	case 1, 5, 13:
		return "policy"
	case 4, 10, 11, 12:
		return "law"
	}
	return "service"
}

// DaysOf are the working days to solve an issue of a grade.
func DaysOf(grade string) int {
	switch grade {
	case "A":
		return 30
	case "B":
		return 15
	}
	return 5
}

// Limits of an issue's texts, in characters.
const (
	MaxTitle  = 40
	MinBody   = 20
	MaxBody   = 2000
	MinAnswer = 20
	MaxAnswer = 2000
	MinReason = 5
	MaxReason = 500
	MaxPlace  = 80
)

// IssueDraft is an issue as a company raises it.
type IssueDraft struct {
	Category  int
	Title     string
	Body      string
	Wish      string
	Place     string
	Since     string // date as typed; "" not said
	AskedUnit org.UnitID
	NameShown string
	Lang      string
	Files     []File
}

// Check says what is wrong with the draft, by field.
func (d IssueDraft) Check(today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	if d.Category < 1 || d.Category > Categories {
		f.Add("category", "issue.category-missing")
	}
	f.Length("title", d.Title, 4, MaxTitle)
	f.Length("body", d.Body, MinBody, MaxBody)
	f.Length("wish", d.Wish, 0, MaxReason)
	f.Length("place", d.Place, 0, MaxPlace)
	if !slices.Contains(NameShowns, d.NameShown) {
		f.Add("name_shown", "issue.name-shown-missing")
	}
	var since calendar.Date
	if d.Since != "" {
		var err error
		if since, err = calendar.ParseDate(d.Since); err != nil {
			f.Add("since", "issue.since-no-date")
		} else if since > today {
			f.Add("since", "issue.since-ahead")
		}
	}
	if len(d.Files) > MaxFiles {
		f.Add("files", "file.too-many", "Count", MaxFiles)
	}
	return since, f
}

// MayName reports whether the actor may learn which company raised the issue.
// Above its own people it is the company's choice: the unit in charge and the
// leading group, the offices alone, or the chamber alone.
func (i Issue) MayName(a org.Actor) bool {
	switch {
	case i.Origin != FromCompany:
		return true // the chamber's name is no secret, and nobody has none
	case a.Role == org.RoleCompany:
		return a.Company == i.Company
	case a.Role == org.RoleChamber:
		return true
	case isDuty(a):
		return i.NameShown != "chamber"
	case a.Is(org.RoleHead, org.RoleOfficer), a.IsLeader():
		return i.NameShown == "unit"
	}
	return false
}

// Event is one step in the life of an issue. The company sees roles, not names.
type Event struct {
	ID       int64     `db:"id"`
	At       time.Time `db:"at"`
	Role     string    `db:"role"`
	Actor    string    `db:"actor"` // name; "" for the clock and for readers who see roles only
	Unit     org.Names `db:"unit"`
	Kind     Act       `db:"kind"`
	Body     string    `db:"body"`
	Internal bool      `db:"internal"`
	Data     []byte    `db:"data"`
}
