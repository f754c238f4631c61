package rank

import (
	"fmt"
	"math"
	"testing"
)

func BenchmarkCounty60(b *testing.B) {
	e := readReference(b).estimates("county60_overall")
	for _, bench := range []struct {
		name string
		o    Options
	}{
		{"simultaneous, 10,000 draws", Options{Draws: 10_000}},
		{"simultaneous, default draws", Options{}},
		{"marginal, 10,000 draws", Options{Draws: 10_000, Marginal: true}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Confidence(e, bench.o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("simulate, 10,000 draws", func(b *testing.B) {
		for b.Loop() {
			if _, err := Simulate(e, 10, Options{Draws: 10_000}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// many are p estimates as of lecturers: true values with standard deviation 0.5,
// standard errors from 0.1 to 0.7, and a common part in all of them.
func many(p int) Estimates {
	n := newNormals(9)
	value, se := make([]float64, p), make([]float64, p)
	for i := range value {
		se[i] = 0.1 + 0.6*math.Exp(-math.Abs(2*n.next()))
		value[i] = 0.5*n.next() + se[i]*n.next()
	}
	e := Independent(value, se)
	for i := range e.Covariance {
		e.Covariance[i] += 0.001
	}
	return e
}

func BenchmarkMany(b *testing.B) {
	for _, p := range []int{223, 500, 1128} {
		e := many(p)
		b.Run(fmt.Sprint(p, " departments, default draws"), func(b *testing.B) {
			for b.Loop() {
				if _, err := Confidence(e, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
