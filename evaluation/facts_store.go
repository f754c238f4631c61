package evaluation

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// TaskFigures returns a year's task figures by unit.
func (s *Store) TaskFigures(ctx context.Context, by org.Actor, year int) (map[org.UnitID]TaskRow, error) {
	if !runs(by) && by.Role != org.RoleSupervision && !by.IsLeader() {
		return nil, fault.ErrNotFound
	}
	return s.taskRows(ctx, s.db, year, s.now())
}

// taskRows are the task figures of a year as of a moment. Where a unit has issued tasks
// in the ledger its figures are theirs; for the others an office may type them.
func (s *Store) taskRows(ctx context.Context, db sqlx.QueryerContext, year int, asOf time.Time) (map[org.UnitID]TaskRow, error) {
	var rows []TaskRow
	const q = `SELECT unit_id, target::text, arrived::text, tasks_due, tasks_done, evidence FROM task_figures WHERE year = $1`
	if err := sqlx.SelectContext(ctx, db, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read task figures: %w", err)
	}
	out := map[org.UnitID]TaskRow{}
	for _, r := range rows {
		out[r.Unit] = r
	}
	book, err := s.book.Figures(ctx, year, asOf)
	if err != nil {
		return nil, err
	}
	for unit, f := range book {
		r := TaskRow{Unit: unit, Due: f.Due, Done: f.Done, Book: true}
		if f.Funds {
			target, arrived := f.Target.String(), f.Arrived.String()
			r.Target, r.Arrived = &target, &arrived
		}
		out[unit] = r
	}
	return out, nil
}

// SaveTasks enters or replaces a unit's task figures of a year.
func (s *Store) SaveTasks(ctx context.Context, by org.Actor, year int, e TaskEntry) error {
	if err := run(by); err != nil {
		return err
	}
	e, err := e.check()
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO task_figures (year, unit_id, target, arrived, tasks_due, tasks_done, evidence, entered_by, entered_at)
			VALUES ($1, $2, nullif($3, '')::numeric, nullif($4, '')::numeric, $5, $6, $7, $8, $9)
			ON CONFLICT (year, unit_id) DO UPDATE SET target = excluded.target, arrived = excluded.arrived, tasks_due = excluded.tasks_due,
				tasks_done = excluded.tasks_done, evidence = excluded.evidence, entered_by = excluded.entered_by, entered_at = excluded.entered_at`
		if _, err := tx.ExecContext(ctx, q, year, e.Unit, e.Target, e.Arrived, e.Due, e.Done, e.Evidence, by.Account, s.now()); err != nil {
			return fmt.Errorf("save task figures: %w", err)
		}
		return record.Append(ctx, tx, by, "tasks.saved", fmt.Sprintf("unit:%d", e.Unit), map[string]any{"year": year, "target": e.Target, "arrived": e.Arrived, "due": e.Due, "done": e.Done})
	})
}

// Adjustments returns a year's entries, of one unit or (0) of all: those entered by hand
// and what the ledger says to the units' credit.
func (s *Store) Adjustments(ctx context.Context, by org.Actor, year int, unit org.UnitID) ([]Adjustment, error) {
	if !runs(by) && by.Role != org.RoleSupervision && !by.IsLeader() && !by.OfUnit(unit) {
		return nil, fault.ErrNotFound
	}
	sc, err := s.SchemeOf(ctx, year)
	if err != nil {
		return nil, err
	}
	credits, err := s.book.Credits(ctx, s.db, year, s.now())
	if err != nil {
		return nil, err
	}
	var out []Adjustment
	const q = `SELECT x.id, x.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", x.rule,
			to_char(x.happened_on, 'YYYY-MM-DD') AS happened_on, coalesce(x.company_id, 0) AS company, coalesce(trim_scale(x.amount)::text, '') AS amount, x.evidence, x.finding, a.name AS entered_by, x.entered_at, x.struck_at, x.struck_why
		FROM adjustments x JOIN units u ON u.id = x.unit_id JOIN accounts a ON a.id = x.entered_by
		WHERE x.year = $1 AND ($2 = 0 OR x.unit_id = $2) ORDER BY x.happened_on, x.id`
	if err := s.db.SelectContext(ctx, &out, q, year, unit); err != nil {
		return nil, fmt.Errorf("list adjustments: %w", err)
	}
	for _, c := range credits {
		if rule, ok := sc.credited(c); ok && (unit == 0 || c.Unit == unit) {
			out = append(out, Adjustment{Unit: c.Unit, Rule: rule.Code, On: c.On, Entered: c.Checked, EnteredBy: c.By, Credit: &c})
		}
	}
	if err := s.nameUnits(ctx, out); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Adjustment) int { return cmp.Compare(a.On, b.On) })
	return out, nil
}

// AddAdjustment enters a bonus, deduction or veto with its evidence.
func (s *Store) AddAdjustment(ctx context.Context, by org.Actor, year int, e AdjustmentEntry, idem string) error {
	if err := run(by); err != nil {
		return err
	}
	sc, err := s.SchemeOf(ctx, year)
	if err != nil {
		return err
	}
	f := fault.Fields{}
	known := false
	for _, r := range sc.ManualRules() {
		known = known || r.Code == e.Rule
	}
	if !known {
		f.Add("rule", "year.rule-unknown")
	}
	if e.Unit == 0 {
		f.Add("unit", "year.unit-missing")
	}
	if r, _ := sc.Rule(e.Rule); r.Needs == "company" && e.Company == 0 {
		f.Add("company", "year.company-missing")
	} else if r.Each.Known() {
		if e.Amount = normalMoney(e.Amount); !amount.MatchString(e.Amount) || Decimal(e.Amount).cmp(Frac(0, 1)) == 0 {
			f.Add("amount", "year.entry-amount")
		}
	} else {
		e.Amount = ""
	}
	on, err := calendar.ParseDate(e.On)
	switch {
	case err != nil:
		f.Add("on", "campaign.date-missing")
	case on > calendar.DateOf(s.now()) || on.Year() != year:
		f.Add("on", "year.date-outside")
	}
	checkEvidence(f, e.Evidence)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO adjustments (year, unit_id, rule, happened_on, company_id, amount, evidence, entered_by, entered_at, idem)
			VALUES ($1, $2, $3, $4, $5, nullif($6, '')::numeric, $7, $8, $9, $10) ON CONFLICT ON CONSTRAINT adjustments_idem_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, year, e.Unit, e.Rule, on, orNull(int64(e.Company)), e.Amount, e.Evidence, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("add adjustment: %w", err)
		}
		return record.Append(ctx, tx, by, "adjustment.added", fmt.Sprintf("unit:%d", e.Unit), map[string]any{"year": year, "rule": e.Rule})
	})
}

// StrikeAdjustment strikes an entry out with a reason; it stays readable.
func (s *Store) StrikeAdjustment(ctx context.Context, by org.Actor, id int64, why string) error {
	if err := run(by); err != nil {
		return err
	}
	f := fault.Fields{}
	if len([]rune(why)) < 5 {
		f.Add("why", "year.why-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE adjustments SET struck_at = $2, struck_by = $3, struck_why = $4 WHERE id = $1 AND struck_at IS NULL`
		if _, err := tx.ExecContext(ctx, q, id, s.now(), by.Account, why); err != nil {
			return fmt.Errorf("strike adjustment: %w", err)
		}
		return record.Append(ctx, tx, by, "adjustment.struck", fmt.Sprintf("adjustment:%d", id), nil)
	})
}

