package feedback_test

import (
	"errors"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// refused is an issue that its unit refuses with a policy clause.
func (f *fixture) refused(t *testing.T) string {
	t.Helper()
	ref := f.raise(t)
	f.must(t, "register", f.Register(t.Context(), f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	f.must(t, "sign", f.Sign(t.Context(), f.unit, ref, f.key()))
	a := feedback.Answer{Result: "cannot", BasisKind: "policy", Text: "按政策条文，首张发票晚于规定月份，不能享受奖励。"}
	if err := f.Answer(t.Context(), f.unit, ref, a, f.key()); fault.FieldsOf(err)["basis"].Key == "" {
		t.Errorf("a refusal by a policy without its clause: %v", err)
	}
	a.Basis = "嫩政发〔2026〕3号第八条"
	f.must(t, "refuse", f.Answer(t.Context(), f.unit, ref, a, f.key()))
	return ref
}

// TestS18RefusalByPolicyClause: without the clause the refusal is not accepted; with it
// the office has it for review within three working days, by itself; what waits too long
// shows; overturned, the unit goes on; both sides are told.
func TestS18RefusalByPolicyClause(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	f.at(t, "2026-11-23 10:00") // a Monday
	first, second := f.refused(t), f.refused(t)
	for _, a := range []org.Actor{f.unit, f.company, f.chair, f.clerk, org.Public} {
		if _, _, err := f.Reviews(ctx, a, false, 1, 20); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s reads the reviews: %v", a.Role, err)
		}
	}
	list, total, err := f.Reviews(ctx, f.party, false, 1, 20)
	f.must(t, "list", err)
	if total != 2 || list[0].Ref != first || list[0].Clause != "嫩政发〔2026〕3号第八条" || list[0].Late {
		t.Fatalf("waiting: %d %+v", total, list)
	}
	if due := list[0].ReviewDue; !list[0].ReviewDue.Equal(time.Date(2026, 11, 26, 16, 0, 0, 0, time.UTC)) { // Tuesday, Wednesday, Thursday to its end
		t.Errorf("the review is due %s", due)
	}
	if n, err := f.ReviewsWaiting(ctx, f.government); err != nil || n["reviews"] != 2 {
		t.Errorf("%v wait (%v)", n, err)
	}
	f.at(t, "2026-11-27 09:00")
	if list, _, err = f.Reviews(ctx, f.watch, false, 1, 20); err != nil || !list[0].Late {
		t.Errorf("on the fourth working day: %+v (%v)", list, err)
	}
	if err := f.ReviewPolicy(ctx, f.unit, first, true, "自己复核自己。", f.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("the unit reviews its own refusal: %v", err)
	}
	f.must(t, "overturn", f.ReviewPolicy(ctx, f.party, first, false, "首张合同日期在规定期内，不应死扣条文。", f.key()))
	f.must(t, "stand", f.ReviewPolicy(ctx, f.party, second, true, "条文明确，理由成立。", f.key()))
	for ref, state := range map[string]feedback.State{first: feedback.InProgress, second: feedback.Answered} {
		if i, err := f.Issue(ctx, f.company, ref); err != nil || i.State != state || i.ReviewDue != nil {
			t.Errorf("%s is %s after the review (%v)", ref, i.State, err)
		}
	}
	if _, total, err = f.Reviews(ctx, f.party, false, 1, 20); err != nil || total != 0 {
		t.Errorf("%d wait after both decisions (%v)", total, err)
	}
	done, total, err := f.Reviews(ctx, f.party, true, 1, 20)
	f.must(t, "decided", err)
	if total != 2 || done[0].Ref != second || done[0].Outcome != "stands" || done[1].Outcome != "overturned" || done[1].Clause == "" || done[0].Late {
		t.Errorf("decided: %d %+v", total, done)
	}
	for _, who := range []org.Actor{f.company, f.unit} {
		var told int
		f.must(t, "read messages", f.db.Get(&told, `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id WHERE n.account_id = $1 AND m.kind = 'issue-review'`, who.Account))
		if told != 2 {
			t.Errorf("%s was told of %d decisions", who.Name, told)
		}
	}
}

// TestS11SpecialHandling: without basis and approver the flag is refused; the list of
// flagged issues has all of them.
func TestS11SpecialHandling(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	first, second := f.raise(t), f.raise(t)
	if err := f.Handle(ctx, f.party, first, feedback.Special{Deviation: "先开工后补手续。"}, f.key()); len(fault.FieldsOf(err)) != 2 {
		t.Errorf("a flag without basis and approver: %v", err)
	}
	if err := f.Handle(ctx, f.unit, first, feedback.Special{Basis: "县委专题会议纪要第 12 号", Approver: "张县长", Deviation: "先开工后补手续。"}, f.key()); err == nil {
		t.Error("a unit flags an issue itself")
	}
	f.must(t, "flag", f.Handle(ctx, f.party, first, feedback.Special{Basis: "县委专题会议纪要第 12 号", Approver: "张县长", Deviation: "先开工后补手续。"}, f.key()))
	list, total, err := f.Issues(ctx, f.watch, feedback.IssueFilter{Special: true, Page: 1, Size: 20})
	f.must(t, "list", err)
	if total != 1 || list[0].Ref != first || !list[0].Special {
		t.Errorf("flagged: %d %+v, without %s", total, list, second)
	}
}
