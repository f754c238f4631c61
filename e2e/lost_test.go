package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDatabaseLost kills the database while a form is being sent: the sender reads
// a clear sentence, keeps what was typed, and sending again makes one issue.
func TestDatabaseLost(t *testing.T) {
	u := signedIn(t, "c0005", "zh-CN", phone)
	u.open("/c/issues/new")
	const title, body = "停电三次没有提前通知", "车间本月停电三次，都没有提前通知，设备重启一次要半天，请说明原因并提前告知。"
	u.choose("name_shown", "unit")
	u.pick("category", u.words("category.8"))
	u.fill("title", title)
	u.fill("body", body)
	b, err := os.ReadFile(filepath.Join(dataDir, "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(b), "\n", 2)[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	sentence, refused := u.words("error.unavailable"), 0
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		if time.Now().After(end) {
			u.fatalf("the database did not come back")
		}
		has := func(key string) bool {
			return eval[bool](u, `[...document.querySelectorAll("main button")].some(function(e){return e.textContent.trim()===`+quote(u.words(key))+`})`)
		}
		if has("issue-new.raise") {
			u.press("issue-new.raise")
		} else if has("again.send") {
			u.press("again.send")
		} else {
			break
		}
		text := eval[string](u, `document.body.innerText`)
		if strings.Contains(text, sentence) {
			refused++
			if v := eval[string](u, `(document.querySelector("[name=body]")||{value:"gone"}).value`); v != body {
				u.fatalf("what was typed is lost: %q", v)
			}
			if refused == 1 {
				u.shot("database-lost")
			}
		}
	}
	t.Logf("refused %d times before the database was back", refused)
	u.open("/c/issues?q=" + title)
	if n := eval[int](u, `[...document.querySelectorAll("main .rows a.t")].filter(function(a){return a.textContent===`+quote(title)+`}).length`); n != 1 {
		u.fatalf("%d issues of one form", n)
	}
}
