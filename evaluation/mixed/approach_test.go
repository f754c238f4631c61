package mixed

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// grouped returns ratings of ratees in groups by raters who know one group each and
// rate a few others: unlike simulated, with many directions in which levels move
// together.
func grouped(ratees, raters, groups int, seed uint64) Data {
	random := rand.New(rand.NewPCG(seed, 4))
	d := Data{Factors: []Factor{{Name: "rater", Levels: raters}, {Name: "ratee", Levels: ratees}}}
	quality := make([]float64, ratees)
	for j := range quality {
		quality[j] = 0.4 * random.NormFloat64()
	}
	for i := range raters {
		leniency, sector := 0.5*random.NormFloat64(), random.IntN(groups)
		for range 2 + random.IntN(14) {
			j := random.IntN(ratees)
			if random.Float64() < 0.8 {
				j = (j/groups*groups + sector) % ratees
			}
			d.Y = append(d.Y, leniency+quality[j]+0.7*random.NormFloat64())
			d.Factors[0].Of = append(d.Factors[0].Of, int32(i))
			d.Factors[1].Of = append(d.Factors[1].Of, int32(j))
		}
	}
	return d
}

func searchOf(t *testing.T, d Data, fixed int, method Method) *search {
	t.Helper()
	m, err := newNormal(&d, fixed)
	if err != nil {
		t.Fatal(err)
	}
	return newSearch(newEquations(m, method))
}

// TestConjugateGradients compares the iteration with the factorisation, with further
// factors, repeated pairs, fixed columns and fixed levels.
func TestConjugateGradients(t *testing.T) {
	d := withColumn(threeFactors(900, 300, 40, 5), 6)
	for fixed := -1; fixed < 3; fixed++ {
		if fixed == 0 {
			continue
		}
		s := searchOf(t, d, fixed, REML)
		if err := s.evaluate([]float64{0.4, 0.3, 0.2}); err != nil {
			t.Fatal(err)
		}
		random, columns := rand.New(rand.NewPCG(7, 7)), 6
		b := make([]float64, s.dense*columns)
		for i := range b {
			b[i] = random.NormFloat64()
		}
		want := slices.Clone(b)
		s.block.solve(want, columns)
		a := newApproach(s)
		a.update()
		a.precision = 1e-12
		if !a.solveBlock(b, b, columns) {
			t.Fatalf("fixed %d: no solution in %d steps", fixed, maxSolve)
		}
		scale := math.Sqrt(dot(want, want) / float64(len(want)))
		for i := range b {
			near(t, "element of the solution", b[i], want[i], 1e-9*scale)
		}
	}
}

// TestApproachArrives: the exact gradient where the approach ends is that of the
// optimum, so that the search need not go on.
func TestApproachArrives(t *testing.T) {
	for name, d := range map[string]Data{
		"even":    simulated(400, 10_000, 13, 9),
		"sectors": grouped(400, 10_000, 25, 10),
		"column":  withColumn(grouped(300, 8_000, 10, 11), 12),
	} {
		for _, method := range []Method{REML, ML} {
			s := searchOf(t, d, -1, method)
			start := s.startRatios()
			at, near := newApproach(s).lead(s, start)
			if !near {
				t.Fatalf("%s %v: not arrived", name, method)
			}
			if err := s.move(at, true); err != nil {
				t.Fatal(err)
			}
			step, _ := newtonStep(s.slope(&s.solution, s.trace, s.block.solve), at)
			if length := longest(step); length > stopStep {
				t.Errorf("%s %v: %.2g from the optimum", name, method, length)
			}
			first, _ := newtonStep(slopeAt(t, s, start), start)
			if length := longest(first); length < 1e-3 {
				t.Errorf("%s %v: the start was only %.2g from the optimum", name, method, length)
			}
		}
	}
}

func slopeAt(t *testing.T, s *search, at []float64) slope {
	t.Helper()
	if err := s.move(at, true); err != nil {
		t.Fatal(err)
	}
	return s.slope(&s.solution, s.trace, s.block.solve)
}

// TestApproachedSlope compares the estimate with the exact slope away from the
// optimum, with three factors, where all parts of the traces count, and with the
// levels of a factor fixed.
func TestApproachedSlope(t *testing.T) {
	d := withColumn(threeFactors(6000, 250, 40, 8), 9)
	for fixed := -1; fixed < 3; fixed++ {
		if fixed == 0 {
			continue
		}
		s, at := searchOf(t, d, fixed, REML), []float64{0.5, 0.3, 0.2}
		want := slopeAt(t, s, at)
		a := newApproach(s)
		a.precision = finely
		got, ok := a.slope(s, at)
		if !ok {
			t.Fatal("no solution")
		}
		for k := range at {
			own := want.information[k*len(at)+k]
			near(t, "gradient", got.gradient[k], want.gradient[k], 1e-5*own)
			for l := range at {
				i, other := k*len(at)+l, want.information[l*len(at)+l]
				near(t, "information", got.information[i], want.information[i], 1e-6*math.Sqrt(own*other))
			}
		}
	}
}

// TestApproachOutsideTheSpace: with more groups than the space has directions, the
// random signs have to see the others.
func TestApproachOutsideTheSpace(t *testing.T) {
	s, at := searchOf(t, grouped(480, 5_000, 80, 17), -1, REML), []float64{0.5, 0.3}
	want := slopeAt(t, s, at)
	a := newApproach(s)
	a.precision = finely
	got, ok := a.slope(s, at)
	if !ok {
		t.Fatal("no solution")
	}
	for k := range at {
		near(t, "gradient", got.gradient[k], want.gradient[k], 1e-4*want.information[k*len(at)+k])
	}
}

// TestApproachGivesUp where a factor has no variance: a ratio that runs to zero is
// the search's own business.
func TestApproachGivesUp(t *testing.T) {
	d := simulated(300, 5_000, 13, 13)
	random := rand.New(rand.NewPCG(14, 14))
	for r := range d.Y {
		d.Y[r] = random.NormFloat64()
	}
	s := searchOf(t, d, -1, REML)
	start := s.startRatios()
	at, arrived := newApproach(s).lead(s, start)
	if arrived || !slices.Equal(at, start) {
		t.Errorf("arrived %v at %v from %v", arrived, at, start)
	}
}

// TestApproachOnAnyProcessors ends at the same bits.
func TestApproachOnAnyProcessors(t *testing.T) {
	d := grouped(300, 5_000, 10, 15)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var first []float64
	for _, processors := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(processors)
		s := searchOf(t, d, -1, REML)
		at, _ := newApproach(s).lead(s, s.startRatios())
		if first == nil {
			first = at
		}
		if !slices.Equal(at, first) {
			t.Errorf("%v with %d processors, %v with one", at, processors, first)
		}
	}
}

// TestLargeFitNeedsOneEvaluation: the search takes the approach of its own accord
// where factorisations are dear, and has nothing left to do afterwards.
func TestLargeFitNeedsOneEvaluation(t *testing.T) {
	if testing.Short() {
		t.Skip("a second of computing")
	}
	m := fit(t, simulated(1200, 12_000, 13, 16), REML)
	if m.Evaluations != 1 {
		t.Errorf("%d evaluations", m.Evaluations)
	}
}
