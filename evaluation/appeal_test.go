package evaluation

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
)

func TestWindowOf(t *testing.T) {
	cal := calendar.Shipped()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// published on Thursday 25 December 2025; 1 January is a holiday: 26, 29, 30, 31, then the next worked day
	published := at("2025-12-25 16:00")
	until := windowOf(cal, published, published).Until
	if n := cal.Between("2025-12-25", until); n != AppealDays || !cal.IsWorkingDay(until) {
		t.Fatalf("the window ends on %s, %d working days on", until, n)
	}
	for _, c := range []struct {
		now  string
		open bool
		left int
	}{
		{"2025-12-25 16:00", true, 5}, {"2025-12-26 09:00", true, 4}, {"2025-12-31 23:59", true, 1},
		{string(until) + " 23:59", true, 0}, {string(until.AddDays(1)) + " 00:00", false, 0},
	} {
		w := windowOf(cal, published, at(c.now))
		if w.Open != c.open || w.Left != c.left {
			t.Errorf("at %s: open %t, %d days left, want %t and %d", c.now, w.Open, w.Left, c.open, c.left)
		}
	}
}

func TestAppealDraft(t *testing.T) {
	all := []Subject{{Kind: AppealDeduction, Key: "adjustment:7"}}
	for _, c := range []struct {
		name  string
		draft AppealDraft
		wrong []string
	}{
		{"whole", AppealDraft{Subject: "adjustment:7", Grounds: strings.Repeat("理", LeastGrounds)}, nil},
		{"short", AppealDraft{Subject: "adjustment:7", Grounds: strings.Repeat("理", LeastGrounds-1)}, []string{"grounds"}},
		{"long", AppealDraft{Subject: "adjustment:7", Grounds: strings.Repeat("理", MostGrounds+1)}, []string{"grounds"}},
		{"foreign", AppealDraft{Subject: "adjustment:8", Grounds: strings.Repeat("理", LeastGrounds)}, []string{"subject"}},
		{"a ballot", AppealDraft{Subject: "ballot:1", Grounds: ""}, []string{"subject", "grounds"}},
	} {
		_, err := c.draft.check(all)
		have := fault.FieldsOf(err)
		if len(have) != len(c.wrong) {
			t.Errorf("%s: %v", c.name, have)
		}
		for _, field := range c.wrong {
			if _, ok := have[field]; !ok {
				t.Errorf("%s: no problem at %s", c.name, field)
			}
		}
	}
}

// TestNoBallotCanBeAppealed: the list of figures never names a part that comes from
// ballots, in any tree.
func TestNoBallotCanBeAppealed(t *testing.T) {
	s := NJDefault()
	seen := 0
	for _, class := range []int{1, 2, 3, 4, 5} {
		tree := s.TreeOf(class)
		for _, x := range s.figures(class) {
			if x.Key == subjectBonus {
				continue
			}
			n, ok := tree.Find(x.Code)
			if !ok || n.Source == nil || n.Source.Kind == FromAppraisal {
				t.Errorf("class %d offers %s", class, x.Key)
			}
			seen++
		}
	}
	if seen == 0 {
		t.Error("no figure is offered")
	}
}

// TestCorrected: an appeal takes over the facts it was about and no others.
func TestCorrected(t *testing.T) {
	s := NJDefault()
	old := Facts{Sheets: sheets(4, 4, 80), Issues: IssueFacts{All: 3, Responded: 3, Solved: 1}, Tasks: TaskFigures{Due: 4, Done: 2}, Entries: entries("D2", "B1")}
	now := Facts{Sheets: sheets(4, 3, 60), Issues: IssueFacts{All: 2, Responded: 2, Solved: 2}, Tasks: TaskFigures{Due: 4, Done: 4}, Entries: entries("B1")}
	snap := func(f Facts) *Snapshot {
		return &Snapshot{Scheme: s, Units: []SnapshotUnit{{Unit: 1, Class: 1, Facts: f}, {Unit: 2, Class: 1, Facts: f}}}
	}
	for _, c := range []struct {
		kind, subject string
		want          func(*Facts)
	}{
		{AppealDeduction, "adjustment:1", func(f *Facts) { f.Entries = now.Entries }},
		{AppealAttribution, "issue:NJ-2026-0001", func(f *Facts) { f.Issues = now.Issues }},
		{AppealData, "part:FS", func(f *Facts) { f.Sheets = now.Sheets }},
		{AppealData, "part:SR", func(f *Facts) { f.Issues = now.Issues }},
		{AppealData, "part:EC", func(f *Facts) { f.Tasks = now.Tasks }},
		{AppealData, "part:none", func(*Facts) {}},
		{AppealData, "bonus", func(f *Facts) { f.Entries = now.Entries }},
	} {
		want := old
		c.want(&want)
		got := snap(old).corrected(snap(now), []Appeal{{Unit: 1, Kind: c.kind, Subject: c.subject}})
		if a, b := factsText(t, got.Units[0].Facts), factsText(t, want); a != b {
			t.Errorf("%s %s: facts\n%s\nwant\n%s", c.kind, c.subject, a, b)
		}
		if a, b := factsText(t, got.Units[1].Facts), factsText(t, old); a != b {
			t.Errorf("%s %s changed another unit: %s", c.kind, c.subject, a)
		}
	}
}

func factsText(t *testing.T, f Facts) string {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
