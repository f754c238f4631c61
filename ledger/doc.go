// Package ledger is the county's book of investment (台账): projects, agreements and
// contracts, and the money that arrived. Amounts are exact; what a report states is held
// against the book and a difference is shown, never rounded away. Start with project.go
// and contract.go.
package ledger
