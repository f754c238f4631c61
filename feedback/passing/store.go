package passing

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/org"
)

// Store keeps cases, duties and structural items.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
	cal *calendar.Store

	mu        sync.Mutex
	clusters  []Cluster     // proposals of structural items
	clustered time.Time     // when they were looked for
	gapsOn    calendar.Date // the day on which gaps were looked for
	scanned   time.Time     // when Suspect last looked at everything; zero: not yet
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

// duty reports whether the actor reads by duty: the supervision office and the two offices.
func duty(a org.Actor) bool { return a.Role == org.RoleSupervision || a.IsOffice() }

func orNull[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}
