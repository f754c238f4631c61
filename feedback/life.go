package feedback

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/org"
)

// Units is a set of units, as a column of a table.
type Units []org.UnitID

// Scan reads a bigint array.
func (u *Units) Scan(v any) error {
	var ids pq.Int64Array
	if err := ids.Scan(v); err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	*u = nil
	for _, id := range ids {
		*u = append(*u, org.UnitID(id))
	}
	return nil
}

// Value writes a bigint array.
func (u Units) Value() (driver.Value, error) {
	ids := make(pq.Int64Array, len(u))
	for i, id := range u {
		ids[i] = int64(id)
	}
	return ids.Value()
}

// Details are what an event carries beside its text; which of them are set follows
// from the act.
type Details struct {
	Grade        string        `json:"grade,omitempty"`        // register
	Result       string        `json:"result,omitempty"`       // answer, report
	Basis        string        `json:"basis,omitempty"`        // answer: why it cannot be solved; special
	BasisKind    string        `json:"basis_kind,omitempty"`   // answer: law, policy, other
	Verdict      string        `json:"verdict,omitempty"`      // accept
	Satisfaction string        `json:"satisfaction,omitempty"` // accept
	Reason       string        `json:"reason,omitempty"`       // pause, escalate
	Letter       string        `json:"letter,omitempty"`       // pause: number of the letter to the higher authority
	To           org.UnitID    `json:"to,omitempty"`           // propose
	Clause       string        `json:"clause,omitempty"`       // propose, decline
	Cooperating  Units         `json:"cooperating,omitempty"`  // arbitrate, order
	Days         int           `json:"days,omitempty"`         // extend_ask, send_back
	Order        string        `json:"order,omitempty"`        // order, receive
	Deadline     calendar.Date `json:"deadline,omitempty"`     // order, send_back; remind: the day it reminds of
	Step         string        `json:"step,omitempty"`         // remind
	Officer      org.AccountID `json:"officer,omitempty"`      // assign
	Into         string        `json:"into,omitempty"`         // merge
	Channel      string        `json:"channel,omitempty"`      // feed_back, callback
	Outcome      string        `json:"outcome,omitempty"`      // review, callback, find
	About        string        `json:"about,omitempty"`        // find: obstacle, reopened
	Approver     string        `json:"approver,omitempty"`     // special
	Note         bool          `json:"note,omitempty"`         // an internal note that goes with an act
}

// Happening is an event of an issue as the rules see it.
type Happening struct {
	ID       int64
	At       time.Time
	Kind     Act
	Unit     org.UnitID
	Internal bool
	Calendar int64 // the version of the calendar in force when it happened
	Details
}

// Life is what the events of an issue amount to: where it stands, who has it, and
// every limit that runs or ran. The columns of table issues are this, written in
// the transaction of the event.
type Life struct {
	State       State
	Grade       string
	Lead        org.UnitID
	Proposed    org.UnitID // in a dispute: the unit that is to take it
	Proposers   Units
	Cooperating Units
	Officer     org.AccountID
	Arbitrated, RefusedNamed,
	Special bool
	Registered, Signed, Responded, Answered, Queued, Closed, Paused *time.Time
	PauseReason, QueueReason, Extension, Result, Verdict, Satisfied,
	Obstacle string
	ExtensionDays, Refusals, Reopened, ReopensFound int
	// limits; nil ones never began
	Register, Sign, Arbitrate, Respond, Solve, Order, Feedback, CallBack, Reopen, Review *Limit
	Complete                                                                             *Limit   // set by the leading group that sent the issue back
	Steps                                                                                []string // ladder steps taken for the present deadline, as "step date"
	Last                                                                                 int64
	judging                                                                              bool // an order's result waits for the company
}

// Live goes through the events of an issue, oldest first. count gives the calendar
// of a version.
func Live(events []Happening, count Counting) Life {
	var l Life
	for _, h := range events {
		if !h.Note && !(h.Internal && (h.Kind == ActAnswer || h.Kind == ActReport)) { // a note beside an answer is no answer
			l.apply(h, count)
		}
		l.Last = h.ID
	}
	return l
}

