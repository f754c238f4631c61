package server

import (
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/fault"
	"pingyi/merkle"
)

// The receipt of a ballot: signed, without content. Whoever holds it can see that
// the ballot is in the log and counts; nobody can see from it what it says.

type receiptPage struct {
	ballotPage
	Text  string // the signed receipt
	Hash  string
	Place ballotbox.Place
	Leaf  ballotbox.Leaf
	By    string // the day by which it is in the log
}

// found returns the receipt of the address.
func (s *Server) found(b *ballotRequest) (ballotbox.Receipt, int64, error) {
	raw, err := hex.DecodeString(b.r.PathValue("hash"))
	if err != nil || len(raw) != len(merkle.Hash{}) {
		return ballotbox.Receipt{}, 0, errNotFound
	}
	r, index, err := s.Box.Find(b.r.Context(), merkle.Hash(raw))
	if errors.Is(err, ballotbox.ErrNoReceipt) {
		err = errNotFound
	}
	return r, index, err
}

func (s *Server) receipt(b *ballotRequest) error {
	r, index, err := s.found(b)
	if err != nil {
		return err
	}
	p := &receiptPage{ballotPage: *b.page("ballot.received"), Leaf: r.Leaf, By: r.MergeBy, Hash: b.r.PathValue("hash")}
	if p.Notice, err = s.Box.Notice(b.r.Context(), r.Leaf.Campaign); err != nil {
		return err
	}
	p.Campaign = r.Leaf.Campaign
	p.Caption = p.Notice.Form.Title.In(p.Lang())
	msg, err := s.Box.SignedReceipt(r)
	if err != nil {
		return err
	}
	p.Text = string(msg)
	if p.Place, err = s.Box.PlaceOf(b.r.Context(), r.Leaf, index); err != nil {
		return err
	}
	b.write(http.StatusOK, "ballot/receipt", p)
	return nil
}

// receiptFile is the receipt as a file to keep.
func (s *Server) receiptFile(b *ballotRequest) error {
	r, _, err := s.found(b)
	if err != nil || b.r.PathValue("file") != "receipt.txt" {
		return errors.Join(err, errNotFound)
	}
	msg, err := s.Box.SignedReceipt(r)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("pingyi-receipt-%d-%s.txt", r.Leaf.Campaign, b.r.PathValue("hash")[:8])
	h := b.w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	_, _ = b.w.Write(msg)
	return nil
}

type checkPage struct {
	ballotPage
	Text    string
	Typed   string // card, as typed
	Own     string // own word, as typed
	Outcome *ballotlog.Outcome
	Checked []checkLine
	Good    bool
}

// checkLine is one thing that was checked.
type checkLine struct {
	OK   bool
	Text string
}

func (s *Server) checkForm(b *ballotRequest) error {
	p := &checkPage{ballotPage: *b.page("check.title")}
	if hash := b.r.URL.Query().Get("r"); hash != "" {
		b.r.SetPathValue("hash", hash)
		if r, _, err := s.found(b); err == nil {
			if msg, err := s.Box.SignedReceipt(r); err == nil {
				p.Text = string(msg)
			}
		}
	}
	b.write(http.StatusOK, "ballot/receipt-check", p)
	return nil
}

// check does for people what `pingyi verify receipt` does: it recomputes the tree
// from the public files and looks the ballot up in it. It shows no level, for it
// knows none.
func (s *Server) check(b *ballotRequest) error {
	p := &checkPage{ballotPage: *b.page("check.title"), Text: strings.TrimSpace(b.value("receipt")), Typed: clean(b.value("card")), Own: clean(b.value("word"))}
	rec, err := ballotbox.ReadReceipt([]byte(p.Text + "\n"))
	switch {
	case p.Text == "":
		p.problem("receipt", p.T("check.receipt-missing"))
	case err != nil:
		p.problem("receipt", p.T("check.receipt-unreadable"))
	case (p.Typed == "") != (p.Own == ""):
		p.problem(map[bool]string{true: "card", false: "word"}[p.Typed == ""], p.T("check.both"))
	}
	if len(p.Problems) > 0 {
		b.write(http.StatusUnprocessableEntity, "ballot/receipt-check", p)
		return nil
	}
	files, err := s.Evaluation.PublicCopy(b.r.Context(), rec.Leaf.Campaign, s.Witness)
	if errors.Is(err, fault.ErrNotFound) {
		p.problem("receipt", p.T("check.receipt-unreadable"))
		b.write(http.StatusUnprocessableEntity, "ballot/receipt-check", p)
		return nil
	}
	if err != nil {
		return err
	}
	o := files.VerifyReceipt([]byte(p.Text), p.Typed, p.Own, string(calendar.DateOf(s.Now())))
	p.Outcome, p.Good = &o, len(o.Findings) == 0
	p.Checked = checkLines(p, o)
	p.Fixed = true
	b.write(http.StatusOK, "ballot/receipt-check", p)
	return nil
}

// checkLines says what was found, good and bad.
func checkLines(p *checkPage, o ballotlog.Outcome) []checkLine {
	var out []checkLine
	bad := map[string]bool{}
	for _, f := range o.Findings {
		bad[f.Code] = true
	}
	say := func(ok bool, key string, args ...any) { out = append(out, checkLine{ok, p.T(key, args...)}) }
	if bad["signature"] {
		say(false, "check.bad-signature")
		return out
	}
	say(true, "check.signature")
	if o.CardOK != nil {
		if *o.CardOK {
			say(true, "check.card")
		} else {
			say(false, "check.bad-card")
		}
		if *o.WordOK {
			say(true, "check.word")
		} else {
			say(false, "check.bad-word")
		}
	}
	switch {
	case bad["missing"]:
		say(false, "check.bad-missing", "Date", o.Receipt.MergeBy)
	case o.Index < 0:
		say(true, "check.waiting", "Date", o.Receipt.MergeBy)
	case bad["proof"]:
		say(false, "check.bad-proof")
	default:
		say(true, "check.in-log", "N", o.Index+1)
		if o.Witnessed {
			say(true, "check.witnessed")
		} else {
			say(true, "check.not-witnessed")
		}
	}
	switch {
	case bad["not-counted"]:
		say(false, "check.bad-not-counted")
	case o.Counted:
		say(true, "check.counted")
	case o.Closed && o.Index >= 0:
		say(true, "check.replaced", "N", o.Last)
	case o.Index >= 0 && o.Last > o.Receipt.Leaf.Version:
		say(true, "check.replaced-so-far", "N", o.Last)
	case o.Index >= 0:
		say(true, "check.open")
	}
	if bad["log"] {
		say(false, "check.bad-log")
	}
	return out
}
