package evaluation_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// world is a small county under a clock of its own, written through the same
// methods as the portal uses.
type world struct {
	t          *testing.T
	now        time.Time
	n          int
	db         *sqlx.DB
	orgs       *org.Store
	fb         *feedback.Store
	book       *ledger.Store
	eval       *evaluation.Store
	box        *ballotbox.Box
	units      map[string]org.UnitID
	officers   map[string]org.Actor
	raters     map[string][]org.Actor // by group
	party, gov org.Actor
	watch      org.Actor
	chair      org.Actor
	member     org.Actor
}

var op = org.Actor{Role: org.RoleOperator}

func (w *world) must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

func (w *world) key() string {
	w.n++
	return fmt.Sprintf("key-number-%06d", w.n)
}

// at sets the clock to a moment in Shanghai.
func (w *world) at(s string) {
	w.t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	w.must("clock", err)
	w.now = v.UTC()
}

// newWorld has the given units with a head and an officer each, 41 companies of
// G1 and 6 of G2, 5 of the chamber (G3), 6 invited (G4) and 5 of the leading group (G5).
func newWorld(t *testing.T, codes ...string) *world {
	t.Helper()
	return newWorldIn(t, pgtest.Open(t), pgtest.OpenBox(t), codes...)
}

// newWorldIn is newWorld in databases that the test brings along.
func newWorldIn(t *testing.T, db *sqlx.DB, boxdb pgtest.Box, codes ...string) *world {
	t.Helper()
	w := &world{t: t, units: map[string]org.UnitID{}, officers: map[string]org.Actor{}, raters: map[string][]org.Actor{}}
	w.at("2026-01-05 09:00")
	now := func() time.Time { return w.now }
	w.db = db
	cal := calendar.NewStore(w.db, now)
	w.must("calendar", cal.Ship(t.Context()))
	w.orgs = org.NewStore(w.db, now, pgtest.Secret, org.Quick)
	keys, err := ballotbox.NewKeys(t.TempDir())
	w.must("keys", err)
	w.box, err = ballotbox.NewBox(t.Context(), boxdb.Cast, boxdb.Tally, keys, "test", now)
	w.must("box", err)
	w.fb, err = feedback.NewStore(w.db, now, cal, evaluation.NJDefault().SheetWeights(), pgtest.Secret)
	w.must("feedback", err)
	w.book = ledger.NewStore(w.db, now)
	w.eval = evaluation.NewStore(w.db, now, w.box, w.fb, cal, w.book)
	w.must("scheme", w.eval.Ship(t.Context()))
	for _, code := range codes {
		id, err := w.orgs.SaveUnit(t.Context(), op, org.Unit{Code: code, Class: 1, Names: org.Names{ZH: "局" + code, EN: code, RU: code}})
		w.must("unit", err)
		w.must("head", w.orgs.SetHead(t.Context(), op, id, "负责人"+code))
		w.units[code] = id
		w.officers[code] = w.account("office-"+code, org.Account{Role: org.RoleOfficer, Unit: id}, "")
	}
	bodies, err := w.orgs.Bodies(t.Context())
	w.must("bodies", err)
	body := map[org.BodyKind]org.BodyID{}
	for _, b := range bodies {
		body[b.Kind] = b.ID
	}
	w.party = w.account("party", org.Account{Role: org.RoleReceiver, Body: body[org.BodyPartyOffice]}, "")
	w.gov = w.account("gov", org.Account{Role: org.RoleReceiver, Body: body[org.BodyGovernmentOffice]}, "")
	w.watch = w.account("watch", org.Account{Role: org.RoleSupervision, Body: body[org.BodySupervision]}, "")
	for i := range 47 {
		group := "G1"
		if i >= 41 {
			group = "G2"
		}
		w.raters[group] = append(w.raters[group], w.company(i, group))
	}
	for i := range 6 {
		if i < 5 {
			w.raters["G3"] = append(w.raters["G3"], w.account(fmt.Sprintf("chamber%d", i), org.Account{Role: org.RoleChamber, Body: body[org.BodyChamber]}, org.PostMember))
			post := org.PostMember
			if i == 0 {
				post = org.PostChair
			}
			w.raters["G5"] = append(w.raters["G5"], w.account(fmt.Sprintf("leader%d", i), org.Account{Role: org.RoleLeader, Body: body[org.BodyLeadingGroup]}, post))
		}
		w.raters["G4"] = append(w.raters["G4"], w.account(fmt.Sprintf("invited%d", i), org.Account{Role: org.RoleInvited, Body: body[org.BodyInvited]}, org.PostMember))
	}
	w.chair, w.member = w.raters["G5"][0], w.raters["G5"][1]
	return w
}

func (w *world) company(i int, group string) org.Actor {
	w.t.Helper()
	first := fmt.Sprintf("9123116MA%08d", i)
	id, err := w.orgs.SaveCompany(w.t.Context(), op, org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: fmt.Sprintf("公司%d", i)},
		Origin: "russia", Sector: "food", RaterGroup: group})
	w.must("company", err)
	return w.account(fmt.Sprintf("c%02d", i), org.Account{Role: org.RoleCompany, Company: id}, "")
}

