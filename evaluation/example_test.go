package evaluation

import (
	"math/big"
	"testing"

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
func sheets(due, returned int, scores ...int64) SheetFacts {
	f := SheetFacts{Due: due, Returned: returned}
	for _, x := range scores {
		f.Companies = append(f.Companies, []SheetScore{{Quarter: 1, Score: Frac(x, 1)}})
	}
	return f
}

func entries(rules ...string) []Entry {
	var out []Entry
	for i, r := range rules {
		out = append(out, Entry{Rule: r, Company: i + 1})
	}
	return out
}

// group computes what lines of one group say, by the scheme's first measure.
func group(s *Scheme, code string, lines []Line) GroupResult {
	return s.groupsOf(s.ruler(s.Measures[0]), map[string][]Line{code: lines})[0]
}

// held is a campaign with what its groups say.
func held(kind string, groups ...GroupResult) CampaignFacts {
	return CampaignFacts{Campaign: kind, Measures: []MeasureFacts{{Measure: "score", Groups: groups}}}
}

// given is a campaign in which one group says exactly the score.
func given(kind, score string) CampaignFacts {
	return held(kind, GroupResult{Group: "G1", Lines: 20, Mean: Decimal(score)})
}

// one scores a unit alone in its class.
func one(s *Scheme, f Facts) Result { return s.Rank(1, []UnitFacts{{1, &f}})[0].Result }

func want(t *testing.T, name string, got Exact, text string) {
	t.Helper()
	if got.Text(4) != text {
		t.Errorf("%s = %s (%v), want %s", name, got.Text(4), got, text)
	}
}

// u2 is unit U2 (Natural Resources) of the published worked example.
func u2(s *Scheme) Facts {
	line := s.ruler(s.Measures[0]).line(map[string]string{"I1": "s", "I2": "b", "I3": "s", "I4": "vs", "I5": "d", "I6": "na", "I7": "s", "I8": "b"})
	groups := []GroupResult{
		group(s, "G1", append([]Line{line}, full(92, 88, 75, 60, 100, 84, 79)...)),
		group(s, "G2", full(90, 85, 70, 80, 75)),
		group(s, "G3", full(95, 85, 90, 80, 85)),
		group(s, "G4", full(88, 76, 84, 80, 92, 72)),
		group(s, "G5", full(90, 90, 90)),
	}
	return Facts{
		Appraisal: []CampaignFacts{given("mid_year", "80"), held("year_end", groups...)},
		Sheets:    sheets(24, 21, 88, 92, 76, 80, 84),
		Issues: IssueFacts{All: 11, Excluded: 1, Responded: 10, Solved: 8,
			Ratings: map[string]int{"vs": 3, "s": 3, "b": 2, "d": 1}, Overdue: []int{12, 2}},
		Tasks:   TaskFigures{Target: Decimal("2000.00"), Arrived: Decimal("2150.00"), Due: 10, Done: 9},
		Entries: entries("B1", "B2", "B3", "B3", "B3", "D2"),
	}
}

// The worked example of the default scheme, to the last digit.
func TestWorkedExample(t *testing.T) {
	s := NJDefault()
	r := one(s, u2(s))
	year := r.Reasons.Appraisal().Campaigns[1]
	if k := year.Groups[0].Trimmed; k != 1 {
		t.Errorf("k of G1 = %d, want 1", k)
	}
	if year.Groups[4].Used || year.Lines != 24 {
		t.Errorf("G5 usable %t, lines %d; want false, 24", year.Groups[4].Used, year.Lines)
	}
	want(t, "M_G1", year.Groups[0].Mean, "81.5185")
	want(t, "A year-end", year.Score, "81.8436")
	want(t, "A", r.Reasons.Part("A").Score, "81.1062")
	want(t, "F", r.Reasons.Part("F").Score, "84.8750")
	want(t, "RR", r.Reasons.Part("RR").Score, "90.9091")
	want(t, "SR", r.Reasons.Part("SR").Score, "72.7273")
	want(t, "SS", r.Reasons.Part("SS").Score, "76.6667")
	want(t, "R", r.Reasons.Part("R").Score, "77.9394")
	want(t, "W", r.Reasons.Part("W").Score, "95.0000")
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

// plain is the scheme with its components fed directly, for tables that give A, F, R
// and W as they stand.
func plain(s *Scheme, weights ...string) *Scheme {
	c := s.Clone()
	c.Panels = []Panel{{Code: "A"}, {Code: "F"}, {Code: "R"}, {Code: "W"}}
	for i := range c.Trees[0].Parts {
		n := &c.Trees[0].Parts[i]
		n.Source, n.Parts = &Source{Kind: FromPanel, Panel: n.Code}, nil
		if len(weights) > 0 {
			n.Weight = Decimal(weights[i])
		}
	}
	return c
}

// scored is a unit whose components are given as they stand.
func scored(a, f, r, w string, bonus int) *Facts {
	out := &Facts{}
	for code, x := range map[string]string{"A": a, "F": f, "R": r, "W": w} {
		if x != "" {
			out.Panels = append(out.Panels, PanelScore{code, Decimal(x)})
		}
	}
	for range bonus {
		out.Entries = append(out.Entries, Entry{Rule: "B3", Company: len(out.Entries) + 1})
	}
	return out
}

func TestClassTableOfTheWorkedExample(t *testing.T) {
	u := one(NJDefault(), u2(NJDefault())) // its parts, as fractions, feed the plain scheme
	second := scored(u.Reasons.Part("A").Score.String(), u.Reasons.Part("F").Score.String(), u.Reasons.Part("R").Score.String(), u.Reasons.Part("W").Score.String(), 0)
	second.Issues.Overdue = []int{12, 2}
	second.Entries = entries("B1", "B2", "B3", "B3", "B3", "D2")
	table := []UnitFacts{{5, &Facts{}}, {1, scored("86.4", "90", "", "88", 2)}, {4, scored("78", "84", "80", "81", 0)}, {2, second}, {3, scored("83.2", "57.5", "88", "92", 0)}}
	s := plain(NJDefault())
	type row struct {
		unit   org.UnitID
		rank   int
		total  string
		status Status
	}
	check := func(name string, got []Standing, wants ...row) {
		t.Helper()
		for i, w := range wants {
			g := got[i]
			if g.Unit != w.unit || g.Rank != w.rank || g.Result.Total.Text(4) != w.total || g.Status != w.status {
				t.Errorf("%s, place %d: unit %d rank %d total %s %s, want %+v", name, i, g.Unit, g.Rank, g.Result.Total.Text(4), g.Status, w)
			}
		}
	}
	check("default", s.Rank(1, table), row{1, 1, "87.9000", Ranked}, row{2, 2, "81.9160", Ranked}, row{3, 3, "79.9000", Ranked}, row{4, 3, "79.9000", Ranked}, row{5, 0, "", Insufficient})
	// a sixth ranked unit has rank 5: ties share 3
	if got := s.Rank(1, append(table, UnitFacts{6, scored("70", "70", "70", "70", 0)}))[4]; got.Unit != 6 || got.Rank != 5 {
		t.Errorf("sixth unit: unit %d rank %d, want 6 and 5", got.Unit, got.Rank)
	}
	// under weights 70/10/10/10 ranks 2 and 3 swap
	check("70/10/10/10", plain(NJDefault(), "70", "10", "10", "10").Rank(1, table), row{1, 1, "87.3778", Ranked}, row{3, 2, "81.9900", Ranked}, row{2, 3, "81.8558", Ranked}, row{4, 4, "79.1000", Ranked})
	if u3 := NJDefault().Trees[0].Parts[1]; true {
		f := Facts{Sheets: sheets(12, 6, 90, 90)}
		want(t, "F of U3", NJDefault().column(u3, []*Facts{&f})[0].Score, "57.5000")
	}
}

func TestTiers(t *testing.T) {
	of := func(unit org.UnitID, total string, se float64) Standing {
		return Standing{Unit: unit, Result: Result{Total: Decimal(total), SE: se}}
	}
	got := []Standing{of(1, "87.90", 1.2), of(2, "81.92", 1.8), of(3, "79.90", 2.5)}
	tiers(got)
	for i, tier := range []int{1, 2, 2} {
		if got[i].Tier != tier {
			t.Errorf("unit %d: tier %d, want %d", got[i].Unit, got[i].Tier, tier)
		}
	}
	if got[1].Best != 2 || got[1].Worst != 3 {
		t.Errorf("rank range of unit 2: %d–%d, want 2–3", got[1].Best, got[1].Worst)
	}
	same := []Standing{of(1, "80", 0), of(2, "80", 0)}
	tiers(same)
	if same[0].Tier != same[1].Tier || same[0].Best != 1 || same[0].Worst != 2 {
		t.Errorf("equal units: %+v", same)
	}
}
