package evaluation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

const grounds = "会议纪要显示该事项由县级会商决定，本单位没有推诿，请予核实。"

// publishedYear is a county with a published year: D05 with two deductions, D06 with
// one, D08 with none; an issue that D06 leads is still open.
func publishedYear(t *testing.T) (*world, int64) {
	w := newWorld(t, "D05", "D06", "D08")
	w.issue("D06", w.raters["G1"][1], story{registered: "2026-05-11 09:00", replied: "2026-05-12 09:00"})
	b := ballots{}
	w.give(b, "G1", "D05", 0, times(12, 90)...)
	w.give(b, "G1", "D06", 0, times(12, 80)...)
	w.give(b, "G1", "D08", 0, times(12, 88)...)
	w.hold("year_end", "2026-12-01", "2026-12-14", b)
	w.at("2026-12-22 09:00")
	w.adjust("D05", "D4", 0)
	w.adjust("D05", "D2", 1)
	w.adjust("D06", "D2", 2)
	id, err := w.eval.Compute(t.Context(), w.gov, 2026, w.key())
	w.must("compute", err)
	w.publish(id)
	return w, id
}

// publish takes a computed result through check and approval.
func (w *world) publish(id int64) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must("check", w.eval.Check(ctx, w.party, id))
	w.must("approve", w.eval.Approve(ctx, w.chair, id))
	w.must("publish", w.eval.Publish(ctx, w.gov, id))
}

// subject finds what a unit may appeal against by its kind and code.
func (w *world) subject(unit, kind, code string) string {
	w.t.Helper()
	r, err := w.eval.Published(w.t.Context(), 2026)
	w.must("published", err)
	all, err := w.eval.AppealSubjects(w.t.Context(), w.officers[unit], r)
	w.must("subjects", err)
	for _, s := range all {
		if s.Kind == kind && (code == "" || s.Code == code) {
			return s.Key
		}
	}
	w.t.Fatalf("%s has no %s %s among %v", unit, kind, code, all)
	return ""
}

func (w *world) appeal(unit, subject string) evaluation.AppealID {
	w.t.Helper()
	id, err := w.eval.FileAppeal(w.t.Context(), w.officers[unit], 2026, evaluation.AppealDraft{Subject: subject, Grounds: grounds}, w.key())
	w.must("appeal of "+unit, err)
	return id
}

