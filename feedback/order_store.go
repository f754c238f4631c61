package feedback

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// Order is an order (责成) of the leading group to a unit to solve an issue by a date.
type Order struct {
	No          string        `db:"no"`
	Ref         string        `db:"ref"`
	Title       string        `db:"title"`
	Lead        org.UnitID    `db:"lead_unit_id"`
	LeadName    org.Names     `db:"lead"`
	Requirement string        `db:"requirement"`
	Deadline    time.Time     `db:"deadline"`
	DeadlineOn  calendar.Date `db:"deadline_on"`
	Signer      string        `db:"signer"`
	Behalf      string        `db:"behalf"` // the chair for whom the signer signed by delegation; "" of his own right
	Issued      time.Time     `db:"issued_at"`
	Received    *time.Time    `db:"received_at"`
	Reported    *time.Time    `db:"reported_at"`
	FedBack     *time.Time    `db:"fed_back_at"`
	FeedbackDue *time.Time    `db:"feedback_due"`
	Done        *time.Time    `db:"done_at"`
	State       string        `db:"state"`
	Cooperating org.Names     `db:"coop"` // names of the co-operating units, in one line
	Lang        string        `db:"lang"` // the language of the title
}

// OrderDraft is an order as a signer writes it. The limit is Days working days,
// or the day On when Days is 0.
type OrderDraft struct {
	Lead        org.UnitID
	Cooperating []org.UnitID
	Requirement string
	Days        int
	On          string
}

// OrderDays are the limits offered, in working days.
var OrderDays = []int{3, 5, 10}

// limits of an order's text, in characters.
const (
	minRequirement = 10
	maxRequirement = 1000
	maxOrderDays   = 60
)

// OrderDeadline returns the last day of an order's limit, or what is wrong with
// it: a day that is not worked is refused and the next worked one offered.
func (s *Store) OrderDeadline(ctx context.Context, d OrderDraft) (calendar.Date, fault.Fields, error) {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", nil, err
	}
	f := fault.Fields{}
	if d.Days > 0 {
		if d.Days > maxOrderDays {
			f.Add("days", "order.days-unknown")
		}
		due, _ := cal.Add(s.today(), min(d.Days, maxOrderDays))
		return due, f, nil
	}
	on, err := calendar.ParseDate(d.On)
	switch {
	case err != nil:
		f.Add("on", "order.date-missing")
	case on <= s.today():
		f.Add("on", "order.date-past")
	case on > s.today().AddDays(366):
		f.Add("on", "order.date-far")
	case !cal.IsWorkingDay(on):
		f.Add("on", "order.date-not-worked", "Next", string(cal.Next(on)))
	}
	return on, f, nil
}

// CheckOrder says what is wrong with an order before it is confirmed.
func (s *Store) CheckOrder(ctx context.Context, d OrderDraft) (calendar.Date, error) {
	due, f, err := s.OrderDeadline(ctx, d)
	if err != nil {
		return "", err
	}
	if d.Lead == 0 {
		f.Add("lead", "issue.lead-missing")
	}
	for _, c := range d.Cooperating {
		if c == d.Lead {
			f.Add("cooperating", "order.lead-cooperates")
		}
	}
	f.Length("requirement", d.Requirement, minRequirement, maxRequirement)
	return due, f.Err()
}

// IssueOrder signs an order on a queued issue. Only the chair, deputies and whom
// the chair delegated it to sign. It returns the order's number.
func (s *Store) IssueOrder(ctx context.Context, by org.Actor, ref string, d OrderDraft, idem string) (string, error) {
	if !by.MaySign() {
		return "", fault.ErrForbidden
	}
	due, err := s.CheckOrder(ctx, d)
	if err != nil {
		return "", err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", err
	}
	var no string
	err = s.act(ctx, by, ref, ActOrder, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		n, err := nextNumber(ctx, tx, "order", s.today().Year())
		if err != nil {
			return move{}, err
		}
		no = fmt.Sprintf("ZC-%d-%03d", s.today().Year(), n)
		const q = `INSERT INTO orders (no, issue_id, lead_unit_id, requirement, deadline, deadline_on, calendar_version, provisional, signed_by, behalf_of, issued_at, state, idem)
			SELECT $1, $2, u.id, $4, $5, $6, $7, $8, $9, nullif($12, 0), $10, 'issued', $11 FROM units u WHERE u.id = $3 AND u.active RETURNING id`
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, q, no, i.ID, d.Lead, d.Requirement, due.End(), due, cal.ID, !cal.Known(due.Year()), by.Account, s.now(), idem, by.Behalf); err != nil {
			return move{}, fmt.Errorf("issue order: %w", err)
		}
		if len(ids) == 0 {
			return move{}, fault.Field("lead", "issue.lead-missing")
		}
		for _, c := range d.Cooperating {
			if _, err := tx.ExecContext(ctx, `INSERT INTO order_units (order_id, unit_id) SELECT $1, id FROM units WHERE id = $2 ON CONFLICT DO NOTHING`, ids[0], c); err != nil {
				return move{}, fmt.Errorf("name co-operating unit: %w", err)
			}
		}
		return move{unit: d.Lead, body: d.Requirement, details: Details{Order: no, Deadline: due, Cooperating: orNone(d.Cooperating)}}, nil
	})
	if err == nil && no == "" { // the same post again
		err = s.db.GetContext(ctx, &no, `SELECT no FROM orders WHERE idem = $1`, idem)
	}
	return no, err
}

