package passing

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

var cal = calendar.Shipped()

// history builds steps from words: "R1" registered with unit 1, "P1-2" proposed by 1
// to 2, "T2" taken by 2, "X3" arbitrated to 3, "S3" signed; "+n" lets n days pass.
func history(t *testing.T, words ...string) ([]Step, time.Time) {
	t.Helper()
	at := calendar.Date("2026-03-02").Time().Add(10 * time.Hour) // a Monday
	var out []Step
	for _, w := range words {
		var a, b int
		s := Step{Event: int64(len(out) + 1), At: at}
		switch w[0] {
		case '+':
			fmt.Sscanf(w, "+%d", &a)
			at = at.AddDate(0, 0, a)
			continue
		case 'P':
			fmt.Sscanf(w, "P%d-%d", &a, &b)
			s.Kind, s.Unit, s.To = actPropose, org.UnitID(a), org.UnitID(b)
		default:
			fmt.Sscanf(w[1:], "%d", &a)
			s.Kind, s.Unit = map[byte]feedback.Act{'R': actRegister, 'T': actTake, 'X': actArbitrate, 'S': actSign, 'W': actWithdraw}[w[0]], org.UnitID(a)
		}
		out = append(out, s)
	}
	return out, at
}

// The examples of rules.md 5.7 and more, worked by hand.
func TestIndex(t *testing.T) {
	for _, c := range []struct {
		name       string
		words      []string
		h, r, u, v int
		loops      int
	}{
		{"never handed on", []string{"R1", "S1"}, 0, 0, 0, 0, 0},
		{"A to B", []string{"R1", "P1-2", "T2", "S2"}, 1, 0, 0, 0, 0},
		{"A to B and back", []string{"R1", "P1-2", "P2-1"}, 2, 1, 0, 2, 1},
		{"A to B and back, taken", []string{"R1", "P1-2", "P2-1", "T1", "S1"}, 2, 1, 0, 2, 1},
		{"A to B to C and back to A", []string{"R1", "P1-2", "P2-3", "P3-1"}, 3, 1, 0, 3, 1},
		{"two mutual returns are one loop", []string{"R1", "P1-2", "P2-1", "P1-2", "P2-1"}, 4, 3, 0, 6, 1},
		{"decided by arbitration before anybody took it", []string{"R1", "P1-2", "X3", "S3"}, 0, 0, 0, 0, 0},
		{"A to B to C, arbitrated", []string{"R1", "P1-2", "P2-3", "X3", "S3"}, 1, 0, 0, 0, 0},
		{"a proposal nobody took is no reason to call the next a return", []string{"R1", "P1-2", "X3", "P3-1", "T1"}, 1, 0, 0, 0, 0},
		{"two loops with an arbitration between", []string{"R1", "P1-2", "P2-1", "X3", "P3-4", "P4-1"}, 4, 2, 0, 5, 2},
		// Monday to the next Monday: five working days
		{"five working days without a unit", []string{"R1", "P1-2", "+7", "T2"}, 1, 0, 5, 1, 0},
		{"six working days without a unit, no return", []string{"R1", "P1-2", "+8", "T2"}, 1, 0, 6, 2, 0},
		{"still without a unit", []string{"R1", "P1-2", "+4"}, 0, 0, 4, 1, 0},
		{"withdrawn meanwhile", []string{"R1", "P1-2", "+4", "W1", "+30"}, 0, 0, 4, 1, 0},
		{"one wait over two proposals", []string{"R1", "P1-2", "+2", "P2-1", "+2", "T1"}, 2, 1, 4, 3, 1},
	} {
		steps, now := history(t, c.words...)
		x := Measure(steps, cal, now)
		if x.Handovers != c.h || x.Returns != c.r || x.IdleDays != c.u || x.Value() != c.v || len(x.Loops) != c.loops {
			t.Errorf("%s: h %d r %d u %d index %d, %d loops; want %d %d %d %d, %d", c.name, x.Handovers, x.Returns, x.IdleDays, x.Value(), len(x.Loops), c.h, c.r, c.u, c.v, c.loops)
		}
		if x.Suspected() != (c.loops > 0) {
			t.Errorf("%s: suspected %t", c.name, x.Suspected())
		}
	}
}

// planted is a history made by a generator that knows what it planted.
type planted struct {
	steps   []Step
	until   time.Time
	hops    int
	returns int
	idle    int // counted day by day
	loops   int
}

