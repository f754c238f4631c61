package server

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"pingyi/county"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jmoiron/sqlx"

	"pingyi/demo"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/job"
	"pingyi/org"
	"pingyi/org/roster"
	"pingyi/postgres/pgtest"
	"pingyi/record"
	"pingyi/witness"
)

// portal is the whole portal over a small demo county, under a fixed clock.
type portal struct {
	*Server
	t     testing.TB
	db    *sqlx.DB // as the portal's role
	owner *sqlx.DB // as the owner, to look into tables
	box   pgtest.Box
	log   *bytes.Buffer // what the portal logged
	now   time.Time
	demo  county.Stores
	fails *atomic.Int64 // answers with status 500
}

func newPortal(t testing.TB) *portal {
	t.Helper()
	p := &portal{t: t, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), box: pgtest.OpenBox(t), log: &bytes.Buffer{}, fails: new(atomic.Int64)}
	p.db, p.owner = pgtest.OpenBoth(t)
	clock := demo.NewClock(p.now)
	ctx := t.Context()
	keys, err := ballotbox.NewKeys(t.TempDir())
	p.must(err)
	box, err := ballotbox.NewBox(ctx, p.box.Cast, p.box.Tally, keys, "test", clock.Now)
	p.must(err)
	p.demo, err = county.NewStores(ctx, county.Basis{DB: p.db, Box: box, Now: clock.Now, Secret: pgtest.Secret, Hashing: org.Quick, BaseURL: "http://localhost", Host: "localhost"})
	p.must(err)
	s := &p.demo
	p.must(demo.Load(ctx, *s, clock, demo.Size{Companies: 60, Seed: 7}, func(string, ...any) {}))
	records := record.NewStore(p.db)
	keyDir := t.TempDir()
	notary, err := record.NewNotary(records, clock.Now, filepath.Join(keyDir, "audit"), "test/audit", filepath.Join(keyDir, "checkpoints"))
	p.must(err)
	p.must(notary.Checkpoint(ctx))
	p.Server, err = New(slog.New(slog.NewTextHandler(p.log, nil)), Options{Version: "test", BaseURL: "http://localhost", BallotURL: "http://127.0.0.1", Secret: pgtest.Secret, Now: clock.Now},
		Domain{Stores: *s, Record: records, Notary: notary, Roster: roster.NewStore(p.db, clock.Now), Jobs: job.NewStore(p.db, clock.Now), Witness: witness.NewStore(p.db, clock.Now)})
	p.must(err)
	admin, err := s.Org.ActorOf(ctx, "campaign")
	p.must(err)
	_, err = s.Evaluation.NewDraft(ctx, admin, evaluation.NJDefault())
	p.must(err)
	return p
}

func (p *portal) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestPortal looks at the portal as its readers do: every route as every role,
// bad input, what is over, what is away.
func TestPortal(t *testing.T) {
	p := newPortal(t)
	t.Run("what a company keeps to itself", p.plant)
	t.Run("every route as every role", p.everyRoute)
	t.Run("those who may read it do", p.canaryMatters)
	t.Run("own and foreign", p.ownAndForeign)
	t.Run("what waits", p.whatWaits)
	t.Run("messages", p.messagesOfEach)
	t.Run("lives", p.lives)
	t.Run("by code", p.byCode)
	t.Run("merges", p.merges)
	t.Run("bad input", p.badInput)
	t.Run("ballot host", p.ballotHostInput)
	t.Run("stale tab", p.staleTab)
	t.Run("S07 the overview equals the tables", p.countyYears)
	t.Run("what belongs to others", p.foreignObjects)
	t.Run("the year-end file", p.yearFolder)
	t.Run("schemes", p.schemePages)
	t.Run("no name of a company reaches the box", p.noJoin)
	t.Run("every post as every role", p.everyPost)
	t.Run("no word of a ballot is kept", p.canaries)
	t.Run("silent alarm", p.silentAlarm)
	t.Run("database away", p.databaseAway)
	p.logHas(t, canaryWord, canaryComment, "192.0.2.1")
	if n := p.catalogue.Missing(); len(n) > 0 {
		t.Errorf("%v: messages that were missing", n)
	}
}

