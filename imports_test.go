package main

import (
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// may lists, for each package, which of ours it may import, and which libraries
// are closed to it. Facts flow up: the domain knows nothing of HTTP, the box knows
// nothing of companies.
var may = map[string][]string{
	"pingyi/fault":                {},
	"pingyi/locale":               {},
	"pingyi/postgres":             {},
	"pingyi/postgres/embedded":    {"pingyi/postgres"},
	"pingyi/migrations":           {"pingyi/postgres"},
	"pingyi/postgres/pgtest":      {"pingyi/postgres", "pingyi/postgres/embedded", "pingyi/migrations"},
	"pingyi/calendar":             {"pingyi/fault", "pingyi/postgres"},
	"pingyi/org":                  {"pingyi/calendar", "pingyi/fault", "pingyi/postgres", "pingyi/record"},
	"pingyi/record":               {"pingyi/fault", "pingyi/merkle", "pingyi/org", "pingyi/postgres"},
	"pingyi/org/roster":           {"pingyi/calendar", "pingyi/fault", "pingyi/ledger", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/job":                  {"pingyi/fault", "pingyi/org", "pingyi/postgres"},
	"pingyi/notify":               {"pingyi/calendar", "pingyi/fault", "pingyi/locale", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/notify/carrier":       {"pingyi/notify"},
	"pingyi/feedback":             {"pingyi/calendar", "pingyi/fault", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/feedback/passing":     {"pingyi/calendar", "pingyi/evaluation", "pingyi/fault", "pingyi/feedback", "pingyi/feedback/intake", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/feedback/intake":      {"pingyi/calendar", "pingyi/fault", "pingyi/feedback", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/ledger":               {"pingyi/calendar", "pingyi/fault", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/promotion":            {"pingyi/calendar", "pingyi/fault", "pingyi/ledger", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/document":             {"pingyi/calendar", "pingyi/fault", "pingyi/feedback", "pingyi/locale", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/feedback/shield":      {"pingyi/calendar", "pingyi/evaluation", "pingyi/fault", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/care":                 {"pingyi/calendar", "pingyi/fault", "pingyi/feedback", "pingyi/ledger", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/honour":               {"pingyi/calendar", "pingyi/document", "pingyi/evaluation", "pingyi/fault", "pingyi/locale", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/killpoint":            {},
	"pingyi/meeting":              {"pingyi/calendar", "pingyi/evaluation", "pingyi/fault", "pingyi/feedback", "pingyi/feedback/passing", "pingyi/ledger", "pingyi/notify", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/merkle":               {},
	"pingyi/evaluation/printed":   {},
	"pingyi/evaluation/rank":      {},
	"pingyi/evaluation/mixed":     {},
	"pingyi/evaluation/league":    {"pingyi/evaluation/mixed", "pingyi/evaluation/rank"},
	"pingyi/evaluation/tallykey":  {"pingyi/evaluation/printed"},
	"pingyi/evaluation/ballotbox": {"pingyi/calendar", "pingyi/evaluation/printed", "pingyi/evaluation/tallykey", "pingyi/fault", "pingyi/killpoint", "pingyi/merkle", "pingyi/org", "pingyi/postgres"},
	"pingyi/evaluation/ballotlog": {"pingyi/evaluation/ballotbox", "pingyi/evaluation/tallykey", "pingyi/merkle", "pingyi/org"},
	"pingyi/witness":              {"pingyi/fault", "pingyi/merkle", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/witness/watch":        {"pingyi/merkle"},
	"pingyi/evaluation": {"pingyi/calendar", "pingyi/evaluation/ballotbox", "pingyi/evaluation/ballotlog", "pingyi/evaluation/mixed", "pingyi/evaluation/rank", "pingyi/evaluation/tallykey", "pingyi/fault", "pingyi/feedback",
		"pingyi/killpoint", "pingyi/notify", "pingyi/ledger", "pingyi/org", "pingyi/postgres", "pingyi/record", "pingyi/witness"},
	"pingyi/evaluation/editor": {"pingyi/evaluation", "pingyi/fault", "pingyi/org"},
	"pingyi/report":            {},
	"pingyi/yearfile":          {"pingyi/fault", "pingyi/org", "pingyi/postgres", "pingyi/record"},
	"pingyi/overview":          {"pingyi/calendar", "pingyi/evaluation", "pingyi/fault", "pingyi/feedback", "pingyi/ledger", "pingyi/org"},
	"pingyi/templates":         {"pingyi/locale"},
}

// closed are libraries only some packages may use.
var closed = map[string][]string{
	"net/http":                    {"pingyi", "pingyi/server", "pingyi/templates", "pingyi/scripts/ballotload", "pingyi/notify/carrier", "pingyi/witness/watch"},
	"github.com/gin-gonic/gin":    {"pingyi/server"},
	"github.com/gorilla/sessions": {"pingyi/server"},
	"html/template":               {"pingyi/templates"},
}

// wrongs names the imports the tables forbid.
func wrongs(pkg string, imports []string) []string {
	var out []string
	for _, i := range imports {
		if allowed, known := may[pkg]; known && (i == "pingyi" || strings.HasPrefix(i, "pingyi/")) && !slices.Contains(allowed, i) {
			out = append(out, i)
		}
		if users, ok := closed[i]; ok && !slices.Contains(users, pkg) {
			out = append(out, i)
		}
	}
	return out
}

func TestWhoImportsWhom(t *testing.T) {
	b, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, pkg := range strings.Fields(string(b)) {
		seen[pkg] = true
		files, _ := filepath.Glob(filepath.Join(".", strings.TrimPrefix(strings.TrimPrefix(pkg, "pingyi"), "/"), "*.go"))
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			var imports []string
			for _, i := range parsed.Imports {
				imports = append(imports, strings.Trim(i.Path.Value, `"`))
			}
			for _, w := range wrongs(pkg, imports) {
				t.Errorf("%s imports %s", f, w)
			}
		}
	}
	for pkg := range may {
		if !seen[pkg] {
			t.Errorf("the table names %s, which does not exist", pkg)
		}
	}
	// planted: the box learns of feedback, a domain package of HTTP
	if len(wrongs("pingyi/evaluation/ballotbox", []string{"pingyi/feedback"})) != 1 || len(wrongs("pingyi/feedback", []string{"net/http"})) != 1 {
		t.Error("a forbidden import was not found")
	}
}
