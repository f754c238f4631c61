package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const noticeColumns = `n.id, n.ref, n.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", to_char(n.month, 'YYYY-MM-DD') AS month,
	n.sent_at, to_char(n.due_on, 'YYYY-MM-DD') AS due_on, n.state, n.measures, n.reported_at, n.returned, n.accepted_at FROM rectification_notices n JOIN units u ON u.id = n.unit_id `

// RectifyNotices returns the general notices the actor may see, the latest first: a unit its
// own, the offices and the supervision office all.
func (s *Store) RectifyNotices(ctx context.Context, by org.Actor) ([]RectifyNotice, error) {
	if !by.OfUnit(by.Unit) && !isDuty(by) {
		return nil, fault.ErrNotFound
	}
	var out []RectifyNotice
	if err := s.db.SelectContext(ctx, &out, `SELECT `+noticeColumns+`WHERE $1 = 0 OR n.unit_id = $1 ORDER BY n.state = 'accepted', n.id DESC LIMIT 200`, by.Unit); err != nil {
		return nil, fmt.Errorf("list general notices: %w", err)
	}
	return out, nil
}

// RectifyNotice returns one of them.
func (s *Store) RectifyNotice(ctx context.Context, by org.Actor, ref string) (RectifyNotice, error) {
	if !by.OfUnit(by.Unit) && !isDuty(by) {
		return RectifyNotice{}, fault.ErrNotFound
	}
	var all []RectifyNotice
	if err := s.db.SelectContext(ctx, &all, `SELECT `+noticeColumns+`WHERE ($1 = 0 OR n.unit_id = $1) AND n.ref = $2`, by.Unit, ref); err != nil {
		return RectifyNotice{}, fmt.Errorf("read general notice: %w", err)
	}
	if len(all) == 0 {
		return RectifyNotice{}, fault.ErrNotFound
	}
	if err := s.db.GetContext(ctx, (*pq.StringArray)(&all[0].Items), `SELECT items FROM rectification_notices WHERE id = $1`, all[0].ID); err != nil {
		return RectifyNotice{}, fmt.Errorf("read items of the notice: %w", err)
	}
	return all[0], nil
}

// ReportNotice is the unit's word on what it did after a general notice.
func (s *Store) ReportNotice(ctx context.Context, by org.Actor, ref, text string) error {
	n, err := s.RectifyNotice(ctx, by, ref)
	if err != nil {
		return err
	}
	if !by.OfUnit(n.Unit) {
		return fault.ErrForbidden
	}
	if err := lengthOf("measures", text); err != nil {
		return err
	}
	const q = `UPDATE rectification_notices SET state = 'reported', measures = $2, reported_by = $3, reported_at = $4, remind_at = NULL WHERE ref = $1 AND state = 'sent'`
	return s.noticeAct(ctx, by, n, "reported", notify.Message{Kind: "rectify-notice-reported", To: bothOffices, Link: "/o/rectifications/notices/" + ref}, q, ref, text, by.Account, s.now())
}

// JudgeNotice is an office's word on the measures: accepted, or back once with the reason.
func (s *Store) JudgeNotice(ctx context.Context, by org.Actor, ref string, accept bool, why string) error {
	n, err := s.RectifyNotice(ctx, by, ref)
	if err != nil {
		return err
	}
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	unit := notify.Message{To: []notify.To{{Unit: n.Unit}}, Link: "/d/rectifications/notices/" + ref}
	if accept {
		unit.Kind = "rectify-notice-accepted"
		const q = `UPDATE rectification_notices SET state = 'accepted', accepted_by = $2, accepted_at = $3 WHERE ref = $1 AND state = 'reported'`
		return s.noticeAct(ctx, by, n, "accepted", unit, q, ref, by.Account, s.now())
	}
	if err := lengthOf("why", why); err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	last, _ := cal.Add(s.today(), daysRectifyAgain)
	_, remind := due(noticeReminders(max(last, n.DueOn), cal), s.today())
	unit.Kind = "rectify-notice-back"
	n.DueOn = max(last, n.DueOn)
	const q = `UPDATE rectification_notices SET state = 'sent', returned = $2, due_on = $3, remind_at = $4 WHERE ref = $1 AND state = 'reported' AND returned = ''`
	return s.noticeAct(ctx, by, n, "returned", unit, q, ref, why, n.DueOn, remind)
}

func (s *Store) noticeAct(ctx context.Context, by org.Actor, n RectifyNotice, what string, m notify.Message, q string, args ...any) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, q, args...)
		if err != nil {
			return fmt.Errorf("change general notice: %w", err)
		}
		if changed, _ := res.RowsAffected(); changed == 0 {
			return ErrState
		}
		if err := notify.Settle(ctx, tx, "rectify-notice:"+n.Ref); err != nil {
			return err
		}
		m.Topic, m.Key, m.Args = "rectify-notice:"+n.Ref, fmt.Sprintf("%s:%s:%d", m.Kind, n.Ref, s.now().UnixNano()), unitArgs(n.Unit, map[string]string{"Ref": n.Ref, "Date": "date:" + string(n.DueOn)})
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "rectify.notice-"+what, "rectify-notice:"+n.Ref, nil)
	})
}
