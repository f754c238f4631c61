package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pingyi/notify"
	"pingyi/notify/carrier"
)

// telephone is a gateway that delivers each id once; it fails as it is told.
type telephone struct {
	delivered map[string]string // text by id
	to        []string
	requests  int
	fail      func(n int) bool // takes the message and cuts the connection before answering
}

func (g *telephone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("X-Pingyi-Signature") != "v1="+carrier.Sign([]byte(smsKey), r.Header.Get("X-Pingyi-Time"), body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var m struct{ ID, To, Lang, Text string }
	if err := json.Unmarshal(body, &m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	g.requests++
	_, known := g.delivered[m.ID]
	if !known {
		g.delivered[m.ID] = m.Text
		g.to = append(g.to, m.To)
	}
	switch {
	case g.fail != nil && g.fail(g.requests):
		panic(http.ErrAbortHandler)
	case known:
		w.WriteHeader(http.StatusConflict)
	}
}

const smsKey = "a key of at least 32 characters!!"

// A gateway that takes a message and dies before it answers gets it again under the
// same id; nobody is written to twice, and nothing is lost.
func TestTextMessagesOnce(t *testing.T) {
	o := newOffice(t)
	g := &telephone{delivered: map[string]string{}, fail: func(n int) bool { return n%2 == 1 }}
	srv := httptest.NewServer(g)
	defer srv.Close()
	ways := map[notify.Channel]notify.Carrier{notify.SMS: &carrier.Gateway{URL: srv.URL, Key: []byte(smsKey), Now: time.Now}}
	o.exec(`UPDATE accounts SET email = '' WHERE login IN ('ivan', 'officer1')`)
	o.exec(`INSERT INTO notify_choices (account_id, grp, email, sms) VALUES ($1, 'other', 'never', true)`, o.ids["olga"])
	for _, login := range []string{"ivan", "olga", "officer1", "officer2"} { // the last has an e-mail address and chose nothing
		o.tell(login, login)
	}
	for range 12 {
		if err := o.store.Once(t.Context(), o.log, ways); err != nil {
			t.Fatal(err)
		}
		o.clock.pass(10 * time.Minute)
	}
	if len(g.delivered) != 3 || len(g.to) != 3 || g.requests != 6 {
		t.Errorf("%d messages delivered to %v in %d requests; want 3 in 6", len(g.delivered), g.to, g.requests)
	}
	if got := o.states(); got != "sent 3" {
		t.Errorf("letters: %s", got)
	}
	for _, text := range g.delivered {
		if n := utf8.RuneCountInString(text); n > 70 || !strings.Contains(text, "https://"+host+"/m/") {
			t.Errorf("%d characters: %s", n, text)
		}
	}
}
