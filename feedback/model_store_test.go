package feedback_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// stored is an issue as the database has it.
type stored struct {
	State    feedback.State `db:"state"`
	Lead     org.UnitID     `db:"lead"`
	Deadline calendar.Date  `db:"deadline"`
	Last     int64          `db:"last_event"`
}

// history reads an issue's row and its events straight from the tables.
func (f *fixture) history(t *testing.T, ref string) (stored, []feedback.Happening) {
	t.Helper()
	var s stored
	f.must(t, "row", f.db.Get(&s, `SELECT state, coalesce(lead_unit_id, 0) AS lead, coalesce(deadline_on::text, '') AS deadline, last_event FROM issues WHERE ref = $1`, ref))
	var rows []struct {
		ID       int64        `db:"id"`
		At       time.Time    `db:"at"`
		Kind     feedback.Act `db:"kind"`
		Unit     org.UnitID   `db:"unit"`
		Internal bool         `db:"internal"`
		Calendar int64        `db:"calendar"`
		Data     []byte       `db:"data"`
	}
	f.must(t, "events", f.db.Select(&rows, `SELECT e.id, e.at, e.kind, coalesce(e.unit_id, 0) AS unit, e.internal, coalesce(e.calendar_version, 0) AS calendar, e.data
		FROM issue_events e JOIN issues i ON i.id = e.issue_id WHERE i.ref = $1 ORDER BY e.id`, ref))
	out := make([]feedback.Happening, len(rows))
	for n, r := range rows {
		out[n] = feedback.Happening{ID: r.ID, At: r.At, Kind: r.Kind, Unit: r.Unit, Internal: r.Internal, Calendar: r.Calendar}
		f.must(t, "data", json.Unmarshal(r.Data, &out[n].Details))
	}
	return s, out
}

// attempt tries an act with details at random, as its page would.
func (f *fixture) attempt(t *testing.T, rnd *rand.Rand, act feedback.Act, by org.Actor, ref, other string) error {
	ctx, key := t.Context(), f.key()
	pick := func(all ...string) string { return all[rnd.IntN(len(all))] }
	unit := []org.UnitID{f.unit.Unit, f.other.Unit}[rnd.IntN(2)]
	answer := feedback.Answer{Result: pick("solved", "partly", "cannot"), Text: text, Basis: "《条例》第十二条", BasisKind: pick("law", "policy", "other")}
	switch act {
	case feedback.ActRegister:
		return f.Register(ctx, by, ref, feedback.Registration{Grade: pick("A", "B", "C"), Lead: unit}, key)
	case feedback.ActDecline:
		return f.Decline(ctx, by, ref, text, "第三条", key)
	case feedback.ActSign:
		return f.Sign(ctx, by, ref, key)
	case feedback.ActPropose:
		return f.Propose(ctx, by, ref, feedback.Proposal{To: f.unit.Unit + f.other.Unit - by.Unit, Clause: "第三条", Reason: text}, key)
	case feedback.ActTake:
		return f.Take(ctx, by, ref, key)
	case feedback.ActArbitrate:
		return f.Arbitrate(ctx, by, ref, feedback.Arbitration{Lead: unit, Reason: text}, key)
	case feedback.ActRefuseNamed:
		return f.RefuseNamed(ctx, by, ref, text, key)
	case feedback.ActAssign:
		return f.Assign(ctx, by, ref, f.unit.Account, key)
	case feedback.ActReply:
		return f.Reply(ctx, by, ref, text, key)
	case feedback.ActCooperate:
		return f.Cooperate(ctx, by, ref, text, key)
	case feedback.ActMessage:
		return f.Message(ctx, by, ref, text, nil, key)
	case feedback.ActPause:
		return f.Pause(ctx, by, ref, feedback.Pause{Reason: pick(feedback.PauseReasons...), Letter: "黑政函〔2026〕5号", Text: text}, key)
	case feedback.ActResume:
		return f.Resume(ctx, by, ref, text, key)
	case feedback.ActExtendAsk:
		return f.AskExtension(ctx, by, ref, 1+rnd.IntN(6), text, key)
	case feedback.ActExtendGrant, feedback.ActExtendDeny:
		return f.DecideExtension(ctx, by, ref, act == feedback.ActExtendGrant, text, key)
	case feedback.ActAnswer:
		return f.Answer(ctx, by, ref, answer, key)
	case feedback.ActReview:
		return f.ReviewPolicy(ctx, by, ref, rnd.IntN(2) == 0, text, key)
	case feedback.ActAccept:
		return f.Confirm(ctx, by, ref, feedback.Verdict{Accept: true, Verdict: pick("solved", "partly"), Satisfied: pick("vs", "s", "b", "d")}, key)
	case feedback.ActRefuse:
		return f.Confirm(ctx, by, ref, feedback.Verdict{Reason: text}, key)
	case feedback.ActReopen:
		return f.Reopen(ctx, by, ref, text, key)
	case feedback.ActOrder:
		_, err := f.IssueOrder(ctx, by, ref, feedback.OrderDraft{Lead: unit, Requirement: text, Days: feedback.OrderDays[rnd.IntN(3)]}, key)
		return err
	case feedback.ActSendBack:
		return f.SendBack(ctx, by, ref, text, 1+rnd.IntN(10), key)
	case feedback.ActReceive:
		return f.ReceiveOrder(ctx, by, ref, key)
	case feedback.ActReport:
		return f.Report(ctx, by, ref, answer, key)
	case feedback.ActFeedBack:
		return f.FeedBack(ctx, by, ref, text, pick("phone", "visit", "portal"), key)
	case feedback.ActCallBack:
		return f.CallBack(ctx, by, ref, feedback.CallBack{Outcome: pick(feedback.Outcomes...), Channel: "phone", Text: text}, key)
	case feedback.ActSpecial:
		return f.Handle(ctx, by, ref, feedback.Special{Basis: text, Approver: "何某茂", Deviation: text}, key)
	case feedback.ActFind:
		return f.Find(ctx, by, ref, rnd.IntN(2) == 0, text, key)
	case feedback.ActMerge:
		return f.Merge(ctx, by, ref, other, text, key)
	case feedback.ActWithdraw:
		return f.Withdraw(ctx, by, ref, key)
	case feedback.ActExclude:
		return f.Exclude(ctx, by, ref, text, key)
	}
	_, err := f.Tick(ctx) // remind, escalate, recount: the clock's own
	return err
}

