package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pingyi/calendar"
)

// solved is one problem on its way through the county, and its company.
type solved struct {
	*user
	ref string
}

// TestSolved takes a problem of class A from a Russian-speaking company's telephone to
// a solution it confirms: returned once, settled by arbitration, ordered by the leading
// group, taken up on site. After each step the company reads what happened, who did it
// by role, and when.
func TestSolved(t *testing.T) {
	s := raised(t)
	office := signedIn(t, "party-office-1", "zh-CN", desktop)
	office.open("/o/issues/" + s.ref)
	office.choose("grade", "A")
	office.pick("lead", "县住房和城乡建设局")
	office.press("issue.register")
	s.told("register", "receiver")

	lead := signedIn(t, "d06", "zh-CN", desktop)
	returned(lead, s, "县自然资源局", "《县自然资源局职能配置规定》第四条第六项：负责项目用地红线内道路的审批")
	s.told("propose", "")
	other := signedIn(t, "d05", "zh-CN", phone)
	returned(other, s, "县住房和城乡建设局", "《县住房和城乡建设局职能配置规定》第三条第二项：负责厂区外市政道路")
	s.told("propose", "")

	office.open("/o/issues/" + s.ref + "/do/arbitrate")
	office.pick("lead", "县自然资源局")
	office.unfold("life.f-cooperating")
	office.tick("cooperating", "县住房和城乡建设局")
	office.fill("reason", "道路在项目用地红线内，审批在自然资源局，住建局配合施工。")
	office.press("life.do-arbitrate")
	s.told("arbitrate", "receiver")

	other.open("/d/issues/" + s.ref)
	other.press("issue.sign")
	other.unfold("issue.reply-open")
	other.fillIn("#reply-text", "已到现场核实，正在与住建局商定临时通道，三个工作日内给出方案。")
	other.press("issue.reply")
	s.told("reply", "")

	ordered(t, s)
	onSite(t, s, office, other)
	carriedOut(s, office, other)
	confirmed(s)
	office.open("/o/issues/" + s.ref)
	office.sees(office.words("issue.state-closed"))
	office.shot("solved-office")
}

// raised is the problem as the company files it on a telephone.
func raised(t *testing.T) *solved {
	u := signedIn(t, "c0010", "ru", phone)
	u.open("/c")
	u.press("company.raise")
	u.pick("category", u.words("category.9"))
	u.fill("title", "Закрыт подъезд к заводу, встала линия")
	u.fill("body", "С понедельника дорога к заводу перекрыта. Сырьё не подвозят, линия стоит, под угрозой контракт на две тысячи тонн.")
	u.fill("wish", "Просим открыть временный проезд для грузовиков.")
	u.choose("name_shown", "unit")
	u.press("issue-new.raise")
	s := &solved{user: u, ref: regexp.MustCompile(`/c/issues/([^?/]+)`).FindStringSubmatch(u.path())[1]}
	s.told("raise", "company")
	return s
}

// told looks at the company's page: the last step is the act, done by a role and never
// by a name, with its moment; the page is in the company's language and fits the phone.
func (s *solved) told(act, role string) {
	s.t.Helper()
	s.glance(portal + "/c/issues/" + s.ref)
	last := eval[string](s.user, `[...document.querySelectorAll("ol.tl > li")].pop().innerText`)
	if !strings.Contains(last, s.words("issue.act-"+act)) {
		s.fatalf("the last step is not %q: %q", s.words("issue.act-"+act), last)
	}
	if role != "" && !strings.Contains(last, s.words("issue.role-"+role)) {
		s.fatalf("the step is not by %q: %q", s.words("issue.role-"+role), last)
	}
	if bad := eval[string](s.user, `[...document.querySelectorAll("ol.tl > li")].filter(l => !Date.parse(l.querySelector("time").dateTime)).map(l => l.innerText).join("; ")`); bad != "" {
		s.fatalf("steps without a moment: %s", bad)
	}
	if m := someone.FindString(eval[string](s.user, `document.querySelector("main").innerText`)); m != "" {
		s.fatalf("the company reads an official's name: %s", m)
	}
	s.shot("solved-" + act)
}

// someone is the name of a person of the demo county: 周某平.
var someone = regexp.MustCompile(`\p{Han}某\p{Han}?`)

// returned passes the problem on to another unit with the clause of the duties.
func returned(u *user, s *solved, to, clause string) {
	u.t.Helper()
	u.open("/d/issues/" + s.ref)
	u.follow(`a[href$="/do/propose"]`)
	u.pick("to", to)
	u.fill("clause", clause)
	u.fill("reason", "按职责清单，此事项由该单位主管。")
	u.press("life.do-propose")
}

