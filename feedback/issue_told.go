package feedback

import (
	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
)

// told is what is known of an issue when people are told of an act. The company's name
// is not among it, so no message can give it away.
type told struct {
	Ref         string        `db:"ref"`
	Origin      Origin        `db:"origin"`
	Company     org.CompanyID `db:"company_id"`
	Lead        org.UnitID    `db:"lead"`
	State       State         `db:"state"`
	DueOn       calendar.Date `db:"due_on"`
	QueueReason string        `db:"queue_reason"`
	Order       string        `db:"order_no"` // the latest
	OrderDue    calendar.Date `db:"order_due"`
	Cooperating []org.UnitID
}

// settling are the acts after which the reminders sent so far are needless: whoever was
// reminded has acted, or the matter has gone to somebody else.
var settling = map[Act]bool{ActRegister: true, ActSign: true, ActAnswer: true, ActAccept: true, ActEscalate: true, ActOrder: true,
	ActReceive: true, ActReport: true, ActFeedBack: true, ActWithdraw: true, ActPropose: true, ActTake: true, ActArbitrate: true, ActReply: true, ActPause: true,
	ActExtendAsk: true, ActMerge: true}

// messages says who is told of an act, after it was done, where each side reads its
// own words. The other acts tell by their row in the machine (tellMore).
func (i told) messages(act Act) []notify.Message {
	company := func(kind string) notify.Message {
		to, base := i.Origin.Investors(i.Company)
		return notify.Message{Kind: kind, To: to, Link: base + i.Ref}
	}
	unit := func(kind string, to ...notify.To) notify.Message {
		return notify.Message{Kind: kind, To: append(to, notify.To{Unit: i.Lead}), Link: "/d/issues/" + i.Ref}
	}
	// what either office does the other need not do any more
	offices := func(kind string) notify.Message {
		return notify.Message{Kind: kind, To: []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}, Link: "/o/issues/" + i.Ref, Reminder: true}
	}
	switch act {
	case ActRaise:
		return []notify.Message{offices("issue-raised")}
	case ActRegister:
		return i.andQueue(company("issue-registered"), unit("issue-assigned"))
	case ActReply:
		return []notify.Message{company("issue-replied")}
	case ActAnswer:
		return []notify.Message{company("issue-answered")}
	case ActAccept:
		return []notify.Message{unit("issue-accepted")}
	case ActRefuse:
		return i.andQueue(unit("issue-refused"))
	case ActEscalate:
		return i.andQueue(company("issue-climbed"), unit("issue-overdue"))
	case ActOrder:
		all := []notify.Message{company("issue-ordered"), unit("order-issued")}
		if len(i.Cooperating) > 0 {
			m := notify.Message{Kind: "order-cooperate", Link: "/d/issues/" + i.Ref}
			for _, u := range i.Cooperating {
				m.To = append(m.To, notify.To{Unit: u})
			}
			all = append(all, m)
		}
		return all
	case ActReport:
		return []notify.Message{offices("order-reported")}
	case ActFeedBack:
		return []notify.Message{company("order-result")}
	case ActWithdraw:
		if i.Lead == 0 {
			return nil // the offices find it gone from their list
		}
		return []notify.Message{unit("issue-withdrawn")}
	}
	return nil
}

// andQueue adds the message to the leading group when the act brought the issue there.
func (i told) andQueue(all ...notify.Message) []notify.Message {
	if i.State != Queued {
		return all
	}
	return append(all, notify.Message{Kind: "issue-queued", To: []notify.To{{Body: org.BodyLeadingGroup}}, Link: "/l/escalations/" + i.Ref})
}

// args are the values of the texts; each text takes what it needs.
func (i told) args() map[string]string {
	return unitArgs(i.Lead, map[string]string{"Ref": i.Ref, "Date": "date:" + string(i.DueOn), "Reason": "text:issue.queue-" + i.QueueReason,
		"Order": i.Order, "OrderDate": "date:" + string(i.OrderDue)})
}
