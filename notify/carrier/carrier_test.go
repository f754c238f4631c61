package carrier

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pingyi/notify"
	"pingyi/notify/carrier/mailtest"
)

func TestMain(m *testing.M) {
	mailtest.Main()
	os.Exit(m.Run())
}

// certificate makes a certificate for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kb, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: kb}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return cert, key, roots
}

func smtpTo(addr string) *SMTP {
	return &SMTP{Addr: addr, Security: Clear, From: &mail.Address{Name: "嫩江投资者评价服务平台", Address: "pingyi@county.example"}, Host: "portal.example", Now: time.Now}
}

func letterTo(name string) notify.Letter {
	return notify.Letter{Ref: "ref-" + name, To: name + "@company.example", Name: "Иван\r\nBcc: everybody@county.example", Lang: "ru",
		Subject: "Ваш вопрос принят к рассмотрению, срок ответа — 1 декабря 2026 г., ответственное ведомство назначено\r\nX-Evil: 1", Text: "Здравствуйте!\n\n.\nОткрыть:\nhttps://portal.example/m/7\n"}
}

func yes() error { return nil }

func outcome(t *testing.T, err error) string {
	t.Helper()
	var f *notify.Failure
	switch {
	case err == nil:
		return "taken"
	case errors.As(err, &f):
		return [...]string{"unreachable", "later", "refused", "unknown"}[f.Outcome]
	}
	return err.Error()
}

