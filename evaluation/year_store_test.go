package evaluation_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
)

// TestWorkedExamplesThroughTheStore holds a whole year and computes it: the
// published worked example of the default scheme (unit D05) and a second one
// (unit D06), each to the last digit, in one class with units that stand for the
// rules of ranking.
//
// D05 is the published example. Its sheets: the example names five companies with
// means 88, 92, 76, 80, 84 and 21 returned visits; a company's sheets count once a
// quarter, so a sixth company with mean 84 is needed to return 21, which leaves
// the mean of means at 84. Mid-year every line is “satisfied”: A_c = 80, SE = 0.
//
// D06, worked by hand. Mid-year: G1 has 4 lines (not usable), G2 5: fewer than 10,
// not rankable, so A is the year-end score alone. Year-end: G1 has 40 valid lines,
// k = ⌊0.05·40⌋ = 2: two 0s and two 100s go, 18 are 90 and 18 are 70, mean 80; a
// 41st line answered 45 of 100 and does not count. G2 has 6 lines: (50+60+70+80+90+
// 100)/6 = 75. A = (50·80 + 20·75)/70 = 78.571428…
// F: one company, sheets 60 and 100 in two quarters, mean 80, n_c = 1: FS' = 80/3;
// 2 of 4 visits returned: VC = 50. F = 0.75·80/3 + 12.5 = 32.5.
// R: 4 issues; 3 answered in time, 1 solved in time, 2 rated (fewer than 3, so SS =
// SR = 25): R = 0.2·75 + 0.4·25 + 0.4·25 = 35.
// W: no target, 3 of 4 tasks: 75.
// Base = (50·78.571428… + 20·32.5 + 20·35 + 10·75)/100 = 60.285714…
// B: three referrals 3 → 2, three increases 1.5 → 1, six praises 1.2 → 1: 4.
// D: overdue by 1 working day 0.2, by 6 days 0.4, by months 2 (the most for one
// issue); buck-passing three times 2 + 3 + 5; reopened twice 0.6: 13.2.
// T = 60.285714… + 4 − 13.2 = 51.085714… → 51.0857, poor.
//
// D08 and D09 have ten lines of 80 and nothing else: T = A = 80, tied at rank 2;
// D06 is then rank 4. D10 has 7 lines: insufficient. D07 has a veto and stands last.
func TestWorkedExamplesThroughTheStore(t *testing.T) {
	w := newWorld(t, "D05", "D06", "D07", "D08", "D09", "D10")
	ctx := t.Context()
	g1 := w.raters["G1"]

	for i, mean := range []int{88, 92, 76, 80, 84, 84} {
		for q := 1; q <= 4; q++ {
			score := mean
			if q == 4 && i < 3 {
				score = 0 // planned, not made: 21 of 24
			}
			w.visit("D05", g1[i], q, score)
		}
	}
	w.visit("D06", g1[0], 1, 60)
	w.visit("D06", g1[0], 2, 100)
	w.visit("D06", g1[1], 1, 0)
	w.visit("D06", g1[1], 2, 0)

	// Class C: reply within 2 working days, solved within 5.
	for _, rating := range []string{"vs", "vs", "vs", "s", "s", "s", "b", "b"} {
		w.issue("D05", g1[0], story{registered: "2026-03-02 09:00", replied: "2026-03-03 09:00", answered: "2026-03-05 09:00", rating: rating})
	}
	// deadline Monday 9 March: 2 and 12 working days over
	w.issue("D05", g1[1], story{registered: "2026-03-02 09:00", replied: "2026-03-03 09:00", answered: "2026-03-11 09:00", rating: "d"})
	w.issue("D05", g1[2], story{registered: "2026-03-02 09:00", replied: "2026-03-03 09:00", answered: "2026-03-25 09:00", ordered: true})
	w.issue("D05", g1[3], story{registered: "2026-04-13 09:00", excluded: true})

	w.issue("D06", g1[0], story{registered: "2026-05-11 09:00", replied: "2026-05-12 09:00", answered: "2026-05-14 09:00", rating: "vs"})
	// deadline Monday 18 May: 1 and 6 working days over, and never answered
	w.issue("D06", g1[1], story{registered: "2026-05-11 09:00", replied: "2026-05-12 09:00", answered: "2026-05-19 09:00", rating: "s"})
	w.issue("D06", g1[2], story{registered: "2026-05-11 09:00", replied: "2026-05-12 09:00", answered: "2026-05-26 09:00", ordered: true})
	w.issue("D06", g1[3], story{registered: "2026-05-11 09:00"})

	mid := ballots{}
	w.give(mid, "G1", "D05", 0, times(10, 80)...)
	w.give(mid, "G1", "D06", 0, times(4, 90)...)
	w.give(mid, "G2", "D06", 0, times(5, 90)...)
	w.hold("mid_year", "2026-06-10", "2026-06-24", mid)

	end := ballots{}
	end.line("G1", 0, "D05", map[string]string{"I1": "s", "I2": "b", "I3": "s", "I4": "vs", "I5": "d", "I6": "na", "I7": "s", "I8": "b"})
	w.give(end, "G1", "D05", 1, 92, 88, 75, 60, 100, 84, 79)
	w.give(end, "G2", "D05", 0, 90, 85, 70, 80, 75)
	w.give(end, "G3", "D05", 0, 95, 85, 90, 80, 85)
	w.give(end, "G4", "D05", 0, 88, 76, 84, 80, 92, 72)
	w.give(end, "G5", "D05", 0, 90, 90, 90)
	w.give(end, "G1", "D06", 0, append(append([]int{0, 0, 100, 100}, times(18, 90)...), times(18, 70)...)...)
	end.line("G1", 40, "D06", map[string]string{"I1": "s", "I2": "s", "I3": "s", "I4": "na", "I5": "na", "I6": "na", "I7": "na", "I8": "na"})
	w.give(end, "G2", "D06", 0, 50, 60, 70, 80, 90, 100)
	w.give(end, "G1", "D07", 0, times(10, 100)...)
	w.give(end, "G1", "D08", 5, times(10, 80)...)
	w.give(end, "G1", "D09", 9, times(10, 80)...)
	w.give(end, "G1", "D10", 0, times(7, 100)...)
	if _, err := w.eval.Compute(ctx, w.gov, 2026, w.key()); !errors.Is(err, evaluation.ErrNoYearEnd) {
		t.Errorf("computed before the year-end campaign: %v", err)
	}
	w.hold("year_end", "2026-12-01", "2026-12-14", end)

	// The 11th issue of D05: answered late for the first time, still within its deadline.
	w.issue("D05", g1[4], story{registered: "2026-12-17 09:00", replied: "2026-12-22 09:00"})

	w.at("2026-12-23 09:00")
	w.must("tasks", w.eval.SaveTasks(ctx, w.gov, 2026, evaluation.TaskEntry{Unit: w.units["D05"], Target: "2,000.00", Arrived: "2150.00", Due: 10, Done: 9, Evidence: "年度任务台账"}))
	w.must("tasks", w.eval.SaveTasks(ctx, w.gov, 2026, evaluation.TaskEntry{Unit: w.units["D06"], Due: 4, Done: 3, Evidence: "年度任务台账"}))
	for i, rule := range []string{"B1", "B2", "B3", "B3", "B3", "D2"} {
		w.adjust("D05", rule, i)
	}
	for i, rule := range []string{"B1", "B1", "B1", "B2", "B2", "B2", "D2", "D2", "D2", "D7", "D7", "B3", "B3", "B3", "B3", "B3", "B3"} {
		w.adjust("D06", rule, i)
	}
	w.adjust("D07", "V1", 0)

	w.at("2026-12-23 10:00")
	id, err := w.eval.Compute(ctx, w.gov, 2026, w.key())
	w.must("compute", err)
	rows := w.rows()
	expect := []struct {
		code                                string
		rank                                int
		status                              evaluation.Status
		a, f, r, w, base, bonus, deduct, t_ string
		grade                               string
	}{
		{"D05", 1, evaluation.Ranked, "81.1062", "84.8750", "77.9394", "95.0000", "82.6160", "2.1000", "2.8000", "81.9160", "good"},
		{"D08", 2, evaluation.Ranked, "80.0000", "", "", "", "80.0000", "0.0000", "0.0000", "80.0000", "good"},
		{"D09", 2, evaluation.Ranked, "80.0000", "", "", "", "80.0000", "0.0000", "0.0000", "80.0000", "good"},
		{"D06", 4, evaluation.Ranked, "78.5714", "32.5000", "35.0000", "75.0000", "60.2857", "4.0000", "13.2000", "51.0857", "poor"},
	}
	for i, e := range expect {
		g := rows[i]
		open, err := g.Open()
		w.must("open", err)
		part := func(code string) string { return open.Part(code).Score.Text(4) }
		got := []string{g.Code, part("A"), part("F"), part("R"), part("W"), g.Base.Text(4), g.Bonus.Text(4), g.Deduction.Text(4), g.Total.Text(4), g.Grade}
		want := []string{e.code, e.a, e.f, e.r, e.w, e.base, e.bonus, e.deduct, e.t_, e.grade}
		if strings.Join(got, " ") != strings.Join(want, " ") || g.Rank != e.rank || g.Status != e.status {
			t.Errorf("place %d:\n got %v rank %d %s\nwant %v rank %d %s", i+1, got, g.Rank, g.Status, want, e.rank, e.status)
			t.Logf("%+v", open)
		}
	}
	byCode := map[string]evaluation.Row{}
	for _, r := range rows {
		byCode[r.Code] = r
	}
	if r := byCode["D10"]; r.Status != evaluation.Insufficient || r.Rank != 0 || r.Total.Known() {
		t.Errorf("D10: %s rank %d total %s", r.Status, r.Rank, r.Total.Text(4))
	}
	if r := byCode["D07"]; r.Status != evaluation.Vetoed || r.Rank != 0 {
		t.Errorf("D07: %s rank %d", r.Status, r.Rank)
	}
	if se := big.NewFloat(byCode["D05"].SE).Text('f', 4); se != "0.7925" {
		t.Errorf("SE(T) of D05 = %s, want 0.7925", se)
	}
	w.toPublication(id, rows)
}

