package honour

import "slices"

// RoundState is how far a year's commendation has come.
type RoundState string

// The states of a round.
const (
	Drafting RoundState = "draft"   // candidates computed, additions and withholdings signed
	Noticed  RoundState = "notice"  // the list is public, objections are filed and decided
	Decided  RoundState = "decided" // the leading group has decided
	Dropped  RoundState = "dropped" // given up with a reason; a new round may follow
)

// State is how a candidate of a round stands.
type State string

// The states of a candidate.
const (
	Proposed    State = "proposed"    // waits for a second person
	Stands      State = "stands"      // on the list
	Refused     State = "refused"     // the second person did not sign
	Withholding State = "withholding" // to be left out; waits for a second person
	Withheld    State = "withheld"    // left out with a reason
	Withdrawn   State = "withdrawn"   // an objection was upheld
	Commended   State = "commended"
	Revoked     State = "revoked" // after the decision, with a reason
)

// States lists the states of a candidate.
var States = []State{Proposed, Stands, Refused, Withholding, Withheld, Withdrawn, Commended, Revoked}

// Act is something done to a candidate.
type Act string

// The acts.
const (
	Sign     Act = "sign"     // the second person agrees
	Refuse   Act = "refuse"   // the second person does not
	Withhold Act = "withhold" // an office asks to leave a candidate out
	Uphold   Act = "uphold"   // an objection to it is upheld
	Commend  Act = "commend"  // the leading group decides the list
	Revoke   Act = "revoke"   // the leading group takes a commendation back
)

// move is an act: in which state of the round, from where to where, and who does it.
type move struct {
	act   Act
	round RoundState
	leads map[State]State
	who   string
}

// moves is the machine; docs/honour.md is drawn from it.
var moves = []move{
	{Sign, Drafting, map[State]State{Proposed: Stands, Withholding: Withheld}, "a second person (MaySecond)"},
	{Refuse, Drafting, map[State]State{Proposed: Refused, Withholding: Stands}, "a second person (MaySecond)"},
	{Withhold, Drafting, map[State]State{Stands: Withholding}, "the two offices, with a reason"},
	{Uphold, Noticed, map[State]State{Stands: Withdrawn}, "the supervision office, with a reason"},
	{Commend, Noticed, map[State]State{Stands: Commended}, "chair or deputy, notice over, no objection open"},
	{Revoke, Decided, map[State]State{Commended: Revoked}, "chair or deputy, with a reason"},
}

// Next is where an act leads a candidate; ok is false when it may not happen there.
func Next(r RoundState, s State, act Act) (to State, ok bool) {
	i := slices.IndexFunc(moves, func(m move) bool { return m.act == act && m.round == r })
	if i < 0 {
		return "", false
	}
	to, ok = moves[i].leads[s]
	return to, ok
}

// roundMove is an act on the round itself.
type roundMove struct {
	act  string
	from []RoundState
	to   RoundState
	who  string
}

// roundMoves is the machine of the round.
var roundMoves = []roundMove{
	{"notice", []RoundState{Drafting}, Noticed, "the two offices; nothing waits for a signature, no appeal is open"},
	{"decide", []RoundState{Noticed}, Decided, "chair or deputy; five working days are over, no objection open"},
	{"drop", []RoundState{Drafting, Noticed}, Dropped, "the two offices, with a reason"},
}

// follows reports whether an act on the round may happen in a state, and where it leads.
func follows(r RoundState, act string) (RoundState, bool) {
	i := slices.IndexFunc(roundMoves, func(m roundMove) bool { return m.act == act && slices.Contains(m.from, r) })
	if i < 0 {
		return "", false
	}
	return roundMoves[i].to, true
}
