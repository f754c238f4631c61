package care

import (
	"fmt"
	"testing"

	"pingyi/calendar"
	"pingyi/org"
)

// TestM14PlanKeepsTheLimit: worked by hand. The quarter has a working day in each of
// three months; a limit of one leaves room for three occasions.
func TestM14PlanKeepsTheLimit(t *testing.T) {
	days := []calendar.Date{"2026-10-15", "2026-11-16", "2026-12-15"}
	for name, x := range map[string]struct {
		units int
		old   []occasion
		limit int
		days  []calendar.Date
		want  string // the occasion of each unit
		days2 string // day and units of each occasion
	}{
		"one visit":                         {1, nil, 1, days, "[0]", "2026-10-15×1 "},
		"one a month":                       {3, nil, 1, days, "[0 1 2]", "2026-10-15×1 2026-11-16×1 2026-12-15×1 "},
		"the fourth and fifth join":         {5, nil, 1, days, "[0 1 2 0 1]", "2026-10-15×2 2026-11-16×2 2026-12-15×1 "},
		"a month that is full is left out":  {1, []occasion{{On: "2026-10-08", Units: 1, Made: true}}, 1, days, "[1]", "2026-10-08×1 2026-11-16×1 "},
		"nobody joins what is over":         {3, []occasion{{On: "2026-10-08", Units: 1, Made: true}}, 1, days, "[1 2 1]", "2026-10-08×1 2026-11-16×2 2026-12-15×1 "},
		"a planned one is joined":           {1, []occasion{{On: "2026-12-20", Units: 1, Visit: 9}}, 1, days[2:], "[0]", "2026-12-20×2 "},
		"a joint one counts once":           {1, []occasion{{On: "2026-12-20", Units: 3, Joint: 4}}, 2, days[2:], "[1]", "2026-12-20×3 2026-12-15×1 "},
		"neither room nor anybody to join":  {1, []occasion{{On: "2026-12-20", Units: 1, Made: true}}, 1, days[2:], "[-1]", "2026-12-20×1 "},
		"no working day is left":            {1, nil, 2, nil, "[-1]", ""},
		"a limit of two fills evenly first": {4, nil, 2, days, "[0 1 2 3]", "2026-10-15×1 2026-11-16×1 2026-12-15×1 2026-10-15×1 "},
	} {
		all, at := spread(make([]org.UnitID, x.units), x.old, x.limit, x.days, 0)
		got := ""
		for _, o := range all {
			got += fmt.Sprintf("%s×%d ", o.On, o.Units)
		}
		if fmt.Sprint(at) != x.want || got != x.days2 {
			t.Errorf("%s: %v of %q, want %s of %q", name, at, got, x.want, x.days2)
		}
	}
	for q, want := range map[int]string{1: "2026-01-01 2026-03-31", 2: "2026-04-01 2026-06-30", 3: "2026-07-01 2026-09-30", 4: "2026-10-01 2026-12-31"} {
		if first, last := quarterDays(2026, q); string(first+" "+last) != want {
			t.Errorf("quarter %d is %s to %s, want %s", q, first, last, want)
		}
	}
}
