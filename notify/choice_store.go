package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Preferences returns how the reader wants to be told, with the portal's proposals
// where he has not chosen.
func (s *Store) Preferences(ctx context.Context, by org.Actor) (Preferences, error) {
	p := Preferences{Hours: DefaultHours}
	err := s.db.GetContext(ctx, &p.Hours, `SELECT quiet_from, quiet_until, digest_hour FROM notify_hours WHERE account_id = $1`, by.Account)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("read hours: %w", err)
	}
	var hasEmail bool
	if err := s.db.GetContext(ctx, &hasEmail, `SELECT email <> '' FROM accounts WHERE id = $1`, by.Account); err != nil {
		return p, fmt.Errorf("read address: %w", err)
	}
	var rows []Choice
	if err := s.db.SelectContext(ctx, &rows, `SELECT grp, email, sms FROM notify_choices WHERE account_id = $1`, by.Account); err != nil {
		return p, fmt.Errorf("read choices: %w", err)
	}
	for _, g := range Groups {
		c := defaultChoice(g, hasEmail)
		for _, r := range rows {
			if r.Group == g {
				c = r
			}
		}
		p.Choices = append(p.Choices, c)
	}
	return p, nil
}

// SavePreferences keeps how the reader wants to be told. It holds for everything that
// has not gone out yet.
func (s *Store) SavePreferences(ctx context.Context, by org.Actor, p Preferences) error {
	if err := p.Check().Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		for _, c := range p.Choices {
			const q = `INSERT INTO notify_choices (account_id, grp, email, sms) VALUES ($1, $2, $3, $4)
				ON CONFLICT (account_id, grp) DO UPDATE SET email = excluded.email, sms = excluded.sms`
			if _, err := tx.ExecContext(ctx, q, by.Account, c.Group, c.Email, c.SMS); err != nil {
				return fmt.Errorf("save a choice: %w", err)
			}
		}
		const q = `INSERT INTO notify_hours (account_id, quiet_from, quiet_until, digest_hour) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account_id) DO UPDATE SET quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, digest_hour = excluded.digest_hour`
		if _, err := tx.ExecContext(ctx, q, by.Account, p.Hours.QuietFrom, p.Hours.QuietUntil, p.Hours.Digest); err != nil {
			return fmt.Errorf("save hours: %w", err)
		}
		return record.Append(ctx, tx, by, "message.preferences", fmt.Sprintf("account:%d", by.Account), nil)
	})
}