// TestRandomActsThroughTheStore: the same model sampled through PostgreSQL: whatever random
// people try, the rows are what the events amount to, no event is lost or changed, an act
// the machine refuses leaves no trace, and every last day is the one that crossing off
// days gives. PINGYI_MODEL_SEEDS asks for more issues than eight.
func TestRandomActsThroughTheStore(t *testing.T) {
	f := setup(t)
	cals, counters := map[int64]*calendar.Calendar{}, map[int64]*calendar.Counter{}
	count := func(v int64) *calendar.Counter {
		if counters[v] == nil {
			c, err := f.Calendar(t.Context(), v)
			f.must(t, "calendar", err)
			cals[v], counters[v] = c, calendar.NewCounter(c)
		}
		return counters[v]
	}
	people := []org.Actor{f.company, f.company, f.rival, f.unit, f.unit, f.other, f.other, f.party, f.government, f.chair, f.member, f.watch, f.clerk}
	done, refused, seen := 0, 0, map[feedback.State]int{}
	seeds := uint64(8)
	if n, err := strconv.ParseUint(os.Getenv("PINGYI_MODEL_SEEDS"), 10, 32); err == nil {
		seeds = n
	}
	for seed := range seeds {
		rnd := rand.New(rand.NewPCG(seed, 11))
		ref, other := f.raise(t), f.raise(t)
		row, events := f.history(t, ref)
		issue, err := f.Issue(t.Context(), f.party, ref)
		f.must(t, "issue", err)
		for range 2600 {
			if rnd.IntN(150) == 0 {
				f.now = f.now.Add(time.Duration(1+rnd.IntN(30)) * time.Hour)
			}
			act, by := allActs[rnd.IntN(len(allActs))], people[rnd.IntN(len(people))]
			if slices.Contains([]feedback.Act{feedback.ActWithdraw, feedback.ActMerge, feedback.ActDecline}, act) && rnd.IntN(15) > 0 {
				continue
			}
			if !issue.MayAt(by, act, f.now) && rnd.IntN(60) > 0 {
				continue // most of what is refused is tried elsewhere
			}
			err := f.attempt(t, rnd, act, by, ref, other)
			now, after := f.history(t, ref)
			switch {
			case err == nil:
				done++
			case fault.Of(err) != nil:
				if refused++; len(after) != len(events) || now != row {
					t.Fatalf("seed %d: %s by %s was refused (%v) and left a trace: %+v, was %+v", seed, act, by.Role, err, now, row)
				}
			default:
				t.Fatalf("seed %d: %s by %s: %v", seed, act, by.Role, err)
			}
			if len(after) < len(events) || !slices.EqualFunc(events, after[:len(events)], sameEvent) {
				t.Fatalf("seed %d: %s lost or changed an event", seed, act)
			}
			l := feedback.Live(after, count)
			if now.State != l.State || now.Lead != l.Lead || now.Last != l.Last {
				t.Fatalf("seed %d after %s: the row says %+v, the events %s, unit %d, last %d", seed, act, now, l.State, l.Lead, l.Last)
			}
			if l.Solve != nil && (now.Deadline != l.Solve.Due || now.Deadline != reference(after, cals)) {
				t.Fatalf("seed %d after %s: to be solved by %s, events %s, crossed off %s", seed, act, now.Deadline, l.Solve.Due, reference(after, cals))
			}
			if row, events = now, after; err == nil {
				if issue, err = f.Issue(t.Context(), f.party, ref); err != nil {
					t.Fatal(err)
				}
			}
			seen[now.State]++
		}
	}
	t.Logf("%d acts were done, %d refused; states passed through: %v", done, refused, seen)
	if done < 250 || refused < 100 || len(seen) < 8 {
		t.Errorf("%d acts, %d refused, states %v: too few to show anything", done, refused, seen)
	}
}

