package feedback

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"

	"pingyi/notify"
	"pingyi/org"
)

// tell posts the messages of an act in its transaction, after the issue was changed and
// the event written, and drops the reminders it made needless.
func (s *Store) tell(ctx context.Context, tx *sqlx.Tx, issue IssueID, act Act, event int64) error {
	var i told
	const q = `SELECT i.ref, i.origin, coalesce(i.company_id, 0) AS company_id, coalesce(i.lead_unit_id, 0) AS lead, i.state, coalesce(to_char(i.deadline_on, 'YYYY-MM-DD'), '') AS due_on,
			coalesce(i.queue_reason, '') AS queue_reason, coalesce(o.no, '') AS order_no, coalesce(to_char(o.deadline_on, 'YYYY-MM-DD'), '') AS order_due
		FROM issues i LEFT JOIN LATERAL (SELECT no, deadline_on FROM orders WHERE issue_id = i.id ORDER BY id DESC LIMIT 1) o ON true WHERE i.id = $1`
	if err := tx.GetContext(ctx, &i, q, issue); err != nil {
		return fmt.Errorf("read whom to tell: %w", err)
	}
	if act == ActOrder {
		const coop = `SELECT x.unit_id FROM order_units x JOIN orders o ON o.id = x.order_id WHERE o.no = $1 ORDER BY x.unit_id`
		if err := tx.SelectContext(ctx, &i.Cooperating, coop, i.Order); err != nil {
			return fmt.Errorf("read co-operating units: %w", err)
		}
	}
	if settling[act] {
		if err := notify.Settle(ctx, tx, "issue:"+i.Ref); err != nil {
			return err
		}
	}
	for _, m := range i.messages(act) {
		if len(m.To) == 0 {
			continue // nobody knows whose the issue is
		}
		m.Topic, m.Args, m.Key = "issue:"+i.Ref, i.args(), fmt.Sprintf("%s:event:%d", m.Kind, event)
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return nil
}

// unitArgs adds the unit to the values of a text, when there is one.
func unitArgs(unit org.UnitID, args map[string]string) map[string]string {
	if unit != 0 {
		args["Unit"] = "unit:" + strconv.FormatInt(int64(unit), 10)
	}
	return args
}

// tellOfSheet tells both offices that a sheet has come.
func (s *Store) tellOfSheet(ctx context.Context, tx *sqlx.Tx, no string, unit org.UnitID) error {
	return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "sheet-arrived", To: []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}},
		Topic: "sheet:" + no, Link: "/o/sheets/" + no, Key: "sheet-arrived:" + no, Args: unitArgs(unit, map[string]string{"No": no})})
}

// tellOfVisit asks the company for the sheet of a visit.
func (s *Store) tellOfVisit(ctx context.Context, tx *sqlx.Tx, id VisitID, company org.CompanyID, unit org.UnitID, r VisitRecord) error {
	visit := strconv.FormatInt(int64(id), 10)
	return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "sheet-wanted", To: []notify.To{{Company: company}},
		Topic: "visit:" + visit, Link: "/c/visits/" + visit, Key: "sheet-wanted:" + visit, Args: unitArgs(unit, map[string]string{"Date": "date:" + r.On})})
}
