package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// county is a small one: two companies, two units, an office, the chamber.
type county struct {
	t                                          testing.TB
	db, owner                                  *sqlx.DB
	now                                        time.Time
	issues                                     *feedback.Store
	intake                                     *intake.Store
	company, other, head, head2, office, watch org.Actor
	leader, chamber                            org.Actor
	n                                          int
}

func (k *county) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *county) key() string {
	k.n++
	return fmt.Sprintf("key-number-%08d", k.n)
}

func newCounty(t testing.TB) *county {
	t.Helper()
	k := &county{t: t, now: time.Date(2026, 6, 10, 2, 0, 0, 0, time.UTC)}
	k.db, k.owner = pgtest.OpenBoth(t)
	now := func() time.Time { return k.now }
	ctx := t.Context()
	cal := calendar.NewStore(k.db, now)
	k.must(cal.Ship(ctx))
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
	unit := func(code string) org.UnitID {
		id, err := orgs.SaveUnit(ctx, op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		k.must(err)
		return id
	}
	bodies, err := orgs.Bodies(ctx)
	k.must(err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	k.company = account("company", org.Account{Role: org.RoleCompany, Company: company("A", "甲食品公司")}, "")
	k.other = account("other", org.Account{Role: org.RoleCompany, Company: company("B", "乙木业公司")}, "")
	k.head = account("head", org.Account{Role: org.RoleHead, Unit: unit("D01")}, "")
	k.head2 = account("head2", org.Account{Role: org.RoleHead, Unit: unit("D02")}, "")
	k.office = account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	k.watch = account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]}, "")
	k.leader = account("leader", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	k.chamber = account("chamber", org.Account{Role: org.RoleChamber, Body: body[org.BodyChamber]}, "")
	k.issues, err = feedback.NewStore(k.db, now, cal, evaluation.NJDefault().SheetWeights(), []byte("secret"))
	k.must(err)
	k.intake = intake.NewStore(k.db, now, cal, orgs, k.issues)
	return k
}

func (k *county) raise(by org.Actor, title, body string) string {
	k.t.Helper()
	ref, err := k.issues.Raise(k.t.Context(), by, feedback.IssueDraft{Category: 2, Title: title, Body: body, NameShown: "offices", Lang: "zh-CN"}, k.key())
	k.must(err)
	return ref
}

// refs are the numbers of what was found of a kind.
func refs(found []intake.Found, kind string) string {
	var out []string
	for _, f := range found {
		if f.Kind == kind {
			for _, h := range f.Hits {
				out = append(out, h.Ref)
			}
		}
	}
	return strings.Join(out, " ")
}

// TestSearchSeesWhatTheActorSees: the same words, each reader his own hits; words of
// one and more characters in three languages.
func TestSearchSeesWhatTheActorSees(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	power := k.raise(k.company, "园区供电频繁中断", "每周停电三次，冷库温度升高，损失很大，供电所一直没有答复。")
	russian := k.raise(k.other, "Задержка возврата НДС", "Налоговая инспекция четвёртый месяц не возвращает экспортный НДС, ссылаясь на ПРОВЕРКУ.")
	k.must(k.issues.Register(ctx, k.office, power, feedback.Registration{Grade: "B", Lead: k.head.Unit}, k.key()))
	for _, c := range []struct {
		who  string
		by   org.Actor
		q    string
		want string
	}{
		{"the company", k.company, "供电", power},
		{"the company, in the text", k.company, "冷库 停电", power},
		{"one character", k.company, "库", power},
		{"both words, one missing", k.company, "冷库 停水", ""},
		{"pairs that are there, the word is not", k.company, "电频电", ""},
		{"another company", k.other, "供电", ""},
		{"its own", k.other, "налоговая проверку", russian},
		{"ё as е", k.other, "четвертый", russian},
		{"the lead unit", k.head, "供电", power},
		{"another unit", k.head2, "供电", ""},
		{"the office", k.office, "НДС", russian},
		{"the office, by number", k.office, strings.ToLower(power), power},
		{"the supervision office", k.watch, "冷库", power},
		{"a leader: not queued", k.leader, "供电", ""},
	} {
		found, err := k.intake.Search(ctx, c.by, c.q, "zh-CN")
		k.must(err)
		if got := refs(found, "issue"); got != c.want {
			t.Errorf("%s looks for %q: %q, not %q", c.who, c.q, got, c.want)
		}
	}
	_, err := k.owner.Exec(`INSERT INTO chamber_members (company_id, from_on) VALUES ($1, '2026-01-01')`, k.company.Company)
	k.must(err)
	for q, want := range map[string]string{"供电": power, "冷库": ""} {
		found, err := k.intake.Search(ctx, k.chamber, q, "zh-CN")
		k.must(err)
		if got := refs(found, "issue"); got != want {
			t.Errorf("the chamber looks for %q: %q, not %q", q, got, want)
		}
	}
	for _, q := range []string{"", "a", "—", strings.Repeat("长", intake.MaxQuery+1)} {
		if _, err := k.intake.Search(ctx, k.office, q, "zh-CN"); fault.FieldsOf(err)["q"].Key == "" {
			t.Errorf("%q was looked for: %v", q, err)
		}
	}
	k.companiesFound()
}

// companiesFound: the name of a company is found by those who may list companies.
func (k *county) companiesFound() {
	k.t.Helper()
	for _, by := range []org.Actor{k.office, k.company, k.head} {
		found, err := k.intake.Search(k.t.Context(), by, "食品公司", "zh-CN")
		k.must(err)
		if got := refs(found, "company") != ""; got != by.IsOffice() {
			k.t.Errorf("%s finds the company: %v", by.Role, got)
		}
	}
}

// TestDuplicatesAreSuggested: to a company its own, open and closed; to the office
// those of the category; merging ends the one and tells the company.
func TestDuplicatesAreSuggested(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	const body = "每周停电三次，冷库温度升高，损失很大，供电所一直没有答复。"
	first, theirs := k.raise(k.company, "园区供电频繁中断", body), k.raise(k.other, "园区供电经常中断影响生产", body)
	k.raise(k.company, "食品经营许可证延期办理", "许可证到期前三十日已提交延期申请，至今没有受理通知书。")
	second := k.raise(k.company, "园区供电中断频繁影响生产", body)
	k.must(k.issues.Withdraw(ctx, k.company, first, k.key()))
	mine, err := k.intake.Twins(ctx, k.company, "园区供电中断频繁影响生产", body, 2, 0)
	k.must(err)
	if len(mine) != 2 || mine[0].Ref != second || mine[1].Ref != first {
		t.Errorf("the company is shown %v", mine)
	}
	i, err := k.issues.Issue(ctx, k.office, second)
	k.must(err)
	all, err := k.intake.Twins(ctx, k.office, i.Title, i.Body, i.Category, i.ID)
	k.must(err)
	if len(all) != 2 {
		t.Errorf("the office is shown %d issues alike", len(all))
	}
	if none, err := k.intake.Twins(ctx, k.office, i.Title, i.Body, 3, i.ID); err != nil || len(none) != 0 {
		t.Errorf("of another category: %v %v", none, err)
	}
	if _, err := k.intake.Twins(ctx, k.head, i.Title, i.Body, 2, 0); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit asks for issues alike: %v", err)
	}
	if err := k.issues.Merge(ctx, k.office, second, theirs, "同一件事，合并办理。", k.key()); fault.FieldsOf(err) == nil {
		t.Errorf("merged into another company's issue: %v", err)
	}
}
