package ballotlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"pingyi/evaluation/ballotbox"
	"pingyi/merkle"
)

// Finding is something wrong: in which file, at which row, what.
type Finding struct {
	File string
	Row  int // from 1; 0: the file as a whole
	What string
}

// String says it in a line.
func (f Finding) String() string {
	if f.Row == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.What)
	}
	return fmt.Sprintf("%s, row %d: %s", f.File, f.Row, f.What)
}

// Report is what a check found.
type Report struct {
	Findings  []Finding
	Size      int64       // leaves
	Root      merkle.Hash // over all leaves
	Counted   int         // -1 before the close
	Witnessed int64       // size up to which a witness cosigned
	By        []string    // the witnesses who did
	leaves    []ballotbox.Leaf
	tree      *merkle.Tree
	last      map[string]int // latest version by slot
	set       ballotbox.CountedSet
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) find(file string, row int, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{file, row, fmt.Sprintf(format, args...)})
}

// Verify re-derives the tree from the leaves and checks everything the files say:
// checkpoints and their signatures, cosignatures, that no version is missing or
// double, printed cards, the counted set, and that no group counted more ballots
// than cards were issued.
func (c *Copy) Verify() *Report {
	r := &Report{Counted: -1, tree: &merkle.Tree{}, last: map[string]int{}}
	c.checkLeaves(r)
	c.checkCheckpoints(r)
	c.checkCards(r)
	c.checkCounted(r)
	if int(r.tree.Size) == len(c.Leaves) {
		r.Size = r.tree.Size
		r.Root, _ = r.tree.Root(r.Size)
	}
	return r
}

func (c *Copy) checkLeaves(r *Report) {
	seen := map[string]int{}
	versions := map[string][]int{}
	for i, text := range c.Leaves {
		if err := r.tree.Add(tlog.RecordHash([]byte(text))); err != nil {
			r.find("leaves.txt", i+1, "%v", err)
			return
		}
		l, err := ballotbox.ParseLeaf(text)
		if err != nil {
			r.find("leaves.txt", i+1, "%v", err)
			r.leaves = append(r.leaves, ballotbox.Leaf{})
			continue
		}
		r.leaves = append(r.leaves, l)
		if l.Campaign != c.Facts.Campaign {
			r.find("leaves.txt", i+1, "of another campaign")
		}
		key := fmt.Sprintf("%x/%d", l.Slot, l.Version)
		if at, ok := seen[key]; ok {
			r.find("leaves.txt", i+1, "the same card and version as row %d", at)
		}
		seen[key] = i + 1
		slot := string(l.Slot)
		versions[slot] = append(versions[slot], l.Version)
		r.last[slot] = max(r.last[slot], l.Version)
	}
	for i, l := range r.leaves {
		if l.Version == 0 || l.Version != r.last[string(l.Slot)] {
			continue
		}
		if v := versions[string(l.Slot)]; len(v) != l.Version {
			slices.Sort(v)
			r.find("leaves.txt", i+1, "version %d of a card of which only %v are there: an earlier ballot is missing", l.Version, v)
		}
	}
}

func (c *Copy) checkCheckpoints(r *Report) {
	if len(c.Checkpoints) == 0 {
		r.find("checkpoints", 0, "there is none")
		return
	}
	var keys []string
	for _, w := range c.Facts.Witnesses {
		keys = append(keys, w.Key)
	}
	sizes := map[int64]merkle.Checkpoint{}
	var largest int64 = -1
	by := map[string]bool{}
	for _, n := range c.Checkpoints {
		cp, opened, err := merkle.Open([]byte(n.Text), c.Facts.LogKey, keys...)
		switch {
		case err != nil:
			r.find(n.File, 0, "%v", err)
			continue
		case cp.Origin != c.Facts.Origin:
			r.find(n.File, 0, "of another log, %s", cp.Origin)
			continue
		case CheckpointFile(cp.Size) != n.File:
			r.find(n.File, 0, "is a checkpoint of %d ballots", cp.Size)
		}
		if before, ok := sizes[cp.Size]; ok && before != cp {
			r.find(n.File, 0, "the log was signed twice at %d ballots, differently: it was forked", cp.Size)
		}
		sizes[cp.Size] = cp
		largest = max(largest, cp.Size)
		if cp.Size > r.tree.Size {
			r.find(n.File, 0, "signed at %d ballots, but only %d are there: the end was cut off", cp.Size, r.tree.Size)
			continue
		}
		if root, err := r.tree.Root(cp.Size); err != nil || root != cp.Root {
			r.find(n.File, 0, "the first %d ballots are not those that were signed%s", cp.Size, c.between(sizes, r, cp.Size))
		}
		for _, s := range opened.Sigs {
			for _, w := range c.Facts.Witnesses {
				if s.Name == w.Name && cp.Size >= r.Witnessed {
					r.Witnessed, by[w.Name] = cp.Size, true
				}
			}
		}
	}
	for _, w := range c.Facts.Witnesses {
		if by[w.Name] {
			r.By = append(r.By, w.Name)
		}
	}
	if largest < r.tree.Size {
		r.find("leaves.txt", int(largest)+1, "from here on nothing is signed by a checkpoint: rows were added")
	}
}

// between narrows down where a log was altered: after the last checkpoint that
// still holds.
func (c *Copy) between(sizes map[int64]merkle.Checkpoint, r *Report, bad int64) string {
	good := int64(-1)
	for size, cp := range sizes {
		if size < bad && size > good {
			if root, err := r.tree.Root(size); err == nil && root == cp.Root {
				good = size
			}
		}
	}
	if good < 0 {
		return ""
	}
	return fmt.Sprintf("; the difference is in rows %d to %d of leaves.txt", good+1, bad)
}

