package org

import (
	"time"

	"pingyi/fault"
)

// Delegation is the chair's leave to a deputy or member of the leading group to sign
// for him on certain days.
type Delegation struct {
	ID        int64      `db:"id"`
	Giver     AccountID  `db:"giver"`
	GiverName string     `db:"giver_name"`
	Taker     AccountID  `db:"taker"`
	TakerName string     `db:"taker_name"`
	From      string     `db:"from_on"`  // day in Shanghai, as 2026-11-23
	Until     string     `db:"until_on"` // the last day, included
	Reason    string     `db:"reason"`
	Made      time.Time  `db:"made_at"`
	Ended     *time.Time `db:"ended_at"` // taken back before its last day
}

// State says where a delegation stands on a day: taken-back, coming, over or in-force.
func (d Delegation) State(today string) string {
	switch {
	case d.Ended != nil:
		return "taken-back"
	case today < d.From:
		return "coming"
	case today > d.Until:
		return "over"
	}
	return "in-force"
}

// DelegationDraft is a delegation as the chair writes it; days as typed.
type DelegationDraft struct {
	To          AccountID
	From, Until string
	Reason      string
}

// limits of a delegation: days it may last, and its reason in characters.
const (
	maxDelegation       = 92
	minDelegationReason = 4
	maxDelegationReason = 200
)

// Check says what is wrong with a delegation made on a day, by field.
func (d DelegationDraft) Check(today string) fault.Fields {
	f := fault.Fields{}
	if d.To == 0 {
		f.Add("to", "leader.to-missing")
	}
	from, err := time.Parse(time.DateOnly, d.From)
	switch {
	case err != nil:
		f.Add("from", "leader.day-missing")
	case d.From < today:
		f.Add("from", "leader.day-past")
	}
	until, uerr := time.Parse(time.DateOnly, d.Until)
	switch {
	case uerr != nil:
		f.Add("until", "leader.day-missing")
	case err == nil && until.Before(from):
		f.Add("until", "leader.until-before")
	case err == nil && until.Sub(from) >= maxDelegation*24*time.Hour:
		f.Add("until", "leader.until-far", "Count", maxDelegation)
	}
	f.Length("reason", d.Reason, minDelegationReason, maxDelegationReason)
	return f
}
