package care

import (
	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// occasion is a day on which a company is called on, by one unit or by several together.
type occasion struct {
	On    calendar.Date
	Units int
	Made  bool  // over: nobody can join it
	Visit int64 // one of its visits; 0: planned just now
	Joint int64 // 0: no joint visit yet
}

// spread plans the visits that units owe a company on the days given, which are in
// order: each in the month with the fewest occasions, so that no month has more than
// limit; where no month has room the visit joins the occasion with the fewest units
// (M-14). It returns the occasions, old and new, and for each unit the number of its
// occasion, -1 when there is neither room nor anybody to join. seed moves the day within
// the month, so that not all companies are called on at once.
func spread(units []org.UnitID, old []occasion, limit int, days []calendar.Date, seed int) (all []occasion, at []int) {
	all = append(all, old...)
	load, months, within := map[string]int{}, []string{}, map[string][]calendar.Date{}
	for _, o := range old {
		load[month(o.On)]++
	}
	for _, d := range days {
		m := month(d)
		if len(within[m]) == 0 {
			months = append(months, m)
		}
		within[m] = append(within[m], d)
	}
	for i := range units {
		best := ""
		for _, m := range months {
			if load[m] < limit && (best == "" || load[m] < load[best]) {
				best = m
			}
		}
		if best != "" {
			d := within[best][(seed+7*i)%len(within[best])]
			all, at = append(all, occasion{On: d, Units: 1}), append(at, len(all))
			load[best]++
			continue
		}
		join := -1
		for k, o := range all {
			if !o.Made && len(days) > 0 && o.On >= days[0] && (join < 0 || o.Units < all[join].Units) {
				join = k
			}
		}
		if join >= 0 {
			all[join].Units++
		}
		at = append(at, join)
	}
	return all, at
}

// month is the month of a day, "2026-11".
func month(d calendar.Date) string {
	if len(d) < 7 {
		return ""
	}
	return string(d[:7])
}

// quarterDays are the first and the last day of a quarter.
func quarterDays(year, quarter int) (first, last calendar.Date) {
	const digits = "0123456789"
	m := 3*quarter - 2
	first = calendar.Date(itoa(year) + "-" + digits[m/10:m/10+1] + digits[m%10:m%10+1] + "-01")
	next := first.AddDays(95)
	return first, calendar.Date(string(next[:7]) + "-01").AddDays(-1)
}

// Settings are the limits of the plan and how long things take, in minutes, where the
// company did not say.
type Settings struct {
	Limit      int `db:"month_limit"` // visits a month to a company, 1 to 20
	Visit      int `db:"visit_minutes"`
	Sheet      int `db:"sheet_minutes"`
	Inspection int `db:"inspection_minutes"`
}

func (x Settings) check() error {
	f := fault.Fields{}
	for field, v := range map[string]struct{ got, most int }{"limit": {x.Limit, 20}, "visit": {x.Visit, 600}, "sheet": {x.Sheet, 120}, "inspection": {x.Inspection, 1440}} {
		if v.got < 1 || v.got > v.most {
			f.Add(field, "plan.number", "Most", v.most)
		}
	}
	return f.Err()
}

// PlanRow is a visit in the calendar of all departments.
type PlanRow struct {
	ID       feedback.VisitID `db:"id"`
	Unit     org.UnitID       `db:"unit_id"`
	UnitName org.Names        `db:"unit"`
	Company  org.CompanyID    `db:"company_id"`
	CompName org.Names        `db:"company"`
	Year     int              `db:"year"`
	Quarter  int              `db:"quarter"`
	Planned  calendar.Date    `db:"planned_on"` // "": no day yet
	On       calendar.Date    `db:"visited_on"` // "": not made
	Due      bool             `db:"due"`        // stands in the plan and is owed
	Joint    int64            `db:"joint_id"`   // 0: alone
	Returned bool             `db:"returned"`   // a valid sheet came back; never told to a unit
	Reported bool             `db:"reported"`   // by the company alone; never told to a unit
}

// Day is when the visit was made, or is planned for; "" for neither.
func (r PlanRow) Day() calendar.Date {
	if r.On != "" {
		return r.On
	}
	return r.Planned
}

// State is "done" when it was made and its sheet came back, "made" when only made, "due"
// while its quarter lasts, "missed" after it.
func (r PlanRow) State(today calendar.Date) string {
	_, last := quarterDays(r.Year, r.Quarter)
	switch {
	case r.Returned:
		return "done"
	case r.On != "":
		return "made"
	case today > last:
		return "missed"
	}
	return "due"
}

// UnitPlan counts the plan of a unit in a quarter. Owed = Done + Made + Open + Missed.
type UnitPlan struct {
	Unit   org.UnitID `db:"unit_id"`
	Name   org.Names  `db:"unit"`
	Owed   int        `db:"owed"`
	Done   int        `db:"done"` // made, with a valid sheet: what counts in component F
	Made   int        `db:"made"` // made, no valid sheet yet
	Open   int        `db:"open"`
	Missed int        `db:"missed"`
}

// Load is how often a company is called on in a quarter.
type Load struct {
	Company org.CompanyID `db:"company_id"`
	Name    org.Names     `db:"company"`
	First   int           `db:"first"` // occasions in the first month of the quarter
	Second  int           `db:"second"`
	Third   int           `db:"third"`
}

// Most is the fullest of the three months.
func (l Load) Most() int { return max(l.First, l.Second, l.Third) }

// Burden is the time a company spent, in minutes (M-14): stated by it, or the usual
// time of such a thing where it did not say.
type Burden struct {
	Visits      int `db:"visits"` // occasions; a joint visit is one
	Unstated    int `db:"unstated"`
	Sheets      int `db:"sheets"`
	Inspections int `db:"inspections"`
	OfVisits    int `db:"of_visits"` // minutes
	Minutes     int `db:"-"`         // in all
}
