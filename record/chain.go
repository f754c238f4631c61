package record

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"pingyi/merkle"
)

// Row is an entry as it stands in the chain: Body is the exact text that was
// hashed, a JSON array of number, microseconds since 1970, account, role, action,
// object and detail.
type Row struct {
	Seq  int64  `json:"seq"`
	Body string `json:"body"`
	Prev []byte `json:"prev"`
	Hash []byte `json:"hash"`
}

// Problem is the first thing wrong with the chain.
type Problem struct {
	Seq int64 // number of the entry
	Why string
}

// Error says it.
func (p *Problem) Error() string { return fmt.Sprintf("entry %d: %s", p.Seq, p.Why) }

// What can be wrong.
const (
	WhyGap        = "an entry is missing before it, or the order was changed"
	WhyPrev       = "does not follow from the entry before it"
	WhyHash       = "says something else than was hashed"
	WhyHead       = "is not the last one that was written: the end was cut off"
	WhyCheckpoint = "a signed checkpoint goes further: the end was cut off, or an older state was restored"
	WhyRoot       = "a signed checkpoint covers other entries: the log was written anew"
	WhySignature  = "a checkpoint is not signed by the log's key"
)

// start is what the first entry follows from.
var start = sha256.Sum256([]byte("pingyi/audit/v1"))

// Chain checks entries one after the other. The zero Chain is empty.
type Chain struct {
	Entries int64
	Problem *Problem
	last    []byte
	tree    merkle.Tree
}

// Add checks the next entry; after the first problem nothing more is checked.
func (c *Chain) Add(r Row) error {
	if c.Problem != nil {
		return nil
	}
	if c.last == nil {
		c.last = start[:]
	}
	sum := sha256.Sum256(append(bytes.Clone(r.Prev), r.Body...))
	switch {
	case r.Seq != c.Entries+1:
		c.Problem = &Problem{r.Seq, WhyGap}
	case !bytes.Equal(r.Prev, c.last):
		c.Problem = &Problem{r.Seq, WhyPrev}
	case !bytes.Equal(r.Hash, sum[:]) || !numbered(r):
		c.Problem = &Problem{r.Seq, WhyHash}
	}
	if c.Problem != nil {
		return nil
	}
	c.Entries, c.last = r.Seq, r.Hash
	return c.tree.Add(tlog.RecordHash(r.Hash))
}

// numbered: the number in the text is the number of the entry.
func numbered(r Row) bool {
	var parts []json.RawMessage
	return json.Unmarshal([]byte(r.Body), &parts) == nil && len(parts) == 7 && string(parts[0]) == fmt.Sprint(r.Seq)
}

// Head checks that the chain ends where the head row says.
func (c *Chain) Head(seq int64, hash []byte) {
	if c.Problem == nil && (seq != c.Entries || (c.last != nil && !bytes.Equal(hash, c.last))) {
		c.Problem = &Problem{seq, WhyHead}
	}
}

// Checkpoint checks the chain against a signed checkpoint that was kept outside.
func (c *Chain) Checkpoint(note []byte, key string) {
	if c.Problem != nil {
		return
	}
	cp, _, err := merkle.Open(note, key)
	if err != nil {
		c.Problem = &Problem{c.Entries, WhySignature}
		return
	}
	if cp.Size > c.Entries {
		c.Problem = &Problem{c.Entries, WhyCheckpoint}
		return
	}
	if root, err := c.tree.Root(cp.Size); err != nil || root != cp.Root {
		c.Problem = &Problem{cp.Size, WhyRoot}
	}
}

// maxRow is the longest line of an export that is read, in bytes.
const maxRow = 4 << 20

// ReadExport checks an export of the log, a JSON object a line.
func ReadExport(r io.Reader, c *Chain) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxRow)
	for n := 1; lines.Scan(); n++ {
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("line %d is no entry: %w", n, err)
		}
		if err := c.Add(row); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	return nil
}
