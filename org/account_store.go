package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/postgres"
)

const accountColumns = `a.id, a.login, a.name, a.role, coalesce(a.company_id, 0) AS company, coalesce(a.unit_id, 0) AS unit,
	coalesce(a.body_id, 0) AS body, a.lang, a.large_text, a.phone, a.email, a.password_hash <> '' AS active,
	a.disabled_at IS NOT NULL AS disabled, coalesce(c.name_zh, b.name_zh, u.name_zh, '') AS org_name,
	coalesce(nullif(c.name_en, ''), b.name_en, u.name_en, c.name_zh, '') AS org_name_en, a.demo_password,
	EXISTS (SELECT FROM company_raters r WHERE r.account_id = a.id) AS is_rater,
	EXISTS (SELECT FROM activations v WHERE v.account_id = a.id AND v.used_at IS NULL AND v.revoked_at IS NULL) AS has_code`

const accountTables = ` FROM accounts a LEFT JOIN companies c ON c.id = a.company_id LEFT JOIN units u ON u.id = a.unit_id LEFT JOIN bodies b ON b.id = a.body_id `

// activationDays is how long an activation code is good.
const activationDays = 14

// mayManageAccount: administrators manage all accounts, the offices those of
// companies and units, the chamber those of companies.
func mayManageAccount(by Actor, role Role) bool {
	switch {
	case by.Role == RoleOperator:
		return true
	case by.Role == RoleCampaignAdmin, by.IsOffice():
		return role != RoleOperator && role != RoleSupervision
	case by.Role == RoleChamber:
		return role == RoleCompany
	}
	return false
}

// AccountFilter narrows a list of accounts; zero values narrow nothing.
type AccountFilter struct {
	Search  string
	Role    Role
	Company CompanyID
	Unit    UnitID
	Body    BodyID
	Page    int
	Size    int
}

// Accounts returns a page of accounts and how many there are in all. People of a
// company see their own; others see those they manage.
func (s *Store) Accounts(ctx context.Context, by Actor, f AccountFilter) ([]Account, int, error) {
	switch {
	case by.Role == RoleCompany:
		f = AccountFilter{Company: by.Company, Page: f.Page, Size: f.Size}
	case by.Role == RoleChamber:
		f.Role = RoleCompany
	case !mayManage(by):
		return nil, 0, fault.ErrNotFound
	}
	where := `WHERE ($1 = '' OR a.login ILIKE $1 OR a.name ILIKE $1 OR c.name_zh ILIKE $1 OR u.name_zh ILIKE $1) AND ($2 = '' OR a.role = $2)
		AND ($3 = 0 OR a.company_id = $3) AND ($4 = 0 OR a.unit_id = $4) AND ($5 = 0 OR a.body_id = $5)`
	pattern := ""
	if f.Search != "" {
		pattern = "%" + f.Search + "%"
	}
	args := []any{pattern, f.Role, f.Company, f.Unit, f.Body}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*)`+accountTables+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count accounts: %w", err)
	}
	var out []Account
	q := `SELECT ` + accountColumns + accountTables + where + ` ORDER BY a.disabled_at IS NOT NULL, a.role, org_name, a.id LIMIT $6 OFFSET $7`
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list accounts: %w", err)
	}
	return out, total, nil
}

// Account returns one account to itself and to those who manage it.
func (s *Store) Account(ctx context.Context, by Actor, id AccountID) (Account, error) {
	a, err := s.account(ctx, s.db, `a.id = $1`, id)
	if err != nil {
		return a, err
	}
	own := by.Account == id || (by.Role == RoleCompany && by.Company != 0 && a.Company == by.Company)
	if !own && !mayManageAccount(by, a.Role) {
		return Account{}, fault.ErrNotFound
	}
	return a, nil
}

func (s *Store) account(ctx context.Context, q sqlx.QueryerContext, where string, arg any) (Account, error) {
	var a Account
	err := sqlx.GetContext(ctx, q, &a, `SELECT `+accountColumns+accountTables+`WHERE `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// CreateAccount adds an account without a password and returns its id and its
// activation code, which is shown once and kept nowhere.
func (s *Store) CreateAccount(ctx context.Context, by Actor, a Account) (AccountID, string, error) {
	a.Login = NormalLogin(a.Login)
	own := by.Role == RoleCompany && a.Role == RoleCompany && a.Company == by.Company && by.Company != 0
	if !own && !mayManageAccount(by, a.Role) {
		return 0, "", fault.ErrForbidden
	}
	if a.Lang == "" {
		a.Lang = "zh-CN"
	}
	if err := a.Check().Err(); err != nil {
		return 0, "", err
	}
	var id AccountID
	code := newCode()
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO accounts (login, name, role, company_id, unit_id, body_id, lang, phone, email, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`
		err := tx.GetContext(ctx, &id, q, a.Login, a.Name, a.Role, null(int64(a.Company)), null(int64(a.Unit)), null(int64(a.Body)), a.Lang, a.Phone, a.Email, s.now())
		switch {
		case postgres.Violates(err, "accounts_login_key"):
			return fault.Field("login", "account.login-taken")
		case postgres.Violates(err, "accounts_one_home"):
			return fault.Field("role", "account.home-missing")
		case err != nil:
			return fmt.Errorf("add account: %w", err)
		}
		if a.Role == RoleCompany {
			const rater = `INSERT INTO company_raters (company_id, account_id) VALUES ($1, $2) ON CONFLICT (company_id) DO NOTHING`
			if _, err := tx.ExecContext(ctx, rater, a.Company, id); err != nil {
				return fmt.Errorf("name who answers for the appraisal: %w", err)
			}
		}
		if err := s.addCode(ctx, tx, by, id, code); err != nil {
			return err
		}
		return audit(ctx, tx, by, "account.created", fmt.Sprintf("account:%d", id), map[string]any{"role": a.Role})
	})
	return id, code, err
}

