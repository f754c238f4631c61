package ledger

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  Amount
		ok    bool
	}{
		{"17056.2", 17056_20, true}, {"17,056.20", 17056_20, true}, {"１７０５６．２", 17056_20, true}, {"4.78亿元", 47800_00, true}, {"3.5 亿", 35000_00, true},
		{"5000万元", 5000_00, true}, {"0.01", 1, true}, {"0.010", 1, true}, {"0", 0, true}, {"0.000001亿", 1, true},
		{"0.001", 0, false}, {"", 0, false}, {".", 0, false}, {"-5", 0, false}, {"12a", 0, false}, {"1e3", 0, false}, {"=1+1", 0, false},
		{"999999999999.99", 99999999999999, true}, {"9999999999999.99", 0, false}, {"4.7800001亿", 0, false},
	} {
		if got, ok := ParseAmount(c.typed); got != c.want || ok != c.ok {
			t.Errorf("%q: %v %v, want %v %v", c.typed, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"17056.2", "4.78亿元", "5000万元", "1,000", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := ParseAmount(s)
		if !ok {
			return
		}
		if b, ok := ParseAmount(a.String()); !ok || b != a {
			t.Errorf("%q is %s, which is read as %s", s, a, b)
		}
	})
}

// Percentages come from exact values and are rounded half up, once (rules 1.3).
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		part, whole Amount
		decimals    int
		want        string
	}{
		{27750_00, 43419_84, 2, "63.91"}, {12454_39, 43419_84, 2, "28.68"}, {3215_45, 43419_84, 2, "7.41"},
		{17056_20, 60476_04, 2, "28.20"}, {43419_84, 60476_04, 2, "71.80"}, {60476_04, 125746_04, 4, "48.0938"},
		{60476_04, 60000_00, 0, "101"}, {60476_04, 60000_00, 4, "100.7934"}, {1, 200, 0, "1"}, {0, 100, 1, "0.0"},
	} {
		if got := Percent(c.part.Percent(c.whole), c.decimals); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.part, c.whole, got, c.want)
		}
	}
	if Percent(Amount(1).Percent(0), 2) != "" {
		t.Error("a percentage of no target")
	}
}

func TestConvert(t *testing.T) {
	if got, ok := Wan(100).Convert("7.3046"); !ok || got != 730_46 {
		t.Errorf("100 万美元 at 7.3046: %s %v", got, ok)
	}
	if _, ok := Wan(1).Convert("0"); ok {
		t.Error("a rate of nothing")
	}
}

// Any split of an amount into parts sums back to it.
func TestSplitsSumBack(t *testing.T) {
	r := rand.New(rand.NewPCG(2007, 46))
	for range 2000 {
		whole := Amount(r.Int64N(1e12) + 1)
		rest, sum, exact := whole, Amount(0), new(big.Rat)
		for rest > 0 {
			part := Amount(r.Int64N(int64(rest)) + 1)
			read, ok := ParseAmount(part.String())
			if !ok || read != part {
				t.Fatalf("%s is read as %s", part, read)
			}
			x, _ := new(big.Rat).SetString(part.String())
			exact.Add(exact, x)
			sum, rest = sum+read, rest-part
		}
		if sum != whole || exact.FloatString(2) != whole.String() {
			t.Fatalf("the parts of %s come to %s (%s)", whole, sum, exact.FloatString(2))
		}
	}
}
