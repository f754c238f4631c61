package intake

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Promise is what was promised to an investor (承诺), and how far it was kept.
type Promise struct {
	Ref         string        `db:"ref"` // CN-2026-007
	Company     org.CompanyID `db:"company_id"`
	CompanyName org.Names     `db:"company"`
	Unit        org.UnitID    `db:"unit_id"` // that has to keep it
	UnitName    org.Names     `db:"unit"`
	Kind        string        `db:"kind"`
	Text        string        `db:"text"`
	By          string        `db:"promised_by"`
	On          calendar.Date `db:"promised_on"`
	Due         calendar.Date `db:"due_on"`
	Evidence    string        `db:"evidence"`
	Policy      string        `db:"policy"`         // the policy it rests on, YH-2026-004; "" for none
	Version     int           `db:"policy_version"` // of that policy, as it was then
	PolicyTitle org.Names     `db:"policy_title"`
	State       string        `db:"state"`
	Ruling      string        `db:"ruling"`
	Report      string        `db:"report"`
	Reported    *time.Time    `db:"reported_at"`
	Verdict     string        `db:"verdict"`
	Fulfilled   *time.Time    `db:"fulfilled_at"`
	Finding     string        `db:"finding"` // of the supervision office where it is broken: upheld, not; "" none yet
	FindingText string        `db:"finding_text"`
	Overdue     bool          `db:"overdue"` // upheld, not confirmed, its last day is over
	Broken      bool          `db:"-"`       // overdue by more than BrokenAfter working days
}

// The kinds of promises, and their states: claimed by a company, rejected or found
// right (open) by an office, reported as kept by the unit, confirmed by the investor.
var PromiseKinds = []string{"policy", "land", "subsidy", "date", "other"}

// BrokenAfter is how many working days a promise may be overdue before it counts
// against the unit (rules.md, D8).
const BrokenAfter = 30

// PromiseDraft is a promise as typed.
type PromiseDraft struct {
	Company  org.CompanyID // of a company's own entry: its own
	Unit     org.UnitID
	Kind     string
	Text     string
	By       string
	On       string
	Due      string
	Evidence string
	Policy   string // number of the policy it rests on, may be empty
}

func (d PromiseDraft) check(today calendar.Date) (on, due calendar.Date, err error) {
	f := fault.Fields{}
	if d.Company == 0 {
		f.Add("company", "promise.company-missing")
	}
	if d.Unit == 0 {
		f.Add("unit", "suggestion.unit-missing")
	}
	if !slices.Contains(PromiseKinds, d.Kind) {
		f.Add("kind", "promise.kind-missing")
	}
	f.Length("text", d.Text, 5, MaxReason)
	f.Length("by", d.By, 2, 80)
	f.Length("evidence", d.Evidence, 4, 300)
	if on, err = calendar.ParseDate(d.On); err != nil || on > today {
		f.Add("on", "promise.on-wrong")
	}
	if due, err = calendar.ParseDate(d.Due); err != nil || due < on {
		f.Add("due", "promise.due-wrong")
	}
	return on, due, f.Err()
}

// May reports whether the actor may do the step to the promise as it stands: uphold
// (find that it was promised, or not), report (as kept), confirm (or deny that it was),
// find (of a broken promise, whether the unit is answerable; the step is passing's).
func (p Promise) May(a org.Actor, step string) bool {
	switch step {
	case "uphold":
		return a.IsOffice() && p.State == "claimed"
	case "find":
		return a.Role == org.RoleSupervision && p.Broken && p.Finding == ""
	case "report":
		return a.OfUnit(p.Unit) && p.State == "open"
	case "confirm":
		return a.Role == org.RoleCompany && a.Company == p.Company && p.State == "reported"
	}
	return false
}
