// Package ballotlog writes and reads the public files of a campaign's log of
// ballots, and checks them: with nothing but the files, offline.
package ballotlog

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
	"pingyi/org"
)

// Format names the form of the files.
const Format = "pingyi-log/v1"

// Facts is what campaign.json says.
type Facts struct {
	Format    string               `json:"format"`
	Campaign  ballotbox.CampaignID `json:"campaign"`
	Title     org.Names            `json:"title"`
	Origin    string               `json:"origin"`
	LogKey    string               `json:"logKey"`
	Witnesses []Witness            `json:"witnesses"`
	TallyKey  tallykey.Public      `json:"tallyKey"`
	Holders   []string             `json:"holders"` // of the shares
	Raters    int                  `json:"raters"`  // size of the list, frozen at opening
	Groups    []Group              `json:"groups"`
	Opened    string               `json:"opened"` // days, in Shanghai
	Closed    string               `json:"closed,omitempty"`
	TallyHash string               `json:"tallyHash,omitempty"` // SHA-256 of the result
}

// Witness is an office that watches the log.
type Witness struct {
	Name   string `json:"name"`
	Office string `json:"office"`
	Key    string `json:"key"`
}

// Group is a rater group.
type Group struct {
	Group    string `json:"group"`
	Listed   int    `json:"listed"`   // raters
	Online   int    `json:"online"`   // cards collected online
	Reissued int    `json:"reissued"` // second cards for lost ones: at most that many could count twice
	Printed  int    `json:"printed"`  // cards printed, in envelopes or on paper
	Void     int    `json:"void"`     // of these voided
}

// Issued is how many ballots of the group can count at most.
func (g Group) Issued() int { return g.Online + g.Reissued + g.Printed - g.Void }

// Copy is a copy of the public files.
type Copy struct {
	Facts       Facts
	Leaves      []string
	Checkpoints []Note // by size
	Counted     string
	Cards       []Card
}

// Note is a signed note in a file.
type Note struct {
	File string
	Text string
}

// Card is a line of cards.txt: the slot of a printed card.
type Card struct {
	Slot  string // base64
	Group string
	Sheet int
	Void  bool
}

// Files writes the copy as files, by name.
func (c *Copy) Files() (map[string][]byte, error) {
	var facts bytes.Buffer
	enc := json.NewEncoder(&facts)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c.Facts); err != nil {
		return nil, fmt.Errorf("write campaign.json: %w", err)
	}
	out := map[string][]byte{"campaign.json": facts.Bytes(), "leaves.txt": []byte(strings.Join(c.Leaves, "\n"))}
	for _, n := range c.Checkpoints {
		out[n.File] = []byte(n.Text)
	}
	if c.Counted != "" {
		out["counted.txt"] = []byte(c.Counted)
	}
	if len(c.Cards) > 0 {
		var b bytes.Buffer
		for _, k := range c.Cards {
			fmt.Fprintf(&b, "%s %s %d", k.Slot, k.Group, k.Sheet)
			if k.Void {
				b.WriteString(" void")
			}
			b.WriteByte('\n')
		}
		out["cards.txt"] = b.Bytes()
	}
	return out, nil
}

// CheckpointFile names the file of a checkpoint.
func CheckpointFile(size int64) string { return fmt.Sprintf("checkpoints/%08d.txt", size) }

// ErrFiles: the folder holds no copy of a log.
var ErrFiles = errors.New("not a copy of a log of ballots")

// Read reads a copy. Rows it cannot read stay as they are: Verify names them.
func Read(dir fs.FS) (*Copy, error) {
	c := &Copy{}
	facts, err := fs.ReadFile(dir, "campaign.json")
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFiles, err)
	}
	if err := json.Unmarshal(facts, &c.Facts); err != nil || c.Facts.Format != Format {
		return nil, fmt.Errorf("%w: campaign.json cannot be read", ErrFiles)
	}
	leaves, err := fs.ReadFile(dir, "leaves.txt")
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFiles, err)
	}
	if len(leaves) > 0 {
		c.Leaves = SplitLeaves(string(leaves))
	}
	names, err := fs.Glob(dir, "checkpoints/*.txt")
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFiles, err)
	}
	slices.Sort(names)
	for _, name := range names {
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrFiles, err)
		}
		c.Checkpoints = append(c.Checkpoints, Note{name, string(b)})
	}
	if b, err := fs.ReadFile(dir, "counted.txt"); err == nil {
		c.Counted = string(b)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %v", ErrFiles, err)
	}
	if b, err := fs.ReadFile(dir, "cards.txt"); err == nil {
		if c.Cards, err = ParseCards(string(b)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// SplitLeaves takes the leaves of leaves.txt apart.
func SplitLeaves(text string) []string {
	parts := strings.Split(text, "\n\n")
	for i := range parts {
		if i < len(parts)-1 {
			parts[i] += "\n"
		}
	}
	return parts
}

// ParseCards reads cards.txt.
func ParseCards(text string) ([]Card, error) {
	var out []Card
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		f := strings.Split(line, " ")
		if len(f) < 3 || len(f) > 4 || (len(f) == 4 && f[3] != "void") {
			return nil, fmt.Errorf("%w: cards.txt, line %d", ErrFiles, i+1)
		}
		slot, err := base64.StdEncoding.DecodeString(f[0])
		sheet, err2 := strconv.Atoi(f[2])
		if err != nil || err2 != nil || len(slot) != 32 {
			return nil, fmt.Errorf("%w: cards.txt, line %d", ErrFiles, i+1)
		}
		out = append(out, Card{Slot: f[0], Group: f[1], Sheet: sheet, Void: len(f) == 4})
	}
	return out, nil
}

// Zip writes files as an archive, in the order of their names.
func Zip(w io.Writer, folder string, files map[string][]byte) error {
	z := zip.NewWriter(w)
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		f, err := z.Create(path.Join(folder, n))
		if err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		if _, err := f.Write(files[n]); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}