func (s *Store) addCode(ctx context.Context, tx *sqlx.Tx, by Actor, id AccountID, code string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE activations SET revoked_at = $2 WHERE account_id = $1 AND used_at IS NULL AND revoked_at IS NULL`, id, s.now()); err != nil {
		return fmt.Errorf("revoke the old code: %w", err)
	}
	const q = `INSERT INTO activations (account_id, code_hash, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)`
	if _, err := tx.ExecContext(ctx, q, id, codeHash(code), null(int64(by.Account)), s.now(), s.now().AddDate(0, 0, activationDays)); err != nil {
		return fmt.Errorf("add activation code: %w", err)
	}
	return nil
}

// NewCode makes a new activation code for an account: for a lost password or a
// lost code. The old code is void and all sessions of the account end.
func (s *Store) NewCode(ctx context.Context, by Actor, id AccountID) (string, error) {
	a, err := s.Account(ctx, by, id)
	if err != nil {
		return "", err
	}
	if !mayManageAccount(by, a.Role) {
		return "", fault.ErrForbidden
	}
	code := newCode()
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := s.addCode(ctx, tx, by, id, code); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id, nil); err != nil {
			return err
		}
		return audit(ctx, tx, by, "account.code", fmt.Sprintf("account:%d", id), nil)
	})
	return code, err
}

// Activate sets the first password with a code. proof is the licence number of a
// company account, the code of a unit's, or the login for all others: two things
// are needed, so a code that was found is no use alone.
func (s *Store) Activate(ctx context.Context, code, proof, password string) (AccountID, error) {
	f := fault.Fields{}
	CheckPassword(f, password, "", "")
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id AccountID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `SELECT v.account_id, coalesce(c.licence, u.code, a.login) AS proof, a.login
			FROM activations v JOIN accounts a ON a.id = v.account_id
			LEFT JOIN companies c ON c.id = a.company_id LEFT JOIN units u ON u.id = a.unit_id AND a.role IN ('head', 'officer')
			WHERE v.code_hash = $1 AND v.used_at IS NULL AND v.revoked_at IS NULL AND v.expires_at > $2 AND a.disabled_at IS NULL
			FOR UPDATE OF v`
		var row struct {
			ID    AccountID `db:"account_id"`
			Proof string    `db:"proof"`
			Login string    `db:"login"`
		}
		err := tx.GetContext(ctx, &row, q, codeHash(code), s.now())
		if errors.Is(err, sql.ErrNoRows) {
			return ErrActivation
		}
		if err != nil {
			return fmt.Errorf("read activation: %w", err)
		}
		if NormalLicence(proof) != NormalLicence(row.Proof) {
			return ErrActivation
		}
		hash, err := s.hash(ctx, password)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE accounts SET password_hash = $2 WHERE id = $1`, row.ID, hash); err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE activations SET used_at = $2 WHERE code_hash = $1`, codeHash(code), s.now()); err != nil {
			return fmt.Errorf("use activation: %w", err)
		}
		id = row.ID
		return audit(ctx, tx, Actor{Account: id, Role: RolePublic}, "account.activated", fmt.Sprintf("account:%d", id), nil)
	})
	return id, err
}

// ChangePassword replaces the actor's own password; every other session ends.
func (s *Store) ChangePassword(ctx context.Context, by Actor, old, fresh string, keep []byte) error {
	f := fault.Fields{}
	CheckPassword(f, fresh, "", by.OrgName.ZH)
	var hash string
	if err := s.db.GetContext(ctx, &hash, `SELECT password_hash FROM accounts WHERE id = $1`, by.Account); err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	if ok, err := s.matches(ctx, old, hash); err != nil {
		return err
	} else if !ok {
		f.Add("old", "account.old-password-wrong")
	}
	if err := f.Err(); err != nil {
		return err
	}
	made, err := s.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE accounts SET password_hash = $2 WHERE id = $1`, by.Account, made); err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if err := endSessions(ctx, tx, by.Account, keep); err != nil {
			return err
		}
		return audit(ctx, tx, by, "account.password", fmt.Sprintf("account:%d", by.Account), nil)
	})
}

