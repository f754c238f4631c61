package county

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/notify"
	"pingyi/org"
)

// delegated tells the one who signs for the chair that he does, and when it ends early;
// org itself knows nothing of messages.
func delegated(now func() time.Time) func(context.Context, *sqlx.Tx, org.Delegation) error {
	return func(ctx context.Context, tx *sqlx.Tx, d org.Delegation) error {
		m := notify.Message{Kind: "leader-delegated", To: []notify.To{{Account: d.Taker}}, Topic: fmt.Sprintf("delegation:%d", d.ID), Link: "/l/delegations",
			Key: fmt.Sprintf("leader-delegated-%d", d.ID), Args: map[string]string{"Giver": d.GiverName, "From": "date:" + d.From, "Until": "date:" + d.Until}}
		if d.Ended != nil {
			m.Kind, m.Key = "leader-taken-back", fmt.Sprintf("leader-taken-back-%d", d.ID)
		}
		return notify.Post(ctx, tx, now(), m)
	}
}
