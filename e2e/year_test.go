package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
)

// TestFirstYear is the promise of the county from end to end: a company takes
// part, a problem climbs and comes back solved, the ranking is published.
func TestFirstYear(t *testing.T) {
	year := time.Now().In(time.FixedZone("CST", 8*3600)).Year()
	company := activate(t)
	vote(t, company)
	ref := raise(t, company)
	fileSheet(t, company)

	office := signedIn(t, "party-office-1", "zh-CN", desktop)
	office.open("/o/issues/" + ref)
	office.choose("grade", "B")
	office.pick("lead", "县财政局")
	office.press("issue.register")
	office.sees(office.words("issue.state-registered"))

	unit := signedIn(t, "d03", "zh-CN", desktop)
	answer(t, unit, ref, "partly")
	refuse(company, ref, "还是没有说明哪一天能到账。")
	answer(t, unit, ref, "cannot")
	refuse(company, ref, "合同里写得很清楚，请领导小组决定。")
	company.sees(company.words("issue.state-queued"))

	leader := signedIn(t, "leader-chair", "zh-CN", desktop)
	leader.sees("补助款")
	leader.open("/l/escalations/" + ref)
	leader.choose("days", "10")
	leader.fill("requirement", "按合同约定拨付补助款，并书面答复企业。")
	leader.press("order.next")
	leader.shot("order-confirm")
	leader.press("order.issue")
	leader.sees(leader.words("issue.state-ordered"))

	unit.open("/d/issues/" + ref)
	unit.press("order.receive")
	unit.choose("result", "solved")
	unit.fill("text", "补助款已于昨日拨付到账，拨款凭证已寄给企业，联系人为本局企业科。")
	unit.press("order.report")

	office.open("/o/issues/" + ref)
	office.fill("text", "县财政局已拨付补助款，拨款凭证已寄出，请核对到账情况。")
	office.choose("channel", "phone")
	office.press("order.feed-back")

	company.open("/c/issues/" + ref)
	company.sees("补助款已于昨日拨付到账")
	company.choose("verdict", "solved")
	company.choose("satisfaction", "s")
	company.press("issue.accept")
	company.sees(company.words("issue.state-closed"))
	company.shot("issue-closed")

	closeCampaign(office)
	office.open(fmt.Sprintf("/o/year/%d", year))
	office.press("year.compute")
	checker := signedIn(t, "gov-office-1", "zh-CN", desktop)
	checker.open(fmt.Sprintf("/o/year/%d", year))
	checker.shot("year-check")
	checker.press("year.check")
	leader.open(fmt.Sprintf("/l/rankings/%d", year))
	leader.press("year.approve")
	office.open(fmt.Sprintf("/o/year/%d", year))
	office.press("year.publish-next")
	office.press("year.publish")

	for _, lang := range []string{"zh-CN", "en", "ru"} {
		public := visitor(t, "public-"+lang, lang, phone)
		public.open(fmt.Sprintf("/results/%d", year))
		public.sees(public.words("results.title", "Year", year))
		if n := eval[int](public, `document.querySelectorAll("svg.only-n circle.pt").length`); n < 10 {
			public.fatalf("only %d dots", n)
		}
		public.shot("results-" + lang)
	}
}

// activate lets the chamber hand a code to a company, which opens its account on
// a phone.
func activate(t *testing.T) *user {
	t.Helper()
	chamber := signedIn(t, "chamber-1", "zh-CN", desktop)
	chamber.open("/o/companies")
	chamber.open("/o/companies/2")
	licence := eval[string](chamber, `document.querySelector("[name=licence]").value`)
	chamber.pressWords(chamber.words("users.new-code") + " c0002")
	code := eval[string](chamber, `document.querySelector(".code").innerText`)
	chamber.shot("activation-code")

	fresh := visitor(t, "company", "zh-CN", phone)
	fresh.open("/activate")
	fresh.fill("code", "AAAA-BBBB")
	fresh.fill("proof", licence)
	fresh.fill("password", "一家企业自己设的长密码")
	fresh.fill("again", "一家企业自己设的长密码")
	fresh.press("activate.go")
	if v := eval[string](fresh, `document.querySelector("[name=proof]").value`); v != licence {
		fresh.fatalf("a refused form lost what was typed: %q", v)
	}
	fresh.fill("code", code)
	fresh.fill("password", "一家企业自己设的长密码")
	fresh.fill("again", "一家企业自己设的长密码")
	fresh.press("activate.go")
	if strings.HasPrefix(fresh.path(), "/activate") {
		fresh.fatalf("the account did not open with code %s", code)
	}
	fresh.open("/c")
	fresh.shot("company-home")
	return fresh
}

var cardText = regexp.MustCompile(`[0-9A-Za-z]{4,}`)

