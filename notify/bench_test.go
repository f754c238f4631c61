package notify_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jmoiron/sqlx"

	"pingyi/locale"
	"pingyi/notify"
	"pingyi/notify/carrier/mailtest"
	"pingyi/org"
)

// One message to a unit, in a transaction of its own.
func BenchmarkPost(b *testing.B) {
	w := newWorld(b)
	n := 0
	for b.Loop() {
		n++
		m := notify.Message{Kind: "message-trial", Key: fmt.Sprint(n), To: []notify.To{{Unit: w.unit["D01"]}}}
		if err := w.in(func(tx *sqlx.Tx) error { return notify.Post(context.Background(), tx, monday, m) }); err != nil {
			b.Fatal(err)
		}
	}
}

// One e-mail from the notice to the mail server's answer, all marks included.
func BenchmarkSend(b *testing.B) {
	o := &office{world: newWorld(b), srv: mailtest.Start(b, mailtest.Options{})}
	o.clock.set(monday)
	o.ready(b)
	for n := range b.N {
		o.tell(fmt.Sprint(n), "ivan")
	}
	b.ResetTimer()
	o.once()
}

// The inbox and the count in the frame of a person with 20,000 messages, 500 unread,
// among 1,000,000 of others.
func BenchmarkInbox(b *testing.B) {
	o := &office{world: newWorld(b)}
	o.clock.set(monday)
	o.ready(b)
	o.exec(`INSERT INTO messages (kind, key, posted_at) SELECT 'message-trial', 'b' || n, $1::timestamptz - n * interval '1 minute' FROM generate_series(1, 20000) n`, monday)
	o.exec(`INSERT INTO accounts (login, name, role, company_id, created_at) SELECT 'xxx' || n, 'x', 'company', $1, $2 FROM generate_series(1, 50) n`, o.co["甲"], monday)
	o.exec(`INSERT INTO notices (message_id, account_id, visible_at, planned_at, read_at) SELECT m.id, a.id, m.posted_at, m.posted_at, CASE WHEN m.id % 40 > 0 THEN m.posted_at END
		FROM messages m, accounts a WHERE a.login LIKE 'xxx%' OR a.login = 'ivan'`)
	o.exec(`ANALYZE notices`)
	cat, err := locale.Load()
	if err != nil {
		b.Fatal(err)
	}
	ivan := org.Actor{Account: o.ids["ivan"]}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if _, total, err := o.store.Inbox(context.Background(), ivan, cat.In("ru"), false, 1, 30); err != nil || total != 20000 {
				b.Fatal(total, err)
			}
		}
	})
	b.Run("frame", func(b *testing.B) {
		for b.Loop() {
			if n, err := o.store.Unread(context.Background(), ivan); err != nil || n != 500 {
				b.Fatal(n, err)
			}
			if n, err := o.store.Seen(context.Background(), ivan, "/c/issues/NJ-2026-0001"); err != nil || n != 0 {
				b.Fatal(n, err)
			}
		}
	})
}
