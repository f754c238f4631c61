package server

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation/ballotbox"
)

// Words that are planted in ballots and must be found nowhere afterwards.
const (
	canaryWord    = "金丝雀的话"
	canaryComment = "CANARY-COMMENT-7431"
)

// canaryCard is the card the canaries are cast with.
var canaryCard ballotbox.Card

// castCanary casts a ballot with planted words and returns the answer's status.
func (p *portal) castCanary(t *testing.T) int {
	t.Helper()
	form := url.Values{"lang": {"en"}, "card": {canaryCard.Text()}, "go": {"cast"}, "declare": {"1"}, "word": {canaryWord}, "idem": {"canary-0123456789"}, "pick": {"1"}, "u1.c": {canaryComment}}
	for i := 1; i <= 8; i++ {
		form.Set(fmt.Sprintf("u1.I%d", i), "vd")
	}
	return p.as("").raw(fmt.Sprintf("http://127.0.0.1/b/%d", canaryCard.Campaign), form).code
}

// canaries: what is on a card and in a ballot stands in no table of either
// database, in no session and in no log, whatever goes wrong on the way.
func (p *portal) canaries(t *testing.T) {
	var campaign ballotbox.CampaignID
	p.must(p.owner.Get(&campaign, `SELECT id FROM campaigns WHERE state = 'open'`))
	login := p.one(`SELECT a.login FROM accounts a JOIN campaign_raters r ON r.company_id = a.company_id WHERE r.campaign_id = $1 AND a.role = 'company' AND a.disabled_at IS NULL
		AND NOT EXISTS (SELECT FROM card_issue k WHERE k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id) ORDER BY a.login LIMIT 1`, campaign)
	company := p.as(login)
	secret := ballotbox.Draw()
	show := company.get(fmt.Sprintf("/c/appraisals/%d", campaign))
	if show.code != http.StatusOK {
		t.Fatalf("card page: %d", show.code)
	}
	seat, err := p.Evaluation.Seat(t.Context(), company.actor, campaign)
	p.must(err)
	canaryCard, err = p.Box.Keys().Issue(campaign, seat.Group, secret)
	p.must(err)
	path := fmt.Sprintf("/c/appraisals/%d", campaign)
	if a := company.post(path, url.Values{"secret": {secret.Hex()}, "last4": {"????"}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("a mistyped check: %d", a.code)
	}
	if a := company.post(path, url.Values{"secret": {secret.Hex()}, "last4": {canaryCard.Last4()}}); a.code != http.StatusOK || !strings.Contains(a.body, canaryCard.Text()) {
		t.Fatalf("collect: %d", a.code)
	}
	if code := p.castCanary(t); code != http.StatusSeeOther {
		t.Fatalf("cast: %d", code)
	}
	// things that go wrong: a damaged card, a huge form, a panic
	damaged := url.Values{"card": {canaryCard.Text()[1:]}, "word": {canaryWord}, "u1.c": {canaryComment}, "go": {"cast"}}
	p.as("").raw(fmt.Sprintf("http://127.0.0.1/b/%d", campaign), damaged)
	damaged.Set("x", strings.Repeat("x", 600<<10))
	p.as("").raw(fmt.Sprintf("http://127.0.0.1/b/%d", campaign), damaged)
	p.panics(t, campaign)
	kept := tables(t, p.owner) + tables(t, p.box.Owner)
	if !strings.Contains(kept, login) || !strings.Contains(kept, "pingyi-ballot/v1") {
		t.Fatal("the dump does not hold what it should")
	}
	b64 := base64.StdEncoding.EncodeToString
	for what, trace := range map[string]string{"own word": canaryWord, "comment": canaryComment, "card": canaryCard.Text(), "card without dashes": strings.ReplaceAll(canaryCard.Text(), "-", ""),
		"secret": secret.Hex(), "secret in base64": b64(secret[:]), "end of the card": canaryCard.Text()[len(canaryCard.Text())-12:], "one-time key": "canary-0123456789"} {
		if strings.Contains(kept, trace) {
			t.Errorf("the %s stands in a table", what)
		}
		p.logHas(t, trace)
	}
	// the register's tag and the box's slot meet nowhere
	if slot := fmt.Sprintf("%x", secret.Slot(campaign)); strings.Contains(tables(t, p.owner), slot) {
		t.Error("a slot stands in the portal's tables")
	}
	if tag := fmt.Sprintf("%x", secret.Tag(campaign, seat.Rater)); strings.Contains(tables(t, p.box.Owner), tag) {
		t.Error("a tag stands in the box")
	}
}

// panics: a fault in the program itself is a page and a log entry without a word
// of the request.
func (p *portal) panics(t *testing.T, campaign ballotbox.CampaignID) {
	domain := p.Domain
	domain.Box = nil
	broken, err := New(slog.New(slog.NewTextHandler(p.log, nil)), p.Options, domain)
	p.must(err)
	r := httptest.NewRequest(http.MethodPost, fmt.Sprintf("http://127.0.0.1/b/%d", campaign), strings.NewReader(url.Values{"word": {canaryWord}, "card": {canaryCard.Text()}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	broken.ballotHost().ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || !strings.Contains(p.log.String(), "ballot request panicked") {
		t.Errorf("a panic: %d", w.Code)
	}
	p.logHas(t, r.RemoteAddr)
}

// logHas reports words that stand in the portal's log and must not.
func (p *portal) logHas(t *testing.T, traces ...string) {
	t.Helper()
	for _, trace := range traces {
		if strings.Contains(p.log.String(), trace) {
			t.Errorf("%q stands in the log", trace)
		}
	}
}

// tables is all that a database holds, as text.
func tables(t *testing.T, db *sqlx.DB) string {
	t.Helper()
	var names []string
	if err := db.Select(&names, `SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, n := range names {
		var rows []string
		if err := db.Select(&rows, `SELECT x::text FROM `+n+` x`); err != nil {
			t.Fatal(err)
		}
		out.WriteString(strings.Join(rows, "\n"))
	}
	return out.String()
}
