package meeting

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const bulletinColumns = `SELECT b.id, coalesce(b.no, '') AS no, b.title, b.body, b.year, b.quarter, b.audience, b.figures, coalesce(b.corrects, 0) AS corrects, coalesce(o.no, '') AS corrects_no,
	CASE WHEN n.state = 'published' THEN n.id ELSE 0 END AS corrected_by, coalesce(CASE WHEN n.state = 'published' THEN n.no END, '') AS corrected_no,
	b.state, b.version, coalesce(d.name, '') AS drafter, coalesce(b.drafted_by, 0) AS drafted_by, coalesce(p.name, '') AS approver, b.approved_at, b.published_at
	FROM bulletins b LEFT JOIN bulletins o ON o.id = b.corrects LEFT JOIN bulletins n ON n.corrects = b.id
	LEFT JOIN accounts d ON d.id = b.drafted_by LEFT JOIN accounts p ON p.id = b.approved_by `

type bulletinRow struct {
	Bulletin
	Doc []byte `db:"figures"`
}

func (r bulletinRow) whole() (Bulletin, error) {
	if err := json.Unmarshal(r.Doc, &r.Figures); err != nil {
		return r.Bulletin, fmt.Errorf("read the figures of a bulletin: %w", err)
	}
	return r.Bulletin, nil
}

// Bulletins returns a page of bulletins, the latest first. drafts asks for those on
// the desks of the offices and the leading group; without it, those published to the actor.
func (s *Store) Bulletins(ctx context.Context, by org.Actor, drafts bool, page, size int) ([]Bulletin, int, error) {
	if drafts && !Reads(by) {
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE CASE WHEN $1 THEN true ELSE b.state = 'published' AND b.audience = ANY($2) END `
	args := []any{drafts, pq.Array(audiencesOf(by))}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM bulletins b `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count bulletins: %w", err)
	}
	var rows []bulletinRow
	const order = `ORDER BY b.published_at DESC NULLS FIRST, b.id DESC LIMIT $3 OFFSET $4`
	if err := s.db.SelectContext(ctx, &rows, bulletinColumns+where+order, append(args, size, max(0, page-1)*size)...); err != nil {
		return nil, 0, fmt.Errorf("list bulletins: %w", err)
	}
	out := make([]Bulletin, len(rows))
	for i, r := range rows {
		out[i] = r.Bulletin
	}
	return out, total, nil
}

// Bulletin returns a bulletin to those who may read it.
func (s *Store) Bulletin(ctx context.Context, by org.Actor, id int64) (Bulletin, error) {
	b, err := s.bulletin(ctx, s.db, id, "")
	if err != nil {
		return b, err
	}
	if !Reads(by) && (b.State != "published" || !mayRead(b.Audience, by)) {
		return Bulletin{}, fault.ErrNotFound
	}
	return b, nil
}

func (s *Store) bulletin(ctx context.Context, q sqlx.QueryerContext, id int64, lock string) (Bulletin, error) {
	var r bulletinRow
	err := sqlx.GetContext(ctx, q, &r, bulletinColumns+`WHERE b.id = $1 `+lock, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r.Bulletin, fault.ErrNotFound
	}
	if err != nil {
		return r.Bulletin, fmt.Errorf("read bulletin: %w", err)
	}
	return r.whole()
}

// figures are the protected figures of a quarter as they are now: the total first.
func (s *Store) figures(ctx context.Context, year, quarter int) ([]byte, error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	q, _, err := s.fb.Quarter(ctx, year, quarter, QuarterStart(year, quarter), QuarterEnd(year, quarter), nil)
	if err != nil {
		return nil, err
	}
	total := Figure{Companies: q.Companies}
	var lines []Figure
	for _, c := range q.Categories {
		total.Issues += c.Issues
		lines = append(lines, Figure{Category: c.Category, Issues: c.Issues, Companies: c.Companies})
	}
	total, lines = Protect(total, lines, rules.SmallCell)
	b, err := json.Marshal(append([]Figure{total}, lines...))
	if err != nil {
		return nil, fmt.Errorf("write the figures of a bulletin: %w", err)
	}
	return b, nil
}

