package org_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

type fixture struct {
	*org.Store
	now time.Time
}

var operator = org.Actor{Role: org.RoleOperator}

func store(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	f.Store = org.NewStore(pgtest.Open(t), func() time.Time { return f.now }, []byte("secret"), org.Quick)
	return f
}

// licence makes a well-formed licence number out of 17 characters.
func licence(first17 string) string { return first17 + string(org.LicenceCheck(first17)) }

func (f *fixture) company(t *testing.T, first17 string) org.CompanyID {
	t.Helper()
	id, err := f.SaveCompany(t.Context(), operator, org.Company{Licence: licence(first17), Names: org.Names{ZH: "甲公司"}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestLicenceCheckCharacter(t *testing.T) {
	for code, want := range map[string]bool{
		"91350100M000100Y43": true, // the standard's own example
		"91350100M000100Y44": false, "91350100M000100Y4": false, "": false, "91350100I000100Y43": false,
	} {
		if got := org.ValidLicence(code); got != want {
			t.Errorf("ValidLicence(%q) = %t, want %t", code, got, want)
		}
	}
}

func TestActivateSignInDisable(t *testing.T) {
	f := store(t)
	ctx := t.Context()
	c := f.company(t, "91231121MA1900001")
	id, code, err := f.CreateAccount(ctx, operator, org.Account{Login: "Acme", Name: "王经理", Role: org.RoleCompany, Company: c})
	if err != nil {
		t.Fatal(err)
	}
	const pw = "一个很长的密码没人猜得到"
	for name, tt := range map[string][3]string{
		"wrong code":    {"AAAAAA-AAAAAA-AAAAAA-AAAAAA", licence("91231121MA1900001"), pw},
		"wrong licence": {code, licence("91231121MA1900002"), pw},
	} {
		if _, err := f.Activate(ctx, tt[0], tt[1], tt[2]); !errors.Is(err, org.ErrActivation) {
			t.Errorf("%s: %v, want ErrActivation", name, err)
		}
	}
	if _, err := f.Activate(ctx, code, licence("91231121MA1900001"), "短"); fault.FieldsOf(err)["password"].Key != "account.password-short" {
		t.Errorf("short password: %v", err)
	}
	if _, err := f.SignIn(ctx, "acme", pw, "here", false); !errors.Is(err, org.ErrSignIn) {
		t.Errorf("before activation: %v, want ErrSignIn", err)
	}
	if _, err := f.Activate(ctx, code, " "+licence("91231121MA1900001"), pw); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Activate(ctx, code, licence("91231121MA1900001"), pw); !errors.Is(err, org.ErrActivation) {
		t.Errorf("a code used twice: %v, want ErrActivation", err)
	}
	if got, err := f.SignIn(ctx, "ACME", pw, "here", false); err != nil || got != id {
		t.Fatalf("sign in: %d, %v", got, err)
	}
	token, err := f.NewSession(ctx, id, "phone")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := f.Session(ctx, token); err != nil || a.Account != id || a.Company != c || a.OrgName.ZH != "甲公司" {
		t.Errorf("session: %+v, %v", a, err)
	}
	if err := f.Disable(ctx, operator, id, true); err != nil {
		t.Fatal(err)
	}
	if a, _ := f.Session(ctx, token); a.SignedIn() {
		t.Error("a disabled account still has a session")
	}
	if _, err := f.SignIn(ctx, "acme", pw, "here", false); !errors.Is(err, org.ErrSignIn) {
		t.Errorf("disabled: %v, want ErrSignIn", err)
	}
}

func TestSessionEndsIdleAndAbsolutely(t *testing.T) {
	f := store(t)
	c := f.company(t, "91231121MA1900001")
	id, _, err := f.CreateAccount(t.Context(), operator, org.Account{Login: "acme", Name: "王", Role: org.RoleCompany, Company: c})
	if err != nil {
		t.Fatal(err)
	}
	idle, _ := f.NewSession(t.Context(), id, "")
	busy, _ := f.NewSession(t.Context(), id, "")
	for range 36 { // 12 hours of clicks every 20 minutes
		if a, err := f.Session(t.Context(), busy); err != nil || !a.SignedIn() {
			t.Fatalf("at %s: the busy session ended, %v", f.now, err)
		}
		f.now = f.now.Add(20 * time.Minute)
	}
	if a, _ := f.Session(t.Context(), busy); a.SignedIn() {
		t.Error("a session lives longer than 12 hours")
	}
	if a, _ := f.Session(t.Context(), idle); a.SignedIn() {
		t.Error("an idle session lives")
	}
}

// A stranger who hammers an account is refused at it, and by that keeps nobody
// out: neither the owner, on a device that signed in before or on a new one, nor
// others at his own address.
func TestStrangersCannotLockTheOwnerOut(t *testing.T) {
	f := store(t)
	ctx := t.Context()
	const pw = "correct horse battery"
	for i, login := range []string{"acme", "other"} {
		first := fmt.Sprintf("91231121MA190000%d", i+1)
		_, code, err := f.CreateAccount(ctx, operator, org.Account{Login: login, Name: "王", Role: org.RoleCompany, Company: f.company(t, first)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Activate(ctx, code, licence(first), pw); err != nil {
			t.Fatal(err)
		}
	}
	longest := time.Duration(0)
	f.Held(func(d time.Duration) { longest = max(longest, d) })
	refused, tried := 0, 0
	for n := range 3000 { // a moment each: one stranger, then thirty others
		source := "stranger"
		if n >= 2000 {
			source = fmt.Sprintf("stranger %d", n%30)
		}
		_, err := f.SignIn(ctx, "acme", fmt.Sprint("guess ", n), source, false)
		switch tried++; {
		case errors.Is(err, org.ErrWait):
			refused++
		case !errors.Is(err, org.ErrSignIn):
			t.Fatalf("a guess: %v", err)
		}
		f.now = f.now.Add(50 * time.Millisecond)
	}
	if tried-refused > 250 {
		t.Errorf("strangers made %d guesses in 150 seconds", tried-refused)
	}
	for _, one := range []struct {
		who, login, source string
		known              bool
	}{
		{"the owner on his own device", "acme", "owner", true},
		{"the owner on a new device", "acme", "owner's new phone", false},
		{"another at the stranger's address", "other", "stranger", false},
	} {
		longest = 0
		if _, err := f.SignIn(ctx, one.login, pw, one.source, one.known); err != nil {
			t.Errorf("%s: %v", one.who, err)
		}
		if longest > 3*time.Second {
			t.Errorf("%s was held back for %v", one.who, longest)
		}
	}
}

func TestHeadAndMembershipAreDated(t *testing.T) {
	f := store(t)
	ctx := t.Context()
	unit, err := f.SaveUnit(ctx, operator, org.Unit{Code: "D05", Class: 1, Names: org.Names{ZH: "县自然资源局", EN: "Natural Resources Bureau", RU: "Управление природных ресурсов"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{"张三", "李四", ""} {
		if err := f.SetHead(ctx, operator, unit, head); err != nil {
			t.Fatal(err)
		}
		if u, err := f.UnitByCode(ctx, "d05"); err != nil || u.Head != head {
			t.Errorf("head %q, %v; want %q", u.Head, err, head)
		}
	}
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
	id, _, err := f.CreateAccount(ctx, operator, org.Account{Login: "chair", Name: "组长", Role: org.RoleLeader, Body: group})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Appoint(ctx, operator, group, id, org.PostChair); err != nil {
		t.Fatal(err)
	}
	a, err := f.ActorOf(ctx, "chair")
	if err != nil || !a.IsLeader() || !a.MaySign() {
		t.Errorf("chair: %+v, %v", a, err)
	}
	if err := f.Dismiss(ctx, operator, group, id); err != nil {
		t.Fatal(err)
	}
	if a, err := f.ActorOf(ctx, "chair"); err != nil || a.IsLeader() || a.MaySign() {
		t.Errorf("a former member: %+v, %v", a, err)
	}
}

func TestCompaniesSeeOnlyThemselves(t *testing.T) {
	f := store(t)
	ctx := t.Context()
	mine, other := f.company(t, "91231121MA1900001"), f.company(t, "91231121MA1900002")
	me := org.Actor{Account: 1, Role: org.RoleCompany, Company: mine}
	if _, err := f.Company(ctx, me, mine); err != nil {
		t.Error(err)
	}
	for _, id := range []org.CompanyID{other, 999} {
		if _, err := f.Company(ctx, me, id); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("company %d: %v, want ErrNotFound", id, err)
		}
	}
	if _, err := f.SaveCompany(ctx, operator, org.Company{Licence: licence("91231121MA1900001"), Names: org.Names{ZH: "乙"}, Origin: "local", Sector: "food"}); fault.FieldsOf(err)["licence"].Key != "company.licence-taken" {
		t.Errorf("the same licence again: %v", err)
	}
}

// A demo county goes into an empty database once, and is half a county until it
// says that it is whole.
func TestDemoCountyIsHalfUntilFinished(t *testing.T) {
	s := store(t)
	is := func(what string, got bool, err error, want bool) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: got %t, %v, want %t", what, got, err, want)
		}
	}
	half, err := s.HalfDemo(t.Context())
	is("half before", half, err, false)
	begun, err := s.BeginDemo(t.Context(), 1)
	is("begin", begun, err, true)
	half, err = s.HalfDemo(t.Context())
	is("half when begun", half, err, true)
	begun, err = s.BeginDemo(t.Context(), 1)
	is("begin again", begun, err, false)
	if err := s.FinishDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	half, err = s.HalfDemo(t.Context())
	is("half when finished", half, err, false)
}
