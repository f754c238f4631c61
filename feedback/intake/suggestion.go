package intake

import (
	"slices"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// Suggestion is what a company proposes for the county's good (建议), and the reply.
type Suggestion struct {
	Ref         string        `db:"ref"` // JY-2026-014
	Company     org.CompanyID `db:"company_id"`
	CompanyName org.Names     `db:"company"` // empty when the actor may not learn it
	Made        time.Time     `db:"made_at"`
	Title       string        `db:"title"`
	Body        string        `db:"body"`
	Lang        string        `db:"lang"`
	Named       bool          `db:"named"`
	Unit        org.UnitID    `db:"unit_id"` // 0: the offices'
	UnitName    org.Names     `db:"unit"`
	Reply       string        `db:"reply"` // adopted, partly, not; "" none yet
	Reason      string        `db:"reason"`
	ReplyUnit   org.Names     `db:"replied_unit"` // empty: the office
	Replied     *time.Time    `db:"replied_at"`
}

// Replies are what may become of a suggestion.
var Replies = []string{"adopted", "partly", "not"}

// SuggestionDraft is a suggestion as typed.
type SuggestionDraft struct {
	Title string
	Body  string
	Unit  org.UnitID // 0: the offices find whom it concerns
	Named bool
	Lang  string
}

// Limits of a suggestion's texts, in characters.
const (
	MaxTitle  = 60
	MinBody   = 10
	MaxBody   = 2000
	MinReason = 5
	MaxReason = 1000
)

func (d SuggestionDraft) check() error {
	f := fault.Fields{}
	f.Length("title", d.Title, 4, MaxTitle)
	f.Length("body", d.Body, MinBody, MaxBody)
	return f.Err()
}

func checkReply(word, reason string) error {
	f := fault.Fields{}
	if !slices.Contains(Replies, word) {
		f.Add("reply", "suggestion.reply-missing")
	}
	f.Length("reason", reason, MinReason, MaxReason)
	return f.Err()
}

// MayReply reports whether the actor may answer the suggestion: the unit it is
// addressed to, or an office; once.
func (x Suggestion) MayReply(a org.Actor) bool {
	return x.Reply == "" && (a.IsOffice() || a.OfUnit(x.Unit))
}

// Adoption counts suggestions by what became of them.
type Adoption struct {
	Adopted int `db:"adopted"`
	Partly  int `db:"partly"`
	Not     int `db:"refused"`
	Open    int `db:"open"`
}

// Replied counts those with a reply.
func (a Adoption) Replied() int { return a.Adopted + a.Partly + a.Not }

// Rate is the share of replied suggestions that were adopted, in whole or part, in
// whole percent, halves up; 0 when there is none.
func (a Adoption) Rate() int {
	if a.Replied() == 0 {
		return 0
	}
	return (200*(a.Adopted+a.Partly) + a.Replied()) / (2 * a.Replied())
}
