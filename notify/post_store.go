package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
)

// Post writes the message into tx, the transaction of the act it tells of, for
// everybody it is for. Posting the same key again adds receivers who were not told
// yet and changes nothing for the others.
func Post(ctx context.Context, tx *sqlx.Tx, now time.Time, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	args := m.Args
	if args == nil {
		args = map[string]string{}
	}
	doc, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("write the values of %s: %w", m.Kind, err)
	}
	var id int64
	const q = `INSERT INTO messages (kind, topic, link, args, key, reminder, posted_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT ON CONSTRAINT messages_key_key DO UPDATE SET key = excluded.key RETURNING id`
	if err := tx.GetContext(ctx, &id, q, m.Kind, m.Topic, m.Link, doc, m.Key, m.Reminder, now); err != nil {
		return fmt.Errorf("post %s: %w", m.Kind, err)
	}
	visible := now
	if m.NotBefore.After(now) {
		visible = m.NotBefore
	}
	return address(ctx, tx, id, m, now, visible)
}

// receivers finds who is meant: nobody whose account is closed, no member of a body
// whose membership has ended, and of a company without people the company itself. A
// unit without a head's account is told as a whole. $1 accounts, $2 companies,
// $3 units, $4 units whose head is meant, $5 bodies, $6 the day.
var receivers = `
	SELECT a.id AS account, NULL::bigint AS company, NULL::bigint AS body FROM accounts a
	WHERE a.disabled_at IS NULL AND (a.id = ANY($1)
		OR a.role = 'company' AND a.company_id = ANY($2)
		OR a.role IN ('head', 'officer') AND a.unit_id = ANY($3)
		OR a.role IN ('head', 'officer') AND a.unit_id = ANY($4) AND (a.role = 'head' OR NOT EXISTS
			(SELECT FROM accounts h WHERE h.unit_id = a.unit_id AND h.role = 'head' AND h.disabled_at IS NULL)))
	UNION ALL
	SELECT NULL, c.id, NULL FROM companies c WHERE c.id = ANY($2)
		AND NOT EXISTS (SELECT FROM accounts a WHERE a.company_id = c.id AND a.disabled_at IS NULL)
	UNION ALL
	SELECT a.id, NULL, b.id FROM bodies b JOIN accounts a ON a.body_id = b.id
	WHERE b.kind = ANY($5) AND a.disabled_at IS NULL AND ` + speaksFor + ` AND ` + sits("$6")

// speaksFor: the members of a body who act for it; others at the same desk (clerks)
// have no part in what is written to it.
const speaksFor = `a.role = CASE b.kind WHEN 'leading_group' THEN 'leader' WHEN 'party_office' THEN 'receiver' WHEN 'government_office' THEN 'receiver' ELSE b.kind END`

// sits is the condition that account a belongs to body b on the day: of the leading
// group its present members, of other bodies everybody but those whose membership has
// ended.
func sits(day string) string {
	return `(EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id AND m.body_id = b.id AND m.from_on <= ` + day + ` AND (m.until_on IS NULL OR m.until_on > ` + day + `))
		OR b.kind <> 'leading_group' AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = a.id AND m.body_id = b.id))`
}

// address writes a notice for every receiver.
func address(ctx context.Context, tx *sqlx.Tx, id int64, m Message, now, visible time.Time) error {
	var accounts, companies, units, heads []int64
	var bodies []string
	for _, to := range m.To {
		switch {
		case to.Account != 0:
			accounts = append(accounts, int64(to.Account))
		case to.Company != 0:
			companies = append(companies, int64(to.Company))
		case to.Heads:
			heads = append(heads, int64(to.Unit))
		case to.Unit != 0:
			units = append(units, int64(to.Unit))
		default:
			bodies = append(bodies, string(to.Body))
		}
	}
	q := `INSERT INTO notices (message_id, account_id, company_id, body_id, visible_at)
		SELECT DISTINCT ON (account, company) $7::bigint, account, company, body, $8::timestamptz FROM (` + receivers + `) r
		ORDER BY account, company, body NULLS FIRST ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, q, pq.Array(accounts), pq.Array(companies), pq.Array(units), pq.Array(heads), pq.Array(bodies),
		calendar.DateOf(now), id, visible); err != nil {
		return fmt.Errorf("address %s: %w", m.Kind, err)
	}
	return nil
}

// Settle drops the reminders of a topic that nobody needs any more, in the
// transaction of the act that made them needless.
func Settle(ctx context.Context, tx *sqlx.Tx, topic string) error {
	const q = `UPDATE notices SET settled = true WHERE NOT settled AND message_id IN (SELECT id FROM messages WHERE topic = $1 AND reminder)`
	if _, err := tx.ExecContext(ctx, q, topic); err != nil {
		return fmt.Errorf("settle %s: %w", topic, err)
	}
	const drop = `UPDATE deliveries d SET state = 'dropped' FROM notices n JOIN messages m ON m.id = n.message_id
		WHERE m.topic = $1 AND m.reminder AND d.notice_id = n.id AND d.state = 'waiting'`
	if _, err := tx.ExecContext(ctx, drop, topic); err != nil {
		return fmt.Errorf("drop reminders of %s: %w", topic, err)
	}
	return nil
}
