package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrDecided: the referral is not in the state the step begins from.
var ErrDecided = fault.New(fault.Conflict, "referral.over")

const referralQuery = `SELECT r.id, r.referrer_id, x.name_zh AS "referrer.name_zh", x.name_en AS "referrer.name_en", x.name_ru AS "referrer.name_ru", r.newcomer, r.about, r.state,
	n.name AS named_by, r.named_by AS namer, r.named_at, coalesce(r.contract_id, 0) AS contract_id, coalesce(c.no, '') AS no, coalesce(r.newcomer_id, 0) AS newcomer_id,
	coalesce(y.name_zh, '') AS "company.name_zh", coalesce(y.name_en, '') AS "company.name_en", coalesce(y.name_ru, '') AS "company.name_ru",
	coalesce(r.unit_id, 0) AS unit_id, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru",
	r.evidence, coalesce(d.name, '') AS decided_by, r.decided_at, r.why, coalesce(x.contact_unit_id, 0) AS contact
	FROM referrals r JOIN companies x ON x.id = r.referrer_id JOIN accounts n ON n.id = r.named_by LEFT JOIN contracts c ON c.id = r.contract_id
	LEFT JOIN companies y ON y.id = r.newcomer_id LEFT JOIN units u ON u.id = r.unit_id LEFT JOIN accounts d ON d.id = r.decided_by `

// referralScope: a company sees what was named for it, who reads the ledger all.
func referralScope(by org.Actor) (org.CompanyID, error) {
	switch {
	case by.Role == org.RoleCompany && by.Company != 0:
		return by.Company, nil
	case Reads(by):
		return 0, nil
	}
	return 0, fault.ErrNotFound
}

// Referrals returns a page of the referrals the actor may see, those that wait for an
// office first, and how many there are.
func (s *Store) Referrals(ctx context.Context, by org.Actor, page, size int) ([]Referral, int, error) {
	own, err := referralScope(by)
	if err != nil {
		return nil, 0, err
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM referrals WHERE $1 = 0 OR referrer_id = $1`, own); err != nil {
		return nil, 0, fmt.Errorf("count referrals: %w", err)
	}
	var out []Referral
	err = s.db.SelectContext(ctx, &out, referralQuery+`WHERE $1 = 0 OR r.referrer_id = $1 ORDER BY r.state <> 'named', r.id DESC LIMIT $2 OFFSET $3`, own, size, max(0, page-1)*size)
	if err != nil {
		return nil, 0, fmt.Errorf("list referrals: %w", err)
	}
	return out, total, nil
}

// Referral returns one referral to who may see it.
func (s *Store) Referral(ctx context.Context, by org.Actor, id ReferralID) (Referral, error) {
	var r Referral
	own, err := referralScope(by)
	if err != nil {
		return r, err
	}
	err = s.db.GetContext(ctx, &r, referralQuery+`WHERE r.id = $1 AND ($2 = 0 OR r.referrer_id = $2)`, id, own)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.ErrNotFound
	}
	if err != nil {
		return r, fmt.Errorf("read referral: %w", err)
	}
	return r, nil
}

// NameReferral notes whom an investor brought: by his company, or for it by who keeps
// the ledger. The same idem is the same referral.
func (s *Store) NameReferral(ctx context.Context, by org.Actor, d ReferralDraft, idem string) (ReferralID, error) {
	company := by.Role == org.RoleCompany && by.Company != 0
	if !company && !Keeps(by) {
		return 0, fault.ErrForbidden
	}
	f := d.check()
	referrer := by.Company
	if !company {
		err := s.db.GetContext(ctx, &referrer, `SELECT id FROM companies WHERE licence = $1`, org.NormalLicence(d.Licence))
		if errors.Is(err, sql.ErrNoRows) {
			f.Add("licence", "project.licence-unknown")
		} else if err != nil {
			return 0, fmt.Errorf("find the referrer: %w", err)
		}
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id ReferralID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO referrals (referrer_id, newcomer, about, named_by, named_at, idem) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT ON CONSTRAINT referrals_idem_key DO NOTHING RETURNING id`
		err := tx.GetContext(ctx, &id, q, referrer, strings.TrimSpace(d.Newcomer), strings.TrimSpace(d.About), by.Account, s.now(), idem)
		if errors.Is(err, sql.ErrNoRows) {
			return tx.GetContext(ctx, &id, `SELECT id FROM referrals WHERE idem = $1`, idem)
		}
		if err != nil {
			return fmt.Errorf("name referral: %w", err)
		}
		return record.Append(ctx, tx, by, "referral.named", fmt.Sprintf("referral:%d", id), map[string]any{"referrer": referrer})
	})
	return id, err
}

