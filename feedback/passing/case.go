package passing

import (
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// CaseID numbers a case.
type CaseID int64

// Kind is what a case is about.
type Kind string

// The kinds of cases.
const (
	KindLoop     Kind = "loop"     // handed round: suspected by the clock, rule D2
	KindRefusal  Kind = "refusal"  // the unit named by arbitration refused: rule D3
	KindObstacle Kind = "obstacle" // obstacle, arbitrary fee, fine or inspection: rule D4
)

// Rule is the deduction an upheld finding of the kind becomes.
func (k Kind) Rule() string {
	switch k {
	case KindRefusal:
		return "D3"
	case KindObstacle:
		return "D4"
	}
	return "D2"
}

// The states of a case: suspected (units may reply), found, decided (an upheld one:
// the leading group has decided on a sanction), told (the investor knows the result).
const (
	Suspected = "suspected"
	Found     = "found"
	Decided   = "decided"
	Told      = "told"
)

// The choices of a finding and of a sanction.
var (
	Findings  = []string{"upheld", "not", "gap"}
	Sanctions = []string{"talk", "review", "criticism", "no_award", "transfer", "none"}
)

// Working days of a case's steps.
const (
	DaysReply = 3
	DaysTell  = 2
)

// Limits of a case's texts, in characters.
const (
	MinText = 20
	MaxText = 1000
)

// Case is a suspected case with what became of it.
type Case struct {
	ID          CaseID        `db:"id"`
	Ref         string        `db:"ref"`
	Kind        Kind          `db:"kind"`
	Issue       int64         `db:"issue_id"`
	IssueRef    string        `db:"issue_ref"`
	Title       string        `db:"title"`
	Lang        string        `db:"lang"`
	Category    int           `db:"category"`
	Anchor      int64         `db:"anchor"`
	OpenedWhy   string        `db:"opened_why"`
	Opened      time.Time     `db:"opened_at"`
	Calendar    int64         `db:"calendar_version"`
	ReplyDue    time.Time     `db:"reply_due"`
	ReplyDueOn  calendar.Date `db:"reply_due_on"`
	State       string        `db:"state"`
	Finding     string        `db:"finding"`
	FindingUnit org.UnitID    `db:"finding_unit"`
	FindingText string        `db:"finding_text"`
	FoundBy     string        `db:"found_by"`
	FoundAt     *time.Time    `db:"found_at"`
	Sanction    string        `db:"sanction"`
	SanctionTxt string        `db:"sanction_text"`
	SanctionBy  string        `db:"sanctioned_by"`
	SanctionAt  *time.Time    `db:"sanctioned_at"`
	TellDue     *time.Time    `db:"tell_due"`
	TellDueOn   calendar.Date `db:"tell_due_on"`
	ToldBy      string        `db:"told_by"`
	ToldAt      *time.Time    `db:"told_at"`
	ToldText    string        `db:"told_text"`
	Units       []CaseUnit    `db:"-"`
}

// CaseUnit is a unit that a case is about, with its reply.
type CaseUnit struct {
	Case    CaseID     `db:"case_id"`
	Unit    org.UnitID `db:"unit_id"`
	Name    org.Names  `db:"unit"`
	Reply   string     `db:"reply"`
	Replied *time.Time `db:"replied_at"`
}

// Errors of cases.
var (
	ErrCaseState = fault.New(fault.Conflict, "passing.state-changed")
	ErrTooEarly  = fault.New(fault.Conflict, "passing.too-early")
	ErrTooLate   = fault.New(fault.Gone, "passing.reply-over")
)

// Of reports whether the unit is one of those the case is about.
func (c Case) Of(unit org.UnitID) bool { return c.Unit(unit).Unit != 0 }

// Unit returns the unit's part of the case; zero: none.
func (c Case) Unit(unit org.UnitID) CaseUnit {
	for _, u := range c.Units {
		if u.Unit == unit {
			return u
		}
	}
	return CaseUnit{}
}

// Ripe reports whether a finding may be made: every unit has replied, or the period
// for replies is over.
func (c Case) Ripe(now time.Time) bool {
	if !now.Before(c.ReplyDue) {
		return true
	}
	for _, u := range c.Units {
		if u.Replied == nil {
			return false
		}
	}
	return len(c.Units) > 0
}

// MaySee reports whether the actor may know of the case: supervision and the offices
// by duty, a unit its own, those who sign for the leading group once it is upheld.
func (c Case) MaySee(a org.Actor) bool {
	switch {
	case a.Role == org.RoleSupervision, a.IsOffice():
		return true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return c.Of(a.Unit)
	case a.IsLeader():
		return c.Finding == "upheld"
	}
	return false
}

// MayReply reports whether the actor's unit may still reply.
func (c Case) MayReply(a org.Actor, now time.Time) bool {
	return a.Is(org.RoleHead, org.RoleOfficer) && c.State == Suspected && c.Of(a.Unit) && c.Unit(a.Unit).Replied == nil && now.Before(c.ReplyDue)
}

// FindingDraft is what the supervision office finds.
type FindingDraft struct {
	Finding string // upheld, not, gap
	Unit    org.UnitID
	Text    string
}

func (d FindingDraft) check(c Case) error {
	f := fault.Fields{}
	switch d.Finding {
	case "upheld":
		if !c.Of(d.Unit) {
			f.Add("unit", "passing.unit-missing")
		}
	case "not":
	case "gap":
		if c.Kind != KindLoop {
			f.Add("finding", "passing.gap-needs-loop")
		}
	default:
		f.Add("finding", "passing.finding-missing")
	}
	f.Length("text", d.Text, MinText, MaxText)
	return f.Err()
}
