package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pingyi/evaluation"
)

// TestResults: what of a published year reaches whom.
func TestResults(t *testing.T) {
	p := newPortal(t)
	year := p.one(`SELECT max(year) FROM year_results WHERE state = 'published'`)
	hash, ranking := p.one(`SELECT encode(snapshot_hash, 'hex') FROM year_results WHERE year = $1`, year), p.one(`SELECT encode(ranking_hash, 'hex') FROM year_results WHERE year = $1`, year)
	public := p.as("")

	file := public.get("/results/" + year + "/ranking.json")
	if sum := sha256.Sum256([]byte(file.body)); file.code != http.StatusOK || hex.EncodeToString(sum[:]) != ranking {
		t.Errorf("the public ranking: %d, hash %x, published %s", file.code, sum, ranking)
	}
	signed := public.get("/results/" + year + "/signatures.txt").body
	for _, want := range []string{hash, ranking, "government_office", "party_office"} {
		if !strings.Contains(signed, want) {
			t.Errorf("the signatures lack %s:\n%s", want, signed)
		}
	}
	for login, code := range map[string]int{"gov-office-1": 200, "party-office-1": 200, "supervision-1": 200, "campaign": 403, "leader-chair": 403, "d01": 403, "c0001": 403, "": 303} {
		a := p.as(login).get("/results/" + year + "/snapshot.json")
		if a.code != code {
			t.Errorf("%q gets the sealed file: %d, want %d", login, a.code, code)
		}
		if code != 200 {
			continue
		}
		if sum := sha256.Sum256([]byte(a.body)); hex.EncodeToString(sum[:]) != hash {
			t.Errorf("%q gets another file than was signed", login)
		}
		if _, err := evaluation.ReadSnapshot([]byte(a.body)); err != nil {
			t.Error(err)
		}
	}
	if n := p.one(`SELECT count(*) FROM audit WHERE action = 'snapshot.read'`); n != "3" {
		t.Errorf("%s readings of the sealed file are on record, want 3", n)
	}
	page := public.get("/results/" + year + "?version=1").body
	for _, want := range []string{"校正评议人宽严后的得分", "差距是否超出偶然", evaluation.HashText(mustHex(t, hash)), "县委办公室"} {
		if !strings.Contains(page, want) {
			t.Errorf("the result page lacks %s", want)
		}
	}
	if a := public.get("/results/" + year + "?version=9"); a.code != http.StatusNotFound {
		t.Errorf("a version that is not there: %d", a.code)
	}
	if a := public.get("/results/" + year + "/changes"); a.code != http.StatusOK || !strings.Contains(a.body, "没有更正") {
		t.Errorf("changes of the first version: %d", a.code)
	}
	p.whyPages(t, year)
}

// whyPages: the unit sees why, never a group or a rate below the floor; rules by name.
func (p *portal) whyPages(t *testing.T, year string) {
	unit := p.as("d01")
	why := unit.get("/d/scores/why?year=" + year).body
	if !strings.Contains(why, "得分构成") || !strings.Contains(why, "企业评议") {
		t.Error("the unit does not see why it has its score")
	}
	full := p.as("gov-office-1").get("/o/year/" + year + "/units/D01").body
	if !strings.Contains(full, "得分构成") {
		t.Error("the office does not see why")
	}
	for _, path := range []string{"/d/scores/moved?year=" + year, "/d/scores/facts?year=" + year} {
		if a := unit.get(path); a.code != http.StatusOK {
			t.Errorf("%s: %d", path, a.code)
		}
	}
	own := unit.get("/d/scores/facts?year=" + year).body
	for i := 2; i < 10; i++ {
		name := p.one(`SELECT name_zh FROM units WHERE code = $1`, fmt.Sprintf("D%02d", i))
		if strings.Contains(own, name) {
			t.Errorf("a unit sees the point of %s", name)
		}
	}
	if a := p.as("leader-chair").get("/o/year/" + year + "/facts"); a.code != http.StatusOK || !strings.Contains(a.body, "相关系数") {
		t.Errorf("a leader's panel: %d", a.code)
	}
	if a := p.as("d01").get("/o/year/" + year + "/facts"); a.code != http.StatusForbidden {
		t.Errorf("a unit gets the panel of all: %d", a.code)
	}
}

func mustHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
