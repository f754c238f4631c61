package carrier

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pingyi/notify"
)

// Gateway carries text messages to an HTTP gateway, which hands them to a telephone
// company; docs/notify.md says what it must do.
type Gateway struct {
	URL string
	Key []byte // signs each request
	Now func() time.Time

	client http.Client
}

// gatewayTime is how long a gateway may take to answer.
const gatewayTime = 30 * time.Second

// gatewayRequest is the body of a request.
type gatewayRequest struct {
	ID   string `json:"id"` // the same again for the same message: to be delivered once
	To   string `json:"to"` // +8613900000000
	Lang string `json:"lang"`
	Text string `json:"text"`
}

// Carry hands the message to the gateway. The gateway knows a message by its id and
// delivers it once, so a request without an answer is simply repeated.
func (g *Gateway) Carry(ctx context.Context, l notify.Letter, handing func() error) error {
	body, err := json.Marshal(gatewayRequest{ID: l.Ref, To: dialled(l.To), Lang: l.Lang, Text: l.Text})
	if err != nil {
		return notify.Fail(notify.Refused, "%w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return notify.Fail(notify.Unreachable, "%w", err)
	}
	stamp := strconv.FormatInt(g.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", l.Ref)
	req.Header.Set("X-Pingyi-Time", stamp)
	req.Header.Set("X-Pingyi-Signature", "v1="+Sign(g.Key, stamp, body))
	if err := handing(); err != nil {
		return err
	}
	g.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := g.client.Do(req)
	if err != nil {
		return notify.Fail(notify.Unreachable, "%w", err)
	}
	defer func() { _ = res.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 300))
	return answer(res.StatusCode, strings.TrimSpace(string(said)))
}

// answer reads the gateway's answer.
func answer(status int, said string) error {
	what := fmt.Errorf("gateway answered %d %s", status, said)
	switch {
	case status >= 200 && status < 300, status == http.StatusConflict: // taken, or taken before
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status >= 300 && status < 400,
		status == http.StatusTooManyRequests, status >= 500:
		return notify.Fail(notify.Unreachable, "%w", what) // settings are wrong, or it has too much to do: no matter of this message
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusLocked:
		return notify.Fail(notify.Later, "%w", what)
	}
	return notify.Fail(notify.Refused, "%w", what)
}

// Rest closes idle connections.
func (g *Gateway) Rest() { g.client.CloseIdleConnections() }

// Sign is the signature of a request: HMAC-SHA256 under the shared key over the time,
// a full stop and the body, in hex.
func Sign(key []byte, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// dialled is a telephone number without what people put between the digits; a Chinese
// mobile number gets its country.
func dialled(number string) string {
	n := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	if len(n) == 11 && strings.HasPrefix(n, "1") {
		return "+86" + n
	}
	return n
}
