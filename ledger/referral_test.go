package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// referring is a ledger with companies, an office and contracts.
type referring struct {
	*ledger.Store
	t         *testing.T
	db        *sqlx.DB
	clerk     org.Actor
	office    org.Actor
	companies []org.Actor
	unit      org.UnitID
	n         int
}

func newReferring(t *testing.T, companies int) *referring {
	t.Helper()
	w := &referring{t: t}
	w.Store, w.db, w.clerk = book(t)
	w.office = org.Actor{Role: org.RoleReceiver, Kind: org.BodyGovernmentOffice}
	w.get(&w.office.Account, `INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'gov', '政府办', 'receiver', id, now() FROM bodies WHERE kind = 'government_office' RETURNING id`)
	w.get(&w.unit, `INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ('D05', 1, '自然资源局', 'D05', 'D05') RETURNING id`)
	for i := range companies {
		a := org.Actor{Role: org.RoleCompany}
		w.get(&a.Company, `INSERT INTO companies (licence, name_zh, origin, sector, rater_group, contact_unit_id, created_at) VALUES ($1, $2, 'foreign', 'food', 'G1', $3, now()) RETURNING id`, licence(i), fmt.Sprintf("公司%d", i), w.unit)
		w.get(&a.Account, `INSERT INTO accounts (login, name, role, company_id, created_at) VALUES ($1, $1, 'company', $2, now()) RETURNING id`, fmt.Sprintf("firm%d", i), a.Company)
		w.companies = append(w.companies, a)
	}
	return w
}

func licence(i int) string { return fmt.Sprintf("9123112MA1%08d", i) }

func (w *referring) get(to any, q string, args ...any) {
	w.t.Helper()
	if err := w.db.Get(to, q, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *referring) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// contract enters a signed contract of company i, -1 for one without a company.
func (w *referring) contract(no string, i int, amount string) ledger.ContractID {
	w.t.Helper()
	d := ledger.ContractDraft{No: no, Kind: ledger.Signed, Purpose: "investment", Title: "项目" + no, Investor: "投资者" + no, Area: "county", Class: "industry", Amount: amount, Currency: ledger.CNY, Signed: "2007-06-01", Unit: "D05"}
	if i >= 0 {
		d.Licence = licence(i)
	}
	id, err := w.Enter(w.t.Context(), w.clerk, d)
	w.must(err)
	return id
}

// name notes that company i brought somebody.
func (w *referring) name(i int) ledger.ReferralID {
	w.t.Helper()
	w.n++
	id, err := w.NameReferral(w.t.Context(), w.companies[i], ledger.ReferralDraft{Newcomer: "新投资者", About: "介绍来县考察"}, fmt.Sprint("key-", w.n))
	w.must(err)
	return id
}

func (w *referring) verify(id ledger.ReferralID, no string) error {
	return w.Verify(w.t.Context(), w.office, id, ledger.Verification{No: no, Unit: w.unit, Evidence: "合同原件一份"})
}

func problem(err error, field string) string { return fault.FieldsOf(err)[field].Key }

// TestS44ContractIsCreditedOnce: a referral is named by the company, verified by an
// office against a signed contract; the contract counts for one referral only.
func TestS44ContractIsCreditedOnce(t *testing.T) {
	w := newReferring(t, 4)
	ctx := t.Context()
	w.contract("A", -1, "1000")
	first, second := w.name(0), w.name(2)
	if err := w.Verify(ctx, w.companies[0], first, ledger.Verification{No: "A", Evidence: "合同原件一份"}); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("the company verifies its own referral: %v", err)
	}
	if err := w.verify(first, "B"); problem(err, "no") != "referral.contract-unknown" {
		t.Errorf("a contract that is not in the ledger: %v", err)
	}
	_, err := w.Enter(ctx, w.clerk, ledger.ContractDraft{No: "X", Kind: ledger.Agreement, Purpose: "investment", Title: "协议", Investor: "某公司", Area: "county", Class: "other", Amount: "1", Currency: ledger.CNY, Agreed: "2007-06-01"})
	w.must(err)
	if err := w.verify(first, "X"); problem(err, "no") != "referral.contract-not-signed" {
		t.Errorf("an agreement is credited: %v", err)
	}
	w.must(w.verify(first, "A"))
	if err := w.verify(first, "A"); !errors.Is(err, ledger.ErrDecided) {
		t.Errorf("verified twice: %v", err)
	}
	if err := w.verify(second, "A"); problem(err, "no") != "referral.contract-taken" {
		t.Errorf("one contract for two referrals: %v", err)
	}
	if _, err := w.db.Exec(`UPDATE referrals SET state = 'verified', contract_id = (SELECT id FROM contracts WHERE no = 'A'), evidence = 'x', decided_at = now() WHERE id = $1`, second); err == nil {
		t.Error("the database takes one contract for two referrals")
	}
	w.must(w.StrikeReferral(ctx, w.office, first, "核实有误差"))
	w.must(w.verify(second, "A"))
	own, n, err := w.Referrals(ctx, w.companies[2], 1, 10)
	if err != nil || n != 1 || own[0].ID != second || own[0].State != ledger.ReferralVerified {
		t.Errorf("a company sees %v (%v)", own, err)
	}
	if _, err := w.Referral(ctx, w.companies[0], second); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company reads another's referral: %v", err)
	}
	// entered by the office for a company: another account verifies
	id, err := w.NameReferral(ctx, w.office, ledger.ReferralDraft{Licence: licence(3), Newcomer: "新投资者", About: "来电告知此事"}, "office")
	w.must(err)
	if err := w.verify(id, "A"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("an account verifies what it named: %v", err)
	}
}

