package evaluation_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/org"
	"pingyi/witness"
)

// onRecord does something and says which rows of the audit log it wrote.
func (w *world) onRecord(what string, do func() error, want ...string) {
	w.t.Helper()
	var before int64
	w.must("head", w.db.Get(&before, `SELECT seq FROM audit_head`))
	w.must(what, do())
	var got []string
	w.must("rows", w.db.Select(&got, `SELECT action FROM audit WHERE seq > $1 ORDER BY seq`, before))
	if !slices.Equal(got, want) {
		w.t.Errorf("%s wrote %q into the audit log, want %q", what, got, want)
	}
}

// refused does something that must fail with an error and leave no row.
func (w *world) refused(what string, do func() error, want error) {
	w.t.Helper()
	w.onRecord(what, func() error {
		if err := do(); !errors.Is(err, want) {
			return fmt.Errorf("%v, want %v", err, want)
		}
		return nil
	})
}

// TestEveryActIsOnRecordOnce holds a campaign in all three ways of voting. Every
// act writes exactly one row in its own transaction, an act that is repeated or
// refused none; a cast writes none.
func TestEveryActIsOnRecordOnce(t *testing.T) {
	w := newWorld(t, "D01", "D02")
	ctx := t.Context()
	m := meeting{world: w}
	m.prepare()
	w.at("2026-12-01 09:00")
	m.online()
	w.at("2026-12-10 09:00")
	m.envelopes()
	m.paper()
	w.onRecord("batch in which nothing waits for long", func() error { _, err := w.eval.Integrate(ctx); return err })
	w.at("2026-12-10 23:40")
	w.onRecord("nightly batch", func() error { _, err := w.eval.Integrate(ctx); return err }, "log.batch")
	m.finish()
}

type meeting struct {
	*world
	id        evaluation.CampaignID
	shares    []string
	envelope  []ballotbox.Card
	serials   []ballotbox.Card
	collected []ballotbox.Card
}

func (m *meeting) prepare() {
	m.t.Helper()
	ctx := m.t.Context()
	m.at("2026-11-25 09:00")
	key := m.key()
	plan := func() error {
		var err error
		m.id, err = m.eval.CreateCampaign(ctx, m.gov, evaluation.CampaignDraft{Year: 2026, Kind: "year_end", CardFrom: "2026-12-01", CardUntil: "2026-12-08", CastFrom: "2026-12-05", CastUntil: "2026-12-12"}, key)
		return err
	}
	m.onRecord("plan", plan, "campaign.planned")
	m.onRecord("plan again", plan)
	m.onRecord("refill", func() error { return m.eval.Refill(ctx, m.gov, m.id) }, "campaign.lists")
	m.refused("open without a key", func() error { return m.eval.Open(ctx, m.gov, m.id) }, evaluation.ErrNotReady)
	m.onRecord("key", func() error {
		_, shares, err := m.eval.MakeKey(ctx, m.gov, m.id, evaluation.KeyDraft{Threshold: 2, Holders: []string{"a", "b", "c"}})
		for _, s := range shares {
			m.shares = append(m.shares, s.Text())
		}
		return err
	}, "campaign.key-made")
	m.refused("open without a rehearsal", func() error { return m.eval.Open(ctx, m.gov, m.id) }, evaluation.ErrNotReady)
	m.refused("rehearse alone", func() error { return m.eval.Rehearse(ctx, m.watch, m.watch, m.id, m.shares[:2]) }, evaluation.ErrTwoPeople)
	m.onRecord("rehearse", func() error { return m.eval.Rehearse(ctx, m.watch, m.party, m.id, m.shares[:2]) }, "campaign.rehearsed")
	printing := func(kind, group string, n int) func() error {
		return func() error {
			_, cards, err := m.eval.PrintCards(ctx, m.gov, m.id, evaluation.SheetDraft{Kind: kind, Group: group, Cards: n, Place: "大会"}, m.key())
			switch {
			case err != nil:
			case kind == evaluation.Envelope:
				m.envelope = cards
			default:
				m.serials = cards
			}
			return err
		}
	}
	m.onRecord("print envelopes that are withdrawn", printing(evaluation.Envelope, "G1", 2), "cards.printed")
	m.onRecord("withdraw", func() error { return m.eval.WithdrawCards(ctx, m.gov, m.id, 1) }, "cards.withdrawn")
	m.onRecord("print envelopes", printing(evaluation.Envelope, "G1", 12), "cards.printed")
	m.onRecord("print paper ballots", printing(evaluation.Paper, "G2", 4), "cards.printed")
	m.onRecord("open", func() error { return m.eval.Open(ctx, m.gov, m.id) }, "campaign.opened")
	m.refused("print after opening", printing(evaluation.Envelope, "G1", 1), evaluation.ErrState)
}

