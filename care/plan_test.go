package care_test

import (
	"errors"
	"testing"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// plan is the quarter's plan as the offices see it, of company acme.
func (v *village) plan() []care.PlanRow {
	v.t.Helper()
	rows, _, err := v.plans.Calendar(v.t.Context(), v.who["office"], care.PlanFilter{Year: 2026, Quarter: 4, Company: v.who["acme"].Company, Page: 1, Size: 50})
	v.must(err)
	return rows
}

// owe lets three units owe company acme a visit: its contact unit and two members of
// its sponsor group.
func (v *village) owe() {
	v.t.Helper()
	ctx, office := v.t.Context(), v.who["office"]
	v.must(v.contacts.Name(ctx, office, v.project, care.ContactDraft{Unit: v.who["d03"].Unit, Person: "张某", Phone: "0456-7000001"}))
	_, err := v.sponsors.SetUp(ctx, office, v.draft(), v.key())
	v.must(err)
}

// TestS38PlanOfTheQuarter: generated from contact units and sponsor groups, once; shows
// what is due, done and missed; a visit counts as completed when its valid sheet came
// back, and a unit never learns whether it did.
func TestS38PlanOfTheQuarter(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	office, d1 := v.who["office"], v.who["d01"]
	v.owe()
	if n, err := v.plans.Quarter(ctx, office, 2026, 4); err != nil || n != 3 {
		t.Fatalf("planned %d, %v; want 3", n, err)
	}
	if n, err := v.plans.Quarter(ctx, office, 2026, 4); err != nil || n != 0 {
		t.Errorf("planned again %d, %v; want none", n, err)
	}
	if _, err := v.plans.Quarter(ctx, d1, 2026, 4); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit plans for all: %v", err)
	}
	v.counts("d01", care.UnitPlan{Owed: 1, Open: 1})
	record := feedback.VisitRecord{Company: v.who["acme"].Company, On: "2026-11-02", Staff: "张某", Purpose: "上门服务"}
	visit, err := v.feedback.RecordVisit(ctx, d1, record, v.key())
	v.must(err)
	v.counts("office", care.UnitPlan{Owed: 3, Made: 1, Open: 2})
	if f, err := v.feedback.SheetFacts(ctx, 2026); err != nil || f[d1.Unit].Due != 1 || f[d1.Unit].Returned != 0 {
		t.Errorf("without a sheet the visit counts as %+v, %v", f[d1.Unit], err)
	}
	_, err = v.feedback.FileSheet(ctx, v.who["acme"], visit, "", feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s"}, Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, v.key())
	v.must(err)
	if f, err := v.feedback.SheetFacts(ctx, 2026); err != nil || f[d1.Unit].Due != 1 || f[d1.Unit].Returned != 1 {
		t.Errorf("with its sheet the visit counts as %+v, %v", f[d1.Unit], err)
	}
	v.counts("office", care.UnitPlan{Owed: 3, Done: 1, Open: 2})
	v.counts("d01", care.UnitPlan{Owed: 1, Made: 1})
	v.day("2027-01-04")
	v.counts("office", care.UnitPlan{Owed: 3, Done: 1, Missed: 2})
	if rows, n, err := v.plans.Calendar(ctx, office, care.PlanFilter{Year: 2026, Quarter: 4, Only: "missed", Page: 1, Size: 9}); err != nil || n != 2 || rows[0].State("2027-01-04") != "missed" {
		t.Errorf("missed: %d, %v", n, err)
	}
}

// counts compares the sum of the plan that a reader sees.
func (v *village) counts(login string, want care.UnitPlan) {
	v.t.Helper()
	list, err := v.plans.ByUnit(v.t.Context(), v.who[login], 2026, 4)
	v.must(err)
	var sum care.UnitPlan
	for _, u := range list {
		sum.Owed, sum.Done, sum.Made, sum.Open, sum.Missed = sum.Owed+u.Owed, sum.Done+u.Done, sum.Made+u.Made, sum.Open+u.Open, sum.Missed+u.Missed
	}
	if sum != want {
		v.t.Errorf("%s sees %+v, want %+v", login, sum, want)
	}
}

// TestM14LimitAndJointVisits: the planner refuses the visit that would pass the limit
// and lets it join another; a joint visit counts once for the company and for each unit.
func TestM14LimitAndJointVisits(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	office := v.who["office"]
	v.must(v.plans.Set(ctx, office, care.Settings{Limit: 1, Visit: 60, Sheet: 5, Inspection: 120}))
	if err := v.plans.Set(ctx, office, care.Settings{Limit: 0, Visit: 60, Sheet: 5, Inspection: 120}); fault.FieldsOf(err)["limit"].Key != "plan.number" {
		t.Errorf("a limit of none: %v", err)
	}
	v.owe()
	_, err := v.plans.Quarter(ctx, office, 2026, 4) // November and December hold one each, the third joins
	v.must(err)
	months, joint := map[string]map[int64]bool{}, 0
	for _, r := range v.plan() {
		m := string(r.Planned[:7])
		if months[m] == nil {
			months[m] = map[int64]bool{}
		}
		key := r.Joint
		if key == 0 {
			key = -int64(r.ID)
		} else {
			joint++
		}
		months[m][key] = true
	}
	if len(months) != 2 || len(months["2026-11"]) != 1 || len(months["2026-12"]) != 1 || joint != 2 {
		t.Fatalf("occasions by month %v, %d visits of joint ones; want one a month and two together", months, joint)
	}
	alone, other := v.aloneAndOther()
	unit := v.unitOf(alone.Unit)
	day := "2026-11-25"
	if alone.Planned[:7] == "2026-11" {
		day = "2026-12-23"
	}
	if err := v.plans.Schedule(ctx, unit, alone.ID, day); fault.FieldsOf(err)["on"].Key != "plan.month-full" {
		t.Errorf("the visit that passes the limit: %v", err)
	}
	for bad, key := range map[string]string{"": "visit.date-missing", "2026-10-30": "plan.day-past", "2027-01-05": "plan.day-outside", "2026-11-21": "plan.day-off"} {
		if err := v.plans.Schedule(ctx, unit, alone.ID, bad); fault.FieldsOf(err)["on"].Key != key {
			t.Errorf("a visit on %q: %v, want %s", bad, err, key)
		}
	}
	if list, err := v.plans.Joinable(ctx, unit, alone.ID); err != nil || len(list) != 2 {
		t.Errorf("it may join %d, %v; want both of the joint visit", len(list), err)
	}
	if err := v.plans.Join(ctx, v.unitOf(other.Unit), alone.ID, other.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit joins for it: %v", err)
	}
	v.must(v.plans.Join(ctx, unit, alone.ID, other.ID))
	v.together(other.Planned)
}

// aloneAndOther are the visit that is alone and one of the joint visit.
func (v *village) aloneAndOther() (alone, other care.PlanRow) {
	for _, r := range v.plan() {
		if r.Joint == 0 {
			alone = r
		} else {
			other = r
		}
	}
	return alone, other
}

func (v *village) unitOf(u org.UnitID) org.Actor {
	for _, a := range v.who {
		if a.OfUnit(u) {
			return a
		}
	}
	v.t.Fatalf("nobody of unit %d", u)
	return org.Actor{}
}

// together: all three call on one day, once for the company, once for each unit.
func (v *village) together(on calendar.Date) {
	v.t.Helper()
	ctx, acme := v.t.Context(), v.who["acme"]
	loads, err := v.plans.Loads(ctx, v.who["office"], 2026, 4, 9)
	v.must(err)
	if len(loads) != 1 || loads[0].First+loads[0].Second+loads[0].Third != 1 {
		v.t.Errorf("the load of companies is %+v, want one occasion", loads)
	}
	v.day(on)
	var last feedback.VisitID
	for _, login := range []string{"d01", "d02", "d03"} {
		last, err = v.feedback.RecordVisit(ctx, v.who[login], feedback.VisitRecord{Company: acme.Company, On: string(on), Staff: "张某", Purpose: "联合走访"}, v.key())
		v.must(err)
		v.counts(login, care.UnitPlan{Owed: 1, Made: 1})
	}
	if b, err := v.plans.Burden(ctx, acme, acme.Company, 2026, 4); err != nil || b.Visits != 1 || b.Unstated != 1 || b.Minutes != 60 {
		v.t.Errorf("the company's burden %+v, %v; want one visit of the usual hour", b, err)
	}
	v.must(v.feedback.SetMinutes(ctx, acme, last, 25))
	if b, err := v.plans.Burden(ctx, acme, acme.Company, 2026, 4); err != nil || b.Minutes != 25 || b.Unstated != 0 {
		v.t.Errorf("with its own minutes %+v, %v; want 25", b, err)
	}
	if _, err := v.plans.Burden(ctx, v.who["rival"], acme.Company, 2026, 4); !errors.Is(err, fault.ErrNotFound) {
		v.t.Errorf("another company reads it: %v", err)
	}
}

// TestS38UnregisteredVisit: a company reports a visit nobody registered; its sheet goes
// to both offices, the unit sees nothing of it, it counts as no visit of the plan; when
// the unit registers the same visit, it is this one.
func TestS38UnregisteredVisit(t *testing.T) {
	v, ctx := newVillage(t), t.Context()
	acme, d1, office := v.who["acme"], v.who["d01"], v.who["office"]
	v.owe()
	_, err := v.plans.Quarter(ctx, office, 2026, 4)
	v.must(err)
	v.day("2026-11-12")
	report := feedback.VisitReport{Unit: d1.Unit, On: "2026-11-11", Purpose: "了解用工情况", Minutes: 40}
	if _, err := v.feedback.ReportVisit(ctx, d1, report, v.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit reports its own visit: %v", err)
	}
	for field, bad := range map[string]feedback.VisitReport{"unit": {On: "2026-11-11", Purpose: "了解"}, "on": {Unit: d1.Unit, On: "2026-11-13", Purpose: "了解"}, "minutes": {Unit: d1.Unit, On: "2026-11-11", Purpose: "了解", Minutes: 9999}} {
		if _, err := v.feedback.ReportVisit(ctx, acme, bad, v.key()); fault.FieldsOf(err)[field].Key == "" {
			t.Errorf("%+v: %v, want a problem of %s", bad, err, field)
		}
	}
	id, err := v.feedback.ReportVisit(ctx, acme, report, "key-of-the-report-1")
	v.must(err)
	if again, err := v.feedback.ReportVisit(ctx, acme, report, "key-of-the-report-1"); err != nil || again != id {
		t.Errorf("the same form again: %d, %v", again, err)
	}
	if _, err := v.feedback.ReportVisit(ctx, acme, report, v.key()); fault.FieldsOf(err)["on"].Key != "visit.on-record" {
		t.Errorf("the same visit again: %v", err)
	}
	no, err := v.feedback.FileSheet(ctx, acme, id, "", feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s"}, Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, v.key())
	v.must(err)
	if n := v.count(`SELECT count(*) FROM sheet_receipts r JOIN sheets s ON s.id = r.sheet_id WHERE s.no = $1`, no); n != 2 {
		t.Errorf("the sheet went to %d offices, want 2", n)
	}
	if _, err := v.feedback.Visit(ctx, d1, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the unit opens the visit: %v", err)
	}
	if _, n, err := v.feedback.Visits(ctx, d1, feedback.VisitFilter{Page: 1, Size: 9}); err != nil || n != 1 {
		t.Errorf("the unit lists %d visits, %v; want the planned one", n, err)
	}
	if _, n, err := v.plans.Calendar(ctx, d1, care.PlanFilter{Year: 2026, Quarter: 4, Page: 1, Size: 9}); err != nil || n != 1 {
		t.Errorf("the unit's calendar has %d, %v; want the planned one", n, err)
	}
	if f, err := v.feedback.SheetFacts(ctx, 2026); err != nil || f[d1.Unit].Due != 1 || f[d1.Unit].Returned != 0 {
		t.Errorf("the reported visit counts in the plan: %+v, %v", f[d1.Unit], err)
	}
	same, err := v.feedback.RecordVisit(ctx, d1, feedback.VisitRecord{Company: acme.Company, On: "2026-11-11", Staff: "张某", Purpose: "补登记"}, v.key())
	if err != nil || same != id {
		t.Errorf("the unit registers it: %d, %v; want visit %d", same, err, id)
	}
	if f, err := v.feedback.SheetFacts(ctx, 2026); err != nil || f[d1.Unit].Due != 1 || f[d1.Unit].Returned != 1 {
		t.Errorf("registered: %+v, %v; want one owed, one completed", f[d1.Unit], err)
	}
}