// TestAppealToVersionTwo: an upheld appeal strikes the entry, reopens the year, and
// version 2 differs in the numbers of that entry alone; version 1 stays as it was.
func TestAppealToVersionTwo(t *testing.T) {
	w, first := publishedYear(t)
	ctx := t.Context()
	v1, err := w.eval.Published(ctx, 2026)
	w.must("version 1", err)
	before, err := w.eval.Rows(ctx, v1)
	w.must("rows", err)

	id := w.appeal("D05", w.subject("D05", evaluation.AppealDeduction, "D4"))
	a, err := w.eval.Appeal(ctx, w.watch, id)
	w.must("read the appeal", err)
	moves, ok, err := w.eval.AppealEffect(ctx, a)
	w.must("effect", err)
	if !ok || len(moves) == 0 || moves[0].Difference().Text(4) != "3.0000" {
		t.Fatalf("effect %t %+v, want 3 points", ok, moves)
	}
	if _, err := w.eval.Compute(ctx, w.gov, 2026, w.key()); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("computed before any decision: %v", err)
	}
	// facts of other units go on: they must not leak into version 2
	w.at("2027-02-03 09:00")
	w.adjust("D08", "D4", 3)
	w.must("decide", w.eval.DecideAppeal(ctx, w.watch, id, "upheld", "经核实，扣分依据不足，予以撤销。"))
	if again, err := w.eval.Reopened(ctx, 2026); err != nil || !again {
		t.Fatalf("not reopened: %v", err)
	}
	second, err := w.eval.Compute(ctx, w.gov, 2026, w.key())
	w.must("compute version 2", err)
	w.publish(second)

	v2, err := w.eval.Published(ctx, 2026)
	w.must("version 2", err)
	if v2.ID != second || v2.Because == "" || v2.Version != 2 || !v2.AsOf.Equal(v1.AsOf) {
		t.Errorf("published is %+v", v2)
	}
	after, err := w.eval.Rows(ctx, v2)
	w.must("rows", err)
	byUnit := map[string]evaluation.Row{}
	for _, r := range after {
		byUnit[r.Code] = r
	}
	for _, old := range before {
		r := byUnit[old.Code]
		if old.Code != "D05" {
			if string(r.Doc) != string(old.Doc) || r.Total.Text(4) != old.Total.Text(4) {
				t.Errorf("%s changed: %s %s, was %s %s", old.Code, r.Total.Text(4), r.Doc, old.Total.Text(4), old.Doc)
			}
			continue
		}
		if r.Total.Text(4) != moves[0].After.Result.Total.Text(4) || r.Deduction.Text(4) != "2.0000" || r.Base.Text(4) != old.Base.Text(4) || r.Bonus.Text(4) != old.Bonus.Text(4) {
			t.Errorf("D05: total %s deduction %s base %s", r.Total.Text(4), r.Deduction.Text(4), r.Base.Text(4))
		}
	}
	w.firstStays(first, v1, before)
	w.differenceIsPublished(v2)
	if again, err := w.eval.Reopened(ctx, 2026); err != nil || again {
		t.Errorf("the appeal reopens the year a second time: %v", err)
	}
}

// firstStays: version 1 can be read as it was published and cannot be touched.
func (w *world) firstStays(first int64, v1 evaluation.YearResult, before []evaluation.Row) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	old, err := w.eval.Version(ctx, 2026, 1)
	w.must("version 1", err)
	if old.State != "superseded" {
		t.Errorf("version 1 is %s", old.State)
	}
	old.State = v1.State
	a, _ := json.Marshal(v1)
	b, _ := json.Marshal(old)
	if string(a) != string(b) {
		t.Errorf("version 1 is\n%s\nwas\n%s", b, a)
	}
	rows, err := w.eval.Rows(ctx, old)
	w.must("rows of version 1", err)
	a, _ = json.Marshal(before)
	if b, _ = json.Marshal(rows); string(a) != string(b) {
		t.Errorf("rows of version 1 are\n%s\nwere\n%s", b, a)
	}
	for _, q := range []string{`UPDATE year_results SET state = 'published' WHERE id = $1`, `UPDATE year_results SET because_of = 'x' WHERE id = $1`,
		`DELETE FROM year_results WHERE id = $1`, `UPDATE standings SET rank = 9 WHERE result_id = $1`, `DELETE FROM standings WHERE result_id = $1`} {
		if _, err := w.db.Exec(q, first); err == nil {
			t.Errorf("version 1 can be changed: %s", q)
		}
	}
	if _, err := w.db.Exec(`UPDATE year_results SET state = 'superseded', because_of = 'x' WHERE state = 'published'`); err == nil {
		t.Error("what supersedes a result may change more than its state")
	}
	if _, err := w.db.Exec(`UPDATE year_results SET state = 'draft' WHERE state = 'published'`); err == nil {
		t.Error("a published result can become a draft")
	}
}

