package feedback_test

import (
	"errors"
	"strings"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// TestAnonymousByCode: the code alone opens the issue, the database holds neither the
// code nor the form's key nor a person, and the issue goes the usual way.
func TestAnonymousByCode(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	d := feedback.IssueDraft{Category: 12, Title: "检查时要求订阅报刊", Body: "检查组走之前要求每家企业订两份报刊，不订就说整改不到位。", Lang: "zh-CN"}
	if _, _, err := f.RaiseAnonymous(ctx, feedback.IssueDraft{Category: 12, Title: "短", Lang: "zh-CN"}, f.key()); fault.Of(err) == nil || len(fault.Of(err).Fields) != 2 {
		t.Errorf("too short: %v", err)
	}
	key := "a-form-key-of-sixteen"
	ref, code, err := f.RaiseAnonymous(ctx, d, key)
	f.must(t, "raise", err)
	if again, same, err := f.RaiseAnonymous(ctx, d, key); err != nil || again != ref || same != code {
		t.Errorf("a double click: %s %s, %v; want %s and the same code", again, same, err, ref)
	}
	if other, another, err := f.RaiseAnonymous(ctx, d, key+"x"); err != nil || other == ref || another == code {
		t.Errorf("another form gives %s %s, %v", other, another, err)
	}
	if plain := feedback.NormalCode(code); len(plain) != feedback.FollowLetters || feedback.NormalCode(strings.ToLower(strings.ReplaceAll(code, "-", " "))) != plain {
		t.Errorf("code %q", code)
	}
	for _, q := range []string{`SELECT count(*) FROM issues i WHERE i::text ~* $1`, `SELECT count(*) FROM issue_events e WHERE e::text ~* $1`, `SELECT count(*) FROM follow_codes c WHERE c::text ~* $1`, `SELECT count(*) FROM audit a WHERE a::text ~* $1`} {
		var n int
		if err := f.db.Get(&n, q, code+"|"+feedback.NormalCode(code)+"|"+key); err != nil || n != 0 {
			t.Errorf("%s: %d rows hold the code or the form's key, %v", q, n, err)
		}
	}
	var people int
	if err := f.db.Get(&people, `SELECT count(*) FROM issues i JOIN issue_events e ON e.issue_id = i.id WHERE i.ref = $1 AND (i.company_id IS NOT NULL OR i.raised_by IS NOT NULL OR e.actor IS NOT NULL)`, ref); err != nil || people != 0 {
		t.Errorf("a person is kept: %d, %v", people, err)
	}
	for _, wrong := range []string{"", "x", strings.Repeat("0", 20), code[:len(code)-1] + "!"} {
		if _, _, err := f.Follow(ctx, wrong); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("code %q: %v, want ErrNotFound", wrong, err)
		}
	}
	f.anonymousLife(t, ref, code)
}

// anonymousLife goes to the end of an anonymous issue; the public without the code
// does nothing to it.
func (f *fixture) anonymousLife(t *testing.T, ref, code string) {
	t.Helper()
	ctx := t.Context()
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	for who, a := range map[string]org.Actor{"unit": f.unit, "office": f.party, "supervision": f.watch} {
		if i, err := f.Issue(ctx, a, ref); err != nil || i.CompanyName.ZH != "" || i.Company != 0 || i.Body == "" {
			t.Errorf("%s reads company %d %q, %v", who, i.Company, i.CompanyName.ZH, err)
		}
	}
	own, i, err := f.Follow(ctx, strings.ToLower(code))
	f.must(t, "follow", err)
	if i.Ref != ref || i.Deadline == nil {
		t.Errorf("the code opens %s, deadline %v", i.Ref, i.Deadline)
	}
	f.must(t, "message", own.Message(ctx, org.Public, ref, "当天还有两家企业也被要求订阅。", nil, f.key()))
	if err := f.Message(ctx, org.Public, ref, "没有查询码的人", nil, f.key()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a message without the code: %v, want ErrNotFound", err)
	}
	other := f.raise(t)
	if _, err := own.Issue(ctx, org.Public, other); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the code opens another issue: %v", err)
	}
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	f.must(t, "refuse", own.Confirm(ctx, org.Public, ref, feedback.Verdict{Reason: "仍在要求订阅"}, f.key()))
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	if err := f.Confirm(ctx, org.Public, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("accepted without the code: %v", err)
	}
	f.must(t, "accept", own.Confirm(ctx, org.Public, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, f.key()))
	events, err := own.Events(ctx, org.Public, i)
	f.must(t, "events", err)
	for _, e := range events {
		if e.Actor != "" || e.Internal {
			t.Errorf("the sender reads %+v", e)
		}
		if (e.Kind == feedback.ActMessage || e.Kind == feedback.ActAccept) && e.Role != "anonymous" {
			t.Errorf("%s by %s, want anonymous", e.Kind, e.Role)
		}
	}
	if i, err := own.Issue(ctx, org.Public, ref); err != nil || i.State != feedback.Closed {
		t.Errorf("ended as %s, %v", i.State, err)
	}
}

// TestAnonymousFlood: the county takes so many anonymous issues an hour and no more.
func TestAnonymousFlood(t *testing.T) {
	f := setup(t)
	d := feedback.IssueDraft{Category: 12, Title: "检查时要求订阅报刊", Body: "检查组走之前要求每家企业订两份报刊，不订就说整改不到位。", Lang: "zh-CN"}
	for n := range feedback.MaxAnonymousHour + 1 {
		_, _, err := f.RaiseAnonymous(t.Context(), d, f.key())
		if full := n == feedback.MaxAnonymousHour; errors.Is(err, feedback.ErrFlood) != full || !full && err != nil {
			t.Fatalf("issue %d: %v", n+1, err)
		}
	}
}
