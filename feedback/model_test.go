package feedback_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// ways are the ways from state to state that rules.md 5.7 allows, written down apart
// from the machine; an act that is not here leaves the state.
var ways = map[feedback.Act][]string{
	"decline": {"raised>declined"}, "register": {"raised>registered", "raised>queued"}, "sign": {"registered>in_progress", "queued>queued"},
	"propose": {"registered>disputed", "in_progress>disputed", "queued>disputed", "disputed>disputed"}, "take": {"disputed>in_progress", "disputed>queued"},
	"arbitrate": {"disputed>registered", "disputed>queued"}, "answer": {"in_progress>answered"}, "accept": {"answered>closed"},
	"refuse": {"answered>in_progress", "answered>queued"}, "reopen": {"closed>in_progress"}, "escalate": {"registered>queued", "in_progress>queued", "disputed>queued"},
	"send_back": {"queued>registered", "queued>in_progress"}, "order": {"queued>ordered"}, "report": {"ordered>result_ready"}, "feed_back": {"result_ready>answered"},
	"merge":    {"raised>merged", "registered>merged", "disputed>merged", "in_progress>merged", "queued>merged", "ordered>merged"},
	"withdraw": {"raised>withdrawn", "registered>withdrawn", "disputed>withdrawn", "in_progress>withdrawn", "answered>withdrawn"},
	"review":   {"answered>in_progress", "answered>answered", "in_progress>in_progress", "queued>queued", "closed>closed"},
}

// random is an issue under random acts of random actors.
type random struct {
	t      *testing.T
	rnd    *rand.Rand
	now    time.Time
	events []feedback.Happening
	order  string
	cat    int
	cals   map[int64]*calendar.Calendar
	count  feedback.Counting
	inUse  int64
	acts   int
	no     int
}

var everybody = []org.Actor{{Account: 1, Role: org.RoleCompany, Company: 1}, {Account: 2, Role: org.RoleCompany, Company: 2}, {Account: 3, Role: org.RoleOfficer, Unit: 1}, {Account: 4, Role: org.RoleHead, Unit: 2},
	{Account: 5, Role: org.RoleOfficer, Unit: 3}, {Account: 6, Role: org.RoleReceiver, Kind: org.BodyGovernmentOffice}, {Account: 7, Role: org.RoleLeader, Post: org.PostChair},
	{Account: 8, Role: org.RoleLeader, Post: org.PostMember}, {Account: 9, Role: org.RoleSupervision}, {}}

var allActs = []feedback.Act{"decline", "register", "sign", "propose", "take", "arbitrate", "refuse_named", "assign", "reply", "cooperate", "message", "pause", "resume", "extend_ask",
	"extend_grant", "extend_deny", "answer", "review", "accept", "refuse", "reopen", "remind", "escalate", "order", "send_back", "receive", "report", "feed_back", "callback", "special", "find", "merge", "withdraw", "exclude", "recount"}

// issue is the row the events amount to.
func (r *random) issue(l *feedback.Life) feedback.Issue {
	running := func(x *feedback.Limit) *time.Time {
		if x == nil || x.Stopped != nil {
			return nil
		}
		return x.End()
	}
	return feedback.Issue{Company: 1, Category: r.cat, State: l.State, Grade: l.Grade, Lead: l.Lead, Proposed: l.Proposed, Proposers: l.Proposers, Cooperating: l.Cooperating, Signed: l.Signed,
		Arbitrated: l.Arbitrated, RefusedNamed: l.RefusedNamed, Paused: l.Paused, PauseReason: l.PauseReason, Extension: l.Extension, QueueReason: l.QueueReason, Queued: l.Queued,
		Reopened: l.Reopened, ReopensFound: l.ReopensFound, Obstacle: l.Obstacle, ReviewDue: running(l.Review), CallbackDue: running(l.CallBack), SignDue: l.Sign.End(),
		ArbitrateDue: l.Arbitrate.End(), Deadline: l.Solve.End(), ReopenUntil: running(l.Reopen), OrderState: r.order}
}

// details are what the act carries, at random.
func (r *random) details(act feedback.Act, by org.Actor, l *feedback.Life) (org.UnitID, feedback.Details) {
	pick := func(all ...string) string { return all[r.rnd.IntN(len(all))] }
	unit, other := org.UnitID(1+r.rnd.IntN(3)), org.UnitID(1+r.rnd.IntN(3))
	switch act {
	case "register":
		return unit, feedback.Details{Grade: pick("A", "B", "C", "B", "C")}
	case "propose":
		return by.Unit, feedback.Details{To: by.Unit%3 + 1, Clause: "第三条"}
	case "take", "cooperate":
		return by.Unit, feedback.Details{}
	case "arbitrate":
		return unit, feedback.Details{Cooperating: feedback.Units{other}}
	case "pause":
		return l.Lead, feedback.Details{Reason: pick("waiting_investor", "higher_authority")}
	case "extend_ask":
		return l.Lead, feedback.Details{Days: 1 + r.rnd.IntN(feedback.ExtensionDays(l.Grade))}
	case "answer", "report":
		return l.Lead, feedback.Details{Result: pick("solved", "cannot"), BasisKind: pick("policy", "law")}
	case "review":
		return l.Lead, feedback.Details{Outcome: pick("stands", "overturned")}
	case "send_back":
		return l.Lead, feedback.Details{Days: 1 + r.rnd.IntN(10)}
	case "order":
		day, _ := r.cals[r.inUse].Add(calendar.DateOf(r.now), 1+r.rnd.IntN(10))
		return unit, feedback.Details{Deadline: day}
	case "remind":
		step, due, _ := l.NextStep(r.count)
		return l.Lead, feedback.Details{Step: step, Deadline: due}
	}
	return l.Lead, feedback.Details{}
}

