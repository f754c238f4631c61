package evaluation

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// The register: who collected a card. It keeps a tag and a date; which card it
// was, it cannot tell, and the box is in another database.

// Seats returns the campaigns in which the actor, or his company, is a rater.
func (s *Store) Seats(ctx context.Context, by org.Actor) ([]Seat, error) {
	all, err := s.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	var out []Seat
	for _, c := range all {
		if c.State == "preparing" {
			continue
		}
		seat, err := s.seat(ctx, by, c)
		if errors.Is(err, fault.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, seat)
	}
	return out, nil
}

// Seat returns the actor's place in a campaign; ErrNotFound when he has none.
func (s *Store) Seat(ctx context.Context, by org.Actor, id CampaignID) (Seat, error) {
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return Seat{}, err
	}
	if c.State == "preparing" {
		return Seat{}, fault.ErrNotFound
	}
	return s.seat(ctx, by, c)
}

func (s *Store) seat(ctx context.Context, by org.Actor, c Campaign) (Seat, error) {
	if !by.SignedIn() {
		return Seat{}, fault.ErrNotFound
	}
	var row struct {
		Rater   int64         `db:"rater_id"`
		Group   string        `db:"grp"`
		On      calendar.Date `db:"issued_on"`
		How     string        `db:"how"`
		Lost    bool          `db:"lost"`
		Answers bool          `db:"answers"`
	}
	const q = `SELECT r.rater_id, r.grp, CASE WHEN k.how = 'online' AND k.tag IS NULL THEN '' ELSE coalesce(to_char(k.issued_on, 'YYYY-MM-DD'), '') END AS issued_on,
			coalesce(k.how, '') AS how, k.lost_on IS NOT NULL AND k.reissued_on IS NULL AS lost,
			r.account_id IS NOT NULL OR EXISTS (SELECT FROM company_raters a WHERE a.company_id = r.company_id AND a.account_id = $2) AS answers
		FROM campaign_raters r LEFT JOIN card_issue k ON k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id
		WHERE r.campaign_id = $1 AND (r.account_id = $2 OR (r.company_id IS NOT NULL AND r.company_id = $3))`
	err := s.db.GetContext(ctx, &row, q, c.ID, by.Account, by.Company)
	if errors.Is(err, sql.ErrNoRows) {
		return Seat{}, fault.ErrNotFound
	}
	if err != nil {
		return Seat{}, fmt.Errorf("read the register: %w", err)
	}
	seat := Seat{Campaign: c, Rater: row.Rater, Group: row.Group, Collected: row.On, How: row.How, Lost: row.Lost, Answers: row.Answers}
	if by.Role == org.RoleLeader {
		seat.OwnUnit = by.Unit
	}
	return seat, nil
}

// Collect hands the actor the card of a secret that was drawn and shown to him.
// It returns after the commit. The same secret again is the same card; another
// one is refused with ErrCardTaken, for a rater has one card.
func (s *Store) Collect(ctx context.Context, by org.Actor, id CampaignID, secret ballotbox.Secret) (ballotbox.Card, error) {
	seat, err := s.Seat(ctx, by, id)
	if err != nil {
		return ballotbox.Card{}, err
	}
	if !seat.Answers {
		return ballotbox.Card{}, ErrNotRater
	}
	if !seat.Campaign.Collecting(s.now()) {
		return ballotbox.Card{}, ErrNoCards
	}
	card, err := s.box.Keys().Issue(id, seat.Group, secret)
	if err != nil {
		return ballotbox.Card{}, err
	}
	tag := secret.Tag(id, seat.Rater)
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO card_issue (campaign_id, rater_id, grp, tag, issued_on) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (campaign_id, rater_id) DO UPDATE SET tag = excluded.tag, issued_on = excluded.issued_on WHERE card_issue.how = 'online' AND card_issue.tag IS NULL AND card_issue.reissued_on IS NOT NULL`
		res, err := tx.ExecContext(ctx, q, id, seat.Rater, seat.Group, tag, calendar.DateOf(s.now()))
		if err != nil {
			return fmt.Errorf("register card: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("register card: %w", err)
		} else if n == 1 {
			return record.Append(ctx, tx, by, "card.issued", fmt.Sprintf("campaign:%d", id), map[string]any{"rater": seat.Rater})
		}
		var kept string
		if err := tx.GetContext(ctx, &kept, `SELECT coalesce(encode(tag, 'hex'), '') FROM card_issue WHERE campaign_id = $1 AND rater_id = $2`, id, seat.Rater); err != nil {
			return fmt.Errorf("read the register: %w", err)
		}
		if kept != hex.EncodeToString(tag) {
			return ErrCardTaken
		}
		return nil
	})
	if err != nil {
		return ballotbox.Card{}, err
	}
	return card, nil
}
