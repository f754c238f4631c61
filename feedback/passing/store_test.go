package passing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback/passing"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// county is a small one with three units and issues whose events the tests write
// themselves: histories are what is tested here, not how they come about.
type county struct {
	t           *testing.T
	db          *sqlx.DB
	now         time.Time
	passing     *passing.Store
	company     org.Actor
	a, b, c     org.Actor // heads of three units
	office      org.Actor
	watch       org.Actor // supervision
	chair       org.Actor
	member      org.Actor
	n           int
	calendarVer int64
}

func (k *county) at(s string) {
	k.t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	k.must(err)
	k.now = v.UTC()
}

func (k *county) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func newCounty(t *testing.T) *county {
	t.Helper()
	k := &county{t: t}
	k.at("2026-03-02 10:00") // a Monday
	var owner *sqlx.DB
	k.db, owner = pgtest.OpenBoth(t)
	_ = owner
	now := func() time.Time { return k.now }
	cal := calendar.NewStore(k.db, now)
	ctx := t.Context()
	k.must(cal.Ship(ctx))
	current, err := cal.Current(ctx)
	k.must(err)
	k.calendarVer = current.ID
	orgs := org.NewStore(k.db, now, []byte("secret"), org.Quick)
	op := org.Actor{Role: org.RoleOperator}
	account := func(login string, a org.Account, post org.Post) org.Actor {
		t.Helper()
		a.Login, a.Name = login, login
		id, _, err := orgs.CreateAccount(ctx, op, a)
		k.must(err)
		if post != "" {
			k.must(orgs.Appoint(ctx, op, a.Body, id, post))
		}
		actor, err := orgs.ActorOf(ctx, login)
		k.must(err)
		return actor
	}
	unit := func(code string) org.UnitID {
		id, err := orgs.SaveUnit(ctx, op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		k.must(err)
		return id
	}
	first := "91231121MA190000A"
	company, err := orgs.SaveCompany(ctx, op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: "金丝雀公司"}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
	k.must(err)
	bodies, err := orgs.Bodies(ctx)
	k.must(err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	k.company = account("company", org.Account{Role: org.RoleCompany, Company: company}, "")
	k.a = account("head-a", org.Account{Role: org.RoleHead, Unit: unit("D01")}, "")
	k.b = account("head-b", org.Account{Role: org.RoleHead, Unit: unit("D02")}, "")
	k.c = account("head-c", org.Account{Role: org.RoleHead, Unit: unit("D03")}, "")
	k.office = account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	k.watch = account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]}, "")
	k.chair = account("chair", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostChair)
	k.member = account("member", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	k.passing = passing.NewStore(k.db, now, cal)
	return k
}

// issue writes a registered issue with the unit in charge and returns its id.
func (k *county) issue(lead org.UnitID, category int) int64 {
	k.t.Helper()
	k.n++
	var id int64
	k.must(k.db.Get(&id, `INSERT INTO issues (ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, register_due, grade, lead_unit_id, deadline, deadline_on, calendar_version, idem)
		VALUES ($1, $2, $3, '厂区道路积水', '厂区外道路积水，多次反映没有单位来修。', 'offices', 'zh-CN', $4, $5, 'registered', $5, 'B', $6, $5, '2026-04-01', $7, $1) RETURNING id`,
		fmt.Sprintf("NJ-2026-%04d", k.n), k.company.Company, category, k.company.Account, k.now, lead, k.calendarVer))
	k.event(id, "raise", 0, 0, "")
	k.event(id, "register", lead, 0, "")
	return id
}

func (k *county) event(issue int64, kind string, unit, to org.UnitID, clause string) int64 {
	k.t.Helper()
	k.n++
	var id int64
	k.must(k.db.Get(&id, `INSERT INTO issue_events (issue_id, at, role, unit_id, kind, body, data, idem)
		VALUES ($1, $2, 'officer', nullif($3, 0), $4, '不属于本单位职责', CASE WHEN $5::bigint = 0 THEN '{}'::jsonb ELSE jsonb_build_object('to', $5::bigint, 'clause', $6::text) END, $7) RETURNING id`,
		issue, k.now, unit, kind, to, clause, fmt.Sprintf("event-%d", k.n)))
	return id
}

