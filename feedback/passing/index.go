package passing

import (
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// Step is an event of an issue's life that matters for its hand-over history.
type Step struct {
	Event  int64
	At     time.Time
	Kind   feedback.Act
	Unit   org.UnitID // who acts or is named; the lead of a registration or arbitration
	To     org.UnitID // of a proposal: the unit proposed
	Clause string     // of a proposal: the duty clause it cites; "" none
	Text   string     // what was said
}

// The acts of other packages that the history reads; see docs/issue-life.md.
const (
	actRegister  feedback.Act = "register"
	actPropose   feedback.Act = "propose"
	actTake      feedback.Act = "take"
	actArbitrate feedback.Act = "arbitrate"
	actRefuse    feedback.Act = "refuse_named"
	actSign      feedback.Act = "sign"
	actOrder     feedback.Act = "order"
	actDecline   feedback.Act = "decline"
	actWithdraw  feedback.Act = "withdraw"
	actMerge     feedback.Act = "merge"
	actRaise     feedback.Act = "raise"
)

// Hop is a hand-over between two units: proposed by one, and taken or itself proposed
// on by the other. A proposal that names a unit which had handed the issue on before
// is a return and counts at once, whatever that unit does with it.
type Hop struct {
	From, To org.UnitID
	Proposed int64 // event
	Done     int64 // the event that made it a hand-over; of a return the proposal itself
	At       time.Time
	Clause   string
	Text     string
	Earlier  int64 // of a return: the proposal by which To had handed it on; else 0
}

// Return reports whether the hop leads back.
func (h Hop) Return() bool { return h.Earlier != 0 }

// Idle is a time without a unit in charge, from a proposal to what ended it.
type Idle struct {
	From  int64 // event
	Until int64 // event; 0: it goes on
	Days  int   // working days that began in it, the first day not counted
}

// Loop is a stretch of the history, from a naming of the unit in charge to the next
// binding one, in which the issue came back to a unit that had handed it on. It is
// what one case is about, however often the issue went round in it.
type Loop struct {
	Begin   int64 // the event that named the unit: registration or arbitration
	Returns []Hop
}

// Index is the buck-passing index of an issue with all it is made of.
type Index struct {
	Handovers int // h: hand-overs between units after the first assignment; arbitration does not count
	Returns   int // r: returns to a unit that had already handed it on
	IdleDays  int // u: working days without a unit in charge
	Hops      []Hop
	Idle      []Idle
	Loops     []Loop
}

// Value is the index: max(0, h−1) + r + floor(u/3), rules.md 5.7.
func (x Index) Value() int { return max(0, x.Handovers-1) + x.Returns + x.IdleDays/3 }

// Threshold is the value from which a history with a return is a suspected case.
const Threshold = 2

// Suspected reports whether the history is a suspected case (疑似推诿扯皮). Without a
// return nobody sent anything round: a long chain or a long wait alone is shown to
// the supervision office for inspection and is no case against anyone.
func (x Index) Suspected() bool { return x.Value() >= Threshold && x.Returns > 0 }

// Measure computes the index of a history as of a moment. The steps are in the order
// of the events; what concerns no hand-over is passed over. Working days are those of
// cal, the version the deadlines were counted with.
func Measure(steps []Step, cal *calendar.Calendar, asOf time.Time) Index {
	m := measure{cal: cal, handed: map[org.UnitID]int64{}}
	for _, s := range steps {
		m.take(s)
	}
	if m.idleFrom.Event != 0 {
		m.endIdle(Step{At: asOf})
	}
	m.x.Handovers = len(m.x.Hops)
	for _, h := range m.x.Hops {
		if h.Return() {
			m.x.Returns++
		}
	}
	for _, i := range m.x.Idle {
		m.x.IdleDays += i.Days
	}
	return m.x
}

// measure is a history being read.
type measure struct {
	x        Index
	cal      *calendar.Calendar
	begin    int64
	pending  *Hop // proposed, and nothing came of it yet
	handed   map[org.UnitID]int64
	idleFrom Step
}

func (m *measure) take(s Step) {
	switch s.Kind {
	case actRegister, actArbitrate:
		m.pending, m.begin = nil, s.Event
		m.endIdle(s)
	case actPropose:
		if s.Unit == 0 || s.To == 0 || s.Unit == s.To || m.begin == 0 {
			return
		}
		m.complete(s.Unit, s.Event)
		m.propose(s)
	case actTake:
		m.complete(s.Unit, s.Event)
		m.endIdle(s)
	case actSign, actOrder, actDecline, actWithdraw, actMerge:
		m.pending = nil
		m.endIdle(s)
	}
}

// complete makes a hand-over of the proposal that named the unit.
func (m *measure) complete(unit org.UnitID, event int64) {
	if m.pending != nil && m.pending.To == unit {
		m.pending.Done = event
		m.handed[m.pending.From] = m.pending.Proposed
		m.x.Hops = append(m.x.Hops, *m.pending)
	}
	m.pending = nil
}

func (m *measure) propose(s Step) {
	h := Hop{From: s.Unit, To: s.To, Proposed: s.Event, At: s.At, Clause: s.Clause, Text: s.Text, Earlier: m.handed[s.To]}
	if m.idleFrom.Event == 0 {
		m.idleFrom = s
	}
	if !h.Return() {
		m.pending = &h
		return
	}
	h.Done = s.Event
	m.handed[h.From] = h.Proposed
	m.x.Hops = append(m.x.Hops, h)
	if n := len(m.x.Loops); n == 0 || m.x.Loops[n-1].Begin != m.begin {
		m.x.Loops = append(m.x.Loops, Loop{Begin: m.begin})
	}
	last := &m.x.Loops[len(m.x.Loops)-1]
	last.Returns = append(last.Returns, h)
}

func (m *measure) endIdle(s Step) {
	if m.idleFrom.Event == 0 {
		return
	}
	days := m.cal.Between(calendar.DateOf(m.idleFrom.At), calendar.DateOf(s.At))
	m.x.Idle = append(m.x.Idle, Idle{From: m.idleFrom.Event, Until: s.Event, Days: days})
	m.idleFrom = Step{}
}
