package evaluation

import (
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
)

// Store keeps schemes, campaigns and results.
type Store struct {
	db       *sqlx.DB
	now      func() time.Time
	box      *ballotbox.Box
	feedback *feedback.Store
	cal      *calendar.Store
	book     *ledger.Store

	mu      sync.Mutex
	schemes map[int64]*Scheme // locked ones never change
}

// NewStore returns a store over db; ballots go through box, tasks come from the book.
func NewStore(db *sqlx.DB, now func() time.Time, box *ballotbox.Box, fb *feedback.Store, cal *calendar.Store, book *ledger.Store) *Store {
	return &Store{db: db, now: now, box: box, feedback: fb, cal: cal, book: book, schemes: map[int64]*Scheme{}}
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

// runs reports whether the actor runs campaigns and compiles the year.
func runs(a org.Actor) bool { return a.Role == org.RoleCampaignAdmin || a.IsOffice() }

func run(a org.Actor) error {
	if !runs(a) {
		return fault.ErrForbidden
	}
	return nil
}
