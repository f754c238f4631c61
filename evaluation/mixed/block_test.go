package mixed

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSelectedInverse compares the recursion with solutions for unit vectors, on a
// block with panels and a full part, and for leading blocks.
func TestSelectedInverse(t *testing.T) {
	d := neighbours(500, 300, 20, 3)
	m, err := newNormal(&d, -1)
	if err != nil {
		t.Fatal(err)
	}
	if m.ordering.full == 0 || m.ordering.full == m.dense {
		t.Fatalf("%d of %d columns are sparse", m.ordering.full, m.dense)
	}
	e := newEquations(m, REML)
	if err := e.evaluate([]float64{0.4, 0.3, 0.2}); err != nil {
		t.Fatal(err)
	}
	ones := make([]float64, m.dense)
	for j := range ones {
		ones[j] = 1
	}
	b, full := e.block, m.ordering.full
	b.invert(m.dense)
	for j := range m.dense {
		want := make([]float64, m.dense)
		want[j] = 1
		b.forward(want, 1)
		b.backward(want, 1)
		if j >= full {
			for k := full; k < m.dense; k++ {
				near(t, "element of the full part", b.full.inverse.data[(j-full)*b.full.n+k-full], want[k], 1e-13)
			}
			continue
		}
		got := make([]float64, m.dense)
		b.inverseColumn(j, got, ones)
		p := b.sparse[b.panelOf[j]]
		near(t, "diagonal element", got[j], want[j], 1e-13)
		for _, k := range p.rows {
			near(t, "element of a panel", got[k], want[k], 1e-13)
		}
	}
}

// TestInverseOfLeadingBlock: whatever the size, the inverse is that of the leading
// rows and columns.
func TestInverseOfLeadingBlock(t *testing.T) {
	const n = 150
	random := rand.New(rand.NewPCG(1, 1))
	f, original := newFull(n), make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			v := random.NormFloat64()
			if i == j {
				v = 3 * math.Sqrt(n)
			}
			original[i*n+j], original[j*n+i], f.factor.data[i*n+j] = v, v, v
		}
	}
	if !f.factorise() {
		t.Fatal("not positive definite")
	}
	for _, size := range []int{1, 63, 64, 65, 128, 140, n} {
		f.invert(size)
		for i := range size {
			for j := range size {
				want := 0.0
				if i == j {
					want = 1
				}
				near(t, "product with the inverse", dot(original[i*n:][:size], f.inverse.data[j*n:][:size]), want, 1e-11)
			}
		}
	}
}

// TestForwardPanels: many columns at once are solved like one at a time.
func TestForwardPanels(t *testing.T) {
	const n, w = 150, 70
	random := rand.New(rand.NewPCG(3, 3))
	f := newFull(n)
	for i := range n {
		for j := range i {
			f.factor.data[i*n+j] = random.NormFloat64()
		}
		f.factor.data[i*n+i] = 3 * math.Sqrt(n)
	}
	if !f.factorise() {
		t.Fatal("not positive definite")
	}
	x := make([]float64, n*w)
	for i := range x {
		x[i] = random.NormFloat64()
	}
	column, want := make([]float64, n), make([]float64, n*w)
	for c := range w {
		for i := range n {
			column[i] = x[i*w+c]
		}
		f.forward(column, 1)
		for i := range n {
			want[i*w+c] = column[i]
		}
	}
	f.forward(x, w)
	for i := range x {
		near(t, "element", x[i], want[i], 1e-13)
	}
}

// TestSubtractProduct compares the tiles with plain sums, at sizes that leave all
// kinds of edges, to the last bit.
func TestSubtractProduct(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for _, size := range [][3]int{{1, 1, 1}, {3, 3, 5}, {4, 7, 300}, {64, 50, 64}, {101, 97, 260}, {2, 9, 0}} {
		m, n, k := size[0], size[1], size[2]
		a, b := make([]float64, m*k), make([]float64, n*k)
		for i := range a {
			a[i] = random.NormFloat64()
		}
		for i := range b {
			b[i] = random.NormFloat64()
		}
		for _, lower := range []bool{false, true} {
			c := make([]float64, m*n)
			subtractProduct(view{c, n}, view{a, k}, view{b, k}, m, n, k, lower)
			for i := range m {
				for j := range n {
					if lower && j > i {
						continue
					}
					want := 0.0
					for t := 0; t < k; t += depthBlock {
						end := min(k, t+depthBlock)
						want -= dot(a[i*k+t:i*k+end], b[j*k+t:j*k+end])
					}
					near(t, "element", c[i*n+j], want, 0)
				}
			}
		}
	}
}
