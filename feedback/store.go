package feedback

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/org"
)

// SheetWeights say how a sheet's answers become its score; they come from the scheme.
type SheetWeights struct {
	Items  map[string]int // weight by item: q1 to q4, of 100
	Values map[string]int // value by level code, 0 to 100
	Least  int            // answered weight a sheet needs to be valid
}

// Store keeps visits, sheets, issues and orders.
type Store struct {
	db       *sqlx.DB
	now      func() time.Time
	cal      *calendar.Store
	weights  SheetWeights
	seal     cipher.AEAD
	follows  IssueID // the anonymous issue whose code was shown; 0: none
	seen     int64   // the last event of the form an act was made from; 0: none
	counters *counters
}

// NewStore returns a store over db. secret seals the links of sheets.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, weights SheetWeights, secret []byte) (*Store, error) {
	key := sha256.Sum256(append([]byte("pingyi/sheet-links/v1\x00"), secret...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("key of the sheet links: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("key of the sheet links: %w", err)
	}
	return &Store{db: db, now: now, cal: cal, weights: weights, seal: seal, counters: &counters{known: map[int64]*calendar.Counter{}}}, nil
}

// today is the civil day in Shanghai.
func (s *Store) today() calendar.Date { return calendar.DateOf(s.now()) }

// sealed writes a token so that only the portal can read it again.
func (s *Store) sealed(token string) []byte {
	nonce := make([]byte, s.seal.NonceSize())
	_, _ = rand.Read(nonce)
	return s.seal.Seal(nonce, nonce, []byte(token), nil)
}

func (s *Store) opened(sealed []byte) string {
	n := s.seal.NonceSize()
	if len(sealed) < n {
		return ""
	}
	plain, err := s.seal.Open(nil, sealed[:n], sealed[n:], nil)
	if err != nil {
		return ""
	}
	return string(plain)
}

// nextNumber draws the next number of a kind of document in a year. The row is
// locked until the transaction ends, so numbers have no gap and no double.
func nextNumber(ctx context.Context, tx *sqlx.Tx, kind string, year int) (int, error) {
	const q = `INSERT INTO document_numbers (kind, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, year) DO UPDATE SET last = document_numbers.last + 1 RETURNING last`
	var n int
	if err := tx.GetContext(ctx, &n, q, kind, year); err != nil {
		return 0, fmt.Errorf("draw a number of %s: %w", kind, err)
	}
	return n, nil
}

// only lets one transaction with the key on at a time: a double click waits for
// the first and then finds what it made.
func only(ctx context.Context, tx *sqlx.Tx, idem string) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7))`, idem); err != nil {
		return fmt.Errorf("wait for the same post: %w", err)
	}
	return nil
}

// readers of the county's side: they see issues and sheets by duty.
func isDuty(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleSupervision }

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
