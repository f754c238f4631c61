package feedback_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

func TestVisitAndSheetGoPastTheUnit(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	if n, err := f.Plan(ctx, f.party, f.unit.Unit, f.company.Company, 2026, 4); err != nil || n != 1 {
		t.Fatalf("plan: %d, %v", n, err)
	}
	key := f.key()
	id, err := f.RecordVisit(ctx, f.unit, feedback.VisitRecord{Company: f.company.Company, On: "2026-11-20", Staff: "赵科长", Purpose: "了解开工情况"}, key)
	f.must(t, "record", err)
	if again, err := f.RecordVisit(ctx, f.unit, feedback.VisitRecord{Company: f.company.Company, On: "2026-11-20", Staff: "赵科长", Purpose: "了解开工情况"}, key); err != nil || again != id {
		t.Errorf("the same post: %d, %v; want %d", again, err, id)
	}
	for who, a := range map[string]org.Actor{"unit": f.unit, "other unit": f.other, "rival": f.rival, "leader": f.chair} {
		if _, err := f.Link(ctx, a, id); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s asks for the link: %v, want ErrNotFound", who, err)
		}
	}
	token, err := f.Link(ctx, f.company, id)
	f.must(t, "link", err)
	sheet := feedback.Sheet{Area: "later", Answers: map[string]string{"q1": "vs", "q2": "b", "q4": "d"}, Demand: "yes", DemandText: "让我们订报纸", Solved: "partly", Release: "no", Lang: "zh-CN"}
	for who, a := range map[string]org.Actor{"unit": f.unit, "other unit": f.other, "office": f.party, "leader": f.chair} {
		if _, err := f.FileSheet(ctx, a, id, token, sheet, f.key()); !errors.Is(err, feedback.ErrSheetNotYours) {
			t.Errorf("%s fills in the sheet with the link: %v, want ErrSheetNotYours", who, err)
		}
	}
	if _, err := f.FileSheet(ctx, org.Public, 0, "guess", sheet, f.key()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a guessed link: %v, want ErrNotFound", err)
	}
	key = f.key()
	no, err := f.FileSheet(ctx, org.Public, 0, token, sheet, key)
	f.must(t, "file by link", err)
	if again, err := f.FileSheet(ctx, org.Public, 0, token, sheet, key); err != nil || again != no {
		t.Errorf("the same post: %s, %v; want %s", again, err, no)
	}
	if _, err := f.FileSheet(ctx, f.company, id, "", sheet, f.key()); !errors.Is(err, feedback.ErrSheetExists) {
		t.Errorf("a second sheet: %v, want ErrSheetExists", err)
	}
	f.must(t, "receive", f.Receive(ctx, f.party, no))
	f.must(t, "remove", f.Remove(ctx, f.party, no))
	if in, n, err := f.Inbox(ctx, f.party, feedback.SheetFilter{Size: 9}); err != nil || n != 0 || len(in) != 0 {
		t.Errorf("removed from the party office's inbox: %d, %v", n, err)
	}
	in, n, err := f.Inbox(ctx, f.government, feedback.SheetFilter{Open: true, Size: 9})
	if err != nil || n != 1 || in[0].Received != nil || in[0].DemandText != "" {
		t.Fatalf("the other office's copy: %d %+v, %v", n, in, err)
	}
	// (20·100 + 30·60 + 30·30)/80 = 4700/80 = 58.75
	if *in[0].Score != "235/4" {
		t.Errorf("score %s, want 235/4", *in[0].Score)
	}
	if in, _, _ := f.Inbox(ctx, f.watch, feedback.SheetFilter{Size: 9}); len(in) != 0 && in[0].DemandText != "让我们订报纸" {
		t.Errorf("the supervision office reads %q", in[0].DemandText)
	}
	if _, _, err := f.Inbox(ctx, f.unit, feedback.SheetFilter{Size: 9}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit opens the inbox: %v", err)
	}
	v, err := f.Visit(ctx, f.unit, id)
	if err != nil || v.State() != "made" || v.LinkUntil != nil {
		t.Errorf("the unit sees state %s, %v; want made", v.State(), err)
	}
	// nor does a filter tell the unit whose sheet came back
	for state, want := range map[string]int{"": 1, "made": 1, "requested": 0, "returned": 0, "planned": 0} {
		for who, a := range map[string]org.Actor{"unit": f.unit} {
			if list, n, err := f.Visits(ctx, a, feedback.VisitFilter{State: state, Size: 9}); err != nil || n != want || len(list) != want {
				t.Errorf("%s filters by %q: %d visits, %v; want %d", who, state, n, err, want)
			}
		}
	}
	if _, n, err := f.Visits(ctx, f.party, feedback.VisitFilter{State: "returned", Size: 9}); err != nil || n != 1 {
		t.Errorf("the office filters by returned: %d, %v", n, err)
	}
	facts, err := f.SheetFacts(ctx, 2026)
	if u := facts[f.unit.Unit]; err != nil || u.Due != 1 || u.Returned != 1 || len(u.Companies) != 1 {
		t.Errorf("facts %+v, %v", u, err)
	}
}

