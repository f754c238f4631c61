package evaluation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// SimulationRun is a run of the simulator, as it is on record.
type SimulationRun struct {
	ID     int64     `db:"id"`
	Result int64     `db:"result_id"`
	Note   string    `db:"note"`
	By     string    `db:"run_by"`
	At     time.Time `db:"run_at"`
	Doc    []byte    `db:"doc"`
	Asked  Simulation
}

// Simulated is what a run shows: the official places beside the simulated ones.
type Simulated struct {
	Moves      []Move
	Robustness []Robustness
	Missing    int // group means that the tally does not have for the asked trimming
}

// maySimulate: the offices, the campaign administrator, the leading group.
func maySimulate(by org.Actor) bool { return runs(by) || by.IsLeader() }

// Simulate puts a simulation on a result on record and returns its number; what it
// shows comes from SimulationOf. Nothing else is written: the sealed result stays.
func (s *Store) Simulate(ctx context.Context, by org.Actor, r YearResult, m Simulation, note string) (int64, error) {
	if !maySimulate(by) {
		return 0, fault.ErrForbidden
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("write simulation: %w", err)
	}
	var id int64
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO simulations (result_id, doc, note, run_by, run_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, r.ID, doc, note, by.Account, s.now()); err != nil {
			return fmt.Errorf("keep simulation: %w", err)
		}
		return record.Append(ctx, tx, by, "year.simulated", fmt.Sprintf("result:%d", r.ID), map[string]any{"run": id, "changes": m})
	})
	return id, err
}

const simulationQuery = `SELECT x.id, x.result_id, x.note, a.name AS run_by, x.run_at, x.doc FROM simulations x JOIN accounts a ON a.id = x.run_by
	JOIN year_results y ON y.id = x.result_id WHERE y.year = $1 AND ($2 OR y.checked_at IS NOT NULL) `

// Simulations returns the latest runs on results of a year. A leader sees those on
// results that a second person has checked.
func (s *Store) Simulations(ctx context.Context, by org.Actor, year, most int) ([]SimulationRun, error) {
	if !maySimulate(by) {
		return nil, fault.ErrNotFound
	}
	var out []SimulationRun
	if err := s.db.SelectContext(ctx, &out, simulationQuery+`ORDER BY x.id DESC LIMIT $3`, year, runs(by), most); err != nil {
		return nil, fmt.Errorf("list simulations: %w", err)
	}
	for i := range out {
		if err := json.Unmarshal(out[i].Doc, &out[i].Asked); err != nil {
			return nil, fmt.Errorf("read simulation: %w", err)
		}
	}
	return out, nil
}

// SimulationOf returns a run on a result of the year and what it shows, computed again
// from the sealed snapshot: the same every time. The scheme is the sealed one.
func (s *Store) SimulationOf(ctx context.Context, by org.Actor, year int, id int64) (SimulationRun, Simulated, error) {
	var run SimulationRun
	var out Simulated
	if !maySimulate(by) {
		return run, out, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &run, simulationQuery+`AND x.id = $3`, year, runs(by), id)
	if errors.Is(err, sql.ErrNoRows) {
		return run, out, fault.ErrNotFound
	}
	if err != nil {
		return run, out, fmt.Errorf("read simulation: %w", err)
	}
	if err := json.Unmarshal(run.Doc, &run.Asked); err != nil {
		return run, out, fmt.Errorf("read simulation: %w", err)
	}
	_, snap, err := s.Snapshot(ctx, run.Result)
	if err != nil {
		return run, out, err
	}
	after, missing := snap.Simulate(run.Asked)
	out = Simulated{Moves: Moves(snap.Standings(), after), Robustness: snap.Robustness(after, run.Asked), Missing: missing}
	return run, out, nil
}
