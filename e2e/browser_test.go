package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	cd "github.com/chromedp/chromedp"
)

// phone and desktop are the screens people use.
var (
	phone   = screen{390, 844}
	desktop = screen{1280, 900}
)

type screen struct{ width, height int64 }

// user is one person before a screen, with cookies of his own.
type user struct {
	t      *testing.T
	ctx    context.Context
	name   string
	lang   string
	screen screen
}

var (
	allocator     context.Context
	allocatorOnce sync.Once
)

// visitor opens a browser of its own.
func visitor(t *testing.T, name, lang string, s screen) *user {
	t.Helper()
	allocatorOnce.Do(func() {
		base, _ := cd.NewExecAllocator(context.Background(), cd.ExecPath(browserPath()), cd.NoSandbox, cd.Headless, cd.DisableGPU, cd.NoFirstRun, cd.NoDefaultBrowserCheck,
			cd.Flag("disable-background-networking", true), cd.Flag("disable-component-update", true), cd.Flag("disable-sync", true), cd.Flag("disable-quic", true))
		allocator, _ = cd.NewContext(base)
		if err := cd.Do(allocator); err != nil {
			panic(err)
		}
	})
	ctx, cancel := cd.NewContext(allocator, cd.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	u := &user{t: t, ctx: ctx, name: name, lang: lang, screen: s}
	u.do(cd.EmulateViewport(s.width, s.height), cd.Navigate(portal+"/?lang="+lang))
	return u
}

// signedIn is a visitor who has signed in with a demo account.
func signedIn(t *testing.T, login, lang string, s screen) *user {
	t.Helper()
	u := visitor(t, login, lang, s)
	u.open("/signin")
	u.fill("login", login)
	u.fill("password", password)
	u.press("frame.sign-in")
	return u
}

func (u *user) do(steps ...cd.Action[cd.Void]) {
	u.t.Helper()
	if err := cd.Do(u.ctx, steps...); err != nil {
		u.fatalf("%v", err)
	}
}

func (u *user) fatalf(format string, args ...any) {
	u.t.Helper()
	where, _ := cd.Run(u.ctx, cd.Location())
	text, _ := cd.Run(u.ctx, cd.Evaluate[string](`document.querySelector("main").innerText.slice(0, 700)`))
	if shot, err := cd.Run(u.ctx, cd.FullScreenshot(70)); err == nil {
		u.save("failed-"+u.name, shot)
	}
	u.t.Fatalf("%s at %s: %s\n--- page:\n%s", u.name, where, fmt.Sprintf(format, args...), text)
}

// save keeps a picture where E2E_SHOTS names a folder.
func (u *user) save(name string, jpeg []byte) {
	if dir := os.Getenv("E2E_SHOTS"); dir != "" {
		_ = os.MkdirAll(dir, 0o755)
		_ = os.WriteFile(filepath.Join(dir, name+".jpg"), jpeg, 0o644)
	}
}

func (u *user) shot(name string) {
	if os.Getenv("E2E_SHOTS") == "" {
		return
	}
	if b, err := cd.Run(u.ctx, cd.FullScreenshot(75)); err == nil {
		u.save(name, b)
	}
}

// pageObject begins a page in a PDF file.
var pageObject = regexp.MustCompile(`/Type\s*/Page\b`)

// paper prints the page on A4 and returns how many sheets it takes; a picture of
// it as printed is kept where E2E_SHOTS names a folder.
func (u *user) paper(name string) int {
	u.t.Helper()
	pdf, err := cd.Run(u.ctx, cd.PrintToPDF(cd.PDFPaper(cd.PaperA4), func(p *page.PrintToPDFParams) { p.PreferCSSPageSize = new(true) }))
	if err != nil {
		u.fatalf("print: %v", err)
	}
	if os.Getenv("E2E_SHOTS") != "" {
		media := func(m string, w, h int64) {
			u.do(func(ctx context.Context, t *cd.Target) (cd.Void, error) {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: m})
				return cd.Void{}, err
			}, cd.EmulateViewport(w, h))
		}
		media("print", 673, 960) // the printed area of A4, in CSS pixels
		u.shot(name + "-a4")
		media("", u.screen.width, u.screen.height)
	}
	return len(pageObject.FindAll(pdf, -1))
}

func eval[T any](u *user, js string) T {
	u.t.Helper()
	v, err := cd.Run(u.ctx, cd.Evaluate[T](js))
	if err != nil {
		u.fatalf("%s: %v", js, err)
	}
	return v
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// words is a text of the catalogue in the user's language.
func (u *user) words(key string, args ...any) string { return catalogue.In(u.lang).T(key, args...) }

// open goes to a path of the portal and looks the page over.
func (u *user) open(path string) {
	u.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = portal + path
	}
	u.do(cd.Navigate(path))
	u.look()
}

// glance opens a page and looks only whether it fits the screen.
func (u *user) glance(address string) {
	u.t.Helper()
	u.do(cd.Navigate(address))
	u.fits()
}

func (u *user) path() string {
	where, err := cd.Run(u.ctx, cd.Location())
	if err != nil {
		u.fatalf("%v", err)
	}
	return strings.TrimPrefix(strings.TrimPrefix(where, portal), ballotHost)
}

