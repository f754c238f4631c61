package ledger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// clerk may write into the ledger.
func book(t *testing.T) (*ledger.Store, *sqlx.DB, org.Actor) {
	t.Helper()
	db := pgtest.Open(t)
	var id org.AccountID
	if err := db.Get(&id, `INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'clerk', '录入员', 'clerk', id, now() FROM bodies WHERE kind = 'government_office' RETURNING id`); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2008, 1, 20, 2, 0, 0, 0, time.UTC)
	return ledger.NewStore(db, func() time.Time { return now }), db, org.Actor{Account: id, Role: org.RoleClerk}
}

func enterSample(t *testing.T, s *ledger.Store, by org.Actor) {
	t.Helper()
	for _, r := range ledger.Sample() {
		id, err := s.Enter(t.Context(), by, r.ContractDraft)
		if err != nil {
			t.Fatalf("%s: %v", r.No, err)
		}
		if r.Arrived == 0 {
			continue
		}
		// half and half, so that an arrival is not a contract
		half := r.Arrived / 2
		for i, a := range []ledger.Amount{half, r.Arrived - half} {
			if err := s.Arrive(t.Context(), by, id, ledger.ArrivalDraft{Kind: "contract", On: string(r.On), Amount: a.String(), Voucher: r.No + "-" + string(rune('1'+i))}); err != nil {
				t.Fatalf("%s: %v", r.No, err)
			}
		}
	}
}

