package feedback_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// TestCommentsReachTheUnitAsAllowed: only texts whose writers allowed it, by the word of both
// offices, in one batch of at least five from five companies after the quarter; what was not
// to be shown is nowhere.
func TestCommentsReachTheUnitAsAllowed(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	release := []string{"yes", "yes", "summary", "yes", "yes", "no", "yes"}
	for i, r := range release {
		first := fmt.Sprintf("91231121MA1900%03d", 500+i)
		var company, visit int64
		if err := f.db.Get(&company, `INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, created_at) SELECT licence || $2, '甲' || $3::text, '', '', 'russia', 'food', 'G1', now()
			FROM (VALUES ($1)) x (licence) RETURNING id`, first, string(org.LicenceCheck(first)), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if err := f.db.Get(&visit, `INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, idem) VALUES ($1, $2, 2026, 3, true, '2026-08-01', $3) RETURNING id`, f.unit.Unit, company, fmt.Sprint("v", i)); err != nil {
			t.Fatal(err)
		}
		f.db.MustExec(`INSERT INTO sheets (no, visit_id, area, demand, solved, opinion, wants_reply, release, lang, channel, filed_at, idem) VALUES ($1, $2, 'advice', 'no', 'yes', $3, false, $4, 'zh-CN', 'link', now(), $1)`,
			fmt.Sprintf("FK-2026-%06d", i), visit, fmt.Sprintf("意见第%d条，窗口要反复跑。", i), r)
	}
	desk, err := f.Desk(ctx, f.party)
	f.must(t, "desk", err)
	if len(desk) != 6 {
		t.Fatalf("%d texts on the desk, want 6: what may not be shown is not there", len(desk))
	}
	if _, err := f.Desk(ctx, f.watch); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("supervision reads the desk: %v", err)
	}
	if _, _, err := f.Comment(ctx, f.party, "FK-2026-000005", "opinion"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the desk opens what may not be shown: %v", err)
	}
	if err := f.ProposeComment(ctx, f.party, "FK-2026-000002", "opinion", "意见第2条，窗口要反复跑。", false, ""); fault.FieldsOf(err)["text"].Key != "comment.not-summarised" {
		t.Errorf("a text to be summarised goes out as written: %v", err)
	}
	for i := range 5 { // the seventh stays unread
		no := fmt.Sprintf("FK-2026-%06d", i)
		f.must(t, "propose", f.ProposeComment(ctx, f.party, no, "opinion", fmt.Sprintf("公开文字%d", i), false, ""))
		if err := f.AgreeComment(ctx, f.party, no, "opinion", true); !errors.Is(err, feedback.ErrOtherOffice) {
			t.Errorf("the same office agrees with itself: %v", err)
		}
		if i == 4 {
			if err := f.ReleaseBatch(ctx, f.party, f.unit.Unit, 2026, 3); !errors.Is(err, feedback.ErrBatchSmall) {
				t.Errorf("four texts are released: %v", err)
			}
		}
		f.must(t, "agree", f.AgreeComment(ctx, f.government, no, "opinion", true))
	}
	if err := f.ProposeComment(ctx, f.government, "FK-2026-000000", "opinion", "再提一次", false, ""); !errors.Is(err, feedback.ErrState) {
		t.Errorf("proposed twice: %v", err)
	}
	if err := f.ReleaseBatch(ctx, f.party, f.unit.Unit, 2026, 4); !errors.Is(err, feedback.ErrBatchOpen) {
		t.Errorf("the running quarter is released: %v", err)
	}
	if got, err := f.ReleasedComments(ctx, f.unit); err != nil || len(got) != 0 {
		t.Errorf("before the batch: %v %v", got, err)
	}
	f.must(t, "batch", f.ReleaseBatch(ctx, f.government, f.unit.Unit, 2026, 3))
	// one more agreed later never follows: it would tell its writer
	f.must(t, "late", f.ProposeComment(ctx, f.party, "FK-2026-000006", "opinion", "公开文字6", false, ""))
	f.must(t, "late", f.AgreeComment(ctx, f.government, "FK-2026-000006", "opinion", true))
	if err := f.ReleaseBatch(ctx, f.party, f.unit.Unit, 2026, 3); !errors.Is(err, feedback.ErrState) {
		t.Errorf("a second batch of the quarter: %v", err)
	}
	got, err := f.ReleasedComments(ctx, f.unit)
	f.must(t, "released", err)
	if len(got) != 5 {
		t.Fatalf("the unit reads %d comments", len(got))
	}
	again, err := f.ReleasedComments(ctx, f.unit)
	f.must(t, "released", err)
	for i, c := range got {
		if !strings.HasPrefix(c.Text, "公开文字") || strings.Contains(c.Text, "反复跑") || again[i].ID != c.ID {
			t.Errorf("comment %d: %q", i, c.Text)
		}
	}
	if other, err := f.ReleasedComments(ctx, f.other); err != nil || len(other) != 0 {
		t.Errorf("another unit reads %v %v", other, err)
	}
	if err := f.MarkComment(ctx, f.other, got[0].ID, true); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit marks: %v", err)
	}
	f.must(t, "mark", f.MarkComment(ctx, f.unit, got[0].ID, true))
	if got, err = f.ReleasedComments(ctx, f.unit); err != nil || got[0].Read == nil || got[0].Listed == nil {
		t.Errorf("marked: %+v %v", got[0], err)
	}
}
