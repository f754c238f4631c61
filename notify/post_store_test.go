package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/postgres/pgtest"
)

// monday is a working day, ten in the morning.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Shanghai)

// world is a county of a few people, known by their logins.
type world struct {
	t    testing.TB
	db   *sqlx.DB
	url  string
	ids  map[string]org.AccountID
	unit map[string]org.UnitID
	co   map[string]org.CompanyID
}

func newWorld(t testing.TB) *world {
	db, url := pgtest.OpenURL(t)
	w := &world{t: t, db: db, url: url, ids: map[string]org.AccountID{}, unit: map[string]org.UnitID{}, co: map[string]org.CompanyID{}}
	for _, code := range []string{"D01", "D02"} {
		w.unit[code] = org.UnitID(w.id(`INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ($1, 1, '自然资源局', 'Natural Resources', 'Природные ресурсы') RETURNING id`, code))
	}
	for i, name := range []string{"甲", "乙"} {
		w.co[name] = org.CompanyID(w.id(`INSERT INTO companies (licence, name_zh, origin, sector, rater_group, email, created_at)
			VALUES ($1, $2, 'russia', 'trade', 'G1', 'firm@company.example', $3) RETURNING id`, fmt.Sprintf("91231121MA18WX1%03d", i), name, monday))
	}
	w.account("ivan", "company", "company_id", int64(w.co["甲"]), "ru")
	w.account("olga", "company", "company_id", int64(w.co["甲"]), "ru")
	w.account("officer1", "officer", "unit_id", int64(w.unit["D01"]), "zh-CN")
	w.account("head1", "head", "unit_id", int64(w.unit["D01"]), "zh-CN")
	w.account("officer2", "officer", "unit_id", int64(w.unit["D02"]), "zh-CN")
	for login, at := range map[string][2]string{"chair": {"leader", "leading_group"}, "former": {"leader", "leading_group"}, "party": {"receiver", "party_office"},
		"clerk": {"clerk", "party_office"}, "gov": {"receiver", "government_office"}, "overseer": {"supervision", "supervision"}, "operator": {"operator", "operator"}} {
		w.account(login, at[0], "body_id", w.id(`SELECT id FROM bodies WHERE kind = $1`, at[1]), "zh-CN")
	}
	for login, until := range map[string]any{"chair": nil, "former": "2026-11-20"} {
		w.exec(`INSERT INTO memberships (body_id, account_id, post, from_on, until_on) SELECT body_id, id, 'member', '2026-01-01', $2::date FROM accounts WHERE login = $1`, login, until)
	}
	return w
}

func (w *world) account(login, role, home string, at int64, lang string) {
	w.ids[login] = org.AccountID(w.id(`INSERT INTO accounts (login, name, role, `+home+`, lang, email, phone, created_at)
		VALUES ($1, $1, $2, $3, $4, $1 || '@county.example', '+8613900000000', $5) RETURNING id`, login, role, at, lang, monday))
}

