package meeting_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/ledger"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// world is a small county under a clock of its own.
type world struct {
	*meeting.Store
	t        *testing.T
	db       *sqlx.DB
	now      time.Time
	n        int
	orgs     *org.Store
	fb       *feedback.Store
	projects *ledger.Projects
	actors   map[string]org.Actor
	project  ledger.ProjectID
}

func (w *world) at(s string) {
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	w.must("clock", err)
	w.now = v.UTC()
}

func (w *world) must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

func (w *world) key() string { w.n++; return fmt.Sprintf("key-of-a-form-%06d", w.n) }

var operator = org.Actor{Role: org.RoleOperator}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: pgtest.Open(t), actors: map[string]org.Actor{}}
	w.at("2026-10-12 09:00")
	now := func() time.Time { return w.now }
	cal := calendar.NewStore(w.db, now)
	w.must("calendar", cal.Ship(t.Context()))
	w.orgs = org.NewStore(w.db, now, []byte("secret"), org.Quick)
	var err error
	w.fb, err = feedback.NewStore(w.db, now, cal, evaluation.NJDefault().SheetWeights(), []byte("secret"))
	w.must("feedback", err)
	w.projects = ledger.NewProjects(w.db, now)
	w.Store = meeting.NewStore(w.db, now, cal, w.fb, evaluation.NewStore(w.db, now, nil, w.fb, cal, ledger.NewStore(w.db, now)), passing.NewStore(w.db, now, cal))
	bodies, err := w.orgs.Bodies(t.Context())
	w.must("bodies", err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	for i, n := range []string{"1", "2", "3"} {
		first := "91231121MA190000" + n
		c, err := w.orgs.SaveCompany(t.Context(), operator, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: "公司" + n}, Origin: "russia", Sector: "food", RaterGroup: "G1"})
		w.must("company", err)
		u, err := w.orgs.SaveUnit(t.Context(), operator, org.Unit{Code: "D0" + n, Class: 1, Names: org.Names{ZH: "局" + n, EN: n, RU: n}})
		w.must("unit", err)
		w.account(fmt.Sprintf("firm%d", i+1), org.Account{Role: org.RoleCompany, Company: c}, "")
		w.account("unit"+n, org.Account{Role: org.RoleHead, Unit: u}, "")
	}
	w.account("office", org.Account{Role: org.RoleReceiver, Body: body[org.BodyPartyOffice]}, "")
	w.account("admin", org.Account{Role: org.RoleCampaignAdmin, Body: body[org.BodyGovernmentOffice]}, "")
	w.account("chair", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostChair)
	w.account("deputy", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostDeputy)
	w.account("member", org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, org.PostMember)
	w.project, err = w.projects.Enter(t.Context(), w.actors["admin"], ledger.ProjectDraft{No: "XM-1", ZH: "开发项目", EN: "Project", RU: "Проект", Investor: "某公司", Area: "county", Class: "industry", State: "building",
		Key: true, LeadingOrg: "领导小组", Person: "甲", Post: "局长"}, w.key())
	w.must("project", err)
	return w
}

func (w *world) account(login string, a org.Account, post org.Post) {
	w.t.Helper()
	a.Login, a.Name = login, login
	id, _, err := w.orgs.CreateAccount(w.t.Context(), operator, a)
	w.must("account", err)
	if post != "" {
		w.must("appoint", w.orgs.Appoint(w.t.Context(), operator, a.Body, id, post))
	}
	w.actors[login], err = w.orgs.ActorOf(w.t.Context(), login)
	w.must("actor", err)
}

func (w *world) call(d meeting.Draft) meeting.ID {
	w.t.Helper()
	if d.Convener == 0 {
		d.Convener = w.actors["deputy"].Account
	}
	d.Place = "会议室"
	id, err := w.Call(w.t.Context(), w.actors["office"], d, w.key())
	w.must("call", err)
	return id
}

func (w *world) told(kind, login string) bool {
	w.t.Helper()
	var n int
	w.must("read notices", w.db.Get(&n, `SELECT count(*) FROM notices x JOIN messages m ON m.id = x.message_id WHERE m.kind = $1 AND x.account_id = $2 AND NOT x.settled`, kind, w.actors[login].Account))
	return n > 0
}

