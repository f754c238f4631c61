package shield

import (
	"context"
	"fmt"

	"pingyi/fault"
	"pingyi/org"
)

// Reached returns the companies on a campaign's list with what is known of each, for
// counting alone: no name is among it. Leaders, the two offices and the supervision
// office may ask.
func (s *Store) Reached(ctx context.Context, by org.Actor, campaign int64) ([]Invited, error) {
	if !asks(by) && !by.IsOffice() {
		return nil, fault.ErrNotFound
	}
	var out []Invited
	const q = `SELECT co.rater_group, co.sector, k.rater_id IS NOT NULL AS answered, NOT co.active AS gone,
			EXISTS (SELECT FROM visits v WHERE v.company_id = co.id AND v.year = c.year AND v.visited_on IS NOT NULL) OR
				EXISTS (SELECT FROM issues i WHERE i.company_id = co.id AND i.raised_at >= y.first AND i.raised_at < y.next) AS dealt,
			EXISTS (SELECT FROM visits v JOIN sheets s ON s.visit_id = v.id WHERE v.company_id = co.id AND v.year = c.year AND ('d' IN (s.q1, s.q2, s.q3, s.q4) OR 'vd' IN (s.q1, s.q2, s.q3, s.q4))) OR
				EXISTS (SELECT FROM issues i JOIN issue_events e ON e.issue_id = i.id AND e.kind = 'refuse' WHERE i.company_id = co.id AND e.at >= y.first AND e.at < y.next) AS unhappy
		FROM campaign_raters r JOIN campaigns c ON c.id = r.campaign_id
		CROSS JOIN LATERAL (SELECT make_timestamptz(c.year, 1, 1, 0, 0, 0, 'Asia/Shanghai') AS first, make_timestamptz(c.year + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai') AS next) y
		JOIN companies co ON co.id = r.company_id
		LEFT JOIN card_issue k ON k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id WHERE r.campaign_id = $1 ORDER BY r.rater_id`
	if err := s.db.SelectContext(ctx, &out, q, campaign); err != nil {
		return nil, fmt.Errorf("read who was reached: %w", err)
	}
	return out, nil
}