// generate makes a history of stretches. In each the issue wanders over units; with
// loop it comes back at least once to one that handed it on.
func generate(r *rand.Rand, withLoops bool) planted {
	p := planted{}
	at := calendar.Date("2026-01-05").AddDays(r.IntN(300)).Time().Add(9 * time.Hour)
	add := func(s Step) Step {
		s.Event = int64(len(p.steps)+1) * 7
		s.At = at
		p.steps = append(p.steps, s)
		at = at.Add(time.Duration(r.IntN(4*24)) * time.Hour)
		return s
	}
	noise := func() {
		if r.IntN(3) == 0 {
			add(Step{Kind: []feedback.Act{"message", "remind", "reply", "callback"}[r.IntN(4)], Unit: org.UnitID(r.IntN(9) + 1)})
		}
	}
	passed := map[org.UnitID]bool{} // handed it on
	next := org.UnitID(1)
	fresh := func() org.UnitID { next++; return next }
	holder := org.UnitID(1)
	add(Step{Kind: actRaise})
	add(Step{Kind: actRegister, Unit: holder})
	for range 1 + r.IntN(3) {
		var idleFrom time.Time
		looped, pending := false, false
		moves := r.IntN(5)
		if withLoops {
			moves += 2
		}
		for m := range moves {
			back := []org.UnitID{}
			for u := range passed {
				if u != holder {
					back = append(back, u)
				}
			}
			slices.Sort(back)
			to := fresh()
			if withLoops && len(back) > 0 && (r.IntN(2) == 0 || m == moves-1) {
				to = back[r.IntN(len(back))]
			}
			noise()
			s := add(Step{Kind: actPropose, Unit: holder, To: to})
			if pending { // the unit named before proposes on: what it was given was handed over
				p.hops++
			}
			if idleFrom.IsZero() {
				idleFrom = s.At
			}
			isBack := passed[to]
			if isBack {
				p.hops, p.returns, looped = p.hops+1, p.returns+1, true
			}
			passed[holder] = true
			holder, pending = to, !isBack
			noise()
			if r.IntN(3) == 0 {
				s = add(Step{Kind: actTake, Unit: holder})
				if pending {
					p.hops++
				}
				pending = false
				p.idle += daysOneByOne(idleFrom, s.At)
				idleFrom = time.Time{}
			}
		}
		if pending { // nobody took it: the one who proposed did not hand it on
			delete(passed, p.lastProposer())
		}
		holder = fresh()
		s := add(Step{Kind: actArbitrate, Unit: holder})
		if !idleFrom.IsZero() {
			p.idle += daysOneByOne(idleFrom, s.At)
		}
		if looped {
			p.loops++
		}
	}
	p.until = at
	return p
}

func (p planted) lastProposer() org.UnitID {
	for _, s := range slices.Backward(p.steps) {
		if s.Kind == actPropose {
			return s.Unit
		}
	}
	return 0
}

// daysOneByOne counts working days another way: it walks over each day.
func daysOneByOne(from, to time.Time) int {
	n := 0
	for d := calendar.DateOf(from).AddDays(1); d <= calendar.DateOf(to); d = d.AddDays(1) {
		if cal.IsWorkingDay(d) {
			n++
		}
	}
	return n
}

// TestGeneratedHistories is the test of M-06: every planted loop is found, nothing is
// a case without a return, and every claim rests on events of the history.
func TestGeneratedHistories(t *testing.T) {
	r := rand.New(rand.NewPCG(2007, 6))
	loops, found, quiet := 0, 0, 0
	for i := range 20_000 {
		p := generate(r, i%2 == 0)
		x := Measure(p.steps, cal, p.until)
		if x.Handovers != p.hops || x.Returns != p.returns || x.IdleDays != p.idle {
			t.Fatalf("history %d: h %d r %d u %d, planted %d %d %d\n%v", i, x.Handovers, x.Returns, x.IdleDays, p.hops, p.returns, p.idle, p.steps)
		}
		loops += p.loops
		if x.Suspected() {
			found += len(x.Loops)
		}
		if len(x.Loops) != p.loops || x.Suspected() != (p.loops > 0) {
			t.Fatalf("history %d: %d loops, suspected %t; planted %d", i, len(x.Loops), x.Suspected(), p.loops)
		}
		if x.Value() >= Threshold && x.Returns == 0 {
			quiet++
		}
		events := map[int64]bool{}
		for _, s := range p.steps {
			events[s.Event] = true
		}
		for _, c := range Claims(x, func(string) []org.UnitID { return nil }) {
			if len(c.Events) == 0 {
				t.Fatalf("history %d: the claim %s rests on nothing", i, c.Kind)
			}
			for _, e := range c.Events {
				if !events[e] {
					t.Fatalf("history %d: the claim %s rests on event %d, which is not there", i, c.Kind, e)
				}
			}
		}
	}
	if loops < 5000 || quiet < 100 {
		t.Errorf("the generator planted %d loops and made %d long histories without one: too few to show anything", loops, quiet)
	}
	t.Logf("%d loops planted, %d found; %d long histories without a return, none a case", loops, found, quiet)
}
