package server

import (
	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/feedback/passing"
	"pingyi/feedback/shield"
	"pingyi/county"
	"pingyi/job"
	"pingyi/org/roster"
	"pingyi/record"
	"pingyi/witness"
)

// Domain holds the stores the handlers call.
type Domain struct {
	Org        *org.Store
	Feedback   *feedback.Store
	Evaluation *evaluation.Store
	Box        *ballotbox.Box
	Calendar   *calendar.Store
	Record     *record.Store
	Notary     *record.Notary
	Roster     *roster.Store
	Jobs       *job.Store
	Passing    *passing.Store
	Shield     *shield.Store
	Intake     *intake.Store
	Projects   *ledger.Projects
	Witness    *witness.Store
	Ledger     *ledger.Store
	Notify     *notify.Store
	county.Stores
	Record  *record.Store
	Notary  *record.Notary
	Roster  *roster.Store
	Jobs    *job.Store
	Witness *witness.Store
}