// vote collects the card of the running campaign and casts a ballot with it.
func vote(t *testing.T, u *user) {
	t.Helper()
	u.open("/c/appraisals")
	href := eval[string](u, `document.querySelector("main .rows a.t").getAttribute("href")`)
	u.open(href)
	card := eval[string](u, `document.querySelector(".code").innerText`)
	plain := strings.Join(cardText.FindAllString(card, -1), "")
	u.fill("last4", "0000")
	u.press("card.collect")
	if eval[string](u, `document.querySelector(".code").innerText`) != card {
		u.fatalf("a mistyped check drew another card")
	}
	u.fill("last4", strings.ToLower(plain[len(plain)-4:]))
	u.press("card.collect")
	u.sees(u.words("card.once"))
	u.shot("card")
	u.follow(`main a.btn[href*="#card="]`)
	if strings.Contains(u.path(), "card=") {
		u.fatalf("the card stays in the address: %s", u.path())
	}
	if c := eval[string](u, `document.cookie`); c != "" {
		u.fatalf("the ballot host sees cookies: %q", c)
	}
	u.press("start.card-go")
	u.press("ballot.begin") // none chosen, or those of the company's own visits
	if eval[bool](u, `document.querySelectorAll("input[name=pick][type=checkbox]").length>0`) {
		boxes := eval[[]string](u, `[...document.querySelectorAll("input[name=pick][type=checkbox]")].slice(0,2).map(function(e){return e.value})`)
		for _, b := range boxes {
			u.choose("pick", b)
		}
		u.press("ballot.begin")
	}
	units := 0
	for ; eval[bool](u, `!!document.querySelector("input[name=unit]")`); units++ {
		if units > 70 {
			u.fatalf("the ballot does not end")
		}
		if units == 0 {
			u.shot("ballot-unit")
		}
		eval[bool](u, `(function(){document.querySelectorAll("fieldset.q").forEach(function(f,i){var r=[...f.querySelectorAll("input[type=radio]")]; var e=r[(i%4)]; if(e) e.click()}); return true})()`)
		last := u.words("ballot.to-check")
		if eval[bool](u, `[...document.querySelectorAll("main button")].some(function(e){return e.textContent.trim()===`+quote(last)+`})`) {
			u.press("ballot.to-check")
		} else {
			u.press("ballot.next")
		}
	}
	u.shot("ballot-check")
	u.press("ballot.cast") // the declaration is not ticked yet
	u.sees(u.words("ballot.declare-missing"))
	u.choose("declare", "1")
	u.press("ballot.cast")
	u.sees(u.words("ballot.thanks", "Count", units))
	u.shot("ballot-done")
	u.do(cd.Navigate(portal + "/c"))
}

func raise(t *testing.T, u *user) string {
	t.Helper()
	u.open("/c/issues/new")
	u.fill("body", "太短")
	u.press("issue-new.raise")
	u.shot("issue-errors")
	if v := eval[string](u, `document.querySelector("[name=body]").value`); v != "太短" {
		u.fatalf("a refused form lost what was typed: %q", v)
	}
	u.choose("name_shown", "unit")
	u.pick("category", u.words("category.13"))
	u.fill("title", "设备补助款到期三个月没有拨付")
	u.fill("body", "按投资合同第八条，设备补助款应在三月底前拨付，我们去问过三次，答复都是再等等，没有日期。")
	u.press("issue-new.raise")
	ref := regexp.MustCompile(`NJ-\d{4}-\d{4}`).FindString(u.path())
	if ref == "" {
		u.fatalf("no reference in the address")
	}
	return ref
}

func fileSheet(t *testing.T, u *user) {
	t.Helper()
	u.open("/c/visits?state=requested")
	href := eval[string](u, `(document.querySelector("main .rows a.t")||{getAttribute:function(){return ""}}).getAttribute("href")`)
	if href == "" {
		u.fatalf("no visit waits for its sheet")
	}
	u.open(href)
	u.press("visit.fill")
	for i, q := range []string{"q1", "q2", "q3", "q4"} {
		u.choose(q, []string{"vs", "s", "b", "s"}[i])
	}
	u.pick("area", u.words("sheet.area-advice"))
	u.choose("solved", "partly")
	u.press("sheet.file") // the question about demands is still open
	u.sees(u.words("sheet.demand-missing"))
	u.choose("demand", "no")
	u.shot("sheet")
	u.press("sheet.file")
	u.shot("sheet-filed")
	if !regexp.MustCompile(`FB-|[A-Z]{2}-\d{4}`).MatchString(eval[string](u, `document.body.innerText`)) {
		u.fatalf("no number of the sheet")
	}
}

func answer(t *testing.T, u *user, ref, result string) {
	t.Helper()
	u.open("/d/issues/" + ref)
	sign := u.words("issue.sign")
	if eval[bool](u, `[...document.querySelectorAll("main button")].some(function(e){return e.textContent.trim()===`+quote(sign)+`})`) {
		u.press("issue.sign")
	}
	u.choose("result", result)
	u.fill("text", "已经核对合同和拨款计划，部分资金已经下达，其余正在申请，具体日期另行通知。")
	if result == "cannot" {
		u.fill("basis", "年度预算安排")
	}
	u.press("issue.answer")
	u.sees(u.words("issue.state-answered"))
}

func refuse(u *user, ref, why string) {
	u.t.Helper()
	u.open("/c/issues/" + ref)
	u.unfold("issue.refuse-open")
	u.fill("reason", why)
	u.press("issue.refuse")
}

func closeCampaign(u *user) {
	u.t.Helper()
	u.open("/o/campaigns")
	href := eval[string](u, `[...document.querySelectorAll("main .rows li")].filter(function(l){return l.innerText.includes(`+quote(u.words("campaign.state-open"))+`)}).map(function(l){return l.querySelector("a").getAttribute("href")})[0]||""`)
	if href == "" {
		u.fatalf("no campaign is open")
	}
	u.open(href)
	u.press("campaign.do-close")
	u.shot("close-confirm")
	u.press("campaign.do-close")
	u.sees(u.words("campaign.state-tallied"))
}
