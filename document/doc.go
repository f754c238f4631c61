// Package document is the county's official paper (公文): letters and notices, each with a
// number, as they went out. A document is made from facts once and never changed; what
// was wrong is put right by another that names it. Start with letter.go.
package document
