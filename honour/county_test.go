package honour_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/document"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/honour"
	"pingyi/ledger"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// county is a small one with a published ranking of 2025 that the tests write as a
// sealed file: six departments of class 1.
type county struct {
	*honour.Store
	t        *testing.T
	db       *sqlx.DB
	owner    *sqlx.DB
	now      time.Time
	n        int
	eval     *evaluation.Store
	units    map[string]org.UnitID
	heads    map[string]org.Actor
	firms    []org.Actor
	party    org.Actor
	gov      org.Actor
	watch    org.Actor
	chair    org.Actor
	member   org.Actor
	result   int64
	snapshot *evaluation.Snapshot
}

func (k *county) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *county) at(s string) {
	k.t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	k.must(err)
	k.now = v.UTC()
}

func (k *county) key() string { k.n++; return fmt.Sprintf("honour-key-%08d", k.n) }

func (k *county) one(q string, args ...any) (id int64) {
	k.t.Helper()
	if err := k.owner.Get(&id, q, args...); err != nil {
		k.t.Fatalf("%s: %v", q, err)
	}
	return id
}

// scores are the appraisal of each department and its entries: D01 and D02 are on the
// list, D03 has an upheld case, D05 and D06 are poor, D06 in a tier of its own.
var scores = []struct {
	code, mean string
	entries    []string
}{{"D01", "95", nil}, {"D02", "92", []string{"B1"}}, {"D03", "94", []string{"D2"}}, {"D04", "75", nil}, {"D05", "66", nil}, {"D06", "40", []string{"D4"}}, {"D07", "96", []string{"V1"}}}

func newCounty(t *testing.T) *county {
	t.Helper()
	k := &county{t: t, units: map[string]org.UnitID{}, heads: map[string]org.Actor{}}
	k.at("2026-01-30 10:00") // a Friday
	k.db, k.owner = pgtest.OpenBoth(t)
	now := func() time.Time { return k.now }
	cal := calendar.NewStore(k.db, now)
	k.must(cal.Ship(t.Context()))
	fb, err := feedback.NewStore(k.db, now, cal, evaluation.NJDefault().SheetWeights(), pgtest.Secret)
	k.must(err)
	catalogue, err := locale.Load()
	k.must(err)
	k.eval = evaluation.NewStore(k.db, now, (*ballotbox.Box)(nil), fb, cal, ledger.NewStore(k.db, now))
	k.must(k.eval.Ship(t.Context()))
	k.Store = honour.NewStore(k.db, now, cal, k.eval, document.NewStore(k.db, now, cal, fb, catalogue), catalogue)
	for _, s := range scores {
		id := k.one(`INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ($1, 1, '局' || $1, $1, $1) RETURNING id`, s.code)
		k.units[s.code] = org.UnitID(id)
		k.heads[s.code] = k.person("head-"+strings.ToLower(s.code), "head", "unit_id", id)
	}
	for i := range 5 {
		first := fmt.Sprintf("9123112MA%08d", i)
		id := k.one(`INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, created_at) VALUES ($1, $2, '', '', 'russia', 'food', 'G1', now()) RETURNING id`, first+string(org.LicenceCheck(first)), fmt.Sprintf("金丝雀公司%d", i))
		k.firms = append(k.firms, k.person(fmt.Sprintf("firm-%d", i), "company", "company_id", id))
	}
	body := func(kind string) int64 { return k.one(`SELECT id FROM bodies WHERE kind = $1`, kind) }
	k.party, k.gov = k.person("party", "receiver", "body_id", body("party_office")), k.person("gov", "receiver", "body_id", body("government_office"))
	k.party.Kind, k.gov.Kind = org.BodyPartyOffice, org.BodyGovernmentOffice
	k.watch = k.person("watch", "supervision", "body_id", body("supervision"))
	k.chair, k.member = k.person("chair", "leader", "body_id", body("leading_group")), k.person("member", "leader", "body_id", body("leading_group"))
	k.chair.Post, k.member.Post = org.PostChair, org.PostMember
	k.publish(1)
	return k
}

func (k *county) person(login, role, home string, id int64) org.Actor {
	k.t.Helper()
	a := org.Actor{Account: org.AccountID(k.one(`INSERT INTO accounts (login, name, role, `+home+`, created_at) VALUES ($1, $1, $2, $3, now()) RETURNING id`, login, role, id)), Role: org.Role(role), Name: login}
	switch home {
	case "company_id":
		a.Company = org.CompanyID(id)
	case "unit_id":
		a.Unit = org.UnitID(id)
	}
	return a
}

