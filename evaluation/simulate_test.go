package evaluation

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pingyi/fault"
	"pingyi/org"
)

// workedClass is the class table of the worked example: five units, the second with
// its own bonus and deductions.
func workedClass() *Snapshot {
	u := one(NJDefault(), u2(NJDefault()))
	part := func(code string) string { return u.Reasons.Part(code).Score.String() }
	second := scored(part("A"), part("F"), part("R"), part("W"), 0)
	second.Issues.Overdue = []int{12, 2}
	second.Entries = entries("B1", "B2", "B3", "B3", "B3", "D2")
	s := &Snapshot{Scheme: plain(NJDefault())}
	for i, f := range []*Facts{scored("86.4", "90", "", "88", 2), second, scored("83.2", "57.5", "88", "92", 0), scored("78", "84", "80", "81", 0), {}} {
		s.Units = append(s.Units, SnapshotUnit{Unit: org.UnitID(i + 1), Class: 1, Facts: *f})
	}
	return s
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSimulatedWorkedExample: appraisal weight 50 → 70 with 10/10/10 swaps ranks 2
// and 3, as the published example says.
func TestSimulatedWorkedExample(t *testing.T) {
	s := workedClass()
	tree := s.Scheme.Trees[0].Code
	before := text(t, s.Units) + text(t, s.Scheme)
	m := Simulation{Parts: map[string]Exact{tree + "/A": Decimal("70"), tree + "/F": Decimal("10"), tree + "/R": Decimal("10"), tree + "/W": Decimal("10")}}
	got, _ := s.Simulate(m)
	want := []struct {
		unit  org.UnitID
		rank  int
		total string
	}{{1, 1, "87.3778"}, {3, 2, "81.9900"}, {2, 3, "81.8558"}, {4, 4, "79.1000"}, {5, 0, ""}}
	for i, w := range want {
		if g := got[i]; g.Unit != w.unit || g.Rank != w.rank || g.Result.Total.Text(4) != w.total {
			t.Errorf("place %d: unit %d rank %d total %s, want %+v", i, g.Unit, g.Rank, g.Result.Total.Text(4), w)
		}
	}
	places := map[org.UnitID]int{}
	for _, mv := range Moves(s.Standings(), got) {
		places[mv.Unit] = mv.Places()
	}
	if places[1] != 0 || places[2] != -1 || places[3] != 1 || places[4] != -1 || places[5] != 0 {
		t.Errorf("places moved: %v", places)
	}
	if text(t, s.Units)+text(t, s.Scheme) != before {
		t.Error("the simulation touched the snapshot")
	}
}

// randomSnapshot is a class of units with ballots of three groups, sheets and tasks.
func randomSnapshot(rnd *rand.Rand) *Snapshot {
	sc := NJDefault()
	s := &Snapshot{Scheme: sc}
	for i := range 8 {
		level := 55 + rnd.Int64N(40)
		lines := func(n int) []Line {
			var out []Line
			for range n {
				out = append(out, Line{Sum: 100 * min(100, max(0, level+rnd.Int64N(41)-20)), Weight: 100})
			}
			return out
		}
		year := held("year_end", group(sc, "G1", lines(12+rnd.IntN(20))), group(sc, "G2", lines(5+rnd.IntN(9))), group(sc, "G3", lines(1+rnd.IntN(8))))
		f := Facts{Appraisal: []CampaignFacts{given("mid_year", fmt.Sprint(level)), year}, Sheets: sheets(6, 3+rnd.IntN(3), level, level+3, level-2),
			Tasks: TaskFigures{Due: 10, Done: 5 + rnd.IntN(6)}, Issues: IssueFacts{All: 6, Responded: 5, Solved: rnd.IntN(6)}, Entries: entries("B3", "D7")}
		s.Units = append(s.Units, SnapshotUnit{Unit: org.UnitID(i + 1), Class: 1, Facts: f})
	}
	return s
}

// TestSimulationProperties: no change is the identity, and so are all weights times
// the same number; the trimming in force gives what is in force.
func TestSimulationProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		s := randomSnapshot(rnd)
		official := text(t, s.Standings())
		check := func(name string, m Simulation) {
			t.Helper()
			if got, _ := s.Simulate(m); text(t, got) != official {
				t.Errorf("%s: standings\n%s\nwant\n%s", name, text(t, got), official)
			}
		}
		check("nothing", Simulation{})
		for _, k := range []int64{2, 3, 7} {
			m := Simulation{Parts: map[string]Exact{}, Groups: map[string]Exact{}, Campaigns: map[string]Exact{}}
			for code, w := range s.Scheme.partWeights() {
				m.Parts[code] = w.times(k, 1)
			}
			for code, w := range s.Scheme.groupWeights() {
				m.Groups[code] = w.times(k, 1)
			}
			for code, w := range s.Scheme.campaignWeights() {
				m.Campaigns[code] = w.times(k, 1)
			}
			check(fmt.Sprintf("all weights times %d", k), m)
		}
	}
}

