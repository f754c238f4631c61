package locale_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"pingyi/locale"
)

// messages reads one language's files as they are.
func messages(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob("messages/*." + lang + ".json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages in %s (%v)", lang, err)
	}
	out := map[string]map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		raw := map[string]json.RawMessage{}
		if err := json.Unmarshal(b, &raw); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for key, v := range raw {
			if _, twice := out[key]; twice {
				t.Errorf("%s: %s is there twice", lang, key)
			}
			forms := map[string]string{}
			var plain string
			if json.Unmarshal(v, &plain) == nil {
				forms["other"] = plain
			} else if err := json.Unmarshal(v, &forms); err != nil {
				t.Errorf("%s: %s: %v", lang, key, err)
			}
			out[key] = forms
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholders(forms map[string]string) []string {
	seen := map[string]bool{}
	for _, f := range forms {
		for _, p := range placeholder.FindAllString(f, -1) {
			seen[p] = true
		}
	}
	var out []string
	for p := range seen {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

var (
	chinese  = regexp.MustCompile(`\p{Han}`)
	cyrillic = regexp.MustCompile(`\p{Cyrillic}`)
)

// TestEveryMessageInEveryLanguage: the same keys, the same placeholders, the plural
// forms each language needs, and no other language's words.
func TestEveryMessageInEveryLanguage(t *testing.T) {
	zh := messages(t, locale.Chinese)
	needs := map[string][]string{locale.Chinese: {"other"}, locale.English: {"one", "other"}, locale.Russian: {"few", "many", "one", "other"}}
	for _, lang := range locale.Languages {
		all := messages(t, lang)
		for key, forms := range all {
			base, ok := zh[key]
			if !ok {
				t.Errorf("%s has %s, Chinese does not", lang, key)
				continue
			}
			if got, want := placeholders(forms), placeholders(base); !slices.Equal(got, want) {
				t.Errorf("%s: %s has placeholders %v, Chinese %v", lang, key, got, want)
			}
			if len(forms) > 1 {
				for _, f := range needs[lang] {
					if strings.TrimSpace(forms[f]) == "" {
						t.Errorf("%s: %s lacks the plural form %q", lang, key, f)
					}
				}
			}
			for form, text := range forms {
				switch {
				case strings.TrimSpace(text) == "":
					t.Errorf("%s: %s (%s) is empty", lang, key, form)
				case lang != locale.Chinese && chinese.MatchString(text):
					t.Errorf("%s: %s holds Chinese: %s", lang, key, text)
				case lang != locale.Russian && cyrillic.MatchString(text):
					t.Errorf("%s: %s holds Russian: %s", lang, key, text)
				}
			}
		}
		for key := range zh {
			if _, ok := all[key]; !ok {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
}

var (
	literal = regexp.MustCompile(`"([a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9][a-zA-Z0-9._-]*)"`)
	// beginnings of keys that are put together at run time
	family = regexp.MustCompile(`"([a-z0-9]+(?:-[a-z0-9]+)*\.(?:[a-z0-9]+(?:[-_][a-z0-9]+)*-)?)"`)
)

// TestMessagesAndTheirUse: what a template asks for exists, and what exists is
// asked for by a template, a handler or a fault.
func TestMessagesAndTheirUse(t *testing.T) {
	zh := messages(t, locale.Chinese)
	used, families := map[string]bool{}, map[string]bool{"import.col-": true, "done.": true, "import.lang-": true, "import.member-": true,
		"about.": true, "notify.": true, "privacy.": true, "secrecy.": true, "accessibility.": true} // the pages of plain text take their name as prefix; notify/kinds_test.go looks at messages
	missing := map[string]string{}
	for _, root := range []string{"..", "../server", "../feedback", "../feedback/intake", "../feedback/passing", "../feedback/shield", "../care", "../honour", "../promotion", "../notify", "../ledger", "../meeting", "../document", "../evaluation", "../evaluation/ballotbox", "../evaluation/editor", "../org", "../org/roster", "../job", "../templates", "../record", "../fault", "../demo", "../witness"} {
		files, _ := filepath.Glob(root + "/*.go")
		if root == "../templates" {
			for _, pattern := range []string{"partials/*.html", "pages/*/*.html"} {
				more, _ := filepath.Glob(root + "/" + pattern)
				files = append(files, more...)
			}
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
				used[m[1]] = true
				if _, ok := zh[m[1]]; !ok && strings.HasSuffix(f, ".html") && !strings.HasSuffix(m[1], "-") && !regexp.MustCompile(`\.(js|css|svg)$|^[0-9.]+$`).MatchString(m[1]) {
					missing[m[1]] = f
				}
			}
			for _, m := range family.FindAllStringSubmatch(string(b), -1) {
				families[m[1]] = true
			}
		}
	}
	for key, f := range missing {
		t.Errorf("%s asks for %s, which is not in the catalogue", f, key)
	}
	for key := range zh {
		if used[key] || used[strings.TrimSuffix(key, "-hint")] {
			continue
		}
		inFamily := false
		for f := range families {
			inFamily = inFamily || strings.HasPrefix(key, f)
		}
		if !inFamily {
			t.Errorf("nobody asks for %s", key)
		}
	}
}
