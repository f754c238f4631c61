package server

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
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
		if n := s.catalogue.Missing(); n != 0 {
			t.Errorf("%s: %d missing messages", lang, n)
		}
	}
}
