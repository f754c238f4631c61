package rank

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Bounds says which bounds of a rank are wanted.
type Bounds int

// TwoSided bounds a rank from both sides, LowerOnly from below ("at best
// third"; the upper bound is then p), UpperOnly from above.
const (
	TwoSided Bounds = iota
	LowerOnly
	UpperOnly
)

// DefaultSeed is used where none is given: published sets must be reproducible,
// so it is fixed here and written in the documents.
const DefaultSeed = 20240

// Options of confidence sets. The zero value asks for simultaneous two-sided 95 %
// sets of all departments, with step-down.
type Options struct {
	Coverage   float64 // probability, 0 < coverage < 1; 0 means 0.95
	Bounds     Bounds
	SingleStep bool   // without step-down: quicker, wider
	Marginal   bool   // each set covers its own rank; else all sets together
	Indices    []int  // departments wanted, from 0, each once; nil: all
	Draws      int    // random draws; 0: DefaultDraws
	Seed       uint64 // 0: DefaultSeed
}

// DefaultDraws is the number of random draws for p departments: 40,000 up to 158
// departments, then fewer so that draws x p^2 stays near a thousand million, but
// not under 2,000.
func DefaultDraws(p int) int {
	return min(40_000, max(2_000, 1_000_000_000/max(1, p*p)))
}

// maxNumbers is how many random numbers are held in memory: 800 MB.
const maxNumbers = 100_000_000

// Errors of options.
var (
	ErrCoverage = errors.New("coverage must lie between 0 and 1")
	ErrIndices  = errors.New("an index is out of range or named twice")
	ErrDraws    = errors.New("too few draws (100 at least) or too many (100 million over the number of estimates)")
	ErrTau      = errors.New("tau must lie between 1 and the number of estimates")
)

func (o Options) filled(p int) (Options, error) {
	o.Coverage = cmp.Or(o.Coverage, 0.95)
	o.Draws = cmp.Or(o.Draws, DefaultDraws(p))
	o.Seed = cmp.Or(o.Seed, DefaultSeed)
	if !(o.Coverage > 0 && o.Coverage < 1) {
		return o, ErrCoverage
	}
	if o.Draws < 100 || o.Draws > maxNumbers/p {
		return o, ErrDraws
	}
	if o.Indices == nil {
		for i := range p {
			o.Indices = append(o.Indices, i)
		}
	}
	seen := make([]bool, p)
	for _, i := range o.Indices {
		if i < 0 || i >= p || seen[i] {
			return o, fmt.Errorf("%w: %d", ErrIndices, i+1)
		}
		seen[i] = true
	}
	return o, nil
}

// Sets are confidence sets for ranks: department Indices[i] has rank Rank[i] by its
// estimate, and the set for its true rank is Low[i]..High[i], all from 1 to p.
type Sets struct {
	Indices, Rank, Low, High []int
	// Critical are the critical values of the passes; of marginal sets each has its
	// own and only the last pass of each is kept, in the order of Indices.
	Critical []float64
	Draws    int // as used

	p      int
	better []bool // of simultaneous sets: j proven better than k, row by row
}

// Better tells whether the test behind the sets has shown department j better than
// k, simultaneously with all it has shown. Marginal sets show nothing of the kind.
func (s *Sets) Better(j, k int) bool { return s.better != nil && s.better[j*s.p+k] }

// Confidence returns confidence sets for ranks (Mogstad, Romano, Shaikh and
// Wilhelm, "Inference for Ranks with Applications to Mobility across
// Neighbourhoods and Academic Achievement across Countries", Review of Economic
// Studies 2024, doi 10.1093/restud/rdad006): a true rank of simultaneous sets lies
// outside its set, for any department at all, with probability 1 - coverage at
// most. They are valid however close or tied the departments are, in exchange
// they are wide.
//
// Errors: ErrNoEstimates, ErrTooMany, ErrShape, ErrNotFinite, ErrNotSemidef,
// ErrCoverage, ErrIndices, ErrDraws.
func Confidence(e Estimates, o Options) (*Sets, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	p := len(e.Value)
	o, err := o.filled(p)
	if err != nil {
		return nil, err
	}
	s := &Sets{Indices: o.Indices, Draws: o.Draws, p: p}
	all := Ranks(e.Value)
	for _, j := range o.Indices {
		s.Rank = append(s.Rank, all[j])
		s.Low = append(s.Low, 1)
		s.High = append(s.High, p)
	}
	// Neighbours in a group should have like standard errors.
	order := Order(p, func(i, k int) int { return cmp.Compare(e.Covariance[i*p+i], e.Covariance[k*p+k]) })
	sorted := e.arranged(order)
	d, err := sorted.draw(o.Draws, o.Seed)
	if err != nil {
		return nil, err
	}
	if o.Marginal {
		s.marginal(sorted, order, o, d)
	} else {
		s.simultaneous(sorted, order, o, d)
	}
	return s, nil
}