// ReceiveOrder is the lead unit's receipt of an order.
func (s *Store) ReceiveOrder(ctx context.Context, by org.Actor, ref, idem string) error {
	return s.act(ctx, by, ref, ActReceive, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		const q = `UPDATE orders SET state = 'received', received_at = $2 WHERE issue_id = $1 AND state = 'issued'`
		return move{unit: i.Lead, details: Details{Order: i.OrderNo}}, set(ctx, tx, q, i.ID, s.now())
	})
}

// Report is the lead unit's report that an order is done. The result must be told
// to the investor within two working days.
func (s *Store) Report(ctx context.Context, by org.Actor, ref string, a Answer, idem string) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActReport, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		cal, err := s.cal.Current(ctx)
		if err != nil {
			return move{}, err
		}
		due, _ := cal.Add(s.today(), daysFeedback)
		const q = `UPDATE orders SET state = 'reported', reported_at = $2, feedback_due = $3 WHERE issue_id = $1 AND state = 'received'`
		return move{unit: i.Lead, body: a.Text, details: a.details(), note: a.Note, files: a.Files}, set(ctx, tx, q, i.ID, s.now(), due.End())
	})
}

// FeedBack tells the investor the result of an order, in his language where the
// office can; only his confirmation closes the issue.
func (s *Store) FeedBack(ctx context.Context, by org.Actor, ref, text, channel, idem string) error {
	f := fault.Fields{}
	f.Length("text", text, minRequirement, MaxAnswer)
	if channel != "portal" && channel != "phone" && channel != "visit" {
		f.Add("channel", "order.channel-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActFeedBack, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		const q = `UPDATE orders SET state = 'fed_back', fed_back_at = $2 WHERE issue_id = $1 AND state = 'reported'`
		return move{body: text, details: Details{Channel: channel}}, set(ctx, tx, q, i.ID, s.now())
	})
}

// OrderFilter narrows the board of orders.
type OrderFilter struct {
	Unit  org.UnitID
	State string // open, overdue, done; "" all
	Page  int
	Size  int
}

const orderColumns = `o.no, i.ref, i.title, i.lang, o.lead_unit_id, u.name_zh AS "lead.name_zh", u.name_en AS "lead.name_en", u.name_ru AS "lead.name_ru",
	o.requirement, o.deadline, to_char(o.deadline_on, 'YYYY-MM-DD') AS deadline_on, a.name AS signer, coalesce(b.name, '') AS behalf, o.issued_at, o.received_at, o.reported_at,
	o.fed_back_at, o.feedback_due, o.done_at, o.state, coalesce(x.zh, '') AS "coop.name_zh", coalesce(x.en, '') AS "coop.name_en", coalesce(x.ru, '') AS "coop.name_ru"
	`

const orderTables = `FROM orders o JOIN issues i ON i.id = o.issue_id JOIN units u ON u.id = o.lead_unit_id JOIN accounts a ON a.id = o.signed_by LEFT JOIN accounts b ON b.id = o.behalf_of
	LEFT JOIN LATERAL (SELECT string_agg(y.name_zh, '、' ORDER BY y.code) AS zh, string_agg(y.name_en, ', ' ORDER BY y.code) AS en,
		string_agg(y.name_ru, ', ' ORDER BY y.code) AS ru FROM order_units ou JOIN units y ON y.id = ou.unit_id WHERE ou.order_id = o.id) x ON true
	`

// Orders returns a page of orders, the nearest deadline first: leaders, offices and
// the supervision office see all, a unit those it leads or co-operates in.
func (s *Store) Orders(ctx context.Context, by org.Actor, f OrderFilter) ([]Order, int, error) {
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer):
		f.Unit = by.Unit
	case !by.IsLeader() && !isDuty(by):
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE ($1 = 0 OR o.lead_unit_id = $1 OR EXISTS (SELECT FROM order_units x WHERE x.order_id = o.id AND x.unit_id = $1))
		AND ($2 = '' OR ($2 = 'open' AND o.state NOT IN ('done', 'reopened')) OR ($2 = 'done' AND o.state = 'done')
			OR ($2 = 'overdue' AND o.state IN ('issued', 'received') AND o.deadline <= $3))`
	args := []any{f.Unit, f.State, s.now()}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM orders o `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count orders: %w", err)
	}
	const order = ` ORDER BY o.state IN ('done', 'reopened'), o.deadline, o.id`
	q := `SELECT ` + orderColumns + orderTables + `WHERE o.id IN (SELECT o.id FROM orders o ` + where + order + ` LIMIT $4 OFFSET $5)` + order
	var out []Order
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list orders: %w", err)
	}
	return out, total, nil
}

// OrdersOf returns the orders of an issue, oldest first, to those who may see it; a
// company reads that the leading group ordered, not who signed.
func (s *Store) OrdersOf(ctx context.Context, by org.Actor, ref string) ([]Order, error) {
	if _, err := s.Issue(ctx, by, ref); err != nil {
		return nil, err
	}
	var out []Order
	err := postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `SELECT ` + orderColumns + orderTables + `WHERE i.ref = $1 ORDER BY o.id`
		return tx.SelectContext(ctx, &out, q, ref)
	})
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	if by.Role == org.RoleCompany {
		for n := range out {
			out[n].Signer, out[n].Behalf = "", ""
		}
	}
	return out, nil
}
