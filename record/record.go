// Package record is the audit log: append-only, chained by hash, written in the
// same transaction as the act it records. If it cannot be written, the act does
// not happen.
package record

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/org"
	"pingyi/postgres"
)

// Append records that the actor did action to object ("issue:12"). detail holds
// ids and states, never texts, names or secrets.
func Append(ctx context.Context, tx *sqlx.Tx, by org.Actor, action, object string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	doc, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode audit detail of %s: %w", action, err)
	}
	var actor *org.AccountID
	if by.SignedIn() {
		actor = &by.Account
	}
	role := by.Role
	if role == "" {
		role = org.RolePublic
	}
	const q = `SELECT audit_append($1, $2, $3, $4, $5)`
	if _, err := tx.ExecContext(ctx, q, actor, role, action, object, doc); err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// Note records an act that changes nothing else: a refused access, an export.
func (s *Store) Note(ctx context.Context, by org.Actor, action, object string, detail map[string]any) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error { return Append(ctx, tx, by, action, object, detail) })
}
