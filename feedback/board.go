package feedback

import (
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

// The groups of the board of orders, in its order.
const (
	BoardOverdue  = "overdue"
	BoardWeek     = "week"     // due until Sunday 24:00
	BoardNormal   = "normal"   // due later
	BoardWaiting  = "waiting"  // reported: for acceptance, or for the investor's word
	BoardReopened = "reopened" // the investor did not accept the result
	BoardDone     = "done"     // the investor confirmed
)

// BoardGroups lists the groups.
var BoardGroups = []string{BoardOverdue, BoardWeek, BoardNormal, BoardWaiting, BoardReopened, BoardDone}

// WeekEnd is the end of the week of a moment: Sunday 24:00 in Shanghai.
func WeekEnd(now time.Time) time.Time {
	day := calendar.DateOf(now)
	return day.AddDays((7 - int(day.Time().Weekday())) % 7).End()
}

// Group says in which group of the board the order stands at a moment.
func (o Order) Group(now time.Time) string {
	switch {
	case o.State == "done":
		return BoardDone
	case o.State == "reopened":
		return BoardReopened
	case o.State == "reported" || o.State == "fed_back":
		return BoardWaiting
	case !now.Before(o.Deadline):
		return BoardOverdue
	case !o.Deadline.After(WeekEnd(now)):
		return BoardWeek
	}
	return BoardNormal
}

// OrderReport is what a unit or an office wrote of an order under way.
type OrderReport struct {
	No   string    `db:"no"`
	Kind Act       `db:"kind"` // reply, report, cooperate, feed_back
	At   time.Time `db:"at"`
	Unit org.Names `db:"unit"`
	Body string    `db:"body"`
}

// BoardOrder is an order on the board: its last report and those of the co-operating
// units, and the investor's word.
type BoardOrder struct {
	Order
	Verdict      string `db:"verdict"`      // solved, partly, not; "" none yet
	Satisfaction string `db:"satisfaction"` // a level; "" none yet
	Last         *OrderReport
	Cooperate    []OrderReport // the last one of each co-operating unit
}

// tell adds a report, the older ones first.
func (b *BoardOrder) tell(r OrderReport) {
	if r.Kind != ActCooperate {
		b.Last = &r
		return
	}
	for i := range b.Cooperate {
		if b.Cooperate[i].Unit == r.Unit {
			b.Cooperate[i] = r
			return
		}
	}
	b.Cooperate = append(b.Cooperate, r)
}
