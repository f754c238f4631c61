package promotion

import (
	"slices"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// ActivityID numbers an activity.
type ActivityID int64

// Kinds are the kinds of activities: trip, fair, signing ceremony, festival, social event.
var Kinds = []string{"trip", "fair", "signing", "festival", "social"}

// Limits of an activity's texts, in characters.
const (
	maxTitle = 120
	maxShort = 60
	maxText  = 1000
	minWords = 5
)

// Activity is something the county went out for or invited to.
type Activity struct {
	ID       ActivityID    `db:"id"`
	Kind     string        `db:"kind"`
	Title    string        `db:"title"`
	Place    string        `db:"place"`
	From     calendar.Date `db:"from_on"`
	Until    calendar.Date `db:"until_on"`
	Leaders  string        `db:"leaders"` // a line each
	Carried  string        `db:"carried"`
	About    string        `db:"about"`
	Source   string        `db:"source"`
	Units    []org.Names   `db:"-"`
	UnitIDs  []org.UnitID  `db:"-"`
	Rows     int           `db:"rows"`     // results in the ledger
	Contacts int           `db:"contacts"` // people met
	Open     int           `db:"open"`     // of what is to follow
}

// ActivityDraft is an activity as typed.
type ActivityDraft struct {
	Kind, Title, Place, From, Until, Leaders, Carried, About, Source string
}

func (d ActivityDraft) check() (Activity, fault.Fields) {
	f := fault.Fields{}
	a := Activity{Kind: d.Kind, Title: strings.TrimSpace(d.Title), Place: strings.TrimSpace(d.Place), Leaders: strings.TrimSpace(d.Leaders), Carried: strings.TrimSpace(d.Carried),
		About: strings.TrimSpace(d.About), Source: strings.TrimSpace(d.Source)}
	if !slices.Contains(Kinds, d.Kind) {
		f.Add("kind", "promotion.choose")
	}
	f.Length("title", a.Title, 2, maxTitle)
	f.Length("place", a.Place, 2, maxShort)
	f.Length("leaders", a.Leaders, 0, maxText)
	f.Length("carried", a.Carried, 0, maxText)
	f.Length("about", a.About, 0, maxText)
	f.Length("source", a.Source, 0, maxTitle)
	a.From, a.Until = term(f, "from", d.From, "until", d.Until)
	return a, f
}

// term reads the first and the last day of something.
func term(f fault.Fields, first, from, last, until string) (a, b calendar.Date) {
	var err error
	if a, err = calendar.ParseDate(from); err != nil {
		f.Add(first, "promotion.day-missing")
	}
	if b, err = calendar.ParseDate(until); err != nil {
		f.Add(last, "promotion.day-missing")
	} else if a != "" && b < a {
		f.Add(last, "promotion.days-turned")
	}
	return a, b
}

// Result is a row of the ledger that came of an activity.
type Result struct {
	Contract ledger.ContractID `db:"contract_id"`
	No       string            `db:"no"`
	Title    string            `db:"title"`
	Investor string            `db:"investor"`
	Kind     string            `db:"kind"`
	Purpose  string            `db:"purpose"`
	Currency string            `db:"currency"`
	Amount   ledger.Amount     `db:"amount"`
	Arrived  ledger.Amount     `db:"arrived"`
}

// ResultSum adds up results of one kind, purpose and currency; kinds never mix.
type ResultSum struct {
	Kind, Purpose, Currency string
	Rows                    int
	Amount, Arrived         ledger.Amount
}

// Sums adds results up by kind, purpose and currency, in the order of the rows.
func Sums(rows []Result) []ResultSum {
	var out []ResultSum
	for _, r := range rows {
		i := slices.IndexFunc(out, func(s ResultSum) bool { return s.Kind == r.Kind && s.Purpose == r.Purpose && s.Currency == r.Currency })
		if i < 0 {
			i, out = len(out), append(out, ResultSum{Kind: r.Kind, Purpose: r.Purpose, Currency: r.Currency})
		}
		out[i].Rows++
		out[i].Amount += r.Amount
		out[i].Arrived += r.Arrived
	}
	return out
}

// Contact is somebody met at an activity and what is to follow.
type Contact struct {
	ID       int64         `db:"id"`
	Activity ActivityID    `db:"activity_id"`
	Title    string        `db:"title"` // of the activity
	Name     string        `db:"name"`
	From     string        `db:"organisation"`
	Follow   string        `db:"follow"` // "": nothing
	Due      calendar.Date `db:"due_on"`
	Unit     org.UnitID    `db:"unit_id"`
	UnitName org.Names     `db:"unit"`
	Done     calendar.Date `db:"done_on"` // "": not yet
	Note     string        `db:"done_note"`
}

// Overdue reports whether what is to follow has not been done by its day.
func (c Contact) Overdue(today calendar.Date) bool {
	return c.Follow != "" && c.Done == "" && c.Due < today
}

// MayFinish reports whether the actor may note it as done.
func (c Contact) MayFinish(a org.Actor) bool {
	return c.Follow != "" && c.Done == "" && (ledger.Keeps(a) || a.OfUnit(c.Unit))
}

// ContactDraft is a contact as typed. What is to follow needs a unit and a day.
type ContactDraft struct {
	Name, From, Follow, Due string
	Unit                    org.UnitID
}

func (d ContactDraft) check() (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	f.Length("name", strings.TrimSpace(d.Name), 2, maxShort)
	f.Length("organisation", strings.TrimSpace(d.From), 2, maxTitle)
	f.Length("follow", strings.TrimSpace(d.Follow), 0, maxText)
	if strings.TrimSpace(d.Follow) == "" {
		if d.Due != "" || d.Unit != 0 {
			f.Add("follow", "promotion.follow-missing")
		}
		return "", f
	}
	due, err := calendar.ParseDate(d.Due)
	if err != nil {
		f.Add("due", "promotion.day-missing")
	}
	if d.Unit == 0 {
		f.Add("unit", "promotion.unit-missing")
	}
	return due, f
}

// Guest is a company invited to an activity.
type Guest struct {
	Company  org.CompanyID `db:"company_id"`
	Name     org.Names     `db:"company"`
	Comes    *bool         `db:"comes"` // nil: no answer yet
	Answered *time.Time    `db:"answered_at"`
}

// Invitation is an activity a company is invited to, with its answer.
type Invitation struct {
	Activity
	Comes *bool `db:"comes"`
}

// answer puts an answer into a word: yes, no, none.
func answer(comes *bool) string {
	switch {
	case comes == nil:
		return "none"
	case *comes:
		return "yes"
	}
	return "no"
}

// Answer is what the guest answered: yes, no, none.
func (g Guest) Answer() string { return answer(g.Comes) }

// Answer is what the company answered: yes, no, none.
func (i Invitation) Answer() string { return answer(i.Comes) }
