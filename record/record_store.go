package record

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Store reads the audit log.
type Store struct{ db *sqlx.DB }

// NewStore returns a store over db.
func NewStore(db *sqlx.DB) *Store { return &Store{db: db} }

// Entry is one act of the log.
type Entry struct {
	Seq    int64     `db:"seq"`
	At     time.Time `db:"at"`
	Name   string    `db:"name"`
	Role   string    `db:"role"`
	Action string    `db:"action"`
	Object string    `db:"object"`
	Detail string    `db:"detail"`
}

// Entries returns a page of the log, the latest first, narrowed by the beginning
// of the action and of the object, and how many there are in all.
func (s *Store) Entries(ctx context.Context, action, object string, page, size int) ([]Entry, int, error) {
	const where = ` FROM audit x LEFT JOIN accounts a ON a.id = x.actor WHERE starts_with(x.action, $1) AND starts_with(x.object, $2)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*)`+where, action, object); err != nil {
		return nil, 0, fmt.Errorf("count audit entries: %w", err)
	}
	var out []Entry
	const q = `SELECT x.seq, x.at, coalesce(a.name, '') AS name, x.role, x.action, x.object, x.detail::text AS detail` + where + ` ORDER BY x.seq DESC LIMIT $3 OFFSET $4`
	if err := s.db.SelectContext(ctx, &out, q, action, object, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("read audit log: %w", err)
	}
	return out, total, nil
}

// Verify walks the chain of hashes and returns how many entries there are and the
// number of the first that does not fit; 0 when all do.
func (s *Store) Verify(ctx context.Context) (entries, broken int64, err error) {
	const q = `SELECT count(*), coalesce(min(seq) FILTER (WHERE NOT fits), 0) FROM (
		SELECT seq, prev = coalesce(lag(hash) OVER w, sha256('pingyi/audit/v1')) AND seq = coalesce(lag(seq) OVER w, 0) + 1
			AND hash = sha256(prev || convert_to(jsonb_build_array(seq, (extract(epoch FROM at) * 1000000)::bigint, actor, role, action, object, detail)::text, 'UTF8')) AS fits
		FROM audit WINDOW w AS (ORDER BY seq)) chain`
	if err := s.db.QueryRowContext(ctx, q).Scan(&entries, &broken); err != nil {
		return 0, 0, fmt.Errorf("verify the audit log: %w", err)
	}
	return entries, broken, nil
}
