package care_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// desk is a small county for one-stop cases and policies: two companies, three units,
// an office.
type desk struct {
	t                                     *testing.T
	db, owner                             *sqlx.DB
	now                                   time.Time
	cases                                 *care.Cases
	company, other, lead, unit, unit2     org.Actor
	office, watch, leader, chamber, clerk org.Actor
	n                                     int
}

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) key() string {
	k.n++
	return fmt.Sprintf("desk-number-%08d", k.n)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	k := &desk{t: t, now: time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)} // Monday, ten in the morning
	k.db, k.owner = pgtest.OpenBoth(t)
	now := func() time.Time { return k.now }
	ctx := t.Context()
	cal := calendar.NewStore(k.db, now)
	k.must(cal.Ship(ctx))
	orgs := org.NewStore(k.db, now, []byte("secret"), org.Quick)
	op := org.Actor{Role: org.RoleOperator}
	bodies, err := orgs.Bodies(ctx)
	k.must(err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	account := func(login string, a org.Account) org.Actor {
		t.Helper()
		a.Login, a.Name = login, login
		_, _, err := orgs.CreateAccount(ctx, op, a)
		k.must(err)
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
	unit := func(code string) org.UnitID {
		id, err := orgs.SaveUnit(ctx, op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		k.must(err)
		return id
	}
	k.company = account("company", org.Account{Role: org.RoleCompany, Company: company("A", "甲食品公司")})
	k.other = account("other", org.Account{Role: org.RoleCompany, Company: company("B", "乙木业公司")})
	k.lead = account("lead", org.Account{Role: org.RoleHead, Unit: unit("D01")})
	k.unit = account("unit", org.Account{Role: org.RoleHead, Unit: unit("D02")})
	k.unit2 = account("unit2", org.Account{Role: org.RoleOfficer, Unit: unit("D03")})
	k.office = account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]})
	k.watch = account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]})
	k.leader = account("leader", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]})
	k.chamber = account("chamber", org.Account{Role: org.RoleChamber, Body: body[org.BodyChamber]})
	k.clerk = account("clerk", org.Account{Role: org.RoleClerk, Body: body[org.BodyGovernmentOffice]})
	k.cases = care.NewCases(k.db, now, cal)
	return k
}

// notices are the kinds of messages of a topic that wait for an account, in order.
func (k *desk) notices(a org.Actor, topic string) []string {
	k.t.Helper()
	var out []string
	k.must(k.owner.Select(&out, `SELECT m.kind FROM notices n JOIN messages m ON m.id = n.message_id WHERE n.account_id = $1 AND m.topic LIKE $2 AND NOT n.settled ORDER BY m.id`, a.Account, topic))
	return out
}

// TestS23OneStopCase: steps in several units, one lead; closing with an open step is
// refused, by the domain and by the table; the company sees one line and one contact.
func TestS23OneStopCase(t *testing.T) {
	k := newDesk(t)
	ctx := t.Context()
	ref, err := k.cases.Enter(ctx, k.company, care.CaseDraft{Area: "registration", Title: "注册外资食品加工企业", Note: "需要营业执照、食品许可和税务登记。"}, "same-key-0000001")
	k.must(err)
	if again, err := k.cases.Enter(ctx, k.company, care.CaseDraft{Area: "registration", Title: "注册外资食品加工企业"}, "same-key-0000001"); err != nil || again != ref {
		t.Errorf("the same form twice: %s and %s (%v)", ref, again, err)
	}
	if err := k.cases.Open(ctx, k.lead, ref, k.lead.Unit, "李主任", "0456-7520000"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit opens a case it has no part in: %v", err)
	}
	k.must(k.cases.Open(ctx, k.office, ref, k.lead.Unit, "李主任", "0456-7520000"))
	if err := k.cases.Open(ctx, k.office, ref, k.lead.Unit, "李主任", "0456-7520000"); !errors.Is(err, care.ErrMoved) {
		t.Errorf("opened twice: %v", err)
	}
	k.line(k.company, ref, "planned", 0, 0, "")
	if err := k.cases.Close(ctx, k.lead, ref, "没有步骤也办结。"); !errors.Is(err, care.ErrOpenStep) {
		t.Errorf("closed without a step: %v", err)
	}
	k.must(k.cases.AddStep(ctx, k.lead, ref, care.StepDraft{Unit: k.unit.Unit, What: "核发营业执照", Days: 2}, k.key()))
	k.must(k.cases.AddStep(ctx, k.lead, ref, care.StepDraft{Unit: k.unit2.Unit, What: "核发食品生产许可", Days: 5}, "step-key-00000001"))
	k.must(k.cases.AddStep(ctx, k.lead, ref, care.StepDraft{Unit: k.unit2.Unit, What: "核发食品生产许可", Days: 5}, "step-key-00000001"))
	k.must(k.cases.AddStep(ctx, k.lead, ref, care.StepDraft{Unit: k.lead.Unit, What: "税务登记辅导", Days: 3, Together: true, Shown: true}, k.key()))
	if err := k.cases.AddStep(ctx, k.unit, ref, care.StepDraft{Unit: k.unit.Unit, What: "自己加的步骤", Days: 3}, k.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit that does not lead plans: %v", err)
	}
	k.line(k.company, ref, "running", 0, 3, "2026-06-10") // 2 and 3 June, then the longer of the two: 4, 5, 8, 9, 10 June
	k.sees(ref)
	k.through(ref)
}

