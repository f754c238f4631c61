package feedback

import (
	"slices"

	"pingyi/fault"
	"pingyi/org"
)

// State is where an issue stands.
type State string

// The states of an issue. An issue in the queue waits for the leading group; an
// answered one waits for the company.
const (
	Raised      State = "raised"
	Registered  State = "registered"
	InProgress  State = "in_progress"
	Answered    State = "answered"
	Queued      State = "queued"
	Ordered     State = "ordered"
	ResultReady State = "result_ready"
	Closed      State = "closed"
	Withdrawn   State = "withdrawn"
)

// States lists all states, in the order of an issue's life.
var States = []State{Raised, Registered, InProgress, Answered, Queued, Ordered, ResultReady, Closed, Withdrawn}

// Act is what somebody does to an issue.
type Act string

// The acts. ActEscalate is done by the clock.
const (
	ActRaise    Act = "raise"
	ActRegister Act = "register"
	ActSign     Act = "sign"
	ActReply    Act = "reply"
	ActAnswer   Act = "answer"
	ActAccept   Act = "accept"
	ActRefuse   Act = "refuse"
	ActEscalate Act = "escalate"
	ActOrder    Act = "order"
	ActReceive  Act = "receive"
	ActReport   Act = "report"
	ActFeedBack Act = "feed_back"
	ActWithdraw Act = "withdraw"
	ActExclude  Act = "exclude"
)

// transition says from which states an act leads on, and who may do it.
type transition struct {
	from []State
	who  func(a org.Actor, i Issue) bool
}

func theCompany(a org.Actor, i Issue) bool {
	return a.Role == org.RoleCompany && a.Company == i.Company
}
func theLead(a org.Actor, i Issue) bool  { return a.OfUnit(i.Lead) }
func anOffice(a org.Actor, _ Issue) bool { return a.IsOffice() }
func aSigner(a org.Actor, _ Issue) bool  { return a.MaySign() }
func theClock(a org.Actor, _ Issue) bool { return !a.SignedIn() }

// transitions is the whole life of an issue. What is not here cannot happen, not
// even by a direct request. Where an act leads follows from it and the issue:
//
//	raised ─register→ registered ─sign→ in_progress ─answer→ answered ─accept→ closed
//	  class A: register → queued            answered ─refuse→ in_progress, twice → queued
//	  deadline over: registered, in_progress ─escalate→ queued
//	queued ─order→ ordered ─report→ result_ready ─feed_back→ answered ─refuse→ queued
var transitions = map[Act]transition{
	ActRegister: {[]State{Raised}, anOffice},
	ActSign:     {[]State{Registered, Queued}, theLead},
	ActReply:    {[]State{InProgress, Queued, Ordered}, theLead},
	ActAnswer:   {[]State{InProgress}, theLead},
	ActAccept:   {[]State{Answered}, theCompany},
	ActRefuse:   {[]State{Answered}, theCompany},
	ActEscalate: {[]State{Registered, InProgress}, theClock},
	ActOrder:    {[]State{Queued}, aSigner},
	ActReceive:  {[]State{Ordered}, theLead},
	ActReport:   {[]State{Ordered}, theLead},
	ActFeedBack: {[]State{ResultReady}, func(a org.Actor, i Issue) bool { return a.IsOffice() || a.IsLeader() }},
	ActWithdraw: {[]State{Raised, Registered, InProgress, Answered}, theCompany},
	ActExclude:  {States, func(a org.Actor, _ Issue) bool { return a.Role == org.RoleSupervision }},
}

// ErrState: the issue has moved on, and this can no longer be done.
var ErrState = fault.New(fault.Conflict, "issue.state-changed")

// May reports whether the actor may do the act to the issue as it stands.
func (i Issue) May(a org.Actor, act Act) bool {
	t, ok := transitions[act]
	return ok && t.who(a, i) && slices.Contains(t.from, i.State) && i.ready(act)
}

// ready holds what an act needs beside the state.
func (i Issue) ready(act Act) bool {
	switch act {
	case ActSign:
		return i.Signed == nil
	case ActReceive:
		return i.OrderState == "issued"
	case ActReport:
		return i.OrderState == "received"
	case ActReply:
		return i.Signed != nil || i.State == Ordered
	}
	return true
}

// allow refuses an act: not the actor's to do, or not in this state.
func (i Issue) allow(a org.Actor, act Act) error {
	t, ok := transitions[act]
	if !ok || !t.who(a, i) {
		return fault.ErrForbidden
	}
	if !slices.Contains(t.from, i.State) || !i.ready(act) {
		return ErrState
	}
	return nil
}

// maySee reports whether the actor may know of the issue at all.
func (i Issue) maySee(a org.Actor, cooperating bool) bool {
	switch {
	case a.Role == org.RoleCompany:
		return a.Company == i.Company
	case isDuty(a):
		return true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return (i.Lead != 0 && a.Unit == i.Lead) || cooperating
	case a.IsLeader():
		return i.Queued != nil
	}
	return false
}

// Open reports whether the issue still waits for somebody.
func (i Issue) Open() bool { return i.State != Closed && i.State != Withdrawn }
