package feedback_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

func happy() feedback.Sheet {
	return feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s", "q2": "s", "q3": "s", "q4": "s"}, Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}
}

// S-39: the enterprise, not the visitor: a sheet from a department's account is refused by every
// way there is, signed in or with the link.
func TestS39(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	token, err := f.Link(ctx, f.company, visit)
	f.must(t, "link", err)
	call := happy()
	call.Call = feedback.SheetCall{Number: "0456-7520000", Person: "刘经理", On: "2026-11-23", Time: "09:30", Consent: true}
	for who, a := range map[string]org.Actor{"visiting unit": f.unit, "head of another": f.other} {
		for way, do := range map[string]func() error{
			"account":        func() error { _, err := f.FileSheet(ctx, a, visit, "", happy(), f.key()); return err },
			"link":           func() error { _, err := f.FileSheet(ctx, a, 0, token, happy(), f.key()); return err },
			"phone":          func() error { _, err := f.FileSheet(ctx, a, visit, "", call, f.key()); return err },
			"paper":          func() error { _, err := f.EnterPaper(ctx, a, visit, happy(), false, f.key()); return err },
			"change":         func() error { return f.ChangeSheet(ctx, a, visit, "", happy(), f.key()) },
			"change by link": func() error { return f.ChangeSheet(ctx, a, 0, token, happy(), f.key()) },
		} {
			if err := do(); !errors.Is(err, feedback.ErrSheetNotYours) {
				t.Errorf("%s by %s: %v, want ErrSheetNotYours", who, way, err)
			}
		}
		if _, err := f.Link(ctx, a, visit); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s gets the link: %v", who, err)
		}
	}
	if n := f.one(t, `SELECT count(*) FROM sheets`); n != "0" {
		t.Errorf("%s sheets", n)
	}
}

// S-40: each valid sheet has two receipt records; removal from one inbox does not touch the other.
func TestS40(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	no, err := f.FileSheet(ctx, f.company, f.visited(t, f.company.Company, "2026-11-20"), "", happy(), f.key())
	f.must(t, "file", err)
	if got := f.one(t, `SELECT string_agg(office, ' ' ORDER BY office) FROM sheet_receipts`); got != "government_office party_office" {
		t.Fatalf("receipts of %s", got)
	}
	f.must(t, "receive", f.Receive(ctx, f.party, no))
	f.at(t, "2026-11-24 15:00")
	f.must(t, "receive", f.Receive(ctx, f.government, no))
	if got := f.one(t, `SELECT count(DISTINCT received_at) || '/' || count(DISTINCT received_by) FROM sheet_receipts`); got != "2/2" {
		t.Errorf("receipt times and people %s", got)
	}
	f.must(t, "remove", f.Remove(ctx, f.party, no))
	for who, want := range map[*org.Actor]int{&f.party: 0, &f.government: 1} {
		if _, n, err := f.Inbox(ctx, *who, feedback.SheetFilter{Size: 9}); err != nil || n != want {
			t.Errorf("%s has %d, %v; want %d", who.Kind, n, err, want)
		}
	}
}

