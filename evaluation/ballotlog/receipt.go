package ballotlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"pingyi/evaluation/ballotbox"
	"pingyi/merkle"
)

// Outcome is what a receipt proves.
type Outcome struct {
	Receipt   ballotbox.Receipt
	Index     int64 // place in the log, -1: not there yet
	InTime    bool  // not there yet, but the promised day is not over
	Counted   bool
	Last      int // latest version of the same card in the log
	Closed    bool
	Witnessed bool
	CardOK    *bool // nil: no card given
	WordOK    *bool
	Findings  []Problem
}

// Problem is something wrong with a receipt: a code for pages, words for the
// command line.
type Problem struct{ Code, Text string }

func (o *Outcome) find(code, text string) { o.Findings = append(o.Findings, Problem{code, text}) }

// VerifyReceipt holds a receipt against a verified copy: the signature, that the
// ballot is in the tree of a signed checkpoint, and whether it is the one that
// counts. With the card and the own word it shows that the receipt is the
// rater's own and not another's with the same answers. today is a day in
// Shanghai.
func (c *Copy) VerifyReceipt(msg []byte, card, word, today string) Outcome {
	r := c.Verify()
	out := Outcome{Index: -1, Closed: r.Counted >= 0 || c.Facts.Closed != ""}
	rec, err := ballotbox.OpenReceipt(msg, c.Facts.LogKey)
	if err != nil {
		out.find("signature", err.Error())
		return out
	}
	out.Receipt = rec
	out.Last = r.last[string(rec.Leaf.Slot)]
	if card != "" {
		k, err := ballotbox.ParseCard(rec.Leaf.Campaign, card)
		ok, wordOK := err == nil, false
		if err == nil {
			ok, wordOK = rec.Leaf.Says(k, word)
		}
		out.CardOK, out.WordOK = &ok, &wordOK
		if !ok {
			out.find("card", "the receipt does not belong to this card")
		}
		if !wordOK {
			out.find("word", "the receipt was not made with this card and this word: it may be another rater's")
		}
	}
	c.place(r, &out)
	if out.Index < 0 {
		if out.InTime = today <= rec.MergeBy && !out.Closed; !out.InTime {
			out.find("missing", fmt.Sprintf("the ballot is not in the log, though it was promised by %s", rec.MergeBy))
		}
	}
	return out
}

// VerifyCard looks up the last ballot of a card in a verified copy, for a rater
// without a receipt: it was lost, or the ballot was on paper and the card is the
// serial on its stub. The log vouches for what it holds; only a ballot that is
// missing cannot be proved without a receipt.
func (c *Copy) VerifyCard(card, word string) Outcome {
	r := c.Verify()
	out := Outcome{Index: -1, Closed: r.Counted >= 0 || c.Facts.Closed != ""}
	k, err := ballotbox.ParseCard(c.Facts.Campaign, card)
	if err != nil {
		out.find("unreadable", "this is no card")
		return out
	}
	out.Last = r.last[string(k.Secret.Slot(c.Facts.Campaign))]
	at := slices.IndexFunc(r.leaves, func(l ballotbox.Leaf) bool {
		return l.Version == out.Last && bytes.Equal(l.Slot, k.Secret.Slot(c.Facts.Campaign))
	})
	if at < 0 {
		out.find("absent", "no ballot of this card is in the log")
		for _, f := range r.Findings {
			out.find("log", "the log itself: "+f.String())
		}
		return out
	}
	out.Receipt.Leaf = r.leaves[at]
	ok, wordOK := out.Receipt.Leaf.Says(k, word)
	if out.CardOK, out.WordOK = &ok, &wordOK; !wordOK {
		out.find("word", "the ballot was cast with another word: somebody else may have used the card")
	}
	c.place(r, &out)
	return out
}

// place says where the ballot of an outcome stands in the log and whether it
// counts.
func (c *Copy) place(r *Report, out *Outcome) {
	leaf := out.Receipt.Leaf
	for _, f := range r.Findings {
		out.find("log", "the log itself: "+f.String())
	}
	if out.Index = int64(slices.Index(c.Leaves, leaf.String())); out.Index < 0 {
		return
	}
	if err := c.prove(r, leaf.Hash(), out.Index); err != nil {
		out.find("proof", err.Error())
	}
	out.Witnessed = out.Index < r.Witnessed
	_, out.Counted = slices.BinarySearch(r.set.Index, out.Index)
	if out.Closed && !out.Counted && leaf.Version == out.Last {
		out.find("not-counted", "the ballot is the last of its card and does not count")
	}
}

// prove makes and checks the inclusion proof against the latest checkpoint.
func (c *Copy) prove(r *Report, leaf merkle.Hash, index int64) error {
	if len(c.Checkpoints) == 0 {
		return errors.New("there is no checkpoint")
	}
	cp, _, err := merkle.Open([]byte(c.Checkpoints[len(c.Checkpoints)-1].Text), c.Facts.LogKey)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(cp.Size, index, r.tree)
	if err != nil {
		return fmt.Errorf("the ballot is not under the last checkpoint: %w", err)
	}
	if err := tlog.CheckRecord(proof, cp.Size, cp.Root, index, leaf); err != nil {
		return fmt.Errorf("the ballot is not under the last checkpoint: %w", err)
	}
	return nil
}
