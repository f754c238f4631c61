package evaluation

import (
	"math/big"
	"testing"

	"pingyi/feedback"
	"pingyi/org"
)

// full makes lines of whole answered weight from scores.
func full(scores ...int64) []Line {
	var out []Line
	for _, s := range scores {
		out = append(out, Line{Sum: 100 * s, Weight: 100})
	}
	return out
}

// repeat makes n lines of the same score.
func repeat(n int, score int64) []Line {
	var out []Line
	for range n {
		out = append(out, Line{Sum: 100 * score, Weight: 100})
	}
	return out
}

// sheets makes companies with one sheet each.
func sheets(due, returned int, scores ...int64) feedback.UnitSheets {
	u := feedback.UnitSheets{Due: due, Returned: returned}
	for i, s := range scores {
		u.Companies = append(u.Companies, feedback.CompanySheets{Company: org.CompanyID(i + 1), Scores: []*big.Rat{big.NewRat(s, 1)}})
	}
	return u
}

func entries(rules ...string) []Entry {
	var out []Entry
	for i, r := range rules {
		out = append(out, Entry{Rule: r, Company: org.CompanyID(i + 1)})
	}
	return out
}

// campaign makes a campaign whose score is given.
func campaign(code, score string) CampaignScore {
	return CampaignScore{Campaign: code, Lines: 20, Rankable: true, Score: Decimal(score)}
}

func want(t *testing.T, name string, got Exact, text string) {
	t.Helper()
	if got.Text(4) != text {
		t.Errorf("%s = %s (%v), want %s", name, got.Text(4), got, text)
	}
}

// u2 is unit U2 (Natural Resources) of the published worked example.
func u2(s *Scheme) Facts {
	line := s.LineOf(map[string]string{"I1": "s", "I2": "b", "I3": "s", "I4": "vs", "I5": "d", "I6": "na", "I7": "s", "I8": "b"})
	groups := []GroupResult{
		s.GroupOf("G1", append([]Line{line}, full(92, 88, 75, 60, 100, 84, 79)...)),
		s.GroupOf("G2", full(90, 85, 70, 80, 75)),
		s.GroupOf("G3", full(95, 85, 90, 80, 85)),
		s.GroupOf("G4", full(88, 76, 84, 80, 92, 72)),
		s.GroupOf("G5", full(90, 90, 90)),
	}
	return Facts{
		Campaigns: []CampaignScore{campaign("mid_year", "80"), s.CampaignOf("year_end", groups)},
		Sheets:    sheets(24, 21, 88, 92, 76, 80, 84),
		Issues: feedback.UnitIssues{All: 11, Excluded: 1, Responded: 10, Solved: 8,
			Ratings: map[string]int{"vs": 3, "s": 3, "b": 2, "d": 1}, Overdue: []int{12, 2}},
		Tasks:   TaskFigures{Target: Decimal("2000.00"), Arrived: Decimal("2150.00"), Due: 10, Done: 9},
		Entries: entries("B1", "B2", "B3", "B3", "B3", "D2"),
	}
}

// The worked example of the default scheme, to the last digit.
func TestWorkedExample(t *testing.T) {
	s := NJDefault()
	r := s.ResultOf(u2(s))
	year := r.Reasons.A.Campaigns[1]
	if k := year.Groups[0].Trimmed; k != 1 {
		t.Errorf("k of G1 = %d, want 1", k)
	}
	if year.Groups[4].Usable || year.Lines != 24 {
		t.Errorf("G5 usable %t, lines %d; want false, 24", year.Groups[4].Usable, year.Lines)
	}
	want(t, "M_G1", year.Groups[0].Mean, "81.5185")
	want(t, "A year-end", year.Score, "81.8436")
	want(t, "A", r.Reasons.A.Score, "81.1062")
	want(t, "F", r.Reasons.F.Score, "84.8750")
	want(t, "RR", r.Reasons.R.RR, "90.9091")
	want(t, "SR", r.Reasons.R.SR, "72.7273")
	want(t, "SS", r.Reasons.R.SS, "76.6667")
	want(t, "R", r.Reasons.R.Score, "77.9394")
	want(t, "W", r.Reasons.W.Score, "95.0000")
	want(t, "Base", r.Base, "82.6160")
	want(t, "B", r.Bonus, "2.1000")
	want(t, "D", r.Deduction, "2.8000")
	want(t, "T", r.Total, "81.9160")
	if r.Grade != "good" {
		t.Errorf("grade %s, want good", r.Grade)
	}
	if got := big.NewFloat(year.SE).Text('f', 4); got != "2.6416" {
		t.Errorf("SE(A_c) = %s, want 2.6416", got)
	}
	if got := big.NewFloat(r.SE).Text('f', 4); got != "0.7925" {
		t.Errorf("SE(T) = %s, want 0.7925", got)
	}
}

