package passing_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback/passing"
)

// A sheet the unit wrote itself: the unit is heard, an upheld finding voids the sheet and is one
// deduction D6, whatever is pressed twice.
func TestFalseRecordFeedsD6(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	var visit int64
	k.must(k.db.Get(&visit, `INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, idem) VALUES ($1, $2, 2026, 1, true, '2026-02-20', 'v1') RETURNING id`, k.a.Unit, k.company.Company))
	d := passing.FalseDraft{Kind: "sheet", Unit: k.a.Unit, Company: k.company.Company, On: "2026-02-20", Evidence: "意见表提交地址与该单位登记走访的电脑一致，笔迹相同。"}
	if _, err := k.passing.OpenFalse(ctx, k.watch, d, "open-1"); fault.FieldsOf(err)["sheet"].Key != "false.visit-unknown" {
		t.Fatalf("there is no sheet yet: %v", err)
	}
	k.db.MustExec(`INSERT INTO sheets (no, visit_id, area, demand, solved, wants_reply, release, lang, channel, filed_at, score, idem) VALUES ('FK-2026-000001', $1, 'advice', 'no', 'yes', false, 'no', 'zh-CN', 'link', $2, '100/1', 's1')`, visit, k.now)
	if _, err := k.passing.OpenFalse(ctx, k.office, d, "open-1"); err == nil {
		t.Error("an office opens it")
	}
	ref, err := k.passing.OpenFalse(ctx, k.watch, d, "open-1")
	k.must(err)
	if again, err := k.passing.OpenFalse(ctx, k.watch, d, "open-2"); err != nil || again != ref {
		t.Errorf("the same suspicion twice: %s, %v", again, err)
	}
	if _, err := k.passing.FalseRecord(ctx, k.b, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit finds it: %v", err)
	}
	const found = "经核查，意见表由该单位工作人员代填。证据确凿。"
	if err := k.passing.FindFalse(ctx, k.watch, ref, "upheld", found); !errors.Is(err, passing.ErrTooEarly) {
		t.Errorf("found before the unit was heard: %v", err)
	}
	k.at("2026-03-05 23:59") // the third working day
	k.must(k.passing.ReplyFalse(ctx, k.a, ref, "企业负责人委托我单位代为填写，没有恶意。以后改正。"))
	if err := k.passing.FindFalse(ctx, k.a, ref, "not", found); err == nil {
		t.Error("the unit finds for itself")
	}
	k.must(k.passing.FindFalse(ctx, k.watch, ref, "upheld", found))
	if err := k.passing.FindFalse(ctx, k.watch, ref, "not", found); !errors.Is(err, passing.ErrCaseState) {
		t.Errorf("found twice: %v", err)
	}
	var got string
	k.must(k.db.Get(&got, `SELECT string_agg(rule || ' ' || unit_id || ' ' || finding, ',') FROM adjustments`))
	var want string
	k.must(k.db.Get(&want, `SELECT 'D6 ' || $1::text || ' ' || $2`, int64(k.a.Unit), ref))
	if got != want {
		t.Errorf("entries %q, want %q", got, want)
	}
	k.must(k.db.Get(&got, `SELECT (score IS NULL)::text || ' ' || voided_score FROM sheets`))
	if got != "true 100/1" {
		t.Errorf("the sheet counts: %s", got)
	}
}
