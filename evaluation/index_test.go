package evaluation

import (
	"math"
	"testing"
)

// TestS43Index: the mean of 80, 90 and 70 with errors 1, 2 and 3 is 80; the largest
// error of the mean is (1+2+3)/3 = 2, so the range is 80 ± 1.96·2.
func TestS43Index(t *testing.T) {
	p := IndexOf([]float64{80, 90, 70}, []float64{1, 2, 3})
	if p.Units != 3 || p.Mean != 80 || math.Abs(p.Low-76.08) > 1e-9 || math.Abs(p.High-83.92) > 1e-9 {
		t.Errorf("the index is %+v", p)
	}
	if p := IndexOf([]float64{99}, []float64{2}); p.High != 100 {
		t.Errorf("a range goes beyond 100: %+v", p)
	}
	if p := IndexOf(nil, nil); p.Units != 0 {
		t.Errorf("an index of nothing: %+v", p)
	}
}
