package mixed_test

import (
	"fmt"

	"pingyi/evaluation/mixed"
)

// Four raters of different leniency and three ratees; not everyone rates everyone, so
// the plain means mislead: ratee 2 with 3.50 is much nearer to ratee 1 (3.35) than to
// ratee 0 (4.67), but only because the most lenient rater did not rate it.
func ExampleFit() {
	data := mixed.Data{
		Y: []float64{5, 4.5, 5, 3, 2.9, 3.2, 2.4, 4, 3.5, 3.7, 4.2},
		Factors: []mixed.Factor{
			{Name: "rater", Levels: 4, Of: []int32{0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3}},
			{Name: "ratee", Levels: 3, Of: []int32{0, 1, 0, 1, 2, 2, 1, 0, 1, 2, 2}},
		},
	}
	model, err := mixed.Fit(data, mixed.REML)
	if err != nil {
		fmt.Println(err)
		return
	}
	for j, effect := range model.Effects[1].Value {
		fmt.Printf("ratee %d: %+.2f\n", j, effect)
	}
	for _, w := range model.Warnings {
		fmt.Println(w.Code, w.Count)
	}
	// Output:
	// ratee 0: +0.15
	// ratee 1: -0.23
	// ratee 2: +0.08
	// tiny 4
	// tiny 3
}
