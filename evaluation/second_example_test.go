package evaluation

import (
	"testing"

	"pingyi/org"
)

// rest is the second worked example: one unit that touches the rules of the
// default scheme which the first does not, worked by hand.
//
// Mid-year: G1 has 4 valid lines (not usable), G2 9 of them, fewer than 10 in
// usable groups: not rankable, so A is the year-end score alone.
//
// Year-end: G1 has 40 valid lines, k = ⌊0.05·40⌋ = 2: two 0s and two 100s go, of
// the rest 18 are 90 and 18 are 70, mean 80; a 41st line answered 45 of 100 and
// does not count. G2 has 6 lines, k = 0: (50+60+70+80+90+100)/6 = 75. No other
// group. A = (50·80 + 20·75)/70 = 5500/70 = 78.571428…
//
// F: one company with sheets 60 and 100 in two quarters, mean 80; n_c = 1, so
// FS' = 80·1/3 = 26.666…; 30 returned of 20 due counts as all, VC = 100.
// F = 0.75·26.666… + 25 = 45.
//
// R: 4 issues, 3 answered in time, 1 solved in time; 2 rated, fewer than 3, so
// SS = SR = 25. R = 0.2·75 + 0.4·25 + 0.4·25 = 35.
//
// W: no target, 3 tasks of 4: 75.
//
// Base = 0.5·78.571428… + 0.2·45 + 0.2·35 + 0.1·75 = 39.285714… + 9 + 7 + 7.5
// = 62.785714…
//
// B: three referrals 3 → 2; three increases 1.5 → 1; seven praises of six
// companies 1.2 → 1; four orders early 2 → 1.5. Sum 5.5 → 5.
//
// D: issues over by 1, 5, 6 and 70 working days: 0.2 + 0.2 + 0.4 + 2 (14·0.2 = 2.8,
// at most 2) = 2.8; three times buck-passing 2+3+5 = 10; two reopened 0.6.
// D = 13.4.
//
// T = 62.785714… + 5 − 13.4 = 54.385714… → 54.3857, poor.
func rest(s *Scheme) Facts {
	g1 := append(append(append(repeat(2, 0), repeat(2, 100)...), repeat(18, 90)...), repeat(18, 70)...)
	g1 = append(g1, Line{Sum: 45 * 100, Weight: 45})
	return Facts{
		Appraisal: []CampaignFacts{
			held("mid_year", group(s, "G1", repeat(4, 90)), group(s, "G2", repeat(9, 90))),
			held("year_end", group(s, "G1", g1), group(s, "G2", full(50, 60, 70, 80, 90, 100))),
		},
		Sheets: SheetFacts{Due: 20, Returned: 30, Companies: [][]SheetScore{{{1, Frac(60, 1)}, {2, Frac(100, 1)}}}},
		Issues: IssueFacts{All: 4, Responded: 3, Solved: 1, Ratings: map[string]int{"vs": 1, "s": 1}, Overdue: []int{1, 5, 6, 70}, OrdersEarly: 4},
		Tasks:  TaskFigures{Due: 4, Done: 3},
		Entries: append(entries("B1", "B1", "B1", "B2", "B2", "B2", "D2", "D2", "D2", "D7", "D7"),
			Entry{Rule: "B3", Company: 1}, Entry{Rule: "B3", Company: 2}, Entry{Rule: "B3", Company: 3}, Entry{Rule: "B3", Company: 4}, Entry{Rule: "B3", Company: 5}, Entry{Rule: "B3", Company: 6}, Entry{Rule: "B3", Company: 6}),
	}
}

func TestSecondWorkedExample(t *testing.T) {
	s := NJDefault()
	r := one(s, rest(s))
	a := r.Reasons.Appraisal()
	mid, year := a.Campaigns[0], a.Campaigns[1]
	if mid.Rankable || mid.Score.Known() || mid.Lines != 9 {
		t.Errorf("mid-year: %+v, want not rankable with 9 lines", mid)
	}
	if g := year.Groups[0]; g.Lines != 40 || g.Invalid != 1 || g.Trimmed != 2 {
		t.Errorf("G1: %d lines, %d invalid, k %d; want 40, 1, 2", g.Lines, g.Invalid, g.Trimmed)
	}
	want(t, "M_G1", year.Groups[0].Mean, "80.0000")
	want(t, "M_G2", year.Groups[1].Mean, "75.0000")
	want(t, "A", r.Reasons.Part("A").Score, "78.5714")
	want(t, "F", r.Reasons.Part("F").Score, "45.0000")
	want(t, "R", r.Reasons.Part("R").Score, "35.0000")
	want(t, "W", r.Reasons.Part("W").Score, "75.0000")
	want(t, "Base", r.Base, "62.7857")
	want(t, "B", r.Bonus, "5.0000")
	want(t, "D", r.Deduction, "13.4000")
	want(t, "T", r.Total, "54.3857")
	if ss := r.Reasons.Part("SS"); r.Grade != "poor" || ss.Figures[0].Key != "solved" {
		t.Errorf("grade %s, SS from %s; want poor, solved", r.Grade, ss.Figures[0].Key)
	}
}

