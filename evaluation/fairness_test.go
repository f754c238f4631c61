package evaluation

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pingyi/evaluation/ballotbox"
	"pingyi/org"
)

// ballotsOf makes ballots of a county with known truth: every rater has a leniency,
// every unit a quality; harsh raters deal mostly with the first half of the units.
func ballotsOf(r *rand.Rand, s *Scheme, raters, units, each int) ([]ballotbox.Payload, []float64) {
	quality := make([]float64, units)
	for j := range quality {
		quality[j] = 70 + 6*r.NormFloat64()
	}
	var out []ballotbox.Payload
	for k := range raters {
		var id [8]byte
		binary.BigEndian.PutUint64(id[:], uint64(k)*0x9e3779b97f4a7c15)
		p := ballotbox.Payload{Group: s.Groups[k%len(s.Groups)].Code, Rater: base64.StdEncoding.EncodeToString(id[:])}
		harsh := k%2 == 0
		lenient := 8 + 6*r.NormFloat64()
		if harsh {
			lenient -= 16
		}
		for _, j := range r.Perm(units) {
			if len(p.Lines) == each {
				break
			}
			if harsh != (j < units/2) && r.IntN(5) > 0 {
				continue
			}
			l := ballotbox.Line{Unit: org.UnitID(j + 1), Answers: map[string]string{}}
			halo := 5 * r.NormFloat64()
			for _, ind := range s.Indicators {
				l.Answers[ind.Code] = levelFor(s, quality[j]+lenient+halo+10*r.NormFloat64())
			}
			p.Lines = append(p.Lines, l)
		}
		slices.SortFunc(p.Lines, func(a, b ballotbox.Line) int { return int(a.Unit - b.Unit) })
		out = append(out, p)
	}
	return out, quality
}

// levelFor is the level nearest to a value.
func levelFor(s *Scheme, x float64) string {
	best := 0
	for i, l := range s.Levels {
		if math.Abs(float64(l.Value)-x) < math.Abs(float64(s.Levels[best].Value)-x) {
			best = i
		}
	}
	return s.Levels[best].Code
}

func boxUnits(n int) []BoxUnit {
	var out []BoxUnit
	for i := range n {
		out = append(out, BoxUnit{org.UnitID(i + 1), 1})
	}
	return out
}

// TestFairComparison: units rated by harsh companies are not punished: against the
// truth, the adjusted score errs far less than the plain mean.
func TestFairComparison(t *testing.T) {
	s := NJDefault()
	payloads, quality := ballotsOf(rand.New(rand.NewPCG(7, 1)), s, 400, 30, 10)
	tally := &Tally{}
	s.count(tally, boxUnits(30), payloads)
	f := tally.Fairness
	if f == nil || f.Status != fittedStatus || len(f.Units) != 30 {
		t.Fatalf("%+v", f)
	}
	var plain, adjusted, truth []float64
	for j, u := range f.Units {
		if u.Status != FairUsable || u.SE <= 0 || u.Reliability < 0.7 {
			t.Errorf("unit %d: %+v", u.Unit, u)
		}
		plain, adjusted, truth = append(plain, u.Mean), append(adjusted, u.Score), append(truth, quality[j])
	}
	if a, p := squares(adjusted, truth), squares(plain, truth); a > 0.6*p {
		t.Errorf("squared error %.2f of the adjusted, %.2f of the plain means: more than 60 %%", a, p)
	} else {
		t.Logf("squared error %.2f of the adjusted, %.2f of the plain means", a, p)
	}
}

// squares is the mean squared difference of two lists, each about its own mean.
func squares(x, y []float64) float64 {
	mx, my, sum := 0.0, 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(y))
	}
	for i := range x {
		sum += math.Pow(x[i]-mx-y[i]+my, 2)
	}
	return sum / float64(len(x))
}

// TestTallyIsTheSameInAnyOrder: ballots come out of the box in random order; the
// sealed bytes, the comparison's digits among them, do not depend on it.
func TestTallyIsTheSameInAnyOrder(t *testing.T) {
	s := NJDefault()
	r := rand.New(rand.NewPCG(7, 2))
	payloads, _ := ballotsOf(r, s, 120, 12, 6)
	var first []byte
	for range 3 {
		r.Shuffle(len(payloads), func(i, j int) { payloads[i], payloads[j] = payloads[j], payloads[i] })
		tally := &Tally{}
		s.count(tally, boxUnits(12), payloads)
		b, _, err := tally.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, b) {
			t.Fatal("another order gives another tally")
		}
		first = b
	}
}

// TestFairRanksFollowTheSnapshot: ranks of the comparison lie in their sets, are the
// same each time, and units without enough raters have none.
func TestFairRanksFollowTheSnapshot(t *testing.T) {
	s := NJDefault()
	payloads, _ := ballotsOf(rand.New(rand.NewPCG(7, 3)), s, 200, 16, 8)
	for i := range payloads { // unit 16 is rated by four alone
		if i > 3 {
			payloads[i].Lines = slices.DeleteFunc(payloads[i].Lines, func(l ballotbox.Line) bool { return l.Unit == 16 })
		} else if payloads[i].Lines[len(payloads[i].Lines)-1].Unit != 16 {
			payloads[i].Lines = append(payloads[i].Lines, ballotbox.Line{Unit: 16, Answers: payloads[i].Lines[0].Answers})
		}
	}
	tally := &Tally{}
	s.count(tally, boxUnits(16), payloads)
	snap := countySnapshot(rand.New(rand.NewPCG(7, 4)), 2)
	snap.Fairness = tally.Fairness
	one, err := snap.FairStandings()
	if err != nil {
		t.Fatal(err)
	}
	two, err := snap.FairStandings()
	if err != nil || fmt.Sprint(one) != fmt.Sprint(two) {
		t.Fatal("the ranks are not the same each time", err)
	}
	for _, u := range one[:15] {
		if u.Rank < 1 || u.Best > u.Rank || u.Worst < u.Rank || u.Tier < 1 || u.Low > u.Score || u.High < u.Score {
			t.Errorf("%+v", u)
		}
	}
	if u := one[15]; u.Status != FairFew || u.Rank != 0 || u.Mean != 0 {
		t.Errorf("rated by four: %+v", u)
	}
}

// BenchmarkTally counts opened ballots: every measure, the comparison, the search for
// suspect patterns. Three sizes: the second has as many lines as 3,000 companies that
// all rate all 62 units, the third about a million.
func BenchmarkTally(b *testing.B) {
	s := NJDefault()
	for _, raters := range []int{1700, 5000, 27000} {
		payloads, _ := ballotsOf(rand.New(rand.NewPCG(7, 5)), s, raters, 62, 62)
		lines := 0
		for _, p := range payloads {
			lines += len(p.Lines)
		}
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			for b.Loop() {
				s.count(&Tally{}, boxUnits(62), payloads)
			}
		})
	}
}
