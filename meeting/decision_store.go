package meeting

import (
	"context"
	"database/sql"
	"errors"
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

const decisionColumns = `SELECT d.id, coalesce(d.no, '') AS no, d.meeting_id, m.title, m.kind, m.convener, coalesce(m.minutes_no, '') AS minutes_no, coalesce(d.item_id, 0) AS item_id, d.text,
	coalesce(d.lead_unit_id, 0) AS lead_unit_id, coalesce(u.name_zh, '') AS "lead.name_zh", coalesce(u.name_en, '') AS "lead.name_en", coalesce(u.name_ru, '') AS "lead.name_ru",
	coalesce(x.zh, '') AS "coop.name_zh", coalesce(x.en, '') AS "coop.name_en", coalesce(x.ru, '') AS "coop.name_ru",
	d.due_on, d.deadline, coalesce(d.issue_ref, '') AS issue_ref, d.state, d.issued_at, d.reported_at, d.accepted_at
	FROM decisions d JOIN meetings m ON m.id = d.meeting_id LEFT JOIN units u ON u.id = d.lead_unit_id
	LEFT JOIN LATERAL (SELECT string_agg(y.name_zh, '、' ORDER BY y.code) AS zh, string_agg(y.name_en, ', ' ORDER BY y.code) AS en, string_agg(y.name_ru, ', ' ORDER BY y.code) AS ru
		FROM decision_units du JOIN units y ON y.id = du.unit_id WHERE du.decision_id = d.id) x ON true `

// Decisions returns the decisions of a meeting, drafts among them.
func (s *Store) Decisions(ctx context.Context, by org.Actor, id ID) ([]Decision, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	return s.decisions(ctx, s.db, id)
}

func (s *Store) decisions(ctx context.Context, q sqlx.QueryerContext, id ID) ([]Decision, error) {
	var out []Decision
	if err := sqlx.SelectContext(ctx, q, &out, decisionColumns+`WHERE d.meeting_id = $1 ORDER BY d.id`, id); err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	return out, nil
}

// sees narrows decisions to those the actor may see: a unit those it leads or
// co-operates in, others by duty all that are issued. $1 is the unit, 0 for all.
const sees = `WHERE d.state <> 'draft' AND ($1 = 0 OR d.lead_unit_id = $1 OR EXISTS (SELECT FROM decision_units z WHERE z.decision_id = d.id AND z.unit_id = $1)) `

func unitOf(by org.Actor) (org.UnitID, error) {
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer) && by.Unit != 0:
		return by.Unit, nil
	case Reads(by):
		return 0, nil
	}
	return 0, fault.ErrNotFound
}

