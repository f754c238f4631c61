package evaluation

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// readSchemes refuses those who may not read drafts of schemes.
func readSchemes(a org.Actor) error {
	if !runs(a) && a.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	return nil
}

// Trial ranks the units of a published year by a scheme that holds together, from
// that year's sealed facts: what it would have given beside what was published.
func (s *Store) Trial(ctx context.Context, by org.Actor, id int64, year int) ([]Standing, *Snapshot, error) {
	if err := readSchemes(by); err != nil {
		return nil, nil, err
	}
	sc, err := s.Scheme(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if err := sc.Validate(); err != nil {
		return nil, nil, err
	}
	y, err := s.Published(ctx, year)
	if err != nil {
		return nil, nil, err
	}
	_, snap, err := s.Snapshot(ctx, y.ID)
	if err != nil {
		return nil, nil, err
	}
	tried := *snap
	tried.Scheme = sc.fitTo(snap.Scheme)
	return tried.Standings(), snap, nil
}

// DryRun is a Trial of a draft that goes on record: the draft was tried as it stands,
// which adopting it asks for.
func (s *Store) DryRun(ctx context.Context, by org.Actor, id int64, year int) ([]Standing, *Snapshot, error) {
	if err := run(by); err != nil {
		return nil, nil, err
	}
	standings, snap, err := s.Trial(ctx, by, id, year)
	if err != nil {
		return nil, nil, err
	}
	sc, err := s.Scheme(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	doc, err := sc.Canonical()
	if err != nil {
		return nil, nil, err
	}
	hash := sha256.Sum256(doc)
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE schemes SET dry_run_hash = $2 WHERE id = $1 AND adopted_at IS NULL`, id, hash[:]); err != nil {
			return fmt.Errorf("note dry run: %w", err)
		}
		return record.Append(ctx, tx, by, "scheme.tried", fmt.Sprintf("scheme:%d", id), map[string]any{"year": year})
	})
	return standings, snap, err
}