func (c *Copy) checkCards(r *Report) {
	printed, void := map[string]int{}, map[string]int{}
	listed := map[string]Card{}
	for i, k := range c.Cards {
		if _, ok := listed[k.Slot]; ok {
			r.find("cards.txt", i+1, "a card twice")
		}
		listed[k.Slot] = k
		printed[k.Group]++
		if k.Void {
			void[k.Group]++
		}
	}
	for i, l := range r.leaves {
		k, ok := listed[base64.StdEncoding.EncodeToString(l.Slot)]
		switch {
		case ok && k.Void:
			r.find("leaves.txt", i+1, "cast with a card that was voided")
		case ok && k.Group != l.Group:
			r.find("leaves.txt", i+1, "cast with a card of group %s as one of %s", k.Group, l.Group)
		}
	}
	for _, g := range c.Facts.Groups {
		if printed[g.Group] != g.Printed || void[g.Group] != g.Void {
			r.find("cards.txt", 0, "%d cards of %s, %d void; campaign.json says %d and %d", printed[g.Group], g.Group, void[g.Group], g.Printed, g.Void)
		}
	}
}

func (c *Copy) checkCounted(r *Report) {
	slots := map[string]map[string]bool{}
	for _, l := range r.leaves {
		if slots[l.Group] == nil {
			slots[l.Group] = map[string]bool{}
		}
		slots[l.Group][string(l.Slot)] = true
	}
	issued := map[string]int{}
	listed := 0
	for _, g := range c.Facts.Groups {
		issued[g.Group] = g.Issued()
		listed += g.Listed
	}
	if listed != c.Facts.Raters {
		r.find("campaign.json", 0, "%d raters on the list, %d in the groups", c.Facts.Raters, listed)
	}
	for g, cards := range slots {
		if len(cards) > issued[g] {
			r.find("leaves.txt", 0, "ballots of %d cards of group %s, but %d were issued", len(cards), g, issued[g])
		}
	}
	if c.Counted == "" {
		if c.Facts.Closed != "" {
			r.find("counted.txt", 0, "missing, though the campaign is closed")
		}
		return
	}
	set, err := ballotbox.OpenCounted([]byte(c.Counted), c.Facts.LogKey)
	switch {
	case err != nil:
		r.find("counted.txt", 0, "%v", err)
		return
	case set.Campaign != c.Facts.Campaign || set.Origin != c.Facts.Origin:
		r.find("counted.txt", 0, "of another log")
		return
	case set.LogSize != int64(len(c.Leaves)):
		r.find("counted.txt", 0, "counts a log of %d ballots, %d are there", set.LogSize, len(c.Leaves))
		return
	}
	r.set, r.Counted = set, len(set.Index)
	var wrong *ballotbox.TallyError
	if err := ballotbox.CheckCounted(set, r.leaves); errors.As(err, &wrong) {
		r.find("counted.txt", 0, "row %d of leaves.txt: %v", wrong.Index+1, err)
	}
}

// Diff checks that a newer copy extends an older one of the same log: nothing
// that was there is changed or gone.
func Diff(older, newer *Copy) []Finding {
	r := &Report{}
	a, b := older.Facts, newer.Facts
	switch {
	case a.Campaign != b.Campaign || a.Origin != b.Origin || a.LogKey != b.LogKey:
		r.find("campaign.json", 0, "the two copies are of different logs")
		return r.Findings
	case a.Raters != b.Raters:
		r.find("campaign.json", 0, "the list had %d raters and has %d", a.Raters, b.Raters)
	case string(a.TallyKey.Seal) != string(b.TallyKey.Seal):
		r.find("campaign.json", 0, "the tally key is another one")
	}
	for i, l := range older.Leaves {
		if i >= len(newer.Leaves) {
			r.find("leaves.txt", i+1, "gone in the newer copy: the log was rolled back")
			break
		}
		if newer.Leaves[i] != l {
			r.find("leaves.txt", i+1, "is another ballot in the newer copy")
			break
		}
	}
	texts := map[string]string{}
	for _, n := range newer.Checkpoints {
		texts[n.File] = body(n.Text)
	}
	for _, n := range older.Checkpoints {
		switch text, ok := texts[n.File]; {
		case !ok:
			r.find(n.File, 0, "gone in the newer copy")
		case text != body(n.Text):
			r.find(n.File, 0, "says something else in the newer copy: the log was forked")
		}
	}
	if older.Counted != "" && older.Counted != newer.Counted {
		r.find("counted.txt", 0, "is another one in the newer copy")
	}
	if a.TallyHash != "" && a.TallyHash != b.TallyHash {
		r.find("campaign.json", 0, "the result of the tally is another one")
	}
	was := map[string]Card{}
	for _, k := range older.Cards {
		was[k.Slot] = k
	}
	for i, k := range newer.Cards {
		if old, ok := was[k.Slot]; !ok {
			r.find("cards.txt", i+1, "was not on the list before")
		} else if old.Void && !k.Void {
			r.find("cards.txt", i+1, "was void and is not any more")
		}
		delete(was, k.Slot)
	}
	if len(was) > 0 {
		r.find("cards.txt", 0, "%d printed cards are gone from the list", len(was))
	}
	return r.Findings
}

// body is a note without its signatures: cosignatures come later.
func body(note string) string {
	for i := 0; i+1 < len(note); i++ {
		if note[i] == '\n' && note[i+1] == '\n' {
			return note[:i]
		}
	}
	return note
}
