package intake

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// Store keeps what comes in beside issues, and finds.
type Store struct {
	db     *sqlx.DB
	now    func() time.Time
	cal    *calendar.Store
	orgs   *org.Store
	issues *feedback.Store
}

// NewStore returns a store over db; what others own is found through their stores,
// so that each decides who may see it.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, orgs *org.Store, issues *feedback.Store) *Store {
	return &Store{db: db, now: now, cal: cal, orgs: orgs, issues: issues}
}

func (s *Store) today() calendar.Date { return calendar.DateOf(s.now()) }

// only lets one transaction with the key on at a time.
func only(ctx context.Context, tx *sqlx.Tx, idem string) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 15))`, idem); err != nil {
		return fmt.Errorf("wait for the same post: %w", err)
	}
	return nil
}

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

// duty reports whether the actor reads for the county by duty.
func duty(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleSupervision }

// ErrMoved: somebody else did it meanwhile, or it is over.
var ErrMoved = fault.New(fault.Conflict, "intake.moved")

func idText(id int64) string { return strconv.FormatInt(id, 10) }
