package ballotlog_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/merkle"
)

// forge is a box on paper: it signs what it is told, as an insider with the log's
// key could.
type forge struct {
	t      testing.TB
	signer note.Signer
	copy   *ballotlog.Copy
	cards  []ballotbox.Card
	words  []string
}

const origin = "county.example/ballots/7"

// honest is a log of thirty ballots of twenty cards, in three batches, closed and
// witnessed.
func honest(t testing.TB) *forge {
	t.Helper()
	dir := t.TempDir()
	signer, key, err := merkle.KeyFile(filepath.Join(dir, "log"), origin)
	must(t, err)
	witness, wkey, err := merkle.KeyFile(filepath.Join(dir, "witness"), "chamber")
	must(t, err)
	f := &forge{t: t, signer: signer, copy: &ballotlog.Copy{Facts: ballotlog.Facts{Format: ballotlog.Format, Campaign: 7, Origin: origin, LogKey: key, Raters: 40,
		Witnesses: []ballotlog.Witness{{Name: "chamber", Office: "商会", Key: wkey}}, Groups: []ballotlog.Group{{Group: "G1", Listed: 30, Online: 12}, {Group: "G2", Listed: 10, Printed: 9, Void: 1}},
		Opened: "2026-11-20", Closed: "2026-12-04", TallyHash: "aa"}}}
	f.checkpoint(nil)
	for i := range 20 {
		group := "G1"
		if i >= 12 {
			group = "G2"
		}
		f.cards = append(f.cards, ballotbox.Card{Campaign: 7, Group: group, Secret: ballotbox.Draw(), Printed: group == "G2"})
		f.words = append(f.words, fmt.Sprint("word ", i))
		if group == "G2" {
			f.list(f.cards[i], false)
		}
	}
	f.list(ballotbox.Card{Campaign: 7, Group: "G2", Secret: ballotbox.Draw(), Printed: true}, true)
	for batch := range 3 {
		for i := range f.cards {
			if v := i % 3; batch == v || (batch == 2 && v < 2 && i%2 == 0 && i < 20) {
				f.add(i, 1+btoi(batch == 2 && v < 2))
			}
		}
		f.checkpoint(witness)
	}
	f.count()
	return f
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *forge) list(c ballotbox.Card, void bool) {
	f.copy.Cards = append(f.copy.Cards, ballotlog.Card{Slot: b64(c.Secret.Slot(7)), Group: c.Group, Sheet: 1, Void: void})
}

func (f *forge) leaf(card, version int) ballotbox.Leaf {
	c := f.cards[card]
	return ballotbox.Leaf{Campaign: 7, Group: c.Group, Slot: c.Secret.Slot(7), Version: version, Word: c.Secret.WordHash(f.words[card]),
		Commit: ballotbox.CommitTo([]byte(fmt.Sprint("payload", card, version)))}
}

func (f *forge) add(card, version int) {
	f.copy.Leaves = append(f.copy.Leaves, f.leaf(card, version).String())
}

func (f *forge) tree() []ballotbox.Leaf {
	var out []ballotbox.Leaf
	for _, text := range f.copy.Leaves {
		l, err := ballotbox.ParseLeaf(text)
		must(f.t, err)
		out = append(out, l)
	}
	return out
}

func (f *forge) checkpoint(witness note.Signer) {
	root, err := ballotbox.RootOf(f.tree())
	must(f.t, err)
	cp := merkle.Checkpoint{Origin: origin, Size: int64(len(f.copy.Leaves)), Root: root}
	msg, err := merkle.Sign(cp.Text(), f.signer)
	must(f.t, err)
	if witness != nil {
		line, err := merkle.Cosign(&note.Note{Text: cp.Text()}, witness)
		must(f.t, err)
		msg = append(msg, line...)
	}
	f.copy.Checkpoints = append(f.copy.Checkpoints, ballotlog.Note{File: ballotlog.CheckpointFile(cp.Size), Text: string(msg)})
}

// count signs the counted set of the leaves as they are.
func (f *forge) count() {
	last := map[string]int64{}
	leaves := f.tree()
	for i, l := range leaves {
		if at, ok := last[string(l.Slot)]; !ok || leaves[at].Version < l.Version {
			last[string(l.Slot)] = int64(i)
		}
	}
	set := ballotbox.CountedSet{Origin: origin, Campaign: 7, LogSize: int64(len(leaves))}
	for _, i := range last {
		set.Index = append(set.Index, i)
	}
	slices.Sort(set.Index)
	f.sign(set)
}

func (f *forge) sign(set ballotbox.CountedSet) {
	text, err := set.Text()
	must(f.t, err)
	msg, err := merkle.Sign(text, f.signer)
	must(f.t, err)
	f.copy.Counted = string(msg)
}

func (f *forge) set() ballotbox.CountedSet {
	s, err := ballotbox.OpenCounted([]byte(f.copy.Counted), f.copy.Facts.LogKey)
	must(f.t, err)
	return s
}

