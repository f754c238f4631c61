package org

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// audit appends to the audit log. Package record has the same for all others; it
// imports this package, so this package calls the database's function itself.
func audit(ctx context.Context, tx *sqlx.Tx, by Actor, action, object string, detail map[string]any) error {
	doc, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode audit detail: %w", err)
	}
	var actor *AccountID
	if by.SignedIn() {
		actor = &by.Account
	}
	role := by.Role
	if role == "" {
		role = RolePublic
	}
	if _, err := tx.ExecContext(ctx, `SELECT audit_append($1, $2, $3, $4, $5)`, actor, role, action, object, doc); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

var shanghai = func() *time.Location {
	if loc, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return loc
	}
	return time.FixedZone("CST", 8*60*60)
}()

// today is the civil day in Shanghai, as the database wants it.
func today(at time.Time) string { return at.In(shanghai).Format(time.DateOnly) }