// SaveOwn changes what a person may change of his own account.
func (s *Store) SaveOwn(ctx context.Context, by Actor, a Account) error {
	f := fault.Fields{}
	checkName(f, "name", a.Name, true)
	if a.Phone != "" && !phoneForm.MatchString(a.Phone) {
		f.Add("phone", "org.phone-form")
	}
	if a.Email != "" && !emailForm.MatchString(a.Email) {
		f.Add("email", "org.email-form")
	}
	if a.Lang != "zh-CN" && a.Lang != "en" && a.Lang != "ru" {
		f.Add("lang", "account.lang-unknown")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE accounts SET name = $2, lang = $3, large_text = $4, phone = $5, email = $6 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, by.Account, a.Name, a.Lang, a.Large, a.Phone, a.Email); err != nil {
			return fmt.Errorf("save account: %w", err)
		}
		return audit(ctx, tx, by, "account.saved", fmt.Sprintf("account:%d", by.Account), nil)
	})
}

// Disable shuts an account out at its next click, or lets it in again.
func (s *Store) Disable(ctx context.Context, by Actor, id AccountID, disabled bool) error {
	a, err := s.Account(ctx, by, id)
	if err != nil {
		return err
	}
	if !mayManageAccount(by, a.Role) || by.Account == id {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE accounts SET disabled_at = CASE WHEN $2 THEN $3::timestamptz END WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, disabled, s.now()); err != nil {
			return fmt.Errorf("disable account: %w", err)
		}
		if err := endSessions(ctx, tx, id, nil); err != nil {
			return err
		}
		return audit(ctx, tx, by, "account.disabled", fmt.Sprintf("account:%d", id), map[string]any{"disabled": disabled})
	})
}

// SetRater names the one person of a company who answers for its appraisal.
func (s *Store) SetRater(ctx context.Context, by Actor, company CompanyID, account AccountID) error {
	if (by.Role != RoleCompany || by.Company != company) && !mayManageAccount(by, RoleCompany) {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO company_raters (company_id, account_id) SELECT company_id, id FROM accounts
			WHERE id = $2 AND company_id = $1 AND disabled_at IS NULL
			ON CONFLICT (company_id) DO UPDATE SET account_id = excluded.account_id`
		res, err := tx.ExecContext(ctx, q, company, account)
		if err != nil {
			return fmt.Errorf("name the rater: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fault.ErrNotFound
		}
		return audit(ctx, tx, by, "company.rater", fmt.Sprintf("company:%d", company), map[string]any{"account": account})
	})
}

// Code is an activation code with the account it opens.
type Code struct {
	OrgName, Name, Login, Code string
}

// CodesFor makes new activation codes for those of the accounts that have no
// password yet. The codes are kept nowhere.
func (s *Store) CodesFor(ctx context.Context, by Actor, logins []string) ([]Code, error) {
	if !mayManageAccount(by, RoleCompany) {
		return nil, fault.ErrForbidden
	}
	var out []Code
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		out = nil
		var rows []struct {
			ID      AccountID `db:"id"`
			Login   string    `db:"login"`
			Name    string    `db:"name"`
			OrgName string    `db:"org_name"`
		}
		const q = `SELECT a.id, a.login, a.name, c.name_zh AS org_name FROM accounts a JOIN companies c ON c.id = a.company_id
			WHERE a.login = ANY($1) AND a.role = 'company' AND a.password_hash = '' AND a.disabled_at IS NULL ORDER BY c.name_zh COLLATE "zh-x-icu", a.login`
		if err := tx.SelectContext(ctx, &rows, q, pq.Array(logins)); err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		for _, r := range rows {
			code := newCode()
			if err := s.addCode(ctx, tx, by, r.ID, code); err != nil {
				return err
			}
			out = append(out, Code{OrgName: r.OrgName, Name: r.Name, Login: r.Login, Code: code})
		}
		return audit(ctx, tx, by, "account.codes", "accounts", map[string]any{"count": len(rows)})
	})
	return out, err
}

// Empty reports whether nobody has an account yet.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var any bool
	if err := s.db.GetContext(ctx, &any, `SELECT EXISTS (SELECT FROM accounts)`); err != nil {
		return false, fmt.Errorf("look for accounts: %w", err)
	}
	return !any, nil
}
