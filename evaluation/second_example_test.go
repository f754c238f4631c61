package evaluation

import (
	"math/big"
	"testing"

	"pingyi/feedback"
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
		Campaigns: []CampaignScore{
			s.CampaignOf("mid_year", []GroupResult{s.GroupOf("G1", repeat(4, 90)), s.GroupOf("G2", repeat(9, 90))}),
			s.CampaignOf("year_end", []GroupResult{s.GroupOf("G1", g1), s.GroupOf("G2", full(50, 60, 70, 80, 90, 100))}),
		},
		Sheets: feedback.UnitSheets{Due: 20, Returned: 30, Companies: []feedback.CompanySheets{{Company: 1, Scores: []*big.Rat{big.NewRat(60, 1), big.NewRat(100, 1)}}}},
		Issues: feedback.UnitIssues{All: 4, Responded: 3, Solved: 1, Ratings: map[string]int{"vs": 1, "s": 1}, Overdue: []int{1, 5, 6, 70}, OrdersEarly: 4},
		Tasks:  TaskFigures{Due: 4, Done: 3},
		Entries: append(entries("B1", "B1", "B1", "B2", "B2", "B2", "D2", "D2", "D2", "D7", "D7"),
			Entry{"B3", 1}, Entry{"B3", 2}, Entry{"B3", 3}, Entry{"B3", 4}, Entry{"B3", 5}, Entry{"B3", 6}, Entry{"B3", 6}),
	}
}

func TestSecondWorkedExample(t *testing.T) {
	s := NJDefault()
	r := s.ResultOf(rest(s))
	mid, year := r.Reasons.A.Campaigns[0], r.Reasons.A.Campaigns[1]
	if mid.Rankable || mid.Score.Known() || mid.Lines != 9 {
		t.Errorf("mid-year: %+v, want not rankable with 9 lines", mid)
	}
	if g := year.Groups[0]; g.Lines != 40 || g.Invalid != 1 || g.Trimmed != 2 {
		t.Errorf("G1: %d lines, %d invalid, k %d; want 40, 1, 2", g.Lines, g.Invalid, g.Trimmed)
	}
	want(t, "M_G1", year.Groups[0].Mean, "80.0000")
	want(t, "M_G2", year.Groups[1].Mean, "75.0000")
	want(t, "A", r.Reasons.A.Score, "78.5714")
	want(t, "F", r.Reasons.F.Score, "45.0000")
	want(t, "R", r.Reasons.R.Score, "35.0000")
	want(t, "W", r.Reasons.W.Score, "75.0000")
	want(t, "Base", r.Base, "62.7857")
	want(t, "B", r.Bonus, "5.0000")
	want(t, "D", r.Deduction, "13.4000")
	want(t, "T", r.Total, "54.3857")
	if r.Grade != "poor" || !r.Reasons.R.SSIsSR {
		t.Errorf("grade %s, SS from SR %t; want poor, true", r.Grade, r.Reasons.R.SSIsSR)
	}
}

func TestBoundsAndGrades(t *testing.T) {
	s := NJDefault()
	alone := func(score string, f Facts) Result {
		f.Campaigns = []CampaignScore{campaign("year_end", score)}
		return s.ResultOf(f)
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
		{"at most 105", "100", Facts{Issues: feedback.UnitIssues{OrdersEarly: 9}, Entries: entries("B1", "B1", "B2", "B2", "B3", "B3", "B3", "B3", "B3")}, "105.0000", "excellent"},
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

func TestComponentsThatDoNotApply(t *testing.T) {
	s := NJDefault()
	if r := s.SheetsOf(feedback.UnitSheets{}); r.Score.Known() {
		t.Errorf("no visit due: F = %v, want none", r.Score)
	}
	want(t, "F with no sheet returned", s.SheetsOf(feedback.UnitSheets{Due: 4}).Score, "0.0000")
	if r := s.IssuesOf(feedback.UnitIssues{Excluded: 2}); r.Score.Known() {
		t.Errorf("no issue: R = %v, want none", r.Score)
	}
	if r := s.TasksOf(TaskFigures{}); r.Score.Known() {
		t.Errorf("no task: W = %v, want none", r.Score)
	}
	want(t, "W with a target alone", s.TasksOf(TaskFigures{Target: Decimal("100"), Arrived: Decimal("50")}).Score, "50.0000")
	want(t, "W over target", s.TasksOf(TaskFigures{Target: Decimal("100"), Arrived: Decimal("300"), Due: 2, Done: 1}).Score, "75.0000")
	if r := s.ResultOf(Facts{Sheets: sheets(1, 1, 100)}); r.Total.Known() || r.Base.Known() || r.Grade != "" {
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
		l := s.LineOf(tt.in)
		if s.Valid(l) != tt.valid || (tt.valid && l.Score().Text(4) != tt.score) {
			t.Errorf("%s: %+v", tt.name, l)
		}
	}
}

func TestTrimming(t *testing.T) {
	s := NJDefault()
	for n, k := range map[int]int{1: 0, 6: 0, 7: 1, 19: 1, 20: 1, 39: 1, 40: 2, 60: 3} {
		if got := s.GroupOf("G1", repeat(n, 80)).Trimmed; got != k {
			t.Errorf("n = %d: k = %d, want %d", n, got, k)
		}
	}
}

func TestVetoUnitsStandAfterRankedOnes(t *testing.T) {
	got := Rank(2, map[org.UnitID]Result{
		1: {Total: Decimal("99"), Veto: true}, 2: {Total: Decimal("60")}, 3: {}, 4: {Total: Decimal("70"), Veto: true}})
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

func TestSchemeRefusesContradictions(t *testing.T) {
	for name, spoil := range map[string]func(*Scheme){
		"indicator weights":  func(s *Scheme) { s.Indicators[0].Weight = 11 },
		"component weights":  func(s *Scheme) { s.Components[0].Weight = 49 },
		"sheets at nought":   func(s *Scheme) { s.Components[1].Weight, s.Components[0].Weight = 0, 70 },
		"a group under five": func(s *Scheme) { s.Group.MinLines = 4 },
		"grades upside down": func(s *Scheme) { s.Grades[0].From = Decimal("10") },
	} {
		s := NJDefault()
		spoil(s)
		if s.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
