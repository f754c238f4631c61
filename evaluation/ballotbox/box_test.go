package ballotbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
	"pingyi/merkle"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

var noon = time.Date(2026, 12, 10, 4, 0, 0, 0, time.UTC)

type fixture struct {
	*ballotbox.Box
	db     pgtest.Box
	now    time.Time
	tally  tallykey.Public
	shares []tallykey.Share
}

func names(s string) org.Names { return org.Names{ZH: s, EN: s, RU: s} }

func form() ballotbox.Form {
	return ballotbox.Form{Title: names("评议"), Year: 2026, Scheme: "nj-default/1",
		Units:      []ballotbox.Unit{{ID: 11, Code: "D01", Class: 1, Name: names("甲局")}, {ID: 12, Code: "D02", Class: 1, Name: names("乙局")}},
		Indicators: []ballotbox.Item{{Code: "I1", Name: names("态度")}, {Code: "I2", Name: names("效率")}},
		Levels:     []string{"vs", "s", "b", "d", "vd"}, Low: []string{"d", "vd"},
		Reasons: []ballotbox.Item{{Code: "late", Name: names("超时")}}}
}

func open(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{db: pgtest.OpenBox(t), now: noon}
	keys, err := ballotbox.NewKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Create(1, []string{"G1"}); err != nil {
		t.Fatal(err)
	}
	f.Box, err = ballotbox.NewBox(t.Context(), f.db.Cast, f.db.Tally, keys, "test", func() time.Time { return f.now })
	if err != nil {
		t.Fatal(err)
	}
	// the database decides by its own clock, so the window is around now
	if f.tally, f.shares, err = tallykey.Make(1, 2, 3); err != nil {
		t.Fatal(err)
	}
	if err := f.Open(t.Context(), 1, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), form(), f.tally); err != nil {
		t.Fatal(err)
	}
	f.now = time.Now()
	return f
}

