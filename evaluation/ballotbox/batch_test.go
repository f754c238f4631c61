package ballotbox_test

import (
	"fmt"
	"sync"
	"testing"

	"pingyi/evaluation/ballotbox"
)

// TestNothingVanishesDuringABatch: a batch empties the stage by TRUNCATE, which
// older snapshots see, too. Whoever asks at that moment must still find the
// ballot, in the stage or in the log.
func TestNothingVanishesDuringABatch(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	stop := make(chan struct{})
	var batches sync.WaitGroup
	batches.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := f.IntegrateNow(ctx, 1); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var raters sync.WaitGroup
	for w := range 4 {
		cards := make([]ballotbox.Card, 150)
		for i := range cards {
			cards[i] = f.card(t)
		}
		raters.Go(func() {
			for i, card := range cards {
				r, err := f.Cast(ctx, card, ballot("s"), "白桦树下", fmt.Sprintf("batch %d/%d", w, i))
				if err != nil {
					t.Error(err)
					return
				}
				if _, _, err := f.Find(ctx, r.Leaf.Hash()); err != nil {
					t.Errorf("the receipt of an acknowledged ballot: %v", err)
				}
				if used, err := f.Used(ctx, card); err != nil || !used {
					t.Errorf("a used card counts as unused: %v", err)
				}
				turnout, err := f.Turnout(ctx, 1)
				if err != nil || turnout["G1"] < i+1 {
					t.Errorf("%d ballots, one rater alone cast %d: %v", turnout["G1"], i+1, err)
				}
			}
		})
	}
	raters.Wait()
	close(stop)
	batches.Wait()
}
