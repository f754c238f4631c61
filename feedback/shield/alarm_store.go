package shield

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// NewCode draws an alarm code for the actor's company; the one before it ends. The
// code is shown once and kept as a hash. Nothing is written into the audit log: that a
// company has a code is nobody's business.
func (s *Store) NewCode(ctx context.Context, by org.Actor) (string, error) {
	if by.Role != org.RoleCompany {
		return "", fault.ErrForbidden
	}
	code := drawCode()
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE alarm_codes SET ended_on = $2 WHERE company_id = $1 AND ended_on IS NULL`, by.Company, s.today()); err != nil {
			return fmt.Errorf("end the code: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO alarm_codes (code_hash, company_id, made_on) VALUES ($1, $2, $3)`, hashCode(code), by.Company, s.today())
		return err
	})
	return code, err
}

// RaiseAlarm is a company's silent alarm, by its code without signing in or from its
// account. It reaches the supervision office alone: the audit log holds that an alarm
// was raised, not by whom, and no text. It returns the alarm's number.
func (s *Store) RaiseAlarm(ctx context.Context, by org.Actor, d AlarmDraft, idem string) (string, error) {
	company, channel := by.Company, "account"
	if by.Role != org.RoleCompany {
		company, channel = 0, "code"
	}
	f := fault.Fields{}
	if channel == "code" {
		var ids []org.CompanyID
		if err := s.db.SelectContext(ctx, &ids, `SELECT company_id FROM alarm_codes WHERE code_hash = $1 AND ended_on IS NULL`, hashCode(d.Code)); err != nil {
			return "", fmt.Errorf("look for the code: %w", err)
		}
		if len(ids) == 0 || normalCode(d.Code) == "" {
			f.Add("code", "shield.code-unknown")
		} else {
			company = ids[0]
		}
	}
	f.Length("text", d.Text, MinText, MaxText)
	if err := f.Err(); err != nil {
		return "", err
	}
	var no string
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var known []string
		if err := tx.SelectContext(ctx, &known, `SELECT no FROM alarms WHERE idem = $1`, idem); err != nil {
			return fmt.Errorf("look for the alarm: %w", err)
		}
		if len(known) > 0 {
			no = known[0]
			return nil
		}
		var err error
		if no, err = number(ctx, tx, "alarm", "JB-%d-%03d", s.today().Year()); err != nil {
			return err
		}
		const q = `INSERT INTO alarms (no, company_id, unit_id, text, channel, raised_at, idem) VALUES ($1, $2, (SELECT id FROM units WHERE id = $3), $4, $5, $6, $7)`
		if _, err := tx.ExecContext(ctx, q, no, company, d.Unit, d.Text, channel, s.now(), idem); err != nil {
			return fmt.Errorf("raise alarm: %w", err)
		}
		m := notify.Message{Kind: "shield-alarm", Topic: "alarm:" + no, Link: "/o/shield/alarms/" + no, Key: "shield-alarm-" + no, To: []notify.To{{Body: org.BodySupervision}}, Args: map[string]string{"No": no}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, org.Public, "alarm.raised", "alarm:"+no, nil)
	})
	return no, err
}

const alarmColumns = `x.id, x.no, x.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", coalesce(x.unit_id, 0) AS unit_id,
	x.text, x.channel, x.raised_at, x.state, coalesce(x.proven_unit, 0) AS proven_unit, x.decision, x.heard, coalesce(a.name, '') AS decider, x.decided_at
	FROM alarms x JOIN companies c ON c.id = x.company_id LEFT JOIN accounts a ON a.id = x.decided_by `

// Alarms returns the alarms, open ones first, to the supervision office alone.
func (s *Store) Alarms(ctx context.Context, by org.Actor) ([]Alarm, error) {
	if !watches(by) {
		return nil, fault.ErrNotFound
	}
	var out []Alarm
	if err := s.db.SelectContext(ctx, &out, `SELECT `+alarmColumns+`ORDER BY x.state IN ('proven', 'dismissed'), x.raised_at DESC LIMIT 200`); err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	return out, nil
}

