package server

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/notify"
	"pingyi/org"
)

// A company that keeps its name from all but the two offices, and beside it one that is
// registered alike and did nothing: a page that tells them apart to a reader who must
// not know tells who raised the issue.
const (
	canaryName  = "金丝雀隐名木业CANARYCO"
	controlName = "对照隐名木业CONTROLCO"
)

// planted are words of that company's matters with those who must never read them.
// Where a whole form of address is not named here, names are compared, see leaks.
var planted = []struct {
	what, word string
	kept       []string // logins
}{
	{"title of an issue", "隐名企业题目CANARYTITLE", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "clerk", "campaign", "operator"}},
	{"text of an issue", "隐名企业正文CANARYBODY", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "clerk", "campaign", "operator"}},
	{"wish of an issue", "隐名企业诉求CANARYWISH", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "clerk", "campaign", "operator"}},
	{"name of a file", "隐名企业附件CANARYFILE", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "clerk", "campaign", "operator"}},
	{"message in an issue", "隐名企业补充CANARYMESSAGE", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "clerk", "campaign", "operator"}},
	{"opinion not released", "不公开意见CANARYOPINION", []string{"", "c0002", "invited-1", "chamber-1", "d01", "d02-office", "leader-chair", "leader-1", "clerk", "campaign", "operator"}},
	{"suggestion not released", "不公开建议CANARYADVICE", []string{"", "c0002", "invited-1", "chamber-1", "d01", "d02-office", "leader-chair", "leader-1", "clerk", "campaign", "operator"}},
	{"unlawful demand", "违规要求CANARYDEMAND", []string{"", "c0002", "invited-1", "chamber-1", "d01", "d02-office", "leader-chair", "leader-1", "party-office-1", "gov-office-1", "clerk", "campaign", "operator"}},
	{"suggestion to a unit", "不具名建议CANARYSUGGESTION", []string{"", "c0002", "invited-1", "chamber-1", "d02-office", "leader-1", "clerk", "campaign", "operator"}},
	{"telephone", "13987650123", []string{"", "c0002", "invited-1", "d01", "d02-office", "leader-chair", "leader-1"}},
	{"address", "canary@hidden.example", []string{"", "c0002", "invited-1", "d01", "d02-office", "leader-chair", "leader-1"}},
	{"person in charge", "甄隐名", []string{"", "c0002", "invited-1", "d01", "d02-office", "leader-chair", "leader-1"}},
}

// unnamed are the logins to whom the company must look like any other.
var unnamed = []string{"", "c0002", "invited-1", "d01", "d02-office", "leader-chair", "leader-1"}

// canaryObjects are the path parameters that lead to the planted matters.
var canaryObjects map[string]string

// registered is a new company with an account.
func (p *portal) registered(no, login, name string) org.Actor {
	op := p.as("operator").actor
	licence := "91231121MA1CANAR" + no
	id, err := p.Org.SaveCompany(p.t.Context(), op, org.Company{Licence: licence + string(org.LicenceCheck(licence)), Names: org.Names{ZH: name, EN: name, RU: name}, Origin: "russia", Sector: "wood", RaterGroup: "G1",
		Head: "甄隐名", Phone: "13987650123", Email: "canary@hidden.example"})
	p.must(err)
	_, _, err = p.Org.CreateAccount(p.t.Context(), op, org.Account{Role: org.RoleCompany, Company: id, Login: login, Name: "甄隐名"})
	p.must(err)
	a, err := p.Org.ActorOf(p.t.Context(), login)
	p.must(err)
	return a
}

