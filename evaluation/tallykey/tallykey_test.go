package tallykey

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func mustMake(t *testing.T, threshold, count int) (Public, []Share) {
	t.Helper()
	p, shares, err := Make(7, threshold, count)
	if err != nil || len(shares) != count {
		t.Fatal(len(shares), err)
	}
	return p, shares
}

func TestAnyThresholdOfTheSharesOpens(t *testing.T) {
	for _, tt := range []struct{ threshold, count int }{{2, 2}, {2, 3}, {3, 3}, {3, 5}, {2, 9}} {
		p, shares := mustMake(t, tt.threshold, tt.count)
		sealed, err := p.SealTo([]byte("试开箱"))
		if err != nil {
			t.Fatal(err)
		}
		for set := 0; set < 1<<tt.count; set++ {
			var some []Share
			for i, s := range shares {
				if set>>i&1 == 1 {
					again, err := ParseShare(strings.ToLower(s.Text()))
					if err != nil || again != s {
						t.Fatalf("share %d: %v", i+1, err)
					}
					some = append(some, again)
				}
			}
			k, err := p.Combine(some...)
			if len(some) < tt.threshold {
				if !errors.Is(err, ErrFew) {
					t.Errorf("%d of %d with %d shares: %v, want ErrFew", tt.threshold, tt.count, len(some), err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%d of %d, set %b: %v", tt.threshold, tt.count, set, err)
			}
			if text, ok := k.Open(sealed); !ok || string(text) != "试开箱" {
				t.Errorf("%d of %d, set %b: %q", tt.threshold, tt.count, set, text)
			}
		}
	}
}

func TestWrongShares(t *testing.T) {
	p, shares := mustMake(t, 2, 3)
	_, others := mustMake(t, 2, 3)
	forged := shares[1]
	forged.value[5] ^= 1
	renumbered := shares[1]
	renumbered.Number = 3
	for name, tt := range map[string]struct {
		shares []Share
		want   error
	}{
		"of another key": {[]Share{shares[0], others[1]}, ErrForeign},
		"twice the same": {[]Share{shares[0], shares[0]}, ErrTwice},
		"one alone":      {shares[:1], ErrFew},
		"changed":        {[]Share{shares[0], forged}, ErrForeign},
		"renumbered":     {[]Share{shares[0], renumbered}, ErrForeign},
	} {
		if _, err := p.Combine(tt.shares...); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for _, typed := range []string{"", "S", shares[0].Text()[1:], shares[0].Text() + "0", strings.Replace(shares[0].Text(), shares[0].Text()[8:9], "*", 1)} {
		if _, err := ParseShare(typed); !errors.Is(err, ErrShare) {
			t.Errorf("%q: %v, want ErrShare", typed, err)
		}
	}
	if _, _, err := Make(1, 1, 3); err == nil {
		t.Error("one share alone may open")
	}
}

// What was sealed can be opened with the key and nothing else, and a changed
// byte anywhere is noticed.
func TestSealed(t *testing.T) {
	p, shares := mustMake(t, 2, 3)
	other, otherShares := mustMake(t, 2, 3)
	k, _ := p.Combine(shares[0], shares[2])
	foreign, _ := other.Combine(otherShares[0], otherShares[1])
	sealed, _ := p.SealTo([]byte("一张选票"))
	if bytes.Contains(sealed, []byte("选票")) {
		t.Error("the text can be read")
	}
	if _, ok := foreign.Open(sealed); ok {
		t.Error("another key opens")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, ok := k.Open(bad); ok {
			t.Errorf("byte %d changed, not noticed", i)
		}
	}
}

func FuzzParseShare(f *testing.F) {
	_, shares, _ := Make(7, 2, 3)
	f.Add(shares[0].Text())
	f.Add("S0000-00000")
	f.Fuzz(func(t *testing.T, typed string) {
		if s, err := ParseShare(typed); err == nil {
			if again, err := ParseShare(s.Text()); err != nil || again != s {
				t.Errorf("%q does not come back", typed)
			}
		}
	})
}
