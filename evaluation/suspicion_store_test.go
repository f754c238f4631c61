package evaluation_test

import (
	"errors"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
)

// TestSuspicionTakesTwoPeople: eight identical ballots open one case of eight; two
// people decide it alike; no ballot and no score changes by it.
func TestSuspicionTakesTwoPeople(t *testing.T) {
	w := newWorld(t, "D05", "D06", "D08", "D09")
	ctx := t.Context()
	b := ballots{}
	for i := range 20 {
		for k, unit := range []string{"D05", "D06", "D08", "D09"} {
			w.give(b, "G1", unit, i, 60+(i*7+k*11)%36)
		}
	}
	for i := 20; i < 28; i++ { // alike, and with several levels
		for k, unit := range []string{"D05", "D06", "D08", "D09"} {
			w.give(b, "G1", unit, i, 70+k)
		}
	}
	id := w.hold("year_end", "2026-12-01", "2026-12-14", b)
	list, err := w.eval.Suspicions(ctx, w.gov, id)
	w.must("cases", err)
	number := 0
	for _, x := range list {
		if x.Kind == evaluation.SuspectIdentical {
			if number != 0 || x.Ballots != 8 {
				t.Errorf("a cluster of %d, want one of 8", x.Ballots)
			}
			number = x.Number
		}
	}
	if number == 0 {
		t.Fatalf("identical ballots are not found: %+v", list)
	}
	if _, err := w.eval.Suspicions(ctx, w.officers["D05"], id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit reads the cases: %v", err)
	}
	why := "同一协会集体讨论后填写，已核实。"
	if err := w.eval.DecideSuspicion(ctx, w.gov, id, number, "confirmed", "短"); fault.FieldsOf(err)["text"].Key == "" {
		t.Errorf("without reasons: %v", err)
	}
	w.must("first", w.eval.DecideSuspicion(ctx, w.gov, id, number, "dismissed", why))
	if err := w.eval.DecideSuspicion(ctx, w.gov, id, number, "dismissed", why); !errors.Is(err, evaluation.ErrSecondPerson) {
		t.Errorf("the same person twice: %v", err)
	}
	if err := w.eval.DecideSuspicion(ctx, w.watch, id, number, "confirmed", why); !errors.Is(err, evaluation.ErrOtherWord) {
		t.Errorf("another word: %v", err)
	}
	w.must("second", w.eval.DecideSuspicion(ctx, w.watch, id, number, "dismissed", why))
	if err := w.eval.DecideSuspicion(ctx, w.party, id, number, "dismissed", why); !errors.Is(err, evaluation.ErrState) {
		t.Errorf("a third: %v", err)
	}
	tally, _, err := w.eval.KeptTally(ctx, id)
	w.must("tally", err)
	if tally.Counted != 28 || tally.Units[0].Measures[0].Groups[0].Lines != 28 {
		t.Errorf("%d ballots counted, %d lines", tally.Counted, tally.Units[0].Measures[0].Groups[0].Lines)
	}
	shown, err := w.eval.WithoutSuspects(ctx, w.gov, id)
	w.must("with and without", err)
	if len(shown.Moves) != 4 || len(shown.Hidden) != 0 {
		t.Errorf("%d units side by side, hidden %v", len(shown.Moves), shown.Hidden)
	}
	moved := false
	for _, m := range shown.Moves {
		moved = moved || m.Difference().Float() != 0
	}
	if !moved {
		t.Error("without the eight ballots nothing is another")
	}
}
