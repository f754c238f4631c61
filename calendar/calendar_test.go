package calendar

import (
	"testing"
	"time"
)

func TestAdd(t *testing.T) {
	c := Shipped()
	for _, tt := range []struct {
		name  string
		start Date
		n     int
		want  Date
		prov  bool
	}{
		// Spring Festival 2008 was 6 to 12 February; Sat 2 and Sun 3 February were worked
		{"make-up workdays count", "2008-01-31", 5, "2008-02-05", false},
		{"days off do not", "2008-01-31", 15, "2008-02-26", false},
		// National Day 2026: 1 to 7 October; Sun 20 September and Sat 10 October worked
		{"over National Day 2026", "2026-09-30", 1, "2026-10-08", false},
		{"a worked Saturday", "2026-10-09", 1, "2026-10-10", false},
		{"Friday to Monday", "2026-11-20", 1, "2026-11-23", false},
		{"into a year without a list", "2026-12-25", 10, "2027-01-08", true},
		{"no days", "2026-11-20", 0, "2026-11-20", false},
	} {
		if got, prov := c.Add(tt.start, tt.n); got != tt.want || prov != tt.prov {
			t.Errorf("%s: %s + %d = %s (%t), want %s (%t)", tt.name, tt.start, tt.n, got, prov, tt.want, tt.prov)
		}
	}
}

func TestOverdueBeginsAfterTheLastDay(t *testing.T) {
	c := Shipped()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		at   string
		want int
	}{{"2026-11-20 23:59", 0}, {"2026-11-21 00:00", 0}, {"2026-11-22 12:00", 0}, {"2026-11-23 00:00", 1}, {"2026-11-24 09:00", 2}} {
		if got := c.Overdue("2026-11-20", at(tt.at)); got != tt.want {
			t.Errorf("Friday's deadline at %s: %d working days over, want %d", tt.at, got, tt.want)
		}
	}
	if got := Date("2026-11-20").End(); !got.Equal(at("2026-11-21 00:00")) {
		t.Errorf("a limit ends at %s, want 24:00", got)
	}
	if q := Date("2026-11-20").Quarter(); q != 4 {
		t.Errorf("quarter %d, want 4", q)
	}
}
