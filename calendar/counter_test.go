package calendar

import "testing"

// The table says what walking over the days says: from every day of every year the
// shipped list holds and around it.
func TestCounterAgreesWithTheWalk(t *testing.T) {
	c := Shipped()
	k := NewCounter(c)
	for d := Date("1999-12-20"); d < "2029-12-20"; d = d.AddDays(1) {
		n := 1 + int(d[9]-'0')*3
		got, p := k.Add(d, n)
		want, q := c.Add(d, n)
		if got != want || p != q {
			t.Fatalf("%s + %d: %s (%t), want %s (%t)", d, n, got, p, want, q)
		}
		to := d.AddDays(2 * n)
		if got, want := k.Between(d, to), c.Between(d, to); got != want {
			t.Fatalf("between %s and %s: %d, want %d", d, to, got, want)
		}
		if before := k.Before(want, n); c.Next(d.AddDays(1)) != want && c.Between(before, want) != n {
			t.Fatalf("%d before %s: %s", n, want, before)
		}
	}
	if k.Between("2026-01-09", "2026-01-05") != 0 {
		t.Error("backwards is none")
	}
}

// Every make-up Saturday and Sunday of the shipped years is a day that counts: a
// limit of one day from the day before ends on it.
func TestMakeUpWorkdaysOfEveryYear(t *testing.T) {
	c := Shipped()
	k := NewCounter(c)
	years := map[int]int{}
	for d, worked := range c.Days {
		if wd := d.Time().Weekday(); worked && (wd == 0 || wd == 6) {
			years[d.Year()]++
			if due, _ := k.Add(d.AddDays(-1), 1); due != d {
				t.Errorf("one working day after %s: %s, want the make-up workday %s", d.AddDays(-1), due, d)
			}
		}
	}
	for y := shippedFirst; y <= shippedLast; y++ {
		if years[y] == 0 {
			t.Errorf("%d has no make-up workday", y)
		}
	}
	t.Logf("make-up workdays by year: %v", years)
}
