package feedback_test

import (
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// TestQuotaOfFiles: a company keeps so many bytes of files over all its issues; what
// officials add does not count, and another company has its own.
func TestQuotaOfFiles(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref, other := f.raise(t), f.raise(t)
	small := []feedback.File{{Name: "a.pdf", Type: "application/pdf", Size: 5, Content: []byte("%PDF-")}}
	f.must(t, "a file", f.Message(ctx, f.company, ref, "材料补充如下", small, f.key()))
	// the table holds at most ten megabytes a file; twenty fill the quota to the byte
	const fill = `INSERT INTO issue_files (issue_id, event_id, name, type, size, sha256, content, added_at)
		SELECT f.issue_id, f.event_id, 'x', f.type, CASE WHEN n = 20 THEN 10485760 - 5 - $2 ELSE 10485760 END, '', '', f.added_at FROM issue_files f, generate_series(1, 20) n WHERE f.issue_id = (SELECT id FROM issues WHERE ref = $1)`
	if _, err := f.db.Exec(fill, ref, 5); err != nil {
		t.Fatal(err)
	}
	f.must(t, "to the byte", f.Message(ctx, f.company, other, "还有一份材料", small, f.key()))
	if err := f.Message(ctx, f.company, other, "再来一份材料", small, f.key()); fault.Of(err) == nil || fault.Of(err).Fields["files"].Key != "file.quota" {
		t.Errorf("over the quota: %v", err)
	}
	f.must(t, "without a file", f.Message(ctx, f.company, other, "没有附件的留言", nil, f.key()))
	d := feedback.IssueDraft{Category: 2, Title: "另一家企业的问题", Body: "另一家企业有自己的附件额度，与这家企业无关，可以照常上传。", NameShown: "unit", Lang: "zh-CN", Files: small}
	if _, err := f.Raise(ctx, f.rival, d, f.key()); err != nil {
		t.Errorf("another company: %v", err)
	}
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	f.must(t, "an official's file", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text, Files: small}, f.key()))
}

// TestMergeKeepsItsWayOn: a merge completes, the company keeps its own issue with the
// number it went into; an issue of another company is no target, and its company sees
// nothing of the other.
func TestMergeKeepsItsWayOn(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	first, second := f.raise(t), f.raise(t)
	foreign, err := f.Raise(ctx, f.rival, feedback.IssueDraft{Category: 2, Title: "施工许可迟迟不批", Body: "同样的材料也被要求补正三次，厂房一直不能开工建设。", NameShown: "offices", Lang: "zh-CN"}, f.key())
	f.must(t, "raise", err)
	for _, into := range []string{foreign, second, "NJ-1999-0001", ""} {
		if err := f.Merge(ctx, f.party, second, into, "看来是同一件事", f.key()); fault.Of(err) == nil || fault.Of(err).Fields["into"].Key != "life.into-missing" {
			t.Errorf("merged into %q: %v", into, err)
		}
	}
	key := f.key()
	for range 2 { // the same post twice
		f.must(t, "merge", f.Merge(ctx, f.party, second, first, "与前一件是同一件事", key))
	}
	i, err := f.Issue(ctx, f.company, second)
	f.must(t, "read", err)
	events, err := f.Events(ctx, f.company, i)
	f.must(t, "events", err)
	last := events[len(events)-1]
	if i.State != feedback.Merged || last.Kind != feedback.ActMerge || last.Body != "与前一件是同一件事" || string(last.Data) == "{}" || last.Actor != "" {
		t.Errorf("the company reads %s, %+v", i.State, last)
	}
	if i, err := f.Issue(ctx, f.company, first); err != nil || i.State != feedback.Raised {
		t.Errorf("the other goes on as %s, %v", i.State, err)
	}
	for who, a := range map[string]org.Actor{"rival": f.rival} {
		for _, ref := range []string{first, second} {
			if _, err := f.Issue(ctx, a, ref); err == nil {
				t.Errorf("%s reads %s", who, ref)
			}
		}
	}
}
