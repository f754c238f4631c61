package e2e

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPrintedCards is a meeting: a tally key is made and rehearsed, envelopes and
// paper ballots are printed, drawn, used, voided and reconciled, and the box is
// opened by two people.
func TestPrintedCards(t *testing.T) {
	year := time.Now().In(time.FixedZone("CST", 8*3600)).Year() + 1
	admin := signedIn(t, "campaign", "zh-CN", desktop)
	admin.open("/o/campaigns")
	admin.fill("year", fmt.Sprint(year))
	admin.choose("kind", "mid_year")
	admin.fill("cast_from", eval[string](admin, `document.querySelector("[name=card_from]").value`))
	admin.press("campaigns.create")
	admin.sees(admin.words("campaign.overlap"))
	base := strings.SplitN(admin.path(), "?", 2)[0]
	id := strings.TrimPrefix(base, "/o/campaigns/")

	shares := makeKey(admin, base)
	envelopes := printSheet(admin, base, "envelope", "G1", 13)
	papers := printSheet(admin, base, "paper", "G2", 3)
	admin.open(base + "/cards")
	admin.shot("cards")
	rehearse(t, base, shares)

	admin.open(base)
	admin.shot("ready-to-open")
	admin.press("campaign.do-open")
	admin.press("campaign.do-open")
	admin.sees(admin.words("campaign.state-open"))

	// one envelope on a phone, with the link of its QR; the others without a browser
	rater := visitor(t, "envelope", "ru", phone)
	rater.open(ballotHost + "/b/" + id + "?lang=ru#card=" + strings.ReplaceAll(envelopes[0], "-", ""))
	if v := eval[string](rater, `document.querySelector("#f-card").value`); v == "" {
		rater.fatalf("the card of the link is not in the form")
	}
	_, receipt := castBallot(rater, "моё слово", 1)
	rater.shot("receipt-ru")
	for i, card := range envelopes[1:11] {
		castPlain(t, id, card, fmt.Sprintf("word number %d", i))
	}
	hall := visitor(t, "hall", "en", desktop)
	hall.open("/hall/" + id)
	hall.sees("11")
	hall.shot("hall")

	admin.open(base + "/participants")
	admin.press2("participants.tick-envelope")
	admin.sees(admin.words("participants.untick"))
	admin.shot("participants")
	admin.open(base + "/cards")
	admin.fillLast("cards", envelopes[0]+"\n"+envelopes[11]+"\n"+strings.ToLower(envelopes[12])+"\n"+"nonsense")
	admin.press("cards.void")
	admin.sees(admin.words("cards.used"))
	admin.sees(admin.words("cards.voided"))
	admin.shot("voided")
	rater.open(ballotHost + "/b/" + id + "?lang=ru")
	rater.fill("card", envelopes[11])
	rater.press("start.card-go")
	rater.sees(rater.words("card.wrong"))
	rater.open(ballotHost + "/b/" + id + "?lang=ru")
	rater.fill("card", papers[1])
	rater.press("start.card-go")
	rater.sees(rater.words("card.wrong"))

	paper(t, admin, base, papers)
	finish(t, admin, base, shares)
	checked(t, rater, id, receipt, envelopes[0], papers[0])
}

// checked: the ballots of the envelope and of the paper are found in the portal,
// in two languages, and on the command line; the serial of the paper is good for
// nothing on the ballot host.
func checked(t *testing.T, rater *user, id, receipt, envelope, serial string) {
	t.Helper()
	rater.open(ballotHost + "/check?lang=ru")
	rater.fill("receipt", receipt)
	rater.fill("card", envelope)
	rater.fill("word", "моё слово")
	rater.press("check.go")
	rater.sees(rater.words("check.good"))
	rater.sees(rater.words("check.counted"))
	rater.shot("check-ru")
	stub := visitor(t, "stub", "zh-CN", phone)
	stub.open(ballotHost + "/check?lang=zh-CN#card=" + strings.ReplaceAll(serial, "-", ""))
	stub.fill("word", "纸质评议票")
	stub.press("check.go")
	stub.sees(stub.words("check.word-of-card"))
	stub.sees(stub.words("check.counted"))
	stub.shot("check-stub")
	dir := t.TempDir()
	log, file := filepath.Join(dir, "log.zip"), filepath.Join(dir, "receipt.txt")
	download(t, portal+"/log/"+id+"/files/log.zip", log)
	if err := os.WriteFile(file, []byte(receipt), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"receipt", file, "--card", envelope, "--word", "моё слово"}, {"card", "--card", serial, "--word", "纸质评议票"}} {
		if out := pingyi(t, 0, append([]string{"verify"}, append(args, "--log", log)...)...); !strings.Contains(out, "COUNTED") {
			t.Errorf("verify %s: %s", args[0], out)
		}
	}
	pingyi(t, 1, "verify", "card", "--log", log, "--card", serial, "--word", "别的话")
}

