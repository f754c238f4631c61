package evaluation_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// BenchmarkYear computes a year from what 3,000 companies said of 62 units: whole
// ballots through the box, four visits with sheets each, a thousand issues. The
// loop is what "compute the result" does: gather, compute, keep. Opening the box
// and counting the 186,000 lines happens once, at the tally: s/tally; writing the
// log at the close: s/close.
func BenchmarkYear(b *testing.B) {
	db, owner := pgtest.OpenBoth(b)
	boxdb := pgtest.OpenBox(b)
	now := func() time.Time { return time.Date(2026, 12, 28, 2, 0, 0, 0, time.UTC) }
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx := b.Context()
	cal := calendar.NewStore(db, now)
	must(cal.Ship(ctx))
	keys, err := ballotbox.NewKeys(b.TempDir())
	must(err)
	box, err := ballotbox.NewBox(ctx, boxdb.Cast, boxdb.Tally, keys, "test", now)
	must(err)
	fb, err := feedback.NewStore(db, now, cal, evaluation.NJDefault().SheetWeights(), pgtest.Secret)
	must(err)
	eval := evaluation.NewStore(db, now, box, fb, cal, ledger.NewStore(db, now))
	must(eval.Ship(ctx))
	orgs := org.NewStore(db, now, pgtest.Secret, org.Quick)
	for _, q := range []string{
		`INSERT INTO units (code, class, name_zh, name_en, name_ru) SELECT 'D' || lpad(i::text, 2, '0'), 1 + i % 5, 'u', 'u', 'u' FROM generate_series(1, 62) i`,
		`INSERT INTO unit_heads (unit_id, name, from_on) SELECT id, 'h', '2026-01-01' FROM units`,
		`INSERT INTO companies (licence, name_zh, origin, sector, rater_group, created_at) SELECT lpad(i::text, 18, '0'), 'c', 'russia', 'food', 'G1', now() FROM generate_series(1, 3000) i`,
		`INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'gov', 'gov', 'receiver', id, now() FROM bodies WHERE kind = 'government_office'`,
		`INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'watch', 'watch', 'supervision', id, now() FROM bodies WHERE kind = 'supervision'`,
	} {
		_, err := owner.Exec(q)
		must(err)
	}
	gov, err := orgs.ActorOf(ctx, "gov")
	must(err)
	// four visits of every company with their sheets, a thousand closed issues
	for _, q := range []string{
		`INSERT INTO visits (unit_id, company_id, year, quarter, due, visited_on, idem) SELECT 1 + (c.id + q) % 62, c.id, 2026, q, true, make_date(2026, 3 * q, 5), 'v' || c.id || '-' || q FROM companies c, generate_series(1, 4) q`,
		`INSERT INTO sheets (no, visit_id, area, q1, q2, q3, q4, demand, solved, wants_reply, release, lang, channel, filed_at, score, idem)
			SELECT 'B' || id, id, 'advice', 's', 's', 's', 's', 'no', 'yes', false, 'no', 'zh-CN', 'link', now(), (60 + id % 41) || '/1', 's' || id FROM visits`,
		`INSERT INTO issues (ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, grade, lead_unit_id, register_due, respond_due, responded_at, deadline, deadline_on, calendar_version, answered_at, verdict, satisfaction, closed_at, idem)
			SELECT 'B' || i, i, 1, 't', 'b', 'unit', 'zh-CN', (SELECT min(id) FROM accounts), '2026-03-02', 'closed', 'C', 1 + i % 62, '2026-03-03', '2026-03-04', '2026-03-03', '2026-03-09 16:00', '2026-03-09', (SELECT max(id) FROM calendar_versions), '2026-03-05', 'solved', 's', '2026-03-06', 'i' || i
			FROM generate_series(1, 1000) i`,
	} {
		_, err := owner.Exec(q)
		must(err)
	}
	id, err := eval.CreateCampaign(ctx, gov, evaluation.CampaignDraft{Year: 2026, Kind: "year_end", CardFrom: "2026-12-20", CardUntil: "2026-12-30", CastFrom: "2026-12-20", CastUntil: "2026-12-30"}, "benchmark-campaign")
	must(err)
	watch, err := orgs.ActorOf(ctx, "watch")
	must(err)
	_, shares, err := eval.MakeKey(ctx, gov, id, evaluation.KeyDraft{Threshold: 2, Holders: []string{"a", "b", "c"}})
	must(err)
	open := []string{shares[0].Text(), shares[1].Text()}
	must(eval.Rehearse(ctx, gov, watch, id, open))
	must(eval.Open(ctx, gov, id))
	notice, err := box.Notice(ctx, id)
	must(err)
	rnd := rand.New(rand.NewPCG(1, 2))
	levels := []string{"vs", "s", "b", "d", "na"}
	var group errgroup.Group
	group.SetLimit(4)
	for range 3000 {
		ballot := ballotbox.Ballot{}
		for _, u := range notice.Form.Units {
			line := ballotbox.Line{Unit: u.ID, Answers: map[string]string{}}
			for _, ind := range notice.Form.Indicators {
				line.Answers[ind.Code] = levels[rnd.IntN(len(levels))]
			}
			ballot.Lines = append(ballot.Lines, line)
		}
		group.Go(func() error {
			card, err := box.Keys().Issue(id, "G1", ballotbox.Draw())
			if err != nil {
				return err
			}
			_, err = box.Cast(ctx, card, ballot, "自己的话", fmt.Sprintf("benchmark-%x", card.Text()))
			return err
		})
	}
	must(group.Wait())
	began := time.Now()
	must(eval.Close(ctx, gov, id))
	closed := time.Since(began)
	began = time.Now()
	must(eval.Tally(ctx, gov, watch, id, open))
	count := time.Since(began)
	for i := 0; b.Loop(); i++ {
		if _, err := eval.Compute(ctx, gov, 2026, fmt.Sprintf("benchmark-key-%06d", i)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(closed.Seconds(), "s/close")
	b.ReportMetric(count.Seconds(), "s/tally")
}
