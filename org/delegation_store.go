package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/postgres"
)

// mayDelegate: only the present chair of the leading group gives his signature away.
func mayDelegate(by Actor) bool { return by.IsLeader() && by.Post == PostChair }

// Delegations returns the delegations of the leading group, the latest first, to its
// present members and the supervision office.
func (s *Store) Delegations(ctx context.Context, by Actor) ([]Delegation, error) {
	if !by.IsLeader() && by.Role != RoleSupervision {
		return nil, fault.ErrNotFound
	}
	const q = `SELECT d.id, d.giver, g.name AS giver_name, d.taker, t.name AS taker_name, to_char(d.from_on, 'YYYY-MM-DD') AS from_on,
			to_char(d.until_on, 'YYYY-MM-DD') AS until_on, d.reason, d.made_at, d.ended_at
		FROM delegations d JOIN accounts g ON g.id = d.giver JOIN accounts t ON t.id = d.taker ORDER BY d.id DESC LIMIT 100`
	var out []Delegation
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("list delegations: %w", err)
	}
	return out, nil
}

// Delegate lets a present deputy or member of the leading group sign for the chair on
// the days of the draft. One person at a time signs for him. The same idem is the
// same delegation.
func (s *Store) Delegate(ctx context.Context, by Actor, d DelegationDraft, idem string) error {
	if !mayDelegate(by) {
		return fault.ErrForbidden
	}
	f := d.Check(today(s.now()))
	if d.To == by.Account {
		f.Add("to", "leader.to-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		// one at a time: the chair's own account is the lock
		if _, err := tx.ExecContext(ctx, `SELECT FROM accounts WHERE id = $1 FOR UPDATE`, by.Account); err != nil {
			return fmt.Errorf("lock the chair: %w", err)
		}
		var state struct {
			Done   bool `db:"done"`
			Member bool `db:"member"`
			Taken  bool `db:"taken"`
		}
		const q = `SELECT EXISTS (SELECT FROM delegations WHERE idem = $1) AS done,
			EXISTS (SELECT FROM memberships m JOIN accounts a ON a.id = m.account_id AND a.body_id = m.body_id WHERE m.account_id = $2 AND m.body_id = $3
				AND m.until_on IS NULL AND m.post IN ('deputy', 'member') AND a.role = 'leader' AND a.disabled_at IS NULL) AS member,
			EXISTS (SELECT FROM delegations WHERE giver = $4 AND ended_at IS NULL AND from_on <= $6::date AND until_on >= $5::date) AS taken`
		if err := tx.GetContext(ctx, &state, q, idem, d.To, by.Body, by.Account, d.From, d.Until); err != nil {
			return fmt.Errorf("look before delegating: %w", err)
		}
		switch {
		case state.Done:
			return nil
		case !state.Member:
			return fault.Field("to", "leader.to-missing")
		case state.Taken:
			return fault.Field("from", "leader.days-taken")
		}
		const add = `INSERT INTO delegations (body_id, giver, taker, from_on, until_on, reason, made_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`
		made := Delegation{Giver: by.Account, GiverName: by.Name, Taker: d.To, From: d.From, Until: d.Until, Reason: d.Reason}
		if err := tx.GetContext(ctx, &made.ID, add, by.Body, by.Account, d.To, d.From, d.Until, d.Reason, s.now(), idem); err != nil {
			return fmt.Errorf("delegate: %w", err)
		}
		if err := s.delegated(ctx, tx, made); err != nil {
			return err
		}
		return audit(ctx, tx, by, "delegation.made", fmt.Sprintf("account:%d", d.To), map[string]any{"from": d.From, "until": d.Until})
	})
}

// TakeBack ends a delegation of the chair's at once; what was signed by it stands.
func (s *Store) TakeBack(ctx context.Context, by Actor, id int64) error {
	if !mayDelegate(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		now := s.now()
		back := Delegation{ID: id, Giver: by.Account, GiverName: by.Name, Ended: &now}
		const q = `UPDATE delegations SET ended_at = $3 WHERE id = $1 AND giver = $2 AND ended_at IS NULL RETURNING taker, to_char(from_on, 'YYYY-MM-DD'), to_char(until_on, 'YYYY-MM-DD')`
		err := tx.QueryRowxContext(ctx, q, id, by.Account, now).Scan(&back.Taker, &back.From, &back.Until)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("take a delegation back: %w", err)
		}
		if err := s.delegated(ctx, tx, back); err != nil {
			return err
		}
		return audit(ctx, tx, by, "delegation.ended", fmt.Sprintf("delegation:%d", id), nil)
	})
}

// delegated tells of a delegation where somebody is there to tell.
func (s *Store) delegated(ctx context.Context, tx *sqlx.Tx, d Delegation) error {
	if s.Delegated == nil {
		return nil
	}
	return s.Delegated(ctx, tx, d)
}