// everyRoute: what a route's permission does not let in gets nothing; what it
// lets in gets an answer that is no failure; nobody gets what is not there.
func (p *portal) everyRoute(t *testing.T) {
	asked := 0
	for _, login := range roles {
		u := p.as(login)
		for _, area := range p.areas() {
			for _, rt := range area.routes {
				if rt.method != http.MethodGet {
					continue
				}
				paths := u.objects(rt.path)
				if planted := filled(rt.path, canaryObjects); planted != rt.path && rt.allow(u.actor) {
					paths["canary"] = u.objects(planted)["own"]
				}
				for which, path := range paths {
					a := u.get(path)
					asked++
					for _, what := range leaks(login, a.body) {
						t.Errorf("%q GET %s (%s) tells the %s", login, path, which, what)
					}
					where := fmt.Sprintf("%q GET %s (%s)", login, path, which)
					if strings.Contains(path, ":") {
						t.Fatalf("%s: a parameter has no value", where)
					}
					switch {
					case a.code >= 500:
						t.Errorf("%s: %d", where, a.code)
					case !rt.allow(u.actor) && login == "" && (a.code != http.StatusSeeOther || !strings.HasPrefix(a.location, "/signin")):
						t.Errorf("%s: %d %s, want the sign-in page", where, a.code, a.location)
					case !rt.allow(u.actor) && login != "" && a.code != http.StatusForbidden:
						t.Errorf("%s: %d, want 403", where, a.code)
					case rt.allow(u.actor) && which == "absent" && path != rt.path && a.code == http.StatusOK && !mayBeEmpty(rt.path):
						t.Errorf("%s: something absent was found", where)
					}
				}
			}
		}
	}
	t.Logf("%d requests", asked)
}

// mayBeEmpty: pages of a year that has nothing, which say so.
func mayBeEmpty(path string) bool { return strings.Contains(path, ":year") }

func (p *portal) everyPost(t *testing.T) {
	for _, login := range roles {
		u := p.as(login)
		for _, area := range p.areas() {
			for _, rt := range area.routes {
				if rt.method != http.MethodPost || rt.path == "/signout" || strings.HasPrefix(rt.path, "/account") {
					continue
				}
				for which, path := range u.objects(rt.path) {
					a := u.post(path, url.Values{})
					where := fmt.Sprintf("%q POST %s (%s)", login, path, which)
					switch {
					case a.code >= 500:
						t.Errorf("%s: %d", where, a.code)
					case !rt.allow(u.actor) && login == "" && (a.code != http.StatusSeeOther || !strings.HasPrefix(a.location, "/signin")):
						t.Errorf("%s: %d %s, want the sign-in page", where, a.code, a.location)
					case !rt.allow(u.actor) && login != "" && a.code != http.StatusForbidden:
						t.Errorf("%s: %d, want 403", where, a.code)
					}
				}
			}
		}
	}
}

// ownAndForeign: what belongs to others is not found, however well one guesses.
func (p *portal) ownAndForeign(t *testing.T) {
	for _, c := range []struct {
		login, path string
		own, other  int
	}{
		{"c0002", "/c/issues/:ref", 200, 404}, {"c0002", "/c/visits/:visit", 200, 404},
		{"d02-office", "/d/issues/:ref", 200, 404}, {"d01", "/d/rectifications/:rectify", 200, 404}, {"d02-office", "/d/rectifications/:rectify", 200, 404}, {"chamber-1", "/o/companies/:company", 200, 200},
	} {
		u := p.as(c.login)
		paths := u.objects(c.path)
		if strings.HasSuffix(paths["own"], "/0") {
			continue // this county has none of its own
		}
		if a := u.get(paths["own"]); a.code != c.own {
			t.Errorf("%s %s: %d, want %d", c.login, paths["own"], a.code, c.own)
		}
		if a := u.get(paths["foreign"]); a.code != c.other {
			t.Errorf("%s %s: %d, want %d", c.login, paths["foreign"], a.code, c.other)
		}
		if a := u.get(paths["absent"]); a.code != 404 {
			t.Errorf("%s %s: %d, want 404", c.login, paths["absent"], a.code)
		}
	}
	unit := p.as("d01")
	for _, path := range []string{"/o/sheets", "/o/companies", "/a/audit", "/c/issues", "/o/campaigns", "/o/year/2026"} {
		if a := unit.get(path); a.code != http.StatusForbidden {
			t.Errorf("the head of a unit gets %s: %d", path, a.code)
		}
	}
}

