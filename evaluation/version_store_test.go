package evaluation_test

import (
	"errors"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
)

// differenceIsPublished: what version 2 changed is named number by number with the
// appeal behind it, and the unit sees what moved its total.
func (w *world) differenceIsPublished(v2 evaluation.YearResult) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	before, diff, causes, err := w.eval.Changes(ctx, v2)
	w.must("changes", err)
	if before.Version != 1 || len(causes) != 1 || causes[0].Kind != "deduction" || causes[0].Decision == "" {
		t.Errorf("version 2 goes back to version %d because of %+v", before.Version, causes)
	}
	changed := map[string]string{}
	for _, d := range diff {
		if d.Field == "deduction" || d.Field == "total" || d.Field == "base" || d.Field == "part" {
			if d.Code != "D05" {
				t.Errorf("%s of %s changed: %s, was %s", d.Field, d.Code, d.New, d.Old)
			}
			changed[d.Field] = d.Old + " " + d.New
		}
	}
	if len(changed) != 2 || changed["deduction"] != "5 2" || changed["total"] == "" {
		t.Errorf("changed is %v, want deduction and total", changed)
	}
	if _, diff, _, err := w.eval.Changes(ctx, before); err != nil || diff != nil {
		t.Errorf("changes of version 1: %v %v", diff, err)
	}
	m, err := w.eval.Moved(ctx, w.officers["D05"], w.units["D05"], 2026, true)
	w.must("moved", err)
	sum := evaluation.None
	for _, x := range m.Moves {
		sum = evaluation.Sum(sum, x.Points)
	}
	if !m.Split || sum.Text(4) != "3.0000" || m.Moves[0].Rule != "D4" {
		t.Errorf("what moved D05: %t %v %+v", m.Split, sum, m.Moves)
	}
	if _, err := w.eval.Moved(ctx, w.officers["D06"], w.units["D05"], 2026, true); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit may ask: %v", err)
	}
	w.whoTakesTheFile(v2)
}

// whoTakesTheFile: the two offices and supervision, and nobody else.
func (w *world) whoTakesTheFile(r evaluation.YearResult) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	for name, tt := range map[string]struct {
		by org.Actor
		ok bool
	}{"office": {w.gov, true}, "supervision": {w.watch, true}, "chair": {w.chair, false}, "unit": {w.officers["D05"], false}, "public": {org.Public, false}} {
		doc, err := w.eval.SnapshotFile(ctx, tt.by, r.Year, r.Version)
		if tt.ok != (err == nil) || (err != nil && !errors.Is(err, fault.ErrForbidden)) || (len(doc) > 0) != tt.ok {
			t.Errorf("%s: %d bytes, %v", name, len(doc), err)
		}
	}
}

// Both offices sign one file; only an office can, and not once it is approved.
func TestOfficesSign(t *testing.T) {
	w, _ := publishedYear(t)
	ctx := t.Context()
	r, err := w.eval.Published(ctx, 2026)
	w.must("published", err)
	d, err := w.eval.Dossier(ctx, w.gov, r)
	w.must("dossier", err)
	if len(d.Signatures) != 2 || len(d.Missing) != 0 {
		t.Errorf("signed by %+v, missing %v", d.Signatures, d.Missing)
	}
	if err := w.eval.Sign(ctx, w.gov, r.ID); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("signed after publication: %v", err)
	}
	if err := w.eval.Sign(ctx, w.watch, r.ID); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("signed by supervision: %v", err)
	}
	if _, err := w.eval.Dossier(ctx, w.officers["D05"], r); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit reads the dossier: %v", err)
	}
}