func (w *world) account(login string, a org.Account, post org.Post) org.Actor {
	w.t.Helper()
	a.Login, a.Name = login, login
	id, _, err := w.orgs.CreateAccount(w.t.Context(), op, a)
	w.must("account "+login, err)
	if post != "" {
		w.must("appoint", w.orgs.Appoint(w.t.Context(), op, a.Body, id, post))
	}
	actor, err := w.orgs.ActorOf(w.t.Context(), login)
	w.must("actor", err)
	return actor
}

var codesOf = []string{"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8"}

// answers finds answers to all eight items whose weighted mean is the score.
func answers(t *testing.T, score int) map[string]string {
	t.Helper()
	s := evaluation.NJDefault()
	levels := []struct {
		code  string
		value int
	}{{"vs", 100}, {"s", 80}, {"b", 60}, {"d", 30}, {"vd", 0}}
	out := map[string]string{}
	var try func(i, left int) bool
	try = func(i, left int) bool {
		if i == len(codesOf) {
			return left == 0
		}
		for _, l := range levels {
			rest := left - l.value*s.Indicators[i].Weight
			if rest >= 0 && try(i+1, rest) {
				out[codesOf[i]] = l.code
				return true
			}
		}
		return false
	}
	if !try(0, 100*score) {
		t.Fatalf("no answers have the mean %d", score)
	}
	return out
}

// ballots are the lines of a campaign: group → number of the rater → unit → answers.
type ballots map[string]map[int]map[string]map[string]string

// give lets the raters from `from` on rate a unit, one score each.
func (w *world) give(b ballots, group, unit string, from int, scores ...int) {
	for i, score := range scores {
		b.line(group, from+i, unit, answers(w.t, score))
	}
}

func (b ballots) line(group string, rater int, unit string, a map[string]string) {
	if b[group] == nil {
		b[group] = map[int]map[string]map[string]string{}
	}
	if b[group][rater] == nil {
		b[group][rater] = map[string]map[string]string{}
	}
	b[group][rater][unit] = maps.Clone(a)
}

func times(n, score int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = score
	}
	return out
}

// hold holds a campaign from its opening to its count.
func (w *world) hold(kind, from, until string, b ballots) evaluation.CampaignID {
	w.t.Helper()
	ctx := w.t.Context()
	w.at(from + " 08:00")
	id, err := w.eval.CreateCampaign(ctx, w.gov, evaluation.CampaignDraft{Year: 2026, Kind: kind, CardFrom: from, CardUntil: until, CastFrom: from, CastUntil: until}, w.key())
	w.must("plan the campaign", err)
	_, shares, err := w.eval.MakeKey(ctx, w.gov, id, evaluation.KeyDraft{Threshold: 2, Holders: []string{"督查室", "县委办", "商会"}})
	w.must("make the tally key", err)
	w.must("rehearse", w.eval.Rehearse(ctx, w.watch, w.party, id, []string{shares[0].Text(), shares[1].Text()}))
	w.must("open the campaign", w.eval.Open(ctx, w.gov, id))
	w.at(from + " 10:00")
	for group, raters := range b {
		for i, lines := range raters {
			card, err := w.eval.Collect(ctx, w.raters[group][i], id, ballotbox.Draw())
			w.must("collect a card", err)
			var ballot ballotbox.Ballot
			for unit, a := range lines {
				ballot.Lines = append(ballot.Lines, ballotbox.Line{Unit: w.units[unit], Answers: a})
			}
			_, err = w.box.Cast(ctx, card, ballot, "自己的话", w.key())
			w.must("cast", err)
		}
	}
	w.at(until + " 23:00")
	w.must("close the campaign", w.eval.Close(ctx, w.gov, id))
	w.must("open the box", w.eval.Tally(ctx, w.party, w.watch, id, []string{shares[2].Text(), shares[1].Text()}))
	return id
}

// sheetAnswers are answers to the four items (weights 20, 30, 20, 30) by score.
var sheetAnswers = map[int]map[string]string{
	60: {"q1": "b", "q2": "b", "q3": "b", "q4": "b"}, 76: {"q1": "vs", "q2": "b", "q3": "vs", "q4": "b"}, 80: {"q1": "s", "q2": "s", "q3": "s", "q4": "s"},
	84: {"q1": "s", "q2": "s", "q3": "vs", "q4": "s"}, 88: {"q1": "vs", "q2": "s", "q3": "vs", "q4": "s"}, 92: {"q1": "s", "q2": "vs", "q3": "s", "q4": "vs"},
	100: {"q1": "vs", "q2": "vs", "q3": "vs", "q4": "vs"},
}