// goOn tries one act; what the machine refuses leaves no trace.
func (r *random) goOn() {
	l := feedback.Live(r.events, r.count)
	i, by, act := r.issue(&l), everybody[r.rnd.IntN(len(everybody))], allActs[r.rnd.IntN(len(allActs))]
	if slices.Contains([]feedback.Act{"withdraw", "merge", "decline"}, act) && r.rnd.IntN(12) > 0 || !i.MayAt(by, act, r.now) {
		return
	}
	if act == "pause" && l.Solve.WaitingLeft() <= 0 {
		return
	}
	unit, d := r.details(act, by, &l)
	r.no++
	r.events = append(r.events, feedback.Happening{ID: int64(r.no), At: r.now, Kind: act, Unit: unit, Calendar: r.inUse, Details: d})
	r.acts++
	switch act {
	case "order":
		r.order = "issued"
	case "receive":
		r.order = "received"
	case "report":
		r.order = "reported"
	case "feed_back":
		r.order = "fed_back"
	case "accept", "refuse":
		r.order = ""
	}
	r.check(&l)
}

// check looks at what the last act led to.
func (r *random) check(before *feedback.Life) {
	after := feedback.Live(r.events, r.count)
	last := r.events[len(r.events)-1]
	way := fmt.Sprintf("%s>%s", before.State, after.State)
	if list, moves := ways[last.Kind]; moves && !slices.Contains(list, way) || !moves && before.State != after.State {
		r.t.Fatalf("%s leads %s; events %s", last.Kind, way, r.story())
	}
	if after.Last != last.ID {
		r.t.Fatalf("the last event is %d, want %d", after.Last, last.ID)
	}
	if after.Solve == nil {
		return
	}
	if want := reference(r.events, r.cals); after.Solve.Due != want {
		r.t.Fatalf("to be solved by %s, crossed off day by day %s; events %s", after.Solve.Due, want, r.story())
	}
	if !before.Open() && last.Kind != feedback.ActReopen && before.Solve.Due != after.Solve.Due {
		r.t.Fatalf("an ended issue moved from %s to %s by %s", before.Solve.Due, after.Solve.Due, last.Kind)
	}
}

func (r *random) story() (out string) {
	for _, e := range r.events {
		out += fmt.Sprintf("\n%s %s unit %d calendar %d %s%s%s %d %s", calendar.DateOf(e.At), e.Kind, e.Unit, e.Calendar, e.Grade, e.Reason, e.Outcome, e.Days, e.Deadline)
	}
	return out
}

// M-model: thousands of random acts by random actors never lead where no rule leads,
// lose no event, and every last day is the one that crossing off days gives, under a
// calendar that changes in between.
func TestRandomLivesKeepTheRules(t *testing.T) {
	first, second := calendar.Shipped(), calendar.Shipped()
	first.ID, second.ID = 1, 2
	for d := calendar.Date("2026-03-02"); d < "2026-12-30"; d = d.AddDays(11) { // a notice that moves many days
		second.Days[d] = !second.IsWorkingDay(d)
	}
	cals := map[int64]*calendar.Calendar{1: first, 2: second}
	counters := map[int64]*calendar.Counter{1: calendar.NewCounter(first), 2: calendar.NewCounter(second)}
	count := func(v int64) *calendar.Counter { return counters[v] }
	acts, seen := 0, map[feedback.State]int{}
	for seed := range uint64(400) {
		r := &random{t: t, rnd: rand.New(rand.NewPCG(seed, 5)), cals: cals, count: count, inUse: 1, cat: 16 - int(seed%2)}
		r.now = time.Date(2026, time.Month(1+seed%11), 1+int(seed%28), 2, 0, 0, 0, time.UTC)
		r.no = 1
		r.events = []feedback.Happening{{ID: 1, At: r.now, Kind: feedback.ActRaise, Calendar: 1}}
		for n := range 2500 {
			if n == 1200 {
				r.inUse = 2
			}
			if r.rnd.IntN(40) == 0 {
				r.now = r.now.Add(time.Duration(r.rnd.IntN(60)) * time.Hour)
			}
			if r.goOn(); len(r.events) > 60 {
				break
			}
		}
		acts += r.acts
		l := feedback.Live(r.events, count)
		seen[l.State]++
	}
	t.Logf("%d acts were done; issues ended as %v", acts, seen)
	if acts < 5000 || len(seen) < 8 {
		t.Errorf("%d acts, final states %v: too few to show anything", acts, seen)
	}
}
