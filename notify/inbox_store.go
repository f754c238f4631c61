package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres"
)

// Entry is a message in somebody's inbox, in his language.
type Entry struct {
	ID      int64
	Subject string
	Body    string
	Link    string // page it leads to; "" when it leads nowhere
	At      time.Time
	Read    bool
	Settled bool // a reminder of what has been done since
}

// Inbox returns a page of the reader's messages, the latest first, and how many there
// are. unread leaves out what he has read and what is settled.
func (s *Store) Inbox(ctx context.Context, by org.Actor, t *locale.Translator, unread bool, page, size int) ([]Entry, int, error) {
	var total int
	where := `n.account_id = $1 AND n.visible_at <= $2 AND (NOT $3 OR n.read_at IS NULL AND NOT n.settled)`
	now := s.now()
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM notices n WHERE `+where, by.Account, now, unread); err != nil {
		return nil, 0, fmt.Errorf("count messages: %w", err)
	}
	var rows []struct {
		delivery
		At      time.Time `db:"visible_at"`
		Read    bool      `db:"read"`
		Settled bool      `db:"settled"`
	}
	q := `SELECT n.id AS notice, m.kind, m.link, m.args, n.visible_at, n.read_at IS NOT NULL AS read, n.settled
		FROM notices n JOIN messages m ON m.id = n.message_id WHERE ` + where + ` ORDER BY n.visible_at DESC, n.id DESC LIMIT $4 OFFSET $5`
	if err := s.db.SelectContext(ctx, &rows, q, by.Account, now, unread, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list messages: %w", err)
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		w := say(t, r.Kind, r.args(), names)
		out[i] = Entry{ID: r.Notice, Subject: w.Subject, Body: w.Body, Link: r.Link, At: r.At, Read: r.Read, Settled: r.Settled}
	}
	return out, total, nil
}

// Unread counts the messages a person has not read, but for settled reminders.
func (s *Store) Unread(ctx context.Context, by org.Actor) (int, error) {
	var n int
	const q = `SELECT count(*) FROM notices WHERE account_id = $1 AND read_at IS NULL AND NOT settled AND visible_at <= $2`
	if err := s.db.GetContext(ctx, &n, q, by.Account, s.now()); err != nil {
		return 0, fmt.Errorf("count unread messages: %w", err)
	}
	return n, nil
}

// Open marks a message of the reader's as read and returns the page it leads to; ""
// when it leads nowhere. Anybody else's does not exist.
func (s *Store) Open(ctx context.Context, by org.Actor, id int64) (string, error) {
	var link string
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE notices n SET read_at = coalesce(n.read_at, $3) FROM messages m
			WHERE n.id = $1 AND n.account_id = $2 AND n.visible_at <= $3 AND m.id = n.message_id RETURNING m.link`
		return tx.GetContext(ctx, &link, q, id, by.Account, s.now())
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("open a message: %w", err)
	}
	return link, nil
}

// seenAmong is how many of the latest unread messages Seen looks through: it runs with
// every page.
const seenAmong = 500

// Seen marks as read what leads to the page the reader has just opened, however he came
// there, and returns how many messages that were.
func (s *Store) Seen(ctx context.Context, by org.Actor, path string) (int, error) {
	var n int64
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `WITH latest AS (SELECT id, message_id FROM notices WHERE account_id = $1 AND read_at IS NULL AND NOT settled AND visible_at <= $3 ORDER BY visible_at DESC LIMIT $4)
			UPDATE notices n SET read_at = $3 FROM latest l JOIN messages m ON m.id = l.message_id
			WHERE n.id = l.id AND split_part(split_part(m.link, '?', 1), '#', 1) = $2`
		res, err := tx.ExecContext(ctx, q, by.Account, path, s.now(), seenAmong)
		if err == nil {
			n, err = res.RowsAffected()
		}
		if err != nil {
			return fmt.Errorf("mark what was seen as read: %w", err)
		}
		return nil
	})
	return int(n), err
}

// ReadAll marks as read what the reader could see at the moment of the page he came
// from, and nothing that came later.
func (s *Store) ReadAll(ctx context.Context, by org.Actor, upTo int64) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE notices SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL AND visible_at <= $2 AND id <= $3`
		if _, err := tx.ExecContext(ctx, q, by.Account, s.now(), upTo); err != nil {
			return fmt.Errorf("mark messages as read: %w", err)
		}
		return nil
	})
}

// Past closes what was told so far, for a county whose past was written in one go:
// nothing of it is sent outside, and what is older than a week counts as read.
func (s *Store) Past(ctx context.Context) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE notices SET planned_at = visible_at, read_at = CASE WHEN visible_at < $2 THEN visible_at ELSE read_at END WHERE planned_at IS NULL AND visible_at <= $1`
		if _, err := tx.ExecContext(ctx, q, s.now(), s.now().AddDate(0, 0, -7)); err != nil {
			return fmt.Errorf("close what was told in the past: %w", err)
		}
		return nil
	})
}

// Trial sends the reader a message, to show whether it arrives. The same key again is
// the same message.
func (s *Store) Trial(ctx context.Context, by org.Actor, key string) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		m := Message{Kind: "message-trial", To: []To{{Account: by.Account}}, Link: "/account/messages", Key: fmt.Sprintf("trial:%d:%s", by.Account, key)}
		return Post(ctx, tx, s.now(), m)
	})
}

// Waiting counts the letters that need the operator, for his navigation.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if by.Role != org.RoleOperator {
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM deliveries WHERE state IN ('dead', 'unsure')`); err != nil {
		return nil, fmt.Errorf("count letters: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	return map[string]int{"letters": n}, nil
}
