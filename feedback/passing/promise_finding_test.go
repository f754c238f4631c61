package passing_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback/passing"
	"pingyi/org"
)

// TestD8PromiseOverdue: due on Friday 24 April 2026, the thirty-first working day after
// it is Wednesday 10 June (counted in feedback/intake). Before that nothing can be found;
// upheld, the unit has one entry D8; not upheld, none.
func TestD8PromiseOverdue(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	promise := func(ref string) {
		_, err := k.db.Exec(`INSERT INTO promises (ref, company_id, unit_id, kind, text, promised_by, promised_on, due_on, evidence, entered_by, entered_at, state, upheld_by, upheld_at, idem)
			VALUES ($1, $2, $3, 'subsidy', '补贴三十万元', '局长', '2026-01-10', '2026-04-24', '协议', $4, now(), 'open', $4, now(), $1)`, ref, k.company.Company, k.a.Unit, k.office.Account)
		k.must(err)
	}
	entries := func() (n int) {
		k.must(k.db.Get(&n, `SELECT count(*) FROM adjustments WHERE rule = 'D8' AND unit_id = $1 AND year = 2026`, k.a.Unit))
		return n
	}
	promise("CN-2026-901")
	promise("CN-2026-902")
	const why = "协议写明期限，单位没有兑现，也没有说明理由。"
	k.at("2026-06-09 10:00")
	if err := k.passing.FindPromise(ctx, k.watch, "CN-2026-901", true, why); !errors.Is(err, passing.ErrPromise) {
		t.Errorf("a finding on the thirtieth working day: %v", err)
	}
	k.at("2026-06-10 10:00")
	for _, a := range []org.Actor{k.office, k.a, k.chair, k.company} {
		if err := k.passing.FindPromise(ctx, a, "CN-2026-901", true, why); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s finds: %v", a.Role, err)
		}
	}
	if entries() != 0 {
		t.Error("a deduction without a finding")
	}
	k.must(k.passing.FindPromise(ctx, k.watch, "CN-2026-901", true, why))
	k.must(k.passing.FindPromise(ctx, k.watch, "CN-2026-902", false, "企业自己推迟了开工，责任不在单位。"))
	if err := k.passing.FindPromise(ctx, k.watch, "CN-2026-901", true, why); !errors.Is(err, passing.ErrPromise) {
		t.Errorf("found twice: %v", err)
	}
	if n := entries(); n != 1 {
		t.Errorf("%d entries D8, not one", n)
	}
	if err := k.passing.FindPromise(ctx, k.watch, "CN-2026-999", true, why); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a promise that is not there: %v", err)
	}
}
