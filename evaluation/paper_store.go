package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Paper ballots: each is entered by two people; where they read differently, the
// second settles it with the paper in hand, both readings side by side. A box of
// paper ballots must reconcile before the campaign can close.

// DefaultWord is the own word of a paper ballot on which none was written.
const DefaultWord = "纸质评议票"

// Difference is a place where two people read a paper ballot differently.
type Difference struct {
	Unit   org.UnitID
	Item   string // indicator; "" for the own word
	First  string // level as read first; "na" for an empty place
	Second string
}

// PaperOutcome is what became of an entry.
type PaperOutcome struct {
	Kept   bool // the first entry; the second person's is awaited
	Cast   bool // both agree: in the box
	Differ []Difference
}

// Errors of paper ballots.
var (
	ErrPaperSerial  = fault.New(fault.Invalid, "paper.serial-wrong")
	ErrPaperSame    = fault.New(fault.Conflict, "paper.same-person")
	ErrPaperEntered = fault.New(fault.Conflict, "paper.entered")
)

func mayEnter(a org.Actor) bool { return a.Role == org.RoleClerk || runs(a) }

// EnterPaper takes what a person read on a paper ballot. The first entry waits,
// encrypted; the second is compared with it. When they differ nothing is cast and
// the differences come back; settled is sent with the second entry once they are
// settled on it.
func (s *Store) EnterPaper(ctx context.Context, by org.Actor, id CampaignID, serial string, e ballotbox.PaperEntry, settled bool) (PaperOutcome, error) {
	if !mayEnter(by) {
		return PaperOutcome{}, fault.ErrForbidden
	}
	card, err := s.paperCard(ctx, id, serial)
	if err != nil {
		return PaperOutcome{}, err
	}
	notice, err := s.box.Notice(ctx, id)
	if err != nil {
		return PaperOutcome{}, err
	}
	if ballotbox.Word(e.Word) == "" {
		e.Word = DefaultWord
	}
	if err := ballotbox.CheckWord(e.Word); err != nil {
		return PaperOutcome{}, fault.Field("word", "ballot.word-length", "Least", ballotbox.MinWord, "Most", ballotbox.MaxWord)
	}
	if err := notice.Form.Check(e.Ballot); err != nil {
		return PaperOutcome{}, err
	}
	if used, err := s.box.Used(ctx, card); err != nil {
		return PaperOutcome{}, err
	} else if used {
		return PaperOutcome{}, ErrPaperEntered
	}
	first, own, err := s.box.FirstEntry(ctx, card, int64(by.Account))
	if err != nil {
		return PaperOutcome{}, err
	}
	if first == nil || (own && !settled) {
		return s.keepFirst(ctx, by, card, e)
	}
	if own {
		return PaperOutcome{}, ErrPaperSame
	}
	if d := differences(notice.Form, *first, e); len(d) > 0 && !settled {
		return PaperOutcome{Differ: d}, nil
	}
	return PaperOutcome{Cast: true}, s.castPaper(ctx, by, card, e, settled)
}

// paperCard is the card of a serial: printed on a paper ballot of the campaign and
// not void.
func (s *Store) paperCard(ctx context.Context, id CampaignID, serial string) (ballotbox.Card, error) {
	card, err := ballotbox.ParseCard(id, serial)
	if err == nil {
		err = s.box.CheckSerial(ctx, card)
	}
	if errors.Is(err, ballotbox.ErrCard) {
		return card, fault.Field("serial", "paper.serial-wrong")
	}
	return card, err
}

func (s *Store) keepFirst(ctx context.Context, by org.Actor, card ballotbox.Card, e ballotbox.PaperEntry) (PaperOutcome, error) {
	err := s.box.KeepFirstEntry(ctx, card, int64(by.Account), e)
	if errors.Is(err, ballotbox.ErrEntered) {
		return PaperOutcome{}, ErrPaperEntered
	}
	return PaperOutcome{Kept: true}, err
}

func (s *Store) castPaper(ctx context.Context, by org.Actor, card ballotbox.Card, e ballotbox.PaperEntry, settled bool) error {
	if _, err := s.box.CastPaper(ctx, card, e); errors.Is(err, ballotbox.ErrEntered) {
		return ErrPaperEntered
	} else if err != nil || !settled {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		return record.Append(ctx, tx, by, "paper.settled", fmt.Sprintf("campaign:%d", card.Campaign), nil)
	})
}

// differences lists where two entries differ, unit by unit in the order of the
// form.
func differences(f *ballotbox.Form, a, b ballotbox.PaperEntry) []Difference {
	answers := func(e ballotbox.PaperEntry, u org.UnitID, item string) string {
		for _, l := range e.Ballot.Lines {
			if l.Unit == u && !l.Skipped && l.Answers[item] != "" {
				return l.Answers[item]
			}
		}
		return ballotbox.NotAcquainted
	}
	var out []Difference
	for _, u := range f.Units {
		for _, ind := range f.Indicators {
			if x, y := answers(a, u.ID, ind.Code), answers(b, u.ID, ind.Code); x != y {
				out = append(out, Difference{u.ID, ind.Code, x, y})
			}
		}
	}
	if x, y := ballotbox.Word(a.Word), ballotbox.Word(b.Word); x != y {
		out = append(out, Difference{First: x, Second: y})
	}
	return out
}

// SettleBox closes the books of a printing of paper ballots: issued must be used +
// spoiled + unused. What was not used is voided in public. ErrNotBalanced says by
// how much it does not fit.
func (s *Store) SettleBox(ctx context.Context, by org.Actor, id CampaignID, sheet int, spoiled, unused string) error {
	if err := run(by); err != nil {
		return err
	}
	f := fault.Fields{}
	number := func(field, typed string) int {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 || n > MaxPrinted {
			f.Add(field+strconv.Itoa(sheet), "paper.number")
		}
		return n
	}
	sp, un := number("spoiled", spoiled), number("unused", unused)
	if err := f.Err(); err != nil {
		return err
	}
	all, err := s.CardSheets(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c CardSheet) bool { return c.Number == sheet && c.Kind == Paper })
	if i < 0 {
		return fault.ErrNotFound
	}
	c := all[i]
	if c.Half > 0 {
		return fault.New(fault.Conflict, "paper.half", "Count", c.Half)
	}
	if c.Cards != c.Used+sp+un {
		return ErrNotBalanced.With("Issued", c.Cards, "Used", c.Used, "Spoiled", sp, "Unused", un, "Rest", c.Cards-c.Used-sp-un)
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE card_sheets SET spoiled = $3, unused = $4, settled_by = $5, settled_at = $6 WHERE campaign_id = $1 AND sheet = $2 AND settled_at IS NULL`, id, sheet, sp, un, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("settle a box: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrState, err)
		}
		if err := record.Append(ctx, tx, by, "paper.box-settled", fmt.Sprintf("campaign:%d", id), map[string]any{"sheet": sheet, "used": c.Used, "spoiled": sp, "unused": un}); err != nil {
			return err
		}
		_, err = s.box.VoidRest(ctx, id, sheet)
		return err
	})
}