// ordered is the leading group's order out of its queue, confirmed in one sentence.
func ordered(t *testing.T, s *solved) {
	chair := signedIn(t, "leader-chair", "zh-CN", desktop)
	chair.open("/l/escalations?reason=class_a")
	chair.follow(`a[href="/l/escalations/` + s.ref + `"]`)
	chair.sees("С понедельника дорога к заводу перекрыта")
	chair.pick("lead", "县自然资源局")
	chair.unfold("order.cooperating")
	chair.tick("cooperating", "县住房和城乡建设局")
	chair.choose("days", "0")
	day := nextWorked(t, calendar.DateOf(time.Now()).AddDays(9))
	chair.fill("on", string(day))
	chair.fill("requirement", "开通货车临时通道，企业复产后报告。")
	chair.press("order.next")
	sentence := chair.words("order.sentence-with", "Unit", "县自然资源局", "With", "县住房和城乡建设局", "Date", catalogue.In("zh-CN").DateLong(day.Time()), "Ref", s.ref)
	chair.sees(sentence)
	chair.shot("solved-order-confirm")
	chair.press("frame.back")
	if typed := eval[string](chair, `document.querySelector("[name=requirement]").value`); !strings.Contains(typed, "临时通道") {
		chair.fatalf("back from the confirmation, the requirement is %q", typed)
	}
	chair.press("order.next")
	chair.press("order.issue")
	chair.sees("ZC-")
	chair.open("/l/orders")
	chair.sees("Закрыт подъезд к заводу")
	s.told("order", "leader")
}

// onSite is the session at the key project; what it decides on the problem is followed
// up until its convener accepts it.
func onSite(t *testing.T, s *solved, office, unit *user) {
	today := calendar.DateOf(time.Now())
	office.open("/o/meetings/new?kind=onsite")
	office.fill("title", "进厂道路现场办公会")
	office.pick("project", "XM-001")
	office.fill("on", string(today))
	office.fill("place", "项目现场")
	office.pick("convener", "组长")
	office.press("meeting.call")
	office.fill("body", "进厂道路封闭，企业停产（"+s.ref+"）")
	office.press("meeting.item-add")
	office.press("meeting.hold")
	office.fill("text", "红线内临时通道三日内通车")
	office.pick("lead", "县自然资源局")
	office.fill("due", string(nextWorked(t, today.AddDays(5))))
	office.fill("issue_ref", s.ref)
	office.press("meeting.decide")
	office.fill("minutes", "会议在项目现场研究进厂道路问题，议定以下事项。")
	office.press("meeting.minutes-issue")
	office.sees("JD-")
	office.shot("solved-onsite")

	unit.openDecision("/d", "红线内临时通道")
	unit.fill("report", "临时通道已通车，货车今日进厂。")
	unit.press("meeting.report-done")
	chair := signedIn(t, "leader-chair", "zh-CN", phone)
	chair.openDecision("/l", "红线内临时通道")
	chair.sees(s.ref)
	chair.press("meeting.accept")
	chair.sees(chair.words("meeting.decision-accepted"))
	chair.shot("solved-decision")
}

// openDecision opens a meeting's decision from the list.
func (u *user) openDecision(base, text string) {
	u.t.Helper()
	u.open(base + "/decisions")
	u.open(eval[string](u, `[...document.querySelectorAll("main a")].find(a => a.closest("tr, li")?.innerText.includes(`+quote(text)+`)).getAttribute("href")`))
}

// carriedOut is the unit's receipt and report with evidence, and what the office tells
// the company of it in Russian.
func carriedOut(s *solved, office, unit *user) {
	unit.open("/d/issues/" + s.ref)
	unit.press("order.receive")
	s.told("receive", "")
	unit.choose("result", "solved")
	unit.fill("text", "临时通道已通车，货车可直达厂区，企业生产线已恢复。")
	unit.attach("通车照片.pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
	unit.press("order.report")
	unit.sees("通车照片.pdf")
	unit.shot("solved-unit")
	s.told("report", "")

	office.open("/o/issues/" + s.ref)
	office.sees("通车照片.pdf")
	office.fill("text", "Временный проезд открыт, грузовики доезжают до завода. Просим подтвердить, что вопрос решён.")
	office.choose("channel", "phone")
	office.press("order.feed-back")
	s.told("feed_back", "receiver")
	s.sees("Временный проезд открыт")
}

// confirmed is the company's word that the problem is solved, and how it was handled.
func confirmed(s *solved) {
	s.look()
	s.choose("verdict", "solved")
	s.choose("satisfaction", "vs")
	s.press("issue.accept")
	s.sees(s.words("issue.state-closed"))
	s.told("accept", "company")
	s.open("/c/issues/" + s.ref + "/dates")
	s.shot("solved-dates")
}

// tick ticks the checkbox with the given label.
func (u *user) tick(name, label string) {
	u.t.Helper()
	if !eval[bool](u, `(function(){var e=[...document.querySelectorAll('input[type=checkbox][name="'+`+quote(name)+`+'"]')].find(e=>e.closest("label").innerText.trim()===`+quote(label)+`);
		if(!e) return false; if(!e.checked) e.click(); return e.checked})()`) {
		u.fatalf("no box %q of %s", label, name)
	}
}

// fillIn writes into the field a selector finds.
func (u *user) fillIn(selector, text string) {
	u.t.Helper()
	if !eval[bool](u, `(function(){var e=document.querySelector(`+quote(selector)+`); if(!e||e.offsetParent===null) return false; e.value=`+quote(text)+`; return true})()`) {
		u.fatalf("no field %s", selector)
	}
}

// attach puts a file into the page's field for files.
func (u *user) attach(name, content string) {
	u.t.Helper()
	eval[bool](u, `(function(){var d=new DataTransfer(); d.items.add(new File([`+quote(content)+`],`+quote(name)+`,{type:"application/pdf"}));
		document.querySelector("input[type=file]").files=d.files; return true})()`)
}
