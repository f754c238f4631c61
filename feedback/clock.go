package feedback

import (
	"slices"
	"time"

	"pingyi/calendar"
)

// Counting gives the working days of a version of the calendar.
type Counting func(version int64) *calendar.Counter

// Working days of an issue's steps, by rule of the default scheme.
const (
	daysRegister   = 1
	daysSign       = 1
	daysArbitrate  = 1
	daysArbitrateA = 3
	daysRespond    = 2
	daysFeedback   = 2
	daysCallBack   = 5
	daysReopen     = 10
	daysReview     = 3
	daysAgain      = 2  // at least these remain after the company refused an answer given in time
	maxWaiting     = 10 // working days of waiting for the investor, in all
)

// Stand is a time in which a limit stands still: from the day it began, which still
// counts, to the day it ended, which does not.
type Stand struct {
	From, To calendar.Date // To "": not ended yet
	Why      string        // waiting_investor, higher_authority, answered
	Letter   string
	Days     int // working days the limit moved by
}

// Limit is a count of working days that began on a day, which is not counted, and
// ends at 24:00 of its last. Stood days and extra days prolong it. The leading group
// may fix the day instead.
type Limit struct {
	Name        string
	From        calendar.Date
	Days        int
	Extra       int // granted extension
	Least       calendar.Date
	Fixed       calendar.Date
	Stands      []Stand
	Calendar    int64
	Due         calendar.Date
	Provisional bool
	Stopped     *time.Time
}

// count computes the last day by a version of the calendar.
func (l *Limit) count(version int64, count Counting) {
	if l == nil {
		return
	}
	cal := count(version)
	n, waited := l.Days+l.Extra, 0
	for i := range l.Stands {
		s := &l.Stands[i]
		if s.To == "" {
			continue
		}
		s.Days = cal.Between(s.From, s.To)
		if s.Why == waitingInvestor {
			s.Days = min(s.Days, maxWaiting-waited)
			waited += s.Days
		}
		n += s.Days
	}
	l.Calendar = version
	l.Due, l.Provisional = cal.Add(l.From, n)
	if l.Least > l.Due {
		l.Due = l.Least
	}
	if l.Fixed != "" {
		l.Due, l.Provisional = l.Fixed, false
	}
}

// WaitingLeft returns how many of the working days of waiting for the investor are left.
func (l *Limit) WaitingLeft() int {
	left := maxWaiting
	if l != nil {
		for _, s := range l.Stands {
			if s.Why == waitingInvestor {
				left -= s.Days
			}
		}
	}
	return left
}

// End is the instant the limit ends; nil when there is none.
func (l *Limit) End() *time.Time {
	if l == nil {
		return nil
	}
	end := l.Due.End()
	return &end
}

func (l *Limit) stop(at time.Time) {
	if l != nil && l.Stopped == nil {
		l.Stopped = &at
	}
}

// Reasons of a pause.
const (
	waitingInvestor = "waiting_investor"
	higherAuthority = "higher_authority"
)

// begin starts a limit on the day of an event.
func begin(name string, h Happening, days int, count Counting) *Limit {
	l := &Limit{Name: name, From: calendar.DateOf(h.At), Days: days}
	l.count(h.Calendar, count)
	return l
}

// clock starts and stops limits by an event, before the event changes the state.
func (l *Life) clock(h Happening, count Counting) {
	day := calendar.DateOf(h.At)
	switch h.Kind {
	case ActRaise:
		l.Register = begin("register", h, daysRegister, count)
	case ActRegister:
		l.Register.stop(h.At)
		l.named(h, count)
		l.Solve = begin("solve", h, DaysOf(h.Grade), count)
	case ActSign:
		l.Sign.stop(h.At)
		if r := l.Respond; r != nil && l.Responded == nil && day < r.From { // signing late gives no more time
			l.Respond = begin("respond", h, daysRespond, count)
		}
	case ActPropose:
		l.Sign.stop(h.At)
		if l.State != Disputed {
			days := daysArbitrate
			if l.Grade == "A" {
				days = daysArbitrateA
			}
			l.Arbitrate = begin("arbitrate", h, days, count)
		}
	case ActTake:
		l.Arbitrate.stop(h.At)
		if l.Responded == nil {
			l.Respond = begin("respond", h, daysRespond, count)
		}
	case ActArbitrate:
		l.Arbitrate.stop(h.At)
		l.named(h, count)
	case ActReply, ActOrder, ActReport:
		l.answered(h, count)
	case ActPause:
		l.Solve.Stands = append(l.Solve.Stands, Stand{From: day, Why: h.Reason, Letter: h.Letter})
	case ActResume:
		l.resume(h, "", count)
	case ActExtendGrant:
		l.Solve.Extra += l.ExtensionDays
		l.Solve.count(h.Calendar, count)
	case ActRecount:
		l.recount(h, count)
	case ActDecline, ActWithdraw, ActMerge, ActEscalate:
		l.end(h)
	default:
		l.after(h, count)
	}
}

// named starts the limits of a unit that was named: to sign, and to reply after that.
func (l *Life) named(h Happening, count Counting) {
	l.Sign = begin("sign", h, daysSign, count)
	if l.Responded == nil {
		l.Respond = &Limit{Name: "respond", From: l.Sign.Due, Days: daysRespond}
		l.Respond.count(h.Calendar, count)
	}
}

// answered stops the limits of replying; an order sets its own and, for class A,
// the limit to solve.
func (l *Life) answered(h Happening, count Counting) {
	switch h.Kind {
	case ActOrder:
		l.Sign.stop(h.At)
		l.Order = begin("order", h, 0, count)
		l.Order.Fixed = h.Deadline
		l.Order.count(h.Calendar, count)
		if l.Grade == "A" {
			l.Solve.Fixed = h.Deadline
			l.Solve.count(h.Calendar, count)
		}
		return
	case ActReport:
		l.Order.stop(h.At)
		l.Solve.stop(h.At)
		l.Feedback = begin("feedback", h, daysFeedback, count)
	}
	l.Respond.stop(h.At)
}

