package care_test

import (
	"errors"
	"testing"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

func (v *village) draft() care.GroupDraft {
	return care.GroupDraft{Project: v.project, Leader: v.who["deputy"].Account, Units: []org.UnitID{v.who["d01"].Unit, v.who["d02"].Unit}, Plan: "落实用电增容，每季度现场办公一次",
		From: "2026-11-01", Until: "2027-10-31"}
}

// missing are the numbers of the key projects without a sponsor group at work.
func (v *village) missing() string {
	v.t.Helper()
	list, err := v.sponsors.Missing(v.t.Context(), v.who["office"])
	v.must(err)
	out := ""
	for _, p := range list {
		out += p.No + " "
	}
	return out
}

func TestSponsorDraftChecks(t *testing.T) {
	v := newVillage(t)
	for name, x := range map[string]struct {
		change func(*care.GroupDraft)
		field  string
	}{
		"of nothing":                 {func(d *care.GroupDraft) { d.Project = 0 }, "project"},
		"of two things":              {func(d *care.GroupDraft) { d.Licence = "912311" }, "licence"},
		"of a project that is none":  {func(d *care.GroupDraft) { d.Project = 987 }, "project"},
		"of a company that is none":  {func(d *care.GroupDraft) { d.Project, d.Licence = 0, "912311" }, "licence"},
		"without a leader":           {func(d *care.GroupDraft) { d.Leader = 0 }, "leader"},
		"led by the head of a unit":  {func(d *care.GroupDraft) { d.Leader = v.who["headed"].Account }, "leader"},
		"led by an official":         {func(d *care.GroupDraft) { d.Leader = v.who["d01"].Account }, "leader"},
		"without units":              {func(d *care.GroupDraft) { d.Units = nil }, "units"},
		"with a unit that is none":   {func(d *care.GroupDraft) { d.Units = []org.UnitID{987} }, "units"},
		"without a plan":             {func(d *care.GroupDraft) { d.Plan = "无" }, "plan"},
		"with a term that runs back": {func(d *care.GroupDraft) { d.Until = "2026-10-31" }, "until"},
		"with a term of ten years":   {func(d *care.GroupDraft) { d.Until = "2036-10-31" }, "until"},
		"without a term":             {func(d *care.GroupDraft) { d.From = "" }, "from"},
	} {
		d := v.draft()
		x.change(&d)
		if _, err := v.sponsors.SetUp(t.Context(), v.who["office"], d, v.key()); fault.FieldsOf(err)[x.field].Key == "" {
			t.Errorf("%s: %v, want a problem of %s", name, err, x.field)
		}
	}
}

// TestS22KeyProjectHasAnActiveSponsorGroup: a key project without a group at work is
// shown as missing, before its term, after it, and when the group was ended; a common
// project is not. Two groups at a time there cannot be.
func TestS22KeyProjectHasAnActiveSponsorGroup(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	office := v.who["office"]
	if got := v.missing(); got != "XM-1 " {
		t.Errorf("without groups %q is missing, want XM-1", got)
	}
	id, err := v.sponsors.SetUp(ctx, office, v.draft(), "key-of-the-group-form")
	v.must(err)
	if again, err := v.sponsors.SetUp(ctx, office, v.draft(), "key-of-the-group-form"); err != nil || again != id {
		t.Errorf("the same form again: %d, %v; want %d", again, err, id)
	}
	if _, err := v.sponsors.SetUp(ctx, office, v.draft(), v.key()); fault.FieldsOf(err)["project"].Key != "sponsor.has-one" {
		t.Errorf("a second group beside one at work: %v", err)
	}
	for _, x := range []struct {
		day  calendar.Date
		want string
	}{{"2026-10-31", "XM-1 "}, {"2026-11-01", ""}, {"2027-10-31", ""}, {"2027-11-01", "XM-1 "}} {
		v.day(x.day)
		if got := v.missing(); got != x.want {
			t.Errorf("on %s %q is missing, want %q", x.day, got, x.want)
		}
	}
	next := v.draft()
	next.From, next.Until = "2027-11-01", "2028-10-31"
	second, err := v.sponsors.SetUp(ctx, office, next, v.key()) // the term is over: it ends with it
	v.must(err)
	if got := v.missing(); got != "" {
		t.Errorf("with the next group %q is missing", got)
	}
	if g, err := v.sponsors.Group(ctx, office, id); err != nil || g.Ended != "2027-11-01" || g.State("2027-11-02") != "ended" {
		t.Errorf("the group whose term is over: %+v, %v", g, err)
	}
	change := next
	change.Leader, change.Version = v.who["member"].Account, 1
	v.must(v.sponsors.Change(ctx, office, second, change))
	if err := v.sponsors.Change(ctx, office, second, change); !errors.Is(err, care.ErrGroupChanged) {
		t.Errorf("saved over a version that is gone: %v", err)
	}
	if err := v.sponsors.End(ctx, v.who["d01"], second, "不需要了"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit ends a group: %v", err)
	}
	v.must(v.sponsors.End(ctx, office, second, "项目已投产，转入日常服务"))
	if got := v.missing(); got != "XM-1 " {
		t.Errorf("after the end %q is missing, want XM-1", got)
	}
	if err := v.sponsors.End(ctx, office, second, "项目已投产，转入日常服务"); !errors.Is(err, care.ErrGroupEnded) {
		t.Errorf("ended twice: %v", err)
	}
}

// TestS22WhoSeesWhat: the leader sees all items of his company in which it is named, a
// member unit only its enterprises and of them only its own items, never whether a sheet
// came back; another leader and another unit see nothing.
func TestS22WhoSeesWhat(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	office, d1, d2, leader := v.who["office"], v.who["d01"], v.who["d02"], v.who["deputy"]
	id, err := v.sponsors.SetUp(ctx, office, v.draft(), v.key())
	v.must(err)
	for i, shown := range []string{"unit", "unit", "offices", "chamber"} {
		ref, err := v.feedback.Raise(ctx, v.who["acme"], feedback.IssueDraft{Category: 2, Title: "问题" + shown, Body: "施工许可材料三个月前已经交齐，至今没有办下来，问过多次都没有答复，影响厂房开工。", NameShown: shown, Lang: "zh-CN"}, v.key())
		v.must(err)
		if i > 0 { // the first is not registered yet
			v.must(v.feedback.Register(ctx, office, ref, feedback.Registration{Grade: "C", Lead: d1.Unit}, v.key()))
		}
	}
	visit, err := v.feedback.RecordVisit(ctx, d1, feedback.VisitRecord{Company: v.who["acme"].Company, On: "2026-11-02", Staff: "张某", Purpose: "上门服务"}, v.key())
	v.must(err)
	_, err = v.feedback.FileSheet(ctx, v.who["acme"], visit, "", feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s"}, Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, v.key())
	v.must(err)
	for login, want := range map[string]struct {
		groups, issues, visits, returned int
		sees                             bool
	}{"deputy": {1, 2, 1, 1, true}, "d01": {1, 1, 1, 0, true}, "d02": {1, 0, 0, 0, true}, "office": {1, 3, 1, 1, true},
		"d03": {0, 0, 0, 0, false}, "acme": {1, 0, 0, 0, false}, "rival": {0, 0, 0, 0, false}, "clerk": {1, 0, 0, 0, false}, "member": {1, 0, 0, 0, false}} {
		a := v.who[login]
		list, n, err := v.sponsors.Groups(ctx, a, false, 1, 9)
		if err != nil || n != want.groups {
			t.Fatalf("%s sees %d groups, %v; want %d", login, n, err, want.groups)
		}
		g, err := v.sponsors.Group(ctx, a, id)
		if want.groups == 0 {
			if !errors.Is(err, fault.ErrNotFound) || len(list) != 0 {
				t.Errorf("%s opens the group: %v", login, err)
			}
			continue
		}
		v.must(err)
		view, sees, err := v.sponsors.View(ctx, a, g)
		v.must(err)
		returned := 0
		for _, x := range view.Visits {
			returned += x.Returned
		}
		if sees != want.sees || len(view.Issues) != want.issues || len(view.Visits) != want.visits || returned != want.returned {
			t.Errorf("%s: sees %t, %d issues, %d units that visit, %d sheets; want %+v", login, sees, len(view.Issues), len(view.Visits), returned, want)
		}
	}
	if list, n, err := v.sponsors.Groups(ctx, v.who["member"], true, 1, 9); err != nil || n != 0 {
		t.Errorf("a leader who leads none has %d groups of his own (%v), %v", n, list, err)
	}
	v.day("2027-11-01") // the term is over
	g, err := v.sponsors.Group(ctx, leader, id)
	v.must(err)
	if _, sees, err := v.sponsors.View(ctx, leader, g); err != nil || sees {
		t.Errorf("the leader still sees the company's items after the term: %t, %v", sees, err)
	}
	if _, err := v.sponsors.Group(ctx, d2, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a member unit still opens the group after the term: %v", err)
	}
}
