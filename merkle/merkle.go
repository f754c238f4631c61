// Package merkle keeps and checks append-only logs: a Merkle tree after RFC 6962
// over the leaves, checkpoints (origin, size, root) signed as notes, and
// cosignatures of witnesses who checked that each checkpoint extends the last.
// Trees and proofs are those of golang.org/x/mod/sumdb/tlog, signatures those of
// golang.org/x/mod/sumdb/note.
package merkle

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree.
type Hash = tlog.Hash

// Checkpoint is what a log stands for at a moment: everything up to Size.
type Checkpoint struct {
	Origin string // which log
	Size   int64  // leaves
	Root   Hash
}

// Errors of checking.
var (
	ErrCheckpoint = errors.New("not a checkpoint")
	ErrSignature  = errors.New("the signature of the log is missing or wrong")
	ErrFork       = errors.New("the log does not extend what was seen before")
)

// Text is the body of a checkpoint note.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads the body of a checkpoint note; ErrCheckpoint for
// anything else.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, ErrCheckpoint
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return Checkpoint{}, ErrCheckpoint
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// Open reads a signed checkpoint and checks the log's signature by its public
// key. It returns the note too, whose other signatures may be witnesses'.
func Open(msg []byte, logKey string, witnesses ...string) (Checkpoint, *note.Note, error) {
	n, err := OpenNote(msg, logKey, witnesses...)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	return c, n, nil
}

// OpenNote reads a note that the key of the first argument must have signed;
// keys that cannot be read are errors, signatures of unknown keys are not.
func OpenNote(msg []byte, logKey string, witnesses ...string) (*note.Note, error) {
	v, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, fmt.Errorf("the log's public key cannot be read: %w", err)
	}
	all := []note.Verifier{v}
	for _, w := range witnesses {
		wv, err := note.NewVerifier(w)
		if err != nil {
			return nil, fmt.Errorf("a witness's public key cannot be read: %w", err)
		}
		all = append(all, wv)
	}
	n, err := note.Open(msg, note.VerifierList(all...))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSignature, err)
	}
	for _, s := range n.Sigs {
		if s.Name == v.Name() && s.Hash == v.KeyHash() {
			return n, nil
		}
	}
	return nil, ErrSignature
}

// Sign signs a text, which must end with a newline, as a note.
func Sign(text string, by note.Signer) ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: text}, by)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return msg, nil
}

// Cosign adds a witness's signature to a signed note that has been opened, and
// returns that signature's line alone.
func Cosign(n *note.Note, by note.Signer) (string, error) {
	msg, err := note.Sign(&note.Note{Text: n.Text}, by)
	if err != nil {
		return "", fmt.Errorf("cosign: %w", err)
	}
	_, line, ok := strings.Cut(string(msg), "\n\n")
	if !ok {
		return "", ErrCheckpoint
	}
	return line, nil
}

// Tree holds the hashes of a log in memory, in tlog's order of storing.
type Tree struct {
	Size  int64
	nodes []Hash
}

// ReadHashes reads stored hashes, for proofs.
func (t *Tree) ReadHashes(at []int64) ([]Hash, error) {
	out := make([]Hash, len(at))
	for i, x := range at {
		if x < 0 || x >= int64(len(t.nodes)) {
			return nil, fmt.Errorf("the tree has no hash %d", x)
		}
		out[i] = t.nodes[x]
	}
	return out, nil
}

// Add appends a leaf by its record hash.
func (t *Tree) Add(leaf Hash) error {
	h, err := tlog.StoredHashesForRecordHash(t.Size, leaf, t)
	if err != nil {
		return fmt.Errorf("add leaf %d: %w", t.Size, err)
	}
	t.nodes = append(t.nodes, h...)
	t.Size++
	return nil
}

// Root returns the root over the first n leaves.
func (t *Tree) Root(n int64) (Hash, error) {
	if n < 0 || n > t.Size {
		return Hash{}, fmt.Errorf("the tree has %d leaves, not %d", t.Size, n)
	}
	h, err := tlog.TreeHash(n, t)
	if err != nil {
		return Hash{}, fmt.Errorf("hash the tree: %w", err)
	}
	return h, nil
}