// line checks the line that a reader sees.
func (k *desk) line(a org.Actor, ref, key string, done, count int, due calendar.Date) {
	k.t.Helper()
	c, err := k.cases.Case(k.t.Context(), a, ref)
	k.must(err)
	if s := c.Status; s.Key != key || s.Done != done || s.Count != count || s.Due != due {
		k.t.Errorf("the line says %+v, not %s %d of %d until %s", s, key, done, count, due)
	}
}

// sees: who sees the case, and which steps of it.
func (k *desk) sees(ref string) {
	k.t.Helper()
	ctx := k.t.Context()
	for _, a := range []org.Actor{k.other, k.leader, k.chamber, k.clerk, org.Public} {
		if _, err := k.cases.Case(ctx, a, ref); !errors.Is(err, fault.ErrNotFound) {
			k.t.Errorf("%s sees the case: %v", a.Role, err)
		}
	}
	for _, x := range []struct {
		a     org.Actor
		steps int
	}{{k.company, 3}, {k.lead, 3}, {k.unit, 1}, {k.unit2, 1}, {k.office, 3}, {k.watch, 3}} {
		c, err := k.cases.Case(ctx, x.a, ref)
		k.must(err)
		if len(c.Steps) != x.steps {
			k.t.Errorf("%s sees %d steps, not %d", x.a.Name, len(c.Steps), x.steps)
		}
	}
	c, err := k.cases.Case(ctx, k.company, ref)
	k.must(err)
	if c.Contact != "李主任" || c.Lead != k.lead.Unit {
		k.t.Errorf("the company's contact: %+v", c)
	}
	for _, s := range c.Steps {
		if (s.Unit != 0) != s.Shown || (s.UnitName != org.Names{}) != s.Shown || s.Due != "" || s.Ending != "" {
			k.t.Errorf("the company sees of a step: %+v", s)
		}
	}
}