func (m *meeting) collect(i int, secret ballotbox.Secret) func() error {
	return func() error {
		card, err := m.eval.Collect(m.t.Context(), m.raters["G1"][i], m.id, secret)
		if err == nil {
			m.collected = append(m.collected, card)
		}
		return err
	}
}

// online: cards are collected, one is lost and replaced once, nobody gets two.
func (m *meeting) online() {
	m.t.Helper()
	ctx, lost := m.t.Context(), m.raters["G1"][0]
	first, second := ballotbox.Draw(), ballotbox.Draw()
	m.onRecord("collect", m.collect(0, first), "card.issued")
	m.onRecord("collect again, after a lost answer", m.collect(0, first))
	m.refused("collect another", m.collect(0, second), evaluation.ErrCardTaken)
	seat, err := m.eval.Seat(ctx, lost, m.id)
	m.must("seat", err)
	m.refused("a second card without a report", func() error { return m.eval.Reissue(ctx, m.watch, m.id, seat.Rater) }, evaluation.ErrTooLate)
	m.onRecord("report it lost", func() error { return m.eval.ReportLost(ctx, lost, m.id) }, "card.lost")
	m.onRecord("allow a second card", func() error { return m.eval.Reissue(ctx, m.watch, m.id, seat.Rater) }, "card.reissued")
	m.onRecord("collect the second", m.collect(0, second), "card.issued")
	m.refused("a third card", func() error { return m.eval.ReportLost(ctx, lost, m.id) }, evaluation.ErrTooLate)
	m.onRecord("collect", m.collect(1, ballotbox.Draw()), "card.issued")
	m.at("2026-12-06 09:00")
	m.refused("a lost card once casting has begun", func() error { return m.eval.ReportLost(ctx, m.raters["G1"][1], m.id) }, evaluation.ErrTooLate)
	m.onRecord("cast", func() error { return m.cast(m.collected[len(m.collected)-1]) })
	m.onRecord("cast again", func() error { return m.cast(m.collected[len(m.collected)-1]) })
	copied, err := m.eval.PublicCopy(ctx, m.id, m.witnesses())
	m.must("public copy", err)
	if g := copied.Facts.Groups[0]; g.Online != 2 || g.Reissued != 1 || g.Printed != 12 || g.Issued() != 15 {
		m.t.Errorf("the public page counts %+v", g)
	}
}

func (m *meeting) witnesses() *witness.Store {
	return witness.NewStore(m.db, func() time.Time { return m.now })
}

func (m *meeting) cast(card ballotbox.Card) error {
	b := ballotbox.Ballot{Lines: []ballotbox.Line{{Unit: m.units["D01"], Answers: answers(m.t, 80)}}}
	_, err := m.box.Cast(m.t.Context(), card, b, "自己的话", m.key())
	return err
}

// envelopes: names are ticked, cards cast without an account, left-overs voided.
func (m *meeting) envelopes() {
	m.t.Helper()
	ctx := m.t.Context()
	seat, err := m.eval.Seat(ctx, m.raters["G1"][5], m.id)
	m.must("seat", err)
	tick := func() error { return m.eval.Tick(ctx, m.gov, m.id, seat.Rater, evaluation.Envelope) }
	m.onRecord("tick a name", tick, "card.drawn")
	m.refused("tick it twice", tick, evaluation.ErrHasCard)
	m.onRecord("take the tick back", func() error { return m.eval.Untick(ctx, m.gov, m.id, seat.Rater) }, "card.drawn-undone")
	m.onRecord("tick", tick, "card.drawn")
	for _, c := range m.envelope[:11] {
		m.onRecord("cast with an envelope", func() error { return m.cast(c) })
	}
	last := m.envelope[11]
	m.refused("void a used card", func() error { return m.eval.VoidCard(ctx, m.gov, m.id, m.envelope[0].Text()) }, evaluation.ErrCardUsed)
	m.onRecord("void a left-over", func() error { return m.eval.VoidCard(ctx, m.gov, m.id, last.Text()) }, "card.voided")
	m.refused("cast with a voided card", func() error { return m.cast(last) }, ballotbox.ErrCard)
}

