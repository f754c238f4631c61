package pgtest

import (
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