func TestLinkOfASheetEnds(t *testing.T) {
	f := setup(t)
	id, err := f.RecordVisit(t.Context(), f.unit, feedback.VisitRecord{Company: f.company.Company, On: "2026-11-20", Staff: "赵", Purpose: "走访"}, f.key())
	f.must(t, "record", err)
	token, err := f.Link(t.Context(), f.company, id)
	f.must(t, "link", err)
	f.at(t, "2026-12-21 00:01")
	if _, err := f.VisitByToken(t.Context(), org.Public, token); !errors.Is(err, feedback.ErrVisitLink) {
		t.Errorf("after 30 days: %v, want ErrVisitLink", err)
	}
}

// An issue's whole life: registered, answered, refused twice, ordered, reported,
// fed back, confirmed; deadlines in working days.
func TestIssueClimbsAndComesBackSolved(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.raise(t)
	if ref != "NJ-2026-0001" {
		t.Errorf("number %s", ref)
	}
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	i, err := f.Issue(ctx, f.unit, ref)
	// five working days from Monday 23 November: Monday the 30th
	if err != nil || i.DeadlineOn != "2026-11-30" || i.State != feedback.Registered || i.CompanyName.ZH != "公司1" {
		t.Fatalf("%+v, %v", i, err)
	}
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	for n := 1; n <= 2; n++ {
		f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "partly", Text: text, Note: "内部"}, f.key()))
		f.must(t, "refuse", f.Confirm(ctx, f.company, ref, feedback.Verdict{Reason: "还是没有日期"}, f.key()))
	}
	queue, err := f.Queue(ctx, f.chair)
	if err != nil || len(queue) != 1 || queue[0].QueueReason != "refused_twice" {
		t.Fatalf("queue %+v, %v", queue, err)
	}
	order := feedback.OrderDraft{Lead: f.unit.Unit, Cooperating: []org.UnitID{f.other.Unit}, Requirement: "一周内发证并当面答复企业。", Days: 5}
	if _, err := f.IssueOrder(ctx, f.member, ref, order, f.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a plain member signs: %v, want ErrForbidden", err)
	}
	order.Days, order.On = 0, "2026-11-28"
	if _, err := f.IssueOrder(ctx, f.chair, ref, order, f.key()); fault.FieldsOf(err)["on"].Key != "order.date-not-worked" {
		t.Errorf("a Saturday: %v", err)
	}
	order.Days = 5
	key := f.key()
	no, err := f.IssueOrder(ctx, f.chair, ref, order, key)
	f.must(t, "order", err)
	if again, err := f.IssueOrder(ctx, f.chair, ref, order, key); err != nil || again != no || no != "ZC-2026-001" {
		t.Errorf("the same post: %s, %v; want %s", again, err, no)
	}
	if _, err := f.Issue(ctx, f.other, ref); err != nil {
		t.Errorf("a co-operating unit: %v", err)
	}
	f.must(t, "receive", f.ReceiveOrder(ctx, f.unit, ref, f.key()))
	f.must(t, "report", f.Report(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	if err := f.Confirm(ctx, f.company, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key()); !errors.Is(err, feedback.ErrState) {
		t.Errorf("confirmed before the result was fed back: %v, want ErrState", err)
	}
	f.must(t, "feed back", f.FeedBack(ctx, f.party, ref, "许可证已于今日发出，请确认是否满意。", "portal", f.key()))
	f.must(t, "confirm", f.Confirm(ctx, f.company, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key()))
	i, err = f.Issue(ctx, f.company, ref)
	if err != nil || i.State != feedback.Closed || i.OrderState != "done" || i.Refusals != 2 {
		t.Errorf("%+v, %v", i, err)
	}
	events, err := f.Events(ctx, f.company, i)
	f.must(t, "events", err)
	for _, e := range events {
		if e.Internal || e.Actor != "" || e.Body == "内部" {
			t.Errorf("the company sees %+v", e)
		}
	}
	facts, err := f.IssueFacts(ctx, 2026, f.now)
	if u := facts[f.unit.Unit]; err != nil || u.All != 1 || u.Responded != 1 || u.Solved != 1 || u.Ratings["s"] != 1 {
		t.Errorf("facts %+v, %v", u, err)
	}
}

// An overdue issue climbs by itself: each step once, in its order, also when the
// clock of the machine is set back in between; in the queue from the fifth day.
func TestOverdueIssuesClimbByThemselves(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.raise(t)
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	for _, tt := range []struct {
		at    string
		did   int
		state feedback.State
	}{
		{"2026-11-26 23:59", 0, feedback.Registered}, // two working days before the last, Monday the 30th
		{"2026-11-27 00:00", 1, feedback.Registered}, // the officer
		{"2026-11-30 23:59", 0, feedback.Registered},
		{"2026-12-01 00:00", 1, feedback.Registered}, // the head
		{"2026-11-29 12:00", 0, feedback.Registered}, // the clock was set back
		{"2026-12-02 12:00", 0, feedback.Registered},
		{"2026-12-03 00:00", 1, feedback.Registered}, // supervision letter
		{"2026-12-06 12:00", 0, feedback.Registered}, // a Sunday
		{"2026-12-07 00:00", 1, feedback.Queued},     // leading group
		{"2026-12-14 00:00", 1, feedback.Queued},     // transfer letter
		{"2027-03-01 00:00", 0, feedback.Queued},
	} {
		f.at(t, tt.at)
		n, err := f.Tick(ctx)
		f.must(t, "tick", err)
		if again, err := f.Tick(ctx); err != nil || again != 0 {
			t.Errorf("%s, once more: %d, %v", tt.at, again, err)
		}
		i, err := f.Issue(ctx, f.party, ref)
		if err != nil || n != tt.did || i.State != tt.state {
			t.Errorf("%s: %d steps, %s, %v; want %d, %s", tt.at, n, i.State, err, tt.did, tt.state)
		}
	}
	i, err := f.Issue(ctx, f.chair, ref)
	if err != nil || i.QueueReason != "overdue" {
		t.Errorf("reason %s, %v; want overdue", i.QueueReason, err)
	}
	events, err := f.Events(ctx, f.party, i)
	f.must(t, "events", err)
	var steps []string
	for n, e := range events {
		if e.Kind == feedback.ActRemind {
			steps = append(steps, string(e.Data))
		}
		if n > 0 && e.At.Before(events[n-1].At) {
			t.Errorf("event %d is older than the one before it", n)
		}
	}
	if len(steps) != 5 {
		t.Errorf("steps %v, want five", steps)
	}
	f.at(t, "2026-12-08 12:00")
	facts, err := f.IssueFacts(ctx, 2026, f.now)
	if u := facts[f.unit.Unit]; err != nil || len(u.Overdue) != 1 || u.Overdue[0] != 6 {
		t.Errorf("overdue %v, %v; want 6 working days", u.Overdue, err)
	}
}

func TestClassAGoesToTheLeadingGroupAtOnce(t *testing.T) {
	f := setup(t)
	ref := f.raise(t)
	f.must(t, "register", f.Register(t.Context(), f.government, ref, feedback.Registration{Grade: "A", Lead: f.unit.Unit}, f.key()))
	if q, err := f.Queue(t.Context(), f.chair); err != nil || len(q) != 1 || q[0].QueueReason != "class_a" {
		t.Errorf("%+v, %v", q, err)
	}
}

// Every act in every state by everybody: what the table of transitions does not
// allow is refused, and changes nothing.
func TestIllegalActsAreRefused(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	acts := map[feedback.Act]func(a org.Actor, ref string) error{
		feedback.ActRegister: func(a org.Actor, ref string) error {
			return f.Register(ctx, a, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key())
		},
		feedback.ActSign:  func(a org.Actor, ref string) error { return f.Sign(ctx, a, ref, f.key()) },
		feedback.ActReply: func(a org.Actor, ref string) error { return f.Reply(ctx, a, ref, text, f.key()) },
		feedback.ActAnswer: func(a org.Actor, ref string) error {
			return f.Answer(ctx, a, ref, feedback.Answer{Result: "solved", Text: text}, f.key())
		},
		feedback.ActAccept: func(a org.Actor, ref string) error {
			return f.Confirm(ctx, a, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key())
		},
		feedback.ActRefuse: func(a org.Actor, ref string) error {
			return f.Confirm(ctx, a, ref, feedback.Verdict{Reason: "没有解决问题"}, f.key())
		},
		feedback.ActOrder: func(a org.Actor, ref string) error {
			_, err := f.IssueOrder(ctx, a, ref, feedback.OrderDraft{Lead: f.unit.Unit, Requirement: "限期办结并答复企业。", Days: 3}, f.key())
			return err
		},
		feedback.ActReceive: func(a org.Actor, ref string) error { return f.ReceiveOrder(ctx, a, ref, f.key()) },
		feedback.ActReport: func(a org.Actor, ref string) error {
			return f.Report(ctx, a, ref, feedback.Answer{Result: "solved", Text: text}, f.key())
		},
		feedback.ActFeedBack: func(a org.Actor, ref string) error { return f.FeedBack(ctx, a, ref, text, "portal", f.key()) },
		feedback.ActWithdraw: func(a org.Actor, ref string) error { return f.Withdraw(ctx, a, ref, f.key()) },
	}
	actors := map[string]org.Actor{"company": f.company, "rival": f.rival, "unit": f.unit, "other": f.other, "party": f.party, "chair": f.chair, "member": f.member, "watch": f.watch, "clerk": f.clerk, "public": {}}
	path := []struct {
		state feedback.State
		act   feedback.Act
		by    org.Actor
	}{{feedback.Raised, feedback.ActRegister, f.party}, {feedback.Registered, feedback.ActSign, f.unit}, {feedback.InProgress, feedback.ActAnswer, f.unit},
		{feedback.Answered, feedback.ActRefuse, f.company}, {feedback.InProgress, feedback.ActAnswer, f.unit}, {feedback.Answered, feedback.ActRefuse, f.company},
		{feedback.Queued, feedback.ActOrder, f.chair}, {feedback.Ordered, feedback.ActReceive, f.unit}, {feedback.Ordered, feedback.ActReport, f.unit},
		{feedback.ResultReady, feedback.ActFeedBack, f.party}, {feedback.Answered, feedback.ActAccept, f.company}, {feedback.Closed, "", org.Actor{}}}
	ref := f.raise(t)
	for step, p := range path {
		i, err := f.Issue(ctx, f.company, ref)
		if err != nil || i.State != p.state {
			t.Fatalf("step %d: state %s, %v; want %s", step, i.State, err, p.state)
		}
		for name, a := range actors {
			for act, do := range acts {
				if i.May(a, act) {
					continue
				}
				if err := do(a, ref); err == nil || fault.Of(err) == nil {
					t.Errorf("step %d (%s): %s by %s: %v, want a refusal", step, p.state, act, name, err)
				}
			}
		}
		if p.act != "" {
			f.must(t, string(p.act), acts[p.act](p.by, ref))
		}
	}
}

func TestWhoSeesWhat(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref, err := f.Raise(ctx, f.company, feedback.IssueDraft{Category: 2, Title: "匿名反映收费问题", Body: "检查时要求交没有票据的费用，希望查一查。", NameShown: "chamber", Lang: "zh-CN"}, f.key())
	f.must(t, "raise", err)
	for name, a := range map[string]org.Actor{"rival": f.rival, "unit": f.unit, "chair before the queue": f.chair, "clerk": f.clerk, "public": {}} {
		if _, err := f.Issue(ctx, a, ref); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "A", Lead: f.unit.Unit}, f.key()))
	for name, a := range map[string]org.Actor{"office": f.party, "unit": f.unit, "chair": f.chair, "watch": f.watch} {
		i, err := f.Issue(ctx, a, ref)
		if err != nil || i.CompanyName.ZH != "" || i.Company != 0 {
			t.Errorf("%s sees the company %q, %v", name, i.CompanyName.ZH, err)
		}
		events, err := f.Events(ctx, a, i)
		if err != nil || len(events) == 0 || events[0].Actor != "" {
			t.Errorf("%s sees who raised it: %+v, %v", name, events, err)
		}
	}
}

