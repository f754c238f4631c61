package org

import (
	"context"
	"time"
)

// Held makes sign-ins note how long they would be held back instead of waiting.
func (s *Store) Held(note func(time.Duration)) {
	s.pause = func(_ context.Context, d time.Duration) error {
		note(d)
		return nil
	}
}
