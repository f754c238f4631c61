package notify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/locale"
	"pingyi/notify"
	"pingyi/org"
)

func TestDailySummary(t *testing.T) {
	o := newOffice(t)
	ivan := org.Actor{Account: o.ids["ivan"], Role: org.RoleCompany}
	p, err := o.store.Preferences(context.Background(), ivan)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Choices {
		p.Choices[i].Email = notify.Daily
	}
	p.Hours.Digest = 18
	if err := o.store.SavePreferences(context.Background(), ivan, p); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		o.tell(fmt.Sprint("d", i), "ivan")
		o.once()
		o.clock.pass(time.Hour)
	}
	o.wantArrived("in the afternoon")
	o.clock.set(time.Date(2026, 11, 23, 18, 0, 0, 0, calendar.Shanghai))
	o.once()
	o.tell("late", "ivan")
	o.once()
	o.clock.pass(time.Hour)
	o.once()
	o.wantArrived("in the evening", "ivan")
	o.clock.pass(24 * time.Hour)
	o.once()
	o.wantArrived("the day after", "ivan", "ivan")
}

func TestInboxIsOnesOwn(t *testing.T) {
	o := newOffice(t)
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	ivan, olga := org.Actor{Account: o.ids["ivan"]}, org.Actor{Account: o.ids["olga"]}
	o.tell("now", "ivan")
	o.tell("later", "ivan", func(m *notify.Message) { m.NotBefore = monday.Add(time.Hour) })
	if n, err := o.store.Unread(ctx, ivan); err != nil || n != 1 {
		t.Errorf("unread %d, %v", n, err)
	}
	list, total, err := o.store.Inbox(ctx, ivan, cat.In("en"), false, 1, 10)
	if err != nil || total != 1 || list[0].Subject != "Trial message" || list[0].Read {
		t.Fatalf("inbox %+v, %d, %v", list, total, err)
	}
	if _, err := o.store.Open(ctx, olga, list[0].ID); err == nil {
		t.Error("Olga opened Ivan's message")
	}
	if link, err := o.store.Open(ctx, ivan, list[0].ID); err != nil || link != "/c/issues/now" {
		t.Errorf("link %q, %v", link, err)
	}
	if n, _ := o.store.Unread(ctx, ivan); n != 0 {
		t.Errorf("unread after opening: %d", n)
	}
	o.clock.pass(2 * time.Hour)
	if n, _ := o.store.Unread(ctx, ivan); n != 1 {
		t.Errorf("unread two hours later: %d", n)
	}
}
