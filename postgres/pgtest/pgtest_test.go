package pgtest

import "testing"

func TestRunTimeRolesReachOnlyWhatTheyMay(t *testing.T) {
	db, box := Open(t), OpenBox(t)
	for _, tt := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"the portal reads units", try(db.Exec(`SELECT * FROM units`)), true},
		{"the portal changes the audit log", try(db.Exec(`DELETE FROM audit`)), false},
		{"the portal reads the audit head", try(db.Exec(`SELECT * FROM audit_head`)), false},
		{"the caster reads the notice", try(box.Cast.Exec(`SELECT * FROM box_campaign`)), true},
		{"the caster reads staged ballots", try(box.Cast.Exec(`SELECT * FROM box_stage`)), false},
		{"the caster reads ballots", try(box.Cast.Exec(`SELECT * FROM box`)), false},
		{"the caster counts", try(box.Cast.Exec(`SELECT * FROM box_counted(1)`)), false},
		{"the tally reads staged ballots", try(box.Tally.Exec(`SELECT * FROM box_stage`)), false},
		{"the tally casts", try(box.Tally.Exec(`SELECT box_cast(1, '\x00', 'G1', '\x00', '\x00')`)), false},
		{"the tally counts", try(box.Tally.Exec(`SELECT * FROM box_counted(1)`)), true},
	} {
		if (tt.err == nil) != tt.ok {
			t.Errorf("%s: got %v, want allowed %t", tt.name, tt.err, tt.ok)
		}
	}
}

func try(_ any, err error) error { return err }
