package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// settings are all a process can be told from outside. They are read once, here.
type settings struct {
	Addr        string `env:"PINGYI_ADDR" envDefault:"127.0.0.1:8080"`
	DataDir     string `env:"PINGYI_DATA_DIR"`
	DatabaseURL string `env:"DATABASE_URL"`
	BaseURL     string `env:"PINGYI_BASE_URL"`
	BallotHost  string `env:"PINGYI_BALLOT_HOST"`
	Secret      string `env:"PINGYI_SECRET"`
	PGBinDir    string `env:"PINGYI_PG_BINDIR"`
	LogFormat   string `env:"PINGYI_LOG" envDefault:"text"`
	Insecure    bool   `env:"PINGYI_INSECURE_HTTP"`
	BoxURL      string `env:"PINGYI_BOX_DATABASE_URL"`
	Proxy       string `env:"PINGYI_PROXY"`
	AuditFile   string `env:"PINGYI_AUDIT_FILE"`

	SMTP         string `env:"PINGYI_SMTP"`
	SMTPUser     string `env:"PINGYI_SMTP_USER"`
	SMTPPassword string `env:"PINGYI_SMTP_PASSWORD"`
	SMTPCA       string `env:"PINGYI_SMTP_CA"`
	MailFrom     string `env:"PINGYI_MAIL_FROM"`
	SMSURL       string `env:"PINGYI_SMS_URL"`
	SMSKey       string `env:"PINGYI_SMS_KEY"`

	AcceptRestored bool `env:"PINGYI_ACCEPT_RESTORED"`

	baseURL, ballotURL string
	proxies            []string
	secret             []byte
}

// settingsHelp lists the environment for --help.
const settingsHelp = `Settings from the environment:
  PINGYI_ADDR           where to listen (127.0.0.1:8080)
  PINGYI_DATA_DIR       folder of the embedded database, keys and secret
                        (root: /var/lib/pingyi, else $XDG_DATA_HOME/pingyi or ~/.local/share/pingyi)
  DATABASE_URL          an existing PostgreSQL 15 or later instead of the embedded one:
                        postgres://user:password@host:5432/database
  PINGYI_BOX_DATABASE_URL  a second PostgreSQL for the ballot box: better separated than one server
                        with two databases
  PINGYI_BASE_URL       address people use, https://portal.example (http://localhost:PORT)
  PINGYI_BALLOT_HOST    address of the ballot host, another host name (http://127.0.0.1:PORT)
  PINGYI_PROXY          address of the proxy in front, or several, or networks (10.0.0.0/8), with
                        commas: its X-Forwarded-For says who failed to sign in (nobody is believed)
  PINGYI_SECRET         at least 32 characters; several machines need the same one
                        (a random one is kept in the data folder)
  PINGYI_PG_BINDIR      folder of the PostgreSQL programs for the embedded database
  PINGYI_LOG            text or json
  PINGYI_AUDIT_FILE     where checkpoints of the audit log are copied to, best on another machine
                        (audit-checkpoints.txt in the data folder)
  PINGYI_SMTP           mail server: smtp://host (STARTTLS, port 587), smtps://host (TLS, 465),
                        smtp+clear://host (none, 25); without it no e-mail is sent
  PINGYI_SMTP_USER      name to sign in to the mail server with
  PINGYI_SMTP_PASSWORD  its password
  PINGYI_SMTP_CA        file of certificates to trust for the mail server instead of the system's
  PINGYI_MAIL_FROM      sender of e-mails: "平台 <pingyi@county.example>"
  PINGYI_SMS_URL        gateway for text messages, see docs/notify.md; without it none are sent
  PINGYI_SMS_KEY        key that signs requests to the gateway, at least 32 characters
  PINGYI_ACCEPT_RESTORED  true, once, after a database was restored from an older copy on purpose
  PINGYI_INSECURE_HTTP  true allows plain http on an address others can reach`

// readSettings reads the environment and reports all problems together.
func readSettings(environ map[string]string) (settings, error) {
	var c settings
	problems := append(unknownSettings(environ), unreadable(env.ParseWithOptions(&c, env.Options{Environment: environ}))...)
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		problems = append(problems, fmt.Errorf("PINGYI_ADDR: %q is not host:port", c.Addr))
	}
	c.baseURL, c.ballotURL = strings.TrimRight(c.BaseURL, "/"), strings.TrimRight(c.BallotHost, "/")
	local := isLoopback(host)
	if c.baseURL == "" && local {
		c.baseURL = "http://localhost:" + port
	}
	if c.ballotURL == "" && local {
		c.ballotURL = "http://127.0.0.1:" + port
	}
	problems = append(problems, c.checkAddresses()...)
	for _, d := range []struct{ name, value string }{{"DATABASE_URL", c.DatabaseURL}, {"PINGYI_BOX_DATABASE_URL", c.BoxURL}} {
		if d.value != "" && !strings.HasPrefix(d.value, "postgres://") && !strings.HasPrefix(d.value, "postgresql://") {
			problems = append(problems, fmt.Errorf("%s must begin with postgres://", d.name))
		}
	}
	for p := range strings.FieldsFuncSeq(c.Proxy, func(r rune) bool { return r == ',' || r == ' ' }) {
		if _, _, err := net.ParseCIDR(p); err != nil && net.ParseIP(p) == nil {
			problems = append(problems, fmt.Errorf("PINGYI_PROXY: %q is neither an address nor a network", p))
		}
		c.proxies = append(c.proxies, p)
	}
	if c.Secret != "" && len(c.Secret) < 32 {
		problems = append(problems, errors.New("PINGYI_SECRET needs at least 32 characters"))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		problems = append(problems, fmt.Errorf("PINGYI_LOG: %q is neither text nor json", c.LogFormat))
	}
	if _, err := c.carriers(); err != nil {
		problems = append(problems, err)
	}
	if c.DataDir == "" {
		c.DataDir, err = defaultDataDir(environ)
		if err != nil {
			problems = append(problems, err)
		}
	}
	return c, errors.Join(problems...)
}