func (w *world) id(q string, args ...any) int64 {
	w.t.Helper()
	var id int64
	if err := w.db.Get(&id, q, args...); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) exec(q string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(q, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) in(f func(tx *sqlx.Tx) error) error {
	return postgres.InTx(context.Background(), w.db, f)
}

func (w *world) post(now time.Time, m notify.Message) {
	w.t.Helper()
	if err := w.in(func(tx *sqlx.Tx) error { return notify.Post(context.Background(), tx, now, m) }); err != nil {
		w.t.Fatal(err)
	}
}

// told are the logins (or companies) that have a notice of the key.
func (w *world) told(key string) string {
	w.t.Helper()
	var out []string
	if err := w.db.Select(&out, `SELECT coalesce(a.login, c.name_zh) FROM notices n JOIN messages m ON m.id = n.message_id
		LEFT JOIN accounts a ON a.id = n.account_id LEFT JOIN companies c ON c.id = n.company_id WHERE m.key = $1 AND NOT n.settled`, key); err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestWhoIsTold(t *testing.T) {
	w := newWorld(t)
	for i, tt := range []struct {
		name string
		to   []notify.To
		want string
	}{
		{"one person", []notify.To{{Account: w.ids["olga"]}}, "olga"},
		{"a company's people", []notify.To{{Company: w.co["甲"]}}, "ivan olga"},
		{"a company without people", []notify.To{{Company: w.co["乙"]}}, "乙"},
		{"a unit", []notify.To{{Unit: w.unit["D01"]}}, "head1 officer1"},
		{"a unit's head", []notify.To{{Unit: w.unit["D01"], Heads: true}}, "head1"},
		{"the head of a unit without one", []notify.To{{Unit: w.unit["D02"], Heads: true}}, "officer2"},
		{"the leading group: present members", []notify.To{{Body: org.BodyLeadingGroup}}, "chair"},
		{"both offices, not their clerks", []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}, "gov party"},
		{"the supervision office", []notify.To{{Body: org.BodySupervision}}, "overseer"},
		{"the operator", []notify.To{{Body: org.BodyOperator}}, "operator"},
		{"one person meant twice", []notify.To{{Account: w.ids["chair"]}, {Body: org.BodyLeadingGroup}}, "chair"},
	} {
		key := fmt.Sprint("k", i)
		w.post(monday, notify.Message{Kind: "issue-answered", To: tt.to, Key: key})
		if got := w.told(key); got != tt.want {
			t.Errorf("%s: told %q, want %q", tt.name, got, tt.want)
		}
	}
	w.exec(`UPDATE accounts SET disabled_at = $1 WHERE login = 'ivan'`, monday)
	w.post(monday, notify.Message{Kind: "issue-answered", To: []notify.To{{Company: w.co["甲"]}, {Account: w.ids["ivan"]}}, Key: "closed"})
	if got := w.told("closed"); got != "olga" {
		t.Errorf("after Ivan's account was closed: told %q", got)
	}
}

func TestSameKeyTellsOnce(t *testing.T) {
	w := newWorld(t)
	m := notify.Message{Kind: "issue-answered", To: []notify.To{{Unit: w.unit["D01"], Heads: true}}, Key: "once"}
	w.post(monday, m)
	w.post(monday.Add(time.Hour), m)
	if got := w.told("once"); got != "head1" {
		t.Errorf("posted twice: told %q", got)
	}
	m.To = []notify.To{{Unit: w.unit["D01"]}}
	w.post(monday.Add(2*time.Hour), m)
	if got := w.told("once"); got != "head1 officer1" {
		t.Errorf("posted for more: told %q", got)
	}
}

func TestActThatFailsTellsNobody(t *testing.T) {
	w := newWorld(t)
	failed := errors.New("the act failed")
	err := w.in(func(tx *sqlx.Tx) error {
		if err := notify.Post(context.Background(), tx, monday, notify.Message{Kind: "issue-answered", To: []notify.To{{Company: w.co["甲"]}}, Key: "lost"}); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) || w.told("lost") != "" {
		t.Errorf("got %v, told %q", err, w.told("lost"))
	}
}

func TestSettleDropsRemindersOfTheTopicAlone(t *testing.T) {
	w := newWorld(t)
	for key, m := range map[string]notify.Message{
		"reminder": {Topic: "issue:1", Reminder: true, NotBefore: monday.Add(48 * time.Hour)},
		"news":     {Topic: "issue:1"},
		"other":    {Topic: "issue:2", Reminder: true},
	} {
		m.Kind, m.Key, m.To = "issue-due", key, []notify.To{{Unit: w.unit["D02"]}}
		w.post(monday, m)
	}
	if err := w.in(func(tx *sqlx.Tx) error { return notify.Settle(context.Background(), tx, "issue:1") }); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"reminder": "", "news": "officer2", "other": "officer2"} {
		if got := w.told(key); got != want {
			t.Errorf("%s: told %q, want %q", key, got, want)
		}
	}
}

func TestMistakesOfTheProgramAreRefused(t *testing.T) {
	w := newWorld(t)
	to := []notify.To{{Unit: w.unit["D01"]}}
	for name, m := range map[string]notify.Message{
		"no key":            {Kind: "issue-answered", To: to},
		"no receiver":       {Kind: "issue-answered", Key: "k"},
		"kind without area": {Kind: "answered", To: to, Key: "k"},
		"empty receiver":    {Kind: "issue-answered", To: []notify.To{{}}, Key: "k"},
		"two at once":       {Kind: "issue-answered", To: []notify.To{{Unit: 1, Company: 1}}, Key: "k"},
		"head of nothing":   {Kind: "issue-answered", To: []notify.To{{Company: 1, Heads: true}}, Key: "k"},
		"link outside":      {Kind: "issue-answered", To: to, Key: "k", Link: "//evil.example"},
	} {
		if err := w.in(func(tx *sqlx.Tx) error { return notify.Post(context.Background(), tx, monday, m) }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