func TestAppealRefused(t *testing.T) {
	w, _ := publishedYear(t)
	ctx := t.Context()
	own := w.subject("D05", evaluation.AppealDeduction, "D4")
	file := func(unit, subject, why string) error {
		_, err := w.eval.FileAppeal(ctx, w.officers[unit], 2026, evaluation.AppealDraft{Subject: subject, Grounds: why}, w.key())
		return err
	}
	if err := file("D06", own, grounds); fault.FieldsOf(err)["subject"].Key != "appeal.subject-missing" {
		t.Errorf("another unit's deduction: %v", err)
	}
	if err := file("D05", own, strings.Repeat("短", 19)); fault.FieldsOf(err)["grounds"].Key != "appeal.grounds-short" {
		t.Errorf("short grounds: %v", err)
	}
	for who, actor := range map[string]org.Actor{"company": w.raters["G1"][0], "office": w.gov} {
		if _, err := w.eval.FileAppeal(ctx, actor, 2026, evaluation.AppealDraft{Subject: own, Grounds: grounds}, w.key()); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("filed by %s: %v", who, err)
		}
	}
	// the window is open to 24:00 of the fifth working day
	r, err := w.eval.Published(ctx, 2026)
	w.must("published", err)
	win, err := w.eval.AppealWindow(ctx, r)
	w.must("window", err)
	w.at(string(win.Until) + " 23:59")
	id := w.appeal("D05", own)
	w.at(string(win.Until.AddDays(1)) + " 00:00")
	if err := file("D06", w.subject("D06", evaluation.AppealDeduction, "D2"), grounds); !errors.Is(err, evaluation.ErrAppealWindow) {
		t.Errorf("after the window: %v", err)
	}
	if _, err := w.eval.Appeal(ctx, w.officers["D06"], id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit reads it: %v", err)
	}
	if all, err := w.eval.Appeals(ctx, w.officers["D06"]); err != nil || len(all) != 0 {
		t.Errorf("another unit lists %d: %v", len(all), err)
	}
	if err := w.eval.DecideAppeal(ctx, w.officers["D05"], id, "upheld", "自己裁定自己"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("decided by the unit: %v", err)
	}
	if err := w.eval.DecideAppeal(ctx, w.gov, id, "rejected", "依据充分，维持原扣分。"); !errors.Is(err, evaluation.ErrAppealOwn) {
		t.Errorf("decided by who entered the deduction: %v", err)
	}
	w.must("reject", w.eval.DecideAppeal(ctx, w.watch, id, "rejected", "依据充分，维持原扣分。"))
	if err := w.eval.DecideAppeal(ctx, w.party, id, "upheld", "再次裁定，予以支持。"); !errors.Is(err, evaluation.ErrAppealState) {
		t.Errorf("decided twice: %v", err)
	}
	if err := w.eval.SettleAppeal(ctx, w.party, id); !errors.Is(err, evaluation.ErrAppealState) {
		t.Errorf("a rejected one was settled: %v", err)
	}
	if _, err := w.eval.Compute(ctx, w.gov, 2026, w.key()); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("a rejected appeal reopens the year: %v", err)
	}
	rows, err := w.eval.Adjustments(ctx, w.gov, 2026, w.units["D05"])
	w.must("entries", err)
	for _, e := range rows {
		if e.Struck != nil {
			t.Errorf("a rejected appeal struck entry %d", e.ID)
		}
	}
}

