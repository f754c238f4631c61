package honour_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/honour"
	"pingyi/org"
)

// TestInterviewsOnlyFromTheLists: the list is the last tier with the lowest grade, the
// penalties are the findings the result counted; nobody else can be called in; an
// interview goes its way and no other.
func TestInterviewsOnlyFromTheLists(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	finding := func(unit, rule, no string) {
		k.one(`INSERT INTO adjustments (year, unit_id, rule, happened_on, evidence, finding, entered_by, entered_at, idem) VALUES (2025, $1, $2, '2025-06-01', '查实推诿', $3, $4, '2025-06-02', $2 || $3) RETURNING id`, k.units[unit], rule, no, k.watch.Account)
	}
	finding("D03", "D2", "TW-2025-001")
	finding("D06", "D4", "TW-2025-002")
	finding("D07", "V1", "BJ-2025-001")
	finding("D02", "B1", "") // a bonus is no finding
	k.one(`INSERT INTO adjustments (year, unit_id, rule, happened_on, evidence, finding, entered_by, entered_at, struck_at, struck_by, struck_why, idem) VALUES (2025, $1, 'D5', '2025-06-01', 'x', '', $2, '2025-06-02', '2025-07-01', $2, '申诉成立', 'struck') RETURNING id`, k.units["D01"], k.watch.Account)
	c, err := k.Consequences(ctx, k.chair, 2025)
	k.must(err)
	if len(c.Listed) != 1 || c.Listed[0].Unit != k.units["D06"] || !c.Rule.Worst {
		t.Errorf("listed: %+v", c.Listed)
	}
	got := map[org.UnitID]int{}
	for _, p := range c.Penalties {
		got[p.Unit] = len(p.Items)
	}
	// what stands on the penalty list is what the sealed result counted, case by case
	for _, x := range k.snapshot.Standings() {
		n := len(x.Result.Reasons.Vetoes)
		for _, it := range x.Result.Reasons.Deductions {
			n += it.Cases
		}
		if got[x.Unit] != n {
			t.Errorf("unit %d: %d penalties, the sealed result counts %d", x.Unit, got[x.Unit], n)
		}
	}
	plan := honour.Plan{Unit: k.units["D05"], Basis: honour.ByRanking, On: "2026-02-10", Place: "县政府会议室", Holder: "副组长"}
	_, err = k.PlanInterview(ctx, k.party, 2025, plan, k.key())
	k.refused("poor, but not in the last tier", err, honour.ErrNotListed)
	plan.Basis = honour.ByFinding
	_, err = k.PlanInterview(ctx, k.party, 2025, plan, k.key())
	k.refused("no finding", err, honour.ErrNotListed)
	plan.Unit, plan.Basis = k.units["D06"], honour.ByRanking
	_, err = k.PlanInterview(ctx, k.watch, 2025, plan, k.key())
	k.refused("supervision plans", err, fault.ErrForbidden)
	key := k.key()
	id, err := k.PlanInterview(ctx, k.party, 2025, plan, key)
	k.must(err)
	if again, err := k.PlanInterview(ctx, k.party, 2025, plan, key); err != nil || again != id {
		t.Errorf("the same form twice: %d %v", again, err)
	}
	_, err = k.PlanInterview(ctx, k.gov, 2025, plan, k.key())
	k.refused("planned twice", err, honour.ErrPlanned)
	if n := k.one(`SELECT count(*) FROM documents WHERE kind = 'interview' AND unit_id = $1`, k.units["D06"]); n != 1 {
		t.Errorf("%d notices went out", n)
	}
	k.interviewGoesItsWay(id)
}

