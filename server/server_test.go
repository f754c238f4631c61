package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pingyi/templates"
)

// testServer is a server over the given domain, with a fixed clock.
func testServer(t *testing.T, d Domain) *Server {
	t.Helper()
	s, err := New(slog.New(slog.NewTextHandler(io.Discard, nil)), Options{
		Version: "test", BaseURL: "http://localhost", BallotURL: "http://127.0.0.1",
		Secret: []byte("a secret of the tests, 32 bytes!"),
		Now:    func() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) },
	}, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStartPageInThreeLanguages(t *testing.T) {
	s := testServer(t, Domain{})
	for lang, want := range map[string]string{"zh-CN": "您的企业，给部门打分", "en": "Your company scores the departments", "ru": "Ваша компания оценивает ведомства"} {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.Header.Set("Cookie", "lang="+lang)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, page lacks %q", lang, w.Code, want)
		}
		if n := s.catalogue.Missing(); len(n) > 0 {
			t.Errorf("%s: %v missing messages", lang, n)
		}
	}
}

// A page's own struct must not hide a field of the frame: the frame would show
// something else in its place, such as a company's name where the reader's stands.
func TestPagesHideNothingOfTheFrame(t *testing.T) {
	frame := map[string]bool{}
	for f := range reflect.TypeFor[templates.Page]().Fields() {
		frame[f.Name] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok || len(s.Fields.List) == 0 || types.ExprString(s.Fields.List[0].Type) != "templates.Page" {
				return true
			}
			pages++
			for _, field := range s.Fields.List[1:] {
				for _, name := range field.Names {
					if frame[name.Name] {
						t.Errorf("%s: %s.%s hides the frame's", file, spec.Name.Name, name.Name)
					}
				}
			}
			return true
		})
	}
	if pages < 20 {
		t.Errorf("only %d pages found", pages)
	}
}

func TestHeadIsAnsweredAsGet(t *testing.T) {
	web := httptest.NewServer(testServer(t, Domain{}))
	defer web.Close()
	for _, path := range []string{"/healthz", "/about", "/nothing"} {
		get, err := web.Client().Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = get.Body.Close()
		head, err := web.Client().Head(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(head.Body); head.StatusCode != get.StatusCode || len(body) != 0 {
			t.Errorf("HEAD %s: %d and %d bytes, GET %d", path, head.StatusCode, len(body), get.StatusCode)
		}
		_ = head.Body.Close()
	}
}
