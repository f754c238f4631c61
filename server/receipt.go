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
	"pingyi/locale"
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
	p := &receiptPage{ballotPage: *b.page("ballot.received"), Leaf: r.Leaf, By: mergeBy(b.t, r), Hash: b.r.PathValue("hash")}
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
	Open bool // neither good nor bad: nobody has done it yet
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
	if p.Text == "" && p.Typed != "" && p.Own != "" {
		return s.checkCard(b, p)
	}
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
	return p.found(b, o)
}

// found shows what was found of a ballot.
func (p *checkPage) found(b *ballotRequest, o ballotlog.Outcome) error {
	p.Outcome, p.Good = &o, len(o.Findings) == 0
	p.Checked = checkLines(p, o)
	p.Fixed = true
	b.write(http.StatusOK, "ballot/receipt-check", p)
	return nil
}

// checkCard looks the last ballot of a card up, for who has no receipt. A card
// does not say its campaign, so the latest that knows it is taken.
func (s *Server) checkCard(b *ballotRequest, p *checkPage) error {
	if _, err := ballotbox.ParseCard(0, p.Typed); err != nil {
		p.problem("card", p.T("card.wrong"))
		b.write(http.StatusUnprocessableEntity, "ballot/receipt-check", p)
		return nil
	}
	all, err := s.Evaluation.Campaigns(b.r.Context())
	if err != nil {
		return err
	}
	o := ballotlog.Outcome{Findings: []ballotlog.Problem{{Code: "absent"}}}
	for _, k := range all {
		files, err := s.Evaluation.PublicCopy(b.r.Context(), k.ID, s.Witness)
		if errors.Is(err, fault.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if o = files.VerifyCard(p.Typed, p.Own); o.Last > 0 {
			break
		}
	}
	return p.found(b, o)
}

// checkLines says what was found, good and bad.
func checkLines(p *checkPage, o ballotlog.Outcome) []checkLine {
	var out []checkLine
	bad := map[string]bool{}
	for _, f := range o.Findings {
		bad[f.Code] = true
	}
	say := func(ok bool, key string, args ...any) { out = append(out, checkLine{OK: ok, Text: p.T(key, args...)}) }
	switch {
	case bad["signature"]:
		say(false, "check.bad-signature")
		return out
	case bad["absent"]:
		say(false, "check.bad-absent")
		return out
	case o.Receipt.MergeBy != "":
		say(true, "check.signature")
	}
	out = append(out, ownLines(p, o)...)
	switch {
	case bad["missing"]:
		say(false, "check.bad-missing", "Date", mergeBy(p.Translator, o.Receipt))
	case o.Index < 0:
		say(true, "check.waiting", "Date", mergeBy(p.Translator, o.Receipt))
	case bad["proof"]:
		say(false, "check.bad-proof")
	default:
		say(true, "check.in-log", "N", o.Index+1)
		if o.Witnessed {
			say(true, "check.witnessed")
		} else {
			out = append(out, checkLine{OK: true, Open: true, Text: p.T("check.not-witnessed")})
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

// ownLines says whether the ballot is the rater's own, by card and own word.
func ownLines(p *checkPage, o ballotlog.Outcome) []checkLine {
	if o.CardOK == nil {
		return nil
	}
	if o.Receipt.MergeBy == "" { // no receipt: the ballot was found by the card
		return []checkLine{{OK: *o.WordOK, Text: p.T(map[bool]string{true: "check.word-of-card", false: "check.bad-word-of-card"}[*o.WordOK])}}
	}
	word := map[bool]string{true: "check.word", false: "check.bad-word"}[*o.WordOK]
	card := map[bool]string{true: "check.card", false: "check.bad-card"}[*o.CardOK]
	return []checkLine{{OK: *o.CardOK, Text: p.T(card)}, {OK: *o.WordOK, Text: p.T(word)}}
}

// mergeBy is the day by which a receipt promises its ballot in the log.
func mergeBy(t *locale.Translator, r ballotbox.Receipt) string {
	return t.Date(calendar.Date(r.MergeBy).Time())
}
