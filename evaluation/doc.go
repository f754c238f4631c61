// Package evaluation turns facts into points and standings: schemes, campaigns,
// the components of the score, the year's result. The formulas are pure functions
// of facts and scheme (appraisal.go, components.go, total.go, standing.go); the
// stores gather the facts and keep the results. Ballots are in package ballotbox,
// which hands over lines without a trace of who gave them.
package evaluation
