package evaluation

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// Exact is an exact number of the score, or none: null is never zero. It is kept
// as a fraction and rounded once, where a rule says so.
type Exact struct{ rat *big.Rat }

// None is no number.
var None = Exact{}

// Of returns the exact number of a rational; nil is None.
func Of(r *big.Rat) Exact {
	if r == nil {
		return None
	}
	return Exact{new(big.Rat).Set(r)}
}

// Frac returns a/b.
func Frac(a, b int64) Exact { return Exact{big.NewRat(a, b)} }

// Decimal reads a decimal such as "81.25"; it panics on anything else and is
// meant for constants.
func Decimal(s string) Exact {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("no decimal: " + s)
	}
	return Exact{r}
}

// Known reports whether there is a number.
func (e Exact) Known() bool { return e.rat != nil }

// Rat returns the number, nil when there is none.
func (e Exact) Rat() *big.Rat { return e.rat }

// Float returns the nearest float64, 0 when there is none; for drawing alone.
func (e Exact) Float() float64 {
	if e.rat == nil {
		return 0
	}
	f, _ := e.rat.Float64()
	return f
}

// Round returns the number rounded to decimals, half up.
func (e Exact) Round(decimals int) Exact {
	if e.rat == nil {
		return None
	}
	return Decimal(e.rat.FloatString(decimals))
}

// Text writes the number with decimals, half up; "" when there is none.
func (e Exact) Text(decimals int) string {
	if e.rat == nil {
		return ""
	}
	return e.rat.FloatString(decimals)
}

// Equal reports whether both are the same number, or both none.
func (e Exact) Equal(o Exact) bool {
	if e.rat == nil || o.rat == nil {
		return e.rat == o.rat
	}
	return e.rat.Cmp(o.rat) == 0
}

// String writes the fraction as it is kept.
func (e Exact) String() string {
	if e.rat == nil {
		return "none"
	}
	return e.rat.Num().String() + "/" + e.rat.Denom().String()
}

// Scan reads a column of domain exact.
func (e *Exact) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		e.rat = nil
		return nil
	case []byte:
		return e.set(string(v))
	case string:
		return e.set(v)
	}
	return fmt.Errorf("an exact number cannot be read from %T", v)
}

// set reads a decimal or a fraction of whole numbers; powers of ten, other bases and
// digit groups, which big.Rat would read too, are none of the format.
func (e *Exact) set(s string) error {
	r, ok := new(big.Rat).SetString(s)
	if !ok || strings.ContainsAny(s, "+eEpPxXoObB_") {
		return fmt.Errorf("%q is no exact number", s)
	}
	e.rat = r
	return nil
}

// Value writes a column of domain exact.
func (e Exact) Value() (driver.Value, error) {
	if e.rat == nil {
		return nil, nil
	}
	return e.String(), nil
}

// IsZero reports whether there is no number, for `json:",omitzero"`.
func (e Exact) IsZero() bool { return e.rat == nil }

// Plain writes the number as a person would: a whole number or decimal where it
// ends within 12 decimals, else the fraction.
func (e Exact) Plain() string {
	if e.rat == nil {
		return ""
	}
	if n, exact := e.rat.FloatPrec(); exact && n <= 12 {
		return e.rat.FloatString(n)
	}
	return e.String()
}

// MarshalJSON writes the number as a string as Plain does, none as null.
func (e Exact) MarshalJSON() ([]byte, error) {
	if e.rat == nil {
		return []byte("null"), nil
	}
	return json.Marshal(e.Plain())
}

// UnmarshalJSON reads what MarshalJSON writes, and plain decimals.
func (e *Exact) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		e.rat = nil
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("an exact number is a string: %w", err)
	}
	return e.set(s)
}

// add returns the sum; none counts as nothing.
func (e Exact) add(o Exact) Exact {
	switch {
	case !e.Known():
		return o
	case !o.Known():
		return e
	}
	return Exact{new(big.Rat).Add(e.rat, o.rat)}
}

func (e Exact) sub(o Exact) Exact { return Exact{new(big.Rat).Sub(e.rat, o.rat)} }
func (e Exact) times(n, d int64) Exact {
	return Exact{new(big.Rat).Mul(e.rat, big.NewRat(n, d))}
}
func (e Exact) cmp(o Exact) int { return e.rat.Cmp(o.rat) }

// atMost returns the smaller of both.
func (e Exact) atMost(limit Exact) Exact {
	if e.cmp(limit) > 0 {
		return limit
	}
	return e
}

// atLeast returns the larger of both.
func (e Exact) atLeast(limit Exact) Exact {
	if e.cmp(limit) < 0 {
		return limit
	}
	return e
}

func (e Exact) mul(o Exact) Exact { return Exact{new(big.Rat).Mul(e.rat, o.rat)} }
func (e Exact) quo(o Exact) Exact { return Exact{new(big.Rat).Quo(e.rat, o.rat)} }
func (e Exact) neg() Exact        { return Exact{new(big.Rat).Neg(e.rat)} }

// between reports whether there is a number from low to high.
func (e Exact) between(low, high int64) bool {
	return e.Known() && e.cmp(Frac(low, 1)) >= 0 && e.cmp(Frac(high, 1)) <= 0
}

// RoundBy returns the number rounded to decimals in one of the ways a scheme names.
func (e Exact) RoundBy(rounding string, decimals int) Exact {
	if e.rat == nil {
		return None
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	num := new(big.Int).Mul(e.rat.Num(), unit)
	switch whole, rest := new(big.Int).QuoRem(num, e.rat.Denom(), new(big.Int)); rounding {
	case RoundDown:
		return Exact{new(big.Rat).SetFrac(whole, unit)}
	case RoundHalfEven:
		twice := rest.Abs(rest).Lsh(rest, 1).Cmp(e.rat.Denom())
		if twice > 0 || (twice == 0 && whole.Bit(0) == 1) {
			whole.Add(whole, big.NewInt(int64(e.rat.Sign())))
		}
		return Exact{new(big.Rat).SetFrac(whole, unit)}
	}
	return e.Round(decimals)
}

// sqrtDecimals is how far a square root is taken: the only irrational number of a
// score, rounded down here once and exact from then on.
const sqrtDecimals = 12

// sqrt returns the square root, rounded down to 12 decimals.
func (e Exact) sqrt() Exact {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(2*sqrtDecimals), nil)
	n := new(big.Int).Mul(e.rat.Num(), unit)
	n.Quo(n, e.rat.Denom()).Sqrt(n)
	return Exact{new(big.Rat).SetFrac(n, unit.Sqrt(unit))}
}