// FollowUp returns a page of issued decisions, overdue and nearest first. state is
// open, overdue, reported, accepted or "" for all.
func (s *Store) FollowUp(ctx context.Context, by org.Actor, state string, page, size int) ([]Decision, int, error) {
	unit, err := unitOf(by)
	if err != nil {
		return nil, 0, err
	}
	const where = sees + `AND ($2 = '' OR d.state = $2 OR ($2 = 'open' AND d.state <> 'accepted') OR ($2 = 'overdue' AND d.state = 'issued' AND d.deadline <= $3)) `
	args := []any{unit, state, s.now()}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM decisions d `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count decisions: %w", err)
	}
	var out []Decision
	const order = `ORDER BY d.state = 'accepted', d.deadline, d.id LIMIT $4 OFFSET $5`
	if err := s.db.SelectContext(ctx, &out, decisionColumns+where+order, append(args, size, max(0, page-1)*size)...); err != nil {
		return nil, 0, fmt.Errorf("list decisions: %w", err)
	}
	return out, total, nil
}

// OnIssue returns the issued decisions on an issue to those who may see the issue. Their
// text is the county's own matter: a company reads which meeting decided, who leads and
// until when.
func (s *Store) OnIssue(ctx context.Context, by org.Actor, ref string) ([]Decision, error) {
	if _, err := s.fb.Issue(ctx, by, ref); err != nil {
		return nil, err
	}
	var out []Decision
	if err := s.db.SelectContext(ctx, &out, decisionColumns+`WHERE d.state <> 'draft' AND d.issue_ref = $1 ORDER BY d.id`, ref); err != nil {
		return nil, fmt.Errorf("read decisions on an issue: %w", err)
	}
	if !by.Is(org.RoleHead, org.RoleOfficer) && !Reads(by) {
		for n := range out {
			out[n].Text, out[n].Title, out[n].MinutesNo = "", "", ""
		}
	}
	return out, nil
}

// Decision returns an issued decision and its steps to those who may see it.
func (s *Store) Decision(ctx context.Context, by org.Actor, id int64) (Decision, []DecisionEvent, error) {
	var d Decision
	unit, err := unitOf(by)
	if err != nil {
		return d, nil, err
	}
	err = s.db.GetContext(ctx, &d, decisionColumns+sees+`AND d.id = $2`, unit, id)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil, fault.ErrNotFound
	}
	if err != nil {
		return d, nil, fmt.Errorf("read decision: %w", err)
	}
	var events []DecisionEvent
	const q = `SELECT e.at, a.name AS who, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru", e.kind, e.body
		FROM decision_events e JOIN accounts a ON a.id = e.actor LEFT JOIN units u ON u.id = e.unit_id WHERE e.decision_id = $1 ORDER BY e.id`
	if err := s.db.SelectContext(ctx, &events, q, id); err != nil {
		return d, nil, fmt.Errorf("read steps of a decision: %w", err)
	}
	return d, events, nil
}

// Decide writes down a decision of a meeting whose minutes are not issued yet.
func (s *Store) Decide(ctx context.Context, by org.Actor, id ID, d DecisionDraft, idem string) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	due, f := d.Check(cal, s.today())
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, id, "decision-drafted", []State{Called, Held}, func(tx *sqlx.Tx, _ Meeting) error {
		known, err := once(ctx, tx, "decisions", idem)
		if err != nil || known != 0 {
			return err
		}
		if d.IssueRef != "" {
			var found bool
			if err := tx.GetContext(ctx, &found, `SELECT EXISTS (SELECT FROM issues WHERE ref = $1)`, d.IssueRef); err != nil {
				return fmt.Errorf("look for the issue: %w", err)
			}
			if !found {
				return fault.Field("issue_ref", "meeting.issue-unknown")
			}
		}
		var decision int64
		const q = `INSERT INTO decisions (meeting_id, item_id, text, lead_unit_id, due_on, issue_ref, drafted_at, idem)
			VALUES ($1, (SELECT id FROM meeting_items WHERE id = $2 AND meeting_id = $1), $3, (SELECT id FROM units WHERE id = $4 AND active), $5, $6, $7, $8) RETURNING id`
		if err := tx.GetContext(ctx, &decision, q, id, d.Item, d.Text, d.Lead, due, textOrNull(d.IssueRef), s.now(), idem); err != nil {
			return fmt.Errorf("write down decision: %w", err)
		}
		var units []int64
		for _, u := range d.Cooperating {
			units = append(units, int64(u))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO decision_units (decision_id, unit_id) SELECT $1, id FROM units WHERE id = ANY($2) AND active`, decision, pq.Array(units)); err != nil {
			return fmt.Errorf("name co-operating units: %w", err)
		}
		return nil
	})
}

// Drop takes a draft of a decision back.
func (s *Store) Drop(ctx context.Context, by org.Actor, id ID, decision int64) error {
	return s.act(ctx, by, id, "decision-dropped", []State{Called, Held}, func(tx *sqlx.Tx, _ Meeting) error {
		return changed(tx.ExecContext(ctx, `DELETE FROM decisions WHERE id = $1 AND meeting_id = $2 AND state = 'draft'`, decision, id))
	})
}

