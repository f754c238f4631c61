package feedback_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// The result of the members' answers, worked by hand.
func TestS25MembersDecide(t *testing.T) {
	v := func(s string) (out []feedback.Vote) { // "solved:s not:vd"
		for _, f := range strings.Fields(s) {
			verdict, level, _ := strings.Cut(f, ":")
			out = append(out, feedback.Vote{Verdict: verdict, Satisfied: level})
		}
		return out
	}
	for _, c := range []struct {
		members int
		votes   string
		over    bool
		ready   bool
		want    string
	}{
		{3, "", true, false, " "},
		{3, "solved:s", false, false, "solved s"},
		{3, "solved:s", true, true, "solved s"},
		{3, "solved:s partly:b not:vd", false, true, "partly b"},  // two of three at least in part; one of three solved is no half
		{3, "solved:vs solved:s not:vd", false, true, "solved s"}, // two of three
		{2, "solved:vs not:d", false, true, "not d"},              // as many: not accepted; the worse of two middle levels
		{4, "solved:vs solved:s partly:s partly:b", false, true, "partly s"},
		{4, "not:vd not:vd not:d partly:b", false, true, "not vd"},
	} {
		p := feedback.Count(c.members, v(c.votes), c.over)
		if got := p.Verdict + " " + p.Satisfied; got != c.want || p.Ready != c.ready || p.Accept != (p.Verdict == "solved" || p.Verdict == "partly") {
			t.Errorf("%d members, %q, over %t: %q ready %t accept %t; want %q ready %t", c.members, c.votes, c.over, got, p.Ready, p.Accept, c.want, c.ready)
		}
	}
}

// chamber adds the chamber and two more member companies to the fixture.
func (f *fixture) chamber(t *testing.T) (chamber org.Actor, members []org.Actor) {
	t.Helper()
	orgs := org.NewStore(f.db, f.clock, []byte("secret"), org.Quick)
	op := org.Actor{Role: org.RoleOperator}
	bodies, err := orgs.Bodies(t.Context())
	f.must(t, "bodies", err)
	var chamberBody org.BodyID
	for _, b := range bodies {
		if b.Kind == org.BodyChamber {
			chamberBody = b.ID
		}
	}
	account := func(login string, a org.Account) org.Actor {
		a.Login, a.Name = login, login
		_, _, err := orgs.CreateAccount(t.Context(), op, a)
		f.must(t, "account", err)
		actor, err := orgs.ActorOf(t.Context(), login)
		f.must(t, "actor", err)
		return actor
	}
	for n := range 3 {
		first := fmt.Sprintf("91231121MA190001%d", n)
		id, err := orgs.SaveCompany(t.Context(), op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: fmt.Sprintf("会员甲乙丙%d号公司", n)}, Origin: "local", Sector: "food", RaterGroup: "G1", Member: true})
		f.must(t, "company", err)
		members = append(members, account(fmt.Sprintf("member-%d", n), org.Account{Role: org.RoleCompany, Company: id}))
	}
	return account("chamber", org.Account{Role: org.RoleChamber, Body: chamberBody}), members
}

func collectiveDraft(members ...org.Actor) feedback.CollectiveDraft {
	d := feedback.CollectiveDraft{IssueDraft: feedback.IssueDraft{Category: 7, Title: "冬季用气价格上浮没有依据", Body: "几家企业十月起用气单价上浮两成，供气公司说是统一调价，没有见到文件。", Lang: "zh-CN"}}
	for _, m := range members {
		d.Members = append(d.Members, m.Company)
	}
	return d
}

// TestS25CollectiveIssue: the issue carries the chamber's name; nobody outside the
// chamber finds a member's name, not in the issue, its events, the audit log or the
// messages, until the member agrees; the members' answers decide how it ends.
func TestS25CollectiveIssue(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	chamber, m := f.chamber(t)
	if _, err := f.RaiseCollective(ctx, chamber, collectiveDraft(m[0]), f.key()); fault.Of(err) == nil || fault.Of(err).Fields["members"].Key == "" {
		t.Errorf("one member only: %v, want a fault of members", err)
	}
	if _, err := f.RaiseCollective(ctx, m[0], collectiveDraft(m...), f.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a company files it: %v", err)
	}
	key := f.key()
	ref, err := f.RaiseCollective(ctx, chamber, collectiveDraft(m[0], m[1]), key)
	f.must(t, "file", err)
	if again, err := f.RaiseCollective(ctx, chamber, collectiveDraft(m[0], m[1]), key); err != nil || again != ref {
		t.Errorf("the same post: %s, %v", again, err)
	}
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	f.hidden(t, ref, m...)

	if _, err := f.Issue(ctx, m[2], ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company that is no member: %v, want ErrNotFound", err)
	}
	if _, err := f.Issue(ctx, f.company, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company outside the chamber: %v, want ErrNotFound", err)
	}
	if err := f.Join(ctx, f.company, ref, false); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company outside the chamber joins: %v, want ErrNotFound", err)
	}
	f.must(t, "join", f.Join(ctx, m[2], ref, true))
	if named := f.named(t, f.unit, ref); named != "会员甲乙丙2号公司" {
		t.Errorf("the unit reads %q, want the member that agreed", named)
	}
	f.must(t, "hide again", f.Join(ctx, m[2], ref, false))
	f.hidden(t, ref, m...)
	if list, _, err := f.Issues(ctx, m[0], feedback.IssueFilter{Page: 1, Size: 10}); err != nil || len(list) != 1 || list[0].Ref != ref {
		t.Errorf("a member's list: %v, %v", list, err)
	}
	f.collectiveEnds(t, ref, chamber, m)
	f.hidden(t, ref, m...)
}

