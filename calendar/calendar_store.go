package calendar

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/postgres"
)

// Store keeps the versions of the calendar.
type Store struct {
	db    *sqlx.DB
	now   func() time.Time
	mu    sync.Mutex
	known map[int64]*Calendar // versions never change, so they are read once
}

// NewStore returns a store over db.
func NewStore(db *sqlx.DB, now func() time.Time) *Store {
	return &Store{db: db, now: now, known: map[int64]*Calendar{}}
}

// Ship writes the list that comes with the portal, once.
func (s *Store) Ship(ctx context.Context) error { return s.Adopt(ctx, Shipped()) }

// Adopt adds a version; one with the same source is there already and stays.
func (s *Store) Adopt(ctx context.Context, c *Calendar) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const insert = `INSERT INTO calendar_versions (source, first_year, last_year, adopted_at)
			VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT calendar_versions_source_key DO NOTHING RETURNING id`
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, insert, c.Source, c.FirstYear, c.LastYear, s.now()); err != nil {
			return fmt.Errorf("add calendar version: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		var days []string
		var working []bool
		for d, w := range c.Days {
			days, working = append(days, string(d)), append(working, w)
		}
		const q = `INSERT INTO calendar_days (version_id, day, working, name)
			SELECT $1, d::date, w, '' FROM unnest($2::text[], $3::bool[]) AS x (d, w)`
		if _, err := tx.ExecContext(ctx, q, ids[0], pq.Array(days), pq.Array(working)); err != nil {
			return fmt.Errorf("add calendar days: %w", err)
		}
		return nil
	})
}

// Current returns the version in force: the one adopted last.
func (s *Store) Current(ctx context.Context) (*Calendar, error) {
	var id int64
	const q = `SELECT id FROM calendar_versions ORDER BY adopted_at DESC, id DESC LIMIT 1`
	if err := s.db.GetContext(ctx, &id, q); err != nil {
		return nil, fmt.Errorf("find the calendar in force: %w", err)
	}
	return s.Version(ctx, id)
}

// Version returns one version.
func (s *Store) Version(ctx context.Context, id int64) (*Calendar, error) {
	s.mu.Lock()
	c := s.known[id]
	s.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c = &Calendar{ID: id, Days: map[Date]bool{}}
	const head = `SELECT source, first_year, last_year FROM calendar_versions WHERE id = $1`
	if err := s.db.QueryRowContext(ctx, head, id).Scan(&c.Source, &c.FirstYear, &c.LastYear); err != nil {
		return nil, fmt.Errorf("read calendar %d: %w", id, err)
	}
	rows := []struct {
		Day     Date `db:"day"`
		Working bool `db:"working"`
	}{}
	if err := s.db.SelectContext(ctx, &rows, `SELECT day, working FROM calendar_days WHERE version_id = $1`, id); err != nil {
		return nil, fmt.Errorf("read days of calendar %d: %w", id, err)
	}
	for _, r := range rows {
		c.Days[r.Day] = r.Working
	}
	s.mu.Lock()
	s.known[id] = c
	s.mu.Unlock()
	return c, nil
}
