package overview

import (
	"testing"

	"pingyi/calendar"
	"pingyi/ledger"
)

func TestPlanned(t *testing.T) {
	for _, c := range []struct {
		target string
		month  int
		want   string
	}{
		{"60000", 12, "60000.00"}, {"60000", 1, "5000.00"}, {"60000", 7, "35000.00"},
		{"100", 1, "8.33"}, {"100", 2, "16.67"}, {"0.01", 6, "0.01"}, {"0.01", 5, "0.00"}, // 0.005 is rounded up, 0.00417 down
	} {
		a, _ := ledger.ParseAmount(c.target)
		if got := Planned(a, c.month).String(); got != c.want {
			t.Errorf("the even share of %s after %d months is %s, want %s", c.target, c.month, got, c.want)
		}
	}
}

func TestAhead(t *testing.T) {
	c := County{Funds: ledger.Course{Target: ledger.Wan(1200), Months: []ledger.Amount{ledger.Wan(50), ledger.Wan(170)}}}
	if by, known := c.Ahead(); !known || by != ledger.Wan(20) {
		t.Errorf("220 of 200 is ahead by %s, %v", by, known)
	}
	c.Funds.Target = 0
	if _, known := c.Ahead(); known {
		t.Error("ahead of no target")
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct{ day, today, want calendar.Date }{
		{"", "2026-11-25", "2026-11-25"}, {"2026-03-31", "2026-11-25", "2026-03-31"}, {"2027-01-05", "2027-02-01", "2026-12-31"},
		{"2025-07-01", "2026-11-25", "2026-01-01"}, {"2026-12-01", "2026-11-25", "2026-11-25"}, {"", "2025-11-25", "2026-01-01"},
	} {
		if got := Within(2026, c.day, c.today); got != c.want {
			t.Errorf("%q on %s is %s, want %s", c.day, c.today, got, c.want)
		}
	}
}
