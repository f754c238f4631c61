package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/locale"
	"pingyi/notify"
	"pingyi/notify/carrier"
	"pingyi/org"
	"pingyi/postgres"
)

// The sender that is killed is a process of its own: this test binary, started again.
const (
	envSender = "PINGYI_TEST_SENDER_DB"
	envSMTP   = "PINGYI_TEST_SENDER_SMTP"
	envStep   = "PINGYI_TEST_SENDER_DIES"
	envNow    = "PINGYI_TEST_SENDER_NOW"
)

// dying is a carrier in whose process the power fails at a step.
type dying struct {
	notify.Carrier
	step string
}

func (d dying) at(step string) {
	if d.step == step {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// Carry carries, and dies on the way.
func (d dying) Carry(ctx context.Context, l notify.Letter, handing func() error) error {
	d.at("taken")
	err := d.Carrier.Carry(ctx, l, func() error {
		d.at("all said but the dot")
		if err := handing(); err != nil {
			return err
		}
		d.at("about to say the dot")
		return nil
	})
	d.at("answered")
	return err
}

// senderMain is the sender process; in any other it returns.
func senderMain() {
	url := os.Getenv(envSender)
	if url == "" {
		return
	}
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, "sender:", err)
		os.Exit(1)
	}
	db, err := postgres.Open(context.Background(), url, 4)
	if err != nil {
		fail(err)
	}
	cat, err := locale.Load()
	if err != nil {
		fail(err)
	}
	at, err := time.Parse(time.RFC3339, os.Getenv(envNow))
	if err != nil {
		fail(err)
	}
	now := func() time.Time { return at }
	s := notify.NewStore(db, now, calendar.NewStore(db, now), cat, "https://"+host, host)
	c := &carrier.SMTP{Addr: os.Getenv(envSMTP), Security: carrier.Clear, From: &mail.Address{Address: "pingyi@county.example"}, Host: host, Now: time.Now}
	if err := s.Once(context.Background(), slog.New(slog.DiscardHandler), map[notify.Channel]notify.Carrier{notify.Email: dying{c, os.Getenv(envStep)}}); err != nil {
		fail(err)
	}
	os.Exit(0)
}

// killed sends in a process that is killed at the step.
func (o *office) killed(step string) {
	o.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envSender+"="+o.url, envSMTP+"="+o.srv.Addr, envStep+"="+step, envNow+"="+o.clock.now().Format(time.RFC3339))
	if out, err := cmd.CombinedOutput(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		o.t.Fatalf("the sender was not killed: %v\n%s", err, out)
	}
}

// Fault 2 of the issue: the program is killed while it sends. What had not left is
// sent again by itself; what may have left waits for the operator, who decides by the
// mail server's log. In the end everybody has every letter once.
func TestKilledWhileSending(t *testing.T) {
	for _, tt := range []struct {
		step   string
		itself bool // recovers by itself
		server int  // letters the server took of the process that died
	}{{"taken", true, 0}, {"all said but the dot", true, 0}, {"about to say the dot", false, 0}, {"answered", false, 1}} {
		t.Run(tt.step, func(t *testing.T) {
			o := newOffice(t)
			o.tell("first", "ivan")
			o.tell("second", "olga")
			o.killed(tt.step)
			if got := len(o.srv.Mails()); got != tt.server {
				t.Fatalf("the server took %d letters of it, want %d", got, tt.server)
			}
			o.clock.pass(time.Minute)
			o.once() // the second letter goes; the first is still held by the dead process
			o.clock.pass(11 * time.Minute)
			o.once()
			if !tt.itself {
				operator := org.Actor{Role: org.RoleOperator, Account: o.ids["operator"]}
				list, err := o.store.Troubles(context.Background(), operator, 1, 10)
				if err != nil || len(list) != 1 || list[0].State != "unsure" || list[0].Login != "ivan" {
					t.Fatalf("the operator sees %+v, %v", list, err)
				}
				decision := notify.Again
				for _, m := range o.srv.Mails() { // what he does: looks for its name in the server's log
					if m.ID == list[0].Name {
						decision = notify.Arrived
					}
				}
				if (decision == notify.Arrived) != (tt.server == 1) {
					t.Errorf("found by its name: %s", decision)
				}
				if err := o.store.Decide(context.Background(), operator, list[0].ID, decision); err != nil {
					t.Fatal(err)
				}
				o.once()
			}
			o.wantArrived("in the end", "ivan", "olga")
			if got := o.states(); got != "sent 2" {
				t.Errorf("letters: %s", got)
			}
		})
	}
}

// Both at once: the clock is a day ahead, the program is killed, the clock is set back.
func TestKilledThenClockSetBack(t *testing.T) {
	o := newOffice(t)
	o.clock.pass(24 * time.Hour)
	o.tell("first", "ivan")
	o.killed("taken")
	o.clock.set(monday)
	o.once()
	o.wantArrived("at once after the clock was set back", "ivan")
}
