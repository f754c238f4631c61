package e2e

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pingyi/calendar"
)

// TestDissatisfiedSheetToCallBack goes from two taps on a phone to the call-back: a company rates
// a visit by its one-visit code without signing in, lets the unit know, the office answers and
// hands over, the unit puts it right, the office calls back, the company reads the answer.
func TestDissatisfiedSheetToCallBack(t *testing.T) {
	company := signedIn(t, "c0003", "zh-CN", phone)
	company.open("/c/visits?state=requested")
	company.follow(`main .rows a.t`)
	visit := company.path()
	unit := eval[string](company, `document.querySelector("main .card h2").innerText.trim()`)
	link := eval[string](company, `document.querySelector("p.code").innerText.trim()`)
	company.shot("rate-code")

	anybody := visitor(t, "anybody", "zh-CN", phone)
	anybody.open(link[strings.Index(link, "/q/"):])
	anybody.sees(unit)
	anybody.press("sheet.file-now") // without a level
	anybody.sees(anybody.words("sheet.overall-missing"))
	anybody.choose("overall", "d")
	anybody.shot("rate-two-taps")
	anybody.press("sheet.file-now")
	no := regexp.MustCompile(`FK-\d{4}-\d{6}`).FindString(eval[string](anybody, `document.body.innerText`))
	if no == "" {
		anybody.fatalf("no number of the sheet")
	}
	anybody.sees(anybody.words("sheet.change"))

	company.open(visit)
	company.sees(company.words("rectify.box"))
	company.press("rectify.allow-go")
	company.sees(company.words("rectify.allowed"))

	office := signedIn(t, "gov-office-1", "zh-CN", desktop)
	openRectification(office, no)
	ref := regexp.MustCompile(`ZG-\d{4}-\d{4}`).FindString(office.path())
	office.fill("answer", "您反映的情况已经收到，已交该单位整改。")
	office.press("rectify.answer-go")
	office.press("rectify.hand-go")
	office.shot("rectify-handed")

	head := signedIn(t, codeOf(t, unit), "zh-CN", phone)
	head.open("/d/rectifications")
	head.follow(`main .rows a[href$="` + ref + `"]`)
	if strings.Contains(eval[string](head, `document.body.innerText`), no) {
		head.fatalf("the unit reads the number of the sheet")
	}
	head.fill("measures", "已派专人上门补办，当场办结，并向企业说明。")
	head.press("rectify.report-go")
	head.sees(head.words("rectify.state-reported"))
	head.shot("rectify-reported")

	openRectification(office, no)
	office.fill("on", string(calendar.DateOf(time.Now())))
	office.fill("person", "企业经办人")
	office.choose("verdict", "satisfied")
	office.fill("text", "您反映的事项已经办结，感谢您的意见。")
	office.press("rectify.call-go")
	office.sees(office.words("rectify.state-closed"))

	company.open(visit)
	company.sees("您反映的事项已经办结")
	company.sees(company.words("rectify.company-closed"))
	company.shot("rectify-closed")
}

// openRectification opens the rectification of a sheet by the sheet's page.
func openRectification(u *user, no string) {
	u.t.Helper()
	u.open("/o/sheets/" + no)
	u.follow(`main a[href^="/o/rectifications/"]`)
}

// codeOf is the login of the head of the unit with a name.
func codeOf(t *testing.T, unit string) string {
	t.Helper()
	c := newClient(t, "zh-CN")
	year := calendar.DateOf(time.Now()).Year() - 1
	_, body, _ := c.get(portal + "/results/" + strconv.Itoa(year))
	m := regexp.MustCompile(`href="/departments/([A-Za-z]\d\d)"[^>]*>\s*` + regexp.QuoteMeta(unit) + `<`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no unit %s in the results of %d", unit, year)
	}
	return strings.ToLower(m[1])
}
