// Package honour is what a year's ranking leads to: the commendation of advanced units
// and individuals (表彰), with public notice, objections and decision. Start with
// machine.go for what may follow what, and round.go for the words.
package honour
