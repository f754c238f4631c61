package feedback_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// visited records a visit of the unit to the company and returns it.
func (f *fixture) visited(t *testing.T, company org.CompanyID, on string) feedback.VisitID {
	t.Helper()
	id, err := f.RecordVisit(t.Context(), f.unit, feedback.VisitRecord{Company: company, On: on, Staff: "赵科长", Purpose: "了解开工情况"}, f.key())
	f.must(t, "record visit", err)
	return id
}

// another makes one more company and a person of it.
func (f *fixture) another(t *testing.T, n int) org.Actor {
	t.Helper()
	first := fmt.Sprintf("91231121MA1900%03d", 700+n)
	var id int64
	if err := f.db.Get(&id, `INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, created_at) VALUES ($1, $2, '', '', 'russia', 'food', 'G1', now()) RETURNING id`,
		first+string(org.LicenceCheck(first)), fmt.Sprint("丙", n)); err != nil {
		t.Fatal(err)
	}
	return org.Actor{Role: org.RoleCompany, Company: org.CompanyID(id)}
}

func (f *fixture) one(t *testing.T, q string, args ...any) string {
	t.Helper()
	var s string
	if err := f.db.Get(&s, q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return s
}

func low(release string, named bool) feedback.Sheet {
	return feedback.Sheet{Area: "later", Answers: map[string]string{"q1": "s", "q2": "d", "q3": "s", "q4": "vd"}, Demand: "no", Solved: "no", Opinion: "三次上门都说下次再办。", Release: release, Named: named, Lang: "zh-CN"}
}

// A dissatisfied sheet whose company lets the unit know: handed over, measures, a call-back that
// says no, back once, a second no, and the company's issue.
func TestRectificationToTheEnd(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	_, err := f.FileSheet(ctx, f.company, visit, "", low("summary", true), f.key())
	f.must(t, "file", err)
	r, _, err := f.RectificationOf(ctx, f.company, visit)
	// from Monday 23 November: five working days to the 30th, fifteen to Monday 14 December
	if err != nil || r.AnswerOn != "2026-11-30" || r.DueOn != "2026-12-14" || r.State != feedback.RectifyOpen || !slices.Equal(r.Weak(), []string{"q2", "q4"}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, _, err := f.Rectification(ctx, f.unit, r.Ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the unit finds it before it was handed over: %v", err)
	}
	if _, _, err := f.Rectification(ctx, f.rival, r.Ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another company finds it: %v", err)
	}
	f.must(t, "answer", f.AnswerRectification(ctx, f.party, r.Ref, "已经转交，十五个工作日内办结。", f.key()))
	if err := f.HandToUnit(ctx, f.unit, r.Ref, f.key()); err == nil {
		t.Error("the unit takes it for itself")
	}
	f.must(t, "hand", f.HandToUnit(ctx, f.government, r.Ref, f.key()))
	u, _, err := f.Rectification(ctx, f.unit, r.Ref)
	if err != nil || u.Opinion != "" || u.SheetNo != "" || len(u.Agreed) != 0 || u.CompName.ZH != "公司1" {
		t.Fatalf("before the two offices agreed on words the unit reads %+v, %v", u, err)
	}
	no := f.one(t, `SELECT no FROM sheets`)
	f.must(t, "propose", f.ProposeComment(ctx, f.party, no, "opinion", "反映多次上门未办结", false, ""))
	if u, _, _ = f.Rectification(ctx, f.unit, r.Ref); len(u.Agreed) != 0 {
		t.Errorf("one office's proposal reaches the unit: %q", u.Agreed)
	}
	f.must(t, "agree", f.AgreeComment(ctx, f.government, no, "opinion", true))
	if u, _, _ = f.Rectification(ctx, f.unit, r.Ref); !slices.Equal(u.Agreed, []string{"反映多次上门未办结"}) {
		t.Errorf("the unit reads %q", u.Agreed)
	}
	if _, _, err := f.Rectification(ctx, f.other, r.Ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit finds it: %v", err)
	}
	call := feedback.RectifyCall{On: "2026-11-24", Person: "刘经理", Verdict: "not", Text: "将继续督促办理。"}
	if err := f.RectifyCalled(ctx, f.party, r.Ref, call, f.key()); !errors.Is(err, feedback.ErrState) {
		t.Errorf("called back before anything was done: %v", err)
	}
	f.at(t, "2026-12-10 09:00")
	call.On = "2026-12-10"
	for round := 1; round <= 2; round++ {
		f.must(t, "report", f.ReportRectification(ctx, f.unit, r.Ref, "已派人上门补办，手续办完。", f.key()))
		key := f.key()
		f.must(t, "call", f.RectifyCalled(ctx, f.party, r.Ref, call, key))
		f.must(t, "the same post", f.RectifyCalled(ctx, f.party, r.Ref, call, key))
		r, _, err = f.Rectification(ctx, f.company, r.Ref)
		f.must(t, "read", err)
		if round == 1 && (r.State != feedback.RectifyHanded || r.Round != 2 || r.DueOn != "2026-12-17") { // five working days remain
			t.Fatalf("sent back: %+v", r)
		}
	}
	if r.State != feedback.RectifyUnsolved {
		t.Fatalf("twice not: %s", r.State)
	}
	_, events, err := f.Rectification(ctx, f.unit, r.Ref)
	f.must(t, "unit", err)
	for _, e := range events {
		if e.Actor != "" || e.Person != "" || e.Text == call.Text || e.Kind == "open" || e.Kind == "answer" {
			t.Errorf("the unit reads %+v", e)
		}
	}
	draft := feedback.IssueDraft{Category: 15, Title: "走访后问题未解决", Body: "走访后反映的问题，两次整改后仍未解决，请两办协调办理。", NameShown: "unit", Lang: "zh-CN"}
	if _, err := f.IssueOfRectification(ctx, f.party, r.Ref, draft, f.key()); err == nil {
		t.Error("an office makes it the company's issue")
	}
	issue, err := f.IssueOfRectification(ctx, f.company, r.Ref, draft, f.key())
	f.must(t, "issue", err)
	if again, err := f.IssueOfRectification(ctx, f.company, r.Ref, draft, f.key()); err != nil || again != issue {
		t.Errorf("a second issue: %s, %v", again, err)
	}
	if i, err := f.Issue(ctx, f.company, issue); err != nil || i.State != feedback.Raised {
		t.Errorf("%+v, %v", i, err)
	}
}

// Without the company's word the unit can learn of its sheet by no way: not handed over, no
// message, no row; a general notice goes only over five companies' sheets, on the first working
// day of a month, and names no item that one company alone was dissatisfied with.
func TestRectificationCannotBeTraced(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	f.at(t, "2026-08-24 10:00")
	told := func() string { // whatever the unit was ever told
		return f.one(t, `SELECT coalesce(string_agg(m.kind, ' ' ORDER BY m.id), '') FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE a.login = 'd05'`)
	}
	companies := []org.Actor{f.company, f.rival}
	for n := range 3 {
		companies = append(companies, f.another(t, n))
	}
	file := func(a org.Actor, sh feedback.Sheet) {
		t.Helper()
		_, err := f.FileSheet(ctx, a, f.visited(t, a.Company, "2026-08-20"), "", sh, f.key())
		f.must(t, "file", err)
	}
	for _, a := range companies[:3] {
		file(a, low("yes", false))
	}
	alone := low("no", false)
	alone.Answers = map[string]string{"q1": "vd", "q2": "s", "q3": "s", "q4": "s"}
	file(companies[3], alone)
	all, n, err := f.Rectifications(ctx, f.party, feedback.RectifyFilter{Open: true, Size: 9})
	if err != nil || n != 4 {
		t.Fatalf("%d, %v", n, err)
	}
	ref := all[0].Ref
	if err := f.HandToUnit(ctx, f.party, ref, f.key()); !errors.Is(err, feedback.ErrNotAllowed) {
		t.Errorf("handed over without the company's word: %v", err)
	}
	for _, at := range []string{"2026-08-31 23:59", "2026-09-01 00:00", "2026-09-02 09:00"} {
		f.at(t, at)
		_, err := f.RemindSheets(ctx)
		f.must(t, "clock", err)
	}
	if list, err := f.RectifyNotices(ctx, f.unit); err != nil || len(list) != 0 {
		t.Errorf("a notice over four companies: %+v, %v", list, err)
	}
	good := low("no", false)
	good.Answers = map[string]string{"q1": "vs", "q2": "vs", "q3": "vs", "q4": "vs"}
	file(companies[4], good) // the fifth, within the month: nothing must happen because of it
	_, err = f.RemindSheets(ctx)
	f.must(t, "clock", err)
	if got := told(); got != "" {
		t.Errorf("the unit was told %q", got)
	}
	if _, n, err := f.Rectifications(ctx, f.unit, feedback.RectifyFilter{Size: 9}); err != nil || n != 0 {
		t.Errorf("the unit lists %d, %v", n, err)
	}
	f.at(t, "2026-10-07 23:59") // the last day of the October holidays
	_, err = f.RemindSheets(ctx)
	f.must(t, "clock", err)
	if got := told(); got != "" {
		t.Errorf("told before the first working day: %q", got)
	}
	f.at(t, "2026-10-08 09:00")
	_, err = f.RemindSheets(ctx)
	f.must(t, "clock", err)
	list, err := f.RectifyNotices(ctx, f.unit)
	if err != nil || len(list) != 1 || told() != "rectify-notice" {
		t.Fatalf("%+v, %v, told %q", list, err, told())
	}
	one, err := f.RectifyNotice(ctx, f.unit, list[0].Ref)
	if err != nil || !slices.Equal(one.Items, []string{"q2", "q4"}) {
		t.Errorf("items %v, %v: q1 was one company's alone", one.Items, err)
	}
	f.must(t, "report", f.ReportNotice(ctx, f.unit, one.Ref, "已开展窗口服务培训，限时办结。"))
	f.must(t, "back", f.JudgeNotice(ctx, f.party, one.Ref, false, "没有写明办结时限。"))
	f.must(t, "report", f.ReportNotice(ctx, f.unit, one.Ref, "全部事项三日内办结并公示。"))
	if err := f.JudgeNotice(ctx, f.party, one.Ref, false, "再退一次不可以。"); !errors.Is(err, feedback.ErrState) {
		t.Errorf("back twice: %v", err)
	}
	f.must(t, "accept", f.JudgeNotice(ctx, f.party, one.Ref, true, ""))
	r, _, err := f.Rectification(ctx, f.party, ref)
	if err != nil || r.Notice != one.Ref || r.Measures != "全部事项三日内办结并公示。" {
		t.Errorf("the office sees %+v, %v", r, err)
	}
	// the company may still allow it
	f.must(t, "own", f.OwnMeasures(ctx, f.party, ref, "两办已协调窗口补办。", f.key()))
	f.must(t, "call", f.RectifyCalled(ctx, f.party, ref, feedback.RectifyCall{On: "2026-10-08", Person: "孙女士", Verdict: "satisfied", Text: "问题已经解决，感谢反映。"}, f.key()))
	if _, _, err := f.Rectification(ctx, f.unit, ref); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("closed, the unit finds it: %v", err)
	}
}

// The ladder: each step once, of whoever has it; settled by the act.
func TestRectificationReminders(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	_, err := f.FileSheet(ctx, f.company, visit, "", low("no", true), f.key())
	f.must(t, "file", err)
	r, _, err := f.RectificationOf(ctx, f.party, visit)
	f.must(t, "read", err)
	count := func(login string) string {
		return f.one(t, `SELECT count(*) || '/' || count(*) FILTER (WHERE n.settled) FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE a.login = $1 AND m.kind LIKE 'rectify-%' AND m.reminder`, login)
	}
	step := func(at, party, unit, watch string) {
		t.Helper()
		f.at(t, at)
		for range 2 {
			_, err := f.RemindSheets(ctx)
			f.must(t, "clock", err)
		}
		if p, u, w := count("party"), count("d05"), count("watch"); p != party || u != unit || w != watch {
			t.Errorf("%s: party %s, unit %s, supervision %s; want %s, %s, %s", at, p, u, w, party, unit, watch)
		}
	}
	step("2026-11-26 23:59", "0/0", "0/0", "0/0")
	step("2026-11-27 00:00", "1/0", "0/0", "0/0") // the working day before Monday the 30th
	step("2026-12-01 00:00", "2/0", "0/0", "0/0")
	f.must(t, "answer", f.AnswerRectification(ctx, f.party, r.Ref, "已经转交，正在办理。", f.key()))
	step("2026-12-01 10:00", "2/2", "0/0", "0/0")
	f.must(t, "hand", f.HandToUnit(ctx, f.party, r.Ref, f.key()))
	step("2026-12-11 00:00", "2/2", "1/0", "0/0") // Friday before Monday the 14th
	step("2026-12-15 00:00", "3/2", "2/0", "0/0") // the only account of the unit stands for its head
	step("2026-12-17 00:00", "4/2", "3/0", "1/0")
	f.must(t, "report", f.ReportRectification(ctx, f.unit, r.Ref, "已派人上门补办，手续办完。", f.key()))
	step("2027-02-01 00:00", "5/4", "3/3", "1/1") // the fifth tells the offices to call back
}

// A company is reminded of a sheet twice, and not after it came.
func TestSheetReminders(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	one, two := f.visited(t, f.company.Company, "2026-11-20"), f.visited(t, f.rival.Company, "2026-11-20")
	count := func(login string) string {
		return f.one(t, `SELECT count(*) || '/' || count(*) FILTER (WHERE n.settled) FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE a.login = $1 AND m.kind = 'sheet-reminder'`, login)
	}
	for _, c := range []struct{ at, acme, rival string }{
		{"2026-11-27 12:00", "0/0", "0/0"},
		{"2026-11-30 08:00", "1/0", "1/0"},
		{"2026-12-04 08:00", "1/1", "1/0"},
		{"2026-12-07 08:00", "1/1", "2/0"},
		{"2027-01-15 08:00", "1/1", "2/0"},
	} {
		f.at(t, c.at)
		if c.at == "2026-12-04 08:00" {
			sh := low("no", false)
			_, err := f.FileSheet(ctx, f.company, one, "", sh, f.key())
			f.must(t, "file", err)
		}
		for range 2 {
			_, err := f.RemindSheets(ctx)
			f.must(t, "clock", err)
		}
		if a, r := count("acme"), count("rival"); a != c.acme || r != c.rival {
			t.Errorf("%s: %s and %s, want %s and %s", c.at, a, r, c.acme, c.rival)
		}
	}
	_ = two
}

// Two taps are a whole sheet: an item not rated apart follows the overall level, and what was
// not asked is left unsaid.
func TestTwoTapsAreASheet(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	token, err := f.Link(ctx, f.company, f.visited(t, f.company.Company, "2026-11-20"))
	f.must(t, "link", err)
	no, err := f.FileSheet(ctx, org.Public, 0, token, feedback.Sheet{Overall: "s", Answers: map[string]string{"q4": "d", "q1": "na"}, Lang: "ru"}, f.key())
	f.must(t, "file", err)
	r, err := f.SheetByNo(ctx, f.party, no)
	f.must(t, "read", err)
	// q1 not answered, q2 and q3 follow: (30·80 + 20·80 + 30·30)/80 = 4900/80 = 61.25
	if *r.Score != "245/4" || r.Overall != "s" || r.Area != "unsaid" || r.Release != "no" || r.Answers["q1"] != "" || r.Answers["q3"] != "s" {
		t.Errorf("%+v, score %s", r.Sheet, *r.Score)
	}
	if _, n, _ := f.Rectifications(ctx, f.party, feedback.RectifyFilter{Size: 9}); n != 1 {
		t.Errorf("%d rectifications for one item dissatisfied", n)
	}
	if _, err := f.FileSheet(ctx, org.Public, 0, token, feedback.Sheet{Overall: "vs", Lang: "ru"}, f.key()); !errors.Is(err, feedback.ErrSheetExists) {
		t.Errorf("the token used twice: %v", err)
	}
	if err := (feedback.Sheet{Overall: "best"}).Check().Err(); err == nil {
		t.Error("an unknown level passes")
	}
	if err := (feedback.Sheet{Answers: map[string]string{"q1": "s"}}).Check(); len(err) != 4 {
		t.Errorf("without an overall level everything is asked: %v", err)
	}
}
