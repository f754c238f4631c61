package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/org"
	"pingyi/postgres"
)

// planBatch is how many notices are planned in one transaction.
const planBatch = 500

// planned is a notice that is to be looked at, with what decides how it goes out.
type planned struct {
	ID       int64         `db:"id"`
	Kind     string        `db:"kind"`
	Reminder bool          `db:"reminder"`
	Account  org.AccountID `db:"account"`
	Company  org.CompanyID `db:"company"`
	Email    string        `db:"email"`
	Phone    string        `db:"phone"`
}

// plan makes deliveries of the notices that have become visible, as their receivers
// chose, for the channels there are; it returns how many notices it looked at.
func (s *Store) plan(ctx context.Context, channels []Channel) (int, error) {
	n := 0
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		now := s.now()
		// visible_at after now, but posted later still: the clock was set back
		const q = `SELECT n.id, m.kind, m.reminder, coalesce(n.account_id, 0) AS account, coalesce(n.company_id, 0) AS company,
				coalesce(a.email, c.email) AS email, coalesce(a.phone, c.phone) AS phone
			FROM notices n JOIN messages m ON m.id = n.message_id LEFT JOIN accounts a ON a.id = n.account_id LEFT JOIN companies c ON c.id = n.company_id
			WHERE n.planned_at IS NULL AND NOT n.settled AND (n.visible_at <= $1 OR n.visible_at = m.posted_at AND m.posted_at > $2)
			ORDER BY n.id LIMIT $3 FOR UPDATE OF n SKIP LOCKED`
		var all []planned
		if err := tx.SelectContext(ctx, &all, q, now, now.Add(skew), planBatch); err != nil {
			return fmt.Errorf("find notices to plan: %w", err)
		}
		if n = len(all); n == 0 {
			return nil
		}
		chosen, err := choices(ctx, tx, all)
		if err != nil {
			return err
		}
		ids, carry, digest := []int64{}, []int64{}, []int64{}
		var how []string
		for _, p := range all {
			ids = append(ids, p.ID)
			for _, ch := range channels {
				switch soon := chosen(p, ch); soon {
				case Now:
					carry, how = append(carry, p.ID), append(how, string(ch))
				case Daily:
					digest = append(digest, p.ID)
				}
			}
		}
		for _, w := range []struct {
			what, q string
			args    []any
		}{
			{"deliveries", `INSERT INTO deliveries (channel, notice_id, account_id, company_id, created_at, next_at, decided_at)
				SELECT x.channel, n.id, n.account_id, n.company_id, $3, $3, $3 FROM unnest($1::bigint[], $2::text[]) AS x (id, channel) JOIN notices n ON n.id = x.id
				ON CONFLICT DO NOTHING`, []any{pq.Array(carry), pq.Array(how), now}},
			{"notices", `UPDATE notices SET planned_at = $2, digest = id = ANY($3) WHERE id = ANY($1)`, []any{pq.Array(ids), now, pq.Array(digest)}},
		} {
			if _, err := tx.ExecContext(ctx, w.q, w.args...); err != nil {
				return fmt.Errorf("plan %s: %w", w.what, err)
			}
		}
		return nil
	})
	return n, err
}

// choices returns how each receiver is told by a channel: Never also where he has no
// address for it.
func choices(ctx context.Context, tx *sqlx.Tx, all []planned) (func(planned, Channel) When, error) {
	var accounts []int64
	for _, p := range all {
		accounts = append(accounts, int64(p.Account))
	}
	var rows []struct {
		Account org.AccountID `db:"account_id"`
		Choice
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT account_id, grp, email, sms FROM notify_choices WHERE account_id = ANY($1)`, pq.Array(accounts)); err != nil {
		return nil, fmt.Errorf("read how people want to be told: %w", err)
	}
	made := map[org.AccountID]map[string]Choice{}
	for _, r := range rows {
		if made[r.Account] == nil {
			made[r.Account] = map[string]Choice{}
		}
		made[r.Account][r.Group] = r.Choice
	}
	return func(p planned, ch Channel) When {
		group := GroupOf(p.Kind, p.Reminder)
		c, ok := made[p.Account][group]
		if !ok {
			c = defaultChoice(group, p.Email != "")
		}
		switch {
		case ch == Email && p.Email != "":
			return c.Email
		case ch == SMS && p.Phone != "" && c.SMS:
			return Now
		}
		return Never
	}, nil
}

// waitingDigest is an account for which a summary is gathering.
type waitingDigest struct {
	Account org.AccountID `db:"account"`
	Role    org.Role      `db:"role"`
	Oldest  time.Time     `db:"oldest"`
	Hours
}

// digests makes the daily summaries that are due: one a day and person, whatever
// becomes of the clock.
func (s *Store) digests(ctx context.Context) error {
	now := s.now()
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	const q = `SELECT n.account_id AS account, a.role, min(n.planned_at) AS oldest, coalesce(h.quiet_from, $1) AS quiet_from, coalesce(h.quiet_until, $2) AS quiet_until,
			coalesce(h.digest_hour, $3) AS digest_hour
		FROM notices n JOIN accounts a ON a.id = n.account_id LEFT JOIN notify_hours h ON h.account_id = a.id
		WHERE n.digest AND n.delivery_id IS NULL AND NOT n.settled AND n.read_at IS NULL GROUP BY n.account_id, a.id, h.account_id`
	var all []waitingDigest
	if err := s.db.SelectContext(ctx, &all, q, DefaultHours.QuietFrom, DefaultHours.QuietUntil, DefaultHours.Digest); err != nil {
		return fmt.Errorf("find summaries: %w", err)
	}
	for _, w := range all {
		due := !w.Oldest.After(w.lastDigest(now)) || w.Oldest.After(now.Add(skew))
		if !due || !sendable(now, official(w.Role), w.Hours, cal).Equal(now) {
			continue
		}
		if err := s.gather(ctx, w.Account, now); err != nil {
			return err
		}
	}
	return nil
}

// gather makes one summary of what waits for the account, unless it has had today's.
func (s *Store) gather(ctx context.Context, account org.AccountID, now time.Time) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var ids []int64
		const q = `INSERT INTO deliveries (channel, account_id, digest_on, created_at, next_at, decided_at) VALUES ('email', $1, $2, $3, $3, $3)
			ON CONFLICT DO NOTHING RETURNING id`
		if err := tx.SelectContext(ctx, &ids, q, account, calendar.DateOf(now), now); err != nil {
			return fmt.Errorf("make a summary: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		const take = `UPDATE notices SET delivery_id = $2 WHERE account_id = $1 AND digest AND delivery_id IS NULL AND NOT settled AND read_at IS NULL`
		if _, err := tx.ExecContext(ctx, take, account, ids[0]); err != nil {
			return fmt.Errorf("gather a summary: %w", err)
		}
		return nil
	})
}
