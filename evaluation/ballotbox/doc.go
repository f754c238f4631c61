// Package ballotbox is the only code that touches ballots. It is a wall, not a
// folder: before the close it tells how many cards of a group have been used and
// nothing else; after the close, and with shares of the tally key, the answers
// without a trace of who gave them.
//
// It knows cards by their slot. The register of who collected a card is in
// another database, which nothing here can reach; see package evaluation. What it
// takes in is sealed at once, promised by a signed receipt and written into a
// public log; see package ballotlog for who checks that.
package ballotbox
