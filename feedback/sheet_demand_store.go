package feedback

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// DemandStates are the states of a report of something asked without legal basis.
var DemandStates = []string{"new", "handling", "confirmed", "not_confirmed", "cannot_tell"}

// Demand is what a sheet says was asked without legal basis. The supervision office alone
// learns that there is one.
type Demand struct {
	ID        int64      `db:"id"`
	SheetNo   string     `db:"no"`
	Unit      org.Names  `db:"unit"`
	Company   org.Names  `db:"company"`
	VisitedOn string     `db:"visited_on"`
	Staff     string     `db:"staff"`
	Said      string     `db:"demand_text"`
	Lang      string     `db:"lang"`
	Arrived   time.Time  `db:"arrived_at"`
	State     string     `db:"state"`
	Text      string     `db:"text"`
	Handler   string     `db:"handler"`
	Handled   *time.Time `db:"handled_at"`
}

// Over reports whether the office has made up its mind.
func (d Demand) Over() bool { return d.State != "new" && d.State != "handling" }

// demandCame puts a sheet's demand into the supervision office's inbox, in the transaction that
// files or changes the sheet. Its entry on the audit log does not name the sheet.
func (s *Store) demandCame(ctx context.Context, tx *sqlx.Tx, by org.Actor, id SheetID) error {
	var demand int64
	const q = `INSERT INTO sheet_demands (sheet_id, arrived_at) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT sheet_demands_one DO UPDATE SET sheet_id = excluded.sheet_id RETURNING id`
	if err := tx.GetContext(ctx, &demand, q, id, s.now()); err != nil {
		return fmt.Errorf("pass the demand on: %w", err)
	}
	m := notify.Message{Kind: "demand-arrived", To: []notify.To{{Body: org.BodySupervision}}, Topic: fmt.Sprintf("demand:%d", demand), Link: fmt.Sprintf("/o/demands/%d", demand),
		Key: fmt.Sprintf("demand-arrived:%d", demand), Reminder: true}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, org.Portal, "demand.arrived", fmt.Sprintf("demand:%d", demand), nil)
}

const demandColumns = `d.id, sh.no, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
	coalesce(to_char(v.visited_on, 'YYYY-MM-DD'), '') AS visited_on, v.staff, sh.demand_text, sh.lang, d.arrived_at, d.state, d.text, coalesce(a.name, '') AS handler, d.handled_at
	FROM sheet_demands d JOIN sheets sh ON sh.id = d.sheet_id JOIN visits v ON v.id = sh.visit_id JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id LEFT JOIN accounts a ON a.id = d.handled_by `

// Demands returns a page of the supervision office's inbox, open ones first, and how many
// there are. To anybody else it does not exist.
func (s *Store) Demands(ctx context.Context, by org.Actor, state string, page, size int) ([]Demand, int, error) {
	if by.Role != org.RoleSupervision {
		return nil, 0, fault.ErrNotFound
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM sheet_demands WHERE $1 = '' OR state = $1`, state); err != nil {
		return nil, 0, fmt.Errorf("count demands: %w", err)
	}
	var out []Demand
	if err := s.db.SelectContext(ctx, &out, `SELECT `+demandColumns+`WHERE $1 = '' OR d.state = $1 ORDER BY d.state NOT IN ('new', 'handling'), d.id DESC LIMIT $2 OFFSET $3`, state, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list demands: %w", err)
	}
	return out, total, nil
}

// Demand returns one to the supervision office.
func (s *Store) Demand(ctx context.Context, by org.Actor, id int64) (Demand, error) {
	if by.Role != org.RoleSupervision {
		return Demand{}, fault.ErrNotFound
	}
	var all []Demand
	if err := s.db.SelectContext(ctx, &all, `SELECT `+demandColumns+`WHERE d.id = $1`, id); err != nil {
		return Demand{}, fmt.Errorf("read demand: %w", err)
	}
	if len(all) == 0 {
		return Demand{}, fault.ErrNotFound
	}
	return all[0], nil
}

// HandleDemand sets the state of a demand with what was done and found; a decided one stays.
func (s *Store) HandleDemand(ctx context.Context, by org.Actor, id int64, state, text string) error {
	if by.Role != org.RoleSupervision {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if !slices.Contains(DemandStates[1:], state) {
		f.Add("state", "demand.state-missing")
	}
	least := MinReason
	if state == "handling" {
		least = 0
	}
	f.Length("text", text, least, MaxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE sheet_demands SET state = $2, text = $3, handled_by = $4, handled_at = $5 WHERE id = $1 AND state IN ('new', 'handling')`
		res, err := tx.ExecContext(ctx, q, id, state, text, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("handle demand: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return ErrState
		}
		if err := notify.Settle(ctx, tx, fmt.Sprintf("demand:%d", id)); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "demand.handled", fmt.Sprintf("demand:%d", id), map[string]any{"state": state})
	})
}

func (s *Store) demandsWaiting(ctx context.Context) (map[string]int, error) {
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM sheet_demands WHERE state IN ('new', 'handling')`); err != nil {
		return nil, fmt.Errorf("count demands: %w", err)
	}
	return map[string]int{"demands": n}, nil
}