func sameEvent(a, b feedback.Happening) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// TestTickStoppedAnywhere: the clock's round is broken off again and again, wherever it
// happens to be, as when the program is killed; in the end every issue was reminded of
// as often as the others, and no step came twice; its message is in the step's transaction.
func TestTickStoppedAnywhere(t *testing.T) {
	f := setup(t)
	const issues = 12
	for range issues {
		ref := f.raise(t)
		f.must(t, "register", f.Register(t.Context(), f.party, ref, feedback.Registration{Grade: "C", Lead: f.unit.Unit}, f.key()))
		f.must(t, "sign", f.Sign(t.Context(), f.unit, ref, f.key()))
	}
	rnd, stopped := rand.New(rand.NewPCG(3, 3)), 0
	for _, at := range []string{"2026-11-27 10:00", "2026-12-01 10:00", "2026-12-04 10:00", "2026-12-14 10:00"} {
		f.at(t, at)
		for range 40 {
			ctx, stop := context.WithTimeout(t.Context(), time.Duration(1+rnd.IntN(25))*time.Millisecond)
			if _, err := f.Tick(ctx); err != nil {
				stopped++
			}
			stop()
		}
		_, err := f.Tick(t.Context())
		f.must(t, "tick", err)
	}
	var twice, uneven, steps int
	f.must(t, "count", f.db.Get(&twice, `SELECT count(*) FROM (SELECT FROM issue_events WHERE kind = 'remind' GROUP BY issue_id, data ->> 'step', data ->> 'deadline' HAVING count(*) > 1) x`))
	f.must(t, "count", f.db.QueryRowx(`SELECT count(DISTINCT n), coalesce(max(n), 0) FROM (SELECT count(e.id) AS n FROM issues i LEFT JOIN issue_events e ON e.issue_id = i.id AND e.kind IN ('remind', 'escalate') GROUP BY i.id) x`).Scan(&uneven, &steps))
	if stopped < 10 || twice != 0 || uneven != 1 || steps < 3 {
		t.Errorf("broken off %d times: %d steps twice, %d different numbers of steps, %d steps an issue", stopped, twice, uneven, steps)
	}
}
