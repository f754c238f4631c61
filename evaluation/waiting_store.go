package evaluation

import (
	"context"
	"fmt"

	"pingyi/org"
)

// Waiting counts what waits for the actor here: cards he can collect now, a year's
// result he can check, publish or approve.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	n := map[string]int{}
	if by.Is(org.RoleCompany, org.RoleChamber, org.RoleInvited, org.RoleLeader) {
		const q = `SELECT count(*) FROM campaigns c JOIN campaign_raters r ON r.campaign_id = c.id
			WHERE c.state = 'open' AND c.card_from <= $3 AND c.card_until > $3 AND (r.account_id = $1 OR (r.company_id IS NOT NULL AND r.company_id = $2))
			AND NOT EXISTS (SELECT FROM card_issue k WHERE k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id)`
		var cards int
		if err := s.db.GetContext(ctx, &cards, q, by.Account, by.Company, s.now()); err != nil {
			return nil, fmt.Errorf("count cards to collect: %w", err)
		}
		n["appraisals"] = cards
	}
	if by.MaySign() || runs(by) || by.Role == org.RoleSupervision {
		const q = `SELECT count(*) FILTER (WHERE state = 'checked') AS rankings,
			count(*) FILTER (WHERE state = 'draft' AND computed_by <> $1) + count(*) FILTER (WHERE state = 'approved' AND $2) AS year FROM year_results`
		var results struct {
			Rankings int `db:"rankings"`
			Year     int `db:"year"`
		}
		if err := s.db.GetContext(ctx, &results, q, by.Account, runs(by)); err != nil {
			return nil, fmt.Errorf("count results that wait: %w", err)
		}
		if by.MaySign() {
			n["rankings"] = results.Rankings
		} else {
			n["year"] = results.Year
		}
	}
	return n, nil
}
