package feedback

import (
	"math/big"

	"pingyi/org"
)

// UnitSheets are the facts of a unit's year of visits and sheets, for component F.
type UnitSheets struct {
	Due       int             `json:"due"`      // visits owed by the plan
	Returned  int             `json:"returned"` // of these, visits with a valid returned sheet
	Companies []CompanySheets `json:"-"`        // by company, never shown with a name
}

// CompanySheets holds a company's valid sheets of a unit: the last of each quarter.
type CompanySheets struct {
	Company  org.CompanyID
	Scores   []*big.Rat // 0 to 100
	Quarters []int      // of each score
}

// UnitIssues are the facts of the issues a unit led whose deadline lies in the
// year, without those left out by the supervision office.
type UnitIssues struct {
	All         int            `json:"all"`
	Excluded    int            `json:"excluded"`
	Responded   int            `json:"responded"` // first response in time
	Solved      int            `json:"solved"`    // solved in time and confirmed
	Ratings     map[string]int `json:"ratings"`   // investor's satisfaction at close, by level
	Overdue     []int          `json:"overdue"`   // working days over, of each overdue issue
	OrdersEarly int            `json:"orders_early"`
}
