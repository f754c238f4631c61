package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/locale"
	"pingyi/notify"
	"pingyi/notify/carrier"
	"pingyi/notify/carrier/mailtest"
	"pingyi/org"
)

func TestMain(m *testing.M) {
	mailtest.Main()
	senderMain()
	os.Exit(m.Run())
}

const host = "portal.example"

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.UTC()
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func (c *clock) pass(d time.Duration) { c.set(c.now().Add(d)) }

func newStore(t testing.TB, db *sqlx.DB, now func() time.Time) *notify.Store {
	t.Helper()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	cal := calendar.NewStore(db, now)
	if err := cal.Ship(context.Background()); err != nil {
		t.Fatal(err)
	}
	return notify.NewStore(db, now, cal, cat, "https://"+host, host)
}

func smtpTo(addr string) *carrier.SMTP {
	return &carrier.SMTP{Addr: addr, Security: carrier.Clear, From: &mail.Address{Address: "pingyi@county.example"}, Host: host, Now: time.Now}
}

// post office: a county, its store, a clock, a mail server.
type office struct {
	*world
	clock clock
	store *notify.Store
	srv   *mailtest.Server
	log   *slog.Logger
	smtp  map[notify.Channel]notify.Carrier
}

func newOffice(t *testing.T) *office {
	o := &office{world: newWorld(t), srv: mailtest.Start(t, mailtest.Options{})}
	o.clock.set(monday)
	o.ready(t)
	return o
}

func (o *office) ready(t testing.TB) {
	o.log, o.store, o.smtp = slog.New(slog.DiscardHandler), newStore(t, o.db, o.clock.now), map[notify.Channel]notify.Carrier{}
	if o.srv != nil {
		o.smtp[notify.Email] = smtpTo(o.srv.Addr)
	}
}

// tell posts a message to the named account now.
func (o *office) tell(key, login string, change ...func(*notify.Message)) {
	o.t.Helper()
	m := notify.Message{Kind: "message-trial", Key: key, To: []notify.To{{Account: o.ids[login]}}, Link: "/c/issues/" + key}
	for _, f := range change {
		f(&m)
	}
	o.post(o.clock.now(), m)
}

func (o *office) once() {
	o.t.Helper()
	if err := o.store.Once(context.Background(), o.log, o.smtp); err != nil {
		o.t.Fatal(err)
	}
}

// states counts the letters by state.
func (o *office) states() string {
	o.t.Helper()
	var rows []struct {
		State string `db:"state"`
		N     int    `db:"n"`
	}
	if err := o.db.Select(&rows, `SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state`); err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.State, " ", r.N))
	}
	return strings.Join(out, ", ")
}

// arrived are the receivers of the mails the server took, and how many twice.
func (o *office) arrived() (to []string, twice int) {
	o.t.Helper()
	ids := map[string]int{}
	for _, m := range o.srv.Mails() {
		name, _, _ := strings.Cut(m.To, "@")
		to = append(to, name)
		ids[m.ID]++
	}
	for n := range maps.Values(ids) {
		twice += n - 1
	}
	slices.Sort(to)
	return to, twice
}

func (o *office) wantArrived(when string, want ...string) {
	o.t.Helper()
	slices.Sort(want)
	got, twice := o.arrived()
	if !slices.Equal(got, want) || twice != 0 {
		o.t.Errorf("%s: arrived %v, %d twice; want %v", when, got, twice, want)
	}
}

