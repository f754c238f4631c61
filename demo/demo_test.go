package demo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"pingyi/county"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/demo"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// load makes a small county that arrives at the given moment.
func load(t *testing.T, now time.Time) *sqlx.DB {
	t.Helper()
	db, box, clock := pgtest.Open(t), pgtest.OpenBox(t), demo.NewClock(now)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := ballotbox.NewKeys(t.TempDir())
	must(err)
	ballots, err := ballotbox.NewBox(t.Context(), box.Cast, box.Tally, keys, "test", clock.Now)
	must(err)
	s, err := county.NewStores(t.Context(), county.Basis{DB: db, Box: ballots, Now: clock.Now, Secret: pgtest.Secret, Hashing: org.Quick, BaseURL: "http://localhost", Host: "localhost"})
	must(err)
	must(demo.Load(t.Context(), s, clock, demo.Size{Companies: 60, Seed: 7}, func(string, ...any) {}))
	return db
}

// digest is what a query returns, in one line.
func digest(t *testing.T, db *sqlx.DB, q string) string {
	t.Helper()
	var lines []string
	if err := db.Select(&lines, q); err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, l := range lines {
		sum.Write([]byte(l + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// The same seed makes the same county on the same day. There is something at every
// station of it then, and also on another day.
func TestCounty(t *testing.T) {
	now := time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
	one, two := load(t, now), load(t, now)
	t.Run("same seed", func(t *testing.T) { same(t, one, two) })
	t.Run("in November", func(t *testing.T) { stations(t, one) })
	t.Run("after a long holiday", func(t *testing.T) { stations(t, load(t, time.Date(2026, 2, 24, 12, 0, 0, 0, time.UTC))) })
}

func same(t *testing.T, one, two *sqlx.DB) {
	t.Helper()
	for name, q := range map[string]string{
		"companies": `SELECT concat_ws('|', licence, name_zh, origin, sector, rater_group, contact_unit_id) FROM companies ORDER BY id`,
		"visits":    `SELECT concat_ws('|', unit_id, company_id, year, quarter, visited_on, purpose) FROM visits ORDER BY id`,
		"sheets":    `SELECT concat_ws('|', no, visit_id, q1, q2, q3, q4, demand, solved, opinion) FROM sheets ORDER BY id`,
		"issues":    `SELECT concat_ws('|', ref, company_id, title, raised_at, state, grade, lead_unit_id, deadline, verdict) FROM issues ORDER BY id`,
		"ranking":   `SELECT to_jsonb(s) #>> '{}' FROM standings s ORDER BY result_id, unit_id`,
	} {
		if a, b := digest(t, one, q), digest(t, two, q); a != b {
			t.Errorf("%s differ: %s, %s", name, a, b)
		}
	}
}

// stations: the county has an issue in every state, some of them overdue and some
// with the leading group, a published year and a running campaign.
func stations(t *testing.T, db *sqlx.DB) {
	t.Helper()
	var states []feedback.State
	if err := db.Select(&states, `SELECT DISTINCT state FROM issues`); err != nil {
		t.Fatal(err)
	}
	for _, s := range feedback.States {
		if !slices.Contains(states, s) {
			t.Errorf("no issue is %s", s)
		}
	}
	for what, q := range map[string]string{
		"issue in the queue because it is late":    `SELECT count(*) FROM issues WHERE state = 'queued' AND queue_reason = 'overdue'`,
		"issue in the queue, refused twice":        `SELECT count(*) FROM issues WHERE state = 'queued' AND refusals = 2`,
		"issue refused once, back at its unit":     `SELECT count(*) FROM issues WHERE state = 'in_progress' AND refusals = 1`,
		"thing for the first unit to do":           `SELECT count(*) FROM issues i JOIN units u ON u.id = i.lead_unit_id WHERE u.code = 'D01' AND i.state IN ('registered', 'in_progress')`,
		"answer for the first company to look at":  `SELECT count(*) FROM issues i JOIN accounts a ON a.company_id = i.company_id WHERE a.login = 'c0001' AND i.state = 'answered'`,
		"published year":                           `SELECT count(*) FROM year_results WHERE state = 'published'`,
		"running campaign with cards not yet used": `SELECT count(*) FROM campaigns c WHERE c.state = 'open' AND (SELECT count(*) FROM card_issue k WHERE k.campaign_id = c.id) > 20`,
	} {
		var n int
		if err := db.Get(&n, q); err != nil || n == 0 {
			t.Errorf("no %s (%v)", what, err)
		}
	}
}