// TestS05DecisionNeedsUnitAndDate goes through a coordination meeting: a decision
// without its unit or date keeps the minutes back; each issued one is followed up.
func TestS05DecisionNeedsUnitAndDate(t *testing.T) {
	w := newWorld(t)
	ctx, office, lead := t.Context(), w.actors["office"], w.actors["unit1"]
	id := w.call(meeting.Draft{Kind: meeting.Coordination, Title: "项目协调会", Project: w.project, On: "2026-10-12", Units: []org.UnitID{lead.Unit}})
	if !w.told("meeting-called", "deputy") || !w.told("meeting-called", "unit1") || w.told("meeting-called", "unit2") {
		t.Error("called: the convener and the unit hear of it, nobody else")
	}
	if err := w.IssueMinutes(ctx, office, id, "会议议定以下事项，请抓紧落实。"); !errors.Is(err, meeting.ErrState) {
		t.Errorf("minutes of a meeting that was not held: %v", err)
	}
	w.must("item", w.AddItem(ctx, office, id, meeting.ItemDraft{Kind: "topic", Body: "进厂道路限行"}, w.key()))
	w.must("hold", w.Hold(ctx, office, id, "2026-10-12"))
	items, err := w.Items(ctx, office, id)
	w.must("items", err)
	w.must("decide", w.Decide(ctx, office, id, meeting.DecisionDraft{Text: "加固桥梁并给出绕行方案", Item: items[0].ID, Lead: lead.Unit, Cooperating: []org.UnitID{w.actors["unit2"].Unit}, Due: "2026-10-30"}, w.key()))
	w.must("decide", w.Decide(ctx, office, id, meeting.DecisionDraft{Text: "研究限行期间的补偿"}, w.key()))
	err = w.IssueMinutes(ctx, office, id, "会议议定以下事项，请抓紧落实。")
	if fault.FieldsOf(err)["decisions"].Key != "meeting.decisions-incomplete" {
		t.Fatalf("minutes with an incomplete decision: %v", err)
	}
	if _, err := w.db.Exec(`UPDATE decisions SET state = 'issued', no = 'x', deadline = now() WHERE lead_unit_id IS NULL`); err == nil {
		t.Error("the database issues a decision without a unit")
	}
	all, err := w.Decisions(ctx, office, id)
	w.must("decisions", err)
	w.must("drop", w.Drop(ctx, office, id, all[1].ID))
	w.must("minutes", w.IssueMinutes(ctx, office, id, "会议议定以下事项，请抓紧落实。"))
	if !w.told("meeting-decided", "unit1") || !w.told("meeting-decided", "unit2") || w.told("meeting-decided", "unit3") {
		t.Error("decided: lead and co-operating unit hear of it, nobody else")
	}
	w.followUp(id, all[0].ID)
}

// followUp: overdue, reported, sent back, reported again, accepted; then closed.
func (w *world) followUp(id meeting.ID, decision int64) {
	t, ctx := w.t, w.t.Context()
	lead, deputy, stranger := w.actors["unit1"], w.actors["deputy"], w.actors["unit3"]
	w.at("2026-10-31 00:00")
	if late, n, err := w.FollowUp(ctx, lead, "overdue", 1, 10); err != nil || n != 1 || !late[0].Overdue(w.now) || late[0].No != "JD-2026-001" {
		t.Fatalf("overdue decisions: %d %+v (%v)", n, late, err)
	}
	if _, _, err := w.Decision(ctx, stranger, decision); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit that has no part in it reads the decision: %v", err)
	}
	if err := w.ReportDone(ctx, w.actors["unit2"], decision, "桥梁已经加固完毕，限行已解除。", w.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("the co-operating unit reports: %v", err)
	}
	w.must("report", w.ReportDone(ctx, lead, decision, "桥梁已经加固完毕，限行已解除。", w.key()))
	if w.told("meeting-overdue", "unit1") || !w.told("meeting-reported", "deputy") {
		t.Error("reported: reminders stop, the convener hears of it")
	}
	if err := w.Accept(ctx, w.actors["member"], decision, w.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a member who did not convene accepts: %v", err)
	}
	again := w.key()
	w.must("send back", w.SendBack(ctx, deputy, decision, "没有附检测报告", again))
	w.must("the same form again", w.SendBack(ctx, deputy, decision, "没有附检测报告", again))
	w.must("report", w.ReportDone(ctx, lead, decision, "检测报告已附上，请予验收。", w.key()))
	w.must("dismiss", w.orgs.Dismiss(ctx, operator, deputy.Body, deputy.Account))
	former, err := w.orgs.ActorOf(ctx, "deputy")
	w.must("actor", err)
	if err := w.Accept(ctx, former, decision, w.key()); err == nil {
		t.Error("who left the group accepts")
	}
	w.must("accept", w.Accept(ctx, w.actors["chair"], decision, w.key()))
	m, err := w.Get(ctx, w.actors["office"], id)
	if err != nil || m.State != meeting.Followed || m.Accepted != 1 || m.ConvenerName != "deputy" {
		t.Errorf("meeting %+v (%v), want followed up, and the convener still named", m, err)
	}
	w.must("close", w.Close(ctx, w.actors["office"], id))
	_, events, err := w.Decision(ctx, lead, decision)
	w.must("decision", err)
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, " "); got != "issue report return report accept" {
		t.Errorf("steps %q", got)
	}
}