// amount is what an entry may count: up to four decimals.
var amount = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,4})?$`)

// entriesOf returns the entries that count, by unit, in the order they happened.
func (s *Store) entriesOf(ctx context.Context, tx *sqlx.Tx, sc *Scheme, year int, asOf time.Time) (map[org.UnitID][]namedEntry, error) {
	var rows []struct {
		On      calendar.Date `db:"happened_on"`
		Unit    org.UnitID    `db:"unit_id"`
		Rule    string        `db:"rule"`
		Company org.CompanyID `db:"company"`
		Amount  *string       `db:"amount"`
	}
	const q = `SELECT to_char(happened_on, 'YYYY-MM-DD') AS happened_on, unit_id, rule, coalesce(company_id, 0) AS company, amount::text FROM adjustments WHERE year = $1 AND struck_at IS NULL ORDER BY unit_id, happened_on, id`
	if err := tx.SelectContext(ctx, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read adjustments: %w", err)
	}
	out := map[org.UnitID][]namedEntry{}
	for _, r := range rows {
		e := namedEntry{On: r.On, Rule: r.Rule, Company: r.Company}
		if r.Amount != nil {
			e.Amount = Decimal(*r.Amount).rat
		}
		out[r.Unit] = append(out[r.Unit], e)
	}
	credits, err := s.book.Credits(ctx, tx, year, asOf)
	if err != nil {
		return nil, err
	}
	for _, c := range credits {
		if rule, ok := sc.credited(c); ok {
			out[c.Unit] = append(out[c.Unit], namedEntry{On: c.On, Rule: rule.Code, Amount: amountOf(c)})
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b namedEntry) int { return cmp.Compare(a.On, b.On) })
	}
	return out, nil
}

// ItemResult is how the answers of an indicator are spread.
type ItemResult struct {
	Item  string
	Count map[string]int // by level, and "na"
	N     int            // answers with a level
	Score Exact          // mean value of the answers with a level
}

// Items returns how a unit's answers in the latest tallied campaign of the year
// are spread, to the unit itself and to those who compile; none under the floor
// of companies. The campaign's kind comes with it.
func (s *Store) Items(ctx context.Context, by org.Actor, year int, unit org.UnitID) (string, []ItemResult, error) {
	if !runs(by) && by.Role != org.RoleSupervision && !by.IsLeader() && !by.OfUnit(unit) {
		return "", nil, fault.ErrNotFound
	}
	var c Campaign
	err := s.db.GetContext(ctx, &c, `SELECT `+campaignColumns+`WHERE c.year = $1 AND c.state = 'tallied' ORDER BY c.cast_from DESC LIMIT 1`, year)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("find the campaign: %w", err)
	}
	sc, err := s.Scheme(ctx, c.SchemeID)
	if err != nil {
		return "", nil, err
	}
	t, _, err := s.KeptTally(ctx, c.ID)
	if err != nil {
		return "", nil, err
	}
	var rows []ItemCount
	for _, u := range t.Units {
		if u.Unit == unit {
			rows = u.Items
		}
	}
	byItem := map[string]map[string]int{}
	for _, r := range rows {
		if byItem[r.Item] == nil {
			byItem[r.Item] = map[string]int{}
		}
		byItem[r.Item][r.Level] = r.N
	}
	var out []ItemResult
	for _, ind := range sc.Indicators {
		r := ItemResult{Item: ind.Code, Count: byItem[ind.Code]}
		sum := 0
		for _, l := range sc.Levels {
			r.N += r.Count[l.Code]
			sum += l.Value * r.Count[l.Code]
		}
		if r.N < sc.Disclosure.Unit {
			r.Count, r.N = nil, 0
		} else {
			r.Score = Frac(int64(sum), int64(r.N))
		}
		out = append(out, r)
	}
	return c.Kind, out, nil
}