// apply is one step of the machine: where the act leads, and what its clocks do.
func (l *Life) apply(h Happening, count Counting) {
	l.clock(h, count)
	at := h.At
	switch h.Kind {
	case ActRaise:
		l.State = Raised
	case ActDecline:
		l.State = Declined
	case ActRegister:
		l.Grade, l.Lead, l.Registered, l.State = h.Grade, h.Unit, &at, Registered
		if h.Grade == "A" {
			l.queue(at, "class_a")
		}
	case ActSign:
		l.Signed, l.State = &at, l.working()
	case ActPropose:
		l.Proposers, l.Proposed, l.State = append(l.Proposers, h.Unit), h.To, Disputed
	case ActTake:
		l.Lead, l.Signed, l.Proposed, l.Officer = h.Unit, &at, 0, 0
		l.State = l.working()
	case ActArbitrate:
		l.Lead, l.Cooperating, l.Signed, l.Proposed, l.Officer, l.Arbitrated, l.State = h.Unit, h.Cooperating, nil, 0, 0, true, Registered
		if l.classA() {
			l.State = Queued
		}
	case ActRefuseNamed:
		l.RefusedNamed = true
	case ActAssign:
		l.Officer = h.Officer
	case ActReply:
		l.respond(at)
	case ActPause:
		l.Paused, l.PauseReason = &at, h.Reason
	case ActResume:
		l.Paused, l.PauseReason = nil, ""
	case ActExtendAsk:
		l.Extension, l.ExtensionDays = "asked", h.Days
	case ActExtendGrant:
		l.Extension = "granted"
	case ActExtendDeny:
		l.Extension, l.ExtensionDays = "denied", 0
	case ActRemind:
		l.Steps = append(l.Steps, h.Step+" "+string(h.Deadline))
	case ActEscalate:
		l.queue(at, "overdue")
	case ActSpecial:
		l.Special = true
	case ActMerge: // a pause ends with the issue
		l.State, l.Paused, l.PauseReason = Merged, nil, ""
	case ActWithdraw:
		l.State, l.Paused, l.PauseReason = Withdrawn, nil, ""
	default:
		l.conclude(h)
	}
}

// conclude is the part of the machine from the answer on.
func (l *Life) conclude(h Happening) {
	at := h.At
	switch h.Kind {
	case ActAnswer:
		l.Answered, l.Result, l.State = &at, h.Result, Answered
		l.respond(at)
	case ActReview:
		if h.Outcome == "overturned" && l.State == Answered {
			l.State = InProgress
		}
	case ActAccept:
		l.Verdict, l.Satisfied, l.Closed, l.State, l.judging = h.Verdict, h.Satisfaction, &at, Closed, false
	case ActRefuse:
		l.Refusals++
		switch {
		case l.judging && l.QueueReason != "":
			l.queue(at, l.QueueReason)
		case l.judging || l.Refusals >= 2:
			l.queue(at, "refused_twice")
		default:
			l.State = InProgress
		}
		l.judging = false
	case ActReopen:
		l.Closed, l.Verdict, l.Satisfied, l.State = nil, "", "", InProgress
		l.Reopened++
	case ActOrder:
		if l.Lead != h.Unit {
			l.Lead, l.Officer = h.Unit, 0
		}
		if h.Cooperating != nil {
			l.Cooperating = h.Cooperating
		}
		l.State, l.judging = Ordered, true
	case ActSendBack: // the unit goes on where it stood; one that never signed signs now
		l.QueueReason, l.State = "", InProgress
		if l.Signed == nil {
			l.State = Registered
		}
	case ActReceive:
		if l.Signed == nil {
			l.Signed = &at
		}
	case ActReport:
		l.Answered, l.Result, l.State = &at, h.Result, ResultReady
		l.respond(at)
	case ActFeedBack:
		l.State = Answered
	case ActFind:
		if h.About == "reopened" {
			l.ReopensFound = l.Reopened
		} else {
			l.Obstacle = h.Outcome
		}
	}
}

func (l *Life) queue(at time.Time, why string) {
	l.State, l.Queued, l.QueueReason, l.Proposed = Queued, &at, why, 0
}

func (l *Life) respond(at time.Time) {
	if l.Responded == nil {
		l.Responded = &at
	}
}

// classA: the issue waits for its order, whatever its unit does meanwhile.
func (l *Life) classA() bool { return l.Queued != nil && l.QueueReason == "class_a" }

// working is the state of an issue that a unit signed for.
func (l *Life) working() State {
	if l.State == Queued || l.classA() {
		return Queued
	}
	return InProgress
}

// Open reports whether the issue still waits for somebody.
func (l *Life) Open() bool { return !slices.Contains(ended, l.State) }