// TestS27EveryProblemGetsANumberOrAReason: the problem of a company becomes an issue of
// that company, or is answered in writing; before that no minutes go out.
func TestS27EveryProblemGetsANumberOrAReason(t *testing.T) {
	w := newWorld(t)
	ctx, office, firm := t.Context(), w.actors["office"], w.actors["firm1"]
	id := w.call(meeting.Draft{Kind: meeting.Dialogue, Title: "企业恳谈会", On: "2026-10-12"})
	w.must("invite", w.Invite(ctx, office, id, []org.CompanyID{firm.Company, w.actors["firm2"].Company}))
	if !w.told("meeting-invited", "firm1") || w.told("meeting-invited", "firm3") {
		t.Error("invited: the companies chosen hear of it, nobody else")
	}
	w.must("answer", w.Answer(ctx, firm, id, "yes", "经理"))
	if err := w.Answer(ctx, w.actors["firm3"], id, "yes", ""); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company that was not invited answers: %v", err)
	}
	for _, d := range []meeting.ItemDraft{{Kind: "problem", Company: firm.Company, Body: "厂外道路除雪不及时"}, {Kind: "problem", Company: w.actors["firm2"].Company, Body: "与承包商的合同纠纷"},
		{Kind: "suggestion", Company: firm.Company, Body: "提前发议题"}} {
		w.must("item", w.AddItem(ctx, office, id, d, w.key()))
	}
	w.must("hold", w.Hold(ctx, office, id, "2026-10-12"))
	if err := w.Answer(ctx, firm, id, "no", ""); !errors.Is(err, meeting.ErrState) {
		t.Errorf("answered after the meeting: %v", err)
	}
	items, err := w.Items(ctx, office, id)
	w.must("items", err)
	draft := feedback.IssueDraft{Category: 9, Title: "厂外道路除雪", Body: "厂外道路除雪不及时，货车进不了厂，请列入除雪计划。", NameShown: "unit", Lang: "zh-CN"}
	ref, err := w.RaiseIssue(ctx, office, id, items[0].ID, draft)
	w.must("raise", err)
	if again, err := w.RaiseIssue(ctx, office, id, items[0].ID, draft); err != nil || again != ref {
		t.Errorf("raised twice: %s and %s (%v)", ref, again, err)
	}
	if i, err := w.fb.Issue(ctx, firm, ref); err != nil || i.Company != firm.Company || i.State != feedback.Raised {
		t.Errorf("the company's issue: %+v (%v)", i, err)
	}
	if _, err := w.fb.Issue(ctx, w.actors["firm2"], ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another company reads it: %v", err)
	}
	var data string
	w.must("event", w.db.Get(&data, `SELECT data->>'channel' || ' ' || e.body || ' ' || a.login FROM issue_events e JOIN issues i ON i.id = e.issue_id JOIN accounts a ON a.id = e.actor WHERE i.ref = $1`, ref))
	if data != "meeting 企业恳谈会 office" || !w.told("meeting-recorded", "firm1") {
		t.Errorf("the event says %q; the company is told: %t", data, w.told("meeting-recorded", "firm1"))
	}
	if err := w.IssueMinutes(ctx, office, id, "会议听取了企业的意见。"+strings.Repeat("好", 10)); fault.FieldsOf(err)["items"].Key != "meeting.problems-unsettled" {
		t.Fatalf("minutes while a problem has neither number nor reason: %v", err)
	}
	w.must("reply", w.Reply(ctx, office, id, items[1].ID, "属于民事纠纷，建议依法诉讼，商会可协助。"))
	w.must("minutes", w.IssueMinutes(ctx, office, id, "会议听取了企业的意见，逐项作了处理。"))
	if err := w.Close(ctx, office, id); fault.Of(err) == nil || fault.Of(err).Text.Key != "meeting.replies-missing" {
		t.Errorf("closed without a reply to a suggestion: %v", err)
	}
	w.must("reply", w.Reply(ctx, office, id, items[2].ID, "采纳，今后提前七天。"))
	w.must("close", w.Close(ctx, office, id))
	said, err := w.Said(ctx, firm)
	if err != nil || len(said) != 2 || said[0].Reply == "" || said[1].IssueRef != ref {
		t.Errorf("what the company reads: %+v (%v)", said, err)
	}
}