// What was asked without legal basis reaches the supervision office alone: not the two offices'
// page, inbox, filter or old versions, nor the unit.
func TestDemandsAreForSupervision(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	sh := happy()
	sh.Demand, sh.DemandText = "yes", "让我们订报纸"
	visit := f.visited(t, f.company.Company, "2026-11-20")
	no, err := f.FileSheet(ctx, f.company, visit, "", sh, f.key())
	f.must(t, "file", err)
	f.must(t, "change", f.ChangeSheet(ctx, f.company, visit, "", sh, f.key()))
	for _, a := range []org.Actor{f.party, f.government} {
		r, err := f.SheetByNo(ctx, a, no)
		if err != nil || r.Demand != "" || r.DemandText != "" {
			t.Errorf("%s reads %q %q, %v", a.Kind, r.Demand, r.DemandText, err)
		}
		if _, n, _ := f.Inbox(ctx, a, feedback.SheetFilter{Low: true, Size: 9}); n != 0 {
			t.Errorf("%s finds it among the dissatisfied", a.Kind)
		}
		if old, err := f.SheetVersions(ctx, a, no); err != nil || len(old) != 1 || old[0].Demand != "" || old[0].DemandText != "" {
			t.Errorf("%s reads the old version %+v, %v", a.Kind, old, err)
		}
	}
	for _, a := range []org.Actor{f.party, f.unit, f.company, f.chair, f.clerk} {
		if _, _, err := f.Demands(ctx, a, "", 1, 9); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s opens the inbox: %v", a.Role, err)
		}
	}
	list, n, err := f.Demands(ctx, f.watch, "new", 1, 9)
	if err != nil || n != 1 || list[0].Said != "让我们订报纸" {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := f.HandleDemand(ctx, f.party, list[0].ID, "confirmed", "已经查实，责令退还。"); err == nil {
		t.Error("an office decides")
	}
	if err := f.HandleDemand(ctx, f.watch, list[0].ID, "confirmed", ""); fault.FieldsOf(err)["text"].Key == "" {
		t.Errorf("decided without a word: %v", err)
	}
	f.must(t, "handle", f.HandleDemand(ctx, f.watch, list[0].ID, "handling", ""))
	f.must(t, "decide", f.HandleDemand(ctx, f.watch, list[0].ID, "confirmed", "已经查实，责令退还。"))
	if err := f.HandleDemand(ctx, f.watch, list[0].ID, "not_confirmed", "再改一次不行。"); !errors.Is(err, feedback.ErrState) {
		t.Errorf("decided twice: %v", err)
	}
	if got := f.one(t, `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE m.kind = 'demand-arrived' AND a.login <> 'watch'`); got != "0" {
		t.Errorf("%s others were told", got)
	}
}

// A company changes its sheet within a day; both offices see both; what the desk had agreed on of
// changed words is void; the rectification follows the levels.
func TestSheetChangedWithinADay(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	token, err := f.Link(ctx, f.company, visit)
	f.must(t, "link", err)
	no, err := f.FileSheet(ctx, org.Public, 0, token, low("yes", false), f.key())
	f.must(t, "file", err)
	f.must(t, "propose", f.ProposeComment(ctx, f.party, no, "opinion", "反映多次未办", false, ""))
	f.must(t, "agree", f.AgreeComment(ctx, f.government, no, "opinion", true))
	if err := f.ChangeSheet(ctx, f.rival, visit, "", happy(), f.key()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another company: %v", err)
	}
	if err := f.ChangeSheet(ctx, f.party, visit, "", happy(), f.key()); !errors.Is(err, feedback.ErrSheetFixed) {
		t.Errorf("an office: %v", err)
	}
	f.at(t, "2026-11-24 09:59")
	key := f.key()
	f.must(t, "change by link", f.ChangeSheet(ctx, org.Public, 0, token, feedback.Sheet{Overall: "s", Lang: "zh-CN"}, key))
	f.must(t, "the same post", f.ChangeSheet(ctx, org.Public, 0, token, feedback.Sheet{Overall: "s", Lang: "zh-CN"}, key))
	r, err := f.SheetByNo(ctx, f.government, no)
	if err != nil || *r.Score != "80/1" || r.Opinion != "" {
		t.Errorf("%+v, %v", r.Sheet, err)
	}
	old, err := f.SheetVersions(ctx, f.government, no)
	if err != nil || len(old) != 1 || old[0].Opinion != "三次上门都说下次再办。" || old[0].Answers["q4"] != "vd" {
		t.Errorf("%+v, %v", old, err)
	}
	if n := f.one(t, `SELECT count(*) FROM comments`); n != "0" {
		t.Errorf("%s agreed texts of words taken back", n)
	}
	if rect, _, err := f.RectificationOf(ctx, f.party, visit); err != nil || rect.State != feedback.RectifyDropped {
		t.Errorf("%+v, %v", rect, err)
	}
	f.at(t, "2026-11-24 10:00")
	if err := f.ChangeSheet(ctx, f.company, visit, "", happy(), f.key()); !errors.Is(err, feedback.ErrSheetFixed) {
		t.Errorf("after a day: %v", err)
	}
}

