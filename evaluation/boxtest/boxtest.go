// Package boxtest makes closed ballot boxes for tests and benchmarks: sealed to a
// real tally key, in a real log with signed and witnessed checkpoints, as files,
// without a database.
package boxtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/evaluation/tallykey"
	"pingyi/merkle"
	"pingyi/org"
)

// Campaign is the number of every box made here.
const Campaign ballotbox.CampaignID = 7

// Word is the own word of every rater.
const Word = "白桦树下的鱼"

const origin = "county.example/ballots/7"

// Box is a closed box: what is public, what is sealed, and what only raters and
// holders have.
type Box struct {
	Copy       *ballotlog.Copy       // the public files
	Sealed     *evaluation.SealedBox // sealed.json
	Shares     []tallykey.Share      // any two of three open it
	Cards      []ballotbox.Card      // one a ballot
	Receipts   [][]byte              // signed, one a ballot
	LogKey     string                // public
	WitnessKey string                // public
	signer     note.Signer
	witness    note.Signer
}

// New makes a box with as many ballots of G1, each rating as many units in all
// indicators of the shipped scheme, written into the log in batches of 500.
func New(t testing.TB, ballots, units int) *Box {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b := &Box{}
	var err error
	b.signer, b.LogKey, err = merkle.KeyFile(filepath.Join(dir, "log"), origin)
	must(err)
	b.witness, b.WitnessKey, err = merkle.KeyFile(filepath.Join(dir, "witness"), "chamber")
	must(err)
	pub, shares, err := tallykey.Make(int64(Campaign), 2, 3)
	must(err)
	b.Shares = shares
	scheme := evaluation.NJDefault()
	doc, err := json.Marshal(scheme)
	must(err)
	title := org.Names{ZH: "年终部门评议", EN: "Year-end appraisal", RU: "Итоговая оценка"}
	b.Sealed = &evaluation.SealedBox{Campaign: Campaign, Title: title, Origin: origin, LogKey: b.LogKey, TallyKey: pub, Scheme: doc}
	for u := range units {
		b.Sealed.Units = append(b.Sealed.Units, evaluation.BoxUnit{Unit: org.UnitID(u + 1), Class: 1 + u%5})
	}
	b.Copy = &ballotlog.Copy{Facts: ballotlog.Facts{Format: ballotlog.Format, Campaign: Campaign, Title: title, Origin: origin, LogKey: b.LogKey, TallyKey: pub, Raters: ballots,
		Holders: []string{"a", "b", "c"}, Witnesses: []ballotlog.Witness{{Name: "chamber", Office: "chamber", Key: b.WitnessKey}},
		Groups: []ballotlog.Group{{Group: "G1", Listed: ballots, Online: ballots}}, Opened: "2026-11-20", Closed: "2026-12-04"}}
	must(b.fill(scheme, ballots, units))
	must(b.close())
	return b
}

// cast is a ballot on its way into the log.
type cast struct {
	leaf   ballotbox.Leaf
	card   ballotbox.Card
	sealed []byte
}

// fill casts the ballots and writes them into the log, each batch in the order of
// its hashes.
func (b *Box) fill(scheme *evaluation.Scheme, ballots, units int) error {
	rnd := rand.New(rand.NewPCG(1, 2))
	tree := &merkle.Tree{}
	for from := 0; from < ballots; from += 500 {
		batch := make([]cast, 0, 500)
		for range min(500, ballots-from) {
			c, err := b.cast(rnd, scheme, units)
			if err != nil {
				return err
			}
			batch = append(batch, c)
		}
		slices.SortFunc(batch, func(x, y cast) int { hx, hy := x.leaf.Hash(), y.leaf.Hash(); return slices.Compare(hx[:], hy[:]) })
		for _, c := range batch {
			if err := b.add(tree, c); err != nil {
				return err
			}
		}
		if err := b.checkpoint(tree); err != nil {
			return err
		}
	}
	return nil
}

func (b *Box) cast(rnd *rand.Rand, scheme *evaluation.Scheme, units int) (cast, error) {
	b64 := base64.StdEncoding.EncodeToString
	c := cast{card: ballotbox.Card{Campaign: Campaign, Group: "G1", Secret: ballotbox.Draw(), Printed: true}}
	salt, mark := ballotbox.Draw(), ballotbox.Draw()
	p := ballotbox.Payload{Campaign: Campaign, Scheme: fmt.Sprintf("%s/%d", scheme.Code, scheme.Version), Group: "G1", Rater: b64(mark[:]), Salt: b64(append(salt[:], mark[:]...))}
	for u := range units {
		l := ballotbox.Line{Unit: org.UnitID(u + 1), Answers: map[string]string{}}
		for _, ind := range scheme.Indicators {
			l.Answers[ind.Code] = scheme.Levels[rnd.IntN(len(scheme.Levels))].Code
		}
		p.Lines = append(p.Lines, l)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return c, fmt.Errorf("write a ballot: %w", err)
	}
	c.leaf = ballotbox.Leaf{Campaign: Campaign, Group: "G1", Slot: c.card.Secret.Slot(Campaign), Version: 1, Word: c.card.Secret.WordHash(Word), Commit: ballotbox.CommitTo(body)}
	c.sealed, err = b.Sealed.TallyKey.SealTo(body)
	return c, err
}

func (b *Box) add(tree *merkle.Tree, c cast) error {
	msg, err := ballotbox.Receipt{Leaf: c.leaf, MergeBy: "2026-12-05"}.Sign(b.signer)
	if err != nil {
		return err
	}
	b.Cards, b.Receipts = append(b.Cards, c.card), append(b.Receipts, msg)
	b.Sealed.Ballots = append(b.Sealed.Ballots, ballotbox.Sealed{Index: tree.Size, Box: c.sealed})
	b.Copy.Leaves = append(b.Copy.Leaves, c.leaf.String())
	return tree.Add(c.leaf.Hash())
}

func (b *Box) checkpoint(tree *merkle.Tree) error {
	root, err := tree.Root(tree.Size)
	if err != nil {
		return err
	}
	cp := merkle.Checkpoint{Origin: origin, Size: tree.Size, Root: root}
	msg, err := merkle.Sign(cp.Text(), b.signer)
	if err != nil {
		return err
	}
	line, err := merkle.Cosign(&note.Note{Text: cp.Text()}, b.witness)
	if err != nil {
		return err
	}
	b.Copy.Checkpoints = append(b.Copy.Checkpoints, ballotlog.Note{File: ballotlog.CheckpointFile(cp.Size), Text: string(msg) + line})
	return nil
}

// close signs the counted set: every ballot.
func (b *Box) close() error {
	set := ballotbox.CountedSet{Origin: origin, Campaign: Campaign, LogSize: int64(len(b.Copy.Leaves))}
	for i := range b.Copy.Leaves {
		set.Index = append(set.Index, int64(i))
	}
	text, err := set.Text()
	if err != nil {
		return err
	}
	msg, err := merkle.Sign(text, b.signer)
	if err != nil {
		return err
	}
	b.Copy.Counted, b.Sealed.Counted, b.Sealed.Leaves = string(msg), string(msg), b.Copy.Leaves
	return nil
}
