// Package mixed fits crossed random effects models: ratings of ratees by raters
// who differ in leniency, with further factors and fixed effects. It is pure
// mathematics; nothing in it knows of departments or companies.
//
// # The model
//
//	y = X beta + Z_1 b_1 + ... + Z_K b_K + e,  b_k ~ N(0, s2 g_k I),  e ~ N(0, s2 I)
//
// Each rating belongs to one level of every factor k; theta_k = sqrt(g_k) is the
// ratio of standard deviations that lme4 calls theta. The variance ratios are
// estimated by REML or ML. Given them, beta is the generalised least squares
// estimate and b_k the best linear unbiased predictor (BLUP): the mean residual of
// a level, shrunk towards zero the more, the fewer ratings it has.
//
// # The criterion
//
// Henderson's mixed model equations have the matrix
//
//	[ Z'Z + diag(1/g)  Z'X ]
//	[ X'Z              X'X ]
//
// Scaled by theta on both sides, Z'Z + diag(1/g) becomes I + Theta Z'Z Theta = L_Z L_Z'.
// With r^2 the penalised residual sum of squares, R_X the factor of X'V^-1X, n
// ratings and p fixed effects, the criterion to minimise is (Bates et al. 2015,
// equations 34 and 41)
//
//	ML:    log|L_Z|^2 + n (1 + log(2 pi r^2/n))
//	REML:  log|L_Z|^2 + log|R_X|^2 + (n-p) (1 + log(2 pi r^2/(n-p)))
//
// and s2 = r^2/n or r^2/(n-p).
//
// # One evaluation
//
// The factor with the most levels ("raters" in the code) has a diagonal block, so it
// is eliminated level by level: with d_i = 1 + g n_i, w_i = g/d_i and c_i the counts
// of rater i over all levels of the other factors, the rest is
//
//	S = Theta (Z_2'Z_2 - sum_i w_i c_i c_i') Theta + I
//
// bordered by X and y (equations.go). Two levels are joined in S when they share a
// rater. The columns are ordered by minimum degree (order.go), the first ones
// factorised as sparse panels (sparse.go), and what is nearly full as a full matrix
// (full.go). All is done by one product of small tiles (kernel.go).
//
// # The gradient
//
// With C the inverse of Henderson's matrix and nu = n-p (ML: nu = n, and C the
// inverse of its Z part),
//
//	dD/dlog g_k = q_k - tr(C_kk)/g_k - nu |b_k|^2/(g_k r^2)
//
// s2 times the diagonal of C are the prediction error variances. The traces need
// only elements of S^-1 where the factor has elements, and Takahashi's recursion
// computes just those (Takahashi, Fagan and Chen 1973): an inverse for the price of
// two factorisations. The variance of rater i needs c_i'S^-1 c_i, whose elements are
// among them.
//
// # The steps
//
// The search (search.go) takes Newton steps in log g_k with the average information
// (Gilmour, Thompson and Cullis 1995) for the Hessian:
//
//	H_kl = nu (f_k'P f_l/r^2 - s_k s_l/r^4),  f_k = Z_k b_k,  s_k = |b_k|^2/g_k
//
// where P f is the residual of the model with f for its scores. Starting from
// analysis of variance estimates (start.go), three or four evaluations are usual. In
// large problems every second trace is estimated by random probes (probe.go), and in
// very large ones the search is led to the optimum by conjugate gradients and
// estimates (approach.go); the gradient at the end is always exact. With few ratings
// the criterion can have several minima, so the search starts from several points; in
// that case the lowest counts.
//
// # Boundaries
//
// When a ratio runs to zero, its logarithm never arrives; it is set to zero as soon
// as that makes the criterion no higher, and tried again at the end. The effects of
// such a factor are zero and so are their variances, which the warning ZeroVariance
// distinguishes from certainty. Status and Code list what is refused and what is
// reported.
//
// # Reproducibility
//
// Ratings are summed in an order that depends on their content alone, and every sum
// has one order whichever processor computes it: the same ratings give the same
// bits in any row order and with any number of processors. Other numbers for the
// levels change the order of sums and so the rounding.
//
// # Sources
//
//   - D. Bates, M. Mächler, B. Bolker, S. Walker (2015): Fitting linear mixed-effects
//     models using lme4. Journal of Statistical Software 67(1).
//   - A. R. Gilmour, R. Thompson, B. R. Cullis (1995): Average information REML.
//     Biometrics 51, 1440-1450.
//   - C. R. Henderson (1975): Best linear unbiased estimation and prediction under a
//     selection model. Biometrics 31, 423-447.
//   - M. R. Hestenes, E. Stiefel (1952): Methods of conjugate gradients for solving
//     linear systems. Journal of Research of the National Bureau of Standards 49,
//     409-436.
//   - M. F. Hutchinson (1990): A stochastic estimator of the trace of the influence
//     matrix. Communications in Statistics - Simulation 19, 433-450.
//   - R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff (2021): Hutch++: Optimal
//     stochastic trace estimation. Symposium on Simplicity in Algorithms, 142-155.
//   - K. Takahashi, J. Fagan, M. Chen (1973): Formation of a sparse bus impedance
//     matrix and its application to short circuit study. 8th PICA Conference.
package mixed