func (u *user) fill(name, value string) {
	u.t.Helper()
	ok := eval[bool](u, `(function(){var e=[...document.querySelectorAll('[name="'+`+quote(name)+`+'"]')].find(function(e){return e.type!=="hidden" && e.offsetParent!==null});
		if(!e) return false; e.focus(); e.value=`+quote(value)+`; e.dispatchEvent(new Event("input",{bubbles:true})); e.dispatchEvent(new Event("change",{bubbles:true})); return true})()`)
	if !ok {
		u.fatalf("no field %q", name)
	}
}

// choose ticks a radio button or a checkbox.
func (u *user) choose(name, value string) {
	u.t.Helper()
	ok := eval[bool](u, `(function(){var e=[...document.querySelectorAll('input[name="'+`+quote(name)+`+'"]')].find(function(e){return e.value===`+quote(value)+`});
		if(!e) return false; if(!e.checked) e.click(); return e.checked})()`)
	if !ok {
		u.fatalf("no choice %s=%s", name, value)
	}
}

// pick takes the option of a select whose text contains the given words.
func (u *user) pick(name, text string) {
	u.t.Helper()
	ok := eval[bool](u, `(function(){var e=document.querySelector('select[name="'+`+quote(name)+`+'"]'); if(!e) return false;
		var o=[...e.options].find(function(o){return o.text.includes(`+quote(text)+`) && o.value}); if(!o) return false; e.value=o.value; return true})()`)
	if !ok {
		u.fatalf("no option %q of %s", text, name)
	}
}

// unfold opens the details with the given summary.
func (u *user) unfold(key string) {
	u.t.Helper()
	ok := eval[bool](u, `(function(){var e=[...document.querySelectorAll("summary")].find(function(e){return e.textContent.trim()===`+quote(u.words(key))+`});
		if(!e) return false; e.parentElement.open=true; return true})()`)
	if !ok {
		u.fatalf("nothing to unfold: %q", u.words(key))
	}
}

// press clicks the button with the words of a key, really with the mouse, waits
// for the next page and looks it over.
func (u *user) press(key string, args ...any) {
	u.t.Helper()
	u.pressWords(u.words(key, args...))
}

func (u *user) pressWords(text string) {
	u.t.Helper()
	ok := eval[bool](u, `(function(){window.__before=true; var e=[...document.querySelectorAll("main button, main a.btn")].find(function(e){return e.textContent.trim()===`+quote(text)+` && e.offsetParent!==null});
		if(!e) return false; e.setAttribute("data-press","1"); return true})()`)
	if !ok {
		u.fatalf("no button %q", text)
	}
	u.do(cd.ScrollIntoView(cd.CSS("[data-press]")))
	u.do(cd.Click(cd.CSS("[data-press]")))
	u.arrive()
	u.look()
}

func (u *user) follow(selector string) {
	u.t.Helper()
	eval[bool](u, `window.__before=true`)
	if !eval[bool](u, `!!document.querySelector(`+quote(selector)+`)`) {
		u.fatalf("no link %s", selector)
	}
	u.do(cd.ScrollIntoView(cd.CSS(selector)), cd.Click(cd.CSS(selector)))
	u.arrive()
	u.look()
}

func (u *user) arrive() {
	u.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if ok, err := cd.Run(u.ctx, cd.Evaluate[bool](`!window.__before && document.readyState==="complete"`)); err == nil && ok {
			return
		}
	}
	u.fatalf("no next page came")
}

func (u *user) sees(text string) {
	u.t.Helper()
	if !eval[bool](u, `document.body.innerText.includes(`+quote(text)+`)`) {
		u.fatalf("does not see %q", text)
	}
}

var rawKey = regexp.MustCompile(`\[[a-z0-9-]+\.[a-z0-9][a-z0-9._-]*\]|<no value>|%!`)

// look fails on a page that is broken for anybody: an error, a raw key, text
// wider than the screen, whatever axe finds.
func (u *user) look() {
	u.t.Helper()
	text := eval[string](u, `document.documentElement.innerText`)
	if m := rawKey.FindString(text); m != "" {
		u.fatalf("raw text %q", m)
	}
	if strings.Contains(text, strings.TrimSuffix(u.words("error.internal", "Ref", ""), "：")) {
		u.fatalf("an internal error")
	}
	u.fits()
	u.axe()
}

// fits fails on text wider than the screen.
func (u *user) fits() {
	u.t.Helper()
	if w := eval[int64](u, `document.documentElement.scrollWidth`); w > u.screen.width {
		u.fatalf("%d wide on a screen of %d", w, u.screen.width)
	}
}

var (
	axeScript string
	axeOnce   sync.Once
)

// axe runs axe-core's rules of WCAG 2.0 to 2.2, levels A and AA.
func (u *user) axe() {
	u.t.Helper()
	axeOnce.Do(func() {
		b, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
		if err != nil && os.Getenv("REQUIRE_BROWSER") != "" {
			u.fatalf("axe-core is missing; run make e2e: %v", err)
		}
		axeScript = string(b)
	})
	if axeScript == "" {
		return
	}
	eval[bool](u, axeScript+";true")
	found, err := cd.Run(u.ctx, cd.Evaluate[string](`axe.run(document,{runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"],resultTypes:["violations"]}).then(function(r){
		return r.violations.map(function(v){return v.id+": "+v.nodes.slice(0,3).map(function(n){return n.html.slice(0,160)+" ["+n.failureSummary.replace(/\s+/g," ").slice(0,160)+"]"}).join(" | ")}).join("\n")})`, cd.EvalAwaitPromise))
	if err != nil {
		u.fatalf("axe: %v", err)
	}
	if found != "" {
		u.fatalf("axe finds:\n%s", found)
	}
}