// clone is another copy of the same files, as somebody kept it.
func (f *forge) clone() *ballotlog.Copy {
	files, err := f.copy.Files()
	must(f.t, err)
	dir := fstest.MapFS{}
	for name, body := range files {
		dir[name] = &fstest.MapFile{Data: bytes.Clone(body)}
	}
	c, err := ballotlog.Read(dir)
	must(f.t, err)
	return c
}

func (f *forge) receipt(card, version int) []byte {
	msg, err := ballotbox.Receipt{Leaf: f.leaf(card, version), MergeBy: "2026-11-25"}.Sign(f.signer)
	must(f.t, err)
	return msg
}

func TestAnHonestLogHolds(t *testing.T) {
	f := honest(t)
	for name, c := range map[string]*ballotlog.Copy{"as made": f.copy, "written and read": f.clone()} {
		r := c.Verify()
		if !r.OK() || r.Counted != 20 || r.Witnessed != r.Size || len(r.By) != 1 {
			t.Errorf("%s: %v, counted %d, witnessed %d of %d", name, r.Findings, r.Counted, r.Witnessed, r.Size)
		}
	}
	if d := ballotlog.Diff(f.clone(), f.copy); len(d) > 0 {
		t.Errorf("a copy differs from itself: %v", d)
	}
	yes := f.copy.VerifyReceipt(f.receipt(3, 1), f.cards[3].Text(), f.words[3], "2026-12-30")
	if len(yes.Findings) > 0 || yes.Index < 0 || !yes.Witnessed || !*yes.CardOK || !*yes.WordOK {
		t.Errorf("an honest receipt: %+v", yes)
	}
}

// What an outsider or an administrator without the log's key can do to the files,
// and what an insider who has it can: each is found by the verifier named, and
// the finding names the place.
func TestEveryTamperingIsFound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		do     func(f *forge)
		by     string // log, diff, receipt
		naming string
	}{
		{"a leaf altered", func(f *forge) {
			f.copy.Leaves[4] = strings.Replace(f.copy.Leaves[4], "\n1\n", "\n2\n", 1)
		}, "log", "rows 1 to "},
		{"a leaf dropped", func(f *forge) { f.copy.Leaves = slices.Delete(f.copy.Leaves, 9, 10) }, "log", "leaves.txt"},
		{"a leaf added", func(f *forge) {
			f.cards = append(f.cards, ballotbox.Card{Campaign: 7, Group: "G1", Secret: ballotbox.Draw()})
			f.words = append(f.words, "w")
			f.add(20, 1)
		}, "log", "rows were added"},
		{"two leaves swapped", func(f *forge) { l := f.copy.Leaves; l[2], l[11] = l[11], l[2] }, "log", "rows 1 to "},
		{"the tail cut off", func(f *forge) { f.copy.Leaves = f.copy.Leaves[:len(f.copy.Leaves)-5] }, "log", "the end was cut off"},
		{"a ballot cast with a voided card", func(f *forge) {
			f.copy.Cards[0].Void = true
			f.copy.Facts.Groups[1].Void++
		}, "log", "voided"},
		{"more ballots than cards", func(f *forge) { f.copy.Facts.Groups[0].Online = 11 }, "log", "11 were issued"},
		{"a version left out, signed again by an insider", func(f *forge) {
			i := slices.IndexFunc(f.tree(), func(l ballotbox.Leaf) bool { return l.Version == 2 })
			first := slices.IndexFunc(f.tree(), func(l ballotbox.Leaf) bool { return l.Version == 1 && string(l.Slot) == string(f.tree()[i].Slot) })
			f.copy.Leaves = slices.Delete(f.copy.Leaves, first, first+1)
			f.copy.Checkpoints = nil
			f.checkpoint(nil)
			f.count()
		}, "log", "an earlier ballot is missing"},
		{"a counted set that leaves one out, signed by an insider", func(f *forge) {
			s := f.set()
			s.Index = slices.Delete(s.Index, 3, 4)
			f.sign(s)
		}, "log", "not counted"},
		{"a counted set with a replaced version, signed by an insider", func(f *forge) {
			s, leaves := f.set(), f.tree()
			for k, i := range s.Index {
				if leaves[i].Version == 2 {
					s.Index[k] = int64(slices.IndexFunc(leaves, func(l ballotbox.Leaf) bool { return l.Version == 1 && string(l.Slot) == string(leaves[i].Slot) }))
					break
				}
			}
			slices.Sort(s.Index)
			f.sign(s)
		}, "log", "not the last version"},
		{"a counted set without a signature of the log", func(f *forge) { f.copy.Counted = strings.Replace(f.copy.Counted, "— county", "— fraud", 1) }, "log", "counted.txt"},
		{"two checkpoints of one size, signed by an insider", func(f *forge) {
			n := len(f.copy.Checkpoints) - 1
			l := f.copy.Leaves
			l[0], l[1] = l[1], l[0]
			f.checkpoint(nil)
			l[0], l[1] = l[1], l[0]
			_ = n
		}, "log", "forked"},
		{"the log rolled back and grown anew, signed by an insider", func(f *forge) {
			f.copy.Leaves = f.copy.Leaves[:8]
			f.copy.Checkpoints = f.copy.Checkpoints[:2]
			f.checkpoint(nil)
			f.count()
		}, "diff", "rolled back"},
		{"a fork: one ballot exchanged from the start, signed by an insider", func(f *forge) {
			f.words[0] = "another word"
			old := f.leaf(0, 1).String()
			for i, text := range f.copy.Leaves {
				if l, _ := ballotbox.ParseLeaf(text); string(l.Slot) == string(f.cards[0].Secret.Slot(7)) && l.Version == 1 {
					f.copy.Leaves[i] = old
				}
			}
			f.copy.Checkpoints = nil
			f.checkpoint(nil)
			f.count()
		}, "diff", "another ballot"},
		{"the list of raters grown", func(f *forge) { f.copy.Facts.Raters, f.copy.Facts.Groups[0].Listed = 41, 31 }, "diff", "campaign.json"},
		{"another result after it was published", func(f *forge) { f.copy.Facts.TallyHash = "bb" }, "diff", "result of the tally"},
		{"a printed card added after opening", func(f *forge) {
			f.list(ballotbox.Card{Campaign: 7, Group: "G2", Secret: ballotbox.Draw(), Printed: true}, false)
			f.copy.Facts.Groups[1].Printed++
		}, "diff", "was not on the list"},
		{"a promised ballot never written", func(f *forge) {
			i := slices.Index(f.copy.Leaves, f.leaf(3, 1).String())
			f.copy.Leaves = slices.Delete(f.copy.Leaves, i, i+1)
			f.copy.Checkpoints = nil
			f.checkpoint(nil)
			f.count()
		}, "receipt", "promised by"},
		{"a receipt given to two raters (clash)", func(f *forge) { f.words[3] = "the word of the second rater" }, "receipt", "another rater's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := honest(t)
			before, receipt, card := f.clone(), f.receipt(3, 1), f.cards[3].Text()
			tt.do(f)
			var found []string
			switch tt.by {
			case "log":
				for _, x := range f.copy.Verify().Findings {
					found = append(found, x.String())
				}
			case "diff":
				for _, x := range ballotlog.Diff(before, f.copy) {
					found = append(found, x.String())
				}
			case "receipt":
				for _, x := range f.copy.VerifyReceipt(receipt, card, f.words[3], "2026-12-30").Findings {
					found = append(found, x.Text)
				}
			}
			if !strings.Contains(strings.Join(found, "\n"), tt.naming) {
				t.Errorf("found %q, want something that names %q", found, tt.naming)
			}
		})
	}
}

