package feedback_test

import (
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
)

// halfAMillion issues with ten events each, raised over three years.
const halfAMillion = 500_000

// life is an issue with a pause, an extension and a refused answer, by day n.
func life(n int) []feedback.Happening {
	at := time.Date(2024, 1, 1, 1, 0, 0, 0, time.UTC).AddDate(0, 0, n%1000)
	var out []feedback.Happening
	for i, s := range []struct {
		days int
		kind feedback.Act
		d    feedback.Details
	}{{0, "raise", feedback.Details{}}, {1, "register", feedback.Details{Grade: []string{"A", "B", "C"}[n%3]}}, {0, "sign", feedback.Details{}}, {2, "pause", feedback.Details{Reason: "waiting_investor"}},
		{4, "resume", feedback.Details{}}, {0, "extend_ask", feedback.Details{Days: 2}}, {1, "extend_grant", feedback.Details{}}, {1, "answer", feedback.Details{Result: "solved"}}, {5, "refuse", feedback.Details{}}, {1, "answer", feedback.Details{Result: "solved"}}} {
		at = at.AddDate(0, 0, s.days)
		out = append(out, feedback.Happening{ID: int64(i + 1), At: at, Kind: s.kind, Unit: 1, Calendar: 1, Details: s.d})
	}
	return out
}

// BenchmarkHalfAMillion recounts the limits of half a million issues from their events.
func BenchmarkHalfAMillion(b *testing.B) {
	cal := calendar.Shipped()
	cal.ID = 1
	k := calendar.NewCounter(cal)
	count := func(int64) *calendar.Counter { return k }
	var all [1000][]feedback.Happening
	for n := range all {
		all[n] = life(n)
	}
	for b.Loop() {
		for n := range halfAMillion {
			if l := feedback.Live(all[n%1000], count); l.Solve == nil {
				b.Fatal("no limit")
			}
		}
	}
}

// The cases of rules.md 5.9: Spring Festival 2008 with its two make-up workdays, as
// limits of issues; and a holiday notice that comes after an issue was closed.
func TestClockCasesOfTheRules(t *testing.T) {
	cal, later := calendar.Shipped(), calendar.Shipped()
	cal.ID, later.ID = 1, 2
	later.Days["2008-02-04"] = false
	counters := map[int64]*calendar.Counter{1: calendar.NewCounter(cal), 2: calendar.NewCounter(later)}
	count := func(v int64) *calendar.Counter { return counters[v] }
	at := time.Date(2008, 1, 31, 2, 0, 0, 0, time.UTC)
	for grade, want := range map[string]calendar.Date{"C": "2008-02-05", "B": "2008-02-26"} {
		events := []feedback.Happening{{ID: 1, At: at, Kind: "raise", Calendar: 1}, {ID: 2, At: at, Kind: "register", Unit: 1, Calendar: 1, Details: feedback.Details{Grade: grade}}}
		if l := feedback.Live(events, count); l.Solve.Due != want {
			t.Errorf("class %s: %s, want %s", grade, l.Solve.Due, want)
		}
		open := append(events, feedback.Happening{ID: 3, At: at.AddDate(0, 0, 1), Kind: "recount", Calendar: 2})
		if l := feedback.Live(open, count); l.Solve.Due <= want {
			t.Errorf("class %s: a day off more leaves an open issue at %s", grade, l.Solve.Due)
		}
		closed := append(events[:2:2], feedback.Happening{ID: 3, At: at, Kind: "sign", Unit: 1, Calendar: 1}, feedback.Happening{ID: 4, At: at, Kind: "answer", Unit: 1, Calendar: 1, Details: feedback.Details{Result: "solved"}},
			feedback.Happening{ID: 5, At: at, Kind: "accept", Calendar: 1}, feedback.Happening{ID: 6, At: at.AddDate(0, 0, 1), Kind: "recount", Calendar: 2})
		if l := feedback.Live(closed, count); l.Solve.Due != want {
			t.Errorf("class %s: a later notice moved a closed issue to %s", grade, l.Solve.Due)
		}
	}
}
