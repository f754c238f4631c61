package ballotbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/crypto/nacl/secretbox"

	"pingyi/postgres"
)

// Printed cards: envelopes drawn at a meeting, serials of paper ballots. Their
// slots are on a public list before the campaign opens; the cards are on paper
// alone.

// Errors of printed cards.
var (
	ErrListClosed = errors.New("the list of printed cards is closed: the campaign has opened")
	ErrUsed       = errors.New("the card has been used")
)

// Print draws n cards of a group, lists their slots under the printing's number
// and returns the cards in random order. They exist nowhere else. paper: they are
// serials of paper ballots, good for CastPaper alone.
func (b *Box) Print(ctx context.Context, c CampaignID, sheet int, group string, paper bool, n int) ([]Card, error) {
	cards := make([]Card, n)
	slots := make([][]byte, n)
	for i := range cards {
		cards[i] = Card{Campaign: c, Group: group, Secret: Draw(), Printed: true}
		slots[i] = cards[i].Secret.Slot(c)
	}
	err := postgres.InTx(ctx, b.keeper, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT box_list($1, $2, $3, $4, $5)`, c, sheet, group, paper, pq.Array(slots))
		return err
	})
	if postgres.Violates(err, "box_list_before_opening") {
		return nil, ErrListClosed
	}
	if err != nil {
		return nil, fmt.Errorf("list printed cards: %w", plain(err))
	}
	return cards, nil
}

// Withdraw takes a printing off the list, before the campaign opens.
func (b *Box) Withdraw(ctx context.Context, c CampaignID, sheet int) error {
	_, err := b.keeper.ExecContext(ctx, `SELECT box_unlist($1, $2)`, c, sheet)
	if postgres.Violates(err, "box_list_before_opening") {
		return ErrListClosed
	}
	if err != nil {
		return fmt.Errorf("withdraw printed cards: %w", plain(err))
	}
	return nil
}

// Void voids a printed card that was left over and returns its printing. It
// returns ErrCard for a card that is not on the list and ErrUsed for one that has
// been used.
func (b *Box) Void(ctx context.Context, card Card) (int, error) {
	if !card.Printed {
		return 0, ErrCard
	}
	var sheet int
	if err := b.keeper.GetContext(ctx, &sheet, `SELECT box_void($1, $2)`, card.Campaign, card.Secret.Slot(card.Campaign)); err != nil {
		return 0, fmt.Errorf("void a printed card: %w", plain(err))
	}
	switch sheet {
	case 0:
		return 0, ErrCard
	case -1:
		return 0, ErrUsed
	}
	return sheet, nil
}

// VoidRest voids what is left of a printing and returns how many cards that were.
func (b *Box) VoidRest(ctx context.Context, c CampaignID, sheet int) (int, error) {
	var n int
	if err := b.keeper.GetContext(ctx, &n, `SELECT box_void_rest($1, $2)`, c, sheet); err != nil {
		return 0, fmt.Errorf("void the rest of a printing: %w", plain(err))
	}
	return n, nil
}

// Usage is what became of the cards of a printing.
type Usage struct {
	Sheet int `db:"sheet"`
	Used  int `db:"used"`
	Void  int `db:"void"`
	Half  int `db:"half"` // paper ballots entered once
}

// Usage returns what became of printed cards, by printing.
func (b *Box) Usage(ctx context.Context, c CampaignID) (map[int]Usage, error) {
	var rows []Usage
	if err := b.keeper.SelectContext(ctx, &rows, `SELECT sheet, used, void, half FROM box_used($1)`, c); err != nil {
		return nil, fmt.Errorf("count printed cards: %w", plain(err))
	}
	out := map[int]Usage{}
	for _, r := range rows {
		out[r.Sheet] = r
	}
	return out, nil
}

// Errors of paper ballots.
var (
	// ErrEntered: the paper ballot is in the box already.
	ErrEntered = errors.New("the paper ballot has been entered")
)

// CheckSerial reports ErrCard for a card that is not the serial of a paper ballot of
// the campaign, or of one that was voided.
func (b *Box) CheckSerial(ctx context.Context, card Card) error {
	if !card.Printed {
		return ErrCard
	}
	return b.checkListed(ctx, card, true)
}

// PaperEntry is what one person read on a paper ballot.
type PaperEntry struct {
	Ballot Ballot `json:"ballot"`
	Word   string `json:"word"`
}

// paperKey encrypts the first entry; it comes from the serial on the paper.
func (s Secret) paperKey() *[32]byte {
	k := [32]byte(hash("pingyi/paper/v1", s[:]))
	return &k
}

func (s Secret) personMark(account int64) []byte {
	return hash("pingyi/paper-person/v1", s[:], number(account))
}

// FirstEntry returns the first entry of a paper ballot and whether the account
// made it; nil when there is none.
func (b *Box) FirstEntry(ctx context.Context, card Card, account int64) (*PaperEntry, bool, error) {
	var rows []struct {
		Mark   []byte `db:"mark"`
		Sealed []byte `db:"sealed"`
	}
	if err := b.keeper.SelectContext(ctx, &rows, `SELECT mark, sealed FROM box_paper_get($1, $2)`, card.Campaign, card.Secret.Slot(card.Campaign)); err != nil {
		return nil, false, fmt.Errorf("look for a first entry: %w", plain(err))
	}
	if len(rows) == 0 {
		return nil, false, nil
	}
	sealed := rows[0].Sealed
	if len(sealed) < 24 {
		return nil, false, errors.New("a first entry is damaged")
	}
	doc, ok := secretbox.Open(nil, sealed[24:], (*[24]byte)(sealed[:24]), card.Secret.paperKey())
	if !ok {
		return nil, false, errors.New("a first entry is damaged")
	}
	var e PaperEntry
	if err := json.Unmarshal(doc, &e); err != nil {
		return nil, false, fmt.Errorf("read a first entry: %w", err)
	}
	return &e, slices.Equal(rows[0].Mark, card.Secret.personMark(account)), nil
}

// KeepFirstEntry keeps what the first person read; the same person may correct it
// until the second one enters. It returns ErrEntered when another person's entry
// is there, and ErrClosed when the campaign is not open.
func (b *Box) KeepFirstEntry(ctx context.Context, card Card, account int64, e PaperEntry) error {
	n, err := b.Notice(ctx, card.Campaign)
	if err != nil {
		return err
	}
	if !n.Open {
		return ErrClosed
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write a first entry: %w", err)
	}
	var nonce [24]byte
	_, _ = rand.Read(nonce[:])
	sealed := secretbox.Seal(nonce[:], doc, &nonce, card.Secret.paperKey())
	var ok bool
	if err := b.keeper.GetContext(ctx, &ok, `SELECT box_paper_put($1, $2, $3, $4)`, card.Campaign, card.Secret.Slot(card.Campaign), card.Secret.personMark(account), sealed); err != nil {
		return fmt.Errorf("keep a first entry: %w", plain(err))
	}
	if !ok {
		return ErrEntered
	}
	return nil
}

// Used reports whether a card has been used.
func (b *Box) Used(ctx context.Context, card Card) (bool, error) {
	var used bool
	if err := b.keeper.GetContext(ctx, &used, `SELECT box_is_used($1, $2)`, card.Campaign, card.Secret.Slot(card.Campaign)); err != nil {
		return false, fmt.Errorf("look for a used card: %w", plain(err))
	}
	return used, nil
}

// CastPaper casts a paper ballot that two people entered alike and forgets the
// first entry. It may be after the casting window, as long as the campaign is
// open: paper is counted after the meeting. ErrEntered when the serial is in the
// box already.
func (b *Box) CastPaper(ctx context.Context, card Card, e PaperEntry) (Receipt, error) {
	n, err := b.Notice(ctx, card.Campaign)
	if err != nil {
		return Receipt{}, err
	}
	if !n.Open {
		return Receipt{}, ErrClosed
	}
	if used, err := b.Used(ctx, card); err != nil {
		return Receipt{}, err
	} else if used {
		return Receipt{}, ErrEntered
	}
	e.Ballot.Paper = true
	// the serial is the one-time key: sent twice at once it is one ballot
	r, err := b.castIn(ctx, n, card, e.Ballot, e.Word, "paper")
	if err != nil {
		return r, err
	}
	if _, err := b.keeper.ExecContext(ctx, `SELECT box_paper_done($1, $2)`, card.Campaign, card.Secret.Slot(card.Campaign)); err != nil {
		return r, fmt.Errorf("forget a first entry: %w", plain(err))
	}
	return r, nil
}
