package shield_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback/shield"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// county is a small one: companies, a unit, the offices, the supervision office.
type county struct {
	t                           *testing.T
	db, owner                   *sqlx.DB
	now                         time.Time
	shield                      *shield.Store
	company, other              org.Actor
	unit, office, watch, leader org.Actor
	chamber                     org.Actor
	n                           int
	calendarVer                 int64
}

func (k *county) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *county) key() string {
	k.n++
	return fmt.Sprintf("key-number-%06d", k.n)
}

func (k *county) at(s string) {
	k.t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	k.must(err)
	k.now = v.UTC()
}

func newCounty(t *testing.T) *county {
	t.Helper()
	k := &county{t: t}
	k.at("2026-06-10 10:00")
	k.db, k.owner = pgtest.OpenBoth(t)
	now := func() time.Time { return k.now }
	cal := calendar.NewStore(k.db, now)
	ctx := t.Context()
	k.must(cal.Ship(ctx))
	current, err := cal.Current(ctx)
	k.must(err)
	k.calendarVer = current.ID
	orgs := org.NewStore(k.db, now, []byte("secret"), org.Quick)
	op := org.Actor{Role: org.RoleOperator}
	account := func(login string, a org.Account, post org.Post) org.Actor {
		t.Helper()
		a.Login, a.Name = login, login
		id, _, err := orgs.CreateAccount(ctx, op, a)
		k.must(err)
		if post != "" {
			k.must(orgs.Appoint(ctx, op, a.Body, id, post))
		}
		actor, err := orgs.ActorOf(ctx, login)
		k.must(err)
		return actor
	}
	company := func(n, name string) org.CompanyID {
		first := "91231121MA190000" + n
		id, err := orgs.SaveCompany(ctx, op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: name}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
		k.must(err)
		return id
	}
	unit, err := orgs.SaveUnit(ctx, op, org.Unit{Code: "D01", Class: 1, Names: org.Names{ZH: "局D01", EN: "D01", RU: "D01"}})
	k.must(err)
	bodies, err := orgs.Bodies(ctx)
	k.must(err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	k.company = account("company", org.Account{Role: org.RoleCompany, Company: company("A", "金丝雀公司")}, "")
	k.other = account("other", org.Account{Role: org.RoleCompany, Company: company("B", "另一公司")}, "")
	k.unit = account("head", org.Account{Role: org.RoleHead, Unit: unit}, "")
	k.office = account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	k.watch = account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]}, "")
	k.leader = account("leader", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	k.chamber = account("chamber", org.Account{Role: org.RoleChamber, Body: body[org.BodyChamber]}, "")
	k.shield = shield.NewStore(k.db, now, cal)
	return k
}

const text = "上月评议以后三周内来了四次检查，带队的说知道是谁提的意见。"

// TestM10SilentAlarm: an alarm by code reaches the supervision office alone and leaves
// no name behind; proven retaliation is a veto that names no company.
func TestM10SilentAlarm(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	code, err := k.shield.NewCode(ctx, k.company)
	k.must(err)
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	draft := shield.AlarmDraft{Code: typed, Unit: k.unit.Unit, Text: text}
	no, err := k.shield.RaiseAlarm(ctx, org.Public, draft, "alarm-key-000001")
	k.must(err)
	again, err := k.shield.RaiseAlarm(ctx, org.Public, draft, "alarm-key-000001")
	k.must(err)
	if no != again {
		t.Errorf("the same form twice: %s and %s", no, again)
	}
	for _, wrong := range []string{"", "0", strings.Repeat("0", 20), code[:len(code)-1] + "?"} {
		if _, err := k.shield.RaiseAlarm(ctx, org.Public, shield.AlarmDraft{Code: wrong, Text: text}, k.key()); fault.FieldsOf(err) == nil {
			t.Errorf("the code %q was taken: %v", wrong, err)
		}
	}
	_, err = k.shield.NewCode(ctx, k.company)
	k.must(err)
	if _, err := k.shield.RaiseAlarm(ctx, org.Public, draft, k.key()); fault.FieldsOf(err) == nil {
		t.Errorf("an ended code was taken: %v", err)
	}
	for _, a := range []org.Actor{k.unit, k.office, k.leader, k.company, k.chamber, org.Public, {Account: 1, Role: org.RoleOperator}} {
		if _, err := k.shield.Alarm(ctx, a, no); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s finds the alarm: %v", a.Role, err)
		}
		if _, err := k.shield.Alarms(ctx, a); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s lists alarms: %v", a.Role, err)
		}
		if _, err := k.shield.Watches(ctx, a); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s lists flags: %v", a.Role, err)
		}
	}
	var traces int
	k.must(k.owner.Get(&traces, `SELECT count(*) FROM audit WHERE action LIKE 'alarm%' AND (actor IS NOT NULL OR role <> 'public' OR detail::text <> '{}')`))
	if traces != 0 {
		t.Errorf("%d entries of the audit log tell whose alarm it was", traces)
	}
	k.must(k.owner.Get(&traces, `SELECT count(*) FROM notices n JOIN accounts a ON a.id = n.account_id WHERE a.role <> 'supervision'`))
	if traces != 0 {
		t.Errorf("%d notices of the alarm went elsewhere", traces)
	}
	k.proven(no)
}

