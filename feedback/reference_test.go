package feedback_test

import (
	"pingyi/calendar"
	"pingyi/feedback"
)

// reference counts the limit to solve an issue from its events by crossing days off
// one by one; it shares nothing with the code under test but the events. The events
// are gone through once for every event that may move the last day, since what counts
// as "in time" follows from the day that was known then.
func reference(events []feedback.Happening, cal map[int64]*calendar.Calendar) calendar.Date {
	var due calendar.Date
	for n := range events {
		due = until(events[:n+1], cal, due)
	}
	return due
}

// until is the last day after the last of the events; before was the last day known
// without it.
func until(events []feedback.Happening, cal map[int64]*calendar.Calendar, before calendar.Date) calendar.Date {
	last := events[len(events)-1]
	on := calendar.DateOf(last.At)
	switch last.Kind {
	case feedback.ActRegister, feedback.ActReopen, feedback.ActResume, feedback.ActExtendGrant, feedback.ActRefuse:
	case feedback.ActOrder:
		if grade(events) == "A" {
			return last.Deadline
		}
		return before
	case feedback.ActReview:
		if last.Outcome != "overturned" || !pending(events[:len(events)-1]) {
			return before
		}
	case feedback.ActRecount:
		if before == "" || before < on {
			return before
		}
	default:
		return before
	}
	start, need := 0, 0
	for n, e := range events {
		if e.Kind == feedback.ActRegister || e.Kind == feedback.ActReopen {
			start, need = n, map[string]int{"A": 30, "B": 15, "C": 5}[grade(events)]
		}
	}
	asked := 0
	for n, e := range events {
		if e.Kind == feedback.ActExtendAsk {
			asked = e.Days
		}
		if e.Kind == feedback.ActExtendGrant && n > start {
			need += asked
		}
	}
	return cross(events, start, need, cal[last.Calendar], cal, before)
}

func grade(events []feedback.Happening) string {
	for _, e := range events {
		if e.Kind == feedback.ActRegister {
			return e.Grade
		}
	}
	return ""
}

// cross walks from the start, crossing off worked days that did not stand still.
func cross(events []feedback.Happening, start, need int, c *calendar.Calendar, all map[int64]*calendar.Calendar, before calendar.Date) calendar.Date {
	stood, waited := map[calendar.Date]int{}, 0
	least := calendar.Date("")
	known := map[int]calendar.Date{} // the last day known after each event, computed for those before the last
	due := calendar.Date("")
	for n := range len(events) - 1 {
		due = until(events[:n+1], all, due)
		known[n] = due
	}
	ordered := false
	for n := start + 1; n < len(events); n++ {
		e := events[n]
		switch e.Kind {
		case feedback.ActPause, feedback.ActAnswer:
			from := calendar.DateOf(e.At)
			end, by := closing(events, n)
			if end == "" || e.Kind == feedback.ActAnswer && from > known[n] {
				continue
			}
			for d := from.AddDays(1); d <= end; d = d.AddDays(1) {
				if !c.IsWorkingDay(d) {
					continue
				}
				if e.Reason == "waiting_investor" && e.Kind == feedback.ActPause {
					if waited == 10 {
						break
					}
					waited++
				}
				stood[d]++
			}
			if e.Kind == feedback.ActAnswer {
				least, _ = all[by.Calendar].Add(end, 2)
			}
		case feedback.ActOrder:
			ordered = true
		}
	}
	last := events[len(events)-1]
	if ordered && (last.Kind == feedback.ActRefuse) && judged(events) {
		return before // the order's own result was refused: the unit's limit is what it was
	}
	if ordered && grade(events[:]) == "A" {
		return before
	}
	extra := 0
	for _, k := range stood {
		extra += k
	}
	d := calendar.DateOf(events[start].At)
	for left := need + extra; left > 0; {
		d = d.AddDays(1)
		if c.IsWorkingDay(d) {
			left--
		}
	}
	if last.Kind == feedback.ActRefuse || last.Kind == feedback.ActReview {
		if end, ok := answeredInTime(events, known); !ok && end {
			return before
		}
	}
	return max(d, least)
}

// closing finds where a stand ended: a pause at its resumption, an answer when it was
// refused or overturned.
func closing(events []feedback.Happening, n int) (calendar.Date, feedback.Happening) {
	for _, e := range events[n+1:] {
		switch {
		case events[n].Kind == feedback.ActPause && e.Kind == feedback.ActResume,
			events[n].Kind == feedback.ActAnswer && (e.Kind == feedback.ActRefuse || e.Kind == feedback.ActReview && e.Outcome == "overturned"):
			return calendar.DateOf(e.At), e
		case events[n].Kind == feedback.ActAnswer && (e.Kind == feedback.ActAccept || e.Kind == feedback.ActAnswer):
			return "", e
		}
	}
	return "", feedback.Happening{}
}

// judged: the last event refuses the result of an order.
func judged(events []feedback.Happening) bool {
	for n := len(events) - 2; n >= 0; n-- {
		switch events[n].Kind {
		case feedback.ActFeedBack:
			return true
		case feedback.ActAnswer:
			return false
		}
	}
	return false
}

// answeredInTime says whether the answer before the last event was given in time.
func answeredInTime(events []feedback.Happening, known map[int]calendar.Date) (isAnswer, inTime bool) {
	for n := len(events) - 2; n >= 0; n-- {
		if events[n].Kind == feedback.ActAnswer {
			return true, calendar.DateOf(events[n].At) <= known[n]
		}
	}
	return false, false
}

// pending: an answer, or the result of an order, waits for the company's word.
func pending(events []feedback.Happening) bool {
	for n := len(events) - 1; n >= 0; n-- {
		switch events[n].Kind {
		case feedback.ActAnswer, feedback.ActFeedBack:
			return true
		case feedback.ActAccept, feedback.ActRefuse, feedback.ActWithdraw, feedback.ActEscalate:
			return false
		case feedback.ActReview:
			if events[n].Outcome == "overturned" && pending(events[:n]) {
				return false
			}
		}
	}
	return false
}
