package org_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/org"
)

func TestDelegationDraft(t *testing.T) {
	good := org.DelegationDraft{To: 2, From: "2026-11-23", Until: "2026-11-30", Reason: "外出招商"}
	for name, c := range map[string]struct {
		change func(*org.DelegationDraft)
		field  string
	}{
		"good":         {func(*org.DelegationDraft) {}, ""},
		"one day":      {func(d *org.DelegationDraft) { d.Until = d.From }, ""},
		"92 days":      {func(d *org.DelegationDraft) { d.Until = "2027-02-22" }, ""}, // 8 + 31 + 31 + 22
		"93 days":      {func(d *org.DelegationDraft) { d.Until = "2027-02-23" }, "until"},
		"nobody":       {func(d *org.DelegationDraft) { d.To = 0 }, "to"},
		"yesterday":    {func(d *org.DelegationDraft) { d.From = "2026-11-22" }, "from"},
		"backwards":    {func(d *org.DelegationDraft) { d.From = "2026-12-01" }, "until"},
		"no date":      {func(d *org.DelegationDraft) { d.Until = "soon" }, "until"},
		"short reason": {func(d *org.DelegationDraft) { d.Reason = "出差" }, "reason"},
	} {
		d := good
		c.change(&d)
		f := d.Check("2026-11-23")
		if _, there := f[c.field]; c.field == "" && len(f) > 0 || c.field != "" && (len(f) != 1 || !there) {
			t.Errorf("%s: %v, want a problem of %q alone", name, f, c.field)
		}
	}
}

// TestS02DelegationHasDays: a member signs for the chair on the days given and no
// others, until it is taken back or the chair leaves; two never sign at once.
func TestS02DelegationHasDays(t *testing.T) {
	f := store(t)
	ctx := t.Context()
	bodies, err := f.Bodies(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var group org.BodyID
	for _, b := range bodies {
		if b.Kind == org.BodyLeadingGroup {
			group = b.ID
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]org.AccountID{}
	for login, post := range map[string]org.Post{"chair": org.PostChair, "one": org.PostMember, "two": org.PostMember} {
		id, _, err := f.CreateAccount(ctx, operator, org.Account{Login: login, Name: login, Role: org.RoleLeader, Body: group})
		must(err)
		must(f.Appoint(ctx, operator, group, id, post))
		ids[login] = id
	}
	signs := func(login string) bool {
		t.Helper()
		a, err := f.ActorOf(ctx, login)
		must(err)
		return a.MaySign()
	}
	chair, err := f.ActorOf(ctx, "chair")
	must(err)
	one, err := f.ActorOf(ctx, "one")
	must(err)
	today := "2026-11-23"
	d := org.DelegationDraft{To: ids["one"], From: today, Until: today, Reason: "外出招商"}
	if err := f.Delegate(ctx, one, d, "idem-delegate-0"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a member delegates: %v", err)
	}
	self := d
	self.To = ids["chair"]
	if f := fault.Of(f.Delegate(ctx, chair, self, "idem-delegate-1")); f == nil || len(f.Fields) != 1 {
		t.Errorf("the chair delegates to himself: %v", f)
	}
	for range 2 {
		must(f.Delegate(ctx, chair, d, "idem-delegate-2"))
	}
	if !signs("one") || signs("two") {
		t.Error("the day of the delegation: want one to sign and two not")
	}
	second := d
	second.To = ids["two"]
	if f := fault.Of(f.Delegate(ctx, chair, second, "idem-delegate-3")); f == nil || len(f.Fields) != 1 {
		t.Errorf("a second delegate on the same day: %v", f)
	}
	f.now = f.now.AddDate(0, 0, 1)
	if signs("one") {
		t.Error("the day after it, the delegate signs still")
	}
	tomorrow := "2026-11-24"
	second.From, second.Until = tomorrow, tomorrow
	must(f.Delegate(ctx, chair, second, "idem-delegate-4"))
	all, err := f.Delegations(ctx, chair)
	if err != nil || len(all) != 2 || all[0].TakerName != "two" || all[0].State(tomorrow) != "in-force" || all[1].State(tomorrow) != "over" {
		t.Errorf("delegations: %+v, %v", all, err)
	}
	if !signs("two") {
		t.Error("two does not sign on his day")
	}
	must(f.TakeBack(ctx, chair, all[0].ID))
	if signs("two") {
		t.Error("two signs after it was taken back")
	}
	must(f.Delegate(ctx, chair, second, "idem-delegate-5"))
	must(f.Dismiss(ctx, operator, group, ids["chair"]))
	if signs("two") {
		t.Error("two signs for a chair who left")
	}
}
