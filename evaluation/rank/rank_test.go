package rank

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func TestTiesShareTheSmallestRank(t *testing.T) {
	tests := []struct {
		value []float64
		want  []int
	}{
		{nil, []int{}},
		{[]float64{4}, []int{1}},
		{[]float64{3, 5, 5, 1}, []int{3, 1, 1, 4}},
		{[]float64{2, 2, 2}, []int{1, 1, 1}},
	}
	for _, tt := range tests {
		if got := Ranks(tt.value); !slices.Equal(got, tt.want) {
			t.Errorf("Ranks(%v) = %v, want %v", tt.value, got, tt.want)
		}
	}
}

// The three departments were worked out with another program's normal distribution.
var three = Estimates{[]float64{1.0, 0.5, -0.2}, []float64{.2, .05, 0, .05, .3, .1, 0, .1, .4}}

func TestExpectedRanks(t *testing.T) {
	got, err := Expected(three)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{1.2752652753994158, 1.9465017528611162, 2.778232971739468}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("expected rank %d = %v, want %v", i, got[i], want[i])
		}
	}
	known, err := Expected(Independent([]float64{1, 1, 0}, make([]float64, 3)))
	if err != nil || !slices.Equal(known, []float64{1.5, 1.5, 3}) {
		t.Errorf("ranks without error: %v, %v", known, err)
	}
}

// The mean of simulated ranks is the expected rank, the probability of being first
// of two is a normal probability, and intervals are ordered.
func TestSimulatedRanksAgreeWithTheExactOnes(t *testing.T) {
	d, err := three.draw(40_000, 5)
	if err != nil {
		t.Fatal(err)
	}
	exact, _ := Expected(three)
	counts := d.rankCounts(three.Value)
	for j := range 3 {
		mean := 0.0
		for r := range 3 {
			mean += float64(r+1) * float64(counts[j*3+r]) / float64(d.n)
		}
		if math.Abs(mean-exact[j]) > 0.02 {
			t.Errorf("mean rank %d = %.3f, want %.3f", j, mean, exact[j])
		}
	}
	two := Independent([]float64{0.3, 0}, []float64{0.4, 0.3})
	s, err := Simulate(two, 1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := tail(-0.6); math.Abs(s[0].First-want) > 0.01 || s[0].First != s[0].Top || math.Abs(s[0].First+s[1].First-1) > 1e-12 {
		t.Errorf("P(first) = %.4f and %.4f, want %.4f", s[0].First, s[1].First, want)
	}
	if s[0].Median != 1 || s[1].Median != 2 || s[0].Low != 1 || s[0].High != 2 {
		t.Errorf("medians and interval: %+v", s)
	}
	certain, err := Simulate(Independent([]float64{1, 2, 2}, make([]float64, 3)), 2, Options{Draws: 100})
	if err != nil || certain[0] != (Spread{3, 3, 3, 0, 0}) || certain[1] != (Spread{1, 1, 1, 1, 1}) || certain[2] != certain[1] {
		t.Errorf("without error: %+v, %v", certain, err)
	}
}

func TestTiers(t *testing.T) {
	// By hand: 0 and 1 are alike; 2 is worse than 0; 3 is badly known and like 0;
	// 4 is worse than 0 but not than 2; 5 is worse than both.
	worse := map[[2]int]bool{{0, 2}: true, {0, 4}: true, {0, 5}: true, {2, 5}: true, {1, 4}: true}
	better := func(j, k int) bool { return worse[[2]int{j, k}] }
	got := Tiers([]float64{9, 8, 7, 6, 5, 4}, better)
	if want := []int{1, 1, 2, 1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("tiers %v, want %v", got, want)
	}
	if got := Tiers(nil, better); len(got) != 0 {
		t.Errorf("no departments: %v", got)
	}
	// All precise: everyone has a tier of its own, also the last.
	s, err := Confidence(Independent([]float64{1, 3, 2}, []float64{.01, .01, .01}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Tiers([]float64{1, 3, 2}, s.Better); !slices.Equal(got, []int{3, 1, 2}) {
		t.Errorf("tiers of precise estimates: %v", got)
	}
}

func TestBars(t *testing.T) {
	for _, tt := range []struct {
		se []float64
		z  float64
	}{
		{[]float64{1, 1, 1}, 1.959964 / math.Sqrt2},
		{[]float64{.1, .2, .5, .3}, 1.5085872040250874},
		{[]float64{0, 0}, 0},
		{[]float64{1}, 0},
	} {
		half, z, err := Bars(Independent(make([]float64, len(tt.se)), tt.se))
		if err != nil || math.Abs(z-tt.z) > 1e-6 || math.Abs(half[0]-tt.z*tt.se[0]) > 1e-6 {
			t.Errorf("bars of %v: z = %v, %v, want %v", tt.se, z, err, tt.z)
		}
	}
}

func TestFunnels(t *testing.T) {
	score := []float64{80, 85, 90, 70, 95, 88, 84, 86, 60, 99}
	se := []float64{2, 3, 1.5, 2.5, 4, 2, 1, 3, 2, 1.2}
	f, o, err := Funnels(score, se, 85)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(o.Phi-12.455583333333331) > 1e-12 || math.Abs(o.Tau2-41.91035044022242) > 1e-10 || math.Abs(f[0].High95-98.28040670503574) > 1e-10 {
		t.Errorf("phi %v, tau2 %v, limit %v", o.Phi, o.Tau2, f[0].High95)
	}
	if !f[8].Beyond998 || !f[9].Beyond95 || f[9].Beyond998 || f[1].Beyond95 || f[1].Z != 0 {
		t.Errorf("flags: %+v", f)
	}
	// Scores that vary less than their errors are not overdispersed.
	f, o, err = Funnels([]float64{1, 2, 3}, []float64{5, 5, 5}, 2)
	if err != nil || o.Tau2 != 0 || math.Abs(f[0].Low95-(2-1.96*5)) > 1e-12 {
		t.Errorf("no overdispersion: %+v, %v", o, err)
	}
	if _, _, err := Funnels([]float64{1, 2}, []float64{1, 0}, 1); !errors.Is(err, ErrNotFinite) {
		t.Errorf("standard error 0: %v", err)
	}
}