// whatWaits: a card to collect is on the home and in the navigation of every kind
// of rater, and on nobody else's.
func (p *portal) whatWaits(t *testing.T) {
	zh := p.catalogue.In("zh-CN")
	for login, home := range map[string]string{"c0001": "/c", "chamber-1": "/o", "leader-chair": "/l", "d01": "/d", "operator": "/a"} {
		u := p.as(login)
		n, err := p.Evaluation.Waiting(t.Context(), u.actor)
		p.must(err)
		a := u.get(home)
		if waits := strings.Contains(a.body, zh.T("company.collect-now")); waits != (n["appraisals"] > 0) {
			t.Errorf("%s: %d cards to collect, the home says %t", login, n["appraisals"], waits)
		}
		if rater := login == "c0001"; rater && n["appraisals"] != 1 {
			t.Errorf("%s has %d cards to collect, want 1", login, n["appraisals"])
		}
		if !raters(u.actor) && n["appraisals"] != 0 {
			t.Errorf("%s is no rater and has %d cards to collect", login, n["appraisals"])
		}
	}
}

// badInput: every mistake has a sentence beside its field, and what was typed
// comes back.
func (p *portal) badInput(t *testing.T) {
	u := p.as("c0001")
	long := strings.Repeat("字", 3000)
	a := u.post("/c/issues/new", url.Values{"title": {"标题"}, "body": {long}, "name_shown": {"unit"}, "category": {"2"}, "idem": {"0123456789abcdef01"}})
	if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, long) || !strings.Contains(a.body, u.words("text.long", "Limit", 2000, "Have", 3000)) {
		t.Errorf("3,000 characters: %d, the text kept: %t", a.code, strings.Contains(a.body, long))
	}
	a = u.post("/c/issues/new", url.Values{"body": {strings.Repeat("x", 1<<20)}})
	if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, strings.Repeat("x", 1<<20)) {
		t.Errorf("1 MB of text in a form with files: %d", a.code)
	}
	a = u.post("/c/contacts", url.Values{"name": {strings.Repeat("x", 1<<20)}})
	if a.code != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "太大") {
		t.Errorf("1 MB of text: %d", a.code)
	}
	for name, form := range map[string]url.Values{
		"no enum":       {"category": {"999"}, "name_shown": {"everybody"}, "since": {"2026-13-45"}, "asked_unit": {"-1"}},
		"control chars": {"title": {"a\x00b\x07"}, "body": {"\xff\xfe"}},
		"markup":        {"title": {"<script>alert(1)</script>"}, "body": {"<img src=x onerror=alert(1)>" + strings.Repeat("字", 20)}},
	} {
		a := u.post("/c/issues/new", form)
		if a.code != http.StatusUnprocessableEntity || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s: %d", name, a.code)
		}
	}
	public := p.as("")
	for _, path := range []string{"/departments/../../etc", "/results/99999999999999999999", "/results/-1", "/c/issues/%00", "/nothing", "/q/" + strings.Repeat("a", 5000)} {
		if a := public.get(path); a.code >= 500 {
			t.Errorf("%s: %d", path, a.code)
		}
	}
	if a := public.raw("http://localhost/signin", url.Values{"login": {"c0001"}, "password": {"falsch"}}); a.code != 422 || strings.Contains(a.body, "falsch") || !strings.Contains(a.body, `value="c0001"`) {
		t.Errorf("a wrong password: %d, login kept: %t", a.code, strings.Contains(a.body, `value="c0001"`))
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/signin", strings.NewReader("login=x"))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := public.send(r); a.code != http.StatusForbidden || !strings.Contains(a.body, u.words("error.cross-origin")) {
		t.Errorf("a form of another site: %d", a.code)
	}
}

func (u *person) words(key string, args ...any) string {
	return u.catalogue.In("zh-CN").T(key, args...)
}

