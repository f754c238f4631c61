package feedback

import (
	"time"

	"pingyi/calendar"
)

// Day is one day of a count, for the page that says why a limit ends when it does.
type Day struct {
	On     calendar.Date
	Kind   string // counted, makeup (a worked weekend day, counted), rest, holiday, stood, least
	Number int    // which working day of the limit it is; 0 for days that do not count
}

// Walk lists the days of the limit from the day after its start to its last, as they
// were counted. A day fixed by an order has no count.
func (l *Limit) Walk(cal *calendar.Calendar) []Day {
	if l.Fixed != "" {
		return nil
	}
	stood := map[calendar.Date]bool{}
	for _, s := range l.Stands {
		left := s.Days
		for d := s.From.AddDays(1); s.To != "" && d <= s.To && left > 0; d = d.AddDays(1) {
			if cal.IsWorkingDay(d) {
				stood[d] = true
				left--
			}
		}
	}
	var out []Day
	n := 0
	for d := l.From.AddDays(1); d <= l.Due; d = d.AddDays(1) {
		day := Day{On: d, Kind: "counted"}
		weekend := d.Time().Weekday() == time.Saturday || d.Time().Weekday() == time.Sunday
		switch {
		case !cal.IsWorkingDay(d) && weekend:
			day.Kind = "rest"
		case !cal.IsWorkingDay(d):
			day.Kind = "holiday"
		case stood[d]:
			day.Kind = "stood"
		case n >= l.Days+l.Extra:
			day.Kind = "least"
		case weekend:
			day.Kind = "makeup"
			fallthrough
		default:
			n++
			day.Number = n
		}
		out = append(out, day)
	}
	return out
}

// Turns says how many working days an issue lay with the county and with the company
// until now: with the company while an answer waits for its word or the limit stands
// still for it, with the county all other time until it ended.
func Turns(events []Happening, count Counting, now time.Time) (county, company int) {
	var l Life
	for n, h := range events {
		if !h.Note && !(h.Internal && (h.Kind == ActAnswer || h.Kind == ActReport)) {
			l.apply(h, count)
		}
		until := now
		if n+1 < len(events) {
			until = events[n+1].At
		}
		if !l.Open() {
			continue
		}
		days := count(h.Calendar).Between(calendar.DateOf(h.At), calendar.DateOf(until))
		if l.State == Answered || l.Paused != nil && l.PauseReason == waitingInvestor {
			company += days
		} else {
			county += days
		}
	}
	return county, company
}
