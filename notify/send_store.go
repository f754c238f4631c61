package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/org"
	"pingyi/postgres"
)

// lease is how long a process may be silent about a letter it has taken; longer than
// any carrier may need for one.
const lease = 10 * time.Minute

// errLost: the delivery is no longer ours; another process found our lease run out.
var errLost = errors.New("another process has taken the letter over")

// delivery is one letter to be sent, as the database has it.
type delivery struct {
	ID       int64         `db:"id"`
	Ref      string        `db:"ref"`
	Channel  Channel       `db:"channel"`
	Attempts int           `db:"attempts"`
	Refusals int           `db:"refusals"`
	Notice   int64         `db:"notice"` // 0: a summary
	Kind     string        `db:"kind"`
	Link     string        `db:"link"`
	Doc      []byte        `db:"args"`
	Needless bool          `db:"needless"` // settled, read, or its receiver is no longer the one meant
	Account  org.AccountID `db:"account"`
	Role     org.Role      `db:"role"`
	Origin   string        `db:"origin"`
	Lang     string        `db:"lang"`
	Name     string        `db:"name"`
	Email    string        `db:"email"`
	Phone    string        `db:"phone"`
	Hours
}

func (d delivery) address() string {
	if d.Channel == SMS {
		return d.Phone
	}
	return d.Email
}

// args are the values of the text.
func (d delivery) args() map[string]string {
	m := map[string]string{}
	_ = json.Unmarshal(d.Doc, &m) // written by Post
	return m
}

// what take found.
type found int

const (
	nothing found = iota
	skipped       // a letter that is not needed, or not now
	taken
)

// due is the delivery that is next; $1 channel, $2 now, $3 now and the skew, $4 the
// day, $5 to $7 the default hours. decided_at after now: the clock was set back.
var due = `SELECT d.id, d.ref, d.channel, d.attempts, d.refusals, coalesce(n.id, 0) AS notice, coalesce(m.kind, '') AS kind, coalesce(m.link, '') AS link, coalesce(m.args, '{}') AS args,
		coalesce(n.settled OR n.read_at IS NOT NULL, false) OR a.disabled_at IS NOT NULL OR (b.id IS NOT NULL AND NOT ` + sits("$4") + `) AS needless,
		coalesce(a.id, 0) AS account, coalesce(a.role, 'company') AS role, coalesce(c.origin, '') AS origin, coalesce(a.lang, '') AS lang, coalesce(a.name, c.head_name, '') AS name,
		coalesce(a.email, c.email) AS email, coalesce(a.phone, c.phone) AS phone,
		coalesce(h.quiet_from, $5) AS quiet_from, coalesce(h.quiet_until, $6) AS quiet_until, coalesce(h.digest_hour, $7) AS digest_hour
	FROM deliveries d LEFT JOIN notices n ON n.id = d.notice_id LEFT JOIN messages m ON m.id = n.message_id LEFT JOIN bodies b ON b.id = n.body_id
	LEFT JOIN accounts a ON a.id = d.account_id LEFT JOIN companies c ON c.id = d.company_id LEFT JOIN notify_hours h ON h.account_id = a.id
	WHERE d.state = 'waiting' AND d.channel = $1 AND (d.next_at <= $2 OR d.decided_at > $3) ORDER BY d.next_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED`

// take takes the next letter of the channel for this process. When it is committed no
// other process takes the same one.
func (s *Store) take(ctx context.Context, ch Channel) (delivery, found, error) {
	var d delivery
	what := nothing
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return d, what, err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		now := s.now()
		err := tx.GetContext(ctx, &d, due, ch, now, now.Add(skew), calendar.DateOf(now), DefaultHours.QuietFrom, DefaultHours.QuietUntil, DefaultHours.Digest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the next letter: %w", err)
		}
		open := sendable(now, official(d.Role), d.Hours, cal)
		q, args := `UPDATE deliveries SET state = 'sending', attempts = attempts + 1, taken_at = $2, handed_at = NULL, address = $3 WHERE id = $1`, []any{d.ID, now, d.address()}
		switch {
		case d.Needless || d.address() == "":
			what, q, args = skipped, `UPDATE deliveries SET state = 'dropped', ended_at = $2 WHERE id = $1`, []any{d.ID, now}
		case open.After(now):
			what, q, args = skipped, `UPDATE deliveries SET next_at = $2, decided_at = $3 WHERE id = $1`, []any{d.ID, open, now}
		default:
			what = taken
			d.Attempts++
		}
		if _, err := tx.ExecContext(ctx, q, args...); err != nil {
			return fmt.Errorf("take a letter: %w", err)
		}
		return nil
	})
	return d, what, err
}

