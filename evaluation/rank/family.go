package rank

import (
	"math"
	"slices"
)

// pair says that one department is better than another.
type pair struct{ better, worse int }

// row holds the hypotheses that compare one department with the others: "own is
// not better than k" (sign 1) or "k is not better than own" (sign -1).
//
// se[k] is the standard error of the difference, NaN where there is no hypothesis
// (any more). weight[k] is sign/se[k], NaN also where the difference is known
// without error: it then has no share in the critical value. steepest[g] is the
// weight largest in size within a group, NaN if it has none; the last one is that of
// the whole row.
type row struct {
	own      int
	sign     float64
	se       []float64
	weight   []float64
	steepest []float64
}

// hypotheses makes the row of one department against those that other names.
func (e Estimates) hypotheses(own int, sign float64, other func(k int) bool) row {
	p := len(e.Value)
	r := row{own: own, sign: sign, se: make([]float64, p), weight: make([]float64, p), steepest: make([]float64, (p+group-1)/group+1)}
	for k := range p {
		r.se[k], r.weight[k] = math.NaN(), math.NaN()
		if k != own && other(k) {
			if r.se[k] = e.differenceSE(own, k); r.se[k] > 0 {
				r.weight[k] = sign / r.se[k]
			}
		}
	}
	r.summarise()
	return r
}

func (r *row) summarise() {
	groups := len(r.steepest) - 1
	for g := range groups {
		r.steepest[g] = largest(r.weight[g*group : min((g+1)*group, len(r.weight))])
	}
	r.steepest[groups] = largest(r.steepest[:groups])
}

// largest is the number largest in size, NaN where all are NaN.
func largest(x []float64) float64 {
	best := math.NaN()
	for _, w := range x {
		if !math.IsNaN(w) && !(math.Abs(w) <= math.Abs(best)) {
			best = w
		}
	}
	return best
}

// raise returns the larger of top and the row's largest studentised difference in
// a draw. A group, or the whole row, whose bound does not exceed top is passed
// over: rounding is monotone, so no member of it could.
func (r *row) raise(d *draws, draw int, top float64) float64 {
	z, each := d.z[draw*d.p:(draw+1)*d.p], d.groups+1
	edge := d.low[draw*each : (draw+1)*each]
	if r.sign < 0 {
		edge = d.high[draw*each : (draw+1)*each]
	}
	own := z[r.own]
	if !((own-edge[d.groups])*r.steepest[d.groups] > top) && top >= 0 {
		return top
	}
	for g, steepest := range r.steepest[:d.groups] {
		if !((own-edge[g])*steepest > top) && top >= 0 {
			continue
		}
		last := min((g+1)*group, len(z))
		weight := r.weight[g*group : last]
		for i, v := range z[g*group : last] {
			if s := (own - v) * weight[i]; s > top {
				top = s
			}
		}
	}
	return top
}

// reject removes and returns the hypotheses of the row that fall at a critical
// value.
func (r *row) reject(value []float64, critical float64) []pair {
	var out []pair
	for k, se := range r.se {
		if r.sign*(value[r.own]-value[k])-float64(critical*se) > 0 {
			r.se[k], r.weight[k] = math.NaN(), math.NaN()
			if r.sign > 0 {
				out = append(out, pair{r.own, k})
			} else {
				out = append(out, pair{k, r.own})
			}
		}
	}
	if len(out) > 0 {
		r.summarise()
	}
	return out
}

// test runs the step-down procedure (Romano and Wolf 2005; Mogstad et al. 2024,
// algorithm 3.1) on the same draws in each pass, or its first pass alone. It
// returns what was rejected and the critical value of each pass. scratch has room
// for a number per draw.
func test(e Estimates, rows []row, d *draws, coverage float64, stepDown bool, scratch []float64) (rejected []pair, critical []float64) {
	for {
		for i := range scratch {
			top := math.Inf(-1)
			for r := range rows {
				top = rows[r].raise(d, i, top)
			}
			scratch[i] = top
		}
		c := quantile(scratch, coverage)
		if math.IsInf(c, -1) {
			c = 0 // all that is left is known without error
		}
		critical = append(critical, c)
		before := len(rejected)
		for r := range rows {
			rejected = append(rejected, rows[r].reject(e.Value, c)...)
		}
		if len(rejected) == before || !stepDown || !open(rows) {
			return rejected, critical
		}
	}
}

// open tells whether a hypothesis is left.
func open(rows []row) bool {
	for _, r := range rows {
		if slices.ContainsFunc(r.se, func(se float64) bool { return !math.IsNaN(se) }) {
			return true
		}
	}
	return false
}

// quantile sorts x and returns the q-quantile by linear interpolation (type 7 of
// Hyndman and Fan 1996, R's default).
func quantile(x []float64, q float64) float64 {
	slices.Sort(x)
	h := float64(float64(len(x)-1) * q)
	i := int(h)
	if i+1 >= len(x) || x[i] == x[i+1] {
		return x[i]
	}
	return x[i] + float64((h-float64(i))*(x[i+1]-x[i]))
}