// IssueMinutes issues the minutes of a meeting that was held: every decision gets its
// number and runs from now on. It is refused while a decision lacks its unit or day, or
// a company's problem has neither an issue number nor a reason why not.
func (s *Store) IssueMinutes(ctx context.Context, by org.Actor, id ID, text string) error {
	f := fault.Fields{}
	f.Length("minutes", text, minMinutes, maxMinutes)
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return s.act(ctx, by, id, "minutes-issued", []State{Held}, func(tx *sqlx.Tx, m Meeting) error {
		decisions, err := s.decisions(ctx, tx, id)
		if err != nil {
			return err
		}
		items, err := s.items(ctx, tx, id)
		if err != nil {
			return err
		}
		if n := Incomplete(decisions); n > 0 {
			f.Add("decisions", "meeting.decisions-incomplete", "Count", n)
		}
		if n := len(Unsettled(items)); n > 0 {
			f.Add("items", "meeting.problems-unsettled", "Count", n)
		}
		if err := f.Err(); err != nil {
			return err
		}
		no, err := number(ctx, tx, "minutes", "JY", s.today().Year())
		if err != nil {
			return err
		}
		state := Issued
		if len(decisions) == 0 {
			state = Followed
		}
		const q = `UPDATE meetings SET state = $2, minutes = $3, minutes_no = $4, issued_at = $5, followed_at = CASE WHEN $2 = 'followed' THEN $5::timestamptz END WHERE id = $1`
		if err := changed(tx.ExecContext(ctx, q, id, state, text, no, s.now())); err != nil {
			return err
		}
		for _, d := range decisions {
			if err := s.issue(ctx, tx, by, m, d, cal); err != nil {
				return err
			}
		}
		return nil
	})
}

// issue gives one decision its number and tells its units; reminders wait for the day
// before its date and the day after.
func (s *Store) issue(ctx context.Context, tx *sqlx.Tx, by org.Actor, m Meeting, d Decision, cal *calendar.Calendar) error {
	no, err := number(ctx, tx, "decision", "JD", s.today().Year())
	if err != nil {
		return err
	}
	const q = `UPDATE decisions SET state = 'issued', no = $2, issued_at = $3, deadline = $4, calendar_version = $5 WHERE id = $1 AND state = 'draft'`
	if err := changed(tx.ExecContext(ctx, q, d.ID, no, s.now(), d.DueOn.End(), cal.ID)); err != nil {
		return err
	}
	var coop []org.UnitID
	if err := tx.SelectContext(ctx, &coop, `SELECT unit_id FROM decision_units WHERE decision_id = $1 ORDER BY unit_id`, d.ID); err != nil {
		return fmt.Errorf("read co-operating units: %w", err)
	}
	all := []notify.To{{Unit: d.Lead}}
	for _, u := range coop {
		all = append(all, notify.To{Unit: u})
	}
	topic, link := fmt.Sprintf("decision:%d", d.ID), fmt.Sprintf("/d/decisions/%d", d.ID)
	args := map[string]string{"No": no, "Title": m.Title, "Date": "date:" + string(d.DueOn)}
	at := func(day calendar.Date) time.Time { return day.Time().Add(9 * time.Hour) }
	for _, msg := range []notify.Message{
		notify.Message{Kind: "meeting-decided", To: all},
		notify.Message{Kind: "meeting-due", To: []notify.To{{Unit: d.Lead}}, Reminder: true, NotBefore: at(d.DueOn.AddDays(-1))},
		notify.Message{Kind: "meeting-overdue", To: []notify.To{{Unit: d.Lead, Heads: true}}, Reminder: true, NotBefore: at(cal.Next(d.DueOn.AddDays(1)))},
	} {
		msg.Topic, msg.Link, msg.Args, msg.Key = topic, link, args, msg.Kind+":"+no
		if err := notify.Post(ctx, tx, s.now(), msg); err != nil {
			return err
		}
	}
	return s.step(ctx, tx, by, d.ID, "issue", "", "issued-"+no)
}

func (s *Store) step(ctx context.Context, tx *sqlx.Tx, by org.Actor, decision int64, kind, body, idem string) error {
	unit := by.Unit
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		unit = 0
	}
	const q = `INSERT INTO decision_events (decision_id, at, actor, unit_id, kind, body, idem) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	if _, err := tx.ExecContext(ctx, q, decision, s.now(), by.Account, orNull(unit), kind, body, idem); err != nil {
		return fmt.Errorf("note a step of a decision: %w", err)
	}
	return record.Append(ctx, tx, by, "decision."+kind, fmt.Sprintf("decision:%d", decision), nil)
}
