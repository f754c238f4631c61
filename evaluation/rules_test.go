package evaluation

import (
	"fmt"
	"strings"
	"testing"

	"pingyi/org"
)

var someNames = org.Names{ZH: "甲", EN: "a", RU: "а"}

// byPanel is a scheme whose score is one panel's score, before anything a test adds.
func byPanel() *Scheme {
	s := NJDefault().Clone()
	s.Panels = []Panel{{Code: "p", Name: someNames}}
	s.Trees = []Tree{{Code: "t", Name: someNames, Parts: []Node{{Code: "P", Name: someNames, Weight: Decimal("100"), Source: &Source{Kind: FromPanel, Panel: "p"}, Required: true}}}}
	s.Lists = nil
	return s
}

// units are units whose panel scores are given, numbered from 1; "" has none.
func units(scores ...string) []UnitFacts {
	var out []UnitFacts
	for i, x := range scores {
		f := &Facts{}
		if x != "" {
			f.Panels = []PanelScore{{"p", Decimal(x)}}
		}
		out = append(out, UnitFacts{org.UnitID(i + 1), f})
	}
	return out
}

// line writes a ranking on one line: unit, rank, total, grade, lists.
func line(all []Standing) string {
	var out []string
	for _, x := range all {
		t := fmt.Sprintf("%d:%d:%s:%s", x.Unit, x.Rank, x.Result.Total.Text(2), x.Result.Grade)
		for _, l := range x.Lists {
			t += "+" + l
		}
		out = append(out, t)
	}
	return strings.Join(out, " ")
}

// TestScales: five units with 50, 60, 60, 70, 90, by hand. Mean 66, variance (256 +
// 36 + 36 + 16 + 576)/5 = 184, sd = 13.564659966250…; z of 50: 50 − 10·16/13.5647 =
// 38.2046; of 90: 50 + 10·24/13.5647 = 67.6930. Min–max: 0, 25, 25, 50, 100.
// Percentile among 4 others: 0, (1 + ½)/4 = 37.5, 37.5, 75, 100. Places by 100 − 15
// each, not under 50: 90 → 100, 70 → 85, 60 → 70 twice, 50 → 100 − 60 = 40 → 50.
func TestScales(t *testing.T) {
	for _, tt := range []struct {
		scale Scale
		want  string
	}{
		{Scale{Kind: ScaleZ, Centre: Decimal("50"), Spread: Decimal("10")}, "38.2046 45.5767 45.5767 52.9488 67.6930"},
		{Scale{Kind: ScaleMinMax}, "0.0000 25.0000 25.0000 50.0000 100.0000"},
		{Scale{Kind: ScalePercentile}, "0.0000 37.5000 37.5000 75.0000 100.0000"},
		{Scale{Kind: ScaleRank, Top: Decimal("100"), Step: Decimal("15"), Floor: Decimal("50")}, "50.0000 70.0000 70.0000 85.0000 100.0000"},
	} {
		s := byPanel()
		s.Trees[0].Parts[0].Scale = &tt.scale
		var got []string
		by := map[org.UnitID]string{}
		for _, x := range s.Rank(1, units("50", "60", "60", "70", "90", "")) {
			by[x.Unit] = x.Result.Total.Text(4)
		}
		for u := range org.UnitID(5) {
			got = append(got, by[u+1])
		}
		if strings.Join(got, " ") != tt.want || by[6] != "" {
			t.Errorf("%s: %s and %q, want %s and none", tt.scale.Kind, strings.Join(got, " "), by[6], tt.want)
		}
		// all equal: nobody is told apart
		for _, x := range s.Rank(1, units("70", "70")) {
			if x.Rank != 1 {
				t.Errorf("%s: equal units have ranks", tt.scale.Kind)
			}
		}
	}
}

