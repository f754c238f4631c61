package honour_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/honour"
	"pingyi/org"
)

const reason = "该单位主动解决企业难题，事迹突出，材料附后。"

func (k *county) refused(what string, err, want error) {
	k.t.Helper()
	if !errors.Is(err, want) {
		k.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// TestS47CommendationByTheRule walks a round: computed candidates with the rule and the
// facts of those left out, an override that needs the chair, the notice of five working
// days, an objection that takes a candidate off the list, the decision, the withdrawal.
func TestS47CommendationByTheRule(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	_, rule, all, err := k.Listings(ctx, k.party, 2025, honour.ListAdvanced)
	k.must(err)
	if rule.Share.Plain() != "20" || rule.Most != 3 {
		t.Errorf("the rule: %+v", rule)
	}
	against := map[string][]evaluation.Obstacle{}
	for _, x := range all {
		for code, id := range k.units {
			if id == x.Unit {
				against[code] = x.Against
			}
		}
	}
	// six ranked: ⌈0.2·6⌉ = 2 places, D01 and D03 by total (95, 94−2=92 and 92+1=93: D02 second)
	if len(against["D01"]) != 0 || len(against["D02"]) != 0 || against["D03"][0].Kind != evaluation.OutOfReach || against["D03"][1].Code != "D2" || against["D07"][0].Kind != evaluation.HasVeto {
		t.Errorf("obstacles: %+v", against)
	}

	k.refused("a unit opens a round", k.Open(ctx, k.heads["D01"], 2025, k.key()), fault.ErrForbidden)
	open := k.key()
	k.must(k.Open(ctx, k.party, 2025, open))
	k.must(k.Open(ctx, k.party, 2025, open)) // the same form twice
	k.refused("a second round", k.Open(ctx, k.gov, 2025, k.key()), honour.ErrOpened)
	if d := k.candidate("D01", ""); d.State != honour.Stands || d.Facts.Rank != 1 || d.Facts.Total != "95.0000" || d.Facts.Grade != "excellent" {
		t.Errorf("D01: %+v", d)
	}

	// a candidate excluded by rule cannot be added without a recorded override
	if err := k.Add(ctx, k.party, 2025, honour.Addition{Unit: k.units["D03"], Reason: "好"}, k.key()); fault.FieldsOf(err)["reason"].Key == "" {
		t.Errorf("added without a reason: %v", err)
	}
	k.must(k.Add(ctx, k.party, 2025, honour.Addition{Unit: k.units["D03"], Reason: reason}, k.key()))
	d03 := k.candidate("D03", "")
	if d03.State != honour.Proposed || !d03.Overrides() {
		t.Errorf("D03: %+v", d03)
	}
	k.refused("notice before the signature", k.Notice(ctx, k.gov, 2025, k.key()), honour.ErrPending)
	for _, a := range []struct {
		what string
		err  error
	}{{"who asked signs", k.Second(ctx, k.party, d03.ID, true, "", k.key())}, {"the other office signs an override", k.Second(ctx, k.gov, d03.ID, true, "", k.key())}, {"a member signs", k.Second(ctx, k.member, d03.ID, true, "", k.key())}} {
		k.refused(a.what, a.err, honour.ErrOwn)
	}
	k.must(k.Second(ctx, k.chair, d03.ID, true, "", k.key()))
	k.refused("signed twice", k.Second(ctx, k.chair, d03.ID, true, "", k.key()), honour.ErrState)

	// leaving one out needs a reason and a second person, too
	d02 := k.candidate("D02", "")
	k.must(k.Withhold(ctx, k.gov, d02.ID, "该单位主要负责人正在接受审查，暂不列入。", k.key()))
	k.refused("who asked signs", k.Second(ctx, k.gov, d02.ID, true, "", k.key()), honour.ErrOwn)
	k.must(k.Second(ctx, k.party, d02.ID, false, "经核实不属实，应当列入名单。", k.key()))
	if got := k.candidate("D02", ""); got.State != honour.Stands {
		t.Errorf("D02 after the refusal: %s", got.State)
	}

	if _, err := k.PublicRound(ctx, 2025); !errors.Is(err, honour.ErrNoRound) {
		t.Errorf("a draft is public: %v", err)
	}
	k.refused("an objection before the notice", k.Object(ctx, k.firms[0], d03.ID, strings.Repeat("事", 20), k.key()), fault.ErrNotFound)
	k.must(k.Notice(ctx, k.party, 2025, k.key()))
	r, err := k.PublicRound(ctx, 2025)
	k.must(err)
	if r.Until != "2026-02-06" { // Friday 30 January, five working days
		t.Errorf("the notice runs until %s", r.Until)
	}
	k.refused("added during the notice", k.Add(ctx, k.party, 2025, honour.Addition{Unit: k.units["D04"], Reason: reason}, k.key()), honour.ErrState)
	k.objections(d03, r)
}

// objections: secrecy, the decision, and what follows.
func (k *county) objections(d03 honour.Candidate, r honour.Round) {
	k.t.Helper()
	t, ctx := k.t, k.t.Context()
	k.refused("the unit objects to itself", k.Object(ctx, k.heads["D03"], d03.ID, strings.Repeat("事", 20), k.key()), fault.ErrForbidden)
	k.must(k.Object(ctx, k.firms[0], d03.ID, "该单位推诿扯皮已经查实，我公司的问题拖了半年没有解决。", k.key()))
	if err := k.Object(ctx, k.firms[0], d03.ID, strings.Repeat("再", 20), k.key()); fault.FieldsOf(err)["grounds"].Key != "honour.objected-already" {
		t.Errorf("objected twice: %v", err)
	}
	k.must(k.Object(ctx, k.heads["D04"], k.candidate("D01", "").ID, strings.Repeat("我", 20), k.key()))
	mine, err := k.Objections(ctx, k.firms[0], 2025)
	if k.must(err); len(mine) != 1 || mine[0].From.ZH != "金丝雀公司0" {
		t.Errorf("its own objection: %+v", mine)
	}
	for _, a := range []struct {
		who  string
		sees int
	}{{"party", 2}, {"watch", 2}} {
		by := map[string]org.Actor{"party": k.party, "watch": k.watch}[a.who]
		all, err := k.Objections(ctx, by, 2025)
		if k.must(err); len(all) != a.sees || (all[0].From.ZH != "") != (a.who == "watch") {
			t.Errorf("%s sees %+v", a.who, all)
		}
	}
	for _, by := range []org.Actor{k.heads["D03"], k.firms[1]} {
		if all, err := k.Objections(ctx, by, 2025); err != nil || len(all) != 0 {
			t.Errorf("account %d sees foreign objections: %+v %v", by.Account, all, err)
		}
	}
	k.at("2026-02-06 23:59")
	k.refused("decided on the last day", k.Decide(ctx, k.chair, 2025, k.key()), honour.ErrRunning)
	k.at("2026-02-07 00:00")
	k.refused("decided with objections open", k.Decide(ctx, k.chair, 2025, k.key()), honour.ErrObjections)
	k.refused("objected too late", k.Object(ctx, k.firms[2], d03.ID, strings.Repeat("晚", 20), k.key()), honour.ErrState)
	k.refused("an office decides", k.RuleOn(ctx, k.party, mine[0].ID, honour.Ruling{Word: honour.Upheld}, k.key()), fault.ErrForbidden)
	if err := k.RuleOn(ctx, k.watch, mine[0].ID, honour.Ruling{Word: honour.Upheld, Answer: "经查属实，该候选已撤下。"}, k.key()); fault.FieldsOf(err)["why"].Key == "" {
		t.Errorf("upheld without a public reason: %v", err)
	}
	k.must(k.RuleOn(ctx, k.watch, mine[0].ID, honour.Ruling{Word: honour.Upheld, Answer: "经查属实，该候选已撤下。", Why: "查实推诿一次，不符合表彰条件。"}, k.key()))
	if got := k.candidate("D03", ""); got.State != honour.Withdrawn || got.Why == "" {
		t.Errorf("D03: %+v", got)
	}
	all, err := k.Objections(ctx, k.heads["D04"], 2025)
	k.must(err)
	k.must(k.RuleOn(ctx, k.watch, all[0].ID, honour.Ruling{Word: honour.Rejected, Answer: "所述事实没有依据，异议不成立。"}, k.key()))
	k.decided()
}

func (k *county) decided() {
	k.t.Helper()
	t, ctx := k.t, k.t.Context()
	k.refused("a member decides", k.Decide(ctx, k.member, 2025, k.key()), fault.ErrForbidden)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	keys := []string{k.key(), k.key(), k.key(), k.key()}
	for i := range errs {
		wg.Go(func() { errs[i] = k.Decide(ctx, k.chair, 2025, keys[i]) })
	}
	wg.Wait()
	if n := slices.IndexFunc(errs, func(e error) bool { return e == nil }); n < 0 || !errors.Is(errs[(n+1)%4], honour.ErrState) {
		t.Errorf("four decisions at once: %v", errs)
	}
	r, err := k.PublicRound(ctx, 2025)
	k.must(err)
	if r.State != honour.Decided || r.DocumentNo == "" || k.one(`SELECT count(*) FROM documents WHERE kind = 'commendation'`) != 1 {
		t.Errorf("the decision: %+v", r)
	}
	var paper string
	k.must(k.owner.Get(&paper, `SELECT array_to_string(paragraphs, ' ') FROM documents WHERE id = $1`, r.Document))
	if !strings.Contains(paper, "局D01") || strings.Contains(paper, "局D03") {
		t.Errorf("the document: %s", paper)
	}
	d01 := k.candidate("D01", "")
	k.refused("an office revokes", k.Revoke(ctx, k.party, d01.ID, reason, k.key()), fault.ErrForbidden)
	k.must(k.Revoke(ctx, k.chair, d01.ID, "经查该单位存在弄虚作假行为，予以撤销。", k.key()))
	public, err := k.Candidates(ctx, k.firms[0], r)
	k.must(err)
	states := map[string]honour.State{}
	for _, c := range public {
		states[c.Code] = c.State
	}
	if states["D01"] != honour.Revoked || states["D02"] != honour.Commended || states["D03"] != honour.Withdrawn || len(states) != 3 {
		t.Errorf("what the public reads: %v", states)
	}
	k.refused("revoked twice", k.Revoke(ctx, k.chair, d01.ID, reason, k.key()), honour.ErrState)
	for _, what := range []string{"open", "add", "sign", "withhold", "refuse", "notice", "object", "objection-upheld", "objection-rejected", "decide", "revoke"} {
		if k.one(`SELECT count(*) FROM audit WHERE action = $1`, "honour."+what) == 0 {
			t.Errorf("%s is not on record", what)
		}
	}
	if n := k.one(`SELECT count(*) FROM honour_steps WHERE act = 'object' AND actor IS NOT NULL`); n != 0 {
		t.Errorf("who objects is written down %d times", n)
	}
	told := `SELECT count(*) FROM notices n JOIN messages m ON m.id = n.message_id WHERE m.kind = $1 AND n.account_id = $2`
	for _, x := range []struct {
		kind string
		who  org.Actor
		n    int64
	}{{"honour-notice", k.firms[4], 1}, {"honour-objection", k.watch, 2}, {"honour-objection", k.heads["D03"], 0}, {"honour-answered", k.firms[0], 1}, {"honour-withdrawn", k.heads["D03"], 1}, {"honour-decided", k.heads["D02"], 1}, {"honour-revoked", k.heads["D01"], 1}} {
		if n := k.one(told, x.kind, x.who.Account); n != x.n {
			t.Errorf("%s to %s: %d, want %d", x.kind, x.who.Name, n, x.n)
		}
	}
}

// TestTheRankingChangesMeanwhile: a newer version of the ranking stops the round, which
// is given up with a reason; another begins.
func TestTheRankingChangesMeanwhile(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.must(k.Open(ctx, k.party, 2025, k.key()))
	k.at("2026-01-20 10:00") // as if within the time to appeal
	k.refused("notice while units may appeal", k.Notice(ctx, k.party, 2025, k.key()), honour.ErrAppeals)
	k.at("2026-01-30 10:00")
	k.one(`INSERT INTO appeals (result_id, unit_id, kind, subject, grounds, filed_by, filed_at, decide_by, idem) VALUES ($1, $2, 'data', 'part:F', 'x', $3, now(), '2026-02-10', 'appeal') RETURNING id`, k.result, k.units["D04"], k.heads["D04"].Account)
	k.refused("notice with an appeal open", k.Notice(ctx, k.party, 2025, k.key()), honour.ErrAppeals)
	_, err := k.owner.Exec(`UPDATE appeals SET state = 'rejected', decided_by = $1, decided_at = now(), decision = 'x'`, k.watch.Account)
	k.must(err)
	k.must(k.Notice(ctx, k.party, 2025, k.key()))
	_, err = k.owner.Exec(`ALTER TABLE year_results DISABLE TRIGGER USER; UPDATE year_results SET state = 'superseded'; ALTER TABLE year_results ENABLE TRIGGER USER`)
	k.must(err)
	k.publish(2)
	k.at("2026-02-09 09:00")
	k.refused("decided on an old ranking", k.Decide(ctx, k.chair, 2025, k.key()), honour.ErrSuperseded)
	k.must(k.Drop(ctx, k.gov, 2025, "排名有了新的一版，重新计算名单。", k.key()))
	k.refused("dropped twice", k.Drop(ctx, k.gov, 2025, reason, k.key()), honour.ErrNoRound)
	k.must(k.Open(ctx, k.gov, 2025, k.key()))
	all, err := k.Rounds(ctx, k.watch)
	if k.must(err); len(all) != 2 || all[1].State != honour.Dropped || all[0].Version != 2 {
		t.Errorf("rounds: %+v", all)
	}
}

// TestS48IndividualsNeedThreeCompanies: proposed by companies and units, taken by the
// sheets of at least three companies, vouched for by the supervision office; the unit
// and the public see neither which companies nor how many.
func TestS48IndividualsNeedThreeCompanies(t *testing.T) {
	k := newCounty(t)
	ctx := t.Context()
	k.must(k.Open(ctx, k.party, 2025, k.key()))
	for i, score := range []string{"100/1", "95/1", "90/1"} {
		k.sheet("D01", i, "王某", score)
	}
	k.sheet("D01", 0, "李某", "100/1")
	k.sheet("D01", 1, "李某", "100/1")
	k.must(k.Nominate(ctx, k.firms[0], 2025, honour.Nomination{Unit: k.units["D01"], Person: "王某", Reason: "多次上门解决用地问题。"}, k.key()))
	k.must(k.Nominate(ctx, k.firms[3], 2025, honour.Nomination{Unit: k.units["D01"], Person: "王某", Reason: "办事快、态度好，值得表彰。"}, k.key()))
	k.must(k.Nominate(ctx, k.heads["D01"], 2025, honour.Nomination{Unit: k.units["D02"], Person: "李某", Reason: "本单位业务骨干，服务热情。"}, k.key()))
	if err := k.Nominate(ctx, k.firms[0], 2025, honour.Nomination{Unit: k.units["D01"], Person: "王某", Reason: "多次上门解决用地问题。"}, k.key()); fault.FieldsOf(err)["person"].Key != "honour.nominated-already" {
		t.Errorf("proposed twice: %v", err)
	}
	r, err := k.Round(ctx, k.gov, 2025)
	k.must(err)
	nominees, err := k.Nominees(ctx, k.gov, r)
	if k.must(err); len(nominees) != 2 || nominees[1].Person != "王某" || nominees[1].Facts.Companies != 3 || nominees[1].Facts.Mean != "95.00" || nominees[1].Facts.Praise != 2 || !nominees[0].Own || len(nominees[0].Against) != 1 {
		t.Errorf("nominees: %+v", nominees)
	}
	n, err := k.Gather(ctx, k.gov, 2025, k.key())
	if k.must(err); n != 1 {
		t.Errorf("%d taken, want 1", n)
	}
	if err := k.Add(ctx, k.party, 2025, honour.Addition{Unit: k.units["D01"], Person: "李某", Reason: reason}, k.key()); fault.FieldsOf(err)["person"].Key != "honour.few-companies" {
		t.Errorf("two companies are enough by hand: %v", err)
	}
	w := k.candidate("D01", "王某")
	k.refused("an office vouches", k.Second(ctx, k.gov, w.ID, true, "", k.key()), honour.ErrOwn)
	k.must(k.Second(ctx, k.watch, w.ID, true, "", k.key()))
	k.must(k.Notice(ctx, k.gov, 2025, k.key()))
	r, err = k.PublicRound(ctx, 2025)
	k.must(err)
	for _, a := range []org.Actor{k.heads["D01"], k.firms[1], {}} {
		all, err := k.Candidates(ctx, a, r)
		k.must(err)
		for _, c := range all {
			if c.Person == "王某" && (c.Facts.Companies != 0 || c.Facts.Mean != "" || len(c.Facts.Sheets) != 0 || c.Facts.Praise != 0 || len(c.Doc) != 0) {
				t.Errorf("account %d sees the evidence: %+v", a.Account, c)
			}
		}
	}
}