// plant lets the company do what companies do: an issue that climbs to an order, with
// letters and a case; a sheet; a suggestion.
func (p *portal) plant(t *testing.T) {
	ctx := t.Context()
	x := p.registered("1", "canaryco", canaryName)
	p.registered("2", "controlco", controlName)
	unit, office, chair := p.as("d01").actor, p.as("party-office-1").actor, p.as("leader-chair").actor
	var picture bytes.Buffer
	p.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))))
	file, err := feedback.ReadFile("隐名企业附件CANARYFILE.png", picture.Bytes())
	p.must(err)
	ref, err := p.Feedback.Raise(ctx, x, feedback.IssueDraft{Category: 15, Title: "隐名企业题目CANARYTITLE", Body: "隐名企业正文CANARYBODY，请予以核查处理。", Wish: "隐名企业诉求CANARYWISH", NameShown: "offices", Lang: "zh-CN", Files: []feedback.File{file}}, "canary-raise-0001")
	p.must(err)
	p.must(p.Feedback.Message(ctx, x, ref, "隐名企业补充CANARYMESSAGE，谢谢。", nil, "canary-message-01"))
	p.must(p.Feedback.Register(ctx, office, ref, feedback.Registration{Grade: "C", Lead: unit.Unit}, "canary-register-1"))
	for _, q := range []string{`UPDATE issue_events SET at = at - interval '60 days' WHERE issue_id = (SELECT id FROM issues WHERE ref = $1)`, `UPDATE issues SET last_event = 0, raised_at = raised_at - interval '60 days' WHERE ref = $1`} {
		_, err := p.owner.Exec(q, ref)
		p.must(err)
	}
	_, err = p.Feedback.Tick(ctx)
	p.must(err)
	_, err = p.Feedback.IssueOrder(ctx, chair, ref, feedback.OrderDraft{Lead: unit.Unit, Requirement: "请在限期内办结并书面报告。", Days: 5}, "canary-order-0001")
	p.must(err)
	_, err = p.Documents.MakeLetters(ctx)
	p.must(err)
	finding, err := p.Passing.OpenObstacle(ctx, p.as("supervision-1").actor, ref, unit.Unit, "企业反映检查时收取没有票据的费用，请说明。")
	p.must(err)
	visit, sheet := p.plantSheet(ctx)
	suggestion, err := p.Intake.Suggest(ctx, x, intake.SuggestionDraft{Title: "不具名建议CANARYSUGGESTION", Body: "建议窗口中午不断岗，方便外地客商办事。", Unit: unit.Unit, Lang: "zh-CN"}, "canary-suggest-01")
	p.must(err)
	canaryObjects = map[string]string{":issue": ref, ":ref": ref, ":finding": finding, ":visit": visit, ":no": sheet, ":part": "opinion", ":suggestion": suggestion, ":act": "message",
		":company": fmt.Sprint(int64(x.Company)), ":file": p.one(`SELECT max(id)::text FROM issue_files`), ":document": p.one(`SELECT max(id)::text FROM documents WHERE issue_ref = $1`, ref)}
	if n := p.one(`SELECT count(*)::text FROM documents WHERE issue_ref = $1`, ref); n < "2" {
		t.Fatalf("%s letters about the issue", n)
	}
}

// plantSheet has a company of the demo county write a sheet that nobody may show.
func (p *portal) plantSheet(ctx context.Context) (visit, no string) {
	rater := p.as("c0001").actor
	id, err := p.Feedback.RecordVisit(ctx, p.as("d01").actor, feedback.VisitRecord{Company: rater.Company, On: "2026-11-20", Staff: "李四", Purpose: "走访企业", Matters: "了解生产情况"}, "canary-visit-0001")
	p.must(err)
	no, err = p.Feedback.FileSheet(ctx, rater, id, "", feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "d", "q2": "vd", "q3": "b", "q4": "d"}, Demand: "yes", DemandText: "违规要求CANARYDEMAND",
		Solved: "no", Opinion: "不公开意见CANARYOPINION", Suggestion: "不公开建议CANARYADVICE", Release: "no", Lang: "zh-CN"}, "canary-sheet-0001")
	p.must(err)
	return fmt.Sprint(int64(id)), no
}

// opened is an answer as a reader can search it: what a zip holds (xlsx, docx) in the open.
func opened(body string) string {
	if !strings.HasPrefix(body, "PK") {
		return body
	}
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		return body
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			continue
		}
		_, _ = io.Copy(&all, r)
		_ = r.Close()
	}
	return all.String()
}

