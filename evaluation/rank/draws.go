package rank

import "slices"

// group is the number of neighbouring estimates that share a bound.
const group = 12

// draws are samples of N(0, covariance): one row a draw. For each draw and group
// of neighbouring columns it keeps the lowest and the highest value, and last those
// of the whole draw: groups+1 numbers a draw.
type draws struct {
	n, p, groups int
	z            []float64
	low, high    []float64
}

// draw makes n samples. Each is the root of the covariance times independent
// normal numbers, taken from the generator draw by draw.
func (e Estimates) draw(n int, seed uint64) (*draws, error) {
	l, err := e.root()
	if err != nil {
		return nil, err
	}
	p := len(e.Value)
	d := &draws{n: n, p: p, groups: (p + group - 1) / group, z: make([]float64, n*p)}
	from := newNormals(seed)
	for i := range d.z {
		d.z[i] = from.next()
	}
	for r := 0; r < n; r += 4 {
		multiply(l, p, d.z[r*p:min(r+4, n)*p])
	}
	d.bound()
	return d, nil
}

// multiply replaces each row x of rows by l x. Going up from the last element it
// needs no second array, and four rows at a time it reads l once for all of them.
func multiply(l []float64, p int, rows []float64) {
	if len(rows) < 4*p {
		for ; len(rows) >= p; rows = rows[p:] {
			for i := p - 1; i >= 0; i-- {
				rows[i] = inOrder(l[i*p:i*p+i+1], rows[:i+1])
			}
		}
		return
	}
	a, b, c, d := rows[:p], rows[p:2*p], rows[2*p:3*p], rows[3*p:4*p]
	for i := p - 1; i >= 0; i-- {
		li := l[i*p : i*p+i+1]
		a, b, c, d := a[:len(li)], b[:len(li)], c[:len(li)], d[:len(li)]
		var s0, s1, s2, s3 float64
		for t, f := range li {
			s0 += float64(f * a[t])
			s1 += float64(f * b[t])
			s2 += float64(f * c[t])
			s3 += float64(f * d[t])
		}
		a[i], b[i], c[i], d[i] = s0, s1, s2, s3
	}
}

// inOrder is the inner product summed from the first to the last, as in multiply.
func inOrder(a, b []float64) float64 {
	s := 0.0
	for i, x := range a {
		s += float64(x * b[i])
	}
	return s
}

func (d *draws) bound() {
	each := d.groups + 1
	d.low, d.high = make([]float64, d.n*each), make([]float64, d.n*each)
	for r := range d.n {
		z := d.z[r*d.p : (r+1)*d.p]
		low, high := d.low[r*each:(r+1)*each], d.high[r*each:(r+1)*each]
		for g := range d.groups {
			members := z[g*group : min((g+1)*group, d.p)]
			low[g], high[g] = slices.Min(members), slices.Max(members)
		}
		low[d.groups], high[d.groups] = slices.Min(low[:d.groups]), slices.Max(high[:d.groups])
	}
}
