// Package ballotbox is the only code that touches ballots. It is a wall, not a
// folder: before the close it tells how many cards of a group have been used and
// nothing else; after the close, the answers without a trace of who gave them.
//
// It knows cards by their slot. The register of who collected a card is in
// another database, which nothing here can reach; see package evaluation.
//
// Places left for what follows: the payload is handed to the box as bytes, so
// that it can be sealed to a tally key; Cast returns the version, to which a
// signed receipt can be added.
package ballotbox
