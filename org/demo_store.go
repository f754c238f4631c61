package org

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/postgres"
)

// DemoAccounts lists the accounts of a demo county with their passwords; none in
// any other database.
func (s *Store) DemoAccounts(ctx context.Context) ([]Account, error) {
	var out []Account
	q := `SELECT ` + accountColumns + accountTables + `WHERE a.demo_password <> '' AND EXISTS (SELECT FROM demo_county)
		ORDER BY array_position(ARRAY['company','chamber','invited','head','officer','leader','receiver','supervision','clerk','campaign_admin','operator'], a.role), a.id`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("list demo accounts: %w", err)
	}
	return out, nil
}

// BeginDemo marks an empty database as the demo county's; false when anything is
// in it already.
func (s *Store) BeginDemo(ctx context.Context, seed int64) (bool, error) {
	empty := false
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `SELECT NOT EXISTS (SELECT FROM units) AND NOT EXISTS (SELECT FROM companies) AND NOT EXISTS (SELECT FROM accounts) AND NOT EXISTS (SELECT FROM demo_county)`
		if err := tx.GetContext(ctx, &empty, q); err != nil || !empty {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO demo_county (seed, made_at) VALUES ($1, $2)`, seed, s.now())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("begin demo county: %w", err)
	}
	return empty, nil
}

// FinishDemo notes that the demo county is whole.
func (s *Store) FinishDemo(ctx context.Context) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE demo_county SET finished = true`); err != nil {
			return fmt.Errorf("finish demo county: %w", err)
		}
		return nil
	})
}

// HalfDemo reports whether the making of a demo county was cut off, or is still
// under way. One in which anybody ever signed in is whole: somebody's work is in it.
func (s *Store) HalfDemo(ctx context.Context) (bool, error) {
	var half bool
	if err := s.db.GetContext(ctx, &half, `SELECT EXISTS (SELECT FROM demo_county WHERE NOT finished) AND NOT EXISTS (SELECT FROM audit WHERE action = 'account.signed-in')`); err != nil {
		return false, fmt.Errorf("look for a half demo county: %w", err)
	}
	return half, nil
}

// IsDemo reports whether the county in the database is the demo county.
func (s *Store) IsDemo(ctx context.Context) (bool, error) {
	var demo bool
	if err := s.db.GetContext(ctx, &demo, `SELECT EXISTS (SELECT FROM demo_county)`); err != nil {
		return false, fmt.Errorf("look for the demo county: %w", err)
	}
	return demo, nil
}

// ShowDemoPassword notes the password of a demo account, so that the sign-in page
// can list it; it does nothing in a real county's database.
func (s *Store) ShowDemoPassword(ctx context.Context, id AccountID, password string) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE accounts SET demo_password = $2 WHERE id = $1 AND EXISTS (SELECT FROM demo_county)`
		if _, err := tx.ExecContext(ctx, q, id, password); err != nil {
			return fmt.Errorf("note demo password: %w", err)
		}
		return nil
	})
}
