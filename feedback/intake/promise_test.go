package intake_test

import (
	"errors"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/feedback/intake"
	"pingyi/org"
)

// TestM12Promises: an overdue promise is in both lists; it is fulfilled only when the
// investor says so; it counts against the unit from the thirty-first working day on.
func TestM12Promises(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	draft := intake.PromiseDraft{Unit: k.head.Unit, Kind: "subsidy", Text: "厂房补贴三十万元按期拨付", By: "招商局局长", On: "2026-01-10", Due: "2026-04-24", Evidence: "投资协议第八条"}
	ref, err := k.intake.Enter(ctx, k.company, draft, "same-key-0000001")
	k.must(err)
	if again, err := k.intake.Enter(ctx, k.company, draft, "same-key-0000001"); err != nil || again != ref {
		t.Errorf("the same form twice: %s and %s (%v)", ref, again, err)
	}
	for _, a := range []org.Actor{k.head, k.head2, k.other, k.leader, k.chamber, org.Public} {
		if _, err := k.intake.Promise(ctx, a, ref); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s sees the claim: %v", a.Role, err)
		}
	}
	if _, err := k.intake.Enter(ctx, k.head, draft, k.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit enters a promise: %v", err)
	}
	if _, err := k.intake.Enter(ctx, k.office, intake.PromiseDraft{On: "2026-12-01", Due: "2026-01-01"}, k.key()); len(fault.FieldsOf(err)) != 8 {
		t.Errorf("eight fields are wrong: %v", err)
	}
	k.must(k.intake.Step(ctx, k.office, ref, "uphold", true, "协议第八条写明。"))
	k.overdue(ref)
	if err := k.intake.Step(ctx, k.office, ref, "confirm", true, ""); !errors.Is(err, intake.ErrMoved) {
		t.Errorf("an office confirms: %v", err)
	}
	k.must(k.intake.Step(ctx, k.head, ref, "report", true, "已拨付，见回单。"))
	if err := k.intake.Step(ctx, k.company, ref, "confirm", false, ""); fault.FieldsOf(err) == nil {
		t.Errorf("denied without a reason: %v", err)
	}
	k.must(k.intake.Step(ctx, k.company, ref, "confirm", false, "账上没有到款。"))
	if err := k.intake.Step(ctx, k.company, ref, "confirm", true, ""); !errors.Is(err, intake.ErrMoved) {
		t.Errorf("confirmed what nobody reported: %v", err)
	}
	k.now = k.now.Add(time.Hour)
	k.must(k.intake.Step(ctx, k.head, ref, "report", true, "已补拨，见回单。"))
	k.must(k.intake.Step(ctx, k.company, ref, "confirm", true, ""))
	if p, err := k.intake.Promise(ctx, k.company, ref); err != nil || p.State != "fulfilled" || p.Overdue {
		t.Errorf("at the end: %+v %v", p, err)
	}
	if _, err := k.owner.Exec(`UPDATE promises SET fulfilled_at = NULL WHERE ref = $1`, ref); err == nil {
		t.Error("a promise is fulfilled although nobody confirmed")
	}
}

// overdue: due on Friday 24 April 2026. Working days of 2026 after it: 25 to 30 April
// has 27 to 30 (4); May has Saturday 9 made up for 4 and 5 of the holiday 1 to 5, so 6 to
// 9 (4), 11 to 15, 18 to 22, 25 to 29 (15) make 23; June 1 to 5 make 28, 8 and 9 make 30.
// The tenth of June, a Wednesday, is the thirty-first.
func (k *county) overdue(ref string) {
	k.t.Helper()
	ctx := k.t.Context()
	for _, a := range []org.Actor{k.head, k.company, k.office} {
		list, total, err := k.intake.Promises(ctx, a, true, 1, 20)
		k.must(err)
		if total != 1 || list[0].Ref != ref || !list[0].Overdue || !list[0].Broken {
			k.t.Errorf("%s does not see the overdue promise: %+v", a.Role, list)
		}
	}
	if _, total, err := k.intake.Promises(ctx, k.head2, false, 1, 20); err != nil || total != 0 {
		k.t.Errorf("another unit sees %d promises (%v)", total, err)
	}
	facts, err := k.intake.PromiseFacts(ctx, k.office, 2026)
	k.must(err)
	if len(facts) != 1 {
		k.t.Errorf("%d facts on the thirty-first working day", len(facts))
	}
	k.now = k.now.AddDate(0, 0, -1)
	if facts, err = k.intake.PromiseFacts(ctx, k.office, 2026); err != nil || len(facts) != 0 {
		k.t.Errorf("%d facts on the thirtieth working day (%v)", len(facts), err)
	}
	k.now = k.now.AddDate(0, 0, 1)
	if facts, err = k.intake.PromiseFacts(ctx, k.office, 2025); err != nil || len(facts) != 0 {
		k.t.Errorf("%d facts in the year before (%v)", len(facts), err)
	}
	if _, err := k.intake.PromiseFacts(ctx, k.head, 2026); !errors.Is(err, fault.ErrNotFound) {
		k.t.Errorf("a unit reads the facts: %v", err)
	}
}

// TestS17PromiseCitesAPolicy: a promise rests on a policy as it was on that day; a number
// that no policy has is refused.
func TestS17PromiseCitesAPolicy(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	policy := func(version int) {
		if version == 1 {
			_, err := k.owner.Exec(`WITH p AS (INSERT INTO policies (ref, last_version, idem) VALUES ('YH-2026-001', 1, 'p') RETURNING id)
				INSERT INTO policy_versions SELECT id, 1, $1, '第八条', '补贴', 'Subsidy', 'Субсидия', '要点', 'Summary', 'Кратко', '原文', '', '', '2026-01-01', NULL, '', $2, now(), 'v1' FROM p`, k.head.Unit, k.office.Account)
			k.must(err)
			return
		}
		_, err := k.owner.Exec(`WITH p AS (UPDATE policies SET last_version = 2 RETURNING id)
			INSERT INTO policy_versions SELECT id, 2, $1, '第九条', '补贴', 'Subsidy', 'Субсидия', '要点', 'Summary', 'Кратко', '原文', '', '', '2026-01-01', NULL, '改', $2, now(), 'v2' FROM p`, k.head.Unit, k.office.Account)
		k.must(err)
	}
	policy(1)
	d := intake.PromiseDraft{Company: k.company.Company, Unit: k.head.Unit, Kind: "policy", Text: "按政策补贴三十万元", By: "招商局局长", On: "2026-06-01", Due: "2026-09-01", Evidence: "投资协议第八条", Policy: "YH-2026-009"}
	if _, err := k.intake.Enter(ctx, k.office, d, k.key()); fault.FieldsOf(err)["policy"].Key != "promise.policy-missing" {
		t.Errorf("a policy that does not exist: %v", err)
	}
	d.Policy = "YH-2026-001"
	ref, err := k.intake.Enter(ctx, k.office, d, k.key())
	k.must(err)
	policy(2)
	if p, err := k.intake.Promise(ctx, k.company, ref); err != nil || p.Policy != "YH-2026-001" || p.Version != 1 || p.PolicyTitle.RU != "Субсидия" {
		t.Errorf("the promise rests on %s, version %d, %v (%v)", p.Policy, p.Version, p.PolicyTitle, err)
	}
}
