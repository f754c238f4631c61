package care_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/postgres/pgtest"
)

// village is a small county to care for: three units, two companies, two projects.
type village struct {
	t        *testing.T
	db       *sqlx.DB
	now      time.Time
	org      *org.Store
	contacts *care.Contacts
	sponsors *care.Sponsors
	plans    *care.Plans
	projects *ledger.Projects
	feedback *feedback.Store
	cal      *calendar.Store
	who      map[string]org.Actor
	project  ledger.ProjectID // a key project of company "acme"
	other    ledger.ProjectID // a project of company "rival"
	n        int
}

func (v *village) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *village) key() string { v.n++; return fmt.Sprintf("key-of-a-form-%06d", v.n) }

// day sets the clock to ten o'clock in Shanghai on a day.
func (v *village) day(d calendar.Date) { v.now = d.Time().Add(10 * time.Hour) }

func newVillage(t *testing.T) *village {
	t.Helper()
	v := &village{t: t, db: pgtest.Open(t), who: map[string]org.Actor{}}
	v.day("2026-11-02")
	now := func() time.Time { return v.now }
	v.cal = calendar.NewStore(v.db, now)
	v.must(v.cal.Ship(t.Context()))
	v.org = org.NewStore(v.db, now, pgtest.Secret, org.Quick)
	v.contacts, v.projects = care.NewContacts(v.db, now), ledger.NewProjects(v.db, now)
	v.sponsors, v.plans = care.NewSponsors(v.db, now), care.NewPlans(v.db, now, v.cal)
	var err error
	v.feedback, err = feedback.NewStore(v.db, now, v.cal, feedback.SheetWeights{Items: map[string]int{"q1": 100}, Values: map[string]int{"vs": 100, "s": 80}, Least: 50}, pgtest.Secret)
	v.must(err)
	v.people()
	v.project, v.other = v.enter("XM-1", "acme", true), v.enter("XM-2", "rival", false)
	return v
}

