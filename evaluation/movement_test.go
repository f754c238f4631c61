package evaluation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pingyi/org"
)

func sumOf(moves []Contribution) Exact {
	sum := Frac(0, 1)
	for _, m := range moves {
		sum = sum.add(m.Points)
	}
	return sum
}

// Every change of a total, whatever caused it, is split into moves that sum to it
// exactly: other facts, other weights, parts that begin or cease to apply, caps,
// limits, standardising within the class.
func TestMovesSumToTheChangeExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	kinds := map[string]bool{}
	compared := 0
	for range 250 {
		var results [2]Result
		for side := range results {
			s := variedScheme(t, r)
			units := make([]UnitFacts, 3)
			for i := range units {
				f := variedFacts(r, s)
				units[i] = UnitFacts{org.UnitID(i + 1), &f}
			}
			all := s.Rank(1, units)
			results[side] = all[slices.IndexFunc(all, func(x Standing) bool { return x.Unit == 1 })].Result
		}
		moves, ok := Movement(results[0], results[1])
		if !ok {
			continue
		}
		compared++
		if want := results[1].Total.sub(results[0].Total); !sumOf(moves).Equal(want) {
			t.Fatalf("the moves sum to %v, the total moved by %v: %+v", sumOf(moves), want, moves)
		}
		for _, m := range moves {
			kinds[m.Kind] = true
		}
		back, _ := Movement(results[1], results[0])
		if !sumOf(back).Equal(sumOf(moves).neg()) || len(back) != len(moves) {
			t.Fatal("the way back is not the way there with the signs turned")
		}
	}
	if compared < 150 {
		t.Errorf("only %d of 250 could be compared", compared)
	}
	for _, k := range []string{MoveScore, MoveWeight, MoveApplies, MoveBonus, MoveDeduction, MoveBonusCap, MoveDeductCap, MoveLimits} {
		if !kinds[k] {
			t.Errorf("no case of %s: the test does not reach it", k)
		}
	}
}