// TestAppealOnce: the same subject is appealed against once, and of two people who
// decide at once one does.
func TestAppealOnce(t *testing.T) {
	w, _ := publishedYear(t)
	ctx := t.Context()
	subject := w.subject("D05", evaluation.AppealDeduction, "D4")
	key := w.key()
	draft := evaluation.AppealDraft{Subject: subject, Grounds: grounds}
	id, err := w.eval.FileAppeal(ctx, w.officers["D05"], 2026, draft, key)
	w.must("file", err)
	if again, err := w.eval.FileAppeal(ctx, w.officers["D05"], 2026, draft, key); err != nil || again != id {
		t.Errorf("the same form twice: %d, %v", again, err)
	}
	if _, err := w.eval.FileAppeal(ctx, w.officers["D05"], 2026, draft, w.key()); fault.FieldsOf(err)["subject"].Key != "appeal.twice" {
		t.Errorf("the same subject twice: %v", err)
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, word := range []string{"upheld", "rejected"} {
		wg.Go(func() { errs[i] = w.eval.DecideAppeal(ctx, w.watch, id, word, "两人同时裁定这一件。") })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !(errors.Is(errs[0], evaluation.ErrAppealState) || errors.Is(errs[1], evaluation.ErrAppealState)) {
		t.Errorf("two at once: %v", errs)
	}
}

// TestAppealFiles: documents go with an appeal to those who may see it, and to nobody else.
func TestAppealFiles(t *testing.T) {
	w, _ := publishedYear(t)
	ctx := t.Context()
	file, err := feedback.ReadFile("会议纪要.pdf", []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
	w.must("read file", err)
	draft := evaluation.AppealDraft{Subject: w.subject("D05", evaluation.AppealDeduction, "D4"), Grounds: grounds, Files: []feedback.File{file, file, file, file, file, file}}
	if _, err := w.eval.FileAppeal(ctx, w.officers["D05"], 2026, draft, w.key()); fault.FieldsOf(err)["files"].Key != "file.too-many" {
		t.Errorf("six files: %v", err)
	}
	draft.Files = draft.Files[:1]
	id, err := w.eval.FileAppeal(ctx, w.officers["D05"], 2026, draft, w.key())
	w.must("file", err)
	a, err := w.eval.Appeal(ctx, w.gov, id)
	w.must("read", err)
	files, err := w.eval.AppealFiles(ctx, a)
	w.must("files", err)
	if len(files) != 1 || files[0].Name != "会议纪要.pdf" {
		t.Fatalf("files: %+v", files)
	}
	for _, by := range []org.Actor{w.gov, w.watch, w.officers["D05"]} {
		if got, err := w.eval.AppealFile(ctx, by, id, files[0].ID); err != nil || !bytes.Equal(got.Content, file.Content) {
			t.Errorf("%s reads the file: %v", by.Role, err)
		}
	}
	for _, by := range []org.Actor{w.officers["D06"], org.Public} {
		if _, err := w.eval.AppealFile(ctx, by, id, files[0].ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s of another unit reads the file: %v", by.Role, err)
		}
	}
}

// TestAttributionIsSettledByHand: upheld against an issue, the year is reopened only
// when the offices have put the facts right.
func TestAttributionIsSettledByHand(t *testing.T) {
	w, _ := publishedYear(t)
	ctx := t.Context()
	key := w.subject("D06", evaluation.AppealAttribution, "")
	id := w.appeal("D06", key)
	a, err := w.eval.Appeal(ctx, w.gov, id)
	w.must("read", err)
	if _, ok, err := w.eval.AppealEffect(ctx, a); ok || err != nil {
		t.Errorf("an effect is told beforehand: %t %v", ok, err)
	}
	w.must("uphold", w.eval.DecideAppeal(ctx, w.watch, id, "upheld", "经核实，该问题不属于该单位职责。"))
	if _, err := w.eval.Compute(ctx, w.gov, 2026, w.key()); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("computed before the facts were put right: %v", err)
	}
	w.must("exclude", w.fb.Exclude(ctx, w.watch, a.Code(), "经申诉核实，不属于该单位职责。", w.key()))
	w.must("settle", w.eval.SettleAppeal(ctx, w.gov, id))
	if err := w.eval.SettleAppeal(ctx, w.gov, id); !errors.Is(err, evaluation.ErrAppealState) {
		t.Errorf("settled twice: %v", err)
	}
	second, err := w.eval.Compute(ctx, w.gov, 2026, w.key())
	w.must("compute", err)
	_, snap, err := w.eval.Snapshot(ctx, second)
	w.must("snapshot", err)
	for _, u := range snap.Units {
		if u.Code == "D06" && (u.Facts.Issues.All != 0 || u.Facts.Issues.Excluded != 1) {
			t.Errorf("issues of D06 are %+v", u.Facts.Issues)
		}
	}
}
