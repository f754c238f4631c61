package rank

import (
	"fmt"
	"math"
	"slices"
)

// Overdispersion of scores around a target beyond their standard errors.
type Overdispersion struct {
	Phi  float64 // mean of the squared z-scores, winsorised by 10 % each side; 1: none
	Tau2 float64 // added variance between departments, in squared units of the score
}

// Funnel are control limits of one department at 95 % and 99.8 %, in the unit of
// the score, and its z-score, all with overdispersion allowed for.
type Funnel struct {
	Z                   float64 // (score - target) / sqrt(se^2 + tau^2)
	Low95, High95       float64
	Low998, High998     float64
	Beyond95, Beyond998 bool // the score lies outside these limits
}

// Funnels returns control limits of a funnel plot (Spiegelhalter 2005, "Funnel
// plots for comparing institutional performance", Statistics in Medicine 24,
// 1185): target +- 1.96 and 3.09 standard errors. When phi exceeds 1 an additive
// variance tau^2 = max(0, (p phi - (p-1))/(sum w - sum w^2/sum w)), w = 1/se^2,
// widens them, so that departments that merely vary as departments do are not
// called out. It fails with ErrShape, ErrNotFinite or ErrNoEstimates; a standard
// error must be positive.
func Funnels(score, se []float64, target float64) ([]Funnel, Overdispersion, error) {
	if len(score) == 0 {
		return nil, Overdispersion{}, ErrNoEstimates
	}
	if len(se) != len(score) {
		return nil, Overdispersion{}, fmt.Errorf("%w: %d standard errors for %d scores", ErrShape, len(se), len(score))
	}
	for i, s := range se {
		if !(s > 0) || math.IsInf(s, 0) || math.IsNaN(score[i]-target) || math.IsInf(score[i]-target, 0) {
			return nil, Overdispersion{}, fmt.Errorf("%w, or a standard error not positive: %d", ErrNotFinite, i+1)
		}
	}
	o := overdispersion(score, se, target)
	out := make([]Funnel, len(score))
	for i, s := range se {
		applied := math.Sqrt(s*s + o.Tau2)
		z := (score[i] - target) / applied
		out[i] = Funnel{
			Z:     z,
			Low95: target - 1.96*applied, High95: target + 1.96*applied,
			Low998: target - 3.09*applied, High998: target + 3.09*applied,
			Beyond95: math.Abs(z) > 1.96, Beyond998: math.Abs(z) > 3.09,
		}
	}
	return out, o, nil
}

func overdispersion(score, se []float64, target float64) Overdispersion {
	p := float64(len(score))
	z := make([]float64, len(score))
	var w, w2 float64
	for i, s := range se {
		z[i] = (score[i] - target) / s
		w += 1 / (s * s)
		w2 += 1 / (s * s * s * s)
	}
	sorted := slices.Clone(z)
	low, high := quantile(sorted, 0.1), quantile(sorted, 0.9)
	var o Overdispersion
	for _, v := range z {
		v = min(max(v, low), high)
		o.Phi += v * v / p
	}
	if free := w - w2/w; o.Phi > 1 && free > 0 {
		o.Tau2 = max(0, (p*o.Phi-(p-1))/free)
	}
	return o
}