// variedScheme is the default scheme with other weights, and sometimes a part that
// is standardised within the class.
func variedScheme(t *testing.T, r *rand.Rand) *Scheme {
	t.Helper()
	s := NJDefault()
	parts := s.Trees[0].Parts
	a := 30 + 5*r.Int64N(9)
	for i, w := range []int64{a, 20, 70 - a, 10} {
		parts[i].Weight = Frac(w, 1)
	}
	if parts[2].Weight.rat.Sign() == 0 {
		parts[2].Weight, parts[0].Weight = Frac(5, 1), Frac(65, 1)
	}
	if r.IntN(3) == 0 {
		parts[2].Scale = &Scale{Kind: ScaleZ, Centre: Frac(60, 1), Spread: Frac(10, 1)}
	}
	if r.IntN(3) == 0 {
		parts[3].Absent, parts[3].Neutral = AbsentNeutral, Frac(70, 1)
	}
	if r.IntN(2) == 0 {
		s.DeductCap = Frac(4, 1)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

func variedFacts(r *rand.Rand, s *Scheme) Facts {
	lines := func(n int) []Line {
		out := make([]Line, n)
		for i := range out {
			w := int64(50 + r.IntN(51))
			out[i] = Line{Sum: w * int64(30+r.IntN(71)), Weight: w}
		}
		return out
	}
	f := Facts{Sheets: SheetFacts{Due: r.IntN(12)}, Issues: IssueFacts{All: r.IntN(6), OrdersEarly: r.IntN(4)}, Tasks: TaskFigures{Due: r.IntN(5)}}
	for _, kind := range []string{"mid_year", "year_end"} {
		var groups []GroupResult
		for i, n := range []int{8 + r.IntN(12), r.IntN(12), r.IntN(9)} {
			if n > 0 {
				groups = append(groups, group(s, fmt.Sprintf("G%d", i+1), lines(n)))
			}
		}
		f.Appraisal = append(f.Appraisal, held(kind, groups...))
	}
	f.Sheets.Returned = r.IntN(f.Sheets.Due + 1)
	for range f.Sheets.Returned {
		f.Sheets.Companies = append(f.Sheets.Companies, []SheetScore{{1 + r.IntN(4), Frac(r.Int64N(101), 1)}})
	}
	f.Issues.Responded, f.Issues.Solved = r.IntN(f.Issues.All+1), r.IntN(f.Issues.All+1)
	for range f.Issues.All - f.Issues.Solved {
		f.Issues.Overdue = append(f.Issues.Overdue, 1+r.IntN(40))
	}
	f.Tasks.Done = r.IntN(f.Tasks.Due + 1)
	for _, rule := range []string{"B1", "B2", "B3", "D2", "D3", "D7"} {
		for range r.IntN(5) / 2 {
			f.Entries = append(f.Entries, Entry{Rule: rule, Company: 1 + r.IntN(9)})
		}
	}
	if r.IntN(4) == 0 {
		for _, rule := range []string{"B1", "B1", "B2", "B2", "B3", "B3", "B3", "B3", "B3"} {
			f.Entries = append(f.Entries, Entry{Rule: rule, Company: 1 + r.IntN(90)})
		}
	}
	return f
}

// A change worked by hand: A from 80 to 84, W begins to count.
func TestMovementByHand(t *testing.T) {
	s := plain(NJDefault())
	before, after := scored("80", "", "60", "", 0), scored("84", "", "60", "100", 0)
	// before: A 50/70, R 20/70: base = (4000 + 1200)/70 = 520/7
	// after: A 50/80, R 20/80, W 10/80: base = (4200 + 1200 + 1000)/80 = 80
	a, b := one(s, *before), one(s, *after)
	moves, ok := Movement(a, b)
	if !ok || !sumOf(moves).Equal(b.Total.sub(a.Total)) {
		t.Fatalf("%v %+v", ok, moves)
	}
	mean := half(a.Base, b.Base)
	for _, m := range moves {
		if m.Kind == MoveApplies && (m.Path[0] != "W" || !m.Points.Equal(Frac(100, 1).sub(mean).times(1, 8))) {
			t.Errorf("W begins to count: %+v", m)
		}
	}
	if _, ok := Movement(a, Result{}); ok {
		t.Error("a change from a total to none was split")
	}
}

func TestGainsAreWhatScoringOnceMoreGives(t *testing.T) {
	s := NJDefault()
	f := rest(s)
	snap := &Snapshot{Scheme: s, Units: []SnapshotUnit{{Unit: 1, Code: "D01", Class: 1, Facts: f}, {Unit: 2, Code: "D02", Class: 1, Facts: *scored("70", "", "", "", 0)}}}
	got := map[string]string{}
	last := Frac(100, 1)
	for _, g := range snap.Gains(1, 0) {
		got[g.Kind+g.Rule] = g.Points.Text(4)
		if g.Points.cmp(last) > 0 {
			t.Error("the gains are not the largest first")
		}
		last = g.Points
	}
	want := map[string]string{
		"overdue":  "2.8000",  // 0.2 + 0.2 + 0.4 + 2
		"response": "1.0000",  // 0.2 · 0.2 · 25
		"solved":   "12.0000", // SR and, as fewer than three rated, SS: 0.2 · 0.8 · 75
		"tasks":    "2.5000",  // 0.1 · 25
		"casesD2":  "10.0000",
		"casesD7":  "0.6000",
		"sheets":   "8.0000", // FS' from 80/3 to 80: 0.2 · 0.75 · 160/3
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %s, want %s", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, g := range snap.Gains(1, 5) {
		if g.Kind == GainSheets {
			t.Error("the gain tells what a single company said")
		}
	}
	if snap.Gains(9, 0) != nil {
		t.Error("gains of a unit that is not there")
	}
}