// scored is a unit whose components are given as they stand.
func scored(s *Scheme, a, f, r, w string, bonus string) Result {
	res := Result{Reasons: Reasons{}}
	sum, weight := None, int64(0)
	for i, x := range []string{a, f, r, w} {
		if x != "" {
			c := s.Components[i]
			sum = sum.add(Decimal(x).times(int64(c.Weight), 1))
			weight += int64(c.Weight)
		}
	}
	res.Base = sum.times(1, weight)
	res.Total = res.Base.add(Decimal(bonus)).Round(4)
	return res
}

func TestClassTableOfTheWorkedExample(t *testing.T) {
	s := NJDefault()
	table := map[org.UnitID]Result{
		1: scored(s, "86.4", "90", "", "88", "0.4"),
		2: s.ResultOf(u2(s)),
		3: scored(s, "83.2", "57.5", "88", "92", "0"),
		4: scored(s, "78", "84", "80", "81", "0"),
		5: s.ResultOf(Facts{Campaigns: []CampaignScore{s.CampaignOf("year_end", []GroupResult{s.GroupOf("G1", repeat(7, 90))})}}),
	}
	if u3 := s.SheetsOf(sheets(12, 6, 90, 90)); u3.Score.Text(4) != "57.5000" {
		t.Errorf("F of U3 = %s, want 57.5000", u3.Score.Text(4))
	}
	got := Rank(1, table)
	type row struct {
		unit   org.UnitID
		rank   int
		total  string
		status Status
	}
	for i, w := range []row{{1, 1, "87.9000", Ranked}, {2, 2, "81.9160", Ranked}, {3, 3, "79.9000", Ranked}, {4, 3, "79.9000", Ranked}, {5, 0, "", Insufficient}} {
		g := got[i]
		if g.Unit != w.unit || g.Rank != w.rank || g.Result.Total.Text(4) != w.total || g.Status != w.status {
			t.Errorf("place %d: unit %d rank %d total %s %s, want %+v", i, g.Unit, g.Rank, g.Result.Total.Text(4), g.Status, w)
		}
	}
	// a sixth ranked unit has rank 5: ties share 3
	table[6] = scored(s, "70", "70", "70", "70", "0")
	if got := Rank(1, table)[4]; got.Unit != 6 || got.Rank != 5 {
		t.Errorf("sixth unit: unit %d rank %d, want 6 and 5", got.Unit, got.Rank)
	}
	// under weights 70/10/10/10 ranks 2 and 3 swap
	sim := *s
	sim.Components = []Weighted{{"A", 70}, {"F", 10}, {"R", 10}, {"W", 10}}
	for unit, want := range map[org.UnitID]string{1: "87.3778", 3: "81.9900", 4: "79.1000"} {
		in := map[org.UnitID][5]string{1: {"86.4", "90", "", "88", "0.4"}, 3: {"83.2", "57.5", "88", "92", "0"}, 4: {"78", "84", "80", "81", "0"}}[unit]
		if got := scored(&sim, in[0], in[1], in[2], in[3], in[4]).Total.Text(4); got != want {
			t.Errorf("U%d under 70/10/10/10: %s, want %s", unit, got, want)
		}
	}
	if got := sim.ResultOf(u2(&sim)).Total.Text(4); got != "81.8558" {
		t.Errorf("U2 under 70/10/10/10: %s, want 81.8558", got)
	}
}

func TestTiers(t *testing.T) {
	of := func(total string, se float64) Result { return Result{Total: Decimal(total), SE: se} }
	got := Rank(1, map[org.UnitID]Result{1: of("87.90", 1.2), 2: of("81.92", 1.8), 3: of("79.90", 2.5)})
	for i, tier := range []int{1, 2, 2} {
		if got[i].Tier != tier {
			t.Errorf("unit %d: tier %d, want %d", got[i].Unit, got[i].Tier, tier)
		}
	}
	if got[1].Best != 2 || got[1].Worst != 3 {
		t.Errorf("rank range of unit 2: %d–%d, want 2–3", got[1].Best, got[1].Worst)
	}
	same := Rank(1, map[org.UnitID]Result{1: of("80", 0), 2: of("80", 0)})
	if same[0].Tier != same[1].Tier || same[0].Best != 1 || same[0].Worst != 2 {
		t.Errorf("equal units: %+v", same)
	}
}
