package shield

import (
	"math"
	"math/rand/v2"
	"testing"

	"pingyi/calendar"
)

// Probabilities worked by hand: 3 records, all after, p = 60/425 = 12/85: (12/85)³.
// 4 records, 3 or more after: 4·(12/85)³·(73/85) + (12/85)⁴. Fisher's tea tasting: 3 or
// more of 4 right is 17/70.
func TestTails(t *testing.T) {
	p := 12.0 / 85
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"all three after", f(binomialTail(3, 3, 60, 365)), p * p * p},
		{"three or more of four", f(binomialTail(4, 3, 60, 365)), 4*p*p*p*(1-p) + p*p*p*p},
		{"none or more is certain", f(binomialTail(5, 0, 60, 365)), 1},
		{"tea tasting", f(hypergeometricTail(4, 4, 4, 3)), 17.0 / 70},
		{"tea tasting, all right", f(hypergeometricTail(4, 4, 4, 4)), 1.0 / 70},
		{"nobody else: nothing to compare with", f(hypergeometricTail(3, 0, 3, 3)), 1},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func f(r interface{ Float64() (float64, bool) }) float64 {
	x, _ := r.Float64()
	return x
}

// The rule on counts.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name string
		c    Counts
		want bool
	}{
		{"nothing happened", Counts{Elapsed: 60}, false},
		{"two after, none before", Counts{After: 2, Elapsed: 60}, false},
		{"three after, none before, a class without records", Counts{After: 3, Elapsed: 60}, true},
		{"three after, a quiet class", Counts{After: 3, ClassBefore: 60, ClassAfter: 10, Elapsed: 60}, true},
		{"three after, the whole class was inspected", Counts{After: 3, ClassBefore: 60, ClassAfter: 180, Elapsed: 60}, false},
		{"a company that is inspected every month", Counts{Before: 12, After: 3, ClassBefore: 60, ClassAfter: 10, Elapsed: 60}, false},
		{"every month, and then every week", Counts{Before: 12, After: 9, ClassBefore: 60, ClassAfter: 10, Elapsed: 60}, true},
		{"three in the first week", Counts{Before: 6, After: 3, ClassBefore: 90, ClassAfter: 1, Elapsed: 7}, true},
	} {
		v := Judge(c.c)
		if v.Flagged != c.want {
			t.Errorf("%s: flagged %t (own %v, class %v)", c.name, v.Flagged, f(v.Own), v.Class)
		}
	}
}

// TestM10Planted is the test of M-10: a planted burst is flagged, a normal schedule is
// not: neither one that goes on as before, nor one that was planned before the act.
func TestM10Planted(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 2026))
	act := calendar.Date("2026-06-10")
	everybody := func(id int64) bool { return id != 1 }
	flagged := map[string]int{}
	const runs = 200
	for range runs {
		var base []Record
		for company := int64(1); company <= 60; company++ {
			for d := act.AddDays(-BeforeDays); d <= act.AddDays(WatchDays); d = d.AddDays(1) {
				if r.Float64() < 2.0/365 { // two records a year
					base = append(base, Record{Company: company, On: d})
				}
			}
		}
		burst, planned := base, base
		for i := range 7 {
			on := act.AddDays(3 + 7*i)
			burst = append(burst[:len(burst):len(burst)], Record{Company: 1, On: on})
			planned = append(planned[:len(planned):len(planned)], Record{Company: 1, On: on, Planned: act.AddDays(-20)})
		}
		for name, records := range map[string][]Record{"burst": burst, "normal": base, "planned before": planned} {
			if Judge(Count(records, 1, act, act.AddDays(WatchDays), everybody)).Flagged {
				flagged[name]++
			}
		}
	}
	if flagged["burst"] < runs*99/100 {
		t.Errorf("%d of %d planted bursts flagged", flagged["burst"], runs)
	}
	// both tests at 1/100: a normal schedule is flagged at most once in a hundred
	for _, name := range []string{"normal", "planned before"} {
		if flagged[name] > runs/100 {
			t.Errorf("%s: flagged %d of %d", name, flagged[name], runs)
		}
	}
	t.Logf("of %d: burst %d, normal %d, planned before %d", runs, flagged["burst"], flagged["normal"], flagged["planned before"])
}

// A plan entered after the act is no normal schedule: who retaliates writes plans, too.
func TestPlanEnteredAfterwards(t *testing.T) {
	act := calendar.Date("2026-06-10")
	var records []Record
	for i := range 4 {
		records = append(records, Record{Company: 1, On: act.AddDays(5 + i), Planned: act.AddDays(1)})
	}
	c := Count(records, 1, act, act.AddDays(30), func(int64) bool { return false })
	if c.After != 4 || c.Elapsed != 30 || !Judge(c).Flagged {
		t.Errorf("counts %+v", c)
	}
}
