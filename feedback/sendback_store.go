package feedback

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// limits of the reason for which an issue is sent back, in characters.
const (
	minSendBack = 10
	maxSendBack = 500
)

// SendBack returns an issue from the leading group's queue to its unit, to complete
// within one of OrderDays working days what is missing. The limit to solve stays
// what it was; when the new day is missed, the issue climbs the ladder again.
func (s *Store) SendBack(ctx context.Context, by org.Actor, ref, reason string, days int, idem string) error {
	f := fault.Fields{}
	f.Length("reason", reason, minSendBack, maxSendBack)
	if !slices.Contains(OrderDays, days) {
		f.Add("back_days", "order.days-unknown")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.act(ctx, by, ref, ActSendBack, idem, func(_ *sqlx.Tx, i Issue) (move, error) {
		cal, err := s.cal.Current(ctx)
		if err != nil {
			return move{}, err
		}
		due, _ := cal.Add(s.today(), days)
		return move{unit: i.Lead, body: reason, details: Details{Days: days, Deadline: due}}, nil
	})
}