// TestS14LedgerReproducesTheDocument: every figure of rules 1.3 to the cent of 万元.
func TestS14LedgerReproducesTheDocument(t *testing.T) {
	s, db, by := book(t)
	enterSample(t, s, by)
	sum, err := s.Summary(t.Context(), by, ledger.Period{To: "2007-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		row         string
		area, class string
		contracts   int
		arrived     string
		large       int
	}{
		{"L-01 L-03", "", "", 46, "60476.04", 16}, {"L-05 L-06 L-10", "county", "", 27, "43419.84", 10}, {"L-07", "county", "industry", 13, "27750.00", 6},
		{"L-08", "county", "infrastructure", 8, "12454.39", 3}, {"L-09", "county", "other", 6, "3215.45", 1}, {"L-11 L-12", "jiusan", "", 19, "17056.20", 6},
	} {
		got := sum.Of(c.area, c.class)
		if got.Contracts != c.contracts || got.Arrived.String() != c.arrived || got.Large != c.large {
			t.Errorf("%s: %d contracts, %s arrived, %d large; want %d, %s, %d", c.row, got.Contracts, got.Arrived, got.Large, c.contracts, c.arrived, c.large)
		}
	}
	if got := sum.All.Amount.String(); got != "125746.04" {
		t.Errorf("L-02: %s", got)
	}
	if got := ledger.Percent(sum.All.Arrived.Percent(sum.All.Amount), 4); got != "48.0938" {
		t.Errorf("L-13: %s", got)
	}
	if got := sum.All.Left().String(); got != "65270.00" {
		t.Errorf("L-14: %s", got)
	}
	// L-16, L-18: agreements and the USD contract stand apart
	apart := map[string]string{}
	for _, a := range sum.Apart {
		apart[a.Kind+" "+a.Purpose+" "+a.Currency] = a.Amount.String()
	}
	if len(apart) != 2 || apart["agreement investment CNY"] != "35000.00" || apart["contract trade USD"] != "100.00" {
		t.Errorf("apart: %v", apart)
	}
	for _, x := range ledger.SampleStated() {
		if err := s.State(t.Context(), by, x); err != nil {
			t.Fatal(err)
		}
	}
	findings, err := s.Findings(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Apart != 0 {
			t.Errorf("%s %s %s: stated %s, ledger %s", f.What, f.Area, f.Class, f.Value, f.Ledger)
		}
	}
	// planted: a hundred yuan too much, found at its place
	db.MustExec(`UPDATE stated_figures SET value = value + 0.01 WHERE what = 'arrived' AND area = 'jiusan'`)
	findings, err = s.Findings(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, f := range findings {
		if f.Apart != 0 {
			wrong++
			if f.Area != "jiusan" || f.What != "arrived" || f.Apart.String() != "0.01" {
				t.Errorf("the planted error is reported as %+v", f)
			}
		}
	}
	if wrong != 1 {
		t.Errorf("%d findings for one planted error", wrong)
	}
}

// TestS51AgreementBecomesContractOnce: both days stay, and there is no way back.
func TestS51AgreementBecomesContractOnce(t *testing.T) {
	s, db, by := book(t)
	ctx := t.Context()
	d := ledger.ContractDraft{No: "X-1", Kind: ledger.Agreement, Purpose: "investment", Title: "演示协议", Investor: "演示投资者", Area: "county", Class: "other", Amount: "3.5亿元", Currency: "CNY", Agreed: "2007-06-15"}
	id, err := s.Enter(ctx, by, d)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Arrive(ctx, by, id, ledger.ArrivalDraft{Kind: "contract", On: "2007-07-01", Amount: "1", Voucher: "v"}); !errors.Is(err, ledger.ErrEnded) {
		t.Errorf("money on an agreement: %v", err)
	}
	if err := s.Sign(ctx, by, id, "2007-06-14"); fault.FieldsOf(err)["signed"].Key != "ledger.signed-before-agreed" {
		t.Errorf("signed before agreed: %v", err)
	}
	if err := s.Sign(ctx, by, id, "2007-09-01"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sign(ctx, by, id, "2007-09-02"); !errors.Is(err, ledger.ErrForward) {
		t.Errorf("signed twice: %v", err)
	}
	if _, err := db.Exec(`UPDATE contracts SET kind = 'agreement', signed_on = NULL WHERE id = $1`, id); err == nil {
		t.Error("the database let a contract become an agreement again")
	}
	c, _, err := s.Contract(ctx, by, id)
	if err != nil || c.Agreed != "2007-06-15" || c.Signed != "2007-09-01" || c.Stage() != "contract" {
		t.Errorf("%+v, %v", c, err)
	}
	for day, kind := range map[calendar.Date]string{"2007-08-31": "agreement", "2007-09-01": "contract"} {
		sum, err := s.Summary(ctx, by, ledger.Period{To: day})
		if err != nil {
			t.Fatal(err)
		}
		if (sum.All.Contracts == 1) != (kind == "contract") || (len(sum.Apart) == 1) != (kind == "agreement") {
			t.Errorf("on %s: %+v", day, sum)
		}
	}
}

// TestS45IncreaseCountsInItsYear: an increase adds to what arrived in the year it
// arrived, not to the contract.
func TestS45IncreaseCountsInItsYear(t *testing.T) {
	s, _, by := book(t)
	ctx := t.Context()
	id, err := s.Enter(ctx, by, ledger.ContractDraft{No: "Z-1", Kind: ledger.Signed, Purpose: "investment", Title: "演示合同", Investor: "演示投资者", Area: "county", Class: "industry", Amount: "1000", Currency: "CNY", Signed: "2006-05-01"})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []ledger.ArrivalDraft{{Kind: "contract", On: "2006-06-01", Amount: "1000", Voucher: "1"}, {Kind: "increase", On: "2007-03-01", Amount: "500.5", Voucher: "2", Verifier: "财政局"}} {
		if err := s.Arrive(ctx, by, id, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Arrive(ctx, by, id, ledger.ArrivalDraft{Kind: "increase", On: "2007-03-02", Amount: "1", Voucher: "2"}); fault.FieldsOf(err)["voucher"].Key != "ledger.voucher-taken" {
		t.Errorf("one voucher twice: %v", err)
	}
	year, err := s.Summary(ctx, by, ledger.Period{From: "2007-01-01", To: "2007-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	if year.All.Contracts != 0 || year.All.Arrived != 500_50 || year.All.Increase != 500_50 {
		t.Errorf("2007: %+v", year.All)
	}
	c, all, err := s.Contract(ctx, by, id)
	if err != nil || c.Amount != 1000_00 || c.Arrived != 1000_00 || c.Increase != 500_50 || c.Stage() != "full" || len(all) != 2 {
		t.Errorf("%+v %d %v", c, len(all), err)
	}
	if err := s.Strike(ctx, by, id, all[1].ID, "凭证录入有误"); err != nil {
		t.Fatal(err)
	}
	if year, err = s.Summary(ctx, by, ledger.Period{From: "2007-01-01", To: "2007-12-31"}); err != nil || year.All.Arrived != 0 {
		t.Errorf("after striking: %+v %v", year.All, err)
	}
}

// TestLedgerIsClosedToOthers: who may not read it is told of nothing.
func TestLedgerIsClosedToOthers(t *testing.T) {
	s, _, by := book(t)
	id, err := s.Enter(t.Context(), by, ledger.Sample()[0].ContractDraft)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []org.Actor{org.Public, {Account: 9, Role: org.RoleCompany, Company: 1}, {Account: 9, Role: org.RoleHead, Unit: 1}} {
		if _, _, err := s.Contract(t.Context(), a, id); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s reads: %v", a.Role, err)
		}
		if _, err := s.Enter(t.Context(), a, ledger.Sample()[1].ContractDraft); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s writes: %v", a.Role, err)
		}
	}
}
