package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"pingyi/notify"
	"pingyi/postgres"
)

// messagesOfEach: a message is in the inbox of its receiver and of nobody else; its
// link leads there after sign-in; the operator sees letters that failed, and nothing of
// what they are about.
func (p *portal) messagesOfEach(t *testing.T) {
	own, other := p.as("c0001"), p.as("c0002")
	m := notify.Message{Kind: "message-trial", Key: "test", Topic: "issue:CANARY-TOPIC", Link: "/c/issues?seen=canary", To: []notify.To{{Account: own.actor.Account}}}
	p.must(postgres.InTx(t.Context(), p.db, func(tx *sqlx.Tx) error { return notify.Post(t.Context(), tx, p.now, m) }))
	id := p.one(`SELECT n.id::text FROM notices n JOIN messages m ON m.id = n.message_id WHERE m.key = 'test'`)
	unread, err := p.Notify.Unread(t.Context(), own.actor)
	p.must(err)
	if a := own.get("/c"); !strings.Contains(a.body, fmt.Sprintf(`<span aria-hidden="true">%d</span>`, unread)) || !strings.Contains(a.body, own.words("message.unread-count", "Count", unread)) {
		t.Errorf("the frame does not say that %d messages are unread", unread)
	}
	if a := own.get("/inbox"); !strings.Contains(a.body, `href="/m/`+id+`"`) || !strings.Contains(a.body, own.words("notify.message-trial.subject")) {
		t.Error("the message is not in its receiver's inbox")
	}
	if a := other.get("/inbox"); strings.Contains(a.body, `href="/m/`+id+`"`) {
		t.Error("the message is in another inbox")
	}
	if a := p.as("").get("/m/" + id); a.code != http.StatusSeeOther || a.location != "/signin?next="+url.QueryEscape("/m/"+id) {
		t.Errorf("the link, not signed in: %d %s", a.code, a.location)
	}
	signed := p.as("").raw("http://localhost/signin", url.Values{"login": {"c0001"}, "password": {"pingyi-demo-2026"}, "next": {"/m/" + id}})
	if signed.code != http.StatusSeeOther || signed.location != "/m/"+id {
		t.Errorf("after sign-in: %d %s", signed.code, signed.location)
	}
	if a := other.get("/m/" + id); a.code != http.StatusNotFound {
		t.Errorf("another person opens it: %d", a.code)
	}
	if a := own.get("/m/" + id); a.code != http.StatusSeeOther || a.location != m.Link {
		t.Errorf("the receiver opens it: %d %s", a.code, a.location)
	}
	if now, err := p.Notify.Unread(t.Context(), own.actor); err != nil || now != unread-1 {
		t.Errorf("%d unread after opening one of %d, %v", now, unread, err)
	}
	second := m
	second.Key, second.Link = "test2", "/c/issues?page=2"
	p.must(postgres.InTx(t.Context(), p.db, func(tx *sqlx.Tx) error { return notify.Post(t.Context(), tx, p.now, second) }))
	other.get("/c/issues")
	if now, err := p.Notify.Unread(t.Context(), own.actor); err != nil || now != unread {
		t.Errorf("%d unread, %v; want %d", now, err, unread)
	}
	own.get("/c/issues")
	if now, err := p.Notify.Unread(t.Context(), own.actor); err != nil || now != unread-1 {
		t.Errorf("%d unread after opening the page it leads to, %v; want %d", now, err, unread-1)
	}
	p.lettersOfOperator(t)
	p.linksOpen(t) // and what was read needs no letter any more
	p.lettersToUnits(t)
	p.messageForms(t, own)
}

// linksOpen: every kind of message leads each kind of its receivers to a page that he
// may see.
func (p *portal) linksOpen(t *testing.T) {
	var all []struct{ Kind, Role, Login, Link string }
	p.must(p.owner.Select(&all, `SELECT DISTINCT ON (m.kind, a.role) m.kind, a.role, a.login, m.link FROM notices n JOIN messages m ON m.id = n.message_id
		JOIN accounts a ON a.id = n.account_id WHERE n.visible_at <= $1 AND m.key NOT LIKE 'test%' ORDER BY m.kind, a.role, n.id DESC`, p.now))
	people := map[string]*person{}
	for _, one := range all {
		if people[one.Login] == nil {
			people[one.Login] = p.as(one.Login)
		}
		if a := people[one.Login].get(one.Link); a.code != http.StatusOK {
			t.Errorf("%s leads %s (%s) to %s: %d", one.Kind, one.Login, one.Role, one.Link, a.code)
		}
	}
	if len(all) < 15 {
		t.Errorf("only %d kinds of messages and receivers", len(all))
	}
	t.Logf("%d links", len(all))
}

// pillar takes letters and keeps them.
type pillar struct{ letters []notify.Letter }

// Carry takes everything.
func (p *pillar) Carry(_ context.Context, l notify.Letter, handing func() error) error {
	if err := handing(); err != nil {
		return err
	}
	p.letters = append(p.letters, l)
	return nil
}

// Rest has nothing to close.
func (p *pillar) Rest() {}

