package feedback_test

import (
	"errors"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// queued is an issue of class A, signed for, that waits for the leading group.
func (f *fixture) queued(t *testing.T) string {
	t.Helper()
	ref := f.raise(t)
	f.must(t, "register", f.Register(t.Context(), f.party, ref, feedback.Registration{Grade: "A", Lead: f.unit.Unit}, f.key()))
	f.must(t, "sign", f.Sign(t.Context(), f.unit, ref, f.key()))
	return ref
}

// TestSendBack: the unit goes on with a new day, the limit to solve stays, and when
// the new day is missed the issue comes back to the queue.
func TestSendBack(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.queued(t)
	before, err := f.Issue(ctx, f.chair, ref)
	f.must(t, "read", err)
	const why = "请补充与施工单位的会商纪要后再报。"
	for who, a := range map[string]org.Actor{"member": f.member, "unit": f.unit, "office": f.party} {
		if err := f.SendBack(ctx, a, ref, why, 3, f.key()); err == nil {
			t.Errorf("%s sends an issue back", who)
		}
	}
	if err := f.SendBack(ctx, f.chair, ref, "短", 4, f.key()); fault.Of(err) == nil || len(fault.Of(err).Fields) != 2 {
		t.Errorf("a short reason and four days: %v, want two problems", err)
	}
	key := f.key()
	for range 2 {
		f.must(t, "send back", f.SendBack(ctx, f.chair, ref, why, 3, key))
	}
	i, err := f.Issue(ctx, f.unit, ref)
	if err != nil || i.State != feedback.InProgress || i.DeadlineOn != before.DeadlineOn {
		t.Errorf("%s due %s, %v; want in progress, due %s as before", i.State, i.DeadlineOn, err, before.DeadlineOn)
	}
	told := 0
	f.must(t, "look", f.db.Get(&told, `SELECT count(*) FROM messages WHERE kind = 'issue-send-back'`))
	if told != 2 {
		t.Errorf("%d messages, want one to the company and one to the unit", told)
	}
	for _, a := range []org.Actor{f.unit, f.company} {
		events, err := f.Events(ctx, a, i)
		if last := events[len(events)-1]; err != nil || last.Kind != feedback.ActSendBack || last.Body != why {
			t.Errorf("%s reads %s %q", a.Role, last.Kind, last.Body)
		}
	}
	if err := f.SendBack(ctx, f.chair, ref, why, 3, f.key()); !errors.Is(err, feedback.ErrState) {
		t.Errorf("sent back again: %v, want ErrState", err)
	}
	// Mon 23 Nov + 3 working days = Thu 26; five working days over: Thu 3 Dec
	f.at(t, "2026-12-04 10:00")
	if _, err := f.EscalateOverdue(ctx); err != nil {
		t.Fatal(err)
	}
	if i, _ := f.Issue(ctx, f.chair, ref); i.State != feedback.Queued {
		t.Errorf("the new day was missed: %s, want queued", i.State)
	}
}

// TestS02MembershipIsDated: who left the group cannot open its queue from then on; an
// order signed before, by delegation, keeps his name and the chair's.
func TestS02MembershipIsDated(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	orgs := org.NewStore(f.db, func() time.Time { return f.now }, []byte("secret"), org.Quick)
	ref := f.queued(t)
	d := feedback.OrderDraft{Lead: f.unit.Unit, Requirement: "请在期限内与施工单位办结手续。", Days: 3}
	if _, err := f.IssueOrder(ctx, f.member, ref, d, f.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Fatalf("a member without delegation signs: %v", err)
	}
	f.must(t, "delegate", orgs.Delegate(ctx, f.chair, org.DelegationDraft{To: f.member.Account, From: "2026-11-23", Until: "2026-11-24", Reason: "外出招商"}, f.key()))
	member, err := orgs.ActorOf(ctx, "member")
	if err != nil || !member.MaySign() || member.ForWhom != "chair" {
		t.Fatalf("the delegate: %+v, %v", member, err)
	}
	no, err := f.IssueOrder(ctx, member, ref, d, f.key())
	f.must(t, "order", err)
	f.at(t, "2026-11-24 09:00")
	f.must(t, "dismiss", orgs.Dismiss(ctx, org.Actor{Role: org.RoleOperator}, f.member.Body, f.member.Account))
	gone, err := orgs.ActorOf(ctx, "member")
	f.must(t, "former member", err)
	if gone.MaySign() || gone.Behalf != 0 {
		t.Error("a former member signs by a delegation")
	}
	if _, err := f.Queue(ctx, gone); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a former member opens the queue: %v", err)
	}
	if _, err := f.Issue(ctx, gone, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a former member opens an issue of it: %v", err)
	}
	orders, err := f.OrdersOf(ctx, f.chair, ref)
	if err != nil || len(orders) != 1 || orders[0].No != no || orders[0].Signer != "member" || orders[0].Behalf != "chair" {
		t.Errorf("the order signed before: %+v, %v", orders, err)
	}
}

// TestBoardGroups: on Monday 23 November 2026 the week ends on Sunday the 29th.
func TestBoardGroups(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, shanghai)
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d+1, 0, 0, 0, 0, shanghai) }
	for _, c := range []struct {
		state string
		end   time.Time
		want  string
	}{
		{"issued", day(11, 22), feedback.BoardOverdue}, {"received", now, feedback.BoardOverdue}, {"issued", day(11, 23), feedback.BoardWeek}, {"received", day(11, 29), feedback.BoardWeek},
		{"received", day(11, 30), feedback.BoardNormal}, {"reported", day(11, 20), feedback.BoardWaiting}, {"fed_back", day(12, 20), feedback.BoardWaiting},
		{"done", day(11, 20), feedback.BoardDone}, {"reopened", day(11, 20), feedback.BoardReopened},
	} {
		if got := (feedback.Order{State: c.state, Deadline: c.end}).Group(now); got != c.want {
			t.Errorf("%s until %s: %s, want %s", c.state, c.end, got, c.want)
		}
	}
}

// TestBoard: an order with the co-operating unit's report and the lead's.
func TestBoard(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.queued(t)
	_, err := f.IssueOrder(ctx, f.chair, ref, feedback.OrderDraft{Lead: f.unit.Unit, Cooperating: []org.UnitID{f.other.Unit}, Requirement: "请在期限内会同有关单位办结。", Days: 3}, f.key())
	f.must(t, "order", err)
	f.must(t, "cooperate", f.Cooperate(ctx, f.other, ref, "道路部分已核对完毕，可以施工。", f.key()))
	b, err := f.Board(ctx, f.member, "", 1, 10)
	if err != nil || b.Counts[feedback.BoardWeek] != 1 || b.Counts[""] != 1 || len(b.Orders) != 1 || b.Orders[0].Last != nil || len(b.Orders[0].Cooperate) != 1 {
		t.Fatalf("issued: %+v, %v", b, err)
	}
	f.must(t, "receive", f.ReceiveOrder(ctx, f.unit, ref, f.key()))
	f.must(t, "report", f.Report(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	if b, err = f.Board(ctx, f.watch, feedback.BoardWaiting, 1, 10); err != nil || len(b.Orders) != 1 || b.Orders[0].Last == nil || b.Orders[0].Last.Body != text {
		t.Errorf("reported: %+v, %v", b, err)
	}
	for who, a := range map[string]org.Actor{"unit": f.unit, "company": f.company, "public": org.Public} {
		if _, err := f.Board(ctx, a, "", 1, 10); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s reads the board: %v", who, err)
		}
	}
}
