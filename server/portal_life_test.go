package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pingyi/feedback"
)

// lives: the pages of an issue that does not go the common way: an answer previewed,
// a form that came too late, a count explained, a dispute decided, an extension asked
// for and granted.
func (p *portal) lives(t *testing.T) {
	zh := p.catalogue.In("zh-CN")
	office, unit := p.as("gov-office-1"), p.as("d01")
	ref := p.one(`SELECT i.ref FROM issues i JOIN units u ON u.id = i.lead_unit_id WHERE u.code = 'D01' AND i.state = 'in_progress' AND i.paused_at IS NULL AND i.extension = '' AND i.deadline > $1 ORDER BY i.id DESC LIMIT 1`, p.Now())
	at := "/d/issues/" + ref
	seen := p.one(`SELECT last_event FROM issues WHERE ref = $1`, ref)
	answer := "经现场核实，已当场办理完毕并当面告知企业，如有疑问请联系。"
	a := unit.post(at+"/answer", url.Values{"result": {"solved"}, "text": {answer}, "preview": {"1"}, "seen": {seen}})
	if a.code != http.StatusOK || !strings.Contains(a.body, zh.T("life.preview-h")) || p.one(`SELECT state FROM issues WHERE ref = $1`, ref) != "in_progress" {
		t.Errorf("preview of an answer: %d", a.code)
	}
	for _, x := range []struct {
		who  *person
		path string
		form url.Values
		code int
		says string
	}{
		{unit, at + "/do/extend_ask", url.Values{"days": {"99"}, "reason": {"x"}}, 422, `id="e-reason"`},
		{unit, at + "/do/extend_ask", url.Values{"days": {"1"}, "reason": {strings.Repeat("需要上级部门配合核查，", 3)}, "seen": {seen}}, 303, ""},
		{unit, at + "/answer", url.Values{"result": {"solved"}, "text": {answer}, "seen": {seen}}, 409, answer},
		{office, "/o/issues/" + ref + "/do/extend_grant", nil, 303, ""},
		{office, "/o/issues/" + ref + "/do/extend_grant", nil, 409, zh.T("life.changed-h")},
		{unit, at + "/do/propose", url.Values{"clause": {"县职责清单第一条"}}, 422, zh.T("life.to-missing")},
		{unit, at + "/do/pause", url.Values{"reason": {"higher_authority"}, "text": {"请示省级部门答复口径"}}, 422, zh.T("life.f-letter")},
		{unit, at + "/do/pause", url.Values{"reason": {"waiting_investor"}, "text": {"请企业补充材料清单"}}, 303, ""},
		{unit, at + "/do/resume", nil, 303, ""},
	} {
		got := x.who.post(x.path, x.form)
		if got.code != x.code || !strings.Contains(got.body, x.says) {
			t.Errorf("%s %v: %d, want %d and %q", x.path, x.form, got.code, x.code, x.says)
		}
	}
	dates := unit.get(at + "/dates")
	if dates.code != http.StatusOK || !strings.Contains(dates.body, zh.T("life.limit-solve")) || !strings.Contains(dates.body, zh.T("life.day-by-day")) {
		t.Errorf("why this date: %d", dates.code)
	}
	for _, d := range deeds {
		if !strings.Contains(zh.T("life.do-"+string(d.act)), " ") && !zh.Has("life.hint-"+string(d.act)) {
			t.Errorf("%s is not explained", d.act)
		}
	}
	p.oneFormPerDeed(t)
}

// oneFormPerDeed opens the page of every further act somebody may do on some issue.
func (p *portal) oneFormPerDeed(t *testing.T) {
	offered := map[string]bool{}
	for login, base := range map[string]string{"gov-office-1": "/o/issues", "d01": "/d/issues", "supervision-1": "/o/issues", "c0001": "/c/issues", "leader-chair": "/l/escalations"} {
		u := p.as(login)
		list, _, err := p.Feedback.Issues(t.Context(), u.actor, feedback.IssueFilter{Page: 1, Size: 300})
		p.must(err)
		for _, i := range list {
			duties, acts := p.furtherActs(u.actor, i, p.catalogue.In("zh-CN"))
			for _, c := range append(duties, acts...) {
				if offered[login+c.Value] {
					continue
				}
				offered[login+c.Value], offered[c.Value] = true, true
				a := u.get(base + "/" + i.Ref + "/do/" + c.Value)
				if a.code != http.StatusOK || !strings.Contains(a.body, `name="seen" value="`+strconv.FormatInt(i.LastEvent, 10)+`"`) {
					t.Errorf("%s opens %s of %s: %d", login, c.Value, i.Ref, a.code)
				}
			}
		}
	}
	for _, d := range []feedback.Act{feedback.ActArbitrate, feedback.ActReview, feedback.ActCallBack, feedback.ActMessage, feedback.ActAssign, feedback.ActSpecial, feedback.ActDecline, feedback.ActFind} {
		if !offered[string(d)] {
			t.Errorf("the demo county offers nobody to %s", d)
		}
	}
}
