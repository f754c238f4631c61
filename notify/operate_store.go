package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Traffic says how the sending goes.
type Traffic struct {
	Waiting int          `db:"waiting"` // letters to be sent, now or later
	Late    int          `db:"late"`    // of them, those that should have gone more than an hour ago
	Sent    int          `db:"sent"`    // in the last 24 hours
	Dead    int          `db:"dead"`
	Unsure  int          `db:"unsure"`
	Down    []ChannelOut // channels that cannot be reached
}

// ChannelOut is a channel that cannot be reached.
type ChannelOut struct {
	Channel Channel   `db:"channel"`
	Since   time.Time `db:"down_since"`
	Next    time.Time `db:"next_at"`
	Problem string    `db:"problem"`
}

// Trouble is a letter that needs the operator. It says whom it was for and what the
// other side said, and nothing of what it was about.
type Trouble struct {
	ID       int64     `db:"id"`
	Channel  Channel   `db:"channel"`
	State    string    `db:"state"` // dead, unsure
	Login    string    `db:"login"` // "" for the address of a company without people
	Address  string    `db:"address"`
	Attempts int       `db:"attempts"`
	At       time.Time `db:"at"`
	Problem  string    `db:"problem"`
	Ref      string    `db:"ref"`
	Name     string    // what the mail server's log calls it
}

// Traffic returns how the sending goes, to the operator.
func (s *Store) Traffic(ctx context.Context, by org.Actor) (Traffic, error) {
	var t Traffic
	if by.Role != org.RoleOperator {
		return t, fault.ErrNotFound
	}
	now := s.now()
	const q = `SELECT (SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending')) AS waiting,
		(SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending') AND next_at < $1) AS late,
		(SELECT count(*) FROM deliveries WHERE state = 'sent' AND ended_at > $2) AS sent,
		(SELECT count(*) FROM deliveries WHERE state = 'dead') AS dead, (SELECT count(*) FROM deliveries WHERE state = 'unsure') AS unsure`
	if err := s.db.GetContext(ctx, &t, q, now.Add(-time.Hour), now.Add(-24*time.Hour)); err != nil {
		return t, fmt.Errorf("count letters: %w", err)
	}
	if err := s.db.SelectContext(ctx, &t.Down, `SELECT channel, down_since, next_at, problem FROM notify_channels ORDER BY channel`); err != nil {
		return t, fmt.Errorf("read channels: %w", err)
	}
	return t, nil
}

// Troubles returns a page of the letters that need the operator, the latest first.
func (s *Store) Troubles(ctx context.Context, by org.Actor, page, size int) ([]Trouble, error) {
	if by.Role != org.RoleOperator {
		return nil, fault.ErrNotFound
	}
	var all []Trouble
	const q = `SELECT d.id, d.channel, d.state, coalesce(a.login, '') AS login, d.address, d.attempts, coalesce(d.ended_at, d.taken_at, d.created_at) AS at, d.problem, d.ref
		FROM deliveries d LEFT JOIN accounts a ON a.id = d.account_id WHERE d.state IN ('dead', 'unsure') ORDER BY d.id DESC LIMIT $1 OFFSET $2`
	if err := s.db.SelectContext(ctx, &all, q, size, max(0, page-1)*size); err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	for i := range all {
		all[i].Address = masked(all[i].Address)
		all[i].Name = all[i].Ref
		if all[i].Channel == Email {
			all[i].Name = MessageID(all[i].Ref, s.host)
		}
	}
	return all, nil
}

// masked hides the middle of an address: enough to see a slip of the pen.
func masked(address string) string {
	name, host, mail := strings.Cut(address, "@")
	r := []rune(name)
	if mail {
		return string(r[:min(2, len(r))]) + "…@" + host
	}
	if len(r) > 7 {
		return string(r[:len(r)-7]) + "…" + string(r[len(r)-3:])
	}
	return address
}

// Decision is what the operator decides about a letter.
type Decision string

// The decisions.
const (
	Again   Decision = "again"   // send it (once more, under the same name)
	Arrived Decision = "arrived" // the mail server's log says that it took it
	GiveUp  Decision = "give-up" // the receiver is told in another way
)

// Decide carries out a decision of the operator about a letter that was given up or of
// which nobody knows whether it arrived. The same decision twice is one.
func (s *Store) Decide(ctx context.Context, by org.Actor, id int64, d Decision) error {
	if by.Role != org.RoleOperator {
		return fault.ErrNotFound
	}
	q := map[Decision]string{
		Again:   `UPDATE deliveries SET state = 'waiting', refusals = 0, next_at = $2, decided_at = $2, ended_at = NULL WHERE id = $1 AND state IN ('dead', 'unsure')`,
		Arrived: `UPDATE deliveries SET state = 'sent', ended_at = $2 WHERE id = $1 AND state = 'unsure'`,
		GiveUp:  `UPDATE deliveries SET state = 'dropped', ended_at = $2 WHERE id = $1 AND state IN ('dead', 'unsure')`,
	}[d]
	if q == "" {
		return fault.New(fault.Invalid, "message.decision-unknown")
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, q, id, s.now())
		if err != nil {
			return fmt.Errorf("decide about a letter: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // decided before
		}
		return record.Append(ctx, tx, by, "message."+string(d), fmt.Sprintf("delivery:%d", id), nil)
	})
}

// AgainAll sends everything that was given up once more.
func (s *Store) AgainAll(ctx context.Context, by org.Actor) error {
	if by.Role != org.RoleOperator {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE deliveries SET state = 'waiting', refusals = 0, next_at = $1, decided_at = $1, ended_at = NULL WHERE state = 'dead'`
		res, err := tx.ExecContext(ctx, q, s.now())
		if err != nil {
			return fmt.Errorf("send again what was given up: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		return record.Append(ctx, tx, by, "message.again-all", "deliveries", map[string]any{"count": n})
	})
}