// loop is an issue that went A → B → A.
func (k *county) loop(category int) int64 {
	id := k.issue(k.a.Unit, category)
	k.event(id, "propose", k.a.Unit, k.b.Unit, "《职责清单》第三条")
	k.event(id, "propose", k.b.Unit, k.a.Unit, "")
	return id
}

func (k *county) suspect(want int) {
	k.t.Helper()
	n, err := k.passing.Suspect(k.t.Context())
	k.must(err)
	if n != want {
		k.t.Fatalf("%d cases opened, want %d", n, want)
	}
}

const text = "经核查，首接单位职责清楚而再次退回，已超过规定时限。"

// TestS31BuckPassing walks a case from the suspicion to the investor.
func TestS31BuckPassing(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.issue(k.c.Unit, 2) // handed to nobody
	k.loop(2)
	k.suspect(1)
	k.suspect(0)
	ref := "TW-2026-001"
	c, err := k.passing.Case(ctx, k.watch, ref)
	k.must(err)
	if c.ReplyDueOn != "2026-03-05" || len(c.Units) != 2 || c.State != passing.Suspected {
		t.Fatalf("the case: %+v", c)
	}
	k.nobody(ref)
	upheld := passing.FindingDraft{Finding: "upheld", Unit: k.b.Unit, Text: text}
	if err := k.passing.Find(ctx, k.watch, ref, upheld); !errors.Is(err, passing.ErrTooEarly) {
		t.Errorf("a finding at once: %v", err)
	}
	k.must(k.passing.Reply(ctx, k.a, ref, text))
	if err := k.passing.Find(ctx, k.watch, ref, upheld); !errors.Is(err, passing.ErrTooEarly) {
		t.Errorf("a finding after one of two replies: %v", err)
	}
	if c, err = k.passing.Case(ctx, k.b, ref); err != nil || c.Unit(k.a.Unit).Reply != "" {
		t.Errorf("a unit reads another's reply before it replied: %v", err)
	}
	k.at("2026-03-05 23:59") // the last day is not over
	if err := k.passing.Find(ctx, k.watch, ref, upheld); !errors.Is(err, passing.ErrTooEarly) {
		t.Errorf("a finding on the last day of the period: %v", err)
	}
	if k.deductions() != "" {
		t.Error("a suspicion changed a score")
	}
	k.at("2026-03-06 00:00")
	if err := k.passing.Reply(ctx, k.b, ref, text); !errors.Is(err, passing.ErrTooLate) {
		t.Errorf("a reply after the period: %v", err)
	}
	if err := k.passing.Find(ctx, k.watch, ref, passing.FindingDraft{Finding: "upheld", Unit: k.c.Unit, Text: text}); fault.FieldsOf(err) == nil {
		t.Errorf("a finding against a unit that is not in the case: %v", err)
	}
	for _, a := range []org.Actor{k.office, k.chair, k.a, k.company} {
		if err := k.passing.Find(ctx, a, ref, upheld); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s makes a finding: %v", a.Name, err)
		}
	}
	k.must(k.passing.Find(ctx, k.watch, ref, upheld))
	k.must(k.passing.Find(ctx, k.watch, ref, upheld)) // the same post again
	if got := k.deductions(); got != "D02 D2 TW-2026-001" {
		t.Errorf("deductions: %q", got)
	}
	k.sanction(ref)
}

