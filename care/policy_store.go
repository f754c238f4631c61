package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Policies keeps the library of policies, which is public.
type Policies struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewPolicies returns a store of policies over db; now is in UTC.
func NewPolicies(db *sqlx.DB, now func() time.Time) *Policies { return &Policies{db: db, now: now} }

// ErrPolicyMoved: the policy has got a newer version since the form was shown.
var ErrPolicyMoved = fault.New(fault.Conflict, "policy.moved")

const policyColumns = `SELECT p.ref, v.version, p.last_version, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", v.clause,
	v.title_zh AS "title.name_zh", v.title_en AS "title.name_en", v.title_ru AS "title.name_ru", v.summary_zh AS "summary.name_zh", v.summary_en AS "summary.name_en", v.summary_ru AS "summary.name_ru",
	v.text_zh AS "text.name_zh", v.text_en AS "text.name_en", v.text_ru AS "text.name_ru", to_char(v.from_on, 'YYYY-MM-DD') AS from_on, coalesce(to_char(v.until_on, 'YYYY-MM-DD'), '') AS until_on, v.note, v.made_at `

const policyTables = `FROM policies p JOIN policy_versions v ON v.policy_id = p.id JOIN units u ON u.id = v.unit_id `

// PolicyFilter limits a list of policies; zero values do not.
type PolicyFilter struct {
	Words string     // all of them occur in the policy, in any language
	Unit  org.UnitID // that carries it out
	State string     // one of PolicyStates
	Page  int        // from 1
	Size  int
}

// Policies returns a page of the policies in their last versions, valid ones first, and
// how many there are.
func (s *Policies) Policies(ctx context.Context, f PolicyFilter) ([]Policy, int, error) {
	const where = `WHERE v.version = p.last_version AND ($1 = 0 OR v.unit_id = $1)
		AND ($2 = '' OR v.grams @@ gram_query($2) AND all_words(v.clause || ' ' || v.title_zh || ' ' || v.title_en || ' ' || v.title_ru || ' ' || v.summary_zh || ' ' || v.summary_en || ' ' || v.summary_ru || ' ' || v.text_zh || ' ' || v.text_en || ' ' || v.text_ru, $2) OR p.ref = upper($2))
		AND ($3 = '' OR $3 = CASE WHEN $4::date < v.from_on THEN 'coming' WHEN v.until_on < $4::date THEN 'ended' ELSE 'valid' END)`
	args := []any{f.Unit, f.Words, f.State, calendar.DateOf(s.now())}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) `+policyTables+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count policies: %w", err)
	}
	var out []Policy
	const order = ` ORDER BY coalesce(v.until_on < $4::date, false), $4::date < v.from_on, v.from_on DESC, p.id DESC LIMIT $5 OFFSET $6`
	if err := s.db.SelectContext(ctx, &out, policyColumns+policyTables+where+order, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list policies: %w", err)
	}
	return out, total, nil
}

// Policy returns one version of a policy, 0 for the last; ErrNotFound when there is none.
func (s *Policies) Policy(ctx context.Context, ref string, version int) (Policy, error) {
	var p Policy
	err := s.db.GetContext(ctx, &p, policyColumns+policyTables+`WHERE p.ref = $1 AND v.version = CASE WHEN $2 = 0 THEN p.last_version ELSE $2 END`, ref, version)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("read policy: %w", err)
	}
	return p, nil
}

// Versions returns all versions of a policy, the last first.
func (s *Policies) Versions(ctx context.Context, ref string) ([]Policy, error) {
	var out []Policy
	if err := s.db.SelectContext(ctx, &out, policyColumns+policyTables+`WHERE p.ref = $1 ORDER BY v.version DESC`, ref); err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return out, nil
}

// Save enters a new policy (ref "") or the next version of one, and returns its number.
// The offices alone do. The same idem saves once; ErrPolicyMoved when somebody else made
// a version meanwhile.
func (s *Policies) Save(ctx context.Context, by org.Actor, ref string, d PolicyDraft, idem string) (string, error) {
	if !by.IsOffice() {
		return "", fault.ErrForbidden
	}
	if (ref == "") != (d.Seen == 0) {
		return "", ErrPolicyMoved
	}
	from, until, err := d.check()
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		known, err := same(ctx, tx, `SELECT p.ref FROM policies p JOIN policy_versions v ON v.policy_id = p.id WHERE v.idem = $1`, idem, &ref)
		if known || err != nil {
			return err
		}
		if err := activeUnit(ctx, tx, "unit", d.Unit); err != nil {
			return err
		}
		id, err := s.next(ctx, tx, &ref, d.Seen, idem)
		if err != nil {
			return err
		}
		const q = `INSERT INTO policy_versions (policy_id, version, unit_id, clause, title_zh, title_en, title_ru, summary_zh, summary_en, summary_ru, text_zh, text_en, text_ru, from_on, until_on, note, made_by, made_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, nullif($15, '')::date, $16, $17, $18, $19)`
		if _, err := tx.ExecContext(ctx, q, id, d.Seen+1, d.Unit, d.Clause, d.Title.ZH, d.Title.EN, d.Title.RU, d.Summary.ZH, d.Summary.EN, d.Summary.RU,
			d.Text.ZH, d.Text.EN, d.Text.RU, from, string(until), d.Note, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("save policy: %w", err)
		}
		return record.Append(ctx, tx, by, "policy.saved", "policy:"+ref, map[string]any{"version": d.Seen + 1})
	})
	return ref, err
}

// next makes room for a version after the one seen: a new policy with a number of its
// own, or the policy of the number.
func (s *Policies) next(ctx context.Context, tx *sqlx.Tx, ref *string, seen int, idem string) (id int64, err error) {
	q, args := `UPDATE policies SET last_version = $2 + 1 WHERE ref = $1 AND last_version = $2 RETURNING id`, []any{*ref, seen}
	if seen == 0 {
		if *ref, err = number(ctx, tx, "policy", "YH-%d-%03d", calendar.DateOf(s.now()).Year()); err != nil {
			return 0, err
		}
		q, args = `INSERT INTO policies (ref, last_version, idem) VALUES ($1, 1, $2) RETURNING id`, []any{*ref, idem}
	}
	err = tx.GetContext(ctx, &id, q, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrPolicyMoved
	}
	if err != nil {
		return 0, fmt.Errorf("make a version: %w", err)
	}
	return id, nil
}
