// Package carrier takes letters out of the portal: e-mail by SMTP, text messages by
// an HTTP gateway.
package carrier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"pingyi/notify"
)

// Security says how the connection to the mail server is protected.
type Security int

// The ways of protecting a connection.
const (
	StartTLS Security = iota // begin in clear, TLS before anything is said; no TLS, no mail
	TLS                      // TLS from the first byte
	Clear                    // none: for a server on the same machine
)

// SMTP carries e-mails to one mail server.
type SMTP struct {
	Addr     string // host:port
	Security Security
	User     string // "" signs in nowhere
	Password string
	TLS      *tls.Config // nil: the system's roots, the host's name
	From     *mail.Address
	Host     string // name of the portal: in EHLO and in Message-IDs
	Now      func() time.Time

	client *smtp.Client // open from one letter to the next
	conn   net.Conn
}

// Times allowed for connecting, and for all that is said about one letter.
const (
	dialTime = 15 * time.Second
	talkTime = 4 * time.Minute
)

// Carry hands the letter to the mail server. Up to the final dot the server has
// nothing; its answer to the dot decides. When no answer comes the outcome is unknown.
func (s *SMTP) Carry(ctx context.Context, l notify.Letter, handing func() error) error {
	if err := s.ready(ctx); err != nil {
		s.hangUp()
		return notify.Fail(notify.Unreachable, "%w", err)
	}
	_ = s.conn.SetDeadline(time.Now().Add(talkTime))
	err := s.carry(l, handing)
	var f *notify.Failure
	if errors.As(err, &f) && f.Outcome != notify.Unreachable && f.Outcome != notify.Unknown && s.client.Reset() == nil {
		return err // this letter alone was refused; the connection stays
	}
	if err != nil {
		s.hangUp()
	}
	return err
}

func (s *SMTP) carry(l notify.Letter, handing func() error) error {
	if err := s.client.Mail(s.From.Address); err != nil {
		return refusal(err, notify.Unreachable) // nothing of ours is taken
	}
	if err := s.client.Rcpt(l.To); err != nil {
		return refusal(err, notify.Refused)
	}
	w, err := s.client.Data()
	if err != nil {
		return refusal(err, notify.Refused)
	}
	if _, err := w.Write(compose(l, s.From, s.Host, s.Now())); err != nil {
		return notify.Fail(notify.Unreachable, "%w", err)
	}
	if err := handing(); err != nil {
		return err // the connection is closed without the dot: the server has nothing
	}
	if err := w.Close(); err != nil {
		var said *textproto.Error
		switch {
		case errors.As(err, &said) && said.Code < 300:
			return nil // taken, in other words than 250
		case said != nil:
			return refusal(err, notify.Refused)
		}
		return notify.Fail(notify.Unknown, "no answer after the letter was handed over: %w", err)
	}
	return nil
}

// refusal reads an answer of the server: 4yz is for now, 421 for everybody; 5yz is
// what forGood says. Without an answer the server cannot be reached.
func refusal(err error, forGood notify.Outcome) error {
	var said *textproto.Error
	switch {
	case !errors.As(err, &said), said.Code == 421:
		return notify.Fail(notify.Unreachable, "%w", err)
	case said.Code >= 500:
		return notify.Fail(forGood, "%w", err)
	case forGood == notify.Unreachable:
		return notify.Fail(notify.Unreachable, "%w", err)
	}
	return notify.Fail(notify.Later, "%w", err)
}

// ready sees to it that a connection is open, protected and signed in.
func (s *SMTP) ready(ctx context.Context) error {
	if s.client != nil {
		_ = s.conn.SetDeadline(time.Now().Add(talkTime))
		if s.client.Noop() == nil {
			return nil
		}
		s.hangUp()
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	config := &tls.Config{}
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	config.ServerName, config.MinVersion = host, tls.VersionTLS12
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	s.conn = conn
	_ = conn.SetDeadline(time.Now().Add(2 * dialTime))
	if s.Security == TLS {
		s.conn = tls.Client(conn, config)
	}
	if s.client, err = smtp.NewClient(s.conn, host); err != nil {
		return err
	}
	if err := s.client.Hello(s.Host); err != nil {
		return err
	}
	if s.Security == StartTLS {
		if err := s.client.StartTLS(config); err != nil {
			return fmt.Errorf("the mail server offers no TLS: %w", err)
		}
	}
	return s.signIn(host)
}

// signIn proves who we are, by PLAIN or, where a server knows only that, by LOGIN.
func (s *SMTP) signIn(host string) error {
	if s.User == "" {
		return nil
	}
	_, offered := s.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	var auth smtp.Auth = smtp.PlainAuth("", s.User, s.Password, host)
	if !slices.Contains(ways, "PLAIN") && slices.Contains(ways, "LOGIN") {
		auth = &login{user: s.User, password: s.Password}
	}
	return s.client.Auth(auth)
}

// hangUp closes the connection without ceremony.
func (s *SMTP) hangUp() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.client, s.conn = nil, nil
}

// Rest says goodbye to the server.
func (s *SMTP) Rest() {
	if s.client != nil {
		_ = s.conn.SetDeadline(time.Now().Add(dialTime))
		_ = s.client.Quit()
	}
	s.hangUp()
}

// login is the AUTH LOGIN of older servers; like PLAIN it is used under TLS or on
// this machine only.
type login struct{ user, password string }

// Start begins; see smtp.Auth.
func (a *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if ip := net.ParseIP(server.Name); !server.TLS && server.Name != "localhost" && !ip.IsLoopback() {
		return "", nil, errors.New("the password is not sent in clear")
	}
	return "LOGIN", nil, nil
}

// Next answers the server's two questions; see smtp.Auth.
func (a *login) Next(from []byte, more bool) ([]byte, error) {
	switch question := strings.ToLower(string(from)); {
	case !more:
		return nil, nil
	case strings.HasPrefix(question, "user"):
		return []byte(a.user), nil
	case strings.HasPrefix(question, "pass"):
		return []byte(a.password), nil
	}
	return nil, fmt.Errorf("the mail server asks %q", from)
}
