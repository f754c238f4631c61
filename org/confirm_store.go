package org

import (
	"context"
	"errors"
	"fmt"

	"pingyi/fault"
)

// Confirm checks the actor's password once more before an act of weight, such as
// opening named data. field is where the form asks for it. Wrong ones are counted as
// failed sign-ins of the account are, and slow the next attempts down.
func (s *Store) Confirm(ctx context.Context, by Actor, password, field string) error {
	keys := [][]byte{s.keyed("confirm", fmt.Sprint(by.Account))}
	counts, err := s.failures(ctx, keys)
	if err != nil {
		return err
	}
	if f := counts[string(keys[0])]; delay(f.Count) > s.now().Sub(f.Last) {
		return ErrWait.With("Seconds", int(delay(f.Count).Seconds())+1)
	}
	var hash string
	if err := s.db.GetContext(ctx, &hash, `SELECT password_hash FROM accounts WHERE id = $1 AND disabled_at IS NULL`, by.Account); err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	if hash == "" {
		return fault.ErrForbidden
	}
	ok, err := s.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !ok {
		return errors.Join(fault.Field(field, "account.old-password-wrong"), s.failed(ctx, keys))
	}
	return nil
}
