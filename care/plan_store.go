package care

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Plans keeps the plan of visits: who calls on whom, on which day.
type Plans struct {
	db  *sqlx.DB
	now func() time.Time
	cal *calendar.Store
}

// NewPlans returns the plans kept in db. now gives the present in UTC.
func NewPlans(db *sqlx.DB, now func() time.Time, cal *calendar.Store) *Plans {
	return &Plans{db: db, now: now, cal: cal}
}

func (s *Plans) today() calendar.Date { return calendar.DateOf(s.now()) }

// PlansVisits reports whether the actor may plan visits of all units.
func PlansVisits(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleCampaignAdmin }

// Settings returns the limits of the plan.
func (s *Plans) Settings(ctx context.Context) (Settings, error) {
	var x Settings
	if err := s.db.GetContext(ctx, &x, `SELECT month_limit, visit_minutes, sheet_minutes, inspection_minutes FROM visit_settings`); err != nil {
		return x, fmt.Errorf("read visit settings: %w", err)
	}
	return x, nil
}

// Set changes the limits of the plan; visits already planned stay.
func (s *Plans) Set(ctx context.Context, by org.Actor, x Settings) error {
	if !PlansVisits(by) {
		return fault.ErrForbidden
	}
	if err := x.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE visit_settings SET month_limit = $1, visit_minutes = $2, sheet_minutes = $3, inspection_minutes = $4`
		if _, err := tx.ExecContext(ctx, q, x.Limit, x.Visit, x.Sheet, x.Inspection); err != nil {
			return fmt.Errorf("change visit settings: %w", err)
		}
		return record.Append(ctx, tx, by, "visits.settings", "visits", map[string]any{"limit": x.Limit, "visit": x.Visit, "sheet": x.Sheet, "inspection": x.Inspection})
	})
}

// debt is a visit that a unit owes a company in the quarter.
type debt struct {
	Unit    org.UnitID    `db:"unit_id"`
	Company org.CompanyID `db:"company_id"`
}

// owed are the visits of a quarter that do not stand in the plan yet: of general contact
// units, of contact units of projects, and of members of sponsor groups at work.
const owed = `SELECT o.unit_id, o.company_id FROM (
		SELECT c.contact_unit_id AS unit_id, c.id AS company_id FROM companies c WHERE c.contact_unit_id IS NOT NULL
		UNION SELECT k.unit_id, p.company_id FROM project_contacts k JOIN projects p ON p.id = k.project_id WHERE k.until_on IS NULL AND p.company_id IS NOT NULL AND p.state <> 'ended'
		UNION SELECT m.unit_id, coalesce(g.company_id, p.company_id) FROM sponsor_groups g JOIN sponsor_members m ON m.group_id = g.id LEFT JOIN projects p ON p.id = g.project_id
			WHERE g.from_on <= $4 AND g.until_on >= $3 AND (g.ended_on IS NULL OR g.ended_on > $3)) o
	JOIN companies c ON c.id = o.company_id AND c.active JOIN units u ON u.id = o.unit_id AND u.active
	WHERE NOT EXISTS (SELECT FROM visits v WHERE v.unit_id = o.unit_id AND v.company_id = o.company_id AND v.year = $1 AND v.quarter = $2 AND v.due)
	ORDER BY o.company_id, o.unit_id`

// Quarter puts the visits of a quarter into the plan, each with a working day that keeps
// every company under the month's limit; those beyond it become joint visits. Visits
// already planned stay. It returns how many were added.
func (s *Plans) Quarter(ctx context.Context, by org.Actor, year, quarter int) (int, error) {
	if !PlansVisits(by) {
		return 0, fault.ErrForbidden
	}
	if quarter < 1 || quarter > 4 || year < 2007 || year > 2100 {
		return 0, fault.Field("quarter", "visit.quarter-unknown")
	}
	first, last := quarterDays(year, quarter)
	return s.add(ctx, by, year, quarter, func(tx *sqlx.Tx) (list []debt, err error) {
		if err := tx.SelectContext(ctx, &list, owed, year, quarter, max(first, min(s.today(), last)), last); err != nil {
			return nil, fmt.Errorf("look for visits owed: %w", err)
		}
		return list, nil
	})
}

// One puts a single visit into the plan of a quarter.
func (s *Plans) One(ctx context.Context, by org.Actor, unit org.UnitID, company org.CompanyID, year, quarter int) (int, error) {
	if !PlansVisits(by) {
		return 0, fault.ErrForbidden
	}
	f := fault.Fields{}
	if unit == 0 {
		f.Add("unit", "visit.unit-missing")
	}
	if company == 0 {
		f.Add("company", "visit.company-missing")
	}
	if quarter < 1 || quarter > 4 || year < 2007 || year > 2100 {
		f.Add("quarter", "visit.quarter-unknown")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	const q = `SELECT u.id AS unit_id, c.id AS company_id FROM units u, companies c WHERE u.id = $3 AND c.id = $4
		AND NOT EXISTS (SELECT FROM visits v WHERE v.unit_id = u.id AND v.company_id = c.id AND v.year = $1 AND v.quarter = $2 AND v.due)`
	return s.add(ctx, by, year, quarter, func(tx *sqlx.Tx) (list []debt, err error) {
		if err := tx.SelectContext(ctx, &list, q, year, quarter, unit, company); err != nil {
			return nil, fmt.Errorf("look for the visit: %w", err)
		}
		return list, nil
	})
}

// planning is the key of the lock under which visits are planned, one plan after the other.
const planning = `SELECT pg_advisory_xact_lock(3814)`

// add plans the visits the query finds, company by company.
func (s *Plans) add(ctx context.Context, by org.Actor, year, quarter int, find func(*sqlx.Tx) ([]debt, error)) (int, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return 0, err
	}
	days, err := s.workdays(ctx, year, quarter)
	if err != nil {
		return 0, err
	}
	n := 0
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, planning); err != nil {
			return fmt.Errorf("wait for another plan: %w", err)
		}
		list, err := find(tx)
		if err != nil {
			return err
		}
		old, err := occasions(ctx, tx, list, year, quarter)
		if err != nil {
			return err
		}
		for i := 0; i < len(list); {
			j := i
			var units []org.UnitID
			for ; j < len(list) && list[j].Company == list[i].Company; j++ {
				units = append(units, list[j].Unit)
			}
			c := list[i].Company
			all, at := spread(units, old[c], set.Limit, days, int(c)*11)
			if err := s.write(ctx, tx, c, units, all, at, year, quarter); err != nil {
				return err
			}
			i = j
		}
		n = len(list)
		return record.Append(ctx, tx, by, "visits.planned", fmt.Sprintf("quarter:%d-%d", year, quarter), map[string]any{"added": n, "limit": set.Limit})
	})
	return n, err
}

// workdays are the working days of the quarter that are still to come.
func (s *Plans) workdays(ctx context.Context, year, quarter int) ([]calendar.Date, error) {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return nil, err
	}
	first, last := quarterDays(year, quarter)
	var out []calendar.Date
	for d := max(first, s.today()); d <= last; d = d.AddDays(1) {
		if cal.IsWorkingDay(d) {
			out = append(out, d)
		}
	}
	return out, nil
}

// occasions reads on which days the companies are called on in the quarter.
func occasions(ctx context.Context, tx *sqlx.Tx, list []debt, year, quarter int) (map[org.CompanyID][]occasion, error) {
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = int64(d.Company)
	}
	first, last := quarterDays(year, quarter)
	var rows []struct {
		Company org.CompanyID `db:"company_id"`
		On      calendar.Date `db:"on_day"`
		Units   int           `db:"units"`
		Made    bool          `db:"made"`
		Visit   int64         `db:"visit"`
		Joint   int64         `db:"joint"`
	}
	const q = `SELECT company_id, to_char(coalesce(visited_on, planned_on), 'YYYY-MM-DD') AS on_day, count(*) AS units, bool_or(visited_on IS NOT NULL) AS made,
			min(id) AS visit, coalesce(min(joint_id), 0) AS joint
		FROM visits WHERE company_id = ANY($1) AND coalesce(visited_on, planned_on) BETWEEN $2 AND $3
		GROUP BY company_id, coalesce(visited_on, planned_on), coalesce('j' || joint_id, 'u' || unit_id) ORDER BY 2, 5`
	if err := tx.SelectContext(ctx, &rows, q, pq.Array(ids), first, last); err != nil {
		return nil, fmt.Errorf("read the load of companies: %w", err)
	}
	out := map[org.CompanyID][]occasion{}
	for _, r := range rows {
		out[r.Company] = append(out[r.Company], occasion{On: r.On, Units: r.Units, Made: r.Made, Visit: r.Visit, Joint: r.Joint})
	}
	return out, nil
}

// write puts the visits of units to a company into the plan.
func (s *Plans) write(ctx context.Context, tx *sqlx.Tx, company org.CompanyID, units []org.UnitID, all []occasion, at []int, year, quarter int) error {
	for i, unit := range units {
		on, joint := calendar.Date(""), int64(0)
		if k := at[i]; k >= 0 {
			if all[k].Units > 1 && all[k].Joint == 0 {
				id, err := s.joint(ctx, tx, company, all[k].Visit)
				if err != nil {
					return err
				}
				all[k].Joint = id
			}
			on, joint = all[k].On, all[k].Joint
		}
		const q = `INSERT INTO visits (unit_id, company_id, year, quarter, due, planned_on, joint_id, idem)
			VALUES ($1, $2, $3::int, $4::smallint, true, nullif($5, '')::date, nullif($6::bigint, 0), format('plan-%s-%s-%s-%s', $1::bigint, $2::bigint, $3::int, $4::smallint))
			ON CONFLICT (unit_id, company_id, year, quarter) WHERE due DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, unit, company, year, quarter, string(on), joint); err != nil {
			return fmt.Errorf("plan a visit: %w", err)
		}
	}
	return nil
}

// joint makes a joint visit at a company and puts the visit into it; 0: none yet.
func (s *Plans) joint(ctx context.Context, tx *sqlx.Tx, company org.CompanyID, visit int64) (int64, error) {
	var id int64
	if err := tx.GetContext(ctx, &id, `INSERT INTO joint_visits (company_id, made_at) VALUES ($1, $2) RETURNING id`, company, s.now()); err != nil {
		return 0, fmt.Errorf("make a joint visit: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE visits SET joint_id = $2 WHERE id = $1`, visit, id); err != nil {
		return 0, fmt.Errorf("make a visit joint: %w", err)
	}
	return id, nil
}
