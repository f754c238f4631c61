package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Printed cards of a campaign: envelopes for a meeting and paper ballots with a
// serial. The portal keeps how many were printed; the cards are on paper alone.

// Kinds of printings.
const (
	Envelope = "envelope"
	Paper    = "paper"
)

// CardSheet is a printing of cards.
type CardSheet struct {
	Number  int        `db:"sheet"`
	Kind    string     `db:"kind"`
	Group   string     `db:"grp"`
	Cards   int        `db:"cards"`
	Place   string     `db:"place"` // meeting, or ballot box
	At      time.Time  `db:"printed_at"`
	Spoiled *int       `db:"spoiled"`
	Unused  *int       `db:"unused"`
	Settled *time.Time `db:"settled_at"`
	Used    int        `db:"-"`
	Void    int        `db:"-"`
	Half    int        `db:"-"` // paper ballots entered once
	Drawn   int        `db:"-"` // names ticked in the group, for envelopes
}

// Open is how many cards are neither used nor void.
func (c CardSheet) Open() int { return c.Cards - c.Used - c.Void }

// SheetDraft is a printing as it is asked for.
type SheetDraft struct {
	Kind  string
	Group string
	Cards int
	Place string
}

// MaxPrinted is the largest printing.
const MaxPrinted = 2000

func (d SheetDraft) check() error {
	f := fault.Fields{}
	if d.Kind != Envelope && d.Kind != Paper {
		f.Add("kind", "cards.kind-unknown")
	}
	if !slices.Contains([]string{"G1", "G2", "G3", "G4", "G5"}, d.Group) {
		f.Add("group", "cards.group-unknown")
	}
	if d.Cards < 1 || d.Cards > MaxPrinted {
		f.Add("cards", "cards.number-range", "Most", MaxPrinted)
	}
	if n := utf8.RuneCountInString(d.Place); n < 2 || n > 80 {
		f.Add("place", "cards.place-length")
	}
	return f.Err()
}

// Errors of printed cards.
var (
	ErrPrinted     = fault.New(fault.Conflict, "cards.printed-before")
	ErrListClosed  = fault.New(fault.Conflict, "cards.list-closed")
	ErrNotListed   = fault.New(fault.Invalid, "cards.not-listed")
	ErrCardUsed    = fault.New(fault.Conflict, "cards.used")
	ErrHasCard     = fault.New(fault.Conflict, "cards.has-card")
	ErrNotBalanced = fault.New(fault.Conflict, "paper.not-balanced")
)

// PrintCards prints cards for a campaign that is being prepared and returns them,
// shuffled. The same idem again is refused with ErrPrinted: the cards are on the
// first print alone.
func (s *Store) PrintCards(ctx context.Context, by org.Actor, id CampaignID, d SheetDraft, idem string) (CardSheet, []ballotbox.Card, error) {
	if err := run(by); err != nil {
		return CardSheet{}, nil, err
	}
	if err := d.check(); err != nil {
		return CardSheet{}, nil, err
	}
	var cards []ballotbox.Card
	sheet := CardSheet{Kind: d.Kind, Group: d.Group, Cards: d.Cards, Place: d.Place, At: s.now()}
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &sheet.Number, `SELECT coalesce(max(sheet), 0) + 1 FROM card_sheets WHERE campaign_id = $1`, id); err != nil {
			return fmt.Errorf("number a printing: %w", err)
		}
		const q = `INSERT INTO card_sheets (campaign_id, sheet, kind, grp, cards, place, printed_by, printed_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
		_, err := tx.ExecContext(ctx, q, id, sheet.Number, d.Kind, d.Group, d.Cards, d.Place, by.Account, sheet.At, idem)
		if postgres.Violates(err, "card_sheets_idem_key") {
			return ErrPrinted
		}
		if err != nil {
			return fmt.Errorf("note a printing: %w", err)
		}
		if err := record.Append(ctx, tx, by, "cards.printed", fmt.Sprintf("campaign:%d", id), map[string]any{"sheet": sheet.Number, "kind": d.Kind, "group": d.Group, "cards": d.Cards}); err != nil {
			return err
		}
		// last, for it is in another database: what fails before leaves nothing there
		cards, err = s.box.Print(ctx, id, sheet.Number, d.Group, d.Kind == Paper, d.Cards)
		if errors.Is(err, ballotbox.ErrListClosed) {
			return ErrListClosed
		}
		return err
	})
	return sheet, cards, err
}

// WithdrawCards takes a printing back, before the campaign opens: its cards are
// good for nothing.
func (s *Store) WithdrawCards(ctx context.Context, by org.Actor, id CampaignID, sheet int) error {
	if err := run(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM card_sheets WHERE campaign_id = $1 AND sheet = $2`, id, sheet)
		if err != nil {
			return fmt.Errorf("withdraw a printing: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.ErrNotFound, err)
		}
		if err := record.Append(ctx, tx, by, "cards.withdrawn", fmt.Sprintf("campaign:%d", id), map[string]any{"sheet": sheet}); err != nil {
			return err
		}
		if err := s.box.Withdraw(ctx, id, sheet); errors.Is(err, ballotbox.ErrListClosed) {
			return ErrListClosed
		} else if err != nil {
			return err
		}
		return nil
	})
}

