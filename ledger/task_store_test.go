package ledger_test

import (
	"errors"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// TestS01TasksAreSharedOut: the sum of the units' targets is held against the county's, an
// issued task changes by an amendment that keeps the old value, and the figures of a unit
// come from what arrived on the contracts it is contact unit of.
func TestS01TasksAreSharedOut(t *testing.T) {
	s, db, _ := book(t) // today is 20 January 2008
	ctx := t.Context()
	by := org.Actor{Account: 1, Role: org.RoleCampaignAdmin}
	if err := db.Get(&by.Account, `SELECT id FROM accounts WHERE login = 'clerk'`); err != nil {
		t.Fatal(err)
	}
	unit := func(code string) (id org.UnitID) {
		if err := db.Get(&id, `INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ($1, 1, $1, $1, $1) RETURNING id`, code); err != nil {
			t.Fatal(err)
		}
		return id
	}
	u1, u2 := unit("D05"), unit("D06")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.SaveNotice(ctx, by, 2008, ledger.NoticeDraft{No: "招商〔2008〕1号", Title: "2008年招商引资任务", On: "2008-01-10", Target: "6亿元"}))
	if err := s.Issue(ctx, by, 2008); !errors.Is(err, ledger.ErrIssued) {
		t.Errorf("a notice without tasks is issued: %v", err)
	}
	add := func(u org.UnitID, d ledger.TaskDraft, key string) error { return s.AddTask(ctx, by, 2008, u, d, key) }
	funds := ledger.TaskDraft{Kind: ledger.TaskFunds, Title: "到位资金", Target: "40000", Due: "2008-12-31", Responsible: "王某"}
	must(add(u1, funds, "a"))
	must(add(u1, funds, "a")) // the same form again
	if err := add(u1, funds, "b"); fault.FieldsOf(err)["unit"].Key != "task.target-taken" {
		t.Errorf("two targets for one unit: %v", err)
	}
	funds.Target = "19999.99"
	must(add(u2, funds, "c"))
	must(add(u2, ledger.TaskDraft{Kind: ledger.TaskItem, Title: "编制办事指南", Due: "2008-01-18", Responsible: "李某"}, "d"))
	must(add(u2, ledger.TaskDraft{Kind: ledger.TaskItem, Title: "开设服务窗口", Due: "2008-06-30", Responsible: "李某"}, "e"))
	tasks, err := s.Tasks(ctx, by, 2008)
	must(err)
	n, err := s.Notice(ctx, 2008)
	must(err)
	if got := ledger.Share(n, tasks); got.Sum.String() != "59999.99" || got.Missing.String() != "0.01" {
		t.Errorf("shared out: %+v", got)
	}
	head := org.Actor{Account: 5, Role: org.RoleHead, Unit: u2}
	if own, err := s.Tasks(ctx, head, 2008); err != nil || len(own) != 0 {
		t.Errorf("a unit sees the draft: %v %v", own, err)
	}
	if f, err := s.Figures(ctx, 2008, time.Date(2008, 1, 20, 0, 0, 0, 0, time.UTC)); err != nil || len(f) != 0 {
		t.Errorf("a draft counts: %v %v", f, err)
	}
	must(s.Issue(ctx, by, 2008))
	if err := s.SaveNotice(ctx, by, 2008, ledger.NoticeDraft{No: "x", Title: "另一份通知", On: "2008-01-10"}); !errors.Is(err, ledger.ErrIssued) {
		t.Errorf("the issued notice is changed: %v", err)
	}
	own, err := s.Tasks(ctx, head, 2008)
	must(err)
	if len(own) != 3 {
		t.Fatalf("the unit's own tasks: %+v", own)
	}
	if err := s.Amend(ctx, by, own[0].ID, "20000", "2008-12-31", "", false); fault.FieldsOf(err)["why"].Key != "text.missing" {
		t.Errorf("amended without a reason: %v", err)
	}
	must(s.Amend(ctx, by, own[0].ID, "20000", "2008-12-31", "合计与全县目标一致", false))
	old, err := s.Amendments(ctx, by, 2008)
	must(err)
	if len(old) != 1 || old[0].OldTarget.String() != "19999.99" || old[0].NewTarget.String() != "20000.00" {
		t.Errorf("amendments: %+v", old)
	}
	// money on the unit's contract in the year counts, before the year or in another currency not
	for _, c := range []struct{ no, signed, currency, on string }{{"1", "2008-01-05", "CNY", "2008-01-12"}, {"2", "2007-05-05", "CNY", "2007-12-31"}, {"3", "2008-01-05", "USD", "2008-01-12"}} {
		id, err := s.Enter(ctx, by, ledger.ContractDraft{No: c.no, Kind: ledger.Signed, Purpose: "investment", Title: "演示合同", Investor: "演示投资者", Area: "county", Class: "other", Amount: "9000", Currency: c.currency, Signed: c.signed, Unit: "D06"})
		must(err)
		must(s.Arrive(ctx, by, id, ledger.ArrivalDraft{Kind: "contract", On: c.on, Amount: "5000.25", Voucher: "v"}))
	}
	must(s.Finish(ctx, by, own[1].ID, "2008-01-17", "指南已印发（演示）"))
	if err := s.Finish(ctx, by, own[1].ID, "2008-01-17", "指南已印发（演示）"); !errors.Is(err, ledger.ErrNotIssued) {
		t.Errorf("done twice: %v", err)
	}
	f, err := s.Figures(ctx, 2008, time.Date(2008, 1, 20, 0, 0, 0, 0, time.UTC))
	must(err)
	if g := f[u2]; g.Target.String() != "20000.00" || g.Arrived.String() != "5000.25" || g.Due != 1 || g.Done != 1 {
		t.Errorf("figures of D06: %+v", g)
	}
	if g := f[u1]; g.Arrived != 0 || g.Due != 0 {
		t.Errorf("figures of D05: %+v", g)
	}
}