// staleTab: a form from an old session, a matter that moved on in another tab,
// the same form twice.
func (p *portal) staleTab(t *testing.T) {
	u := p.as("c0001")
	body := "按合同第八条补助款应在三月底前拨付，至今没有日期。"
	form := url.Values{"category": {"13"}, "title": {"补助款没有拨付"}, "body": {body}, "name_shown": {"unit"}, "idem": {"0123456789abcdef03"}, "csrf": {"of another session"}}
	if a := u.post("/c/issues/new", form); a.code != http.StatusConflict || !strings.Contains(a.body, body) || !strings.Contains(a.body, u.words("again.send")) {
		t.Errorf("a form of another session: %d, what was typed is kept: %t", a.code, strings.Contains(a.body, body))
	}
	signedOut := p.as("")
	a := signedOut.raw("http://localhost/c/issues/new", form)
	if a.code != http.StatusUnauthorized || !strings.Contains(a.body, body) {
		t.Errorf("a form after the session ended: %d, what was typed is kept: %t", a.code, strings.Contains(a.body, body))
	}
	in := url.Values{"login": {"c0001"}, "password": {demo.Password}, "keep-to": {"/c/issues/new"}, "keep:body": {body}, "keep:title": {"补助款没有拨付"}}
	if a := signedOut.raw("http://localhost/signin", in); a.code != http.StatusOK || !strings.Contains(a.body, body) || !strings.Contains(a.body, `action="/c/issues/new"`) {
		t.Errorf("after signing in again: %d, what was typed is kept: %t", a.code, strings.Contains(a.body, body))
	}
	form.Del("csrf")
	first := u.post("/c/issues/new", form)
	second := u.post("/c/issues/new", form)
	if first.code != http.StatusSeeOther || first.location != second.location {
		t.Fatalf("the same form twice: %d %s, then %d %s", first.code, first.location, second.code, second.location)
	}
	ref := regexp.MustCompile(`NJ-\d+-\d+`).FindString(first.location)
	office := p.as("party-office-1")
	register := url.Values{"grade": {"C"}, "lead": {p.one(`SELECT id FROM units WHERE code = 'D03'`)}, "idem": {"0123456789abcdef04"}}
	if a := office.post("/o/issues/"+ref+"/register", register); a.code != http.StatusSeeOther {
		t.Fatalf("register: %d", a.code)
	}
	register.Set("idem", "0123456789abcdef05")
	register.Del("csrf")
	other := p.as("gov-office-1")
	if a := other.post("/o/issues/"+ref+"/register", register); a.code != http.StatusConflict || !strings.Contains(a.body, u.words("issue.state-changed")) {
		t.Errorf("registered again in another tab: %d", a.code)
	}
}

// databaseAway: a clear sentence, what was typed kept, no 500, no leaked detail.
func (p *portal) databaseAway(t *testing.T) {
	u := p.as("c0001")
	token := u.csrf()
	p.must(p.db.Close())
	p.must(p.box.Cast.Close())
	if code := p.castCanary(t); code != http.StatusServiceUnavailable {
		t.Errorf("a ballot without a database: %d", code)
	}
	before := p.fails.Load()
	for _, path := range []string{"/", "/c", "/results", "/methods", "/signin"} {
		a := u.get(path)
		if a.code == http.StatusInternalServerError || strings.Contains(a.body, "sql:") || strings.Contains(a.body, "pq:") {
			t.Errorf("%s without a database: %d", path, a.code)
		}
		if a.code != http.StatusOK && !strings.Contains(a.body, u.words("error.unavailable-page")) {
			t.Errorf("%s without a database: %d without the sentence", path, a.code)
		}
	}
	a := u.post("/c/issues/new", url.Values{"csrf": {token}, "title": {"停电"}, "body": {"车间一周停电三次"}})
	if a.code != http.StatusServiceUnavailable {
		t.Errorf("a form without a database: %d", a.code)
	}
	if n := p.fails.Load() - before; n != 0 {
		t.Errorf("%d answers were 500", n)
	}
}

// TestRouteWithoutPermission plants a route that declares nobody: the portal does
// not start.
func TestRouteWithoutPermission(t *testing.T) {
	s := testServer(t, Domain{})
	forgotten := area{name: "forgotten", routes: []route{get("/forgotten", nil, func(*gin.Context) error { return errors.New("never") })}}
	if _, err := s.portal(append(s.areas(), forgotten)...); err == nil || !strings.Contains(err.Error(), "GET /forgotten of area forgotten declares no permission") {
		t.Errorf("a route without a permission was taken: %v", err)
	}
}
