// Package job keeps long work in the database: a row says what is to be done,
// how far it is and what came of it, so that it survives a restart and a page
// can show it.
package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// ID names a job.
type ID int64

// State says how far a job is.
type State string

// The states of a job.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// lease is how long a worker may be silent before another takes the job.
const lease = 30 * time.Second

// maxAttempts is how often a job is begun before it is given up.
const maxAttempts = 3

// Job is one piece of long work.
type Job struct {
	ID       ID              `db:"id"`
	Kind     string          `db:"kind"`
	Account  org.AccountID   `db:"account_id"`
	Who      string          `db:"who"`
	Input    []byte          `db:"input"`
	Params   json.RawMessage `db:"params"`
	State    State           `db:"state"`
	Step     string          `db:"step"`
	Done     int             `db:"done"`
	Total    int             `db:"total"`
	Result   json.RawMessage `db:"result"`
	Problem  string          `db:"problem"` // message key
	Attempts int             `db:"attempts"`
	Created  time.Time       `db:"created_at"`
	Finished *time.Time      `db:"finished_at"`
}

// Busy reports whether the job is waiting or being done.
func (j Job) Busy() bool { return j.State == Waiting || j.State == Running }

// Store keeps jobs.
type Store struct {
	db   *sqlx.DB
	now  func() time.Time
	wake chan struct{}
}

// NewStore makes a store. now gives the present in UTC.
func NewStore(db *sqlx.DB, now func() time.Time) *Store {
	return &Store{db: db, now: now, wake: make(chan struct{}, 1)}
}

const columns = `j.id, j.kind, coalesce(j.account_id, 0) AS account_id, coalesce(a.name, '') AS who, j.params, j.state, j.step, j.done, j.total,
	j.result, j.problem, j.attempts, j.created_at, j.finished_at`

// Add puts a job on the list. The same idem again returns the same job.
func (s *Store) Add(ctx context.Context, kind string, by org.Actor, idem string, input []byte, params any) (ID, error) {
	p, err := json.Marshal(params)
	if err != nil {
		return 0, fmt.Errorf("write the parameters: %w", err)
	}
	const q = `INSERT INTO jobs (kind, account_id, idem, input, params, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (idem) DO UPDATE SET idem = excluded.idem RETURNING id`
	var id ID
	if err := s.db.GetContext(ctx, &id, q, kind, by.Account, idem, input, p, s.now()); err != nil {
		return 0, fmt.Errorf("add job: %w", err)
	}
	s.nudge()
	return id, nil
}

func (s *Store) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Again puts a finished job back on the list for its next step, unless somebody
// has done so already.
func (s *Store) Again(ctx context.Context, id ID, params any) error {
	p, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("write the parameters: %w", err)
	}
	const q = `UPDATE jobs SET state = 'waiting', params = $2, attempts = 0, done = 0, problem = '', finished_at = NULL WHERE id = $1 AND state IN ('done', 'failed')`
	if _, err := s.db.ExecContext(ctx, q, id, p); err != nil {
		return fmt.Errorf("put the job back: %w", err)
	}
	s.nudge()
	return nil
}

// Get returns a job with its input; ErrNotFound when there is none of the kind.
func (s *Store) Get(ctx context.Context, kind string, id ID) (Job, error) {
	var j Job
	err := s.db.GetContext(ctx, &j, `SELECT `+columns+`, j.input FROM jobs j LEFT JOIN accounts a ON a.id = j.account_id WHERE j.id = $1 AND j.kind = $2`, id, kind)
	if errors.Is(err, sql.ErrNoRows) {
		return j, fault.ErrNotFound
	}
	if err != nil {
		return j, fmt.Errorf("read job: %w", err)
	}
	return j, nil
}

// List returns the latest jobs of a kind, without their inputs.
func (s *Store) List(ctx context.Context, kind string, limit int) ([]Job, error) {
	var out []Job
	err := s.db.SelectContext(ctx, &out, `SELECT `+columns+` FROM jobs j LEFT JOIN accounts a ON a.id = j.account_id WHERE j.kind = $1 ORDER BY j.id DESC LIMIT $2`, kind, limit)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return out, nil
}

// Work does a job; what it returns is kept as the result. A fault ends the job
// with its message; any other error is tried again.
type Work func(ctx context.Context, j Job, progress func(step string, done, total int)) (any, error)

// Run does jobs one after the other until ctx ends. Several processes may run at
// once: each job is taken by one.
func (s *Store) Run(ctx context.Context, log *slog.Logger, work map[string]Work) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		for {
			did, err := s.RunOne(ctx, work)
			if err != nil && ctx.Err() == nil {
				log.Error("job", "error", err)
			}
			if !did || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// RunOne does the next job, and reports whether there was one.
func (s *Store) RunOne(ctx context.Context, work map[string]Work) (bool, error) {
	j, err := s.take(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	do, known := work[j.Kind]
	if !known || j.Attempts > maxAttempts {
		return true, s.finish(ctx, j.ID, Failed, nil, "job.given-up")
	}
	said := time.Time{}
	progress := func(step string, done, total int) {
		if step == j.Step && done != total && time.Since(said) < 200*time.Millisecond {
			return
		}
		j.Step, said = step, time.Now()
		_, _ = s.db.ExecContext(ctx, `UPDATE jobs SET step = $2, done = $3, total = $4, leased_until = $5 WHERE id = $1`, j.ID, step, done, total, s.now().Add(lease))
	}
	result, err := do(ctx, j, progress)
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		return true, s.finish(ctx, j.ID, Failed, nil, f.Text.Key)
	case err != nil && ctx.Err() != nil:
		return true, nil // the program stops; the lease runs out and the job is taken again
	case err != nil:
		return true, errors.Join(err, s.retry(ctx, j))
	}
	return true, s.finish(ctx, j.ID, Done, result, "")
}

func (s *Store) take(ctx context.Context) (Job, error) {
	var j Job
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE jobs SET state = 'running', attempts = attempts + 1, leased_until = $2
			WHERE id = (SELECT id FROM jobs WHERE state = 'waiting' AND (leased_until IS NULL OR leased_until < $1) OR state = 'running' AND leased_until < $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING id, kind, coalesce(account_id, 0) AS account_id, input, params, attempts`
		return tx.GetContext(ctx, &j, q, s.now(), s.now().Add(lease))
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("take a job: %w", err)
	}
	return j, err
}

func (s *Store) retry(ctx context.Context, j Job) error {
	if j.Attempts >= maxAttempts {
		return s.finish(ctx, j.ID, Failed, nil, "job.given-up")
	}
	if _, err := s.db.ExecContext(ctx, `UPDATE jobs SET state = 'waiting', leased_until = $2 WHERE id = $1`, j.ID, s.now().Add(5*time.Second)); err != nil {
		return fmt.Errorf("try the job again: %w", err)
	}
	return nil
}

func (s *Store) finish(ctx context.Context, id ID, state State, result any, problem string) error {
	b, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	const q = `UPDATE jobs SET state = $2, result = CASE WHEN $3 = 'null' THEN result ELSE $3::jsonb END, problem = $4, leased_until = NULL, finished_at = $5 WHERE id = $1`
	if _, err := s.db.ExecContext(ctx, q, id, state, string(b), problem, s.now()); err != nil {
		return fmt.Errorf("finish the job: %w", err)
	}
	return nil
}
