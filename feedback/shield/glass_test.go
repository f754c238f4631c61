package shield_test

import (
	"errors"
	"fmt"
	"testing"

	"pingyi/fault"
	"pingyi/feedback/shield"
	"pingyi/org"
)

// issue writes an issue of the company that came before the leading group.
func (k *county) issue(ref string, queued bool) {
	k.t.Helper()
	_, err := k.db.Exec(`INSERT INTO issues (ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, register_due, grade, lead_unit_id, deadline, deadline_on, calendar_version, queued_at, idem)
		VALUES ($1, $2, 2, '厂区道路积水', '金丝雀正文', 'offices', 'zh-CN', $3, $4, 'queued', $4, 'A', $5, $4, '2026-08-01', $6, CASE WHEN $7 THEN $4::timestamptz END, $1)`,
		ref, k.company.Company, k.company.Account, k.now, k.unit.Unit, k.calendarVer, queued)
	k.must(err)
}

// entries counts the audit log's entries of an action.
func (k *county) entries(action string) int {
	k.t.Helper()
	var n int
	k.must(k.owner.Get(&n, `SELECT count(*) FROM audit WHERE action = $1`, action))
	return n
}

// TestBreakGlass goes through trust.md 5.6: no grant, another's request, approver =
// requester, another object, expired, audit log away; and what the companies hear.
func TestBreakGlass(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.issue("NJ-2026-0001", true)
	k.issue("NJ-2026-0002", true)
	k.issue("NJ-2026-0003", false)
	d := shield.GlassDraft{Purpose: "order", Reason: "责成通知需要与企业当面核对现场情况和损失金额。", CaseNo: "会议纪要〔2026〕3号", Refs: []string{"NJ-2026-0001"}}
	for _, a := range []org.Actor{k.unit, k.office, k.company, k.chamber, org.Public} {
		if err := k.shield.AskGlass(ctx, a, d, k.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s asks: %v", a.Role, err)
		}
	}
	for what, change := range map[string]func(*shield.GlassDraft){
		"a short reason": func(d *shield.GlassDraft) { d.Reason = "想看看是谁" },
		"no case number": func(d *shield.GlassDraft) { d.CaseNo = "" },
		"no purpose":     func(d *shield.GlassDraft) { d.Purpose = "curiosity" },
		"unknown issue":  func(d *shield.GlassDraft) { d.Refs = []string{"NJ-1999-0001"} },
		"not escalated":  func(d *shield.GlassDraft) { d.Refs = []string{"NJ-2026-0003"} },
		"21 issues": func(d *shield.GlassDraft) {
			d.Refs = nil
			for i := range 21 {
				d.Refs = append(d.Refs, fmt.Sprintf("NJ-2026-%04d", i))
			}
		},
	} {
		bad := d
		change(&bad)
		if err := k.shield.AskGlass(ctx, k.leader, bad, k.key()); fault.FieldsOf(err) == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	k.must(k.shield.AskGlass(ctx, k.leader, d, k.key()))
	list, err := k.shield.GlassRequests(ctx, k.leader)
	k.must(err)
	id := list[0].ID
	open := func(a org.Actor, ref string) error {
		n, err := k.shield.OpenGlass(ctx, a, id, ref)
		if err != nil && n != (shield.Named{}) {
			t.Error("an error and data")
		}
		return err
	}
	if err := open(k.leader, "NJ-2026-0001"); !errors.Is(err, shield.ErrNoGrant) {
		t.Errorf("opened without a grant: %v", err)
	}
	if err := k.shield.DecideGlass(ctx, k.leader, id, true, ""); !errors.Is(err, shield.ErrSameDesk) {
		t.Errorf("the asker grants: %v", err)
	}
	if err := k.shield.DecideGlass(ctx, k.unit, id, true, ""); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit grants: %v", err)
	}
	k.must(k.shield.DecideGlass(ctx, k.watch, id, true, ""))
	if err := open(k.watch, "NJ-2026-0001"); !errors.Is(err, shield.ErrNoGrant) {
		t.Errorf("opened on another's grant: %v", err)
	}
	if err := open(k.leader, "NJ-2026-0002"); !errors.Is(err, shield.ErrNoGrant) {
		t.Errorf("opened another object: %v", err)
	}
	k.opens(id, open)
}