// sanction goes on from an upheld finding.
func (k *county) sanction(ref string) {
	k.t.Helper()
	ctx, t := k.t.Context(), k.t
	d := passing.SanctionDraft{Type: "talk", Text: text}
	if err := k.passing.Tell(ctx, k.watch, ref, text); !errors.Is(err, passing.ErrCaseState) {
		t.Errorf("told before the leading group decided: %v", err)
	}
	for _, a := range []org.Actor{k.member, k.watch, k.office} {
		if err := k.passing.Decide(ctx, a, ref, d); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s decides on a sanction: %v", a.Name, err)
		}
	}
	k.must(k.passing.Decide(ctx, k.chair, ref, d))
	c, err := k.passing.Case(ctx, k.chair, ref)
	k.must(err)
	if c.TellDueOn != "2026-03-10" { // Friday 6 March and two working days
		t.Errorf("the investor is to be told by %s", c.TellDueOn)
	}
	k.must(k.passing.Tell(ctx, k.watch, ref, text))
	var told, notices int
	k.must(k.db.Get(&told, `SELECT count(*) FROM issue_events WHERE kind = 'message' AND data->>'passing' = $1`, ref))
	k.must(k.db.Get(&notices, `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id WHERE m.kind = 'passing-told' AND n.account_id = $1`, k.company.Account))
	if told != 1 || notices != 1 {
		t.Errorf("told in the timeline %d times, notified %d times", told, notices)
	}
	counts, err := k.passing.Counts(ctx)
	k.must(err)
	if len(counts) != 1 || counts[0].Upheld != 1 || counts[0].Told != 1 {
		t.Errorf("published: %+v", counts)
	}
}

// nobody: who has no part in a case does not find it.
func (k *county) nobody(ref string) {
	k.t.Helper()
	for _, a := range []org.Actor{k.c, k.company, k.chair, org.Public} {
		if _, err := k.passing.Case(k.t.Context(), a, ref); !errors.Is(err, fault.ErrNotFound) {
			k.t.Errorf("%s %s finds a suspected case: %v", a.Role, a.Name, err)
		}
	}
}

// deductions are the year's entries in words.
func (k *county) deductions() string {
	var out []string
	k.must(k.db.Select(&out, `SELECT u.code || ' ' || x.rule || ' ' || x.finding FROM adjustments x JOIN units u ON u.id = x.unit_id ORDER BY x.id`))
	return strings.Join(out, ", ")
}

// Every claim of a case's page rests on events of the issue, and a citation is held
// against the catalogue.
func TestEvidence(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.must(k.passing.AddDuty(ctx, k.office, passing.DutyDraft{Unit: k.b.Unit, Category: 2, Clause: "职责清单 第三条", Text: "城区道路排水设施养护"}, "duty-key-00000001"))
	issue := k.loop(2)
	k.at("2026-03-06 10:00")
	k.event(issue, "arbitrate", k.a.Unit, 0, "")
	refused := k.event(issue, "refuse_named", k.a.Unit, 0, "")
	k.suspect(2)
	c, err := k.passing.Case(ctx, k.watch, "TW-2026-001")
	k.must(err)
	h, x, claims, err := k.passing.Evidence(ctx, c)
	k.must(err)
	events := map[int64]bool{}
	for _, s := range h.Steps {
		events[s.Event] = true
	}
	kinds := map[string]int{}
	for _, cl := range claims {
		kinds[cl.Kind]++
		for _, e := range cl.Events {
			if !events[e] {
				t.Errorf("the claim %s rests on event %d, which the page does not show", cl.Kind, e)
			}
		}
	}
	if x.Value() != 3 || x.IdleDays != 4 || fmt.Sprint(kinds) != "map[clause:1 handed:1 idle:1 index:1 no-clause:1 returned:1]" {
		t.Errorf("index %d, %d days idle, claims %v", x.Value(), x.IdleDays, kinds)
	}
	second, err := k.passing.Case(ctx, k.a, "TW-2026-002")
	k.must(err)
	if second.Kind != passing.KindRefusal || second.Anchor != refused || second.Kind.Rule() != "D3" {
		t.Errorf("the refusal of the arbitrated unit: %+v", second)
	}
	if _, _, claims, err = k.passing.Evidence(ctx, second); err != nil || len(claims) != 1 || len(claims[0].Events) != 2 {
		t.Errorf("the evidence of a refusal: %v %v", claims, err)
	}
}