// open locks a referral in a state and returns it.
func (s *Store) open(ctx context.Context, tx *sqlx.Tx, id ReferralID, state string) (Referral, error) {
	var r Referral
	err := tx.GetContext(ctx, &r, referralQuery+`WHERE r.id = $1 FOR UPDATE OF r`, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return r, fault.ErrNotFound
	case err != nil:
		return r, fmt.Errorf("lock referral: %w", err)
	case r.State != state:
		return r, ErrDecided
	}
	return r, nil
}

// Verify finds that a referral led to a signed investment contract of the ledger, and
// credits the unit in charge of the referrer. A contract is credited once; nobody is
// brought by two or by whom he brought.
func (s *Store) Verify(ctx context.Context, by org.Actor, id ReferralID, v Verification) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		r, err := s.open(ctx, tx, id, ReferralNamed)
		if err != nil {
			return err
		}
		if !r.MayDecide(by) {
			return fault.ErrForbidden
		}
		contract, newcomer, err := s.verified(ctx, tx, r, v)
		if err != nil {
			return err
		}
		const q = `UPDATE referrals SET state = 'verified', contract_id = $2, newcomer_id = nullif($3, 0), unit_id = nullif($4, 0), evidence = $5, decided_by = $6, decided_at = $7 WHERE id = $1`
		_, err = tx.ExecContext(ctx, q, id, contract, newcomer, v.Unit, strings.TrimSpace(v.Evidence), by.Account, s.now())
		for constraint, problem := range map[string]string{"referrals_contract_once": "referral.contract-taken", "referrals_one_referrer": "referral.brought-already",
			"referrals_no_cycle": "referral.circle", "referrals_not_himself": "referral.himself"} {
			if postgres.Violates(err, constraint) {
				return fault.Field("no", problem)
			}
		}
		if err != nil {
			return fmt.Errorf("verify referral: %w", err)
		}
		return record.Append(ctx, tx, by, "referral.verified", fmt.Sprintf("referral:%d", id), map[string]any{"contract": contract, "newcomer": newcomer, "unit": v.Unit})
	})
}

// verified holds what an office found against the ledger, and returns the contract and
// the newcomer's company, 0 for none.
func (s *Store) verified(ctx context.Context, tx *sqlx.Tx, r Referral, v Verification) (ContractID, org.CompanyID, error) {
	f := fault.Fields{}
	f.Length("evidence", strings.TrimSpace(v.Evidence), MinWhy, MaxWhy)
	var c struct {
		ID      ContractID    `db:"id"`
		Counts  bool          `db:"counts"`
		Company org.CompanyID `db:"company"`
	}
	err := tx.GetContext(ctx, &c, `SELECT id, kind = 'contract' AND purpose = 'investment' AS counts, coalesce(company_id, 0) AS company FROM contracts WHERE no = $1 FOR SHARE`, strings.TrimSpace(v.No))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		f.Add("no", "referral.contract-unknown")
	case err != nil:
		return 0, 0, fmt.Errorf("find the contract: %w", err)
	case !c.Counts:
		f.Add("no", "referral.contract-not-signed")
	}
	if v.Licence != "" {
		var named org.CompanyID
		err := tx.GetContext(ctx, &named, `SELECT id FROM companies WHERE licence = $1`, org.NormalLicence(v.Licence))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			f.Add("licence", "project.licence-unknown")
		case err != nil:
			return 0, 0, fmt.Errorf("find the newcomer: %w", err)
		case c.Company != 0 && c.Company != named:
			f.Add("licence", "referral.licence-other")
		default:
			c.Company = named
		}
	}
	if c.Company == r.Referrer {
		f.Add("no", "referral.himself")
	}
	return c.ID, c.Company, f.Err()
}

// RefuseReferral finds that nobody was brought, with the reason the company reads.
func (s *Store) RefuseReferral(ctx context.Context, by org.Actor, id ReferralID, why string) error {
	return s.endReferral(ctx, by, id, ReferralNamed, why, `UPDATE referrals SET state = 'refused', why = $2, decided_by = $3, decided_at = $4 WHERE id = $1`)
}

// StrikeReferral takes a verified referral back, with a reason; it stays readable and
// its contract is free again.
func (s *Store) StrikeReferral(ctx context.Context, by org.Actor, id ReferralID, why string) error {
	return s.endReferral(ctx, by, id, ReferralVerified, why, `UPDATE referrals SET state = 'struck', why = $2, struck_by = $3, struck_at = $4 WHERE id = $1`)
}