// Order returns 0..p-1 sorted by compare, ties in their natural order.
func Order(p int, compare func(i, k int) int) []int {
	order := make([]int, p)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	return order
}

// places inverts an order: where each department stands in it.
func places(order []int) []int {
	at := make([]int, len(order))
	for place, j := range order {
		at[j] = place
	}
	return at
}

func (s *Sets) simultaneous(e Estimates, order []int, o Options, d *draws) {
	at := places(order)
	wanted := make([]bool, s.p)
	for _, j := range s.Indices {
		wanted[at[j]] = true
	}
	var rows []row
	for _, j := range s.Indices {
		rows = append(rows, e.family(at[j], o.Bounds, wanted)...)
	}
	rejected, critical := test(e, rows, d, o.Coverage, !o.SingleStep, make([]float64, d.n))
	s.Critical = critical
	s.better = make([]bool, s.p*s.p)
	above, below := make([]int, s.p), make([]int, s.p)
	for _, r := range rejected {
		s.better[order[r.better]*s.p+order[r.worse]] = true
		above[order[r.worse]]++
		below[order[r.better]]++
	}
	for i, j := range s.Indices {
		s.narrow(i, above[j], below[j], o.Bounds)
	}
}

func (s *Sets) marginal(e Estimates, order []int, o Options, d *draws) {
	at, scratch := places(order), make([]float64, d.n)
	for i, j := range s.Indices {
		alone := make([]bool, s.p)
		alone[at[j]] = true
		rejected, critical := test(e, e.family(at[j], o.Bounds, alone), d, o.Coverage, !o.SingleStep, scratch)
		s.Critical = append(s.Critical, critical[len(critical)-1])
		above := 0
		for _, r := range rejected {
			if r.worse == at[j] {
				above++
			}
		}
		s.narrow(i, above, len(rejected)-above, o.Bounds)
	}
}

// family are the hypotheses about one department. Two-sided it is compared with
// all others both ways, except that "k is not better" is left to k's own row when
// k is wanted too.
func (e Estimates) family(own int, b Bounds, wanted []bool) []row {
	anyone := func(int) bool { return true }
	switch b {
	case LowerOnly:
		return []row{e.hypotheses(own, -1, anyone)}
	case UpperOnly:
		return []row{e.hypotheses(own, 1, anyone)}
	}
	return []row{e.hypotheses(own, 1, anyone), e.hypotheses(own, -1, func(k int) bool { return !wanted[k] })}
}

// narrow sets bounds from the numbers of departments proven better and worse.
func (s *Sets) narrow(i, above, below int, b Bounds) {
	if b != UpperOnly {
		s.Low[i] = 1 + above
	}
	if b != LowerOnly {
		s.High[i] = s.p - below
	}
}

// Best tells which departments may be among the tau best: all the truly best tau
// are marked with probability coverage at least. Of the options only Coverage,
// SingleStep, Draws and Seed count. It can also fail with ErrTau.
func Best(e Estimates, tau int, o Options) ([]bool, *Sets, error) {
	return extreme(e, tau, LowerOnly, o, func(s *Sets, i int) bool { return s.Low[i] <= tau })
}

// Worst tells which departments may be among the tau worst; otherwise as Best.
func Worst(e Estimates, tau int, o Options) ([]bool, *Sets, error) {
	return extreme(e, tau, UpperOnly, o, func(s *Sets, i int) bool { return s.High[i] >= len(e.Value)-tau+1 })
}

func extreme(e Estimates, tau int, b Bounds, o Options, member func(*Sets, int) bool) ([]bool, *Sets, error) {
	if len(e.Value) > 0 && (tau < 1 || tau > len(e.Value)) {
		return nil, nil, ErrTau
	}
	o.Bounds, o.Marginal, o.Indices = b, false, nil
	s, err := Confidence(e, o)
	if err != nil {
		return nil, nil, err
	}
	out := make([]bool, len(e.Value))
	for i := range out {
		out[i] = member(s, i)
	}
	return out, s, nil
}
