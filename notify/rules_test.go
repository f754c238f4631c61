package notify

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// 2026: the National Day holiday is 1 to 7 October; Saturday 10 October is worked.
func TestWhenAPersonMayBeWrittenTo(t *testing.T) {
	cal := calendar.Shipped()
	none, lunch := Hours{}, Hours{QuietFrom: 12, QuietUntil: 14}
	for _, tt := range []struct {
		name     string
		at       string
		official bool
		h        Hours
		want     string
	}{
		{"a company, by day", "2026-11-23 10:00", false, DefaultHours, "2026-11-23 10:00"},
		{"a company, on a Sunday", "2026-11-22 10:00", false, DefaultHours, "2026-11-22 10:00"},
		{"a company, late in the evening", "2026-11-23 21:00", false, DefaultHours, "2026-11-24 08:00"},
		{"a company, before dawn", "2026-11-23 03:20", false, DefaultHours, "2026-11-23 08:00"},
		{"quiet hours end at their hour", "2026-11-23 08:00", false, DefaultHours, "2026-11-23 08:00"},
		{"no quiet hours", "2026-11-23 03:20", false, none, "2026-11-23 03:20"},
		{"quiet at noon", "2026-11-23 12:30", false, lunch, "2026-11-23 14:00"},
		{"an official at work", "2026-11-23 08:30", true, none, "2026-11-23 08:30"},
		{"an official before work", "2026-11-23 08:29", true, none, "2026-11-23 08:30"},
		{"an official after work", "2026-11-23 17:30", true, none, "2026-11-24 08:30"},
		{"an official on Friday evening", "2026-11-27 18:00", true, DefaultHours, "2026-11-30 08:30"},
		{"an official at the beginning of the holiday", "2026-09-30 18:00", true, DefaultHours, "2026-10-08 08:30"},
		{"an official on a worked Saturday", "2026-10-10 09:00", true, DefaultHours, "2026-10-10 09:00"},
		{"an official at lunch", "2026-11-23 12:30", true, lunch, "2026-11-23 14:00"},
		{"an official who is quiet until the evening", "2026-11-27 12:00", true, Hours{QuietFrom: 9, QuietUntil: 17}, "2026-11-27 17:00"},
	} {
		if got := sendable(at(tt.at), tt.official, tt.h, cal); !got.Equal(at(tt.want)) {
			t.Errorf("%s: %s, want %s", tt.name, got.In(calendar.Shanghai).Format("2006-01-02 15:04"), tt.want)
		}
	}
	// quiet all day long but in the night: working hours are never reached
	if got := sendable(at("2026-11-23 10:00"), true, Hours{QuietFrom: 6, QuietUntil: 20}, cal); got.IsZero() {
		t.Error("no moment for one who is quiet in all working hours")
	}
}

func TestLastDigest(t *testing.T) {
	for in, want := range map[string]string{"2026-11-23 10:00": "2026-11-23 09:00", "2026-11-23 09:00": "2026-11-23 09:00", "2026-11-23 08:59": "2026-11-22 09:00"} {
		if got := DefaultHours.lastDigest(at(in)); !got.Equal(at(want)) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestPauses(t *testing.T) {
	var all time.Duration
	n := 1
	for ; ; n++ {
		d, again := pause(n)
		if !again {
			break
		}
		all += d
	}
	if n != 8 || all < 36*time.Hour {
		t.Errorf("given up at refusal %d after %s; want 8 and more than a day and a half", n, all)
	}
	for i, want := range map[int]time.Duration{1: 30 * time.Second, 2: time.Minute, 5: 8 * time.Minute, 6: 10 * time.Minute, 5000: 10 * time.Minute} {
		if got := channelPause(i); got != want {
			t.Errorf("channel, time %d: %s, want %s", i, got, want)
		}
	}
}

func TestGroups(t *testing.T) {
	for kind, want := range map[string]string{"issue-answered": "issues", "passing-suspected": "issues", "visit-due": "visits", "sheet-arrived": "visits",
		"meeting-called": "meetings", "document-sent": "orders", "shield-raised": "other"} {
		if got := GroupOf(kind, false); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		if got := GroupOf(kind, true); got != "reminders" {
			t.Errorf("reminder %s: %s", kind, got)
		}
	}
	for _, g := range areas {
		if !slices.Contains(Groups, g) {
			t.Errorf("group %s cannot be chosen for", g)
		}
	}
}

func TestOutcomes(t *testing.T) {
	plain := errors.New("connection reset")
	for _, tt := range []struct {
		err    error
		handed bool
		want   Outcome
	}{{plain, false, Unreachable}, {plain, true, Unknown}, {Fail(Refused, "550 no such user"), true, Refused}, {Fail(Later, "451"), false, Later}} {
		if got := outcomeOf(tt.err, tt.handed); got != tt.want {
			t.Errorf("%v, handed %t: %d, want %d", tt.err, tt.handed, got, tt.want)
		}
	}
	if official(org.RoleCompany) || official(org.RoleChamber) || !official(org.RoleOfficer) || !official(org.RoleLeader) {
		t.Error("who is an official")
	}
}
