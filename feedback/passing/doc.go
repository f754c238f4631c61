// Package passing watches how issues are handed from unit to unit: the index of
// buck-passing, suspected cases with the units' replies, findings and sanctions, the
// catalogue of duties with the gaps that repeated returns show, and structural items
// (结构性问题) behind many similar issues. Start with index.go for what is counted
// and case.go for the life of a case. A suspicion never changes a score; an upheld
// finding does, with its evidence.
package passing
