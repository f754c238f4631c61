package e2e

import (
	"regexp"
	"testing"
)

// TestCollectiveIssue goes from the chamber's form to the members' word: the chamber
// files for two members, the office registers, the unit answers, the members answer,
// the chamber closes. The unit never reads whose issue it is.
func TestCollectiveIssue(t *testing.T) {
	chamber := signedIn(t, "chamber-1", "zh-CN", desktop)
	chamber.open("/o/collective/new")
	chamber.pick("category", chamber.words("category.7"))
	chamber.fill("title", "园区供水压力长期不足")
	chamber.fill("body", "几家企业反映，园区供水压力长期不足，夏季生产线多次停产，供水公司一直没有说明原因。")
	chamber.unfold("collective.choose")
	names := eval[string](chamber, `(function(){var b=document.querySelectorAll("[name=members]");var n=[];b.forEach(function(x){if(x.value==="1"||x.value==="2"){x.checked=true;n.push(x.parentNode.textContent.trim())}});return n.join("|")})()`)
	chamber.look()
	chamber.shot("collective-new")
	chamber.press("collective.raise")
	ref := regexp.MustCompile(`NJ-\d{4}-\d{4}`).FindString(chamber.path())
	if ref == "" {
		chamber.fatalf("no reference in the address; members %q", names)
	}
	chamber.sees(chamber.words("collective.members-hidden"))

	office := signedIn(t, "gov-office-1", "zh-CN", desktop)
	office.open("/o/issues/" + ref)
	office.sees(office.words("collective.members-outside"))
	unseen(office, names)
	office.choose("grade", "C")
	office.pick("lead", "县财政局")
	office.press("issue.register")

	unit := signedIn(t, "d03", "zh-CN", phone)
	unit.open("/d/issues/" + ref)
	unseen(unit, names)
	unit.press("issue.sign")
	unit.choose("result", "solved")
	unit.fill("text", "供水公司已更换加压泵，今日起园区压力恢复到零点三兆帕。")
	unit.press("issue.answer")

	for _, login := range []string{"c0001", "c0002"} {
		member := signedIn(t, login, "ru", phone)
		member.open("/c/issues")
		member.sees(ref)
		member.open("/c/issues/" + ref)
		member.sees(member.words("collective.you-hidden"))
		member.choose("verdict", "solved")
		member.choose("satisfaction", "s")
		member.look()
		member.shot("collective-vote-" + login)
		member.press("collective.vote")
		member.sees(member.words("done.collective-answer"))
	}

	chamber.open("/o/collective/" + ref)
	chamber.sees(chamber.words("collective.will-accept"))
	chamber.look()
	chamber.shot("collective-close")
	chamber.press("collective.close")
	chamber.sees(chamber.words("issue.state-closed"))
	unit.open("/d/issues/" + ref)
	unit.sees(unit.words("issue.state-closed"))
	unseen(unit, names)
}

// unseen looks that none of the names is on the page.
func unseen(u *user, names string) {
	u.t.Helper()
	if names == "" {
		u.fatalf("no members were chosen")
	}
	if eval[bool](u, `(function(){var t=document.body.textContent;return `+quote(names)+`.split("|").some(function(n){return t.indexOf(n)>=0})})()`) {
		u.fatalf("a member's name is on %s", u.path())
	}
}
