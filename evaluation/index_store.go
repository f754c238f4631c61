package evaluation

import (
	"context"
	"fmt"
	"math"
)

// IndexPoint is the county's satisfaction index of a published year: the mean of the
// appraisal scores A of its ranked units (rules 5.10), 0 to 100.
type IndexPoint struct {
	Year      int
	Mean      float64
	Low, High float64 // 95 % range, see IndexOf
	Units     int     // ranked
	Companies int     // whose ballots counted in the year-end appraisal
}

// IndexOf is the index over units' appraisal scores and their standard errors. The same
// companies score many units, so the errors of units do not cancel out: the error of
// the mean is taken as the mean of the errors, the largest it can be (triangle
// inequality of standard deviations), and the range is mean ± 1.96 times it.
func IndexOf(scores, errors []float64) (p IndexPoint) {
	if len(scores) == 0 {
		return p
	}
	var sum, se float64
	for i, x := range scores {
		sum, se = sum+x, se+errors[i]
	}
	n := float64(len(scores))
	p.Units, p.Mean = len(scores), sum/n
	p.Low, p.High = math.Max(0, p.Mean-z95*se/n), math.Min(100, p.Mean+z95*se/n)
	return p
}

// Index returns the county's satisfaction index of every published year, the earliest first.
func (s *Store) Index(ctx context.Context) ([]IndexPoint, error) {
	years, err := s.PublishedYears(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]IndexPoint, 0, len(years))
	for i := len(years) - 1; i >= 0; i-- {
		r, err := s.Published(ctx, years[i])
		if err != nil {
			return nil, err
		}
		p, err := s.indexOf(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// indexOf returns the index of one version of a year's result.
func (s *Store) indexOf(ctx context.Context, r YearResult) (IndexPoint, error) {
	rows, err := s.Rows(ctx, r)
	if err != nil {
		return IndexPoint{}, err
	}
	var scores, errs []float64
	for _, row := range rows {
		if row.Status != Ranked {
			continue
		}
		reasons, err := row.Open()
		if err != nil {
			return IndexPoint{}, err
		}
		if a := reasons.Appraisal(); a.Score.Known() {
			scores, errs = append(scores, a.Score.Float()), append(errs, a.SE)
		}
	}
	p := IndexOf(scores, errs)
	p.Year = r.Year
	p.Companies, err = s.companiesHeard(ctx, r.Year)
	return p, err
}

// companiesHeard counts the ballots of companies in a year's year-end appraisal, one a company.
func (s *Store) companiesHeard(ctx context.Context, year int) (int, error) {
	var groups []struct {
		ID    CampaignID `db:"id"`
		Group string     `db:"grp"`
	}
	const q = `SELECT DISTINCT c.id, r.grp FROM campaigns c JOIN campaign_raters r ON r.campaign_id = c.id
		WHERE c.year = $1 AND c.kind = 'year_end' AND c.closed_at IS NOT NULL AND r.company_id IS NOT NULL`
	if err := s.db.SelectContext(ctx, &groups, q, year); err != nil {
		return 0, fmt.Errorf("list groups of companies: %w", err)
	}
	n := 0
	for _, g := range groups {
		used, err := s.box.Turnout(ctx, g.ID)
		if err != nil {
			return 0, err
		}
		n += used[g.Group]
	}
	return n, nil
}
