package server

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// silentAlarm plants an alarm and looks for it on every page that anybody but the
// supervision office can open.
func (p *portal) silentAlarm(t *testing.T) {
	const canary = "金丝雀报警CANARY-ALARM-5520"
	company := p.as("c0005")
	shown := company.post("/c/alarm/code", nil)
	code := regexp.MustCompile(`class="code">([0-9A-Z-]+)<`).FindStringSubmatch(shown.body)
	if shown.code != http.StatusOK || code == nil {
		t.Fatalf("a code: %d", shown.code)
	}
	form := url.Values{"code": {strings.ToLower(code[1])}, "unit": {p.one(`SELECT id FROM units WHERE code = 'D01'`)}, "text": {canary + strings.Repeat("字", 20)}, "idem": {"canary-alarm-0123456789"}}
	sent := p.as("").post("/alarm", form)
	no := regexp.MustCompile(`JB-\d{4}-\d{3}`).FindString(sent.body)
	if sent.code != http.StatusOK || no == "" || strings.Contains(sent.body, canary) {
		t.Fatalf("an alarm by code: %d %q", sent.code, no)
	}
	if a := p.as("supervision-1").get("/o/shield/alarms/" + no); a.code != http.StatusOK || !strings.Contains(a.body, canary) {
		t.Fatalf("the supervision office does not see the alarm: %d", a.code)
	}
	asked := 0
	for _, login := range []string{"", "c0002", "d01", "leader-chair", "party-office-1", "campaign", "operator", "chamber-1"} {
		u := p.as(login)
		for _, area := range p.areas() {
			for _, rt := range area.routes {
				if rt.method != http.MethodGet || !rt.allow(u.actor) {
					continue
				}
				path := strings.ReplaceAll(u.objects(rt.path)["own"], u.objects(":alarm")["own"], no)
				asked++
				if a := u.get(path); strings.Contains(a.body, canary) || (strings.Contains(a.body, no) && !strings.HasPrefix(rt.path, "/a/audit")) {
					t.Errorf("%q finds the alarm on %s", login, path)
				}
			}
		}
	}
	p.logHas(t, canary, code[1])
	t.Logf("%d pages", asked)
}

// passingObjects are the path parameters of cases, duties and what lies beside them.
func (u *person) passingObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	const mine = `SELECT c.ref FROM passing_cases c JOIN passing_units p ON p.case_id = c.id WHERE p.unit_id `
	return map[string]map[string]string{
		":finding": pick(val(mine+`= $1 LIMIT 1`, u.actor.Unit), val(mine+`<> $1 LIMIT 1`, u.actor.Unit), "TW-1999-001"),
		":duty":    pick(val(`SELECT max(id) FROM duties`), val(`SELECT min(id) FROM duties`), "987654"),
		":watch":   pick(val(`SELECT min(id) FROM shield_watches`), val(`SELECT max(id) FROM shield_watches`), "987654"),
		":alarm":   pick(val(`SELECT min(no) FROM alarms`), val(`SELECT max(no) FROM alarms`), "JB-1999-001"),
		":barrier": pick(val(`SELECT min(ref) FROM barriers WHERE $1 = 0 OR unit_id = $1`, u.actor.Unit), val(`SELECT max(ref) FROM barriers WHERE unit_id <> $1`, u.actor.Unit), "JG-1999-001"),
		":glass":   pick("987655", "987656", "987654"),
		":gap":     pick("987655", "987656", "987654"),
	}
}