// leaks names what an answer tells its reader that he must not know.
func leaks(login, body string) (out []string) {
	body = opened(body)
	for _, w := range planted {
		if slices.Contains(w.kept, login) && strings.Contains(body, w.word) {
			out = append(out, w.what)
		}
	}
	if n, m := strings.Count(body, canaryName), strings.Count(body, controlName); n != m && slices.Contains(unnamed, login) {
		out = append(out, fmt.Sprintf("name of the company (%d times, another that did nothing %d times)", n, m))
	}
	return out
}

// canaryMatters: those who may read what was planted do, or the test shows nothing; and
// no message or letter, to whomever, carries any of it.
func (p *portal) canaryMatters(t *testing.T) {
	for _, c := range []struct{ login, path, word string }{
		{"d01", "/d/issues/:ref", "隐名企业正文CANARYBODY"}, {"d01", "/d/issues/:ref", "隐名企业附件CANARYFILE"}, {"gov-office-1", "/o/issues/:ref", canaryName}, {"supervision-1", "/o/sheets/:no", "违规要求CANARYDEMAND"},
		{"gov-office-1", "/o/sheets/:no", "不公开意见CANARYOPINION"}, {"leader-chair", "/l/escalations/:ref", "隐名企业题目CANARYTITLE"}, {"d01", "/d/suggestions/:suggestion", "不具名建议CANARYSUGGESTION"}, {"clerk", "/o/companies/:company", canaryName},
	} {
		path := filled(c.path, canaryObjects)
		if a := p.as(c.login).get(path); !strings.Contains(a.body, c.word) {
			t.Errorf("%s does not find %q on %s: %d", c.login, c.word, path, a.code)
		}
	}
	_, err := p.owner.Exec(`UPDATE accounts SET email = login || '@county.example' WHERE role <> 'company'`)
	p.must(err)
	_, err = p.owner.Exec(`UPDATE notices SET planned_at = NULL, read_at = NULL WHERE message_id IN (SELECT id FROM messages WHERE args::text LIKE '%' || $1 || '%' OR link LIKE '%' || $1 || '%' OR link LIKE '%' || $2)`, canaryObjects[":ref"], canaryObjects[":no"])
	p.must(err)
	box := &pillar{}
	p.must(p.Notify.Once(t.Context(), slog.New(slog.DiscardHandler), map[notify.Channel]notify.Carrier{notify.Email: box, notify.SMS: box}))
	about := 0
	for _, l := range box.letters {
		if strings.Contains(l.Subject+l.Text, canaryObjects[":ref"]) {
			about++
		}
		for _, w := range planted {
			if strings.Contains(l.Subject+l.Text, w.word) {
				t.Errorf("a letter to %s tells the %s", l.To, w.what)
			}
		}
		if strings.Contains(l.Subject+l.Text, canaryName) {
			t.Errorf("a letter to %s names the company", l.To)
		}
	}
	if about < 5 {
		t.Errorf("%d letters about the issue: too few to show anything", about)
	}
	messages := p.one(`SELECT string_agg(args::text || link, ' ') FROM messages`)
	documents := p.one(`SELECT string_agg(title || addressee || array_to_string(paragraphs, ' '), ' ') FROM documents WHERE unit_id IS NOT NULL`)
	if strings.Contains(messages+documents, canaryName) {
		t.Error("a message or a document to a unit names the company")
	}
	for _, w := range planted {
		if strings.Contains(messages, w.word) || (slices.Contains(w.kept, "d01") && strings.Contains(documents, w.word)) {
			t.Errorf("the %s stands in a message or in a document to a unit", w.what)
		}
	}
	t.Logf("%d letters, %d about the issue", len(box.letters), about)
	_, err = p.owner.Exec(`UPDATE accounts SET email = '' WHERE email LIKE '%@county.example'`)
	p.must(err)
}
