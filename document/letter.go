package document

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/org"
)

// The kinds of documents.
const (
	Reminder    = "reminder"    // 提醒函, to the head
	Supervision = "supervision" // 督办函
	Transfer    = "transfer"    // 移交函, to the discipline inspection body
	Order       = "order"       // 责成通知
	Feedback    = "feedback"    // 办理结果告知书, to the investor

	Commendation = "commendation" // 表彰决定
	Revocation   = "revocation"   // 撤销表彰决定
	Interview    = "interview"    // 约谈通知书
)

// Kinds lists all kinds.
var Kinds = []string{Reminder, Supervision, Transfer, Order, Feedback, Commendation, Revocation, Interview}

// Document is an official document as it went out.
type Document struct {
	ID         int64         `db:"id"`
	Kind       string        `db:"kind"`
	No         string        `db:"no"`
	Lang       string        `db:"lang"`
	Title      string        `db:"title"`
	Unit       org.UnitID    `db:"unit_id"`
	UnitName   org.Names     `db:"unit"`
	Company    org.CompanyID `db:"company_id"`
	Addressee  string        `db:"addressee"`
	Paragraphs []string      `db:"-"`
	Organ      string        `db:"organ"`
	Copies     []string      `db:"-"`
	On         calendar.Date `db:"made_on"`
	At         time.Time     `db:"made_at"`
	Ref        string        `db:"issue_ref"`
	Received   *time.Time    `db:"received_at"`
	Receiver   string        `db:"receiver"`
	Source     string        `db:"source"`
}

// To is whom the document addresses, without the mark that ends a salutation.
func (d Document) To() string { return strings.TrimSuffix(d.Addressee, "：") }

// series are the words of the document numbers. A number is a name: it is the same in
// every language.
var series = map[string]string{Reminder: "招提", Supervision: "招督", Transfer: "招移", Order: "招责", Feedback: "招复", Commendation: "招表", Revocation: "招撤", Interview: "招约"}

// number writes a document number: 嫩招督〔2026〕12号. county is the county's name.
func number(county, kind string, year, n int) string {
	return fmt.Sprintf("%s%s〔%d〕%d号", string([]rune(county)[:1]), series[kind], year, n)
}

// kindOfStep is the letter of a step of the overdue ladder.
var kindOfStep = map[string]string{"head": Reminder, "supervision": Supervision, "transfer": Transfer}

// ofFact writes the letter of something that happened to an issue. days are the working
// days the issue is over its deadline. Letters to bodies of the county are in Chinese; the
// one to the investor is in the language in which the issue was raised.
func ofFact(t *locale.Translator, f feedback.LetterFact, days int) Document {
	d := Document{Lang: t.Lang(), Ref: f.Ref, Source: "event:" + strconv.FormatInt(f.Event, 10), Organ: t.T("letter.organ")}
	if f.Kind == feedback.ActFeedBack {
		d.Kind, d.Company, d.Addressee = Feedback, f.Company, t.T("letter.to", "Name", f.CompanyName.In(t.Lang()))
		d.Paragraphs = []string{t.T("letter.feedback-1", "Ref", f.Ref, "Title", f.Title), f.Text, t.T("letter.feedback-2")}
		d.Title = t.T("letter.feedback-title")
		return d
	}
	args := []any{"Ref", f.Ref, "Title", f.Title, "Unit", f.UnitName.In(t.Lang()), "Date", t.DateLong(f.DeadlineOn.Time()), "Count", days}
	d.Kind, d.Unit, d.Addressee = kindOfStep[f.Step], f.Unit, t.T("letter.to", "Name", f.UnitName.In(t.Lang()))
	d.Title = t.T("letter." + d.Kind + "-title")
	d.Paragraphs = []string{t.T("letter."+d.Kind+"-1", args...), t.T("letter."+d.Kind+"-2", args...)}
	switch d.Kind {
	case Supervision:
		d.Copies = []string{t.T("letter.party-office"), t.T("letter.government-office")}
	case Transfer: // what is handed to the discipline body is not the unit's to read
		d.Unit, d.Addressee = 0, t.T("letter.to", "Name", t.T("letter.discipline"))
		d.Copies = []string{t.T("letter.group")}
	}
	return d
}

// ofOrder writes the notice of an order of the leading group.
func ofOrder(t *locale.Translator, o feedback.Order) Document {
	d := Document{Kind: Order, Lang: t.Lang(), Ref: o.Ref, Source: "order:" + o.No, Unit: o.Lead, Addressee: t.T("letter.to", "Name", o.LeadName.In(t.Lang())), Organ: t.T("letter.group"),
		Title: t.T("letter.order-title"), Copies: []string{t.T("letter.party-office"), t.T("letter.government-office")}}
	d.Paragraphs = []string{t.T("letter.order-1", "No", o.No, "Ref", o.Ref, "Title", o.Title, "Date", t.DateLong(o.DeadlineOn.Time())), o.Requirement}
	if coop := o.Cooperating.In(t.Lang()); coop != "" {
		d.Paragraphs = append(d.Paragraphs, t.T("letter.order-cooperating", "Units", coop))
	}
	signer := o.Signer
	if o.Behalf != "" {
		signer += t.T("leader.on-behalf", "Name", o.Behalf)
	}
	d.Paragraphs = append(d.Paragraphs, t.T("letter.order-2", "Signer", signer))
	return d
}
