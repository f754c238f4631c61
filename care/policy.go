package care

import (
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Policy is a policy for investors (优惠政策) in one of its versions. A version stays as
// it is; what changes is a new version.
type Policy struct {
	Ref      string        `db:"ref"` // YH-2026-004
	Version  int           `db:"version"`
	Last     int           `db:"last_version"`
	Unit     org.UnitID    `db:"unit_id"` // that carries it out
	UnitName org.Names     `db:"unit"`
	Clause   string        `db:"clause"` // document number and article, as cited
	Title    org.Names     `db:"title"`
	Summary  org.Names     `db:"summary"`
	Text     org.Names     `db:"text"` // the Chinese one binds; others may be missing
	From     calendar.Date `db:"from_on"`
	Until    calendar.Date `db:"until_on"` // last day; "" until changed
	Note     string        `db:"note"`     // what is different from the version before
	Made     time.Time     `db:"made_at"`
}

// State says how a policy stands on a day: coming, valid, ended; replaced where this is
// not the last version.
func (p Policy) State(on calendar.Date) string {
	switch {
	case p.Version != p.Last:
		return "replaced"
	case on < p.From:
		return "coming"
	case p.Until != "" && p.Until < on:
		return "ended"
	}
	return "valid"
}

// PolicyStates are the states by which policies are looked for.
var PolicyStates = []string{"valid", "coming", "ended"}

// PolicyDraft is a policy as typed.
type PolicyDraft struct {
	Unit    org.UnitID
	Clause  string
	Title   org.Names
	Summary org.Names
	Text    org.Names
	From    string
	Until   string // may be empty
	Note    string // needed of a later version
	Seen    int    // the version that was shown; 0 of a new policy
}

// Draft is the policy as a form begins with it.
func (p Policy) Draft() PolicyDraft {
	return PolicyDraft{Unit: p.Unit, Clause: p.Clause, Title: p.Title, Summary: p.Summary, Text: p.Text, From: string(p.From), Until: string(p.Until), Seen: p.Version}
}

func (d PolicyDraft) check() (from, until calendar.Date, err error) {
	f := fault.Fields{}
	if d.Unit == 0 {
		f.Add("unit", "onestop.unit-missing")
	}
	f.Length("clause", d.Clause, 4, 120)
	names := func(field string, n org.Names, most int) {
		f.Length(field+"_zh", n.ZH, 4, most)
		f.Length(field+"_en", n.EN, 4, 3*most) // Latin and Cyrillic need more characters for the same
		f.Length(field+"_ru", n.RU, 4, 3*most)
	}
	names("title", d.Title, 80)
	names("summary", d.Summary, 400)
	f.Length("text_zh", d.Text.ZH, 10, 10000)
	f.Length("text_en", d.Text.EN, 0, 30000)
	f.Length("text_ru", d.Text.RU, 0, 30000)
	if from, err = calendar.ParseDate(d.From); err != nil {
		f.Add("from", "policy.from-wrong")
	}
	if d.Until != "" {
		if until, err = calendar.ParseDate(d.Until); err != nil || until < from {
			f.Add("until", "policy.until-wrong")
		}
	}
	if d.Seen > 0 {
		f.Length("note", d.Note, 4, 200)
	}
	return from, until, f.Err()
}