// collectiveEnds: the unit answers, the members refuse, then accept.
func (f *fixture) collectiveEnds(t *testing.T, ref string, chamber org.Actor, m []org.Actor) {
	t.Helper()
	ctx := t.Context()
	answer := feedback.Answer{Result: "solved", Text: text}
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, answer, f.key()))
	if err := f.Confirm(ctx, chamber, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "vs"}, f.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("the chamber accepts without its members: %v", err)
	}
	if err := f.Confirm(ctx, m[0], ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "vs"}, f.key()); !errors.Is(err, fault.ErrForbidden) && !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a member closes it alone: %v", err)
	}
	vote := func(a org.Actor, verdict, level string) {
		t.Helper()
		f.must(t, "vote", f.AnswerPoll(ctx, a, ref, feedback.Vote{Verdict: verdict, Satisfied: level}))
	}
	vote(m[0], "not", "vd")
	vote(m[1], "solved", "s")
	if err := f.CloseCollective(ctx, chamber, ref, "多数会员认为没有解决", f.key()); fault.Of(err) == nil || fault.Of(err).Fields["reason"].Key != "collective.not-ready" {
		t.Errorf("closed before all answered: %v", err)
	}
	vote(m[2], "not", "d")
	if err := f.CloseCollective(ctx, chamber, ref, "", f.key()); fault.Of(err) == nil {
		t.Errorf("refused without a reason: %v", err)
	}
	f.must(t, "refuse", f.CloseCollective(ctx, chamber, ref, "多数会员认为没有解决", f.key()))
	f.must(t, "answer again", f.Answer(ctx, f.unit, ref, answer, f.key()))
	i, err := f.Issue(ctx, chamber, ref)
	f.must(t, "read", err)
	if p, err := f.PollOf(ctx, chamber, i); err != nil || p.Answers != 0 || p.Members != 3 {
		t.Errorf("answers to the first answer count for the second: %+v, %v", p, err)
	}
	vote(m[0], "solved", "s")
	vote(m[0], "partly", "b") // the last one counts
	f.must(t, "leave", f.Leave(ctx, m[2], ref))
	if err := f.AnswerPoll(ctx, m[2], ref, feedback.Vote{Verdict: "not", Satisfied: "vd"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("who left answers: %v", err)
	}
	vote(m[1], "solved", "s")
	f.must(t, "accept", f.CloseCollective(ctx, chamber, ref, "", f.key()))
	if i, err = f.Issue(ctx, m[0], ref); err != nil || i.State != feedback.Closed || i.Verdict != "partly" || i.Satisfied != "b" {
		t.Errorf("ended as %s %s %s, %v; want closed partly b", i.State, i.Verdict, i.Satisfied, err)
	}
}

// named are the members a reader finds.
func (f *fixture) named(t *testing.T, by org.Actor, ref string) string {
	t.Helper()
	i, err := f.Issue(t.Context(), by, ref)
	f.must(t, "read", err)
	all, err := f.Members(t.Context(), by, i)
	f.must(t, "members", err)
	var names []string
	for _, m := range all {
		names = append(names, m.Name.ZH)
		if m.Company != 0 || m.Verdict != "" {
			t.Errorf("%s reads more than a name: %+v", by.Role, m)
		}
	}
	return strings.Join(names, " ")
}

// hidden looks for the members wherever somebody outside the chamber could find them.
func (f *fixture) hidden(t *testing.T, ref string, members ...org.Actor) {
	t.Helper()
	ctx := t.Context()
	for who, a := range map[string]org.Actor{"unit": f.unit, "party office": f.party, "government office": f.government, "supervision": f.watch} {
		i, err := f.Issue(ctx, a, ref)
		f.must(t, who, err)
		if i.Company != 0 || i.CompanyName.ZH == "" || strings.Contains(fmt.Sprintf("%+v", i), "会员甲乙丙") {
			t.Errorf("%s: company %d %q, want the chamber's name alone", who, i.Company, i.CompanyName.ZH)
		}
		if names := f.named(t, a, ref); names != "" {
			t.Errorf("%s finds the members %s", who, names)
		}
		events, err := f.Events(ctx, a, i)
		f.must(t, who, err)
		if strings.Contains(fmt.Sprintf("%+v", events), "member-") {
			t.Errorf("%s: a member in the events", who)
		}
		if hits, err := f.FindIssues(ctx, a, "会员甲乙丙", 5); err != nil || len(hits) > 0 {
			t.Errorf("%s finds %d issues by a member's name, %v", who, len(hits), err)
		}
	}
	var rows []string
	f.must(t, "audit", f.db.SelectContext(ctx, &rows, `SELECT coalesce(actor::text, '') || ' ' || action || ' ' || detail::text FROM audit WHERE object = $1`, "issue:"+ref))
	if len(rows) < 3 {
		t.Errorf("%d audit rows", len(rows))
	}
	for _, r := range rows {
		for _, m := range members {
			if strings.HasPrefix(r, fmt.Sprintf("%d ", m.Account)) || !strings.HasSuffix(r, " {}") {
				t.Errorf("the audit log tells of a member: %s", r)
			}
		}
	}
}
