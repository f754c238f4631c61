package feedback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// codeLetters are Crockford's 32, without the ones that look alike.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// FollowLetters is how many letters a code has: 100 bits.
const FollowLetters = 20

// followCode makes the code of an anonymous issue from the key of its form, so that a
// double click shows the same code. The database holds neither: of the key it keeps a
// hash (onceOnly), of the code another.
func (s *Store) followCode(idem string) string {
	mac := hmac.New(sha256.New, s.codes)
	mac.Write([]byte(idem))
	var out strings.Builder
	for n, x := range mac.Sum(nil)[:FollowLetters] {
		if n > 0 && n%5 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(codeLetters[x%32])
	}
	return out.String()
}

// onceOnly is the form's key as it is kept: the same form gives the same issue, and
// nobody finds the code from it.
func onceOnly(idem string) string {
	sum := sha256.Sum256([]byte("pingyi/anonymous/v1\x00" + idem))
	return "anonymous-" + hex.EncodeToString(sum[:16])
}

// NormalCode undoes what hands do to a code: lower case, spaces, look-alike letters;
// "" when it can be no code.
func NormalCode(code string) string {
	code = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", "–", "", " ", "").Replace(strings.ToUpper(code))
	if len(code) != FollowLetters || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}

func hashFollow(code string) []byte {
	sum := sha256.Sum256([]byte("pingyi/follow/v1\x00" + NormalCode(code)))
	return sum[:]
}
