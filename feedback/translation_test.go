package feedback_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// TestM16TranslationsStandBeside: a translation is marked with language, translator and
// date, never changes the original, and is read by those who read the original.
func TestM16TranslationsStandBeside(t *testing.T) {
	f := setup(t)
	ctx := t.Context()
	ref := f.raise(t)
	key := f.key()
	own := feedback.Translation{Lang: "ru", Title: "Не выдают разрешение на строительство", Text: "Документы возвращали три раза, строительство стоит."}
	for who, a := range map[string]org.Actor{"company": f.company, "unit": f.unit, "rival": f.rival} {
		if err := f.Translate(ctx, a, ref, own, f.key()); !errors.Is(err, fault.ErrForbidden) && !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s translates: %v", who, err)
		}
	}
	if err := f.Translate(ctx, f.party, ref, feedback.Translation{Lang: "zh-CN", Title: "标题标题", Text: "正文正文"}, f.key()); fault.Of(err) == nil || fault.Of(err).Fields["lang"].Key == "" {
		t.Errorf("into the language of the original: %v", err)
	}
	for range 2 { // the same post twice
		f.must(t, "translate", f.Translate(ctx, f.party, ref, own, key))
	}
	f.must(t, "register", f.Register(ctx, f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit, Note: "内部说明一句"}, f.key()))
	f.must(t, "sign", f.Sign(ctx, f.unit, ref, f.key()))
	f.must(t, "answer", f.Answer(ctx, f.unit, ref, feedback.Answer{Result: "solved", Text: text}, f.key()))
	i, err := f.Issue(ctx, f.company, ref)
	f.must(t, "read", err)
	all, err := f.Events(ctx, f.party, i)
	f.must(t, "events", err)
	for _, e := range all {
		err := f.Translate(ctx, f.party, ref, feedback.Translation{Event: e.ID, Lang: "en", Text: "The permit is issued by Friday."}, f.key())
		if want := e.Body == "" || e.Internal; errors.Is(err, fault.ErrNotFound) != want {
			t.Errorf("translate %s (internal %t, %q): %v", e.Kind, e.Internal, e.Body, err)
		}
	}
	for who, a := range map[string]org.Actor{"company": f.company, "unit": f.unit, "office": f.party} {
		i, err := f.Issue(ctx, a, ref)
		f.must(t, who, err)
		list, err := f.Translations(ctx, a, i)
		f.must(t, who, err)
		if len(list) != 2 || list[0].Title != own.Title || list[0].Lang != "ru" || list[1].Event == 0 || !list[0].At.Equal(f.now) || (list[0].By == "") != (who == "company") {
			t.Errorf("%s reads %+v", who, list)
		}
		if i.Title != "施工许可迟迟不批" || i.Lang != "zh-CN" {
			t.Errorf("the original is %q in %s", i.Title, i.Lang)
		}
	}
	if err := f.Translate(ctx, f.party, ref, feedback.Translation{Event: 999999, Lang: "en", Text: "nothing"}, f.key()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a step of no issue: %v", err)
	}
}
