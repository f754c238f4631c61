package rank

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// Passing over groups by their bounds must not change a bit: every statistic is
// compared with the plain maximum over all pairs.
func TestBoundsChangeNothing(t *testing.T) {
	e := many(50)
	d, err := e.draw(101, 3)
	if err != nil {
		t.Fatal(err)
	}
	wanted := make([]bool, 50)
	wanted[7], wanted[30] = true, true
	rows := append(e.family(7, TwoSided, wanted), e.family(30, TwoSided, wanted)...)
	rows[0].reject(e.Value, 1.5) // so that some pairs are missing
	for i := range d.n {
		top, plain := math.Inf(-1), math.Inf(-1)
		for _, r := range rows {
			top = r.raise(d, i, top)
			for k, w := range r.weight {
				if s := (d.z[i*50+r.own] - d.z[i*50+k]) * w; s > plain {
					plain = s
				}
			}
		}
		if top != plain {
			t.Fatalf("draw %d: %v, want %v", i, top, plain)
		}
	}
}

// Fixed numbers: a change of the generator or of the order of summation would
// change published sets, and must not pass unseen.
func TestDrawsAreFixed(t *testing.T) {
	n := newNormals(DefaultSeed)
	var got []uint64
	for range 3 {
		got = append(got, math.Float64bits(n.next()))
	}
	for _, procs := range []int{1, 2} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		s, err := Confidence(readReference(t).estimates("county60_overall"), Options{Draws: 1000})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, math.Float64bits(s.Critical[0]))
	}
	want := []uint64{0xbff253593f5176e0, 0xbffa9ca9eb4ef766, 0x3fe8cf00801ee923, 0x40101d452e08bd79, 0x40101d452e08bd79}
	if !slices.Equal(got, want) {
		t.Errorf("bits %#x, want %#x", got, want)
	}
}

func TestNormalNumbers(t *testing.T) {
	n := newNormals(1)
	const many = 400_000
	var m [5]float64
	beyond := 0
	for range many {
		x := n.next()
		for k := range m {
			m[k] += math.Pow(x, float64(k)) / many
		}
		if math.Abs(x) > 3 {
			beyond++
		}
	}
	for k, want := range []float64{1, 0, 1, 0, 3} {
		if math.Abs(m[k]-want) > 0.04 {
			t.Errorf("moment %d = %.4f, want %v", k, m[k], want)
		}
	}
	if share := float64(beyond) / many; math.Abs(share-0.0027) > 0.0003 {
		t.Errorf("share beyond 3: %v", share)
	}
	for _, x := range []float64{1, 2, 0.5, 1e-300, 0.7071, 0.70711, 1.4142, 3e5, 1 - 1e-12} {
		if d := math.Abs(ln(x) - math.Log(x)); d > 4e-16*max(1, math.Abs(math.Log(x))) {
			t.Errorf("ln(%v) is off by %v", x, d)
		}
	}
}

// county makes a synthetic county: true values, and estimates with unequal and
// correlated errors. A third of the counties vary as departments do, a third have
// clusters of tied departments far apart, and in a third all are tied: there the
// sets have nothing to spare.
func county(g *rand.Rand) (truth []float64, e Estimates) {
	p := 20 + g.IntN(41)
	truth = make([]float64, p)
	switch kind := g.IntN(3); kind {
	case 0:
		for i := range truth {
			truth[i] = 0.35 * g.NormFloat64()
		}
	case 1:
		for i := range truth {
			truth[i] = float64(10 * (i % 4))
		}
	}
	value, se, load := slices.Clone(truth), make([]float64, p), make([]float64, p)
	common := g.NormFloat64()
	for i := range value {
		se[i] = 0.03 + 0.25*g.Float64()*g.Float64()
		load[i] = se[i] * g.Float64()
		value[i] += se[i]*g.NormFloat64() + load[i]*common
	}
	e = Independent(value, se)
	for i := range p {
		for k := range p {
			e.Covariance[i*p+k] += load[i] * load[k]
		}
	}
	return truth, e
}

