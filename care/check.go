package care

import (
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// Check is a check of a unit (监督检查) by the offices or the supervision office.
type Check struct {
	ID         int64         `db:"id"`
	Ref        string        `db:"ref"` // DC-2026-004
	Unit       org.UnitID    `db:"unit_id"`
	UnitName   org.Names     `db:"unit"`
	On         calendar.Date `db:"on_day"`
	Inspectors string        `db:"inspectors"`
	Items      string        `db:"items"`
	Open       int           `db:"open"` // findings still to be rectified
	Next       calendar.Date `db:"next"` // the nearest day of those; "" without
	Findings   []Finding     `db:"-"`
}

// Finding is something a check found; what is to be rectified has a day and is followed
// until the checkers accept the unit's report.
type Finding struct {
	ID       int64         `db:"id"`
	Text     string        `db:"text"`
	Evidence string        `db:"evidence"`
	Rectify  bool          `db:"rectify"`
	Due      calendar.Date `db:"due_on"`
	State    string        `db:"state"` // noted, open, reported, done
	Report   string        `db:"report"`
	Ruling   string        `db:"ruling"`
	Ended    *time.Time    `db:"ended_at"`
}

// CheckDraft is a check as typed.
type CheckDraft struct {
	Unit       org.UnitID
	On         string
	Inspectors string
	Items      string
}

func (d CheckDraft) check(today calendar.Date) (on calendar.Date, err error) {
	f := fault.Fields{}
	if d.Unit == 0 {
		f.Add("unit", "onestop.unit-missing")
	}
	if on, err = calendar.ParseDate(d.On); err != nil || on > today {
		f.Add("on", "unitcheck.on-wrong")
	}
	f.Length("inspectors", d.Inspectors, 2, 200)
	f.Length("items", d.Items, 4, MaxText)
	return on, f.Err()
}

// FindingDraft is a finding as typed; Due only where it is to be rectified.
type FindingDraft struct {
	Text     string
	Evidence string
	Rectify  bool
	Due      string
}

func (d FindingDraft) check(today calendar.Date) (due calendar.Date, err error) {
	f := fault.Fields{}
	f.Length("text", d.Text, 4, MaxText)
	f.Length("evidence", d.Evidence, 2, 300)
	if d.Rectify {
		if due, err = calendar.ParseDate(d.Due); err != nil || due <= today {
			f.Add("due", "unitcheck.due-wrong")
		}
	}
	return due, f.Err()
}

// checks reports whether the actor checks units.
func checks(a org.Actor) bool { return a.IsOffice() || a.Role == org.RoleSupervision }
