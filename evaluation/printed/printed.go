// Package printed writes secrets as people copy them from paper: Crockford's
// base32 in groups of five, with two check characters that catch a slip.
package printed

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"golang.org/x/text/width"
)

// ErrTyped: the text is not what was printed.
var ErrTyped = errors.New("not a printed code")

// alphabet is Crockford's: no I, L, O, U.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Encode writes a leading character that tells the kind, the bytes and two check
// characters, in groups of five.
func Encode(kind byte, raw []byte) string {
	body := string(kind) + alphabet.EncodeToString(raw)
	body += check(body)
	var b strings.Builder
	for i, r := range body {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Decode reads what Encode wrote, as typed or scanned. It returns ErrTyped for
// anything else.
func Decode(typed string) (kind byte, raw []byte, err error) {
	body := Fold(typed)
	if len(body) < 4 || check(body[:len(body)-2]) != body[len(body)-2:] {
		return 0, nil, ErrTyped
	}
	raw, err = alphabet.DecodeString(body[1 : len(body)-2])
	if err != nil || alphabet.EncodeToString(raw) != body[1:len(body)-2] {
		return 0, nil, ErrTyped // bits beyond the last byte would make two texts of one secret
	}
	return body[0], raw, nil
}

func check(body string) string {
	sum := sha256.Sum256([]byte("pingyi/check/v1" + body))
	return alphabet.EncodeToString(sum[:2])[:2]
}

// Fold makes what a person typed comparable: case, width, spaces, dashes and the
// letters that look like digits do not matter.
func Fold(typed string) string {
	s := strings.ToUpper(width.Narrow.String(typed))
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r == ' ' || r == '-' || r == '–' || r == '—' || r == '\u3000' || r == '\n' || r == '\t' || r == '\r':
			return -1
		}
		return r
	}, s)
}
