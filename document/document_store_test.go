package document_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/document"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

type office struct {
	*document.Store
	db                      *sqlx.DB
	owner                   *sqlx.DB
	company, rival          org.Actor
	unit, other             org.Actor
	gov, watch, chair       org.Actor
	issue                   int64
	head, supervise, handed int64 // events of the ladder
}

// newOffice is a county with one overdue issue of a Russian-speaking company that does
// not show its name, and the three steps of the ladder that become letters.
func newOffice(t *testing.T) *office {
	t.Helper()
	app, owner := pgtest.OpenBoth(t)
	now := func() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }
	cal := calendar.NewStore(app, now)
	if err := cal.Ship(t.Context()); err != nil {
		t.Fatal(err)
	}
	fb, err := feedback.NewStore(app, now, cal, evaluation.NJDefault().SheetWeights(), pgtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{Store: document.NewStore(app, now, cal, fb, catalogue), db: app, owner: owner}
	one := func(q string, args ...any) (id int64) {
		t.Helper()
		if err := owner.Get(&id, q, args...); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		return id
	}
	company := func(n string) int64 {
		first := "91231121MA190000" + n
		return one(`INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, created_at) VALUES ($1, '暗名公司' || $2, '', 'ООО ' || $2, 'russia', 'food', 'G1', now()) RETURNING id`,
			first+string(org.LicenceCheck(first)), n)
	}
	unit := func(code string) int64 {
		return one(`INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ($1, 1, '局' || $1, $1, $1) RETURNING id`, code)
	}
	person := func(login, role, home string, id int64) org.Actor {
		a := org.Actor{Account: org.AccountID(one(`INSERT INTO accounts (login, name, role, `+home+`, created_at) VALUES ($1, $1, $2, $3, now()) RETURNING id`, login, role, id)), Role: org.Role(role)}
		switch home {
		case "company_id":
			a.Company = org.CompanyID(id)
		case "unit_id":
			a.Unit = org.UnitID(id)
		}
		return a
	}
	c1, c2, u1, u2 := company("1"), company("2"), unit("D05"), unit("D06")
	o.company, o.rival = person("company-1", "company", "company_id", c1), person("company-2", "company", "company_id", c2)
	o.unit, o.other = person("unit-1", "head", "unit_id", u1), person("unit-2", "head", "unit_id", u2)
	body := func(kind string) int64 { return one(`SELECT id FROM bodies WHERE kind = $1`, kind) }
	o.gov = person("gov-1", "receiver", "body_id", body("government_office"))
	o.gov.Kind = org.BodyGovernmentOffice
	o.watch = person("watch-1", "supervision", "body_id", body("supervision"))
	o.chair = org.Actor{Account: o.gov.Account, Role: org.RoleLeader, Post: org.PostChair}
	calendarID := one(`SELECT max(id) FROM calendar_versions`)
	o.issue = one(`INSERT INTO issues (ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, grade, lead_unit_id, register_due, deadline, deadline_on, calendar_version, idem)
		VALUES ('NJ-2026-0187', $1, 2, '=1+1 施工许可', 'x', 'offices', 'ru', $2, now(), 'in_progress', 'C', $3, now(), '2026-11-18T16:00:00Z', '2026-11-18', $4, 'i') RETURNING id`, c1, o.company.Account, u1, calendarID)
	event := func(kind, data, idem string) int64 {
		return one(`INSERT INTO issue_events (issue_id, at, role, unit_id, kind, body, data, idem) VALUES ($1, $2, 'clock', $3, $4, 'Вопрос решён: разрешение выдано.', $5, $6) RETURNING id`, o.issue, now(), u1, kind, data, idem)
	}
	event("remind", `{"step": "officer"}`, "e0")
	o.head, o.supervise, o.handed = event("remind", `{"step": "head"}`, "e1"), event("remind", `{"step": "supervision"}`, "e2"), event("remind", `{"step": "transfer"}`, "e3")
	event("feed_back", `{"channel": "portal"}`, "e4")
	return o
}

