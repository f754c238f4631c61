package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Filter narrows the list of the ledger's rows; zero values narrow nothing.
type Filter struct {
	Area, Class, Kind, Currency, Search string
	Counted                             bool   // only rows of the sums: signed investment contracts in CNY
	Large                               bool   // only contracts above the threshold
	Over                                Amount // the threshold; 0 stands for Large
	AsOf                                calendar.Date
	Page, Size                          int
}

const contractColumns = `c.id, c.no, c.kind, c.purpose, c.title, c.investor, coalesce(c.company_id, 0) AS company_id, c.area, c.class, c.amount, c.currency,
	coalesce(to_char(c.agreed_on, 'YYYY-MM-DD'), '') AS agreed_on, coalesce(to_char(c.signed_on, 'YYYY-MM-DD'), '') AS signed_on, coalesce(c.unit_id, 0) AS unit_id,
	coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru", c.source,
	coalesce(to_char(c.produced_on, 'YYYY-MM-DD'), '') AS produced_on, coalesce(to_char(c.ended_on, 'YYYY-MM-DD'), '') AS ended_on, c.ended_why,
	coalesce(a.arrived, 0) AS arrived, coalesce(a.increase, 0) AS increase`

// what arrived on a row by a day, $1
const contractTables = ` c LEFT JOIN units u ON u.id = c.unit_id LEFT JOIN LATERAL (SELECT sum(amount) FILTER (WHERE kind = 'contract') AS arrived,
	sum(amount) FILTER (WHERE kind = 'increase') AS increase FROM arrivals WHERE contract_id = c.id AND struck_at IS NULL AND arrived_on <= $1) a ON true `

// Contracts returns a page of the ledger's rows, the newest first, and how many
// there are in all.
func (s *Store) Contracts(ctx context.Context, by org.Actor, f Filter) ([]Contract, int, error) {
	if !Reads(by) {
		return nil, 0, fault.ErrNotFound
	}
	if f.AsOf == "" {
		f.AsOf = s.today()
	}
	const where = ` WHERE ($2 = '' OR c.area = $2) AND ($3 = '' OR c.class = $3) AND ($4 = '' OR c.kind = $4) AND ($5 = '' OR c.currency = $5)
		AND ($6 = '' OR c.title ILIKE $6 OR c.investor ILIKE $6 OR c.no ILIKE $6) AND (NOT $7 OR (c.signed_on <= $1 AND c.purpose = 'investment' AND c.currency = 'CNY'))
		AND (NOT $8 OR c.amount > $9)`
	pattern := ""
	if f.Search != "" {
		pattern = "%" + f.Search + "%"
	}
	args := []any{f.AsOf, f.Area, f.Class, f.Kind, f.Currency, pattern, f.Counted, f.Large, Period{Over: f.Over}.over()}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM contracts c`+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count contracts: %w", err)
	}
	var out []Contract
	// the page first, then what arrived on its rows alone
	q := `SELECT ` + contractColumns + ` FROM (SELECT * FROM contracts c` + where + ` ORDER BY coalesce(c.signed_on, c.agreed_on) DESC, c.id DESC LIMIT $10 OFFSET $11)` +
		contractTables + `ORDER BY coalesce(c.signed_on, c.agreed_on) DESC, c.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list contracts: %w", err)
	}
	return out, total, nil
}

// Contract returns one row of the ledger with all that arrived, struck entries too.
func (s *Store) Contract(ctx context.Context, by org.Actor, id ContractID) (Contract, []Arrival, error) {
	if !Reads(by) {
		return Contract{}, nil, fault.ErrNotFound
	}
	var c Contract
	err := s.db.GetContext(ctx, &c, `SELECT `+contractColumns+` FROM contracts`+contractTables+`WHERE c.id = $2`, s.today(), id)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil, fault.ErrNotFound
	}
	if err != nil {
		return c, nil, fmt.Errorf("read contract: %w", err)
	}
	var out []Arrival
	const q = `SELECT a.id, a.contract_id, a.kind, to_char(a.arrived_on, 'YYYY-MM-DD') AS arrived_on, a.amount, a.voucher, a.verified_by, a.struck_at, a.struck_why,
			coalesce(x.name, '') AS by, a.entered_at
		FROM arrivals a LEFT JOIN accounts x ON x.id = a.entered_by WHERE a.contract_id = $1 ORDER BY a.arrived_on, a.id`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return c, nil, fmt.Errorf("read arrivals: %w", err)
	}
	return c, out, nil
}

// Findings holds what reports state against the ledger of their days.
func (s *Store) Findings(ctx context.Context, by org.Actor) ([]Finding, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var stated []Stated
	const q = `SELECT id, source, to_char(as_of, 'YYYY-MM-DD') AS as_of, what, coalesce(area, '') AS area, coalesce(class, '') AS class, value FROM stated_figures ORDER BY as_of, source, id`
	if err := s.db.SelectContext(ctx, &stated, q); err != nil {
		return nil, fmt.Errorf("read stated figures: %w", err)
	}
	sums := map[calendar.Date]Summary{}
	for _, x := range stated {
		if _, known := sums[x.AsOf]; !known {
			sum, err := s.Summary(ctx, by, Period{To: x.AsOf})
			if err != nil {
				return nil, err
			}
			sums[x.AsOf] = sum
		}
	}
	return Hold(stated, func(d calendar.Date) Summary { return sums[d] }), nil
}