func TestSameKeyTwiceIsOneIssue(t *testing.T) {
	f := setup(t)
	d := feedback.IssueDraft{Category: 1, Title: "用地指标", Body: "口岸仓库用地指标一直没有批复，请予以协调解决。", NameShown: "unit", Lang: "zh-CN"}
	done := make(chan string, 20)
	for range 20 {
		go func() {
			ref, err := f.Raise(context.Background(), f.company, d, "one and the same key")
			if err != nil {
				ref = err.Error()
			}
			done <- ref
		}()
	}
	got := map[string]int{}
	for range 20 {
		got[<-done]++
	}
	if len(got) != 1 || got["NJ-2026-0001"] != 20 {
		t.Errorf("answers %v, want the same number 20 times", got)
	}
	if _, n, err := f.Issues(t.Context(), f.company, feedback.IssueFilter{Size: 9}); err != nil || n != 1 {
		t.Errorf("%d issues, %v, %v; want 1", n, got, err)
	}
}

func TestFilesThatActAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		key     string
	}{
		"script in PDF": {"%PDF-1.4 /JavaScript (x) %%EOF", "file.active"},
		"launch in PDF": {"%PDF-1.4 /Launch %%EOF", "file.active"},
		"cut PDF":       {"%PDF-1.4", "file.broken"},
		"word":          {"PK\x03\x04 word", "file.type"},
		"html":          {"<html>", "file.type"},
		"empty":         {"", "file.empty"},
		"fake jpeg":     {"\xff\xd8\xff nonsense", "file.broken"},
		"plain PDF":     {"%PDF-1.4 text %%EOF", ""},
	} {
		_, err := feedback.ReadFile("x", []byte(tt.content))
		if got := fault.FieldsOf(err)["files"].Key; got != tt.key {
			t.Errorf("%s: %q, want %q", name, got, tt.key)
		}
	}
}

// Everybody's list begins with what waits for himself, whatever is due sooner
// elsewhere.
func TestListsBeginWithWhatWaitsForTheReader(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	takeUp := func(grade string) string {
		ref := f.raise(t)
		f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: grade, Lead: f.unit.Unit}, f.key()))
		f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
		return ref
	}
	soon, later := takeUp("C"), takeUp("B")
	answered := takeUp("C")
	f.must(t, "answer", f.Answer(ctx, f.unit, answered, feedback.Answer{Result: "solved", Text: "已经现场办公解决，并当面答复企业负责人。"}, f.key()))
	fresh := f.raise(t)
	for name, tt := range map[string]struct {
		reader org.Actor
		want   []string
	}{
		"company": {f.company, []string{answered, fresh, soon, later}},
		"unit":    {f.unit, []string{soon, later, answered}},
		"office":  {f.party, []string{fresh, answered, soon, later}},
	} {
		list, _, err := f.Issues(ctx, tt.reader, feedback.IssueFilter{Open: true, Page: 1, Size: 9})
		f.must(t, name, err)
		var got []string
		for _, i := range list {
			got = append(got, i.Ref)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s reads %v, want %v", name, got, tt.want)
		}
	}
}
