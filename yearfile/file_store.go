package yearfile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ID numbers a file.
type ID int64

// File is a year-end file as it was made.
type File struct {
	ID      ID        `db:"id"`
	Year    int       `db:"year"`
	Parts   int       `db:"parts"`
	Size    int       `db:"size"` // bytes
	SHA256  []byte    `db:"sha256"`
	Maker   string    `db:"maker"`
	Made    time.Time `db:"made_at"`
	Content []byte    `db:"content"`
}

// Store keeps year-end files.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewStore returns a store over the portal's database.
func NewStore(db *sqlx.DB, now func() time.Time) *Store { return &Store{db: db, now: now} }

// Makes reports whether the actor may have a year-end file made, and take it: the two offices.
func Makes(a org.Actor) bool { return a.IsOffice() }

// Make packs the parts and keeps the folder. The same idem makes one file.
func (s *Store) Make(ctx context.Context, by org.Actor, year int, parts []Part, idem string) (ID, error) {
	if !Makes(by) {
		return 0, fault.ErrForbidden
	}
	content, err := Folder(parts, s.now())
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(content)
	var id ID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO year_files (year, parts, sha256, content, made_by, made_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT ON CONSTRAINT year_files_idem_key DO NOTHING RETURNING id`
		err := tx.GetContext(ctx, &id, q, year, len(parts), sum[:], content, by.Account, s.now(), idem)
		if errors.Is(err, sql.ErrNoRows) { // made before the program stopped
			return tx.GetContext(ctx, &id, `SELECT id FROM year_files WHERE idem = $1`, idem)
		}
		if err != nil {
			return fmt.Errorf("keep the year-end file: %w", err)
		}
		return record.Append(ctx, tx, by, "yearfile.made", fmt.Sprintf("yearfile:%d", id), map[string]any{"year": year, "parts": len(parts), "sha256": fmt.Sprintf("%x", sum)})
	})
	return id, err
}

const columns = `f.id, f.year, f.parts, length(f.content) AS size, f.sha256, a.name AS maker, f.made_at`

// List returns the files of a year without their content, the latest first.
func (s *Store) List(ctx context.Context, by org.Actor, year int) ([]File, error) {
	if !Makes(by) {
		return nil, fault.ErrNotFound
	}
	var out []File
	const q = `SELECT ` + columns + ` FROM year_files f JOIN accounts a ON a.id = f.made_by WHERE f.year = $1 ORDER BY f.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, year); err != nil {
		return nil, fmt.Errorf("list year-end files: %w", err)
	}
	return out, nil
}

// Take returns a file with its content; who took it goes on record.
func (s *Store) Take(ctx context.Context, by org.Actor, year int, id ID) (File, error) {
	if !Makes(by) {
		return File{}, fault.ErrNotFound
	}
	var f File
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `SELECT ` + columns + `, f.content FROM year_files f JOIN accounts a ON a.id = f.made_by WHERE f.year = $1 AND f.id = $2`
		if err := tx.GetContext(ctx, &f, q, year, id); errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("read the year-end file: %w", err)
		}
		return record.Append(ctx, tx, by, "yearfile.taken", fmt.Sprintf("yearfile:%d", id), nil)
	})
	return f, err
}
