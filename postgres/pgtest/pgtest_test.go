package pgtest

import (
	"net/url"
	"strings"
	"testing"

	"pingyi/postgres"
)

func TestRunTimeRolesReachOnlyWhatTheyMay(t *testing.T) {
	db, box := Open(t), OpenBox(t)
	for _, tt := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"the portal reads units", try(db.Exec(`SELECT * FROM units`)), true},
		{"the portal changes the audit log", try(db.Exec(`DELETE FROM audit`)), false},
		{"the portal changes the audit head", try(db.Exec(`UPDATE audit_head SET seq = 0`)), false},
		{"the caster reads the notice", try(box.Cast.Exec(`SELECT * FROM box_campaign`)), false},
		{"the caster reads staged ballots", try(box.Cast.Exec(`SELECT * FROM box_stage`)), false},
		{"the caster reads ballots", try(box.Cast.Exec(`SELECT * FROM box`)), false},
		{"the caster asks for a receipt", try(box.Cast.Exec(`SELECT * FROM box_receipt('x')`)), true},
		{"the keeper reads staged ballots", try(box.Tally.Exec(`SELECT * FROM box_stage`)), false},
		{"the keeper casts", try(box.Tally.Exec(`SELECT * FROM box_cast(1, 'x', 'G1', false, 'x', 'x', 'x', 'x')`)), false},
		{"the keeper reads sealed ballots", try(box.Tally.Exec(`SELECT * FROM box`)), true},
		{"the keeper changes sealed ballots", try(box.Tally.Exec(`DELETE FROM box`)), false},
	} {
		if (tt.err == nil) != tt.ok {
			t.Errorf("%s: got %v, want allowed %t", tt.name, tt.err, tt.ok)
		}
	}
}

func try(_ any, err error) error { return err }

// A server whose log would hold parts of ballots is refused, by name of the
// setting; so is none of ours.
func TestSettingsThatLeakAreRefused(t *testing.T) {
	box := OpenBox(t)
	if err := postgres.CheckSilent(t.Context(), box.Cast); err != nil {
		t.Errorf("as prepared: %v", err)
	}
	box.Owner.SetMaxOpenConns(1)
	for _, setting := range []string{"log_min_error_statement = error", "log_error_verbosity = verbose", "log_statement = 'all'", "log_min_duration_statement = 0", "log_parameter_max_length_on_error = -1"} {
		if _, err := box.Owner.Exec(`SET ` + setting); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(setting, " ")
		if err := postgres.CheckSilent(t.Context(), box.Owner); err == nil || !strings.Contains(err.Error(), name+" is") || !strings.Contains(err.Error(), "ALTER ROLE pingyi_cast SET") {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func TestOneServerOrTwo(t *testing.T) {
	box := OpenBox(t)
	if same, err := postgres.SameServer(t.Context(), Open(t), box.Cast); err != nil || !same {
		t.Errorf("two databases of one server: %t, %v", same, err)
	}
	other, err := Throwaway(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Stop() })
	d, err := postgres.Prepare(t.Context(), adminURL, other.DSN(), Secret)
	if err != nil {
		t.Fatal(err)
	}
	cast, err := postgres.Open(t.Context(), d.Cast, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cast.Close() }()
	if same, err := postgres.SameServer(t.Context(), Open(t), cast); err != nil || same {
		t.Errorf("two servers: %t, %v", same, err)
	}
}

// Whoever may make roles and databases prepares a server alone, as often as he
// likes. An ordinary owner of the database is told everything an administrator
// has to run, and gets by without once that was run.
func TestPrepareAsOrdinaryUser(t *testing.T) {
	cluster, err := Throwaway(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Stop() })
	super, err := postgres.Open(t.Context(), cluster.DSN(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = super.Close() })
	as := func(name, powers string) string {
		super.MustExec(`CREATE ROLE ` + name + ` LOGIN PASSWORD 'own' ` + powers)
		super.MustExec(`CREATE DATABASE ` + name + ` OWNER ` + name)
		u, err := url.Parse(cluster.DSN())
		if err != nil {
			t.Fatal(err)
		}
		u.Path, u.User = "/"+name, url.UserPassword(name, "own")
		return u.String()
	}
	maker := as("maker", "CREATEROLE CREATEDB")
	for i := range 2 {
		if _, err := postgres.Prepare(t.Context(), maker, "", Secret); err != nil {
			t.Fatalf("start %d of a user who may make roles: %v", i+1, err)
		}
	}
	plain := as("plain", "")
	super.MustExec(`ALTER ROLE plain SET log_statement = 'all'`)
	secret := []byte("another secret, with 32 characters")
	_, err = postgres.Prepare(t.Context(), plain, "", secret)
	if err == nil {
		t.Fatal("an ordinary user prepared a server")
	}
	_, script, _ := strings.Cut(err.Error(), "as a superuser:\n")
	for _, want := range []string{`CREATE DATABASE "plain_box" OWNER "plain"`, "ALTER ROLE pingyi_app PASSWORD", `GRANT CONNECT ON DATABASE "plain_box" TO pingyi_cast`, "ALTER ROLE pingyi_cast SET log_statement = 'none'"} {
		if !strings.Contains(script, want) {
			t.Errorf("the administrator is not asked for %s:\n%s", want, script)
		}
	}
	for q := range strings.SplitSeq(script, ";\n") {
		if _, err := super.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	d, err := postgres.Prepare(t.Context(), plain, "", secret)
	if err != nil {
		t.Fatalf("after the administrator: %v", err)
	}
	cast, err := postgres.Open(t.Context(), d.Cast, 1)
	if err != nil {
		t.Fatal(err)
	}
	_ = cast.Close()
}
