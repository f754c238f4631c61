package evaluation

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"testing"
)

// sealedExample is the hand-written example of the documents with a seal put on it,
// and with a comparison, so that every part of a snapshot is there.
func sealedExample(t *testing.T) []byte {
	t.Helper()
	doc, err := os.ReadFile("../docs/examples/snapshot-small.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSnapshot(doc)
	if err != nil {
		t.Fatal(err)
	}
	s.Campaigns = []SnapshotCampaign{{Kind: "year_end", Scheme: "small/1", Counted: 40, LogRoot: "00", TallyHash: "11"}}
	s.Fairness = &Fairness{Status: fittedStatus, Units: []FairUnit{{Unit: 1, Class: 1, Raters: 20, Estimate: 86, Status: FairUsable}, {Unit: 2, Class: 1, Raters: 16, Estimate: 80, Status: FairUsable}}, Covariance: []float64{1, 0.25, 1.5}}
	b, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASnapshotReadAndWrittenIsItself(t *testing.T) {
	b := sealedExample(t)
	s, err := ReadSnapshot(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, b) {
		t.Errorf("read and written again it is another file:\n%s\n%s", b, again)
	}
}

// Whatever byte is changed, in whatever way, the file fails, and the part it stands
// in is named.
func TestAnyFlippedByteFailsAndIsNamed(t *testing.T) {
	b := sealedExample(t)
	named := regexp.MustCompile(`^(header|scheme|campaigns|fairness|seal|ranking|form|units|unit .+)$`)
	ends := bytes.Index(b, []byte(`,"header"`)) // before it stands the format
	for i := range b {
		for _, bit := range []byte{0x01, 0x20} {
			changed := bytes.Clone(b)
			changed[i] ^= bit
			_, err := ReadSnapshot(changed)
			var broken *SnapshotError
			switch {
			case err == nil:
				t.Fatalf("byte %d of %d (%q for %q) is not noticed", i, len(b), changed[i], b[i])
			case i <= ends && errors.Is(err, ErrNoSnapshot):
			case !errors.As(err, &broken) || !named.MatchString(broken.Part):
				t.Errorf("byte %d (%q for %q): no part is named: %v", i, changed[i], b[i], err)
			}
		}
	}
}

// A byte of a unit's facts is put down to that unit, whether the file can be read on
// or not.
func TestTheRightUnitIsNamed(t *testing.T) {
	b := sealedExample(t)
	at := bytes.Index(b, []byte(`"code":"U3"`))
	end := bytes.Index(b, []byte(`{"unit":4`))
	unit := regexp.MustCompile(`^unit (3|U3)$`)
	for i := at + len(`"code":"U3"`); i < end-1; i++ {
		changed := bytes.Clone(b)
		changed[i] ^= 0x01
		_, err := ReadSnapshot(changed)
		var broken *SnapshotError
		if !errors.As(err, &broken) || !unit.MatchString(broken.Part) {
			t.Errorf("byte %d (%q for %q): %v", i, changed[i], b[i], err)
		}
	}
}
