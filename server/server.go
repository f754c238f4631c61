// Package server is the portal's HTTP side: routes with their permissions,
// sessions, forms and handlers. A handler parses, calls one domain method and
// renders. Start at routes.go.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"pingyi/locale"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/templates"
)

// Options are the plain settings of a server.
type Options struct {
	Version   string
	BaseURL   string // https://portal.example, without a slash at the end
	BallotURL string // another host name, so that no cookie crosses
	Secret    []byte // at least 32 bytes; form tokens and keyed hashes come from it
	Secure    bool   // served over https: cookies are marked so
	Now       func() time.Time
	Proxies   []string         // addresses or networks whose X-Forwarded-For is believed
	OneServer bool             // the ballot box shares its database server with the portal
	Channels  []notify.Channel // ways out of the portal that are set up
	// Ready reports whether the databases answer; for /readyz.
	Ready func(ctx context.Context) error
}

// Server answers the portal's pages.
type Server struct {
	Options
	Domain
	log       *slog.Logger
	pages     *templates.Renderer
	catalogue *locale.Catalogue
	stopping  atomic.Bool
	county    atomic.Pointer[countyNames]
	verified  atomic.Pointer[verified]
	limiter   limiter
	handler   http.Handler
}

// New builds the server. It fails when a route has no permission.
func New(log *slog.Logger, opts Options, domain Domain) (*Server, error) {
	if len(opts.Secret) < 32 {
		return nil, errors.New("the secret needs at least 32 bytes")
	}
	pages, err := templates.New()
	if err != nil {
		return nil, err
	}
	catalogue, err := locale.Load()
	if err != nil {
		return nil, err
	}
	s := &Server{Options: opts, Domain: domain, log: log, pages: pages, catalogue: catalogue}
	portal, err := s.portal(s.areas()...)
	if err != nil {
		return nil, err
	}
	s.handler = s.byHost(portal, s.ballotHost())
	return s, nil
}

// ServeHTTP answers a request to either host.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Stopping makes /readyz answer 503, so that a proxy sends no new requests.
func (s *Server) Stopping() { s.stopping.Store(true) }

// byHost sends requests for the ballot host to its own handler: another host
// name, so the session cookie never reaches it.
func (s *Server) byHost(portal, ballot http.Handler) http.Handler {
	ballotName := hostOf(s.BallotURL)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /assets/", securityHeaders(s.Secure, s.pages.Assets()))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if name, _, err := net.SplitHostPort(r.Host); r.Host == ballotName || (err == nil && name == ballotName) {
			ballot.ServeHTTP(w, r)
			return
		}
		portal.ServeHTTP(w, r)
	})
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(5), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		panic(fmt.Sprintf("compression settings: %v", err)) // constants above
	}
	return headAsGet(zip(mux))
}

// headAsGet answers HEAD as GET: what serves a page serves its head, and the
// connection drops the body by itself.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	if s.Ready != nil {
		if err := s.Ready(r.Context()); err != nil {
			http.Error(w, "database", http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = w.Write([]byte("ok\n"))
}

// portal builds the identity side: everything but the ballot host.
func (s *Server) portal(areas ...area) (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	if err := e.SetTrustedProxies(s.Proxies); err != nil {
		return nil, err
	}
	e.HandleMethodNotAllowed = true
	e.ContextWithFallback = true
	e.Use(s.requestID, s.logged, s.recovered, s.identified)
	for _, area := range areas {
		for _, rt := range area.routes {
			if rt.allow == nil {
				return nil, fmt.Errorf("route %s %s of area %s declares no permission", rt.method, rt.path, area.name)
			}
			e.Handle(rt.method, rt.path, s.handle(rt))
		}
	}
	e.NoRoute(s.wrap(func(c *gin.Context) error { return errNotFound }))
	e.NoMethod(s.wrap(func(c *gin.Context) error { return errMethod }))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	return securityHeaders(s.Secure, guard.Handler(e)), nil
}

// crossOrigin answers a post that did not come from a page of ours.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	t := s.catalogue.In(s.langOf(r, org.Public))
	http.Error(w, t.T("error.cross-origin"), http.StatusForbidden)
}

func hostOf(u string) string {
	u = strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://")
	if name, _, err := net.SplitHostPort(u); err == nil {
		return name
	}
	return u
}
