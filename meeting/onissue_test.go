package meeting_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/meeting"
)

// TestS05DecisionOnAnIssue: who may see an issue sees which meeting decided on it; what
// was decided is read by the county's people only.
func TestS05DecisionOnAnIssue(t *testing.T) {
	w := newWorld(t)
	ctx, office, lead := t.Context(), w.actors["office"], w.actors["unit1"]
	ref, err := w.fb.Raise(ctx, w.actors["firm1"], feedback.IssueDraft{Category: 9, Title: "进厂道路封闭", Body: "进厂道路封闭两周，货车进不了厂，生产线已经停了。", NameShown: "unit", Lang: "zh-CN"}, w.key())
	w.must("raise", err)
	w.must("register", w.fb.Register(ctx, office, ref, feedback.Registration{Grade: "B", Lead: lead.Unit}, w.key()))
	id := w.call(meeting.Draft{Kind: meeting.OnSite, Title: "进厂道路现场办公会", Project: w.project, On: "2026-10-12"})
	w.must("hold", w.Hold(ctx, office, id, "2026-10-12"))
	w.must("decide", w.Decide(ctx, office, id, meeting.DecisionDraft{Text: "三日内开通临时通道", Lead: lead.Unit, Due: "2026-10-15", IssueRef: ref}, w.key()))
	if on, err := w.OnIssue(ctx, office, ref); err != nil || len(on) != 0 {
		t.Errorf("a draft stands on the issue: %+v (%v)", on, err)
	}
	w.must("minutes", w.IssueMinutes(ctx, office, id, "会议议定以下事项，请抓紧落实。"))
	for login, text := range map[string]string{"office": "三日内开通临时通道", "unit1": "三日内开通临时通道", "firm1": ""} {
		on, err := w.OnIssue(ctx, w.actors[login], ref)
		if err != nil || len(on) != 1 || on[0].Text != text || on[0].Kind != meeting.OnSite || on[0].DueOn != "2026-10-15" {
			t.Errorf("%s reads %+v (%v)", login, on, err)
		}
		if login == "firm1" && (on[0].Title != "" || on[0].MinutesNo != "") {
			t.Errorf("the company reads the minutes' name: %+v", on)
		}
	}
	for _, login := range []string{"firm2", "unit3"} {
		if _, err := w.OnIssue(ctx, w.actors[login], ref); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s reads decisions on an issue it may not see: %v", login, err)
		}
	}
}
