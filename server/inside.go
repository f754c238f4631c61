package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"pingyi/org"
)

// insideKey marks a request that the portal makes of itself, for the reader it holds.
// Only Go code can set it; nothing of a request from outside reaches a context.
type insideKey struct{}

// answered takes an answer into memory.
type answered struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answered) Header() http.Header { return a.header }

func (a *answered) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
}

func (a *answered) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// inside gets an address of the portal as a reader would, with all checks of what he may
// see, in a language.
func (s *Server) inside(ctx context.Context, by org.Actor, lang, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(context.WithValue(ctx, insideKey{}, by), http.MethodGet, s.BaseURL+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
	a := &answered{header: http.Header{}}
	s.ServeHTTP(a, r)
	if a.code != http.StatusOK {
		return nil, fmt.Errorf("ask for %s: answered %d", path, a.code)
	}
	return a.body.Bytes(), nil
}