func (v *village) people() {
	v.t.Helper()
	op := org.Actor{Role: org.RoleOperator}
	bodies, err := v.org.Bodies(v.t.Context())
	v.must(err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	account := func(login string, a org.Account, post org.Post) {
		a.Login, a.Name = login, login
		id, _, err := v.org.CreateAccount(v.t.Context(), op, a)
		v.must(err)
		if post != "" {
			v.must(v.org.Appoint(v.t.Context(), op, a.Body, id, post))
		}
		v.who[login], err = v.org.ActorOf(v.t.Context(), login)
		v.must(err)
	}
	for i, login := range []string{"d01", "d02", "d03"} {
		code := fmt.Sprintf("D%02d", i+1)
		id, err := v.org.SaveUnit(v.t.Context(), op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		v.must(err)
		account(login, org.Account{Role: org.RoleOfficer, Unit: id}, "")
	}
	for i, login := range []string{"acme", "rival"} {
		first := fmt.Sprintf("91231121MA19000%02d", i)
		id, err := v.org.SaveCompany(v.t.Context(), op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: "公司" + login}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
		v.must(err)
		account(login, org.Account{Role: org.RoleCompany, Company: id}, "")
	}
	account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	account("party", org.Account{Role: org.RoleReceiver, Body: body[org.BodyPartyOffice]}, "")
	account("deputy", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostDeputy)
	account("member", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	account("headed", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup], Unit: v.who["d01"].Unit}, org.PostMember)
	account("clerk", org.Account{Role: org.RoleClerk, Body: body[org.BodyGovernmentOffice]}, "")
}

func (v *village) enter(no, company string, key bool) ledger.ProjectID {
	v.t.Helper()
	co, err := v.org.Company(v.t.Context(), org.Actor{Role: org.RoleOperator}, v.who[company].Company)
	v.must(err)
	d := ledger.ProjectDraft{No: no, ZH: "项目" + no, EN: "Project " + no, RU: "Проект " + no, Licence: co.Licence, Area: "county", Class: "industry", State: "building"}
	if key {
		d.Key, d.LeadingOrg, d.Person, d.Post = true, "项目领导小组", "甲某", "副县长"
	}
	id, err := v.projects.Enter(v.t.Context(), v.who["office"], d, v.key())
	v.must(err)
	return id
}

// contact is who is in contact with the project's investor, as the company sees it.
func (v *village) contact(company string) care.Contact {
	v.t.Helper()
	rows, _, err := v.contacts.Charges(v.t.Context(), v.who[company], care.ChargeFilter{Page: 1, Size: 9})
	v.must(err)
	if len(rows) != 1 {
		v.t.Fatalf("%s sees %d projects, want its one", company, len(rows))
	}
	return rows[0].Contact
}

// TestS42OneContactUnitAtATime: a project has exactly one contact unit and one person at
// a time. It is handed over when the other side accepts, with the day; who was in
// contact stays on record, and the database refuses a second one, an empty place and a
// rewritten past even from a hand that goes past the program.
func TestS42OneContactUnitAtATime(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	d1, d2, office := v.who["d01"], v.who["d02"], v.who["office"]
	first := care.ContactDraft{Unit: d1.Unit, Person: "张某", Phone: "0456-7000001"}
	v.badNames(first)
	if err := v.contacts.Propose(ctx, office, v.project, d2.Unit, "请接手", v.key()); !errors.Is(err, care.ErrNoContact) {
		t.Errorf("handed over before anybody had it: %v", err)
	}
	v.must(v.contacts.Name(ctx, office, v.project, first))
	v.must(v.contacts.Name(ctx, office, v.project, first)) // the same form again
	if err := v.contacts.Name(ctx, office, v.project, care.ContactDraft{Unit: d2.Unit, Person: "李某", Phone: "0456-7000002"}); !errors.Is(err, care.ErrContactNamed) {
		t.Errorf("a second contact unit was named: %v", err)
	}
	if c := v.contact("acme"); c.UnitName.ZH != "局D01" || c.Person != "张某" || c.Phone != "0456-7000001" || c.From != "2026-11-02" {
		t.Errorf("the company sees %+v", c)
	}
	v.day("2026-11-09")
	v.must(v.contacts.Propose(ctx, d1, v.project, d2.Unit, "项目转入建设阶段", "key-of-this-proposal"))
	v.must(v.contacts.Propose(ctx, d1, v.project, d2.Unit, "项目转入建设阶段", "key-of-this-proposal"))
	if err := v.contacts.Propose(ctx, office, v.project, v.who["d03"].Unit, "另一家更合适", v.key()); !errors.Is(err, care.ErrHandoverOpen) {
		t.Errorf("a second proposal beside an open one: %v", err)
	}
	open, err := v.contacts.Handovers(ctx, d2, v.project)
	if err != nil || len(open) != 1 || !open[0].MayAnswer(d2) || open[0].MayAnswer(d1) || open[0].MayWithdraw(d2) || !open[0].MayWithdraw(d1) {
		t.Fatalf("hand-overs %+v, %v", open, err)
	}
	if c := v.contact("acme"); c.Unit != d1.Unit {
		t.Errorf("the contact changed before the other side accepted: %+v", c)
	}
	v.day("2026-11-12")
	taken := care.ContactDraft{Person: "李某", Phone: "0456-7000002", On: "2026-11-11"}
	for _, a := range []org.Actor{d1, office, v.who["d03"], v.who["acme"]} {
		if err := v.contacts.Accept(ctx, a, open[0].ID, taken); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s accepts for the other side: %v", a.Name, err)
		}
	}
	for on, key := range map[string]string{"2026-11-13": "contact.day-ahead", "2026-11-01": "contact.day-early", "": "contact.day-missing"} {
		bad := taken
		bad.On = on
		if err := v.contacts.Accept(ctx, d2, open[0].ID, bad); fault.FieldsOf(err)["on"].Key != key {
			t.Errorf("accepted on %q: %v, want %s", on, err, key)
		}
	}
	v.must(v.contacts.Accept(ctx, d2, open[0].ID, taken))
	v.must(v.contacts.Accept(ctx, d2, open[0].ID, taken))
	if c := v.contact("acme"); c.Unit != d2.Unit || c.Person != "李某" || c.From != "2026-11-11" {
		t.Errorf("after the hand-over the company sees %+v", c)
	}
	v.history(d2)
	v.pastTheProgram(v.who["d03"].Unit)
	if _, err := v.contacts.Charge(ctx, d1, v.project); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the unit that handed over still sees the project: %v", err)
	}
}