// through does the steps and closes; the first is late.
func (k *desk) through(ref string) {
	k.t.Helper()
	ctx := k.t.Context()
	steps := func(a org.Actor) []care.Step {
		c, err := k.cases.Case(ctx, a, ref)
		k.must(err)
		return c.Steps
	}
	first := steps(k.unit)[0]
	if got := k.notices(k.unit, "onestop-step:%"); !slices.Equal(got, []string{"onestop-step", "onestop-step-due", "onestop-step-late"}) {
		k.t.Errorf("the unit of the first step is told %v", got)
	}
	if got := k.notices(k.unit2, "onestop-step:%"); len(got) != 0 {
		k.t.Errorf("a unit is told of a step that has not begun: %v", got)
	}
	k.now = time.Date(2026, 6, 5, 2, 0, 0, 0, time.UTC) // two working days late
	k.line(k.company, ref, "late", 0, 3, "2026-06-12")  // expected from today
	second := steps(k.unit2)[0]
	if err := k.cases.FinishStep(ctx, k.unit2, ref, second.ID, "提前办了。"); !errors.Is(err, care.ErrMoved) {
		k.t.Errorf("a step done before it began: %v", err)
	}
	if err := k.cases.FinishStep(ctx, k.lead, ref, first.ID, "替别人办。"); !errors.Is(err, fault.ErrForbidden) {
		k.t.Errorf("the lead reports another's step: %v", err)
	}
	k.must(k.cases.FinishStep(ctx, k.unit, ref, first.ID, "执照已发。"))
	if got := k.notices(k.unit, "onestop-step:%"); !slices.Equal(got, []string{"onestop-step"}) {
		k.t.Errorf("after the step is done still %v", got)
	}
	k.line(k.company, ref, "running", 1, 3, "2026-06-12")
	if err := k.cases.Close(ctx, k.lead, ref, "全部办结。"); !errors.Is(err, care.ErrOpenStep) {
		k.t.Errorf("closed with open steps: %v", err)
	}
	if _, err := k.owner.Exec(`UPDATE onestop_cases SET state = 'closed', ended_at = now(), ending = 'x' WHERE ref = $1`, ref); err == nil {
		k.t.Error("the table closes a case with open steps")
	}
	k.must(k.cases.FinishStep(ctx, k.unit2, ref, second.ID, "许可已发。"))
	own := steps(k.lead)[2]
	k.must(k.cases.ShowStep(ctx, k.lead, ref, own.ID, false))
	k.must(k.cases.DropStep(ctx, k.lead, ref, own.ID, "企业已自行办理。"))
	k.line(k.company, ref, "ready", 2, 2, "")
	if err := k.cases.Close(ctx, k.unit, ref, "别人来办结。"); !errors.Is(err, fault.ErrForbidden) {
		k.t.Errorf("a unit that does not lead closes: %v", err)
	}
	k.must(k.cases.SetContact(ctx, k.lead, ref, "王科长", "13900000000"))
	k.must(k.cases.Close(ctx, k.lead, ref, "执照、许可均已送达企业。"))
	k.line(k.company, ref, "closed", 2, 2, "")
	if got := k.notices(k.company, "onestop:%"); !slices.Equal(got, []string{"onestop-opened", "onestop-contact", "onestop-closed"}) {
		k.t.Errorf("the company was told %v", got)
	}
	if err := k.cases.AddStep(ctx, k.lead, ref, care.StepDraft{Unit: k.unit.Unit, What: "办结后再加", Days: 1}, k.key()); !errors.Is(err, care.ErrMoved) {
		k.t.Errorf("a step after the end: %v", err)
	}
	if _, err := k.owner.Exec(`INSERT INTO onestop_steps (case_id, stage, unit_id, what, days, state, idem) SELECT id, 9, lead_unit_id, 'x', 1, 'waiting', 'x' FROM onestop_cases WHERE ref = $1`, ref); err == nil {
		k.t.Error("the table adds a step to a closed case")
	}
}

// TestS23WhoOpens: an office and a unit open cases themselves, nobody else does; what is
// wrong is said of each field; a case asked for may be declined with a reason.
func TestS23WhoOpens(t *testing.T) {
	k := newDesk(t)
	ctx := t.Context()
	d := care.CaseDraft{Company: k.company.Company, Area: "later", Title: "扩建项目后续手续", Contact: "李主任", Phone: "0456-7520000"}
	ref, err := k.cases.Enter(ctx, k.lead, d, k.key())
	k.must(err)
	if c, err := k.cases.Case(ctx, k.company, ref); err != nil || c.Lead != k.lead.Unit || c.State != "open" {
		t.Errorf("a unit's own case: %+v %v", c, err)
	}
	for _, a := range []org.Actor{k.watch, k.leader, k.chamber, k.clerk, org.Public} {
		if _, err := k.cases.Enter(ctx, a, d, k.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s opens a case: %v", a.Role, err)
		}
	}
	if _, err := k.cases.Enter(ctx, k.office, care.CaseDraft{Phone: "call me"}, k.key()); len(fault.FieldsOf(err)) != 6 {
		t.Errorf("six fields are wrong: %v", err)
	}
	asked, err := k.cases.Enter(ctx, k.other, care.CaseDraft{Area: "advice", Title: "咨询土地政策", Lead: k.lead.Unit}, k.key())
	k.must(err)
	if n, err := k.cases.Waiting(ctx, k.office); err != nil || n["cases"] != 1 {
		t.Errorf("%v wait for the office (%v)", n, err)
	}
	if err := k.cases.Decline(ctx, k.office, asked, ""); fault.FieldsOf(err) == nil {
		t.Errorf("declined without a reason: %v", err)
	}
	k.must(k.cases.Decline(ctx, k.office, asked, "单一部门即可办理，请直接到窗口。"))
	list, total, err := k.cases.Cases(ctx, k.office, true, 1, 20)
	if k.must(err); total != 1 || list[0].Ref != ref {
		t.Errorf("open cases: %d %+v", total, list)
	}
	if _, total, err = k.cases.Cases(ctx, k.other, false, 1, 20); err != nil || total != 1 {
		t.Errorf("the other company has %d cases (%v)", total, err)
	}
}