// makeKey makes the tally key and reads its shares off the printed sheets.
func makeKey(u *user, base string) []string {
	u.t.Helper()
	u.open(base + "/key")
	u.fill("threshold", "5")
	u.press("key.make")
	u.sees(u.words("key.threshold-range", "Most", 3))
	u.fill("threshold", "2")
	u.press("key.make")
	shares := eval[[]string](u, `[...document.querySelectorAll(".share .code")].map(function(e){return e.innerText})`)
	if len(shares) != 3 {
		u.fatalf("%d shares", len(shares))
	}
	u.shot("key")
	if n := u.paper("key"); n != len(shares) {
		u.t.Errorf("%d shares are printed on %d pages, want one a page", len(shares), n)
	}
	return shares
}

// printSheet prints cards and reads them off the page.
func printSheet(u *user, base, kind, group string, n int) []string {
	u.t.Helper()
	u.open(base + "/cards")
	u.choose("kind", kind)
	u.fill("cards", fmt.Sprint(n))
	u.fill("place", "评议大会")
	u.press("cards.print")
	u.sees(u.words("cards.group-unknown"))
	u.pick("group", u.words("group."+group))
	u.press("cards.print")
	cards := eval[[]string](u, `[...document.querySelectorAll(".voucher .mono, .paperballot .serial .mono")].map(function(e){return e.innerText.trim()})`)
	if len(cards) != n {
		u.fatalf("%d cards, want %d", len(cards), n)
	}
	u.shot("printed-" + kind)
	// a paper ballot of 62 units is a sheet printed on both sides; nine envelope cards fit on a page
	if sheets, most := u.paper("printed-"+kind), map[string]int{"envelope": (n + 8) / 9, "paper": 2 * n}[kind]; sheets > most || (kind == "paper" && sheets != most) {
		u.t.Errorf("%d %s cards take %d pages, want %d", n, kind, sheets, most)
	}
	return cards
}

// rehearse: without it the campaign does not open; two people and two right shares
// are needed.
func rehearse(t *testing.T, base string, shares []string) {
	t.Helper()
	u := signedIn(t, "supervision-1", "zh-CN", desktop)
	u.open(base + "/rehearsal")
	u.fill("share1", shares[0])
	u.fill("share2", shares[1][:40])
	u.fill("login", "gov-office-1")
	u.fill("password", password)
	u.press("shares.do-rehearsal")
	u.sees(u.words("key.share-unreadable"))
	u.fill("share2", shares[1])
	u.fill("login", "supervision-1") // the same person twice
	u.fill("password", password)
	u.press("shares.do-rehearsal")
	u.sees(u.words("key.two-people"))
	u.fill("login", "gov-office-1")
	u.fill("password", password)
	u.press("shares.do-rehearsal")
	u.sees(u.words("done.shares-rehearsal"))
}