// hand notes that the letter is about to leave: from here on the other side may have
// it. It fails when the letter is no longer this process's.
func (s *Store) hand(ctx context.Context, d delivery) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE deliveries SET handed_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'sending' AND handed_at IS NULL`
		res, err := tx.ExecContext(ctx, q, d.ID, d.Attempts, s.now())
		if err != nil {
			return fmt.Errorf("note that a letter leaves: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errLost
		}
		return nil
	})
}

// end notes what became of the letter.
func (s *Store) end(ctx context.Context, d delivery, failure error, handed bool) error {
	now := s.now()
	const sent = `UPDATE deliveries SET state = 'sent', ended_at = $3, problem = '' WHERE id = $1 AND attempts = $2 AND state IN ('sending', 'unsure', 'waiting')`
	const other = `UPDATE deliveries SET state = $3, next_at = $4, decided_at = $5, ended_at = $6, refusals = refusals + $7, problem = $8, handed_at = NULL
		WHERE id = $1 AND attempts = $2 AND state IN ('sending', 'unsure')`
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if failure == nil {
			if _, err := tx.ExecContext(ctx, sent, d.ID, d.Attempts, now); err != nil {
				return fmt.Errorf("note that a letter was taken: %w", err)
			}
			return up(ctx, tx, d.Channel)
		}
		state, next, refused := "waiting", now, 0
		var ended *time.Time
		switch outcomeOf(failure, handed) {
		case Later:
			wait, again := pause(d.Refusals + 1)
			refused, next = 1, now.Add(wait)
			if !again {
				state, ended = "dead", &now
			}
		case Refused:
			state, ended, refused = "dead", &now, 1
		case Unknown:
			state, ended = "unsure", &now
		case Unreachable:
			if err := down(ctx, tx, d.Channel, now, failure); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, other, d.ID, d.Attempts, state, next, now, ended, refused, clip(failure.Error(), 500)); err != nil {
			return fmt.Errorf("note what became of a letter: %w", err)
		}
		return nil
	})
}

// recover looks after letters whose process died or lost the database. What had not
// left yet is sent again. What had left is sent again by a channel that recognises a
// letter by its ref (text messages); an e-mail is shown to the operator, because its
// server would deliver it a second time.
func (s *Store) recover(ctx context.Context) (int64, error) {
	now := s.now()
	var n int64
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE deliveries SET state = CASE WHEN handed_at IS NULL OR channel = 'sms' THEN 'waiting' ELSE 'unsure' END, next_at = $1, decided_at = $1,
				problem = CASE WHEN handed_at IS NULL OR channel = 'sms' THEN problem ELSE '' END
			WHERE state = 'sending' AND (taken_at < $2 OR taken_at > $3)`
		res, err := tx.ExecContext(ctx, q, now, now.Add(-lease), now.Add(skew))
		if err != nil {
			return fmt.Errorf("recover letters: %w", err)
		}
		if n, err = res.RowsAffected(); err != nil {
			return fmt.Errorf("recover letters: %w", err)
		}
		// who has read it in the portal needs it no more
		const read = `UPDATE deliveries d SET state = 'dropped', ended_at = $1 FROM notices n WHERE d.state = 'unsure' AND n.id = d.notice_id AND n.read_at IS NOT NULL`
		if _, err := tx.ExecContext(ctx, read, now); err != nil {
			return fmt.Errorf("drop letters that were read: %w", err)
		}
		return nil
	})
	return n, err
}

// down notes that a channel cannot be reached, and lets it rest.
func down(ctx context.Context, tx *sqlx.Tx, ch Channel, now time.Time, why error) error {
	var failures int
	const q = `INSERT INTO notify_channels (channel, down_since, decided_at, next_at, failures, problem) VALUES ($1, $2, $2, $2, 1, $3)
		ON CONFLICT (channel) DO UPDATE SET failures = notify_channels.failures + 1, decided_at = $2, problem = $3 RETURNING failures`
	if err := tx.GetContext(ctx, &failures, q, ch, now, clip(why.Error(), 500)); err != nil {
		return fmt.Errorf("note that %s is down: %w", ch, err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE notify_channels SET next_at = $2 WHERE channel = $1`, ch, now.Add(channelPause(failures))); err != nil {
		return fmt.Errorf("let %s rest: %w", ch, err)
	}
	return nil
}

// up notes that a channel works.
func up(ctx context.Context, tx *sqlx.Tx, ch Channel) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM notify_channels WHERE channel = $1`, ch); err != nil {
		return fmt.Errorf("note that %s works: %w", ch, err)
	}
	return nil
}

// resting reports whether a channel that could not be reached still rests.
func (s *Store) resting(ctx context.Context, ch Channel) (bool, error) {
	var rests bool
	now := s.now()
	const q = `SELECT EXISTS (SELECT FROM notify_channels WHERE channel = $1 AND next_at > $2 AND decided_at <= $3)`
	if err := s.db.GetContext(ctx, &rests, q, ch, now, now.Add(skew)); err != nil {
		return false, fmt.Errorf("look whether %s is down: %w", ch, err)
	}
	return rests, nil
}

// digest returns the messages of a summary, oldest first, without those that were
// settled or read meanwhile.
func (s *Store) digest(ctx context.Context, id int64) ([]delivery, error) {
	var all []delivery
	const q = `SELECT n.id AS notice, m.kind, m.link, m.args FROM notices n JOIN messages m ON m.id = n.message_id
		WHERE n.delivery_id = $1 AND NOT n.settled AND n.read_at IS NULL ORDER BY n.visible_at, n.id`
	if err := s.db.SelectContext(ctx, &all, q, id); err != nil {
		return nil, fmt.Errorf("read a summary: %w", err)
	}
	return all, nil
}

// drop notes that a letter this process has taken is not needed.
func (s *Store) drop(ctx context.Context, d delivery) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE deliveries SET state = 'dropped', ended_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'sending'`
		if _, err := tx.ExecContext(ctx, q, d.ID, d.Attempts, s.now()); err != nil {
			return fmt.Errorf("drop a letter: %w", err)
		}
		return nil
	})
}
