package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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
	kept := vote(t, company)
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

	id := closeCampaign(office)
	watched(t, office, id)
	tally(t, id)
	verified(t, kept, id)
	deduct(office, year)
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

// voted is what a rater keeps: card, own words, receipts.
type voted struct {
	card     string
	words    []string
	receipts []string
}

// vote collects the card of the running campaign, casts a ballot with it, and
// casts again: the last one counts.
func vote(t *testing.T, u *user) voted {
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
	kept := voted{card: plain}
	kept.add(castBallot(u, "白桦树下的鱼", 1))
	at := strings.SplitN(href, "/c/appraisals/", 2)[1]
	u.open(ballotHost + "/b/" + at + "?lang=zh-CN")
	u.fill("card", strings.ToLower(plain))
	kept.add(castBallot(u, "синяя река", 2))
	u.do(cd.Navigate(portal + "/c"))
	return kept
}

func (v *voted) add(word, receipt string) {
	v.words, v.receipts = append(v.words, word), append(v.receipts, receipt)
}

// castBallot goes from the card page to the receipt.
func castBallot(u *user, word string, version int) (string, string) {
	u.t.Helper()
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
	u.press("ballot.cast") // the declaration is not ticked yet
	u.sees(u.words("ballot.declare-missing"))
	u.choose("declare", "1")
	u.fill("word", "短")
	u.press("ballot.cast")
	u.sees(u.words("ballot.word-length", "Least", 4, "Most", 32))
	u.fill("word", word)
	u.shot("ballot-check")
	u.press("ballot.cast")
	u.sees(u.words("ballot.thanks"))
	if again := eval[bool](u, `document.body.innerText.includes(`+quote(u.words("ballot.version", "N", 2))+`)`); again != (version == 2) {
		u.fatalf("the page takes this for another version than %d", version)
	}
	u.unfold("receipt.show")
	u.shot(fmt.Sprintf("receipt-%d", version))
	receipt := eval[string](u, `document.querySelector("pre.receipt").textContent`)
	for _, level := range []string{"vs", u.words("level.vs"), u.words("level.d")} {
		if strings.Contains(receipt, "\""+level+"\"") {
			u.fatalf("the receipt tells a level")
		}
	}
	return word, receipt
}

// watched: another office's computer looks at the log and cosigns it; the public
// page then shows who did.
func watched(t *testing.T, office *user, id string) {
	t.Helper()
	dir := t.TempDir()
	key := strings.TrimSpace(pingyi(t, 0, "witness", "--name", "chamber-"+id, "--key", filepath.Join(dir, "key"), "--show-key"))
	public := visitor(t, "public-log", "zh-CN", phone)
	public.open("/log/" + id)
	public.sees(public.words("log.unwitnessed"))
	office.open("/o/witnesses")
	office.fill("office", "外来投资者商会")
	office.fill("key", "chamber+wrong")
	office.press("witness.add")
	office.sees(office.words("witness.key-wrong"))
	office.fill("key", key)
	office.press("witness.add")
	office.shot("witnesses")
	logKey := eval[string](public, `[...document.querySelectorAll("dd.wrapany")][0].innerText.trim()`)
	for _, says := range []string{"first look", "extended"} {
		if out := pingyi(t, 0, "witness", "--log", portal+"/log/"+id, "--log-key", logKey, "--key", filepath.Join(dir, "key"), "--state", filepath.Join(dir, "state")); !strings.Contains(out, says) {
			t.Fatalf("witness: %s", out)
		}
	}
	public.open("/log/" + id)
	public.sees("外来投资者商会")
	public.shot("log")
}

// tally: two people of two offices open the box with their shares.
func tally(t *testing.T, id string) {
	t.Helper()
	u := signedIn(t, "supervision-1", "zh-CN", desktop)
	u.open("/o/campaigns/" + id)
	u.press("shares.title-tally")
	shares := eval[[]string](u, `[...document.querySelectorAll("p.code")].map(function(e){return e.innerText})`)
	if len(shares) != 3 {
		u.fatalf("%d shares", len(shares))
	}
	u.fill("share1", shares[0])
	u.fill("share2", shares[0])
	u.fill("login", "party-office-1")
	u.fill("password", password)
	u.press("shares.do-tally")
	u.sees(u.words("key.share-twice"))
	u.shot("tally-refused")
	u.fill("share2", strings.ToLower(shares[2]))
	u.fill("password", password)
	u.press("shares.do-tally")
	u.sees(u.words("campaign.state-tallied"))
	u.press("protocol.title")
	u.shot("protocol")
}

// verified: receipts hold in the portal and on the command line, with the files
// that anybody can download; the replaced ballot and a changed receipt are told
// apart.
func verified(t *testing.T, kept voted, id string) {
	t.Helper()
	u := visitor(t, "rater-check", "zh-CN", phone)
	for i, says := range []string{u.words("check.replaced", "N", 2), u.words("check.counted")} {
		u.open(ballotHost + "/check?lang=zh-CN")
		u.fill("receipt", kept.receipts[i])
		u.fill("card", kept.card)
		u.fill("word", kept.words[i])
		u.press("check.go")
		u.sees(u.words("check.good"))
		u.sees(says)
		u.shot(fmt.Sprintf("check-%d", i+1))
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "log.zip")
	download(t, portal+"/log/"+id+"/files/log.zip", log)
	pingyi(t, 0, "verify", "log", log)
	for i, says := range []string{"replaced by version 2", "COUNTED"} {
		file := filepath.Join(dir, fmt.Sprintf("receipt-%d.txt", i))
		if err := os.WriteFile(file, []byte(kept.receipts[i]), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := pingyi(t, 0, "verify", "receipt", file, "--log", log, "--card", kept.card, "--word", kept.words[i]); !strings.Contains(out, says) {
			t.Fatalf("verify receipt %d: %s", i, out)
		}
	}
	changed := filepath.Join(dir, "changed.txt")
	if err := os.WriteFile(changed, []byte(strings.Replace(kept.receipts[1], "\n2\n", "\n3\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	pingyi(t, 1, "verify", "receipt", changed, "--log", log)
	pingyi(t, 2, "verify", "receipt", filepath.Join(dir, "nothing"), "--log", log)
}

// pingyi runs the program and expects an exit code.
func pingyi(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("pingyi %s: exit %d, %v, want %d\n%s", strings.Join(args, " "), got, err, code, out)
	}
	return string(out)
}

func download(t *testing.T, address, file string) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, r.StatusCode, err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
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

func closeCampaign(u *user) string {
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
	u.sees(u.words("campaign.state-closed"))
	u.sees(u.words("shares.title-tally"))
	u.shot("closed")
	return strings.TrimPrefix(href, "/o/campaigns/")
}
