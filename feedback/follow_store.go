package feedback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// MaxAnonymousHour is how many anonymous issues the county takes in an hour; more is a
// flood.
const MaxAnonymousHour = 60

// ErrFlood: more anonymous issues come than anybody could mean.
var ErrFlood = fault.New(fault.TooMany, "error.too-many", "Seconds", 600)

// RaiseAnonymous files an issue without an account. It returns the number and the
// code by which alone it can be followed; the code is kept as a hash. The same idem
// returns the same number and code.
func (s *Store) RaiseAnonymous(ctx context.Context, d IssueDraft, idem string) (ref, code string, err error) {
	d.NameShown = "chamber" // nobody has a name to show
	if err := d.fault(s.today()); err != nil {
		return "", "", err
	}
	if len(idem) < 16 {
		return "", "", fault.ErrForbidden
	}
	code = s.followCode(idem)
	ref, err = s.raise(ctx, org.Public, FromNobody, d, onceOnly(idem), func(tx *sqlx.Tx, id IssueID, _ string) error {
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM issues WHERE origin = 'anonymous' AND raised_at > $1`, s.now().Add(-time.Hour)); err != nil {
			return fmt.Errorf("count anonymous issues: %w", err)
		}
		if n > MaxAnonymousHour {
			return ErrFlood
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO follow_codes (code_hash, issue_id) VALUES ($1, $2)`, hashFollow(code), id); err != nil {
			return fmt.Errorf("keep the code: %w", err)
		}
		return nil
	})
	return ref, code, err
}

// Held returns the issue as it is to who has shown its code to this store.
func (s *Store) Held(i Issue) Issue {
	i.held = s.follows == i.ID
	return i
}

// Follow returns the anonymous issue of a code, with a store through which who has
// the code (the public) may read it, add to it, and accept or refuse the answer;
// ErrNotFound for a code that is none.
func (s *Store) Follow(ctx context.Context, code string) (*Store, Issue, error) {
	if NormalCode(code) == "" {
		return nil, Issue{}, fault.ErrNotFound
	}
	var of struct {
		ID  IssueID `db:"id"`
		Ref string  `db:"ref"`
	}
	err := s.db.GetContext(ctx, &of, `SELECT i.id, i.ref FROM follow_codes f JOIN issues i ON i.id = f.issue_id WHERE f.code_hash = $1`, hashFollow(code))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, Issue{}, fault.ErrNotFound
	}
	if err != nil {
		return nil, Issue{}, fmt.Errorf("look for the code: %w", err)
	}
	c := *s
	c.follows = of.ID
	i, err := c.Issue(ctx, org.Public, of.Ref)
	return &c, i, err
}