func TestInTheReceiversLanguageAndHours(t *testing.T) {
	o := newOffice(t)
	o.clock.set(time.Date(2026, 11, 27, 19, 0, 0, 0, calendar.Shanghai)) // Friday evening
	o.tell("a", "ivan")
	o.tell("b", "officer1")
	o.post(o.clock.now(), notify.Message{Kind: "message-trial", Key: "c", To: []notify.To{{Company: o.co["乙"]}}})
	o.once()
	o.wantArrived("on Friday evening", "ivan", "firm")
	o.clock.set(time.Date(2026, 11, 29, 10, 0, 0, 0, calendar.Shanghai))
	o.once()
	o.wantArrived("on Sunday", "ivan", "firm")
	o.clock.set(time.Date(2026, 11, 30, 8, 30, 0, 0, calendar.Shanghai))
	o.once()
	o.wantArrived("on Monday", "ivan", "firm", "officer1")
	langs := map[string]string{}
	for _, m := range o.srv.Mails() {
		langs[m.To] = m.Lang
	}
	if want := map[string]string{"ivan@county.example": "ru", "officer1@county.example": "zh-CN", "firm@company.example": "ru"}; !maps.Equal(langs, want) {
		t.Errorf("languages %v, want %v", langs, want)
	}
}

func TestNeedlessLettersStay(t *testing.T) {
	o := newOffice(t)
	reminder := func(m *notify.Message) {
		m.Reminder, m.Topic, m.NotBefore = true, "issue:1", monday.Add(time.Hour)
	}
	o.tell("settled", "ivan", reminder)
	o.tell("read", "olga")
	o.tell("closed", "officer1")
	o.post(monday, notify.Message{Kind: "message-trial", Key: "left", To: []notify.To{{Body: org.BodyLeadingGroup}}})
	o.tell("needed", "officer2")
	o.srv.Down()
	o.once() // planned, nothing sent
	if err := o.in(func(tx *sqlx.Tx) error { return notify.Settle(context.Background(), tx, "issue:1") }); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.Open(context.Background(), org.Actor{Account: o.ids["olga"]}, o.id(`SELECT id FROM notices WHERE account_id = $1`, o.ids["olga"])); err != nil {
		t.Fatal(err)
	}
	o.exec(`UPDATE accounts SET disabled_at = $1 WHERE login = 'officer1'`, monday)
	o.exec(`UPDATE memberships SET until_on = '2026-11-23' WHERE until_on IS NULL`)
	o.srv.Up()
	o.clock.pass(2 * time.Hour)
	o.once()
	o.wantArrived("after what was not needed was settled, read, closed and left", "officer2")
	if got := o.states(); got != "dropped 3, sent 1" {
		t.Errorf("letters: %s", got)
	}
}

// Fault 1 of the issue: the mail server is away for an hour.
func TestMailServerDownForAnHour(t *testing.T) {
	o := newOffice(t)
	o.srv.Down()
	var want []string
	for minute := range 60 {
		if minute%3 == 0 {
			login := []string{"ivan", "olga", "officer1", "head1"}[minute%4]
			o.tell(fmt.Sprint("m", minute), login)
			want = append(want, login)
		}
		o.once()
		o.clock.pass(time.Minute)
	}
	o.wantArrived("while it was down")
	if got := o.states(); got != "waiting 20" {
		t.Errorf("while it was down: %s", got)
	}
	traffic, err := o.store.Traffic(context.Background(), org.Actor{Role: org.RoleOperator})
	if err != nil || len(traffic.Down) != 1 || !traffic.Down[0].Since.Equal(monday) {
		t.Errorf("the operator sees %+v, %v", traffic, err)
	}
	o.srv.Up()
	for range 15 {
		o.once()
		o.clock.pass(time.Minute)
	}
	o.wantArrived("a quarter of an hour after it came back", want...)
	for range 30 {
		o.once()
		o.clock.pass(time.Hour)
	}
	o.wantArrived("a day later", want...)
	if traffic, _ = o.store.Traffic(context.Background(), org.Actor{Role: org.RoleOperator}); len(traffic.Down) != 0 || traffic.Dead+traffic.Unsure+traffic.Waiting != 0 {
		t.Errorf("a day later the operator sees %+v", traffic)
	}
}

