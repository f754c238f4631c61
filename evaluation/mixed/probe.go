package mixed

import "math/rand/v2"

// probesPay is the number of multiplications of a factorisation, per cell of the
// table of counts, above which probes are cheaper than the inverse.
const probesPay = 30

// probeCount is the number of random vectors per factor.
const probeCount = 8

// probes estimate traces of the inverse without computing it (Hutchinson 1990):
// for a vector z of random signs z'Az is tr A on average. The signs are the same
// at every point and in every run. The error of a single estimate is good enough
// for the first step; the error of the difference between two near points is
// smaller by the ratio of their distance, so that an estimate based on the exact
// traces of the point before is good for a step in between.
type probes struct {
	dense, rater []uint8   // signs, one bit per probe
	vectors      []float64 // dense columns x (factors x probes)
}

func newProbes(m *normal) *probes {
	random := rand.New(rand.NewPCG(1990, 19))
	p := &probes{make([]uint8, m.dense), make([]uint8, m.raters), make([]float64, m.dense*len(m.levels)*probeCount)}
	for j := range p.dense {
		p.dense[j] = uint8(random.Uint32())
	}
	for r := range p.rater {
		p.rater[r] = uint8(random.Uint32())
	}
	return p
}

// probe returns by factor the estimate of tr(C_kk)/g_k with fixed effects held, but
// for the part of the raters that needs no estimate.
func (e *equations) probe(p *probes) []float64 {
	q := len(e.g)
	width := q * probeCount
	clear(p.vectors)
	size := e.traced()
	for j := range size {
		k := int(e.factorOf[j])
		addSigned(p.vectors[j*width+k*probeCount:], p.dense[j], e.scale[j])
	}
	t, at := &e.counts, e.eliminated*probeCount
	for r, w := range e.w {
		for i := t.raterStart[r]; i < t.raterStart[r+1]; i++ {
			if c := int(t.column[i]); c < size {
				addSigned(p.vectors[c*width+at:], p.rater[r], w*t.count[i]*e.scale[c])
			}
		}
	}
	e.block.forward(p.vectors, width)
	out := make([]float64, q)
	for j := range size {
		for k, g := range e.g {
			x := p.vectors[j*width+k*probeCount:][:probeCount]
			if g > 0 {
				out[k] += dot(x, x) / (g * probeCount)
			}
		}
	}
	return out
}

// signs holds the eight signs of every byte.
var signs = func() (table [256][probeCount]float64) {
	for b := range table {
		for s := range probeCount {
			table[b][s] = float64(1 - 2*(b>>s&1))
		}
	}
	return table
}()

// addSigned adds value to the first probes, with the signs given as bits.
func addSigned(x []float64, bits uint8, value float64) {
	x, sign := x[:probeCount], &signs[bits]
	for s := range x {
		x[s] += value * sign[s]
	}
}

// measure sets the traces at the current point: from the variances, or estimated by
// the probes with the error that they had at the last exact point taken out.
func (s *search) measure(exact bool) {
	v := &s.variances
	s.exact = exact || s.probes == nil
	if !s.exact {
		s.trace = s.estimate()
		addTo(s.trace, s.bias)
		return
	}
	s.fixedVariances(&s.solution, v)
	s.addHeld(v)
	if s.method == REML {
		s.trace = s.traces(v.dense, v.rater)
	} else {
		s.trace = s.traces(v.denseHeld, v.raterHeld)
	}
}

// estimate returns the traces as the probes see them.
func (s *search) estimate() []float64 {
	estimate := s.probe(s.probes)
	estimate[s.eliminated] += s.raterTrace()
	if s.method == REML {
		s.fixedVariances(&s.solution, &s.variances)
		addTo(estimate, s.traces(s.variances.dense, s.variances.rater))
	}
	return estimate
}

// calibrate notes the error of the probes at an exact point.
func (s *search) calibrate() {
	for k, estimate := range s.estimate() {
		s.bias[k] = s.trace[k] - estimate
	}
}
