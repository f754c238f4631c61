package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// open locks the project of an open hand-over and reads both; ErrHandoverOver when it
// was answered in the meantime.
func (s *Contacts) open(ctx context.Context, tx *sqlx.Tx, id HandoverID) (Handover, held, error) {
	var x Handover
	err := tx.GetContext(ctx, &x, handoverColumns+`WHERE h.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return x, held{}, fault.ErrNotFound
	}
	if err != nil {
		return x, held{}, fmt.Errorf("read hand-over: %w", err)
	}
	h, err := lockProject(ctx, tx, x.Project)
	if err != nil {
		return x, h, err
	}
	if err := tx.GetContext(ctx, &x.State, `SELECT state FROM contact_handovers WHERE id = $1`, id); err != nil {
		return x, h, fmt.Errorf("read hand-over: %w", err)
	}
	return x, h, nil
}

// Accept takes the project over from the day on, with the unit's own person: the unit
// that was asked does. The same again changes nothing.
func (s *Contacts) Accept(ctx context.Context, by org.Actor, id HandoverID, d ContactDraft) error {
	f := d.person()
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		x, h, err := s.open(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !by.OfUnit(x.To):
			return fault.ErrNotFound
		case x.State == HandoverAccepted && h.Unit == x.To && h.Person == d.Person:
			return nil
		case x.State != HandoverOpen || h.Unit != x.From:
			return ErrHandoverOver
		}
		on := d.day(h.From, s.today(), f)
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.end(ctx, tx, by, x, HandoverAccepted, "", on); err != nil {
			return err
		}
		d.Unit = x.To
		if err := s.begin(ctx, tx, by, x.Project, h, d, on, id, "contact.accepted"); err != nil {
			return err
		}
		return s.tellSender(ctx, tx, x, h, "contact-accepted")
	})
}

// Decline says no to a hand-over with a reason; the present unit stays.
func (s *Contacts) Decline(ctx context.Context, by org.Actor, id HandoverID, reason string) error {
	f := fault.Fields{}
	f.Length("answer", reason, 4, maxHandoverText)
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		x, h, err := s.open(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !by.OfUnit(x.To):
			return fault.ErrNotFound
		case x.State != HandoverOpen:
			return ErrHandoverOver
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.end(ctx, tx, by, x, HandoverDeclined, reason, ""); err != nil {
			return err
		}
		if err := s.tellSender(ctx, tx, x, h, "contact-declined"); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "contact.declined", fmt.Sprintf("project:%d", x.Project), map[string]any{"handover": id})
	})
}

// Withdraw takes a proposal back that nobody answered yet: the side that made it does.
func (s *Contacts) Withdraw(ctx context.Context, by org.Actor, id HandoverID) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		x, _, err := s.open(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !by.OfUnit(x.By) && (x.By != 0 || !KeepsContacts(by)):
			return fault.ErrNotFound
		case x.State != HandoverOpen:
			return ErrHandoverOver
		}
		if err := s.end(ctx, tx, by, x, HandoverWithdrawn, "", ""); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "contact.withdrawn", fmt.Sprintf("project:%d", x.Project), map[string]any{"handover": id})
	})
}

func (s *Contacts) end(ctx context.Context, tx *sqlx.Tx, by org.Actor, x Handover, state, answer string, on calendar.Date) error {
	const q = `UPDATE contact_handovers SET state = $2, answer = $3, on_day = nullif($4, '')::date, answered_by = $5, answered_at = $6 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, x.ID, state, answer, string(on), by.Account, s.now()); err != nil {
		return fmt.Errorf("answer a hand-over: %w", err)
	}
	return notify.Settle(ctx, tx, contactTopic(x.Project))
}

// tellSender tells the unit that hands over, and the office that proposed it, how the
// other side answered.
func (s *Contacts) tellSender(ctx context.Context, tx *sqlx.Tx, x Handover, h held, kind string) error {
	m := notify.Message{Kind: "contact-accepted", To: []notify.To{{Unit: x.From}}, Topic: contactTopic(x.Project), Link: "/d/contacts",
		Key: fmt.Sprintf("%s:%d", kind, x.ID), Args: map[string]string{"No": h.No, "Unit": unitWord(x.To)}}
	if kind != m.Kind {
		m.Kind = "contact-declined"
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil || x.By != 0 {
		return err
	}
	m.To, m.Link, m.Key = []notify.To{{Body: org.BodyGovernmentOffice}}, fmt.Sprintf("/o/contacts/%d", x.Project), m.Key+":office"
	return notify.Post(ctx, tx, s.now(), m)
}
