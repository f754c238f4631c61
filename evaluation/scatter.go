package evaluation

import (
	"math"
	"slices"

	"pingyi/evaluation/ballotbox"
)

// scatter is how widely a rater's answers scatter within its lines.
type scatter struct {
	log   float64 // of the variance of answers around the line's mean and the rater's own profile
	lines int
}

// scatter measures every rater: answers less the mean of their line, less what the
// rater says of that indicator on all units. Who answers at random has no profile and
// scatters far more than others. Raters with too little to tell have no lines.
func (s *Scheme) scatter(payloads []ballotbox.Payload) []scatter {
	out := make([]scatter, len(payloads))
	for k, p := range payloads {
		rows := make([]map[string]float64, 0, len(p.Lines))
		cells, profile, n := 0, map[string]float64{}, map[string]int{}
		for _, l := range p.Lines {
			row, sum := map[string]float64{}, 0.0
			for _, ind := range s.Indicators {
				if v, ok := s.Value(l.Answers[ind.Code]); ok {
					row[ind.Code] = float64(v)
					sum += float64(v)
				}
			}
			if len(row) < 2 {
				continue
			}
			for code := range row {
				row[code] -= sum / float64(len(row))
				profile[code] += row[code]
				n[code]++
			}
			cells += len(row)
			rows = append(rows, row)
		}
		freedom := cells - len(rows) - len(profile) + 1
		if len(rows) < randomLines || freedom < randomLines {
			continue
		}
		squares := 0.0
		for _, row := range rows {
			for _, ind := range s.Indicators { // in a fixed order: the sum must not depend on the map
				if x, ok := row[ind.Code]; ok {
					d := x - profile[ind.Code]/float64(n[ind.Code])
					squares += float64(d * d)
				}
			}
		}
		out[k] = scatter{math.Log(squares/float64(freedom) + 1), len(rows)}
	}
	return out
}

// wide is each rater's chance to scatter so widely among the others, by the median
// and the median deviation, which a few wild ones do not move; 1 for who cannot be told.
func wide(all []scatter) []float64 {
	var logs, lines []float64
	for _, x := range all {
		if x.lines > 0 {
			logs, lines = append(logs, x.log), append(lines, float64(x.lines))
		}
	}
	out := make([]float64, len(all))
	centre, usual := median(logs), median(lines)
	for i := range logs {
		logs[i] = math.Abs(logs[i] - centre)
	}
	sd := 1.4826 * median(logs)
	for k, x := range all {
		out[k] = 1
		if x.lines > 0 && sd > 0 { // few lines scatter more by chance
			z := (x.log - centre) / (sd * math.Sqrt(max(1, usual/float64(x.lines))))
			out[k] = math.Erfc(z/math.Sqrt2) / 2
		}
	}
	return out
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(x))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
