package e2e

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pingyi/locale"
)

// readers are the people whose pages are looked over; "" has not signed in.
var readers = []string{"", "c0001", "chamber-1", "invited-1", "d01", "d01-office", "leader-chair", "leader-1", "party-office-1", "supervision-1", "clerk", "campaign", "operator"}

// client is a person without scripts: a plain HTTP client with cookies.
type client struct {
	t    *testing.T
	http *http.Client
}

func newClient(t *testing.T, lang string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := url.Parse(portal)
	jar.SetCookies(at, []*http.Cookie{{Name: "lang", Value: lang, Path: "/"}})
	return &client{t: t, http: &http.Client{Jar: jar}}
}

func (c *client) get(address string) (int, string, *http.Response) {
	c.t.Helper()
	r, err := c.http.Get(address)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r.StatusCode, string(b), r
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

func (c *client) signIn(login string) {
	c.t.Helper()
	_, page, _ := c.get(portal + "/signin")
	form := url.Values{"login": {login}, "password": {password}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	req, _ := http.NewRequest(http.MethodPost, portal+"/signin", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", portal)
	r, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = r.Body.Close()
	if strings.Contains(r.Request.URL.Path, "signin") {
		c.t.Fatalf("%s could not sign in: %d", login, r.StatusCode)
	}
}

var (
	links   = regexp.MustCompile(`<a [^>]*href="([^"#]+)`)
	numbers = regexp.MustCompile(`/[A-Za-z-]*\d[\w-]*`)
	values  = regexp.MustCompile(`=[^&]*`)
	other   = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// shape is what a page's address has in common with others of its kind.
func shape(u *url.URL) string {
	return numbers.ReplaceAllString(u.Path, "/#") + "?" + values.ReplaceAllString(u.RawQuery, "=")
}

// walk follows all links from the reader's home and calls visit once for every
// kind of page.
func walk(t *testing.T, c *client, visit func(address, body string)) {
	t.Helper()
	todo, seen := []string{portal + "/", portal + "/home"}, map[string]bool{}
	for len(todo) > 0 && len(seen) < 120 {
		address := todo[0]
		todo = todo[1:]
		u, err := url.Parse(address)
		if err != nil || seen[shape(u)] {
			continue
		}
		seen[shape(u)] = true
		status, body, r := c.get(address)
		if status >= 400 {
			t.Errorf("%s answers %d", address, status)
			continue
		}
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			continue
		}
		visit(r.Request.URL.String(), body)
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			to, err := r.Request.URL.Parse(html.UnescapeString(m[1]))
			if err == nil && to.Scheme+"://"+to.Host == portal && to.Query().Get("lang") == "" && to.Query().Get("large") == "" {
				todo = append(todo, to.String())
			}
		}
	}
}

// TestEveryPage looks at every kind of page of every role in every language: it
// answers, it is valid HTML, it shows no raw key, it fits a phone, axe is content.
func TestEveryPage(t *testing.T) {
	dir := t.TempDir()
	pages, axed := 0, map[string]bool{}
	for _, lang := range locale.Languages {
		looked := map[string]bool{}
		for _, login := range readers {
			c := newClient(t, lang)
			var u *user
			if login == "" {
				u = visitor(t, "anybody-"+lang, lang, phone)
			} else {
				c.signIn(login)
				u = signedIn(t, login, lang, phone)
			}
			walk(t, c, func(address, body string) {
				pages++
				if m := rawKey.FindString(body); m != "" {
					t.Errorf("%s, %s: raw text %q", address, lang, m)
				}
				name := other.ReplaceAllString(lang+"_"+login+"_"+strings.TrimPrefix(address, portal), "_")
				if err := os.WriteFile(filepath.Join(dir, name[:min(len(name), 120)]+".html"), []byte(body), 0o644); err != nil {
					t.Fatal(err)
				}
				at, _ := url.Parse(address)
				if k := shape(at); !looked[k] && !strings.Contains(k, "print=") {
					looked[k] = true
					t.Run(name, func(sub *testing.T) {
						u.t = sub
						if axed[k] { // what axe finds lies in the markup, the same in every language
							u.glance(address)
							return
						}
						axed[k] = true
						u.open(address)
					})
					u.t = t
				}
			})
		}
	}
	t.Logf("%d pages", pages)
	validate(t, dir)
}

// validate runs html-validate over all pages of a folder.
func validate(t *testing.T, dir string) {
	t.Helper()
	bin, err := filepath.Abs("../node_modules/.bin/html-validate")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("REQUIRE_BROWSER") != "" {
			t.Fatal("html-validate is missing; run make e2e")
		}
		return
	}
	out, err := exec.Command(bin, "--config", "../.htmlvalidate.json", "--formatter", "text", dir).CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.ReplaceAll(string(out), dir+"/", ""), "\n")
		t.Errorf("html-validate: %v\n%s", err, strings.Join(lines[:min(len(lines), 40)], "\n"))
	}
}
