package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// change runs do on a case that the actor may see, under its lock, with all its steps.
func (s *Cases) change(ctx context.Context, by org.Actor, ref, act string, do func(tx *sqlx.Tx, c Case) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		c, err := s.read(ctx, tx, by, ref, ` FOR UPDATE OF x`)
		if err != nil {
			return err
		}
		if act != "" && !c.May(by, act) {
			if act != "open" && !by.OfUnit(c.Lead) {
				return fault.ErrForbidden
			}
			if act == "close" && c.State == "open" {
				return ErrOpenStep
			}
			return ErrMoved
		}
		return do(tx, c)
	})
}

// Open takes a case that a company asked for: it names the unit that leads it and the
// person the company deals with.
func (s *Cases) Open(ctx context.Context, by org.Actor, ref string, lead org.UnitID, contact, phone string) error {
	f := fault.Fields{}
	checkContact(f, lead, contact, phone)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, ref, "open", func(tx *sqlx.Tx, c Case) error {
		if err := activeUnit(ctx, tx, "lead", lead); err != nil {
			return err
		}
		const q = `UPDATE onestop_cases SET state = 'open', lead_unit_id = $2, contact = $3, phone = $4, opened_at = $5 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, c.ID, lead, contact, phone, s.now()); err != nil {
			return fmt.Errorf("open case: %w", err)
		}
		c.Lead, c.Contact, c.Phone = lead, contact, phone
		return s.acted(ctx, tx, by, c, "open")
	})
}

// Decline refuses to open a case, with the reason the company is told.
func (s *Cases) Decline(ctx context.Context, by org.Actor, ref, reason string) error {
	return s.end(ctx, by, ref, "open", "declined", reason)
}

// Close ends a case with the result the company is told; ErrOpenStep while a step is
// open or none was done.
func (s *Cases) Close(ctx context.Context, by org.Actor, ref, result string) error {
	return s.end(ctx, by, ref, "close", "closed", result)
}

func (s *Cases) end(ctx context.Context, by org.Actor, ref, act, state, text string) error {
	f := fault.Fields{}
	f.Length("text", text, 4, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, ref, act, func(tx *sqlx.Tx, c Case) error {
		const q = `UPDATE onestop_cases SET state = $2, ended_by = $3, ended_at = $4, ending = $5 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, c.ID, state, by.Account, s.now(), text); err != nil {
			return fmt.Errorf("end case: %w", err)
		}
		return s.acted(ctx, tx, by, c, state)
	})
}

// SetContact names another person the company deals with from now on.
func (s *Cases) SetContact(ctx context.Context, by org.Actor, ref, contact, phone string) error {
	return s.change(ctx, by, ref, "plan", func(tx *sqlx.Tx, c Case) error {
		f := fault.Fields{}
		checkContact(f, c.Lead, contact, phone)
		if err := f.Err(); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE onestop_cases SET contact = $2, phone = $3 WHERE id = $1`, c.ID, contact, phone); err != nil {
			return fmt.Errorf("set contact: %w", err)
		}
		c.Contact, c.Phone = contact, phone
		return s.acted(ctx, tx, by, c, "contact")
	})
}

// same lets one transaction with the key on at a time, and reads what an earlier one
// with it made; known: there is one.
func same(ctx context.Context, tx *sqlx.Tx, q, idem string, made any) (known bool, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 27))`, idem); err != nil {
		return false, fmt.Errorf("wait for the same post: %w", err)
	}
	err = tx.GetContext(ctx, made, q, idem)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the same post: %w", err)
	}
	return true, nil
}

// number draws the next number of a kind of document in a year, without gaps.
func number(ctx context.Context, tx *sqlx.Tx, kind, form string, year int) (string, error) {
	const q = `INSERT INTO document_numbers (kind, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, year) DO UPDATE SET last = document_numbers.last + 1 RETURNING last`
	var n int
	if err := tx.GetContext(ctx, &n, q, kind, year); err != nil {
		return "", fmt.Errorf("draw a number of %s: %w", kind, err)
	}
	return fmt.Sprintf(form, year, n), nil
}

// activeUnit refuses a unit that is not (0 is no unit, and passes).
func activeUnit(ctx context.Context, tx *sqlx.Tx, field string, unit org.UnitID) error {
	var ok bool
	if err := tx.GetContext(ctx, &ok, `SELECT $1 = 0 OR EXISTS (SELECT FROM units WHERE id = $1 AND active)`, unit); err != nil {
		return fmt.Errorf("look for the unit: %w", err)
	}
	if !ok {
		return fault.Field(field, "onestop.unit-missing")
	}
	return nil
}