// TestS28NobodyIsForgotten: who was never invited comes first; after twelve months a
// company is in the report again.
func TestS28NobodyIsForgotten(t *testing.T) {
	w := newWorld(t)
	ctx, office := t.Context(), w.actors["office"]
	forgotten := func() string {
		rows, n, err := w.Rotation(ctx, office, true, 1, 50)
		w.must("rotation", err)
		var names []string
		for _, r := range rows {
			names = append(names, r.ZH)
		}
		if n != len(rows) {
			t.Errorf("%d rows, %d said", len(rows), n)
		}
		return strings.Join(names, " ")
	}
	if got := forgotten(); got != "公司1 公司2 公司3" {
		t.Errorf("before any meeting: %q", got)
	}
	id := w.call(meeting.Draft{Kind: meeting.Dialogue, Title: "企业恳谈会", On: "2026-10-20"})
	w.must("invite", w.Invite(ctx, office, id, []org.CompanyID{w.actors["firm2"].Company}))
	if got := forgotten(); got != "公司1 公司3" {
		t.Errorf("after an invitation: %q", got)
	}
	next, _, err := w.Rotation(ctx, office, false, 1, 50)
	if err != nil || len(next) != 3 || next[2].ZH != "公司2" || next[2].Last != "2026-10-12" {
		t.Errorf("suggested next: %+v (%v)", next, err)
	}
	w.at("2027-10-12 08:59")
	if got := forgotten(); got != "公司1 公司3" {
		t.Errorf("a minute before twelve months are over: %q", got)
	}
	w.at("2027-10-12 09:01")
	if got := forgotten(); got != "公司1 公司3 公司2" {
		t.Errorf("a minute after twelve months: %q", got)
	}
}

// TestS06PackKeepsItsNumbers: whatever happens afterwards, a pack says what it said.
func TestS06PackKeepsItsNumbers(t *testing.T) {
	w := newWorld(t)
	ctx, office := t.Context(), w.actors["office"]
	raise := func() {
		_, err := w.fb.Raise(ctx, w.actors["firm1"], feedback.IssueDraft{Category: 2, Title: "许可迟迟不批", Body: "材料三次补正，窗口每次说法不一样，厂房不能开工。", NameShown: "unit", Lang: "zh-CN"}, w.key())
		w.must("raise", err)
	}
	w.at("2026-09-29 09:00")
	raise()
	w.at("2026-10-12 09:00")
	raise() // of the next quarter
	id := w.call(meeting.Draft{Kind: meeting.Quarterly, Title: "第三季度分析会", Year: 2026, Quarter: 3, On: "2026-10-15"})
	if _, err := w.Call(ctx, office, meeting.Draft{Kind: meeting.Quarterly, Title: "又一次分析会", Year: 2026, Quarter: 3, On: "2026-10-16", Place: "会议室", Convener: w.actors["chair"].Account}, w.key()); fault.FieldsOf(err)["quarter"].Key == "" {
		t.Errorf("two meetings of one quarter: %v", err)
	}
	steps := 0
	tell := func(string, int, int) { steps++ }
	first, err := w.MakePack(ctx, office, id, []string{"issues", "cover"}, w.key(), tell)
	w.must("pack", err)
	before, err := w.Pack(ctx, office, id, first)
	w.must("read", err)
	if len(before.Facts.Feedback.Categories) != 1 || before.Facts.Feedback.Categories[0].Issues != 1 || before.Sections[0] != "issues" || steps < 4 {
		t.Errorf("pack of the third quarter: %+v after %d steps", before.Facts.Feedback.Categories, steps)
	}
	w.at("2026-09-30 09:00")
	raise() // entered late, dated back
	w.at("2026-10-13 09:00")
	after, err := w.Pack(ctx, office, id, first)
	w.must("read again", err)
	a, _ := before.Facts.Encode()
	b, _ := after.Facts.Encode()
	if string(a) != string(b) {
		t.Error("the pack changed after it was made")
	}
	second, err := w.MakePack(ctx, office, id, meeting.Sections, w.key(), tell)
	w.must("second pack", err)
	if p, err := w.Pack(ctx, office, id, second); err != nil || p.No != 2 || p.Facts.Feedback.Categories[0].Issues != 2 {
		t.Errorf("the second pack: %+v (%v)", p.Facts.Feedback.Categories, err)
	}
	_, err = w.db.Exec(`UPDATE meeting_packs SET facts = convert_to(replace(convert_from(facts, 'UTF8'), '"issues":1', '"issues":7'), 'UTF8') WHERE id = $1`, first)
	w.must("tamper", err)
	if _, err := w.Pack(ctx, office, id, first); !errors.Is(err, meeting.ErrPackBroken) {
		t.Errorf("a pack whose facts were touched: %v", err)
	}
}