func (k *county) proven(no string) {
	k.t.Helper()
	ctx := k.t.Context()
	k.must(k.shield.NoteAlarm(ctx, k.watch, no, "已与企业商定核查方式。", "note-key-00000001"))
	r := shield.Ruling{Word: "proven", Unit: k.unit.Unit, Text: text}
	if err := k.shield.DecideAlarm(ctx, k.watch, no, r); fault.FieldsOf(err) == nil {
		k.t.Errorf("proven although the unit was not heard: %v", err)
	}
	r.Heard = "六月十二日当面听取单位主要负责人陈述，有笔录。"
	k.must(k.shield.DecideAlarm(ctx, k.watch, no, r))
	if err := k.shield.DecideAlarm(ctx, k.watch, no, shield.Ruling{Word: "dismissed", Text: text}); !errors.Is(err, shield.ErrDecided) {
		k.t.Errorf("decided twice: %v", err)
	}
	var entry string
	k.must(k.db.Get(&entry, `SELECT rule || '|' || evidence || '|' || finding || '|' || coalesce(company_id, 0) FROM adjustments`))
	if want := "V1|督查室认定打击报复属实，文号 " + no + "|" + no + "|0"; entry != want {
		k.t.Errorf("the year's entry is %q, want %q", entry, want)
	}
}

// inspect enters a record of the company on a day.
func (k *county) inspect(company org.CompanyID, on calendar.Date, plan string) error {
	return k.shield.AddInspection(k.t.Context(), k.unit, shield.InspectionDraft{Company: company, Kind: "inspection", On: string(on), Plan: plan, Basis: "安全生产法第六十二条", NoPlan: "上级临时部署"}, k.key())
}

// TestM10Watch: the clock flags a burst after a critical act once, and not what was
// planned before it.
func TestM10Watch(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	act := calendar.Date("2026-06-10")
	plan, err := k.shield.AddPlan(ctx, k.unit, shield.PlanDraft{Company: k.other.Company, From: "2026-06-11", Until: "2026-08-30", Subject: "年度安全检查"}, k.key())
	k.must(err)
	k.at("2026-06-11 09:00")
	for _, who := range []org.Actor{k.company, k.other} {
		_, err := k.shield.RaiseAlarm(ctx, who, shield.AlarmDraft{Text: text}, k.key())
		k.must(err)
	}
	k.at("2026-07-10 10:00")
	if err := k.inspect(k.company.Company, "2026-06-20", plan); fault.FieldsOf(err) == nil {
		t.Errorf("a plan of another company was taken: %v", err)
	}
	for i := range 5 {
		k.must(k.inspect(k.company.Company, act.AddDays(5+4*i), ""))
		k.must(k.inspect(k.other.Company, act.AddDays(5+4*i), plan))
	}
	for want := 1; want >= 0; want-- {
		n, err := k.shield.Watch(ctx)
		k.must(err)
		if n != want {
			t.Fatalf("%d flags, want %d", n, want)
		}
	}
	list, err := k.shield.Watches(ctx, k.watch)
	k.must(err)
	if len(list) != 1 || list[0].Company != k.company.Company || list[0].Counts.After != 5 || list[0].Act != "alarm" {
		t.Fatalf("flags: %+v", list)
	}
	mine, n, err := k.shield.Inspections(ctx, k.company, 1, 20)
	k.must(err)
	if n != 5 || mine[0].Company != k.company.Company {
		t.Errorf("the company sees %d records", n)
	}
	if _, _, err := k.shield.Inspections(ctx, k.leader, 1, 20); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a leader reads records: %v", err)
	}
	k.must(k.shield.DecideWatch(ctx, k.watch, list[0].ID, shield.Ruling{Word: "dismissed", Text: text}))
	var entries int
	k.must(k.db.Get(&entries, `SELECT count(*) FROM adjustments`))
	if entries != 0 {
		t.Error("a flag changed a score")
	}
}

// Records say by which plan, or why there is none.
func TestRecordNeedsPlanOrReason(t *testing.T) {
	k := newCounty(t)
	d := shield.InspectionDraft{Company: k.company.Company, Kind: "inspection", On: "2026-06-09", Basis: "安全生产法第六十二条"}
	if err := k.shield.AddInspection(t.Context(), k.unit, d, k.key()); fault.FieldsOf(err) == nil {
		t.Errorf("an inspection without plan and reason: %v", err)
	}
	d.Kind, d.Amount = "fine", "0.00"
	if err := k.shield.AddInspection(t.Context(), k.unit, d, k.key()); fault.FieldsOf(err) == nil {
		t.Errorf("a fine of nothing: %v", err)
	}
	d.Amount = "1200.50"
	k.must(k.shield.AddInspection(t.Context(), k.unit, d, k.key()))
	for _, a := range []org.Actor{k.watch, k.company, k.leader} {
		if err := k.shield.AddInspection(t.Context(), a, d, k.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s enters a record: %v", a.Role, err)
		}
	}
}
