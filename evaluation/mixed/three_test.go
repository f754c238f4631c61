package mixed

import "testing"

// TestThreeFactorsAgreeWithMixedModels compares with the value in MixedModels.jl's
// own test suite.
func TestThreeFactorsAgreeWithMixedModels(t *testing.T) {
	file := readTable(t, "insteval/ratings.csv.gz")
	d, _ := crossed(t, file, "y", "s", "d", "dept")
	d.Fixed = []Column{{"service", file.numbers(t, "service")}}
	m, err := Fit(d, ML)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "criterion", m.Criterion, 237721.76877, 1e-5)
	t.Log(m.Criterion, m.Theta, m.Fixed, m.Evaluations, m.Warnings)
}
