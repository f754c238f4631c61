package ballotbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/text/unicode/norm"

	"pingyi/merkle"
)

// Leaf is what the public log says of a ballot: which slot, which version, that
// the rater's own word belongs to it, and to which content it is bound. It says
// nothing of the content itself.
type Leaf struct {
	Campaign CampaignID
	Group    string
	Slot     []byte // 32 bytes
	Version  int
	Word     []byte // 32 bytes: hash of secret and own word
	Commit   []byte // 32 bytes: hash of the payload, which holds a salt
}

const leafKind = "pingyi-ballot/v1"

// ErrLeaf: the text is no leaf of a log of ballots.
var ErrLeaf = errors.New("not a ballot of the log")

// String writes the leaf as it stands in the log: seven lines.
func (l Leaf) String() string {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("%s\n%d\n%s\n%s\n%d\n%s\n%s\n", leafKind, l.Campaign, l.Group, b64(l.Slot), l.Version, b64(l.Word), b64(l.Commit))
}

// ParseLeaf reads a leaf; ErrLeaf for anything that String does not write.
func ParseLeaf(text string) (Leaf, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 8 || lines[0] != leafKind {
		return Leaf{}, ErrLeaf
	}
	campaign, err := strconv.ParseInt(lines[1], 10, 64)
	version, err2 := strconv.Atoi(lines[4])
	if err != nil || err2 != nil || campaign < 1 || version < 1 {
		return Leaf{}, ErrLeaf
	}
	l := Leaf{Campaign: CampaignID(campaign), Group: lines[2], Version: version}
	for _, f := range []struct {
		to   *[]byte
		text string
	}{{&l.Slot, lines[3]}, {&l.Word, lines[5]}, {&l.Commit, lines[6]}} {
		if *f.to, err = base64.StdEncoding.DecodeString(f.text); err != nil || len(*f.to) != sha256.Size {
			return Leaf{}, ErrLeaf
		}
	}
	if l.String() != text {
		return Leaf{}, ErrLeaf
	}
	return l, nil
}

// Hash is the leaf's hash in the tree.
func (l Leaf) Hash() merkle.Hash { return tlog.RecordHash([]byte(l.String())) }

// CommitTo is what a leaf keeps of a payload.
func CommitTo(payload []byte) []byte { return hash("pingyi/commit/v1", payload) }

// Word is the rater's own word, as compared: NFC, without blanks at the ends.
func Word(typed string) string { return norm.NFC.String(strings.TrimSpace(typed)) }

// CheckWord reports ErrWord for a word that is too short or too long.
func CheckWord(typed string) error {
	if n := utf8.RuneCountInString(Word(typed)); n < MinWord || n > MaxWord {
		return ErrWord
	}
	return nil
}

// WordHash binds the own word to the card: two raters with the same answers and
// the same word still have different leaves.
func (s Secret) WordHash(word string) []byte {
	return hash("pingyi/word/v1", s[:], []byte(Word(word)))
}

// Says reports whether the leaf was made with the card and the own word.
func (l Leaf) Says(c Card, word string) (cardOK, wordOK bool) {
	cardOK = subtle.ConstantTimeCompare(l.Slot, c.Secret.Slot(l.Campaign)) == 1
	wordOK = subtle.ConstantTimeCompare(l.Word, c.Secret.WordHash(word)) == 1
	return cardOK, wordOK
}

// Receipt is the box's signed promise that a leaf will be in the log by a day.
type Receipt struct {
	Leaf    Leaf
	MergeBy string // a day, YYYY-MM-DD, in Shanghai
}

const mergeBy = "merge-by "

// text is the body of the receipt's note.
func (r Receipt) text() string { return r.Leaf.String() + mergeBy + r.MergeBy + "\n" }

// ErrReceipt: the text is no receipt.
var ErrReceipt = errors.New("not a receipt")

// Sign signs the receipt.
func (r Receipt) Sign(by note.Signer) ([]byte, error) { return merkle.Sign(r.text(), by) }

// ReadReceipt reads a receipt without checking the signature; ErrReceipt for
// anything else.
func ReadReceipt(msg []byte) (Receipt, error) {
	text, _, ok := strings.Cut(strings.ReplaceAll(string(msg), "\r\n", "\n"), "\n\n")
	if !ok {
		return Receipt{}, ErrReceipt
	}
	return parseReceipt(text + "\n")
}

func parseReceipt(text string) (Receipt, error) {
	at := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1
	if at == 0 || !strings.HasPrefix(text[at:], mergeBy) {
		return Receipt{}, ErrReceipt
	}
	leaf, err := ParseLeaf(text[:at])
	if err != nil {
		return Receipt{}, ErrReceipt
	}
	r := Receipt{Leaf: leaf, MergeBy: strings.TrimSuffix(strings.TrimPrefix(text[at:], mergeBy), "\n")}
	if len(r.MergeBy) != 10 || r.text() != text {
		return Receipt{}, ErrReceipt
	}
	return r, nil
}

// OpenReceipt reads a receipt and checks the signature of the log's key.
func OpenReceipt(msg []byte, logKey string) (Receipt, error) {
	// a receipt saved on Windows has other line ends and may have lost its last one
	clean := strings.TrimRight(strings.ReplaceAll(string(msg), "\r\n", "\n"), "\n ") + "\n"
	n, err := merkle.OpenNote([]byte(clean), logKey)
	if err != nil {
		return Receipt{}, err
	}
	return parseReceipt(n.Text)
}

// CountedSet is the signed list of the ballots that count: of each slot the last
// version in the log at the close.
type CountedSet struct {
	Origin   string
	Campaign CampaignID
	LogSize  int64
	Index    []int64 // places in the log, ascending
}

const countedKind = "pingyi-counted/v1"

// ErrCounted: the text is no counted set.
var ErrCounted = errors.New("not a counted set")

// Root is the root over the places in the list, as leaves of a tree of their own:
// one short text that stands for the whole set, for the notice board.
func (c CountedSet) Root() (merkle.Hash, error) {
	t := &merkle.Tree{}
	for _, i := range c.Index {
		if err := t.Add(tlog.RecordHash([]byte(strconv.FormatInt(i, 10)))); err != nil {
			return merkle.Hash{}, err
		}
	}
	return t.Root(t.Size)
}

// Text is the body of the note.
func (c CountedSet) Text() (string, error) {
	root, err := c.Root()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%d\n%d\n%d\n%s\n", countedKind, c.Origin, c.Campaign, c.LogSize, len(c.Index), root)
	for _, i := range c.Index {
		fmt.Fprintln(&b, i)
	}
	return b.String(), nil
}

// OpenCounted reads a counted set and checks the signature and its own root.
func OpenCounted(msg []byte, logKey string) (CountedSet, error) {
	n, err := merkle.OpenNote(msg, logKey)
	if err != nil {
		return CountedSet{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 7 || lines[0] != countedKind {
		return CountedSet{}, ErrCounted
	}
	var nums [3]int64
	for i := range nums {
		if nums[i], err = strconv.ParseInt(lines[2+i], 10, 64); err != nil {
			return CountedSet{}, ErrCounted
		}
	}
	c := CountedSet{Origin: lines[1], Campaign: CampaignID(nums[0]), LogSize: nums[1]}
	for _, l := range lines[6 : len(lines)-1] {
		i, err := strconv.ParseInt(l, 10, 64)
		if err != nil {
			return CountedSet{}, ErrCounted
		}
		c.Index = append(c.Index, i)
	}
	text, err := c.Text()
	if err != nil || text != n.Text {
		return CountedSet{}, ErrCounted
	}
	return c, nil
}
