package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
)

// TestImport brings a list of units in: a file with defects is refused row by
// row, the corrected one is checked first and written when confirmed.
func TestImport(t *testing.T) {
	u := signedIn(t, "operator", "zh-CN", desktop)
	u.open("/o/imports")
	u.press("imports.check")
	u.sees(u.words("import.kind-unknown"))
	upload := func(name, content string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		u.open("/o/imports?kind=units")
		u.do(cd.SetUploadFiles(cd.CSS("#f-file"), []string{file}))
		u.press("imports.check")
		for range 100 {
			if !eval[bool](u, `!!document.querySelector("progress")`) {
				u.look()
				return
			}
			time.Sleep(100 * time.Millisecond)
			u.do(cd.Reload())
		}
		u.fatalf("the check does not end")
	}
	upload("picture.xlsx", "GIF89a not a table")
	u.sees(u.words("import.column-unknown", "Column", "GIF89a not a table"))
	upload("坏的.csv", "单位代码,类别,中文名称,英文名称,俄文名称,负责人\nD97,1,县新设局,New Bureau,Новое управление,新某\nD98,九,县另设局,Other Bureau,Другое управление,\n")
	u.sees(u.words("import.bad", "Count", 1))
	u.shot("import-bad")
	upload("好的.csv", "单位代码,类别,中文名称,英文名称,俄文名称,负责人\nD97,1,县新设局,New Bureau,Новое управление,新某\nD98,2,县另设局,Other Bureau,Другое управление,另某\n")
	u.sees(u.words("import.nothing-yet"))
	u.press("import.commit", "Count", 2)
	for range 100 {
		if !eval[bool](u, `!!document.querySelector("progress")`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
		u.do(cd.Reload())
	}
	u.sees(u.words("import.done", "New", 2, "Changed", 0))
	u.shot("import-done")
	u.open("/o/units")
	u.sees("县新设局")
}
