package promotion

import (
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
)

// Store keeps activities, leads, agents and liaison officers.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewStore returns a store over db. now gives the present in UTC.
func NewStore(db *sqlx.DB, now func() time.Time) *Store { return &Store{db: db, now: now} }

// today is the civil day in Shanghai.
func (s *Store) today() calendar.Date { return calendar.DateOf(s.now()) }
