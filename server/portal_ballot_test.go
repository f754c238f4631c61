package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation/ballotbox"
)

// ballotHostInput: wrong cards, a closed campaign, a whole ballot by hand.
func (p *portal) ballotHostInput(t *testing.T) {
	u := p.as("")
	open := p.one(`SELECT id FROM campaigns WHERE state = 'open'`)
	over := p.one(`SELECT max(id) FROM campaigns WHERE state = 'tallied'`)
	at := func(campaign string, form url.Values) answer {
		form.Set("lang", "zh-CN")
		return u.raw("http://127.0.0.1/b/"+campaign, form)
	}
	for name, card := range map[string]string{"nothing": "", "too short": "ABC", "wrong": strings.Repeat("0", 45), "very long": strings.Repeat("A", 9000), "markup": "<b>"} {
		a := at(open, url.Values{"card": {card}, "go": {"pick"}})
		if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, u.words("card.wrong")) || strings.Contains(a.body, "<b>") && card == "<b>" {
			t.Errorf("card %s: %d", name, a.code)
		}
	}
	if a := at("987654", url.Values{"card": {"x"}, "go": {"pick"}}); a.code != http.StatusNotFound {
		t.Errorf("no such campaign: %d", a.code)
	}
	if a := at(open, url.Values{"card": {strings.Repeat("x", 600<<10)}}); a.code != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form: %d", a.code)
	}
	company := p.as("c0003")
	id := p.now.Year()
	_ = id
	var campaign ballotbox.CampaignID
	p.must(p.owner.Get(&campaign, `SELECT id FROM campaigns WHERE state = 'open'`))
	card, err := p.Evaluation.Collect(t.Context(), company.actor, campaign, ballotbox.Draw())
	p.must(err)
	unit := p.one(`SELECT min(id) FROM units`)
	form := url.Values{"card": {card.Text()}, "pick": {unit}, "go": {"cast"}, "declare": {"1"}, "word": {"冰面上的鱼"}, "idem": {"0123456789abcdef02"}}
	a := at(open, form)
	if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, u.words("ballot.incomplete")) && !strings.Contains(a.body, u.words("ballot.answer-missing")) {
		t.Errorf("an unfinished ballot: %d", a.code)
	}
	for i := 1; i <= 8; i++ {
		form.Set(fmt.Sprintf("u%s.I%d", unit, i), "s")
	}
	for _, word := range []string{"", "abc", strings.Repeat("长", 33)} {
		form.Set("word", word)
		if a = at(open, form); a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, u.words("ballot.word-length", "Least", 4, "Most", 32)) {
			t.Errorf("own word %q: %d", word, a.code)
		}
	}
	form.Set("word", "冰面上的鱼")
	if a = at(open, form); a.code != http.StatusSeeOther || !strings.HasPrefix(a.location, "/r/") {
		t.Fatalf("a whole ballot: %d", a.code)
	}
	p.receipts(t, a.location, card)
	if a = at(over, url.Values{"card": {card.Text()}, "go": {"pick"}}); a.code == http.StatusOK && !strings.Contains(a.body, u.words("ballot.closed")) {
		t.Errorf("a counted campaign: %d", a.code)
	}
	if a.code >= 500 {
		t.Errorf("a counted campaign: %d", a.code)
	}
}

