package feedback_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

var weights = feedback.SheetWeights{Items: map[string]int{"q1": 20, "q2": 30, "q3": 20, "q4": 30},
	Values: map[string]int{"vs": 100, "s": 80, "b": 60, "d": 30, "vd": 0}, Least: 50}

type fixture struct {
	*feedback.Store
	clock                                   func() time.Time
	db                                      *sqlx.DB
	now                                     time.Time
	n                                       int
	company, rival, unit, other, clerk      org.Actor
	party, government, chair, member, watch org.Actor
}

var shanghai = calendar.Shanghai

// at sets the clock to a moment in Shanghai.
func (f *fixture) at(t *testing.T, s string) {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	f.now = v.UTC()
}

func (f *fixture) key() string {
	f.n++
	return fmt.Sprintf("key-number-%06d", f.n)
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{}
	f.at(t, "2026-11-23 10:00")
	db := pgtest.Open(t)
	f.db = db
	now := func() time.Time { return f.now }
	f.clock = now
	cal := calendar.NewStore(db, now)
	ctx := t.Context()
	if err := cal.Ship(ctx); err != nil {
		t.Fatal(err)
	}
	orgs := org.NewStore(db, now, []byte("secret"), org.Quick)
	op := org.Actor{Role: org.RoleOperator}
	account := func(login string, a org.Account, post org.Post) org.Actor {
		t.Helper()
		a.Login, a.Name = login, login
		id, _, err := orgs.CreateAccount(ctx, op, a)
		if err != nil {
			t.Fatal(err)
		}
		if post != "" {
			if err := orgs.Appoint(ctx, op, a.Body, id, post); err != nil {
				t.Fatal(err)
			}
		}
		actor, err := orgs.ActorOf(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	company := func(n string) org.CompanyID {
		first := "91231121MA190000" + n
		id, err := orgs.SaveCompany(ctx, op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: "公司" + n}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	unit := func(code string) org.UnitID {
		id, err := orgs.SaveUnit(ctx, op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	bodies, err := orgs.Bodies(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	f.company = account("acme", org.Account{Role: org.RoleCompany, Company: company("1")}, "")
	f.rival = account("rival", org.Account{Role: org.RoleCompany, Company: company("2")}, "")
	f.unit = account("d05", org.Account{Role: org.RoleOfficer, Unit: unit("D05")}, "")
	f.other = account("d06", org.Account{Role: org.RoleHead, Unit: unit("D06")}, "")
	f.party = account("party", org.Account{Role: org.RoleReceiver, Body: body[org.BodyPartyOffice]}, "")
	f.government = account("gov", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	f.chair = account("chair", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostChair)
	f.member = account("member", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	f.watch = account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]}, "")
	f.clerk = account("clerk", org.Account{Role: org.RoleClerk, Body: body[org.BodyGovernmentOffice]}, "")
	f.Store, err = feedback.NewStore(db, now, cal, weights, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) raise(t *testing.T) string {
	t.Helper()
	ref, err := f.Raise(t.Context(), f.company, feedback.IssueDraft{Category: 2, Title: "施工许可迟迟不批", Body: "材料三次补正，窗口每次说法不一样，厂房不能开工。", NameShown: "unit", Lang: "zh-CN"}, f.key())
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func (f *fixture) must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

const text = "已经组织三个科室会商，许可证将在本周五前发出。"
