// Package promotion is going out for investors (招商): trips, fairs, signings and
// festivals, whom they met and what is to follow; leads with their source, agents by
// mandate, liaison officers with a term. Results are rows of the ledger, never text.
// Start with activity.go and lead.go.
package promotion