// DraftBulletin begins a bulletin with the figures of its quarter, those about too few
// companies withheld. The same idem begins one.
func (s *Store) DraftBulletin(ctx context.Context, by org.Actor, d BulletinDraft, idem string) (int64, error) {
	if !Drafts(by) {
		return 0, fault.ErrForbidden
	}
	if err := d.Check(s.today().Year()).Err(); err != nil {
		return 0, err
	}
	figures, err := s.figures(ctx, d.Year, d.Quarter)
	if err != nil {
		return 0, err
	}
	var id int64
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if id, err = once(ctx, tx, "bulletins", idem); err != nil || id != 0 {
			return err
		}
		if d.Corrects != 0 {
			old, err := s.bulletin(ctx, tx, d.Corrects, "")
			if err != nil || old.State != "published" {
				return errors.Join(err, fault.ErrNotFound)
			}
		}
		const q = `INSERT INTO bulletins (title, body, year, quarter, audience, figures, corrects, state, drafted_by, drafted_at, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10) RETURNING id`
		err := tx.GetContext(ctx, &id, q, d.Title, d.Body, d.Year, d.Quarter, d.Audience, figures, orNull(d.Corrects), by.Account, s.now(), idem)
		if postgres.Violates(err, "bulletins_corrected_once") {
			return fault.New(fault.Conflict, "meeting.bulletin-corrected")
		}
		if err != nil {
			return fmt.Errorf("draft bulletin: %w", err)
		}
		return record.Append(ctx, tx, by, "bulletin.drafted", fmt.Sprintf("bulletin:%d", id), nil)
	})
	return id, err
}

// onBulletin does an act to a bulletin in the state from; its row is locked first.
func (s *Store) onBulletin(ctx context.Context, by org.Actor, id int64, from, action string, do func(tx *sqlx.Tx, b Bulletin) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		b, err := s.bulletin(ctx, tx, id, "FOR UPDATE OF b")
		if err != nil {
			return err
		}
		if b.State != from {
			return ErrState
		}
		if err := do(tx, b); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "bulletin."+action, fmt.Sprintf("bulletin:%d", id), nil)
	})
}

// SaveBulletin changes a draft, over the version that was shown, and draws its figures anew.
func (s *Store) SaveBulletin(ctx context.Context, by org.Actor, id int64, d BulletinDraft) error {
	if !Drafts(by) {
		return fault.ErrForbidden
	}
	if err := d.Check(s.today().Year()).Err(); err != nil {
		return err
	}
	figures, err := s.figures(ctx, d.Year, d.Quarter)
	if err != nil {
		return err
	}
	return s.onBulletin(ctx, by, id, "draft", "saved", func(tx *sqlx.Tx, _ Bulletin) error {
		const q = `UPDATE bulletins SET title = $2, body = $3, year = $4, quarter = $5, audience = $6, figures = $7, version = version + 1 WHERE id = $1 AND version = $8`
		return changed(tx.ExecContext(ctx, q, id, d.Title, d.Body, d.Year, d.Quarter, d.Audience, figures, d.Version))
	})
}

// ApproveBulletin is the leading group's word for a draft, as it was shown.
func (s *Store) ApproveBulletin(ctx context.Context, by org.Actor, id int64, version int) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	return s.onBulletin(ctx, by, id, "draft", "approved", func(tx *sqlx.Tx, _ Bulletin) error {
		const q = `UPDATE bulletins SET state = 'approved', approved_by = $2, approved_at = $3 WHERE id = $1 AND version = $4`
		return changed(tx.ExecContext(ctx, q, id, by.Account, s.now(), version))
	})
}

// PublishBulletin gives an approved bulletin its number. From then on nothing of it
// changes: the database refuses.
func (s *Store) PublishBulletin(ctx context.Context, by org.Actor, id int64) error {
	if !Drafts(by) {
		return fault.ErrForbidden
	}
	return s.onBulletin(ctx, by, id, "approved", "published", func(tx *sqlx.Tx, _ Bulletin) error {
		no, err := number(ctx, tx, "bulletin", "TB", s.today().Year())
		if err != nil {
			return err
		}
		const q = `UPDATE bulletins SET state = 'published', no = $2, published_by = $3, published_at = $4 WHERE id = $1`
		return changed(tx.ExecContext(ctx, q, id, no, by.Account, s.now()))
	})
}
