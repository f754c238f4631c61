package feedback

import (
	"context"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/notify"
	"pingyi/org"
)

// receiver is whom an act tells.
type receiver string

const (
	toCompany     receiver = "company"
	toLead        receiver = "lead unit"
	toHeads       receiver = "head of the lead unit"
	toOfficer     receiver = "officer in charge"
	toProposed    receiver = "proposed unit"
	toCooperating receiver = "co-operating units"
	toOffice      receiver = "government office"
	toSupervision receiver = "supervision office"
	toOtherSide   receiver = "the other side"
	byStep        receiver = "officer, head or supervision office by step"
)

// steps of the ladder an overdue issue climbs, with the working days over at which
// each is due; -1 is the working day before the last.
var ladder = []struct {
	name  string
	over  int
	tells []receiver
}{
	{"officer", -1, []receiver{toOfficer}},
	{"head", 1, []receiver{toHeads}},
	{"supervision", 3, []receiver{toHeads, toSupervision}},
	{"queue", 5, nil}, // told by the act that follows, ActEscalate
	{"transfer", 10, []receiver{toHeads, toSupervision}},
}

// toldApart are the acts of which each side is told in its own words (messages).
var toldApart = map[Act]bool{ActRaise: true, ActRegister: true, ActReply: true, ActAnswer: true, ActAccept: true, ActRefuse: true, ActEscalate: true,
	ActOrder: true, ActReport: true, ActFeedBack: true, ActWithdraw: true}

// tellMore posts what the other acts tell, in the act's own transaction. The texts
// name units and dates, never a company.
func (s *Store) tellMore(ctx context.Context, tx *sqlx.Tx, by org.Actor, i Issue, act Act, d Details, event int64) error {
	kind, to, reminder := "issue-"+dashed(act), machine[act].tells, false
	if act == ActRemind {
		kind, reminder = "issue-remind-"+d.Step, true
		for _, l := range ladder {
			if l.name == d.Step {
				to = l.tells
			}
		}
	}
	if act == ActAnswer && d.BasisKind == "policy" {
		if err := s.post(ctx, tx, by, i, "issue-review-asked", toOffice, event, false); err != nil {
			return err
		}
	}
	if toldApart[act] {
		return nil
	}
	for _, r := range to {
		if act == ActSendBack {
			i.DeadlineOn = d.Deadline // the day by which it is to be completed
		}
		if err := s.post(ctx, tx, by, i, kind, r, event, reminder); err != nil {
			return err
		}
	}
	return nil
}

func dashed(act Act) string {
	out := []byte(act)
	for i := range out {
		if out[i] == '_' {
			out[i] = '-'
		}
	}
	return string(out)
}

func (s *Store) post(ctx context.Context, tx *sqlx.Tx, by org.Actor, i Issue, kind string, r receiver, event int64, reminder bool) error {
	to, base := i.addresses(by, r)
	if len(to) == 0 {
		return nil
	}
	args := map[string]string{"Ref": i.Ref, "Date": ""}
	if i.DeadlineOn != "" {
		args["Date"] = "date:" + string(i.DeadlineOn)
	}
	if i.Lead != 0 {
		args["Unit"] = "unit:" + strconv.FormatInt(int64(i.Lead), 10)
	}
	return notify.Post(ctx, tx, s.now(), notify.Message{Kind: kind, To: to, Topic: "issue:" + i.Ref, Link: base + i.Ref, Args: args,
		Key: "issue-event-" + strconv.FormatInt(event, 10) + "-" + kind + "-" + string(r), Reminder: reminder, NotBefore: time.Time{}})
}

// addresses resolves a receiver for the issue, and from where he looks at it.
func (i Issue) addresses(by org.Actor, r receiver) (to []notify.To, base string) {
	unit := func(heads bool, ids ...org.UnitID) {
		base = "/d/issues/"
		for _, id := range ids {
			if id != 0 {
				to = append(to, notify.To{Unit: id, Heads: heads})
			}
		}
	}
	if r == toOtherSide {
		if r = toCompany; i.asks(by) {
			r = toLead
		}
	}
	switch r {
	case toCompany:
		return i.Origin.Investors(i.Company)
	case toLead:
		unit(false, i.Lead)
	case toHeads:
		unit(true, i.Lead)
	case toOfficer:
		if i.Officer != 0 {
			return []notify.To{{Account: i.Officer}}, "/d/issues/"
		}
		unit(false, i.holder())
	case toProposed:
		unit(false, i.Proposed)
	case toCooperating:
		unit(false, i.Cooperating...)
	case toOffice:
		return []notify.To{{Body: org.BodyGovernmentOffice}}, "/o/issues/"
	case toSupervision:
		return []notify.To{{Body: org.BodySupervision}}, "/o/issues/"
	}
	return to, base
}
