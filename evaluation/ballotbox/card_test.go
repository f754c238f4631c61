package ballotbox

import (
	"errors"
	"strings"
	"testing"
)

func keys(t testing.TB) *Keys {
	t.Helper()
	k, err := NewKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Create(1, []string{"G1", "G2"}); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCardSurvivesTypingAndRefusesForgery(t *testing.T) {
	k := keys(t)
	card, err := k.Issue(1, "G1", Draw())
	if err != nil {
		t.Fatal(err)
	}
	for name, typed := range map[string]string{
		"as printed":    card.Text(),
		"lower case":    strings.ToLower(card.Text()),
		"with spaces":   strings.ReplaceAll(card.Text(), "-", "  "),
		"O for 0":       strings.ReplaceAll(card.Text(), "0", "O"),
		"l for 1":       strings.ReplaceAll(card.Text(), "1", "l"),
		"on two lines":  strings.Replace(card.Text(), "-", "\n", 1),
		"no separators": strings.ReplaceAll(card.Text(), "-", ""),
	} {
		got, err := ParseCard(1, typed)
		if err != nil || got != card {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		if err := k.check(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, _ := ParseCard(2, card.Text())
	if err := k.check(other); !errors.Is(err, ErrCard) {
		t.Errorf("a card of another campaign: %v, want ErrCard", err)
	}
	forged := card
	forged.Group = "G2"
	if err := k.check(forged); !errors.Is(err, ErrCard) {
		t.Errorf("a card moved to another group: %v, want ErrCard", err)
	}
	forged = card
	forged.mark[0] ^= 1
	if err := k.check(forged); !errors.Is(err, ErrCard) {
		t.Errorf("a card with a forged mark: %v, want ErrCard", err)
	}
	if err := k.Destroy(1); err != nil {
		t.Fatal(err)
	}
	if err := k.check(card); !errors.Is(err, ErrCard) {
		t.Errorf("after the keys are destroyed: %v, want ErrCard", err)
	}
}

func TestOneWrongCharacterIsNoticed(t *testing.T) {
	// always the same card, for a drawn one would fail by chance one time in a thousand
	card := Card{Campaign: 1, Group: "G1", Secret: Secret{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}}
	plain := strings.ReplaceAll(card.Text(), "-", "")
	noticed := 0
	for i := range plain {
		c := byte('7')
		if plain[i] == c {
			c = '8'
		}
		if _, err := ParseCard(1, plain[:i]+string(c)+plain[i+1:]); err != nil {
			noticed++
		}
	}
	// two check characters let one in 1,024 through; the mark stops it later
	if noticed < len(plain)-1 {
		t.Errorf("%d of %d single mistakes noticed", noticed, len(plain))
	}
}

func TestTagAndSlotShareNothing(t *testing.T) {
	s := Draw()
	card := Card{Campaign: 1, Group: "G1", Secret: s}
	if string(s.Tag(1, 7)) == string(card.Secret.Slot(card.Campaign)) || string(s.Tag(1, 7)) == string(s.Tag(1, 8)) || string(s.Tag(1, 7)) == string(s.Tag(2, 7)) {
		t.Error("tag and slot must differ, and by rater and campaign")
	}
}

func FuzzParseCard(f *testing.F) {
	card := Card{Campaign: 1, Group: "G3", Secret: Draw()}
	f.Add(card.Text())
	f.Add("")
	f.Add("1" + strings.Repeat("O", 44))
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := ParseCard(1, typed)
		if err != nil {
			return
		}
		again, err := ParseCard(1, c.Text())
		if err != nil || again != c {
			t.Errorf("%q: read back as %v, %v", typed, again, err)
		}
	})
}