func (s *Store) endReferral(ctx context.Context, by org.Actor, id ReferralID, from, why, q string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("why", strings.TrimSpace(why), MinWhy, MaxWhy)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		r, err := s.open(ctx, tx, id, from)
		if err != nil {
			return err
		}
		if from == ReferralNamed && !r.MayDecide(by) {
			return fault.ErrForbidden
		}
		if _, err := tx.ExecContext(ctx, q, id, strings.TrimSpace(why), by.Account, s.now()); err != nil {
			return fmt.Errorf("end referral: %w", err)
		}
		return record.Append(ctx, tx, by, "referral.ended", fmt.Sprintf("referral:%d", id), map[string]any{"from": from})
	})
}

// Links returns the verified referrals with what arrived on their contracts by today.
func (s *Store) Links(ctx context.Context, by org.Actor) ([]Link, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Link
	const q = `SELECT r.referrer_id, x.name_zh AS "referrer.name_zh", x.name_en AS "referrer.name_en", x.name_ru AS "referrer.name_ru", r.newcomer, coalesce(r.newcomer_id, 0) AS newcomer_id,
			coalesce(y.name_zh, '') AS "company.name_zh", coalesce(y.name_en, '') AS "company.name_en", coalesce(y.name_ru, '') AS "company.name_ru",
			c.id AS contract_id, c.no, to_char(c.signed_on, 'YYYY-MM-DD') AS signed_on, CASE WHEN c.currency = 'CNY' THEN c.amount ELSE 0 END AS amount,
			CASE WHEN c.currency = 'CNY' THEN coalesce(a.arrived, 0) ELSE 0 END AS arrived, CASE WHEN c.currency = 'CNY' THEN coalesce(a.verified, 0) ELSE 0 END AS verified
		FROM referrals r JOIN companies x ON x.id = r.referrer_id JOIN contracts c ON c.id = r.contract_id LEFT JOIN companies y ON y.id = r.newcomer_id
		LEFT JOIN LATERAL (SELECT sum(amount) AS arrived, sum(amount) FILTER (WHERE verified_by <> '') AS verified FROM arrivals WHERE contract_id = c.id AND struck_at IS NULL AND arrived_on <= $1) a ON true
		WHERE r.state = 'verified' ORDER BY c.signed_on, r.id`
	if err := s.db.SelectContext(ctx, &out, q, s.today()); err != nil {
		return nil, fmt.Errorf("read referrals: %w", err)
	}
	return out, nil
}

// Credits returns what the ledger says to the units' credit in a year as of a moment:
// verified referral contracts signed in it, and what arrived in it as verified capital
// increase on a contract in CNY. Whether that is enough for a bonus the scheme says.
func (s *Store) Credits(ctx context.Context, db sqlx.QueryerContext, year int, asOf time.Time) ([]Credit, error) {
	var out []Credit
	const q = `SELECT 'referral' AS kind, r.unit_id, to_char(c.signed_on, 'YYYY-MM-DD') AS on_day, c.id AS contract_id, c.no, c.investor,
			x.name_zh AS "referrer.name_zh", x.name_en AS "referrer.name_en", x.name_ru AS "referrer.name_ru", c.amount, d.name AS by, r.decided_at AS checked_at
		FROM referrals r JOIN contracts c ON c.id = r.contract_id JOIN companies x ON x.id = r.referrer_id JOIN accounts d ON d.id = r.decided_by
		WHERE r.state = 'verified' AND r.unit_id IS NOT NULL AND r.decided_at <= $2 AND c.signed_on BETWEEN make_date($1, 1, 1) AND least(make_date($1, 12, 31), $3::date)
		UNION ALL
		SELECT 'increase', coalesce(c.unit_id, o.contact_unit_id), to_char(max(a.arrived_on), 'YYYY-MM-DD'), c.id, c.no, c.investor, '', '', '', sum(a.amount), string_agg(DISTINCT a.verified_by, '、'), max(a.entered_at)
		FROM arrivals a JOIN contracts c ON c.id = a.contract_id LEFT JOIN companies o ON o.id = c.company_id
		WHERE a.kind = 'increase' AND a.struck_at IS NULL AND a.verified_by <> '' AND a.entered_at <= $2 AND coalesce(c.unit_id, o.contact_unit_id) IS NOT NULL AND c.currency = 'CNY' AND c.purpose = 'investment'
			AND a.arrived_on BETWEEN make_date($1, 1, 1) AND least(make_date($1, 12, 31), $3::date)
		GROUP BY c.id, o.id
		ORDER BY on_day, kind, contract_id`
	if err := sqlx.SelectContext(ctx, db, &out, q, year, asOf, calendar.DateOf(asOf)); err != nil {
		return nil, fmt.Errorf("read credits of %d: %w", year, err)
	}
	return out, nil
}
