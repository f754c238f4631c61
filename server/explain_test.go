package server

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pingyi/evaluation"
	"pingyi/evaluation/editor"
	"pingyi/locale"
)

// TestExplainedInEveryLanguage: every sentence about a scheme that uses every rule of
// the format, and about one begun from nothing, has its words in every language.
func TestExplainedInEveryLanguage(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("../evaluation/editor/testdata/rich.json")
	if err != nil {
		t.Fatal(err)
	}
	rich, err := evaluation.ReadScheme(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := regexp.MustCompile(`\[[a-z]+\.|<no value>|%!|\{\{|map\[`)
	for _, lang := range locale.Languages {
		tr := catalogue.In(lang)
		for _, sc := range []*evaluation.Scheme{evaluation.NJDefault(), rich, editor.Skeleton("new")} {
			var text strings.Builder
			var walk func(list []explained)
			walk = func(list []explained) {
				for _, x := range list {
					text.WriteString(x.Text + "\n")
					walk(x.Below)
				}
			}
			for _, c := range explain(tr, sc) {
				text.WriteString(c.Title + "\n")
				walk(c.Says)
			}
			if m := broken.FindString(text.String()); m != "" {
				t.Errorf("%s, %s: %q in\n%s", lang, sc.Code, m, text.String())
			}
			if open := strings.Contains(text.String(), tr.T("say.open")); open != (sc.Code == "new") {
				t.Errorf("%s, %s: something is open: %t\n%s", lang, sc.Code, open, text.String())
			}
		}
	}
	if n := catalogue.Missing(); len(n) != 0 {
		t.Errorf("messages are missing: %v", n)
	}
}

// TestDifferencesInWords: places of two schemes that differ are named as a person
// would, and a row that came is one change.
func TestDifferencesInWords(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	a, b := evaluation.NJDefault(), evaluation.NJDefault()
	b.Indicators[0].Weight = 12
	b.Group.Trim = evaluation.TrimNone
	b.Trees[0].Parts[1].Parts[0].Source.FullAt = 5
	b.Trees[0].Parts[1].Parts[0].Name.RU = "Листы"
	b.Bonus = b.Bonus[1:]
	b.Grades[0].Share = evaluation.Frac(20, 1)
	b.Ties.Then = []string{"A"}
	code, _ := editor.AddPart(&b.Trees[0], "")
	list, err := evaluation.Differences(a, b)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]string{}
	for _, c := range schemeChanges(catalogue.In(locale.English), a, b, list) {
		got[c.Page+": "+c.Where] = [2]string{c.Old, c.New}
	}
	for where, want := range map[string][2]string{
		"Ballot items: Attitude · Weight":                                    {"10", "12"},
		"Rater groups and trimming: Trimming":                                {"a share at each end", "none"},
		"How classes are scored: Sheet score · Companies for full weight":    {"3", "5"},
		"How classes are scored: Sheet score · Name (Russian)":               {"Оценка по листам", "Листы"},
		"Bonus: Referral: verified contract brought by an existing investor": {"there", "removed"},
		"Grades: Excellent · Share of the ranked units (%)":                  {"—", "20"},
		"Total and ties: Equal totals: compare first 1":                      {"—", "Appraisal by companies"},
		"How classes are scored: " + code:                                    {"—", "added"},
	} {
		if got[where] != want {
			t.Errorf("%s: %v, want %v", where, got[where], want)
		}
	}
	if len(got) != 8 {
		t.Errorf("%d changes: %v", len(got), got)
	}
}
