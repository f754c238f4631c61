package server

import (
	"pingyi/county"
	"pingyi/job"
	"pingyi/org/roster"
	"pingyi/record"
	"pingyi/witness"
)

// Domain holds the stores the handlers call.
type Domain struct {
	county.Stores
	Record  *record.Store
	Notary  *record.Notary
	Roster  *roster.Store
	Jobs    *job.Store
	Witness *witness.Store
}
