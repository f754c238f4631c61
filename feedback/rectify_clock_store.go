package feedback

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// RemindSheets is one round of the clock of sheets: companies are reminded of those that have not come, and whoever has a rectification or a general
// notice whose limit nears or has passed is reminded, each step once; on the first working day
// of a month the general notices go out. It returns how many reminders and notices it made.
func (s *Store) RemindSheets(ctx context.Context) (int, error) {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return 0, err
	}
	var refs []string
	if err := s.db.SelectContext(ctx, &refs, `SELECT ref FROM rectifications WHERE remind_at <= $1 AND closed_at IS NULL ORDER BY remind_at, id`, s.now()); err != nil {
		return 0, fmt.Errorf("find rectifications to remind of: %w", err)
	}
	n := 0
	for _, ref := range refs {
		if err := s.remindRectification(ctx, ref, cal); err != nil {
			return n, err
		}
		n++
	}
	notices, err := s.remindNotices(ctx, cal)
	if err != nil {
		return n, err
	}
	sheets, err := s.remindOfSheets(ctx, cal)
	if err != nil {
		return n, err
	}
	sent, err := s.sendNotices(ctx, cal)
	return n + notices + sheets + sent, err
}

func (s *Store) remindRectification(ctx context.Context, ref string, cal *calendar.Calendar) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var r Rectification
		if err := tx.GetContext(ctx, &r, `SELECT `+rectifyColumns+rectifyTables+`WHERE r.ref = $1 FOR UPDATE OF r`, ref); err != nil {
			return fmt.Errorf("lock rectification: %w", err)
		}
		step, next := due(r.reminders(cal), s.today())
		if _, err := tx.ExecContext(ctx, `UPDATE rectifications SET remind_at = $2 WHERE id = $1`, r.ID, next); err != nil {
			return fmt.Errorf("set the clock of the rectification: %w", err)
		}
		if step == "" || r.Over() {
			return nil
		}
		for _, m := range r.remind(step) {
			m.Topic, m.Reminder, m.Key = "rectify:"+r.Ref, true, fmt.Sprintf("%s:%s:%s:%s:%s", m.Kind, r.Ref, step, r.Waits(), r.State)
			m.Args = map[string]string{"Ref": r.Ref, "Date": "date:" + string(r.Waits())}
			if err := notify.Post(ctx, tx, s.now(), m); err != nil {
				return err
			}
		}
		return nil
	})
}

// remind says who hears of a step: whoever has it, later the unit's head and supervision.
func (r Rectification) remind(step string) []notify.Message {
	kind := "rectify-remind"
	if step == "over" || step == "answer-over" || step == "supervision" {
		kind = "rectify-overdue"
	}
	office := notify.Message{Kind: kind, To: bothOffices, Link: "/o/rectifications/" + r.Ref}
	all := []notify.Message{office}
	if r.State == RectifyHanded && step != "answer" && step != "answer-over" {
		to := notify.To{Unit: r.Unit, Heads: step != "due"}
		all = append(all, notify.Message{Kind: kind + "-unit", To: []notify.To{to}, Link: "/d/rectifications/" + r.Ref})
		if step == "due" {
			all = all[1:]
		}
	}
	if step == "supervision" {
		all[0].To = append(all[0].To[:len(all[0].To):len(all[0].To)], notify.To{Body: org.BodySupervision})
	}
	return all
}

// sendNotices sends the general notices of the month, once its first working day has come. What
// goes into one depends on what was there before the month began and on nothing that happens
// within it, so the day a notice comes tells nothing of the day a sheet came.
func (s *Store) sendNotices(ctx context.Context, cal *calendar.Calendar) (int, error) {
	today := s.today().Time()
	month := calendar.DateOf(time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, calendar.Shanghai))
	if s.today() < cal.Next(month) {
		return 0, nil
	}
	// sheets since the unit's last notice, of companies the unit was not told of by name
	const q = `SELECT v.unit_id FROM sheets sh JOIN visits v ON v.id = sh.visit_id LEFT JOIN rectifications r ON r.sheet_id = sh.id
		WHERE sh.filed_at < $1 AND r.handed_at IS NULL AND sh.filed_at >= coalesce((SELECT max(n.month) FROM rectification_notices n WHERE n.unit_id = v.unit_id), '2000-01-01')::timestamp AT TIME ZONE 'Asia/Shanghai'
		AND NOT EXISTS (SELECT FROM rectification_notices n WHERE n.unit_id = v.unit_id AND n.month = $2)
		GROUP BY v.unit_id HAVING count(DISTINCT v.company_id) >= $3 AND count(*) FILTER (WHERE r.id IS NOT NULL AND r.state <> 'dropped' AND r.notice_id IS NULL) > 0 ORDER BY v.unit_id`
	var units []org.UnitID
	if err := s.db.SelectContext(ctx, &units, q, month.Time(), month, LeastSheets); err != nil {
		return 0, fmt.Errorf("find units to send a general notice: %w", err)
	}
	for i, u := range units {
		if err := s.sendNotice(ctx, u, month, cal); err != nil {
			return i, err
		}
	}
	return len(units), nil
}