// By telephone: with the record of the call, or not at all.
func TestSheetByTelephone(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	_, err := f.FileSheet(ctx, f.clerk, visit, "", happy(), f.key())
	for _, field := range []string{"call_number", "call_person", "call_on", "call_consent"} {
		if fault.FieldsOf(err)[field].Key == "" {
			t.Errorf("%s may be left out: %v", field, err)
		}
	}
	sh := happy()
	sh.Call = feedback.SheetCall{Number: "0456-7520000", Person: "刘经理", On: "2026-11-23", Time: "09:30", Consent: true}
	no, err := f.FileSheet(ctx, f.clerk, visit, "", sh, f.key())
	f.must(t, "file", err)
	r, err := f.SheetByNo(ctx, f.party, no)
	if err != nil || r.Channel != "phone" {
		t.Errorf("%s, %v", r.Channel, err)
	}
	if c, err := f.CallOf(ctx, f.party, no); err != nil || c.On != "2026-11-23 09:30" || c.Person != "刘经理" {
		t.Errorf("%+v, %v", c, err)
	}
	if may, err := f.MayChange(ctx, f.company, visit, ""); err != nil || may {
		t.Errorf("what was taken down by telephone may be changed: %v %v", may, err)
	}
}

// On paper: two different people; where they differ a third look settles it; nothing is filed before.
func TestSheetOnPaper(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	visit := f.visited(t, f.company.Company, "2026-11-20")
	first, second := happy(), happy()
	second.Answers = map[string]string{"q1": "s", "q2": "b", "q3": "s", "q4": "s"}
	st, err := f.EnterPaper(ctx, f.clerk, visit, first, false, f.key())
	if err != nil || !st.First || st.No != "" {
		t.Fatalf("%+v, %v", st, err)
	}
	if _, err := f.EnterPaper(ctx, f.clerk, visit, first, true, f.key()); !errors.Is(err, feedback.ErrPaperSame) {
		t.Errorf("the same person twice: %v", err)
	}
	if st, err = f.EnterPaper(ctx, f.party, visit, second, true, f.key()); err != nil || st.No != "" || len(st.Differ) != 1 || st.Differ[0] != (feedback.PaperDifference{Field: "q2", First: "s", Second: "b"}) {
		t.Fatalf("%+v, %v", st, err)
	}
	if n := f.one(t, `SELECT count(*) FROM sheets`); n != "0" {
		t.Error("filed while they differ")
	}
	if _, err := f.EnterPaper(ctx, f.clerk, visit, first, true, f.key()); !errors.Is(err, feedback.ErrPaperSame) {
		t.Errorf("the first reader settles it: %v", err)
	}
	key := f.key()
	st, err = f.EnterPaper(ctx, f.government, visit, second, true, key)
	if err != nil || st.No == "" {
		t.Fatalf("settled: %+v, %v", st, err)
	}
	if again, err := f.EnterPaper(ctx, f.government, visit, second, true, key); err != nil || again.No != st.No {
		t.Errorf("the same post: %+v, %v", again, err)
	}
	if r, err := f.SheetByNo(ctx, f.party, st.No); err != nil || r.Channel != "paper" || r.Answers["q2"] != "b" {
		t.Errorf("%+v, %v", r.Sheet, err)
	}
	other := f.visited(t, f.rival.Company, "2026-11-19")
	_, err = f.EnterPaper(ctx, f.party, other, first, false, f.key())
	f.must(t, "first", err)
	if st, err := f.EnterPaper(ctx, f.clerk, other, first, false, f.key()); err != nil || st.No == "" {
		t.Errorf("both read the same: %+v, %v", st, err)
	}
}
