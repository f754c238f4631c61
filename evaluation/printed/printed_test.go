package printed

import (
	"bytes"
	"strings"
	"testing"
)

func TestForgivingOfCopying(t *testing.T) {
	raw := []byte{0, 1, 2, 250, 99, 18, 7, 200, 17, 5}
	text := Encode('A', raw)
	for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), strings.ReplaceAll(text, "-", " "),
		strings.ReplaceAll(text, "0", "O"), strings.ReplaceAll(text, "1", "l"), strings.ReplaceAll(text, "-", "　"), "\n" + text + "\r\n"} {
		if kind, got, err := Decode(typed); err != nil || kind != 'A' || !bytes.Equal(got, raw) {
			t.Errorf("%q: %c %x %v", typed, kind, got, err)
		}
	}
}

// A slip in one character, or two neighbours swapped, is noticed in all but
// about one of a thousand cases.
func TestSlipsAreNoticed(t *testing.T) {
	text := strings.ReplaceAll(Encode('1', []byte("sixteen bytes ok")), "-", "")
	tried, missed := 0, 0
	for i := range text {
		for _, r := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			if byte(r) == text[i] {
				continue
			}
			tried++
			if _, _, err := Decode(text[:i] + string(r) + text[i+1:]); err == nil {
				missed++
			}
		}
	}
	if tried < 800 || missed > tried/200 {
		t.Errorf("%d of %d slips were missed", missed, tried)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode('1', []byte("sixteen bytes ok")))
	f.Add("")
	f.Add("1-0")
	f.Add("ÀÀÀÀ—０１２")
	f.Fuzz(func(t *testing.T, typed string) {
		kind, raw, err := Decode(typed)
		if err != nil {
			return
		}
		if again := Encode(kind, raw); Fold(again) != Fold(typed) {
			t.Errorf("%q reads as %q", typed, again)
		}
	})
}