// A gap in duties is nobody's guilt: no deduction, a question to the catalogue's desk.
func TestGap(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.loop(4)
	k.suspect(1)
	k.at("2026-03-09 10:00")
	k.must(k.passing.Find(ctx, k.watch, "TW-2026-001", passing.FindingDraft{Finding: "gap", Unit: k.a.Unit, Text: text}))
	if d := k.deductions(); d != "" {
		t.Errorf("a gap in duties costs %s", d)
	}
	gaps, err := k.passing.Gaps(ctx, k.office)
	k.must(err)
	if len(gaps) != 1 || gaps[0].Category != 4 || gaps[0].Case != "TW-2026-001" {
		t.Fatalf("gaps: %+v", gaps)
	}
	k.must(k.passing.FindGaps(ctx))
	k.loop(4)
	k.at("2026-03-10 10:00")
	k.must(k.passing.FindGaps(ctx)) // two issues are too few
	if gaps, _ = k.passing.Gaps(ctx, k.office); len(gaps[0].Issues) != 1 {
		t.Errorf("after two issues: %v", gaps[0].Issues)
	}
	k.loop(4)
	k.at("2026-03-11 10:00")
	k.must(k.passing.FindGaps(ctx))
	if gaps, _ = k.passing.Gaps(ctx, k.office); len(gaps) != 1 || len(gaps[0].Issues) != 3 {
		t.Fatalf("after three issues: %+v", gaps)
	}
	d := passing.DutyDraft{Unit: k.c.Unit, Category: 4, Clause: "县编办〔2026〕7号第二条", Text: "由财政局牵头", Gap: gaps[0].ID}
	if err := k.passing.AddDuty(ctx, k.office, d, "duty-key-00000002"); !errors.Is(err, passing.ErrCaseState) {
		t.Errorf("a gap settled by a unit outside the pair: %v", err)
	}
	d.Unit = k.b.Unit
	k.must(k.passing.AddDuty(ctx, k.office, d, "duty-key-00000003"))
	k.at("2026-03-12 10:00")
	k.must(k.passing.FindGaps(ctx))
	if gaps, _ = k.passing.Gaps(ctx, k.office); len(gaps) != 1 || gaps[0].State != "adopted" {
		t.Errorf("a settled gap: %+v", gaps)
	}
}

// D4: an obstacle is upheld only after the unit could speak.
func TestS24Obstacle(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	id := k.issue(k.c.Unit, 16)
	var issue string
	k.must(k.db.Get(&issue, `SELECT ref FROM issues WHERE id = $1`, id))
	if _, err := k.passing.OpenObstacle(ctx, k.office, issue, k.a.Unit, text); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("an office opens a case: %v", err)
	}
	ref, err := k.passing.OpenObstacle(ctx, k.watch, issue, k.a.Unit, text)
	k.must(err)
	again, err := k.passing.OpenObstacle(ctx, k.watch, issue, k.a.Unit, text)
	k.must(err)
	if ref != again {
		t.Errorf("one issue has the cases %s and %s", ref, again)
	}
	k.must(k.passing.Reply(ctx, k.a, ref, text))
	if err := k.passing.Find(ctx, k.watch, ref, passing.FindingDraft{Finding: "gap", Text: text}); fault.FieldsOf(err) == nil {
		t.Errorf("an obstacle is found to be a gap: %v", err)
	}
	k.must(k.passing.Find(ctx, k.watch, ref, passing.FindingDraft{Finding: "upheld", Unit: k.a.Unit, Text: text}))
	if d := k.deductions(); d != "D01 D4 "+ref {
		t.Errorf("deductions: %s", d)
	}
}

// Two people of the supervision office decide at the same moment: one wins.
func TestTwoFindingsAtOnce(t *testing.T) {
	k := newCounty(t)
	k.loop(2)
	k.suspect(1)
	k.at("2026-03-09 10:00")
	done := make(chan error, 2)
	for _, d := range []passing.FindingDraft{{Finding: "upheld", Unit: k.a.Unit, Text: text}, {Finding: "not", Text: text + "二"}} {
		go func() { done <- k.passing.Find(context.Background(), k.watch, "TW-2026-001", d) }()
	}
	first, second := <-done, <-done
	if (first == nil) == (second == nil) || (!errors.Is(first, passing.ErrCaseState) && !errors.Is(second, passing.ErrCaseState)) {
		t.Errorf("two findings at once: %v, %v", first, second)
	}
}

