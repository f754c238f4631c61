package server

import (
	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/record"
)

// Domain holds the stores the handlers call.
type Domain struct {
	Org        *org.Store
	Feedback   *feedback.Store
	Evaluation *evaluation.Store
	Box        *ballotbox.Box
	Calendar   *calendar.Store
	Record     *record.Store
}