// TestS52ReferralsHaveNoCycle: nobody is brought by whom he brought, directly or through
// others, nor by two; the database refuses it as well, and of two verifications at the
// same time that would close a circle only one goes through.
func TestS52ReferralsHaveNoCycle(t *testing.T) {
	w := newReferring(t, 6)
	for _, e := range [][2]int{{0, 1}, {1, 2}, {2, 3}} {
		no := fmt.Sprint("C", e[1])
		w.contract(no, e[1], "1000")
		w.must(w.verify(w.name(e[0]), no))
	}
	w.contract("C0", 0, "1000")
	for _, from := range []int{1, 2, 3} {
		if err := w.verify(w.name(from), "C0"); problem(err, "no") != "referral.circle" {
			t.Errorf("company %d brought company 0, which brought it: %v", from, err)
		}
	}
	if err := w.verify(w.name(0), "C0"); problem(err, "no") != "referral.himself" {
		t.Errorf("a company brought itself: %v", err)
	}
	w.contract("C1b", 1, "1000")
	if err := w.verify(w.name(3), "C1b"); problem(err, "no") != "referral.brought-already" {
		t.Errorf("a company is brought by two: %v", err)
	}
	w.must(w.verify(w.name(0), "C1b")) // a second contract of the same newcomer is his referrer's
	if _, err := w.db.Exec(`INSERT INTO referrals (referrer_id, newcomer, about, state, named_by, named_at, contract_id, newcomer_id, evidence, decided_at, idem)
		SELECT $1, 'x', 'x', 'verified', $2, now(), id, $3, 'x', now(), 'x' FROM contracts WHERE no = 'C0'`, w.companies[3].Company, w.clerk.Account, w.companies[0].Company); err == nil {
		t.Error("the database takes a circle")
	}
	w.contract("P", 4, "1000")
	w.contract("Q", 5, "1000")
	a, b := w.name(5), w.name(4)
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i, x := range []struct {
		id ledger.ReferralID
		no string
	}{{a, "P"}, {b, "Q"}} {
		wait.Go(func() { errs[i] = w.verify(x.id, x.no) })
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two verifications that close a circle: %v, %v", errs[0], errs[1])
	}
}

