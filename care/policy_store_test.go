package care_test

import (
	"errors"
	"testing"
	"time"

	"pingyi/care"
	"pingyi/fault"
	"pingyi/org"
)

// draft is a policy of the unit, valid in 2026.
func (k *desk) draft() care.PolicyDraft {
	return care.PolicyDraft{Unit: k.lead.Unit, Clause: "嫩政发〔2026〕3号第八条", Title: org.Names{ZH: "新投产企业厂房补贴", EN: "Subsidy for plant of new companies", RU: "Субсидия на цеха новых предприятий"},
		Summary: org.Names{ZH: "投产后三个月内按装修支出百分之二十补贴。", EN: "A fifth of fitting-out costs within three months.", RU: "Пятая часть затрат на отделку в течение трёх месяцев."},
		Text:    org.Names{ZH: "第八条 对新投产的外来投资企业，按装修支出的百分之二十给予补贴。"}, From: "2026-01-01", Until: "2026-12-31"}
}

// TestS17PolicyLibrary: versions stay as they were, whoever reads finds by words of any
// language, by unit and by validity; only the offices write.
func TestS17PolicyLibrary(t *testing.T) {
	k := newDesk(t)
	ctx := t.Context()
	p := care.NewPolicies(k.db, func() time.Time { return k.now })
	for _, a := range []org.Actor{k.lead, k.company, k.watch, k.leader, k.chamber, k.clerk, org.Public} {
		if _, err := p.Save(ctx, a, "", k.draft(), k.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s writes a policy: %v", a.Role, err)
		}
	}
	if _, err := p.Save(ctx, k.office, "", care.PolicyDraft{From: "2026-02-30", Until: "soon"}, k.key()); len(fault.FieldsOf(err)) != 11 {
		t.Errorf("eleven fields are wrong: %v", fault.FieldsOf(err))
	}
	ref, err := p.Save(ctx, k.office, "", k.draft(), "policy-key-000001")
	k.must(err)
	if again, err := p.Save(ctx, k.office, "", k.draft(), "policy-key-000001"); err != nil || again != ref {
		t.Errorf("the same form twice: %s and %s (%v)", ref, again, err)
	}
	next := k.draft()
	next.Seen, next.Summary.ZH, next.Clause = 1, "补贴比例改为百分之三十。", "嫩政发〔2026〕9号第二条"
	if _, err := p.Save(ctx, k.office, ref, next, k.key()); len(fault.FieldsOf(err)) != 1 {
		t.Errorf("a version that does not say what is new: %v", err)
	}
	next.Note = "补贴比例由百分之二十改为百分之三十"
	if _, err := p.Save(ctx, k.office, ref, next, k.key()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Save(ctx, k.office, ref, next, k.key()); !errors.Is(err, care.ErrPolicyMoved) {
		t.Errorf("two versions after the first: %v", err)
	}
	first, err := p.Policy(ctx, ref, 1)
	k.must(err)
	last, err := p.Policy(ctx, ref, 0)
	k.must(err)
	if first.Clause != "嫩政发〔2026〕3号第八条" || first.State("2026-06-01") != "replaced" || last.Version != 2 || last.State("2026-06-01") != "valid" {
		t.Errorf("versions: %+v and %+v", first, last)
	}
	if _, err := k.owner.Exec(`UPDATE policy_versions SET clause = 'x' WHERE version = 1`); err == nil {
		t.Error("the table changes a version")
	}
	if all, err := p.Versions(ctx, ref); err != nil || len(all) != 2 || all[0].Version != 2 {
		t.Errorf("versions: %d (%v)", len(all), err)
	}
	k.find(p, ref)
}

// find looks for policies in all ways there are.
func (k *desk) find(p *care.Policies, ref string) {
	k.t.Helper()
	ctx := k.t.Context()
	other := k.draft()
	other.Unit, other.From, other.Until = k.unit.Unit, "2027-01-01", ""
	other.Title = org.Names{ZH: "跨境电商物流补助", EN: "Logistics support for online exports", RU: "Поддержка логистики экспорта"}
	second, err := p.Save(ctx, k.office, "", other, k.key())
	k.must(err)
	for _, x := range []struct {
		f    care.PolicyFilter
		want string
	}{
		{care.PolicyFilter{}, ref + second},
		{care.PolicyFilter{Unit: k.unit.Unit}, second},
		{care.PolicyFilter{Words: "物流"}, second},
		{care.PolicyFilter{Words: "百分之三十"}, ref},
		{care.PolicyFilter{Words: "логистики экспорта"}, second},
		{care.PolicyFilter{Words: "fitting-out plant"}, ref},
		{care.PolicyFilter{Words: "煤炭"}, ""},
		{care.PolicyFilter{Words: second}, second},
		{care.PolicyFilter{State: "valid"}, ref},
		{care.PolicyFilter{State: "coming"}, second},
		{care.PolicyFilter{State: "ended"}, ""},
	} {
		x.f.Page, x.f.Size = 1, 20
		list, total, err := p.Policies(ctx, x.f)
		k.must(err)
		got := ""
		for _, one := range list {
			got += one.Ref
		}
		if got != x.want || total != len(list) {
			k.t.Errorf("%+v finds %s, not %s", x.f, got, x.want)
		}
	}
	k.now = time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC) // New Year's Day in Shanghai: the first has ended
	if list, _, err := p.Policies(ctx, care.PolicyFilter{State: "ended", Page: 1, Size: 20}); err != nil || len(list) != 1 || list[0].Ref != ref {
		k.t.Errorf("ended: %+v (%v)", list, err)
	}
}
