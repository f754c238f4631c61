package meeting

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/org"
)

// Store keeps meetings, decisions, invitations, packs and bulletins.
type Store struct {
	db      *sqlx.DB
	now     func() time.Time
	cal     *calendar.Store
	fb      *feedback.Store
	ev      *evaluation.Store
	passing *passing.Store
}

// NewStore returns a store over db; packs are made from the facts of fb, ev and cases.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, fb *feedback.Store, ev *evaluation.Store, cases *passing.Store) *Store {
	return &Store{db: db, now: now, cal: cal, fb: fb, ev: ev, passing: cases}
}

// ErrState: the thing is no longer in the state the act needs.
var ErrState = fault.New(fault.Conflict, "meeting.moved-on")

// today is the civil day in Shanghai.
func (s *Store) today() calendar.Date { return calendar.DateOf(s.now()) }

// Rules are the terms the county sets for its meetings.
type Rules struct {
	QuarterlyDays   int `db:"quarterly_days"`
	ExecutiveMonths int `db:"executive_months"`
	InviteMonths    int `db:"invite_months"`
	SmallCell       int `db:"small_cell"`
}

// Rules returns the terms in force.
func (s *Store) Rules(ctx context.Context) (Rules, error) {
	var r Rules
	if err := s.db.GetContext(ctx, &r, `SELECT quarterly_days, executive_months, invite_months, small_cell FROM meeting_rules`); err != nil {
		return r, fmt.Errorf("read the rules of meetings: %w", err)
	}
	return r, nil
}

// once lets one transaction with the key on at a time and returns the id of what an
// earlier one made with it; 0 when there is none.
func once(ctx context.Context, tx *sqlx.Tx, table, idem string) (int64, error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 17))`, idem); err != nil {
		return 0, fmt.Errorf("wait for the same post: %w", err)
	}
	var id int64
	err := tx.GetContext(ctx, &id, `SELECT id FROM `+table+` WHERE idem = $1`, idem)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look for an earlier post: %w", err)
	}
	return id, nil
}

// number draws the next number of a kind of document in a year, without gaps.
func number(ctx context.Context, tx *sqlx.Tx, kind, prefix string, year int) (string, error) {
	const q = `INSERT INTO document_numbers (kind, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, year) DO UPDATE SET last = document_numbers.last + 1 RETURNING last`
	var n int
	if err := tx.GetContext(ctx, &n, q, kind, year); err != nil {
		return "", fmt.Errorf("draw a number of %s: %w", kind, err)
	}
	return fmt.Sprintf("%s-%d-%03d", prefix, year, n), nil
}

// changed is ErrState when an update found nothing in the state it expects.
func changed(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrState)
	}
	return nil
}

func orNull[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Member is a present member of the leading group, who may convene.
type Member struct {
	Account org.AccountID `db:"account_id"`
	Name    string        `db:"name"`
	Post    org.Post      `db:"post"`
}

// Conveners returns the present members of the leading group.
func (s *Store) Conveners(ctx context.Context) ([]Member, error) {
	var out []Member
	const q = `SELECT m.account_id, a.name, m.post FROM memberships m JOIN bodies b ON b.id = m.body_id JOIN accounts a ON a.id = m.account_id
		WHERE b.kind = 'leading_group' AND m.from_on <= $1 AND (m.until_on IS NULL OR m.until_on > $1) AND a.disabled_at IS NULL
		ORDER BY array_position(ARRAY['chair','deputy','member'], m.post), a.name, m.account_id`
	if err := s.db.SelectContext(ctx, &out, q, s.today()); err != nil {
		return nil, fmt.Errorf("list the leading group: %w", err)
	}
	return out, nil
}
