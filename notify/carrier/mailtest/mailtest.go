// Package mailtest gives tests a real mail server in a process of its own: the test
// binary, started again. It keeps what it takes as files, so that what was taken is
// known even when either side was killed.
package mailtest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Account that servers with Auth know.
const (
	User     = "pingyi"
	Password = "correct horse 电池"
)

// Options of a server.
type Options struct {
	Auth    string // "", PLAIN or LOGIN: sign-in is needed, by this mechanism
	Cert    string // files of certificate and key; with them TLS is offered
	Key     string
	Wrapped bool // TLS from the first byte
}

// Server is a mail server in a process of its own.
type Server struct {
	Addr string
	dir  string
	opts Options
	t    testing.TB
	cmd  *exec.Cmd
}

// environment of the process that is the server.
const (
	envDir  = "PINGYI_TEST_MAIL_DIR"
	envAddr = "PINGYI_TEST_MAIL_ADDR"
	envOpts = "PINGYI_TEST_MAIL_OPTS"
)

// Main is for TestMain: in the process that is to be the server it serves until it is
// killed, in any other it returns.
func Main() {
	if dir := os.Getenv(envDir); dir != "" {
		serve(dir, os.Getenv(envAddr), strings.Split(os.Getenv(envOpts), "|"))
		os.Exit(0)
	}
}

// Start starts a server; it is killed when the test ends.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	s := &Server{Addr: "127.0.0.1:0", dir: t.TempDir(), opts: opts, t: t}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up starts the server again after Down, at the same address.
func (s *Server) Up() {
	s.t.Helper()
	s.cmd = exec.Command(os.Args[0])
	wrapped := ""
	if s.opts.Wrapped {
		wrapped = "wrapped"
	}
	s.cmd.Env = append(os.Environ(), envDir+"="+s.dir, envAddr+"="+s.Addr, envOpts+"="+strings.Join([]string{s.opts.Auth, s.opts.Cert, s.opts.Key, wrapped}, "|"))
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatalf("the mail server did not start: %v", err)
	}
	s.Addr = strings.TrimSpace(line)
}

// Down kills the server.
func (s *Server) Down() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Mail is a message the server took.
type Mail struct {
	ID, To, Subject, Lang, Raw string
}

// Mails are the messages the server took, in the order of their coming.
func (s *Server) Mails() []Mail {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(files)
	var out []Mail
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			s.t.Fatalf("not a message: %v\n%s", err, raw)
		}
		to, err := mail.ParseAddress(m.Header.Get("To"))
		if err != nil {
			s.t.Fatalf("receiver %q: %v", m.Header.Get("To"), err)
		}
		out = append(out, Mail{ID: m.Header.Get("Message-ID"), To: to.Address, Subject: m.Header.Get("Subject"), Lang: m.Header.Get("Content-Language"), Raw: string(raw)})
	}
	return out
}

func serve(dir, addr string, opts []string) {
	fail := func(err error) {
		_, _ = os.Stderr.WriteString("mail server: " + err.Error() + "\n")
		os.Exit(1)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		fail(err)
	}
	_, _ = os.Stdout.WriteString(l.Addr().String() + "\n")
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s := &session{dir: dir, conn: c}
		if opts[0] == "" {
			return s, nil
		}
		return &signedSession{session: s, mech: opts[0]}, nil
	}))
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "mail.test", time.Minute, time.Minute
	srv.AllowInsecureAuth = opts[1] == ""
	if opts[1] != "" {
		cert, err := tls.LoadX509KeyPair(opts[1], opts[2])
		if err != nil {
			fail(err)
		}
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		if opts[3] != "" {
			l = tls.NewListener(l, srv.TLSConfig)
		}
	}
	if err := srv.Serve(l); err != nil {
		fail(err)
	}
}

// session takes mail. What it does with a letter depends on the name of the receiver:
// nobody is unknown, full has no room for now, silent has his letter taken and the
// connection cut before the answer.
type session struct {
	dir    string
	conn   *smtp.Conn
	to     string
	closed bool // sign-in is needed and was not made
}

func (s *session) Reset()        { s.to = "" }
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.closed {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to, _, _ = strings.Cut(to, "@")
	switch s.to {
	case "nobody":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case "full":
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err // cut off before the dot: nothing was taken
	}
	f, err := os.CreateTemp(s.dir, "incoming-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	name := filepath.Join(s.dir, time.Now().UTC().Format("20060102T150405.000000000")+".eml")
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	if s.to == "silent" {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// signedSession is a session that needs sign-in.
type signedSession struct {
	*session
	mech string
}

func (s *signedSession) Mail(from string, o *smtp.MailOptions) error { return s.session.Mail(from, o) }

func (s *signedSession) AuthMechanisms() []string {
	s.closed = true
	return []string{s.mech}
}

func (s *signedSession) Auth(mech string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.closed = false
		return nil
	}
	if mech == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer asks for the two in turn.
type loginServer struct {
	check func(user, password string) error
	user  string
	asked int
}

// Next asks the next question; see sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
