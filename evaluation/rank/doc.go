// Package rank is inference for ranks: how sure is the place of a department in
// a ranking? Pure mathematics on estimates and their covariance matrix.
//
// Larger estimates are better: the best has rank 1. Ties share the smallest rank.
//
//   - Confidence gives confidence sets for ranks, marginal or simultaneous
//     (Mogstad, Romano, Shaikh, Wilhelm 2024). Feed it unshrunken estimates with
//     their full covariance. Best and Worst tell who may be among the top or the
//     bottom few.
//   - Tiers groups departments that the simultaneous test cannot tell apart.
//   - Expected and Simulate describe the ranks of shrunken effects (BLUPs) given
//     their prediction covariance (Laird and Louis 1989; Lin et al. 2006).
//   - Bars and Funnel are for pictures (Goldstein and Healy 1995; Spiegelhalter
//     2005).
//
// Everything random starts from a given seed, and the same seed gives the same
// sets on every machine: the normal numbers are made with operations that IEEE
// 754 rounds the same way everywhere, products are rounded before they are added
// (no fused multiply-add), and nothing depends on the number of processors.
//
// Many departments: the work grows with draws x p^2. Bounds over groups of
// departments with like standard errors spare most of the pairs without changing
// the result by a bit. What remains is making the draws, so DefaultDraws falls
// from 40,000 (up to 158 departments) to 2,000 (707 and more). The critical value
// then has a Monte Carlo standard error of about 0.02 instead of 0.01, and a bound
// on the edge may flip with the seed. 1,128 departments take about a second.
package rank
