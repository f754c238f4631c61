package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Keeps reports whether the actor may write into the ledger.
func Keeps(a org.Actor) bool {
	return a.SignedIn() && (a.IsOffice() || a.Is(org.RoleCampaignAdmin, org.RoleClerk))
}

// Reads reports whether the actor may read the ledger.
func Reads(a org.Actor) bool {
	return Keeps(a) || a.IsLeader() || a.Is(org.RoleSupervision)
}

// Errors of the ledger.
var (
	// ErrForward: a contract keeps what it became and when.
	ErrForward = fault.New(fault.Conflict, "ledger.only-forward")
	// ErrEnded: nothing arrives on a contract that has ended.
	ErrEnded = fault.New(fault.Conflict, "ledger.ended")
)

// Places returns the areas and classes of the ledger, in their order.
func (s *Store) Places(ctx context.Context) (Places, error) {
	var p Places
	if err := s.db.SelectContext(ctx, &p.Areas, `SELECT code, name_zh, name_en, name_ru FROM ledger_areas ORDER BY position`); err != nil {
		return p, fmt.Errorf("read areas: %w", err)
	}
	if err := s.db.SelectContext(ctx, &p.Classes, `SELECT code, name_zh, name_en, name_ru FROM ledger_classes ORDER BY position`); err != nil {
		return p, fmt.Errorf("read classes: %w", err)
	}
	return p, nil
}

// Enter writes a new row into the ledger. A number is there once; the same number
// again is refused beside its field.
func (s *Store) Enter(ctx context.Context, by org.Actor, d ContractDraft) (ContractID, error) {
	if !Keeps(by) {
		return 0, fault.ErrForbidden
	}
	places, err := s.Places(ctx)
	if err != nil {
		return 0, err
	}
	c, f := d.Check(places, s.today())
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id ContractID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO contracts (no, kind, purpose, title, investor, company_id, area, class, amount, currency, agreed_on, signed_on, unit_id, source, entered_by, entered_at)
			SELECT $1, $2, $3, $4, $5, (SELECT id FROM companies WHERE licence = nullif($6, '')), $7, $8, $9, $10, $11, $12, (SELECT id FROM units WHERE code = nullif($13, '') AND active), $14, $15, $16
			RETURNING id`
		err := tx.GetContext(ctx, &id, q, c.No, c.Kind, c.Purpose, c.Title, c.Investor, org.NormalLicence(d.Licence), c.Area, c.Class, c.Amount, c.Currency, c.Agreed, c.Signed,
			d.Unit, c.Source, by.Account, s.now())
		if postgres.Violates(err, "contracts_no_key") {
			return fault.Field("no", "ledger.no-taken")
		}
		if err != nil {
			return fmt.Errorf("enter contract: %w", err)
		}
		return record.Append(ctx, tx, by, "ledger.entered", fmt.Sprintf("contract:%d", id), map[string]any{"no": c.No, "kind": c.Kind, "amount": c.Amount.String(), "currency": c.Currency})
	})
	return id, err
}

// Sign turns an intention or an agreement into a contract, once; both days stay.
func (s *Store) Sign(ctx context.Context, by org.Actor, id ContractID, on string) error {
	f := fault.Fields{}
	d := day(f, "signed", on, s.today())
	if on == "" {
		f.Add("signed", "ledger.signed-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "ledger.signed", map[string]any{"signed": d}, `UPDATE contracts SET kind = 'contract', signed_on = $2 WHERE id = $1 AND kind <> 'contract' AND ended_on IS NULL`, d)
}

// Produce notes the day production began.
func (s *Store) Produce(ctx context.Context, by org.Actor, id ContractID, on string) error {
	f := fault.Fields{}
	d := day(f, "produced", on, s.today())
	if on == "" {
		f.Add("produced", "ledger.day-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "ledger.produced", map[string]any{"produced": d}, `UPDATE contracts SET produced_on = $2 WHERE id = $1 AND kind = 'contract' AND produced_on IS NULL AND ended_on IS NULL`, d)
}

// End notes that a row came to nothing, with the reason. What arrived stays counted.
func (s *Store) End(ctx context.Context, by org.Actor, id ContractID, on, why string) error {
	f := fault.Fields{}
	d := day(f, "ended", on, s.today())
	if on == "" {
		f.Add("ended", "ledger.day-missing")
	}
	f.Length("why", why, MinWhy, MaxWhy)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "ledger.ended", map[string]any{"ended": d, "why": why}, `UPDATE contracts SET ended_on = $2, ended_why = $3 WHERE id = $1 AND ended_on IS NULL`, d, why)
}

// State notes a figure a report states, to be held against the ledger.
func (s *Store) State(ctx context.Context, by org.Actor, x Stated) error {
	if !Keeps(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO stated_figures (source, as_of, what, area, class, value, entered_by, entered_at) VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6, $7, $8)`
		if _, err := tx.ExecContext(ctx, q, x.Source, x.AsOf, x.What, x.Area, x.Class, x.Value, by.Account, s.now()); err != nil {
			return fmt.Errorf("note stated figure: %w", err)
		}
		return record.Append(ctx, tx, by, "ledger.stated", "ledger", map[string]any{"source": x.Source, "what": x.What, "value": x.Value.String()})
	})
}