// CardSheets lists the printings of a campaign with what became of them.
func (s *Store) CardSheets(ctx context.Context, id CampaignID) ([]CardSheet, error) {
	var out []CardSheet
	const q = `SELECT sheet, kind, grp, cards, place, printed_at, spoiled, unused, settled_at FROM card_sheets WHERE campaign_id = $1 ORDER BY sheet`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("list printings: %w", err)
	}
	usage, err := s.box.Usage(ctx, id)
	if err != nil {
		return nil, err
	}
	var drawn []struct {
		Group string `db:"grp"`
		How   string `db:"how"`
		N     int    `db:"n"`
	}
	if err := s.db.SelectContext(ctx, &drawn, `SELECT grp, how, count(*) AS n FROM card_issue WHERE campaign_id = $1 AND how <> 'online' GROUP BY grp, how`, id); err != nil {
		return nil, fmt.Errorf("count names ticked: %w", err)
	}
	for i := range out {
		u := usage[out[i].Number]
		out[i].Used, out[i].Void, out[i].Half = u.Used, u.Void, u.Half
		for _, d := range drawn {
			if d.Group == out[i].Group && d.How == out[i].Kind {
				out[i].Drawn = d.N
			}
		}
	}
	return out, nil
}

// VoidCard voids a printed card that was left over, by its text.
func (s *Store) VoidCard(ctx context.Context, by org.Actor, id CampaignID, typed string) error {
	if err := run(by); err != nil {
		return err
	}
	card, err := ballotbox.ParseCard(id, typed)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
			return err
		}
		sheet, err := s.box.Void(ctx, card)
		switch {
		case errors.Is(err, ballotbox.ErrCard):
			return ErrNotListed
		case errors.Is(err, ballotbox.ErrUsed):
			return ErrCardUsed
		case err != nil:
			return err
		}
		return record.Append(ctx, tx, by, "card.voided", fmt.Sprintf("campaign:%d", id), map[string]any{"sheet": sheet})
	})
}

// Tick notes that a rater took an envelope or a paper ballot: his name alone, for
// nobody knows which. ErrHasCard when he has a card already.
func (s *Store) Tick(ctx context.Context, by org.Actor, id CampaignID, rater int64, how string) error {
	if !runs(by) && by.Role != org.RoleClerk {
		return fault.ErrForbidden
	}
	if how != Envelope && how != Paper {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
			return err
		}
		const q = `INSERT INTO card_issue (campaign_id, rater_id, grp, issued_on, how) SELECT campaign_id, rater_id, grp, $3, $4 FROM campaign_raters WHERE campaign_id = $1 AND rater_id = $2
			ON CONFLICT (campaign_id, rater_id) DO NOTHING`
		res, err := tx.ExecContext(ctx, q, id, rater, calendar.DateOf(s.now()), how)
		if err != nil {
			return fmt.Errorf("tick a name: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("tick a name: %w", err)
		} else if n == 0 {
			return ErrHasCard
		}
		return record.Append(ctx, tx, by, "card.drawn", fmt.Sprintf("campaign:%d", id), map[string]any{"rater": rater, "how": how})
	})
}

// Untick takes a tick back.
func (s *Store) Untick(ctx context.Context, by org.Actor, id CampaignID, rater int64) error {
	if !runs(by) && by.Role != org.RoleClerk {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM card_issue WHERE campaign_id = $1 AND rater_id = $2 AND how <> 'online'`, id, rater)
		if err != nil {
			return fmt.Errorf("take a tick back: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.ErrNotFound, err)
		}
		return record.Append(ctx, tx, by, "card.drawn-undone", fmt.Sprintf("campaign:%d", id), map[string]any{"rater": rater})
	})
}

// ReportLost notes that a rater lost the card he collected.
func (s *Store) ReportLost(ctx context.Context, by org.Actor, id CampaignID) error {
	seat, err := s.Seat(ctx, by, id)
	if err != nil {
		return err
	}
	if !seat.Answers {
		return ErrNotRater
	}
	if seat.Collected == "" || seat.Campaign.State != "open" || !s.now().Before(seat.Campaign.CastFrom) {
		return ErrTooLate
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE card_issue SET lost_on = $3 WHERE campaign_id = $1 AND rater_id = $2 AND how = 'online' AND lost_on IS NULL`, id, seat.Rater, calendar.DateOf(s.now()))
		if err != nil {
			return fmt.Errorf("note a lost card: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrTooLate, err)
		}
		return record.Append(ctx, tx, by, "card.lost", fmt.Sprintf("campaign:%d", id), map[string]any{"rater": seat.Rater})
	})
}

// ErrTooLate: a lost card is replaced once, and only before casting begins.
var ErrTooLate = fault.New(fault.Conflict, "card.too-late")

// Reissue allows a rater who lost his card a second one; supervision alone, once,
// and before casting begins. The number of second cards is published: at most that
// many could count twice.
func (s *Store) Reissue(ctx context.Context, by org.Actor, id CampaignID, rater int64) error {
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if !s.now().Before(c.CastFrom) {
		return ErrTooLate
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
			return err
		}
		const q = `UPDATE card_issue SET tag = NULL, reissued_on = $3, reissued_by = $4 WHERE campaign_id = $1 AND rater_id = $2 AND lost_on IS NOT NULL AND reissued_on IS NULL`
		res, err := tx.ExecContext(ctx, q, id, rater, calendar.DateOf(s.now()), by.Account)
		if err != nil {
			return fmt.Errorf("allow a second card: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrTooLate, err)
		}
		return record.Append(ctx, tx, by, "card.reissued", fmt.Sprintf("campaign:%d", id), map[string]any{"rater": rater})
	})
}

// unsettledSheets lists the printings of paper ballots whose counts do not agree:
// issued = used + spoiled + unused.
func (s *Store) unsettledSheets(ctx context.Context, id CampaignID) ([]int, error) {
	var out []int
	const q = `SELECT sheet FROM card_sheets WHERE campaign_id = $1 AND kind = 'paper' AND settled_at IS NULL ORDER BY sheet`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("look for unsettled boxes: %w", err)
	}
	return out, nil
}