// Simultaneous 95 % sets hold all true ranks at once in 95 % of counties at least;
// 2.4 % less is the Monte Carlo error of 500 counties (99 %). Naive sets from
// pairwise 95 % tests must fail the same count, or it would show nothing.
func TestSimultaneousSetsCoverAllTrueRanks(t *testing.T) {
	g := rand.New(rand.NewPCG(7, 7))
	const counties = 500
	covered, naive, width := 0, 0, 0.0
	for range counties {
		truth, e := county(g)
		s, err := Confidence(e, Options{Draws: 2000, Seed: 1 + g.Uint64()>>1})
		if err != nil {
			t.Fatal(err)
		}
		ranks := Ranks(truth)
		all, allNaive := true, true
		for j, r := range ranks {
			all = all && s.Low[j] <= r && r <= s.High[j]
			low := 1
			for k := range ranks {
				if e.Value[k]-e.Value[j] > 1.96*e.differenceSE(j, k) {
					low++
				}
			}
			allNaive = allNaive && low <= r
			width += float64(s.High[j]-s.Low[j]) / float64(len(ranks)*len(ranks)*counties)
		}
		if all {
			covered++
		}
		if allNaive {
			naive++
		}
	}
	t.Logf("covered %d of %d, naive %d, mean width %.2f of all places", covered, counties, naive, width)
	if share := float64(covered) / counties; share < 0.926 {
		t.Errorf("all true ranks covered in %.3f of the counties, want 0.95", share)
	}
	if float64(naive)/counties > 0.6 || width > 0.8 || covered == counties {
		t.Errorf("the count shows nothing: naive sets cover %d, mean width %.2f", naive, width)
	}
}

func TestDegenerateEstimates(t *testing.T) {
	one, err := Confidence(Independent([]float64{3}, []float64{1}), Options{})
	if err != nil || one.Low[0] != 1 || one.High[0] != 1 || one.Rank[0] != 1 {
		t.Errorf("one department: %+v, %v", one, err)
	}
	// Without errors the ranks are known; ties keep the places they share.
	exact, err := Confidence(Independent([]float64{1, 3, 3, 0}, make([]float64, 4)), Options{})
	if err != nil || !slices.Equal(exact.Low, []int{3, 1, 1, 4}) || !slices.Equal(exact.High, []int{3, 2, 2, 4}) {
		t.Errorf("no errors: %+v, %v", exact, err)
	}
	// A singular matrix: the second estimate is the first plus a constant, known to
	// be better however wide both are.
	tied := Estimates{[]float64{0, 0.1, 1}, []float64{4, 4, 0, 4, 4, 0, 0, 0, 1}}
	for _, marginal := range []bool{false, true} {
		s, err := Confidence(tied, Options{Marginal: marginal})
		if err != nil || !slices.Equal(s.Low, []int{2, 1, 1}) || !slices.Equal(s.High, []int{3, 2, 3}) {
			t.Errorf("singular: %+v, %v", s, err)
		}
	}
}

func TestBadInput(t *testing.T) {
	good := Independent([]float64{1, 2}, []float64{1, 1})
	tests := []struct {
		name string
		e    Estimates
		o    Options
		want error
	}{
		{"nothing", Estimates{}, Options{}, ErrNoEstimates},
		{"matrix too small", Estimates{[]float64{1, 2}, []float64{1}}, Options{}, ErrShape},
		{"not a number", Independent([]float64{1, math.NaN()}, []float64{1, 1}), Options{}, ErrNotFinite},
		{"infinite variance", Independent([]float64{1, 2}, []float64{1, math.Inf(1)}), Options{}, ErrNotFinite},
		{"not symmetric", Estimates{[]float64{1, 2}, []float64{1, .5, -.5, 1}}, Options{}, ErrNotSemidef},
		{"correlation above 1", Estimates{[]float64{1, 2}, []float64{1, 2, 2, 1}}, Options{}, ErrNotSemidef},
		{"negative variance", Estimates{[]float64{1, 2}, []float64{-1, 0, 0, 1}}, Options{}, ErrNotSemidef},
		{"indefinite", Estimates{[]float64{1, 2, 3}, []float64{1, .9, .1, .9, 1, .9, .1, .9, 1}}, Options{}, ErrNotSemidef},
		{"coverage 1", good, Options{Coverage: 1}, ErrCoverage},
		{"coverage not a number", good, Options{Coverage: math.NaN()}, ErrCoverage},
		{"index out of range", good, Options{Indices: []int{2}}, ErrIndices},
		{"index twice", good, Options{Indices: []int{1, 1}}, ErrIndices},
		{"too many", Estimates{Value: make([]float64, MaxEstimates+1)}, Options{}, ErrTooMany},
		{"draws beyond memory", good, Options{Draws: 60_000_000}, ErrDraws},
		{"few draws", good, Options{Draws: 5}, ErrDraws},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := Confidence(tt.e, tt.o); !errors.Is(err, tt.want) || s != nil {
				t.Errorf("got %v, %v, want %v", s, err, tt.want)
			}
		})
	}
	for _, tau := range []int{0, 3} {
		if _, _, err := Best(good, tau, Options{}); !errors.Is(err, ErrTau) {
			t.Errorf("tau %d: %v", tau, err)
		}
	}
}
