package evaluation_test

import (
	"testing"

	"pingyi/evaluation/boxtest"
)

// BenchmarkVerify verifies what 2,000 raters said of 62 units, as `pingyi verify`
// and `pingyi tally` do: the whole log, one receipt (which verifies the log, too),
// and the tally: opening and checking 2,000 sealed ballots, counting 124,000 lines.
func BenchmarkVerify(b *testing.B) {
	box := boxtest.New(b, 2000, 62)
	b.Run("log", func(b *testing.B) {
		for b.Loop() {
			if r := box.Copy.Verify(); !r.OK() || r.Counted != 2000 || r.Witnessed != 2000 {
				b.Fatal(r.Findings)
			}
		}
	})
	b.Run("receipt", func(b *testing.B) {
		for b.Loop() {
			if o := box.Copy.VerifyReceipt(box.Receipts[77], box.Cards[77].Text(), boxtest.Word, "2026-12-30"); len(o.Findings) > 0 || !o.Counted {
				b.Fatal(o.Findings)
			}
		}
	})
	b.Run("tally", func(b *testing.B) {
		for b.Loop() {
			if t, err := box.Sealed.Open(box.Shares[0], box.Shares[2]); err != nil || t.Counted != 2000 {
				b.Fatal(err)
			}
		}
	})
}