// after handles the limits from the answer on.
func (l *Life) after(h Happening, count Counting) {
	switch h.Kind {
	case ActSendBack: // the limit to solve stays what it was: coming late stays late
		l.Complete = begin("complete", h, h.Days, count)
	case ActAnswer:
		l.Respond.stop(h.At)
		l.Solve.stop(h.At)
		l.Complete.stop(h.At)
		l.Solve.Stands = append(l.Solve.Stands, Stand{From: calendar.DateOf(h.At), Why: "answered"})
		l.CallBack = begin("callback", h, daysCallBack, count)
		if h.BasisKind == "policy" && h.Result == "cannot" {
			l.Review = begin("review", h, daysReview, count)
		}
	case ActFeedBack:
		l.Feedback.stop(h.At)
		l.CallBack = begin("callback", h, daysCallBack, count)
	case ActRefuse:
		l.CallBack.stop(h.At)
		l.again(h, count)
	case ActReview:
		l.Review.stop(h.At)
		if h.Outcome == "overturned" && l.State == Answered {
			l.CallBack.stop(h.At)
			l.again(h, count)
		}
	case ActAccept:
		l.Reopen = begin("reopen", h, daysReopen, count)
	case ActReopen:
		l.Reopen.stop(h.At)
		l.CallBack.stop(h.At)
		l.Solve = begin("solve", h, DaysOf(l.Grade), count)
	case ActCallBack:
		l.CallBack.stop(h.At)
	}
}

// again lets the limit to solve go on after a refused answer. The days the answer
// lay with the company are not the unit's, if it was given in time.
func (l *Life) again(h Happening, count Counting) {
	if l.Solve == nil {
		return
	}
	if l.judging { // an order's result: the days are the order's, the limit is what it was
		l.Solve.Stopped = nil
		return
	}
	n := len(l.Solve.Stands)
	if n == 0 || l.Solve.Stands[n-1].To != "" || l.Solve.Stands[n-1].From > l.Solve.Due {
		if n > 0 && l.Solve.Stands[n-1].To == "" {
			l.Solve.Stands = l.Solve.Stands[:n-1]
		}
		l.Solve.Stopped = nil
		return
	}
	l.Solve.Least, _ = count(h.Calendar).Add(calendar.DateOf(h.At), daysAgain)
	l.resume(h, "answered", count)
}

// resume ends the stand that has not ended.
func (l *Life) resume(h Happening, why string, count Counting) {
	for i := range l.Solve.Stands {
		if s := &l.Solve.Stands[i]; s.To == "" && (why == "" || s.Why == why) {
			s.To = calendar.DateOf(h.At)
		}
	}
	l.Solve.Stopped = nil
	l.Solve.count(h.Calendar, count)
}

// recount moves the limits that run, and have not run out, to a later calendar.
func (l *Life) recount(h Happening, count Counting) {
	for _, x := range []*Limit{l.Register, l.Sign, l.Arbitrate, l.Respond, l.Solve, l.Complete, l.Feedback, l.CallBack, l.Review} {
		if x != nil && x.Stopped == nil && x.Due >= calendar.DateOf(h.At) {
			x.count(h.Calendar, count)
		}
	}
}

// end stops what a unit owes: the issue is over, or the leading group has it.
func (l *Life) end(h Happening) {
	over := []*Limit{l.Sign, l.Arbitrate, l.Complete}
	if h.Kind != ActEscalate {
		over = append(over, l.Register, l.Respond, l.Solve)
	}
	for _, x := range over {
		x.stop(h.At)
	}
}

// present is the limit whose overrun climbs the ladder; nil while none runs.
func (l *Life) present() *Limit {
	switch {
	case l.Paused != nil || !slices.Contains(open, l.State):
		return nil
	case l.State == Ordered:
		return l.Order
	case l.State != Queued && l.Complete != nil && l.Complete.Stopped == nil:
		return l.Complete
	}
	return l.Solve
}

// NextStep returns the next step of the ladder and the instant it is due; "" when
// none is left.
func (l *Life) NextStep(count Counting) (step string, due calendar.Date, at time.Time) {
	x := l.present()
	if x == nil || x.Due == "" {
		return "", "", time.Time{}
	}
	cal := count(x.Calendar)
	for _, s := range ladder {
		if slices.Contains(l.Steps, s.name+" "+string(x.Due)) || s.name == "queue" && (l.State == Queued || l.State == Ordered) {
			continue
		}
		day := cal.Before(x.Due, 1)
		if s.over > 0 {
			day, _ = cal.Add(x.Due, s.over)
		}
		return s.name, x.Due, day.Time()
	}
	return "", "", time.Time{}
}

// waitingEnds is the day on which a pause for the investor has used up its days: the
// clock ends it then. "" without such a pause.
func (l *Life) waitingEnds(count Counting) calendar.Date {
	if l.Paused == nil || l.PauseReason != waitingInvestor {
		return ""
	}
	d, _ := count(l.Solve.Calendar).Add(calendar.DateOf(*l.Paused), max(0, l.Solve.WaitingLeft()))
	return d
}

// Limits lists the limits that began, in the order of an issue's life.
func (l *Life) Limits() []*Limit {
	var out []*Limit
	for _, x := range []*Limit{l.Register, l.Sign, l.Arbitrate, l.Respond, l.Solve, l.Complete, l.Order, l.Review, l.Feedback, l.CallBack, l.Reopen} {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}
