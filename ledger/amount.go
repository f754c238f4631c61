package ledger

import (
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"
)

// Amount is an exact sum of money in hundredths of ten thousand of its currency:
// 1 is 0.01 万元, a hundred yuan. Officials count in 万元 with two decimals; a
// finer figure is an error, not something to round.
type Amount int64

// Wan returns n ten thousands.
func Wan(n int64) Amount { return Amount(100 * n) }

// maxDigits keeps an amount within numeric(16, 2) and far from overflow in sums.
const maxDigits = 14

// ParseAmount reads an amount as people write it: "17056.2", "17,056.20",
// "4.78亿元", "5000万元", full-width digits included. A plain number is in 万元.
// ok is false when it is no amount or has more than two decimals in 万元.
func ParseAmount(s string) (a Amount, ok bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．':
			return '.'
		case r == ',' || r == '，' || r == ' ' || r == '\u00a0' || r == '\u202f':
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	scale := 2 // decimal places between what is typed and hundredths of 万
	s = strings.TrimSuffix(s, "元")
	switch {
	case strings.HasSuffix(s, "亿"):
		s, scale = strings.TrimSuffix(s, "亿"), 6
	case strings.HasSuffix(s, "万"):
		s = strings.TrimSuffix(s, "万")
	}
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	digits := strings.TrimLeft(whole, "0") + part
	if whole+part == "" || len(part) > scale || len(digits)+scale-len(part) > maxDigits || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	for _, d := range digits + strings.Repeat("0", scale-len(part)) {
		a = a*10 + Amount(d-'0')
	}
	return a, true
}

// String writes the amount in 万 with two decimals: "17056.20".
func (a Amount) String() string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%d.%02d", sign, a/100, a%100)
}

// Percent is the part of a whole in percent, exact; nil when there is no whole.
func (a Amount) Percent(of Amount) *big.Rat {
	if of == 0 {
		return nil
	}
	return big.NewRat(100*int64(a), int64(of))
}

// Percent writes a percentage rounded half up once, from the exact value.
func Percent(x *big.Rat, decimals int) string {
	if x == nil {
		return ""
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	y := new(big.Rat).Mul(x, scale)
	y.Add(y, big.NewRat(1, 2))
	q := new(big.Int).Div(y.Num(), y.Denom()) // rounds down: half up after the half was added
	return new(big.Rat).Quo(new(big.Rat).SetInt(q), scale).FloatString(decimals)
}

// Convert turns an amount of another currency into CNY at a rate for one unit of it
// (six decimals, as text), rounded half up to a hundredth of 万元 once.
func (a Amount) Convert(rate string) (Amount, bool) {
	r, ok := new(big.Rat).SetString(rate)
	if !ok || r.Sign() <= 0 {
		return 0, false
	}
	x := r.Mul(r, new(big.Rat).SetInt64(int64(a)))
	x.Add(x, big.NewRat(1, 2))
	return Amount(new(big.Int).Div(x.Num(), x.Denom()).Int64()), true
}

// Scan reads a numeric.
func (a *Amount) Scan(v any) error {
	var s string
	switch t := v.(type) {
	case []byte:
		s = string(t)
	case string:
		s = t
	case nil:
		*a = 0
		return nil
	default:
		return fmt.Errorf("an amount cannot be read from %T", v)
	}
	minus := strings.HasPrefix(s, "-")
	x, ok := ParseAmount(strings.TrimPrefix(s, "-"))
	if !ok {
		return fmt.Errorf("%q is no amount", s)
	}
	if minus {
		x = -x
	}
	*a = x
	return nil
}

// Value writes a numeric.
func (a Amount) Value() (driver.Value, error) { return a.String(), nil }