// TestSimulatedTrim: the mean of another trimming enters, and what is asked of it is
// what a scheme with that trimming computes from the ballots.
func TestSimulatedTrim(t *testing.T) {
	sc := NJDefault()
	lines := full(20, 60, 70, 70, 75, 80, 80, 85, 85, 90, 90, 90, 95, 95, 95, 100, 100, 100, 100, 100)
	untrimmed := NJDefault()
	untrimmed.Group.Trim, untrimmed.Group.TrimPercent = TrimNone, 0
	snap := func(s *Scheme) *Snapshot {
		f := Facts{Appraisal: []CampaignFacts{held("year_end", group(s, "G1", append([]Line{}, lines...)))}}
		return &Snapshot{Scheme: s, Units: []SnapshotUnit{{Unit: 1, Class: 1, Facts: f}}}
	}
	got, missing := snap(sc).Simulate(Simulation{Trim: "0"})
	want := snap(untrimmed).Standings()
	if missing != 0 || got[0].Result.Total.Text(4) != want[0].Result.Total.Text(4) || got[0].Result.Total.Text(4) == snap(sc).Standings()[0].Result.Total.Text(4) {
		t.Errorf("untrimmed total %s (%d missing), want %s", got[0].Result.Total.Text(4), missing, want[0].Result.Total.Text(4))
	}
	handWritten := snap(sc)
	handWritten.Units[0].Facts.Appraisal[0].Measures[0].Groups[0].Other = nil
	if _, missing := handWritten.Simulate(Simulation{Trim: "20"}); missing != 1 {
		t.Errorf("%d means are missing, want 1", missing)
	}
}

func TestSimulationForm(t *testing.T) {
	s := NJDefault()
	tree := s.Trees[0].Code
	for _, c := range []struct {
		name  string
		form  SimulationForm
		wrong []string
	}{
		{"nothing", SimulationForm{}, nil},
		{"as it is", SimulationForm{Parts: map[string]string{tree + "/A": "50"}, MinLines: "5", MinTotal: "10"}, nil},
		{"letters", SimulationForm{Parts: map[string]string{tree + "/A": "viel"}, Groups: map[string]string{"G1": "-1"}}, []string{"group:G1", "part:" + tree + "/A"}},
		{"all nought", SimulationForm{Groups: map[string]string{"G1": "0", "G2": "0", "G3": "0", "G4": "0", "G5": "0"}}, []string{"group:G1"}},
		{"few lines", SimulationForm{MinLines: "4", MinTotal: "x"}, []string{"min_lines", "min_total"}},
		{"choices", SimulationForm{Trim: "3", Range: "7"}, []string{"range", "trim"}},
	} {
		m, err := c.form.Read(s)
		have := fault.FieldsOf(err)
		if len(have) != len(c.wrong) {
			t.Errorf("%s: %v", c.name, have)
		}
		for _, f := range c.wrong {
			if _, ok := have[f]; !ok {
				t.Errorf("%s: no problem at %s: %v", c.name, f, have)
			}
		}
		if len(c.wrong) == 0 && !m.Empty() {
			t.Errorf("%s changes %+v", c.name, m)
		}
	}
}

// TestRobustness: two units whose order turns at a known weight, and one far below.
// Unit 1 has A 90 and F 70, unit 2 A 80 and F 84: with R and W equal the first is
// above while w_A·10 > w_F·14.
func TestRobustness(t *testing.T) {
	s := &Snapshot{Scheme: plain(NJDefault(), "40", "28", "22", "10")}
	for i, f := range []*Facts{scored("90", "70.2", "80", "80", 0), scored("80", "84", "80", "80", 0), scored("20", "20", "20", "20", 0)} {
		s.Units = append(s.Units, SnapshotUnit{Unit: org.UnitID(i + 1), Class: 1, Facts: *f})
	}
	m := Simulation{Range: 20}
	standings := s.Standings()
	got := s.Robustness(standings, m)
	if len(got) != 1 || got[0].Vectors != 625 || got[0].All != 3 || len(got[0].Pairs) != 1 {
		t.Fatalf("robustness %+v", got)
	}
	want := 0.0
	for a := range 5 {
		for f := range 5 {
			if 40*(0.8+0.1*float64(a))*10 > 28*(0.8+0.1*float64(f))*13.8 {
				want++
			}
		}
	}
	p := got[0].Pairs[0]
	if p.Above != 1 || p.Below != 2 || math.Abs(p.Share-want/25) > 1e-9 || math.Abs(got[0].First-want/25) > 1e-9 || got[0].Same != got[0].First {
		t.Errorf("pair %+v, first %.3f, want share %.3f", p, got[0].First, want/25)
	}
	c := newContest(s.Scheme, 1, standings, map[org.UnitID]*Facts{})
	for i, st := range standings {
		if got := c.total(i, []float64{1, 1, 1, 1}); math.Abs(got-st.Result.Total.Float()) > 1e-9 {
			t.Errorf("unit %d: total %v in the middle of the grid, want %s", st.Unit, got, st.Result.Total.Text(4))
		}
	}
	for n, size := range map[int]int{1: 5, 4: 625, 5: 3125, 8: 6561, 12: 4096, 14: 4096} {
		if g := grid(n, 20); len(g) != size || len(g[0]) != n {
			t.Errorf("grid of %d parts has %d vectors, want %d", n, len(g), size)
		}
	}
}
