package honour

import (
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
)

// Ids of rounds, candidates and objections.
type (
	// RoundID numbers a round.
	RoundID int64
	// CandidateID numbers a candidate.
	CandidateID int64
	// ObjectionID numbers an objection.
	ObjectionID int64
)

// Limits of a round, in working days, and of its texts, in characters.
const (
	NoticeDays   = 5 // the list is public so long before it is decided
	ObjectDays   = 5 // in which an objection is decided
	MostPeople   = 10
	LeastReason  = 10
	MostReason   = 500
	LeastGrounds = 20
	MostGrounds  = 2000
	mostName     = 30
)

// ListAdvanced and ListInterview are the codes of the scheme's lists.
const (
	ListAdvanced  = "advanced"
	ListInterview = "interview"
)

// Round is a year's commendation.
type Round struct {
	ID         RoundID       `db:"id"`
	Year       int           `db:"year"`
	Result     int64         `db:"result_id"`
	Version    int           `db:"version"` // of the result
	State      RoundState    `db:"state"`
	Opened     time.Time     `db:"opened_at"`
	Noticed    *time.Time    `db:"noticed_at"`
	Until      calendar.Date `db:"notice_until"` // "" before the notice
	Decided    *time.Time    `db:"decided_at"`
	Decider    string        `db:"decider"`
	Behalf     string        `db:"behalf"`
	Document   int64         `db:"document_id"`
	DocumentNo string        `db:"document_no"`
	Why        string        `db:"dropped_why"`
	Superseded bool          `db:"superseded"` // the ranking has a newer version
}

// Over reports whether the public notice has run to the end of its last day.
func (r Round) Over(now time.Time) bool { return r.Until != "" && !now.Before(r.Until.End()) }

// Public reports whether anybody may see the round.
func (r Round) Public() bool { return r.State == Noticed || r.State == Decided }

// Facts are what the rule found of a candidate when the round was opened.
type Facts struct {
	Rank      int                   `json:"rank,omitempty"`
	Class     int                   `json:"class"`
	Total     string                `json:"total,omitempty"`
	Grade     string                `json:"grade,omitempty"`
	Tier      int                   `json:"tier,omitempty"`
	Against   []evaluation.Obstacle `json:"against,omitempty"` // what a manual addition overrides
	Companies int                   `json:"companies,omitempty"`
	Mean      string                `json:"mean,omitempty"` // of the companies' means, two decimals
	Sheets    []string              `json:"sheets,omitempty"`
	Praise    int                   `json:"praise,omitempty"` // companies that proposed him
}

// Candidate is a unit or person of a round.
type Candidate struct {
	ID       CandidateID   `db:"id"`
	Round    RoundID       `db:"round_id"`
	Year     int           `db:"year"`
	Unit     org.UnitID    `db:"unit_id"`
	Code     string        `db:"code"`
	UnitName org.Names     `db:"unit"`
	Person   string        `db:"person"` // "" for a unit
	Origin   string        `db:"origin"`
	State    State         `db:"state"`
	Reason   string        `db:"reason"`
	Pending  org.AccountID `db:"pending_by"`
	Why      string        `db:"ended_why"`
	Facts    Facts         `db:"-"`
	Doc      []byte        `db:"facts"`
	RoundIs  RoundState    `db:"round_state"`
}

// Overrides reports whether the candidate was added although the rule leaves it out.
func (c Candidate) Overrides() bool { return c.Origin == "manual" && len(c.Facts.Against) > 0 }

// MaySecond reports whether the actor is the second person what waits needs: for a person
// the supervision office, which vouches that there is no upheld complaint; for a unit that
// a rule leaves out the chair or a deputy; otherwise somebody else of the two offices or
// the chair or a deputy. Nobody signs what he asked for himself.
func (c Candidate) MaySecond(a org.Actor) bool {
	if c.State != Proposed && c.State != Withholding || c.RoundIs != Drafting || a.Account == c.Pending || !a.SignedIn() {
		return false
	}
	switch {
	case c.Person != "" && c.State == Proposed:
		return a.Role == org.RoleSupervision
	case c.Overrides() && c.State == Proposed:
		return a.MaySign()
	}
	return a.IsOffice() || a.MaySign()
}

// Step is an act on a round or a candidate, as kept.
type Step struct {
	Act  string    `db:"act"`
	Who  string    `db:"who"`
	Role string    `db:"role"`
	At   time.Time `db:"at"`
	Text string    `db:"text"`
}

// Addition is a candidate an office adds by hand.
type Addition struct {
	Unit   org.UnitID
	Person string // "" for the unit itself
	Reason string
}

func (a Addition) check() (Addition, error) {
	f := fault.Fields{}
	a.Person, a.Reason = name(a.Person), strings.TrimSpace(a.Reason)
	if a.Unit == 0 {
		f.Add("unit", "honour.unit-missing")
	}
	f.Length("person", a.Person, 0, mostName)
	f.Length("reason", a.Reason, LeastReason, MostReason)
	return a, f.Err()
}

// reasonOf checks a reason given in one text field.
func reasonOf(text string) (string, error) {
	f := fault.Fields{}
	text = strings.TrimSpace(text)
	f.Length("text", text, LeastReason, MostReason)
	return text, f.Err()
}

// name folds a name as typed.
func name(s string) string { return strings.Join(strings.Fields(s), " ") }

// sees is who sees rounds from the inside.
func sees(a org.Actor) bool {
	return a.IsOffice() || a.IsLeader() || a.Role == org.RoleSupervision && a.SignedIn()
}

// Errors of rounds.
var (
	ErrNoRound    = fault.New(fault.NotFound, "honour.no-round")
	ErrState      = fault.New(fault.Conflict, "honour.state")
	ErrRunning    = fault.New(fault.Conflict, "honour.notice-runs")
	ErrObjections = fault.New(fault.Conflict, "honour.objections-open")
	ErrPending    = fault.New(fault.Conflict, "honour.unsigned")
	ErrNobody     = fault.New(fault.Conflict, "honour.nobody")
	ErrAppeals    = fault.New(fault.Conflict, "honour.appeals-open")
	ErrSuperseded = fault.New(fault.Conflict, "honour.superseded")
	ErrOpened     = fault.New(fault.Conflict, "honour.opened-already")
	ErrOwn        = fault.New(fault.Forbidden, "honour.second-person")
)
