package feedback

import (
	"slices"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// State is where an issue stands.
type State string

// The states of an issue. An issue in the queue waits for the leading group; an
// answered one waits for the company; a disputed one waits for the unit that was
// proposed, or for arbitration. Pausing is no state: the issue stays in progress
// and its limit stands still.
const (
	Raised      State = "raised"
	Declined    State = "declined"
	Registered  State = "registered"
	Disputed    State = "disputed"
	InProgress  State = "in_progress"
	Answered    State = "answered"
	Queued      State = "queued"
	Ordered     State = "ordered"
	ResultReady State = "result_ready"
	Closed      State = "closed"
	Withdrawn   State = "withdrawn"
	Merged      State = "merged"
)

// States lists all states, in the order of an issue's life.
var States = []State{Raised, Declined, Registered, Disputed, InProgress, Answered, Queued, Ordered, ResultReady, Closed, Withdrawn, Merged}

// Act is what somebody does to an issue; an event's kind is the act it records.
type Act string

// The acts. The clock does ActRemind, ActEscalate, ActRecount and ends a pause whose
// time is over.
const (
	ActRaise       Act = "raise"
	ActDecline     Act = "decline"
	ActRegister    Act = "register"
	ActSign        Act = "sign"
	ActPropose     Act = "propose"
	ActTake        Act = "take"
	ActArbitrate   Act = "arbitrate"
	ActRefuseNamed Act = "refuse_named"
	ActAssign      Act = "assign"
	ActReply       Act = "reply"
	ActCooperate   Act = "cooperate"
	ActMessage     Act = "message"
	ActPause       Act = "pause"
	ActResume      Act = "resume"
	ActExtendAsk   Act = "extend_ask"
	ActExtendGrant Act = "extend_grant"
	ActExtendDeny  Act = "extend_deny"
	ActAnswer      Act = "answer"
	ActReview      Act = "review"
	ActAccept      Act = "accept"
	ActRefuse      Act = "refuse"
	ActReopen      Act = "reopen"
	ActRemind      Act = "remind"
	ActEscalate    Act = "escalate"
	ActOrder       Act = "order"
	ActSendBack    Act = "send_back"
	ActReceive     Act = "receive"
	ActReport      Act = "report"
	ActFeedBack    Act = "feed_back"
	ActCallBack    Act = "callback"
	ActSpecial     Act = "special"
	ActFind        Act = "find"
	ActMerge       Act = "merge"
	ActWithdraw    Act = "withdraw"
	ActExclude     Act = "exclude"
	ActRecount     Act = "recount"
)

// transition is one row of the life of an issue: from which states an act leads
// on and where to (nothing: the state stays), who may do it, what else it needs,
// whom it tells, and which clocks it starts and stops. docs/issue-life.md is
// written from these rows.
type transition struct {
	from, to []State
	who      actor
	needs    []string
	tells    []receiver
	starts   []string
	stops    []string
}

// actor is a kind of people who may do an act.
type actor string

const (
	byCompany     actor = "company"
	byLead        actor = "lead unit"
	byHead        actor = "head or officer of the lead unit"
	byProposed    actor = "proposed unit"
	byHolder      actor = "lead unit, in a dispute the proposed unit"
	byCooperating actor = "co-operating unit"
	bySides       actor = "company or lead unit"
	byOffice      actor = "office"
	bySigner      actor = "chair or deputy of the leading group"
	byApprover    actor = "office, chair or deputy"
	byTeller      actor = "office or leading group"
	bySupervision actor = "supervision office"
	byClock       actor = "clock"
	byResumer     actor = "company, lead unit or clock"
)

// is reports whether a is one of these people for the issue.
func (who actor) is(a org.Actor, i Issue) bool {
	company := i.asks(a)
	switch who {
	case byCompany:
		return company
	case byLead, byHead:
		return a.OfUnit(i.Lead)
	case byProposed:
		return a.OfUnit(i.Proposed)
	case byHolder:
		return a.OfUnit(i.holder())
	case byCooperating:
		return a.Is(org.RoleHead, org.RoleOfficer) && slices.Contains(i.Cooperating, a.Unit)
	case bySides:
		return company || a.OfUnit(i.Lead)
	case byOffice:
		return a.IsOffice()
	case bySigner:
		return a.MaySign()
	case byApprover:
		return a.IsOffice() || a.MaySign()
	case byTeller:
		return a.IsOffice() || a.IsLeader()
	case bySupervision:
		return a.Role == org.RoleSupervision
	case byResumer:
		return company || a.OfUnit(i.Lead) || a.Role == org.RolePortal
	case byClock:
		return a.Role == org.RolePortal
	}
	return false
}

// holder is the unit whose turn it is.
func (i Issue) holder() org.UnitID {
	if i.State == Disputed {
		return i.Proposed
	}
	return i.Lead
}

// open are the states of an issue that a unit or the leading group has in hand.
var open = []State{Registered, Disputed, InProgress, Queued, Ordered}

// machine is the whole life of an issue. What is not here cannot happen, not even
// by a direct request.
var machine = map[Act]transition{
	ActDecline:  {[]State{Raised}, []State{Declined}, byOffice, []string{"reason", "clause"}, []receiver{toCompany}, nil, []string{"register"}},
	ActRegister: {[]State{Raised}, []State{Registered, Queued}, byOffice, []string{"grade", "lead unit"}, []receiver{toCompany, toLead}, []string{"sign", "respond", "solve"}, []string{"register"}},
	ActSign:     {[]State{Registered, Queued}, []State{InProgress, Queued}, byLead, []string{"not signed yet"}, nil, []string{"respond"}, []string{"sign"}},
	ActPropose: {[]State{Registered, InProgress, Queued, Disputed}, []State{Disputed}, byHolder, []string{"named unit", "duty clause", "within the limit to sign", "each unit once", "not after arbitration"},
		[]receiver{toProposed, toOffice}, []string{"arbitrate"}, []string{"sign"}},
	ActTake:        {[]State{Disputed}, []State{InProgress, Queued}, byProposed, nil, []receiver{toCompany, toOffice}, []string{"respond"}, []string{"arbitrate"}},
	ActArbitrate:   {[]State{Disputed}, []State{Registered, Queued}, byOffice, []string{"lead unit", "reason"}, []receiver{toCompany, toLead, toCooperating}, []string{"sign", "respond"}, []string{"arbitrate"}},
	ActRefuseNamed: {[]State{Registered, InProgress, Queued}, nil, byLead, []string{"named by arbitration", "reason", "once"}, []receiver{toOffice, toSupervision, toHeads}, nil, nil},
	ActAssign:      {open, nil, byHead, []string{"officer of the unit"}, []receiver{toOfficer}, nil, nil},
	ActReply:       {[]State{InProgress, Queued, Ordered}, nil, byLead, []string{"signed for"}, []receiver{toCompany}, nil, []string{"respond"}},
	ActCooperate:   {[]State{Registered, InProgress, Queued, Ordered}, nil, byCooperating, []string{"text"}, []receiver{toLead}, nil, nil},
	ActMessage:     {append([]State{Raised, Answered, ResultReady}, open...), nil, bySides, []string{"text"}, []receiver{toOtherSide}, nil, nil},
	ActPause:       {[]State{InProgress}, nil, byLead, []string{"reason", "letter number, or days left of ten"}, []receiver{toCompany}, []string{"pause"}, []string{"solve"}},
	ActResume:      {[]State{InProgress}, nil, byResumer, []string{"paused"}, []receiver{toOtherSide}, []string{"solve"}, []string{"pause"}},
	ActExtendAsk:   {[]State{InProgress}, nil, byLead, []string{"reason", "at most half of the limit", "before expiry", "once", "not paused"}, []receiver{toOffice}, nil, nil},
	ActExtendGrant: {[]State{InProgress}, nil, byOffice, []string{"asked"}, []receiver{toCompany, toLead}, []string{"solve"}, nil},
	ActExtendDeny:  {[]State{InProgress}, nil, byOffice, []string{"asked", "reason"}, []receiver{toLead}, nil, nil},
	ActAnswer: {[]State{InProgress}, []State{Answered}, byLead, []string{"result", "text", "basis where it cannot be solved", "clause where it is a policy", "not paused"},
		[]receiver{toCompany}, []string{"callback", "review"}, []string{"solve", "respond"}},
	ActReview:   {[]State{Answered, InProgress, Queued, Closed}, []State{InProgress, Answered, Queued, Closed}, byOffice, []string{"refusal by a policy clause", "text"}, []receiver{toLead, toCompany}, []string{"solve"}, []string{"review"}},
	ActAccept:   {[]State{Answered}, []State{Closed}, byCompany, []string{"verdict", "satisfaction"}, []receiver{toLead}, []string{"reopen"}, nil},
	ActRefuse:   {[]State{Answered}, []State{InProgress, Queued}, byCompany, []string{"reason"}, []receiver{toLead, toOffice}, []string{"solve"}, []string{"callback"}},
	ActReopen:   {[]State{Closed}, []State{InProgress}, byCompany, []string{"reason", "within ten working days"}, []receiver{toLead, toOffice}, []string{"solve"}, []string{"reopen", "callback"}},
	ActRemind:   {open, nil, byClock, []string{"step is due", "not paused", "once for a deadline"}, []receiver{byStep}, nil, nil},
	ActEscalate: {[]State{Registered, Disputed, InProgress}, []State{Queued}, byClock, []string{"five working days over", "not paused"}, nil, nil, nil},
	ActOrder:    {[]State{Queued}, []State{Ordered}, bySigner, []string{"lead unit", "requirement", "deadline"}, []receiver{toCompany, toLead, toCooperating}, []string{"order"}, []string{"sign", "respond"}},
	ActSendBack: {[]State{Queued}, []State{Registered, InProgress}, bySigner, []string{"reason", "days to complete it"}, []receiver{toCompany, toLead}, []string{"complete"}, nil},
	ActReceive:  {[]State{Ordered}, nil, byLead, []string{"order issued"}, nil, nil, nil},
	ActReport:   {[]State{Ordered}, []State{ResultReady}, byLead, []string{"order received", "result", "text"}, []receiver{toOffice}, []string{"feedback"}, []string{"order", "solve"}},
	ActFeedBack: {[]State{ResultReady}, []State{Answered}, byTeller, []string{"text", "channel"}, []receiver{toCompany}, []string{"callback"}, []string{"feedback"}},
	ActCallBack: {[]State{Answered, Closed}, nil, byOffice, []string{"outcome", "text", "not called back since the last answer"}, nil, nil, []string{"callback"}},
	ActSpecial:  {append([]State{Raised}, open...), nil, byApprover, []string{"basis", "approver", "deviation"}, nil, nil, nil},
	ActFind:     {States, nil, bySupervision, []string{"finding", "text", "obstacle reported, or reopened"}, []receiver{toHeads, toOffice}, nil, nil},
	ActMerge:    {append([]State{Raised}, open...), []State{Merged}, byOffice, []string{"other issue", "reason"}, []receiver{toCompany, toLead}, nil, []string{"register", "sign", "arbitrate", "respond", "solve"}},
	ActWithdraw: {[]State{Raised, Registered, Disputed, InProgress, Answered}, []State{Withdrawn}, byCompany, nil, []receiver{toLead}, nil, []string{"register", "sign", "arbitrate", "respond", "solve"}},
	ActExclude:  {States, nil, bySupervision, []string{"reason"}, nil, nil, nil},
	ActRecount:  {append([]State{Raised}, open...), nil, byClock, []string{"a later calendar"}, nil, nil, nil},
}

// Faults of acts.
var (
	// ErrState: the issue has moved on, and this can no longer be done.
	ErrState = fault.New(fault.Conflict, "issue.state-changed")
	// ErrMoved: it still could be done, but the form was made before something
	// happened that its writer has not read.
	ErrMoved = fault.New(fault.Conflict, "issue.moved")
)

// May reports whether the actor may do the act to the issue as it stands.
func (i Issue) May(a org.Actor, act Act) bool { return i.allow(a, act) == nil }

// MayAt is May at a moment: proposing, asking for more time and reopening have
// limits of their own.
func (i Issue) MayAt(a org.Actor, act Act, now time.Time) bool {
	return i.May(a, act) && i.inTime(act, now) == nil
}

// ready holds what an act needs of the issue beside its state.
func (i Issue) ready(act Act) bool {
	paused := i.Paused != nil
	switch act {
	case ActSign:
		return i.Signed == nil
	case ActPropose:
		return !i.Arbitrated && !slices.Contains(i.Proposers, i.holder()) && (i.State != Queued || i.QueueReason == "class_a")
	case ActRefuseNamed:
		return i.Arbitrated && !i.RefusedNamed
	case ActReceive:
		return i.OrderState == "issued"
	case ActReport:
		return i.OrderState == "received"
	case ActReply:
		return i.Signed != nil || i.State == Ordered
	case ActPause, ActAnswer, ActRemind, ActEscalate:
		return !paused
	case ActResume:
		return paused
	case ActExtendAsk:
		return i.Extension == "" && !paused
	case ActExtendGrant, ActExtendDeny:
		return i.Extension == "asked"
	case ActReview:
		return i.ReviewDue != nil
	case ActCallBack:
		return i.CallbackDue != nil
	case ActFind:
		return i.Category == CategoryObstacle && i.Obstacle == "" && i.Lead != 0 || i.Reopened > i.ReopensFound
	}
	return true
}

// allow refuses an act: not the actor's to do, or not in this state.
func (i Issue) allow(a org.Actor, act Act) error {
	t, ok := machine[act]
	if !ok || !t.who.is(a, i) {
		return fault.ErrForbidden
	}
	if !slices.Contains(t.from, i.State) || !i.ready(act) {
		return ErrState
	}
	return nil
}

// inTime refuses what has its own limit: proposing another unit, asking for more
// time, reopening.
func (i Issue) inTime(act Act, now time.Time) error {
	var until *time.Time
	switch act {
	case ActPropose:
		until = i.SignDue
		if i.State == Disputed {
			until = i.ArbitrateDue
		}
	case ActExtendAsk:
		until = i.Deadline
	case ActReopen:
		until = i.ReopenUntil
	default:
		return nil
	}
	if until == nil || !now.Before(*until) {
		return ErrLate
	}
	return nil
}

// ErrLate: the limit for the act is over.
var ErrLate = fault.New(fault.Conflict, "issue.too-late")

// maySee reports whether the actor may know of the issue at all.
func (i Issue) maySee(a org.Actor) bool {
	switch {
	case i.asks(a):
		return true
	case isDuty(a):
		return true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return (i.Lead != 0 && a.Unit == i.Lead) || slices.Contains(i.Cooperating, a.Unit) ||
			i.State == Disputed && i.Proposed == a.Unit || slices.Contains(i.Proposers, a.Unit) // who handed it on sees how it ended
	case a.IsLeader():
		return i.Queued != nil
	}
	return false
}

// Open reports whether the issue still waits for somebody.
func (i Issue) Open() bool { return !slices.Contains(ended, i.State) }

var ended = []State{Closed, Withdrawn, Declined, Merged}
