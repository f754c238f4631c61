package feedback_test

import (
	"slices"
	"strings"
	"testing"

	"pingyi/feedback"
	"pingyi/org"
)

// heard returns who was told what since the last call, as "kind:login".
func (f *fixture) heard(t *testing.T) []string {
	t.Helper()
	var out []string
	const q = `UPDATE notices n SET read_at = now() FROM messages m, accounts a WHERE m.id = n.message_id AND a.id = n.account_id AND n.read_at IS NULL RETURNING m.kind || ':' || a.login`
	if err := f.db.Select(&out, q); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func (f *fixture) wantHeard(t *testing.T, act string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := f.heard(t); !slices.Equal(got, want) {
		t.Errorf("%s: told %v, want %v", act, got, want)
	}
}

// Whoever must know of an act hears of it in its transaction: the company of what
// becomes of its issue, the unit of what it has to do, the offices and the leading
// group of what comes to them; nobody else, and nobody the company's name.
func TestWhoHearsOfAnAct(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.raise(t)
	f.wantHeard(t, "raise", "issue-raised:party", "issue-raised:gov")
	key := f.key()
	for range 2 {
		f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit, Note: "内部说明"}, key))
	}
	f.wantHeard(t, "register, twice the same form", "issue-registered:acme", "issue-assigned:d05")
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	f.wantHeard(t, "sign")
	f.must(t, "reply", f.Reply(ctx, f.unit, ref, text, f.key()))
	f.wantHeard(t, "reply", "issue-replied:acme")
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "partly", Text: text, Note: "内部"}, f.key()))
	f.wantHeard(t, "answer with a note", "issue-answered:acme")
	f.must(t, "refuse", f.Confirm(ctx, f.company, ref, feedback.Verdict{Reason: "还是没有日期"}, f.key()))
	f.wantHeard(t, "refuse", "issue-refused:d05")
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "partly", Text: text}, f.key()))
	f.heard(t)
	f.must(t, "refuse", f.Confirm(ctx, f.company, ref, feedback.Verdict{Reason: "还是没有日期"}, f.key()))
	f.wantHeard(t, "refuse again", "issue-refused:d05", "issue-queued:chair", "issue-queued:member")
	_, err := f.IssueOrder(ctx, f.chair, ref, feedback.OrderDraft{Lead: f.unit.Unit, Cooperating: []org.UnitID{f.other.Unit}, Requirement: "一周内发证并当面答复企业。", Days: 5}, f.key())
	f.must(t, "order", err)
	f.wantHeard(t, "order", "issue-ordered:acme", "order-issued:d05", "order-cooperate:d06")
	f.must(t, "receive", f.ReceiveOrder(ctx, f.unit, ref, f.key()))
	f.wantHeard(t, "receive")
	f.must(t, "report", f.Report(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	f.wantHeard(t, "report", "order-reported:party", "order-reported:gov")
	f.must(t, "feed back", f.FeedBack(ctx, f.party, ref, "许可证已于今日发出，请确认是否满意。", "portal", f.key()))
	f.wantHeard(t, "feed back", "order-result:acme")
	f.must(t, "confirm", f.Confirm(ctx, f.company, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key()))
	f.wantHeard(t, "confirm", "issue-accepted:d05")
	if err := f.Sign(ctx, f.unit, ref, f.key()); err == nil {
		t.Fatal("a closed issue was signed for")
	}
	f.wantHeard(t, "an act that was refused")

	late := f.raise(t)
	f.must(t, "register", f.Register(ctx, f.party, late, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	f.heard(t)
	f.at(t, "2026-12-15 09:00")
	if n, err := f.EscalateOverdue(ctx); err != nil || n != 5 {
		t.Fatalf("escalated %d, %v", n, err)
	}
	f.wantHeard(t, "the ladder at once", "issue-remind-officer:d05", "issue-remind-head:d05", "issue-remind-supervision:d05", "issue-remind-supervision:watch",
		"issue-remind-transfer:d05", "issue-remind-transfer:watch", "issue-climbed:acme", "issue-overdue:d05", "issue-queued:chair", "issue-queued:member")
	var said []string
	f.must(t, "read", f.db.Select(&said, `SELECT kind || topic || link || args::text || key FROM messages`))
	if all := strings.Join(said, "\n"); strings.Contains(all, "公司") || strings.Contains(all, "acme") || strings.Contains(all, "施工许可") {
		t.Errorf("a message gives the company or its words away:\n%s", all)
	}
}

func TestWhoHearsOfVisitAndSheet(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit, err := f.RecordVisit(ctx, f.unit, feedback.VisitRecord{Company: f.company.Company, On: "2026-11-20", Staff: "王某", Purpose: "了解用地情况"}, f.key())
	f.must(t, "visit", err)
	f.wantHeard(t, "visit", "sheet-wanted:acme")
	_, err = f.FileSheet(ctx, f.company, visit, "", feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s", "q2": "s", "q3": "s", "q4": "s"}, Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, f.key())
	f.must(t, "sheet", err)
	f.wantHeard(t, "sheet", "sheet-arrived:party", "sheet-arrived:gov")
}

// What one office has done the other is no longer asked to do.
func TestWhatAnOfficeDidIsSettledForTheOther(t *testing.T) {
	f := setup(t)
	ref := f.raise(t)
	open := func() (n int) {
		f.must(t, "count", f.db.Get(&n, `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id WHERE m.kind = 'issue-raised' AND NOT n.settled`))
		return n
	}
	if n := open(); n != 2 {
		t.Errorf("%d offices are asked to register, want 2", n)
	}
	f.must(t, "register", f.Register(t.Context(), f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	if n := open(); n != 0 {
		t.Errorf("%d offices are still asked to register", n)
	}
}
