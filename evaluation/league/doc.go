// Package league makes a league table of departments from a file of ratings: the
// mixed model takes out who rated whom, and each rank comes with its confidence
// set. It knows files and columns, not campaigns: no database, no network. The
// command "pingyi rank" prints what it returns.
//
// Start at Read (the file), then Compute (the table). Sets answers the same
// question for estimates that come from elsewhere.
//
// The result depends on the ratings alone: labels are sorted, sums run in a fixed
// order, random draws start from a given seed. The same file with its rows in
// another order gives the same bytes.
package league
