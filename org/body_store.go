package org

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/postgres"
)

// Body is a body of the county.
type Body struct {
	ID   BodyID   `db:"id"`
	Kind BodyKind `db:"kind"`
	Names
}

// Bodies returns all bodies.
func (s *Store) Bodies(ctx context.Context) ([]Body, error) {
	var out []Body
	if err := s.db.SelectContext(ctx, &out, `SELECT id, kind, name_zh, name_en, name_ru FROM bodies ORDER BY id`); err != nil {
		return nil, fmt.Errorf("list bodies: %w", err)
	}
	return out, nil
}

// Membership is a person's dated post in a body.
type Membership struct {
	ID      int64     `db:"id"`
	Body    BodyID    `db:"body_id"`
	Account AccountID `db:"account_id"`
	Name    string    `db:"name"`
	Login   string    `db:"login"`
	Post    Post      `db:"post"`
	From    string    `db:"from_on"`
	Until   string    `db:"until_on"` // "" while it lasts
}

// Members returns the members of a body, present ones first.
func (s *Store) Members(ctx context.Context, by Actor, body BodyID) ([]Membership, error) {
	if !mayManage(by) && !by.Is(RoleLeader, RoleChamber, RoleSupervision) {
		return nil, fault.ErrNotFound
	}
	const q = `SELECT m.id, m.body_id, m.account_id, a.name, a.login, m.post, to_char(m.from_on, 'YYYY-MM-DD') AS from_on,
			coalesce(to_char(m.until_on, 'YYYY-MM-DD'), '') AS until_on
		FROM memberships m JOIN accounts a ON a.id = m.account_id WHERE m.body_id = $1
		ORDER BY m.until_on IS NOT NULL, array_position(ARRAY['chair','deputy','member','officer'], m.post), m.from_on, m.id`
	var out []Membership
	if err := s.db.SelectContext(ctx, &out, q, body); err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return out, nil
}

// Appoint gives an account of the body a post from today; the post before it ends.
func (s *Store) Appoint(ctx context.Context, by Actor, body BodyID, account AccountID, post Post) error {
	if err := manage(by); err != nil {
		return err
	}
	if post != PostChair && post != PostDeputy && post != PostMember && post != PostOfficer {
		return fault.Field("post", "org.post-unknown")
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := endMembership(ctx, tx, body, account, today(s.now())); err != nil {
			return err
		}
		const q = `INSERT INTO memberships (body_id, account_id, post, from_on) SELECT $1, id, $3, $4 FROM accounts WHERE id = $2 AND body_id = $1`
		res, err := tx.ExecContext(ctx, q, body, account, post, today(s.now()))
		if err != nil {
			return fmt.Errorf("appoint: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fault.Field("account", "org.not-of-body")
		}
		return audit(ctx, tx, by, "membership.began", fmt.Sprintf("account:%d", account), map[string]any{"body": body, "post": post})
	})
}

// Dismiss ends a person's post in a body today: from the next click on he is a
// member no more. What he signed keeps his name.
func (s *Store) Dismiss(ctx context.Context, by Actor, body BodyID, account AccountID) error {
	if err := manage(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := endMembership(ctx, tx, body, account, today(s.now())); err != nil {
			return err
		}
		return audit(ctx, tx, by, "membership.ended", fmt.Sprintf("account:%d", account), map[string]any{"body": body})
	})
}

func endMembership(ctx context.Context, tx *sqlx.Tx, body BodyID, account AccountID, day string) error {
	const q = `UPDATE memberships SET until_on = greatest(from_on, $3) WHERE body_id = $1 AND account_id = $2 AND until_on IS NULL`
	if _, err := tx.ExecContext(ctx, q, body, account, day); err != nil {
		return fmt.Errorf("end membership: %w", err)
	}
	return nil
}

// County is what the county is called.
type County struct {
	Names
	Code  string `db:"code"`
	Phone string `db:"phone"`
}

// County returns the county's names.
func (s *Store) County(ctx context.Context) (County, error) {
	var c County
	if err := s.db.GetContext(ctx, &c, `SELECT name_zh, name_en, name_ru, code, phone FROM county`); err != nil {
		return c, fmt.Errorf("read the county's name: %w", err)
	}
	return c, nil
}