// lettersToUnits: no letter to a unit, an office or a leader names a company, whatever
// the company chose; and every letter has its texts in the receiver's language.
func (p *portal) lettersToUnits(t *testing.T) {
	for _, q := range []string{`UPDATE accounts SET email = login || '@county.example', lang = CASE id % 3 WHEN 0 THEN 'ru' WHEN 1 THEN 'en' ELSE 'zh-CN' END WHERE role IN ('head', 'officer', 'leader', 'receiver', 'supervision')`,
		`UPDATE notices SET planned_at = NULL, read_at = NULL WHERE id IN (SELECT id FROM (SELECT n.id, row_number() OVER (PARTITION BY m.kind ORDER BY n.id DESC) AS r
			FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE a.email LIKE '%@county.example') x WHERE r <= 15)`} {
		_, err := p.owner.Exec(q)
		p.must(err)
	}
	box := &pillar{}
	p.must(p.Notify.Once(t.Context(), slog.New(slog.DiscardHandler), map[notify.Channel]notify.Carrier{notify.Email: box}))
	var names []string
	p.must(p.owner.Select(&names, `SELECT name FROM companies, LATERAL (VALUES (name_zh), (name_en), (name_ru), (licence)) v (name) WHERE name <> ''`))
	for _, l := range box.letters {
		all := l.Subject + l.Text
		for _, n := range names {
			if strings.Contains(all, n) {
				t.Errorf("a letter to %s names %s", l.To, n)
			}
		}
		if strings.Contains(all, "[notify.") || strings.Contains(all, "<no value>") || strings.Contains(all, "unit:") || strings.Contains(all, "date:") || strings.Contains(all, "text:") {
			t.Errorf("to %s in %s: %s\n%s", l.To, l.Lang, l.Subject, l.Text)
		}
	}
	if len(box.letters) < 40 {
		t.Errorf("only %d letters", len(box.letters))
	}
	t.Logf("%d letters", len(box.letters))
	_, err := p.owner.Exec(`UPDATE accounts SET email = '', lang = 'zh-CN' WHERE email LIKE '%@county.example'`)
	p.must(err)
}

// messageForms: how one wants to be told; problems beside the fields, what was chosen kept.
func (p *portal) messageForms(t *testing.T, u *person) {
	form := url.Values{"quiet_from": {"99"}, "quiet_until": {"7"}, "digest": {"x"}}
	for _, g := range notify.Groups {
		form.Set("email."+g, "daily")
	}
	form.Del("email.visits")
	a := u.post("/account/messages", form)
	if a.code != http.StatusUnprocessableEntity || strings.Count(a.body, u.words("message.hour-wrong")) < 2 || !strings.Contains(a.body, u.words("message.choice-missing")) || strings.Count(a.body, `value="daily" checked`) != len(notify.Groups)-1 {
		t.Errorf("wrong hours and a missing choice: %d", a.code)
	}
	form.Set("quiet_from", "22")
	form.Set("digest", "18")
	form.Set("email.visits", "never")
	form.Set("sms.reminders", "1")
	if a := u.post("/account/messages", form); a.code != http.StatusSeeOther {
		t.Errorf("choices: %d", a.code)
	}
	if a := u.get("/account/messages"); strings.Count(a.body, `value="daily" checked`) != len(notify.Groups)-1 || !strings.Contains(a.body, `name="sms.reminders" value="1" checked`) {
		t.Error("the choices do not come back")
	}
	before := p.one(`SELECT count(*)::text FROM messages`)
	for range 2 {
		if a := u.post("/account/messages/trial", url.Values{"idem": {"0123456789abcdef77"}}); a.code != http.StatusSeeOther {
			t.Errorf("trial: %d", a.code)
		}
	}
	if after := p.one(`SELECT (count(*) - 1)::text FROM messages`); after != before {
		t.Errorf("the same form twice: %s messages before, %s and one after", before, after)
	}
}

func (p *portal) lettersOfOperator(t *testing.T) {
	u := p.as("operator")
	a := u.get("/a/messages")
	if a.code != http.StatusOK || !strings.Contains(a.body, "550 5.1.1") || !strings.Contains(a.body, u.words("message.state-unsure")) {
		t.Fatalf("the letters of the demo county: %d", a.code)
	}
	for _, secret := range []string{"CANARY-TOPIC", "canary", u.words("notify.message-trial.subject")} {
		if strings.Contains(a.body, secret) {
			t.Errorf("the operator reads %q", secret)
		}
	}
	id := p.one(`SELECT id::text FROM deliveries WHERE state = 'unsure'`)
	for range 2 {
		if a := u.post("/a/messages/"+id+"/arrived", nil); a.code != http.StatusSeeOther {
			t.Errorf("decide: %d", a.code)
		}
	}
	if got := p.one(`SELECT count(*)::text FROM audit WHERE action = 'message.arrived'`); got != "1" {
		t.Errorf("%s decisions on record, want 1", got)
	}
	if a := u.post("/a/messages/"+id+"/nothing", nil); a.code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown decision: %d", a.code)
	}
}
