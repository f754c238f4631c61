package org

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/postgres"
)

// idle and absolute limits of a session, by role.
func limits(r Role) (idle, absolute time.Duration) {
	switch r {
	case RoleCompany, RoleInvited:
		return 30 * time.Minute, 12 * time.Hour
	case RoleOperator:
		return 10 * time.Minute, 4 * time.Hour
	}
	return 30 * time.Minute, 8 * time.Hour
}

// Session is one of an account's sessions, as its owner sees it.
type Session struct {
	Token   []byte    `db:"token_hash"`
	Created time.Time `db:"created_at"`
	Seen    time.Time `db:"seen_at"` // rounded to five minutes
	Device  string    `db:"device"`
}

// HashToken is what the database keeps of a session's token.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewSession begins a session and returns its token, which only the browser keeps.
func (s *Store) NewSession(ctx context.Context, id AccountID, device string) (string, error) {
	var b [32]byte
	_, _ = rand.Read(b[:])
	token := base64.RawURLEncoding.EncodeToString(b[:])
	if len(device) > 120 {
		device = device[:120]
	}
	now := s.now()
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var role Role
		if err := tx.GetContext(ctx, &role, `SELECT role FROM accounts WHERE id = $1 AND disabled_at IS NULL`, id); err != nil {
			return fmt.Errorf("read role: %w", err)
		}
		idle, absolute := limits(role)
		const q = `INSERT INTO sessions (token_hash, account_id, data, created_at, seen_at, idle_until, ends_at, device)
			VALUES ($1, $2, '', $3, $4, $5, $6, $7)`
		if _, err := tx.ExecContext(ctx, q, HashToken(token), id, now, now.Truncate(5*time.Minute), now.Add(idle), now.Add(absolute), device); err != nil {
			return fmt.Errorf("begin session: %w", err)
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE idle_until < $1 OR ends_at < $1`, now)
		return err
	})
	return token, err
}

type actorRow struct {
	Account AccountID `db:"id"`
	Name    string    `db:"name"`
	Role    Role      `db:"role"`
	Company CompanyID `db:"company"`
	Unit    UnitID    `db:"unit"`
	Body    BodyID    `db:"body"`
	Kind    BodyKind  `db:"kind"`
	Post    Post      `db:"post"`
	Behalf  AccountID `db:"behalf"`
	ForWhom string    `db:"for_whom"`
	Lang    string    `db:"lang"`
	Large   bool      `db:"large_text"`
	Demo    bool      `db:"demo"`
	Idle    time.Time `db:"idle_until"`
	Created time.Time `db:"created_at"`
	Names
}

// Session returns who holds the token, as he is at this moment: a disabled
// account, an ended session or an unknown token is the public. Post is that of
// the membership of today, and so is whose signature was delegated to him.
func (s *Store) Session(ctx context.Context, token string) (Actor, error) {
	const q = `SELECT a.id, a.name, a.role, coalesce(a.company_id, 0) AS company, coalesce(a.unit_id, 0) AS unit, coalesce(a.body_id, 0) AS body,
			coalesce(b.kind, '') AS kind, coalesce(m.post, '') AS post, coalesce(g.id, 0) AS behalf, coalesce(g.name, '') AS for_whom, a.lang, a.large_text, a.demo_password <> '' AS demo, s.idle_until, s.created_at,
			coalesce(c.name_zh, b.name_zh, u.name_zh, '') AS name_zh, coalesce(c.name_en, b.name_en, u.name_en, '') AS name_en,
			coalesce(c.name_ru, b.name_ru, u.name_ru, '') AS name_ru
		FROM sessions s JOIN accounts a ON a.id = s.account_id
		LEFT JOIN companies c ON c.id = a.company_id LEFT JOIN units u ON u.id = a.unit_id LEFT JOIN bodies b ON b.id = a.body_id
		LEFT JOIN memberships m ON m.account_id = a.id AND m.body_id = a.body_id AND m.until_on IS NULL
		LEFT JOIN LATERAL (SELECT x.id, x.name FROM delegations d JOIN accounts x ON x.id = d.giver AND x.disabled_at IS NULL
			JOIN memberships p ON p.account_id = x.id AND p.body_id = d.body_id AND p.post = 'chair' AND p.until_on IS NULL
			WHERE d.taker = a.id AND d.body_id = m.body_id AND d.ended_at IS NULL AND $3::date BETWEEN d.from_on AND d.until_on LIMIT 1) g ON true
		WHERE s.token_hash = $1 AND s.idle_until > $2 AND s.ends_at > $2 AND a.disabled_at IS NULL`
	var r actorRow
	now := s.now()
	err := s.db.GetContext(ctx, &r, q, HashToken(token), now, today(now))
	if errors.Is(err, sql.ErrNoRows) {
		return Public, nil
	}
	if err != nil {
		return Public, fmt.Errorf("read session: %w", err)
	}
	idle, _ := limits(r.Role)
	if r.Idle.Sub(now) < idle-5*time.Minute { // once in five minutes, not at every click
		const touch = `UPDATE sessions SET seen_at = $2, idle_until = $3 WHERE token_hash = $1`
		if err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			_, err := tx.ExecContext(ctx, touch, HashToken(token), now.Truncate(5*time.Minute), now.Add(idle))
			return err
		}); err != nil {
			return Public, fmt.Errorf("keep session: %w", err)
		}
	}
	return Actor{Account: r.Account, Name: r.Name, Role: r.Role, Company: r.Company, Unit: r.Unit, Body: r.Body, Kind: r.Kind, Post: r.Post, Behalf: r.Behalf, ForWhom: r.ForWhom,
		OrgName: r.Names, Lang: r.Lang, Large: r.Large, Demo: r.Demo, Since: r.Created}, nil
}

// ActorOf returns an account as an actor, for acts the portal does in its name
// (the demo county) and for tests.
func (s *Store) ActorOf(ctx context.Context, login string) (Actor, error) {
	a, err := s.account(ctx, s.db, `a.login = $1`, NormalLogin(login))
	if err != nil {
		return Public, err
	}
	return s.ActorByID(ctx, a.ID)
}

// ActorByID is ActorOf by the account's number: for work that goes on after the
// request that asked for it.
func (s *Store) ActorByID(ctx context.Context, id AccountID) (Actor, error) {
	token, err := s.NewSession(ctx, id, "")
	if err != nil {
		return Public, err
	}
	actor, err := s.Session(ctx, token)
	if err != nil {
		return Public, err
	}
	return actor, s.EndSession(ctx, token)
}

// EndSession ends a session.
func (s *Store) EndSession(ctx context.Context, token string) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = $1`, HashToken(token)); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		return nil
	})
}

// Sessions lists the actor's sessions, the latest first.
func (s *Store) Sessions(ctx context.Context, by Actor) ([]Session, error) {
	var out []Session
	const q = `SELECT token_hash, created_at, seen_at, device FROM sessions WHERE account_id = $1 AND idle_until > $2 AND ends_at > $2 ORDER BY created_at DESC`
	if err := s.db.SelectContext(ctx, &out, q, by.Account, s.now()); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// EndOthers ends all sessions of the actor but the one of keep; nil ends all.
func (s *Store) EndOthers(ctx context.Context, by Actor, keep []byte) error {
	if !by.SignedIn() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := endSessions(ctx, tx, by.Account, keep); err != nil {
			return err
		}
		return audit(ctx, tx, by, "account.signed-out", fmt.Sprintf("account:%d", by.Account), map[string]any{"everywhere": true})
	})
}

func endSessions(ctx context.Context, tx *sqlx.Tx, id AccountID, keep []byte) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE account_id = $1 AND token_hash IS DISTINCT FROM $2`, id, keep); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