func TestReadRefusesRubbish(t *testing.T) {
	for name, dir := range map[string]fstest.MapFS{
		"nothing":        {},
		"no leaves":      {"campaign.json": {Data: []byte(`{"format":"pingyi-log/v1"}`)}},
		"another format": {"campaign.json": {Data: []byte(`{"format":"x"}`)}, "leaves.txt": {}},
		"bad cards":      {"campaign.json": {Data: []byte(`{"format":"pingyi-log/v1"}`)}, "leaves.txt": {}, "cards.txt": {Data: []byte("x y\n")}},
	} {
		if _, err := ballotlog.Read(dir); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := ballotlog.Read(os.DirFS("/nonexistent")); err == nil {
		t.Error("a folder that does not exist was read")
	}
}

// FuzzRead: no file crashes the verifier, whatever is in it.
func FuzzRead(f *testing.F) {
	h := honest(f)
	files, err := h.copy.Files()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(files["leaves.txt"]), h.copy.Checkpoints[1].Text, h.copy.Counted, string(files["cards.txt"]), string(files["campaign.json"]))
	f.Add("", "", "", "", `{"format":"pingyi-log/v1"}`)
	f.Fuzz(func(t *testing.T, leaves, checkpoint, counted, cards, facts string) {
		dir := fstest.MapFS{"campaign.json": {Data: []byte(facts)}, "leaves.txt": {Data: []byte(leaves)}, "checkpoints/00000001.txt": {Data: []byte(checkpoint)}, "counted.txt": {Data: []byte(counted)}}
		if cards != "" {
			dir["cards.txt"] = &fstest.MapFile{Data: []byte(cards)}
		}
		c, err := ballotlog.Read(dir)
		if err != nil {
			return
		}
		c.Verify()
		ballotlog.Diff(c, c)
		c.VerifyReceipt([]byte(checkpoint), "", "", "2026-12-01")
	})
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
