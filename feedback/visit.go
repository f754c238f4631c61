package feedback

import (
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// VisitID numbers a visit.
type VisitID int64

// Visit is a call of a unit on a company in a quarter, planned or made.
type Visit struct {
	ID        VisitID       `db:"id"`
	Unit      org.UnitID    `db:"unit_id"`
	UnitName  org.Names     `db:"unit"`
	UnitCode  string        `db:"code"`
	Company   org.CompanyID `db:"company_id"`
	CompName  org.Names     `db:"company"`
	Year      int           `db:"year"`
	Quarter   int           `db:"quarter"`
	Due       bool          `db:"due"` // stands in the plan
	On        calendar.Date `db:"visited_on"`
	Staff     string        `db:"staff"`
	Purpose   string        `db:"purpose"`
	Matters   string        `db:"matters"`
	Requested *time.Time    `db:"requested_at"` // the sheet was asked for
	LinkUntil *time.Time    `db:"link_until"`
	SheetNo   string        `db:"sheet_no"` // "" while no sheet came back
	Sealed    []byte        `db:"token_sealed"`
	Minutes   int           `db:"minutes"`    // how long it took, as the company says; 0: not said
	Reported  bool          `db:"reported"`   // by the company; the unit registered none
	Planned   calendar.Date `db:"planned_on"` // day in the plan; "" for none
}

// State says how far the visit is: planned, made, requested, returned.
func (v Visit) State() string {
	switch {
	case v.SheetNo != "":
		return "returned"
	case v.Requested != nil:
		return "requested"
	case v.On != "":
		return "made"
	}
	return "planned"
}

// VisitRecord is what a unit's officer enters of a visit.
type VisitRecord struct {
	Company org.CompanyID
	On      string // date as typed
	Staff   string
	Purpose string
	Matters string
}

// Limits of texts, in characters.
const (
	maxStaff   = 120
	maxPurpose = 200
	maxMatters = 1000
)

// LinkDays is how long the link of a sheet is good.
const LinkDays = 30

func (r VisitRecord) check(today calendar.Date) (calendar.Date, fault.Fields) {
	f := fault.Fields{}
	on, err := calendar.ParseDate(r.On)
	switch {
	case err != nil:
		f.Add("on", "visit.date-missing")
	case on > today:
		f.Add("on", "visit.date-ahead")
	case on < today.AddDays(-92):
		f.Add("on", "visit.date-old")
	}
	if r.Company == 0 {
		f.Add("company", "visit.company-missing")
	}
	f.Length("staff", r.Staff, 1, maxStaff)
	f.Length("purpose", r.Purpose, 2, maxPurpose)
	f.Length("matters", r.Matters, 0, maxMatters)
	return on, f
}