// paper: entered twice, settled, reconciled; nobody who reads a serial can use it
// alone on the ballot host.
func (m *meeting) paper() {
	m.t.Helper()
	ctx := m.t.Context()
	serial := m.serials[0]
	m.refused("cast a paper ballot's serial online", func() error { return m.cast(serial) }, ballotbox.ErrCard)
	entry := func(by org.Actor, score int, settled bool) func() error {
		return func() error {
			e := ballotbox.PaperEntry{Ballot: ballotbox.Ballot{Lines: []ballotbox.Line{{Unit: m.units["D01"], Answers: answers(m.t, score)}}}, Word: "纸上的话"}
			_, err := m.eval.EnterPaper(ctx, by, m.id, serial.Text(), e, settled)
			return err
		}
	}
	m.onRecord("first entry", entry(m.gov, 80, false))
	m.refused("second entry by the same person", entry(m.gov, 80, true), evaluation.ErrPaperSame)
	m.onRecord("second entry that differs", entry(m.party, 60, false))
	m.onRecord("settled", entry(m.party, 80, true), "paper.settled")
	m.refused("a third entry", entry(m.party, 80, false), evaluation.ErrPaperEntered)
	m.refused("a later version online", func() error { return m.cast(serial) }, ballotbox.ErrCard)
	m.refused("close with an unreconciled box", func() error { return m.eval.Close(ctx, m.gov, m.id) }, evaluation.ErrUnsettled)
	m.refused("counts that do not add up", func() error { return m.eval.SettleBox(ctx, m.gov, m.id, 2, "1", "1") }, evaluation.ErrNotBalanced)
	settle := func() error { return m.eval.SettleBox(ctx, m.gov, m.id, 2, "1", "2") }
	m.onRecord("reconcile", settle, "paper.box-settled")
	m.refused("reconcile again", settle, evaluation.ErrState)
}

func (m *meeting) finish() {
	m.t.Helper()
	ctx := m.t.Context()
	m.at("2026-12-13 09:00")
	m.onRecord("close", func() error { return m.eval.Close(ctx, m.gov, m.id) }, "campaign.closed")
	m.refused("close again", func() error { return m.eval.Close(ctx, m.gov, m.id) }, evaluation.ErrState)
	tally := func() error { return m.eval.Tally(ctx, m.party, m.watch, m.id, m.shares[1:]) }
	m.onRecord("tally", tally, "campaign.tallied")
	m.onRecord("tally again, the same", tally)
	destroy := func() error { return m.eval.DestroyShares(ctx, m.party, m.watch, m.id) }
	m.refused("destroy the shares before the result is out", destroy, evaluation.ErrNotPublished)
	_, err := m.db.Exec(`INSERT INTO year_results (year, version, scheme_id, calendar_version, state, as_of, snapshot, snapshot_hash, ranking_hash, computed_by, computed_at, checked_by, approved_by, published_by, published_at, idem)
		SELECT 2026, 1, (SELECT max(id) FROM schemes), (SELECT max(id) FROM calendar_versions), 'published', $1, '', '', '', $2, $1, $3, $4, $2, $1, 'published'`, m.now, m.gov.Account, m.party.Account, m.chair.Account)
	m.must("publish", err)
	m.at("2026-12-31 09:00")
	m.refused("destroy them while appeals run", destroy, evaluation.ErrAppeals)
	m.at("2027-01-06 09:00") // fifteen working days after 13 December, one of them New Year
	_, err = m.db.Exec(`INSERT INTO appeals (result_id, unit_id, kind, subject, grounds, filed_by, filed_at, decide_by, idem) SELECT max(id), $1, 'data', '', '', $2, $3, '2027-01-08', 'appeal' FROM year_results`, m.units["D01"], m.officers["D01"].Account, m.now)
	m.must("appeal", err)
	m.refused("destroy them while an appeal is open", destroy, evaluation.ErrAppealOpen)
	_, err = m.db.Exec(`UPDATE appeals SET state = 'rejected', decided_by = $1, decided_at = $2, decision = 'x'`, m.gov.Account, m.now)
	m.must("decide the appeal", err)
	m.onRecord("destroy the shares", destroy, "campaign.shares-destroyed")
	m.refused("destroy them twice", destroy, evaluation.ErrState)
	kept, _, err := m.eval.KeptTally(ctx, m.id)
	m.must("kept tally", err)
	if kept.Counted != 13 { // one online, eleven envelopes, one on paper
		m.t.Errorf("%d ballots count", kept.Counted)
	}
	copied, err := m.eval.PublicCopy(ctx, m.id, m.witnesses())
	m.must("public copy", err)
	if r := copied.Verify(); !r.OK() || r.Counted != 13 || r.Size != 14 {
		m.t.Errorf("%v, %d counted of %d", r.Findings, r.Counted, r.Size)
	}
}

