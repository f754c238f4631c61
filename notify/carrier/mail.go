package carrier

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/mail"
	"strings"
	"time"

	"pingyi/notify"
)

// compose writes the letter as an Internet message (RFC 5322): plain text in UTF-8,
// marked as automatic so that nobody's absence note answers it.
func compose(l notify.Letter, from *mail.Address, host string, at time.Time) []byte {
	var b bytes.Buffer
	for _, h := range []struct{ name, value string }{
		{"Date", at.UTC().Format(time.RFC1123Z)},
		{"From", from.String()},
		{"To", (&mail.Address{Name: oneLine(l.Name), Address: l.To}).String()},
		{"Subject", folded(mime.BEncoding.Encode("UTF-8", oneLine(l.Subject)))},
		{"Message-ID", notify.MessageID(l.Ref, host)},
		{"Auto-Submitted", "auto-generated"},
		{"Content-Language", l.Lang},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "base64"},
	} {
		b.WriteString(h.name + ": " + h.value + "\r\n")
	}
	b.WriteString("\r\n")
	body := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(l.Text, "\n", "\r\n")))
	for len(body) > 76 {
		b.WriteString(body[:76] + "\r\n")
		body = body[76:]
	}
	b.WriteString(body + "\r\n")
	return b.Bytes()
}

// oneLine keeps a value from starting a header of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// folded puts each encoded word on a line of its own, so that no line is too long.
func folded(s string) string { return strings.ReplaceAll(s, "?= =?", "?=\r\n =?") }
