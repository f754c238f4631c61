package feedback

import (
	"pingyi/notify"
	"pingyi/org"
)

// Origin says who raised an issue.
type Origin string

// The origins. A collective issue carries the chamber's name and hides its members;
// an anonymous one is followed by a code, and nobody knows whose it is.
const (
	FromCompany Origin = "company"
	FromChamber Origin = "chamber"
	FromNobody  Origin = "anonymous"
)

// asks reports whether the actor speaks for whoever raised the issue: the company,
// for a collective issue an officer of the chamber, for an anonymous one who has
// shown its code.
func (i Issue) asks(a org.Actor) bool {
	switch i.Origin {
	case FromChamber:
		return a.Role == org.RoleChamber
	case FromNobody:
		return a.Role == org.RolePublic && i.held
	}
	return a.Role == org.RoleCompany && a.Company == i.Company
}

// Investors returns where those who raised an issue of the origin are told of it, and
// from where they look at it; nobody for an anonymous one, whose sender asks by code.
func (o Origin) Investors(company org.CompanyID) (to []notify.To, base string) {
	switch o {
	case FromChamber:
		return []notify.To{{Body: org.BodyChamber}}, "/o/collective/"
	case FromNobody:
		return nil, ""
	}
	return []notify.To{{Company: company}}, "/c/issues/"
}
