package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/postgres"
)

const companyColumns = `c.id, c.licence, c.name_zh, c.name_en, c.name_ru, c.origin, c.sector, c.rater_group, c.township,
	c.head_name, c.phone, c.email, coalesce(c.contact_unit_id, 0) AS contact_unit, c.active,
	EXISTS (SELECT FROM chamber_members m WHERE m.company_id = c.id AND m.until_on IS NULL) AS member,
	(SELECT count(*) FROM accounts a WHERE a.company_id = c.id AND a.disabled_at IS NULL) AS accounts`

// CompanyFilter narrows a list of companies; zero values narrow nothing.
type CompanyFilter struct {
	Search string // part of a name or licence number
	Origin string
	Sector string
	Group  string // G1, G2, or "none"
	Page   int    // from 1
	Size   int
}

// Companies returns a page of companies and how many there are in all.
func (s *Store) Companies(ctx context.Context, by Actor, f CompanyFilter) ([]Company, int, error) {
	if !mayManage(by) && !by.Is(RoleChamber, RoleClerk, RoleSupervision) {
		return nil, 0, fault.ErrNotFound
	}
	where := `c.active AND ($1 = '' OR c.name_zh ILIKE $1 OR c.name_en ILIKE $1 OR c.name_ru ILIKE $1 OR c.licence ILIKE $1)
		AND ($2 = '' OR c.origin = $2) AND ($3 = '' OR c.sector = $3)
		AND ($4 = '' OR c.rater_group = $4 OR ($4 = 'none' AND c.rater_group = ''))`
	pattern := ""
	if f.Search != "" {
		pattern = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Search) + "%"
	}
	args := []any{pattern, f.Origin, f.Sector, f.Group}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM companies c WHERE `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count companies: %w", err)
	}
	q := `SELECT ` + companyColumns + ` FROM companies c WHERE ` + where + ` ORDER BY c.name_zh COLLATE "zh-x-icu", c.id LIMIT $5 OFFSET $6`
	var out []Company
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list companies: %w", err)
	}
	return out, total, nil
}

// Company returns a company to those who may read it: its own people, the
// offices, the chamber and administrators.
func (s *Store) Company(ctx context.Context, by Actor, id CompanyID) (Company, error) {
	if by.Company != id && !mayManage(by) && !by.Is(RoleChamber, RoleClerk, RoleSupervision) {
		return Company{}, fault.ErrNotFound
	}
	var c Company
	err := s.db.GetContext(ctx, &c, `SELECT `+companyColumns+` FROM companies c WHERE c.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Company{}, fault.ErrNotFound
	}
	if err != nil {
		return Company{}, fmt.Errorf("read company: %w", err)
	}
	return c, nil
}

// SaveCompany adds a company (ID 0) or changes one, and returns its id. The
// chamber may add and change companies too: it knows its members.
func (s *Store) SaveCompany(ctx context.Context, by Actor, c Company) (CompanyID, error) {
	if !mayManage(by) && by.Role != RoleChamber {
		return 0, fault.ErrForbidden
	}
	if err := c.Check().Err(); err != nil {
		return 0, err
	}
	id := c.ID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		args := []any{c.Licence, c.ZH, c.EN, c.RU, c.Origin, c.Sector, c.RaterGroup, c.Township, c.Head, c.Phone, c.Email, null(int64(c.ContactUnit))}
		const insert = `INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, township, head_name, phone, email, contact_unit_id, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`
		const update = `UPDATE companies SET licence = $1, name_zh = $2, name_en = $3, name_ru = $4, origin = $5, sector = $6, rater_group = $7,
			township = $8, head_name = $9, phone = $10, email = $11, contact_unit_id = $12 WHERE id = $13 RETURNING id`
		q, last := insert, any(s.now())
		if c.ID != 0 {
			q, last = update, c.ID
		}
		err := tx.GetContext(ctx, &id, q, append(args, last)...)
		switch {
		case postgres.Violates(err, "companies_licence_key"):
			return fault.Field("licence", "company.licence-taken")
		case errors.Is(err, sql.ErrNoRows):
			return fault.ErrNotFound
		case err != nil:
			return fmt.Errorf("save company: %w", err)
		}
		if err := setMember(ctx, tx, id, c.Member, today(s.now())); err != nil {
			return err
		}
		return audit(ctx, tx, by, "company.saved", fmt.Sprintf("company:%d", id), nil)
	})
	return id, err
}

// setMember begins or ends a company's membership of the chamber.
func setMember(ctx context.Context, tx *sqlx.Tx, id CompanyID, member bool, day string) error {
	q := `UPDATE chamber_members SET until_on = $2 WHERE company_id = $1 AND until_on IS NULL`
	if member {
		q = `INSERT INTO chamber_members (company_id, from_on) SELECT $1, $2
			WHERE NOT EXISTS (SELECT FROM chamber_members WHERE company_id = $1 AND until_on IS NULL)`
	}
	if _, err := tx.ExecContext(ctx, q, id, day); err != nil {
		return fmt.Errorf("set chamber membership: %w", err)
	}
	return nil
}

// null makes 0 a NULL.
func null(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
