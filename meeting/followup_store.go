package meeting

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
)

// follow does one step of the follow-up: the decision's row is locked, the same idem
// is the same step, the decision must be in the state from.
func (s *Store) follow(ctx context.Context, by org.Actor, id int64, from, kind, body, idem string, may func(Decision) bool, do func(tx *sqlx.Tx, d Decision) error) error {
	unit, err := unitOf(by)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var d Decision
		err := tx.GetContext(ctx, &d, decisionColumns+sees+`AND d.id = $2 FOR UPDATE OF d, m`, unit, id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock decision: %w", err)
		}
		if !may(d) {
			return fault.ErrForbidden
		}
		known, err := once(ctx, tx, "decision_events", idem)
		if err != nil || known != 0 {
			return err
		}
		if d.State != from {
			return ErrState
		}
		if err := do(tx, d); err != nil {
			return err
		}
		return s.step(ctx, tx, by, id, kind, body, idem)
	})
}

// ReportDone is the lead unit's report that a decision is carried out; the convener
// is told and the reminders stop.
func (s *Store) ReportDone(ctx context.Context, by org.Actor, id int64, text, idem string) error {
	f := fault.Fields{}
	f.Length("report", text, minMinutes, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	lead := func(d Decision) bool { return by.OfUnit(d.Lead) }
	return s.follow(ctx, by, id, "issued", "report", text, idem, lead, func(tx *sqlx.Tx, d Decision) error {
		if err := changed(tx.ExecContext(ctx, `UPDATE decisions SET state = 'reported', reported_at = $2 WHERE id = $1`, id, s.now())); err != nil {
			return err
		}
		topic := fmt.Sprintf("decision:%d", id)
		if err := notify.Settle(ctx, tx, topic); err != nil {
			return err
		}
		return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "meeting-reported", To: []notify.To{{Account: d.Convener}}, Topic: topic,
			Link: fmt.Sprintf("/l/decisions/%d", id), Args: map[string]string{"No": d.No, "Unit": fmt.Sprintf("unit:%d", d.Lead)}, Key: "meeting-reported:" + idem})
	})
}

// Accept is the convener's acceptance of a reported decision. With the last one the
// meeting is followed up.
func (s *Store) Accept(ctx context.Context, by org.Actor, id int64, idem string) error {
	convener := func(d Decision) bool { return d.Convenes(by) }
	return s.follow(ctx, by, id, "reported", "accept", "", idem, convener, func(tx *sqlx.Tx, d Decision) error {
		const q = `UPDATE decisions SET state = 'accepted', accepted_at = $2, accepted_by = $3 WHERE id = $1`
		if err := changed(tx.ExecContext(ctx, q, id, s.now(), by.Account)); err != nil {
			return err
		}
		const m = `UPDATE meetings SET state = 'followed', followed_at = $2 WHERE id = $1 AND state = 'issued'
			AND NOT EXISTS (SELECT FROM decisions WHERE meeting_id = $1 AND state <> 'accepted')`
		if _, err := tx.ExecContext(ctx, m, d.Meeting, s.now()); err != nil {
			return fmt.Errorf("mark the meeting followed up: %w", err)
		}
		return s.tellUnit(ctx, tx, d, "accepted", idem)
	})
}

// SendBack returns a report that does not do; the decision runs on under its old day.
func (s *Store) SendBack(ctx context.Context, by org.Actor, id int64, why, idem string) error {
	f := fault.Fields{}
	f.Length("why", why, minText, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	convener := func(d Decision) bool { return d.Convenes(by) }
	return s.follow(ctx, by, id, "reported", "return", why, idem, convener, func(tx *sqlx.Tx, d Decision) error {
		if err := changed(tx.ExecContext(ctx, `UPDATE decisions SET state = 'issued', reported_at = NULL WHERE id = $1`, id)); err != nil {
			return err
		}
		return s.tellUnit(ctx, tx, d, "returned", idem)
	})
}

func (s *Store) tellUnit(ctx context.Context, tx *sqlx.Tx, d Decision, what, idem string) error {
	return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "meeting-" + what, To: []notify.To{{Unit: d.Lead}}, Topic: fmt.Sprintf("decision:%d", d.ID),
		Link: fmt.Sprintf("/d/decisions/%d", d.ID), Args: map[string]string{"No": d.No}, Key: "meeting-" + what + ":" + idem})
}

// Waiting counts what waits for the actor in the meetings' part of the portal, by the
// names of the navigation's sections.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	n := map[string]int{}
	var count int
	var err error
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer):
		err = s.db.GetContext(ctx, &count, `SELECT count(*) FROM decisions WHERE lead_unit_id = $1 AND state = 'issued'`, by.Unit)
		n["decisions"] = count
	case by.IsLeader():
		err = s.db.GetContext(ctx, &count, `SELECT count(*) FROM decisions d JOIN meetings m ON m.id = d.meeting_id WHERE d.state = 'reported' AND m.convener = $1`, by.Account)
		n["meetings"] = count
	case by.Role == org.RoleCompany:
		const q = `SELECT count(*) FROM invitations i JOIN meetings m ON m.id = i.meeting_id WHERE i.company_id = $1 AND i.answer IS NULL AND m.state = 'called'`
		err = s.db.GetContext(ctx, &count, q, by.Company)
		n["invitations"] = count
	}
	if err != nil {
		return nil, fmt.Errorf("count what waits of meetings: %w", err)
	}
	return n, nil
}