// forTests are settings of the tests, which share the environment.
var forTests = []string{"PINGYI_TEST_DATABASE_URL", "PINGYI_KILL_AT"}

// unknownSettings names what begins like a setting and is none: a misspelt one
// must not leave its default in place unnoticed.
func unknownSettings(environ map[string]string) []error {
	known := slices.Clone(forTests)
	for f := range reflect.TypeFor[settings]().Fields() {
		known = append(known, f.Tag.Get("env"))
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if strings.HasPrefix(name, "PINGYI_") && !slices.Contains(known, name) {
			problems = append(problems, fmt.Errorf("%s is no setting; --help lists them", name))
		}
	}
	return problems
}

// unreadable names the variables that could not be read; the reader names fields.
func unreadable(err error) []error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return nil
	}
	var problems []error
	for _, e := range all.Errors {
		var one env.ParseError
		if errors.As(e, &one) {
			f, _ := reflect.TypeFor[settings]().FieldByName(one.Name)
			e = fmt.Errorf("%s must be true or false", f.Tag.Get("env"))
		}
		problems = append(problems, e)
	}
	return problems
}

func isLoopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// checkAddresses refuses what would let a cookie reach the ballot host or a
// password travel in clear.
func (c settings) checkAddresses() []error {
	var problems []error
	for _, a := range []struct{ name, address string }{{"PINGYI_BASE_URL", c.baseURL}, {"PINGYI_BALLOT_HOST", c.ballotURL}} {
		u, err := url.Parse(a.address)
		switch {
		case a.address == "":
			problems = append(problems, fmt.Errorf("%s must be set when the portal is not on a loopback address alone", a.name))
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			problems = append(problems, fmt.Errorf("%s must begin with https:// (or http://) and a host name", a.name))
		case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			problems = append(problems, fmt.Errorf("%s must end after the host name and port", a.name))
		case u.Scheme == "http" && !isLoopback(u.Hostname()) && !c.Insecure:
			problems = append(problems, fmt.Errorf("%s is plain http on an address others can reach; use https behind a proxy, or set PINGYI_INSECURE_HTTP=true", a.name))
		}
	}
	if c.baseURL != "" && hostIn(c.baseURL) == hostIn(c.ballotURL) {
		problems = append(problems, errors.New("PINGYI_BALLOT_HOST must have another host name than PINGYI_BASE_URL, so that no session cookie reaches it"))
	}
	return problems
}

// hostIn is the host name in an address.
func hostIn(u string) string {
	_, rest, _ := strings.Cut(u, "://")
	if h, _, err := net.SplitHostPort(rest); err == nil {
		return h
	}
	return rest
}

// hostName is the name the portal's logs begin with.
func (c settings) hostName() string { return hostIn(c.baseURL) }

func defaultDataDir(environ map[string]string) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/pingyi", nil
	}
	if d := environ["XDG_DATA_HOME"]; d != "" {
		return filepath.Join(d, "pingyi"), nil
	}
	if h := environ["HOME"]; h != "" {
		return filepath.Join(h, ".local", "share", "pingyi"), nil
	}
	return "", errors.New("PINGYI_DATA_DIR must be set: there is no home folder")
}

// loadSecret takes the secret from the environment or from the data folder,
// where a random one is kept on first start.
func (c *settings) loadSecret() error {
	if c.Secret != "" {
		c.secret = []byte(c.Secret)
		return nil
	}
	if err := os.MkdirAll(c.DataDir, 0o711); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	file := filepath.Join(c.DataDir, "secret")
	b, err := os.ReadFile(file)
	if err == nil && len(b) >= 32 {
		c.secret = []byte(strings.TrimSpace(string(b)))
		return nil
	}
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("read the secret: %w", err)
	}
	var r [32]byte
	_, _ = rand.Read(r[:])
	c.secret = []byte(hex.EncodeToString(r[:]))
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		return c.loadSecret() // another process was quicker
	}
	if err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Write(c.secret); err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	return f.Sync()
}
