package evaluation

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pingyi/evaluation/ballotbox"
	"pingyi/org"
)

// fair is a county of honest raters as the model sees them: a unit's level, a rater's
// leniency, an error of each line and of each answer, in the five levels.
type fair struct {
	rnd      *rand.Rand
	scheme   *Scheme
	units    []BoxUnit
	level    map[org.UnitID]float64
	payloads []ballotbox.Payload
}

const (
	unitSD, raterSD, lineSD, itemSD = 8, 7, 8, 11
)

func newFair(seed uint64, units, raters int) *fair {
	f := &fair{rnd: rand.New(rand.NewPCG(seed, 99)), scheme: NJDefault(), level: map[org.UnitID]float64{}}
	for i := range units {
		u := BoxUnit{Unit: org.UnitID(i + 1), Class: 1 + i%3}
		f.units = append(f.units, u)
		f.level[u.Unit] = 72 + unitSD*f.rnd.NormFloat64()
	}
	f.level[4] = 68 // the ring's favourite: nobody could raise a unit that is at the top anyway
	for range raters {
		f.add(f.honest(raterSD * f.rnd.NormFloat64()))
	}
	return f
}

func (f *fair) add(lines []ballotbox.Line) int {
	n := len(f.payloads)
	f.payloads = append(f.payloads, ballotbox.Payload{Rater: fmt.Sprintf("%06d", n), Group: []string{"G1", "G1", "G1", "G2", "G4"}[n%5], Lines: lines})
	return n
}

// honest is a ballot on about ten units, at least five.
func (f *fair) honest(lenient float64) []ballotbox.Line {
	var out []ballotbox.Line
	for _, i := range f.rnd.Perm(len(f.units))[:5+f.rnd.IntN(10)] {
		u := f.units[i].Unit
		out = append(out, f.line(u, f.level[u]+lenient+lineSD*f.rnd.NormFloat64()))
	}
	slices.SortFunc(out, func(a, b ballotbox.Line) int { return int(a.Unit - b.Unit) })
	return out
}

func (f *fair) line(unit org.UnitID, mean float64) ballotbox.Line {
	l := ballotbox.Line{Unit: unit, Answers: map[string]string{}}
	for _, ind := range f.scheme.Indicators {
		l.Answers[ind.Code] = levelOf(mean + itemSD*f.rnd.NormFloat64())
	}
	return l
}

// levelOf is the level nearest to a value.
func levelOf(x float64) string {
	switch {
	case x >= 90:
		return "vs"
	case x >= 70:
		return "s"
	case x >= 45:
		return "b"
	case x >= 15:
		return "d"
	}
	return "vd"
}

func (f *fair) count() *Tally {
	t := &Tally{}
	f.scheme.count(t, f.units, slices.Clone(f.payloads))
	return t
}

