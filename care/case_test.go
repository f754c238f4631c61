package care

import (
	"testing"

	"pingyi/calendar"
)

// TestStatusOfACase: worked by hand in the week of 1 June 2026 (a Monday), which has no
// holiday; 19 June 2026 is the Dragon Boat festival.
func TestStatusOfACase(t *testing.T) {
	cal := calendar.Shipped()
	open := Case{State: "open"}
	for _, c := range []struct {
		name  string
		c     Case
		steps []Step
		want  Status
	}{
		{"asked for", Case{State: "asked"}, nil, Status{Key: "asked"}},
		{"no step yet", open, nil, Status{Key: "planned"}},
		{"only a dropped one", open, []Step{{State: "dropped"}}, Status{Key: "planned"}},
		{"one of two, then three days", open, []Step{{Stage: 1, State: "done"}, {Stage: 2, State: "open", Due: "2026-06-05"}, {Stage: 3, State: "waiting", Days: 3}},
			Status{Key: "running", Count: 3, Done: 1, Due: "2026-06-10"}}, // Friday, then Monday, Tuesday, Wednesday
		{"two at once count as the longer", open, []Step{{Stage: 1, State: "open", Due: "2026-06-05"}, {Stage: 2, State: "waiting", Days: 2}, {Stage: 2, State: "waiting", Days: 5}},
			Status{Key: "running", Count: 3, Due: "2026-06-12"}},
		{"due today is not late", open, []Step{{Stage: 1, State: "open", Due: "2026-06-03"}}, Status{Key: "running", Count: 1, Due: "2026-06-03"}},
		{"two days late: expected from today", open, []Step{{Stage: 1, State: "open", Due: "2026-06-01"}, {Stage: 2, State: "waiting", Days: 1}},
			Status{Key: "late", Count: 2, Due: "2026-06-04", Late: 2}},
		{"all done", open, []Step{{State: "done"}, {State: "done"}, {State: "dropped"}}, Status{Key: "ready", Count: 2, Done: 2}},
		{"closed", Case{State: "closed"}, []Step{{State: "done"}}, Status{Key: "closed", Count: 1, Done: 1}},
	} {
		if got := StatusOf(c.c, c.steps, cal, "2026-06-03"); got != c.want {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
}
