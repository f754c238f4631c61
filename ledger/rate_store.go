package ledger

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Rate is what one unit of a currency was worth in CNY on a day, and who says so.
type Rate struct {
	Currency string        `db:"currency"`
	On       calendar.Date `db:"on_day"`
	Rate     string        `db:"rate"` // CNY for one unit, up to six decimals
	Source   string        `db:"source"`
}

// RateDraft is a rate as typed.
type RateDraft struct{ Currency, On, Rate, Source string }

// rateForm is a rate with up to six decimals, above zero.
var rateForm = regexp.MustCompile(`^[0-9]{1,8}(\.[0-9]{1,6})?$`)

// Check reads a draft and says what is wrong with it, by field.
func (d RateDraft) Check(today calendar.Date) (Rate, fault.Fields) {
	f := fault.Fields{}
	r := Rate{Currency: d.Currency, Rate: strings.TrimSpace(d.Rate), Source: strings.TrimSpace(d.Source)}
	if !slices.Contains(Currencies, d.Currency) || d.Currency == CNY {
		f.Add("currency", "ledger.choose")
	}
	if d.On == "" {
		f.Add("on", "ledger.day-missing")
	}
	r.On = day(f, "on", d.On, today)
	if !rateForm.MatchString(r.Rate) || strings.Trim(r.Rate, "0.") == "" {
		f.Add("rate", "ledger.rate-wrong")
	}
	f.Length("source", r.Source, 2, MaxTitle)
	return r, f
}

// Rates returns the rates entered, the latest first.
func (s *Store) Rates(ctx context.Context, by org.Actor) ([]Rate, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Rate
	const q = `SELECT currency, to_char(on_day, 'YYYY-MM-DD') AS on_day, trim_scale(rate)::text AS rate, source FROM exchange_rates ORDER BY on_day DESC, currency`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("list rates: %w", err)
	}
	return out, nil
}

// EnterRate notes a rate of a day. A currency has one rate a day, which stays.
func (s *Store) EnterRate(ctx context.Context, by org.Actor, d RateDraft) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	r, f := d.Check(s.today())
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO exchange_rates (currency, on_day, rate, source) VALUES ($1, $2, $3::numeric, $4)`, r.Currency, r.On, r.Rate, r.Source)
		if postgres.Violates(err, "exchange_rates_pkey") {
			return fault.Field("on", "ledger.rate-taken")
		}
		if err != nil {
			return fmt.Errorf("enter rate: %w", err)
		}
		return record.Append(ctx, tx, by, "ledger.rate", "ledger", map[string]any{"currency": r.Currency, "on": r.On, "rate": r.Rate})
	})
}

// Converted is an amount in another currency beside what it was worth in CNY.
type Converted struct {
	Apart
	Rate Rate   // "" in Rate.Rate: none by the day, and nothing is converted
	CNY  Amount // 万元
}

// Convert puts amounts that stand apart beside their worth at the latest rate of their
// currency by the day. What has no rate stays as it is; nothing is added to any sum.
func Convert(apart []Apart, rates []Rate, asOf calendar.Date) []Converted {
	var out []Converted
	for _, a := range apart {
		if a.Currency == CNY {
			continue
		}
		c := Converted{Apart: a}
		for _, r := range rates {
			if r.Currency == a.Currency && r.On <= asOf && r.On > c.Rate.On {
				c.Rate = r
			}
		}
		if c.Rate.Rate != "" {
			c.CNY, _ = a.Amount.Convert(c.Rate.Rate)
		}
		out = append(out, c)
	}
	return out
}
