package ballotbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/width"

	"pingyi/fault"
)

// CampaignID numbers a campaign.
type CampaignID int64

// Secret is the random part of a card; whoever has it can cast.
type Secret [16]byte

// Card is what a rater holds: the secret, the group, and a mark that shows the
// office issued it.
type Card struct {
	Campaign CampaignID
	Group    string // G1 to G5
	Secret   Secret
	mark     [10]byte
}

// Errors of cards.
var (
	ErrCard       = fault.New(fault.Invalid, "card.wrong")
	ErrNoCampaign = fault.New(fault.NotFound, "card.no-campaign")
)

// Draw draws the secret of a new card.
func Draw() Secret {
	var s Secret
	_, _ = rand.Read(s[:])
	return s
}

// Hex writes the secret for a hidden field of the page that hands it over.
func (s Secret) Hex() string { return hex.EncodeToString(s[:]) }

// SecretFromHex reads what Hex writes.
func SecretFromHex(text string) (Secret, bool) {
	var s Secret
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(s) {
		return s, false
	}
	copy(s[:], b)
	return s, true
}

// hash is SHA-256 over a domain string and the parts, each with its length.
func hash(domain string, parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range append([][]byte{[]byte(domain)}, parts...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return h.Sum(nil)
}

func number(n int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return b[:]
}

// Tag is what the register keeps of a collected card. Without the secret nobody
// can tell which slot it belongs to.
func (s Secret) Tag(c CampaignID, rater int64) []byte {
	return hash("pingyi/issue/v1", number(int64(c)), number(rater), s[:])
}

// slot is the card's place in the box.
func (c Card) slot() []byte { return hash("pingyi/slot/v1", number(int64(c.Campaign)), c.Secret[:]) }

// alphabet is Crockford's: no I, L, O, U.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// groups maps a group to the first character of the printed card.
const groups = "G1G2G3G4G5"

// Text writes the card in groups of four: campaign-independent group digit,
// secret, mark and two check characters, 45 characters.
func (c Card) Text() string {
	raw := append(append([]byte{}, c.Secret[:]...), c.mark[:]...) // 26 bytes, 42 characters
	body := c.Group[1:] + alphabet.EncodeToString(raw)
	body += check(body)
	var b strings.Builder
	for i, r := range body {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Last4 returns the last four characters, which the holder types to show that he
// has kept the card.
func (c Card) Last4() string {
	t := strings.ReplaceAll(c.Text(), "-", "")
	return t[len(t)-4:]
}

// check returns two characters that catch a mistyped card.
func check(body string) string {
	sum := sha256.Sum256([]byte("pingyi/check/v1" + body))
	return alphabet.EncodeToString(sum[:2])[:2]
}

// Fold makes what a person typed comparable: case, spaces, dashes and the
// letters that look like digits do not matter.
func Fold(typed string) string {
	s := strings.ToUpper(width.Narrow.String(typed))
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r == ' ' || r == '-' || r == '–' || r == '—' || r == '\u3000' || r == '\n' || r == '\t' || r == '\r':
			return -1
		}
		return r
	}, s)
}

// ParseCard reads a card as typed or scanned. It does not check the mark.
func ParseCard(c CampaignID, typed string) (Card, error) {
	body := Fold(typed)
	if len(body) != 45 || body[0] < '1' || body[0] > '5' || check(body[:43]) != body[43:] {
		return Card{}, ErrCard
	}
	raw, err := alphabet.DecodeString(body[1:43])
	if err != nil || len(raw) != 26 {
		return Card{}, ErrCard
	}
	card := Card{Campaign: c, Group: "G" + body[:1]}
	copy(card.Secret[:], raw[:16])
	copy(card.mark[:], raw[16:])
	return card, nil
}

// Keys holds the keys that make online cards valid, one file for each campaign
// and group. They are destroyed at the close.
type Keys struct {
	dir  string
	held sync.Map // file → heldKey
}

// heldKey is a key in memory: read anew every few seconds, so that no process
// holds one long after another has destroyed it.
type heldKey struct {
	key  []byte
	read time.Time
}

const holdKey = 5 * time.Second

// NewKeys returns the keys kept in dir, which must be readable by this user alone.
func NewKeys(dir string) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the key folder: %w", err)
	}
	return &Keys{dir: dir}, nil
}

func (k *Keys) file(c CampaignID, group string) string {
	return filepath.Join(k.dir, fmt.Sprintf("card-%d-%s", c, group))
}

// Create makes the keys of a campaign; those that exist stay.
func (k *Keys) Create(c CampaignID, groups []string) error {
	for _, g := range groups {
		f, err := os.OpenFile(k.file(c, g), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("make the card key of %s: %w", g, err)
		}
		var key [32]byte
		_, _ = rand.Read(key[:])
		_, err = f.Write(key[:])
		if err == nil {
			err = f.Sync()
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return fmt.Errorf("keep the card key of %s: %w", g, err)
		}
	}
	return nil
}

// Destroy removes the keys of a campaign: no card can be made any more.
func (k *Keys) Destroy(c CampaignID) error {
	for i := 0; i < len(groups); i += 2 {
		k.held.Delete(k.file(c, groups[i:i+2]))
		if err := os.Remove(k.file(c, groups[i:i+2])); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("destroy a card key: %w", err)
		}
	}
	return nil
}

func (k *Keys) key(file string) ([]byte, error) {
	if h, ok := k.held.Load(file); ok && time.Since(h.(heldKey).read) < holdKey {
		return h.(heldKey).key, nil
	}
	key, err := os.ReadFile(file)
	if err != nil {
		k.held.Delete(file)
		return nil, err
	}
	k.held.Store(file, heldKey{key, time.Now()})
	return key, nil
}

func (k *Keys) mark(c CampaignID, group string, s Secret) ([10]byte, error) {
	var m [10]byte
	key, err := k.key(k.file(c, group))
	if err != nil {
		return m, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(hash("card/v1", number(int64(c)), []byte(group), s[:]))
	copy(m[:], mac.Sum(nil))
	return m, nil
}

// Issue makes the card of a secret.
func (k *Keys) Issue(c CampaignID, group string, s Secret) (Card, error) {
	m, err := k.mark(c, group, s)
	if err != nil {
		return Card{}, fmt.Errorf("make a card: %w", err)
	}
	return Card{Campaign: c, Group: group, Secret: s, mark: m}, nil
}

// Check reports ErrCard for a card that the office did not issue for the
// campaign and group. After the close there is no key and no card is good.
func (k *Keys) Check(c Card) error {
	m, err := k.mark(c.Campaign, c.Group, c.Secret)
	if os.IsNotExist(err) {
		return ErrCard
	}
	if err != nil {
		return fmt.Errorf("check a card: %w", err)
	}
	if !hmac.Equal(m[:], c.mark[:]) {
		return ErrCard
	}
	return nil
}
