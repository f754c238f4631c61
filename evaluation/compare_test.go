package evaluation

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pingyi/org"
)

func TestCorrectionsNameEveryNumberThatChanged(t *testing.T) {
	line := func(unit org.UnitID, rank int, total, part string) RankedLine {
		return RankedLine{Unit: unit, Code: "D0" + string(rune('0'+unit)), Status: Ranked, Rank: rank, Total: Decimal(total), Base: Decimal(total), Grade: "good", Parts: []PartScore{{"A", Decimal(part)}}}
	}
	older := &Ranking{Lines: []RankedLine{line(1, 1, "90", "90"), line(2, 2, "80.5", "80"), line(3, 3, "70", "70")}}
	newer := &Ranking{Lines: []RankedLine{line(2, 1, "91", "82"), line(1, 2, "90", "90"), line(3, 3, "70", "70")}}
	newer.Lines[0].Lists = []string{"advanced"}
	got := map[string]string{}
	for _, d := range Corrections(older, newer) {
		got[d.Code+" "+d.Field+d.Part] = d.Old + " " + d.New
	}
	want := map[string]string{"D01 rank": "1 2", "D02 rank": "2 1", "D02 total": "80.5 91", "D02 base": "80.5 91", "D02 partA": "80 82", "D02 lists": " advanced"}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q, want %q", k, got[k], v)
		}
	}
	if same := Corrections(older, older); len(same) != 0 {
		t.Errorf("a ranking differs from itself: %v", same)
	}
}

func TestSlopesTellAChangeFromItsError(t *testing.T) {
	row := func(unit org.UnitID, total string, se float64) Row {
		return Row{Unit: unit, Class: 1, Status: Ranked, Total: Decimal(total), SE: se}
	}
	before := []Row{row(1, "80", 1), row(2, "80", 3), row(3, "80", 1), {Unit: 4, Class: 1}}
	now := []Row{row(1, "84", 1), row(2, "84", 3), row(4, "90", 1), row(5, "90", 1)}
	got := Slopes(before, now)
	if len(got) != 2 {
		t.Fatalf("%d slopes, want 2: those with a total in both years", len(got))
	}
	// 1.96·√2 = 2.77 < 4; 1.96·√18 = 8.32 > 4
	if !got[0].Exceeds || got[1].Exceeds || math.Abs(got[0].Error-2.7718585822512662) > 1e-12 {
		t.Errorf("%+v", got)
	}
}

func TestFunnelOfAClass(t *testing.T) {
	row := func(score string, se float64, lines int) Row {
		doc, err := json.Marshal(Reasons{Parts: []Part{{Code: "A", Appraisal: &Appraisal{Score: Decimal(score), SE: se, Lines: lines}}}})
		if err != nil {
			t.Fatal(err)
		}
		return Row{Doc: doc}
	}
	f, err := FunnelOf([]Row{row("80", 1, 100), row("82", 2, 25), row("78", 1, 100), row("81", 1, 100), row("79", 1, 100), row("95", 1, 100), {Doc: []byte(`{"parts":[]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Points) != 6 || f.Target != 82.5 || f.Spread != 10 {
		t.Errorf("%d points around %v, spread %v; want 6 around 82.5, 10", len(f.Points), f.Target, f.Spread)
	}
	for _, p := range f.Points {
		if want := f.Limit(float64(p.Ballots), 1.96); math.Abs(p.High95-f.Target-want) > 1e-9 {
			t.Errorf("limit at %d ballots: %v, want %v", p.Ballots, p.High95-f.Target, want)
		}
	}
	if few, err := FunnelOf([]Row{row("80", 1, 10), row("82", 1, 10)}); few != nil || err != nil {
		t.Errorf("a funnel of two: %v %v", few, err)
	}
}

// What the reasons leave open cannot be worked out from what they show: a part below
// the floor takes its neighbours along, a group below it the smallest of the others.
func TestDiscreetLeavesNothingToWorkOut(t *testing.T) {
	groups := func(lines ...int) []GroupScore {
		var out []GroupScore
		for i, n := range lines {
			out = append(out, GroupScore{GroupResult: GroupResult{Group: RaterGroups[i], Lines: n}, Used: n >= 5})
		}
		return out
	}
	for _, tt := range []struct {
		lines, left []int
	}{
		{[]int{40, 12, 11}, []int{40, 12, 11}},
		{[]int{40, 12, 7}, []int{40}},
		{[]int{40, 6, 7}, []int{40}},
		{[]int{40, 12, 3}, []int{40, 12}}, // three lines enter nothing
		{[]int{8, 12}, nil},
	} {
		var left []int
		for _, g := range discreetGroups(groups(tt.lines...), 10) {
			left = append(left, g.Lines)
		}
		if !slices.Equal(left, tt.left) {
			t.Errorf("of %v are left %v, want %v", tt.lines, left, tt.left)
		}
	}
	for _, tt := range []struct {
		name    string
		figures []Figure
		few     bool
	}{
		{"four companies", []Figure{figure("companies", 4)}, true},
		{"no sheet at all", []Figure{figure("companies", 0)}, true},
		{"five companies", []Figure{figure("companies", 5)}, false},
		{"did the one sheet come back?", []Figure{figure("returned", 1), figure("due", 1)}, true},
		{"no visit due", []Figure{figure("returned", 0), figure("due", 0)}, false},
		{"three ratings", []Figure{figure("rated", 3)}, true},
		{"the rate of solved issues stands in", []Figure{figure("solved", 1), figure("issues", 2), figure("rated", 1)}, false},
		{"answered in time is no opinion", []Figure{figure("responded", 1), figure("issues", 1)}, false},
	} {
		if got := (Part{Figures: tt.figures}).few(5); got != tt.few {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	r := Reasons{Parts: []Part{{Code: "F", Score: Decimal("60"), Parts: []Part{{Code: "FS", Figures: []Figure{figure("companies", 4)}}, {Code: "VC"}}}, {Code: "R", Parts: []Part{{Code: "RR"}}}}}
	d := r.Discreet(5)
	if d.Parts[0].Parts != nil || !d.Parts[0].Score.Known() || len(d.Parts[1].Parts) != 1 || len(r.Parts[0].Parts) != 2 {
		t.Errorf("%+v", d)
	}
}
