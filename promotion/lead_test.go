package promotion_test

import (
	"errors"
	"testing"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/promotion"
)

func lead(investor, source string) promotion.LeadDraft {
	return promotion.LeadDraft{Investor: investor, About: "有意建厂加工大豆", Source: source, On: "2008-01-18"}
}

// TestS34LeadSourceIsListedAndReportable: a lead has one of the five sources; the report
// by source says what came of each, from the ledger.
func TestS34LeadSourceIsListedAndReportable(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.sample()
	if _, err := w.Lead(ctx, w.clerk, lead("某集团", "friends"), "a"); problem(err, "source") == "" {
		t.Errorf("a source that is not listed: %v", err)
	}
	if _, err := w.db.Exec(`INSERT INTO leads (investor, investor_key, about, source, received_on, entered_by, entered_at, idem) VALUES ('x', 'x', 'x', 'friends', '2008-01-01', $1, now(), 'x')`, w.clerk.Account); err == nil {
		t.Error("the database takes a source that is not listed")
	}
	ids := map[string]promotion.LeadID{}
	for i, source := range append(promotion.Sources, "network") {
		id, err := w.Lead(ctx, w.clerk, lead("投资者"+string(rune('A'+i)), source), w.key())
		w.must(err)
		ids[source] = id
	}
	w.must(w.Succeed(ctx, w.clerk, ids["abroad"], ledger.SampleSewage))
	w.must(w.Succeed(ctx, w.clerk, ids["network"], ledger.SampleTrade)) // trade in USD is in no sum
	if err := w.Succeed(ctx, w.clerk, ids["county"], ledger.SampleSewage); problem(err, "no") != "lead.contract-taken" {
		t.Errorf("a row of two leads: %v", err)
	}
	if err := w.Drop(ctx, w.clerk, ids["abroad"], "不再投资本县"); !errors.Is(err, promotion.ErrLeadClosed) {
		t.Errorf("a lead that led to a contract is dropped: %v", err)
	}
	sums, err := w.Sources(ctx, w.clerk)
	w.must(err)
	want := map[string]promotion.SourceSum{"abroad": {Source: "abroad", Leads: 1, Contracts: 1, Amount: 5000_00}, "network": {Source: "network", Leads: 2}}
	if len(sums) != 5 {
		t.Fatalf("%d sources", len(sums))
	}
	for i, s := range sums {
		x, ok := want[s.Source]
		if !ok {
			x = promotion.SourceSum{Source: promotion.Sources[i], Leads: 1}
		}
		if s != x {
			t.Errorf("%v, want %v", s, x)
		}
	}
}

// TestS35LeadOfAnAgentIsAttributedOnce: one investor is one lead; to whom it is attributed
// never changes; an agent brings leads within the term of his mandate only.
func TestS35LeadOfAnAgentIsAttributedOnce(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for _, x := range [][2]string{{"2007-06-01", "2008-06-01"}, {"2006-06-01", "2008-01-17"}} {
		w.must(w.Commission(ctx, w.clerk, promotion.AgentDraft{Name: "顾问公司", Contact: "郑某", Mandate: "引荐加工企业", Territory: "浙江", From: x[0], Until: x[1]}, w.key()))
	}
	agents, err := w.Agents(ctx, w.clerk)
	w.must(err)
	d := lead("宁波 Food（集团）", "province")
	d.Agent = agents[1].ID // over since 17 January
	if _, err := w.Lead(ctx, w.clerk, d, "a"); problem(err, "from") != "lead.outside-term" {
		t.Errorf("a lead outside the mandate: %v", err)
	}
	d.Agent = agents[0].ID
	id, err := w.Lead(ctx, w.clerk, d, "a")
	w.must(err)
	if again, err := w.Lead(ctx, w.clerk, d, "a"); err != nil || again != id {
		t.Errorf("the same form again: %v (%v)", again, err)
	}
	d.Investor = "宁波food集团"
	d.Agent = 0
	if _, err := w.Lead(ctx, w.clerk, d, "b"); problem(err, "investor") != "lead.investor-taken" {
		t.Errorf("the same investor once more: %v", err)
	}
	for _, q := range []string{`UPDATE leads SET agent_id = $2 WHERE id = $1`, `UPDATE leads SET agent_id = NULL WHERE id = $1 AND $2 > 0`} {
		if _, err := w.db.Exec(q, id, agents[1].ID); err == nil {
			t.Errorf("%s: a lead is attributed again", q)
		}
	}
	w.must(w.Drop(ctx, w.clerk, id, "不再投资本县"))
	if _, err := w.Lead(ctx, w.clerk, d, "c"); err != nil {
		t.Errorf("an investor who comes back later: %v", err)
	}
}

// TestS36ExpiredOfficersLoseAccess: a liaison officer notes leads and his log in his
// term; from the day after it he has no access, without anybody doing anything.
func TestS36ExpiredOfficersLoseAccess(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	officer := w.units[0]
	if _, _, _, err := w.Own(ctx, officer); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("access without a term: %v", err)
	}
	w.must(w.Appoint(ctx, w.clerk, promotion.OfficerDraft{Login: "office0", Kind: "liaison", Territory: "长三角", Industry: "食品", From: "2008-01-10", Until: "2008-01-21"}, "a"))
	d := lead("某集团", "enterprise")
	_, err := w.Lead(ctx, officer, d, "l1")
	w.must(err)
	w.must(w.Log(ctx, officer, "2008-01-19", "走访三家企业", "g1"))
	if err := w.Log(ctx, officer, "2008-01-09", "走访三家企业", "g2"); problem(err, "day") != "lead.outside-term" {
		t.Errorf("an entry of a day before the term: %v", err)
	}
	o, leads, log, err := w.Own(ctx, officer)
	w.must(err)
	if o.Kind != "liaison" || len(leads) != 1 || leads[0].Officer != "office0" || len(log) != 1 {
		t.Errorf("%v, leads %v, log %v", o, leads, log)
	}
	w.now = w.now.AddDate(0, 0, 1) // the last day
	if _, err := w.Term(ctx, officer); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	w.now = w.now.AddDate(0, 0, 1)
	if _, _, _, err := w.Own(ctx, officer); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("access after the term: %v", err)
	}
	if _, err := w.Lead(ctx, officer, lead("另一集团", "enterprise"), "l2"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a lead after the term: %v", err)
	}
	all, n, err := w.Leads(ctx, w.clerk, "", 1, 10)
	if err != nil || n != 1 || all[0].Officer != "office0" {
		t.Errorf("what he brought stays his: %v (%v)", all, err)
	}
}