func TestBoundsAndGrades(t *testing.T) {
	s := NJDefault()
	alone := func(score string, f Facts) Result {
		f.Appraisal = []CampaignFacts{given("year_end", score)}
		return one(s, f)
	}
	for _, tt := range []struct {
		name  string
		score string
		facts Facts
		total string
		grade string
	}{
		{"only A applies: its weight is all", "81.25", Facts{}, "81.2500", "good"},
		{"half up at the fifth decimal", "81.00005", Facts{}, "81.0001", "good"},
		{"below half at the fifth decimal", "81.00004", Facts{}, "81.0000", "good"},
		{"90 is excellent", "90", Facts{}, "90.0000", "excellent"},
		{"rounded to 90 is excellent", "89.99995", Facts{}, "90.0000", "excellent"},
		{"just under 90 is good", "89.9999", Facts{}, "89.9999", "good"},
		{"80 is good", "80", Facts{}, "80.0000", "good"},
		{"70 is fair", "70", Facts{}, "70.0000", "fair"},
		{"under 70 is poor", "69.9999", Facts{}, "69.9999", "poor"},
		{"at most 105", "100", Facts{Issues: IssueFacts{OrdersEarly: 9}, Entries: entries("B1", "B1", "B2", "B2", "B3", "B3", "B3", "B3", "B3")}, "105.0000", "excellent"},
		{"deductions end at 20", "90", Facts{Entries: entries("D5", "D5", "D5", "D5", "D5", "D3")}, "70.0000", "fair"},
		{"at least 0", "10", Facts{Entries: entries("D5", "D5", "D5")}, "0.0000", "poor"},
		{"zero is a score", "0", Facts{}, "0.0000", "poor"},
		{"veto shows the score and forces the grade", "95", Facts{Entries: entries("V1")}, "95.0000", "poor"},
		{"false visits three times are a veto", "95", Facts{Entries: entries("D6", "D6", "D6")}, "86.0000", "poor"},
		{"false visits twice are not", "95", Facts{Entries: entries("D6", "D6")}, "89.0000", "good"},
	} {
		r := alone(tt.score, tt.facts)
		if r.Total.Text(4) != tt.total || r.Grade != tt.grade {
			t.Errorf("%s: %s %s, want %s %s", tt.name, r.Total.Text(4), r.Grade, tt.total, tt.grade)
		}
	}
}

func TestPartsThatDoNotApply(t *testing.T) {
	s := NJDefault()
	part := func(code string, f Facts) Exact {
		n, _ := s.Trees[0].Find(code)
		return s.column(n, []*Facts{&f})[0].Score
	}
	for name, x := range map[string]Exact{
		"F, no visit due": part("F", Facts{}), "R, no issue": part("R", Facts{Issues: IssueFacts{Excluded: 2}}), "W, no task": part("W", Facts{}),
	} {
		if x.Known() {
			t.Errorf("%s: %v, want none", name, x)
		}
	}
	want(t, "F with no sheet returned", part("F", Facts{Sheets: SheetFacts{Due: 4}}), "0.0000")
	want(t, "W with a target alone", part("W", Facts{Tasks: TaskFigures{Target: Decimal("100"), Arrived: Decimal("50")}}), "50.0000")
	want(t, "W over target", part("W", Facts{Tasks: TaskFigures{Target: Decimal("100"), Arrived: Decimal("300"), Due: 2, Done: 1}}), "75.0000")
	if r := one(s, Facts{Sheets: sheets(1, 1, 100)}); r.Total.Known() || r.Base.Known() || r.Grade != "" {
		t.Errorf("without an appraisal score: %v, want insufficient", r.Total)
	}
}

func TestLines(t *testing.T) {
	s := NJDefault()
	answers := func(weights ...string) map[string]string {
		m := map[string]string{}
		for _, c := range weights {
			m[c] = "s"
		}
		return m
	}
	for _, tt := range []struct {
		name  string
		in    map[string]string
		valid bool
		score string
	}{
		{"exactly half of the weight counts", answers("I2", "I3", "I4"), true, "80.0000"},
		{"less than half does not", answers("I2", "I3", "I1"), false, ""},
		{"nothing answered", answers(), false, ""},
		{"all at the lowest level is zero and counts", map[string]string{"I1": "vd", "I2": "vd", "I3": "vd", "I4": "vd", "I5": "vd", "I6": "vd", "I7": "vd", "I8": "vd"}, true, "0.0000"},
	} {
		r := s.ruler(s.Measures[0])
		l := r.line(tt.in)
		if r.valid(l) != tt.valid || (tt.valid && l.Score().Text(4) != tt.score) {
			t.Errorf("%s: %+v", tt.name, l)
		}
	}
}

func TestTrimming(t *testing.T) {
	s := NJDefault()
	for n, k := range map[int]int{5: 0, 6: 0, 7: 1, 19: 1, 20: 1, 39: 1, 40: 2, 60: 3} {
		if got := group(s, "G1", repeat(n, 80)).Trimmed; got != k {
			t.Errorf("n = %d: k = %d, want %d", n, got, k)
		}
	}
	if g := group(s, "G1", repeat(4, 80)); g.Mean.Known() || g.Variance.Known() || g.Lines != 4 {
		t.Errorf("the mean of four lines leaves the tally: %+v", g)
	}
}

func TestVetoUnitsStandAfterRankedOnes(t *testing.T) {
	s := plain(NJDefault())
	with := func(score string, rules ...string) *Facts {
		f := scored(score, "", "", "", 0)
		f.Entries = entries(rules...)
		return f
	}
	got := s.Rank(2, []UnitFacts{{1, with("99", "V1")}, {2, with("60")}, {3, &Facts{}}, {4, with("70", "V3")}})
	for i, w := range []struct {
		unit   org.UnitID
		status Status
		rank   int
	}{{2, Ranked, 1}, {1, Vetoed, 0}, {4, Vetoed, 0}, {3, Insufficient, 0}} {
		if got[i].Unit != w.unit || got[i].Status != w.status || got[i].Rank != w.rank {
			t.Errorf("place %d: %+v, want %+v", i, got[i], w)
		}
	}
}
