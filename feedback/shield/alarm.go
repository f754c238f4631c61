package shield

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"pingyi/org"
)

// codeLetters are Crockford's 32, without the ones that look alike.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeLetters is how many letters a code has: 100 random bits.
const CodeLetters = 20

// drawCode draws a code, written in groups of five.
func drawCode() string {
	var b [CodeLetters]byte
	_, _ = rand.Read(b[:])
	var out strings.Builder
	for i, x := range b {
		if i > 0 && i%5 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(codeLetters[x%32])
	}
	return out.String()
}

// normalCode undoes what hands do to a code: lower case, spaces, look-alike letters.
func normalCode(code string) string {
	code = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "").Replace(strings.ToUpper(code))
	if len(code) != CodeLetters || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}

func hashCode(code string) []byte {
	sum := sha256.Sum256([]byte("pingyi/alarm/v1" + normalCode(code)))
	return sum[:]
}

// Alarm is a silent alarm of a company.
type Alarm struct {
	ID       int64         `db:"id"`
	No       string        `db:"no"`
	Company  org.CompanyID `db:"company_id"`
	CompName org.Names     `db:"company"`
	Unit     org.UnitID    `db:"unit_id"`
	Text     string        `db:"text"`
	Channel  string        `db:"channel"`
	Raised   time.Time     `db:"raised_at"`
	State    string        `db:"state"`
	Proven   org.UnitID    `db:"proven_unit"`
	Decision string        `db:"decision"`
	Heard    string        `db:"heard"`
	Decider  string        `db:"decider"`
	Decided  *time.Time    `db:"decided_at"`
	Notes    []AlarmNote   `db:"-"`
}

// AlarmNote is a step of handling an alarm.
type AlarmNote struct {
	Text string    `db:"text"`
	By   string    `db:"by_name"`
	At   time.Time `db:"at"`
}

// AlarmDraft is an alarm as typed.
type AlarmDraft struct {
	Code string // with a code, without signing in; "" from the company's account
	Unit org.UnitID
	Text string
}
