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

const unitColumns = `u.id, u.code, u.class, u.name_zh, u.name_en, u.name_ru, u.short_zh, u.duties_zh, u.duties_en,
	u.duties_ru, u.window_zh, u.active, coalesce(h.name, '') AS head, coalesce(u.superior_id, 0) AS superior`

type unitRow struct {
	ID       UnitID `db:"id"`
	Code     string `db:"code"`
	Class    int    `db:"class"`
	Names           // name_zh, name_en, name_ru
	ShortZH  string `db:"short_zh"`
	Duties          // duties_zh, duties_en, duties_ru
	WindowZH string `db:"window_zh"`
	Active   bool   `db:"active"`
	Head     string `db:"head"`
	Superior UnitID `db:"superior"`
}

func (r unitRow) unit() Unit {
	return Unit{ID: r.ID, Code: r.Code, Class: r.Class, Names: r.Names, ShortZH: r.ShortZH, Duties: r.Duties,
		WindowZH: r.WindowZH, Active: r.Active, Head: r.Head, Superior: r.Superior}
}

// Units returns all active units in the order of class and code.
func (s *Store) Units(ctx context.Context) ([]Unit, error) {
	const q = `SELECT ` + unitColumns + ` FROM units u LEFT JOIN unit_heads h ON h.unit_id = u.id AND h.until_on IS NULL
		WHERE u.active ORDER BY u.class, u.code`
	var rows []unitRow
	if err := s.db.SelectContext(ctx, &rows, q); err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	out := make([]Unit, len(rows))
	for i, r := range rows {
		out[i] = r.unit()
	}
	return out, nil
}

// Unit returns one unit; ErrNotFound when there is none.
func (s *Store) Unit(ctx context.Context, id UnitID) (Unit, error) {
	return s.oneUnit(ctx, `u.id = $1`, id)
}

// UnitByCode returns the unit of a code, in any case; ErrNotFound when there is none.
func (s *Store) UnitByCode(ctx context.Context, code string) (Unit, error) {
	return s.oneUnit(ctx, `u.code = $1`, strings.ToUpper(code))
}

func (s *Store) oneUnit(ctx context.Context, where string, arg any) (Unit, error) {
	var r unitRow
	q := `SELECT ` + unitColumns + ` FROM units u LEFT JOIN unit_heads h ON h.unit_id = u.id AND h.until_on IS NULL WHERE ` + where
	err := s.db.GetContext(ctx, &r, q, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return Unit{}, fault.ErrNotFound
	}
	if err != nil {
		return Unit{}, fmt.Errorf("read unit: %w", err)
	}
	return r.unit(), nil
}

// SaveUnit adds a unit (ID 0) or changes one, and returns its id.
func (s *Store) SaveUnit(ctx context.Context, by Actor, u Unit) (UnitID, error) {
	if err := manage(by); err != nil {
		return 0, err
	}
	if err := u.Check().Err(); err != nil {
		return 0, err
	}
	id := u.ID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		args := []any{u.Code, u.Class, u.Names.ZH, u.Names.EN, u.Names.RU, u.ShortZH, u.Duties.ZH, u.Duties.EN, u.Duties.RU, u.WindowZH, null(int64(u.Superior))}
		const insert = `INSERT INTO units (code, class, name_zh, name_en, name_ru, short_zh, duties_zh, duties_en, duties_ru, window_zh, superior_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`
		const update = `UPDATE units SET code = $1, class = $2, name_zh = $3, name_en = $4, name_ru = $5, short_zh = $6,
			duties_zh = $7, duties_en = $8, duties_ru = $9, window_zh = $10, superior_id = $11 WHERE id = $12 RETURNING id`
		q := insert
		if u.ID != 0 {
			q, args = update, append(args, u.ID)
		}
		err := tx.GetContext(ctx, &id, q, args...)
		switch {
		case postgres.Violates(err, "units_code_key"):
			return fault.Field("code", "unit.code-taken")
		case postgres.Violates(err, "units_not_own_superior"), postgres.Violates(err, "units_superior_id_fkey"):
			return fault.Field("superior", "unit.superior-unknown")
		case errors.Is(err, sql.ErrNoRows):
			return fault.ErrNotFound
		case err != nil:
			return fmt.Errorf("save unit: %w", err)
		}
		return audit(ctx, tx, by, "unit.saved", fmt.Sprintf("unit:%d", id), map[string]any{"code": u.Code})
	})
	return id, err
}

// SetHead makes a person the head of a unit from today; the head before him ends
// today. "" leaves the post vacant.
func (s *Store) SetHead(ctx context.Context, by Actor, unit UnitID, name string) error {
	if err := manage(by); err != nil {
		return err
	}
	f := fault.Fields{}
	checkName(f, "head", name, false)
	if err := f.Err(); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var current []string
		if err := tx.SelectContext(ctx, &current, `SELECT name FROM unit_heads WHERE unit_id = $1 AND until_on IS NULL FOR UPDATE`, unit); err != nil {
			return fmt.Errorf("read the head: %w", err)
		}
		if len(current) == 1 && current[0] == name {
			return nil
		}
		today := today(s.now())
		if _, err := tx.ExecContext(ctx, `UPDATE unit_heads SET until_on = greatest(from_on, $2) WHERE unit_id = $1 AND until_on IS NULL`, unit, today); err != nil {
			return fmt.Errorf("end the head: %w", err)
		}
		if name != "" {
			if _, err := tx.ExecContext(ctx, `INSERT INTO unit_heads (unit_id, name, from_on) VALUES ($1, $2, $3)`, unit, name, today); err != nil {
				return fmt.Errorf("set the head: %w", err)
			}
		}
		return audit(ctx, tx, by, "unit.head", fmt.Sprintf("unit:%d", unit), map[string]any{"vacant": name == ""})
	})
}
