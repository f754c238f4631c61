//go:build unix

package mixed

import (
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// simulated returns ratings of ratees by raters with leniency: rater i rates between
// 3 and most ratees, chosen with unequal popularity.
func simulated(ratees, raters, most int, seed uint64) Data {
	random := rand.New(rand.NewPCG(seed, 1))
	popularity, quality := make([]float64, ratees), make([]float64, ratees)
	sum := 0.0
	for j := range ratees {
		sum += math.Exp(0.7 * random.NormFloat64())
		popularity[j], quality[j] = sum, 0.35*random.NormFloat64()
	}
	d := Data{Factors: []Factor{{Name: "rater", Levels: raters}, {Name: "ratee", Levels: ratees}}}
	rated := make([]int, ratees)
	for i := range raters {
		leniency := 0.5 * random.NormFloat64()
		for range 3 + random.IntN(most-2) {
			j := lowerBound(popularity, sum*random.Float64())
			if rated[j] == i+1 {
				continue
			}
			rated[j] = i + 1
			y := math.Round(3.8 + leniency + quality[j] + 0.7*random.NormFloat64())
			d.Y = append(d.Y, max(1, min(5, y)))
			d.Factors[0].Of = append(d.Factors[0].Of, int32(i))
			d.Factors[1].Of = append(d.Factors[1].Of, int32(j))
		}
	}
	return d
}

// lowerBound returns the first index whose value is not below x.
func lowerBound(ascending []float64, x float64) int {
	low, high := 0, len(ascending)-1
	for low < high {
		if middle := (low + high) / 2; ascending[middle] < x {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// cpuTime is the processor time of the process so far, garbage collection included.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchmark measures whole fits: from columns in memory to all predictions and variances.
func benchmark(b *testing.B, fits ...Data) {
	b.ReportAllocs()
	start, n := cpuTime(), 0
	for b.Loop() {
		n++
		for _, d := range fits {
			m, err := Fit(d, REML)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(m.Evaluations), "evaluations")
		}
	}
	b.ReportMetric((cpuTime()-start).Seconds()/float64(n), "cpu-s/op")
}

func BenchmarkInstEval(b *testing.B) {
	d, _ := crossed(b, readTable(b, "insteval/ratings.csv.gz"), "y", "s", "d")
	benchmark(b, d)
}

func BenchmarkInstEvalThreeFactors(b *testing.B) {
	file := readTable(b, "insteval/ratings.csv.gz")
	d, _ := crossed(b, file, "y", "s", "d", "dept")
	d.Fixed = []Column{{"service", file.numbers(b, "service")}}
	benchmark(b, d)
}

// BenchmarkCounty fits five indicators and the overall score.
func BenchmarkCounty(b *testing.B) {
	file := readTable(b, "county/ratings.csv.gz")
	d, _ := crossed(b, file, "company", "company", "department")
	d.Y = overall(b, file)
	fits := []Data{d}
	for _, name := range []string{"q1", "q2", "q3", "q4", "q5"} {
		d, _ := crossed(b, indicator(file, name), name, "company", "department")
		fits = append(fits, d)
	}
	benchmark(b, fits...)
}

func Benchmark600(b *testing.B) { benchmark(b, simulated(600, 100_000, 13, 2)) }

func Benchmark3000(b *testing.B) { benchmark(b, simulated(3_000, 111_111, 13, 3)) }

// BenchmarkCovariance3000 is what the rank sets need besides a fit.
func BenchmarkCovariance3000(b *testing.B) {
	d := simulated(3_000, 111_111, 13, 3)
	m, err := Fit(d, REML)
	if err != nil {
		b.Fatal(err)
	}
	start, n := cpuTime(), 0
	for b.Loop() {
		n++
		if _, err := m.Covariance(1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpuTime()-start).Seconds()/float64(n), "cpu-s/op")
}
