package rank

import (
	"math"
	"math/rand/v2"
)

// normals makes standard normal numbers: Marsaglia's polar method on PCG-DXSM
// (math/rand/v2). The generators of math/rand/v2 for normal numbers call math.Log,
// which is written in assembly on some machines and rounds differently there.
type normals struct {
	source *rand.PCG
	spare  float64
	has    bool
}

// stream keeps the second half of PCG's state, so that seed alone decides.
const stream = 0x70696e677969 // "pingyi"

func newNormals(seed uint64) *normals { return &normals{source: rand.NewPCG(seed, stream)} }

// symmetric returns a number evenly spread over (-1, 1), a multiple of 2^-52.
func (n *normals) symmetric() float64 {
	return float64(int64(n.source.Uint64()>>11)-1<<52) * 0x1p-52
}

func (n *normals) next() float64 {
	if n.has {
		n.has = false
		return n.spare
	}
	for {
		u, v := n.symmetric(), n.symmetric()
		s := float64(u*u) + float64(v*v)
		if s >= 1 || s == 0 {
			continue
		}
		f := math.Sqrt(-2 * ln(s) / s)
		n.spare, n.has = v*f, true
		return u * f
	}
}

// atanhTerms are 1/(2k+1), k = 10..0: the series of atanh(s)/s in s^2.
var atanhTerms = [...]float64{1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

// ln is the natural logarithm of a positive number to about 1e-16 of the larger
// of 1 and the result, with the same bits on every machine: x = f 2^e with f
// within a factor of sqrt(2) of 1, and ln f = 2 atanh((f-1)/(f+1)).
func ln(x float64) float64 {
	f, e := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, e = f*2, e-1
	}
	s := (f - 1) / (f + 1)
	s2 := s * s
	sum := 0.0
	for _, t := range atanhTerms {
		sum = float64(sum*s2) + t
	}
	return float64(float64(e)*math.Ln2) + float64(2*s*sum)
}

// tail is the probability that a standard normal number exceeds z.
func tail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