func (k *county) interviewGoesItsWay(id honour.InterviewID) {
	k.t.Helper()
	t, ctx, head := k.t, k.t.Context(), k.heads["D06"]
	if _, _, err := k.Interview(ctx, k.heads["D05"], id); fault.Of(err) != fault.ErrNotFound {
		t.Errorf("another unit reads it: %v", err)
	}
	talk := honour.Talk{On: "2026-02-10", Record: "听取单位主要负责人说明原因，指出问题。", Measures: "三十日内完成积压事项，每周报告进展。", Due: "2026-03-10"}
	const words = "积压事项已经全部办结，企业确认。"
	k.refused("reported before it was held", k.StepInterview(ctx, head, id, "report", words, k.key()), honour.ErrState)
	k.at("2026-02-10 16:00")
	if err := k.HoldInterview(ctx, k.party, id, honour.Talk{On: "2026-02-11", Due: "2026-02-10"}, k.key()); len(fault.FieldsOf(err)) != 4 {
		t.Errorf("all problems at once: %v", err)
	}
	k.refused("the unit writes its own record", k.HoldInterview(ctx, head, id, talk, k.key()), fault.ErrForbidden)
	k.must(k.HoldInterview(ctx, k.party, id, talk, k.key()))
	k.refused("held twice", k.HoldInterview(ctx, k.party, id, talk, k.key()), honour.ErrState)
	k.refused("cancelled after it was held", k.StepInterview(ctx, k.gov, id, "cancel", words, k.key()), honour.ErrState)
	k.refused("an office reports for the unit", k.StepInterview(ctx, k.gov, id, "report", words, k.key()), fault.ErrForbidden)
	for _, s := range []struct {
		by  org.Actor
		act string
	}{{head, "report"}, {k.gov, "return"}, {head, "report"}, {k.gov, "close"}} {
		k.now = k.now.AddDate(0, 0, 1)
		k.must(k.StepInterview(ctx, s.by, id, s.act, words, k.key()))
	}
	v, steps, err := k.Interview(ctx, head, id)
	k.must(err)
	if v.State != "closed" || len(steps) != 6 || v.Facts.Grade != "poor" || v.Facts.Rank != 6 || v.Due != "2026-03-10" {
		t.Errorf("%+v, %d steps", v, len(steps))
	}
	for _, act := range []string{"hold", "cancel", "report", "return", "close"} {
		if v.May(head, act) || v.May(k.gov, act) {
			t.Errorf("%s may still happen", act)
		}
	}
}

// TestS46ExportEqualsTheSealedRanking: every figure of the export is that of the ranking
// computed anew from the file that was sealed; a file that gives another ranking is not
// exported.
func TestS46ExportEqualsTheSealedRanking(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	a, err := k.Assessment(ctx, k.gov, 2025)
	k.must(err)
	var file []byte
	k.must(k.owner.Get(&file, `SELECT snapshot FROM year_results WHERE id = $1`, k.result))
	snap, err := evaluation.ReadSnapshot(file)
	k.must(err)
	sealed := snap.Ranking()
	if len(a.Lines) != len(sealed.Lines) || len(a.Lines) != len(scores) {
		t.Fatalf("%d lines, sealed %d", len(a.Lines), len(sealed.Lines))
	}
	for i, want := range sealed.Lines {
		got := a.Lines[i]
		if got.Code != want.Code || got.Rank != want.Rank || got.Grade != want.Grade || got.Status != want.Status || !got.Total.Equal(want.Total) || !got.Base.Equal(want.Base) || !got.Bonus.Equal(want.Bonus) || !got.Deduction.Equal(want.Deduction) || len(got.Parts) != len(want.Parts) || got.Of != 6 {
			t.Errorf("line %d: %+v, sealed %+v", i, got, want)
		}
		for j, p := range want.Parts {
			if !got.Parts[j].Score.Equal(p.Score) {
				t.Errorf("%s part %s: %v, sealed %v", want.Code, p.Code, got.Parts[j].Score, p.Score)
			}
		}
	}
	_, err = k.Assessment(ctx, k.firms[0], 2025)
	k.refused("a company takes it", err, fault.ErrNotFound)
	other := sha256.Sum256([]byte("another ranking"))
	_, err = k.owner.Exec(`ALTER TABLE year_results DISABLE TRIGGER USER; UPDATE year_results SET ranking_hash = decode('` + hex.EncodeToString(other[:]) + `', 'hex'); ALTER TABLE year_results ENABLE TRIGGER USER`)
	k.must(err)
	_, err = k.Assessment(ctx, k.gov, 2025)
	k.refused("not what was published", err, honour.ErrBroken)
}
