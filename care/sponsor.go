package care

import (
	"slices"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// GroupID numbers a sponsor group.
type GroupID int64

// Group is a sponsor group (包扶工作组) of a project or of a whole company: a
// county-level leader and the units that help him, for a term, with a plan.
type Group struct {
	ID         GroupID          `db:"id"`
	Project    ledger.ProjectID `db:"project_id"` // 0: of a whole company
	ProjectNo  string           `db:"project_no"`
	ProjectIs  org.Names        `db:"project"`
	Key        bool             `db:"is_key"`     // of a key project
	Company    org.CompanyID    `db:"company_id"` // 0: the project's investor has no company here
	CompanyIs  org.Names        `db:"company"`
	Investor   string           `db:"investor"`
	Leader     org.AccountID    `db:"leader_id"`
	LeaderName string           `db:"leader"`
	Plan       string           `db:"plan"`
	From       calendar.Date    `db:"from_on"`
	Until      calendar.Date    `db:"until_on"` // last day of the term
	Ended      calendar.Date    `db:"ended_on"` // "": not ended before its term
	EndedWhy   string           `db:"ended_why"`
	Version    int              `db:"version"`
	Members    []Member         `db:"-"`
}

// Member is a unit of a sponsor group and what it sees to.
type Member struct {
	Group GroupID    `db:"group_id"`
	Unit  org.UnitID `db:"unit_id"`
	Name  org.Names  `db:"unit"`
	Task  string     `db:"task"`
}

// Active reports whether the group works on the day: within its term, not ended.
func (g Group) Active(on calendar.Date) bool {
	return g.From <= on && on <= g.Until && (g.Ended == "" || on < g.Ended)
}

// State is "active", "ahead" before its term, "over" when the term is over, "ended".
func (g Group) State(on calendar.Date) string {
	switch {
	case g.Active(on):
		return "active"
	case g.Ended != "":
		return "ended"
	case on < g.From:
		return "ahead"
	}
	return "over"
}

// KeepsSponsors reports whether the actor may set sponsor groups up and end them.
func KeepsSponsors(a org.Actor) bool { return ledger.KeepsProjects(a) }

// SeesSponsors reports whether the actor may see sponsor groups at all; which ones, the
// store decides.
func SeesSponsors(a org.Actor) bool {
	return ledger.ReadsProjects(a) || a.Is(org.RoleHead, org.RoleOfficer, org.RoleCompany)
}

// MostTermDays is how long a term may be at most, in days: three years.
const MostTermDays = 3 * 366

// Limits of texts, in characters, and of the number of units.
const (
	maxPlan    = 1000
	maxMembers = 12
)

// GroupDraft is a sponsor group as typed: of a project, or of a company.
type GroupDraft struct {
	Project     ledger.ProjectID
	Licence     string // of the company, when no project is chosen
	Leader      org.AccountID
	Units       []org.UnitID
	Plan        string
	From, Until string // dates as typed
	Version     int    // of the group that was shown; 0 for a new one
}

// check says what is wrong with the draft, by field, and reads its dates.
func (d GroupDraft) check() (from, until calendar.Date, f fault.Fields) {
	f = fault.Fields{}
	if d.Project == 0 && d.Licence == "" {
		f.Add("project", "sponsor.object-missing")
	}
	if d.Project != 0 && d.Licence != "" {
		f.Add("licence", "sponsor.object-twice")
	}
	if d.Leader == 0 {
		f.Add("leader", "sponsor.leader-missing")
	}
	units := slices.Compact(slices.Sorted(slices.Values(d.Units)))
	switch {
	case len(units) == 0:
		f.Add("units", "sponsor.units-missing")
	case len(units) > maxMembers:
		f.Add("units", "sponsor.units-many", "Limit", maxMembers)
	}
	f.Length("plan", d.Plan, 10, maxPlan)
	from, err := calendar.ParseDate(d.From)
	if err != nil {
		f.Add("from", "sponsor.date-missing")
	}
	until, err = calendar.ParseDate(d.Until)
	switch {
	case err != nil:
		f.Add("until", "sponsor.date-missing")
	case until < from:
		f.Add("until", "sponsor.term-backwards")
	case from != "" && until > from.AddDays(MostTermDays):
		f.Add("until", "sponsor.term-long")
	}
	return from, until, f
}