// TestGrades: ten units 95, 92, 90, 88, 85, 80, 75, 70, 65, 60.
func TestGradesByThresholdQuotaAndBoth(t *testing.T) {
	ten := units("95", "92", "90", "88", "85", "80", "75", "70", "65", "60")
	g := func(code, from, share string) Grade {
		x := Grade{Code: code, Name: someNames}
		if from != "" {
			x.From = Decimal(from)
		}
		if share != "" {
			x.Share = Decimal(share)
		}
		return x
	}
	for _, tt := range []struct {
		name   string
		grades []Grade
		units  []UnitFacts
		want   string
	}{
		{"threshold", []Grade{g("A", "90", ""), g("B", "70", ""), g("C", "", "")}, ten, "AAABBBBBCC"},
		{"quota 20 % and 50 %", []Grade{g("A", "", "20"), g("B", "", "50"), g("C", "", "")}, ten, "AABBBBBCCC"},
		{"both: quota 50 %, but 90 is needed", []Grade{g("A", "90", "50"), g("B", "80", "20"), g("C", "", "")}, ten, "AAABBCCCCC"},
		{"a share of 5 is rounded half up: 25 % of 10 is 3", []Grade{g("A", "", "25"), g("B", "", "")}, ten, "AAABBBBBBB"},
		{"equal totals share a grade", []Grade{g("A", "", "20"), g("B", "", "")}, units("95", "92", "92", "92", "60"), "AB"},
	} {
		s := byPanel()
		s.Grades, s.Veto = tt.grades, nil
		got := ""
		for _, x := range s.Rank(1, tt.units) {
			got += x.Result.Grade
		}
		if tt.name == "equal totals share a grade" { // 20 % of 5 is 1: 95 alone; the three equal ones share B
			tt.want = "ABBBB"
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestLists: ten units; the lists of best and worst.
func TestLists(t *testing.T) {
	ten := func() []UnitFacts { return units("95", "92", "92", "88", "85", "80", "75", "70", "65", "60") }
	for _, tt := range []struct {
		name string
		list List
		edit func(u []UnitFacts)
		want string // units on the list, best first
	}{
		{"the first 25 %, rounded up to 3", List{Share: Decimal("25")}, nil, "1 2 3"},
		{"at most one, and who is equal to it is not", List{Most: 1}, nil, "1"},
		{"two places, but the third is equal to the second", List{Most: 2}, nil, "1 2 3"},
		{"only grade excellent", List{Most: 5, Grades: []string{"excellent"}}, nil, "1 2 3"},
		{"without a case of D2", List{Most: 3, Without: []string{"D2"}}, func(u []UnitFacts) { u[0].Facts.Entries = entries("D2") }, "2 3"},
		{"not with a veto that keeps it off", List{Most: 3}, func(u []UnitFacts) { u[0].Facts.Entries = entries("V1") }, "2 3 4"},
		{"the last 20 %", List{Worst: true, Share: Decimal("20")}, nil, "9 10"},
		{"the worst of grade poor alone", List{Worst: true, Most: 3, Grades: []string{"poor"}}, nil, "9 10"},
		{"no list of the worst when all reach 60", List{Worst: true, Most: 3, UnlessAll: Decimal("60")}, nil, ""},
		{"a list when one does not reach 61", List{Worst: true, Most: 3, UnlessAll: Decimal("61")}, nil, "8 9 10"},
	} {
		s := byPanel()
		tt.list.Code, tt.list.Name = "l", someNames
		s.Lists = []List{tt.list}
		u := ten()
		if tt.edit != nil {
			tt.edit(u)
		}
		var got []string
		for _, x := range s.Rank(1, u) {
			if len(x.Lists) > 0 {
				got = append(got, fmt.Sprint(x.Unit))
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestTies(t *testing.T) {
	s := byPanel()
	four := units("90", "80", "80", "70")
	if got := line(s.Rank(1, four)); got != "1:1:90.00:excellent 2:2:80.00:good 3:2:80.00:good 4:4:70.00:fair" {
		t.Errorf("standard: %s", got)
	}
	s.Ties.Rule = TiesDense
	if got := line(s.Rank(1, four)); got != "1:1:90.00:excellent 2:2:80.00:good 3:2:80.00:good 4:3:70.00:fair" {
		t.Errorf("dense: %s", got)
	}
	// 80 with a praise and a reopening (+0.2 +0.1 …): equal totals, the bonus decides
	s.Ties = TieRule{Rule: TiesStandard, Then: []string{"bonus"}}
	four[2].Facts.Panels[0].Score = Decimal("80.1")
	four[2].Facts.Entries = []Entry{{Rule: "B3", Company: 1}, {Rule: "D7"}}
	if got := line(s.Rank(1, four)); got != "1:1:90.00:excellent 3:2:80.00:good 2:3:80.00:good 4:4:70.00:fair" {
		t.Errorf("by bonus: %s", got)
	}
}

func TestRounding(t *testing.T) {
	for _, tt := range []struct{ rounding, in, want string }{
		{RoundHalfUp, "80.125", "80.13"}, {RoundHalfEven, "80.125", "80.12"}, {RoundHalfEven, "80.135", "80.14"}, {RoundDown, "80.129", "80.12"}, {RoundHalfEven, "80.1251", "80.13"},
	} {
		if got := Decimal(tt.in).RoundBy(tt.rounding, 2).Text(2); got != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.rounding, tt.in, got, tt.want)
		}
	}
}

// TestAddedPoints: the ways a rule can count, by hand.
func TestAddedPoints(t *testing.T) {
	amounts := func(rule string, list ...string) []Entry {
		var out []Entry
		for _, x := range list {
			out = append(out, Entry{Rule: rule, Amount: Decimal(x)})
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		rule    AddRule
		entries []Entry
		points  string
	}{
		{"each case the same", AddRule{Points: []Exact{Decimal("0.5")}}, entries("X", "X", "X"), "1.5"},
		{"dearer each time: 1 + 2 + 2", AddRule{Points: []Exact{Decimal("1"), Decimal("2")}}, entries("X", "X", "X"), "5"},
		{"cap of the rule", AddRule{Points: []Exact{Decimal("1")}, Cap: Decimal("2")}, entries("X", "X", "X"), "2"},
		{"cap of a case: 3 of 4", AddRule{Points: []Exact{Decimal("4")}, PerCase: Decimal("3")}, entries("X", "X"), "6"},
		{"in proportion: 0.1 for each 50, 120 and 30", AddRule{Points: []Exact{Decimal("0.1")}, Each: Decimal("50")}, amounts("X", "120", "30"), "0.3"},
		{"each started 50 counts: 3 and 1", AddRule{Points: []Exact{Decimal("0.1")}, Each: Decimal("50"), Started: true}, amounts("X", "120", "30"), "0.4"},
		{"exactly two of 50", AddRule{Points: []Exact{Decimal("0.1")}, Each: Decimal("50"), Started: true}, amounts("X", "100"), "0.2"},
		{"5 per cent of a base of 80", AddRule{Points: []Exact{Decimal("5")}, OfBase: true}, entries("X"), "4"},
		{"a company once", AddRule{Points: []Exact{Decimal("1")}, Company: true}, []Entry{{Rule: "X", Company: 1}, {Rule: "X", Company: 1}, {Rule: "X", Company: 2}}, "2"},
	} {
		tt.rule.Code = "X"
		if got := tt.rule.item(&Facts{Entries: tt.entries}, Decimal("80")).Points.Plain(); got != tt.points {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.points)
		}
	}
}

// TestVetoEffects: a pass line, a cap, a grade.
func TestVetoEffects(t *testing.T) {
	for _, tt := range []struct {
		name  string
		veto  VetoRule
		score string
		want  string
	}{
		{"below the pass line: grade at best fair, still ranked", VetoRule{Part: "P", Line: Decimal("85"), Effect: Effect{Grade: "fair"}}, "84", "1:1:84.00:fair"},
		{"at the pass line", VetoRule{Part: "P", Line: Decimal("85"), Effect: Effect{Grade: "fair"}}, "85", "1:1:85.00:good"},
		{"a cap of the total", VetoRule{Part: "P", Line: Decimal("85"), Effect: Effect{Cap: Decimal("60")}}, "84", "1:1:60.00:poor"},
		{"listed last without a rank", VetoRule{Part: "P", Line: Decimal("85"), Effect: Effect{Last: true}}, "84", "1:0:84.00:good"},
	} {
		s := byPanel()
		tt.veto.Code, tt.veto.Name = "V", someNames
		s.Veto = []VetoRule{tt.veto}
		if got := line(s.Rank(1, units(tt.score))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestMeasures: a line with vs, s, b, d of weights 10, 20, 15, 15 and the rest not
// answered. Mean (1000 + 1600 + 900 + 450)/60 = 65.8333; satisfied (best two) 30 of
// 60 = 50; net (best two less worst two) (30 − 15)/60 = 25. Over I1 and I4 alone:
// (1000 + 450)/25 = 58.
func TestMeasures(t *testing.T) {
	s := NJDefault()
	answers := map[string]string{"I1": "vs", "I2": "s", "I3": "b", "I4": "d", "I5": "na"}
	for _, tt := range []struct {
		m    Measure
		want string
	}{
		{Measure{Statistic: StatMean}, "65.8333"},
		{Measure{Statistic: StatTop, Best: 2}, "50.0000"},
		{Measure{Statistic: StatNet, Best: 2, Worst: 2}, "25.0000"},
		{Measure{Statistic: StatMean, Indicators: []string{"I1", "I4"}}, "58.0000"},
	} {
		want(t, fmt.Sprint(tt.m), s.ruler(tt.m).line(answers).Score(), tt.want)
	}
}

// TestMissingGroups: G1 has 10 lines of 80 (W 50), G2 4 lines of 40 (W 20).
// Renormalised: 80. G2 merged into G1: 14 lines, k = 1: (9·80 + 3·40)/12 = 70. A
// neutral 60 for G2: (50·80 + 20·60)/70 = 74.2857.
func TestMissingGroups(t *testing.T) {
	for _, tt := range []struct {
		g    Group
		want string
	}{
		{Group{Code: "G2", Weight: 20}, "80.0000"},
		{Group{Code: "G2", Weight: 20, Missing: MissingMerge, Into: "G1"}, "70.0000"},
		{Group{Code: "G2", Weight: 20, Missing: MissingNeutral, Neutral: Decimal("60")}, "74.2857"},
	} {
		s := NJDefault().Clone()
		s.Groups[1] = tt.g
		got := s.groupsOf(s.ruler(s.Measures[0]), map[string][]Line{"G1": repeat(10, 80), "G2": repeat(4, 40)})
		want(t, tt.g.Missing, s.CampaignOf("year_end", got).Score, tt.want)
	}
}

// TestSources: the sources the default scheme does not use.
func TestSources(t *testing.T) {
	s := byPanel()
	s.Panels = []Panel{{Code: "p", Drop: 1, From: 4}}
	tasks := func(arrived string) Facts {
		return Facts{Tasks: TaskFigures{Target: Decimal("100"), Arrived: Decimal(arrived)}}
	}
	panel := func(scores ...string) (f Facts) {
		for _, x := range scores {
			f.Panels = append(f.Panels, PanelScore{"p", Decimal(x)})
		}
		return f
	}
	rated := Facts{Issues: IssueFacts{All: 5, Ratings: map[string]int{"vs": 2, "s": 1, "b": 3, "d": 2}}}
	quarters := Facts{Sheets: SheetFacts{Due: 4, Companies: [][]SheetScore{{{1, Frac(60, 1)}, {4, Frac(100, 1)}}, {{2, Frac(50, 1)}}}}}
	over := Source{Kind: FromTarget, OverEvery: Decimal("10"), OverPoint: Decimal("1"), OverCap: Decimal("5")}
	for _, tt := range []struct {
		name string
		c    Source
		f    Facts
		want string
	}{
		{"target not reached", over, tasks("95"), "95.0000"},
		{"29 % over: two points", over, tasks("129"), "102.0000"},
		{"far over: at most five points", over, tasks("300"), "105.0000"},
		{"a cap of 120", Source{Kind: FromTarget, Cap: Decimal("120")}, tasks("300"), "120.0000"},
		{"three scores of a panel: none is left out", Source{Kind: FromPanel, Panel: "p"}, panel("60", "80", "100"), "80.0000"},
		{"five scores: highest and lowest are", Source{Kind: FromPanel, Panel: "p"}, panel("0", "70", "80", "90", "100"), "80.0000"},
		{"satisfied from 80: 3 of 8", Source{Kind: FromRate, Of: "satisfied", AtLeast: 80}, rated, "37.5000"},
		// weights 1, 1, 1, 3: (60 + 300)/4 = 90 and 50, mean 70
		{"sheets by quarter", Source{Kind: FromSheets, FullAt: 1, Quarters: []Weighted{{"1", 10}, {"2", 20}, {"3", 40}, {"4", 30}}}, quarters, "70.0000"},
	} {
		want(t, tt.name, s.leaf(&tt.c, &tt.f).Score, tt.want)
	}
}

// TestAbsentParts: P weighs 60 and has 80; Q weighs 40 and has nothing. Shared: 80;
// as nought: 48; neutral 50: 68.
func TestAbsentParts(t *testing.T) {
	for absent, total := range map[string]string{"": "80.0000", AbsentZero: "48.0000", AbsentNeutral: "68.0000"} {
		s := byPanel()
		s.Trees[0].Parts[0].Weight = Decimal("60")
		s.Trees[0].Parts = append(s.Trees[0].Parts, Node{Code: "Q", Name: someNames, Weight: Decimal("40"), Source: &Source{Kind: FromTasks}, Absent: absent, Neutral: Decimal("50")})
		want(t, "absent "+absent, s.Rank(1, units("80"))[0].Result.Total, total)
	}
}

// TestSchemeRefusesContradictions: each refusal is at the part it belongs to.
func TestSchemeRefusesContradictions(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*Scheme)
		at    string
	}{
		"indicator weights":         {func(s *Scheme) { s.Indicators[0].Weight = 11 }, "indicators"},
		"a name in one language":    {func(s *Scheme) { s.Indicators[0].Name.RU = "" }, "indicators"},
		"an indicator twice":        {func(s *Scheme) { s.Indicators[1].Code = "I1" }, "indicators"},
		"levels upside down":        {func(s *Scheme) { s.Levels[0].Value = 10 }, "levels"},
		"part weights":              {func(s *Scheme) { s.Trees[0].Parts[0].Weight = Decimal("49") }, "tree.all"},
		"sheets at nought":          {func(s *Scheme) { s.Trees[0].Parts[1].Weight, s.Trees[0].Parts[0].Weight = Decimal("0"), Decimal("70") }, "tree.all"},
		"sheets at all":             {func(s *Scheme) { s.Trees[0].Parts = s.Trees[0].Parts[1:2]; s.Trees[0].Parts[0].Weight = Decimal("100") }, "tree.all"},
		"a group under five":        {func(s *Scheme) { s.Group.MinLines = 4 }, "group"},
		"one group under five":      {func(s *Scheme) { s.Groups[2].MinLines = 3 }, "groups"},
		"merged into itself":        {func(s *Scheme) { s.Groups[1].Missing, s.Groups[1].Into = MissingMerge, "G2" }, "groups"},
		"half is trimmed":           {func(s *Scheme) { s.Group.TrimPercent = 50 }, "group"},
		"grades upside down":        {func(s *Scheme) { s.Grades[0].From = Decimal("10") }, "grades"},
		"a last grade with a line":  {func(s *Scheme) { s.Grades[3].From = Decimal("60") }, "grades"},
		"a class twice":             {func(s *Scheme) { s.Trees[0].Classes = []int{1, 1, 2, 3, 4, 5} }, "trees"},
		"a class without a tree":    {func(s *Scheme) { s.Trees[0].Classes = []int{1, 2, 3} }, "trees"},
		"an unknown measure":        {func(s *Scheme) { s.Trees[0].Parts[0].Source.Measure = "x" }, "part.A"},
		"a source and parts":        {func(s *Scheme) { s.Trees[0].Parts[1].Source = &Source{Kind: FromTasks} }, "part.F"},
		"no required campaign":      {func(s *Scheme) { s.Required = "q1" }, "campaigns"},
		"a veto without effect":     {func(s *Scheme) { s.Veto[0].Effect = Effect{} }, "veto"},
		"a veto after no rule":      {func(s *Scheme) { s.Veto[1].Rule = "D99" }, "veto"},
		"a rule's code twice":       {func(s *Scheme) { s.Bonus[0].Code = "D1" }, "rules"},
		"a list of everybody":       {func(s *Scheme) { s.Lists[0] = List{Code: "x", Name: someNames} }, "lists"},
		"floors under the limits":   {func(s *Scheme) { s.Disclosure.Unit = 3 }, "disclosure"},
		"ranked on nine ballots":    {func(s *Scheme) { s.Group.MinTotal = 9 }, "group"},
		"more satisfied than there": {func(s *Scheme) { s.Measures[0].Statistic, s.Measures[0].Best = StatTop, 5 }, "measures"},
	} {
		s := NJDefault().Clone()
		tt.spoil(s)
		err := s.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.at+"=") {
			t.Errorf("%s: %v, want a refusal at %s", name, err, tt.at)
		}
	}
	if err := NJDefault().Validate(); err != nil {
		t.Error(err)
	}
}

// TestExportIsTheSameScheme: what is exported can be imported and is the same.
func TestExportIsTheSameScheme(t *testing.T) {
	s := NJDefault()
	b, err := s.ExportScheme()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadScheme(b)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Differences(s, again); err != nil || len(d) != 0 {
		t.Errorf("differences after export and import: %v, %v", d, err)
	}
	again.Trees[0].Parts[0].Weight = Decimal("40")
	if d, _ := Differences(s, again); len(d) != 1 || d[0].Place != "trees.all.parts.A.weight" || d[0].Old != "50" || d[0].New != "40" {
		t.Errorf("differences: %+v", d)
	}
}