// publish seals the scores as a version of the year's result, twelve days ago.
func (k *county) publish(version int) {
	k.t.Helper()
	s := &evaluation.Snapshot{Header: evaluation.Header{Year: 2025, AsOf: "2026-01-10T01:00:00Z", Calendar: "2026/1"}, Scheme: evaluation.NJDefault()}
	for _, x := range scores {
		var facts evaluation.Facts
		doc := fmt.Sprintf(`{"appraisal": [{"campaign": "year_end", "measures": [{"measure": "score", "groups": [{"group": "G1", "lines": 20, "mean": %q, "variance": "1"}]}]}]}`, x.mean)
		k.must(json.Unmarshal([]byte(doc), &facts))
		for _, rule := range x.entries {
			facts.Entries = append(facts.Entries, evaluation.Entry{Rule: rule})
		}
		s.Units = append(s.Units, evaluation.SnapshotUnit{Unit: k.units[x.code], Code: x.code, Name: org.Names{ZH: "局" + x.code}, Class: 1, Facts: facts})
	}
	file, err := s.Write()
	k.must(err)
	_, ranking, err := s.Ranking().Canonical()
	k.must(err)
	hash := sha256.Sum256(file)
	k.snapshot = s
	_, err = k.owner.Exec(`UPDATE year_results SET state = 'superseded' WHERE year = 2025`)
	if version == 1 {
		k.must(err)
	}
	k.result = k.one(`INSERT INTO year_results (year, version, scheme_id, calendar_version, state, as_of, snapshot, snapshot_hash, ranking_hash, computed_by, computed_at, checked_by, checked_at, approved_by, approved_at, published_by, published_at, idem)
		SELECT 2025, $1::int, (SELECT min(id) FROM schemes), (SELECT max(id) FROM calendar_versions), 'published', $2, $3, $4, $5, $6, $2, $7, $2, $8, $2, $6, $2, 'result-' || $1::int RETURNING id`,
		version, k.now.AddDate(0, 0, -12), file, hash[:], ranking[:], k.party.Account, k.watch.Account, k.chair.Account)
	for _, x := range s.Standings() {
		reasons, err := json.Marshal(x.Result.Reasons)
		k.must(err)
		_, err = k.owner.Exec(`INSERT INTO standings (result_id, unit_id, class, status, rank, total, grade, base, bonus, deduction, se, tier, rank_best, rank_worst, lines, lists, reasons)
			VALUES ($1, $2, $3, $4, nullif($5, 0), nullif($6, '')::numeric, nullif($7, ''), $8, $9, $10, $11, $12, $13, $14, 20, '{}', $15)`,
			k.result, x.Unit, x.Class, x.Status, x.Rank, x.Result.Total.Text(4), x.Result.Grade, x.Result.Base, x.Result.Bonus, x.Result.Deduction, x.Result.SE, x.Tier, x.Best, x.Worst, reasons)
		k.must(err)
	}
}

// sheet is a valid sheet of a firm about a visit of somebody of the unit.
func (k *county) sheet(unit string, firm int, staff, score string) {
	k.t.Helper()
	v := k.one(`INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, staff, idem) VALUES ($1, $2, 2025, 1, false, '2025-03-03', $3, $4) RETURNING id`, k.units[unit], k.firms[firm].Company, staff, k.key())
	k.one(`INSERT INTO sheets (no, visit_id, area, demand, solved, wants_reply, release, lang, channel, filed_at, score, idem) VALUES ($1, $2, 'advice', 'no', 'yes', false, 'no', 'zh-CN', 'account', now(), $3, $1) RETURNING id`, k.key(), v, score)
}

// candidate finds a candidate of the live round.
func (k *county) candidate(unit, person string) honour.Candidate {
	k.t.Helper()
	r, err := k.Round(k.t.Context(), k.party, 2025)
	k.must(err)
	all, err := k.Candidates(k.t.Context(), k.party, r)
	k.must(err)
	for _, c := range all {
		if c.Unit == k.units[unit] && c.Person == person {
			return c
		}
	}
	k.t.Fatalf("no candidate %s %s among %+v", unit, person, all)
	return honour.Candidate{}
}
