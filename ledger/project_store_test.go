package ledger

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

var keeper = org.Actor{Account: 1, Role: org.RoleCampaignAdmin}

func draft() ProjectDraft {
	return ProjectDraft{No: "XM-001", ZH: "蛋白页岩开发项目", EN: "Opal-shale development", RU: "Опаловые сланцы", Investor: "某投资公司", Area: "county", Class: "industry",
		State: "contract", Key: true, LeadingOrg: "项目领导小组", Person: "甲某", Post: "副县长"}
}

func TestDraftChecks(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ProjectDraft)
		field  string
	}{
		"as it should be":              {func(*ProjectDraft) {}, ""},
		"a common project needs less":  {func(d *ProjectDraft) { d.Key, d.LeadingOrg, d.Person, d.Post = false, "", "", "" }, ""},
		"key without leading group":    {func(d *ProjectDraft) { d.LeadingOrg = "" }, "leading_org"},
		"key without person":           {func(d *ProjectDraft) { d.Person = "" }, "person"},
		"a person without a post":      {func(d *ProjectDraft) { d.Post = "" }, "post"},
		"nobody invests":               {func(d *ProjectDraft) { d.Investor = "" }, "investor"},
		"an area that is none":         {func(d *ProjectDraft) { d.Area = "moon" }, "area"},
		"no name in Russian":           {func(d *ProjectDraft) { d.RU = "" }, "name_ru"},
		"a stage that is none":         {func(d *ProjectDraft) { d.State = "" }, "state"},
		"a number longer than a line":  {func(d *ProjectDraft) { d.No = fmt.Sprintf("%040d", 1) }, "no"},
		"a class that is none":         {func(d *ProjectDraft) { d.Class = "x" }, "class"},
		"a Chinese name that is short": {func(d *ProjectDraft) { d.ZH = "县" }, "name_zh"},
	} {
		d := draft()
		tt.change(&d)
		f := d.Check()
		if _, found := f[tt.field]; (tt.field == "") != (len(f) == 0) || (tt.field != "" && !found) {
			t.Errorf("%s: problems %v, want %q", name, f, tt.field)
		}
	}
}

// TestS10KeyProjectHasOneResponsiblePerson: both are needed at any time, and who was
// responsible before stays on record; the database refuses a key project without a
// person even from a hand that goes past the program.
func TestS10KeyProjectHasOneResponsiblePerson(t *testing.T) {
	db := pgtest.Open(t)
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	s, ctx := NewProjects(db, func() time.Time { return now }), t.Context()
	if err := db.Get(&keeper.Account, `INSERT INTO accounts (login, name, role, body_id, lang, created_at) SELECT 'keeper', 'k', 'campaign_admin', id, 'zh-CN', now() FROM bodies LIMIT 1 RETURNING id`); err != nil {
		t.Fatal(err)
	}
	id, err := s.Enter(ctx, keeper, draft(), "key-of-the-form-1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Enter(ctx, keeper, draft(), "key-of-the-form-1"); err != nil || again != id {
		t.Errorf("the same form again: %d, %v; want %d", again, err, id)
	}
	if _, err := s.Enter(ctx, keeper, draft(), "key-of-the-form-2"); fault.FieldsOf(err)["no"].Key != "project.no-taken" {
		t.Errorf("the number twice: %v", err)
	}
	now = now.Add(48 * time.Hour)
	d := draft()
	d.Person, d.Post, d.Version = "乙某", "常务副县长", 1
	if err := s.Change(ctx, keeper, id, d); err != nil {
		t.Fatal(err)
	}
	if err := s.Change(ctx, keeper, id, d); !errors.Is(err, ErrProjectChanged) {
		t.Errorf("saved over a version that is gone: %v", err)
	}
	all, err := s.Persons(ctx, keeper, id)
	if err != nil || len(all) != 2 || all[0].Name != "乙某" || all[0].Until != nil || all[1].Name != "甲某" || all[1].Until == nil || !all[1].Until.Equal(all[0].From) {
		t.Errorf("persons %+v (%v), want 乙某 since the day 甲某 ended", all, err)
	}
	for _, q := range []string{`UPDATE project_persons SET until_at = now() + interval '9 years' WHERE until_at IS NULL`, `UPDATE projects SET leading_org = ''`,
		`INSERT INTO project_persons (project_id, name, post, from_at) SELECT id, '丙某', '县长', now() FROM projects`} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("the database took: %s", q)
		}
	}
}

func TestWhoMaySeeProjects(t *testing.T) {
	s, ctx := NewProjects(pgtest.Open(t), time.Now), t.Context()
	for _, a := range []org.Actor{org.Public, {Account: 9, Role: org.RoleCompany, Company: 1}, {Account: 9, Role: org.RoleHead, Unit: 1}, {Account: 9, Role: org.RoleLeader}} {
		if _, _, err := s.List(ctx, a, ProjectFilter{Size: 5}); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s lists projects: %v", a.Role, err)
		}
		if _, err := s.Enter(ctx, a, draft(), "k"); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s enters a project: %v", a.Role, err)
		}
	}
}