// OwnAlarms returns the alarms that a company raised from its account, without the
// supervision office's notes: when, and whether it was decided.
func (s *Store) OwnAlarms(ctx context.Context, by org.Actor) ([]Alarm, error) {
	if by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []Alarm
	if err := s.db.SelectContext(ctx, &out, `SELECT `+alarmColumns+`WHERE x.company_id = $1 AND x.channel = 'account' ORDER BY x.raised_at DESC LIMIT 50`, by.Company); err != nil {
		return nil, fmt.Errorf("list own alarms: %w", err)
	}
	for i := range out {
		out[i].Decision, out[i].Heard, out[i].Decider = "", "", ""
	}
	return out, nil
}

// Alarm returns one alarm with what was done about it.
func (s *Store) Alarm(ctx context.Context, by org.Actor, no string) (Alarm, error) {
	if !watches(by) {
		return Alarm{}, fault.ErrNotFound
	}
	var list []Alarm
	if err := s.db.SelectContext(ctx, &list, `SELECT `+alarmColumns+`WHERE x.no = $1`, no); err != nil {
		return Alarm{}, fmt.Errorf("read alarm: %w", err)
	}
	if len(list) == 0 {
		return Alarm{}, fault.ErrNotFound
	}
	const notes = `SELECT n.text, a.name AS by_name, n.at FROM alarm_notes n JOIN accounts a ON a.id = n.by_account WHERE n.alarm_id = $1 ORDER BY n.id`
	if err := s.db.SelectContext(ctx, &list[0].Notes, notes, list[0].ID); err != nil {
		return Alarm{}, fmt.Errorf("read the alarm's notes: %w", err)
	}
	return list[0], nil
}

// NoteAlarm writes down a step of handling an alarm.
func (s *Store) NoteAlarm(ctx context.Context, by org.Actor, no, text, idem string) error {
	if !watches(by) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("note", text, 5, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.onAlarm(ctx, by, no, "alarm.noted", func(tx *sqlx.Tx, x Alarm) error {
		if x.State == "proven" || x.State == "dismissed" {
			return ErrDecided
		}
		if _, err := tx.ExecContext(ctx, `UPDATE alarms SET state = 'handling' WHERE id = $1`, x.ID); err != nil {
			return fmt.Errorf("take the alarm up: %w", err)
		}
		const q = `INSERT INTO alarm_notes (alarm_id, text, by_account, at, idem) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT alarm_notes_idem_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, x.ID, text, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("note: %w", err)
		}
		return nil
	})
}

// DecideAlarm ends an alarm; proven retaliation is a veto fact of the unit's year.
func (s *Store) DecideAlarm(ctx context.Context, by org.Actor, no string, r Ruling) error {
	if !watches(by) {
		return fault.ErrForbidden
	}
	if err := r.check(); err != nil {
		return err
	}
	return s.onAlarm(ctx, by, no, "alarm.decided", func(tx *sqlx.Tx, x Alarm) error {
		if x.State == r.Word && x.Decision == r.Text {
			return nil // the same post again
		}
		if x.State == "proven" || x.State == "dismissed" {
			return ErrDecided
		}
		const q = `UPDATE alarms SET state = $2, proven_unit = $3, decision = $4, heard = $5, decided_by = $6, decided_at = $7 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, x.ID, r.Word, orNull(r.unit()), r.Text, r.Heard, by.Account, s.now()); err != nil {
			return fmt.Errorf("decide alarm: %w", err)
		}
		return s.veto(ctx, tx, by, no, r)
	})
}

// onAlarm does something to an alarm with its row locked, and records it.
func (s *Store) onAlarm(ctx context.Context, by org.Actor, no, action string, do func(tx *sqlx.Tx, x Alarm) error) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var list []Alarm
		if err := tx.SelectContext(ctx, &list, `SELECT `+alarmColumns+`WHERE x.no = $1 FOR UPDATE OF x`, no); err != nil {
			return fmt.Errorf("lock alarm: %w", err)
		}
		if len(list) == 0 {
			return fault.ErrNotFound
		}
		if err := do(tx, list[0]); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, action, "alarm:"+no, nil)
	})
}

// Waiting counts what waits for the supervision office here.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if !watches(by) {
		return nil, nil
	}
	var n int
	const q = `SELECT (SELECT count(*) FROM alarms WHERE state = 'new') + (SELECT count(*) FROM shield_watches WHERE state = 'open')`
	if err := s.db.GetContext(ctx, &n, q); err != nil {
		return nil, fmt.Errorf("count alarms that wait: %w", err)
	}
	return map[string]int{"shield": n}, nil
}
