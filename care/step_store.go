package care

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/record"
)

// AddStep adds a step after those there are, or at the same time as the last one. The
// first stage begins at once. The same idem adds it once.
func (s *Cases) AddStep(ctx context.Context, by org.Actor, ref string, d StepDraft, idem string) error {
	if err := d.check(); err != nil {
		return err
	}
	return s.change(ctx, by, ref, "plan", func(tx *sqlx.Tx, c Case) error {
		var id int64
		known, err := same(ctx, tx, `SELECT id FROM onestop_steps WHERE idem = $1`, idem, &id)
		if known || err != nil {
			return err
		}
		if err := activeUnit(ctx, tx, "unit", d.Unit); err != nil {
			return err
		}
		stage := 1
		for _, x := range c.Steps { // in the order of stages
			if stage = x.Stage; !d.Together {
				stage++
			}
		}
		if stage > 40 {
			return ErrMoved
		}
		const q = `INSERT INTO onestop_steps (case_id, stage, unit_id, what, days, shown, state, idem) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7)`
		if _, err := tx.ExecContext(ctx, q, c.ID, stage, d.Unit, d.What, d.Days, d.Shown, idem); err != nil {
			return fmt.Errorf("add step: %w", err)
		}
		if err := record.Append(ctx, tx, by, "onestop.step-added", "onestop:"+c.Ref, map[string]any{"unit": d.Unit, "stage": stage}); err != nil {
			return err
		}
		return s.begin(ctx, tx, c)
	})
}

// FinishStep reports the unit's step as done, with the result for the lead.
func (s *Cases) FinishStep(ctx context.Context, by org.Actor, ref string, step int64, result string) error {
	f := fault.Fields{}
	f.Length("text", result, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, ref, "", func(tx *sqlx.Tx, c Case) error {
		x, ok := c.step(step)
		if !ok {
			return fault.ErrNotFound
		}
		if !by.OfUnit(x.Unit) {
			return fault.ErrForbidden
		}
		if !x.MayFinish(by) {
			return ErrMoved
		}
		return s.endStep(ctx, tx, by, c, x, "done", result)
	})
}

// DropStep takes a step out that turned out to be needless, with the reason.
func (s *Cases) DropStep(ctx context.Context, by org.Actor, ref string, step int64, reason string) error {
	f := fault.Fields{}
	f.Length("text", reason, MinText, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, ref, "plan", func(tx *sqlx.Tx, c Case) error {
		x, ok := c.step(step)
		if !ok {
			return fault.ErrNotFound
		}
		if !x.Ongoing() {
			return ErrMoved
		}
		return s.endStep(ctx, tx, by, c, x, "dropped", reason)
	})
}

// ShowStep lets the company see which unit does a step, or hides it again.
func (s *Cases) ShowStep(ctx context.Context, by org.Actor, ref string, step int64, shown bool) error {
	return s.change(ctx, by, ref, "plan", func(tx *sqlx.Tx, c Case) error {
		if _, ok := c.step(step); !ok {
			return fault.ErrNotFound
		}
		if _, err := tx.ExecContext(ctx, `UPDATE onestop_steps SET shown = $2 WHERE id = $1`, step, shown); err != nil {
			return fmt.Errorf("show step: %w", err)
		}
		return record.Append(ctx, tx, by, "onestop.step-shown", "onestop:"+c.Ref, map[string]any{"step": step, "shown": shown})
	})
}

func (c Case) step(id int64) (Step, bool) {
	for _, x := range c.Steps {
		if x.ID == id {
			return x, true
		}
	}
	return Step{}, false
}

func (s *Cases) endStep(ctx context.Context, tx *sqlx.Tx, by org.Actor, c Case, x Step, state, text string) error {
	const q = `UPDATE onestop_steps SET state = $2, ended_by = $3, ended_at = $4, ending = $5 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, x.ID, state, by.Account, s.now(), text); err != nil {
		return fmt.Errorf("end step: %w", err)
	}
	if err := notify.Settle(ctx, tx, stepTopic(x.ID)); err != nil {
		return err
	}
	if state == "done" {
		m := s.message(c, x, "onestop-step-done")
		m.To = []notify.To{{Unit: c.Lead}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	if err := record.Append(ctx, tx, by, "onestop.step-"+state, "onestop:"+c.Ref, map[string]any{"step": x.ID}); err != nil {
		return err
	}
	return s.begin(ctx, tx, c)
}

func stepTopic(id int64) string { return fmt.Sprintf("onestop-step:%d", id) }

func (s *Cases) message(c Case, x Step, kind string) notify.Message {
	return notify.Message{Kind: kind, Topic: stepTopic(x.ID), Link: "/d/cases/" + c.Ref, Key: fmt.Sprintf("%s-%d", kind, x.ID),
		Args: map[string]string{"Ref": c.Ref, "What": x.What, "Due": "date:" + string(x.Due), "Unit": fmt.Sprintf("unit:%d", x.Unit)}}
}

// begin starts the steps of the first stage that is not over, where none before it is
// open, and posts what reminds of each: the day before its last and the day after it.
func (s *Cases) begin(ctx context.Context, tx *sqlx.Tx, c Case) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	const q = `UPDATE onestop_steps s SET state = 'open', started_at = $2, due_on = d.due::date, calendar_version = $3
		FROM (SELECT unnest($4::int[]) AS days, unnest($5::text[]) AS due) d
		WHERE s.case_id = $1 AND s.state = 'waiting' AND s.days = d.days
			AND s.stage = (SELECT min(o.stage) FROM onestop_steps o WHERE o.case_id = $1 AND o.state IN ('waiting', 'open'))
		RETURNING s.id, s.unit_id, s.what, s.days, to_char(s.due_on, 'YYYY-MM-DD') AS due_on`
	today := calendar.DateOf(s.now())
	days, dues := make([]int64, 60), make([]string, 60)
	for n := range days {
		due, _ := cal.Add(today, n+1)
		days[n], dues[n] = int64(n+1), string(due)
	}
	var begun []Step
	if err := tx.SelectContext(ctx, &begun, q, c.ID, s.now(), cal.ID, pq.Array(days), pq.Array(dues)); err != nil {
		return fmt.Errorf("begin steps: %w", err)
	}
	for _, x := range begun {
		if err := s.call(ctx, tx, cal, c, x); err != nil {
			return err
		}
	}
	return nil
}

// call tells a unit that its step begins and when it is due, and writes what reminds it.
func (s *Cases) call(ctx context.Context, tx *sqlx.Tx, cal *calendar.Calendar, c Case, x Step) error {
	begins := s.message(c, x, "onestop-step")
	begins.To = []notify.To{{Unit: x.Unit}}
	all := []notify.Message{begins}
	if x.Days > 1 {
		before, _ := cal.Add(calendar.DateOf(s.now()), x.Days-1)
		due := s.message(c, x, "onestop-step-due")
		due.To, due.Reminder, due.NotBefore = []notify.To{{Unit: x.Unit}}, true, nine(before)
		all = append(all, due)
	}
	after, _ := cal.Add(x.Due, 1)
	late := s.message(c, x, "onestop-step-late")
	late.To, late.Reminder, late.NotBefore = []notify.To{{Unit: x.Unit, Heads: true}, {Unit: c.Lead}}, true, nine(after)
	for _, m := range append(all, late) {
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return nil
}

// nine is nine in the morning of the day.
func nine(d calendar.Date) time.Time { return d.Time().Add(9 * time.Hour) }