// Fault 3 of the issue: the clock was a day ahead, then it is set back.
func TestClockSetBack(t *testing.T) {
	o := newOffice(t)
	o.exec(`INSERT INTO notify_choices (account_id, grp, email, sms) VALUES ($1, 'other', 'daily', false)`, o.ids["olga"])
	o.clock.pass(24 * time.Hour) // wrong
	o.tell("1", "ivan")
	o.once()
	o.tell("2", "officer1")
	o.srv.Down()
	o.once() // refused: the channel rests until tomorrow, seen from today
	o.tell("3", "head1")
	o.tell("4", "olga")
	o.clock.set(monday.Add(time.Minute)) // right again
	o.srv.Up()
	o.tell("5", "officer2")
	for range 5 {
		o.once()
		o.clock.pass(time.Minute)
	}
	o.wantArrived("five minutes after the clock was set back", "ivan", "officer1", "officer2", "head1")
	for range 60 {
		o.once()
		o.clock.pass(time.Hour)
	}
	o.wantArrived("days later, with the summary", "ivan", "officer1", "officer2", "head1", "olga")
	if got := o.states(); got != "sent 5" {
		t.Errorf("letters: %s", got)
	}
}

// Several replicas at once: each letter goes out once.
func TestReplicas(t *testing.T) {
	o := newOffice(t)
	var want []string
	for i := range 120 {
		o.tell(fmt.Sprint(i), "ivan")
		want = append(want, "ivan")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s := newStore(t, o.db, o.clock.now)
			if err := s.Once(context.Background(), o.log, map[notify.Channel]notify.Carrier{notify.Email: smtpTo(o.srv.Addr)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	o.once()
	o.wantArrived("by four replicas", want...)
}

func TestRefusedLettersWaitForTheOperator(t *testing.T) {
	o := newOffice(t)
	operator := org.Actor{Role: org.RoleOperator, Account: o.ids["operator"]}
	o.exec(`UPDATE accounts SET email = 'nobody@county.example' WHERE login = 'ivan'`)
	o.exec(`UPDATE accounts SET email = 'full@county.example' WHERE login = 'olga'`)
	o.exec(`UPDATE accounts SET email = 'silent@county.example' WHERE login = 'officer1'`)
	for _, login := range []string{"ivan", "olga", "officer1", "head1"} {
		o.tell(login, login)
	}
	for range 60 { // three days
		o.once()
		o.clock.pass(75 * time.Minute)
	}
	o.wantArrived("the others are not held up", "head1", "silent")
	if got := o.states(); got != "dead 2, sent 1, unsure 1" {
		t.Fatalf("letters: %s", got)
	}
	list, err := o.store.Troubles(context.Background(), operator, 1, 20)
	if err != nil || len(list) != 3 {
		t.Fatalf("the operator sees %+v, %v", list, err)
	}
	said := map[string]string{}
	for _, l := range list {
		said[l.Login] = fmt.Sprint(l.State, " ", l.Attempts, " ", l.Problem)
		if strings.Contains(l.Address, "nobody@") {
			t.Errorf("the whole address is shown: %s", l.Address)
		}
	}
	if !strings.HasPrefix(said["ivan"], "dead 1 550") || !strings.HasPrefix(said["olga"], "dead 8 452") || !strings.HasPrefix(said["officer1"], "unsure 1 ") {
		t.Errorf("problems: %v", said)
	}
	o.exec(`UPDATE accounts SET email = login || '@county.example'`)
	if err := o.store.AgainAll(context.Background(), operator); err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.Login == "officer1" {
			if err := o.store.Decide(context.Background(), operator, l.ID, notify.Arrived); err != nil {
				t.Fatal(err)
			}
		}
	}
	o.clock.set(monday.AddDate(0, 0, 7))
	o.once()
	o.wantArrived("after the operator's decisions", "head1", "silent", "ivan", "olga")
	if got := o.states(); got != "sent 4" {
		t.Errorf("letters: %s", got)
	}
	for _, by := range []org.Actor{{Role: org.RoleReceiver, Account: o.ids["party"]}, {Role: org.RoleCompany, Account: o.ids["ivan"]}} {
		if _, err := o.store.Troubles(context.Background(), by, 1, 20); err == nil {
			t.Errorf("%s sees the letters of others", by.Role)
		}
		if err := o.store.Decide(context.Background(), by, 1, notify.Again); err == nil {
			t.Errorf("%s decides about letters", by.Role)
		}
	}
}
