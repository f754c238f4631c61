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

// Filter narrows the log down.
type Filter struct {
	Action, Object string // their beginnings
	Who            string // part of a name or login
	From, Until    time.Time
	Page, Size     int
}

const entryFrom = ` FROM audit x LEFT JOIN accounts a ON a.id = x.actor WHERE ($1 = '' OR starts_with(x.action, $1)) AND ($2 = '' OR starts_with(x.object, $2))
	AND ($3 = '' OR strpos(lower(coalesce(a.name, '') || ' ' || coalesce(a.login, '')), lower($3)) > 0) AND x.at >= $4 AND x.at < $5`

func (f Filter) args() []any {
	until := f.Until
	if until.IsZero() {
		until = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return []any{f.Action, f.Object, f.Who, f.From, until}
}

// all reports whether the filter leaves nothing out.
func (f Filter) all() bool {
	return f.Action == "" && f.Object == "" && f.Who == "" && f.From.IsZero() && f.Until.IsZero()
}

// Entries returns a page of the log, the latest first, narrowed down, and how many
// there are in all.
func (s *Store) Entries(ctx context.Context, f Filter) ([]Entry, int, error) {
	var total int
	count, args := `SELECT count(*)`+entryFrom, f.args()
	if f.all() {
		count, args = `SELECT coalesce(max(seq), 0) FROM audit`, nil // numbers have no gap
	}
	if err := s.db.GetContext(ctx, &total, count, args...); err != nil {
		return nil, 0, fmt.Errorf("count audit entries: %w", err)
	}
	var out []Entry
	const q = `SELECT x.seq, x.at, coalesce(a.name, '') AS name, x.role, x.action, x.object, x.detail::text AS detail FROM audit x LEFT JOIN accounts a ON a.id = x.actor
		WHERE x.seq IN (SELECT x.seq` + entryFrom + ` ORDER BY x.seq DESC LIMIT $6 OFFSET $7) ORDER BY x.seq DESC`
	if err := s.db.SelectContext(ctx, &out, q, append(f.args(), f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("read audit log: %w", err)
	}
	return out, total, nil
}

// Rows calls each for every entry as it stands in the chain, in order.
func (s *Store) Rows(ctx context.Context, each func(Row) error) error {
	const q = `SELECT seq, jsonb_build_array(seq, (extract(epoch FROM at) * 1000000)::bigint, actor, role, action, object, detail)::text, prev, hash FROM audit ORDER BY seq`
	rows, err := s.db.QueryContext(ctx, q)
	if err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Seq, &r.Body, &r.Prev, &r.Hash); err != nil {
			return fmt.Errorf("read an audit entry: %w", err)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Verify walks the chain, the head row and the checkpoints that are given besides
// those in the database.
func (s *Store) Verify(ctx context.Context, key string, notes ...string) (*Chain, error) {
	// the head and the checkpoints first: entries written meanwhile are more, never fewer
	var head struct {
		Seq  int64  `db:"seq"`
		Hash []byte `db:"hash"`
	}
	if err := s.db.GetContext(ctx, &head, `SELECT seq, hash FROM audit_head`); err != nil {
		return nil, fmt.Errorf("read the audit log's head: %w", err)
	}
	var own []string
	if err := s.db.SelectContext(ctx, &own, `SELECT note FROM audit_checkpoint ORDER BY size`); err != nil {
		return nil, fmt.Errorf("read the audit log's checkpoints: %w", err)
	}
	c := &Chain{}
	if err := s.Rows(ctx, func(r Row) error {
		if c.Entries == head.Seq && r.Seq > head.Seq {
			return nil // written after the head was read
		}
		return c.Add(r)
	}); err != nil {
		return nil, err
	}
	c.Head(head.Seq, head.Hash)
	if key != "" {
		for _, n := range append(own, notes...) {
			c.Checkpoint([]byte(n), key)
		}
	}
	return c, nil
}
