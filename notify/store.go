package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/locale"
	"pingyi/org"
)

// Store keeps what people are told, and sends it.
type Store struct {
	db   *sqlx.DB
	now  func() time.Time
	cal  *calendar.Store
	cat  *locale.Catalogue
	base string // address of the portal, without a slash at the end
	host string // behind the @ of Message-IDs
}

// NewStore makes a store. now gives the present in UTC, base is the address of the
// portal that links in letters begin with, and host names it in Message-IDs.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, cat *locale.Catalogue, base, host string) *Store {
	return &Store{db: db, now: now, cal: cal, cat: cat, base: base, host: host}
}

// names reads what units and bodies are called.
func (s *Store) names(ctx context.Context) (names, error) {
	n := names{units: map[org.UnitID]org.Names{}, bodies: map[org.BodyKind]org.Names{}}
	var rows []struct {
		ID   org.UnitID `db:"id"`
		Kind string     `db:"kind"`
		org.Names
	}
	const q = `SELECT id, '' AS kind, name_zh, name_en, name_ru FROM units UNION ALL SELECT 0, kind, name_zh, name_en, name_ru FROM bodies`
	if err := s.db.SelectContext(ctx, &rows, q); err != nil {
		return n, fmt.Errorf("read names of units and bodies: %w", err)
	}
	for _, r := range rows {
		if r.Kind == "" {
			n.units[r.ID] = r.Names
		} else {
			n.bodies[org.BodyKind(r.Kind)] = r.Names
		}
	}
	return n, nil
}
