// Package care is about what the county does for a company beyond answering it: cases
// in which several units work and one faces the company, and the policies it may count
// on.
package care
