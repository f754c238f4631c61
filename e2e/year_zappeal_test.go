package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
)

// deduct enters a deduction against the Development and Reform Bureau, whose head has
// a demo account; TestFirstYear does it before the year is computed, so that there is
// something to appeal against.
func deduct(office *user, year int) {
	office.t.Helper()
	office.open(fmt.Sprintf("/o/year/%d/adjustments", year))
	office.pick("unit", "发展和改革局")
	office.pick("rule", "D4")
	office.fill("on", fmt.Sprintf("%d-%02d-%02d", year, time.Now().In(time.FixedZone("CST", 8*3600)).Month(), 1))
	office.fill("evidence", "企业反映被要求增加检查，核实材料见附件。")
	office.press("adjust.save")
}

// TestYearAppeal: a unit appeals against a deduction of the year that TestFirstYear
// published, the supervision office upholds it, the offices compute, check and sign
// version 2, the leading group approves, and version 1 stays readable.
//
// Tests of a package run in the order of their files: this file's name comes after
// year_test.go, and the walk fails when no published year can be appealed against.
func TestYearAppeal(t *testing.T) {
	year := time.Now().In(time.FixedZone("CST", 8*3600)).Year()
	public := visitor(t, "public-v1", "zh-CN", desktop)
	public.open(fmt.Sprintf("/results/%d", year))
	total := totalOf(public)

	unit := signedIn(t, "d01", "zh-CN", phone)
	unit.open("/d")
	unit.sees(unit.words("appeal.new"))
	unit.shot("appeal-notice")
	unit.open("/d/appeals/new")
	unit.pick("subject", "D4")
	unit.fill("grounds", "太短")
	unit.press("appeal.file")
	unit.sees(unit.words("appeal.grounds-short", "Least", 20, "Have", 2))
	unit.shot("appeal-errors")
	unit.fill("grounds", "该次检查系上级统一部署，有文件为据，并非我局擅自增加，请予核实。")
	paper := filepath.Join(t.TempDir(), "部署文件.pdf")
	if err := os.WriteFile(paper, []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unit.do(cd.SetUploadFiles(cd.CSS("#f-files"), []string{paper}))
	unit.press("appeal.file")
	unit.sees(unit.words("appeal.step-decide"))
	unit.shot("appeal-filed")

	watch := signedIn(t, "supervision-1", "zh-CN", desktop)
	watch.open("/o/appeals")
	watch.follow("main .rows a.t")
	watch.sees("部署文件.pdf")
	watch.shot("appeal-decide")
	watch.press("appeal.decide-go") // neither finding nor reasons yet
	watch.sees(watch.words("appeal.word-missing"))
	watch.choose("word", "upheld")
	watch.fill("text", "经核查文件，该次检查依法依规，原扣分依据不足，予以撤销。")
	watch.press("appeal.decide-go")
	watch.sees(watch.words("appeal.state-upheld"))
	watch.open(watch.path() + "/letter")
	watch.shot("appeal-letter")

	office := signedIn(t, "party-office-1", "zh-CN", desktop)
	office.open(fmt.Sprintf("/o/year/%d", year))
	office.sees(office.words("appeal.reopened"))
	office.press("year.recompute")
	checker := signedIn(t, "gov-office-1", "zh-CN", desktop)
	checker.open(fmt.Sprintf("/o/year/%d", year))
	checker.press("year.check")
	leader := signedIn(t, "leader-chair", "zh-CN", desktop)
	leader.open(fmt.Sprintf("/l/rankings/%d", year))
	leader.press("year.approve")
	office.open(fmt.Sprintf("/o/year/%d", year))
	office.press("year.publish-next")
	office.press("year.publish")

	public.open(fmt.Sprintf("/results/%d", year))
	if again := totalOf(public); again == total {
		public.fatalf("the total of the unit is still %s", again)
	}
	public.shot("results-version-2")
	public.open(fmt.Sprintf("/results/%d?version=1", year))
	if again := totalOf(public); again != total {
		public.fatalf("version 1 shows %s, showed %s", again, total)
	}
	unit.open("/d/appeals")
	unit.follow("main .rows a.t")
	unit.sees(unit.words("appeal.word-upheld"))
	unit.shot("appeal-upheld")
}

// totalOf reads the total of the Development and Reform Bureau off the results page.
func totalOf(u *user) string {
	u.t.Helper()
	s := eval[string](u, `(function(){var r=[...document.querySelectorAll("main table tbody tr")].find(function(r){return r.textContent.includes("发展和改革局") && r.querySelector("td b")});
		return r ? r.querySelector("td b").textContent.trim() : ""})()`)
	if s == "" {
		u.fatalf("no line of the unit")
	}
	return s
}
