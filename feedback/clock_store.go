package feedback

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// counters keeps a table of working days for each version of the calendar.
type counters struct {
	mu    sync.Mutex
	known map[int64]*calendar.Counter
}

// counting prepares the calendars that the events carry.
func (s *Store) counting(ctx context.Context, events []Happening) (Counting, error) {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	var last *calendar.Counter
	all := map[int64]*calendar.Counter{}
	for n := range events {
		v := &events[n].Calendar
		if *v == 0 { // an event older than versions were kept with events
			cur, err := s.cal.Current(ctx)
			if err != nil {
				return nil, err
			}
			*v = cur.ID
		}
		k := s.counters.known[*v]
		if k == nil {
			cal, err := s.cal.Version(ctx, *v)
			if err != nil {
				return nil, err
			}
			k = calendar.NewCounter(cal)
			s.counters.known[*v] = k
		}
		all[*v], last = k, k
	}
	return func(version int64) *calendar.Counter {
		if k := all[version]; k != nil {
			return k
		}
		return last
	}, nil
}

// Tick is one round of the clock, which may come at any time and any number of
// times: issues are counted by a later calendar, pauses whose days are used up end,
// overdue issues climb the ladder, each step once for a deadline. It returns how
// many acts it did.
func (s *Store) Tick(ctx context.Context) (int, error) {
	if err := s.recountAll(ctx); err != nil {
		return 0, err
	}
	var refs []string
	const q = `SELECT ref FROM issues WHERE clock_at <= $1 ORDER BY clock_at, id`
	if err := s.db.SelectContext(ctx, &refs, q, s.now()); err != nil {
		return 0, fmt.Errorf("find issues whose clock is due: %w", err)
	}
	n := 0
	for _, ref := range refs {
		for {
			again, err := s.step(ctx, ref)
			if err != nil {
				return n, err
			}
			if !again {
				break
			}
			n++
		}
	}
	return n, nil
}

// EscalateOverdue is Tick.
func (s *Store) EscalateOverdue(ctx context.Context) (int, error) { return s.Tick(ctx) }

// step does the next thing the clock owes to an issue; false when nothing is due.
func (s *Store) step(ctx context.Context, ref string) (bool, error) {
	did := false
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var id IssueID
		if err := tx.GetContext(ctx, &id, `SELECT id FROM issues WHERE ref = $1 FOR UPDATE`, ref); err != nil {
			return fmt.Errorf("lock issue: %w", err)
		}
		var rows []happening
		if err := tx.SelectContext(ctx, &rows, happeningColumns+`WHERE issue_id = $1 ORDER BY id`, id); err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		events, err := read(rows)
		if err != nil {
			return err
		}
		count, err := s.counting(ctx, events)
		if err != nil {
			return err
		}
		l := Live(events, count)
		at := l.clockAt(count)
		if at == nil || at.After(s.now()) {
			return nil
		}
		did = true
		if l.Paused != nil {
			return s.byClock(ctx, tx, ref, ActResume, Details{Reason: l.PauseReason}, fmt.Sprintf("clock-resume-%s-%d", ref, l.Last))
		}
		name, due, _ := l.NextStep(count)
		if err := s.byClock(ctx, tx, ref, ActRemind, Details{Step: name, Deadline: due}, fmt.Sprintf("clock-%s-%s-%s", ref, name, due)); err != nil {
			return err
		}
		if name == "queue" {
			return s.byClock(ctx, tx, ref, ActEscalate, Details{Reason: "overdue"}, fmt.Sprintf("clock-%s-escalate-%s", ref, due))
		}
		return nil
	})
	if errors.Is(err, ErrState) || errors.Is(err, fault.ErrForbidden) { // somebody acted in this moment
		return false, nil
	}
	return did, err
}

// byClock does an act of the clock within a transaction.
func (s *Store) byClock(ctx context.Context, tx *sqlx.Tx, ref string, act Act, d Details, idem string) error {
	i, done, err := s.take(ctx, tx, org.Portal, ref, act, idem)
	if err != nil || done {
		return err
	}
	return s.happen(ctx, tx, org.Portal, i, act, move{unit: i.Lead, details: d, internal: act == ActRemind || act == ActRecount}, idem)
}

// recountAll counts issues that were never counted from their events, and open ones
// whose limit still runs when a later calendar came into force. Closed issues keep
// the calendar they were closed by.
func (s *Store) recountAll(ctx context.Context) error {
	var fresh []IssueID
	if err := s.db.SelectContext(ctx, &fresh, `SELECT id FROM issues WHERE last_event = 0 ORDER BY id`); err != nil {
		return fmt.Errorf("find issues not counted: %w", err)
	}
	for _, id := range fresh {
		if err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error { _, err := s.recount(ctx, tx, id); return err }); err != nil {
			return err
		}
	}
	cur, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	var refs []string
	const q = `SELECT ref FROM issues WHERE state NOT IN ('closed', 'withdrawn', 'declined', 'merged') AND calendar_version <> $1
		AND coalesce(deadline, register_due) > $2 AND state IN ('raised', 'registered', 'disputed', 'in_progress', 'queued', 'ordered') ORDER BY id`
	if err := s.db.SelectContext(ctx, &refs, q, cur.ID, s.now()); err != nil {
		return fmt.Errorf("find issues of an earlier calendar: %w", err)
	}
	for _, ref := range refs {
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			return s.byClock(ctx, tx, ref, ActRecount, Details{}, fmt.Sprintf("clock-recount-%s-%d", ref, cur.ID))
		})
		if err != nil && !errors.Is(err, ErrState) {
			return err
		}
	}
	return nil
}
