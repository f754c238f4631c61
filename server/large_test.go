package server

import (
	"cmp"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// goal is what a list or search page may take at the server.
const goal = 100 * time.Millisecond

// fillLarge puts testdata/large.sql around the demo county.
func (p *portal) fillLarge() {
	p.t.Helper()
	script, err := os.ReadFile("testdata/large.sql")
	p.must(err)
	tx, err := p.owner.Beginx()
	p.must(err)
	for _, q := range strings.Split(string(script), "\n--\n") {
		if _, err := tx.Exec(q); err != nil {
			p.t.Fatalf("%v in %.300s", err, q)
		}
	}
	p.must(tx.Commit())
	_, err = p.owner.Exec(`VACUUM ANALYZE`)
	p.must(err)
}

// largePages are lists as people narrow and turn them; every other page without
// parameters is measured as it opens.
var largePages = []string{
	"/c/issues?page=50", "/c/issues?state=closed", "/c/issues?only=open", "/c/issues?q=供电", "/c/visits?page=5", "/c/visits?state=returned",
	"/d/issues?page=500", "/d/issues?tab=new", "/d/issues?tab=working", "/d/issues?tab=ended", "/d/issues?only=overdue", "/d/issues?q=消防", "/d/visits?page=50", "/d/visits?state=planned", "/d/documents?page=100",
	"/o/issues?page=2000", "/o/issues?state=closed", "/o/issues?state=closed&page=3000", "/o/issues?only=open", "/o/issues?only=overdue", "/o/issues?only=special", "/o/issues?grade=A", "/o/issues?q=供电", "/o/issues?q=park", "/o/issues?q=NJ-2026-1000",
	"/o/sheets?only=demand", "/o/sheets?only=dissatisfied", "/o/sheets?page=1000", "/o/visits?page=1000", "/o/visits?state=planned", "/o/documents?page=500", "/o/documents?kind=supervision", "/o/companies?q=木业", "/o/companies?page=100",
	"/l/orders?page=80", "/l/orders?state=overdue", "/l/orders?state=done", "/l/escalations?reason=overdue",
	"/o/suggestions?page=200", "/o/suggestions?only=open", "/o/promises?page=100", "/o/promises?only=overdue", "/o/inspections?page=500", "/o/passing?state=suspected", "/o/invitations?page=30", "/o/decisions?page=100", "/o/decisions?state=overdue",
	"/inbox?page=50", "/inbox?show=unread", "/a/audit?page=5000", "/a/audit?action=issue.signed", "/o/ledger/contracts?q=投资", "/o/projects?q=万吨",
	"/search?q=供电", "/search?q=电", "/search?q=消防验收+出口退税", "/search?q=power", "/search?q=электричество", "/search?q=没有这个词", "/search?q=NJ-2026-100020",
}

// noLists are files and proofs, as large as what is in them, and what only a link with its key opens.
var noLists = []string{"/o/ledger/xlsx", "/o/visits/plan/xlsx", "/liaison", "/a/audit/table", "/a/audit/chain", "/audit/proof", "/audit/checkpoint"}

// lists are the pages that a login can open and that list or search.
func (u *person) lists() (out []string) {
	for _, area := range u.areas() {
		for _, rt := range area.routes {
			if rt.method != http.MethodGet || !rt.allow(u.actor) || slices.Contains(noLists, rt.path) {
				continue
			}
			if !strings.Contains(rt.path, ":") {
				out = append(out, rt.path)
			}
			for _, q := range largePages {
				if path, _, _ := strings.Cut(q, "?"); path == rt.path {
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// took is how long a page took, the shortest of five times: other programs on the
// machine only ever add.
type took struct {
	login, path string
	time        time.Duration
	code        int
}

func (u *person) measure(path string) took {
	var all []time.Duration
	m := took{login: u.login, path: path, code: u.get(path).code}
	for range 5 {
		at := time.Now()
		u.get(path)
		all = append(all, time.Since(at))
	}
	slices.Sort(all)
	m.time = all[0]
	return m
}

// BenchmarkPages opens every list and search page of every role among 100,000 issues
// with 1,000,000 events and tells those above the goal.
func BenchmarkPages(b *testing.B) {
	p := newPortal(b)
	at := time.Now()
	p.fillLarge()
	b.Logf("filled in %.0f s", time.Since(at).Seconds())
	var all []took
	b.ResetTimer()
	for _, login := range roles {
		u := p.as(login)
		for _, path := range u.lists() {
			all = append(all, u.measure(path))
		}
	}
	b.StopTimer()
	slices.SortFunc(all, func(x, y took) int { return cmp.Compare(y.time, x.time) })
	above := 0
	for i, m := range all {
		if m.time > goal {
			above++
		}
		if m.code != http.StatusOK && m.code != http.StatusSeeOther {
			b.Errorf("%s %s: %d", m.login, m.path, m.code)
		}
		if m.time > goal || i < 25 {
			b.Logf("%8.1f ms  %-14s %s", float64(m.time.Microseconds())/1000, m.login, m.path)
		}
	}
	b.ReportMetric(float64(all[0].time.Microseconds())/1000, "slowest-ms")
	b.ReportMetric(float64(all[len(all)/2].time.Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(len(all)), "pages")
	b.ReportMetric(float64(above), "above-goal")
}