func (w *world) rows() []evaluation.Row {
	w.t.Helper()
	r, err := w.eval.Latest(w.t.Context(), w.gov, 2026)
	w.must("latest", err)
	rows, err := w.eval.Rows(w.t.Context(), r)
	w.must("rows", err)
	return rows
}

// toPublication: computed again it is the same to the last digit; who computed it
// cannot check it; only chair and deputies approve; what is published stays.
func (w *world) toPublication(id int64, first []evaluation.Row) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	again, err := w.eval.Compute(ctx, w.gov, 2026, w.key())
	w.must("compute again", err)
	if again == id {
		t.Error("a second computation has the number of the first")
	}
	for i, r := range w.rows() {
		if string(r.Doc) != string(first[i].Doc) || r.Total.Text(4) != first[i].Total.Text(4) || r.Rank != first[i].Rank {
			t.Errorf("place %d is another when computed again", i+1)
		}
	}
	if err := w.eval.Check(ctx, w.party, id); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("a replaced computation was checked: %v", err)
	}
	if err := w.eval.Check(ctx, w.gov, again); !errors.Is(err, evaluation.ErrSamePerson) {
		t.Errorf("checked by whoever computed it: %v", err)
	}
	if err := w.eval.Approve(ctx, w.chair, again); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("approved unchecked: %v", err)
	}
	w.must("check", w.eval.Check(ctx, w.party, again))
	if err := w.eval.Approve(ctx, w.member, again); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("approved by a plain member: %v", err)
	}
	if _, err := w.eval.Published(ctx, 2026); !errors.Is(err, evaluation.ErrNoResult) {
		t.Errorf("public before publication: %v", err)
	}
	w.must("approve", w.eval.Approve(ctx, w.chair, again))
	w.must("publish", w.eval.Publish(ctx, w.gov, again))
	if _, err := w.eval.Published(ctx, 2026); err != nil {
		t.Error(err)
	}
	if _, err := w.eval.Compute(ctx, w.gov, 2026, w.key()); !errors.Is(err, evaluation.ErrResultState) {
		t.Errorf("computed after publication: %v", err)
	}
	for _, q := range []string{`UPDATE year_results SET returned_why = 'x' WHERE state = 'published'`, `DELETE FROM year_results WHERE state = 'published'`,
		`UPDATE standings SET rank = 1 WHERE rank = 2 AND result_id = (SELECT id FROM year_results WHERE state = 'published')`} {
		if _, err := w.db.Exec(q); err == nil {
			t.Errorf("a published result can be changed: %s", q)
		}
	}
}