// visit plans a visit of a quarter; with a score above 0 it is made and its sheet
// comes back.
func (w *world) visit(unit string, company org.Actor, quarter, score int) {
	w.t.Helper()
	ctx := w.t.Context()
	on := fmt.Sprintf("2026-%02d-12", 3*quarter-2)
	w.at(on + " 08:30")
	_, err := w.fb.Plan(ctx, w.gov, w.units[unit], company.Company, 2026, quarter)
	w.must("plan a visit", err)
	if score == 0 {
		return
	}
	w.at(on + " 16:00")
	id, err := w.fb.RecordVisit(ctx, w.officers[unit], feedback.VisitRecord{Company: company.Company, On: on, Staff: "科长", Purpose: "了解经营情况"}, w.key())
	w.must("record a visit", err)
	_, err = w.fb.FileSheet(ctx, company, id, "", feedback.Sheet{Area: "advice", Answers: sheetAnswers[score], Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, w.key())
	w.must("file a sheet", err)
}

// story is what becomes of an issue of class C; moments are "2026-05-06 10:00",
// "" when it does not happen.
type story struct {
	registered, replied, answered string
	ordered                       bool // overdue, so the leading group orders it before the answer
	rating                        string
	excluded                      bool
}

const long = "已经核对情况并办理完毕，结果如下，有疑问请与本单位联系。"

func (w *world) issue(unit string, company org.Actor, st story) {
	w.t.Helper()
	ctx := w.t.Context()
	w.at(st.registered)
	ref, err := w.fb.Raise(ctx, company, feedback.IssueDraft{Category: 2, Title: "施工许可迟迟不批", Body: "材料三次补正，窗口每次说法不一样，厂房不能开工。", NameShown: "unit", Lang: "zh-CN"}, w.key())
	w.must("raise", err)
	w.must("register", w.fb.Register(ctx, w.gov, ref, feedback.Registration{Grade: "C", Lead: w.units[unit]}, w.key()))
	if st.replied != "" {
		w.must("sign", w.fb.Sign(ctx, w.officers[unit], ref, w.key()))
		w.at(st.replied)
		w.must("reply", w.fb.Reply(ctx, w.officers[unit], ref, "已经收到，正在核对材料，会在期限内给出答复。", w.key()))
	}
	if st.answered != "" {
		w.at(st.answered)
		a := feedback.Answer{Result: "solved", Text: long}
		if st.ordered {
			_, err := w.fb.EscalateOverdue(ctx)
			w.must("escalate", err)
			_, err = w.fb.IssueOrder(ctx, w.chair, ref, feedback.OrderDraft{Lead: w.units[unit], Requirement: "限期办结，并答复企业。", Days: 5}, w.key())
			w.must("order", err)
			w.must("receive", w.fb.ReceiveOrder(ctx, w.officers[unit], ref, w.key()))
			w.must("report", w.fb.Report(ctx, w.officers[unit], ref, a, w.key()))
			w.must("feed back", w.fb.FeedBack(ctx, w.gov, ref, long, "phone", w.key()))
		} else {
			w.must("answer", w.fb.Answer(ctx, w.officers[unit], ref, a, w.key()))
		}
	}
	if st.rating != "" {
		w.must("confirm", w.fb.Confirm(ctx, company, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: st.rating}, w.key()))
	}
	if st.excluded {
		w.must("exclude", w.fb.Exclude(ctx, w.watch, ref, "超出县级权限，已报上级。", w.key()))
	}
}

// adjust enters a bonus, deduction or veto; B1 and B2 follow from the ledger.
func (w *world) adjust(unit, rule string, company int) {
	w.t.Helper()
	if rule == "B1" || rule == "B2" {
		w.credit(unit, rule, company)
		return
	}
	e := evaluation.AdjustmentEntry{Unit: w.units[unit], Rule: rule, On: "2026-06-12", Evidence: "会议纪要和核实材料", Company: w.raters["G1"][company].Company}
	w.must("adjust "+rule, w.eval.AddAdjustment(w.t.Context(), w.gov, 2026, e, w.key()))
}

// credit writes a verified referral contract (B1) or capital increase (B2) into the ledger.
func (w *world) credit(unit, rule string, company int) {
	w.t.Helper()
	ctx, no := w.t.Context(), fmt.Sprintf("%s-%s-%d", unit, rule, company)
	id, err := w.book.Enter(ctx, w.gov, ledger.ContractDraft{No: no, Kind: ledger.Signed, Purpose: "investment", Title: "项目" + no, Investor: "投资者" + no, Area: "county", Class: "industry",
		Amount: "1000", Currency: ledger.CNY, Signed: "2026-06-12", Unit: unit})
	w.must("contract", err)
	if rule == "B2" {
		for i, amount := range []string{"300", "200"} { // 500.00 in the year: just enough
			w.must("increase", w.book.Arrive(ctx, w.gov, id, ledger.ArrivalDraft{Kind: "increase", On: "2026-06-12", Amount: amount, Voucher: fmt.Sprint(i), Verifier: "财政局"}))
		}
		return
	}
	ref, err := w.book.NameReferral(ctx, w.raters["G1"][company], ledger.ReferralDraft{Newcomer: "投资者" + no, About: "介绍来县考察"}, w.key())
	w.must("referral", err)
	w.must("verify", w.book.Verify(ctx, w.gov, ref, ledger.Verification{No: no, Unit: w.units[unit], Evidence: "合同和考察记录"}))
}