func (s *Store) sendNotice(ctx context.Context, unit org.UnitID, month calendar.Date, cal *calendar.Calendar) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var all []Rectification
		const q = ` WHERE v.unit_id = $1 AND sh.filed_at < $2 AND r.handed_at IS NULL AND r.notice_id IS NULL AND r.state <> 'dropped' ORDER BY r.id FOR UPDATE OF r`
		if err := tx.SelectContext(ctx, &all, `SELECT `+rectifyColumns+rectifyTables+q, unit, month.Time()); err != nil || len(all) == 0 {
			return err
		}
		n, err := nextNumber(ctx, tx, "rectification_notice", month.Year())
		if err != nil {
			return err
		}
		ref := fmt.Sprintf("TZ-%d-%03d", month.Year(), n)
		last, _ := cal.Add(s.today(), DaysRectify)
		_, remind := due(noticeReminders(last, cal), s.today())
		var id int64
		const add = `INSERT INTO rectification_notices (ref, unit_id, month, items, sent_at, calendar_version, due_on, remind_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`
		if err := tx.GetContext(ctx, &id, add, ref, unit, month, pq.Array(commonWeak(all)), s.now(), cal.ID, last, remind); err != nil {
			return fmt.Errorf("send general notice: %w", err)
		}
		for _, r := range all {
			if _, err := tx.ExecContext(ctx, `UPDATE rectifications SET notice_id = $2 WHERE id = $1`, r.ID, id); err != nil {
				return fmt.Errorf("put a rectification into the notice: %w", err)
			}
			if err := s.rectifyEvent(ctx, tx, org.Portal, r.ID, RectifyEvent{Kind: "notice", Text: ref}, "rectify-notice-"+r.Ref); err != nil {
				return err
			}
		}
		m := notify.Message{Kind: "rectify-notice", To: []notify.To{{Unit: unit}}, Topic: "rectify-notice:" + ref, Link: "/d/rectifications/notices/" + ref, Key: "rectify-notice:" + ref,
			Args: map[string]string{"Ref": ref, "Date": "date:" + string(last)}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, org.Portal, "rectify.noticed", "rectify-notice:"+ref, map[string]any{"unit": unit})
	})
}

func noticeReminders(due calendar.Date, cal *calendar.Calendar) []reminder {
	return Rectification{AnswerOn: due, DueOn: due}.reminders(cal)
}

func (s *Store) remindNotices(ctx context.Context, cal *calendar.Calendar) (int, error) {
	var all []RectifyNotice
	if err := s.db.SelectContext(ctx, &all, `SELECT `+noticeColumns+`WHERE n.remind_at <= $1 AND n.state = 'sent' ORDER BY n.id`, s.now()); err != nil {
		return 0, fmt.Errorf("find notices to remind of: %w", err)
	}
	for i, n := range all {
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			step, next := due(noticeReminders(n.DueOn, cal), s.today())
			if _, err := tx.ExecContext(ctx, `UPDATE rectification_notices SET remind_at = $2 WHERE id = $1`, n.ID, next); err != nil || step == "" {
				return err
			}
			kind := "rectify-remind-unit"
			if step != "due" {
				kind = "rectify-overdue-unit"
			}
			return notify.Post(ctx, tx, s.now(), notify.Message{Kind: kind, To: []notify.To{{Unit: n.Unit, Heads: step != "due"}}, Topic: "rectify-notice:" + n.Ref, Reminder: true,
				Link: "/d/rectifications/notices/" + n.Ref, Key: kind + ":" + n.Ref + ":" + step + ":" + string(n.DueOn), Args: map[string]string{"Ref": n.Ref, "Date": "date:" + string(n.DueOn)}})
		})
		if err != nil {
			return i, err
		}
	}
	return len(all), nil
}