func (t *Tally) kind(kind string) []Suspicion {
	var out []Suspicion
	for _, s := range t.Suspicions {
		if s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// on sets a line of a ballot, or adds it.
func (f *fair) on(lines []ballotbox.Line, unit org.UnitID, level string) []ballotbox.Line {
	all := map[string]string{}
	for _, ind := range f.scheme.Indicators {
		all[ind.Code] = level
	}
	lines = slices.DeleteFunc(lines, func(l ballotbox.Line) bool { return l.Unit == unit })
	lines = append(lines, ballotbox.Line{Unit: unit, Answers: all})
	slices.SortFunc(lines, func(a, b ballotbox.Line) int { return int(a.Unit - b.Unit) })
	return lines
}

// TestPlantedPatterns: each pattern that is planted among honest ballots is found,
// as what it is, on the units it is about.
func TestPlantedPatterns(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		plant      func(f *fair)
		least      int // ballots that must be found
		most       int
		units      []org.UnitID
	}{
		{"straight-liners", SuspectStraight, func(f *fair) {
			for i := range 10 {
				b := f.honest(0)
				for _, l := range b {
					for code := range l.Answers {
						l.Answers[code] = []string{"vs", "vd", "b"}[i%3]
					}
				}
				f.add(b)
			}
		}, 10, 10, nil},
		{"random answers", SuspectRandom, func(f *fair) {
			for range 12 {
				b := f.honest(0)
				for _, l := range b {
					for code := range l.Answers {
						l.Answers[code] = []string{"vs", "s", "b", "d", "vd"}[f.rnd.IntN(5)]
					}
				}
				f.add(b)
			}
		}, 10, 14, nil},
		{"bombing", SuspectBombing, func(f *fair) {
			for range 9 {
				f.add(f.on(f.honest(0), 7, "vd"))
			}
		}, 8, 10, []org.UnitID{7}},
		{"ring of 8", SuspectRing, func(f *fair) {
			for range 8 {
				f.add(f.on(f.on(f.honest(0), 4, "vs"), 10, "vd"))
			}
		}, 6, 9, []org.UnitID{4, 10}},
		{"8 identical", SuspectIdentical, func(f *fair) {
			b := f.honest(0)
			for range 8 {
				f.add(b)
			}
		}, 8, 8, nil},
		{"extreme leniency", SuspectLeniency, func(f *fair) {
			for range 6 {
				f.add(f.honest(-45))
			}
		}, 5, 8, nil},
	} {
		for seed := range uint64(8) {
			f := newFair(seed+1, 30, 300)
			c.plant(f)
			got := f.count()
			found := got.kind(c.kind)
			if len(found) != 1 || found[0].Ballots < c.least || found[0].Ballots > c.most {
				t.Errorf("%s, seed %d: found %+v among %+v", c.name, seed, found, got.Suspicions)
				continue
			}
			if c.units != nil && !slices.Equal(found[0].Units, c.units) {
				t.Errorf("%s, seed %d: on units %v, want %v", c.name, seed, found[0].Units, c.units)
			}
		}
	}
}

// TestHonestRatersAreLeftAlone: over many counties of honest raters no more of them
// are suspected than the rate of false alarms that is allowed.
func TestHonestRatersAreLeftAlone(t *testing.T) {
	const counties, raters = 40, 200
	alarms := map[string]int{}
	for seed := range uint64(counties) {
		f := newFair(seed+100, 24, raters)
		for _, s := range f.count().Suspicions {
			alarms[s.Kind]++
		}
	}
	// of 40 counties with a false case each in 1 of 20, more than 6 have 1 chance in 100
	most := int(math.Ceil(counties*falseRate + 2.33*math.Sqrt(counties*falseRate*(1-falseRate))))
	for kind, n := range alarms {
		if n > most {
			t.Errorf("%s: a case in %d of %d honest counties, at most %d are chance", kind, n, counties, most)
		}
	}
	t.Logf("cases in %d honest counties: %v", counties, alarms)
}

// TestWithoutShowsNoSingleBallot: with and without the suspect ballots, the numbers
// of lines of a group differ by none or by at least five; else those lines stay.
func TestWithoutShowsNoSingleBallot(t *testing.T) {
	f := newFair(5, 30, 300)
	for range 14 {
		f.add(f.on(f.honest(0), 7, "vd"))
	}
	got := f.count()
	shown, partial := 0, 0
	for _, u := range got.Units {
		if u.Without == nil {
			continue
		}
		shown++
		if u.Partial {
			partial++
		}
		for i, m := range u.Measures {
			for j, g := range m.Groups {
				if gone := g.Lines - u.Without[i].Groups[j].Lines; gone != 0 && gone < leastLines {
					t.Errorf("unit %d, group %s: %d lines differ", u.Unit, g.Group, gone)
				}
			}
		}
		if u.Unit == 7 && u.Without[0].Groups[0].Lines == u.Measures[0].Groups[0].Lines {
			t.Error("the bombs on unit 7 are not left out")
		}
	}
	if shown == 0 || partial == 0 {
		t.Errorf("%d units are shown, %d in part", shown, partial)
	}
}

// TestRankingWithoutSuspects: a unit that was bombed stands higher without the bombs;
// the snapshot itself is as it was.
func TestRankingWithoutSuspects(t *testing.T) {
	f := newFair(5, 30, 300)
	for range 14 {
		f.add(f.on(f.honest(0), 7, "vd"))
	}
	got := f.count()
	snap := &Snapshot{Scheme: f.scheme}
	for _, u := range got.Units {
		snap.Units = append(snap.Units, SnapshotUnit{Unit: u.Unit, Class: u.Class, Facts: Facts{Appraisal: []CampaignFacts{{Campaign: "year_end", Measures: u.Measures}}}})
	}
	before := text(t, snap.Units)
	w := snap.withoutSuspects("year_end", got)
	for _, m := range w.Moves {
		if d := m.Difference(); m.Unit == 7 && (d.Float() < 3 || slices.Contains(w.Hidden, 7)) {
			t.Errorf("the bombed unit gains %s", d.Text(2))
		} else if m.Unit != 7 && slices.Contains(w.Hidden, m.Unit) && d.Known() && d.rat.Sign() != 0 {
			t.Errorf("unit %d is hidden and moves by %s", m.Unit, d.Text(4))
		}
	}
	if !got.LeftOut() || text(t, snap.Units) != before {
		t.Error("the snapshot was touched")
	}
}
