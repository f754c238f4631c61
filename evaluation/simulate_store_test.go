package evaluation_test

import (
	"errors"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
)

// TestSimulatorLeavesARecord: a run is kept with what it changed and who asked,
// stands in the audit log, shows the same each time, and touches no result.
func TestSimulatorLeavesARecord(t *testing.T) {
	w, id := publishedYear(t)
	ctx := t.Context()
	r, err := w.eval.Published(ctx, 2026)
	w.must("published", err)
	seal, _, err := w.eval.Snapshot(ctx, id)
	w.must("snapshot", err)
	tree := evaluation.NJDefault().Trees[0].Code
	m := evaluation.Simulation{Parts: map[string]evaluation.Exact{tree + "/A": evaluation.Decimal("70")}, Range: 20}
	run, err := w.eval.Simulate(ctx, w.member, r, m, "看看评议权重 70")
	w.must("simulate", err)
	if _, err := w.eval.Simulate(ctx, w.officers["D05"], r, m, ""); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit simulates: %v", err)
	}
	kept, shown, err := w.eval.SimulationOf(ctx, w.gov, 2026, run)
	w.must("read the run", err)
	if kept.By != "leader1" || kept.Note != "看看评议权重 70" || kept.Asked.Parts[tree+"/A"].Text(0) != "70" || len(shown.Moves) != 3 {
		t.Errorf("kept %+v, %d moves", kept, len(shown.Moves))
	}
	all, err := w.eval.Simulations(ctx, w.member, 2026, 10)
	w.must("list", err)
	if len(all) != 1 || all[0].ID != run {
		t.Errorf("listed %+v", all)
	}
	for who, err := range map[string]error{
		"unit":        func() error { _, err := w.eval.Simulations(ctx, w.officers["D05"], 2026, 10); return err }(),
		"supervision": func() error { _, _, err := w.eval.SimulationOf(ctx, w.watch, 2026, run); return err }(),
		"other year":  func() error { _, _, err := w.eval.SimulationOf(ctx, w.gov, 2025, run); return err }(),
	} {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s reads a run: %v", who, err)
		}
	}
	var logged int
	w.must("audit log", w.db.Get(&logged, `SELECT count(*) FROM audit WHERE action = 'year.simulated'`))
	if logged != 1 {
		t.Errorf("%d entries in the audit log", logged)
	}
	again, _, err := w.eval.Snapshot(ctx, id)
	w.must("snapshot", err)
	if string(again) != string(seal) {
		t.Error("the sealed file is another")
	}
}
