package meeting

import (
	"slices"
	"testing"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// TestS06FourSlotsAYear: worked by hand with the calendar of 2025 and 2026. Ten working
// days after 31 March 2026: 1-3 April (Wed-Fri; 6 April, Monday, is a day off for
// Qingming), 7-10, 13-15 April: the tenth is the 15th. After 30 June 2026: 1-3, 6-10,
// 13-14 July: the 14th. After 30 September: 1-7 October are off and Saturday the 10th is
// worked: 8-10, 12-16, 19-20: the 20th.
func TestS06FourSlotsAYear(t *testing.T) {
	cal := calendar.Shipped()
	all := []Meeting{
		{ID: 1, Kind: Quarterly, Year: 2026, Quarter: 1, HeldOn: "2026-04-15", State: Closed},
		{ID: 2, Kind: Quarterly, Year: 2026, Quarter: 2, HeldOn: "2026-07-15", State: Held},
		{ID: 3, Kind: Dialogue, Year: 2026, Quarter: 3, HeldOn: "2026-10-09", State: Held},
		{ID: 4, Kind: Quarterly, Year: 2025, Quarter: 4, HeldOn: "2026-01-05", State: Held},
	}
	slots := Slots(2026, 10, cal, all, "2026-10-21")
	want := []struct {
		due   calendar.Date
		state string
	}{{"2026-04-15", "held"}, {"2026-07-14", "late"}, {"2026-10-20", "missed"}, {"2027-01-14", "open"}}
	if len(slots) != 4 {
		t.Fatalf("%d slots, want four", len(slots))
	}
	for i, w := range want {
		if slots[i].State != w.state || slots[i].Due != w.due {
			t.Errorf("quarter %d: due %s %s, want %s %s", i+1, slots[i].Due, slots[i].State, w.due, w.state)
		}
	}
	if !slots[3].Provisional {
		t.Error("the fourth slot ends in a year whose days off are unknown: provisional")
	}
	if s := Slots(2026, 10, cal, all, "2026-10-20"); s[2].State != "open" {
		t.Errorf("on its last day a slot is %s, want open", s[2].State)
	}
	kept := []Meeting{{Kind: Quarterly, Year: 2026, Quarter: 3, Due: "2026-10-30", State: Called}}
	if s := Slots(2026, 10, cal, kept, "2026-10-21"); s[2].State != "called" || s[2].Due != "2026-10-30" {
		t.Errorf("a called meeting keeps the day of its call: %+v", s[2])
	}
}

func TestQuarterEnds(t *testing.T) {
	for q, want := range map[int][2]calendar.Date{1: {"2024-01-01", "2024-03-31"}, 2: {"2024-04-01", "2024-06-30"}, 3: {"2024-07-01", "2024-09-30"}, 4: {"2024-10-01", "2024-12-31"}} {
		if QuarterStart(2024, q) != want[0] || QuarterEnd(2024, q) != want[1] {
			t.Errorf("quarter %d: %s to %s, want %v", q, QuarterStart(2024, q), QuarterEnd(2024, q), want)
		}
	}
}

func TestDraftChecks(t *testing.T) {
	good := Draft{Kind: Coordination, Title: "项目协调会", Project: 1, Place: "会议室", Convener: 1, On: "2026-11-30"}
	for name, tt := range map[string]struct {
		change func(*Draft)
		field  string
	}{
		"as it should be":             {func(*Draft) {}, ""},
		"no kind":                     {func(d *Draft) { d.Kind = "x" }, "kind"},
		"a project is needed":         {func(d *Draft) { d.Project = 0 }, "project"},
		"none for a dialogue":         {func(d *Draft) { d.Kind, d.Project = Dialogue, 0 }, ""},
		"a quarter is needed":         {func(d *Draft) { d.Kind, d.Quarter = Quarterly, 0 }, "quarter"},
		"a report is needed":          {func(d *Draft) { d.Kind = Executive }, "report"},
		"somebody convenes":           {func(d *Draft) { d.Convener = 0 }, "convener"},
		"no date":                     {func(d *Draft) { d.On = "30.11." }, "on"},
		"next year but one":           {func(d *Draft) { d.On = "2028-01-01" }, "on"},
		"quarter and year of quarter": {func(d *Draft) { d.Kind, d.Year, d.Quarter = Quarterly, 2026, 3 }, ""},
	} {
		d := good
		tt.change(&d)
		_, f := d.Check("2026-11-23")
		if _, found := f[tt.field]; (tt.field == "") != (len(f) == 0) || (tt.field != "" && !found) {
			t.Errorf("%s: problems %v, want %q", name, f, tt.field)
		}
	}
}

// A date of a decision that is no working day is refused and the next one offered.
func TestDecisionDates(t *testing.T) {
	cal := calendar.Shipped()
	for due, key := range map[string]string{"": "", "2026-11-24": "", "2026-11-28": "order.date-not-worked", "2026-11-23": "order.date-past", "2030-01-01": "order.date-far", "tomorrow": "order.date-missing"} {
		d := DecisionDraft{Text: "限期解决供热问题", Lead: 1, Due: due}
		if _, f := d.Check(cal, "2026-11-23"); f["due"].Key != key {
			t.Errorf("%q: %q, want %q", due, f["due"].Key, key)
		}
	}
	d := DecisionDraft{Text: "限期解决供热问题", Lead: 1, Cooperating: []org.UnitID{2, 1}}
	if _, f := d.Check(cal, "2026-11-23"); f["cooperating"].Key == "" {
		t.Error("the unit in the lead co-operates with itself")
	}
}

func TestOrderMovesOnePlace(t *testing.T) {
	in := []string{"a", "b", "c"}
	for _, tt := range []struct {
		name string
		by   int
		want []string
	}{{"b", -1, []string{"b", "a", "c"}}, {"b", 1, []string{"a", "c", "b"}}, {"a", -1, in}, {"c", 1, in}, {"x", 1, in}} {
		if got := Order(in, tt.name, tt.by); !slices.Equal(got, tt.want) {
			t.Errorf("%s by %d: %v, want %v", tt.name, tt.by, got, tt.want)
		}
	}
	if got := KnownSections([]string{"ranking", "x", "cover", "ranking"}); !slices.Equal(got, []string{"ranking", "cover"}) {
		t.Errorf("known sections: %v", got)
	}
}

func TestShareRoundsHalfUpOnce(t *testing.T) {
	for _, tt := range []struct {
		part, whole int
		want        string
	}{{1, 3, "33.3"}, {1, 8, "12.5"}, {1, 2000, "0.1"}, {1, 2001, "0.0"}, {7, 7, "100.0"}, {0, 0, ""}} {
		if got := Share(tt.part, tt.whole); got != tt.want {
			t.Errorf("%d of %d: %q, want %q", tt.part, tt.whole, got, tt.want)
		}
	}
}

// TestS08SmallCells: no figure about fewer than five companies can be read or worked
// out from what is published.
func TestS08SmallCells(t *testing.T) {
	total := Figure{Issues: 40, Companies: 22}
	lines := []Figure{{1, 20, 12, false}, {2, 12, 9, false}, {3, 6, 4, false}, {4, 2, 1, false}, {5, 0, 0, false}}
	sum, out := Protect(total, lines, 5)
	if sum != total {
		t.Errorf("a total about 22 companies is shown: %+v", sum)
	}
	for i, hidden := range []bool{false, true, true, true, false} {
		if out[i].Withheld != hidden || (hidden && (out[i].Issues != 0 || out[i].Companies != 0)) {
			t.Errorf("line %d: %+v, withheld: want %t", i+1, out[i], hidden)
		}
	}
	if _, out := Protect(total, lines[:2], 5); out[0].Withheld || out[1].Withheld {
		t.Error("nothing to protect, and something is withheld")
	}
	if sum, _ := Protect(Figure{Issues: 3, Companies: 3}, []Figure{{1, 3, 3, false}}, 5); !sum.Withheld || sum.Issues != 0 {
		t.Errorf("a total about three companies is shown: %+v", sum)
	}
	if lines[2].Withheld {
		t.Error("the figures handed in were changed")
	}
	// whoever knows total and shown lines learns the sum of the withheld ones; with the
	// second largest among them that sum is about at least nine companies
	shown := 0
	for _, f := range out {
		shown += f.Issues
	}
	if rest := sum.Issues - shown; rest != 12+6+2 {
		t.Errorf("subtraction gives %d, want 20 about at least nine companies", rest)
	}
}

func TestWhoReadsBulletins(t *testing.T) {
	company, unit := org.Actor{Account: 1, Role: org.RoleCompany, Company: 1}, org.Actor{Account: 2, Role: org.RoleHead, Unit: 1}
	for _, tt := range []struct {
		a    org.Actor
		want []string
	}{{org.Public, []string{"public"}}, {company, []string{"investors", "public"}}, {unit, []string{"units", "investors", "public"}}} {
		if got := audiencesOf(tt.a); !slices.Equal(got, tt.want) {
			t.Errorf("%s reads %v, want %v", tt.a.Role, got, tt.want)
		}
	}
}

// Only a present member convenes: one who left the group accepts nothing more.
func TestDatedMembershipOfTheConvener(t *testing.T) {
	m := Meeting{Convener: 7}
	for name, tt := range map[string]struct {
		a    org.Actor
		want bool
	}{
		"the convener, a member":  {org.Actor{Account: 7, Role: org.RoleLeader, Post: org.PostMember}, true},
		"the convener, dismissed": {org.Actor{Account: 7, Role: org.RoleLeader}, false},
		"the chair":               {org.Actor{Account: 8, Role: org.RoleLeader, Post: org.PostChair}, true},
		"another member":          {org.Actor{Account: 9, Role: org.RoleLeader, Post: org.PostMember}, false},
		"an office":               {org.Actor{Account: 7, Role: org.RoleReceiver, Kind: org.BodyPartyOffice}, false},
	} {
		if got := m.Convenes(tt.a); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestFactsComeBackByteByByte(t *testing.T) {
	f := PackFacts{Year: 2026, Quarter: 3, Title: "分析会", Feedback: feedback.QuarterFacts{Units: []feedback.UnitQuarter{{Code: "D01", Due: 4, Made: 3, Open: 2, Overdue: 1}, {Code: "D02", Due: 2, Made: 2}}}}
	b, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeFacts(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Encode()
	if err != nil || string(again) != string(b) {
		t.Errorf("the facts changed on the way: %v", err)
	}
	if s := back.Sums(); s.Due != 6 || s.Made != 5 || s.Overdue != 1 {
		t.Errorf("sums %+v", s)
	}
	if got := back.Behind(); len(got) != 1 || got[0].Code != "D01" {
		t.Errorf("behind: %+v", got)
	}
	if _, err := DecodeFacts([]byte(`{"year": 2026, "surprise": 1}`)); err == nil {
		t.Error("an unknown field was read over")
	}
}

func TestUnsettledProblems(t *testing.T) {
	items := []Item{{ID: 1, Kind: "problem"}, {ID: 2, Kind: "problem", IssueRef: "NJ-2026-0001"}, {ID: 3, Kind: "problem", Reply: "属于民事纠纷，建议诉讼"}, {ID: 4, Kind: "opinion"}}
	if got := Unsettled(items); len(got) != 1 || got[0].ID != 1 {
		t.Errorf("unsettled: %+v, want the first alone", got)
	}
	if f := (ItemDraft{Kind: "problem", Body: "除雪不及时"}).check(Dialogue); fault.FieldsOf(f.Err())["company"].Key == "" {
		t.Error("a problem of nobody")
	}
}
