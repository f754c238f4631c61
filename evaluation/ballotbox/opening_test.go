package ballotbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
)

// The tally stops at any ballot that was changed, is missing, exchanged or does
// not belong there, and names it.
func TestTallyStops(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	cards := make([]ballotbox.Card, 12)
	for i := range cards {
		cards[i] = f.card(t)
		if _, err := f.cast(cards[i], ballot("s"), fmt.Sprint("first ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.cast(cards[0], ballot("d"), "second"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Close(ctx, 1); err != nil {
		t.Fatal(err)
	}
	log, err := f.Log(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ballotbox.OpenCounted([]byte(log.Counted), log.Key)
	if err != nil || len(set.Index) != 12 || set.LogSize != 13 {
		t.Fatal(set, err)
	}
	sealed, err := f.Sealed(ctx, 1, set)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := f.tally.Combine(f.shares[0], f.shares[1])
	other, otherShares, _ := tallykey.Make(1, 2, 2)
	foreign, _ := other.Combine(otherShares...)
	var replaced int64
	for i := range log.Leaves {
		if _, ok := slices.BinarySearch(set.Index, int64(i)); !ok {
			replaced = int64(i)
		}
	}
	type box struct {
		set    ballotbox.CountedSet
		leaves []ballotbox.Leaf
		sealed []ballotbox.Sealed
		key    *tallykey.Key
	}
	for name, tt := range map[string]struct {
		do    func(b *box)
		index int64
		why   ballotbox.Why
	}{
		"nothing done":             {func(*box) {}, 0, ""},
		"a byte changed":           {func(b *box) { b.sealed[3].Box[40] ^= 1 }, set.Index[3], ballotbox.WhySealed},
		"one missing":              {func(b *box) { b.sealed = slices.Delete(b.sealed, 5, 6) }, set.Index[5], ballotbox.WhyMissing},
		"one twice":                {func(b *box) { b.sealed = append(b.sealed, b.sealed[2]) }, set.Index[2], ballotbox.WhyAdditional},
		"a replaced one handed in": {func(b *box) { b.sealed = append(b.sealed, ballotbox.Sealed{Index: replaced, Box: b.sealed[0].Box}) }, replaced, ballotbox.WhyAdditional},
		"two exchanged":            {func(b *box) { b.sealed[1].Box, b.sealed[2].Box = b.sealed[2].Box, b.sealed[1].Box }, set.Index[1], ballotbox.WhyCommit},
		"sealed anew by an insider": {func(b *box) {
			body, _ := b.key.Open(b.sealed[4].Box)
			b.sealed[4].Box, _ = f.tally.SealTo(bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(`"d"`), []byte(`"vd"`)), []byte(`"s"`), []byte(`"d"`)))
		}, set.Index[4], ballotbox.WhyCommit},
		"sealed to another key": {func(b *box) { b.sealed[0].Box, _ = other.SealTo([]byte("{}")) }, set.Index[0], ballotbox.WhySealed},
		"opened with another":   {func(b *box) { b.key = foreign }, set.Index[0], ballotbox.WhySealed},
		"a rubbish payload that the leaf commits to": {func(b *box) {
			b.sealed[6].Box, _ = f.tally.SealTo([]byte("rubbish"))
			b.leaves[set.Index[6]].Commit = ballotbox.CommitTo([]byte("rubbish"))
		}, set.Index[6], ballotbox.WhyForm},
		"a leaf moved to another group": {func(b *box) { b.leaves[set.Index[7]].Group = "G2" }, set.Index[7], ballotbox.WhyPlace},
		"one card under two slots": {func(b *box) {
			body, _ := b.key.Open(b.sealed[8].Box)
			b.sealed[9].Box, _ = f.tally.SealTo(body)
			b.leaves[set.Index[9]].Commit = ballotbox.CommitTo(bytes.TrimRight(body, " "))
		}, set.Index[9], ballotbox.WhyTwice},
	} {
		b := &box{set: set, leaves: slices.Clone(log.Leaves), key: key}
		for _, s := range sealed {
			b.sealed = append(b.sealed, ballotbox.Sealed{Index: s.Index, Box: bytes.Clone(s.Box)})
		}
		tt.do(b)
		all, err := ballotbox.OpenAll(b.set, b.leaves, b.sealed, b.key)
		var stop *ballotbox.TallyError
		switch {
		case tt.why == "" && (err != nil || len(all) != 12):
			t.Errorf("%s: %d ballots, %v", name, len(all), err)
		case tt.why != "" && (!errors.As(err, &stop) || stop.Why != tt.why || stop.Index != tt.index):
			t.Errorf("%s: %v, want ballot %d: %s", name, err, tt.index, tt.why)
		}
	}
}

// A sealed ballot's length does not tell how much it says.
func TestSealedBallotsHaveOneLength(t *testing.T) {
	f := open(t)
	long := ballot("vd")
	long.Lines = append(long.Lines[:1], ballotbox.Line{Unit: 12, Answers: map[string]string{"I1": "vd", "I2": "vd"}, Reasons: map[string][]string{"I1": {"late"}}, Comment: strings.Repeat("长", 400)})
	for i, b := range []ballotbox.Ballot{ballot("s"), long} {
		if _, err := f.cast(f.card(t), b, fmt.Sprint("length ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := f.Close(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var lengths []int
	if err := f.db.Owner.Select(&lengths, `SELECT DISTINCT length(sealed) FROM box`); err != nil || len(lengths) != 1 {
		t.Errorf("lengths %v, %v", lengths, err)
	}
	if all := f.opened(t); len(all) != 2 {
		t.Errorf("%d ballots come out", len(all))
	}
}

// The caster may execute two functions and read nothing; the keeper may change
// nothing that is written.
func TestRolesOfTheBox(t *testing.T) {
	f := open(t)
	if _, err := f.cast(f.card(t), ballot("s"), "one"); err != nil {
		t.Fatal(err)
	}
	if err := f.IntegrateNow(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`SELECT count(*) FROM box`, `SELECT count(*) FROM box_stage`, `SELECT count(*) FROM box_campaign`, `SELECT count(*) FROM box_slot`,
		`SELECT * FROM box_turnout(1)`, `SELECT * FROM box_take(1)`, `SELECT * FROM box_waiting()`, `SELECT box_void(1, 'x')`, `DELETE FROM box`} {
		if _, err := f.db.Cast.Exec(q); err == nil {
			t.Errorf("the caster may %s", q)
		}
	}
	for _, q := range []string{`SELECT count(*) FROM box_stage`, `UPDATE box SET sealed = 'x'`, `DELETE FROM box`, `DELETE FROM box_node`, `UPDATE box_checkpoint SET note = 'x'`,
		`UPDATE box_slot SET void = false`, `SELECT * FROM box_cast(1, 'x', 'G1', false, 'x', 'x', 'x', 'x')`} {
		if _, err := f.db.Tally.Exec(q); err == nil {
			t.Errorf("the keeper may %s", q)
		}
	}
	for _, q := range []string{`UPDATE box SET sealed = 'x'`, `DELETE FROM box_node`, `TRUNCATE box_checkpoint`} {
		if _, err := f.db.Owner.Exec(q); err == nil {
			t.Errorf("even the owner may %s without switching the guards off", q)
		}
	}
	var mayExecute []string
	if err := f.db.Owner.Select(&mayExecute, `SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname = current_schema() AND has_function_privilege('pingyi_cast', p.oid, 'EXECUTE') AND p.proname LIKE 'box%' AND p.proname NOT LIKE '%refuse' ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(mayExecute, []string{"box_cast", "box_receipt"}) {
		t.Errorf("the caster may execute %v", mayExecute)
	}
}
