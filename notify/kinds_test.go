package notify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pingyi/locale"
)

// kindForm is what a kind looks like; other things have kinds, too.
var kindForm = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+\*?$`)

// posted finds the kinds of messages in the sources: literals, and beginnings of kinds
// that are put together at run time.
func posted(t *testing.T) (kinds map[string]string) {
	t.Helper()
	kinds = map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"pingyi/notify"` }) && f.Name.Name != "notify" {
			return nil
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
				for i, to := range set.Lhs {
					if x, ok := to.(*ast.SelectorExpr); ok && x.Sel.Name == "Kind" && kindForm.MatchString(beginning(set.Rhs[i])) {
						kinds[beginning(set.Rhs[i])] = path
					}
				}
			}
			lit, ok := n.(*ast.CompositeLit)
			if !ok || lit.Type == nil {
				return true
			}
			switch name := strings.TrimPrefix(types.ExprString(lit.Type), "notify."); {
			case name == "Message":
				kinds[kindOf(lit)] = path
			case name == "[]Message":
				for _, e := range lit.Elts {
					if one, ok := e.(*ast.CompositeLit); ok {
						kinds[kindOf(one)] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(kinds, "")
	return kinds
}

// kindOf is the kind of a message's literal.
func kindOf(lit *ast.CompositeLit) string {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && types.ExprString(kv.Key) == "Kind" {
			return beginning(kv.Value)
		}
	}
	return ""
}

// beginning is the string literal an expression begins with.
func beginning(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return ""
		}
		return s
	case *ast.BinaryExpr:
		if s := beginning(e.X); s != "" {
			return s + "*"
		}
	}
	return ""
}

// Every message that can be posted has a subject and a body, in a length that fits.
func TestEveryKindHasItsTexts(t *testing.T) {
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys := cat.Keys(locale.Chinese)
	all := posted(t)
	if all["message-trial"] == "" {
		t.Fatal("the search finds nothing")
	}
	for kind, path := range all {
		found := false
		for _, k := range keys {
			rest, ok := strings.CutPrefix(k, "notify."+strings.TrimSuffix(kind, "*"))
			found = found || ok && (strings.HasSuffix(kind, "*") || rest == ".subject")
		}
		if !found {
			t.Errorf("%s posts %s, which has no notify.%s.subject", path, kind, kind)
		}
	}
	for _, k := range keys {
		kind, ok := strings.CutPrefix(k, "notify.")
		if !ok {
			continue
		}
		subject, isSubject := strings.CutSuffix(kind, ".subject")
		body, isBody := strings.CutSuffix(kind, ".body")
		if isSubject == isBody {
			t.Errorf("%s is neither subject nor body", k)
			continue
		}
		if zh := cat.In(locale.Chinese); isSubject && (!zh.Has("notify."+subject+".body") || utf8.RuneCountInString(zh.T(k)) > 60) || isBody && !zh.Has("notify."+body+".subject") {
			t.Errorf("%s lacks the other half, or is longer than one line", k)
		}
	}
}
