package ledger_test

import (
	"testing"
	"time"

	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// BenchmarkPages reads what the ledger's pages read, with 10,000 contracts and 100,000
// arrivals in the database.
func BenchmarkPages(b *testing.B) {
	db, owner := pgtest.OpenBoth(b)
	for _, q := range []string{
		`INSERT INTO contracts (no, kind, title, investor, area, class, amount, signed_on, entered_at)
			SELECT 'B-' || i, 'contract', '项目 ' || i, '投资者 ' || i, (ARRAY['county', 'jiusan'])[1 + i % 2], (ARRAY['industry', 'infrastructure', 'other'])[1 + i % 3], 100 + i % 5000, date '2010-01-01' + i % 5000, now()
			FROM generate_series(1, 10000) i`,
		`INSERT INTO arrivals (contract_id, arrived_on, amount, voucher, entered_at) SELECT c.id, c.signed_on + k * 30, 1 + k, 'V-' || k, now() FROM contracts c, generate_series(1, 10) k`,
		`ANALYZE contracts`, `ANALYZE arrivals`} {
		owner.MustExec(q)
	}
	s := ledger.NewStore(db, func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) })
	by := org.Actor{Account: 1, Role: org.RoleCampaignAdmin}
	for name, read := range map[string]func() error{
		"summary": func() error { _, err := s.Summary(b.Context(), by, ledger.Period{To: "2026-01-01"}); return err },
		"list": func() error {
			_, _, err := s.Contracts(b.Context(), by, ledger.Filter{Page: 5, Size: 30})
			return err
		},
		"search": func() error {
			_, _, err := s.Contracts(b.Context(), by, ledger.Filter{Search: "77", Page: 1, Size: 30})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
