package shield

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/org"
)

// Store keeps records of inspections, watches, alarms and requests for named data.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
	cal *calendar.Store
}

// NewStore returns a store over db.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store) *Store {
	return &Store{db: db, now: now, cal: cal}
}

func (s *Store) today() calendar.Date { return calendar.DateOf(s.now()) }

// number draws the next number of a kind of document in a year, without gaps.
func number(ctx context.Context, tx *sqlx.Tx, kind, form string, year int) (string, error) {
	const q = `INSERT INTO document_numbers (kind, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, year) DO UPDATE SET last = document_numbers.last + 1 RETURNING last`
	var n int
	if err := tx.GetContext(ctx, &n, q, kind, year); err != nil {
		return "", fmt.Errorf("draw a number of %s: %w", kind, err)
	}
	return fmt.Sprintf(form, year, n), nil
}

// only lets one transaction with the key on at a time.
func only(ctx context.Context, tx *sqlx.Tx, idem string) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 17))`, idem); err != nil {
		return fmt.Errorf("wait for the same post: %w", err)
	}
	return nil
}

// watches reports whether the actor is of the supervision office.
func watches(a org.Actor) bool { return a.Role == org.RoleSupervision }

func orNull[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// Limits of texts, in characters.
const (
	MinText  = 20
	MaxText  = 1000
	MaxBasis = 200
)
