// Package witness keeps the offices that watch the portal's logs from outside, and
// their cosignatures. What they run is package watch.
package witness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/note"

	"pingyi/fault"
	"pingyi/merkle"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Witness is an office that watches the logs.
type Witness struct {
	Name   string     `db:"name"` // as in its key
	Office string     `db:"office"`
	Key    string     `db:"key"` // public
	Added  time.Time  `db:"added_at"`
	Ended  *time.Time `db:"ended_at"`
}

// Store keeps the witnesses and their cosignatures.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewStore returns a store over db.
func NewStore(db *sqlx.DB, now func() time.Time) *Store { return &Store{db: db, now: now} }

// Witnesses lists all witnesses, those that ended last.
func (s *Store) Witnesses(ctx context.Context) ([]Witness, error) {
	var out []Witness
	if err := s.db.SelectContext(ctx, &out, `SELECT name, office, key, added_at, ended_at FROM witnesses ORDER BY ended_at IS NOT NULL, name`); err != nil {
		return nil, fmt.Errorf("list witnesses: %w", err)
	}
	return out, nil
}

// mayAppoint: the offices and supervision name witnesses; the operator, whom they
// watch, does not.
func mayAppoint(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleSupervision }

// Add takes on a witness by the public key its program printed.
func (s *Store) Add(ctx context.Context, by org.Actor, office, key string) error {
	if !mayAppoint(by) {
		return fault.ErrForbidden
	}
	office, key = strings.TrimSpace(office), strings.TrimSpace(key)
	f := fault.Fields{}
	if n := utf8.RuneCountInString(office); n < 2 || n > 80 {
		f.Add("office", "witness.office-length")
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		f.Add("key", "witness.key-wrong")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO witnesses (name, office, key, added_by, added_at) VALUES ($1, $2, $3, $4, $5)`, v.Name(), office, key, by.Account, s.now())
		if postgres.Violates(err, "witnesses_pkey") || postgres.Violates(err, "witnesses_key_key") {
			return fault.Field("key", "witness.known")
		}
		if err != nil {
			return fmt.Errorf("add witness: %w", err)
		}
		return record.Append(ctx, tx, by, "witness.added", "witness:"+v.Name(), nil)
	})
}

// End ends a witness's office; its cosignatures stay.
func (s *Store) End(ctx context.Context, by org.Actor, name string) error {
	if !mayAppoint(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE witnesses SET ended_at = $2 WHERE name = $1 AND ended_at IS NULL`, name, s.now())
		if err != nil {
			return fmt.Errorf("end witness: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.ErrNotFound, err)
		}
		return record.Append(ctx, tx, by, "witness.ended", "witness:"+name, nil)
	})
}

// ErrCosignature: the note is not a checkpoint of the log with a witness's
// signature.
var ErrCosignature = fault.New(fault.Invalid, "witness.cosignature-wrong")

// Cosign keeps the cosignatures of known witnesses on a checkpoint of the log
// whose public key is given.
func (s *Store) Cosign(ctx context.Context, logKey string, msg []byte) error {
	known, err := s.Witnesses(ctx)
	if err != nil {
		return err
	}
	byName := map[string]bool{}
	var keys []string
	for _, w := range known {
		if w.Ended == nil {
			keys, byName[w.Name] = append(keys, w.Key), true
		}
	}
	cp, n, err := merkle.Open(msg, logKey, keys...)
	if err != nil {
		return ErrCosignature
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		kept := 0
		for _, sig := range n.Sigs {
			if !byName[sig.Name] {
				continue
			}
			line := fmt.Sprintf("— %s %s\n", sig.Name, sig.Base64)
			const q = `INSERT INTO cosignatures (origin, size, witness, line, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
			if _, err := tx.ExecContext(ctx, q, cp.Origin, cp.Size, sig.Name, line, s.now()); err != nil {
				return fmt.Errorf("keep a cosignature: %w", err)
			}
			kept++
		}
		if kept == 0 {
			return ErrCosignature
		}
		return nil
	})
}

// Cosignature is a witness's signature on a checkpoint.
type Cosignature struct {
	Size    int64     `db:"size"`
	Witness string    `db:"witness"`
	Office  string    `db:"office"`
	Line    string    `db:"line"`
	At      time.Time `db:"at"`
}

// Cosignatures lists the cosignatures of a log, the earliest first.
func (s *Store) Cosignatures(ctx context.Context, origin string) ([]Cosignature, error) {
	var out []Cosignature
	const q = `SELECT c.size, c.witness, w.office, c.line, c.at FROM cosignatures c JOIN witnesses w ON w.name = c.witness WHERE c.origin = $1 ORDER BY c.size, c.witness`
	if err := s.db.SelectContext(ctx, &out, q, origin); err != nil {
		return nil, fmt.Errorf("list cosignatures: %w", err)
	}
	return out, nil
}
