package ballotbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"pingyi/evaluation/printed"
	"pingyi/fault"
	"pingyi/merkle"
)

// CampaignID numbers a campaign.
type CampaignID int64

// Secret is the random part of a card; whoever has it can cast.
type Secret [16]byte

// Card is what a rater holds: the secret, the group, and, on a card collected
// online, a mark that shows the office issued it. A printed card needs none: its
// slot was published before the campaign opened.
type Card struct {
	Campaign CampaignID
	Group    string // G1 to G5
	Secret   Secret
	Printed  bool
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

// Slot is the card's place in the box. It is public, and says nothing about the
// secret.
func (s Secret) Slot(c CampaignID) []byte { return hash("pingyi/slot/v1", number(int64(c)), s[:]) }

// pseudonym marks the ballots of one card inside the seal, for one campaign only.
func (s Secret) pseudonym(c CampaignID) []byte {
	return hash("pingyi/rater/v1", number(int64(c)), s[:])
}

// groups are the rater groups, in the order of the first character of a printed card.
var groups = []string{"G1", "G2", "G3", "G4", "G5"}

// Text writes the card in groups of five. The first character tells the group and
// whether the card was collected online (1 to 5; secret and mark, 45 characters)
// or printed for an envelope or as the serial of a paper ballot (A to E; the
// secret alone, 29 characters, for its slot is on a list).
func (c Card) Text() string {
	kind := c.Group[1]
	if c.Printed {
		return printed.Encode('A'+kind-'1', c.Secret[:])
	}
	return printed.Encode(kind, append(append([]byte{}, c.Secret[:]...), c.mark[:]...))
}

// Last4 returns the last four characters, which the holder types to show that he
// has kept the card.
func (c Card) Last4() string {
	t := printed.Fold(c.Text())
	return t[len(t)-4:]
}

// ParseCard reads a card as typed or scanned. It does not check the mark.
func ParseCard(c CampaignID, typed string) (Card, error) {
	kind, raw, err := printed.Decode(typed)
	switch {
	case err != nil:
	case kind >= '1' && kind <= '5' && len(raw) == 26:
		card := Card{Campaign: c, Group: "G" + string(kind)}
		copy(card.Secret[:], raw[:16])
		copy(card.mark[:], raw[16:])
		return card, nil
	case kind >= 'A' && kind <= 'E' && len(raw) == 16:
		card := Card{Campaign: c, Group: "G" + string(kind-'A'+'1'), Printed: true}
		copy(card.Secret[:], raw)
		return card, nil
	}
	return Card{}, ErrCard
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
	for _, g := range groups {
		k.held.Delete(k.file(c, g))
		if err := os.Remove(k.file(c, g)); err != nil && !os.IsNotExist(err) {
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

// check reports ErrCard for a card collected online that the office did not issue
// for the campaign and group. After the close there is no key and no card is good.
func (k *Keys) check(c Card) error {
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

// Log returns the signer of a campaign's log and its public key; the key is made
// on first use. origin names the log.
func (k *Keys) Log(c CampaignID, origin string) (note.Signer, string, error) {
	file := filepath.Join(k.dir, fmt.Sprintf("log-%d", c))
	if h, ok := k.held.Load(file); ok {
		return h.(heldSigner).signer, h.(heldSigner).public, nil
	}
	signer, public, err := merkle.KeyFile(file, origin)
	if err != nil {
		return nil, "", err
	}
	k.held.Store(file, heldSigner{signer, public})
	return signer, public, nil
}

// heldSigner is a signing key in memory.
type heldSigner struct {
	signer note.Signer
	public string
}