func TestMailArrivesAsWritten(t *testing.T) {
	srv := mailtest.Start(t, mailtest.Options{})
	s := smtpTo(srv.Addr)
	defer s.Rest()
	l := letterTo("ivan")
	if err := s.Carry(context.Background(), l, yes); err != nil {
		t.Fatal(err)
	}
	all := srv.Mails()
	if len(all) != 1 || all[0].ID != "<ref-ivan@portal.example>" || all[0].To != "ivan@company.example" || all[0].Lang != "ru" {
		t.Fatalf("got %+v", all)
	}
	m, err := mail.ReadMessage(strings.NewReader(all[0].Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if want := strings.ReplaceAll(l.Subject, "\r\n", " "); err != nil || subject != want {
		t.Errorf("subject %q, %v; want %q", subject, err, want)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("X-Evil") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers: %v", m.Header)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if want := strings.ReplaceAll(l.Text, "\n", "\r\n"); err != nil || string(body) != want {
		t.Errorf("body %q, %v; want %q", body, err, want)
	}
	for line := range strings.SplitSeq(all[0].Raw, "\r\n") {
		if len(line) > 200 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
}

func TestAnswersOfMailServers(t *testing.T) {
	srv := mailtest.Start(t, mailtest.Options{})
	s := smtpTo(srv.Addr)
	defer s.Rest()
	for _, tt := range []struct{ to, want string }{{"nobody", "refused"}, {"full", "later"}, {"ivan", "taken"}, {"silent", "unknown"}, {"olga", "taken"}} {
		if got := outcome(t, s.Carry(context.Background(), letterTo(tt.to), yes)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.to, got, tt.want)
		}
	}
	stop := errors.New("stop")
	if err := s.Carry(context.Background(), letterTo("stopped"), func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped before the dot: %v", err)
	}
	srv.Down()
	if got := outcome(t, s.Carry(context.Background(), letterTo("ivan"), yes)); got != "unreachable" {
		t.Errorf("server down: %s", got)
	}
	var to []string
	for _, m := range srv.Mails() {
		to = append(to, m.To)
	}
	if got := strings.Join(to, " "); got != "ivan@company.example silent@company.example olga@company.example" {
		t.Errorf("the server took %s", got)
	}
}

func TestTLSAndSignIn(t *testing.T) {
	cert, key, roots := certificate(t)
	trusted, strangers := &tls.Config{RootCAs: roots}, (*tls.Config)(nil)
	for _, tt := range []struct {
		name     string
		srv      mailtest.Options
		sec      Security
		tls      *tls.Config
		password string
		want     string
	}{
		{"STARTTLS and PLAIN", mailtest.Options{Auth: "PLAIN", Cert: cert, Key: key}, StartTLS, trusted, mailtest.Password, "taken"},
		{"STARTTLS and LOGIN", mailtest.Options{Auth: "LOGIN", Cert: cert, Key: key}, StartTLS, trusted, mailtest.Password, "taken"},
		{"TLS from the first byte", mailtest.Options{Auth: "PLAIN", Cert: cert, Key: key, Wrapped: true}, TLS, trusted, mailtest.Password, "taken"},
		{"a wrong password", mailtest.Options{Auth: "PLAIN", Cert: cert, Key: key}, StartTLS, trusted, "wrong", "unreachable"},
		{"a stranger's certificate", mailtest.Options{Cert: cert, Key: key}, StartTLS, strangers, "", "unreachable"},
		{"no TLS where it is needed", mailtest.Options{}, StartTLS, trusted, "", "unreachable"},
		{"no sign-in where it is needed", mailtest.Options{Auth: "PLAIN", Cert: cert, Key: key}, StartTLS, trusted, "", "unreachable"},
	} {
		srv := mailtest.Start(t, tt.srv)
		s := smtpTo(srv.Addr)
		s.Security, s.TLS = tt.sec, tt.tls
		if tt.password != "" {
			s.User, s.Password = mailtest.User, tt.password
		}
		err := s.Carry(context.Background(), letterTo("ivan"), yes)
		if got := outcome(t, err); got != tt.want {
			t.Errorf("%s: %s (%v), want %s", tt.name, got, err, tt.want)
		}
		s.Rest()
		if got := len(srv.Mails()); (got == 1) != (tt.want == "taken") {
			t.Errorf("%s: the server took %d", tt.name, got)
		}
	}
}

// A gateway that knows messages by their id, as the document asks.
func TestGateway(t *testing.T) {
	now := time.Unix(1795500000, 0)
	key := []byte("a key of at least 32 characters!!")
	var got gatewayRequest
	status := 202
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Pingyi-Signature") != "v1="+Sign(key, "1795500000", body) || r.Header.Get("X-Pingyi-Time") != "1795500000" || r.Method != http.MethodPost {
			t.Errorf("request %s %v", r.Method, r.Header)
		}
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&got); err != nil || r.Header.Get("Idempotency-Key") != got.ID {
			t.Errorf("body %s, key %s", body, r.Header.Get("Idempotency-Key"))
		}
		if status == 302 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	defer srv.Close()
	g := &Gateway{URL: srv.URL, Key: key, Now: func() time.Time { return now }}
	l := notify.Letter{Ref: "7f3c", To: "139 0000 0000", Lang: "zh-CN", Text: "您的问题已受理 https://portal.example/m/7"}
	for code, want := range map[int]string{200: "taken", 202: "taken", 409: "taken", 400: "refused", 422: "refused", 410: "refused", 408: "later", 401: "unreachable",
		403: "unreachable", 404: "unreachable", 429: "unreachable", 500: "unreachable", 503: "unreachable", 302: "unreachable"} {
		status = code
		if said := outcome(t, g.Carry(context.Background(), l, yes)); said != want {
			t.Errorf("%d: %s, want %s", code, said, want)
		}
	}
	if got.To != "+8613900000000" || got.Text != l.Text || got.ID != "7f3c" || got.Lang != "zh-CN" {
		t.Errorf("request %+v", got)
	}
	srv.Close()
	if said := outcome(t, g.Carry(context.Background(), l, yes)); said != "unreachable" {
		t.Errorf("gateway down: %s", said)
	}
}

// Reference: printf '1795500000.{"id":"7f3c"}' | openssl dgst -sha256 -hmac key
func TestSignature(t *testing.T) {
	if got, want := Sign([]byte("key"), "1795500000", []byte(`{"id":"7f3c"}`)), "214c97f9e47b496c3da38f54226977956957ed32ec311fd54e1638d6cf02b810"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
