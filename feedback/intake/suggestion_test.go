package intake_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback/intake"
	"pingyi/org"
)

// TestAdoptionRate: worked by hand.
func TestAdoptionRate(t *testing.T) {
	for _, c := range []struct {
		a    intake.Adoption
		want int
	}{{intake.Adoption{}, 0}, {intake.Adoption{Open: 3}, 0}, {intake.Adoption{Adopted: 1, Partly: 1, Not: 1, Open: 5}, 67}, {intake.Adoption{Partly: 1, Not: 7}, 13}, {intake.Adoption{Adopted: 2}, 100}} {
		if got := c.a.Rate(); got != c.want {
			t.Errorf("%+v: %d %%, by hand %d", c.a, got, c.want)
		}
	}
}

// TestS33SuggestionsAreAnswered: every suggestion gets one reply with a reason, by the
// unit or an office; the unit learns the company only where it said so.
func TestS33SuggestionsAreAnswered(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	draft := intake.SuggestionDraft{Title: "延长夜间公交", Body: "建议园区末班车延长到晚上十点。", Unit: k.head.Unit, Lang: "zh-CN"}
	ref, err := k.intake.Suggest(ctx, k.company, draft, "same-key-0000001")
	k.must(err)
	if again, err := k.intake.Suggest(ctx, k.company, draft, "same-key-0000001"); err != nil || again != ref {
		t.Errorf("the same form twice: %s and %s (%v)", ref, again, err)
	}
	if _, err := k.intake.Suggest(ctx, k.head, draft, k.key()); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a unit makes a suggestion: %v", err)
	}
	if _, err := k.intake.Suggest(ctx, k.company, intake.SuggestionDraft{Title: "短"}, k.key()); len(fault.FieldsOf(err)) != 2 {
		t.Errorf("two fields are wrong: %v", err)
	}
	for _, a := range []org.Actor{k.other, k.head2, k.leader, k.chamber, org.Public} {
		if _, err := k.intake.Suggestion(ctx, a, ref); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s sees the suggestion: %v", a.Role, err)
		}
	}
	if x, err := k.intake.Suggestion(ctx, k.head, ref); err != nil || x.Company != 0 || x.CompanyName.ZH != "" {
		t.Errorf("the unit learns the company: %+v %v", x, err)
	}
	if x, err := k.intake.Suggestion(ctx, k.office, ref); err != nil || x.CompanyName.ZH == "" {
		t.Errorf("the office does not learn the company: %v", err)
	}
	found, err := k.intake.Search(ctx, k.head, "公交", "zh-CN")
	k.must(err)
	if refs(found, "suggestion") != ref {
		t.Errorf("the unit finds %q", refs(found, "suggestion"))
	}
	k.must(k.intake.Pass(ctx, k.office, ref, k.head2.Unit))
	if err := k.intake.Reply(ctx, k.head, ref, "adopted", "已经安排延长。"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a unit that has it no more replies: %v", err)
	}
	if err := k.intake.Reply(ctx, k.head2, ref, "adopted", ""); fault.FieldsOf(err) == nil {
		t.Errorf("a reply without a reason: %v", err)
	}
	k.must(k.intake.Reply(ctx, k.head2, ref, "partly", "先延长到九点半。"))
	if err := k.intake.Reply(ctx, k.office, ref, "not", "重复答复一次。"); !errors.Is(err, intake.ErrMoved) {
		t.Errorf("replied twice: %v", err)
	}
	a, err := k.intake.Adoption(ctx, k.office)
	k.must(err)
	if a != (intake.Adoption{Partly: 1}) {
		t.Errorf("counted %+v", a)
	}
	var told int
	k.must(k.owner.Get(&told, `SELECT count(*) FROM notices WHERE account_id = $1`, k.company.Account))
	if told != 1 {
		t.Errorf("the company was told %d times", told)
	}
}
