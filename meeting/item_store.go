package meeting

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const itemColumns = `SELECT i.id, i.meeting_id, i.kind, coalesce(i.company_id, 0) AS company_id,
	coalesce(c.name_zh, '') AS "company.name_zh", coalesce(c.name_en, '') AS "company.name_en", coalesce(c.name_ru, '') AS "company.name_ru",
	i.body, i.reply, i.replied_at, coalesce(i.issue_ref, '') AS issue_ref, (SELECT count(*) FROM decisions WHERE item_id = i.id) AS decisions
	FROM meeting_items i LEFT JOIN companies c ON c.id = i.company_id `

// Items returns what was on the table of a meeting.
func (s *Store) Items(ctx context.Context, by org.Actor, id ID) ([]Item, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	return s.items(ctx, s.db, id)
}

func (s *Store) items(ctx context.Context, q sqlx.QueryerContext, id ID) ([]Item, error) {
	var out []Item
	if err := sqlx.SelectContext(ctx, q, &out, itemColumns+`WHERE i.meeting_id = $1 ORDER BY i.kind <> 'topic', i.id`, id); err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	return out, nil
}

// Item returns one item of a meeting.
func (s *Store) Item(ctx context.Context, by org.Actor, id ID, item int64) (Item, error) {
	all, err := s.Items(ctx, by, id)
	if err != nil {
		return Item{}, err
	}
	for _, i := range all {
		if i.ID == item {
			return i, nil
		}
	}
	return Item{}, fault.ErrNotFound
}

// AddItem puts an item on the table. The same idem adds it once.
func (s *Store) AddItem(ctx context.Context, by org.Actor, id ID, d ItemDraft, idem string) error {
	return s.act(ctx, by, id, "item-added", []State{Called, Held}, func(tx *sqlx.Tx, m Meeting) error {
		if err := d.check(m.Kind).Err(); err != nil {
			return err
		}
		known, err := once(ctx, tx, "meeting_items", idem)
		if err != nil || known != 0 {
			return err
		}
		company := d.Company
		if d.Kind == "topic" {
			company = 0
		}
		const q = `INSERT INTO meeting_items (meeting_id, kind, company_id, body, added_by, added_at, idem)
			SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $3::bigint IS NULL OR EXISTS (SELECT FROM companies WHERE id = $3)`
		res, err := tx.ExecContext(ctx, q, id, d.Kind, orNull(company), d.Body, by.Account, s.now(), idem)
		if err != nil {
			return fmt.Errorf("add item: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Field("company", "meeting.company-missing")
		}
		return nil
	})
}

// Reply answers an item: an opinion or a suggestion is replied to, of a problem it is
// said why it becomes no issue, of a topic what came of it. The company is told.
func (s *Store) Reply(ctx context.Context, by org.Actor, id ID, item int64, text string) error {
	f := fault.Fields{}
	f.Length("reply", text, minText, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, id, "item-replied", []State{Called, Held, Issued, Followed}, func(tx *sqlx.Tx, m Meeting) error {
		res, err := tx.ExecContext(ctx, `UPDATE meeting_items SET reply = $3, replied_at = $4 WHERE id = $1 AND meeting_id = $2 AND issue_ref IS NULL AND reply = ''`, item, id, text, s.now())
		if err := changed(res, err); err != nil {
			return err
		}
		var company org.CompanyID
		if err := tx.GetContext(ctx, &company, `SELECT coalesce(company_id, 0) FROM meeting_items WHERE id = $1`, item); err != nil || company == 0 {
			return err
		}
		return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "meeting-replied", To: []notify.To{{Company: company}}, Topic: fmt.Sprintf("meeting:%d", id),
			Link: "/c/meetings", Args: map[string]string{"Title": m.Title}, Key: fmt.Sprintf("meeting-replied:%d", item)})
	})
}

// RaiseIssue makes a problem of an open-dialogue meeting an issue of the company with a
// number, by the office's own intake. Asked twice it is one issue.
func (s *Store) RaiseIssue(ctx context.Context, by org.Actor, id ID, item int64, d feedback.IssueDraft) (string, error) {
	m, err := s.Get(ctx, by, id)
	if err != nil {
		return "", err
	}
	i, err := s.Item(ctx, by, id, item)
	if err != nil {
		return "", err
	}
	switch {
	case i.IssueRef != "":
		return i.IssueRef, nil
	case i.Kind != "problem" || i.Reply != "" || m.State == Closed:
		return "", ErrState
	}
	in := feedback.OfficeIntake{IssueDraft: d, Company: i.Company, Channel: "meeting", Source: m.Title}
	ref, err := s.fb.RaiseByOffice(ctx, by, in, fmt.Sprintf("meeting-item-%d", item))
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE meeting_items SET issue_ref = $2 WHERE id = $1 AND issue_ref IS NULL`, item, ref); err != nil {
			return fmt.Errorf("link the issue: %w", err)
		}
		return record.Append(ctx, tx, by, "meeting.issue-raised", fmt.Sprintf("meeting:%d", id), map[string]any{"item": item, "issue": ref})
	})
	return ref, err
}
