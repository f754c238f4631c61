package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/postgres"
)

// hash hashes a password; at most two at once, so that a flood of sign-ins does
// not take the machine.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	select {
	case s.work <- struct{}{}:
		defer func() { <-s.work }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	h, err := argon2id.CreateHash(password, &s.hashes)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return h, nil
}

func (s *Store) matches(ctx context.Context, password, hash string) (bool, error) {
	select {
	case s.work <- struct{}{}:
		defer func() { <-s.work }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return ok, nil
}

// SignIn checks login and password. source is where the request comes from;
// known says that this device signed the account in before. Failures slow the
// next attempts down. From one source at one account the next attempt is refused
// for a while. What many sources do to one account, or one source to many
// accounts, holds an attempt back for seconds but never refuses it, and a known
// device has a count of its own: so no stranger can keep the owner out.
func (s *Store) SignIn(ctx context.Context, login, password, source string, known bool) (AccountID, error) {
	login = NormalLogin(login)
	keys := [][]byte{s.keyed("pair", login, source), s.keyed("account", login), s.keyed("source", source)}
	if known {
		keys = [][]byte{s.keyed("device", login, source)}
	}
	counts, err := s.failures(ctx, keys)
	if err != nil {
		return 0, err
	}
	strict := counts[string(keys[0])]
	if wait := delay(strict.Count) - s.now().Sub(strict.Last); wait > 0 {
		return 0, ErrWait.With("Seconds", int(wait.Seconds())+1)
	}
	held := time.Duration(0)
	for _, k := range keys[1:] {
		held = max(held, hold(counts[string(k)].Count))
	}
	if err := s.pause(ctx, held); err != nil {
		return 0, err
	}
	return s.enter(ctx, login, password, keys)
}

// enter checks the password. Who knows it has the failures at his account
// forgotten, not those of his source: it may have tried others. Who does not is
// counted under all keys.
func (s *Store) enter(ctx context.Context, login, password string, keys [][]byte) (AccountID, error) {
	var row struct {
		ID       AccountID `db:"id"`
		Hash     string    `db:"password_hash"`
		Disabled bool      `db:"disabled"`
	}
	err := s.db.GetContext(ctx, &row, `SELECT id, password_hash, disabled_at IS NOT NULL AS disabled FROM accounts WHERE login = $1`, login)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read account: %w", err)
	}
	hash := row.Hash
	if hash == "" {
		hash = s.dummy
	}
	ok, err := s.matches(ctx, password, hash)
	if err != nil {
		return 0, err
	}
	if !ok || row.Hash == "" || row.Disabled {
		return 0, errors.Join(ErrSignIn, s.failed(ctx, keys))
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM signin_failures WHERE key = ANY($1)`, pq.Array(keys[:min(2, len(keys))])); err != nil {
			return fmt.Errorf("clear failures: %w", err)
		}
		return audit(ctx, tx, Actor{Account: row.ID, Role: RolePublic}, "account.signed-in", fmt.Sprintf("account:%d", row.ID), nil)
	})
	return row.ID, err
}

// delay is how long one source is refused at one account after so many failures:
// 0, 0, 0, 1, 2, 4 … 60 s.
func delay(failures int) time.Duration {
	if failures < 3 {
		return 0
	}
	return min(time.Second<<min(failures-3, 6), time.Minute)
}

// hold is how long an attempt is held back, not refused, when many sources fail at
// its account or its source at many accounts: nothing up to 10 failures, since a
// whole office may share an address, then up to 3 s.
func hold(failures int) time.Duration {
	return time.Duration(min(max(0, failures/10), 3)) * time.Second
}

// decay is the time after which failures are forgotten.
const decay = 15 * time.Minute

// failure is what is kept of the failures under a key.
type failure struct {
	Key   []byte    `db:"key"`
	Count int       `db:"count"`
	Last  time.Time `db:"last_at"`
}

func (s *Store) failures(ctx context.Context, keys [][]byte) (map[string]failure, error) {
	var rows []failure
	const q = `SELECT key, count, last_at FROM signin_failures WHERE key = ANY($1) AND last_at >= $2`
	if err := s.db.SelectContext(ctx, &rows, q, pq.Array(keys), s.now().Add(-decay)); err != nil {
		return nil, fmt.Errorf("read failures: %w", err)
	}
	out := map[string]failure{}
	for _, r := range rows {
		out[string(r.Key)] = r
	}
	return out, nil
}

func (s *Store) failed(ctx context.Context, keys [][]byte) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO signin_failures (key, count, last_at) SELECT k, 1, $2 FROM unnest($1::bytea[]) k ORDER BY k
			ON CONFLICT (key) DO UPDATE SET last_at = $2,
				count = CASE WHEN signin_failures.last_at < $3 THEN 1 ELSE least(signin_failures.count + 1, 50) END`
		if _, err := tx.ExecContext(ctx, q, pq.Array(keys), s.now(), s.now().Add(-decay)); err != nil {
			return fmt.Errorf("count failure: %w", err)
		}
		return nil
	})
}

// pauseFor waits, unless the request ends before.
func pauseFor(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
