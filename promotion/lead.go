package promotion

import (
	"slices"
	"strings"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// Ids of leads, agents and liaison officers.
type (
	LeadID    int64
	AgentID   int64
	OfficerID int64
)

// Sources are the five linkages (五个联动) a lead can come by: home and abroad, province
// and city, city and county, between enterprises, by network.
var Sources = []string{"abroad", "province", "county", "enterprise", "network"}

// OfficerKinds are liaison officers (联络员) and commissioners (专员).
var OfficerKinds = []string{"liaison", "commissioner"}

// Lead is an investor who may come, and how the county heard of him.
type Lead struct {
	ID         LeadID            `db:"id"`
	Investor   string            `db:"investor"`
	About      string            `db:"about"`
	Source     string            `db:"source"`
	Agent      string            `db:"agent"`   // name; "" none
	Officer    string            `db:"officer"` // name; "" none
	Received   calendar.Date     `db:"received_on"`
	Contract   ledger.ContractID `db:"contract_id"` // 0: none yet
	No         string            `db:"no"`
	Dropped    calendar.Date     `db:"dropped_on"`
	DroppedWhy string            `db:"dropped_why"`
}

// Open reports whether the lead may still lead to something.
func (l Lead) Open() bool { return l.Contract == 0 && l.Dropped == "" }

// State is open, contract or dropped.
func (l Lead) State() string {
	switch {
	case l.Contract != 0:
		return "contract"
	case l.Dropped != "":
		return "dropped"
	}
	return "open"
}

// LeadDraft is a lead as typed. Agent and Officer: of these at most one.
type LeadDraft struct {
	Investor, About, Source, On string
	Agent                       AgentID
	Officer                     OfficerID
}

func (d LeadDraft) check(today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	f.Length("investor", strings.TrimSpace(d.Investor), 2, maxTitle)
	f.Length("about", strings.TrimSpace(d.About), minWords, maxText)
	if !slices.Contains(Sources, d.Source) {
		f.Add("source", "promotion.choose")
	}
	on, err := calendar.ParseDate(d.On)
	switch {
	case err != nil:
		f.Add("on", "promotion.day-missing")
	case on > today:
		f.Add("on", "ledger.day-ahead")
	}
	if d.Agent != 0 && d.Officer != 0 {
		f.Add("from", "lead.attributed-twice")
	}
	return on, f
}

// investorKey is a name without spaces, punctuation of brackets and case, by which one
// investor is told to be one.
func investorKey(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\u3000()（）\"“”.,，、·-", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// SourceSum is what the leads of a source came to.
type SourceSum struct {
	Source    string        `db:"source"`
	Leads     int           `db:"leads"`
	Contracts int           `db:"contracts"` // signed investment contracts in CNY
	Amount    ledger.Amount `db:"amount"`
	Arrived   ledger.Amount `db:"arrived"`
}

// Agent is an agency that promotes by mandate.
type Agent struct {
	ID        AgentID       `db:"id"`
	Name      string        `db:"name"`
	Contact   string        `db:"contact"`
	Mandate   string        `db:"mandate"`
	Territory string        `db:"territory"`
	From      calendar.Date `db:"from_on"`
	Until     calendar.Date `db:"until_on"`
	Leads     int           `db:"leads"`
	Contracts int           `db:"contracts"`
}

// AgentDraft is an agency as typed.
type AgentDraft struct{ Name, Contact, Mandate, Territory, From, Until string }

func (d AgentDraft) check() (from, until calendar.Date, f fault.Fields) {
	f = fault.Fields{}
	f.Length("agent", strings.TrimSpace(d.Name), 2, maxTitle)
	f.Length("contact", strings.TrimSpace(d.Contact), 2, maxTitle)
	f.Length("mandate", strings.TrimSpace(d.Mandate), minWords, maxText)
	f.Length("territory", strings.TrimSpace(d.Territory), 2, maxShort)
	from, until = term(f, "from", d.From, "until", d.Until)
	return from, until, f
}

// Officer is a liaison officer or commissioner for a term.
type Officer struct {
	ID        OfficerID     `db:"id"`
	Account   org.AccountID `db:"account_id"`
	Name      string        `db:"name"`
	Kind      string        `db:"kind"`
	Territory string        `db:"territory"`
	Industry  string        `db:"industry"`
	From      calendar.Date `db:"from_on"`
	Until     calendar.Date `db:"until_on"`
	Leads     int           `db:"leads"`
	Contracts int           `db:"contracts"`
	Entries   int           `db:"entries"` // of the activity log
}

// On reports whether the term of an agent's mandate runs on a day.
func (a Agent) On(day calendar.Date) bool { return a.From <= day && day <= a.Until }

// On reports whether the officer's term runs on a day.
func (o Officer) On(day calendar.Date) bool { return o.From <= day && day <= o.Until }

// OfficerDraft is an appointment as typed; Login is the account of the one appointed.
type OfficerDraft struct{ Login, Kind, Territory, Industry, From, Until string }

func (d OfficerDraft) check() (from, until calendar.Date, f fault.Fields) {
	f = fault.Fields{}
	if !slices.Contains(OfficerKinds, d.Kind) {
		f.Add("kind", "promotion.choose")
	}
	f.Length("area", strings.TrimSpace(d.Territory), 2, maxShort)
	f.Length("industry", strings.TrimSpace(d.Industry), 0, maxShort)
	from, until = term(f, "since", d.From, "to", d.Until)
	return from, until, f
}

// Entry is a line of an officer's activity log.
type Entry struct {
	On   calendar.Date `db:"on_day"`
	Text string        `db:"text"`
}