// Many similar issues become one item with an owner, a date and a trend.
func TestStructuralItem(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	var refs []string
	for range 3 {
		id := k.issue(k.a.Unit, 8)
		var ref string
		k.must(k.db.Get(&ref, `SELECT ref FROM issues WHERE id = $1`, id))
		refs = append(refs, ref)
	}
	d := passing.ItemDraft{Title: "园区道路积水", Category: 8, Unit: k.a.Unit, Goal: "雨季前完成改造，同类问题归零", Due: "2026-06-30", Refs: refs[:2]}
	if _, err := k.passing.OpenItem(ctx, k.a, d, "item-key-00000001"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit opens an item: %v", err)
	}
	ref, err := k.passing.OpenItem(ctx, k.office, d, "item-key-00000001")
	k.must(err)
	again, err := k.passing.OpenItem(ctx, k.office, d, "item-key-00000001")
	k.must(err)
	if ref != again {
		t.Errorf("the same form twice: %s, %s", ref, again)
	}
	if _, _, _, err := k.passing.Item(ctx, k.b, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit reads the item: %v", err)
	}
	k.must(k.passing.LinkMore(ctx, k.office, ref, refs))
	if err := k.passing.Step(ctx, k.office, ref, "close", "已经解决。", "step-key-00000001"); !errors.Is(err, passing.ErrCaseState) {
		t.Errorf("closed before the owner reported: %v", err)
	}
	for i, st := range []struct {
		by   org.Actor
		kind string
	}{{k.a, "measure"}, {k.a, "report"}, {k.watch, "return"}, {k.a, "report"}, {k.watch, "close"}} {
		k.must(k.passing.Step(ctx, st.by, ref, st.kind, "改造排水管网。", fmt.Sprintf("step-key-1%07d", i)))
	}
	b, steps, linked, err := k.passing.Item(ctx, k.chair, ref)
	k.must(err)
	if b.State != "closed" || len(steps) != 5 || len(linked) != 3 || b.Issues != 3 {
		t.Errorf("at the end: %+v, %d steps, %d issues", b, len(steps), len(linked))
	}
	trend, err := k.passing.Trend(ctx, b.ID)
	k.must(err)
	if len(trend) != 12 || trend[11] != (passing.Month{Month: "2026-03", Issues: 3}) || trend[0].Issues != 0 {
		t.Errorf("trend: %+v", trend)
	}
}

// A finding made on an issue's own page costs once, whichever way it is made.
func TestFindingOnIssue(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	id := k.issue(k.c.Unit, 16)
	_, err := k.db.Exec(`INSERT INTO issue_events (issue_id, at, actor, role, unit_id, kind, body, data, idem) VALUES
		($1, $2, $3, 'supervision', $4, 'find', '设置障碍属实。', '{"about": "obstacle", "outcome": "upheld"}', 'find-1'),
		($1, $2, $3, 'supervision', $4, 'find', '不属实。', '{"about": "reopened", "outcome": "not"}', 'find-2')`, id, k.now, k.watch.Account, k.c.Unit)
	k.must(err)
	k.suspect(0)
	k.suspect(0)
	if d := k.deductions(); !strings.HasPrefix(d, "D03 D4 NJ-2026-") || strings.Contains(d, ",") {
		t.Errorf("deductions: %s", d)
	}
	var issue string
	k.must(k.db.Get(&issue, `SELECT ref FROM issues WHERE id = $1`, id))
	ref, err := k.passing.OpenObstacle(ctx, k.watch, issue, k.c.Unit, text)
	k.must(err)
	k.must(k.passing.Reply(ctx, k.c, ref, text))
	k.must(k.passing.Find(ctx, k.watch, ref, passing.FindingDraft{Finding: "upheld", Unit: k.c.Unit, Text: text}))
	if d := k.deductions(); strings.Contains(d, ",") {
		t.Errorf("the same obstacle costs twice: %s", d)
	}
}
