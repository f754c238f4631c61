package server

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// byCode goes the way of somebody without an account: raise, be shown the code
// once, follow, accept; wrong codes end in "too many".
func (p *portal) byCode(t *testing.T) {
	public := p.as("")
	form := url.Values{"category": {"12"}, "title": {"检查时要求订阅报刊"}, "body": {"检查组走之前要求每家企业订两份报刊，不订就说整改不到位。"}, "written_in": {"zh-CN"}, "idem": {"0123456789abcdef-f"}}
	if a := public.post("/raise", url.Values{"title": {"短"}, "idem": {"0123456789abcdef-e"}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("an empty form: %d", a.code)
	}
	a := public.post("/raise", form)
	code := regexp.MustCompile(`<code>([0-9A-Z-]{23})</code>`).FindStringSubmatch(a.body)
	if a.code != http.StatusOK || code == nil {
		t.Fatalf("raise: %d, no code", a.code)
	}
	if again := public.post("/raise", form); !strings.Contains(again.body, code[1]) {
		t.Errorf("a double click shows another code: %d", again.code)
	}
	ref := regexp.MustCompile(`NJ-2026-\d{4}`).FindString(a.body)
	page := public.post("/follow", url.Values{"code": {strings.ToLower(code[1])}})
	if page.code != http.StatusOK || !strings.Contains(page.body, ref) || !strings.Contains(page.body, "检查时要求订阅报刊") {
		t.Errorf("follow: %d", page.code)
	}
	office := p.as("gov-office-1")
	if o := office.get("/o/issues/" + ref); o.code != http.StatusOK || !strings.Contains(o.body, public.words("follow.anonymous")) || strings.Contains(o.body, code[1]) {
		t.Errorf("the office: %d", o.code)
	}
	if o := office.get("/o/issues?q=" + ref); !strings.Contains(o.body, public.words("follow.anonymous")) {
		t.Errorf("the office's list does not say anonymous")
	}
	for _, login := range []string{"c0001", "chamber-1"} {
		base := map[string]string{"c0001": "/c/issues/", "chamber-1": "/o/issues/"}[login]
		if o := p.as(login).get(base + ref); o.code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", login, o.code)
		}
	}
	if m := public.post("/follow/message", url.Values{"code": code[1:], "text": {"还有两家企业也被要求订阅。"}, "idem": {"0123456789abcdef-m"}}); m.code != http.StatusOK || !strings.Contains(m.body, public.words("follow.done-message")) || !strings.Contains(m.body, "还有两家企业") {
		t.Errorf("message: %d", m.code)
	}
	if m := public.post("/follow/accept", url.Values{"code": code[1:], "verdict": {"solved"}, "satisfaction": {"s"}, "idem": {"0123456789abcdef-a"}}); m.code != http.StatusConflict {
		t.Errorf("accepted before an answer: %d", m.code)
	}
	p.wrongCodes(t, public, code[1])
}

// wrongCodes: so many a minute from one network, then none, and the right one still opens.
func (p *portal) wrongCodes(t *testing.T, public *person, code string) {
	t.Helper()
	last := 0
	for range wrongCodesMinute + 1 {
		last = public.post("/follow", url.Values{"code": {strings.Repeat("7", 20)}}).code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("%d wrong codes: %d, want 429", wrongCodesMinute+1, last)
	}
	if a := public.post("/follow", url.Values{"code": {code}}); a.code != http.StatusOK {
		t.Errorf("the right code after them: %d", a.code)
	}
	if strings.Contains(p.log.String(), code) {
		t.Error("the log holds the code")
	}
}

// merges: an office merges an issue into another of the same company; the company finds
// both, another company's issue is no target.
func (p *portal) merges(t *testing.T) {
	investor, office := p.as("c0001"), p.as("gov-office-1")
	raise := func(u *person, key string) string {
		a := u.post("/c/issues/new", url.Values{"category": {"2"}, "title": {"厂区南侧围墙施工许可迟迟不批"}, "body": {"材料三次补正，窗口每次说法不一样，围墙不能开工。"}, "name_shown": {"unit"}, "idem": {key}})
		return regexp.MustCompile(`NJ-2026-\d{4}`).FindString(a.location)
	}
	first, second, foreign := raise(investor, "0123456789abcdef-1"), raise(investor, "0123456789abcdef-2"), raise(p.as("c0002"), "0123456789abcdef-3")
	if a := office.get("/o/similar/" + second); a.code != http.StatusOK || !strings.Contains(a.body, `<option value="`+first+`"`) || strings.Contains(a.body, `<option value="`+foreign+`"`) {
		t.Errorf("the choice of targets: %d", a.code)
	}
	if a := office.post("/o/similar/"+second, url.Values{"into": {foreign}, "reason": {"看起来是同一件事"}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("into another company's: %d, want 422", a.code)
	}
	if a := office.post("/o/similar/"+second, url.Values{"into": {first}, "reason": {"与前一件是同一件事"}}); a.code != http.StatusSeeOther {
		t.Errorf("merge: %d", a.code)
	}
	if a := investor.get("/c/issues/" + second); a.code != http.StatusOK || !strings.Contains(a.body, first) || !strings.Contains(a.body, "与前一件是同一件事") {
		t.Errorf("the company's merged issue: %d, its way on is shown: %t", a.code, strings.Contains(a.body, first))
	}
	if a := investor.get("/c/issues/" + first); a.code != http.StatusOK {
		t.Errorf("the issue it went into: %d", a.code)
	}
	other := p.as("c0002")
	for _, ref := range []string{first, second} {
		if a := other.get("/c/issues/" + ref); a.code != http.StatusNotFound {
			t.Errorf("another company reads %s: %d", ref, a.code)
		}
	}
}