// badNames: what is wrong with a contact is said beside its field.
func (v *village) badNames(first care.ContactDraft) {
	v.t.Helper()
	for name, bad := range map[string]struct {
		d     care.ContactDraft
		field string
	}{"nobody": {care.ContactDraft{Unit: first.Unit, Phone: first.Phone}, "person"}, "no telephone": {care.ContactDraft{Unit: first.Unit, Person: "张某", Phone: "电话"}, "phone"},
		"no unit": {care.ContactDraft{Person: "张某", Phone: first.Phone}, "unit"}, "a unit that is none": {care.ContactDraft{Unit: 999, Person: "张某", Phone: first.Phone}, "unit"}} {
		if err := v.contacts.Name(v.t.Context(), v.who["office"], v.project, bad.d); fault.FieldsOf(err)[bad.field].Key == "" {
			v.t.Errorf("%s: %v, want a problem of %s", name, err, bad.field)
		}
	}
}

// history: two units one after the other, with no day of both and no day of none.
func (v *village) history(by org.Actor) {
	v.t.Helper()
	all, err := v.contacts.History(v.t.Context(), by, v.project)
	v.must(err)
	if len(all) != 2 || all[0].Until != "" || all[1].Person != "张某" || all[1].From != "2026-11-02" || all[1].Until != "2026-11-11" || all[0].From != all[1].Until {
		v.t.Errorf("history %+v", all)
	}
	if n := v.count(`SELECT count(*) FROM companies WHERE id = $1 AND contact_unit_id = $2`, v.who["acme"].Company, by.Unit); n != 1 {
		v.t.Error("the company's general contact unit is not the project's")
	}
}

// pastTheProgram tries to break the rule in the database itself.
func (v *village) pastTheProgram(unit org.UnitID) {
	v.t.Helper()
	for q, want := range map[string]string{
		`INSERT INTO project_contacts (project_id, unit_id, person, phone, from_on, set_by, set_at) SELECT project_id, $1, '王某', '1', '2026-11-20', set_by, set_at FROM project_contacts WHERE until_on IS NULL`:                         "project_contacts_never_two",
		`INSERT INTO project_contacts (project_id, unit_id, person, phone, from_on, until_on, set_by, set_at) SELECT project_id, $1, '王某', '1', '2026-11-03', '2026-11-04', set_by, set_at FROM project_contacts WHERE until_on IS NULL`: "project_contacts_never_two",
		`UPDATE project_contacts SET until_on = '2026-12-01' WHERE until_on IS NULL AND $1 > 0`:                                                                                                                                          "project_contacts_follow",
		`UPDATE project_contacts SET person = '王某' WHERE until_on IS NOT NULL AND $1 > 0`:                                                                                                                                                "project_contacts_stay",
		`DELETE FROM project_contacts WHERE $1 > 0`:                                                                 "project_contacts_stay",
		`UPDATE contact_handovers SET state = 'open', answered_at = NULL WHERE state = 'accepted' AND $1 > 0`:       "contact_handovers_accepted_has_day",
		`UPDATE project_contacts SET person = '王某', until_on = '2026-12-01' WHERE until_on IS NULL AND $1::int > 0`: "project_contacts_stay",
	} {
		if _, err := v.db.Exec(q, unit); err == nil || !violates(err, want) {
			v.t.Errorf("%s: %v, want %s", q, err, want)
		}
	}
}

