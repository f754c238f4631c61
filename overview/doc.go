// Package overview puts the county on one page: funds against the plan, the
// satisfaction index, appraisals, visits, sheets and issues of a year as they stood at
// the end of a day. It adds nothing of its own: every figure is one of the ledger's, of
// the published rankings' or of the tables of visits and issues.
package overview