// TestS52ChainFundsEqualTheLedger: over random forests the funds of all chains are the
// ledger's sum over the credited contracts, and every contract is in one chain.
func TestS52ChainFundsEqualTheLedger(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 44))
	for range 200 {
		n := 2 + rnd.IntN(20)
		var links []ledger.Link
		var amount, arrived ledger.Amount
		depth := make([]int, n)
		longest := 0
		for i := 1; i < n; i++ {
			if rnd.IntN(4) == 0 {
				continue // came by himself
			}
			from := rnd.IntN(i)
			for range 1 + rnd.IntN(2) {
				l := ledger.Link{Referrer: org.CompanyID(from + 1), Company: org.CompanyID(i + 1), Contract: ledger.ContractID(len(links) + 1), Amount: ledger.Amount(rnd.IntN(1_000_000)), Arrived: ledger.Amount(rnd.IntN(1_000_000))}
				links, amount, arrived = append(links, l), amount+l.Amount, arrived+l.Arrived
			}
			depth[i] = depth[from] + 1
			longest = max(longest, depth[i])
		}
		rnd.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
		var got ledger.BranchSum
		for _, b := range ledger.Chains(links) {
			s := b.Sum()
			got.Contracts += s.Contracts
			got.Amount += s.Amount
			got.Arrived += s.Arrived
			got.Length = max(got.Length, s.Length)
		}
		if got.Contracts != len(links) || got.Amount != amount || got.Arrived != arrived || got.Length != longest {
			t.Fatalf("%d contracts, %v, %v, length %d; want %d, %v, %v, %d", got.Contracts, got.Amount, got.Arrived, got.Length, len(links), amount, arrived, longest)
		}
	}
}

// TestS45IncreaseIsCreditedToTheContactUnit: a verified capital increase is credited to the contact
// unit in the year it arrived, added up by contract; what is not verified or struck out is not.
func TestS45IncreaseIsCreditedToTheContactUnit(t *testing.T) {
	w := newReferring(t, 1)
	ctx := t.Context()
	id := w.contract("A", -1, "1000")
	asOf := time.Date(2008, 1, 20, 2, 0, 0, 0, time.UTC)
	arrive := func(on, amount, voucher, verifier string) {
		w.must(w.Arrive(ctx, w.clerk, id, ledger.ArrivalDraft{Kind: "increase", On: on, Amount: amount, Voucher: voucher, Verifier: verifier}))
	}
	credit := func(year int) string {
		all, err := w.Credits(ctx, w.db, year, asOf)
		w.must(err)
		if len(all) == 0 {
			return ""
		}
		if len(all) != 1 || all[0].Unit != w.unit || all[0].No != "A" {
			t.Fatalf("credits of %d: %v", year, all)
		}
		return all[0].Amount.String()
	}
	arrive("2007-08-01", "300", "1", "财政局")
	arrive("2007-12-31", "199.99", "2", "财政局")
	arrive("2007-12-31", "50", "3", "")
	arrive("2008-01-02", "700", "4", "财政局")
	if credit(2007) != "499.99" || credit(2008) != "700.00" || credit(2006) != "" {
		t.Errorf("2007: %s, 2008: %s", credit(2007), credit(2008))
	}
	c, arrivals, err := w.Contract(ctx, w.clerk, id)
	w.must(err)
	if c.Arrived != 0 || c.Increase.String() != "1249.99" || c.Amount.String() != "1000.00" {
		t.Errorf("the increase changed the contract: %v arrived, %v increase of %v", c.Arrived, c.Increase, c.Amount)
	}
	w.must(w.Strike(ctx, w.clerk, id, arrivals[0].ID, "录入有误，重复"))
	if credit(2007) != "199.99" {
		t.Errorf("after striking out: %s", credit(2007))
	}
}