// TestLettersOnce: each step becomes one letter with the next number of its series, on
// however many machines the clock runs.
func TestLettersOnce(t *testing.T) {
	o := newOffice(t)
	var wg sync.WaitGroup
	made := make([]int, 4)
	for i := range made {
		wg.Go(func() {
			n, err := o.MakeLetters(t.Context())
			if err != nil {
				t.Error(err)
			}
			made[i] = n
		})
	}
	wg.Wait()
	if made[0]+made[1]+made[2]+made[3] != 4 {
		t.Errorf("made %v letters of four", made)
	}
	if n, err := o.MakeLetters(t.Context()); n != 0 || err != nil {
		t.Errorf("made again: %d %v", n, err)
	}
	all, total, err := o.Documents(t.Context(), o.gov, document.Filter{Page: 1, Size: 10})
	if err != nil || total != 4 {
		t.Fatalf("%d documents, %v", total, err)
	}
	numbers := map[string]string{}
	for _, d := range all {
		numbers[d.Kind] = d.No
	}
	for kind, no := range map[string]string{"reminder": "嫩招提〔2026〕1号", "supervision": "嫩招督〔2026〕1号", "transfer": "嫩招移〔2026〕1号", "feedback": "嫩招复〔2026〕1号"} {
		if numbers[kind] != no {
			t.Errorf("%s has number %q, want %q", kind, numbers[kind], no)
		}
	}
	if _, err := o.owner.Exec(`UPDATE documents SET title = 'x'`); err == nil {
		t.Error("a document that went out was changed")
	}
	if _, err := o.owner.Exec(`DELETE FROM documents`); err == nil {
		t.Error("a document that went out was deleted")
	}
	var told int
	if err := o.owner.Get(&told, `SELECT count(DISTINCT key) FROM messages WHERE kind = 'document-sent'`); err != nil || told != 4 {
		t.Errorf("%d letters were announced: %v", told, err)
	}
}

// TestWhoReadsWhichLetter: the unit its own and never the company's name, the company its
// own in its language, another of either nothing.
func TestWhoReadsWhichLetter(t *testing.T) {
	o := newOffice(t)
	if _, err := o.MakeLetters(t.Context()); err != nil {
		t.Fatal(err)
	}
	kinds := func(a org.Actor) string {
		t.Helper()
		all, _, err := o.Documents(t.Context(), a, document.Filter{Page: 1, Size: 10})
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, d := range all {
			full, err := o.Document(t.Context(), a, d.ID)
			if err != nil {
				t.Fatal(err)
			}
			text := full.Title + full.Addressee + strings.Join(full.Paragraphs, " ")
			if a.Role == org.RoleHead && (strings.Contains(text, "暗名") || strings.Contains(text, "ООО")) {
				t.Errorf("%s names the company: %s", d.No, text)
			}
			if d.Kind == document.Feedback && (full.Lang != "ru" || !strings.Contains(text, "ООО 1") || !strings.Contains(text, "разрешение выдано")) {
				t.Errorf("the letter to the investor: %s %s", full.Lang, text)
			}
			out = append(out, d.Kind)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		who  org.Actor
		want string
	}{{o.unit, "supervision reminder"}, {o.other, ""}, {o.company, "feedback"}, {o.rival, ""}, {o.gov, "feedback transfer supervision reminder"}, {o.watch, "feedback transfer supervision reminder"},
		{o.chair, "transfer supervision reminder"}, {org.Public, "error.not-found"}, {org.Actor{Account: 1, Role: org.RoleChamber}, "error.not-found"}} {
		if got := kinds(c.who); got != c.want {
			t.Errorf("%s reads %q, want %q", c.who.Role, got, c.want)
		}
	}
	all, _, err := o.Documents(t.Context(), o.unit, document.Filter{Kind: document.Supervision, Page: 1, Size: 10})
	if err != nil || len(all) != 1 {
		t.Fatal(err)
	}
	d, err := o.Document(t.Context(), o.unit, all[0].ID)
	if err != nil || !strings.Contains(d.Paragraphs[0], "2026 年 11 月 18 日") || !strings.Contains(d.Paragraphs[0], "已逾期 3 个工作日") {
		t.Errorf("the supervision letter: %v %v", d.Paragraphs, err)
	}
	if _, err := o.Document(t.Context(), o.other, d.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit: %v", err)
	}
	if err := o.Receive(t.Context(), o.gov, d.ID); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("an office acknowledges for the unit: %v", err)
	}
	if n, err := o.Waiting(t.Context(), o.unit); err != nil || n["documents"] != 2 {
		t.Errorf("waiting: %v %v", n, err)
	}
	for range 2 {
		if err := o.Receive(t.Context(), o.unit, d.ID); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = o.Document(t.Context(), o.unit, d.ID); err != nil || d.Received == nil || d.Receiver != "unit-1" {
		t.Errorf("after the receipt: %+v %v", d.Received, err)
	}
}
