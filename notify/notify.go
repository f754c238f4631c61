// Package notify tells people what happened. An act posts a message in its own
// transaction: when the act is rolled back nobody hears of it, when it is committed
// somebody will. Every receiver finds the message in his inbox in the portal; from
// there it goes out by e-mail and text message, in the language of the receiver, at
// hours that are his, each delivery once.
package notify

import (
	"errors"
	"regexp"
	"time"

	"pingyi/org"
)

// Message is something people are to be told. Its text is made from the catalogue
// when it is shown or sent, in the language of the receiver.
type Message struct {
	// Kind names the texts: notify.<kind>.subject (one line, at most 40 characters
	// in Chinese) and notify.<kind>.body (one paragraph). It begins with the word of
	// its area: issue-answered.
	Kind string
	To   []To
	// Topic is what it is about, "issue:NJ-2026-0187"; Settle drops the reminders of a topic.
	Topic string
	// Link is the page to open, a path within the portal that the receiver may see.
	Link string
	// Args are the values of the text. A value that begins with one of these words is
	// written in the receiver's language: "date:2026-12-01" (a day), "time:" with an
	// instant in RFC 3339, "unit:21" (the name of the unit with this id), "body:chamber",
	// "text:issue.grade-a" (a text of the catalogue). Never a company's name to a unit
	// that may not know it.
	Args map[string]string
	// Key makes it happen once: the same key never tells the same receiver twice.
	Key string
	// Reminder marks a message that is needless once somebody acted: Settle drops it.
	Reminder bool
	// NotBefore is when it may first be seen and sent; zero: at once. Quiet hours and
	// working hours are kept beyond that.
	NotBefore time.Time
}

// To says whom; exactly one of Account, Company, Unit and Body is set.
type To struct {
	Account org.AccountID
	Company org.CompanyID // its people; where nobody can sign in, its own address
	Unit    org.UnitID    // its head and officers
	Heads   bool          // with Unit: its head alone
	Body    org.BodyKind  // its members as of today
}

var kindForm = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// check finds mistakes of the program, not of a user.
func (m Message) check() error {
	switch {
	case !kindForm.MatchString(m.Kind):
		return errors.New("a message's kind is of the form area-word: " + m.Kind)
	case m.Key == "":
		return errors.New("a message needs a key: " + m.Kind)
	case len(m.To) == 0:
		return errors.New("a message needs a receiver: " + m.Kind)
	}
	for _, to := range m.To {
		n := 0
		for _, set := range []bool{to.Account != 0, to.Company != 0, to.Unit != 0, to.Body != ""} {
			if set {
				n++
			}
		}
		if n != 1 || (to.Heads && to.Unit == 0) {
			return errors.New("a receiver is one account, company, unit or body: " + m.Kind)
		}
	}
	return nil
}