func (v *village) count(q string, args ...any) int {
	v.t.Helper()
	var n int
	v.must(v.db.Get(&n, q, args...))
	return n
}

// TestS42WhoSeesAContact: a unit sees its projects only, a company its own; declining and
// withdrawing leave the contact as it was.
func TestS42WhoSeesAContact(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	d1, d2, office := v.who["d01"], v.who["d02"], v.who["office"]
	v.must(v.contacts.Name(ctx, office, v.project, care.ContactDraft{Unit: d1.Unit, Person: "张某", Phone: "0456-7000001"}))
	v.must(v.contacts.Name(ctx, office, v.other, care.ContactDraft{Unit: d2.Unit, Person: "李某", Phone: "0456-7000002"}))
	for login, want := range map[string]int{"d01": 1, "d02": 1, "d03": 0, "acme": 1, "office": 2, "clerk": 2, "member": 2} {
		if _, n, err := v.contacts.Charges(ctx, v.who[login], care.ChargeFilter{Page: 1, Size: 9}); err != nil || n != want {
			t.Errorf("%s sees %d projects, %v; want %d", login, n, err, want)
		}
	}
	for _, login := range []string{"d02", "rival"} {
		if _, err := v.contacts.Charge(ctx, v.who[login], v.project); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s opens the project of others: %v", login, err)
		}
	}
	if _, err := v.contacts.Handovers(ctx, v.who["acme"], v.project); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company reads hand-overs: %v", err)
	}
	if err := v.contacts.SetPerson(ctx, d2, v.project, care.ContactDraft{Person: "王某", Phone: "0456-7000009"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit changes the person: %v", err)
	}
	v.day("2026-11-10")
	v.must(v.contacts.SetPerson(ctx, d1, v.project, care.ContactDraft{Person: "王某", Phone: "0456-7000009"}))
	v.must(v.contacts.Propose(ctx, office, v.project, d2.Unit, "归口调整", v.key()))
	if w, err := v.contacts.Waiting(ctx, d2); err != nil || w["handovers"] != 1 {
		t.Errorf("what waits for the unit asked: %v, %v", w, err)
	}
	open, err := v.contacts.Handovers(ctx, d2, v.project)
	v.must(err)
	if err := v.contacts.Decline(ctx, d2, open[0].ID, "否"); fault.FieldsOf(err)["answer"].Key == "" {
		t.Errorf("declined without a reason: %v", err)
	}
	v.must(v.contacts.Decline(ctx, d2, open[0].ID, "不属于本局职责"))
	if err := v.contacts.Accept(ctx, d2, open[0].ID, care.ContactDraft{Person: "赵某", Phone: "0456-7000008", On: "2026-11-10"}); !errors.Is(err, care.ErrHandoverOver) {
		t.Errorf("accepted after declining: %v", err)
	}
	v.must(v.contacts.Propose(ctx, office, v.project, d2.Unit, "再次请接手", v.key()))
	open, err = v.contacts.Handovers(ctx, office, v.project)
	v.must(err)
	v.must(v.contacts.Withdraw(ctx, v.who["party"], open[0].ID))
	if c := v.contact("acme"); c.Unit != d1.Unit || c.Person != "王某" || c.From != "2026-11-10" {
		t.Errorf("the company sees %+v, want 王某 of D01", c)
	}
	if n := v.count(`SELECT count(*) FROM messages WHERE kind LIKE 'contact-%'`); n != 7 {
		t.Errorf("%d messages, want 7: three contacts, two proposals, one answer to the unit and to the office", n)
	}
}

func violates(err error, constraint string) bool { return postgres.Violates(err, constraint) }