// Extend returns the hashes to store for new leaves after the first size ones;
// read finds hashes stored before.
func Extend(size int64, leaves []Hash, read HashReader) (first int64, nodes []Hash, err error) {
	first = tlog.StoredHashCount(size)
	both := tlog.HashReaderFunc(func(at []int64) ([]Hash, error) { return overlay(at, first, nodes, read) })
	for i, leaf := range leaves {
		h, err := tlog.StoredHashesForRecordHash(size+int64(i), leaf, both)
		if err != nil {
			return 0, nil, fmt.Errorf("extend the tree at leaf %d: %w", size+int64(i), err)
		}
		nodes = append(nodes, h...)
	}
	return first, nodes, nil
}

// RootOf returns the root over n leaves whose hashes are stored, the last of them
// in nodes from index first on.
func RootOf(n, first int64, nodes []Hash, read HashReader) (Hash, error) {
	h, err := tlog.TreeHash(n, tlog.HashReaderFunc(func(at []int64) ([]Hash, error) { return overlay(at, first, nodes, read) }))
	if err != nil {
		return Hash{}, fmt.Errorf("hash the tree: %w", err)
	}
	return h, nil
}

func overlay(at []int64, first int64, nodes []Hash, read HashReader) ([]Hash, error) {
	out := make([]Hash, len(at))
	var old, where []int64
	for i, x := range at {
		if x >= first {
			if x-first >= int64(len(nodes)) {
				return nil, fmt.Errorf("the tree has no hash %d", x)
			}
			out[i] = nodes[x-first]
			continue
		}
		old, where = append(old, x), append(where, int64(i))
	}
	if len(old) == 0 {
		return out, nil
	}
	h, err := read.ReadHashes(old)
	if err != nil {
		return nil, err
	}
	if len(h) != len(old) {
		return nil, errors.New("the store returned another number of hashes")
	}
	for i, x := range where {
		out[x] = h[i]
	}
	return out, nil
}

// KeyFile returns the signer kept in a file readable by its owner alone, making
// the key under the name on first use, and its public key.
func KeyFile(file, name string) (note.Signer, string, error) {
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		skey, vkey, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			return nil, "", fmt.Errorf("make a signing key: %w", err)
		}
		if err := keep(file, skey+"\n"+vkey+"\n"); err != nil && !os.IsExist(err) {
			return nil, "", fmt.Errorf("keep the signing key: %w", err)
		}
		b, err = os.ReadFile(file)
		if err != nil {
			return nil, "", fmt.Errorf("read the signing key: %w", err)
		}
	} else if err != nil {
		return nil, "", fmt.Errorf("read the signing key: %w", err)
	}
	skey, vkey, ok := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if !ok {
		return nil, "", fmt.Errorf("%s holds no signing key", file)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		return nil, "", fmt.Errorf("%s holds no signing key: %w", file, err)
	}
	return s, vkey, nil
}

// keep writes a new file whole, or not at all: another process never sees half.
func keep(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Link(f.Name(), file)
}

// HashReader reads stored hashes by their index.
type HashReader = tlog.HashReader

// FormatProof writes a consistency proof, a hash a line.
func FormatProof(p tlog.TreeProof) string {
	var b strings.Builder
	for _, h := range p {
		fmt.Fprintln(&b, h)
	}
	return b.String()
}

// ParseProof reads what FormatProof wrote.
func ParseProof(text string) (tlog.TreeProof, error) {
	var p tlog.TreeProof
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		h, err := tlog.ParseHash(line)
		if err != nil {
			return nil, errors.New("not a proof of consistency")
		}
		p = append(p, h)
	}
	return p, nil
}

// Stored is a hash of a tree as a table keeps it.
type Stored struct {
	I int64  `db:"i"`
	H []byte `db:"h"`
}

// Pick puts hashes that a table returned in any order into the order in which they
// were asked for.
func Pick(at []int64, rows []Stored) ([]Hash, error) {
	found := make(map[int64]Hash, len(rows))
	for _, r := range rows {
		if len(r.H) != tlog.HashSize {
			return nil, fmt.Errorf("hash %d of the tree is damaged", r.I)
		}
		found[r.I] = Hash(r.H)
	}
	out := make([]Hash, len(at))
	for i, x := range at {
		h, ok := found[x]
		if !ok {
			return nil, fmt.Errorf("the tree has no hash %d", x)
		}
		out[i] = h
	}
	return out, nil
}

// Extends makes and checks the proof that a log of one checkpoint extends that of
// an earlier one; ErrFork when it does not.
func Extends(old, now Checkpoint, read HashReader) error {
	proof, err := tlog.ProveTree(now.Size, old.Size, read)
	if err != nil {
		return fmt.Errorf("prove that the log grew: %w", err)
	}
	if err := tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root); err != nil {
		return ErrFork
	}
	return nil
}
