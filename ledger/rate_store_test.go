package ledger_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// TestS14OtherCurrencyNeedsADatedRate: a USD contract is converted at a rate of its day
// or before, entered by an office, and never enters a sum (L-18).
func TestS14OtherCurrencyNeedsADatedRate(t *testing.T) {
	w := newReferring(t, 0)
	ctx := t.Context()
	enterSample(t, w.Store, w.clerk)
	read := func() (ledger.Summary, []ledger.Converted) {
		sum, err := w.Summary(ctx, w.clerk, ledger.Period{To: "2007-12-31"})
		w.must(err)
		rates, err := w.Rates(ctx, w.clerk)
		w.must(err)
		return sum, ledger.Convert(sum.Apart, rates, "2007-12-31")
	}
	before, c := read()
	if len(c) != 1 || c[0].Rate.Rate != "" || c[0].CNY != 0 || c[0].Amount.String() != "100.00" {
		t.Errorf("without a rate: %+v", c)
	}
	d := ledger.RateDraft{Currency: "USD", On: "2007-12-28", Rate: "7.3046", Source: "中国人民银行"}
	if err := w.EnterRate(ctx, w.clerk, d); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a clerk enters a rate: %v", err)
	}
	for _, wrong := range []string{"", "0", "0.000000", "-7", "7.1234567", "7,3"} {
		x := d
		x.Rate = wrong
		if err := w.EnterRate(ctx, w.office, x); problem(err, "rate") != "ledger.rate-wrong" {
			t.Errorf("rate %q: %v", wrong, err)
		}
	}
	w.must(w.EnterRate(ctx, w.office, d))
	if err := w.EnterRate(ctx, w.office, d); problem(err, "on") != "ledger.rate-taken" {
		t.Errorf("two rates of a day: %v", err)
	}
	w.must(w.EnterRate(ctx, w.office, ledger.RateDraft{Currency: "USD", On: "2007-06-15", Rate: "7.6", Source: "中国人民银行"}))
	w.must(w.EnterRate(ctx, w.office, ledger.RateDraft{Currency: "USD", On: "2008-01-10", Rate: "7.2", Source: "中国人民银行"}))
	after, c := read()
	if len(c) != 1 || c[0].Rate.On != "2007-12-28" || c[0].CNY.String() != "730.46" {
		t.Errorf("with rates: %+v", c)
	}
	if before.All != after.All || after.All.Amount.String() != "125746.04" {
		t.Errorf("a rate changed a sum: %+v", after.All)
	}
}

