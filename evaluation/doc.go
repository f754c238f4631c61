// Package evaluation turns facts into points and standings. Where to start reading:
//
//   - scheme.go, scheme_tree.go, scheme_rules.go: a county's published rules as data;
//     scheme_check.go refuses those that contradict themselves.
//   - facts.go: all a unit's year is scored from. appraisal.go (ballot lines to
//     campaign scores), sources.go (each kind of fact to a score), parts.go (the tree,
//     standardised within the class), total.go (bonus, deduction, vetoes, rounding),
//     standing.go and lists.go (places, tiers, grades, lists): pure functions of facts
//     and scheme, exact numbers with their reasons.
//   - tally.go: what opening a ballot box gives; fairness.go and suspicion.go run in
//     it, because only there one knows which lines come from one ballot.
//   - snapshot.go, ranking.go: the sealed file a year's ranking follows from, and
//     nothing else.
//   - *_store.go: the SQL that gathers facts and keeps results.
//
// Ballots are in package ballotbox; mixed and rank are the mathematics of the fair
// comparison.
package evaluation
