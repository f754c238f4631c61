package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	base := map[string]string{"HOME": "/home/x"}
	with := func(more ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	c, err := readSettings(with())
	if err != nil || c.baseURL != "http://localhost:8080" || c.ballotURL != "http://127.0.0.1:8080" {
		t.Errorf("defaults: %v %s %s", err, c.baseURL, c.ballotURL)
	}
	for name, one := range map[string]struct {
		env  map[string]string
		want []string // every one of them, in one report
	}{
		"several problems at once":         {with("PINGYI_ADDR", "nowhere", "PINGYI_SECRET", "short", "PINGYI_LOG", "xml"), []string{"PINGYI_ADDR", "PINGYI_SECRET", "PINGYI_LOG"}},
		"open to others without addresses": {with("PINGYI_ADDR", "0.0.0.0:80"), []string{"PINGYI_BASE_URL must be set", "PINGYI_BALLOT_HOST must be set"}},
		"plain http for others":            {with("PINGYI_ADDR", "0.0.0.0:80", "PINGYI_BASE_URL", "http://a.example", "PINGYI_BALLOT_HOST", "http://b.example"), []string{"plain http"}},
		"one host for both":                {with("PINGYI_ADDR", ":80", "PINGYI_BASE_URL", "https://a.example", "PINGYI_BALLOT_HOST", "https://a.example:8443"), []string{"another host name"}},
		"no scheme":                        {with("PINGYI_BASE_URL", "a.example", "PINGYI_BALLOT_HOST", "https://b.example"), []string{"PINGYI_BASE_URL must begin with https://"}},
		"plain http behind a proxy":        {with("PINGYI_BASE_URL", "http://a.example", "PINGYI_BALLOT_HOST", "https://b.example"), []string{"PINGYI_BASE_URL is plain http"}},
		"a path":                           {with("PINGYI_BASE_URL", "https://a.example/pingyi"), []string{"must end after the host name"}},
		"no address of a proxy":            {with("PINGYI_PROXY", "10.0.0.1, proxy.example"), []string{`PINGYI_PROXY: "proxy.example"`}},
		"misspelt":                         {with("PINGYI_BALLOT_URL", "https://b.example"), []string{"PINGYI_BALLOT_URL is no setting"}},
		"neither true nor false":           {with("PINGYI_INSECURE_HTTP", "yes please", "PINGYI_ADDR", "x"), []string{"PINGYI_INSECURE_HTTP must be true or false", "PINGYI_ADDR"}},
		"mail without a sender":            {with("PINGYI_SMTP", "smtp://mail.example"), []string{"PINGYI_MAIL_FROM"}},
		"mail by an unknown way":           {with("PINGYI_SMTP", "mail.example:25", "PINGYI_SMS_URL", "http://sms.example", "PINGYI_SMS_KEY", "short"), []string{"PINGYI_SMTP must be", "PINGYI_SMS_URL must begin"}},
		"a password in clear":              {with("PINGYI_SMTP", "smtp+clear://mail.example", "PINGYI_MAIL_FROM", "a@b.example", "PINGYI_SMTP_PASSWORD", "x"), []string{"does not travel in clear"}},
		"no such certificate":              {with("PINGYI_SMTP", "smtps://mail.example", "PINGYI_MAIL_FROM", "a@b.example", "PINGYI_SMTP_CA", "/nowhere"), []string{"PINGYI_SMTP_CA"}},
		"a short key":                      {with("PINGYI_SMS_URL", "https://sms.example", "PINGYI_SMS_KEY", "short"), []string{"PINGYI_SMS_KEY"}},
		"settings of mail alone":           {with("PINGYI_MAIL_FROM", "a@b.example"), []string{"PINGYI_SMTP must be set"}},
		"another database":                 {with("DATABASE_URL", "mysql://x", "PINGYI_BOX_DATABASE_URL", "box"), []string{"DATABASE_URL must begin", "PINGYI_BOX_DATABASE_URL must begin"}},
	} {
		_, err := readSettings(one.env)
		for _, w := range one.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v lacks %q", name, err, w)
			}
		}
	}
	if _, err := readSettings(with("PINGYI_ADDR", ":443", "PINGYI_BASE_URL", "https://a.example", "PINGYI_BALLOT_HOST", "https://b.example")); err != nil {
		t.Errorf("two hosts over https: %v", err)
	}
}

// Every setting is in the help and in the manual.
func TestEverySettingIsListed(t *testing.T) {
	manual, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[settings]().Fields() {
		name := f.Tag.Get("env")
		if name == "" {
			continue // worked out of the others
		}
		if !strings.Contains(settingsHelp, "  "+name+" ") {
			t.Errorf("--help does not list %s", name)
		}
		if !strings.Contains(string(manual), "| `"+name+"` |") {
			t.Errorf("docs/operations.md does not list %s", name)
		}
	}
}