// opens goes on from a grant.
func (k *county) opens(id int64, open func(org.Actor, string) error) {
	k.t.Helper()
	t, ctx := k.t, k.t.Context()
	n, err := k.shield.OpenGlass(ctx, k.leader, id, "NJ-2026-0001")
	k.must(err)
	if n.Company.ZH != "金丝雀公司" || k.entries("glass.opened") != 1 || k.entries("glass.denied") != 3 {
		t.Errorf("opened %+v; %d entries opened, %d denied", n, k.entries("glass.opened"), k.entries("glass.denied"))
	}
	_, err = k.owner.Exec(`CREATE FUNCTION audit_broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no audit'; END $$;
		CREATE TRIGGER audit_broken BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_broken()`)
	k.must(err)
	if err := open(k.leader, "NJ-2026-0001"); err == nil {
		t.Error("opened although the audit log could not be written")
	}
	_, err = k.owner.Exec(`DROP TRIGGER audit_broken ON audit`)
	k.must(err)
	k.at("2026-06-10 11:00") // granted at 10:00 for sixty minutes
	if err := open(k.leader, "NJ-2026-0001"); !errors.Is(err, shield.ErrNoGrant) {
		t.Errorf("opened after the hour: %v", err)
	}
	told := func() (n int) {
		k.must(k.shield.TellGlass(ctx))
		k.must(k.owner.Get(&n, `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id WHERE m.kind = 'glass-told' AND n.account_id = $1`, k.company.Account))
		return n
	}
	k.at("2026-06-16 10:00")
	if n := told(); n != 0 {
		t.Errorf("told %d times on the sixth day", n)
	}
	k.must(k.shield.DeferGlass(ctx, k.watch, id, "2026-07-02", "企业法人正在配合调查，提前告知可能影响取证。"))
	k.at("2026-06-20 10:00")
	if n := told(); n != 0 {
		t.Errorf("told %d times although it was deferred", n)
	}
	k.at("2026-07-02 10:00")
	if n := told() + told() - 1; n != 1 {
		t.Errorf("told %d times in the end", n)
	}
	var months []string
	k.must(k.owner.Select(&months, `SELECT args->>'Month' || ' ' || (args->>'Issues') FROM messages m JOIN notices n ON n.message_id = m.id WHERE kind = 'glass-month' AND n.account_id = $1 ORDER BY m.id`, k.chamber.Account))
	if fmt.Sprint(months) != "[2026-05 0 2026-06 1]" {
		t.Errorf("the chamber was told %v", months)
	}
}

// A refused request stays on record.
func TestRefusedRequestIsKept(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.issue("NJ-2026-0001", true)
	k.must(k.shield.AskGlass(ctx, k.watch, shield.GlassDraft{Purpose: "inquiry", Reason: "核查举报，需要与当事企业当面了解事情的经过。", CaseNo: "督查〔2026〕9号", Refs: []string{"NJ-2026-0001"}}, k.key()))
	list, err := k.shield.GlassRequests(ctx, k.office)
	k.must(err)
	if err := k.shield.DecideGlass(ctx, k.watch, list[0].ID, true, ""); !errors.Is(err, shield.ErrSameDesk) {
		t.Errorf("the supervision office grants its own request: %v", err)
	}
	if err := k.shield.DecideGlass(ctx, k.office, list[0].ID, false, ""); fault.FieldsOf(err) == nil {
		t.Errorf("refused without a reason: %v", err)
	}
	k.must(k.shield.DecideGlass(ctx, k.office, list[0].ID, false, "可以由商会转达，不必知道名称。"))
	if _, err := k.shield.OpenGlass(ctx, k.watch, list[0].ID, "NJ-2026-0001"); !errors.Is(err, shield.ErrNoGrant) {
		t.Errorf("opened on a refused request: %v", err)
	}
	list, err = k.shield.GlassRequests(ctx, k.watch)
	k.must(err)
	if len(list) != 1 || list[0].State != "refused" || list[0].Refusal == "" {
		t.Errorf("the history: %+v", list)
	}
}