func (f *fixture) card(t *testing.T) ballotbox.Card {
	t.Helper()
	c, err := f.Keys().Issue(1, "G1", ballotbox.Draw())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ballot(level string) ballotbox.Ballot {
	return ballotbox.Ballot{Lines: []ballotbox.Line{
		{Unit: 11, Answers: map[string]string{"I1": level, "I2": ballotbox.NotAcquainted}},
		{Unit: 12, Skipped: true}}}
}

// cast casts with a word of its own and returns the version.
func (f *fixture) cast(card ballotbox.Card, b ballotbox.Ballot, idem string) (int, error) {
	r, err := f.Cast(context.Background(), card, b, "白桦树下", idem)
	return r.Leaf.Version, err
}

// opened is the counted set, opened with two shares.
func (f *fixture) opened(t *testing.T) []ballotbox.Payload {
	t.Helper()
	log, err := f.Log(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ballotbox.OpenCounted([]byte(log.Counted), log.Key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := f.Sealed(t.Context(), 1, set)
	if err != nil {
		t.Fatal(err)
	}
	key, err := f.tally.Combine(f.shares[0], f.shares[2])
	if err != nil {
		t.Fatal(err)
	}
	all, err := ballotbox.OpenAll(set, log.Leaves, sealed, key)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCastReviseCloseCount(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	first, second := f.card(t), f.card(t)
	for i, tt := range []struct {
		card ballotbox.Card
		b    ballotbox.Ballot
		idem string
		want int
	}{{first, ballot("vs"), "key-1", 1}, {first, ballot("vs"), "key-1", 1}, {first, ballot("d"), "key-1", 2}, {first, ballot("d"), "key-1", 2}, {second, ballot("s"), "key-3", 1}} {
		if v, err := f.cast(tt.card, tt.b, tt.idem); err != nil || v != tt.want {
			t.Fatalf("cast %d: version %d, %v; want %d", i, v, err, tt.want)
		}
	}
	if turnout, err := f.Turnout(ctx, 1); err != nil || turnout["G1"] != 2 {
		t.Errorf("turnout %v, %v; want 2", turnout, err)
	}
	counted, replaced, err := f.Close(ctx, 1)
	if err != nil || counted != 2 || replaced != 1 {
		t.Fatalf("close: %d counted, %d replaced, %v; want 2, 1", counted, replaced, err)
	}
	if again, _, err := f.Close(ctx, 1); err != nil || again != 2 {
		t.Errorf("close again: %d, %v", again, err)
	}
	got := map[string]int{}
	for _, p := range f.opened(t) {
		for _, l := range p.Lines {
			got[fmt.Sprint(p.Group, l.Unit, l.Answers["I1"])]++
		}
	}
	if len(got) != 2 || got["G111d"] != 1 || got["G111s"] != 1 {
		t.Errorf("counted %v, want the last version of each card", got)
	}
	if _, err := f.cast(second, ballot("s"), "key-4"); !errors.Is(err, ballotbox.ErrClosed) {
		t.Errorf("cast after the close: %v, want ErrClosed", err)
	}
}

func TestBadBallotsLeaveNoTrace(t *testing.T) {
	f := open(t)
	card := f.card(t)
	for name, tt := range map[string]struct {
		card ballotbox.Card
		b    ballotbox.Ballot
		want error
	}{
		"a forged card":                          {ballotbox.Card{Campaign: 1, Group: "G1", Secret: ballotbox.Draw()}, ballot("s"), ballotbox.ErrCard},
		"a printed card that is not on the list": {ballotbox.Card{Campaign: 1, Group: "G1", Secret: ballotbox.Draw(), Printed: true}, ballot("s"), ballotbox.ErrCard},
		"no campaign":                            {ballotbox.Card{Campaign: 9, Group: "G1"}, ballot("s"), ballotbox.ErrNoCampaign},
		"an unknown unit":                        {card, ballotbox.Ballot{Lines: []ballotbox.Line{{Unit: 99}}}, ballotbox.ErrBallot},
		"a unit twice":                           {card, ballotbox.Ballot{Lines: append(ballot("s").Lines, ballot("s").Lines...)}, ballotbox.ErrBallot},
		"an unknown level":                       {card, ballot("great"), ballotbox.ErrIncomplete},
		"nothing rated":                          {card, ballotbox.Ballot{Lines: []ballotbox.Line{{Unit: 11, Skipped: true}}}, ballotbox.ErrEmpty},
	} {
		if _, err := f.cast(tt.card, tt.b, "key-"+name); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	var n int
	if err := f.db.Owner.Get(&n, `SELECT count(*) FROM box_stage`); err != nil || n != 0 {
		t.Errorf("%d rows after refused ballots, %v", n, err)
	}
}

func TestTwoHundredEqualPostsAreOneBallot(t *testing.T) {
	f := open(t)
	card := f.card(t)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if v, err := f.cast(card, ballot("s"), "the same key"); err != nil || v != 1 {
				t.Errorf("version %d, %v", v, err)
			}
		})
	}
	wg.Wait()
	var n int
	if err := f.db.Owner.Get(&n, `SELECT count(*) FROM box_stage`); err != nil || n != 1 {
		t.Errorf("%d rows, %v; want 1", n, err)
	}
}

// Ballots posted while the box closes are either counted or refused; none that
// was acknowledged is missing.
func TestCloseRace(t *testing.T) {
	f := open(t)
	var mu sync.Mutex
	accepted := 0
	var wg sync.WaitGroup
	for i := range 60 {
		card := f.card(t)
		wg.Go(func() {
			_, err := f.cast(card, ballot("s"), fmt.Sprint("race ", i))
			switch {
			case err == nil:
				mu.Lock()
				accepted++
				mu.Unlock()
			case !errors.Is(err, ballotbox.ErrClosed):
				t.Error(err)
			}
		})
		if i == 30 {
			wg.Go(func() { _, _, _ = f.Close(context.Background(), 1) })
		}
	}
	wg.Wait()
	counted, _, err := f.Close(t.Context(), 1)
	if err != nil || counted != accepted {
		t.Errorf("%d acknowledged, %d counted, %v", accepted, counted, err)
	}
}

// No table of the box has a column that could lead to a person: no time beside
// the campaign's own window, no number drawn in sequence, no company, no account.
func TestBoxTablesKnowNobody(t *testing.T) {
	f := open(t)
	var bad []string
	err := f.db.Owner.Select(&bad, `
		SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name IN ('box', 'box_stage', 'box_node', 'box_slot', 'box_checkpoint')
		  AND (data_type ~ 'time|date|uuid|interval' OR (column_default IS NOT NULL AND column_default <> 'false') OR is_identity = 'YES'
		       OR column_name ~ 'company|rater|account|ip|agent|at$|name|licence')`)
	if err != nil || len(bad) > 0 {
		t.Errorf("columns that may betray a rater: %v, %v", bad, err)
	}
	var sequences int
	if err := f.db.Owner.Get(&sequences, `SELECT count(*) FROM information_schema.sequences WHERE sequence_name NOT LIKE 'goose%'`); err != nil || sequences != 0 {
		t.Errorf("%d sequences in the box, %v", sequences, err)
	}
}

// After the close the rows of the box lie in an order that has nothing to do
// with the order of casting.
func TestOrderOfTheBoxTellsNothing(t *testing.T) {
	f := open(t)
	const n = 80
	for i := range n {
		b := ballot("s")
		b.Lines[0].Comment = fmt.Sprint(i)
		if _, err := f.cast(f.card(t), b, fmt.Sprint("order ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.Close(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var places []int64
	if err := f.db.Owner.Select(&places, `SELECT idx FROM box ORDER BY ctid`); err != nil {
		t.Fatal(err)
	}
	key, err := f.tally.Combine(f.shares...)
	if err != nil {
		t.Fatal(err)
	}
	var sealed [][]byte
	if err := f.db.Owner.Select(&sealed, `SELECT sealed FROM box ORDER BY ctid`); err != nil {
		t.Fatal(err)
	}
	var order []int
	for _, s := range sealed {
		body, ok := key.Open(s)
		p, err := ballotbox.ReadPayload(bytes.TrimRight(body, " "))
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		i, _ := strconv.Atoi(p.Lines[0].Comment)
		order = append(order, i)
	}
	if !slices.IsSorted(places) {
		t.Error("the rows do not lie in the order of the log")
	}
	same := 0
	for i, v := range order {
		if i == v {
			same++
		}
	}
	if len(order) != n || same > 8 {
		t.Errorf("%d of %d ballots lie where they were cast", same, len(order))
	}
}

// A receipt is found by its leaf's hash, before the batch and after it.
func TestFindReceipt(t *testing.T) {
	f := open(t)
	r, err := f.Cast(t.Context(), f.card(t), ballot("s"), "自己的话", "find")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{-1, 0} {
		got, at, err := f.Find(t.Context(), r.Leaf.Hash())
		if err != nil || at != want || got.Leaf.String() != r.Leaf.String() {
			t.Fatalf("place %d, %v; want %d", at, err, want)
		}
		if err := f.IntegrateNow(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.Find(t.Context(), merkle.Hash{}); !errors.Is(err, ballotbox.ErrNoReceipt) {
		t.Errorf("an unknown receipt: %v", err)
	}
}
