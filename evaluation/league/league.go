package league

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"pingyi/evaluation/mixed"
	"pingyi/evaluation/rank"
)

// Options of a league table.
type Options struct {
	Columns    Columns
	Method     mixed.Method
	Minimum    Minimum
	Coverage   float64 // of the rank sets, 0 < coverage < 1
	Draws      int     // 0: rank.DefaultDraws
	Seed       uint64  // 0: rank.DefaultSeed
	WithRaters bool    // list the raters too
	NoSets     bool    // ranks alone: spares the second fit and the draws
}

// Compute fits the mixed model to the ratings of a table and ranks the departments.
//
// Ranks go by the adjusted score. Their sets come from the departments estimated as
// fixed effects, with the full covariance (rank.Confidence): shrunken effects are
// biased given the variances, so their sets would be too narrow. A rank outside its
// own set, which shrinkage can bring about in theory, widens the set.
//
// Errors say in a sentence what is wrong with the data; errors.As finds a
// *mixed.Unfit where the model could not be fitted.
func Compute(t *Table, o Options) (*Result, error) {
	if err := o.Columns.Check(); err != nil {
		return nil, err
	}
	if !(o.Coverage > 0 && o.Coverage < 1) {
		return nil, rank.ErrCoverage
	}
	r, err := t.ratings(o.Columns)
	if err != nil {
		return nil, err
	}
	m, err := mixed.Fit(r.data, o.Method)
	if err != nil {
		return nil, explain(err, r)
	}
	out := describe(r, m)
	out.Minimum, out.Coverage, out.Seed = o.Minimum, o.Coverage, cmp.Or(o.Seed, rank.DefaultSeed)
	out.Departments = departments(r, m, o.Minimum)
	if o.WithRaters {
		out.Raters = levelsOf(r, m, 0)
	}
	if err := out.rank(r, m, o); err != nil {
		return nil, err
	}
	return out, nil
}

// describe is the result without departments.
func describe(r *ratings, m *mixed.Model) *Result {
	out := &Result{
		Method: m.Method.String(), N: m.N, Skipped: r.skipped, Criterion: m.Criterion,
		Theta: map[string]float64{}, Variance: map[string]float64{residual: m.Residual},
		Baselines: r.baselines, Factors: map[string][]Level{}, Warnings: warnings(r, m),
	}
	for k, f := range r.data.Factors {
		out.Theta[f.Name], out.Variance[f.Name] = m.Theta[k], m.Variance[k]
		if k > 1 {
			out.Factors[f.Name] = levelsOf(r, m, k)
		}
	}
	for _, c := range m.Fixed {
		if c.Dropped {
			out.Fixed = append(out.Fixed, Coefficient{Name: c.Name, Dropped: true})
		} else {
			out.Fixed = append(out.Fixed, Coefficient{Name: c.Name, Estimate: &c.Estimate, SE: &c.SE})
		}
	}
	out.Components = 1 + slices.Max(m.Components)
	return out
}

// levelsOf lists the levels of a factor.
func levelsOf(r *ratings, m *mixed.Model, factor int) []Level {
	e, means := m.Effects[factor], r.means(factor)
	out := make([]Level, len(means))
	for l := range out {
		out[l] = Level{
			ID: r.labels[factor][l], N: e.N[l], Mean: means[l], Effect: e.Value[l],
			ConditionalVariance: e.ConditionalVariance[l], PredictionVariance: e.PredictionVariance[l],
		}
	}
	return out
}

// departments lists the departments, not yet ranked. One with a single rating is
// never ranked, nor is any where the model finds no differences at all.
func departments(r *ratings, m *mixed.Model, least Minimum) []Department {
	list, raters, reliability := levelsOf(r, m, 1), r.partners(1, 0), m.Reliability(1)
	out := make([]Department, len(list))
	for j, l := range list {
		out[j] = Department{
			Level: l, Raters: raters[j], Score: m.Fixed[0].Estimate + l.Effect,
			Reliability: reliability[j], Component: m.Components[j] + 1, Status: NotRanked,
		}
		if l.N > 1 && m.Variance[1] > 0 && raters[j] >= least.Raters && reliability[j] >= least.Reliability {
			out[j].Status = Ranked
		}
	}
	return out
}

// rank gives the departments that may be ranked their ranks, sets and tiers.
func (out *Result) rank(r *ratings, m *mixed.Model, o Options) error {
	var ranked []int
	var scores []float64
	for j, d := range out.Departments {
		if d.Status == Ranked {
			ranked = append(ranked, j)
			scores = append(scores, d.Score)
		}
	}
	if len(ranked) == 0 {
		return nil
	}
	scores = rounded(scores, 1e-9*math.Sqrt(m.Residual))
	ranks := rank.Ranks(scores)
	for i, j := range ranked {
		out.Departments[j].Rank = &ranks[i]
	}
	if o.NoSets {
		return nil
	}
	if len(ranked) > rank.MaxEstimates {
		out.Warnings = append(out.Warnings, Warning{NoSets, "There are too many departments: ranks have no sets and there are no tiers."})
		return nil
	}
	fixed, err := mixed.FixedLevels(r.data, 1, o.Method)
	var unfit *mixed.Unfit
	if errors.As(err, &unfit) {
		out.Warnings = append(out.Warnings, Warning{NoSets, "The departments could not be estimated as fixed effects (" + string(unfit.Status) + "): ranks have no sets and there are no tiers."})
		return nil
	}
	if err != nil {
		return err
	}
	sets, err := rank.Confidence(selected(fixed, ranked), rank.Options{Coverage: o.Coverage, Draws: o.Draws, Seed: o.Seed})
	if err != nil {
		return err
	}
	out.Draws, out.Critical = sets.Draws, sets.Critical[len(sets.Critical)-1]
	tiers := rank.Tiers(scores, sets.Better)
	for i, j := range ranked {
		d := &out.Departments[j]
		low, high := min(sets.Low[i], ranks[i]), max(sets.High[i], ranks[i])
		d.RankLow, d.RankHigh, d.Tier = &low, &high, &tiers[i]
	}
	return nil
}

// selected are the estimates of some levels.
func selected(l *mixed.Levels, which []int) rank.Estimates {
	var e rank.Estimates
	q := len(l.Estimate)
	for _, j := range which {
		e.Value = append(e.Value, l.Estimate[j])
		for _, k := range which {
			e.Covariance = append(e.Covariance, l.Covariance[j*q+k])
		}
	}
	return e
}
