package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pingyi/calendar"
)

// TestQuarterlyMeeting goes from the pack of a quarterly meeting to its decisions and
// their follow-up: the office calls it and makes the pack, the leading group decides,
// units report, the convener sends back, then accepts.
func TestQuarterlyMeeting(t *testing.T) {
	today := calendar.DateOf(time.Now())
	office := signedIn(t, "party-office-1", "zh-CN", desktop)
	office.open("/o/meetings/new?kind=quarterly")
	office.fill("title", "本季度分析会")
	office.fill("place", "县政府会议室")
	office.fill("on", string(today))
	office.pick("convener", "组长")
	office.press("meeting.call")
	office.sees(office.words("meeting.state-called"))
	id := regexp.MustCompile(`/o/meetings/(\d+)`).FindStringSubmatch(office.path())[1]
	office.fill("body", "供热压力不足，企业两条生产线停产")
	office.press("meeting.item-add")
	office.look()
	office.shot("meeting-called")
	pack(office, id)

	office.open("/o/meetings/" + id)
	office.press("meeting.hold")
	office.sees(office.words("meeting.state-held"))
	office.fill("text", "供热公司月底前恢复协议压力")
	office.press("meeting.decide")
	office.fill("minutes", "会议研究了供热问题，议定以下事项。")
	office.press("meeting.minutes-issue")
	office.sees(office.words("meeting.decisions-incomplete", "Count", 1))
	office.shot("meeting-incomplete")
	office.follow(`form[action$="/drop"] button`)
	office.fill("text", "供热公司月底前恢复协议压力")
	office.pick("lead", "县财政局")
	office.fill("due", string(nextWorked(t, today.AddDays(7))))
	office.press("meeting.decide")
	office.fill("minutes", "会议研究了供热问题，议定以下事项。")
	office.press("meeting.minutes-issue")
	office.sees("JD-")
	office.look()

	unit := signedIn(t, "d03", "zh-CN", phone)
	followDecision(unit)
	unit.look()
	report(unit, "已拨付补贴，供热公司正在检修。")

	chair := signedIn(t, "leader-chair", "zh-CN", desktop)
	followDecision(chair)
	chair.fill("why", "只说在检修，没有说压力恢复没有。")
	chair.press("meeting.return")
	chair.sees(chair.words("meeting.step-return"))

	followDecision(unit)
	unit.sees("没有说压力恢复没有")
	report(unit, "压力已恢复到协议标准，两条生产线昨日复产。")
	followDecision(chair)
	chair.look()
	chair.press("meeting.accept")
	chair.sees(chair.words("meeting.decision-accepted"))
	chair.shot("decision-accepted")

	office.open("/o/meetings/" + id)
	office.sees(office.words("meeting.close-hint"))
	office.press("meeting.close")
	office.sees(office.words("done.meeting-close"))
	office.shot("meeting-closed")
}

// pack makes the pack with the summary moved down, and waits until it is there.
func pack(u *user, id string) {
	u.t.Helper()
	u.open("/o/meetings/" + id + "/packs")
	if first := eval[string](u, `document.querySelector("[name=order]").value`); first != "cover" {
		u.fatalf("the pack begins with %q", first)
	}
	u.follow(`button[value="down:cover"]`)
	if first := eval[string](u, `document.querySelector("[name=order]").value`); first != "participation" {
		u.fatalf("moved down, the pack begins with %q", first)
	}
	u.look()
	u.press("meeting.pack-make")
	for range 40 {
		if strings.Contains(u.path(), "/packs/") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	u.sees(u.words("meeting.section-ranking"))
	u.look()
	u.shot("meeting-pack")
	if n := u.paper("meeting-pack"); n > 8 {
		u.fatalf("the pack takes %d sheets of paper", n)
	}
	if heads := eval[string](u, `[...document.querySelectorAll(".pack h2")].map(h => h.innerText).join(" ")`); !strings.HasPrefix(heads, u.words("meeting.section-participation")) {
		u.fatalf("the pack is in the order %q", heads)
	}
}

// followDecision opens the decision on the heating from the list of decisions.
func followDecision(u *user) {
	u.t.Helper()
	base := "/d"
	if u.name == "leader-chair" {
		base = "/l"
	}
	u.open(base + "/decisions")
	u.sees("供热公司月底前恢复协议压力")
	href := eval[string](u, `[...document.querySelectorAll("tr")].find(r => r.innerText.includes("供热公司")).querySelector("a").getAttribute("href")`)
	u.open(href)
}

func report(u *user, text string) {
	u.t.Helper()
	u.fill("report", text)
	u.press("meeting.report-done")
	u.sees(u.words("meeting.decision-reported"))
}

// nextWorked is the day, or the first working day after it.
func nextWorked(t *testing.T, d calendar.Date) calendar.Date {
	t.Helper()
	return calendar.Shipped().Next(d)
}
