package rank

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

type reference struct {
	Inputs map[string]struct {
		Theta []float64
		SE    []float64
		Sigma [][]float64
	}
	Cases []referenceCase
}

type referenceCase struct {
	Name, Input, Kind, CSType string
	Coverage                  float64
	StepDown, Simul           bool
	Indices                   []int
	Tau                       int
	Expected                  struct {
		Rank, L, U             []int
		LRange                 [][2]int `json:"L_range"`
		URange                 [][2]int `json:"U_range"`
		Member, Stable         []bool
		CriticalValueFirstPass float64 `json:"critical_value_first_pass"`
		CriticalValueLastPass  float64 `json:"critical_value_last_pass"`
		Passes                 int
	}
}

func readReference(t testing.TB) reference {
	t.Helper()
	var r reference
	b, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r reference) estimates(name string) Estimates {
	in := r.Inputs[name]
	if in.SE != nil {
		return Independent(in.Theta, in.SE)
	}
	return Estimates{in.Theta, slices.Concat(in.Sigma...)}
}

func (c referenceCase) options() Options {
	o := Options{Coverage: c.Coverage, SingleStep: !c.StepDown, Marginal: !c.Simul}
	o.Bounds = map[string]Bounds{"two-sided": TwoSided, "lower": LowerOnly, "upper": UpperOnly}[c.CSType]
	for _, i := range c.Indices {
		o.Indices = append(o.Indices, i-1)
	}
	return o
}

// The expected sets come from the method's authors' own implementation. With the
// default number of draws critical values are within 0.03 of theirs (200,000
// draws); with 10,000 draws and another seed the stable sets are the same.
func TestReferenceSets(t *testing.T) {
	r := readReference(t)
	for _, c := range r.Cases {
		for _, few := range []bool{false, true} {
			o, tolerance := c.options(), 0.03
			if few {
				o.Seed, o.Draws, tolerance = 77, 10_000, 0.06
			}
			e := r.estimates(c.Input)
			var s *Sets
			var member []bool
			var err error
			switch c.Kind {
			case "taubest":
				member, s, err = Best(e, c.Tau, o)
			case "tauworst":
				member, s, err = Worst(e, c.Tau, o)
			default:
				s, err = Confidence(e, o)
			}
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			c.compare(t, s, member, tolerance)
		}
	}
}

func (c referenceCase) compare(t *testing.T, s *Sets, member []bool, tolerance float64) {
	t.Helper()
	want := c.Expected
	for i, m := range want.Member {
		if want.Stable[i] && member[i] != m {
			t.Errorf("%s: member %d = %t", c.Name, i+1, member[i])
		}
	}
	if want.Rank != nil && !slices.Equal(s.Rank, want.Rank) {
		t.Errorf("%s: ranks %v, want %v", c.Name, s.Rank, want.Rank)
	}
	for i := range want.L {
		exact := s.Low[i] == want.L[i] && s.High[i] == want.U[i]
		near := s.Low[i] >= want.LRange[i][0]-1 && s.Low[i] <= want.LRange[i][1]+1 && s.High[i] >= want.URange[i][0]-1 && s.High[i] <= want.URange[i][1]+1
		if want.Stable[i] && !exact || !near {
			t.Errorf("%s: set %d = %d..%d, want %d..%d (stable %t)", c.Name, i+1, s.Low[i], s.High[i], want.L[i], want.U[i], want.Stable[i])
		}
	}
	if want.CriticalValueFirstPass > 0 {
		first, last := s.Critical[0], s.Critical[len(s.Critical)-1]
		if math.Abs(first-want.CriticalValueFirstPass) > tolerance {
			t.Errorf("%s: critical value %.4f, want %.4f", c.Name, first, want.CriticalValueFirstPass)
		}
		// The last pass depends on how many there were; it is compared where that agrees.
		if len(s.Critical) == want.Passes && math.Abs(last-want.CriticalValueLastPass) > 2*tolerance {
			t.Errorf("%s: last critical value %.4f, want %.4f", c.Name, last, want.CriticalValueLastPass)
		}
	}
}

func TestCriticalValuesKnownInClosedForm(t *testing.T) {
	var exact struct {
		Two   float64            `json:"two_populations"`
		Pairs map[string]float64 `json:"all_pairs_by_number_of_populations"`
	}
	b, err := os.ReadFile("testdata/exact_critical_values.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &exact); err != nil {
		t.Fatal(err)
	}
	want := map[int]float64{2: exact.Two, 3: exact.Pairs["3"], 6: exact.Pairs["6"], 10: exact.Pairs["10"]}
	for p, c := range want {
		se := make([]float64, p)
		for i := range se {
			se[i] = 0.3
		}
		for _, single := range []bool{false, true} {
			s, err := Confidence(Independent(make([]float64, p), se), Options{Draws: 100_000, SingleStep: single})
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(s.Critical[0]-c) > 0.012 {
				t.Errorf("%d populations: critical value %.4f, want %.4f", p, s.Critical[0], c)
			}
		}
	}
}