// TestS09EveryKeyProjectShowsItsReports: last report and next due.
func TestS09EveryKeyProjectShowsItsReports(t *testing.T) {
	w := newWorld(t)
	ctx, office := t.Context(), w.actors["office"]
	r, err := w.ProjectReports(ctx, office)
	if err != nil || len(r) != 1 || r[0].Last != "" || r[0].Next != "2027-04-12" {
		t.Fatalf("before a report: %+v (%v), want due six months after the project was entered", r, err)
	}
	id := w.call(meeting.Draft{Kind: meeting.Executive, Title: "常务会专题汇报", Project: w.project, On: "2026-10-12", Report: "项目进展顺利，存在的问题是道路限行。"})
	w.must("hold", w.Hold(ctx, office, id, "2026-10-12"))
	w.at("2027-05-01 09:00")
	r, err = w.ProjectReports(ctx, office)
	if err != nil || r[0].Last != "2026-10-12" || r[0].Next != "2027-04-12" || !r[0].Overdue("2027-05-01") || r[0].Overdue("2027-04-12") {
		t.Errorf("after a report: %+v (%v)", r, err)
	}
}

// TestS08PublishedBulletinNeverChanges: it is numbered, immutable even for the
// program's own role, and corrected only by a new number that names it.
func TestS08PublishedBulletinNeverChanges(t *testing.T) {
	w := newWorld(t)
	ctx, office, chair := t.Context(), w.actors["office"], w.actors["chair"]
	d := meeting.BulletinDraft{Title: "三季度通报", Body: "现将三季度工作进展情况通报如下。", Audience: "investors", Year: 2026, Quarter: 3}
	id, err := w.DraftBulletin(ctx, office, d, w.key())
	w.must("draft", err)
	if err := w.PublishBulletin(ctx, office, id); !errors.Is(err, meeting.ErrState) {
		t.Errorf("published without approval: %v", err)
	}
	if err := w.ApproveBulletin(ctx, w.actors["member"], id, 1); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("approved by who may not sign: %v", err)
	}
	d.Version, d.Title = 1, "三季度工作通报"
	w.must("save", w.SaveBulletin(ctx, office, id, d))
	if err := w.ApproveBulletin(ctx, chair, id, 1); !errors.Is(err, meeting.ErrState) {
		t.Errorf("approved what he did not see: %v", err)
	}
	w.must("approve", w.ApproveBulletin(ctx, chair, id, 2))
	w.must("publish", w.PublishBulletin(ctx, office, id))
	for _, q := range []string{`UPDATE bulletins SET title = 'x'`, `UPDATE bulletins SET state = 'draft', published_at = NULL, approved_at = NULL, no = NULL`, `DELETE FROM bulletins`} {
		if _, err := w.db.Exec(q); err == nil {
			t.Errorf("a published bulletin was changed: %s", q)
		}
	}
	if _, err := w.Bulletin(ctx, org.Public, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the public reads a bulletin for investors: %v", err)
	}
	if b, err := w.Bulletin(ctx, w.actors["firm1"], id); err != nil || b.No != "TB-2026-001" || b.Title != "三季度工作通报" {
		t.Errorf("a company reads %+v (%v)", b, err)
	}
	d.Corrects, d.Version = id, 0
	fix, err := w.DraftBulletin(ctx, office, d, w.key())
	w.must("correction", err)
	if _, err := w.DraftBulletin(ctx, office, d, w.key()); fault.Of(err) == nil || fault.Of(err).Text.Key != "meeting.bulletin-corrected" {
		t.Errorf("a second correction of the same bulletin: %v", err)
	}
	w.must("approve", w.ApproveBulletin(ctx, chair, fix, 1))
	w.must("publish", w.PublishBulletin(ctx, office, fix))
	if b, err := w.Bulletin(ctx, w.actors["firm1"], fix); err != nil || b.CorrectsNo != "TB-2026-001" || b.No != "TB-2026-002" {
		t.Errorf("the correction %+v (%v)", b, err)
	}
	if b, err := w.Bulletin(ctx, w.actors["firm1"], id); err != nil || b.CorrectedNo != "TB-2026-002" {
		t.Errorf("the corrected one %+v (%v)", b, err)
	}
}
