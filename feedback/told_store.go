package feedback

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
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

// remindAfter are the working days after a visit's record on which a company is reminded of its sheet.
var remindAfter = []int{5, 10}

func visitTopic(id VisitID) string { return "visit:" + strconv.FormatInt(int64(id), 10) }

// tellOfVisit asks the company for the sheet of a visit, and sets the clock to remind it.
func (s *Store) tellOfVisit(ctx context.Context, tx *sqlx.Tx, id VisitID, company org.CompanyID, unit org.UnitID, r VisitRecord) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	first, _ := cal.Add(s.today(), remindAfter[0])
	if _, err := tx.ExecContext(ctx, `UPDATE visits SET remind_at = $2 WHERE id = $1`, id, first.Time()); err != nil {
		return fmt.Errorf("set the clock of the sheet: %w", err)
	}
	return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "sheet-wanted", To: []notify.To{{Company: company}}, Topic: visitTopic(id), Link: fmt.Sprintf("/c/visits/%d", id),
		Key: "sheet-wanted:" + strconv.FormatInt(int64(id), 10), Args: unitArgs(unit, map[string]string{"Date": "date:" + r.On})})
}

// remindOfSheets reminds companies of the sheets that have not come and can still come: once
// for each step that is due, the latest only. A sheet that came stops it.
func (s *Store) remindOfSheets(ctx context.Context, cal *calendar.Calendar) (int, error) {
	var all []struct {
		ID        VisitID       `db:"id"`
		Company   org.CompanyID `db:"company_id"`
		Unit      org.UnitID    `db:"unit_id"`
		On        calendar.Date `db:"visited_on"`
		Requested time.Time     `db:"requested_at"`
		Until     time.Time     `db:"link_until"`
	}
	const q = `SELECT id, company_id, unit_id, to_char(visited_on, 'YYYY-MM-DD') AS visited_on, requested_at, link_until FROM visits WHERE remind_at <= $1 ORDER BY id`
	if err := s.db.SelectContext(ctx, &all, q, s.now()); err != nil {
		return 0, fmt.Errorf("find sheets to remind of: %w", err)
	}
	for i, v := range all {
		var steps []reminder
		for n, days := range remindAfter {
			on, _ := cal.Add(calendar.DateOf(v.Requested), days)
			steps = append(steps, reminder{step: strconv.Itoa(n + 1), on: on})
		}
		step, next := due(steps, s.today())
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			res, err := tx.ExecContext(ctx, `UPDATE visits v SET remind_at = $2 WHERE id = $1 AND remind_at IS NOT NULL AND NOT EXISTS (SELECT FROM sheets WHERE visit_id = v.id)`, v.ID, next)
			if err != nil {
				return fmt.Errorf("set the clock of the sheet: %w", err)
			}
			if n, _ := res.RowsAffected(); n == 0 || step == "" || s.now().After(v.Until) {
				return nil
			}
			return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "sheet-reminder", To: []notify.To{{Company: v.Company}}, Topic: visitTopic(v.ID), Link: fmt.Sprintf("/c/visits/%d", v.ID),
				Key: fmt.Sprintf("sheet-reminder:%d:%s", v.ID, step), Reminder: true, Args: unitArgs(v.Unit, map[string]string{"Date": "date:" + string(v.On)})})
		})
		if err != nil {
			return i, err
		}
	}
	return len(all), nil
}

// sheetCame stops the reminders of a visit's sheet.
func sheetCame(ctx context.Context, tx *sqlx.Tx, id VisitID) error {
	if _, err := tx.ExecContext(ctx, `UPDATE visits SET remind_at = NULL WHERE id = $1`, id); err != nil {
		return fmt.Errorf("stop the clock of the sheet: %w", err)
	}
	return notify.Settle(ctx, tx, visitTopic(id))
}
