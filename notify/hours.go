package notify

import (
	"time"

	"pingyi/calendar"
)

// Working hours of the county's offices, in minutes of the day in Beijing.
const (
	workFrom  = 8*60 + 30
	workUntil = 17*60 + 30
)

// sendable returns the first moment at or after at when the receiver may be written
// to: outside his quiet hours and, if he is an official, in the working hours of a
// working day.
func sendable(at time.Time, official bool, h Hours, cal *calendar.Calendar) time.Time {
	for range 40 { // quiet and working hours move the moment in turns; the longest holiday is nine days
		next := h.afterQuiet(at)
		if official {
			next = afterWork(next, cal)
		}
		if next.Equal(at) {
			return at
		}
		at = next
	}
	return at // quiet hours that leave no working hour are not kept
}

// afterQuiet returns at, or the end of the quiet hours it lies in.
func (h Hours) afterQuiet(at time.Time) time.Time {
	d := at.In(calendar.Shanghai)
	hour, from, until := d.Hour(), h.QuietFrom, h.QuietUntil
	quiet := from < until && hour >= from && hour < until || from > until && (hour >= from || hour < until)
	if !quiet {
		return at
	}
	end := calendar.DateOf(at).Time().Add(time.Duration(until) * time.Hour)
	if !end.After(at) {
		end = end.AddDate(0, 0, 1)
	}
	return end
}

// afterWork returns at, or the next beginning of work.
func afterWork(at time.Time, cal *calendar.Calendar) time.Time {
	day := calendar.DateOf(at)
	minute := int(at.Sub(day.Time()) / time.Minute)
	if cal.IsWorkingDay(day) && minute < workUntil {
		if minute >= workFrom {
			return at
		}
		return day.Time().Add(workFrom * time.Minute)
	}
	return cal.Next(day.AddDays(1)).Time().Add(workFrom * time.Minute)
}

// lastDigest returns the last moment at or before at when summaries were due.
func (h Hours) lastDigest(at time.Time) time.Time {
	due := calendar.DateOf(at).Time().Add(time.Duration(h.Digest) * time.Hour)
	if due.After(at) {
		due = due.AddDate(0, 0, -1)
	}
	return due
}

// waits are the pauses after the first, second … refusal of one letter.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// pause returns how long to wait after the n-th refusal, n from 1; ok is false when
// it is not tried again.
func pause(n int) (d time.Duration, ok bool) {
	if n > len(waits) {
		return 0, false
	}
	return waits[n-1], true
}

// channelPause returns how long a channel rests after the n-th time in a row that it
// could not be reached, n from 1: half a minute, doubled, ten minutes at most. It is
// tried for as long as it takes.
func channelPause(n int) time.Duration {
	return min(30*time.Second<<min(n-1, 10), 10*time.Minute)
}

// skew is how far the clocks of two machines may differ. What was decided later than
// that after now was decided before the clock was set back.
const skew = 2 * time.Minute