// TestS14StatedFiguresOfTheReport: what of rules 1.3 the totals do not show: L-04 (a
// completion only against a target that was set), L-07 to L-09 and L-11 in percent.
func TestS14StatedFiguresOfTheReport(t *testing.T) {
	s, _, by := book(t)
	enterSample(t, s, by)
	sum, err := s.Summary(t.Context(), by, ledger.Period{To: "2007-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	county := sum.Of("county", "").Arrived
	for _, c := range []struct {
		row       string
		part, all ledger.Amount
		decimals  int
		want      string
	}{
		{"L-04", sum.All.Arrived, ledger.Wan(60000), 0, "101"}, {"L-04", sum.All.Arrived, ledger.Wan(60000), 4, "100.7934"}, {"L-04 without a target", sum.All.Arrived, 0, 0, ""},
		{"L-07", sum.Of("county", "industry").Arrived, county, 2, "63.91"}, {"L-08", sum.Of("county", "infrastructure").Arrived, county, 2, "28.68"},
		{"L-09", sum.Of("county", "other").Arrived, county, 2, "7.41"}, {"L-11", sum.Of("jiusan", "").Arrived, sum.All.Arrived, 2, "28.20"},
		{"L-15", ledger.Wan(47800), sum.All.Amount, 2, "38.01"},
	} {
		if got := ledger.Percent(c.part.Percent(c.all), c.decimals); got != c.want {
			t.Errorf("%s: %s %%, want %s", c.row, got, c.want)
		}
	}
	if got := sum.Of("jiusan", "").Arrived.String(); got != "17056.20" {
		t.Errorf("L-11 prints as %s", got)
	}
}

// TestS01NoticeHasItsFile: the task notice carries its file; a unit reads it once the
// notice is issued; after that it is not replaced.
func TestS01NoticeHasItsFile(t *testing.T) {
	w := newReferring(t, 0)
	ctx := t.Context()
	unit := org.Actor{Account: 7, Role: org.RoleOfficer, Unit: w.unit}
	w.must(w.SaveNotice(ctx, w.office, 2008, ledger.NoticeDraft{No: "招商〔2008〕1号", Title: "2008年招商引资任务", On: "2008-01-10", Target: "60000"}))
	file := ledger.NoticeFile{Name: "通知.pdf", Type: "application/pdf", Content: []byte("%PDF-1.4 %%EOF")}
	if err := w.AttachNotice(ctx, unit, 2008, file); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit attaches: %v", err)
	}
	w.must(w.AttachNotice(ctx, w.office, 2008, file))
	file.Name = "通知（定稿）.pdf"
	w.must(w.AttachNotice(ctx, w.office, 2008, file))
	if _, err := w.NoticeFile(ctx, unit, 2008); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit reads a draft's file: %v", err)
	}
	w.must(w.AddTask(ctx, w.office, 2008, w.unit, ledger.TaskDraft{Kind: ledger.TaskFunds, Title: "到位资金", Target: "60000", Due: "2008-12-31", Responsible: "王某"}, "a"))
	w.must(w.Issue(ctx, w.office, 2008))
	got, err := w.NoticeFile(ctx, unit, 2008)
	if err != nil || got.Name != file.Name || string(got.Content) != string(file.Content) {
		t.Errorf("%+v (%v)", got, err)
	}
	if err := w.AttachNotice(ctx, w.office, 2008, file); !errors.Is(err, ledger.ErrIssued) {
		t.Errorf("an issued notice's file is replaced: %v", err)
	}
}

// TestS16ThresholdIsAChoice: how many contracts are large follows the threshold asked
// for, by area, and leads to the contracts themselves.
func TestS16ThresholdIsAChoice(t *testing.T) {
	s, _, by := book(t)
	ctx := t.Context()
	enterSample(t, s, by)
	known := map[ledger.Amount][3]int{0: {16, 10, 6}, ledger.Large: {16, 10, 6}, ledger.Wan(1): {46, 27, 19}}
	for _, over := range []ledger.Amount{0, ledger.Large, ledger.Wan(1), ledger.Wan(3000), ledger.Wan(12500)} {
		sum, err := s.Summary(ctx, by, ledger.Period{To: "2007-12-31", Over: over})
		if err != nil {
			t.Fatal(err)
		}
		got := [3]int{sum.All.Large, sum.Of("county", "").Large, sum.Of("jiusan", "").Large}
		if want, ok := known[over]; ok && got != want {
			t.Errorf("over %s: %v, want %v", over, got, want)
		}
		_, n, err := s.Contracts(ctx, by, ledger.Filter{Counted: true, Large: true, Over: over, AsOf: "2007-12-31", Page: 1, Size: 1})
		if err != nil || n != got[0] || got[0] != got[1]+got[2] {
			t.Errorf("over %s: %v, the list has %d (%v)", over, got, n, err)
		}
	}
}

// TestArrivalIsVerifiedLater: an arrival entered unverified is verified once, and stays.
func TestArrivalIsVerifiedLater(t *testing.T) {
	w := newReferring(t, 0)
	ctx := t.Context()
	id := w.contract("A", -1, "1000")
	w.must(w.Arrive(ctx, w.clerk, id, ledger.ArrivalDraft{Kind: "increase", On: "2007-08-01", Amount: "500", Voucher: "1"}))
	_, rows, err := w.Contract(ctx, w.clerk, id)
	w.must(err)
	w.must(w.VerifyArrival(ctx, w.office, id, rows[0].ID, "财政局"))
	if err := w.VerifyArrival(ctx, w.office, id, rows[0].ID, "审计局"); !errors.Is(err, ledger.ErrForward) {
		t.Errorf("verified twice: %v", err)
	}
	_, rows, err = w.Contract(ctx, w.clerk, id)
	if err != nil || rows[0].Verifier != "财政局" {
		t.Errorf("%+v (%v)", rows, err)
	}
}
