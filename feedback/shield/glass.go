package shield

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Limits of named data on request (trust.md 5.6).
const (
	GlassObjects = 20
	GlassTime    = time.Hour
	GlassNotice  = 7 // days after which the companies are told
	MaxDefer     = 90
)

// Purposes are the purposes named data may be asked for.
var Purposes = []string{"order", "meeting", "inquiry", "appeal", "danger"}

// GlassRequest is a request to see which company stands behind issues.
type GlassRequest struct {
	ID       int64         `db:"id"`
	By       org.AccountID `db:"asked_by"`
	ByName   string        `db:"asker"`
	Kind     org.BodyKind  `db:"kind"` // the asker's body
	Purpose  string        `db:"purpose"`
	Reason   string        `db:"reason"`
	CaseNo   string        `db:"case_no"`
	Asked    time.Time     `db:"asked_at"`
	State    string        `db:"state"` // asked, granted, refused
	Decider  string        `db:"decider"`
	Decided  *time.Time    `db:"decided_at"`
	Refusal  string        `db:"refusal"`
	Until    *time.Time    `db:"until_at"`
	TellOn   calendar.Date `db:"tell_on"`
	Deferred string        `db:"deferred_why"`
	Told     *time.Time    `db:"told_at"`
	Views    int           `db:"views"`
	Refs     []string      `db:"-"` // of the issues
}

// Open reports whether the grant can be used now.
func (g GlassRequest) Open(now time.Time) bool {
	return g.State == "granted" && g.Until != nil && now.Before(*g.Until)
}

// asks reports whether the actor may ask: leaders and the supervision office. Units
// have no such door.
func asks(a org.Actor) bool { return a.IsLeader() || watches(a) }

// decides reports whether the actor may decide on a request: another office than the
// asker's. Requests of leaders go to the supervision office, its own to the two offices.
func decides(a org.Actor, g GlassRequest) bool {
	if a.Account == g.By {
		return false
	}
	if g.Kind == org.BodySupervision {
		return a.IsOffice()
	}
	return watches(a)
}

// MayDecide reports whether the actor may decide on the request now.
func (g GlassRequest) MayDecide(a org.Actor) bool { return g.State == "asked" && decides(a, g) }

// GlassDraft is a request as typed.
type GlassDraft struct {
	Purpose string
	Reason  string
	CaseNo  string
	Refs    []string
}

func (d GlassDraft) check() fault.Fields {
	f := fault.Fields{}
	if !slices.Contains(Purposes, d.Purpose) {
		f.Add("purpose", "glass.purpose-missing")
	}
	f.Length("reason", d.Reason, MinText, MaxText)
	f.Length("case_no", d.CaseNo, 3, 60)
	switch n := len(d.Refs); {
	case n == 0:
		f.Add("refs", "glass.refs-missing")
	case n > GlassObjects:
		f.Add("refs", "glass.refs-many", "Count", GlassObjects)
	}
	return f
}

// Named is what an opened issue shows.
type Named struct {
	Ref     string    `db:"ref"`
	Title   string    `db:"title"`
	Body    string    `db:"body"`
	Wish    string    `db:"wish"`
	Place   string    `db:"place"`
	Lang    string    `db:"lang"`
	Raised  time.Time `db:"raised_at"`
	Company org.Names `db:"company"`
	Licence string    `db:"licence"`
	Head    string    `db:"head_name"`
	Phone   string    `db:"phone"`
}

// Errors of requests.
var (
	ErrNoGrant  = fault.New(fault.Forbidden, "glass.no-grant")
	ErrGlass    = fault.New(fault.Conflict, "glass.decided")
	ErrSameDesk = fault.New(fault.Forbidden, "glass.same-desk")
)
