package evaluation

import (
	"context"
	"fmt"
)

// unsettledSheets lists the printings of paper ballots whose counts do not agree:
// issued = used + spoiled + unused.
func (s *Store) unsettledSheets(ctx context.Context, id CampaignID) ([]int, error) {
	var out []int
	const q = `SELECT sheet FROM card_sheets WHERE campaign_id = $1 AND kind = 'paper' AND settled_at IS NULL ORDER BY sheet`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("look for unsettled boxes: %w", err)
	}
	return out, nil
}
