package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/postgres"
)

// Store keeps schemes, campaigns and results.
type Store struct {
	db       *sqlx.DB
	now      func() time.Time
	box      *ballotbox.Box
	feedback *feedback.Store
	cal      *calendar.Store

	mu      sync.Mutex
	schemes map[int64]*Scheme // locked ones never change
}

// NewStore returns a store over db; ballots go through box.
func NewStore(db *sqlx.DB, now func() time.Time, box *ballotbox.Box, fb *feedback.Store, cal *calendar.Store) *Store {
	return &Store{db: db, now: now, box: box, feedback: fb, cal: cal, schemes: map[int64]*Scheme{}}
}

// SheetWeights returns how the scheme weighs a sheet, for package feedback.
func (s *Scheme) SheetWeights() feedback.SheetWeights {
	w := feedback.SheetWeights{Items: map[string]int{}, Values: map[string]int{}, Least: s.Sheets.MinWeight}
	for _, i := range s.Sheets.Items {
		w.Items[i.Code] = i.Weight
	}
	for _, l := range s.Levels {
		w.Values[l.Code] = l.Value
	}
	return w
}

// Ship writes the scheme that comes with the portal, once.
func (s *Store) Ship(ctx context.Context) error {
	doc := NJDefault()
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO schemes (code, version, doc, adopted_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT schemes_version_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, doc.Code, doc.Version, njDefault, s.now()); err != nil {
			return fmt.Errorf("add scheme: %w", err)
		}
		return nil
	})
}

// CurrentScheme returns the scheme adopted last.
func (s *Store) CurrentScheme(ctx context.Context) (*Scheme, error) {
	var id int64
	if err := s.db.GetContext(ctx, &id, `SELECT id FROM schemes ORDER BY adopted_at DESC, id DESC LIMIT 1`); err != nil {
		return nil, fmt.Errorf("find the scheme: %w", err)
	}
	return s.Scheme(ctx, id)
}

// Scheme returns a scheme.
func (s *Store) Scheme(ctx context.Context, id int64) (*Scheme, error) {
	s.mu.Lock()
	sc := s.schemes[id]
	s.mu.Unlock()
	if sc != nil {
		return sc, nil
	}
	var doc json.RawMessage
	if err := s.db.GetContext(ctx, &doc, `SELECT doc FROM schemes WHERE id = $1`, id); err != nil {
		return nil, fmt.Errorf("read scheme %d: %w", id, err)
	}
	sc, err := ReadScheme(doc)
	if err != nil {
		return nil, fmt.Errorf("scheme %d: %w", id, err)
	}
	sc.ID = id
	s.mu.Lock()
	s.schemes[id] = sc
	s.mu.Unlock()
	return sc, nil
}

// runs reports whether the actor runs campaigns and compiles the year.
func runs(a org.Actor) bool { return a.Role == org.RoleCampaignAdmin || a.IsOffice() }

func run(a org.Actor) error {
	if !runs(a) {
		return fault.ErrForbidden
	}
	return nil
}
