package rank

import (
	"errors"
	"fmt"
	"math"
)

// Estimates are the estimated values of p departments (larger is better, any
// unit) and their covariance matrix, row by row, p x p, in that unit squared.
type Estimates struct {
	Value      []float64
	Covariance []float64
}

// Independent are estimates with standard errors and no correlation.
func Independent(value, se []float64) Estimates {
	p := len(value)
	e := Estimates{Value: value, Covariance: make([]float64, p*p)}
	for i := range min(p, len(se)) {
		e.Covariance[i*p+i] = se[i] * se[i]
	}
	return e
}

// MaxEstimates is the largest number of estimates that inference is made from: the
// matrices then take about a gigabyte.
const MaxEstimates = 5000

// Errors of estimates that no inference can be made from.
var (
	ErrNoEstimates = errors.New("there are no estimates")
	ErrTooMany     = errors.New("there are more than 5,000 estimates")
	ErrShape       = errors.New("the covariance matrix does not fit the number of estimates")
	ErrNotFinite   = errors.New("an estimate or a covariance is not a finite number")
	ErrNotSemidef  = errors.New("the covariance matrix is not symmetric and positive semidefinite")
)

// check says what is wrong with the numbers; whether the matrix is positive
// semidefinite is left to root.
func (e Estimates) check() error {
	p := len(e.Value)
	if p == 0 {
		return ErrNoEstimates
	}
	if p > MaxEstimates {
		return ErrTooMany
	}
	if len(e.Covariance) != p*p {
		return fmt.Errorf("%w: %d numbers for %d estimates", ErrShape, len(e.Covariance), p)
	}
	for i, v := range e.Value {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%w: estimate %d", ErrNotFinite, i+1)
		}
		for k := range p {
			v := e.Covariance[i*p+k]
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%w: covariance of %d and %d", ErrNotFinite, i+1, k+1)
			}
			scale := math.Sqrt(math.Abs(e.Covariance[i*p+i])) * math.Sqrt(math.Abs(e.Covariance[k*p+k]))
			if math.Abs(v-e.Covariance[k*p+i]) > 1e-8*scale || math.Abs(v) > scale*(1+1e-8) {
				return fmt.Errorf("%w: covariance of %d and %d", ErrNotSemidef, i+1, k+1)
			}
		}
	}
	return nil
}

// differenceSE is the standard error of the difference of two estimates. A
// variance that is zero but for rounding is zero: the difference is then known.
func (e Estimates) differenceSE(j, k int) float64 {
	p := len(e.Value)
	a, b := e.Covariance[j*p+j], e.Covariance[k*p+k]
	v := a + b - float64(e.Covariance[j*p+k]+e.Covariance[k*p+j])
	if v <= 1e-14*(a+b) {
		return 0
	}
	return math.Sqrt(v)
}

// arranged are the estimates in another order.
func (e Estimates) arranged(order []int) Estimates {
	p := len(order)
	out := Estimates{make([]float64, p), make([]float64, p*p)}
	for i, from := range order {
		out.Value[i] = e.Value[from]
		for k, col := range order {
			out.Covariance[i*p+k] = e.Covariance[from*p+col]
		}
	}
	return out
}

// root is the lower triangular L with L L' = covariance (Cholesky), row by row. A
// pivot that is zero but for rounding gives a column of zeros, so that singular
// matrices (exact relations, zero variances) are welcome.
func (e Estimates) root() ([]float64, error) {
	p := len(e.Value)
	l := make([]float64, p*p)
	for i := range p {
		li := l[i*p : i*p+p]
		for k := range i {
			s := e.Covariance[i*p+k] - dot(li[:k], l[k*p:k*p+k])
			if d := l[k*p+k]; d > 0 {
				li[k] = s / d
			}
		}
		own := e.Covariance[i*p+i]
		rest := own - dot(li[:i], li[:i])
		switch {
		case rest < -1e-8*own || own < 0:
			return nil, fmt.Errorf("%w: row %d", ErrNotSemidef, i+1)
		case rest > 1e-13*own:
			li[i] = math.Sqrt(rest)
		}
	}
	return l, nil
}

// dot is the inner product, in four fixed partial sums.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 && len(b) >= 4 {
		s0 += float64(a[0] * b[0])
		s1 += float64(a[1] * b[1])
		s2 += float64(a[2] * b[2])
		s3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i, x := range a {
		s0 += float64(x * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}