// change updates one row in an expected state; ErrForward when it is in another.
func (s *Store) change(ctx context.Context, by org.Actor, id ContractID, action string, detail map[string]any, q string, args ...any) error {
	if !Keeps(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, q, append([]any{id}, args...)...)
		if postgres.Violates(err, "contracts_agreed_before_signed") {
			return fault.Field("signed", "ledger.signed-before-agreed")
		}
		if err != nil {
			return fmt.Errorf("change contract: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrForward)
		}
		return record.Append(ctx, tx, by, action, fmt.Sprintf("contract:%d", id), detail)
	})
}

// Arrive enters money that arrived on a contract. A voucher counts once per contract.
func (s *Store) Arrive(ctx context.Context, by org.Actor, id ContractID, d ArrivalDraft) error {
	if !Keeps(by) {
		return fault.ErrForbidden
	}
	a, f := d.Check(s.today())
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var open bool
		err := tx.GetContext(ctx, &open, `SELECT kind = 'contract' AND ended_on IS NULL FROM contracts WHERE id = $1 FOR UPDATE`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock contract: %w", err)
		}
		if !open {
			return ErrEnded
		}
		const q = `INSERT INTO arrivals (contract_id, kind, arrived_on, amount, voucher, verified_by, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		_, err = tx.ExecContext(ctx, q, id, a.Kind, a.On, a.Amount, a.Voucher, a.Verifier, by.Account, s.now())
		if postgres.Violates(err, "arrivals_voucher_key") {
			return fault.Field("voucher", "ledger.voucher-taken")
		}
		if err != nil {
			return fmt.Errorf("enter arrival: %w", err)
		}
		return record.Append(ctx, tx, by, "ledger.arrived", fmt.Sprintf("contract:%d", id), map[string]any{"amount": a.Amount.String(), "on": a.On, "voucher": a.Voucher, "kind": a.Kind})
	})
}

// Strike takes an arrival entered in error out of all sums; it stays readable.
func (s *Store) Strike(ctx context.Context, by org.Actor, id ContractID, arrival int64, why string) error {
	f := fault.Fields{}
	f.Length("strike", why, MinWhy, MaxWhy)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "ledger.struck", map[string]any{"arrival": arrival, "why": why},
		`UPDATE arrivals SET struck_at = $3, struck_why = $4 WHERE contract_id = $1 AND id = $2 AND struck_at IS NULL`, arrival, s.now(), why)
}

// VerifyArrival notes who verified an arrival that was entered unverified. It stays.
func (s *Store) VerifyArrival(ctx context.Context, by org.Actor, id ContractID, arrival int64, verifier string) error {
	f := fault.Fields{}
	f.Length("verify", strings.TrimSpace(verifier), 2, MaxVoucher)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "ledger.verified", map[string]any{"arrival": arrival},
		`UPDATE arrivals SET verified_by = $3 WHERE contract_id = $1 AND id = $2 AND struck_at IS NULL AND verified_by = ''`, arrival, strings.TrimSpace(verifier))
}

// Period is the days a reading of the ledger covers: contracts signed and money
// arrived from From to To, both included. From "" begins with the first day.
//
// Over is the threshold above which a contract counts as large; 0 stands for Large.
type Period struct {
	From, To calendar.Date
	Over     Amount
}

func (p Period) over() Amount {
	if p.Over > 0 {
		return p.Over
	}
	return Large
}

func (p Period) from() calendar.Date {
	if p.From == "" {
		return "0001-01-01"
	}
	return p.From
}

// Summary adds the ledger up over a period.
func (s *Store) Summary(ctx context.Context, by org.Actor, p Period) (Summary, error) {
	if !Reads(by) {
		return Summary{}, fault.ErrNotFound
	}
	var cells []Cell
	const q = `WITH kinds AS (SELECT c.*, CASE WHEN c.signed_on <= $2 THEN 'contract' WHEN c.kind = 'contract' THEN 'agreement' ELSE c.kind END AS stood FROM contracts c)
		SELECT area, class, stood AS kind, purpose, currency, count(*) AS contracts, sum(amount) AS amount, 0 AS arrived, 0 AS increase, count(*) FILTER (WHERE amount > $3) AS large
		FROM kinds WHERE CASE WHEN stood = 'contract' THEN signed_on ELSE agreed_on END BETWEEN $1 AND $2 GROUP BY area, class, stood, purpose, currency
		UNION ALL
		SELECT c.area, c.class, 'contract', c.purpose, c.currency, 0, 0, sum(a.arrived), sum(a.increase), 0
		FROM (SELECT contract_id, sum(amount) AS arrived, coalesce(sum(amount) FILTER (WHERE kind = 'increase'), 0) AS increase FROM arrivals
			WHERE struck_at IS NULL AND arrived_on BETWEEN $1 AND $2 GROUP BY contract_id) a
		JOIN contracts c ON c.id = a.contract_id GROUP BY c.area, c.class, c.purpose, c.currency`
	if err := s.db.SelectContext(ctx, &cells, q, p.from(), p.To, p.over()); err != nil {
		return Summary{}, fmt.Errorf("add up the ledger: %w", err)
	}
	return Sum(cells), nil
}