// receipts: the receipt of a ballot is kept, checked with and without the card,
// and refused when it was changed; no level is on any of these pages.
func (p *portal) receipts(t *testing.T, path string, card ballotbox.Card) {
	u := p.as("")
	look := func(path string) answer {
		return u.send(httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
	}
	a := look(path)
	if a.code != http.StatusOK || !strings.Contains(a.body, u.words("ballot.thanks")) {
		t.Fatalf("receipt page: %d", a.code)
	}
	file := look(strings.SplitN(path, "?", 2)[0] + "/receipt.txt")
	if file.code != http.StatusOK || !strings.HasPrefix(file.body, "pingyi-ballot/v1\n") {
		t.Fatalf("receipt file: %d %q", file.code, file.body)
	}
	check := func(receipt, typed, word string) answer {
		return u.raw("http://127.0.0.1/check", url.Values{"lang": {"zh-CN"}, "receipt": {receipt}, "card": {typed}, "word": {word}})
	}
	p.must(p.Box.IntegrateNow(t.Context(), card.Campaign))
	other := ballotbox.Card{Campaign: card.Campaign, Group: "G1", Secret: ballotbox.Draw()}
	for _, tt := range []struct{ name, receipt, card, word, says string }{
		{"whole", file.body, "", "", "check.good"},
		{"with card and word", file.body, card.Text(), " 冰面上的鱼 ", "check.word"},
		{"another word", file.body, card.Text(), "海里的鱼", "check.bad-word"},
		{"another card", file.body, other.Text(), "冰面上的鱼", "check.bad-card"},
		{"changed", strings.Replace(file.body, "\nG1\n", "\nG2\n", 1), "", "", "check.bad-signature"},
		{"lost, with card and word", "", strings.ToLower(card.Text()), "冰面上的鱼", "check.word-of-card"},
		{"lost, with another word", "", card.Text(), "海里的鱼", "check.bad-word-of-card"},
		{"lost, with a card never used", "", other.Text(), "冰面上的鱼", "check.bad-absent"},
	} {
		if a := check(tt.receipt, tt.card, tt.word); a.code != http.StatusOK || !strings.Contains(a.body, u.words(tt.says)) {
			t.Errorf("receipt %s: %d, does not say %s", tt.name, a.code, tt.says)
		}
	}
	for name, receipt := range map[string]string{"nothing": "", "rubbish": "hello", "half": file.body[:80], "huge": strings.Repeat("x", 100<<10)} {
		if a := check(receipt, "", ""); a.code != http.StatusUnprocessableEntity {
			t.Errorf("receipt %s: %d", name, a.code)
		}
	}
	for _, wrong := range []string{"/r/zz", "/r/" + strings.Repeat("0", 64), "/r/" + strings.Repeat("0", 64) + "/receipt.txt"} {
		if a := look(wrong); a.code != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, a.code)
		}
	}
}

// noJoin: nothing in the ballot box, nor in the portal's own tables, connects a
// ballot with a company. Planted mistakes are found.
func (p *portal) noJoin(t *testing.T) {
	if bad := traces(t, p.box.Owner, p.owner); len(bad) > 0 {
		t.Errorf("traces of identity: %v", bad)
	}
	for _, planted := range []struct {
		db  *sqlx.DB
		sql string
	}{
		{p.box.Owner, `ALTER TABLE box ADD COLUMN company_id bigint`},
		{p.box.Owner, `ALTER TABLE box_stage ADD COLUMN cast_at timestamptz`},
		{p.box.Owner, `CREATE VIEW who AS SELECT 1 AS rater_id`},
		{p.owner, `ALTER TABLE campaign_raters ADD COLUMN card_hash bytea`},
		{p.owner, `CREATE TABLE ballot_of AS SELECT 1 AS company_id, 'x' AS slot`},
	} {
		tx := planted.db.MustBegin()
		if _, err := tx.Exec(planted.sql); err != nil {
			t.Fatal(err)
		}
		box, main := queryer(p.box.Owner), queryer(p.owner)
		if planted.db == p.box.Owner {
			box = tx
		} else {
			main = tx
		}
		if bad := traces(t, box, main); len(bad) == 0 {
			t.Errorf("not found: %s", planted.sql)
		}
		p.must(tx.Rollback())
	}
}

type queryer interface {
	Select(dest any, query string, args ...any) error
}

// traces names the columns that could connect a ballot with who cast it: in the
// box anything about people, places and times; in the portal's tables anything
// about cards and ballots.
func traces(t *testing.T, box, main queryer) []string {
	t.Helper()
	var found, more []string
	const q = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
		AND table_name NOT LIKE 'goose%' AND (column_name ~ $1 OR data_type ~ $2) ORDER BY 1`
	if err := box.Select(&found, q+"", `company|account|rater|person|login|unit_id|phone|session|address|\mip\M|agent|licence`, `timestamp|inet|^date$|^time`); err != nil {
		t.Fatal(err)
	}
	if err := main.Select(&more, q, `^(card_?(hash|id|no|text|secret)|slot|ballot_?id|spent|nullifier|receipt)$`, `nothing`); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range append(found, more...) {
		if !allowedInBox[c] {
			out = append(out, c)
		}
	}
	return out
}

// allowedInBox are times of the campaign as a whole.
var allowedInBox = map[string]bool{"box_campaign.cast_from": true, "box_campaign.cast_until": true}
