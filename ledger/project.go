package ledger

import (
	"slices"
	"strings"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// ProjectID numbers a project.
type ProjectID int64

// Project is an investment project of the county.
type Project struct {
	ID         ProjectID     `db:"id"`
	No         string        `db:"no"`
	org.Names                // name_zh, name_en, name_ru
	Company    org.CompanyID `db:"company_id"` // 0: none in the county yet
	Licence    string        `db:"licence"`    // of the company
	CompanyIs  org.Names     `db:"company"`
	Investor   string        `db:"investor"`
	Area       string        `db:"area"`
	Class      string        `db:"class"`
	State      string        `db:"state"`
	Key        bool          `db:"is_key"`      // 重点项目
	LeadingOrg string        `db:"leading_org"` // set up for a key project
	Version    int           `db:"version"`
	Person     string        `db:"person"` // responsible today; "" for none
	PersonPost string        `db:"person_post"`
	Phone      string        `db:"person_phone"`
}

// Person is one who was or is responsible for a project.
type Person struct {
	Name  string     `db:"name"`
	Post  string     `db:"post"`
	Phone string     `db:"phone"`
	From  time.Time  `db:"from_at"`
	Until *time.Time `db:"until_at"` // nil while it lasts
}

// The choices of a project.
var (
	Areas         = []string{"county", "jiusan"}
	Classes       = []string{"industry", "infrastructure", "other"}
	ProjectStates = []string{"intention", "agreement", "contract", "building", "production", "ended"}
)

// Limits of a project's texts, in characters.
const (
	maxProjectName = 80
	maxProjectNo   = 30
	maxInvestor    = 120
	maxPerson      = 40
	maxPost        = 80
	maxPhone       = 30
)

// ProjectDraft is a project as typed.
type ProjectDraft struct {
	No, ZH, EN, RU, Licence, Investor, Area, Class, State string
	Key                                                   bool
	LeadingOrg, Person, Post, Phone                       string
	Version                                               int // of the project that was shown; 0 for a new one
}

// Check says what is wrong with the draft, by field. A key project needs its
// leading organisation and exactly one responsible person.
func (d ProjectDraft) Check() fault.Fields {
	f := fault.Fields{}
	f.Length("no", d.No, 1, maxProjectNo)
	f.Length("name_zh", d.ZH, 2, maxProjectName)
	f.Length("name_en", d.EN, 2, 2*maxProjectName)
	f.Length("name_ru", d.RU, 2, 2*maxProjectName)
	if d.Licence == "" && strings.TrimSpace(d.Investor) == "" {
		f.Add("investor", "project.investor-missing")
	}
	f.Length("investor", d.Investor, 0, maxInvestor)
	for field, v := range map[string]struct {
		got   string
		known []string
	}{"area": {d.Area, Areas}, "class": {d.Class, Classes}, "state": {d.State, ProjectStates}} {
		if !slices.Contains(v.known, v.got) {
			f.Add(field, "project.choose")
		}
	}
	if d.Key && d.LeadingOrg == "" {
		f.Add("leading_org", "project.leading-org-missing")
	}
	if d.Key && d.Person == "" {
		f.Add("person", "project.person-missing")
	}
	if d.Person != "" && d.Post == "" {
		f.Add("post", "project.post-missing")
	}
	f.Length("leading_org", d.LeadingOrg, 0, maxInvestor)
	f.Length("person", d.Person, 0, maxPerson)
	f.Length("post", d.Post, 0, maxPost)
	f.Length("phone", d.Phone, 0, maxPhone)
	return f
}

// KeepsProjects reports whether the actor may enter and change projects.
func KeepsProjects(a org.Actor) bool { return a.IsOffice() || a.Is(org.RoleCampaignAdmin) }

// ReadsProjects reports whether the actor may see the projects.
func ReadsProjects(a org.Actor) bool {
	return KeepsProjects(a) || a.IsLeader() || a.Is(org.RoleSupervision, org.RoleClerk)
}