// paper: entered by two people, settled where they differ; a box that does not
// reconcile blocks the close.
func paper(t *testing.T, admin *user, base string, serials []string) {
	t.Helper()
	clerk := signedIn(t, "clerk", "zh-CN", desktop)
	enter := func(u *user, serial string, values ...string) {
		u.open(base + "/paper")
		u.fill("serial", serial)
		names := eval[[]string](u, `[...document.querySelectorAll("table.marks input")].slice(0,8).map(function(e){return e.name})`)
		for i, v := range values {
			u.fill(names[i], v)
		}
		u.press("paper.enter")
	}
	enter(clerk, serials[0], "5", "4", "9")
	clerk.sees(clerk.words("paper.digit", "Most", 5))
	enter(clerk, serials[0], "5", "4", "3", "5", "5", "5", "4", "")
	clerk.sees(clerk.words("done.paper-first"))
	enter(admin, serials[0], "5", "4", "2", "5", "5", "5", "4", "")
	admin.sees(admin.words("paper.differ"))
	admin.shot("paper-differ")
	names := eval[[]string](admin, `[...document.querySelectorAll("table.marks input")].slice(0,8).map(function(e){return e.name})`)
	admin.fill(names[2], "3")
	admin.choose("settled", "1")
	admin.press("paper.enter")
	admin.sees(admin.words("done.paper-cast"))
	enter(clerk, serials[0], "5")
	clerk.sees(clerk.words("paper.entered"))

	admin.open(base)
	admin.press("campaign.do-close")
	admin.press("campaign.do-close")
	admin.sees(admin.words("campaign.unsettled"))
	admin.open(base + "/cards")
	admin.fill("spoiled2", "1")
	admin.fill("unused2", "2")
	admin.press("paper.settle-do")
	admin.sees(admin.words("paper.not-balanced", "Issued", 3, "Used", 1, "Spoiled", 1, "Unused", 2, "Rest", -1))
	admin.fill("unused2", "1")
	admin.press("paper.settle-do")
	admin.sees(admin.words("paper.settled"))
}

// finish closes and opens the box with two shares.
func finish(t *testing.T, admin *user, base string, shares []string) {
	t.Helper()
	admin.open(base)
	admin.press("campaign.do-close")
	admin.press("campaign.do-close")
	admin.sees(admin.words("campaign.state-closed"))
	u := signedIn(t, "party-office-1", "zh-CN", desktop)
	u.open(base + "/tally")
	u.fill("share1", shares[1])
	u.fill("share2", shares[2])
	u.fill("login", "supervision-1")
	u.fill("password", password)
	u.press("shares.do-tally")
	u.sees(u.words("campaign.state-tallied"))
	u.open(base + "/protocol")
	u.sees("12")
	if n := u.paper("protocol"); n != 1 {
		u.t.Errorf("the protocol takes %d pages", n)
	}
	u.open("/log/" + strings.TrimPrefix(base, "/o/campaigns/"))
	u.shot("log-printed")
	dir := t.TempDir()
	download(t, portal+"/log/"+strings.TrimPrefix(base, "/o/campaigns/")+"/files/log.zip", dir+"/log.zip")
	pingyi(t, 0, "verify", "log", dir+"/log.zip")
}

// castPlain casts a ballot as a browser without scripts would, in one post.
func castPlain(t *testing.T, id, card, word string) {
	t.Helper()
	c := newClient(t, "zh-CN")
	_, page, _ := c.get(ballotHost + "/b/" + id + "?lang=zh-CN")
	form := url.Values{"card": {card}, "go": {"cast"}, "declare": {"1"}, "word": {word}, "lang": {"zh-CN"}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		if m[1] == "idem" {
			form.Set("idem", html.UnescapeString(m[2]))
		}
	}
	for _, unit := range []string{"1", "2", "3"} {
		form.Add("pick", unit)
		for i := 1; i <= 8; i++ {
			form.Set(fmt.Sprintf("u%s.I%d", unit, i), "s")
		}
	}
	r, err := http.NewRequest(http.MethodPost, ballotHost+"/b/"+id, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !regexp.MustCompile(`pingyi-ballot/v1`).Match(body) {
		t.Fatalf("cast with %s: %d, %v", card, res.StatusCode, err)
	}
}

// press2 presses the first of several buttons with the words, which may be
// followed by a name for screen readers.
func (u *user) press2(key string) {
	u.t.Helper()
	full := eval[string](u, `(([...document.querySelectorAll("main button")].find(function(e){return e.textContent.trim().startsWith(`+quote(u.words(key))+`)})||{textContent:""}).textContent.trim())`)
	u.pressWords(full)
}

// fillLast fills the last visible field of a name.
func (u *user) fillLast(name, value string) {
	u.t.Helper()
	eval[bool](u, `(function(){var e=[...document.querySelectorAll('textarea[name="'+`+quote(name)+`+'"]')].pop(); e.value=`+quote(value)+`; return true})()`)
}
