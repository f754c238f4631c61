package notify

import (
	"strings"

	"pingyi/fault"
	"pingyi/org"
)

// Groups are what a person chooses for: the kinds of messages, put together by what
// they are about. Reminders are a group of their own, whatever they remind of.
var Groups = []string{"reminders", "issues", "visits", "orders", "meetings", "appraisal", "other"}

// areas says which group an area's messages belong to; the area is the first word of
// a kind. What is not named is of the group "other".
var areas = map[string]string{
	"issue": "issues", "intake": "issues", "passing": "issues", "suggestion": "issues", "promise": "issues",
	"visit": "visits", "sheet": "visits", "rectification": "visits",
	"order": "orders", "document": "orders", "leader": "orders",
	"meeting": "meetings", "bulletin": "meetings", "project": "meetings",
	"campaign": "appraisal", "appeal": "appraisal", "result": "appraisal",
}

// GroupOf returns the group of a kind.
func GroupOf(kind string, reminder bool) string {
	if reminder {
		return "reminders"
	}
	area, _, _ := strings.Cut(kind, "-")
	if g := areas[area]; g != "" {
		return g
	}
	return "other"
}

// When says how soon an e-mail goes out.
type When string

// The ways of being told by e-mail. The inbox in the portal has everything at once.
const (
	Now   When = "now"
	Daily When = "daily" // in one summary a day
	Never When = "never"
)

// Choice is how a person wants to be told of a group.
type Choice struct {
	Group string `db:"grp"`
	Email When   `db:"email"`
	SMS   bool   `db:"sms"`
}

// Hours are hours of the day in Beijing, 0 to 23.
type Hours struct {
	QuietFrom  int `db:"quiet_from"` // equal to QuietUntil: no quiet hours
	QuietUntil int `db:"quiet_until"`
	Digest     int `db:"digest_hour"` // when the daily summary goes out
}

// DefaultHours hold until a person chooses others.
var DefaultHours = Hours{QuietFrom: 21, QuietUntil: 8, Digest: 9}

// Preferences are how a person wants to be told of everything.
type Preferences struct {
	Choices []Choice // in the order of Groups
	Hours   Hours
}

// defaultChoice is how a person is told who chose nothing: by e-mail at once, and by
// text message where he has no e-mail address.
func defaultChoice(group string, hasEmail bool) Choice {
	return Choice{Group: group, Email: Now, SMS: !hasEmail}
}

// Check says what is wrong with the preferences, by field.
func (p Preferences) Check() fault.Fields {
	f := fault.Fields{}
	for _, c := range p.Choices {
		if c.Email != Now && c.Email != Daily && c.Email != Never {
			f.Add("email."+c.Group, "message.choice-missing")
		}
	}
	for field, hour := range map[string]int{"quiet_from": p.Hours.QuietFrom, "quiet_until": p.Hours.QuietUntil, "digest": p.Hours.Digest} {
		if hour < 0 || hour > 23 {
			f.Add(field, "message.hour-wrong")
		}
	}
	return f
}

// official reports whether the role is written to in working hours only.
func official(r org.Role) bool {
	return r != org.RoleCompany && r != org.RoleChamber && r != org.RoleInvited
}
