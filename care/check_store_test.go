package care_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/org"
)

// TestS04Check: a finding with "rectify" is a tracked item with a day in the unit's list,
// told and reminded of, until a checker accepts the report; one without is only noted.
func TestS04Check(t *testing.T) {
	k := newDesk(t)
	ctx := t.Context()
	now := func() time.Time { return k.now }
	s := care.NewChecks(k.db, now, calendar.NewStore(k.db, now))
	d := care.CheckDraft{Unit: k.unit.Unit, On: "2026-06-01", Inspectors: "督查室两人", Items: "首问负责、限时办结执行情况"}
	for _, a := range []org.Actor{k.unit, k.company, k.leader, k.chamber, k.clerk, org.Public} {
		if _, err := s.Enter(ctx, a, d, k.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s enters a check: %v", a.Role, err)
		}
	}
	if _, err := s.Enter(ctx, k.watch, care.CheckDraft{On: "2026-06-02"}, k.key()); len(fault.FieldsOf(err)) != 4 {
		t.Errorf("four fields are wrong: %v", err)
	}
	ref, err := s.Enter(ctx, k.watch, d, k.key())
	k.must(err)
	k.must(s.Add(ctx, k.watch, ref, care.FindingDraft{Text: "窗口标识齐全。", Evidence: "照片 3 张"}, k.key()))
	if err := s.Add(ctx, k.watch, ref, care.FindingDraft{Text: "限时办结台账缺三个月。", Evidence: "台账复印件", Rectify: true}, k.key()); fault.FieldsOf(err)["due"].Key != "unitcheck.due-wrong" {
		t.Errorf("to be rectified without a day: %v", err)
	}
	item := care.FindingDraft{Text: "限时办结台账缺三个月。", Evidence: "台账复印件", Rectify: true, Due: "2026-06-12"}
	k.must(s.Add(ctx, k.watch, ref, item, "finding-key-00001"))
	k.must(s.Add(ctx, k.watch, ref, item, "finding-key-00001"))
	if _, err := s.Check(ctx, k.unit2, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit reads the check: %v", err)
	}
	list, total, err := s.Checks(ctx, k.unit, 1, 20)
	if k.must(err); total != 1 || list[0].Open != 1 || list[0].Next != "2026-06-12" {
		t.Fatalf("the unit's list: %d %+v", total, list)
	}
	c, err := s.Check(ctx, k.unit, ref)
	if k.must(err); len(c.Findings) != 2 || c.Findings[0].State != "noted" || c.Findings[1].State != "open" {
		t.Fatalf("findings: %+v", c.Findings)
	}
	id := c.Findings[1].ID
	if got := k.notices(k.unit, "check-finding:%"); !slices.Equal(got, []string{"check-rectify", "check-due", "check-late"}) {
		t.Errorf("the unit is told %v", got)
	}
	if err := s.Step(ctx, k.watch, ref, id, "report", "替单位报告。"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a checker reports for the unit: %v", err)
	}
	if err := s.Step(ctx, k.unit, ref, id, "done", "自己认可自己。"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("the unit accepts its own report: %v", err)
	}
	if err := s.Step(ctx, k.watch, ref, id, "done", "没有报告也认可。"); !errors.Is(err, care.ErrCheckMoved) {
		t.Errorf("accepted before the report: %v", err)
	}
	k.must(s.Step(ctx, k.unit, ref, id, "report", "台账已补齐。"))
	k.must(s.Step(ctx, k.watch, ref, id, "return", "四月仍缺。"))
	k.must(s.Step(ctx, k.unit, ref, id, "report", "四月已补。"))
	if n, err := s.Waiting(ctx, k.office); err != nil || n["checks"] != 1 {
		t.Errorf("%v wait for the checkers (%v)", n, err)
	}
	k.must(s.Step(ctx, k.office, ref, id, "done", "已核实。"))
	if got := k.notices(k.unit, "check-finding:%"); !slices.Equal(got, []string{"check-rectify"}) {
		t.Errorf("reminded after the end: %v", got)
	}
	if list, _, err = s.Checks(ctx, k.unit, 1, 20); err != nil || list[0].Open != 0 || list[0].Next != "" {
		t.Errorf("at the end: %+v (%v)", list, err)
	}
}