// TestOtherActsAreOnRecordOnce: accounts, roles, lists, sheets, issues.
func TestOtherActsAreOnRecordOnce(t *testing.T) {
	w := newWorld(t, "D01")
	ctx := t.Context()
	w.at("2026-05-06 09:00")
	var code, ref, no string
	var account org.AccountID
	var visit feedback.VisitID
	company, officer := w.raters["G1"][0], w.officers["D01"]
	body, err := w.orgs.Bodies(ctx)
	w.must("bodies", err)
	chamber := body[slices.IndexFunc(body, func(b org.Body) bool { return b.Kind == org.BodyChamber })].ID
	const password = "一个足够长的密码啊一个足够长"
	for _, act := range []struct {
		what string
		do   func() error
		want string
	}{
		{"account", func() error {
			account, code, err = w.orgs.CreateAccount(ctx, op, org.Account{Login: "new", Name: "new", Role: org.RoleChamber, Body: chamber})
			return err
		}, "account.created"},
		{"code", func() error { code, err = w.orgs.NewCode(ctx, op, account); return err }, "account.code"},
		{"activate", func() error { _, err := w.orgs.Activate(ctx, code, "new", password); return err }, "account.activated"},
		{"sign in", func() error { _, err := w.orgs.SignIn(ctx, "new", password, "test", false); return err }, "account.signed-in"},
		{"appoint", func() error { return w.orgs.Appoint(ctx, op, chamber, account, org.PostMember) }, "membership.began"},
		{"dismiss", func() error { return w.orgs.Dismiss(ctx, op, chamber, account) }, "membership.ended"},
		{"disable", func() error { return w.orgs.Disable(ctx, op, account, true) }, "account.disabled"},
		{"head", func() error { return w.orgs.SetHead(ctx, op, w.units["D01"], "新负责人") }, "unit.head"},
		{"plan a visit", func() error { _, err := w.fb.Plan(ctx, w.gov, w.units["D01"], company.Company, 2026, 2); return err }, "visits.planned"},
		{"visit", func() error {
			visit, err = w.fb.RecordVisit(ctx, officer, feedback.VisitRecord{Company: company.Company, On: "2026-05-06", Staff: "科长", Purpose: "了解经营情况"}, w.key())
			return err
		}, "visit.recorded"},
		{"sheet", func() error {
			no, err = w.fb.FileSheet(ctx, company, visit, "", feedback.Sheet{Area: "advice", Answers: sheetAnswers[80], Demand: "no", Solved: "yes", Release: "no", Lang: "zh-CN"}, w.key())
			return err
		}, "sheet.filed"},
		{"receive the sheet", func() error { return w.fb.Receive(ctx, w.gov, no) }, "sheet.received"},
		{"issue", func() error {
			ref, err = w.fb.Raise(ctx, company, feedback.IssueDraft{Category: 2, Title: "施工许可迟迟不批", Body: "材料三次补正，窗口每次说法不一样，厂房不能开工。", NameShown: "unit", Lang: "zh-CN"}, w.key())
			return err
		}, "issue.raised"},
		{"register", func() error {
			return w.fb.Register(ctx, w.gov, ref, feedback.Registration{Grade: "C", Lead: w.units["D01"]}, w.key())
		}, "issue.register"},
		{"sign", func() error { return w.fb.Sign(ctx, officer, ref, w.key()) }, "issue.sign"},
		{"answer", func() error {
			return w.fb.Answer(ctx, officer, ref, feedback.Answer{Result: "solved", Text: long}, w.key())
		}, "issue.answer"},
		{"confirm", func() error {
			return w.fb.Confirm(ctx, company, ref, feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: "s"}, w.key())
		}, "issue.accept"},
	} {
		w.now = w.now.Add(time.Minute)
		w.onRecord(act.what, act.do, act.want)
	}
}
