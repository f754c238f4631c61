// Package calendar counts Chinese working days. A working day is Monday to
// Friday and no public holiday, or a make-up workday (调休上班日) at a weekend, as
// the State Council's yearly notices say. The days are versioned data: a deadline
// keeps the version it was computed with.
package calendar

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Shanghai is the zone in which "today" is decided.
var Shanghai = func() *time.Location {
	if loc, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return loc
	}
	return time.FixedZone("CST", 8*60*60)
}()

// Date is a civil day, written 2006-01-02; it compares and sorts as text.
type Date string

// DateOf returns the day of an instant in Shanghai.
func DateOf(at time.Time) Date { return Date(at.In(Shanghai).Format(time.DateOnly)) }

// ParseDate reads 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Shanghai)
	if err != nil {
		return "", fmt.Errorf("%q is no date: %w", s, err)
	}
	return DateOf(t), nil
}

// Time returns the first instant of the day in Shanghai.
func (d Date) Time() time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(d), Shanghai)
	return t
}

// End returns 24:00 of the day in Shanghai: the instant a limit on that day ends.
func (d Date) End() time.Time { return d.AddDays(1).Time() }

// AddDays returns the day n calendar days later.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// Year returns the day's year.
func (d Date) Year() int { return d.Time().Year() }

// Quarter returns the day's quarter, 1 to 4.
func (d Date) Quarter() int { return (int(d.Time().Month())-1)/3 + 1 }

// Scan reads a date column.
func (d *Date) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d = ""
	case time.Time:
		*d = Date(v.Format(time.DateOnly))
	case []byte:
		*d = Date(v)
	case string:
		*d = Date(v)
	default:
		return fmt.Errorf("a date cannot be read from %T", v)
	}
	return nil
}

// Value writes a date column; the empty day is NULL.
func (d Date) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return string(d), nil
}

// Calendar is one version of the working days.
type Calendar struct {
	ID        int64
	Source    string // the notice or list the days come from
	FirstYear int
	LastYear  int           // later years count Monday to Friday, provisionally
	Days      map[Date]bool // exceptions: true a make-up workday, false a day off
}

// Label names the version: its number and where its days are from.
func (c *Calendar) Label() string { return fmt.Sprintf("%d: %s", c.ID, c.Source) }

// IsWorkingDay reports whether the day is worked.
func (c *Calendar) IsWorkingDay(d Date) bool {
	if working, ok := c.Days[d]; ok {
		return working
	}
	wd := d.Time().Weekday()
	return wd != time.Saturday && wd != time.Sunday
}

// Known reports whether the year's list of days off is in this version.
func (c *Calendar) Known(year int) bool { return year >= c.FirstYear && year <= c.LastYear }

// Add returns the last day of a limit of n working days: the day of the start is
// not counted. provisional says that the limit runs into a year without a
// published list, so that a notice may still move it.
func (c *Calendar) Add(start Date, n int) (due Date, provisional bool) {
	d := start
	for left := n; left > 0; {
		d = d.AddDays(1)
		if c.IsWorkingDay(d) {
			left--
		}
	}
	return d, !c.Known(d.Year()) || !c.Known(start.Year())
}

// Next returns the day itself if it is worked, else the first worked day after it.
func (c *Calendar) Next(d Date) Date {
	for !c.IsWorkingDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// Between counts the working days after from, up to and including to; 0 when to
// is not after from.
func (c *Calendar) Between(from, to Date) int {
	n := 0
	for d := from; d < to; {
		d = d.AddDays(1)
		if c.IsWorkingDay(d) {
			n++
		}
	}
	return n
}

// Overdue counts the started working days since a deadline passed: 0 until 24:00
// of the last day, then each working day that has begun.
func (c *Calendar) Overdue(deadline Date, at time.Time) int { return c.Between(deadline, DateOf(at)) }

// Left counts the working days that remain until the end of the deadline, today
// not counted; 0 on the last day and after it.
func (c *Calendar) Left(deadline Date, at time.Time) int { return c.Between(DateOf(at), deadline) }
